//! The suite: which functions and inputs an OCRA code is made of (RFC 6287 section 6).

use core::fmt;
use core::str::FromStr;

use crate::limits::{MAX_CHALLENGE_LEN, MAX_SESSION_LEN, MAX_SUITE_LEN};
use crate::{Algorithm, CodeLength, Period, UnknownAlgorithm};

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
        let mut parser = Parser {
            rest: text.as_bytes(),
            position: 0,
        };
        parser.expect(b"OCRA-1:", SuiteErrorKind::Version)?;
        parser.expect(b"HOTP-", SuiteErrorKind::Function)?;
        let algorithm = parser.algorithm()?;
        parser.expect(b"-", SuiteErrorKind::Length)?;
        let response = parser.response()?;
        parser.expect(b":", SuiteErrorKind::Length)?;
        let counter = parser.eat(b"C-");
        let challenge = parser.challenge()?;
        let pin = if parser.eat(b"-P") {
            Some(parser.algorithm()?)
        } else {
            None
        };
        let session = if parser.eat(b"-S") {
            Some(parser.session()?)
        } else {
            None
        };
        let time = if parser.eat(b"-T") {
            Some(parser.time()?)
        } else {
            None
        };
        if parser.rest.is_empty() {
            Ok(Self::of_parts(Parts {
                algorithm,
                response,
                counter,
                challenge,
                pin,
                session,
                time,
            }))
        } else {
            Err(parser.error(SuiteErrorKind::Trailing))
        }
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

/// The spelling of a suite: at most 46 ASCII characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Spelling {
    bytes: [u8; MAX_SUITE_LEN],
    len: u8,
}

impl Spelling {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Made of ASCII parts, so the default is never taken.
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// The text, as the HMAC covers it.
    #[inline]
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    fn of(parts: &Parts) -> Self {
        let mut text = Self {
            bytes: [0; MAX_SUITE_LEN],
            len: 0,
        };
        text.push("OCRA-1:HOTP-");
        text.push(parts.algorithm.name());
        text.push("-");
        match parts.response {
            Response::Mac => text.push("0"),
            Response::Code(length) => text.push_number(u16::from(length.get()), 1),
        }
        text.push(if parts.counter { ":C-Q" } else { ":Q" });
        text.push(match parts.challenge.kind {
            ChallengeKind::Alphanumeric => "A",
            ChallengeKind::Numeric => "N",
            ChallengeKind::Hexadecimal => "H",
        });
        text.push_number(u16::from(parts.challenge.max_len), 2);
        if let Some(pin) = parts.pin {
            text.push("-P");
            text.push(pin.name());
        }
        if let Some(len) = parts.session {
            text.push("-S");
            text.push_number(len, 3);
        }
        if let Some(time) = parts.time {
            text.push("-T");
            text.push_number(u16::from(time.count), 1);
            text.push(match time.unit {
                Unit::Seconds => "S",
                Unit::Minutes => "M",
                Unit::Hours => "H",
            });
        }
        text
    }

    fn push(&mut self, text: &str) {
        for byte in text.bytes() {
            // The longest spelling fits, so nothing is ever left out.
            if let Some(place) = self.bytes.get_mut(usize::from(self.len)) {
                *place = byte;
                self.len = self.len.saturating_add(1);
            }
        }
    }

    /// Pushes a number below 1000 with at least so many digits.
    fn push_number(&mut self, number: u16, least: u32) {
        for (power, place) in [(100u16, 3), (10, 2), (1, 1)] {
            if place <= least || number >= power {
                let digit = number
                    .checked_div(power)
                    .unwrap_or_default()
                    .wrapping_rem(10)
                    .to_le_bytes()[0];
                let digit = [b'0'.wrapping_add(digit)];
                self.push(core::str::from_utf8(&digit).unwrap_or_default());
            }
        }
    }
}

struct Parser<'a> {
    rest: &'a [u8],
    position: usize,
}

