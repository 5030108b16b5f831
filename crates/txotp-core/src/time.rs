//! Time as codes know it: seconds, periods, steps; and the counter of a device without a clock.

use core::fmt;
use core::num::NonZeroU32;

use crate::limits::{MAX_OCRA_PERIOD_SECONDS, MAX_PERIOD_SECONDS};

/// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted (RFC 6238 section 4.1).
///
/// All of `u64` is allowed: RFC 6238 section 4.2 demands more than 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct UnixTime(u64);

impl UnixTime {
    /// The time of a number of seconds.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// The number of seconds.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0
    }

    /// The step that this time lies in: `floor(time / period)`, `T0` being 0 (RFC 6238 section 4.2).
    ///
    /// ```
    /// use txotp_core::{Period, Step, UnixTime};
    ///
    /// let period = Period::DEFAULT;
    /// assert_eq!(UnixTime::from_seconds(59).step(period), Step::new(1));
    /// assert_eq!(UnixTime::from_seconds(60).step(period), Step::new(2));
    /// ```
    #[inline]
    #[must_use]
    pub fn step(self, period: Period) -> Step {
        // The divisor is not zero by its type.
        Step(
            self.0
                .checked_div(u64::from(period.seconds()))
                .unwrap_or_default(),
        )
    }
}

/// The length of a step in seconds: 1 to 120 for codes of ours, to 172 800 in other OCRA suites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period(NonZeroU32);

impl Period {
    /// 30 seconds, which RFC 6238 section 5.2 recommends.
    pub const DEFAULT: Self = Self(NonZeroU32::new(30).expect("30 is not 0"));

    /// The period of a login or transaction code: 1 to 120 seconds (NIST SP 800-63B).
    ///
    /// ```
    /// use txotp_core::Period;
    ///
    /// assert!(Period::new(120).is_some());
    /// assert!(Period::new(0).is_none() && Period::new(121).is_none());
    /// ```
    #[must_use]
    pub const fn new(seconds: u32) -> Option<Self> {
        if seconds <= MAX_PERIOD_SECONDS {
            Self::of_ocra(seconds)
        } else {
            None
        }
    }

    /// The period of any OCRA suite: up to 48 hours.
    pub(crate) const fn of_ocra(seconds: u32) -> Option<Self> {
        match NonZeroU32::new(seconds) {
            Some(seconds) if seconds.get() <= MAX_OCRA_PERIOD_SECONDS => Some(Self(seconds)),
            _ => None,
        }
    }

    /// The length in seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.0.get()
    }
}

impl Default for Period {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The number of a period since 1970: the moving factor of a device with a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Step(u64);

impl Step {
    /// The step of a number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The step `steps` later, or earlier where negative, cut at the first and the last.
    #[must_use]
    pub const fn offset_by(self, steps: i64) -> Self {
        Self(self.0.saturating_add_signed(steps))
    }

    /// How many steps this one lies after another; negative where it lies before. Cut at the ends
    /// of `i64`.
    #[must_use]
    pub fn since(self, other: Self) -> i64 {
        let distance = i64::try_from(self.0.abs_diff(other.0)).unwrap_or(i64::MAX);
        if self.0 >= other.0 {
            distance
        } else {
            distance.saturating_neg()
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The counter of a device without a clock (RFC 4226 section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Counter(u64);

impl Counter {
    /// The counter of a number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The next counter, or nothing after the last one: a counter that wrapped around would make
    /// every old code valid again.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }
}

impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What moves a code on: the step, the counter, or both, as the suite has them (the *moving factor*
/// of RFC 4226 section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MovingFactor {
    pub(crate) counter: Option<Counter>,
    pub(crate) step: Option<Step>,
}

impl MovingFactor {
    /// That of a suite with a time step only: the usual one.
    #[must_use]
    pub const fn step(step: Step) -> Self {
        Self {
            counter: None,
            step: Some(step),
        }
    }

    /// That of a suite with a counter only.
    #[must_use]
    pub const fn counter(counter: Counter) -> Self {
        Self {
            counter: Some(counter),
            step: None,
        }
    }

    /// That of a suite with both.
    #[must_use]
    pub const fn both(counter: Counter, step: Step) -> Self {
        Self {
            counter: Some(counter),
            step: Some(step),
        }
    }

    /// The counter, where there is one.
    #[must_use]
    pub const fn get_counter(self) -> Option<Counter> {
        self.counter
    }

    /// The step, where there is one.
    #[must_use]
    pub const fn get_step(self) -> Option<Step> {
        self.step
    }
}
