//! The suite: which functions and inputs an OCRA code is made of (RFC 6287 section 6).

mod error;
mod parser;
mod spelling;

use core::fmt;
use core::str::FromStr;

pub use error::{SuiteError, SuiteErrorKind};
pub use spelling::Spelling;

use crate::{Algorithm, CodeLength, Period};

/// An OCRA suite.
///
/// ```text
/// suite     = "OCRA-1:HOTP-" hash "-" length ":" [ "C-" ] "Q" ( "A" / "N" / "H" ) 04..64
///             [ "-P" hash ] [ "-S" 001..512 ] [ "-T" ( 1..59 ( "S" / "M" ) / 1..48 "H" ) ]
/// hash      = "SHA1" / "SHA256" / "SHA512"
/// length    = 0 / 4..10
/// ```
///
/// A suite has exactly one spelling, since the HMAC covers it byte for byte: `Q8` for `Q08`, `T01M`
/// for `T1M`, or lower case would each be another code, and are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Suite {
    parts: Parts,
    spelling: Spelling,
}

/// What a spelling says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Parts {
    pub(crate) algorithm: Algorithm,
    pub(crate) response: Response,
    pub(crate) counter: bool,
    pub(crate) challenge: ChallengeFormat,
    pub(crate) pin: Option<Algorithm>,
    pub(crate) session: Option<u16>,
    pub(crate) time: Option<TimeStep>,
}

/// What a suite answers with (RFC 6287 section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Response {
    /// The whole MAC, `t` = 0.
    Mac,
    /// Decimal digits.
    Code(CodeLength),
}

/// The form of a challenge (RFC 6287 section 6.3, `QFxx`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChallengeFormat {
    /// Its characters.
    pub kind: ChallengeKind,
    /// Its greatest length in characters: 4 to 64 in every parsed suite.
    pub max_len: u8,
}

/// The characters of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChallengeKind {
    /// `A`: printable ASCII.
    Alphanumeric,
    /// `N`: a decimal number.
    Numeric,
    /// `H`: hexadecimal digits.
    Hexadecimal,
}

/// The time step of a suite, as it is spelled: `T30S` and `T1M` are not `T60S`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeStep {
    count: u8,
    unit: Unit,
}

/// The unit of a [`TimeStep`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// `S`, 1 to 59 of them.
    Seconds,
    /// `M`, 1 to 59 of them.
    Minutes,
    /// `H`, 1 to 48 of them (erratum 3729).
    Hours,
}

impl TimeStep {
    /// A time step, where the count is within its unit's range.
    #[must_use]
    pub const fn new(count: u8, unit: Unit) -> Option<Self> {
        let most = match unit {
            Unit::Seconds | Unit::Minutes => 59,
            Unit::Hours => 48,
        };
        if count >= 1 && count <= most {
            Some(Self { count, unit })
        } else {
            None
        }
    }

    /// The spelling of a period, where OCRA has one: 1 to 59 seconds, and whole minutes.
    #[must_use]
    pub fn of_period(period: Period) -> Option<Self> {
        let seconds = period.seconds();
        match (u8::try_from(seconds), seconds.checked_rem(60)?) {
            (Ok(count @ 1..=59), _) => Self::new(count, Unit::Seconds),
            (_, 0) => Self::new(u8::try_from(seconds.checked_div(60)?).ok()?, Unit::Minutes),
            _ => None,
        }
    }

    /// The length of the step.
    #[must_use]
    pub fn period(self) -> Period {
        let unit = match self.unit {
            Unit::Seconds => 1,
            Unit::Minutes => 60,
            Unit::Hours => 3600,
        };
        // 1 second to 48 hours by construction, so the default is never taken.
        Period::of_ocra(u32::from(self.count).saturating_mul(unit)).unwrap_or_default()
    }
}

/// The modes of RFC 6287 section 7, and the side that computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// 7.1: the client answers the server's challenge.
    OneWay,
    /// 7.2: the server answers the client's challenge, before the client answers.
    MutualServer,
    /// 7.2: the client answers the server's challenge, having checked the server's answer.
    MutualClient,
    /// 7.3.1: the client signs the challenge.
    Signature,
    /// 7.3.2: the server answers the client's challenge, before the client signs.
    SignatureServer,
    /// 7.3.2: the client signs, having checked the server's answer.
    SignatureClient,
}

impl Suite {
    /// Reads the one spelling of a suite.
    ///
    /// # Errors
    /// [`SuiteError`]: which part is wrong, and where it begins.
    pub fn parse(text: &str) -> Result<Self, SuiteError> {
        parser::parse(text).map(Self::of_parts)
    }

    /// The hash function of the HMAC.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.parts.algorithm
    }

    /// What it answers with.
    #[must_use]
    pub const fn response(&self) -> Response {
        self.parts.response
    }

    /// Whether its messages hold a counter.
    #[must_use]
    pub const fn has_counter(&self) -> bool {
        self.parts.counter
    }

    /// The form of its challenges.
    #[must_use]
    pub const fn challenge(&self) -> ChallengeFormat {
        self.parts.challenge
    }

    /// The hash function of the PIN, where its messages hold one.
    #[must_use]
    pub const fn pin(&self) -> Option<Algorithm> {
        self.parts.pin
    }

    /// The length of the session data in bytes, where its messages hold some.
    #[must_use]
    pub const fn session(&self) -> Option<u16> {
        self.parts.session
    }

    /// The time step, where its messages hold one.
    #[must_use]
    pub const fn time(&self) -> Option<TimeStep> {
        self.parts.time
    }

    /// Whether RFC 6287 section 7 allows this suite in a mode: a server's answer holds no PIN, a
    /// signature no session data.
    #[must_use]
    pub const fn serves(&self, mode: Mode) -> bool {
        match mode {
            Mode::OneWay | Mode::MutualClient => true,
            Mode::MutualServer => self.parts.pin.is_none(),
            Mode::Signature | Mode::SignatureClient => self.parts.session.is_none(),
            Mode::SignatureServer => self.parts.pin.is_none() && self.parts.session.is_none(),
        }
    }

    /// The spelling, as the HMAC covers it.
    #[inline]
    #[must_use]
    pub const fn spelling(&self) -> &Spelling {
        &self.spelling
    }

    pub(crate) fn of_parts(parts: Parts) -> Self {
        Self {
            parts,
            spelling: Spelling::of(&parts),
        }
    }
}

impl FromStr for Suite {
    type Err = SuiteError;

    fn from_str(text: &str) -> Result<Self, SuiteError> {
        Self::parse(text)
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.spelling().as_str())
    }
}
