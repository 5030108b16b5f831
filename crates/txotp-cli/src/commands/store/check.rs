//! `txotp store check`.

use clap::Args;

use crate::cli::Answer;
use crate::error::Error;
use crate::output::Output;
use crate::progress::Bar;
use crate::store::{StoreArgs, report};

/// Prove that a store is whole: file, rows, seeds and evidence.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp store check --store bank.db
  txotp store check --store bank.db --json

The database file (SQLite) is checked, the mark of every row, that every seed and every record opens, and all \
evidence as `txotp audit verify` does it: as of one moment, while others go on working.

Exit codes: 0 whole; 1 something is wrong, and it is said where; 2 it could not be checked, as where the \
file itself is damaged or a key is missing.")]
pub(crate) struct Check {
    #[command(flatten)]
    store: StoreArgs,
}

impl Check {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let vault = self.store.open(output)?;
        let bar = Bar::new("checking");
        let report = vault.check(bar.progress()).wait()?;
        drop(bar);
        if output.json() {
            output.value(&report::check_json(&report))?;
        } else {
            output.text(&report::check_text(&report))?;
        }
        Ok(if report.is_clean() {
            Answer::Yes
        } else {
            Answer::No
        })
    }
}
