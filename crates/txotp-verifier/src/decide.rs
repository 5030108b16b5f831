//! The decision: a pure function of policy, key, state, attempt and time.
//!
//! ```text
//!            ┌───────────── success: failures = locks = 0 ◄─────────────┐
//!            ▼                                                          │
//!   ┌── open, failures < max ──┐  the max.      ┌─────────────────────┐ │ time passes
//!   │  every attempt compared  │ ─────────────► │ locked until a time ├─┴─────► open again
//!   └──────────────────────────┘  locks += 1,   │  nothing compared   │
//!            │                    failures = 0  └─────────────────────┘
//!            │  the max., after all temporary locks     ┌────────────────────┐
//!            └────────────────────────────────────────► │ locked permanently │
//!                                                       └────────────────────┘
//!                                          an administrator unlocks ──► open
//! ```

use txotp_core::{Candidates, Code, Counters, DeviceKey, MovingFactor, Purpose, Step, UnixTime};

use crate::memory::Entry;
use crate::{
    Acceptance, Decision, Lock, NextLock, Outlook, Policy, Reason, Refusal, State, Undecided,
    Verdict,
};

/// What is to be judged: a code, and what it is said to approve.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// What the code is for.
    pub purpose: Purpose,
    /// What the payer typed.
    pub code: Code,
}

/// Decides what an attempt means, and what must be remembered of it.
///
/// Every candidate of the window is computed and compared, whether or not one has matched. The time taken
/// does not depend on the seed or the code; of an accepted code it may tell on which side of the expected step it was. Nothing is read but the arguments, and nothing is written: the
/// caller makes [`Decision::next`] durable, and only then lets the verdict leave ([`verify`] does both).
///
/// [`verify`]: crate::verify
///
/// # Errors
/// [`Undecided`] where the arguments do not fit each other, or the clock is behind: the state stays,
/// and the caller must refuse.
pub fn decide(
    policy: &Policy,
    key: &DeviceKey,
    state: &State,
    attempt: &Attempt,
    now: UnixTime,
) -> Result<Decision, Undecided> {
    admit(policy, key, state, attempt.purpose, &[&attempt.code], now)?;
    let judge = Judge { policy, state, now };
    if let Some(refused) = judge.locked() {
        return Ok(refused);
    }
    let search = Search::new(policy, state, now)?;
    let matches = key.search(attempt.purpose, search.candidates, &attempt.code);
    let matches = matches.map_err(|_| Undecided::OtherSuite)?;
    // Computed whether or not it is needed, so that a replay takes as long as a wrong code.
    let tag = key.replay_tag(attempt.purpose);

    let entry = |factor: MovingFactor| factor.get_step().map(|step| Entry { step, tag });
    let by_counter = policy.suite().has_counter();
    let replayed = |factor| entry(factor).is_some_and(|entry| state.memory.refuses(entry));
    if !by_counter && matches.iter().any(replayed) {
        return Ok(judge.refused(Reason::Replay));
    }
    // Counters ascend, and of equally distant steps the earlier comes first.
    let best = matches.iter().min_by_key(|factor| {
        (
            factor.get_counter(),
            factor
                .get_step()
                .map(|step| step.since(search.centre).unsigned_abs()),
        )
    });
    let Some(factor) = best else {
        return Ok(judge.failed());
    };

    let mut next = state.clone();
    if let Some(counter) = factor.get_counter() {
        next.counter = counter.next().ok_or(Undecided::CounterExhausted)?;
    } else if entry(factor).is_some_and(|entry| !next.memory.remember(entry, search.first)) {
        return Ok(judge.refused(Reason::MemoryFull));
    }
    if let Some(step) = factor.get_step() {
        next.drift = drifted(policy, state.drift, step.since(search.centre));
        next.next_step = next.next_step.max(step.offset_by(1));
    }
    Ok(judge.accepted(next, factor))
}

/// Counts a wrong code against a device that it was not compared with, as [`decide`] counts one that was.
///
/// A payer with several devices types one code, and a guess must not have more attempts for it: whatever
/// matches none of them counts against each. A locked device stays as it is.
pub fn count_failure(policy: &Policy, state: &State, now: UnixTime) -> Decision {
    let judge = Judge { policy, state, now };
    judge.locked().unwrap_or_else(|| judge.failed())
}

