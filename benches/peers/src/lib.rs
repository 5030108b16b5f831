//! Measures candidates that do the same, in rounds that alternate between them, so that what else the machine does at
//! the moment concerns all of them. What is reported is ratios: nanoseconds are those of one machine on one day.

pub mod harness;
#[cfg(liboath)]
pub mod liboath;
pub mod totp;

use txotp_core::{DeviceKey, Seed, TransactionSuite, UnixTime};

/// The documented Authy transaction: 227 bytes, five details and one hidden detail.
pub const EXAMPLE: &str = "txotp://totp?message=Approve+money+transaction\
    &details[Amount]=1000+Euros&details[To]=John+Doe&details[Destination+Account]=29385\
    &details[Source+Account]=98381&details[Reason]=transfer+money\
    &hidden_details[Transaction+ID]=T2293";

/// The seed of the worked values.
pub const SEED: &[u8; 32] = b"12345678901234567890123456789012";

/// The first second of a time step.
pub const NOW: u64 = 1_700_000_010;

/// The same, for our own.
pub const TIME: UnixTime = UnixTime::from_seconds(NOW);

/// The seed, for our own.
///
/// # Panics
/// Never: 32 bytes are a seed.
#[must_use]
pub fn seed() -> Seed {
    Seed::from_bytes(SEED).expect("32 bytes are a seed")
}

/// The key of the default suite.
///
/// # Panics
/// Never: the default suite has no PIN.
#[must_use]
pub fn key() -> DeviceKey {
    DeviceKey::new(TransactionSuite::default(), &seed(), None).expect("the suite has no PIN")
}
