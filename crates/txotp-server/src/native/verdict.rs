//! What came of a code, for the bank's own record.

use serde::Serialize;
use txotp_core::{Counter, Step};
use txotp_store::{Answer, Judgement};
use txotp_verifier::{Acceptance, Lock, Refusal};
use utoipa::ToSchema;

use super::subject::Subject;
use crate::http::Problem;
use crate::judge::Judged;

/// What came of a code. The payer is told `accepted` and no more: which element was wrong must not be known (RTS 2018/389
/// article 4(3)(a)).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Verdict {
    /// Whether the code is right, and was never accepted before.
    accepted: bool,
    /// Why it was refused: `wrong-code`, which alone counts as a failure; `replay`; `locked`; `memory-full`; `suspended`,
    /// `revoked`; or `not-a-code`, where it is none that the device could have, and nothing was compared or counted.
    #[schema(value_type = Option<String>)]
    reason: Option<&'static str>,
    /// The device that it is of: the one that was asked for, or that of the user which matched.
    device: Option<String>,
    /// How many more failures until the next lock: 1 announces the last attempt (article 4(4)), 0 says that it is locked.
    attempts_left: Option<u8>,
    /// What that lock will be: `temporary` or `permanent`.
    #[schema(value_type = Option<String>)]
    next_lock: Option<&'static str>,
    /// Whether the device is locked now.
    locked: Option<bool>,
    /// The end of that lock, in Unix seconds; null where it has none, and an administrator unlocks.
    locked_until: Option<u64>,
    /// The step that matched.
    step: Option<u64>,
    /// The counter that matched.
    counter: Option<u64>,
    /// How many steps the match lay after the bank's own.
    drift: Option<i64>,
}

impl Verdict {
    /// The verdict on a subject's code, or that there is no such subject.
    pub(super) fn of(judged: &Judged, subject: &Subject) -> Result<Self, Problem> {
        match judged {
            Judged::Answer(answer) => Ok(answer.into()),
            Judged::NotACode => Ok(Self::refused(judged.name())),
            Judged::Nobody => Err(subject.unknown()),
        }
    }

    /// A refusal of which there is nothing else to say.
    pub(super) const fn refused(reason: &'static str) -> Self {
        Self {
            accepted: false,
            reason: Some(reason),
            device: None,
            attempts_left: None,
            next_lock: None,
            locked: None,
            locked_until: None,
            step: None,
            counter: None,
            drift: None,
        }
    }
}

impl From<&Answer> for Verdict {
    fn from(answer: &Answer) -> Self {
        let bare = Self {
            accepted: answer.judgement.is_accepted(),
            reason: answer.judgement.reason(),
            device: answer.device.as_ref().map(ToString::to_string),
            ..Self::refused("")
        };
        match answer.judgement {
            Judgement::Accepted(Acceptance { factor, drift }) => Self {
                step: factor.get_step().map(Step::get),
                counter: factor.get_counter().map(Counter::get),
                drift: factor.get_step().map(|_| drift),
                ..bare
            },
            Judgement::Refused(Refusal {
                attempts_left,
                next_lock,
                lock,
                ..
            }) => Self {
                attempts_left: Some(attempts_left),
                next_lock: Some(next_lock.name()),
                locked: Some(lock != Lock::None),
                locked_until: end(lock),
                ..bare
            },
            Judgement::Inactive(_) => bare,
        }
    }
}

/// When a lock ends, in Unix seconds.
pub(super) fn end(lock: Lock) -> Option<u64> {
    match lock {
        Lock::Until(end) => Some(end.seconds()),
        Lock::None | Lock::Permanent => None,
    }
}
