//! What the tests share: the files of test vectors, and transactions out of them.
#![allow(dead_code, reason = "each test binary uses its part")]

use serde_json::Value;
use txotp_uri::{Limit, OwnedTransaction};

/// The documented example, byte for byte.
pub(crate) const EXAMPLE: &str = "txotp://totp?message=Approve+money+transaction&details[Amount]=1000+Euros\
&details[To]=John+Doe&details[Destination+Account]=29385&details[Source+Account]=98381\
&details[Reason]=transfer+money&hidden_details[Transaction+ID]=T2293";

/// The cases of a file of test vectors.
pub(crate) fn cases(file: &str) -> Vec<Value> {
    let path = format!("{}/../../test-vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("the vectors are in the repository");
    let mut file: Value = serde_json::from_str(&text).expect("the vectors are JSON");
    assert_eq!(file["format"], "txotp-vectors/1");
    match file["cases"].take() {
        Value::Array(cases) if !cases.is_empty() => cases,
        _ => panic!("a file without cases"),
    }
}

pub(crate) fn text<'c>(case: &'c Value, field: &str) -> &'c str {
    case[field]
        .as_str()
        .unwrap_or_else(|| panic!("{field} is missing in {}", case["name"]))
}

pub(crate) fn bytes(case: &Value, field: &str) -> Vec<u8> {
    let digits = text(case, field).as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16).expect("a hexadecimal digit") as u8;
    digits
        .chunks(2)
        .map(|pair| digit(pair[0]) << 4 | digit(pair[1]))
        .collect()
}

/// The input of a case: `name` as it is, or `name_hex` where it is not UTF-8.
pub(crate) fn input(case: &Value, name: &str) -> Vec<u8> {
    match case[name].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => bytes(case, &format!("{name}_hex")),
    }
}

pub(crate) fn limit(case: &Value) -> Limit {
    match case["limit"].as_u64() {
        Some(len) => Limit::new(usize::try_from(len).unwrap()).expect("a limit"),
        None => Limit::DEFAULT,
    }
}

/// The pairs of a section of a transaction in JSON.
pub(crate) fn pairs(transaction: &Value, section: &str) -> Vec<(String, String)> {
    let half = |pair: &Value, at: usize| String::from(pair[at].as_str().expect("text"));
    let pairs = transaction[section].as_array().expect("pairs");
    pairs
        .iter()
        .map(|pair| (half(pair, 0), half(pair, 1)))
        .collect()
}

pub(crate) fn transaction(case: &Value) -> OwnedTransaction {
    OwnedTransaction::from_parts(
        text(case, "message"),
        pairs(case, "details"),
        pairs(case, "hidden_details"),
    )
    .expect("a valid transaction")
}

/// A section's pairs in display order.
pub(crate) fn listed<'t>(pairs: impl Iterator<Item = (&'t str, &'t str)>) -> Vec<(String, String)> {
    pairs
        .map(|(key, value)| (key.into(), value.into()))
        .collect()
}