/// The drift after a match so many steps off the centre: one step nearer, on its leash.
fn drifted(policy: &Policy, drift: i8, off: i64) -> i8 {
    let drift = policy.on_leash(drift);
    policy.on_leash(match off {
        ..=-1 => drift.saturating_sub(1),
        0 => drift,
        1.. => drift.saturating_add(1),
    })
}

/// What one attempt searches.
struct Search {
    candidates: Candidates,
    centre: Step,
    first: Step,
}

impl Search {
    fn new(policy: &Policy, state: &State, now: UnixTime) -> Result<Self, Undecided> {
        let settings = policy.settings();
        let suite = policy.suite();
        let counters = if suite.has_counter() {
            let counters = Counters::from(state.counter, settings.look_ahead);
            Some(counters.ok_or(Undecided::CounterExhausted)?)
        } else {
            None
        };
        let centre = suite
            .period()
            .map(|period| state.centre(policy, now.step(period)));
        let steps = centre.map(|centre| settings.window.around(centre));
        let candidates = match (counters, steps) {
            (Some(counters), Some(steps)) => Candidates::both(counters, steps),
            (Some(counters), None) => Some(Candidates::counters(counters)),
            (None, Some(steps)) => Some(Candidates::steps(steps)),
            (None, None) => None,
        };
        Ok(Self {
            // A policy admits at most 64 candidates, and a suite has a counter or a step.
            candidates: candidates.ok_or(Undecided::OtherSuite)?,
            centre: centre.unwrap_or_default(),
            first: steps.map(|steps| steps.first()).unwrap_or_default(),
        })
    }
}

/// Checks that the arguments fit each other, and that the clock is not behind.
pub(crate) fn admit(
    policy: &Policy,
    key: &DeviceKey,
    state: &State,
    purpose: Purpose,
    codes: &[&Code],
    now: UnixTime,
) -> Result<(), Undecided> {
    let suite = policy.suite();
    if key.suite() != suite {
        return Err(Undecided::OtherSuite);
    }
    if codes
        .iter()
        .any(|code| code.length() != suite.digits().into())
    {
        return Err(Undecided::WrongDigits);
    }
    if purpose == Purpose::Login && !suite.has_login() {
        return Err(Undecided::NoLogin);
    }
    if let Some(period) = suite.period() {
        let latest = now.seconds().saturating_add(u64::from(period.seconds()));
        if latest < state.accepted_at.seconds() {
            return Err(Undecided::ClockWentBack);
        }
    }
    Ok(())
}

/// What a verdict is made from, once there is one.
pub(crate) struct Judge<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) state: &'a State,
    pub(crate) now: UnixTime,
}

impl Judge<'_> {
    /// The refusal of a device that is locked.
    pub(crate) fn locked(&self) -> Option<Decision> {
        (self.state.lock.at(self.now) != Lock::None).then(|| self.refused(Reason::Locked))
    }

    /// A refusal that changes nothing.
    pub(crate) fn refused(&self, reason: Reason) -> Decision {
        self.refusal(reason, self.state.clone())
    }

    /// The refusal of a wrong code: it is counted, and may lock.
    pub(crate) fn failed(&self) -> Decision {
        let mut next = self.state.clone();
        next.failures = next.failures.saturating_add(1);
        if next.failures >= self.policy.settings().max_failures {
            next.lock = match self.policy.next_lock(next.locks) {
                NextLock::Temporary => Lock::Until(self.policy.lock_end(next.locks, self.now)),
                NextLock::Permanent => Lock::Permanent,
            };
            next.failures = 0;
            next.locks = next.locks.saturating_add(1);
        }
        self.refusal(Reason::WrongCode, next.revised())
    }

    /// An acceptance, which clears failures and locks.
    pub(crate) fn accepted(&self, mut next: State, factor: MovingFactor) -> Decision {
        next.clear_failures();
        next.accepted_at = next.accepted_at.max(self.now);
        let here = self
            .policy
            .suite()
            .period()
            .map(|period| self.now.step(period));
        let drift = factor
            .get_step()
            .zip(here)
            .map_or(0, |(step, here)| step.since(here));
        let verdict = Verdict::Accepted(Acceptance { factor, drift });
        Decision {
            verdict,
            next: next.revised(),
        }
    }

    fn refusal(&self, reason: Reason, next: State) -> Decision {
        let Outlook {
            attempts_left,
            next_lock,
            lock,
        } = self.policy.outlook(&next, self.now);
        let refusal = Refusal {
            reason,
            attempts_left,
            next_lock,
            lock,
        };
        Decision {
            verdict: Verdict::Refused(refusal),
            next,
        }
    }
}
