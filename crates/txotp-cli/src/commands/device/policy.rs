//! `txotp device policy`.

use clap::Args;

use super::administer::SubjectArgs;
use crate::cli::Answer;
use crate::error::Error;
use crate::output::Output;
use crate::store::policy::PolicyArgs;

/// Change how much is tolerated of a device.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp device policy --store bank.db phone-1 --max-failures 3
  txotp device policy --store bank.db phone-1 --past 2 --future 0

What is not named stays as it is; `txotp device show` shows it. Settings under which a code is guessed \
more often than once in 10 000 are refused.")]
pub(crate) struct Policy {
    #[command(flatten)]
    subject: SubjectArgs,

    #[command(flatten)]
    policy: PolicyArgs,
}

impl Policy {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let subject = &self.subject;
        let act = subject.actor.now()?;
        let vault = subject.store.open(output)?;
        let device = vault.device(subject.device.clone()).wait()?;
        let change = self.policy;
        if change.over(device.settings) == Ok(device.settings) {
            return Err(Error::new(
                "these are the settings that the device has",
                "name what shall change, such as --max-failures 3",
            ));
        }
        vault
            .set_policy(subject.device.clone(), move |own| change.over(own), act)
            .wait()?;
        subject.tell("changed", output)
    }
}
