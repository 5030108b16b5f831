//! `txotp store init`.

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use serde_json::json;
use txotp_store::{Act, KeyId, KeyService, Keyring, Location, StoreError, Vault};

use crate::cli::Answer;
use crate::commands::keys;
use crate::error::Error;
use crate::output::{GOOD, Output};
use crate::store::keys::KeySource;
use crate::store::{ActArgs, StoreArgs, options};

/// Make a store where there is none, and a key file where there is none.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp store init --store bank.db
  txotp store init --store bank.db --keys /secure/bank.keys
  TXOTP_STORE=postgres://txotp@db.example/txotp \\
      txotp store init --keys /secure/bank.keys

A store that is there already is refused, and left as it is. Seeds are sealed under the last key of the \
key file. Without that file the store is worth nothing; with both, a thief has every seed: keep them \
apart, and back up both. A store of SQLite belongs on a local disk.")]
pub(crate) struct Init {
    #[command(flatten)]
    store: StoreArgs,

    #[command(flatten)]
    act: ActArgs,
}

impl Init {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let location = self.store.place.get(output)?;
        let source = self.store.keys.source(Some(&location))?;
        let act = self.act.get()?;
        let Made { key, new_keys } = make(&location, &source, &act)?;
        if output.json() {
            output.value(&json!({ "made": true, "key": key.as_str(), "key_file": new_keys }))?;
        } else {
            output.text(&format!(
                "{GOOD}made{GOOD:#} store, sealed under key {key}\n"
            ))?;
        }
        if let Some(path) = new_keys {
            output.note(format_args!(
                "the keys are new, in {}: keep them apart from the store, and back them up",
                path.display()
            ));
        }
        Ok(Answer::Yes)
    }
}

/// What was made.
pub(crate) struct Made<'a> {
    /// The key that the store is sealed under.
    pub(crate) key: KeyId,
    /// The key file, where that is new as well.
    pub(crate) new_keys: Option<&'a Path>,
}

/// Makes a store where there is none, and its key file where there is none.
pub(crate) fn make<'a>(
    location: &Location,
    source: &'a KeySource,
    act: &Act,
) -> Result<Made<'a>, Error> {
    let (keys, new_keys) = match source {
        KeySource::File(path) if !path.exists() => (first_keys(path)?, Some(path.as_path())),
        _ => (source.read()?, None),
    };
    let key = keys.current();
    let keys: Arc<dyn KeyService> = Arc::new(keys);
    Vault::create(location, &keys, options(), act).map_err(|error| {
        let error = refused(error, location);
        // Never removed: another run may have made the store under it meanwhile.
        match new_keys {
            Some(_) => error.advise_too("the new key file stays, for the next `txotp store init`"),
            None => error,
        }
    })?;
    Ok(Made { key, new_keys })
}

/// Makes a key file with one key.
fn first_keys(path: &Path) -> Result<Keyring, Error> {
    let keys = Keyring::new(keys::first_id()?)?;
    keys.create(path)?;
    Ok(keys)
}

fn refused(error: StoreError, location: &Location) -> Error {
    match (error, location) {
        // SQLite's own word for a file in a folder that is not there.
        (StoreError::Unreachable, Location::Sqlite(_)) => {
            let advice = "see that the folder is there, and on a local disk";
            Error::new(error.to_string(), advice).because(error.name())
        }
        _ => error.into(),
    }
}
