//! The seed: the one long-lived secret of a device.

use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::Algorithm;
use crate::limits::{MAX_SEED_LEN, MIN_SEED_LEN};

/// The key that a device and its verifier share: 16 to 64 bytes (RFC 4226 section 4, R6).
///
/// It is wiped when dropped, shows nothing in `Debug`, cannot be compared or copied, and leaves by
/// one door, [`Seed::reveal`].
///
/// ```
/// use txotp_core::Seed;
///
/// let seed = Seed::from_bytes(b"12345678901234567890123456789012")?;
/// assert_eq!(format!("{seed:?}"), "Seed(redacted)");
/// # Ok::<(), txotp_core::SeedError>(())
/// ```
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Seed {
    bytes: [u8; MAX_SEED_LEN],
    len: u8,
}

impl Seed {
    /// Copies a seed. The caller's copy stays the caller's to wipe.
    ///
    /// # Errors
    /// [`SeedError`] when there are fewer than 16 or more than 64 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SeedError> {
        if bytes.len() < MIN_SEED_LEN {
            return Err(SeedError::TooShort);
        }
        let mut seed = Self {
            bytes: [0; MAX_SEED_LEN],
            len: 0,
        };
        let room = seed
            .bytes
            .get_mut(..bytes.len())
            .ok_or(SeedError::TooLong)?;
        for (to, from) in room.iter_mut().zip(bytes) {
            *to = *from;
        }
        seed.len = u8::try_from(bytes.len()).map_err(|_| SeedError::TooLong)?;
        Ok(seed)
    }

    /// Makes a new seed of the length of the hash output (RFC 6238 section 5.1), from a source of
    /// entropy that the caller lends: the operating system's, or a chip's.
    ///
    /// ```
    /// use txotp_core::{Algorithm, Seed};
    ///
    /// // `fill` stands for a CSPRNG, such as `getrandom::fill`.
    /// # fn fill(bytes: &mut [u8]) -> Result<(), std::io::Error> { bytes.fill(7); Ok(()) }
    /// let seed = Seed::generate(Algorithm::Sha256, fill)?;
    /// assert_eq!(seed.reveal().len(), 32);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// The entropy source's own error, unchanged; no seed exists then.
    pub fn generate<E>(
        algorithm: Algorithm,
        fill: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut seed = Self {
            bytes: [0; MAX_SEED_LEN],
            len: 0,
        };
        let (room, _) = seed.bytes.split_at_mut(algorithm.output_len());
        fill(room)?;
        // The longest output is 64 bytes, so the length always fits.
        seed.len = algorithm.output_len().to_le_bytes()[0];
        Ok(seed)
    }

    /// The bytes of the seed, for enrolment and sealing. Whoever holds them can compute every code
    /// of the device, so they belong in no log, no error and no argument list.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(redacted)")
    }
}

/// Why bytes are no [`Seed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SeedError {
    /// Fewer than 16 bytes, which RFC 4226 R6 forbids: make a new seed.
    TooShort,
    /// More than 64 bytes, longer than any hash output: it is probably not a seed.
    TooLong,
}

impl fmt::Display for SeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooShort => "the seed is shorter than 16 bytes",
            Self::TooLong => "the seed is longer than 64 bytes",
        })
    }
}

impl core::error::Error for SeedError {}
