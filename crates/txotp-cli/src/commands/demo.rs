//! `txotp demo`: the documented Authy transaction on its way from string to QR to code to verdict.

mod bank;
mod report;
mod script;

use clap::Args;
use txotp_core::UnixTime;

use crate::cli::Answer;
use crate::device;
use crate::error::Error;
use crate::output::Output;

/// Watch a payment go from string to QR code to code to verdict.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp demo
  txotp demo --at 1700000000
  txotp demo --json

It needs nothing: the bank, the device and the attacker are this one program. The seed is made for this \
run, shown because it opens nothing, and forgotten. The exit code is 0 only if every step went as it \
must.")]
pub(crate) struct Demo {
    /// Time at which it plays, in seconds since 1970-01-01T00:00:00Z [default: now]
    #[arg(long, value_name = "UNIX", value_parser = clap::value_parser!(u64).range(..=LAST_TIME))]
    at: Option<u64>,
}

/// 9999-12-31T23:00:00Z: some minutes are needed after it.
const LAST_TIME: u64 = 253_402_297_200;

impl Demo {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let now = match self.at {
            Some(seconds) => UnixTime::from_seconds(seconds),
            None => device::now()?,
        };
        let report = script::play(now, output)?;
        if output.json() {
            output.value(&report.json())?;
        } else {
            output.text(&report.text())?;
        }
        Ok(if report.all_well() {
            Answer::Yes
        } else {
            Answer::No
        })
    }
}
