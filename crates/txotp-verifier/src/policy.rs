//! The policy: how much is tolerated, and how likely a guess is under it.

use core::fmt;

use txotp_core::limits::{MAX_CANDIDATES, MAX_LOOK_AHEAD};
use txotp_core::{TransactionSuite, UnixTime, Window, WindowError};

use crate::{Lock, NextLock, Outlook, State};

/// What a bank may choose. The defaults are those of the specification.
///
/// ```
/// use txotp_verifier::Settings;
///
/// let strict = Settings { max_failures: 3, ..Settings::default() };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The steps around the expected one. One back and one ahead.
    pub window: Window,
    /// How many counters beyond the expected one are tried, 0 to 63. Four.
    pub look_ahead: u8,
    /// Consecutive failures that lock, 1 to 5 (RTS 2018/389 article 4(3)(b)). Five.
    pub max_failures: u8,
    /// How many locks end by themselves before one does not, 0 to 10. Two.
    pub temporary_locks: u8,
    /// The length of the first lock, 1 second to one day. 60 seconds.
    pub first_delay: u32,
    /// How many times longer each further lock is, 1 to 60. Five.
    pub delay_growth: u32,
    /// How many steps the drift may move in all, 0 to 10; 0 switches it off. Ten.
    pub drift_leash: u8,
    /// How many steps or counters a resynchronisation searches to either side, 1 to 2880. 120.
    pub resync_range: u16,
    /// The greatest guessing bound that is tolerated. 1 in 10 000.
    pub guessing_limit: GuessingBound,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            window: Window::DEFAULT,
            look_ahead: 4,
            max_failures: 5,
            temporary_locks: 2,
            first_delay: 60,
            delay_growth: 5,
            drift_leash: 10,
            resync_range: 120,
            guessing_limit: GuessingBound::DEFAULT_LIMIT,
        }
    }
}

/// How likely it is that a code is guessed before the permanent lock: a numerator over 2³¹.
///
/// It is attempts × candidates × ⌈2³¹ / 10^digits⌉ / 2³¹, where the attempts are all that a run of
/// failures has, through every lock that ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GuessingBound(u64);

impl GuessingBound {
    /// The number of truncated values, 2³¹ (RFC 4226 section 5.3).
    const WHOLE: u64 = 1 << 31;

    /// 1 in 10 000, rounded down.
    pub const DEFAULT_LIMIT: Self = Self(214_748);

    /// No limit: for trials, and for callers who limit attempts by other means.
    pub const CERTAINTY: Self = Self(Self::WHOLE);

    /// The bound of a numerator over 2³¹.
    #[must_use]
    pub const fn from_numerator(numerator: u64) -> Self {
        Self(numerator)
    }

    /// The numerator over 2³¹.
    #[must_use]
    pub const fn numerator(self) -> u64 {
        self.0
    }

    /// The probability, at most 1.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "at most 2^31, which an f64 holds exactly"
    )]
    pub fn probability(self) -> f64 {
        self.0.min(Self::WHOLE) as f64 / Self::WHOLE as f64
    }
}

/// Settings that were checked against each other and against a suite.
///
/// ```
/// use txotp_core::TransactionSuite;
/// use txotp_verifier::{Policy, Settings};
///
/// let policy = Policy::new(&TransactionSuite::default(), Settings::default())?;
/// // 15 attempts × 3 steps × 22 of 2^31 values.
/// assert_eq!(policy.guessing_bound().numerator(), 990);
/// # Ok::<(), txotp_verifier::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    suite: TransactionSuite,
    settings: Settings,
    candidates: u32,
    guessing_bound: GuessingBound,
}

impl Policy {
    /// Checks settings.
    ///
    /// # Errors
    /// [`PolicyError`] where a setting is out of its range, or they would try too many codes or make
    /// guessing too likely.
    pub fn new(suite: &TransactionSuite, settings: Settings) -> Result<Self, PolicyError> {
        check_ranges(&settings)?;
        let counters = if suite.has_counter() {
            u32::from(settings.look_ahead)
        } else {
            0
        };
        let steps = if suite.period().is_some() {
            settings.window.width()
        } else {
            1
        };
        let candidates = counters.saturating_add(1).saturating_mul(steps);
        if candidates > MAX_CANDIDATES {
            return Err(PolicyError::Candidates);
        }
        let guessing_bound = guessing_bound(suite, &settings, candidates);
        if guessing_bound > settings.guessing_limit {
            return Err(PolicyError::GuessingBound);
        }
        Ok(Self {
            suite: *suite,
            settings,
            candidates,
            guessing_bound,
        })
    }

    /// The suite that it was checked against.
    #[must_use]
    pub const fn suite(&self) -> &TransactionSuite {
        &self.suite
    }

    /// The settings.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How many codes an attempt is compared with, where nothing cuts the window.
    #[must_use]
    pub const fn candidates(&self) -> u32 {
        self.candidates
    }

    /// How likely a guess is.
    #[must_use]
    pub const fn guessing_bound(&self) -> GuessingBound {
        self.guessing_bound
    }

