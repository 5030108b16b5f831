use txotp_uri::OwnedTransaction;
use txotp_uri::json::Parts as Ours;

use crate::parts::Parts;
use crate::reference::json::{Json, are_unique};

/// Every word that an error may be of: none of the input.
const WORDS: &str = "a an and another are at be bracket bytes character column contains could deceive detail details \
    different display empty escape exponent false fraction half hidden hidden_details in integer is it key line list \
    longer message messages minus more name no none not null number object of on or pair pairs refused text than that \
    the there true twice two value values with zero";

/// Any bytes as the JSON of a transaction. It is read exactly where another reader finds texts and integers of 64 bits
/// in objects without repeated names, and S2 allows them; as the same pairs in the same order, and an integer beyond 64 bits
/// as its digits. Written as JSON, it is read as the same again. An error is of known words alone.
pub fn transaction_json(data: &[u8]) {
    let parts = Ours::from_json(data);
    let read = OwnedTransaction::from_json(data);
    let json = Json::read(data);
    let expected = json.as_ref().and_then(expected);
    match &parts {
        Ok(parts) => match &json {
            Some(json) => check_values(parts, json),
            None => assert!(has_a_huge_number(parts), "read, and the reference refuses"),
        },
        Err(error) => {
            check_words(&error.to_string());
            assert!(expected.is_none(), "{error}, and the reference reads");
        }
    }
    match read {
        Ok(read) => check_again(&parts.expect("its parts are read"), &read),
        Err(error) => {
            check_words(&error.to_string());
            let is_allowed = expected.is_some_and(|parts| parts.transaction().is_some());
            assert!(!is_allowed, "{error}, and S2 allows it");
        }
    }
}

/// The parts, where all of them are texts and integers of 64 bits.
fn expected(json: &Json) -> Option<Parts> {
    let top = entries(json)?;
    let is_known = |name: &str| matches!(name, "message" | "details" | "hidden_details");
    if !top.iter().all(|(name, _)| is_known(name)) {
        return None;
    }
    let find = |wanted: &str| top.iter().find(|(name, _)| name == wanted);
    let section = |name: &str| find(name).map_or(Some(Vec::new()), |(_, json)| pairs(json));
    Some(Parts {
        message: text(&find("message")?.1)?,
        details: section("details")?,
        hidden_details: section("hidden_details")?,
    })
}

fn entries(json: &Json) -> Option<&[(String, Json)]> {
    match json {
        Json::Object(entries) if are_unique(entries) => Some(entries),
        _ => None,
    }
}

fn pairs(json: &Json) -> Option<Vec<(String, String)>> {
    let pair = |(key, value): &(String, Json)| Some((key.clone(), text(value)?));
    entries(json)?.iter().map(pair).collect()
}

fn text(json: &Json) -> Option<String> {
    match json {
        Json::Text(text) | Json::Integer(text) => Some(text.clone()),
        _ => None,
    }
}

/// That what is read is what stands there, in its order.
fn check_values(ours: &Ours, json: &Json) {
    let top = entries(json).expect("an object, and no name in it twice");
    let known = ["message", "details", "hidden_details"];
    assert!(top.iter().all(|(name, _)| known.contains(&name.as_str())));
    let find = |wanted: &str| top.iter().find(|(name, _)| name == wanted);
    let (_, message) = find("message").expect("a message");
    assert!(is_same(&ours.message, message), "the message");
    for (name, ours) in [
        ("details", &ours.details),
        ("hidden_details", &ours.hidden_details),
    ] {
        let theirs = find(name).map_or(&[][..], |(_, json)| entries(json).expect("an object"));
        assert_eq!(ours.len(), theirs.len(), "a pair is lost");
        for ((our_key, ours), (key, value)) in ours.iter().zip(theirs) {
            assert_eq!(our_key, key, "keys, or their order");
            assert!(is_same(ours, value), "a value");
        }
    }
}

/// Whether a text is what a value stands for. What the other reader has as a float is an integer beyond 64 bits.
fn is_same(ours: &str, value: &Json) -> bool {
    match value {
        Json::Text(text) | Json::Integer(text) => ours == text,
        Json::Float(float) => {
            let digits = ours.strip_prefix('-').unwrap_or(ours);
            let is_integer = digits.bytes().all(|byte| byte.is_ascii_digit());
            // The other reader may miss the nearest float by some places.
            let is_near = |ours: f64| (ours - float).abs() <= ours.abs() * 1e-14;
            let is_long = !digits.starts_with('0') && digits.len() > 18;
            is_integer && is_long && ours.parse().is_ok_and(is_near)
        }
        _ => false,
    }
}

/// Whether there is an integer that the other reader has no float for.
fn has_a_huge_number(parts: &Ours) -> bool {
    let pairs = parts.details.iter().chain(&parts.hidden_details);
    let mut texts = pairs.map(|(_, value)| value).chain([&parts.message]);
    texts.any(|text| text.len() > 308 && text.parse::<f64>().is_ok_and(f64::is_infinite))
}

/// Writes the parts as JSON, and reads that.
fn check_again(parts: &Ours, read: &OwnedTransaction) {
    let quoted = |text: &str| serde_json::to_string(text).expect("a text");
    let object = |pairs: &[(String, String)]| {
        let pair = |(key, value): &(String, String)| format!("{}:{}", quoted(key), quoted(value));
        pairs.iter().map(pair).collect::<Vec<_>>().join(",")
    };
    let json = format!(
        "{{\"hidden_details\":{{{}}},\"message\":{},\"details\":{{{}}}}}",
        object(&parts.hidden_details),
        quoted(&parts.message),
        object(&parts.details)
    );
    let again = Ours::from_json(json.as_bytes()).expect("what was written is read");
    assert!(
        again == *parts,
        "what was written is read as something else"
    );
    let transaction = OwnedTransaction::from_json(json.as_bytes()).expect("and is a transaction");
    assert!(transaction == *read, "another transaction");
    let order = |transaction: &OwnedTransaction| {
        let pairs = transaction.as_transaction();
        let own = |pair: txotp_core::Pair<'_>| (pair.key.to_owned(), pair.value.to_owned());
        let details: Vec<_> = pairs.details().map(own).collect();
        (details, pairs.hidden_details().map(own).collect::<Vec<_>>())
    };
    assert_eq!(order(read), order(&transaction), "in another order");
    assert_eq!(
        order(read),
        (parts.details.clone(), parts.hidden_details.clone())
    );
}

fn check_words(error: &str) {
    let is_letter = |character: char| character.is_alphabetic() || character == '_';
    for word in error
        .split(|character| !is_letter(character))
        .filter(|word| !word.is_empty())
    {
        let is_known = word == "JSON" || WORDS.split_ascii_whitespace().any(|known| known == word);
        assert!(is_known, "a word of an error that is none of ours");
    }
}
