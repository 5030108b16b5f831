//! A device's key: what binds a transaction to a code, and finds the code in a window.

use core::fmt;

use crate::limits::MAX_PERIOD_SECONDS;
use crate::mac::Keyed;
use crate::ocra::{
    self, Challenge, Input, Parts, Response, Suite, SuiteError, SuiteErrorKind, TimeStep,
};
use crate::{
    Algorithm, Candidates, Code, Counter, Digest, Digits, Matches, MovingFactor, Period, PinHash,
    Seed, Step, UnixTime, hotp,
};

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

    fn takes(&self, counter: bool, step: bool) -> Result<(), FactorError> {
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

/// What a code is for. A code for one purpose is never one for another: their HMAC inputs differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Logging in: HOTP or TOTP, bound to nothing (a message of 8 bytes).
    Login,
    /// Approving a transaction: OCRA over its digest (a message of 167 bytes in the default suite).
    Transaction(Digest),
}

/// A device's seed made ready for its suite, on the device as at the bank: both pads of the HMAC are
/// hashed once.
///
/// ```
/// use txotp_core::{DeviceKey, Purpose, Seed, Transaction, TransactionSuite, UnixTime};
///
/// let suite = TransactionSuite::default();
/// let seed = Seed::from_bytes(b"12345678901234567890123456789012")?;
/// let key = DeviceKey::new(suite, &seed, None)?;
///
/// let mut builder = Transaction::builder();
/// builder.message("Pay")?.detail("Amount", "12.00 EUR")?.detail("To", "John Doe")?;
/// let digest = builder.build()?.digest();
///
/// let now = suite.moving_factor(UnixTime::from_seconds(1_700_000_000), None)?;
/// let code = key.code(Purpose::Transaction(digest), now)?;
/// assert_eq!(code.reveal().len(), 8);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct DeviceKey {
    suite: TransactionSuite,
    keyed: Keyed,
    pin: Option<PinHash>,
}

impl DeviceKey {
    /// Absorbs a seed, and the PIN of a suite that has one.
    ///
    /// # Errors
    /// [`PinMismatch`] when the PIN is missing, hashed with another function, or not asked for.
    pub fn new(
        suite: TransactionSuite,
        seed: &Seed,
        pin: Option<&PinHash>,
    ) -> Result<Self, PinMismatch> {
        if pin.map(PinHash::algorithm) != suite.suite.pin() {
            return Err(PinMismatch);
        }
        Ok(Self {
            suite,
            keyed: Keyed::new(suite.algorithm(), seed),
            pin: pin.cloned(),
        })
    }

    /// The suite.
    #[must_use]
    pub const fn suite(&self) -> &TransactionSuite {
        &self.suite
    }

    /// The code for a purpose.
    ///
    /// # Errors
    /// [`FactorError`] when counter or step are missing or too many, or a login code is asked of a
    /// suite that has none ([`TransactionSuite::has_login`]).
    #[inline]
    pub fn code(&self, purpose: Purpose, at: MovingFactor) -> Result<Code, FactorError> {
        self.suite.takes(at.counter.is_some(), at.step.is_some())?;
        match purpose {
            Purpose::Login => {
                self.check_login()?;
                let factor = at.counter.map(Counter::get).or(at.step.map(Step::get));
                Ok(hotp::code(
                    &self.keyed,
                    factor.unwrap_or_default(),
                    self.suite.digits,
                ))
            }
            Purpose::Transaction(digest) => {
                let prefix = self.prefix(&Challenge::of_digest(&digest), at.counter);
                let truncated = ocra::truncated(&prefix, at.step);
                Ok(Code::cut(truncated, self.suite.digits.into()))
            }
        }
    }

    /// Which of the candidates have the code that was typed. Every one is computed and compared,
    /// whether or not one has matched; what the steps have in common is hashed once.
    ///
    /// # Errors
    /// As [`DeviceKey::code`].
    #[inline]
    pub fn search(
        &self,
        purpose: Purpose,
        candidates: Candidates,
        typed: &Code,
    ) -> Result<Matches, FactorError> {
        self.suite
            .takes(candidates.counters.is_some(), candidates.steps.is_some())?;
        match purpose {
            Purpose::Login => {
                self.check_login()?;
                Ok(hotp::search(
                    &self.keyed,
                    self.suite.digits,
                    candidates,
                    typed,
                ))
            }
            Purpose::Transaction(digest) => {
                let challenge = Challenge::of_digest(&digest);
                Ok(candidates.search(
                    typed,
                    self.suite.digits,
                    |counter| self.prefix(&challenge, counter),
                    ocra::truncated,
                ))
            }
        }
    }

    /// A mark of a purpose that a verifier keeps to know a replay by: the first 16 bytes of an HMAC
    /// over the digest, with a label that no code's message begins with.
    ///
    /// It is keyed, since the digest of an ordinary payment can be guessed: who reads a verifier's
    /// memory without the seed does not learn what was paid.
    #[must_use]
    pub fn replay_tag(&self, purpose: Purpose) -> ReplayTag {
        let mut keyed = self.keyed.clone();
        keyed.update(b"txotp-1:replay\0");
        if let Purpose::Transaction(digest) = purpose {
            keyed.update(digest.as_bytes());
        }
        let mac = keyed.mac(&[]);
        let mut tag = [0; ReplayTag::LEN];
        for (to, from) in tag.iter_mut().zip(mac.reveal()) {
            *to = *from;
        }
        ReplayTag(tag)
    }

    #[inline]
    fn prefix(&self, challenge: &Challenge, counter: Option<Counter>) -> Keyed {
        let input = Input {
            challenge,
            counter,
            pin: self.pin.as_ref(),
            session: None,
            step: None,
        };
        ocra::prefix(&self.keyed, &self.suite.suite, &input)
    }

    fn check_login(&self) -> Result<(), FactorError> {
        let both = self.suite.has_counter() && self.suite.suite.time().is_some();
        if both || self.pin.is_some() {
            Err(FactorError)
        } else {
            Ok(())
        }
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceKey")
            .field("suite", &self.suite)
            .finish_non_exhaustive()
    }
}

/// What a verifier knows a replay by; see [`DeviceKey::replay_tag`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct ReplayTag([u8; ReplayTag::LEN]);

impl ReplayTag {
    /// The length in bytes.
    pub const LEN: usize = 16;

    /// A tag that was kept.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
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

/// A PIN is missing, is hashed with another function, or is not asked for by the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinMismatch;

impl fmt::Display for PinMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the PIN is missing, or is not what the suite asks for")
    }
}

impl core::error::Error for PinMismatch {}
