//! A transaction as JSON: `{"message": …, "details": {…}, "hidden_details": {…}}`.
//!
//! Pairs keep their order. An integer of any length stands for its decimal text, digit for digit.
//! Whatever could be read in two ways is refused: fractions, exponents and minus zero, other types, a
//! key twice, a name not known. No error carries any of the input.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::value::RawValue;
use txotp_core::{Section, Transaction, TransactionError, TransactionErrorKind};

use crate::error::Error;

type Pairs = Vec<(String, String)>;

/// The parts of a transaction, not yet checked.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) message: String,
    pub(crate) details: Pairs,
    pub(crate) hidden_details: Pairs,
}

impl Parts {
    /// Reads JSON text.
    pub(crate) fn from_json(text: &[u8]) -> Result<Self, Error> {
        let json = serde_json::from_slice(text).map_err(|error| refuse(&error.to_string()))?;
        let entries = Json(json).entries("it", "the names")?;
        let mut parts = Self::default();
        let mut message = None;
        for (name, value) in entries {
            match name.as_str() {
                "message" => message = Some(value.text("the message")?),
                "details" => parts.details = value.pairs("detail")?,
                "hidden_details" => parts.hidden_details = value.pairs("hidden detail")?,
                _ => return Err(refuse("a name is none of message, details, hidden_details")),
            }
        }
        parts.message = message.ok_or_else(|| refuse("there is no message"))?;
        Ok(parts)
    }

    /// The transaction of these parts.
    pub(crate) fn build(&self) -> Result<Transaction<'_>, Error> {
        let mut builder = Transaction::builder();
        builder
            .message(&self.message)
            .map_err(|error| refuse_part("the message", error))?;
        for (section, name, pairs) in [
            (Section::Details, "detail", &self.details),
            (
                Section::HiddenDetails,
                "hidden detail",
                &self.hidden_details,
            ),
        ] {
            for (number, (key, value)) in (1u32..).zip(pairs) {
                builder
                    .pair(section, key, value)
                    .map_err(|error| refuse_pair(&format!("{name} {number}"), key, error))?;
            }
        }
        builder
            .build()
            .map_err(|error| refuse_part("the message", error))
    }
}

/// A value as it is written, of valid syntax: parsed no further than it is asked for.
#[derive(Clone, Copy)]
struct Json<'a>(&'a RawValue);

type Entries<'a> = Vec<(String, Json<'a>)>;

impl<'a> Json<'a> {
    /// The text of a text or an integer.
    fn text(self, place: &str) -> Result<String, Error> {
        let written = self.0.get();
        let found = match written.as_bytes().first() {
            Some(b'"') => return serde_json::from_str(written).map_err(|_| halved(place)),
            Some(b'{') => "an object",
            Some(b'[') => "a list",
            Some(b't' | b'f') => "true or false",
            Some(b'n') => "null",
            _ if written == "-0" => "minus zero",
            _ if written.contains(['e', 'E']) => "a number with an exponent",
            _ if written.contains('.') => "a number with a fraction",
            _ => return Ok(written.to_owned()),
        };
        Err(refuse(&format!(
            "{place} is {found}, not a text or an integer"
        )))
    }

    /// The entries of an object, in their order.
    fn entries(self, place: &str, keys: &str) -> Result<Entries<'a>, Error> {
        if !self.0.get().starts_with('{') {
            return Err(refuse(&format!("{place} is no object")));
        }
        let Object(entries) = serde_json::from_str(self.0.get()).map_err(|_| halved(keys))?;
        check_keys_once(keys, &entries)?;
        Ok(entries)
    }

    fn pairs(self, name: &str) -> Result<Pairs, Error> {
        let place = format!("the value of {name}s");
        (1u32..)
            .zip(self.entries(&place, &format!("the {name}s"))?)
            .map(|(number, (key, value))| Ok((key, value.text(&format!("{name} {number}"))?)))
            .collect()
    }
}

fn check_keys_once(place: &str, entries: &Entries<'_>) -> Result<(), Error> {
    let mut keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    if keys.len() < entries.len() {
        return Err(refuse(&format!("{place} have a key twice")));
    }
    Ok(())
}

/// Of valid syntax, and yet no text: one half of a character beyond the first 65536.
fn halved(place: &str) -> Error {
    refuse(&format!("{place}: an escape is half a character"))
}

struct Object<'a>(Entries<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut entries = Vec::new();
                while let Some((key, value)) = map.next_entry()? {
                    entries.push((key, Json(value)));
                }
                Ok(Object(entries))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

