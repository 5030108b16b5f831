//! `txotp device list`.

use clap::{Args, ValueEnum};
use txotp_store::{Device, Listed, Status, UserId};

use crate::cli::Answer;
use crate::error::Error;
use crate::listing::Listing;
use crate::output::Output;
use crate::store::{StoreArgs, show};

/// List the devices of a store, or of a user.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp device list --store bank.db
  txotp device list --store bank.db --user alice
  txotp device list --store bank.db --status suspended | cut -f 1

They come in the order of their names, as device, user, status, suite, time of enrolment and key.")]
pub(crate) struct List {
    /// Only the devices of this user
    #[arg(long, value_name = "USER")]
    user: Option<UserId>,

    /// Only the devices of this status
    #[arg(long, value_name = "STATUS")]
    status: Option<StatusName>,

    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum StatusName {
    Active,
    Suspended,
    Revoked,
}

impl List {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let vault = self.store.open(output)?;
        let mut listing = Listing::begin(output, "devices", show::HEADER)?;
        if let Some(user) = &self.user {
            let listed = vault.devices_of(user.clone()).wait()?;
            self.page(output, &mut listing, &listed)?;
        } else {
            let mut after = None;
            loop {
                let listed = vault.devices_after(after).wait()?;
                self.page(output, &mut listing, &listed)?;
                after = match listed.last {
                    Some(last) => Some(last),
                    None => break,
                };
            }
        }
        listing.end("there are none")?;
        Ok(Answer::Yes)
    }

    fn page(&self, output: Output, listing: &mut Listing, listed: &Listed) -> Result<(), Error> {
        for name in &listed.damaged {
            output.warn(format_args!("the row of a device is damaged: {name:?}"));
        }
        let wanted = self.status.map(Status::from);
        let wanted = |device: &&Device| wanted.is_none_or(|status| device.status == status);
        let rows: Vec<_> = listed
            .devices
            .iter()
            .filter(wanted)
            .map(show::row)
            .collect();
        listing.page(&rows)
    }
}

impl From<StatusName> for Status {
    fn from(name: StatusName) -> Self {
        match name {
            StatusName::Active => Self::Active,
            StatusName::Suspended => Self::Suspended,
            StatusName::Revoked => Self::Revoked,
        }
    }
}
