//! Errors, help and JSON: of every command.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::{Folder, SEED_BASE32, SEED_HEX, STRING, command, piped, run, seeded};

/// Nothing of it may be in an error.
const SECRETS: [&str; 5] = [
    "T2293",
    "Transaction",
    "57171678",
    "GEZDGNBVGY3T",
    "31323334",
];

/// Fails unless each run is refused without a word of what was given.
fn are_silent(runs: &[common::Run]) {
    for (number, run) in runs.iter().enumerate() {
        assert_eq!(run.code, 2, "run {number}: {}", run.stderr);
        assert_eq!(run.text(), "", "run {number}");
        for secret in SECRETS {
            assert!(!run.stderr.contains(secret), "run {number}: {}", run.stderr);
        }
    }
}

#[test]
fn no_usage_error_repeats_a_word_that_stands_in_the_place_of_another() {
    let in_other_places: [&[&str]; 20] = [
        &[STRING],
        &["code", "--seed-file", SEED_BASE32, STRING],
        &["code", "--seed-file", SEED_HEX, STRING],
        &["code", &format!("--seed={SEED_BASE32}"), STRING],
        &["code", "--seed", SEED_BASE32, STRING],
        &["code", STRING, SEED_BASE32],
        &["code", "--at", SEED_BASE32, STRING],
        &["code", "--suite", SEED_BASE32, STRING],
        &["code", "--pin-file", "57171678", STRING],
        &[SEED_BASE32],
        &["seed", SEED_BASE32],
        &["seed", "new", SEED_BASE32],
        &["read", "57171678"],
        &["read", SEED_BASE32],
        &["qr", SEED_BASE32],
        &["qr", "--level", "57171678", STRING],
        &["verify", "57171678", STRING],
        &["verify", "--past", "57171678", STRING],
        &["completions", "57171678"],
        &["code", "--json=57171678", STRING],
    ];
    are_silent(&in_other_places.map(run));
}

#[test]
fn no_usage_error_repeats_a_word_that_begins_like_an_option() {
    let dashed = format!("--{SEED_BASE32}");
    let with_value = format!("--{SEED_BASE32}=57171678");
    let bracketed = format!("<{SEED_BASE32}>");
    let like_options: [&[&str]; 10] = [
        &["verify", "--code", &dashed, STRING],
        &["verify", "--seed-file", &dashed, STRING],
        &["verify", "--code", "--57171678", STRING],
        &["code", STRING, "--57171678"],
        &["code", STRING, &with_value],
        &["code", STRING, "-57171678"],
        &["encode", "--message", "a", "--T2293"],
        &["encode", "--message", "a", "--hidden", "--T2293"],
        &["code", STRING, &bracketed],
        &["--57171678"],
    ];
    are_silent(&like_options.map(run));
    let as_json = like_options.map(|arguments| run(&[&["--json"], arguments].concat()));
    are_silent(&as_json);
}

