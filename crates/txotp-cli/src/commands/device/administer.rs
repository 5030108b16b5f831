//! `txotp device suspend`, `resume`, `revoke`, `unlock` and `forgive-clock`: one act on one device.

use clap::Args;
use serde_json::json;
use txotp_store::{Act, DeviceId, Ticket, Vault};

use crate::cli::Answer;
use crate::error::Error;
use crate::output::{GOOD, Output};
use crate::store::{ActorArgs, StoreArgs};

/// Which device, and who acts.
#[derive(Args)]
pub(super) struct SubjectArgs {
    /// Device that it is done to
    #[arg(value_name = "DEVICE")]
    pub(super) device: DeviceId,

    #[command(flatten)]
    pub(super) store: StoreArgs,

    #[command(flatten)]
    pub(super) actor: ActorArgs,
}

impl SubjectArgs {
    /// Does it, and tells that it is done.
    pub(super) fn run(
        &self,
        done: &str,
        output: Output,
        act: impl FnOnce(&Vault, DeviceId, Act) -> Ticket<()>,
    ) -> Result<Answer, Error> {
        let by = self.actor.now()?;
        let vault = self.store.open(output)?;
        act(&vault, self.device.clone(), by).wait()?;
        self.tell(done, output)
    }

    /// Tells that something is done.
    pub(super) fn tell(&self, done: &str, output: Output) -> Result<Answer, Error> {
        if output.json() {
            output.value(&json!({ "device": self.device.as_str(), "done": done }))?;
        } else {
            output.text(&format!("{GOOD}{done}{GOOD:#} {}\n", self.device))?;
        }
        Ok(Answer::Yes)
    }
}

/// Suspend a device: until it is resumed, nothing is accepted of it.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp device suspend --store bank.db phone-1

Its state is kept. A code that is sent meanwhile is refused and counts for nothing.")]
pub(crate) struct Suspend {
    #[command(flatten)]
    subject: SubjectArgs,
}

impl Suspend {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        self.subject.run("suspended", output, Vault::suspend)
    }
}

/// Resume a suspended device, with the state that it had.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp device resume --store bank.db phone-1

Codes that were accepted before stay used, and a lock stays in force.")]
pub(crate) struct Resume {
    #[command(flatten)]
    subject: SubjectArgs,
}

impl Resume {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        self.subject.run("resumed", output, Vault::resume)
    }
}

/// Revoke a device, for ever.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp device revoke --store bank.db phone-1

There is no way back. Its row stays for the evidence, and its name is never used again.")]
pub(crate) struct Revoke {
    #[command(flatten)]
    subject: SubjectArgs,
}

impl Revoke {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        self.subject.run("revoked", output, Vault::revoke)
    }
}

/// Lift the lock of a device, and forget its failures.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp device unlock --store bank.db phone-1

Make sure of the payer by other means first. Codes that were accepted stay used.")]
pub(crate) struct Unlock {
    #[command(flatten)]
    subject: SubjectArgs,
}

impl Unlock {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        self.subject.run("unlocked", output, Vault::unlock)
    }
}

/// Forget when a device last accepted, for a clock that was ahead then.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp device forgive-clock --store bank.db phone-1

While the clock is behind the last acceptance nothing is decided (clock-went-back). Mend the clock first; \
if it was wrong at that acceptance, this lets the device go on. Codes that were accepted stay used.")]
pub(crate) struct ForgiveClock {
    #[command(flatten)]
    subject: SubjectArgs,
}

impl ForgiveClock {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        self.subject.run("forgiven", output, Vault::forgive_clock)
    }
}
