//! A device and its secrets, poisoned as soon as they exist.

use core::hint::black_box;

use txotp_core::{
    Algorithm, Candidates, Counter, DeviceKey, Digest, MovingFactor, PinHash, Purpose, Seed,
    TransactionSuite, UnixTime, Window,
};

use crate::memcheck::poison;

/// All hash functions, with a suite that has each.
pub const SUITES: [&str; 5] = [
    "OCRA-1:HOTP-SHA1-6:QH64-T30S",
    "OCRA-1:HOTP-SHA256-8:QH64-T30S",
    "OCRA-1:HOTP-SHA512-7:QH64-T1M",
    "OCRA-1:HOTP-SHA256-8:C-QH64",
    "OCRA-1:HOTP-SHA512-8:QH64-PSHA1-T30S",
];

/// The time of all checks.
pub const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

/// What is approved. A digest is no secret: who shows the payment knows it.
pub const PURPOSE: Purpose = Purpose::Transaction(Digest::from_bytes([7; 32]));

/// A suite of [`SUITES`].
///
/// # Panics
/// Where the text is no suite for transactions.
#[must_use]
pub fn suite(text: &str) -> TransactionSuite {
    TransactionSuite::parse(text).expect("a suite for transactions")
}

/// A seed of as many bytes as the hash gives, all of them secret.
///
/// # Panics
/// Never: every output is long enough for a seed.
#[must_use]
pub fn seed(algorithm: Algorithm) -> Seed {
    let mut bytes = black_box([0x5a; 64]);
    poison(&mut bytes);
    Seed::from_bytes(&bytes[..algorithm.output_len()]).expect("20, 32 or 64 bytes")
}

/// The hash of a PIN of four secret digits.
///
/// # Panics
/// Never: four digits are a PIN.
#[must_use]
pub fn pin(algorithm: Algorithm) -> PinHash {
    let mut text = black_box(String::from("2580"));
    poison(text.as_mut_str());
    PinHash::of(algorithm, &text).expect("four digits")
}

/// A device's key, of a secret seed and a secret PIN where the suite has one.
///
/// # Panics
/// Never: the PIN is the suite's.
#[must_use]
pub fn key(suite: TransactionSuite) -> DeviceKey {
    let pin = suite.ocra().pin().map(pin);
    DeviceKey::new(suite, &seed(suite.algorithm()), pin.as_ref()).expect("the PIN of the suite")
}

/// So many steps or counters off the present ones.
///
/// # Panics
/// Never: the suite has what it is asked for.
#[must_use]
pub fn factor(suite: &TransactionSuite, off: i64) -> MovingFactor {
    let counter = suite.has_counter().then(|| Counter::new(40));
    let here = suite
        .moving_factor(NOW, counter)
        .expect("the factors of the suite");
    match (here.get_step(), here.get_counter()) {
        (Some(step), _) => MovingFactor::step(step.offset_by(off)),
        (None, counter) => {
            let counter = counter.expect("a suite has a step or a counter").get();
            MovingFactor::counter(Counter::new(counter.saturating_add_signed(off)))
        }
    }
}

/// The candidates of a window of so many steps to either side, or of as many counters.
///
/// # Panics
/// Where there are more than 64.
#[must_use]
pub fn candidates(suite: &TransactionSuite, side: u8) -> Candidates {
    let window = Window::new(side, side).expect("at most 31 to a side");
    match factor(suite, 0).get_step() {
        Some(step) => Candidates::steps(window.around(step)),
        None => {
            let first = factor(suite, -i64::from(side)).get_counter();
            let counters = txotp_core::Counters::from(first.expect("a counter"), 2 * side);
            Candidates::counters(counters.expect("at most 64"))
        }
    }
}
