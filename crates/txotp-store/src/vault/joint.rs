//! One code, several devices of one payer: a pure decision, as each device's own is.

use txotp_core::{Code, DeviceKey, Purpose, UnixTime};
use txotp_verifier::{
    Attempt, Decision, Lock, Policy, Reason, Refusal, State, Undecided, Verdict, count_failure,
    decide,
};

/// A device that a code may be of.
pub(crate) struct Member<'a> {
    pub(crate) policy: Policy,
    pub(crate) key: DeviceKey,
    pub(crate) state: &'a State,
}

/// What came of a code, and the state of each device after it.
#[derive(Debug)]
pub(crate) struct Joint {
    pub(crate) verdict: Verdict,
    /// The device that the verdict is of, where the code is one of its codes.
    pub(crate) matched: Option<usize>,
    /// What the code means to each device, in their order.
    pub(crate) decisions: Vec<Decision>,
}

/// Decides what a code means that may be of any of these devices.
///
/// Each of them is compared, whether or not one has matched. Then:
/// - where one accepts, it is accepted, and ends the run of failures of all;
/// - where it is a code that one has accepted before, it is refused, and counts against none;
/// - otherwise it counts against each, also against those whose codes have another length: so a guess has
///   not more attempts for more devices. Locked ones stay as they are.
///
/// # Errors
/// [`Undecided`] where no device could compare it: that of the first.
pub(crate) fn decide_jointly(
    members: &[Member<'_>],
    purpose: Purpose,
    code: &Code,
    now: UnixTime,
) -> Result<Joint, Undecided> {
    let attempt = Attempt {
        purpose,
        code: code.clone(),
    };
    let each: Vec<_> = members
        .iter()
        .map(|member| decide(&member.policy, &member.key, member.state, &attempt, now))
        .collect();
    let found = |wanted: fn(&Verdict) -> bool| {
        let is = |one: &Result<Decision, _>| one.as_ref().is_ok_and(|one| wanted(&one.verdict));
        each.iter().position(is)
    };
    if let Some(matched) = found(Verdict::is_accepted) {
        return Ok(accepted(members, each, matched, now));
    }
    if let Some(matched) = found(is_known) {
        return Ok(known(members, each, matched, now));
    }
    failed(members, each, now)
}

/// Whether a code is right, and refused all the same.
fn is_known(verdict: &Verdict) -> bool {
    let Verdict::Refused(refusal) = verdict else {
        return false;
    };
    matches!(refusal.reason, Reason::Replay | Reason::MemoryFull)
}

fn accepted(
    members: &[Member<'_>],
    each: Vec<Result<Decision, Undecided>>,
    matched: usize,
    now: UnixTime,
) -> Joint {
    let decisions: Vec<_> = members
        .iter()
        .zip(each)
        .enumerate()
        .map(|(place, (member, own))| match own {
            Ok(own) if place == matched => own,
            _ => Decision {
                next: member.state.relieved(now),
                ..unchanged(member, Reason::WrongCode, now)
            },
        })
        .collect();
    joint(decisions, Some(matched))
}

fn known(
    members: &[Member<'_>],
    each: Vec<Result<Decision, Undecided>>,
    matched: usize,
    now: UnixTime,
) -> Joint {
    let decisions = members
        .iter()
        .zip(each)
        .enumerate()
        .map(|(place, (member, own))| match own {
            Ok(own) if place == matched => own,
            _ => unchanged(member, Reason::WrongCode, now),
        })
        .collect();
    joint(decisions, Some(matched))
}

fn failed(
    members: &[Member<'_>],
    each: Vec<Result<Decision, Undecided>>,
    now: UnixTime,
) -> Result<Joint, Undecided> {
    if each.iter().all(Result::is_err) {
        let first = each.into_iter().find_map(Result::err);
        return Err(first.unwrap_or(Undecided::OtherSuite));
    }
    let decisions = members
        .iter()
        .zip(each)
        .map(|(member, own)| {
            own.unwrap_or_else(|_| count_failure(&member.policy, member.state, now))
        })
        .collect();
    Ok(joint(decisions, None))
}

/// The verdict of the device that matched; where none did, of the one that has the most attempts left, and
/// of several locked ones that whose lock ends first.
fn joint(decisions: Vec<Decision>, matched: Option<usize>) -> Joint {
    let of = |decision: &Decision| decision.verdict;
    let verdict = match matched {
        Some(matched) => decisions.get(matched).map(of),
        None => decisions.iter().map(of).min_by_key(hopelessness),
    };
    Joint {
        verdict: verdict.expect("a decision is asked for at least one device"),
        matched,
        decisions,
    }
}

fn hopelessness(verdict: &Verdict) -> (u8, u64) {
    let Verdict::Refused(refusal) = verdict else {
        return (0, 0);
    };
    let end = match refusal.lock {
        Lock::None => 0,
        Lock::Until(end) => end.seconds(),
        Lock::Permanent => u64::MAX,
    };
    (u8::MAX.saturating_sub(refusal.attempts_left), end)
}

fn unchanged(member: &Member<'_>, reason: Reason, now: UnixTime) -> Decision {
    let outlook = member.policy.outlook(member.state, now);
    Decision {
        verdict: Verdict::Refused(Refusal {
            reason,
            attempts_left: outlook.attempts_left,
            next_lock: outlook.next_lock,
            lock: outlook.lock,
        }),
        next: member.state.clone(),
    }
}
