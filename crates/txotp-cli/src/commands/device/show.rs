//! `txotp device show`.

use clap::Args;
use txotp_store::DeviceId;

use crate::cli::Answer;
use crate::device::TimeArgs;
use crate::error::Error;
use crate::output::Output;
use crate::store::StoreArgs;
use crate::store::show::Portrait;

/// Show all that is known of a device, except its seed.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp device show --store bank.db phone-1
  txotp device show --store bank.db phone-1 --json

`lock` is the one in force, `attempts left` are the failures until `next lock`; `guess` is how likely \
it is to guess a code until a lock that does not end by itself. `drift` and `anchor` are the steps by \
which the device is ahead of the bank.")]
pub(crate) struct Show {
    /// Device to show
    #[arg(value_name = "DEVICE")]
    device: DeviceId,

    #[command(flatten)]
    store: StoreArgs,

    #[command(flatten)]
    time: TimeArgs,
}

impl Show {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let now = self.time.get()?;
        let vault = self.store.open(output)?;
        let device = vault.device(self.device.clone()).wait()?;
        let portrait = Portrait::of(&device, now)?;
        if output.json() {
            output.value(&portrait.json())?;
        } else {
            output.text(&output.table(&portrait.rows()))?;
        }
        Ok(Answer::Yes)
    }
}
