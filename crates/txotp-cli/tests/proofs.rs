//! `vectors check` and `demo`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use std::path::{Path, PathBuf};

use common::{Folder, run};
use serde_json::Value;

fn committed() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-vectors");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    files.sort();
    files
}

fn vector_files() -> Vec<String> {
    committed()
        .iter()
        .filter(|path| !path.ends_with("schema.json"))
        .map(|path| path.to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_committed_file_holds() {
    let files = vector_files();
    assert!(files.len() >= 18, "{files:?}");
    for file in &files {
        let run = run(&["vectors", "check", "--json", file]);
        assert_eq!(run.code, 0, "{}", run.text());
        assert!(run.json()["files"][0]["cases"].as_u64() > Some(0), "{file}");
    }
}

#[test]
fn without_arguments_the_folder_of_the_project_is_checked() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = common::command(&["vectors", "check"])
        .current_dir(&root)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("rfc6287.json: 70 of 70 hold"), "{text}");
    assert!(text.contains("schema.json: a schema"), "{text}");
    let nowhere = Folder::new("nowhere");
    let output = common::command(&["vectors", "check"])
        .current_dir(nowhere.file("."))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}

/// Every answer that a case of some kind states, altered, and the case that must be named then.
#[test]
fn one_altered_answer_fails_and_names_its_case() {
    let folder = Folder::new("altered");
    for (file, field) in [
        ("rfc4226.json", "code"),
        ("rfc4226.json", "hmac_hex"),
        ("rfc4226-truncation.json", "code"),
        ("rfc6238.json", "code"),
        ("rfc6238.json", "step"),
        ("rfc6287.json", "code"),
        ("ocra-qh64.json", "code"),
        ("ocra-more.json", "code"),
        ("ocra-suites.json", "valid"),
        ("transactions.json", "canonical_hex"),
        ("transactions.json", "digest_hex"),
        ("transactions.json", "string"),
        ("must-differ.json", "digest_a_hex"),
        ("strings-valid.json", "digest_hex"),
        ("strings-invalid.json", "offset"),
        ("strings-invalid.json", "reason"),
        ("key-uris-valid.json", "account"),
        ("key-uris-valid.json", "secret_hex"),
        ("key-uris-invalid.json", "reason"),
        ("policy.json", "bound_numerator"),
        ("payments.json", "ok"),
        ("text.json", "accepted"),
        ("text.json", "display"),
    ] {
        let (name, text) = altered(file, |case| alter(case.get_mut(field)?));
        check_fails(&folder, file, &name, &text, field);
    }
    let (name, text) = altered("transactions.json", |case| {
        alter(case.get_mut("codes")?.get_mut(0)?.get_mut("code")?)
    });
    check_fails(&folder, "transactions.json", &name, &text, "codes");
    for field in [
        "verdict",
        "step",
        "attempts_left",
        "reason",
        "locked_until",
        "counter",
    ] {
        let (name, text) = altered("verifier.json", |case| {
            events(case, |_| true).find_map(|event| alter(event.get_mut("expect")?.get_mut(field)?))
        });
        check_fails(&folder, "verifier.json", &name, &text, field);
    }
    let (name, text) = altered("verifier.json", |case| {
        let undecided = |event: &Value| event["expect"]["verdict"] == "error";
        events(case, undecided).find_map(|event| alter(event.get_mut("expect")?.get_mut("reason")?))
    });
    check_fails(&folder, "verifier.json", &name, &text, "error's reason");
}

/// The events of a script of this kind.
fn events(case: &mut Value, which: impl Fn(&Value) -> bool) -> impl Iterator<Item = &mut Value> {
    let events = case.get_mut("events").and_then(Value::as_array_mut);
    let events = events.into_iter().flatten();
    events.filter(move |event| which(event))
}

