//! Lengths: refused, advised against, accepted.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

use txotp_qr::{ADVISED_STRING_LEN, Advice, EncodeError, Level, Limit, Options, Scale, Symbol};

fn text(length: usize) -> String {
    "a".repeat(length)
}

#[test]
fn the_default_limit_is_600_bytes() {
    assert_eq!(Symbol::encode(&text(600), Level::M).unwrap().len(), 600);
    let refused = Symbol::encode(&text(601), Level::M).unwrap_err();
    assert_eq!(
        refused,
        EncodeError::TooLong {
            length: 601,
            limit: 600
        }
    );
    assert_eq!(
        refused.to_string(),
        "the text has 601 bytes, the limit is 600"
    );
}

#[test]
fn bytes_are_counted_and_not_characters() {
    assert!(Symbol::encode(&"é".repeat(300), Level::M).is_ok());
    let refused = Symbol::encode(&"é".repeat(301), Level::M).unwrap_err();
    assert_eq!(
        refused,
        EncodeError::TooLong {
            length: 602,
            limit: 600
        }
    );
}

#[test]
fn the_limit_can_be_raised_to_2953_bytes() {
    let options = Options::new(Level::L).limit(Limit::MAX);
    assert_eq!(
        Symbol::with_options(&text(2953), options)
            .unwrap()
            .version(),
        40
    );
    let refused = Symbol::with_options(&text(2954), options).unwrap_err();
    assert_eq!(
        refused,
        EncodeError::TooLong {
            length: 2954,
            limit: 2953
        }
    );
}

#[test]
fn the_limit_can_be_lowered() {
    let options = Options::default().limit(Limit::new(10).unwrap());
    assert!(Symbol::with_options(&text(10), options).is_ok());
    assert!(Symbol::with_options(&text(11), options).is_err());
}

#[test]
fn what_version_40_does_not_hold_does_not_fit() {
    let options = Options::new(Level::H).limit(Limit::MAX);
    assert!(Symbol::with_options(&text(1273), options).is_ok());
    let refused = Symbol::with_options(&text(1274), options).unwrap_err();
    assert_eq!(
        refused,
        EncodeError::DoesNotFit {
            length: 1274,
            level: Level::H
        }
    );
    assert_eq!(
        refused.to_string(),
        "the text has 1274 bytes, too many for a symbol at level H"
    );
}

#[test]
fn an_empty_text_is_refused() {
    assert_eq!(
        Symbol::encode("", Level::M).unwrap_err(),
        EncodeError::Empty
    );
}

#[test]
fn more_than_300_bytes_are_advised_against() {
    assert_eq!(ADVISED_STRING_LEN, 300);
    assert_eq!(Symbol::encode(&text(300), Level::M).unwrap().advice(), None);
    let advice = Symbol::encode(&text(301), Level::M)
        .unwrap()
        .advice()
        .unwrap();
    assert_eq!(
        advice,
        Advice::MayNotScan {
            length: 301,
            version: 13
        }
    );
    assert!(
        advice
            .to_string()
            .starts_with("may not scan on every phone: 301 bytes")
    );
}

#[test]
fn debug_shows_no_module() {
    let symbol = Symbol::encode("otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ", Level::M).unwrap();
    assert_eq!(
        format!("{symbol:?}"),
        "Symbol { version: 3, level: M, length: 40, .. }"
    );
}

#[test]
fn scales_are_1_to_32() {
    assert_eq!(Scale::new(0), None);
    assert_eq!(Scale::new(1), Some(Scale::MIN));
    assert_eq!(Scale::new(32), Some(Scale::MAX));
    assert_eq!(Scale::new(33), None);
    assert_eq!(Scale::default().pixels(), 8);
}
