use std::{error::Error, fmt};

use crate::Level;

/// Why a text was not drawn. Carries lengths only, never the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// The text is empty. The caller's fault: no reader reports an empty symbol.
    Empty,
    /// The text is longer than the limit. The payment's text has to be shorter; see [`Options::limit`](crate::Options::limit) before raising it.
    TooLong {
        /// Bytes of the text.
        length: usize,
        /// The limit in force, in bytes.
        limit: usize,
    },
    /// Within the limit, but not even version 40 holds the text at this level. A lower level holds more.
    DoesNotFit {
        /// Bytes of the text.
        length: usize,
        /// The level asked for.
        level: Level,
    },
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the text is empty"),
            Self::TooLong { length, limit } => {
                write!(f, "the text has {length} bytes, the limit is {limit}")
            }
            Self::DoesNotFit { length, level } => {
                write!(
                    f,
                    "the text has {length} bytes, too many for a symbol at level {level:?}"
                )
            }
        }
    }
}

impl Error for EncodeError {}
