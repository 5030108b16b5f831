//! `txotp keys new`.

use clap::Args;
use serde_json::json;
use txotp_store::{KeyError, KeyId, Keyring, Location};

use super::{first_id, free_id};
use crate::cli::Answer;
use crate::error::Error;
use crate::output::{GOOD, Output};
use crate::store::PlaceArgs;
use crate::store::keys::{KeyArgs, KeySource};

/// Add a key to a key file, which seals from then on; make the file where there is none.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp keys new --store bank.db
  txotp keys new --keys /secure/bank.keys 2027-a

The file is replaced as a whole, or left as it is; only its owner can read it. FILE.new beside it is the \
lock while that is done. Programs that have the \
store open learn of the key when they open it anew: restart them, then run `txotp keys rotate`.")]
pub(crate) struct New {
    #[command(flatten)]
    place: PlaceArgs,

    #[command(flatten)]
    keys: KeyArgs,

    /// Its id: 1 to 32 of A-Z a-z 0-9 . _ - [default: today's date]
    #[arg(value_name = "ID")]
    id: Option<KeyId>,
}

impl New {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let location = self.place.if_named(output)?;
        let KeySource::File(path) = self.keys.source(location.as_ref())? else {
            return Err(Error::new(
                "the keys are in TXOTP_KEYS, which this command cannot write",
                "name a key file with --keys FILE, or add a key where TXOTP_KEYS is set",
            ));
        };
        let is_first = !path.exists();
        let id = if is_first {
            refuse_for_a_store(location.as_ref())?;
            let id = self.id.map_or_else(first_id, Ok)?;
            Keyring::new(id)?.create(&path)?;
            id
        } else {
            Keyring::update(&path, |keys| {
                let taken: Vec<_> = keys.ids().collect();
                let id = self.id.map_or_else(|| free_id(&taken), Ok)?;
                keys.generate(id)?;
                Ok::<_, Error>(id)
            })?
        };
        if output.json() {
            output.value(&json!({ "key": id.as_str(), "key_file": path }))?;
        } else {
            output.text(&format!("{GOOD}made{GOOD:#} key {id}\n"))?;
        }
        output.note(if is_first {
            "the key file is new: keep it apart from the store, and back it up"
        } else {
            "back up the key file, restart what has the store open, then run `txotp keys rotate`"
        });
        Ok(Answer::Yes)
    }
}

/// A first key opens nothing that is there already: its key file is lost, or another was meant.
fn refuse_for_a_store(location: Option<&Location>) -> Result<(), Error> {
    match location {
        Some(Location::Sqlite(store)) if store.exists() => Err(KeyError::Unreadable.into()),
        _ => Ok(()),
    }
}
