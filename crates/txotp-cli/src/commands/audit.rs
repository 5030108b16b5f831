//! `txotp audit`: the evidence of a store.

use clap::{Args, Subcommand};

use crate::cli::Answer;
use crate::error::Error;
use crate::output::Output;

mod export;
mod verify;

/// Hand out and verify the evidence of a store.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp audit export --store bank.db -o evidence.jsonl
  txotp audit verify --store bank.db
  txotp audit verify evidence.jsonl")]
pub(crate) struct Audit {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Subcommand)]
enum AuditCommand {
    Export(export::Export),
    Verify(verify::Verify),
}

impl Audit {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        match &self.command {
            AuditCommand::Export(command) => command.run(output),
            AuditCommand::Verify(command) => command.run(output),
        }
    }
}
