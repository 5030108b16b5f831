//! `txotp device`: the devices of a store.

use clap::{Args, Subcommand};

use crate::cli::Answer;
use crate::error::Error;
use crate::output::Output;

mod add;
mod administer;
mod history;
mod list;
mod policy;
mod resync;
mod show;

/// Enrol, look up and administer the devices of a store.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp device add --store bank.db --user alice --issuer ACME
  txotp device list --store bank.db --user alice
  txotp device show --store bank.db phone-1")]
pub(crate) struct Device {
    #[command(subcommand)]
    command: DeviceCommand,
}

#[derive(Subcommand)]
enum DeviceCommand {
    Add(add::Add),
    List(list::List),
    Show(show::Show),
    Suspend(administer::Suspend),
    Resume(administer::Resume),
    Revoke(administer::Revoke),
    Unlock(administer::Unlock),
    Resync(resync::Resync),
    Policy(policy::Policy),
    ForgiveClock(administer::ForgiveClock),
    History(history::History),
}

impl Device {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        match &self.command {
            DeviceCommand::Add(command) => command.run(output),
            DeviceCommand::List(command) => command.run(output),
            DeviceCommand::Show(command) => command.run(output),
            DeviceCommand::Suspend(command) => command.run(output),
            DeviceCommand::Resume(command) => command.run(output),
            DeviceCommand::Revoke(command) => command.run(output),
            DeviceCommand::Unlock(command) => command.run(output),
            DeviceCommand::Resync(command) => command.run(output),
            DeviceCommand::Policy(command) => command.run(output),
            DeviceCommand::ForgiveClock(command) => command.run(output),
            DeviceCommand::History(command) => command.run(output),
        }
    }
}