    /// What a device can expect of further attempts. The payer is to be alerted before a permanent
    /// lock (RTS 2018/389 article 4(4)), so this can be asked before an attempt, in any session.
    #[must_use]
    pub fn outlook(&self, state: &State, now: UnixTime) -> Outlook {
        let lock = state.lock.at(now);
        let left = self.settings.max_failures.saturating_sub(state.failures);
        Outlook {
            // At least one, should a policy have become stricter than the failures that there are.
            attempts_left: if lock == Lock::None { left.max(1) } else { 0 },
            next_lock: self.next_lock(state.locks),
            lock,
        }
    }

    /// A drift, no longer than this policy's leash.
    pub(crate) fn on_leash(&self, drift: i8) -> i8 {
        let leash = i8::try_from(self.settings.drift_leash).unwrap_or(0);
        drift.clamp(leash.saturating_neg(), leash)
    }

    /// What the lock after so many locks is.
    pub(crate) const fn next_lock(&self, locks: u8) -> NextLock {
        if locks < self.settings.temporary_locks {
            NextLock::Temporary
        } else {
            NextLock::Permanent
        }
    }

    /// When the lock that follows so many locks ends.
    pub(crate) fn lock_end(&self, locks: u8, now: UnixTime) -> UnixTime {
        let growth = u64::from(self.settings.delay_growth).saturating_pow(u32::from(locks));
        let delay = u64::from(self.settings.first_delay).saturating_mul(growth);
        let end = now.seconds().saturating_add(delay.min(LONGEST_DELAY));
        // The last second stands for a lock without an end in an encoded state.
        UnixTime::from_seconds(end.min(u64::MAX.wrapping_sub(1)))
    }
}

/// Thirty days: the longest lock that ends by itself, in seconds.
const LONGEST_DELAY: u64 = 30 * 86_400;

fn check_ranges(settings: &Settings) -> Result<(), PolicyError> {
    if settings.look_ahead > MAX_LOOK_AHEAD {
        Err(PolicyError::LookAhead)
    } else if !(1..=5).contains(&settings.max_failures) {
        Err(PolicyError::MaxFailures)
    } else if settings.temporary_locks > 10 {
        Err(PolicyError::TemporaryLocks)
    } else if !(1..=86_400).contains(&settings.first_delay) {
        Err(PolicyError::FirstDelay)
    } else if !(1..=60).contains(&settings.delay_growth) {
        Err(PolicyError::DelayGrowth)
    } else if settings.drift_leash > 10 {
        Err(PolicyError::DriftLeash)
    } else if !(1..=2880).contains(&settings.resync_range) {
        Err(PolicyError::ResyncRange)
    } else {
        Ok(())
    }
}

fn guessing_bound(suite: &TransactionSuite, settings: &Settings, candidates: u32) -> GuessingBound {
    let codes = 10u64.saturating_pow(u32::from(suite.digits().get()));
    // The likeliest code has this many of the 2³¹ truncated values.
    let likeliest = GuessingBound::WHOLE.div_ceil(codes);
    let rounds = u64::from(settings.temporary_locks).saturating_add(1);
    let attempts = u64::from(settings.max_failures).saturating_mul(rounds);
    GuessingBound(
        attempts
            .saturating_mul(u64::from(candidates))
            .saturating_mul(likeliest),
    )
}

/// Why settings are no [`Policy`]. In every case the configuration is to be corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// The window reaches over more than 31 steps to one side.
    Window,
    /// The look-ahead is over 63.
    LookAhead,
    /// The failures that lock are not 1 to 5.
    MaxFailures,
    /// The temporary locks are over 10.
    TemporaryLocks,
    /// The first lock is not 1 second to one day.
    FirstDelay,
    /// The growth of locks is not 1 to 60.
    DelayGrowth,
    /// The drift leash is over 10.
    DriftLeash,
    /// The range of a resynchronisation is not 1 to 2880.
    ResyncRange,
    /// An attempt would be compared with more than 64 codes.
    Candidates,
    /// The guessing bound is over its limit: fewer attempts, a smaller window, or more digits.
    GuessingBound,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Window => return WindowError.fmt(f),
            Self::LookAhead => "the counter look-ahead is over 63",
            Self::MaxFailures => "the failures that lock a device are not 1 to 5",
            Self::TemporaryLocks => "the temporary locks are more than 10",
            Self::FirstDelay => "the first lock is not 1 to 86400 seconds",
            Self::DelayGrowth => "the growth of locks is not 1 to 60",
            Self::DriftLeash => "the drift leash is over 10 steps",
            Self::ResyncRange => "the range of a resynchronisation is not 1 to 2880",
            Self::Candidates => "an attempt would be compared with more than 64 codes",
            Self::GuessingBound => "a guess is more likely than the limit allows",
        })
    }
}

impl core::error::Error for PolicyError {}

impl From<WindowError> for PolicyError {
    fn from(_: WindowError) -> Self {
        Self::Window
    }
}
