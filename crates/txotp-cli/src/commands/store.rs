//! `txotp store`: a store as a whole.

use clap::{Args, Subcommand};

use crate::cli::Answer;
use crate::error::Error;
use crate::output::Output;

mod backup;
mod check;
pub(crate) mod init;
mod migrate;
mod restored;

/// Make, check and keep stores of devices.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp store init --store bank.db
  txotp store check --store bank.db
  txotp store backup --store bank.db backup.db")]
pub(crate) struct Store {
    #[command(subcommand)]
    command: StoreCommand,
}

#[derive(Subcommand)]
enum StoreCommand {
    Init(init::Init),
    Migrate(migrate::Migrate),
    Check(check::Check),
    Backup(backup::Backup),
    Restored(restored::Restored),
}

impl Store {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        match &self.command {
            StoreCommand::Init(command) => command.run(output),
            StoreCommand::Migrate(command) => command.run(output),
            StoreCommand::Check(command) => command.run(output),
            StoreCommand::Backup(command) => command.run(output),
            StoreCommand::Restored(command) => command.run(output),
        }
    }
}
