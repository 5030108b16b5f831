//! `txotp device history`.

use clap::Args;
use txotp_core::UnixTime;
use txotp_store::{DeviceId, Entry};

use crate::calendar;
use crate::cli::Answer;
use crate::error::Error;
use crate::listing::{Listing, Row};
use crate::output::Output;
use crate::store::{StoreArgs, report};

/// Show what happened to a device, from its enrolment on.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp device history --store bank.db phone-1
  txotp device history --store bank.db phone-1 --json

Each entry of the evidence is a line: its number, time, event, verdict or status, reason, and who acted. \
With --json all of it is there.")]
pub(crate) struct History {
    /// Device of which it is
    #[arg(value_name = "DEVICE")]
    device: DeviceId,

    #[command(flatten)]
    store: StoreArgs,
}

const HEADER: &[&str] = &["entry", "time", "event", "outcome", "reason", "actor"];

impl History {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let vault = self.store.open(output)?;
        // So that a name which no device has is an error, and not an empty list.
        vault.device(self.device.clone()).wait()?;
        let mut listing = Listing::begin(output, "entries", HEADER)?;
        let mut after = 0;
        loop {
            let page = vault.history(self.device.clone(), after).wait()?;
            let rows: Vec<_> = page.iter().map(row).collect();
            listing.page(&rows)?;
            match page.last().and_then(|entry| entry.version) {
                Some(last) => after = last,
                None => break,
            }
        }
        listing.end("there are none")?;
        Ok(Answer::Yes)
    }
}

fn row(entry: &Entry) -> Row {
    // The columns are as they stand in the database, which others could have written.
    let or_dash =
        |text: Option<&String>| text.map_or_else(|| "-".to_owned(), |text| report::visible(text));
    let version = entry.version.unwrap_or_default();
    let outcome = entry.verdict.as_ref().or(entry.status.as_ref());
    Row {
        cells: vec![
            version.to_string(),
            calendar::time(UnixTime::from_seconds(entry.time)),
            entry.event.to_string(),
            or_dash(outcome),
            or_dash(entry.reason.as_ref()),
            or_dash(entry.actor.as_ref()),
        ],
        json: serde_json::to_value(entry).expect("texts and numbers always are JSON"),
    }
}