fn refuse(why: &str) -> Error {
    Error::new(
        format!("the JSON is refused: {why}"),
        r#"write {"message": "…", "details": {"Key": "value"}, "hidden_details": {"Key": "value"}}"#,
    )
    .because("bad-json")
}

/// Says which of the two is at fault, where one is.
fn refuse_pair(pair: &str, key: &str, error: TransactionError) -> Error {
    match error.kind() {
        TransactionErrorKind::ConflictingPair | TransactionErrorKind::TooManyPairs => {
            refuse_part(pair, error)
        }
        // The key is looked at first: with a value that is allowed, only a good one passes.
        _ if Transaction::builder().detail(key, "-").is_ok() => {
            refuse_part(&format!("the value of {pair}"), error)
        }
        _ => refuse_part(&format!("the key of {pair}"), error),
    }
}

fn refuse_part(part: &str, error: TransactionError) -> Error {
    Error::new(
        format!("{part} is refused: {error}"),
        "see `txotp encode --help` for what a transaction may hold",
    )
    .because(error.kind().name())
    .at(error.offset())
}

/// One section of a transaction, written as an object in its order.
pub(crate) struct SectionJson<'t, 'a>(pub(crate) &'t Transaction<'a>, pub(crate) Section);

impl Serialize for SectionJson<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let pairs = self.0.section(self.1);
        let mut map = serializer.serialize_map(Some(pairs.clone().count()))?;
        for pair in pairs {
            map.serialize_entry(pair.key, pair.value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_keep_their_order_and_integers_become_their_digits() {
        let parts = Parts::from_json(
            br#"{"hidden_details":{"b":-7},"details":{"z":"1","10":340282366920938463463374607431768211456,"9":0},"message":"Pay"}"#,
        )
        .unwrap();
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(parts.message, "Pay");
        assert_eq!(
            parts.details,
            [
                pair("z", "1"),
                pair("10", "340282366920938463463374607431768211456"),
                pair("9", "0")
            ]
        );
        assert_eq!(parts.hidden_details, [pair("b", "-7")]);
    }

    #[test]
    fn everything_ambiguous_is_refused_without_repeating_it() {
        for (json, why) in [
            (
                r#"{"message":"a","details":{"secret":1.5}}"#,
                "detail 1 is a number with a fraction",
            ),
            (
                r#"{"message":"a","details":{"secret":1e3}}"#,
                "detail 1 is a number with an exponent",
            ),
            (
                r#"{"message":"a","details":{"secret":1.5E+400}}"#,
                "detail 1 is a number with an exponent",
            ),
            (
                r#"{"message":"a","details":{"secret":-0}}"#,
                "detail 1 is minus zero",
            ),
            (
                r#"{"message":"a","details":{"secret":007}}"#,
                "invalid number",
            ),
            (
                r#"{"message":"secret\ud800"}"#,
                "the message: an escape is half a character",
            ),
            (
                r#"{"message":"a","details":{"secret\ud800":"1"}}"#,
                "the details: an escape is half a character",
            ),
            (
                r#"{"message":"a","details":{"x":"y","secret":true}}"#,
                "detail 2 is true or false",
            ),
            (
                r#"{"message":"a","hidden_details":{"secret":null}}"#,
                "hidden detail 1 is null",
            ),
            (
                r#"{"message":"a","details":{"secret":["secret"]}}"#,
                "detail 1 is a list",
            ),
            (
                r#"{"message":"a","details":{"secret":{"secret":"1"}}}"#,
                "detail 1 is an object",
            ),
            (
                r#"{"message":"a","details":{"secret":"1","secret":"1"}}"#,
                "the details have a key twice",
            ),
            (
                r#"{"message":"a","details":{"secret":"1","\u0073ecret":"2"}}"#,
                "the details have a key twice",
            ),
            (
                r#"{"message":"secret","message":"secret"}"#,
                "have a key twice",
            ),
            (r#"{"message":"a","secret":"b"}"#, "a name is none of"),
            (
                r#"{"message":"a","details":["secret"]}"#,
                "the value of details is no object",
            ),
            (r#"{"message":{"secret":1}}"#, "the message is an object"),
            (r#"{"details":{"secret":"1"}}"#, "there is no message"),
            (r#"["secret"]"#, "it is no object"),
            (r#"{"message":"secret"} secret"#, "trailing characters"),
            (r#"{"message":"secret"#, "EOF"),
        ] {
            let error = Parts::from_json(json.as_bytes()).err().unwrap().to_string();
            assert!(error.contains(why), "{json}: {error}");
            assert!(!error.contains("secret"), "{json}: {error}");
        }
    }
}
