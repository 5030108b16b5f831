//! The canonical form (S5) by `ciborium`, which does not sort: the entries are sorted here by their encoded keys.

use ciborium::Value;

use crate::parts::Parts;

/// The canonical form of parts that are a transaction.
#[must_use]
pub fn canonical(parts: &Parts) -> Vec<u8> {
    encoded(&sorted(vec![
        (text("v"), Value::from(1)),
        (text("message"), text(&parts.message)),
        (text("details"), text_map(&parts.details)),
        (text("hidden_details"), text_map(&parts.hidden_details)),
    ]))
}

/// A value's shortest encoding.
#[must_use]
pub fn encoded(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("memory takes all that is written to it");
    bytes
}

/// The value that bytes encode, and nothing after it.
#[must_use]
pub fn decoded(bytes: &[u8]) -> Value {
    let mut rest = bytes;
    let value = ciborium::from_reader(&mut rest).expect("the canonical form is CBOR");
    assert!(rest.is_empty(), "nothing follows the canonical form");
    value
}

fn text_map(pairs: &[(String, String)]) -> Value {
    let mut entries: Vec<_> = pairs
        .iter()
        .map(|(key, value)| (text(key), text(value)))
        .collect();
    // Repeated pairs are equal, so it does not matter which of them stays.
    entries.sort_by_key(|(key, _)| encoded(key));
    entries.dedup();
    Value::Map(entries)
}

fn sorted(mut entries: Vec<(Value, Value)>) -> Value {
    entries.sort_by_key(|(key, _)| encoded(key));
    Value::Map(entries)
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}
