//! `txotp keys`: the keys that seeds are sealed under.

use clap::{Args, Subcommand};
use txotp_store::{KeyError, KeyId};

use crate::calendar;
use crate::cli::Answer;
use crate::device::now;
use crate::error::Error;
use crate::output::Output;

mod new;
mod rotate;
mod status;

/// Make and rotate the keys that seeds are sealed under.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp keys new --store bank.db
  txotp keys rotate --store bank.db
  txotp keys status --store bank.db

A key file has one key on each line: an id, a blank and 64 hexadecimal digits. The last one seals, all of \
them open.")]
pub(crate) struct Keys {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Subcommand)]
enum KeysCommand {
    New(new::New),
    Rotate(rotate::Rotate),
    Status(status::Status),
}

impl Keys {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        match &self.command {
            KeysCommand::New(command) => command.run(output),
            KeysCommand::Rotate(command) => command.run(output),
            KeysCommand::Status(command) => command.run(output),
        }
    }
}

/// The id of a first key: today's date.
pub(crate) fn first_id() -> Result<KeyId, Error> {
    free_id(&[])
}

/// An id that is not taken: today's date, and a number where there are several of that day.
fn free_id(taken: &[KeyId]) -> Result<KeyId, Error> {
    let date = calendar::date(now()?).unwrap_or_else(|| "key".to_owned());
    let ids = (1..=u32::MAX).map(|number| match number {
        1 => date.parse::<KeyId>(),
        _ => format!("{date}-{number}").parse(),
    });
    let mut free = ids.filter(|id| id.as_ref().is_ok_and(|id| !taken.contains(id)));
    let id = free.next().unwrap_or(Err(KeyError::BadId));
    Ok(id?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_day_are_numbered() {
        let first = first_id().unwrap();
        let second = free_id(&[first]).unwrap();
        let third = free_id(&[first, second]).unwrap();
        assert_eq!(second.as_str(), format!("{first}-2"));
        assert_eq!(third.as_str(), format!("{first}-3"));
    }
}
