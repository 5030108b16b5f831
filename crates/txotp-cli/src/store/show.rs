//! A device for the eyes and as JSON.

use serde_json::{Value, json};
use txotp_core::UnixTime;
use txotp_store::{Device, StoreError};
use txotp_verifier::{GuessingBound, Lock, NextLock, Outlook, Policy};

use super::policy;
use crate::calendar;
use crate::listing::Row;

/// The columns of a list of devices.
pub(crate) const HEADER: &[&str] = &["device", "user", "status", "suite", "enrolled", "key"];

/// A device as a row of a list.
pub(crate) fn row(device: &Device) -> Row {
    let enrolled = calendar::time(device.enrolled_at);
    Row {
        cells: vec![
            device.id.to_string(),
            device.user.to_string(),
            device.status.to_string(),
            device.suite.to_string(),
            enrolled,
            device.key.to_string(),
        ],
        json: json!({
            "device": device.id.as_str(),
            "user": device.user.as_str(),
            "status": device.status.name(),
            "suite": device.suite.to_string(),
            "enrolled_at": device.enrolled_at.seconds(),
            "key": device.key.as_str(),
        }),
    }
}

/// All that is known of a device, as of a time.
pub(crate) struct Portrait<'a> {
    device: &'a Device,
    policy: Policy,
    outlook: Outlook,
}

impl<'a> Portrait<'a> {
    pub(crate) fn of(device: &'a Device, now: UnixTime) -> Result<Self, StoreError> {
        let policy = device.policy()?;
        let outlook = policy.outlook(&device.state, now);
        Ok(Self {
            device,
            policy,
            outlook,
        })
    }

    pub(crate) fn rows(&self) -> Vec<(&'static str, String)> {
        let Self {
            device,
            policy,
            outlook,
        } = self;
        let state = &device.state;
        let mut rows = vec![
            ("device", device.id.to_string()),
            ("user", device.user.to_string()),
            ("status", device.status.to_string()),
            ("suite", device.suite.to_string()),
            ("enrolled", calendar::time(device.enrolled_at)),
            ("accepted", self.accepted()),
            ("lock", lock(outlook.lock)),
            ("attempts left", outlook.attempts_left.to_string()),
            ("next lock", outlook.next_lock.name().to_owned()),
        ];
        if device.suite.period().is_some() {
            rows.push(("drift", format!("{:+}", state.drift())));
            rows.push(("anchor", format!("{:+}", state.anchor())));
        }
        if device.suite.has_counter() {
            rows.push(("counter", state.counter().get().to_string()));
        }
        rows.extend(policy::rows(policy.settings()));
        rows.push(("guess", guess(policy.guessing_bound())));
        rows.push(("key", device.key.to_string()));
        rows.push(("entries", device.entries.to_string()));
        rows
    }

    pub(crate) fn json(&self) -> Value {
        let Self {
            device,
            policy,
            outlook,
        } = self;
        let state = &device.state;
        let time = device.suite.period().is_some();
        let accepted = state.accepted_at().seconds();
        let mut json = row(device).json;
        let more = json!({
            "accepted_at": (accepted > 0).then_some(accepted),
            "lock": lock_name(outlook.lock),
            "locked_until": locked_until(outlook.lock),
            "attempts_left": outlook.attempts_left,
            "next_lock": outlook.next_lock.name(),
            "failures": state.failures(),
            "locks": state.locks(),
            "drift": time.then(|| state.drift()),
            "anchor": time.then(|| state.anchor()),
            "counter": device.suite.has_counter().then(|| state.counter().get()),
            "policy": policy::json(policy.settings()),
            "guess": policy.guessing_bound().probability(),
            "entries": device.entries,
        });
        if let (Value::Object(json), Value::Object(more)) = (&mut json, more) {
            json.extend(more);
        }
        json
    }

    fn accepted(&self) -> String {
        match self.device.state.accepted_at() {
            never if never.seconds() == 0 => "never".to_owned(),
            time => calendar::time(time),
        }
    }
}

/// The probability, as one in so many.
fn guess(bound: GuessingBound) -> String {
    let whole = GuessingBound::CERTAINTY.numerator();
    let one_in = whole.checked_div(bound.numerator()).unwrap_or(whole);
    format!("1 in {one_in}")
}

/// A lock in words.
pub(crate) fn lock(lock: Lock) -> String {
    match lock {
        Lock::None => "none".to_owned(),
        Lock::Until(end) => format!("until {}", calendar::time(end)),
        Lock::Permanent => "until an administrator unlocks".to_owned(),
    }
}

/// The stable name of a lock.
pub(crate) fn lock_name(lock: Lock) -> Option<&'static str> {
    match lock {
        Lock::None => None,
        Lock::Until(_) => Some(NextLock::Temporary.name()),
        Lock::Permanent => Some(NextLock::Permanent.name()),
    }
}

/// When a lock ends, where it ends by itself.
pub(crate) fn locked_until(lock: Lock) -> Option<u64> {
    match lock {
        Lock::Until(end) => Some(end.seconds()),
        Lock::None | Lock::Permanent => None,
    }
}
