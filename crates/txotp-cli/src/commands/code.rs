//! `txotp code`: what a device shows.

use clap::Args;
use serde_json::json;
use txotp_core::{Counter, Step};

use crate::cli::Answer;
use crate::device::DeviceArgs;
use crate::error::Error;
use crate::input::PurposeArgs;
use crate::output::Output;

/// Compute the code of a transaction or a login, as its device does.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp code --seed-file seed.txt --at 1700000000 \\
      'txotp://totp?message=Pay&details[To]=ACME'
  echo \"$STRING\" | txotp code --seed-file seed.txt -
  txotp code --seed-file seed.txt --suite OCRA-1:HOTP-SHA1-7:QH64-T10S \\
      \"$STRING\"
  txotp code --seed-file seed.txt --suite OCRA-1:HOTP-SHA256-8:C-QH64 \\
      --counter 7 \"$STRING\"
  txotp code --seed-file seed.txt --login

The code alone is printed, on one line. A code is a secret until it is used.")]
pub(crate) struct Code {
    #[command(flatten)]
    device: DeviceArgs,

    #[command(flatten)]
    purpose: PurposeArgs,
}

impl Code {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let purpose = self.purpose.read()?;
        let device = self.device.read(self.purpose.is_stdin(), output)?;
        let factor = device.factor();
        let code = device.key.code(purpose, factor).map_err(|error| {
            Error::new(
                error.to_string(),
                "give the STRING of a transaction, or choose a suite without a PIN, and with one of \
                 counter and time",
            )
        })?;
        if output.json() {
            output.value(&json!({
                "code": code.reveal(),
                "suite": device.suite.to_string(),
                "step": factor.get_step().map(Step::get),
                "counter": factor.get_counter().map(Counter::get),
            }))?;
        } else {
            output.line(code.reveal())?;
        }
        Ok(Answer::Yes)
    }
}
