//! Leaks on purpose, each the classic mistake in the place of something that txotp does. The run fails where one is not
//! noticed.

use core::hint::black_box;

use txotp_core::{Algorithm, Code, DeviceKey, MovingFactor, Step, TransactionSuite};

use crate::device::{PURPOSE, candidates, factor, key};
use crate::memcheck::poison;
use crate::operations::Operation;

/// All of them, by name.
pub const ALL: [(&str, Operation); 6] = [
    ("a comparison that stops at the first difference", |_| {
        let _ = black_box(equal_until_different(&secret(), b"12345678"));
    }),
    ("a table indexed by a secret nibble", |_| {
        let _ = black_box(hex_digit(secret()[0]));
    }),
    ("a truncation at a secret offset", |_| {
        let _ = black_box(truncated(&mac()));
    }),
    ("a number written with as many digits as it has", |_| {
        let _ = black_box(digits(truncated_whole(&mac())));
    }),
    ("a search that stops at the first match", |suite| {
        let key = key(suite);
        let typed = key.code(PURPOSE, factor(&suite, 1));
        let _ = black_box(stopping_search(&key, &typed.expect("the suite's factors")));
    }),
    (
        "a verdict that is used and was not declassified",
        undeclared,
    ),
];

/// Eight secret digits.
fn secret() -> [u8; 8] {
    let mut digits = black_box(*b"12345670");
    poison(&mut digits);
    digits
}

/// A secret MAC.
fn mac() -> [u8; 20] {
    let mut mac = black_box([0x5a; 20]);
    poison(&mut mac);
    mac
}

/// Whether two codes are equal, in a time that tells how much of them is.
#[inline(never)]
#[must_use]
pub fn equal_until_different(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    for (a, b) in a.iter().zip(b) {
        if black_box(*a) != *b {
            return false;
        }
    }
    true
}

#[inline(never)]
fn hex_digit(byte: u8) -> u8 {
    black_box(b"0123456789abcdef")[usize::from(byte & 0x0f)]
}

/// As RFC 4226 section 5.4 has it in Java.
#[inline(never)]
fn truncated(mac: &[u8]) -> u32 {
    let offset = usize::from(mac[mac.len() - 1] & 0x0f);
    let four = &mac[offset..offset + 4];
    u32::from_be_bytes(four.try_into().expect("four bytes")) & 0x7fff_ffff
}

fn truncated_whole(mac: &[u8; 20]) -> u32 {
    u32::from_be_bytes([mac[0], mac[1], mac[2], mac[3]]) & 0x7fff_ffff
}

#[inline(never)]
fn digits(number: u32) -> String {
    format!("{number:08}")
}

/// Which step of a window of nine has a code, in a time that tells which.
///
/// # Panics
/// Where the suite has no step.
#[inline(never)]
#[must_use]
pub fn stopping_search(key: &DeviceKey, typed: &Code) -> Option<Step> {
    use txotp_core::ConstantTimeEq as _;

    (-4..=4).find_map(|off| {
        let at: MovingFactor = factor(key.suite(), off);
        let code = key.code(PURPOSE, at).expect("the suite's factors");
        bool::from(code.ct_eq(typed)).then(|| at.get_step().unwrap_or_default())
    })
}

/// The search is txotp's own, and what is done with its answer is not.
fn undeclared(suite: TransactionSuite) {
    let key = key(suite);
    let typed = key.code(PURPOSE, factor(&suite, 0));
    let matches = key.search(
        PURPOSE,
        candidates(&suite, 1),
        &typed.expect("the suite's factors"),
    );
    if matches.expect("the suite's factors").is_empty() {
        black_box(Algorithm::Sha256);
    }
}
