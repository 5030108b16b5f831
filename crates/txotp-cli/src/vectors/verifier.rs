//! Scripts for a verifier, and the guessing bound of policies.

use serde::Deserialize;
use serde_json::Value;
use txotp_core::{
    Code, CodeLength, Counter, DeviceKey, Digest, Purpose, Step, TransactionSuite, UnixTime, Window,
};
use txotp_verifier::{
    Attempt, Decision, Lock, Policy, Reason, Settings, State, Undecided, Verdict, decide,
    resynchronise,
};

use super::strings::{TransactionText, pin};
use super::{Case, Difference, bytes, differs, same, seed, usable};

/// One device, and what happens to it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    #[serde(rename = "name")]
    _name: String,
    suite: String,
    key_hex: String,
    pin: Option<String>,
    counter: Option<u64>,
    policy: PolicyText,
    events: Vec<Event>,
}

/// What of a policy differs from the defaults.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyText {
    past: Option<u64>,
    future: Option<u64>,
    look_ahead: Option<u64>,
    max_failures: Option<u64>,
    temporary_locks: Option<u64>,
    first_delay: Option<u64>,
    delay_growth: Option<u64>,
    drift_leash: Option<u64>,
    resync_range: Option<u64>,
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case", deny_unknown_fields)]
enum Event {
    Login {
        at: u64,
        code: String,
        expect: Expect,
    },
    Attempt {
        at: u64,
        code: String,
        digest_hex: Option<String>,
        transaction: Option<TransactionText>,
        expect: Expect,
    },
    Resync {
        at: u64,
        codes: [String; 2],
        digest_hex: Option<String>,
        transaction: Option<TransactionText>,
        expect: Expect,
    },
    Unlock {
        #[serde(rename = "at")]
        _at: u64,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    verdict: String,
    reason: Option<String>,
    step: Option<u64>,
    drift: Option<i64>,
    counter: Option<u64>,
    attempts_left: Option<u64>,
    next_lock: Option<String>,
    locked_until: Option<Value>,
}

impl Case for Script {
    fn check(&self) -> Result<(), Difference> {
        let suite = usable("suite", TransactionSuite::parse(&self.suite))?;
        let pin = pin(suite.ocra(), self.pin.as_deref())?;
        let key = usable(
            "pin",
            DeviceKey::new(suite, &seed(&self.key_hex)?, pin.as_ref()),
        )?;
        let settings = self.policy.settings().ok_or("out of range");
        let policy = usable("policy", Policy::new(&suite, usable("policy", settings)?))?;
        let first = self.counter.map(Counter::new);
        let mut state = first.map_or_else(State::new, State::with_counter);
        for (number, event) in (1u32..).zip(&self.events) {
            let Some((decision, expect)) = event.decide(&policy, &key, &state)? else {
                state = state.unlocked();
                continue;
            };
            let (found, next) = match decision {
                Ok(Decision { verdict, next }) => (shown(&verdict), next),
                Err(undecided) => {
                    let found = [
                        ("verdict", Some("error".to_owned())),
                        ("reason", Some(undecided.name().to_owned())),
                    ];
                    (line(&found), state.clone())
                }
            };
            same(&format!("event {number}"), expect.shown(), found)?;
            // A verifier keeps its state as bytes between events.
            state = usable("state", State::from_bytes(&next.to_bytes()))?;
        }
        Ok(())
    }
}

/// The decision on an event, and what was expected of it.
type Judged<'e> = (Result<Decision, Undecided>, &'e Expect);

impl Event {
    /// The decision on an event, and what is expected of it; none for an unlock.
    fn decide(
        &self,
        policy: &Policy,
        key: &DeviceKey,
        state: &State,
    ) -> Result<Option<Judged<'_>>, Difference> {
        let one = |at: &u64, purpose, typed: &str| {
            let code = parse(typed)?;
            let attempt = Attempt { purpose, code };
            let now = UnixTime::from_seconds(*at);
            Ok(decide(policy, key, state, &attempt, now))
        };
        match self {
            Self::Unlock { .. } => Ok(None),
            Self::Login { at, code, expect } => Ok(Some((one(at, Purpose::Login, code)?, expect))),
            Self::Attempt {
                at,
                code,
                digest_hex,
                transaction,
                expect,
            } => {
                let purpose = purpose(digest_hex.as_deref(), transaction.as_ref())?;
                Ok(Some((one(at, purpose, code)?, expect)))
            }
            Self::Resync {
                at,
                codes: [first, second],
                digest_hex,
                transaction,
                expect,
            } => {
                let purpose = purpose(digest_hex.as_deref(), transaction.as_ref())?;
                let (first, second) = (parse(first)?, parse(second)?);
                let now = UnixTime::from_seconds(*at);
                let codes = [&first, &second];
                let decision = resynchronise(policy, key, state, purpose, codes, now);
                Ok(Some((decision, expect)))
            }
        }
    }
}

