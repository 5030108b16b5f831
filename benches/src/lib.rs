//! What the benchmarks share: the documented example, and the seed of the worked values.

/// The example of the project's README, which is tested here.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

use txotp_core::{DeviceKey, Seed, Transaction, TransactionSuite, UnixTime};
use txotp_uri::{Limit, read};

/// The documented Authy transaction: 227 bytes, five details and one hidden detail.
pub const EXAMPLE: &str = "txotp://totp?message=Approve+money+transaction\
    &details[Amount]=1000+Euros&details[To]=John+Doe&details[Destination+Account]=29385\
    &details[Source+Account]=98381&details[Reason]=transfer+money\
    &hidden_details[Transaction+ID]=T2293";

/// The time of the worked values.
pub const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

/// The seed of the worked values.
///
/// # Panics
/// Never: 32 bytes are a seed.
#[must_use]
pub fn seed() -> Seed {
    Seed::from_bytes(b"12345678901234567890123456789012").expect("32 bytes are a seed")
}

/// The key of a suite.
///
/// # Panics
/// Where the text is no suite for transactions, or one with a PIN.
#[must_use]
pub fn key(suite: &str) -> DeviceKey {
    let suite = TransactionSuite::parse(suite).expect("a suite for transactions");
    DeviceKey::new(suite, &seed(), None).expect("a suite without a PIN")
}

/// The example, read into a buffer.
///
/// # Panics
/// Where the buffer is shorter than the example.
pub fn example(buffer: &mut [u8]) -> Transaction<'_> {
    read(EXAMPLE.as_bytes(), Limit::DEFAULT, buffer).expect("the example is a txotp string")
}