impl Parser<'_> {
    fn error(&self, kind: SuiteErrorKind) -> SuiteError {
        SuiteError {
            kind,
            position: self.position,
        }
    }

    fn eat(&mut self, prefix: &[u8]) -> bool {
        let Some(rest) = self.rest.strip_prefix(prefix) else {
            return false;
        };
        self.rest = rest;
        self.position = self.position.saturating_add(prefix.len());
        true
    }

    fn expect(&mut self, prefix: &[u8], kind: SuiteErrorKind) -> Result<(), SuiteError> {
        if self.eat(prefix) {
            Ok(())
        } else {
            Err(self.error(kind))
        }
    }

    fn algorithm(&mut self) -> Result<Algorithm, SuiteError> {
        for name in ["SHA1", "SHA256", "SHA512"] {
            let start = self.position;
            if self.eat(name.as_bytes()) {
                return Algorithm::from_name(name).map_err(|why| SuiteError {
                    kind: match why {
                        UnknownAlgorithm::NotBuilt => SuiteErrorKind::AlgorithmNotBuilt,
                        UnknownAlgorithm::NoSuchName => SuiteErrorKind::Algorithm,
                    },
                    position: start,
                });
            }
        }
        Err(self.error(SuiteErrorKind::Algorithm))
    }

    fn response(&mut self) -> Result<Response, SuiteError> {
        let error = self.error(SuiteErrorKind::Length);
        if self.eat(b"0") {
            return Ok(Response::Mac);
        }
        let length = self
            .number()
            .and_then(|n| CodeLength::new(u8::try_from(n).ok()?));
        length.map(Response::Code).ok_or(error)
    }

    fn challenge(&mut self) -> Result<ChallengeFormat, SuiteError> {
        let error = self.error(SuiteErrorKind::Challenge);
        let kind = if self.eat(b"QA") {
            ChallengeKind::Alphanumeric
        } else if self.eat(b"QN") {
            ChallengeKind::Numeric
        } else if self.eat(b"QH") {
            ChallengeKind::Hexadecimal
        } else {
            return Err(error);
        };
        let max_len = self
            .fixed(2)
            .and_then(|n| u8::try_from(n).ok())
            .ok_or(error)?;
        if !(4..=MAX_CHALLENGE_LEN).contains(&max_len) {
            return Err(error);
        }
        Ok(ChallengeFormat { kind, max_len })
    }

    fn session(&mut self) -> Result<u16, SuiteError> {
        let error = self.error(SuiteErrorKind::Session);
        let len = self.fixed(3).ok_or(error)?;
        if (1..=MAX_SESSION_LEN).contains(&len) {
            Ok(len)
        } else {
            Err(error)
        }
    }

    fn time(&mut self) -> Result<TimeStep, SuiteError> {
        let error = self.error(SuiteErrorKind::Time);
        let count = self
            .number()
            .and_then(|n| u8::try_from(n).ok())
            .ok_or(error)?;
        let unit = if self.eat(b"S") {
            Unit::Seconds
        } else if self.eat(b"M") {
            Unit::Minutes
        } else if self.eat(b"H") {
            Unit::Hours
        } else {
            return Err(error);
        };
        TimeStep::new(count, unit).ok_or(error)
    }

    /// A number of one or two digits without a leading zero.
    fn number(&mut self) -> Option<u16> {
        if self.rest.first() == Some(&b'0') {
            return None;
        }
        let digits = self
            .rest
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if digits > 2 { None } else { self.fixed(digits) }
    }

    /// A number of exactly so many digits.
    fn fixed(&mut self, digits: usize) -> Option<u16> {
        let (number, rest) = self.rest.split_at_checked(digits)?;
        if number.is_empty() || !number.iter().all(u8::is_ascii_digit) {
            return None;
        }
        self.rest = rest;
        self.position = self.position.saturating_add(digits);
        core::str::from_utf8(number).ok()?.parse().ok()
    }
}

/// Why a text is no [`Suite`].
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
    /// (RFC 6287 section 4, IC9).
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
