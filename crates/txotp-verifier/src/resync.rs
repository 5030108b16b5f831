//! Resynchronisation: two consecutive codes move the window further than drift may (RFC 4226
//! section 7.4, RFC 6238 section 6).

use txotp_core::limits::MAX_CANDIDATES;
use txotp_core::{
    Candidates, Code, Counter, Counters, DeviceKey, MovingFactor, Purpose, Step, Steps, UnixTime,
};

use crate::decide::{Judge, admit};
use crate::memory::Entry;
use crate::{Decision, Policy, Reason, State, Undecided};

/// Decides whether two codes are consecutive ones of the device, and sets the window by them.
///
/// Usually both are login codes. A device that shows none may use those of a transaction that says what
/// it is for; an acceptance here sets the window, and approves nothing in any case.
///
/// Every step of the range is computed and compared. The codes must lie
/// after every step that was ever accepted, so that overheard codes cannot pull the window back; both
/// are consumed. Two wrong codes count as one failure, and a locked device is refused.
///
/// It moves the window far, so the caller makes sure of the payer by other means too: RFC 6238
/// section 6 asks for additional authentication.
///
/// # Errors
/// [`Undecided`] as [`decide`](crate::decide), and for suites with both counter and time.
pub fn resynchronise(
    policy: &Policy,
    key: &DeviceKey,
    state: &State,
    purpose: Purpose,
    codes: [&Code; 2],
    now: UnixTime,
) -> Result<Decision, Undecided> {
    admit(policy, key, state, purpose, &codes, now)?;
    let pair = Pair {
        key,
        purpose,
        codes,
    };
    let judge = Judge { policy, state, now };
    match (policy.suite().has_counter(), policy.suite().period()) {
        (true, None) => by_counter(&judge, &pair),
        (false, Some(period)) => by_time(&judge, &pair, now.step(period)),
        _ => Err(Undecided::NoResync),
    }
}

fn by_time(judge: &Judge<'_>, pair: &Pair<'_>, here: Step) -> Result<Decision, Undecided> {
    if let Some(refused) = judge.locked() {
        return Ok(refused);
    }
    let reach = i64::from(judge.policy.settings().resync_range);
    let (mut next, last) = (
        here.offset_by(reach.saturating_neg()),
        here.offset_by(reach),
    );
    let mut best: Option<Step> = None;
    while next <= last {
        let count = u32::try_from(last.since(next))
            .unwrap_or(MAX_CANDIDATES)
            .saturating_add(1);
        let steps = Steps::from(next, count.min(MAX_CANDIDATES));
        let after = Steps::from(next.offset_by(1), count.min(MAX_CANDIDATES));
        let (Some(steps), Some(after)) = (steps, after) else {
            break;
        };
        let found = pair.search(
            Candidates::steps(steps),
            Candidates::steps(after),
            |factor| {
                let step = factor.get_step()?;
                Some(MovingFactor::step(step.offset_by(1)))
            },
        )?;
        // Forward of all that was accepted.
        let fresh = found
            .filter_map(MovingFactor::get_step)
            .filter(|step| *step >= judge.state.next_step);
        best = fresh.fold(best, |best, step| Some(nearer(best, step, here)));
        if steps.last() >= last {
            break;
        }
        next = steps.last().offset_by(1);
    }
    let Some(first) = best else {
        return Ok(judge.failed());
    };
    Ok(anchor(judge, pair, here, first))
}

/// Of two steps that match the one whose successor is nearer to the bank's step; of two as near the one that was found
/// first, the earlier.
fn nearer(best: Option<Step>, step: Step, here: Step) -> Step {
    let distance = |step: Step| step.offset_by(1).since(here).unsigned_abs();
    match best {
        Some(best) if distance(best) <= distance(step) => best,
        _ => step,
    }
}

