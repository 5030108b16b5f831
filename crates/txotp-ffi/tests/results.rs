//! Numbers and texts of the results: programs are compiled with the ones and log the others.
#![allow(
    unsafe_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::undocumented_unsafe_blocks
)]

use std::ffi::CStr;

use txotp_ffi::{txotp_result_text, txotp_version};

/// Lines are only ever added.
const PUBLISHED: &str = include_str!("results.txt");

fn text(number: u32) -> &'static str {
    unsafe { CStr::from_ptr(txotp_result_text(number)) }
        .to_str()
        .unwrap()
}

#[test]
fn numbers_names_and_texts_are_as_published_and_in_the_header() {
    let header = include_str!("../include/txotp.h");
    let named: Vec<_> = header
        .lines()
        .filter_map(|line| line.trim().strip_prefix("TXOTP_RESULT_")?.strip_suffix(','))
        .map(|line| line.split_once(" = ").unwrap())
        .map(|(name, number)| {
            let text = text(number.parse().unwrap());
            format!("{number} {name} {text}\n")
        })
        .collect();
    assert_eq!(named.concat(), PUBLISHED);
}

#[test]
fn a_number_of_a_later_version_has_a_text() {
    for number in [2, 99, 65_536, u32::MAX] {
        assert_eq!(text(number), "a result that this version does not know");
    }
}

#[test]
fn the_version_is_the_crates() {
    let version = unsafe { CStr::from_ptr(txotp_version()) };
    assert_eq!(version.to_str(), Ok(env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_headers_suite_is_the_default() {
    let header = include_str!("../include/txotp.h");
    let suite = format!(
        "#define TXOTP_DEFAULT_SUITE \"{}\"",
        txotp_core::TransactionSuite::default()
    );
    assert!(header.contains(&suite));
}
