//! A device's key: what binds a transaction to a code, and finds the code in a window.

use core::fmt;

use crate::mac::Keyed;
use crate::ocra::{self, Challenge, Input};
use crate::{
    Candidates, Code, Counter, Digest, FactorError, Matches, MovingFactor, PinHash, Seed, Step,
    TransactionSuite, hotp,
};

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
    /// All zeros where the suite has no PIN. What an absent one leaves unused would be what lay there
    /// on the stack, and would not be wiped.
    pin: PinHash,
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
        if pin.map(PinHash::algorithm) != suite.ocra().pin() {
            return Err(PinMismatch);
        }
        Ok(Self {
            suite,
            keyed: Keyed::new(suite.algorithm(), seed),
            pin: pin.cloned().unwrap_or_else(PinHash::blank),
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
                self.suite.check_login()?;
                let factor = at.counter.map(Counter::get).or(at.step.map(Step::get));
                Ok(hotp::code(
                    &self.keyed,
                    factor.unwrap_or_default(),
                    self.suite.digits(),
                ))
            }
            Purpose::Transaction(digest) => {
                let prefix = self.prefix(&Challenge::of_digest(&digest), at.counter);
                let truncated = ocra::truncated(&prefix, at.step);
                Ok(Code::cut(truncated, self.suite.digits().into()))
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
                self.suite.check_login()?;
                Ok(hotp::search(
                    &self.keyed,
                    self.suite.digits(),
                    candidates,
                    typed,
                ))
            }
            Purpose::Transaction(digest) => {
                let challenge = Challenge::of_digest(&digest);
                Ok(candidates.search(
                    typed,
                    self.suite.digits(),
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
            pin: self.suite.ocra().pin().map(|_| &self.pin),
            session: None,
            step: None,
        };
        ocra::prefix(&self.keyed, self.suite.ocra(), &input)
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

/// A PIN is missing, is hashed with another function, or is not asked for by the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinMismatch;

impl fmt::Display for PinMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the PIN is missing, or is not what the suite asks for")
    }
}

impl core::error::Error for PinMismatch {}
