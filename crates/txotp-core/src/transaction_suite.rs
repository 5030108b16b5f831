//! The suites that transaction codes may have.

use core::fmt;

use crate::limits::MAX_PERIOD_SECONDS;
use crate::ocra::{Challenge, Parts, Response, Suite, SuiteError, SuiteErrorKind, TimeStep};
use crate::{Algorithm, Counter, Digits, MovingFactor, Period, UnixTime};

/// The suite of a device's transaction codes: the subset of OCRA in which a whole digest is signed
/// (RFC 6287 section 7.3.1).
///
/// ```text
/// OCRA-1:HOTP-{SHA1|SHA256|SHA512}-{6|7|8}:[C-]QH64[-P{SHA1|SHA256|SHA512}][-T{n}{S|M}]
/// ```
///
/// with a counter, a time step of at most two minutes, or both.
///
/// ```
/// use txotp_core::{Digits, TransactionSuite};
///
/// let suite = TransactionSuite::default();
/// assert_eq!(suite.to_string(), "OCRA-1:HOTP-SHA256-8:QH64-T30S");
/// assert_eq!(suite.digits(), Digits::Eight);
/// // A challenge shorter than the digest would collide.
/// assert!(TransactionSuite::parse("OCRA-1:HOTP-SHA256-8:QN08-T30S").is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TransactionSuite {
    suite: Suite,
    digits: Digits,
}

impl TransactionSuite {
    /// Reads a suite and checks that it is one for transactions.
    ///
    /// # Errors
    /// [`SuiteError`], at position 0 where the suite is well-formed but not for transactions.
    pub fn parse(text: &str) -> Result<Self, SuiteError> {
        Self::new(Suite::parse(text)?)
    }

    /// Checks that a suite is one for transactions.
    ///
    /// # Errors
    /// [`SuiteError`], at position 0.
    pub fn new(suite: Suite) -> Result<Self, SuiteError> {
        let refuse = |kind| Err(SuiteError { kind, position: 0 });
        if suite.challenge() != Challenge::DIGEST_FORMAT {
            return refuse(SuiteErrorKind::NotTheDigest);
        }
        let digits = match suite.response() {
            Response::Code(length) => Digits::new(length.get()),
            Response::Mac => None,
        };
        let Some(digits) = digits else {
            return refuse(SuiteErrorKind::NotTransactionDigits);
        };
        if suite.session().is_some() {
            return refuse(SuiteErrorKind::SessionInSignature);
        }
        match suite.time() {
            Some(step) if step.period().seconds() > MAX_PERIOD_SECONDS => {
                refuse(SuiteErrorKind::PeriodTooLong)
            }
            None if !suite.has_counter() => refuse(SuiteErrorKind::NoMovingFactor),
            _ => Ok(Self { suite, digits }),
        }
    }

    /// The suite of a device with a clock, from the parameters of its enrolment. Nothing for a period
    /// that OCRA cannot spell: 61 to 119 seconds.
    #[must_use]
    pub fn with_time(algorithm: Algorithm, digits: Digits, period: Period) -> Option<Self> {
        let time = TimeStep::of_period(period)?;
        Some(Self::of_parts(algorithm, digits, false, Some(time)))
    }

    /// The suite of a device without a clock, from the parameters of its enrolment.
    #[must_use]
    pub fn with_counter(algorithm: Algorithm, digits: Digits) -> Self {
        Self::of_parts(algorithm, digits, true, None)
    }

    fn of_parts(
        algorithm: Algorithm,
        digits: Digits,
        counter: bool,
        time: Option<TimeStep>,
    ) -> Self {
        let suite = Suite::of_parts(Parts {
            algorithm,
            response: Response::Code(digits.into()),
            counter,
            challenge: Challenge::DIGEST_FORMAT,
            pin: None,
            session: None,
            time,
        });
        Self { suite, digits }
    }

    /// The suite, as one of OCRA's.
    #[must_use]
    pub const fn ocra(&self) -> &Suite {
        &self.suite
    }

    /// The hash function of the HMAC.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.suite.algorithm()
    }

    /// The number of digits.
    #[must_use]
    pub const fn digits(&self) -> Digits {
        self.digits
    }

    /// The period, where the suite has a time step.
    #[must_use]
    pub fn period(&self) -> Option<Period> {
        self.suite.time().map(TimeStep::period)
    }

    /// Whether codes depend on a counter.
    #[must_use]
    pub const fn has_counter(&self) -> bool {
        self.suite.has_counter()
    }

    /// Whether there are login codes beside those for transactions. HOTP and TOTP have room for one
    /// moving factor, and for no PIN.
    #[must_use]
    pub const fn has_login(&self) -> bool {
        let both = self.suite.has_counter() && self.suite.time().is_some();
        !both && self.suite.pin().is_none()
    }

    /// What moves the code at a time and a counter.
    ///
    /// # Errors
    /// [`FactorError`] when a counter is missing, or given and not asked for. The time is always
    /// given, and left aside by suites without a time step.
    pub fn moving_factor(
        &self,
        now: UnixTime,
        counter: Option<Counter>,
    ) -> Result<MovingFactor, FactorError> {
        if counter.is_some() != self.has_counter() {
            return Err(FactorError);
        }
        Ok(MovingFactor {
            counter,
            step: self.period().map(|period| now.step(period)),
        })
    }

    pub(crate) fn check_login(&self) -> Result<(), FactorError> {
        if self.has_login() {
            Ok(())
        } else {
            Err(FactorError)
        }
    }

    pub(crate) fn takes(&self, counter: bool, step: bool) -> Result<(), FactorError> {
        let fits = counter == self.has_counter() && step == self.suite.time().is_some();
        if fits { Ok(()) } else { Err(FactorError) }
    }
}

impl Default for TransactionSuite {
    /// `OCRA-1:HOTP-SHA256-8:QH64-T30S`.
    fn default() -> Self {
        let step = TimeStep::of_period(Period::DEFAULT);
        Self::of_parts(Algorithm::Sha256, Digits::Eight, false, step)
    }
}

impl core::str::FromStr for TransactionSuite {
    type Err = SuiteError;

    fn from_str(text: &str) -> Result<Self, SuiteError> {
        Self::parse(text)
    }
}

impl fmt::Display for TransactionSuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.suite.fmt(f)
    }
}

/// Counter and time step given are not those that the suite has, or that the purpose has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactorError;

impl fmt::Display for FactorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the counter or time step is not what the suite and purpose ask for")
    }
}

impl core::error::Error for FactorError {}
