//! `encode`, `qr` and `read`: what is written can be read.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::{Folder, STRING, piped, run};

const ENCODE: &[&str] = &[
    "encode",
    "--message",
    "Approve money transaction",
    "--detail",
    "Amount=1000 Euros",
    "--detail",
    "To=John Doe",
    "--detail",
    "Destination Account=29385",
    "--detail",
    "Source Account=98381",
    "--detail",
    "Reason=transfer money",
    "--hidden",
    "Transaction ID=T2293",
];

fn encode_json(json: &str) -> common::Run {
    piped(&["encode", "--json-file", "-"], json.as_bytes())
}

#[test]
fn the_documented_string_is_written_byte_for_byte() {
    assert_eq!(run(ENCODE).exits(0).text(), format!("{STRING}\n"));
    let json = run(&[ENCODE, &["--json", "--payment", "single"]].concat())
        .exits(0)
        .json();
    assert_eq!(json["string"], STRING);
    assert_eq!(json["length"], 227);
}

#[test]
fn only_the_first_equals_sign_ends_a_key() {
    let run = run(&["encode", "--message", "a", "--detail", "k=v=w"]).exits(0);
    assert_eq!(run.text(), "txotp://totp?message=a&details[k]=v%3Dw\n");
}

#[test]
fn json_keeps_its_order_and_integers_their_digits() {
    let run = encode_json(
        r#"{"hidden_details":{"n":184467440737095516160000000000},"message":"a","details":{"z":1,"10":-2,"9":"é"}}"#,
    )
    .exits(0);
    assert_eq!(
        run.text(),
        "txotp://totp?message=a&details[z]=1&details[10]=-2&details[9]=%C3%A9\
         &hidden_details[n]=184467440737095516160000000000\n"
    );
}

#[test]
fn json_of_another_form_is_refused() {
    for json in [
        r#"{"message":"a","details":{"k":1.0}}"#,
        r#"{"message":"a","details":{"k":1e2}}"#,
        r#"{"message":"a","details":{"k":1E400}}"#,
        r#"{"message":"a","details":{"k":-0}}"#,
        r#"{"message":"a","details":{"k":01}}"#,
        r#"{"message":"a","details":{"k":true}}"#,
        r#"{"message":"a","details":{"k":null}}"#,
        r#"{"message":"a","details":{"k":[]}}"#,
        r#"{"message":"a","details":{"k":{}}}"#,
        r#"{"message":"a","details":{"k":"1","k":"1"}}"#,
        r#"{"message":"a","details":[["k","v"]]}"#,
        r#"{"message":"a","detail":{"k":"v"}}"#,
        r#"{"details":{}}"#,
        r#"{"message":"a"} {}"#,
        r#"{"message":""}"#,
        "",
    ] {
        let run = encode_json(json).exits(2);
        assert_eq!(run.text(), "", "{json}");
        assert!(run.stderr.contains("\nadvice: "), "{json}: {}", run.stderr);
    }
}

#[test]
fn values_may_begin_with_a_hyphen() {
    let run = run(&[
        "encode",
        "--message",
        "-5 EUR",
        "--detail",
        "-k=-v",
        "--hidden",
        "--h=1",
    ])
    .exits(0);
    assert_eq!(
        run.text(),
        "txotp://totp?message=-5+EUR&details[-k]=-v&hidden_details[--h]=1\n"
    );
}

