//! Why a string is refused.

use core::fmt;

use crate::form::Fault;

/// Why a string is refused, and at which byte. It carries no part of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadError {
    kind: ReadErrorKind,
    offset: usize,
}

impl ReadError {
    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> ReadErrorKind {
        self.kind
    }

    /// Where, as a byte offset into the input, from 0 to its length.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, at byte {}", self.kind, self.offset)
    }
}

impl core::error::Error for ReadError {}

/// What is wrong with a string. Where nothing else is said, its sender is to correct it: no retry
/// makes it right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReadErrorKind {
    /// It is longer than the limit. The caller can raise that knowingly.
    TooLong,
    /// It does not begin with `txotp://`: it is something else.
    WrongScheme,
    /// What follows the scheme is not `totp`.
    WrongType,
    /// It contains a `#`, which would cut it in a browser.
    Fragment,
    /// A `%` has no two hexadecimal digits behind it.
    BadPercent,
    /// There is nothing between two `&`, or before or behind one.
    EmptyParameter,
    /// A name or value is not UTF-8.
    BadUtf8,
    /// A parameter is none of `message`, `details[…]` and `hidden_details[…]`.
    UnknownParameter,
    /// A name has a bracket where none belongs, or lacks one.
    MalformedBracket,
    /// A key has no character.
    EmptyKey,
    /// A key is followed by another, as in `details[a][b]`.
    NestedBracket,
    /// A key contains `[` or `]`, escaped or not.
    BracketInKey,
    /// The message has no character.
    EmptyMessage,
    /// A value has no character.
    EmptyValue,
    /// A text has a character that could deceive on a display.
    ForbiddenText,
    /// There are two different messages.
    ConflictingMessage,
    /// A key has two different values.
    ConflictingPair,
    /// There are more than 32 pairs.
    TooManyPairs,
    /// There is no message.
    MissingMessage,
    /// The buffer that the caller lent is too small; one of the input's length never is.
    BufferTooSmall,
}

impl ReadErrorKind {
    pub(super) const fn at(self, offset: usize) -> ReadError {
        ReadError { kind: self, offset }
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
            Self::EmptyParameter => "empty-parameter",
            Self::BadUtf8 => "bad-utf8",
            Self::UnknownParameter => "unknown-parameter",
            Self::MalformedBracket => "malformed-bracket",
            Self::EmptyKey => "empty-key",
            Self::NestedBracket => "nested-bracket",
            Self::BracketInKey => "bracket-in-key",
            Self::EmptyMessage => "empty-message",
            Self::EmptyValue => "empty-value",
            Self::ForbiddenText => "forbidden-text",
            Self::ConflictingMessage => "conflicting-message",
            Self::ConflictingPair => "conflicting-pair",
            Self::TooManyPairs => "too-many-pairs",
            Self::MissingMessage => "missing-message",
            Self::BufferTooSmall => "buffer-too-small",
        }
    }
}

impl From<Fault> for ReadErrorKind {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Fragment => Self::Fragment,
            Fault::BadPercent => Self::BadPercent,
        }
    }
}

impl fmt::Display for ReadErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the string is longer than the limit",
            Self::WrongScheme => "the string does not begin with txotp://",
            Self::WrongType => "the string's type is not totp",
            Self::Fragment => "the string has a fragment",
            Self::BadPercent => "a percent sign is not followed by two hexadecimal digits",
            Self::EmptyParameter => "a parameter is empty",
            Self::BadUtf8 => "a text is not UTF-8",
            Self::UnknownParameter => "a parameter is unknown",
            Self::MalformedBracket => "a parameter's name has its brackets wrong",
            Self::EmptyKey => "a key is empty",
            Self::NestedBracket => "a key is nested",
            Self::BracketInKey => "a key contains a bracket",
            Self::EmptyMessage => "the message is empty",
            Self::EmptyValue => "a value is empty",
            Self::ForbiddenText => "a text contains a character that could deceive on a display",
            Self::ConflictingMessage => "there are two different messages",
            Self::ConflictingPair => "a key has two different values",
            Self::TooManyPairs => "there are more than 32 pairs",
            Self::MissingMessage => "there is no message",
            Self::BufferTooSmall => "the buffer is too small for the string's text",
        })
    }
}
