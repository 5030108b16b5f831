//! What can be wrong with the text of a suite.

use core::fmt;

/// Why a text is no [`Suite`](super::Suite).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SuiteError {
    pub(crate) kind: SuiteErrorKind,
    pub(crate) position: usize,
}

impl SuiteError {
    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> SuiteErrorKind {
        self.kind
    }

    /// Where the wrong part begins, as a byte offset.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }
}

/// What is wrong with a suite. In every case the text is to be corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SuiteErrorKind {
    /// It does not begin with `OCRA-1:`.
    Version,
    /// The function is not `HOTP-`.
    Function,
    /// A hash function is none of `SHA1`, `SHA256`, `SHA512`.
    Algorithm,
    /// A hash function is left out of this build.
    AlgorithmNotBuilt,
    /// The number of digits is not 0 or 4 to 10.
    Length,
    /// The challenge is not `QA`, `QN` or `QH` with two digits from 04 to 64.
    Challenge,
    /// The session length is not three digits from 001 to 512.
    Session,
    /// The time step is not 1 to 59 `S` or `M`, or 1 to 48 `H`.
    Time,
    /// Something follows the suite, or its parts are out of order.
    Trailing,
    /// A transaction suite has the challenge `QH64`, the whole digest.
    NotTheDigest,
    /// A transaction suite has 6, 7 or 8 digits.
    NotTransactionDigits,
    /// A transaction suite has a period of at most two minutes.
    PeriodTooLong,
    /// A transaction suite has no session data.
    SessionInSignature,
    /// A transaction suite has a counter or a time step: without, its codes could be replayed
    /// (RFC 6287 section 8.2, IC9).
    NoMovingFactor,
}

impl fmt::Display for SuiteErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Version => "the suite does not begin with `OCRA-1:`",
            Self::Function => "the suite's function is not HOTP",
            Self::Algorithm => "the suite's hash function is none of SHA1, SHA256 and SHA512",
            Self::AlgorithmNotBuilt => "the suite's hash function is left out of this build",
            Self::Length => "the suite's number of digits is not 0 or 4 to 10",
            Self::Challenge => "the suite's challenge is not QA, QN or QH with 04 to 64",
            Self::Session => "the suite's session length is not three digits from 001 to 512",
            Self::Time => "the suite's time step is not 1-59 S, 1-59 M or 1-48 H",
            Self::Trailing => "the suite goes on after its end, or its parts are out of order",
            Self::NotTheDigest => "a transaction suite has the challenge QH64",
            Self::NotTransactionDigits => "a transaction suite has 6, 7 or 8 digits",
            Self::PeriodTooLong => "a transaction suite has a period of at most two minutes",
            Self::SessionInSignature => "a transaction suite has no session data",
            Self::NoMovingFactor => "a transaction suite has a counter or a time step",
        })
    }
}

impl fmt::Display for SuiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, at byte {}", self.kind, self.position)
    }
}

impl core::error::Error for SuiteError {}
