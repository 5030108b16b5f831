//! Seeds as Base32 (RFC 4648 section 6), the form that Key URIs carry and people type.
//!
//! Neither time nor memory access depends on the characters, only on how many there are, whether all of them are of
//! the alphabet, and how many `=` end them.

use core::fmt;

use base32ct::{Base32UpperUnpadded, Encoding as _};
use txotp_core::limits::MAX_SEED_LEN;
use txotp_core::{ConstantTimeEq as _, Seed, SeedError};
use zeroize::Zeroizing;

/// The length of the longest seed in Base32, unpadded: 103 characters for 64 bytes.
pub const MAX_LEN: usize = MAX_SEED_LEN.saturating_mul(8).div_ceil(5);

/// Reads a seed of 16 to 64 bytes: letters in either case, and any number of `=` at the end, which
/// the Key URI format does not want and some issuers write. Nothing else is skipped.
///
/// ```
/// use txotp_uri::base32;
///
/// let seed = base32::decode("gezdgnbvgy3tqojqgezdgnbvgy3tqojq")?;
/// assert_eq!(seed.reveal(), b"12345678901234567890");
/// # Ok::<(), base32::SeedTextError>(())
/// ```
///
/// # Errors
/// [`SeedTextError`]: it is not Base32, has bits left over that are not zero, or is too short or too
/// long for a seed.
pub fn decode(text: &str) -> Result<Seed, SeedTextError> {
    let typed = text.trim_end_matches('=').as_bytes();
    let mut letters = Zeroizing::new([0u8; MAX_LEN]);
    let letters = letters
        .get_mut(..typed.len())
        .ok_or(SeedTextError::TooLong)?;
    for (to, from) in letters.iter_mut().zip(typed) {
        *to = from.to_ascii_uppercase();
    }
    let mut bytes = Zeroizing::new([0u8; MAX_SEED_LEN]);
    let bytes = Base32UpperUnpadded::decode(&*letters, bytes.as_mut_slice())
        .map_err(|_| SeedTextError::NotBase32)?;
    // What is spelled in another way has bits left over, which two readers could take differently.
    let mut respelled = Zeroizing::new([0u8; MAX_LEN]);
    let respelled = spell(bytes, &mut respelled);
    if !bool::from(respelled.as_bytes().ct_eq(letters)) {
        return Err(SeedTextError::NotBase32);
    }
    Seed::from_bytes(bytes).map_err(|error| match error {
        SeedError::TooShort => SeedTextError::TooShort,
        _ => SeedTextError::TooLong,
    })
}

/// Writes a seed in upper case and without padding. The text is as secret as the seed: the caller
/// wipes the buffer.
///
/// ```
/// use txotp_uri::base32;
///
/// let mut buffer = [0; base32::MAX_LEN];
/// let seed = txotp_core::Seed::from_bytes(b"12345678901234567890")?;
/// assert_eq!(base32::encode(&seed, &mut buffer), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
/// # Ok::<(), txotp_core::SeedError>(())
/// ```
pub fn encode<'b>(seed: &Seed, buffer: &'b mut [u8; MAX_LEN]) -> &'b str {
    spell(seed.reveal(), buffer)
}

fn spell<'b>(bytes: &[u8], buffer: &'b mut [u8; MAX_LEN]) -> &'b str {
    Base32UpperUnpadded::encode(bytes, buffer).expect("103 characters hold 64 bytes")
}

/// Why a text is no seed. It says nothing about the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SeedTextError {
    /// A character is not of the alphabet, there is a number of them that no bytes have, or bits left
    /// over are not zero: it was mistyped, or cut. Type it again.
    NotBase32,
    /// Fewer than 16 bytes, which RFC 4226 R6 forbids: the issuer is to make a new seed.
    TooShort,
    /// More than 64 bytes: it is probably not a seed.
    TooLong,
}

impl fmt::Display for SeedTextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotBase32 => "the seed is not Base32",
            Self::TooShort => "the seed is shorter than 16 bytes",
            Self::TooLong => "the seed is longer than 64 bytes",
        })
    }
}

impl core::error::Error for SeedTextError {}
