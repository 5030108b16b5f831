//! `txotp keys rotate`.

use clap::Args;
use serde_json::json;
use txotp_store::KeyService as _;

use crate::cli::Answer;
use crate::error::Error;
use crate::output::{GOOD, Output};
use crate::progress::Bar;
use crate::store::{ActorArgs, StoreArgs, open};

/// Seal every seed under the last key of the key file, while others go on working.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp keys new --store bank.db && txotp keys rotate --store bank.db
  txotp keys rotate --store bank.db

Every program that has the store open must know the key already. An interrupted run is taken up by \
running it again. `txotp keys status` then says which keys are not needed any more.")]
pub(crate) struct Rotate {
    #[command(flatten)]
    store: StoreArgs,

    #[command(flatten)]
    actor: ActorArgs,
}

impl Rotate {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let act = self.actor.now()?;
        let (location, keys) = self.store.read(output)?;
        let key = keys.current();
        let vault = open(&location, keys)?;
        let bar = Bar::new("sealing");
        let rotation = vault.rotate(act, bar.progress())?;
        let (count, damaged) = (rotation.resealed, rotation.damaged);
        drop(bar);
        if output.json() {
            output.value(&json!({ "key": key.as_str(), "resealed": count, "damaged": damaged }))?;
        } else {
            output.text(&format!(
                "{GOOD}sealed{GOOD:#} seeds anew under key {key}: {count}\n"
            ))?;
        }
        if damaged > 0 {
            output.warn(format_args!(
                "seeds left as they are, since they are damaged: {damaged}; `txotp store check` names them"
            ));
        }
        Ok(Answer::Yes)
    }
}
