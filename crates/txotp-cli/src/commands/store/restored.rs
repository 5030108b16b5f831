//! `txotp store restored`.

use clap::Args;
use serde_json::json;

use crate::cli::Answer;
use crate::error::Error;
use crate::output::{GOOD, Output};
use crate::progress::Bar;
use crate::store::{ActorArgs, StoreArgs};

/// Make a store safe that was restored from a backup, before its first verdict.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp store restored --store bank.db

A backup has forgotten which codes were accepted after it was made. Of a device with a time step every \
step is closed that a forgotten code could be of: until now, and as far ahead as its drift may reach, some \
minutes, in which its codes are refused as replays. How far a device with a counter went nobody knows any \
more: it is suspended; revoke it, and enrol another. A device that was resynchronised after the backup was \
made has lost its place again: enrol it anew. Exports of the evidence made since name such devices, in lines \
with the event \"resynchronisation\" that the restored store does not have. An interrupted run is taken up \
by running it again.")]
pub(crate) struct Restored {
    #[command(flatten)]
    store: StoreArgs,

    #[command(flatten)]
    actor: ActorArgs,
}

impl Restored {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let act = self.actor.now()?;
        let vault = self.store.open(output)?;
        let bar = Bar::counting("pages of devices");
        let mut suspended: u64 = 0;
        let mut damaged: u64 = 0;
        let mut after = None;
        loop {
            let page = vault.restored(after, act.clone()).wait()?;
            suspended = suspended.saturating_add(page.suspended);
            damaged = damaged.saturating_add(page.damaged);
            bar.add(1);
            after = match page.last {
                Some(last) => Some(last),
                None => break,
            };
        }
        drop(bar);
        if output.json() {
            output.value(&json!({ "suspended": suspended, "damaged": damaged }))?;
        } else {
            output.text(&format!(
                "{GOOD}restored{GOOD:#} store, devices with a counter suspended: {suspended}\n"
            ))?;
        }
        if suspended > 0 {
            output.note(
                "`txotp device list --status suspended` names them: revoke each, and enrol another",
            );
        }
        if damaged > 0 {
            output.warn(format_args!(
                "devices left as they are, since they are damaged: {damaged}; `txotp store check` names them"
            ));
        }
        Ok(Answer::Yes)
    }
}
