//! `txotp store backup`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use txotp_store::Location;

use crate::cli::Answer;
use crate::error::Error;
use crate::output::{GOOD, Output};
use crate::progress::Bar;
use crate::store::{StoreArgs, open};

/// Copy an SQLite store as it is at this moment, while others go on working.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp store backup --store bank.db backup-2026-11-23.db

The copy is there when it is whole and on the disk; a file that is there already is not overwritten. Until \
then it is FILE.….new beside it, which stays only if this is killed, and can be removed then. It \
needs the same keys, which are not in it. A store that is restored from it has forgotten which codes were \
accepted since: run `txotp store restored` before the first verdict. PostgreSQL has its own ways, such as \
pg_basebackup.")]
pub(crate) struct Backup {
    #[command(flatten)]
    store: StoreArgs,

    /// File to write, readable by its owner only
    #[arg(value_name = "FILE")]
    to: PathBuf,
}

impl Backup {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let (location, keys) = self.store.read(output)?;
        if !matches!(location, Location::Sqlite(_)) {
            return Err(Error::new(
                "a store on PostgreSQL is not copied by this command",
                "use pg_basebackup or pg_dump, and `txotp store restored` after restoring",
            ));
        }
        let vault = open(&location, keys)?;
        let bar = Bar::new("copying pages");
        vault.backup(&self.to, bar.progress())?;
        drop(bar);
        if output.json() {
            output.value(&json!({ "output": self.to }))?;
        } else {
            output.text(&format!("{GOOD}copied{GOOD:#} store\n"))?;
        }
        output.note("keep it apart from the keys; after restoring it, run `txotp store restored`");
        Ok(Answer::Yes)
    }
}
