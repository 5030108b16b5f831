//! The hash functions that a code can be computed with.

use core::fmt;

/// The hash function under the HMAC (RFC 6238 section 1.2, RFC 6287 section 6.1).
///
/// SHA-1 and SHA-512 exist with the features `sha1` and `sha512`; SHA-256, which the canonical
/// digest needs in any case, always does.
///
/// ```
/// use txotp_core::Algorithm;
///
/// assert_eq!(Algorithm::from_name("SHA256"), Ok(Algorithm::Sha256));
/// assert_eq!(Algorithm::Sha256.output_len(), 32);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Algorithm {
    /// SHA-1, 20 bytes. HMAC does not rest on the collision resistance that SHA-1 has lost.
    #[cfg(feature = "sha1")]
    Sha1,
    /// SHA-256, 32 bytes: the default.
    #[default]
    Sha256,
    /// SHA-512, 64 bytes.
    #[cfg(feature = "sha512")]
    Sha512,
}

impl Algorithm {
    /// Reads a name as OCRA suites and Key URIs spell it: `SHA1`, `SHA256` or `SHA512`, upper case
    /// only.
    ///
    /// # Errors
    /// [`UnknownAlgorithm`] tells a name that no standard knows from one that this build leaves out.
    pub fn from_name(name: &str) -> Result<Self, UnknownAlgorithm> {
        match name {
            #[cfg(feature = "sha1")]
            "SHA1" => Ok(Self::Sha1),
            "SHA256" => Ok(Self::Sha256),
            #[cfg(feature = "sha512")]
            "SHA512" => Ok(Self::Sha512),
            #[cfg(not(feature = "sha1"))]
            "SHA1" => Err(UnknownAlgorithm::NotBuilt),
            #[cfg(not(feature = "sha512"))]
            "SHA512" => Err(UnknownAlgorithm::NotBuilt),
            _ => Err(UnknownAlgorithm::NoSuchName),
        }
    }

    /// The name as OCRA suites and Key URIs spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            #[cfg(feature = "sha1")]
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            #[cfg(feature = "sha512")]
            Self::Sha512 => "SHA512",
        }
    }

    /// The length of the output in bytes, which is also the length of a new seed (RFC 6238
    /// section 5.1).
    #[must_use]
    pub const fn output_len(self) -> usize {
        match self {
            #[cfg(feature = "sha1")]
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            #[cfg(feature = "sha512")]
            Self::Sha512 => 64,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a name gives no [`Algorithm`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownAlgorithm {
    /// No standard that this crate follows has it: correct the name.
    NoSuchName,
    /// This build leaves it out: enable the feature `sha1` or `sha512`.
    NotBuilt,
}

impl fmt::Display for UnknownAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSuchName => "the hash function is none of SHA1, SHA256 and SHA512",
            Self::NotBuilt => "the hash function is left out of this build",
        })
    }
}

impl core::error::Error for UnknownAlgorithm {}
