//! The header that is committed is the one that the sources make.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

/// In the order in which a reader of the header wants them.
const SOURCES: &[&str] = &[
    "limits",
    "result",
    "version",
    "memory",
    "transaction",
    "display",
    "device",
    "code",
    "verify",
];

fn generated() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).unwrap();
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in SOURCES {
        builder = builder.with_src(root.join("src").join(source).with_extension("rs"));
    }
    let mut header = Vec::new();
    builder.generate().unwrap().write(&mut header);
    // What a C reader has no use for.
    String::from_utf8(header)
        .unwrap()
        .replace(" *\n * # Safety\n * As the README's contract says.\n", "")
}

/// `TXOTP_WRITE_HEADER=1 cargo test -p txotp-ffi --test header` writes it.
#[test]
fn the_committed_header_is_what_the_sources_make() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/txotp.h");
    let made = generated();
    if std::env::var_os("TXOTP_WRITE_HEADER").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(
        committed == made,
        "include/txotp.h is not what src/ makes; write it with TXOTP_WRITE_HEADER=1"
    );
}
