//! The worked example of the specification, as the images run it.

use txotp_core::{DeviceKey, Seed, TransactionSuite, UnixTime};

/// What a scanner hands over.
pub const STRING: &[u8] = b"txotp://totp?message=Approve+money+transaction\
    &details[Amount]=1000+Euros&details[To]=John+Doe&details[Destination+Account]=29385\
    &details[Source+Account]=98381&details[Reason]=transfer+money\
    &hidden_details[Transaction+ID]=T2293";

/// The seed of RFC 6238 appendix B for SHA-256. That of a product is its own, and is sealed.
pub const SEED: &[u8] = b"12345678901234567890123456789012";

/// 2023-11-14T22:13:20Z.
pub const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

/// The device's key under its suite. None of the suites here has a PIN, and the seed has 32 bytes, so
/// there always is one.
#[must_use]
pub fn key(suite: TransactionSuite) -> Option<DeviceKey> {
    let seed = Seed::from_bytes(core::hint::black_box(SEED)).ok()?;
    DeviceKey::new(suite, &seed, None).ok()
}
