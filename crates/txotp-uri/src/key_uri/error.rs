//! Why a Key URI is refused.

use core::fmt;

use crate::base32::SeedTextError;
use crate::form::Fault;

/// Why a Key URI is refused, and where. It carries no part of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUriError {
    kind: KeyUriErrorKind,
    offset: usize,
}

impl KeyUriError {
    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> KeyUriErrorKind {
        self.kind
    }

    /// A byte offset into the input, from 0 to its length, in the part at fault.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for KeyUriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, at byte {}", self.kind, self.offset)
    }
}

impl core::error::Error for KeyUriError {}

/// What is wrong with a Key URI. Where nothing else is said, its issuer is to correct it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyUriErrorKind {
    /// It is longer than the limit. The caller can raise that knowingly.
    TooLong,
    /// It does not begin with `otpauth://`: it is something else.
    WrongScheme,
    /// It is neither for `totp` nor for `hotp`.
    WrongType,
    /// It contains a `#`, which would cut it in a browser.
    Fragment,
    /// A `%` has no two hexadecimal digits behind it.
    BadPercent,
    /// A text is not UTF-8.
    BadUtf8,
    /// Issuer or account has a character that could deceive on a display.
    ForbiddenText,
    /// The account has no character.
    MissingAccount,
    /// The label has more than one colon or nothing before it, the issuer has one, or the account
    /// begins with a blank that reading would drop.
    BadLabel,
    /// The label names another issuer than the parameter.
    IssuerMismatch,
    /// There is no secret.
    MissingSecret,
    /// The secret is not Base32, or has bits left over that are not zero.
    BadSecret,
    /// The secret has fewer than 16 bytes.
    SecretTooShort,
    /// The secret has more than 64 bytes.
    SecretTooLong,
    /// The algorithm is none of `SHA1`, `SHA256` and `SHA512`.
    BadAlgorithm,
    /// This build leaves the algorithm out: enable the feature `sha1` or `sha512`.
    AlgorithmNotBuilt,
    /// The number of digits is not 6, 7 or 8.
    BadDigits,
    /// The period is not 1 to 120 seconds, or not spelled plainly.
    BadPeriod,
    /// A `hotp` URI has no counter.
    MissingCounter,
    /// The counter is not a decimal number of 64 bits, or not spelled plainly.
    BadCounter,
    /// A known parameter is there twice: neither the first nor the last wins.
    RepeatedParameter,
    /// The buffer that the caller lent is too small; one of the input's length never is.
    BufferTooSmall,
}

impl KeyUriErrorKind {
    pub(super) const fn at(self, offset: usize) -> KeyUriError {
        KeyUriError { kind: self, offset }
    }

    /// The stable name of the reason, by which logs and test vectors know it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooLong => "too-long",
            Self::WrongScheme => "wrong-scheme",
            Self::WrongType => "wrong-type",
            Self::Fragment => "fragment",
            Self::BadPercent => "bad-percent",
            Self::BadUtf8 => "bad-utf8",
            Self::ForbiddenText => "forbidden-text",
            Self::MissingAccount => "missing-account",
            Self::BadLabel => "bad-label",
            Self::IssuerMismatch => "issuer-mismatch",
            Self::MissingSecret => "missing-secret",
            Self::BadSecret => "bad-secret",
            Self::SecretTooShort => "secret-too-short",
            Self::SecretTooLong => "secret-too-long",
            Self::BadAlgorithm => "bad-algorithm",
            Self::AlgorithmNotBuilt => "algorithm-not-built",
            Self::BadDigits => "bad-digits",
            Self::BadPeriod => "bad-period",
            Self::MissingCounter => "missing-counter",
            Self::BadCounter => "bad-counter",
            Self::RepeatedParameter => "repeated-parameter",
            Self::BufferTooSmall => "buffer-too-small",
        }
    }
}

impl From<Fault> for KeyUriErrorKind {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Fragment => Self::Fragment,
            Fault::BadPercent => Self::BadPercent,
        }
    }
}

impl From<SeedTextError> for KeyUriErrorKind {
    fn from(error: SeedTextError) -> Self {
        match error {
            SeedTextError::NotBase32 => Self::BadSecret,
            SeedTextError::TooShort => Self::SecretTooShort,
            SeedTextError::TooLong => Self::SecretTooLong,
        }
    }
}

impl fmt::Display for KeyUriErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the key URI is longer than the limit",
            Self::WrongScheme => "the key URI does not begin with otpauth://",
            Self::WrongType => "the key URI's type is neither totp nor hotp",
            Self::Fragment => "the key URI has a fragment",
            Self::BadPercent => "a percent sign is not followed by two hexadecimal digits",
            Self::BadUtf8 => "a text is not UTF-8",
            Self::ForbiddenText => "a text contains a character that could deceive on a display",
            Self::MissingAccount => "the account is empty",
            Self::BadLabel => "the label is not an account, or an issuer, a colon and an account",
            Self::IssuerMismatch => "the label and the parameter name different issuers",
            Self::MissingSecret => "there is no secret",
            Self::BadSecret => "the secret is not Base32",
            Self::SecretTooShort => "the secret is shorter than 16 bytes",
            Self::SecretTooLong => "the secret is longer than 64 bytes",
            Self::BadAlgorithm => "the algorithm is none of SHA1, SHA256 and SHA512",
            Self::AlgorithmNotBuilt => "the algorithm is left out of this build",
            Self::BadDigits => "the number of digits is not 6, 7 or 8",
            Self::BadPeriod => "the period is not 1 to 120 seconds",
            Self::MissingCounter => "there is no counter",
            Self::BadCounter => "the counter is not a decimal number of 64 bits",
            Self::RepeatedParameter => "a parameter is there twice",
            Self::BufferTooSmall => "the buffer is too small for the key URI's text",
        })
    }
}

impl core::error::Error for KeyUriErrorKind {}
