//! `code`, `verify` and `explain`: the fixed invocations, their answers and exit codes.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::{Folder, SEED_BASE32, SEED_HEX, STRING, command, piped, run, seeded};

const AT: &[&str] = &["--at", "1700000000"];

fn with<'a>(parts: &[&[&'a str]]) -> Vec<&'a str> {
    parts.concat()
}

#[test]
fn the_worked_codes_of_specification_s7_8_are_printed_alone() {
    for (suite, code) in [
        (None, "57171677\n"),
        (Some("OCRA-1:HOTP-SHA256-8:QH64-T30S"), "57171677\n"),
        (Some("OCRA-1:HOTP-SHA1-7:QH64-T10S"), "2609089\n"),
        (Some("OCRA-1:HOTP-SHA512-6:QH64-T1M"), "933527\n"),
    ] {
        let mut arguments = with(&[&["code"], AT, &[STRING]]);
        if let Some(suite) = suite {
            arguments.extend(["--suite", suite]);
        }
        let run = seeded(&arguments).exits(0);
        assert_eq!(run.text(), code);
        assert_eq!(run.stderr, "");
    }
}

#[test]
fn the_seed_comes_from_a_file_from_standard_input_or_from_the_environment() {
    let folder = Folder::new("seed-sources");
    let code = with(&[&["code"], AT, &[STRING]]);
    for seed in [
        SEED_BASE32.to_owned(),
        format!("{SEED_HEX}\n"),
        SEED_BASE32.to_lowercase(),
    ] {
        let file = folder.write("seed", &seed);
        let from_file = run(&with(&[&code, &["--seed-file", &file]])).exits(0);
        assert_eq!(from_file.text(), "57171677\n");
        assert_eq!(from_file.stderr, "");
        let from_stdin = piped(&with(&[&code, &["--seed-file", "-"]]), seed.as_bytes()).exits(0);
        assert_eq!(from_stdin.text(), "57171677\n");
        let output = command(&code).env("TXOTP_SEED", &seed).output().unwrap();
        assert_eq!(output.stdout, b"57171677\n");
    }
    // A file that is named wins over the environment.
    let other = folder.write("other", "hex:00000000000000000000000000000000");
    let other = seeded(&with(&[&code, &["--seed-file", &other]])).exits(0);
    assert_ne!(other.text(), "57171677\n");
}

#[cfg(unix)]
#[test]
fn a_seed_file_that_others_can_read_is_a_warning() {
    let folder = Folder::new("shared-seed");
    let file = folder.write("seed", SEED_HEX);
    common::set_mode(&file, 0o640);
    let run = run(&with(&[&["code"], AT, &["--seed-file", &file, STRING]])).exits(0);
    assert_eq!(run.text(), "57171677\n");
    assert!(run.stderr.starts_with("warning: "), "{}", run.stderr);
}

#[test]
fn the_string_may_come_from_standard_input_and_is_taken_as_it_is() {
    let code = with(&[&["code"], AT, &["-"]]);
    let line = format!("{STRING}\n");
    for string in [STRING, &line] {
        assert_eq!(
            piped(&code, string.as_bytes()).exits(0).text(),
            "57171677\n"
        );
    }
    // A URL library would trim, or drop the tab.
    for string in [
        format!(" {STRING}"),
        format!("{STRING} "),
        STRING.replace("To", "T\to"),
    ] {
        let run = piped(&code, string.as_bytes());
        assert!(run.code == 2 || run.text() != "57171677\n", "{string:?}");
    }
}

