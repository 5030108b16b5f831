//! What is told of the verdict of a store.

use serde_json::{Value, json};
use txotp_store::{Answer as Verdict, Judgement};
use txotp_verifier::{Lock, Reason, Refusal};

use super::{answer, matched, verdict_json};
use crate::cli::Answer;
use crate::error::Error;
use crate::output::{BAD, GOOD, Output};
use crate::store::show;

/// Tells a verdict that is durable.
pub(crate) fn tell(verdict: &Verdict, output: Output) -> Result<Answer, Error> {
    if output.json() {
        output.value(&json(verdict))?;
    } else {
        output.text(&text(verdict))?;
    }
    Ok(answer(verdict.judgement.is_accepted()))
}

/// The error of a verdict that there is not.
pub(crate) fn undecided(error: impl Into<Error>) -> Error {
    error
        .into()
        .within("nothing was decided, which is a refusal")
}

fn text(verdict: &Verdict) -> String {
    let device = verdict.device.as_ref();
    let device = device.map_or(String::new(), |device| format!(" device {device}"));
    match &verdict.judgement {
        Judgement::Accepted(acceptance) => {
            let matched = matched(acceptance);
            format!("{GOOD}accepted{GOOD:#}{matched}{device}\n")
        }
        Judgement::Refused(refusal) => {
            let outlook = outlook(refusal);
            format!("{BAD}refused{BAD:#} {outlook}{device}\n")
        }
        Judgement::Inactive(status) => format!("{BAD}refused{BAD:#} {status}{device}\n"),
    }
}

/// The reason, and what is left to the payer.
fn outlook(refusal: &Refusal) -> String {
    let reason = refusal.reason.name();
    match refusal.lock {
        Lock::None => {
            let (left, next) = (refusal.attempts_left, refusal.next_lock.name());
            format!("{reason} attempts {left} next-lock {next}")
        }
        lock if refusal.reason == Reason::Locked => format!("{reason} {}", show::lock(lock)),
        lock => format!("{reason} locked {}", show::lock(lock)),
    }
}

fn json(verdict: &Verdict) -> Value {
    let (acceptance, refusal) = match &verdict.judgement {
        Judgement::Accepted(acceptance) => (Some(acceptance), None),
        Judgement::Refused(refusal) => (None, Some(refusal)),
        Judgement::Inactive(_) => (None, None),
    };
    let mut json = verdict_json(verdict.judgement.reason(), acceptance);
    let more = json!({
        "device": verdict.device.as_ref().map(|device| device.as_str()),
        "attempts_left": refusal.map(|refusal| refusal.attempts_left),
        "next_lock": refusal.map(|refusal| refusal.next_lock.name()),
        "lock": refusal.and_then(|refusal| show::lock_name(refusal.lock)),
        "locked_until": refusal.and_then(|refusal| show::locked_until(refusal.lock)),
    });
    if let (Value::Object(json), Value::Object(more)) = (&mut json, more) {
        json.extend(more);
    }
    json
}