/// A PIN that a suite does not take, or a hash without its PIN, cannot have been meant.
#[test]
fn a_pin_for_a_suite_without_one_fails() {
    let folder = Folder::new("pins");
    for (file, field) in [
        ("rfc6287.json", "pin"),
        ("rfc6287.json", "pin_hash_hex"),
        ("verifier.json", "pin"),
    ] {
        let (name, text) = altered(file, |case| {
            let without = !case["suite"].as_str()?.contains("-P");
            without.then(|| case[field] = Value::from("1234"))
        });
        check_fails(&folder, file, &name, &text, field);
    }
    let (name, text) = altered("transactions.json", |case| {
        let code = case.get_mut("codes")?.as_array_mut()?.iter_mut();
        let mut without = code.filter(|code| !code["suite"].to_string().contains("-P"));
        without.next().map(|code| code["pin"] = Value::from("1234"))
    });
    check_fails(&folder, "transactions.json", &name, &text, "pin");
}

/// A copy of a committed file with the first case altered that can be; and that case's name.
fn altered(file: &str, mut alter: impl FnMut(&mut Value) -> Option<()>) -> (String, String) {
    let path = committed()
        .into_iter()
        .find(|path| path.ends_with(file))
        .unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    let mut value: Value = serde_json::from_str(&text).unwrap();
    let cases = value["cases"].as_array_mut().unwrap();
    let case = cases
        .iter_mut()
        .find_map(|case| alter(case).map(|()| case))
        .unwrap();
    let name = case["name"].as_str().unwrap().to_owned();
    (name, value.to_string())
}

/// Changes one digit, one letter or one truth.
fn alter(value: &mut Value) -> Option<()> {
    *value = match &*value {
        Value::Bool(truth) => Value::Bool(!truth),
        Value::Number(number) => Value::from(number.as_u64()?.wrapping_add(1)),
        Value::String(text) => {
            let last = text.chars().last()?;
            let other = if last == '1' { '2' } else { '1' };
            Value::from(format!("{}{other}", text.strip_suffix(last)?))
        }
        _ => return None,
    };
    Some(())
}

fn check_fails(folder: &Folder, file: &str, name: &str, text: &str, field: &str) {
    let copy = folder.write(file, text);
    let run = run(&["vectors", "check", &copy]);
    assert_eq!(run.code, 1, "{file}, {field}: {}", run.text());
    let named = run
        .text()
        .lines()
        .any(|line| line.trim_start().starts_with(&format!("{name}, ")));
    assert!(named, "{file}, {field}, {name}: {}", run.text());
    assert!(run.text().contains("expected") && run.text().contains("found"));
}

