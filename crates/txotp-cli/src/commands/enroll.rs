//! `txotp enroll`: a seed as a Key URI, for the device to scan.

use clap::Args;

use crate::cli::Answer;
use crate::device::{DEFAULT_SUITE, parse_suite};
use crate::enrolment::EnrolmentArgs;
use crate::error::Error;
use crate::output::Output;
use crate::seed_source::SeedArgs;

/// Write the Key URI (otpauth://) that enrols a device, and its QR code.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp enroll --issuer ACME --account john@example.com --seed-file seed.txt
  txotp enroll --issuer ACME --account john@example.com \\
      --seed-file seed.txt --format terminal
  txotp enroll --issuer ACME --account john@example.com \\
      --seed-file seed.txt -o enrolment.png

The Key URI and its QR code hold the seed: show them once, over a confidential channel, and keep \
neither. A suite with a PIN, or with both counter and time, cannot be enrolled in this way. No store \
learns of it: `txotp device add` enrols a device in one.")]
pub(crate) struct Enroll {
    /// Whose device it is
    #[arg(long, value_name = "A")]
    account: String,

    #[command(flatten)]
    seed: SeedArgs,

    /// OCRA suite of the device
    #[arg(long, value_name = "SUITE", default_value = DEFAULT_SUITE)]
    suite: String,

    /// First counter, for suites with `C-` [default: 0]
    #[arg(long, value_name = "N")]
    counter: Option<u64>,

    #[command(flatten)]
    enrolment: EnrolmentArgs,
}

impl Enroll {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let suite = parse_suite(&self.suite)?;
        let seed = self.seed.read(output)?;
        let how = &self.enrolment;
        let enrolment = how.prepare(&self.account, seed, &suite, self.counter, output)?;
        if output.json() {
            enrolment.write()?;
            output.value(&how.json(&enrolment, &suite))?;
        } else {
            how.give(&enrolment, output)?;
        }
        output.note("this holds the seed: show it once, and keep no copy");
        Ok(Answer::Yes)
    }
}