#[test]
fn suites_with_counter_and_pin_ask_for_both() {
    let folder = Folder::new("pin");
    let pin = folder.write("pin", "1234\n");
    let suite = &[
        "code",
        "--suite",
        "OCRA-1:HOTP-SHA256-8:C-QH64-PSHA1",
        STRING,
    ];
    let counter = &["--counter", "7"];
    let whole = seeded(&with(&[suite, counter, &["--pin-file", &pin]])).exits(0);
    let output = command(&with(&[suite, counter]))
        .env("TXOTP_SEED", SEED_HEX)
        .env("TXOTP_PIN", "1234")
        .output()
        .unwrap();
    assert_eq!(output.stdout, whole.stdout);
    let other_pin = folder.write("other", "1235");
    let other = seeded(&with(&[suite, counter, &["--pin-file", &other_pin]])).exits(0);
    assert_ne!(other.stdout, whole.stdout);
    for wanting in [
        with(&[suite, counter]),
        with(&[suite, &["--pin-file", &pin]]),
    ] {
        assert_eq!(seeded(&wanting).exits(2).text(), "");
    }
    for too_much in [counter, &["--pin-file", &pin]] {
        seeded(&with(&[&["code", STRING], too_much])).exits(2);
    }
}

#[test]
fn verify_exits_with_0_accepted_1_refused_2_unusable() {
    let verify = |more: &[&str]| seeded(&with(&[&["verify", STRING], more]));
    let accepted = verify(&with(&[AT, &["--code", "57171677"]])).exits(0);
    assert_eq!(accepted.text(), "accepted step 56666666 drift +0\n");
    let refused = verify(&with(&[AT, &["--code", "57171678"]])).exits(1);
    assert_eq!(refused.text(), "refused wrong-code\n");
    for code in [
        "5717167",
        "571716770",
        " 57171677",
        "5717167a",
        "-5717167",
        "５７１７１６７７",
        "",
    ] {
        let option = format!("--code={code}");
        let unusable = verify(&with(&[AT, &[&option]])).exits(2);
        assert_eq!(unusable.text(), "");
    }
}

#[test]
fn verify_as_json_names_step_and_drift() {
    let verify =
        |at: &str, code: &str| seeded(&["verify", "--json", "--at", at, "--code", code, STRING]);
    let late = verify("1700000030", "57171677").exits(0).json();
    assert_eq!(late["accepted"], true);
    assert_eq!(late["verdict"], "accepted");
    assert_eq!(late["reason"], serde_json::Value::Null);
    assert_eq!(late["step"], 56_666_666);
    assert_eq!(late["drift"], -1);
    let wrong = verify("1700000030", "00000000").exits(1).json();
    assert_eq!(wrong["accepted"], false);
    assert_eq!(wrong["reason"], "wrong-code");
    assert_eq!(wrong["drift"], serde_json::Value::Null);
}

#[test]
fn the_window_is_what_past_and_future_say() {
    let verify = |at: u64, past: &str, future: &str| {
        let at = at.to_string();
        let code = ["--code", "57171677"];
        seeded(&with(&[
            &[
                "verify", STRING, "--at", &at, "--past", past, "--future", future,
            ],
            &code,
        ]))
        .code
    };
    // The code is of the step that begins at 1699999980.
    assert_eq!(verify(1_700_000_009, "0", "0"), 0);
    assert_eq!(verify(1_700_000_010, "0", "0"), 1);
    assert_eq!(verify(1_700_000_010, "1", "0"), 0);
    assert_eq!(verify(1_699_999_979, "31", "0"), 1);
    assert_eq!(verify(1_699_999_979, "0", "1"), 0);
    assert_eq!(verify(1_699_999_980 + 31 * 30, "31", "31"), 0);
    assert_eq!(verify(1_699_999_980 + 32 * 30, "31", "31"), 1);
    assert_eq!(verify(1_700_000_000, "32", "0"), 2);
}

#[test]
fn the_greatest_window_is_usable_with_six_digits_too() {
    let suite = [
        "--suite",
        "OCRA-1:HOTP-SHA512-6:QH64-T1M",
        "--past",
        "31",
        "--future",
        "31",
    ];
    let right = seeded(&with(&[
        &["verify", STRING, "--code", "933527"],
        AT,
        &suite,
    ]));
    right.exits(0);
}

