//! Why JSON is no transaction, and where.

use core::fmt;

use txotp_core::{Section, TransactionError};

/// Why JSON is no transaction. It carries no part of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonError {
    kind: JsonErrorKind,
    place: Place,
}

impl JsonError {
    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> JsonErrorKind {
        self.kind
    }

    /// Where.
    #[must_use]
    pub const fn place(&self) -> Place {
        self.place
    }
}

/// Where in a transaction; pairs are counted from 1 in their section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// The JSON as a whole.
    Whole,
    /// The message.
    Message,
    /// A section as a whole.
    Section(Section),
    /// A pair.
    Pair(Section, u32),
    /// The key of a pair.
    Key(Section, u32),
    /// The value of a pair.
    Value(Section, u32),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |section| match section {
            Section::Details => "detail",
            Section::HiddenDetails => "hidden detail",
        };
        match *self {
            Self::Whole => f.write_str("it"),
            Self::Message => f.write_str("the message"),
            Self::Section(section) => write!(f, "the {}s", name(section)),
            Self::Pair(section, number) => write!(f, "{} {number}", name(section)),
            Self::Key(section, number) => write!(f, "the key of {} {number}", name(section)),
            Self::Value(section, number) => write!(f, "the value of {} {number}", name(section)),
        }
    }
}

/// What is wrong. In every case it is the sender's mistake, and the JSON is to be corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonErrorKind {
    /// It is no JSON (RFC 8259), or ends early, or something follows it.
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The byte in it, from 1; 0 at its beginning.
        column: usize,
    },
    /// A text or a key has one half of a character beyond the first 65536.
    HalfCharacter,
    /// What should be an object is none.
    NoObject,
    /// A name is none of message, details and hidden_details.
    UnknownName,
    /// An object has a key twice.
    RepeatedKey,
    /// There is no message.
    NoMessage,
    /// What should be a text or an integer is something else.
    NoText(Found),
    /// It can be read, and is no part of a transaction.
    Refused(TransactionError),
}

impl JsonErrorKind {
    pub(super) const fn at(self, place: Place) -> JsonError {
        JsonError { kind: self, place }
    }
}

/// What stands where a text or an integer should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// An object.
    Object,
    /// A list.
    List,
    /// True or false.
    Boolean,
    /// Null.
    Null,
    /// Minus zero, which is `0` for some readers and `-0` for others.
    MinusZero,
    /// A number with an exponent, which readers print in different ways.
    Exponent,
    /// A number with a fraction, which readers round in different ways.
    Fraction,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Object => "an object",
            Self::List => "a list",
            Self::Boolean => "true or false",
            Self::Null => "null",
            Self::MinusZero => "minus zero",
            Self::Exponent => "a number with an exponent",
            Self::Fraction => "a number with a fraction",
        })
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, place } = self;
        match kind {
            JsonErrorKind::Syntax { line, column } => {
                write!(f, "it is no JSON, at line {line}, column {column}")
            }
            JsonErrorKind::HalfCharacter => write!(f, "{place}: an escape is half a character"),
            JsonErrorKind::NoObject => write!(f, "{place}: there is no object"),
            JsonErrorKind::UnknownName => {
                f.write_str("a name is none of message, details, hidden_details")
            }
            JsonErrorKind::RepeatedKey => write!(f, "{place}: there is a key twice"),
            JsonErrorKind::NoMessage => f.write_str("there is no message"),
            JsonErrorKind::NoText(found) => {
                write!(f, "{place} is {found}, not a text or an integer")
            }
            JsonErrorKind::Refused(error) => write!(f, "{place} is refused: {error}"),
        }
    }
}

impl core::error::Error for JsonError {}