#[test]
fn no_error_repeats_a_hidden_detail_of_a_new_transaction() {
    let folder = Folder::new("hidden");
    let json = r#"{"message":"T2293","details":{"Transaction ID":[57171678]}}"#;
    let json = folder.write("json", json);
    let pair = "Transaction ID=T2293";
    let other = "Transaction ID=T2294";
    let hidden: [&[&str]; 4] = [
        &["T2293"],
        &[pair, "--hidden", other],
        &["Transaction[ID]=T2293"],
        &["Transaction ID=T2293\u{202e}"],
    ];
    let encode = ["encode", "--message", "a", "--hidden"];
    are_silent(&hidden.map(|hidden| run(&[&encode, hidden].concat())));
    are_silent(&[
        run(&["encode", "--message", "a", pair]),
        run(&["encode", "--json-file", &json]),
        run(&[&encode[..], &[pair, "--payment", "single"]].concat()),
        piped(&["encode", "--json-file", "-"], br#"{"message":"T2293""#),
    ]);
}

#[test]
fn no_error_repeats_an_unusable_value_in_its_place() {
    let bad_string = format!("{STRING}&foo=T2293");
    let bad_utf8 = format!("{STRING}%FF");
    let folder = Folder::new("secrets");
    let short = folder.write("short", "GEZDGNBVGY3T");
    let bad_seed = format!("otpauth://totp/a?secret={SEED_BASE32}1");
    let bad_digits = format!("otpauth://totp/a?secret={SEED_BASE32}&digits=9");
    are_silent(&[
        run(&["code", "--seed-file", &short, STRING]),
        seeded(&["code", &bad_string]),
        seeded(&["code", &bad_utf8]),
        seeded(&["explain", &bad_string]),
        seeded(&["verify", "--code", "571716780", STRING]),
        seeded(&["verify", "--code", "57171678", &bad_string]),
        seeded(&["enroll", "--account", "Transaction:T2293"]),
        run(&["read", &bad_string]),
        run(&["read", &bad_seed]),
        run(&["qr", &bad_digits]),
        piped(&["read", "-"], bad_string.as_bytes()),
    ]);
}

#[test]
fn usage_errors_are_a_message_and_advice_too() {
    for (arguments, message) in [
        (&["fly"][..], "no such command"),
        (&["seed", "newer"], "no such command"),
        (&["code", "--fly", STRING], "no such option"),
        (&["read", "--code", "1", STRING], "--code is no option here"),
        (&["code", STRING, "more"], "one argument too many"),
        (&["code"], "<STRING> is missing"),
        (&["code", STRING, "--at"], "--at <UNIX> has no value"),
        (&["code", STRING, "svg"], "one argument too many"),
        (&["code", STRING, "--at", "x"], "the value of --at <UNIX>"),
        (
            &["verify", STRING, "--code", "1", "--past", "32"],
            "the value of --past <N> is not in 0..=31",
        ),
        (
            &["qr", STRING, "--format", "gif"],
            "none of terminal, svg, png, data-uri",
        ),
        (
            &["encode", "--message", "a", "--json-file", "b"],
            "cannot be given together",
        ),
        (
            &["code", STRING, "--at", "1", "--at", "1"],
            "--at <UNIX> is given twice",
        ),
        (&["code", STRING, "--json=1"], "--json takes no value"),
    ] {
        let plain = run(arguments).exits(2);
        let lines: Vec<_> = plain.stderr.lines().collect();
        assert_eq!(lines.len(), 2, "{arguments:?}: {}", plain.stderr);
        assert!(lines[0].starts_with("error: ") && lines[1].starts_with("advice: "));
        assert!(lines[0].contains(message), "{arguments:?}: {}", lines[0]);
        // Where it counts as an option that is given twice, the first error is another.
        if arguments.contains(&"--json=1") {
            continue;
        }
        let json = run(&[&["--json"], arguments].concat());
        let json: serde_json::Value = serde_json::from_str(&json.stderr).unwrap();
        assert!(json["error"].as_str().unwrap().contains(message), "{json}");
        assert!(json["advice"].is_string());
    }
    let misspelt = run(&["encode", "--mesage", "a"]).exits(2);
    assert!(misspelt.stderr.contains("--message"), "{}", misspelt.stderr);
    let json = run(&["--json"]).exits(2);
    assert!(json.stderr.starts_with('{'), "{}", json.stderr);
}

#[test]
fn an_error_is_a_message_and_a_line_of_advice() {
    let plain = run(&["qr", "hello"]).exits(2);
    let lines: Vec<_> = plain.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{}", plain.stderr);
    assert!(lines[0].starts_with("error: ") && lines[1].starts_with("advice: "));
    let json = run(&["--json", "read", "txotp://totp?message=a&x=1"]).exits(2);
    let json: serde_json::Value = serde_json::from_str(&json.stderr).unwrap();
    assert_eq!(json["reason"], "unknown-parameter");
    assert_eq!(json["offset"], 23);
    assert!(json["error"].is_string() && json["advice"].is_string());
}

#[test]
fn a_seed_is_no_argument_of_any_command() {
    for command in ["code", "verify", "explain", "enroll"] {
        let help = run(&[command, "--help"]).exits(0);
        assert!(help.text().contains("--seed-file <FILE>"), "{command}");
        assert!(!help.text().contains("--seed <"), "{command}");
        run(&[command, "--seed", SEED_BASE32, STRING]).exits(2);
    }
}

#[test]
fn standard_input_is_for_one_thing_only() {
    let run = piped(&["code", "--seed-file", "-", "-"], STRING.as_bytes()).exits(2);
    assert!(run.stderr.contains("twice"), "{}", run.stderr);
}

#[test]
fn every_command_has_help_with_examples() {
    for command in [
        &["demo"][..],
        &["seed", "new"],
        &["enroll"],
        &["encode"],
        &["qr"],
        &["read"],
        &["code"],
        &["verify"],
        &["explain"],
        &["vectors", "check"],
        &["completions"],
    ] {
        let help = run(&[command, &["--help"]].concat()).exits(0);
        let example = format!("Examples:\n  txotp {}", command.join(" "));
        assert!(help.text().contains(&example), "{}", help.text());
    }
}

#[test]
fn every_command_answers_in_json() {
    let at = ["--at", "1700000000"];
    for arguments in [
        &["demo"][..],
        &["seed", "new"],
        &["enroll", "--account", "a"],
        &["encode", "--message", "a"],
        &["qr", STRING],
        &["qr", "--format", "png", STRING],
        &["read", STRING],
        &["code", STRING],
        &["verify", "--code", "57171677", at[0], at[1], STRING],
        &["explain", STRING],
        &["completions", "bash"],
    ] {
        let run = seeded(&[arguments, &["--json"]].concat()).exits(0);
        assert!(run.json().is_object(), "{arguments:?}");
        assert!(!run.text().contains('\x1b'));
    }
}

#[test]
fn colour_is_for_terminals_or_on_demand() {
    let verify = ["verify", "--at", "1700000000", "--code", "57171677", STRING];
    let coloured = |more: &[&str], name: &str| {
        let output = command(&[&verify[..], more].concat())
            .env("TXOTP_SEED", SEED_HEX)
            .env(name, "1")
            .output()
            .unwrap();
        output.stdout.contains(&0x1b)
    };
    assert!(!coloured(&[], "UNRELATED"));
    assert!(coloured(&["--color", "always"], "UNRELATED"));
    assert!(coloured(&[], "CLICOLOR_FORCE"));
    assert!(!coloured(&["--color", "never"], "CLICOLOR_FORCE"));
    assert!(!coloured(&[], "NO_COLOR"));
    assert!(coloured(&["--color", "always"], "NO_COLOR"));
}

#[test]
fn usage_errors_and_no_command_exit_with_2() {
    for arguments in [
        &[][..],
        &["code"],
        &["fly"],
        &["code", "--at", "-1", STRING],
        &["vectors"],
    ] {
        assert_eq!(run(arguments).code, 2, "{arguments:?}");
    }
    assert_eq!(run(&["--version"]).exits(0).text(), "txotp 0.1.0\n");
}

#[test]
fn a_reader_that_goes_away_changes_no_exit_code() {
    use std::process::Stdio;

    let mut child = command(&["demo"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stderr, b"");
}
