//! Symbols: the documented example at level M, as a matrix and as SVG.
//!
//! ```sh
//! cargo bench --manifest-path benches/peers/Cargo.toml --bench symbols
//! ```
#![allow(missing_docs)]

use std::hint::black_box;

use fast_qr::convert::svg::SvgBuilder;
use fast_qr::{ECL, QRBuilder};
use qrcode::{EcLevel, QrCode};
use qrcodegen::{QrCodeEcc, QrSegment, Version};
use txotp_peers::EXAMPLE;
use txotp_peers::harness::{Candidate, Harness};
use txotp_qr::{Level, Scale, Symbol};

/// Version 11, whichever library draws it.
const WIDTH: usize = 61;

fn ours() -> Symbol {
    Symbol::encode(black_box(EXAMPLE), Level::M).expect("it fits")
}

fn by_fast_qr() -> fast_qr::QRCode {
    QRBuilder::new(black_box(EXAMPLE))
        .ecl(ECL::M)
        .build()
        .expect("it fits")
}

fn by_qrcode() -> QrCode {
    QrCode::with_error_correction_level(black_box(EXAMPLE), EcLevel::M).expect("it fits")
}

/// Its simpler interface raises the level where there is room; the others do not.
fn by_qrcodegen() -> qrcodegen::QrCode {
    let segments = QrSegment::make_segments(black_box(EXAMPLE));
    let (least, most) = (Version::MIN, Version::MAX);
    qrcodegen::QrCode::encode_segments_advanced(
        &segments,
        QrCodeEcc::Medium,
        least,
        most,
        None,
        false,
    )
    .expect("it fits")
}

fn main() {
    let (own, fast, code, generated) = (ours(), by_fast_qr(), by_qrcode(), by_qrcodegen());
    assert_eq!(usize::from(own.version()) * 4 + 17, WIDTH);
    assert_eq!(fast.size, WIDTH);
    assert_eq!(code.width(), WIDTH);
    assert_eq!(generated.size(), 61);
    let mut harness = Harness::from_arguments();
    harness.compare(
        "matrix",
        vec![
            Candidate::new("txotp-qr", ours),
            Candidate::new("fast_qr", by_fast_qr),
            Candidate::new("qrcodegen", by_qrcodegen),
            Candidate::new("qrcode", by_qrcode),
        ],
    );
    let scale = Scale::default();
    harness.compare(
        "matrix to SVG",
        vec![
            Candidate::new("txotp-qr", || black_box(&own).to_svg(scale)),
            Candidate::new("fast_qr", || SvgBuilder::default().to_str(black_box(&fast))),
            Candidate::new("qrcode", || {
                black_box(&code)
                    .render::<qrcode::render::svg::Color<'_>>()
                    .build()
            }),
        ],
    );
    harness.compare(
        "matrix to PNG",
        vec![
            Candidate::new("txotp-qr", || black_box(&own).to_png(scale)),
            Candidate::new("txotp-qr, as a data URI", || {
                black_box(&own).to_png_data_uri(scale)
            }),
        ],
    );
    harness.finish("symbols");
}
