use std::fmt;

use crate::ADVISED_STRING_LEN;

/// What to tell whoever shows a symbol. Advice is no error: the symbol is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Advice {
    /// The text is longer than [`ADVISED_STRING_LEN`]. Show the symbol large and offer the text in another way too.
    MayNotScan {
        /// Bytes of the text.
        length: usize,
        /// The version of the symbol.
        version: u8,
    },
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MayNotScan { length, version } => write!(
                f,
                "may not scan on every phone: {length} bytes make a symbol of version {version}; \
                 up to {ADVISED_STRING_LEN} bytes are advised"
            ),
        }
    }
}