#[test]
fn a_counter_is_searched_ahead_and_never_behind() {
    let suite = ["--suite", "OCRA-1:HOTP-SHA256-8:C-QH64"];
    let code = seeded(&with(&[&["code", STRING, "--counter", "9"], &suite])).exits(0);
    let code = code.text().trim_end();
    for (counter, exit) in [("9", 0), ("5", 0), ("4", 1), ("10", 1)] {
        let run = seeded(&with(&[
            &[
                "verify",
                "--json",
                STRING,
                "--counter",
                counter,
                "--code",
                code,
            ],
            &suite,
        ]))
        .exits(exit);
        if exit == 0 {
            assert_eq!(run.json()["counter"], 9);
        }
    }
}

#[test]
fn explain_shows_the_worked_values_of_specification_s5_8_and_s7_8() {
    let json = seeded(&with(&[&["explain", "--json", STRING], AT]))
        .exits(0)
        .json();
    let digest = "cbddecae352b522d017dfe433d2ea01532627b9318d77f30443627b9df69a414";
    let mac = "8e15a0eeb230ddac3efb400fd4c454b909c5dd5f0563be0c2bc53e37150985f3";
    let canonical = json["canonical_hex"].as_str().unwrap();
    assert_eq!(canonical.len(), 2 * 184);
    assert!(canonical.starts_with("a46176016764657461696c73a562546f684a6f686e20446f65"));
    assert_eq!(
        json["canonical_diagnostic"],
        r#"{"v": 1, "details": {"To": "John Doe", "Amount": "1000 Euros", "Reason": "transfer money", "Source Account": "98381", "Destination Account": "29385"}, "message": "Approve money transaction", "hidden_details": {"Transaction ID": "T2293"}}"#
    );
    assert_eq!(json["digest_hex"], digest);
    assert_eq!(json["suite"], "OCRA-1:HOTP-SHA256-8:QH64-T30S");
    let message = json["message_hex"].as_str().unwrap();
    assert_eq!(message.len(), 2 * 167);
    assert!(message.contains(digest) && message.ends_with("000000000360aa2a"));
    assert_eq!(json["step"], 56_666_666);
    assert_eq!(json["hmac_hex"], mac);
    assert_eq!(json["offset"], 3);
    assert_eq!(json["truncated"], 1_857_171_677);
    assert_eq!(json["code"], "57171677");

    let text = seeded(&with(&[&["explain", STRING], AT])).exits(0);
    for part in [
        digest,
        mac,
        "56666666",
        "1857171677",
        "hidden detail  Transaction ID = T2293",
    ] {
        assert!(text.text().contains(part), "{part}");
    }
}

#[test]
fn the_parts_of_an_explained_message_are_the_message() {
    let suite = "OCRA-1:HOTP-SHA512-8:C-QH64-PSHA512-T59S";
    let output = command(&[
        "explain",
        "--json",
        "--suite",
        suite,
        "--counter",
        "7",
        STRING,
    ])
    .env("TXOTP_SEED", SEED_HEX)
    .env("TXOTP_PIN", "1234")
    .output()
    .unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let parts = json["message_parts"].as_array().unwrap();
    let joined: String = parts
        .iter()
        .map(|part| part["hex"].as_str().unwrap())
        .collect();
    assert_eq!(json["message_hex"], joined.as_str());
    assert_eq!(joined.len(), 2 * 249);
    let lengths: Vec<_> = parts
        .iter()
        .map(|part| part["length"].as_u64().unwrap())
        .collect();
    assert_eq!(lengths, [40, 1, 8, 32, 96, 64, 8]);
}

#[test]
fn the_order_of_parameters_and_a_repeated_pair_do_not_change_the_code() {
    let (start, parameters) = STRING.split_once('?').unwrap();
    let reversed: Vec<&str> = parameters.rsplit('&').collect();
    let reversed = format!("{start}?{}", reversed.join("&"));
    let repeated = format!("{STRING}&details[To]=John+Doe&details[Amount]=1000%20Euros");
    for string in [reversed, repeated] {
        assert_eq!(
            seeded(&with(&[&["code", &string], AT])).exits(0).text(),
            "57171677\n"
        );
    }
}
