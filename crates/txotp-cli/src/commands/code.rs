//! `txotp code`: what a device shows.

use clap::Args;
use serde_json::json;
use txotp_core::{Counter, Purpose, Step};

use crate::cli::Answer;
use crate::device::DeviceArgs;
use crate::error::Error;
use crate::input::{self, StringArgs};
use crate::output::Output;

/// Compute the code of a transaction, as its device does.
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

The code alone is printed, on one line. A code is a secret until it is used.")]
pub(crate) struct Code {
    #[command(flatten)]
    device: DeviceArgs,

    #[command(flatten)]
    string: StringArgs,
}

impl Code {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let string = self.string.read()?;
        let mut buffer = Vec::new();
        let transaction = input::transaction(&string, self.string.limit(), &mut buffer)?;
        let device = self.device.read(self.string.is_stdin(), output)?;
        let factor = device.factor();
        let code = device
            .key
            .code(Purpose::Transaction(transaction.digest()), factor)
            .expect("the factor was made for this suite");
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
