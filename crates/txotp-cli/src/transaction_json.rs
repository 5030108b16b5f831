//! A transaction as JSON: `{"message": …, "details": {…}, "hidden_details": {…}}`.
//!
//! Pairs keep their order. An integer stands for its decimal text, digit for digit. Whatever could be
//! read in two ways is refused: fractions and exponents, other types, a key twice, a name not known.
//! No error carries any of the input.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use txotp_core::{Section, Transaction, TransactionError};

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
        let Json::Object(entries) = json else {
            return Err(refuse("it is no object"));
        };
        check_keys_once("the names", &entries)?;
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
                    .map_err(|error| refuse_part(&format!("{name} {number}"), error))?;
            }
        }
        builder
            .build()
            .map_err(|error| refuse_part("the message", error))
    }
}

/// JSON as far as it matters here; an integer is its text already.
enum Json {
    Text(String),
    Object(Vec<(String, Json)>),
    Other(&'static str),
}

impl Json {
    fn text(self, place: &str) -> Result<String, Error> {
        let found = match self {
            Self::Text(text) => return Ok(text),
            Self::Object(_) => "an object",
            Self::Other(what) => what,
        };
        Err(refuse(&format!(
            "{place} is {found}, not a text or an integer"
        )))
    }

    fn pairs(self, name: &str) -> Result<Pairs, Error> {
        let Self::Object(entries) = self else {
            return Err(refuse(&format!("the {name}s are no object")));
        };
        check_keys_once(&format!("the {name}s"), &entries)?;
        (1u32..)
            .zip(entries)
            .map(|(number, (key, value))| Ok((key, value.text(&format!("{name} {number}"))?)))
            .collect()
    }
}

fn check_keys_once(place: &str, entries: &[(String, Json)]) -> Result<(), Error> {
    let mut keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    if keys.len() < entries.len() {
        return Err(refuse(&format!("{place} have a key twice")));
    }
    Ok(())
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_str<E>(self, text: &str) -> Result<Json, E> {
                Ok(Json::Text(text.to_owned()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
                Ok(Json::Text(number.to_string()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
                Ok(Json::Text(number.to_string()))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
                Ok(Json::Other(
                    "a number with a fraction, an exponent or over 64 bits",
                ))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
                Ok(Json::Other("true or false"))
            }

            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Other("null"))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Json::Other("a list"))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Json::Object(entries))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

fn refuse(why: &str) -> Error {
    Error::new(
        format!("the JSON is refused: {why}"),
        r#"write {"message": "…", "details": {"Key": "value"}, "hidden_details": {"Key": "value"}}"#,
    )
}

fn refuse_part(part: &str, error: TransactionError) -> Error {
    Error::new(
        format!("{part} is refused: {error}"),
        "see `txotp encode --help` for what a transaction may hold",
    )
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
            br#"{"hidden_details":{"b":-7},"details":{"z":"1","10":18446744073709551615,"9":0},"message":"Pay"}"#,
        )
        .unwrap();
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(parts.message, "Pay");
        assert_eq!(
            parts.details,
            [
                pair("z", "1"),
                pair("10", "18446744073709551615"),
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
                "detail 1 is a number with a fraction",
            ),
            (
                r#"{"message":"a","details":{"secret":-0}}"#,
                "detail 1 is a number with a fraction",
            ),
            (
                r#"{"message":"a","details":{"secret":18446744073709551616}}"#,
                "over 64 bits",
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
                "the details are no object",
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
