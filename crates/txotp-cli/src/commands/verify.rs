//! `txotp verify`: one verdict, without a memory.

use clap::Args;
use serde_json::json;
use txotp_core::{Code, Counter, Purpose, Step, Window};
use txotp_verifier::{Attempt, GuessingBound, Policy, Settings, State, Verdict, decide};

use crate::cli::Answer;
use crate::device::{Device, DeviceArgs};
use crate::error::Error;
use crate::input::{self, StringArgs};
use crate::output::{BAD, GOOD, Output};

/// Judge a code for a transaction.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp verify --seed-file seed.txt --code 12345678 \"$STRING\"
  txotp verify --seed-file seed.txt --at 1700000000 --past 2 --future 0 \\
      --code 57171677 --json \"$STRING\"
  txotp verify --seed-file seed.txt --suite OCRA-1:HOTP-SHA256-8:C-QH64 \\
      --counter 7 --code 12345678 \"$STRING\"

Exit codes: 0 accepted, 1 refused, 2 unusable input, such as a code of another length.

Nothing is remembered from run to run: a code is accepted as often as it is shown. A verifier in service \
refuses replays and locks after failures; `txotp demo` shows it, and the crate txotp-verifier is it.")]
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
    string: StringArgs,
}

impl Verify {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let string = self.string.read()?;
        let mut buffer = Vec::new();
        let transaction = input::transaction(&string, self.string.limit(), &mut buffer)?;
        let device = self.device.read(self.string.is_stdin(), output)?;
        let digits = device.suite.digits();
        let code = Code::parse(&self.code, digits).map_err(|error| {
            Error::new(
                error.to_string(),
                format!("a code of this suite is {} ASCII digits", digits.get()),
            )
        })?;
        let attempt = Attempt {
            purpose: Purpose::Transaction(transaction.digest()),
            code,
        };
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
    let (accepted, reason, acceptance) = match verdict {
        Verdict::Accepted(acceptance) => (true, None, Some(acceptance)),
        Verdict::Refused(refusal) => (false, Some(refusal.reason.name()), None),
    };
    let step = acceptance.and_then(|acceptance| acceptance.factor.get_step().map(Step::get));
    let counter =
        acceptance.and_then(|acceptance| acceptance.factor.get_counter().map(Counter::get));
    let drift = acceptance.and_then(|acceptance| step.map(|_| acceptance.drift));
    if output.json() {
        output.value(&json!({
            "accepted": accepted,
            "verdict": if accepted { "accepted" } else { "refused" },
            "reason": reason,
            "step": step,
            "counter": counter,
            "drift": drift,
        }))?;
    } else if let Some(reason) = reason {
        output.text(&format!("{BAD}refused{BAD:#} {reason}\n"))?;
    } else {
        let mut line = format!("{GOOD}accepted{GOOD:#}");
        for (name, value) in [
            ("step", step.map(|step| step.to_string())),
            ("counter", counter.map(|counter| counter.to_string())),
            ("drift", drift.map(|drift| format!("{drift:+}"))),
        ] {
            line.extend(value.map(|value| format!(" {name} {value}")));
        }
        output.text(&format!("{line}\n"))?;
    }
    Ok(if accepted { Answer::Yes } else { Answer::No })
}
