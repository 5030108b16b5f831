//! HMAC (RFC 2104) over the hash functions that are built in, and its truncation (RFC 4226
//! section 5.3).

use core::fmt;

use hmac::digest::block_api::EagerHash;
use hmac::digest::common::Key;
use hmac::{Hmac, KeyInit, Mac as _};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::limits::MAX_SEED_LEN;
use crate::{Algorithm, Code, CodeLength, Seed};

/// An HMAC that has absorbed its key, and perhaps the beginning of a message.
///
/// A clone continues from where the original is. That is how the steps of a window share what they
/// have in common: both pads and the message up to the step are hashed once.
///
/// Every variant is filled up with zeros. An enum is moved as a whole: what a variant leaves unused
/// would be what lay there on the stack, perhaps the state of another key, and would outlive this
/// value where it was moved to, since nothing wipes what is no field.
#[derive(Clone)]
#[expect(dead_code, reason = "zeros are there to be moved, not to be read")]
pub(crate) enum Keyed {
    #[cfg(feature = "sha1")]
    Sha1(Hmac<sha1::Sha1>, [u8; unused::<sha1::Sha1>()]),
    Sha256(Hmac<sha2::Sha256>, [u8; unused::<sha2::Sha256>()]),
    #[cfg(feature = "sha512")]
    Sha512(Hmac<sha2::Sha512>, [u8; unused::<sha2::Sha512>()]),
}

#[cfg(feature = "sha512")]
type Largest = Hmac<sha2::Sha512>;
#[cfg(not(feature = "sha512"))]
type Largest = Hmac<sha2::Sha256>;

/// The bytes that the variant of a hash would leave unused: those it is smaller by than the largest,
/// and those between the tag and the largest.
const fn unused<D: EagerHash>() -> usize {
    size_of::<Largest>()
        .saturating_sub(size_of::<Hmac<D>>())
        .saturating_add(align_of::<Largest>())
        .saturating_sub(1)
}

impl Keyed {
    pub(crate) fn new(algorithm: Algorithm, seed: &Seed) -> Self {
        match algorithm {
            #[cfg(feature = "sha1")]
            Algorithm::Sha1 => Self::Sha1(keyed(seed), [0; unused::<sha1::Sha1>()]),
            Algorithm::Sha256 => Self::Sha256(keyed(seed), [0; unused::<sha2::Sha256>()]),
            #[cfg(feature = "sha512")]
            Algorithm::Sha512 => Self::Sha512(keyed(seed), [0; unused::<sha2::Sha512>()]),
        }
    }

    #[inline]
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            #[cfg(feature = "sha1")]
            Self::Sha1(mac, _) => mac.update(bytes),
            Self::Sha256(mac, _) => mac.update(bytes),
            #[cfg(feature = "sha512")]
            Self::Sha512(mac, _) => mac.update(bytes),
        }
    }

    /// The MAC of the message so far and `tail`, leaving this state as it is.
    pub(crate) fn mac(&self, tail: &[u8]) -> Mac {
        self.finish(tail, Mac::of)
    }

    /// The code of the message so far and `tail`, leaving this state as it is.
    #[inline]
    pub(crate) fn code(&self, tail: &[u8], length: CodeLength) -> Code {
        Code::cut(self.truncated(tail), length)
    }

    /// The truncated MAC of the message so far and `tail`, leaving this state as it is.
    #[inline]
    pub(crate) fn truncated(&self, tail: &[u8]) -> u32 {
        self.finish(tail, truncated)
    }

    #[inline]
    fn finish<T>(&self, tail: &[u8], read: impl FnOnce(&[u8]) -> T) -> T {
        match self {
            #[cfg(feature = "sha1")]
            Self::Sha1(mac, _) => finish(mac.clone(), tail, read),
            Self::Sha256(mac, _) => finish(mac.clone(), tail, read),
            #[cfg(feature = "sha512")]
            Self::Sha512(mac, _) => finish(mac.clone(), tail, read),
        }
    }
}

/// No seed is longer than a block of the smallest block size, that of SHA-1 and SHA-256.
const _: () = assert!(MAX_SEED_LEN <= 64);

/// An HMAC that has absorbed a seed, filled up with zeros to a block as HMAC itself would (RFC 2104
/// section 2): a key of that length cannot be refused.
fn keyed<M: KeyInit>(seed: &Seed) -> M {
    let mut key = Key::<M>::default();
    for (to, from) in key.iter_mut().zip(seed.reveal()) {
        *to = *from;
    }
    let mac = M::new(&key);
    key.as_mut_slice().zeroize();
    mac
}

/// Finishes an HMAC, lets its output be read, and wipes it.
#[inline]
fn finish<M: hmac::Mac, T>(mut mac: M, tail: &[u8], read: impl FnOnce(&[u8]) -> T) -> T {
    mac.update(tail);
    let mut output = mac.finalize().into_bytes();
    let result = read(&output);
    output.as_mut_slice().zeroize();
    result
}

/// The 31 bits that a code is made of: four bytes from the offset that the low four bits of the last
/// byte give, the top bit cleared (RFC 4226 section 5.3 and erratum 6756: the *last* byte, which for
/// all hashes but SHA-1 is not byte 19).
///
/// The offset is a secret, so memory is not indexed with it: all sixteen places are read, and all but
/// one are masked.
#[inline]
fn truncated(mac: &[u8]) -> u32 {
    let offset = offset(mac);
    // Byte k of the result is the k-th after one of the places 0 to 15.
    let byte = |k: usize| {
        let places = (0u8..16).zip(mac.get(k..).unwrap_or_default());
        places.fold(0, |found, (place, byte)| {
            found | (byte & mask(place, offset))
        })
    };
    u32::from_be_bytes([byte(0), byte(1), byte(2), byte(3)]) & 0x7fff_ffff
}

/// All ones where two numbers below 128 are equal, else zero, without a branch.
#[inline]
fn mask(a: u8, b: u8) -> u8 {
    ((a ^ b).wrapping_sub(1) >> 7).wrapping_neg()
}

#[inline]
fn offset(mac: &[u8]) -> u8 {
    mac.last().map_or(0, |last| last & 0x0f)
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
    /// Takes a MAC that was computed elsewhere, such as in a hardware security module: 20, 32 or 64
    /// bytes, else nothing.
    ///
    /// ```
    /// use txotp_core::Mac;
    ///
    /// // RFC 4226 section 5.4.
    /// let mac = [
    ///     0x1f, 0x86, 0x98, 0x69, 0x0e, 0x02, 0xca, 0x16, 0x61, 0x85, 0x50, 0xef, 0x7f, 0x19, 0xda,
    ///     0x8e, 0x94, 0x5b, 0x55, 0x5a,
    /// ];
    /// assert_eq!(Mac::from_bytes(&mac).map(|mac| mac.truncated()), Some(0x50ef_7f19));
    /// ```
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        matches!(bytes.len(), 20 | 32 | 64).then(|| Self::of(bytes))
    }

    fn of(output: &[u8]) -> Self {
        let mut mac = Self {
            bytes: [0; 64],
            len: output.len().to_le_bytes()[0],
        };
        for (to, from) in mac.bytes.iter_mut().zip(output) {
            *to = *from;
        }
        mac
    }

    /// The bytes of the MAC.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The offset of dynamic truncation, 0 to 15.
    #[must_use]
    pub fn offset(&self) -> u8 {
        offset(self.reveal())
    }

    /// The 31 bits that a code is made of (RFC 4226 section 5.3).
    #[must_use]
    pub fn truncated(&self) -> u32 {
        truncated(self.reveal())
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mac(redacted)")
    }
}
