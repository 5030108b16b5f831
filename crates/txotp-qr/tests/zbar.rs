//! Pictures read by `zbarimg` (Debian package zbar-tools). Where the command is missing, each test says that it is skipped.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod common;

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use common::{LEVELS, scale, texts};
use txotp_qr::{Level, Limit, Options, Symbol};

/// False, and a visible line on standard error, when there is no `zbarimg`.
fn zbarimg_is_there(test: &str) -> bool {
    let found = Command::new("zbarimg")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok();
    if !found {
        // Not `eprintln!`, which the test harness holds back.
        let notice = format!("SKIPPED {test}: zbarimg is not installed (zbar-tools)\n");
        std::io::stderr().write_all(notice.as_bytes()).unwrap();
    }
    found
}

fn read_by_zbar(symbol: &Symbol, name: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("zbar-{name}.png"));
    fs::write(&path, symbol.to_png(scale(4))).unwrap();
    let output = Command::new("zbarimg")
        .args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"])
        .arg(&path)
        .output()
        .unwrap();
    fs::remove_file(&path).unwrap();
    assert!(output.status.success(), "zbarimg reads {name}");
    String::from_utf8(output.stdout)
        .unwrap()
        .strip_suffix('\n')
        .unwrap()
        .to_owned()
}

#[test]
fn every_kind_of_text_is_read_by_zbar() {
    if !zbarimg_is_there("every_kind_of_text_is_read_by_zbar") {
        return;
    }
    for (name, text) in texts() {
        for level in LEVELS {
            let symbol = Symbol::encode(&text, level).unwrap();
            assert_eq!(
                read_by_zbar(&symbol, &format!("{name}-{level:?}")),
                text,
                "{name} at level {level:?}"
            );
        }
    }
}

#[test]
fn long_texts_are_read_by_zbar() {
    if !zbarimg_is_there("long_texts_are_read_by_zbar") {
        return;
    }
    for length in [300, 301, 600, 1000, 2331] {
        let text: String = ('a'..='z').cycle().take(length).collect();
        let symbol = Symbol::with_options(&text, Options::new(Level::M).limit(Limit::MAX)).unwrap();
        assert_eq!(
            read_by_zbar(&symbol, &format!("{length}-bytes")),
            text,
            "{length} bytes"
        );
    }
}
