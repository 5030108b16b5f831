//! The PIN of a suite that has one, as its hash.

use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::Algorithm;
use crate::limits::MAX_PIN_LEN;

/// The hash of a PIN, the `P` of an OCRA message (RFC 6287 section 5.1, erratum 3900).
///
/// A PIN has few digits, so its hash is as secret as the PIN: it is wiped and redacted like a seed.
///
/// ```
/// use txotp_core::{Algorithm, PinHash};
///
/// let pin = PinHash::of(Algorithm::Sha256, "1234")?;
/// assert_eq!(format!("{pin:?}"), "PinHash(redacted)");
/// # Ok::<(), txotp_core::PinError>(())
/// ```
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct PinHash {
    bytes: [u8; 64],
    #[zeroize(skip)]
    algorithm: Algorithm,
}

impl PinHash {
    /// Hashes a PIN of 1 to 128 bytes with the hash function that the suite names for it.
    ///
    /// # Errors
    /// [`PinError`] when the PIN is empty or too long.
    pub fn of(algorithm: Algorithm, pin: &str) -> Result<Self, PinError> {
        if pin.is_empty() {
            return Err(PinError::Empty);
        }
        if pin.len() > MAX_PIN_LEN {
            return Err(PinError::TooLong);
        }
        let mut hash = Self {
            bytes: [0; 64],
            algorithm,
        };
        let (room, _) = hash.bytes.split_at_mut(algorithm.output_len());
        match algorithm {
            #[cfg(feature = "sha1")]
            Algorithm::Sha1 => digest_into::<sha1::Sha1>(pin, room),
            Algorithm::Sha256 => digest_into::<sha2::Sha256>(pin, room),
            #[cfg(feature = "sha512")]
            Algorithm::Sha512 => digest_into::<sha2::Sha512>(pin, room),
        }
        Ok(hash)
    }

    /// Takes a PIN hash that was computed elsewhere.
    ///
    /// # Errors
    /// [`PinError::WrongLength`] when it is not of the hash function's output length.
    pub fn from_bytes(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, PinError> {
        if bytes.len() != algorithm.output_len() {
            return Err(PinError::WrongLength);
        }
        let mut hash = Self {
            bytes: [0; 64],
            algorithm,
        };
        for (to, from) in hash.bytes.iter_mut().zip(bytes) {
            *to = *from;
        }
        Ok(hash)
    }

    /// The place of a PIN hash where there is none.
    pub(crate) fn blank() -> Self {
        Self {
            bytes: [0; 64],
            algorithm: Algorithm::default(),
        }
    }

    /// The hash function that was used.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The bytes of the hash, for sealing. A short PIN is found from them by trying all.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        self.bytes
            .get(..self.algorithm.output_len())
            .unwrap_or_default()
    }
}

fn digest_into<D: sha2::Digest>(pin: &str, room: &mut [u8]) {
    let mut hash = D::digest(pin.as_bytes());
    for (to, from) in room.iter_mut().zip(hash.iter()) {
        *to = *from;
    }
    hash.as_mut_slice().zeroize();
}

impl fmt::Debug for PinHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinHash(redacted)")
    }
}

/// Why there is no [`PinHash`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PinError {
    /// The PIN has no character.
    Empty,
    /// The PIN has more than 128 bytes.
    TooLong,
    /// The hash is not of its function's output length.
    WrongLength,
}

impl fmt::Display for PinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the PIN is empty",
            Self::TooLong => "the PIN is longer than 128 bytes",
            Self::WrongLength => "the PIN hash is not of its hash function's length",
        })
    }
}

impl core::error::Error for PinError {}
