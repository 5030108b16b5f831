//! `txotp device resync`.

use clap::Args;

use super::administer::SubjectArgs;
use crate::cli::Answer;
use crate::commands::verify::stored;
use crate::device::TimeArgs;
use crate::error::Error;
use crate::input::PurposeArgs;
use crate::output::Output;

/// Set the window of a device by two consecutive codes that it shows.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp device resync --store bank.db phone-1 \\
      --code 12345678 --next-code 87654321 --login

It is for a device whose clock or counter has gone out of the window. The window moves far, so make sure \
of the payer by other means too (RFC 6238 section 6). Both codes are used up. Codes that do not fit count \
as a failure. For another time than now, by --at, the evidence names it with the actor.

Exit codes: 0 accepted; 1 refused; 2 there is no verdict, which is a refusal.")]
pub(crate) struct Resync {
    #[command(flatten)]
    subject: SubjectArgs,

    /// The first code that was typed
    #[arg(long, value_name = "CODE", allow_hyphen_values = true)]
    code: String,

    /// The code of the next step or counter
    #[arg(long, value_name = "CODE", allow_hyphen_values = true)]
    next_code: String,

    #[command(flatten)]
    purpose: PurposeArgs,

    #[command(flatten)]
    time: TimeArgs,
}

impl Resync {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let purpose = self.purpose.read()?;
        let act = self.subject.actor.at(self.time)?;
        let vault = self.subject.store.open(output).map_err(stored::not_asked)?;
        let device = self.subject.device.clone();
        let codes = [self.code.as_str(), self.next_code.as_str()];
        let verdict = vault.resynchronise(device, purpose, codes, act).wait();
        stored::tell(&verdict.map_err(stored::undecided)?, output)
    }
}
