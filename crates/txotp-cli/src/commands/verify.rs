//! `txotp verify`: one verdict; without a memory, or by a store that never forgets.

use clap::{ArgGroup, Args};
use serde_json::{Value, json};
use txotp_core::{Code, Counter, Step, Window};
use txotp_store::{DeviceId, UserId, Who};
use txotp_verifier::{
    Acceptance, Attempt, GuessingBound, Policy, Settings, State, Verdict, decide,
};

use crate::cli::Answer;
use crate::device::{Device, DeviceArgs};
use crate::error::Error;
use crate::input::PurposeArgs;
use crate::output::{BAD, GOOD, Output};
use crate::store::{ActorArgs, StoreArgs};

pub(super) mod stored;

/// Judge a code for a transaction or a login.
#[derive(Args)]
#[command(
    group(ArgGroup::new("who").args(["user", "device"])),
    group(ArgGroup::new("of_store").args(["store", "keys", "actor"]).multiple(true).requires("who")),
    after_help = "\
Examples:
  txotp verify --seed-file seed.txt --code 12345678 \"$STRING\"
  txotp verify --seed-file seed.txt --at 1700000000 --past 2 --future 0 \\
      --code 57171677 --json \"$STRING\"
  txotp verify --seed-file seed.txt --suite OCRA-1:HOTP-SHA256-8:C-QH64 \\
      --counter 7 --code 12345678 \"$STRING\"
  txotp verify --store bank.db --user alice --code 12345678 \"$STRING\"
  txotp verify --store bank.db --device phone-1 --code 12345678 --login

Exit codes: 0 accepted; 1 refused; 2 there is no verdict, which is a refusal: unusable input, such as a \
code of another length, or a store that does not answer.

With --user or --device a store judges: every verdict is durable before it is told, a code is accepted \
once, and failures lock. For another time than now, by --at, the evidence names it with the actor. Without them nothing is remembered from run to run, and a code is accepted as \
often as it is shown. The payer is told accepted or refused, and no more."
)]
pub(crate) struct Verify {
    #[command(flatten)]
    device: DeviceArgs,

    /// Steps before now that are tried
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=31))]
    past: u8,

    /// Steps after now that are tried
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=31))]
    future: u8,

    /// Counters after --counter that are tried, for suites with `C-`
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(0..=63))]
    look_ahead: u8,

    /// The code that was typed
    #[arg(long, value_name = "CODE", allow_hyphen_values = true)]
    code: String,

    #[command(flatten)]
    purpose: PurposeArgs,

    #[command(flatten, next_help_heading = "Options of a store")]
    stored: StoredArgs,
}

/// What a store judges by, in place of seed, suite and window.
#[derive(Args)]
struct StoredArgs {
    /// User of whom any active device may have shown the code
    #[arg(long, value_name = "USER", conflicts_with_all = STATELESS)]
    user: Option<UserId>,

    /// Device that shall have shown the code
    #[arg(long, value_name = "DEVICE", conflicts_with_all = STATELESS)]
    device: Option<DeviceId>,

    #[command(flatten)]
    store: StoreArgs,

    #[command(flatten)]
    actor: ActorArgs,
}

const STATELESS: [&str; 7] = [
    "seed_file",
    "suite",
    "pin_file",
    "counter",
    "past",
    "future",
    "look_ahead",
];

impl Verify {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let StoredArgs { user, device, .. } = &self.stored;
        let user = user.clone().map(Who::from);
        match user.or_else(|| device.clone().map(Who::from)) {
            Some(who) => self.by_store(who, output),
            None => self.by_itself(output),
        }
    }

    /// A durable verdict.
    fn by_store(&self, who: Who, output: Output) -> Result<Answer, Error> {
        let purpose = self.purpose.read()?;
        let act = self.stored.actor.at(self.device.time)?;
        let vault = self.stored.store.open(output).map_err(stored::not_asked)?;
        let verdict = vault.verify(who, purpose, &self.code, act).wait();
        stored::tell(&verdict.map_err(stored::undecided)?, output)
    }

    /// A verdict that is forgotten.
    fn by_itself(&self, output: Output) -> Result<Answer, Error> {
        let purpose = self.purpose.read()?;
        let device = self.device.read(self.purpose.is_stdin(), output)?;
        let digits = device.suite.digits();
        let code = Code::parse(&self.code, digits).map_err(|error| {
            Error::new(
                error.to_string(),
                format!("a code of this suite is {} ASCII digits", digits.get()),
            )
        })?;
        let attempt = Attempt { purpose, code };
        let state = device.counter.map_or_else(State::new, State::with_counter);
        let policy = self.policy(&device)?;
        let decision =
            decide(&policy, &device.key, &state, &attempt, device.now).map_err(|error| {
                Error::new(
                    format!("nothing was decided, which is a refusal: {error}"),
                    "check the counter and the time",
                )
                .because(error.name())
            })?;
        tell(&decision.verdict, output)
    }

    /// A policy for a trial: no window is too wide for it.
    fn policy(&self, device: &Device) -> Result<Policy, Error> {
        let advice = "choose smaller --past, --future and --look-ahead: 64 candidates in all";
        let window = Window::new(self.past, self.future)
            .map_err(|error| Error::new(error.to_string(), advice))?;
        let settings = Settings {
            window,
            look_ahead: self.look_ahead,
            guessing_limit: GuessingBound::CERTAINTY,
            ..Settings::default()
        };
        Policy::new(&device.suite, settings).map_err(|error| Error::new(error.to_string(), advice))
    }
}

fn tell(verdict: &Verdict, output: Output) -> Result<Answer, Error> {
    let (reason, acceptance) = match verdict {
        Verdict::Accepted(acceptance) => (None, Some(acceptance)),
        Verdict::Refused(refusal) => (Some(refusal.reason.name()), None),
    };
    if output.json() {
        output.value(&verdict_json(reason, acceptance))?;
    } else if let Some(reason) = reason {
        output.text(&format!("{BAD}refused{BAD:#} {reason}\n"))?;
    } else {
        let matched = acceptance.map(matched).unwrap_or_default();
        output.text(&format!("{GOOD}accepted{GOOD:#}{matched}\n"))?;
    }
    Ok(answer(acceptance.is_some()))
}

fn answer(accepted: bool) -> Answer {
    if accepted { Answer::Yes } else { Answer::No }
}

/// A verdict as JSON.
fn verdict_json(reason: Option<&str>, acceptance: Option<&Acceptance>) -> Value {
    let (step, counter, drift) = acceptance.map(place).unwrap_or_default();
    let accepted = acceptance.is_some();
    json!({
        "accepted": accepted,
        "verdict": if accepted { "accepted" } else { "refused" },
        "reason": reason,
        "step": step,
        "counter": counter,
        "drift": drift,
    })
}

/// Where an accepted code was found, in words.
fn matched(acceptance: &Acceptance) -> String {
    let (step, counter, drift) = place(acceptance);
    [
        ("step", step.map(|step| step.to_string())),
        ("counter", counter.map(|counter| counter.to_string())),
        ("drift", drift.map(|drift| format!("{drift:+}"))),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(format!(" {name} {}", value?)))
    .collect()
}

/// Step, counter and drift, where there is each.
fn place(acceptance: &Acceptance) -> (Option<u64>, Option<u64>, Option<i64>) {
    let step = acceptance.factor.get_step().map(Step::get);
    let counter = acceptance.factor.get_counter().map(Counter::get);
    (step, counter, step.map(|_| acceptance.drift))
}
