//! OCRA, the OATH challenge-response algorithm (RFC 6287), whole.
//!
//! A [`Suite`] says what goes into a message, an [`Input`] holds it, a [`Key`] turns it into a code:
//!
//! ```
//! use txotp_core::ocra::{Challenge, Input, Key, Suite};
//! use txotp_core::Seed;
//!
//! // RFC 6287 appendix C.1.
//! # #[cfg(feature = "sha1")] {
//! let suite = Suite::parse("OCRA-1:HOTP-SHA1-6:QN08")?;
//! let key = Key::new(suite, &Seed::from_bytes(b"12345678901234567890")?);
//! let challenge = Challenge::parse(suite.challenge(), "11111111")?;
//! assert_eq!(key.code(&Input::new(&challenge))?.reveal(), "243178");
//! # }
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! In the mutual modes (RFC 6287 sections 7.2 and 7.3.2) each side computes over both challenges, the
//! other party's first: the server over [`Challenge::mutual`] of the client's and its own, the client
//! over the server's and its own. [`Suite::serves`] checks that a suite has what a mode allows.
//!
//! Challenges are padded on the right, so challenges of different lengths can collide: with `QN08`
//! the amounts 100 and 1600 have one code. A transaction is therefore never bound by its text, but by
//! its [`Digest`](crate::Digest), as `QH64` with exactly 64 nibbles.

mod challenge;
mod message;
mod suite;

pub use challenge::{Challenge, ChallengeError, ChallengeErrorKind};
pub use message::{Input, InputError, Key};
pub(crate) use message::{prefix, truncated};
pub(crate) use suite::Parts;
pub use suite::{
    ChallengeFormat, ChallengeKind, Mode, Response, Spelling, Suite, SuiteError, SuiteErrorKind,
    TimeStep, Unit,
};
