//! What is told of the verdict of a store.

use serde_json::{Value, json};
use txotp_store::{Answer as Verdict, Judgement, StoreError};
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

/// The error of a store that was not opened: nothing was asked of it.
pub(crate) fn not_asked(error: Error) -> Error {
    error.within("nothing was decided, which is a refusal")
}

/// The error of a verdict that there is not, or that was not heard.
pub(crate) fn undecided(error: StoreError) -> Error {
    let meaning = match error {
        StoreError::Unreachable => {
            "whether a verdict was reached is not known: take it as a refusal"
        }
        _ => "nothing was decided, which is a refusal",
    };
    Error::from(error).within(meaning)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_not_told_as_undecided() {
        let told = |error| undecided(error).to_string();
        assert!(told(StoreError::Busy).starts_with("nothing was decided"));
        let lost = told(StoreError::Unreachable);
        assert!(
            lost.contains("is not known: take it as a refusal"),
            "{lost}"
        );
    }
}
