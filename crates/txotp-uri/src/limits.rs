//! How long a string may be. Over a limit is an error, never a cut.

/// The limit on a string where the caller raises none, in bytes: what Authy's documentation allows.
pub const DEFAULT_STRING_LEN: usize = 600;

/// The length up to which a string is advisable, in bytes: longer ones make QR symbols that phones
/// read badly.
pub const ADVISED_STRING_LEN: usize = 300;

/// The limit that a caller can raise to, in bytes: what the largest QR symbol (version 40, level L)
/// holds in byte mode.
pub const MAX_STRING_LEN: usize = 2953;

const _: () = assert!(ADVISED_STRING_LEN <= DEFAULT_STRING_LEN);
const _: () = assert!(DEFAULT_STRING_LEN <= MAX_STRING_LEN);
// Decoding never lengthens, so no text of a string can be longer than a text may be.
const _: () = assert!(MAX_STRING_LEN <= txotp_core::limits::MAX_TEXT_LEN);

/// The length in bytes that a string may have: 1 to 2953, 600 where the caller has no reason for
/// another.
///
/// ```
/// use txotp_uri::Limit;
///
/// assert_eq!(Limit::default().get(), 600);
/// assert_eq!(Limit::new(2953).map(Limit::get), Some(2953));
/// assert!(Limit::new(0).is_none() && Limit::new(2954).is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Limit(usize);

impl Limit {
    /// 600 bytes.
    pub const DEFAULT: Self = Self(DEFAULT_STRING_LEN);

    /// 2953 bytes.
    pub const MAX: Self = Self(MAX_STRING_LEN);

    /// The limit of a length, where that is 1 to 2953.
    #[must_use]
    pub const fn new(len: usize) -> Option<Self> {
        match len {
            1..=MAX_STRING_LEN => Some(Self(len)),
            _ => None,
        }
    }

    /// The length in bytes.
    #[must_use]
    pub const fn get(self) -> usize {
        self.0
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self::DEFAULT
    }
}
