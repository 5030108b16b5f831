//! A transaction as JSON: `{"message": …, "details": {…}, "hidden_details": {…}}`.
//!
//! Pairs keep their order. An integer of any length stands for its decimal text, digit for digit. Whatever could be read in
//! two ways is refused: fractions, exponents and minus zero, other types, a key twice, a name not known.

mod error;

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

pub use error::{Found, JsonError, JsonErrorKind, Place};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use txotp_core::{Section, Transaction, TransactionError, TransactionErrorKind};

use crate::OwnedTransaction;

type Pairs = Vec<(String, String)>;

/// The parts of a transaction, not yet checked.
///
/// ```
/// use txotp_uri::json::{JsonError, Parts};
///
/// let parts = Parts::from_json(br#"{"message": "Pay", "details": {"Amount": "12.00 EUR", "No": 7}}"#)?;
/// let transaction = parts.build()?;
/// assert_eq!(transaction.details().last().map(|pair| pair.value), Some("7"));
///
/// // What is ambiguous is refused, by place and without any of the input.
/// let error = Parts::from_json(br#"{"message": "Pay", "details": {"Amount": 12.00}}"#).err();
/// let error = error.map(|error| error.to_string());
/// assert_eq!(error.as_deref(), Some("detail 1 is a number with a fraction, not a text or an integer"));
/// # Ok::<(), JsonError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// The message.
    pub message: String,
    /// Keys and values, in the order in which they are to be displayed.
    pub details: Vec<(String, String)>,
    /// Keys and values, in the order given.
    pub hidden_details: Vec<(String, String)>,
}

impl Parts {
    /// Reads JSON text.
    ///
    /// # Errors
    /// [`JsonError`]. Of several faults one is reported; which one is open.
    pub fn from_json(text: &[u8]) -> Result<Self, JsonError> {
        let json = serde_json::from_slice(text).map_err(|error| {
            JsonErrorKind::Syntax {
                line: error.line(),
                column: error.column(),
            }
            .at(Place::Whole)
        })?;
        let entries = Json(json).entries(Place::Whole)?;
        let mut parts = Self::default();
        let mut message = None;
        for (name, value) in entries {
            match name.as_str() {
                "message" => message = Some(value.text(Place::Message)?),
                "details" => parts.details = value.pairs(Section::Details)?,
                "hidden_details" => parts.hidden_details = value.pairs(Section::HiddenDetails)?,
                _ => return Err(JsonErrorKind::UnknownName.at(Place::Whole)),
            }
        }
        parts.message = message.ok_or(JsonErrorKind::NoMessage.at(Place::Message))?;
        Ok(parts)
    }

    /// The transaction of these parts.
    ///
    /// # Errors
    /// [`JsonErrorKind::Refused`] with the part that is at fault.
    pub fn build(&self) -> Result<Transaction<'_>, JsonError> {
        let refuse = |error| JsonErrorKind::Refused(error).at(Place::Message);
        let mut builder = Transaction::builder();
        builder.message(&self.message).map_err(refuse)?;
        for (section, pairs) in [
            (Section::Details, &self.details),
            (Section::HiddenDetails, &self.hidden_details),
        ] {
            for (number, (key, value)) in (1..).zip(pairs) {
                builder.pair(section, key, value).map_err(|error| {
                    JsonErrorKind::Refused(error).at(at_fault(section, number, key, error))
                })?;
            }
        }
        builder.build().map_err(refuse)
    }
}

impl fmt::Debug for Parts {
    /// Counts only: a hidden detail must not reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts")
            .field("details", &self.details.len())
            .field("hidden_details", &self.hidden_details.len())
            .finish_non_exhaustive()
    }
}

impl OwnedTransaction {
    /// Reads a transaction from JSON: see [`Parts::from_json`].
    ///
    /// # Errors
    /// [`JsonError`].
    pub fn from_json(text: &[u8]) -> Result<Self, JsonError> {
        Parts::from_json(text)?
            .build()
            .map(|transaction| Self::from(&transaction))
    }
}

/// Which of the two is at fault, where one is.
fn at_fault(section: Section, number: u32, key: &str, error: TransactionError) -> Place {
    match error.kind() {
        TransactionErrorKind::ConflictingPair | TransactionErrorKind::TooManyPairs => {
            Place::Pair(section, number)
        }
        // The key is looked at first: with a value that is allowed, only a good one passes.
        _ if Transaction::builder().detail(key, "-").is_ok() => Place::Value(section, number),
        _ => Place::Key(section, number),
    }
}

/// A value as it is written, of valid syntax: parsed no further than it is asked for.
#[derive(Clone, Copy)]
struct Json<'a>(&'a RawValue);

type Entries<'a> = Vec<(String, Json<'a>)>;

impl<'a> Json<'a> {
    /// The text of a text or an integer.
    fn text(self, place: Place) -> Result<String, JsonError> {
        let written = self.0.get();
        let found = match written.as_bytes().first() {
            Some(b'"') => {
                return serde_json::from_str(written)
                    .map_err(|_| JsonErrorKind::HalfCharacter.at(place));
            }
            Some(b'{') => Found::Object,
            Some(b'[') => Found::List,
            Some(b't' | b'f') => Found::Boolean,
            Some(b'n') => Found::Null,
            _ if written == "-0" => Found::MinusZero,
            _ if written.contains(['e', 'E']) => Found::Exponent,
            _ if written.contains('.') => Found::Fraction,
            _ => return Ok(written.to_owned()),
        };
        Err(JsonErrorKind::NoText(found).at(place))
    }

    /// The entries of an object, in their order.
    fn entries(self, place: Place) -> Result<Entries<'a>, JsonError> {
        if !self.0.get().starts_with('{') {
            return Err(JsonErrorKind::NoObject.at(place));
        }
        let Object(entries) = serde_json::from_str(self.0.get())
            .map_err(|_| JsonErrorKind::HalfCharacter.at(place))?;
        let mut keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        if keys.len() < entries.len() {
            return Err(JsonErrorKind::RepeatedKey.at(place));
        }
        Ok(entries)
    }

    fn pairs(self, section: Section) -> Result<Pairs, JsonError> {
        (1..)
            .zip(self.entries(Place::Section(section))?)
            .map(|(number, (key, value))| Ok((key, value.text(Place::Pair(section, number))?)))
            .collect()
    }
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

#[cfg(test)]
mod tests;
