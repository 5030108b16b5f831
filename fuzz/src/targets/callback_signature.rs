use std::collections::BTreeMap;

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use txotp_server::fuzzing;

/// Names and values, by their names.
type Flat = BTreeMap<String, Vec<String>>;

/// Any bytes as a callback's body. What is signed is what the rule of `docs/approvals.md`, written here once more, makes
/// of it, and there is nothing exactly where the body is no JSON or deeper than 16 levels; the order of names does not show;
/// whether libraries agree is as that page says; and the signature is HMAC-SHA-256 of its four parts.
pub fn callback_signature(data: &[u8]) {
    let body = String::from_utf8_lossy(data);
    let ours = fuzzing::callback_parameters(&body);
    let value = serde_json::from_str::<Value>(&body).ok();
    let Some(value) = value.filter(|value| depth(value) <= 16) else {
        return assert!(ours.is_none(), "a body that is none");
    };
    let (text, are_agreed) = ours.expect("a body of JSON");
    let flat = flatten(&value);
    assert_eq!(text, written(&flat));
    assert_eq!(
        are_agreed,
        do_agree(&value, &flat),
        "whether libraries agree"
    );
    // A float is not always read as what it was written from; ours have none.
    if !has_floats(&value) {
        let reversed = fuzzing::callback_parameters(&reversed(&value));
        let same = Some((text.clone(), are_agreed));
        assert_eq!(reversed, same, "the order of names shows");
    }
    check_signature(&body, &text);
}

fn depth(value: &Value) -> usize {
    let inner = match value {
        Value::Object(fields) => fields.values().map(depth).max(),
        Value::Array(values) => values.iter().map(depth).max(),
        _ => None,
    };
    inner.unwrap_or_default() + 1
}

/// A step from a value to one in it.
enum Step {
    Name(String),
    Place(usize),
}

/// The plain values below a value, each with the steps to it, the last one first.
fn leaves(value: &Value) -> Vec<(Vec<Step>, String)> {
    let below = |step: &dyn Fn() -> Step, value: &Value| {
        let mut all = leaves(value);
        all.iter_mut().for_each(|(steps, _)| steps.push(step()));
        all
    };
    match value {
        Value::Object(fields) => {
            let fields = fields.iter();
            let inner = fields.map(|(name, value)| below(&|| Step::Name(name.clone()), value));
            inner.flatten().collect()
        }
        Value::Array(values) => {
            let values = values.iter().enumerate();
            let inner = values.map(|(place, value)| below(&|| Step::Place(place), value));
            inner.flatten().collect()
        }
        Value::Null => vec![(Vec::new(), String::new())],
        Value::String(text) => vec![(Vec::new(), text.clone())],
        plain => vec![(Vec::new(), plain.to_string())],
    }
}

/// `a[b][0]`. Only the first name stands outside of brackets; an empty one is none.
fn name(steps: Vec<Step>) -> String {
    let mut flat = String::new();
    for step in steps.into_iter().rev() {
        flat = match step {
            Step::Name(name) if flat.is_empty() => name,
            Step::Name(name) => flat + "[" + &name + "]",
            Step::Place(place) => flat + "[" + &place.to_string() + "]",
        };
    }
    flat
}

fn flatten(value: &Value) -> Flat {
    let mut all = Flat::new();
    for (steps, text) in leaves(value) {
        all.entry(name(steps)).or_default().push(text);
    }
    all.values_mut().for_each(|values| values.sort());
    all
}

/// As a form, by the names that have their indexes still.
fn written(flat: &Flat) -> String {
    // As `form_urlencoded` has it, but for two characters.
    let encoded = |text: &str| {
        let form: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        form.replace('*', "%2A").replace("%7E", "~")
    };
    let pairs = flat.iter().flat_map(|(name, values)| {
        let name = encoded(&without_indexes(name));
        values
            .iter()
            .map(move |value| format!("{name}={}", encoded(value)))
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn without_indexes(name: &str) -> String {
    let mut out = String::new();
    let mut rest = name;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        out.push(character);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if character == '[' && rest[digits..].starts_with(']') {
            rest = &rest[digits..];
        }
    }
    out
}

/// What the page says of keys, values and names.
fn do_agree(value: &Value, flat: &Flat) -> bool {
    let is_plain = |value: &String| {
        let bytes = value.bytes();
        bytes
            .clone()
            .all(|byte| byte < 128 && byte != b'~' && byte != b'*')
            && value.get(..4) != Some("None")
    };
    have_plain_keys(value)
        && flat.keys().all(|name| name.len() <= 200)
        && flat.values().flatten().all(is_plain)
}

fn have_plain_keys(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.iter().all(|(key, value)| {
            key.chars()
                .all(|character| matches!(character, 'a'..='z' | '_'))
                && have_plain_keys(value)
        }),
        Value::Array(values) => values.iter().all(have_plain_keys),
        _ => true,
    }
}

fn has_floats(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.values().any(has_floats),
        Value::Array(values) => values.iter().any(has_floats),
        plain => plain.is_f64(),
    }
}

/// The same JSON with the names of each object in the opposite order.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let field = |(key, value)| format!("{}: {}", Value::from(key), reversed(value));
            let fields = fields
                .iter()
                .rev()
                .map(|(key, value)| field((key.as_str(), value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        Value::Array(values) => format!(
            "[{}]",
            values.iter().map(reversed).collect::<Vec<_>>().join(",")
        ),
        plain => plain.to_string(),
    }
}

/// With a key and a URL out of the body.
fn check_signature(body: &str, text: &str) {
    let (url, nonce) = body.split_once(':').unwrap_or((body, "1455825429"));
    let ours = fuzzing::callback_signature(body, nonce, url, text);
    let url = &url[..url.find(['?', '#']).unwrap_or(url.len())];
    let mut mac = Hmac::<Sha256>::new_from_slice(body.as_bytes()).expect("a key of any length");
    mac.update(format!("{nonce}|POST|{url}|{text}").as_bytes());
    assert_eq!(ours, BASE64.encode(&mac.finalize().into_bytes()));
}
