//! `txotp store migrate`.

use clap::Args;
use serde_json::json;
use txotp_store::Vault;

use crate::cli::Answer;
use crate::error::Error;
use crate::output::{GOOD, Output};
use crate::store::{PlaceArgs, options};

/// Bring a store to the schema of this release.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp store backup --store bank.db before.db && \\
      txotp store migrate --store bank.db

Make a backup first, and stop every program of an older release. An interrupted run is taken up by the \
next one. A store of a newer release is refused, and left as it is.")]
pub(crate) struct Migrate {
    #[command(flatten)]
    place: PlaceArgs,
}

impl Migrate {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let (before, after) = Vault::migrate(&self.place.get(output)?, options())?;
        if output.json() {
            output.value(&json!({ "before": before, "after": after }))?;
        } else if before == after {
            output.text(&format!("{GOOD}schema{GOOD:#} {after}, as it was\n"))?;
        } else {
            output.text(&format!("{GOOD}schema{GOOD:#} {after}, was {before}\n"))?;
        }
        Ok(Answer::Yes)
    }
}
