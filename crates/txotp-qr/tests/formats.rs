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
    let kinds: Vec<_> = chunks(&symbol().to_png(scale(8)))
        .into_iter()
        .map(|(kind, _)| kind)
        .collect();
    assert_eq!(kinds, ["IHDR", "IDAT", "IEND"]);
}

#[test]
fn rows_of_a_png_are_differences_to_the_row_above() {
    let symbol = symbol();
    for pixels in [2, 3, 8, 32] {
        let png = symbol.to_png(scale(pixels));
        let (_, data) = chunks(&png).swap_remove(1);
        let rows = fdeflate::decompress_to_vec(&data).unwrap();
        // A quiet zone of four modules at each side; the filter, then a bit for each pixel.
        let side = (symbol.width() + 8) * usize::from(pixels);
        let rows: Vec<_> = rows.chunks(1 + side.div_ceil(8)).collect();
        assert_eq!(rows.len(), side);
        // RFC 2083, section 6: 2 is the filter Up.
        assert!(rows.iter().all(|row| row[0] == 2));
        let repeated = rows.iter().enumerate();
        let mut repeated = repeated.filter(|(number, _)| number % usize::from(pixels) != 0);
        assert!(repeated.all(|(_, row)| row[1..].iter().all(|byte| *byte == 0)));
    }
}

/// The type and data of each chunk.
fn chunks(png: &[u8]) -> Vec<(String, Vec<u8>)> {
    // After the signature: length, type, data and checksum of each chunk.
    let mut rest = &png[8..];
    let mut chunks = Vec::new();
    while let [a, b, c, d, chunk @ ..] = rest {
        let length = usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).unwrap();
        let (kind, data) = chunk.split_at(4);
        let (data, after) = data.split_at(length);
        let kind = std::str::from_utf8(kind).unwrap().to_owned();
        chunks.push((kind, data.to_vec()));
        rest = &after[4..];
    }
    chunks
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
