//! What keeps the service from an answer. A refusal is a value; a fault means "not decided, refuse".

use core::fmt;

use txotp_store::StoreError;

/// Why there is no answer. It carries no part of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The store gave none.
    Store(StoreError),
    /// The operating system gave no entropy.
    Entropy,
    /// The clock stands before 1970.
    Clock,
    /// A record holds what this release does not understand: written by a newer one, or damaged.
    Record,
    /// Others changed the same record each time that it was tried. Retry.
    Contended,
}

impl Fault {
    /// Whether the same request can succeed later without anybody's help.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Store(error) => error.is_transient(),
            Self::Contended => true,
            Self::Entropy | Self::Clock | Self::Record => false,
        }
    }

    /// The stable name, for logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Store(error) => error.name(),
            Self::Entropy => "no-entropy",
            Self::Clock => "bad-clock",
            Self::Record => "bad-record",
            Self::Contended => "contended",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Store(error) => return error.fmt(f),
            Self::Entropy => "the operating system gave no entropy",
            Self::Clock => "the clock stands before 1970",
            Self::Record => "a record is not understood",
            Self::Contended => "others changed the same record each time",
        })
    }
}

impl core::error::Error for Fault {}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
