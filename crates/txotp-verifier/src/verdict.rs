//! What comes out of a decision.

use core::fmt;

use txotp_core::MovingFactor;

use crate::{Lock, State};

/// A verdict, and the state that it implies.
///
/// The verdict may leave only after the state is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a verdict that is dropped lets the next attempt begin from the old state"]
pub struct Decision {
    /// What the attempt means.
    pub verdict: Verdict,
    /// What must be remembered of it: the same state where nothing changed.
    pub next: State,
}

/// What an attempt means, for the bank's own record.
///
/// The payer is told only [`Verdict::is_accepted`]: which element was wrong must not be known
/// (RTS 2018/389 article 4(3)(a)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The code is right, and was never accepted before.
    Accepted(Acceptance),
    /// Anything else.
    Refused(Refusal),
}

impl Verdict {
    /// The one thing that leaves the bank.
    #[must_use]
    pub const fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted(_))
    }
}

/// Which candidate matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// The step and counter that matched.
    pub factor: MovingFactor,
    /// How many steps the match lies after the bank's own step: negative for a slow clock or a slow
    /// payer. 0 for suites without a time step.
    pub drift: i64,
}

/// Why an attempt was refused, and how much is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason.
    pub reason: Reason,
    /// How many more failures until the next lock: 1 announces the last attempt (article 4(4)), 0 says
    /// that the device is locked.
    pub attempts_left: u8,
    /// What that lock will be.
    pub next_lock: NextLock,
    /// The lock that is in force now.
    pub lock: Lock,
}

/// What a device can expect of further attempts: see [`Policy::outlook`](crate::Policy::outlook).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// How many more failures until the next lock; 0 while the device is locked.
    pub attempts_left: u8,
    /// What that lock will be.
    pub next_lock: NextLock,
    /// The lock that is in force.
    pub lock: Lock,
}

/// The reason of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// No candidate has the code. This alone counts as a failure.
    WrongCode,
    /// The code is right, and was accepted before.
    Replay,
    /// The device is locked; the code was not compared.
    Locked,
    /// The code is right, but 16 others of this window are remembered and none can be let go yet: one of a later
    /// step is accepted when the oldest of them has left the window.
    MemoryFull,
}

impl Reason {
    /// The stable name, for records and scripts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WrongCode => "wrong-code",
            Self::Replay => "replay",
            Self::Locked => "locked",
            Self::MemoryFull => "memory-full",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether a lock ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NextLock {
    /// It does, after a delay.
    Temporary,
    /// It does not: an administrator unlocks.
    Permanent,
}

impl NextLock {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Temporary => "temporary",
            Self::Permanent => "permanent",
        }
    }
}

/// Why nothing was decided. The state is as it was, no attempt was counted, and the caller must
/// refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Undecided {
    /// The policy was checked against another suite than the device's. The caller's mistake.
    OtherSuite,
    /// The code has not the number of digits of the suite. The caller's mistake: parse it with the
    /// suite's digits.
    WrongDigits,
    /// A login code was given for a suite with a PIN, which it would not prove, or with counter and
    /// time, for which there is no login code.
    NoLogin,
    /// The bank's clock is more than a period behind the last acceptance. Mend the clock and retry;
    /// where the clock was wrong *then*, [`State::forgive_clock`].
    ClockWentBack,
    /// The counter has no successor. Enrol the device anew.
    CounterExhausted,
    /// A device with counter and time cannot be resynchronised. Enrol it anew.
    NoResync,
}

impl Undecided {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OtherSuite => "other-suite",
            Self::WrongDigits => "wrong-digits",
            Self::NoLogin => "no-login",
            Self::ClockWentBack => "clock-went-back",
            Self::CounterExhausted => "counter-exhausted",
            Self::NoResync => "no-resync",
        }
    }
}

impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtherSuite => "the policy is for another suite than the device's",
            Self::WrongDigits => "the code has not the number of digits of the suite",
            Self::NoLogin => "the suite has no login codes",
            Self::ClockWentBack => "the clock is behind the last acceptance",
            Self::CounterExhausted => "the counter has no successor",
            Self::NoResync => "a device with counter and time cannot be resynchronised",
        })
    }
}

impl core::error::Error for Undecided {}
