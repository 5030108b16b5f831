//! The project's vectors, as JSON.

use serde_json::Value;

pub(crate) fn cases(file: &str) -> Vec<Value> {
    let path = format!("{}/../../test-vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("the vector file is in the project");
    let file: Value = serde_json::from_str(&text).expect("the vector file is JSON");
    let cases = file["cases"]
        .as_array()
        .expect("the vector file has cases")
        .clone();
    assert!(!cases.is_empty());
    cases
}

pub(crate) fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("hex is a string");
    (0..text.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
        .collect()
}

/// The settings of a case: defaults, and what it changes.
pub(crate) fn settings(
    policy: &Value,
) -> Result<txotp_verifier::Settings, txotp_core::WindowError> {
    let mut settings = txotp_verifier::Settings::default();
    let number = |name: &str, default: u64| policy[name].as_u64().unwrap_or(default);
    let byte =
        |name: &str, default: u8| u8::try_from(number(name, u64::from(default))).unwrap_or(u8::MAX);
    settings.window = txotp_core::Window::new(byte("past", 1), byte("future", 1))?;
    settings.look_ahead = byte("look_ahead", settings.look_ahead);
    settings.max_failures = byte("max_failures", settings.max_failures);
    settings.temporary_locks = byte("temporary_locks", settings.temporary_locks);
    settings.drift_leash = byte("drift_leash", settings.drift_leash);
    let word = |name, default: u32| u32::try_from(number(name, u64::from(default))).unwrap();
    settings.first_delay = word("first_delay", settings.first_delay);
    settings.delay_growth = word("delay_growth", settings.delay_growth);
    settings.resync_range =
        u16::try_from(word("resync_range", u32::from(settings.resync_range))).unwrap();
    Ok(settings)
}