/// Sets the window by the second of two matching steps, and consumes both.
fn anchor(judge: &Judge<'_>, pair: &Pair<'_>, here: Step, first: Step) -> Decision {
    let second = first.offset_by(1);
    let mut next = judge.state.clone();
    let tag = pair.key.replay_tag(pair.purpose);
    let start = judge.policy.settings().window.around(second).first();
    for step in [first, second] {
        if !next.memory.remember(Entry { step, tag }, start) {
            return judge.refused(Reason::MemoryFull);
        }
    }
    // At most 2881 by the range of the policy.
    next.anchor = i32::try_from(second.since(here)).unwrap_or_default();
    next.drift = 0;
    next.next_step = second.offset_by(1);
    judge.accepted(next, MovingFactor::step(second))
}

fn by_counter(judge: &Judge<'_>, pair: &Pair<'_>) -> Result<Decision, Undecided> {
    if let Some(refused) = judge.locked() {
        return Ok(refused);
    }
    let reach = u64::from(judge.policy.settings().resync_range);
    let mut next = judge.state.counter;
    next.next().ok_or(Undecided::CounterExhausted)?;
    // The last pair is that of the two last counters that have successors.
    let last = next
        .get()
        .saturating_add(reach)
        .min(u64::MAX.saturating_sub(2));
    let mut best: Option<Counter> = None;
    while next.get() <= last {
        let ahead = u8::try_from(last.abs_diff(next.get()))
            .unwrap_or(u8::MAX)
            .min(63);
        let second = next.next().and_then(|second| Counters::from(second, ahead));
        let (Some(counters), Some(after)) = (Counters::from(next, ahead), second) else {
            break;
        };
        let found = pair.search(
            Candidates::counters(counters),
            Candidates::counters(after),
            |f| f.get_counter()?.next().map(MovingFactor::counter),
        )?;
        // Ascending, so the first that is found is the least.
        best = best.or(found.filter_map(MovingFactor::get_counter).next());
        next = Counter::new(counters.last().get().saturating_add(1));
    }
    let Some(second) = best.and_then(Counter::next) else {
        return Ok(judge.failed());
    };
    let mut state = judge.state.clone();
    state.counter = second.next().ok_or(Undecided::CounterExhausted)?;
    Ok(judge.accepted(state, MovingFactor::counter(second)))
}

/// Two codes that are said to be consecutive.
struct Pair<'a> {
    key: &'a DeviceKey,
    purpose: Purpose,
    codes: [&'a Code; 2],
}

impl Pair<'_> {
    /// Those candidates that have the first code, and whose successors have the second.
    fn search(
        &self,
        first: Candidates,
        second: Candidates,
        successor: impl Fn(MovingFactor) -> Option<MovingFactor>,
    ) -> Result<impl Iterator<Item = MovingFactor>, Undecided> {
        let [a, b] = self.codes;
        let matches = |candidates, code| {
            self.key
                .search(self.purpose, candidates, code)
                .map_err(|_| Undecided::OtherSuite)
        };
        let (first, second) = (matches(first, a)?, matches(second, b)?);
        let mut found = [None; MAX_CANDIDATES as usize];
        let consecutive = first.iter().filter(|factor| {
            successor(*factor).is_some_and(|next| second.iter().any(|other| other == next))
        });
        for (place, factor) in found.iter_mut().zip(consecutive) {
            *place = Some(factor);
        }
        Ok(found.into_iter().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two pairs of codes that match at once are too rare to be found, so the choice is checked alone.
    #[test]
    fn of_several_matches_the_nearest_counts_and_of_two_as_near_the_earlier() {
        let here = Step::new(100);
        let nearest = |steps: &[u64]| {
            let steps = steps.iter().copied().map(Step::new);
            steps.fold(None, |best, step| Some(nearer(best, step, here)))
        };
        let expect = |steps: &[u64], chosen| assert_eq!(nearest(steps), Some(Step::new(chosen)));
        expect(&[70], 70);
        expect(&[70, 98, 130], 98);
        expect(&[70, 110], 110);
        expect(&[90, 120], 90);
        // The second codes are of steps 95 and 105.
        expect(&[94, 104], 94);
        expect(&[94, 103], 103);
        expect(&[95, 104], 95);
    }
}