#[test]
fn files_that_are_empty_or_unknown_are_unusable() {
    let folder = Folder::new("unusable");
    let envelope = |kind: &str, cases: &str| {
        format!(
            r#"{{"format":"txotp-vectors/1","kind":"{kind}","source":"s","description":"d","cases":{cases}}}"#
        )
    };
    for (name, text) in [
        ("empty", String::new()),
        ("no-object", "[]".to_owned()),
        ("no-cases", envelope("hotp", "[]")),
        ("unknown-kind", envelope("horoscope", "[{}]")),
        (
            "other-format",
            envelope("hotp", "[{}]").replace("vectors/1", "vectors/2"),
        ),
        ("unknown-field", envelope("hotp", "[{}],\"more\":1")),
        ("bare-empty", r#"{"source":"s","tests":[]}"#.to_owned()),
        (
            "cases-with-a-schema",
            envelope("hotp", "[{}],\"$schema\":\"x\""),
        ),
        (
            "a-kind-alone",
            r#"{"$schema":"x","kind":"hotp"}"#.to_owned(),
        ),
        ("tests-alone", r#"{"$schema":"x","tests":[]}"#.to_owned()),
        (
            "a-key-twice",
            envelope("hotp", "[{}]").replace("\"kind\"", "\"kind\":\"totp\",\"kind\""),
        ),
        (
            "a-key-of-a-case-twice",
            envelope("hotp", r#"[{"a":1,"\u0061":1}]"#),
        ),
        ("only-a-schema", r#"{"$schema":"x"}"#.to_owned()),
    ] {
        let file = folder.write(name, text);
        let alone = run(&["vectors", "check", &file]);
        assert_eq!(alone.code, 2, "{name}: {}", alone.text());
        if name != "only-a-schema" {
            assert!(
                alone.text().contains("advice: "),
                "{name}: {}",
                alone.text()
            );
        }
        // A good file beside it does not help, unless the other is only a schema.
        let good = vector_files().remove(0);
        let both = run(&["vectors", "check", &good, &file]).code;
        assert_eq!(both, if name == "only-a-schema" { 0 } else { 2 }, "{name}");
    }
    assert_eq!(run(&["vectors", "check", &folder.file("absent")]).code, 2);
}

#[test]
fn ocra_vectors_without_an_envelope_are_checked() {
    let folder = Folder::new("bare");
    // RFC 6287 appendix C.1.
    let tests = |ocra: &str| {
        format!(
            r#"{{"source":"s","tests":[{{"suite":"OCRA-1:HOTP-SHA1-6:QN08","key_hex":"3132333435363738393031323334353637383930","q":"11111111","ocra":"{ocra}"}}]}}"#
        )
    };
    assert_eq!(
        run(&["vectors", "check", &folder.write("good", tests("243178"))]).code,
        0
    );
    let bad = run(&["vectors", "check", &folder.write("bad", tests("243179"))]).exits(1);
    assert!(bad.text().contains("case 1, ocra"), "{}", bad.text());
}

#[test]
fn the_demo_goes_as_it_must_and_says_so() {
    let run = run(&["demo"]).exits(0);
    assert_eq!(run.stderr, "");
    for told in [
        "otpauth://totp/Demo%20Bank:john.doe?secret=",
        common::STRING,
        common::STRING,
        "227 bytes, just as documented; QR version 11",
        "every byte of the string came through",
        "accepted: the payment is made",
        "the same payment once more           refused, replay",
        "another amount, 9000 Euros           refused, wrong-code",
        "another payee, Eve                   refused, wrong-code",
        "the hidden detail made visible       refused, wrong-code",
        "an expired code, two minutes later   refused, wrong-code",
        "accepted: order does not matter",
        "five wrong codes: the device is locked for 60 s",
        "even the right code now: refused, locked",
        "All 20 checks went as they must.",
    ] {
        assert!(run.text().contains(told), "{told}\n{}", run.text());
    }
    assert!(!run.text().contains('✗') && !run.text().contains('\x1b'));
    // Strings stay whole, to be copied; all else fits a terminal.
    let text = run.text().lines().filter(|line| !line.contains("://"));
    let widest = text.map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{widest:?}");
}

#[test]
fn the_demo_as_json_names_every_check() {
    let json = run(&["demo", "--json", "--at", "1700000000"])
        .exits(0)
        .json();
    assert_eq!(json["ok"], true);
    assert_eq!(json["time"], 1_700_000_000);
    assert_eq!(json["string"], common::STRING);
    assert_eq!(json["code"].as_str().map(str::len), Some(8));
    let checks = json["checks"].as_array().unwrap();
    assert!(checks.iter().all(|check| check["ok"] == true));
    let names: Vec<_> = checks
        .iter()
        .map(|check| check["check"].as_str().unwrap())
        .collect();
    for name in [
        "accepted",
        "replay",
        "another-amount",
        "another-payee",
        "moved-hidden-detail",
        "expired",
        "reordered",
        "locked",
    ] {
        assert!(names.contains(&name), "{name}");
    }
    assert_eq!(
        names.iter().filter(|name| **name == "wrong-code").count(),
        5
    );
}

#[test]
fn the_demo_plays_at_the_ends_of_time_too() {
    for at in ["0", "1", "253402297200"] {
        run(&["demo", "--at", at]).exits(0);
    }
    run(&["demo", "--at", "253402297201"]).exits(2);
}
