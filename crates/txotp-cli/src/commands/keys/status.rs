//! `txotp keys status`.

use clap::Args;
use serde_json::json;
use txotp_store::{KeyId, KeyService as _};

use crate::cli::Answer;
use crate::error::Error;
use crate::listing::{Listing, Row};
use crate::output::Output;
use crate::store::{StoreArgs, open};

/// Say of each key how many seeds are sealed under it, and whether it is needed.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp keys status --store bank.db
  txotp keys status --store bank.db --json

A key `seals` if new seeds are sealed under it, and `opens` if it is needed until `txotp keys rotate` has \
run. One that is `unused` can be taken out of the key file; backups of the store from before still need \
it, so keep it with them.")]
pub(crate) struct Status {
    #[command(flatten)]
    store: StoreArgs,
}

impl Status {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let (location, keys) = self.store.read(output)?;
        let ids: Vec<_> = keys.ids().collect();
        let current = keys.current();
        let vault = open(&location, keys)?;
        let root = vault.root_key().wait()?;
        let usage = vault.key_usage().wait()?;
        let row = |id: KeyId| {
            let found = usage.iter().find(|(key, _)| *key == id);
            let seeds = found.map_or(0, |(_, count)| *count);
            let role = if id == current {
                "seals"
            } else if seeds > 0 || id == root {
                "opens"
            } else {
                "unused"
            };
            row(id, role, seeds)
        };
        let rows: Vec<_> = ids.into_iter().map(row).collect();
        let mut listing = Listing::begin(output, "keys", &["key", "role", "seeds"])?;
        listing.page(&rows)?;
        listing.end("there are no keys")?;
        Ok(Answer::Yes)
    }
}

fn row(id: KeyId, role: &str, seeds: u64) -> Row {
    Row {
        cells: vec![id.to_string(), role.to_owned(), seeds.to_string()],
        json: json!({ "key": id.as_str(), "role": role, "seeds": seeds }),
    }
}
