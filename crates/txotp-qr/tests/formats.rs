//! What the documents say beyond their modules.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod common;

use base64ct::{Base64, Encoding};
use common::{TRANSFER, between, scale};
use txotp_qr::{Level, Symbol};

fn symbol() -> Symbol {
    Symbol::encode(TRANSFER, Level::M).unwrap()
}

#[test]
fn svg_has_a_fixed_title_and_nothing_of_the_text() {
    let svg = symbol().to_svg(scale(8));
    assert_eq!(between(&svg, "<title>", "</title>"), "QR code");
    assert_eq!(
        between(&svg, "<svg ", ">"),
        between(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 69 69\" width=\"552\" height=\"552\" \
         role=\"img\" shape-rendering=\"crispEdges\">",
            "<svg ",
            ">"
        )
    );
    assert_eq!(
        svg.matches("<path").count(),
        2,
        "the ground and the modules"
    );
    assert!(!svg.contains("txotp"));
}

#[test]
fn png_holds_no_chunk_but_what_it_needs() {
    let png = symbol().to_png(scale(8));
    // After the signature: length, type, data and checksum of each chunk.
    let mut rest = &png[8..];
    let mut chunks = Vec::new();
    while let [a, b, c, d, kind @ ..] = rest {
        let length = usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).unwrap();
        chunks.push(std::str::from_utf8(&kind[..4]).unwrap().to_owned());
        rest = &kind[4..][length..][4..];
    }
    assert_eq!(chunks, ["IHDR", "IDAT", "IEND"]);
}

#[test]
fn data_uris_hold_the_files() {
    let uri = symbol().to_png_data_uri(scale(8));
    let file = Base64::decode_vec(uri.strip_prefix("data:image/png;base64,").unwrap()).unwrap();
    assert!(file == symbol().to_png(scale(8)));
    let uri = symbol().to_svg_data_uri(scale(8));
    let file = Base64::decode_vec(uri.strip_prefix("data:image/svg+xml;base64,").unwrap()).unwrap();
    assert!(file == symbol().to_svg(scale(8)).as_bytes());
}