#[test]
fn refused_transactions_have_a_reason_and_name_the_part() {
    for (json, reason, part) in [
        (r#"{"message":"a""#, "bad-json", "JSON"),
        (
            r#"{"message":"a","details":{"k":1.5}}"#,
            "bad-json",
            "detail 1",
        ),
        (r#"{"message":""}"#, "empty-message", "the message"),
        (
            r#"{"message":"a","details":{"k":"v","k[":"v"}}"#,
            "bracket-in-key",
            "the key of detail 2",
        ),
        (
            r#"{"message":"a","hidden_details":{"k":"\u0007"}}"#,
            "forbidden-text",
            "the value of hidden detail 1",
        ),
    ] {
        let run = piped(&["encode", "--json", "--json-file", "-"], json.as_bytes()).exits(2);
        let error: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
        assert_eq!(error["reason"], reason, "{error}");
        assert!(error["error"].as_str().unwrap().contains(part), "{error}");
    }
}

#[test]
fn a_payment_is_held_to_the_payment_policy() {
    let payment = [
        "encode",
        "--message",
        "a",
        "--detail",
        "To=b",
        "--payment",
        "single",
    ];
    let refused = run(&payment).exits(2);
    assert!(
        refused.stderr.contains("(amount-missing)"),
        "{}",
        refused.stderr
    );
    let batch = [
        "encode",
        "--message",
        "a",
        "--detail",
        "Total=10 EUR",
        "--detail",
        "To 1=b",
    ];
    let batch = [
        &batch[..],
        &[
            "--detail",
            "To 2=c",
            "--hidden",
            "Payment ID=1",
            "--payment",
        ],
    ]
    .concat();
    run(&[&batch[..], &["batch"]].concat()).exits(0);
    run(&[&batch[..], &["single"]].concat()).exits(2);
}

#[test]
fn long_strings_are_warned_of_and_too_long_ones_refused() {
    let encode = |letters: usize, more: &[&str]| {
        let message = "a".repeat(letters);
        run(&[&["encode", "--message", &message], more].concat())
    };
    // `txotp://totp?message=` has 21 bytes.
    assert_eq!(encode(279, &[]).exits(0).stderr, "");
    assert!(
        encode(280, &[])
            .exits(0)
            .stderr
            .starts_with("warning: 301 bytes")
    );
    assert_eq!(encode(579, &[]).exits(0).text().len(), 601);
    assert!(encode(580, &[]).exits(2).stderr.contains("(too-long)"));
    encode(2932, &["--max-len", "2953"]).exits(0);
    encode(2933, &["--max-len", "2953"]).exits(2);
    encode(1, &["--max-len", "2954"]).exits(2);
}

#[test]
fn every_picture_format_is_drawn_and_told_of() {
    let qr = |format: &str| {
        let run = run(&["qr", "--format", format, STRING]).exits(0);
        assert!(
            run.stderr
                .contains("version 11, level M, 61 modules wide, 227 bytes")
        );
        run.stdout
    };
    let terminal = String::from_utf8(qr("terminal")).unwrap();
    assert_eq!(terminal.lines().count(), 35);
    assert!(terminal.lines().all(|line| line.chars().count() == 69));
    assert!(qr("svg").starts_with(b"<svg "));
    assert!(qr("png").starts_with(b"\x89PNG"));
    assert!(qr("data-uri").starts_with(b"data:image/png;base64,"));
    let dark = run(&["qr", "--theme", "dark", STRING]).exits(0).stdout;
    let light = run(&["qr", "--theme", "light", STRING]).exits(0).stdout;
    assert_ne!(dark, light);
    let json = run(&["qr", "--json", "--level", "l", STRING])
        .exits(0)
        .json();
    assert_eq!(
        (json["version"].as_u64(), json["level"].as_str()),
        (Some(9), Some("L"))
    );
}

#[test]
fn only_what_a_device_would_read_is_drawn() {
    for string in [
        "hello",
        "https://example.com",
        "txotp://totp?message=a&x=1",
        "otpauth://totp/a",
    ] {
        assert_eq!(run(&["qr", string]).exits(2).stdout, b"");
    }
}

#[test]
fn a_drawn_symbol_is_read_back_from_file_and_pipe() {
    let folder = Folder::new("read-back");
    let file = folder.file("symbol.png");
    assert_eq!(run(&["qr", "-o", &file, STRING]).exits(0).stdout, b"");
    let png = run(&["qr", "--format", "png", STRING]).exits(0).stdout;
    assert_eq!(std::fs::read(&file).unwrap(), png);
    let expected = "message\tApprove money transaction\n\
        detail\tAmount\t1000 Euros\n\
        detail\tTo\tJohn Doe\n\
        detail\tDestination Account\t29385\n\
        detail\tSource Account\t98381\n\
        detail\tReason\ttransfer money\n\
        hidden detail\tTransaction ID\tT2293\n";
    let read = run(&["read", &file]).exits(0);
    assert_eq!(read.text(), expected);
    assert!(read.stderr.contains("hidden details"));
    assert_eq!(piped(&["read", "-"], &png).exits(0).text(), expected);
    assert_eq!(run(&["read", STRING]).exits(0).text(), expected);
}

#[test]
fn what_read_gives_as_json_is_what_encode_takes() {
    let json = run(&["read", "--json", STRING]).exits(0).stdout;
    let again = piped(&["encode", "--json-file", "-"], &json).exits(0);
    assert_eq!(again.text(), format!("{STRING}\n"));
}

#[test]
fn pictures_that_hold_nothing_are_refused() {
    let folder = Folder::new("pictures");
    let png = run(&["qr", "--format", "png", STRING]).exits(0).stdout;
    let cut = folder.write("cut.png", &png[..png.len() / 2]);
    let head = folder.write("head.jpg", b"\xff\xd8\xff\xe0 no picture");
    let absent = folder.file("absent.png");
    for file in [cut, head, absent] {
        let run = run(&["read", &file]).exits(2);
        assert_eq!(run.text(), "");
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    }
}

#[test]
fn a_picture_that_would_unpack_to_too_much_is_refused_before_it_is_unpacked() {
    // The header of a PNG of 60000 × 60000 pixels; its checksum is not looked at before its size.
    let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bomb.extend(60_000u32.to_be_bytes());
    bomb.extend(60_000u32.to_be_bytes());
    bomb.extend(b"\x01\0\0\0\0\0\0\0\0");
    let run = piped(&["read", "-"], &bomb).exits(2);
    assert!(run.stderr.contains("picture"), "{}", run.stderr);
}
