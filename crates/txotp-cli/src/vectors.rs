//! The model of a vector file, and the check of each of its cases.

mod key_uris;
mod ocra;
mod otp;
mod strict;
mod strings;
mod texts;
mod verifier;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use txotp_core::{Algorithm, Seed};

use crate::error::Error;
use crate::hex;

/// What a file came to.
pub(crate) enum Report {
    /// A JSON Schema: it has no cases.
    Schema,
    /// The number of cases, and those that do not hold.
    Cases(usize, Vec<Failure>),
}

impl Report {
    pub(crate) fn cases(&self) -> usize {
        match self {
            Self::Schema => 0,
            Self::Cases(count, _) => *count,
        }
    }

    pub(crate) fn failures(&self) -> &[Failure] {
        match self {
            Self::Schema => &[],
            Self::Cases(_, failures) => failures,
        }
    }
}

/// A case that does not hold.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    /// The name of the case.
    pub(crate) case: String,
    /// What of it differs.
    pub(crate) what: String,
    pub(crate) expected: String,
    pub(crate) found: String,
}

/// What of a case differs.
#[derive(Debug)]
pub(crate) struct Difference {
    what: String,
    expected: String,
    found: String,
}

/// A case of one kind.
trait Case: DeserializeOwned {
    /// Computes what the case says, and compares.
    fn check(&self) -> Result<(), Difference>;
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    kind: String,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "description")]
    _description: String,
    cases: Vec<Value>,
}

/// OCRA vectors without an envelope.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bare {
    #[serde(rename = "source")]
    _source: String,
    tests: Vec<Value>,
}

/// Checks the text of a file.
pub(crate) fn check(text: &[u8]) -> Result<Report, Error> {
    let value = strict::value(text).map_err(|error| no_vectors(&error))?;
    if is_schema(&value) {
        return Ok(Report::Schema);
    }
    if value.get("tests").is_some() {
        let bare: Bare = serde_json::from_value(value).map_err(|error| no_vectors(&error))?;
        return check_all::<ocra::BareCase>(&bare.tests);
    }
    let file: File = serde_json::from_value(value).map_err(|error| no_vectors(&error))?;
    if file.format != "txotp-vectors/1" {
        return Err(no_vectors(&"the format is not txotp-vectors/1"));
    }
    let cases = &file.cases;
    match file.kind.as_str() {
        "hotp" => check_all::<otp::Hotp>(cases),
        "truncation" => check_all::<otp::TruncationCase>(cases),
        "totp" => check_all::<otp::Totp>(cases),
        "ocra" => check_all::<ocra::Ocra>(cases),
        "ocra-invalid" => check_all::<ocra::Invalid>(cases),
        "ocra-suite" => check_all::<ocra::SuiteCase>(cases),
        "transaction" => check_all::<strings::TransactionCase>(cases),
        "must-differ" => check_all::<strings::MustDiffer>(cases),
        "string-valid" => check_all::<strings::Valid>(cases),
        "string-invalid" => check_all::<strings::Invalid>(cases),
        "key-uri-valid" => check_all::<key_uris::Valid>(cases),
        "key-uri-invalid" => check_all::<key_uris::Invalid>(cases),
        "verifier" => check_all::<verifier::Script>(cases),
        "policy-bound" => check_all::<verifier::PolicyBound>(cases),
        "payment" => check_all::<texts::Payment>(cases),
        "text" => check_all::<texts::Text>(cases),
        _ => Err(no_vectors(&"the kind is not known")),
    }
}

/// Whether a file is a JSON Schema. One that has anything of a vector file is checked, or refused.
fn is_schema(value: &Value) -> bool {
    let has = |name| value.get(name).is_some();
    has("$schema") && !["kind", "cases", "tests"].into_iter().any(has)
}

fn no_vectors(why: &dyn std::fmt::Display) -> Error {
    Error::new(
        format!("no vector file: {why}"),
        "test-vectors/README.md describes the format",
    )
}

fn check_all<C: Case>(cases: &[Value]) -> Result<Report, Error> {
    if cases.is_empty() {
        return Err(no_vectors(&"it has no cases"));
    }
    let failures = (1u32..)
        .zip(cases)
        .filter_map(|(number, case)| {
            let difference = check_one::<C>(case).err()?;
            let name = case.get("name").and_then(Value::as_str);
            Some(Failure {
                case: name.map_or_else(|| format!("case {number}"), str::to_owned),
                what: difference.what,
                expected: difference.expected,
                found: difference.found,
            })
        })
        .collect();
    Ok(Report::Cases(cases.len(), failures))
}

fn check_one<C: Case>(case: &Value) -> Result<(), Difference> {
    C::deserialize(case)
        .map_err(|error| differs("the case itself", "a case of its kind", error))?
        .check()
}

/// Compares two values.
fn same<T: ToString>(what: &str, expected: T, found: T) -> Result<(), Difference> {
    let (expected, found) = (expected.to_string(), found.to_string());
    if expected == found {
        Ok(())
    } else {
        Err(differs(what, expected, found))
    }
}

fn differs(what: &str, expected: impl ToString, found: impl ToString) -> Difference {
    Difference {
        what: what.to_owned(),
        expected: expected.to_string(),
        found: found.to_string(),
    }
}

/// For inputs of a case that should be usable, and are not.
fn usable<T, E: ToString>(what: &str, result: Result<T, E>) -> Result<T, Difference> {
    result.map_err(|error| differs(what, "usable", error))
}

fn bytes(what: &str, digits: &str) -> Result<Vec<u8>, Difference> {
    usable(what, hex::decode(digits).ok_or("no hexadecimal digits"))
}

fn seed(key_hex: &str) -> Result<Seed, Difference> {
    usable("key_hex", Seed::from_bytes(&bytes("key_hex", key_hex)?))
}

fn algorithm(name: &str) -> Result<Algorithm, Difference> {
    usable("algorithm", Algorithm::from_name(name))
}
