//! HMAC (RFC 2104) over the hash functions that are built in, and its truncation (RFC 4226
//! section 5.3).

use core::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{Algorithm, Seed};

/// An HMAC that has absorbed its key, and perhaps the beginning of a message.
///
/// A clone continues from where the original is. That is how the steps of a window share what they
/// have in common: both pads and the message up to the step are hashed once.
#[derive(Clone)]
pub(crate) enum Keyed {
    #[cfg(feature = "sha1")]
    Sha1(Hmac<sha1::Sha1>),
    Sha256(Hmac<sha2::Sha256>),
    #[cfg(feature = "sha512")]
    Sha512(Hmac<sha2::Sha512>),
}

impl Keyed {
    pub(crate) fn new(algorithm: Algorithm, seed: &Seed) -> Self {
        const ANY: &str = "RFC 2104 section 2: HMAC takes a key of any length";
        let key = seed.reveal();
        match algorithm {
            #[cfg(feature = "sha1")]
            Algorithm::Sha1 => Self::Sha1(Hmac::new_from_slice(key).expect(ANY)),
            Algorithm::Sha256 => Self::Sha256(Hmac::new_from_slice(key).expect(ANY)),
            #[cfg(feature = "sha512")]
            Algorithm::Sha512 => Self::Sha512(Hmac::new_from_slice(key).expect(ANY)),
        }
    }

    #[inline]
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            #[cfg(feature = "sha1")]
            Self::Sha1(mac) => mac.update(bytes),
            Self::Sha256(mac) => mac.update(bytes),
            #[cfg(feature = "sha512")]
            Self::Sha512(mac) => mac.update(bytes),
        }
    }

    #[inline]
    pub(crate) fn finish(self) -> Mac {
        match self {
            #[cfg(feature = "sha1")]
            Self::Sha1(mac) => Mac::take(mac.finalize().into_bytes().as_mut_slice()),
            Self::Sha256(mac) => Mac::take(mac.finalize().into_bytes().as_mut_slice()),
            #[cfg(feature = "sha512")]
            Self::Sha512(mac) => Mac::take(mac.finalize().into_bytes().as_mut_slice()),
        }
    }

    /// The MAC of the message so far and `tail`, leaving this state as it is.
    #[inline]
    pub(crate) fn finish_with(&self, tail: &[u8]) -> Mac {
        let mut mac = self.clone();
        mac.update(tail);
        mac.finish()
    }
}

/// The full output of an HMAC: 20, 32 or 64 bytes.
///
/// Codes are cut from it, so it is a secret: wiped, redacted, and revealed only by name. It is public
/// for auditors, who recompute every value, and for the OCRA suites whose response is the whole MAC
/// (RFC 6287 section 5.2, `t` = 0).
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Mac {
    bytes: [u8; 64],
    len: u8,
}

impl Mac {
    /// Moves the output of a hash here, wiping where it was.
    #[inline]
    fn take(output: &mut [u8]) -> Self {
        let mut mac = Self {
            bytes: [0; 64],
            len: output.len().to_le_bytes()[0],
        };
        for (to, from) in mac.bytes.iter_mut().zip(output.iter_mut()) {
            *to = *from;
        }
        output.zeroize();
        mac
    }

    /// The bytes of the MAC.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The offset of dynamic truncation: the low four bits of the *last* byte (RFC 4226 section 5.3
    /// and erratum 6756, which matters for all hashes but SHA-1).
    #[must_use]
    pub fn offset(&self) -> u8 {
        self.reveal().last().map_or(0, |last| last & 0x0f)
    }

    /// The 31 bits that a code is made of: four bytes from the offset, the top bit cleared (RFC 4226
    /// section 5.3).
    ///
    /// The offset is a secret, so memory is not indexed with it: all sixteen places are read, and all
    /// but one are masked.
    #[inline]
    #[must_use]
    pub fn truncated(&self) -> u32 {
        let offset = u32::from(self.offset());
        let mut value = 0;
        for (place, window) in (0u32..16).zip(self.bytes.windows(4)) {
            let word = window
                .iter()
                .fold(0, |word, byte| word << 8 | u32::from(*byte));
            // All ones where place and offset are equal, else zero, without a branch.
            let equal = ((place ^ offset).wrapping_sub(1) >> 31).wrapping_neg();
            value |= word & equal;
        }
        value & 0x7fff_ffff
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mac(redacted)")
    }
}
