//! The published vectors as Rust tables. `src/bin/vectors.rs` declares their types.
#![allow(
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    reason = "a build script that panics has failed"
)]

use std::fmt::Write as _;

use serde_json::Value;

/// The tables of the files in a folder, as the text of a module.
pub(crate) fn of(folder: &str) -> String {
    let mut text = String::new();
    let mut table = |name: &str, kind: &str, files: &[&str], row: fn(&Value) -> String| {
        let rows: Vec<_> = files
            .iter()
            .flat_map(|file| cases(folder, file))
            .map(|case| row(&case))
            .collect();
        assert!(!rows.is_empty(), "no cases for {name}");
        let rows = rows.join(",\n");
        writeln!(text, "static {name}: &[{kind}] = &[\n{rows}\n];").expect("a string takes text");
    };
    table("HOTP", "Hotp", &["rfc4226.json"], hotp);
    table("TOTP", "Totp", &["rfc6238.json"], totp);
    table(
        "OCRA",
        "Ocra",
        &["rfc6287.json", "ocra-qh64.json", "ocra-more.json"],
        ocra,
    );
    table(
        "TRANSACTIONS",
        "Transacted",
        &["transactions.json"],
        transacted,
    );
    table("VALID", "Valid", &["strings-valid.json"], valid);
    table("INVALID", "Invalid", &["strings-invalid.json"], invalid);
    text
}

fn cases(folder: &str, file: &str) -> Vec<Value> {
    let path = format!("{folder}/{file}");
    println!("cargo::rerun-if-changed={path}");
    let text = std::fs::read_to_string(&path).expect("the vectors are in the repository");
    let mut file: Value = serde_json::from_str(&text).expect("the vectors are JSON");
    assert_eq!(file["format"], "txotp-vectors/1", "{path}");
    match file["cases"].take() {
        Value::Array(cases) => cases,
        _ => panic!("{path} has no cases"),
    }
}

fn hotp(case: &Value) -> String {
    let (code, digits) = (text(case, "code"), number(case, "digits"));
    let (seed, counter) = (hex(case, "key_hex"), number(case, "counter"));
    format!(
        "Hotp {{ algorithm: {:?}, digits: {digits}, seed: {seed}, counter: {counter}, code: {code:?} }}",
        text(case, "algorithm")
    )
}

fn totp(case: &Value) -> String {
    let (code, digits) = (text(case, "code"), number(case, "digits"));
    let (seed, period) = (hex(case, "key_hex"), number(case, "period"));
    format!(
        "Totp {{ algorithm: {:?}, digits: {digits}, seed: {seed}, period: {period}, time: {}, code: {code:?} }}",
        text(case, "algorithm"),
        number(case, "unix_time")
    )
}

fn ocra(case: &Value) -> String {
    let parts = &case["q_parts"];
    let challenge = match (parts[0].as_str(), parts[1].as_str()) {
        (Some(theirs), Some(ours)) => format!("({theirs:?}, Some({ours:?}))"),
        (Some(only), None) => format!("({only:?}, None)"),
        _ => format!("({:?}, None)", text(case, "q")),
    };
    let answer = match case["code"].as_str() {
        Some(code) => format!("Answer::Code({code:?})"),
        None => format!("Answer::Mac({})", hex(case, "mac_hex")),
    };
    let session = match case["s_hex"].as_str() {
        Some(_) => format!("Some({})", hex(case, "s_hex")),
        None => String::from("None"),
    };
    format!(
        "Ocra {{ suite: {:?}, seed: {}, challenge: {challenge}, pin: {:?}, session: {session}, \
         counter: {:?}, step: {:?}, answer: {answer} }}",
        text(case, "suite"),
        hex(case, "key_hex"),
        case["pin"].as_str(),
        case["c"].as_u64(),
        case["t"].as_u64(),
    )
}

fn transacted(case: &Value) -> String {
    let codes = case["codes"]
        .as_array()
        .expect("every transaction has its codes");
    let codes: Vec<_> = codes.iter().map(code).collect();
    format!(
        "Transacted {{ reading: {}, codes: &[{}] }}",
        valid(case),
        codes.join(", ")
    )
}

fn code(code: &Value) -> String {
    format!(
        "Coded {{ suite: {:?}, seed: {}, pin: {:?}, counter: {:?}, time: {}, code: {:?} }}",
        text(code, "suite"),
        hex(code, "key_hex"),
        code["pin"].as_str(),
        code["counter"].as_u64(),
        code["unix_time"].as_u64().unwrap_or_default(),
        text(code, "code"),
    )
}

fn valid(case: &Value) -> String {
    let transaction = &case["transaction"];
    format!(
        "Valid {{ string: {}, limit: {}, digest: {}, message: {:?}, details: &{}, hidden: &{} }}",
        bytes(text(case, "string").as_bytes()),
        limit(case),
        hex(case, "digest_hex"),
        text(transaction, "message"),
        pairs(&transaction["details"]),
        pairs(&transaction["hidden_details"]),
    )
}

fn invalid(case: &Value) -> String {
    let string = match case["string"].as_str() {
        Some(string) => bytes(string.as_bytes()),
        None => hex(case, "string_hex"),
    };
    format!(
        "Invalid {{ string: {string}, limit: {}, reason: {:?}, offset: {} }}",
        limit(case),
        text(case, "reason"),
        number(case, "offset"),
    )
}

fn limit(case: &Value) -> u64 {
    case["limit"].as_u64().unwrap_or(600)
}

fn pairs(pairs: &Value) -> String {
    let pairs: Vec<_> = pairs
        .as_array()
        .expect("a section is a list")
        .iter()
        .map(|pair| format!("({:?}, {:?})", text(pair, 0), text(pair, 1)))
        .collect();
    format!("[{}]", pairs.join(", "))
}

fn text<I: serde_json::value::Index + std::fmt::Debug>(value: &Value, at: I) -> &str {
    let found = value.get(&at).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no text {at:?} in {}", value["name"]))
}

fn number(case: &Value, field: &str) -> u64 {
    let found = case[field].as_u64();
    found.unwrap_or_else(|| panic!("no number {field} in {}", case["name"]))
}

fn hex(case: &Value, field: &str) -> String {
    let digits = text(case, field);
    let unhex = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("two hexadecimal digits");
    let decoded: Vec<u8> = (0..digits.len()).step_by(2).map(unhex).collect();
    bytes(&decoded)
}

/// A byte string literal.
fn bytes(bytes: &[u8]) -> String {
    format!("b\"{}\"", bytes.escape_ascii())
}