/// A code of whatever length was typed: that it is the suite's is for the verifier to check.
fn parse(typed: &str) -> Result<Code, Difference> {
    let length = u8::try_from(typed.len()).ok().and_then(CodeLength::new);
    let length = usable("code", length.ok_or("no code has this length"))?;
    usable("code", Code::parse(typed, length))
}

fn purpose(
    digest_hex: Option<&str>,
    transaction: Option<&TransactionText>,
) -> Result<Purpose, Difference> {
    match (digest_hex, transaction) {
        (None, None) => Ok(Purpose::Login),
        (Some(digits), None) => {
            let digest = bytes("digest_hex", digits)?.try_into();
            let digest = usable("digest_hex", digest.map_err(|_| "not 32 bytes"))?;
            Ok(Purpose::Transaction(Digest::from_bytes(digest)))
        }
        (None, Some(transaction)) => Ok(Purpose::Transaction(transaction.build()?.digest())),
        (Some(_), Some(_)) => Err(differs("event", "a digest or a transaction", "both")),
    }
}

/// A verdict as a line of its parts.
fn shown(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Accepted(acceptance) => {
            let step = acceptance.factor.get_step().map(Step::get);
            line(&[
                ("verdict", Some("accepted".to_owned())),
                ("step", step.map(|step| step.to_string())),
                ("drift", step.map(|_| acceptance.drift.to_string())),
                (
                    "counter",
                    acceptance
                        .factor
                        .get_counter()
                        .map(|counter| counter.to_string()),
                ),
            ])
        }
        Verdict::Refused(refusal) => {
            let wrong = refusal.reason == Reason::WrongCode;
            let locked = refusal.reason == Reason::Locked || (wrong && refusal.attempts_left == 0);
            line(&[
                ("verdict", Some("refused".to_owned())),
                ("reason", Some(refusal.reason.name().to_owned())),
                (
                    "attempts_left",
                    wrong.then(|| refusal.attempts_left.to_string()),
                ),
                (
                    "next_lock",
                    (wrong && !locked).then(|| refusal.next_lock.name().to_owned()),
                ),
                (
                    "locked_until",
                    locked.then(|| match refusal.lock {
                        Lock::None => "none".to_owned(),
                        Lock::Until(time) => time.seconds().to_string(),
                        Lock::Permanent => "\"permanent\"".to_owned(),
                    }),
                ),
            ])
        }
    }
}

impl Expect {
    /// All that is expected, in the order in which it is found.
    fn shown(&self) -> String {
        line(&[
            ("verdict", Some(self.verdict.clone())),
            ("reason", self.reason.clone()),
            ("step", self.step.map(|step| step.to_string())),
            ("drift", self.drift.map(|drift| drift.to_string())),
            ("counter", self.counter.map(|counter| counter.to_string())),
            (
                "attempts_left",
                self.attempts_left.map(|left| left.to_string()),
            ),
            ("next_lock", self.next_lock.clone()),
            (
                "locked_until",
                self.locked_until.as_ref().map(Value::to_string),
            ),
        ])
    }
}

/// The parts that are there, each with its name.
fn line(parts: &[(&str, Option<String>)]) -> String {
    let shown: Vec<_> = parts
        .iter()
        .filter_map(|(name, value)| Some(format!("{name} {}", value.as_ref()?)))
        .collect();
    shown.join(", ")
}

/// The guessing bound of a policy.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyBound {
    #[serde(rename = "name")]
    _name: String,
    suite: String,
    policy: PolicyText,
    candidates: u64,
    bound_numerator: u64,
    allowed: bool,
}

impl Case for PolicyBound {
    fn check(&self) -> Result<(), Difference> {
        let suite = usable("suite", TransactionSuite::parse(&self.suite))?;
        let policy = self
            .policy
            .settings()
            .and_then(|settings| Policy::new(&suite, settings).ok());
        same("allowed", self.allowed, policy.is_some())?;
        let Some(policy) = policy else { return Ok(()) };
        same("candidates", self.candidates, policy.candidates().into())?;
        same(
            "bound_numerator",
            self.bound_numerator,
            policy.guessing_bound().numerator(),
        )
    }
}

impl PolicyText {
    /// The settings; none where a number is far out of its range.
    fn settings(&self) -> Option<Settings> {
        let default = Settings::default();
        Some(Settings {
            window: Window::new(
                or(self.past, default.window.past())?,
                or(self.future, default.window.future())?,
            )
            .ok()?,
            look_ahead: or(self.look_ahead, default.look_ahead)?,
            max_failures: or(self.max_failures, default.max_failures)?,
            temporary_locks: or(self.temporary_locks, default.temporary_locks)?,
            first_delay: or(self.first_delay, default.first_delay)?,
            delay_growth: or(self.delay_growth, default.delay_growth)?,
            drift_leash: or(self.drift_leash, default.drift_leash)?,
            resync_range: or(self.resync_range, default.resync_range)?,
            guessing_limit: default.guessing_limit,
        })
    }
}

fn or<T: TryFrom<u64>>(given: Option<u64>, default: T) -> Option<T> {
    given.map_or(Some(default), |number| T::try_from(number).ok())
}
