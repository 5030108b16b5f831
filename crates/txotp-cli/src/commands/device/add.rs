//! `txotp device add`.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use txotp_core::{Counter, PinHash, Seed, TransactionSuite};
use txotp_store::{DeviceId, Enrolment as NewDevice, StoreError, UserId};
use txotp_uri::Limit;
use txotp_uri::key_uri::Factor;
use txotp_verifier::Settings;
use zeroize::Zeroizing;

use crate::cli::Answer;
use crate::commands::seed::generate;
use crate::device::{DEFAULT_SUITE, parse_suite};
use crate::draw::Format;
use crate::enrolment::{Enrolment, EnrolmentArgs};
use crate::error::Error;
use crate::output::Output;
use crate::seed_source::{self, PinArgs};
use crate::store::policy::PolicyArgs;
use crate::store::{ActorArgs, StoreArgs};
use crate::{files, hex, input};

/// Enrol a device: with a new seed, which is handed out once, or with one that it has already.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp device add --store bank.db --user alice --issuer ACME
  txotp device add --store bank.db --user alice --issuer ACME -o enrolment.png
  txotp device add --store bank.db --user alice --device token-4711 \\
      --suite OCRA-1:HOTP-SHA256-8:C-QH64-PSHA1 --seed-file seed.txt \\
      --pin-file pin.txt
  txotp device add --store bank.db --user alice --key-uri-file enrolment.txt

A new seed is printed as a Key URI, on a terminal with its QR code, for the device to scan: show it once, \
over a confidential channel, and keep no copy. It cannot be shown again. A suite with a PIN, or with both \
counter and time, has no Key URI: import its seed. An imported seed is not printed. TXOTP_SEED is not \
heeded here, so that no two devices get one seed by accident.

A name is never used again, also not after the device is revoked. A user has at most 16 devices that are \
not revoked.")]
pub(crate) struct Add {
    /// User whose device it is
    #[arg(long, value_name = "USER")]
    user: UserId,

    /// Name of the device, in the whole store [default: a random one]
    #[arg(long, value_name = "DEVICE")]
    device: Option<DeviceId>,

    /// OCRA suite of the device: hash, digits, and the inputs of a code
    #[arg(long, value_name = "SUITE", default_value = DEFAULT_SUITE)]
    suite: String,

    /// First counter, for suites with `C-` [default: 0]
    #[arg(long, value_name = "N")]
    counter: Option<u64>,

    /// File with the seed that the device has, `-` for standard input [else: a new seed]
    #[arg(long, value_name = "FILE", conflicts_with_all = HANDED_OUT)]
    seed_file: Option<PathBuf>,

    /// File with a Key URI: seed, suite and counter that the device has; `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = HANDED_OUT,
          conflicts_with_all = ["seed_file", "suite", "counter"])]
    key_uri_file: Option<PathBuf>,

    #[command(flatten)]
    pin: PinArgs,

    /// Account that the device shows [default: the user]
    #[arg(long, value_name = "A")]
    account: Option<String>,

    #[command(flatten)]
    enrolment: EnrolmentArgs,

    #[command(flatten)]
    store: StoreArgs,

    #[command(flatten)]
    actor: ActorArgs,

    #[command(flatten, next_help_heading = "Options of the policy")]
    policy: PolicyArgs,
}

const HANDED_OUT: [&str; 4] = ["issuer", "account", "format", "output"];

/// What makes the codes of a device.
struct Origin {
    suite: TransactionSuite,
    counter: Option<u64>,
    seed: Seed,
    is_new: bool,
}

impl Add {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        self.check_stdin()?;
        let act = self.actor.now()?;
        let settings = self.policy.over(Settings::default());
        let settings = settings.map_err(StoreError::from)?;
        let origin = self.origin(output)?;
        let pin = self.pin.read(&origin.suite, output)?;
        let enrolment = self.prepare(&origin, output)?;
        let device = match &self.device {
            Some(device) => device.clone(),
            None => random_name()?,
        };
        let suite = origin.suite;
        let vault = self.store.open(output)?;
        let new = self.new_device(device.clone(), origin, settings, pin);
        vault.enrol(new, act).wait()?;
        self.tell(&device, &suite, enrolment.as_ref(), output)
            .map_err(|error| {
                error.within("the device is enrolled, and this failed after it").advise(
                    "`txotp device list` names it; if its seed is lost, revoke it, and add another",
                )
            })?;
        Ok(Answer::Yes)
    }

    fn check_stdin(&self) -> Result<(), Error> {
        let is_stdin = |file: &Option<PathBuf>| file.as_deref().is_some_and(files::is_stdin);
        let seed = is_stdin(&self.seed_file) || is_stdin(&self.key_uri_file);
        if seed && self.pin.uses_stdin() {
            return Err(Error::new(
                "standard input is asked for twice",
                "give only one of seed and PIN as `-`",
            ));
        }
        Ok(())
    }

    fn origin(&self, output: Output) -> Result<Origin, Error> {
        if let Some(path) = &self.key_uri_file {
            seed_source::warn_if_shared(path, "Key URI", output);
            let file = files::read(path, "the Key URI file", KEY_URI_LIMIT)?;
            return read_key_uri(files::without_newline(&file));
        }
        let suite = parse_suite(&self.suite)?;
        let seed = match &self.seed_file {
            Some(path) => seed_source::from_file(path, output)?,
            None => generate(suite.algorithm())?,
        };
        Ok(Origin {
            suite,
            counter: self.counter,
            seed,
            is_new: self.seed_file.is_none(),
        })
    }

    /// Prepares to hand out a new seed, so that what fails does so before the device is enrolled.
    fn prepare(&self, origin: &Origin, output: Output) -> Result<Option<Enrolment>, Error> {
        if !origin.is_new {
            return Ok(None);
        }
        let how = &self.enrolment;
        let account = self.account.as_deref().unwrap_or(self.user.as_str());
        let (seed, suite) = (origin.seed.clone(), &origin.suite);
        let mut enrolment = how.prepare(account, seed, suite, origin.counter, output)?;
        if !how.says_how() && output.terminal() && !output.json() {
            enrolment.picture = Some(how.picture(&enrolment.uri, Format::Terminal, output)?);
        }
        Ok(Some(enrolment))
    }

    fn new_device(
        &self,
        device: DeviceId,
        origin: Origin,
        settings: Settings,
        pin: Option<PinHash>,
    ) -> NewDevice {
        NewDevice {
            device,
            user: self.user.clone(),
            suite: origin.suite,
            settings,
            seed: origin.seed,
            pin,
            counter: origin.counter.map(Counter::new),
        }
    }

    /// Tells of the device, and hands out its seed where that is new.
    fn tell(
        &self,
        device: &DeviceId,
        suite: &TransactionSuite,
        enrolment: Option<&Enrolment>,
        output: Output,
    ) -> Result<(), Error> {
        let how = &self.enrolment;
        if output.json() {
            enrolment.map_or(Ok(()), Enrolment::write)?;
            output.value(&json!({
                "device": device.as_str(),
                "user": self.user.as_str(),
                "suite": suite.to_string(),
                "enrolment": enrolment.map_or(Value::Null, |enrolment| how.json(enrolment, suite)),
            }))?;
        } else {
            self.tell_in_text(device, suite, enrolment, output)?;
        }
        if enrolment.is_some() {
            output.note("this holds the seed: show it once, and keep no copy");
        }
        Ok(())
    }

    fn tell_in_text(
        &self,
        device: &DeviceId,
        suite: &TransactionSuite,
        enrolment: Option<&Enrolment>,
        output: Output,
    ) -> Result<(), Error> {
        let how = &self.enrolment;
        if let Some(enrolment) = enrolment.filter(|_| how.says_how()) {
            // Standard output is for what was asked for.
            output.note(format_args!("device {device} is enrolled"));
            return how.give(enrolment, output);
        }
        let mut rows = vec![
            ("device", Zeroizing::new(device.to_string())),
            ("user", Zeroizing::new(self.user.to_string())),
            ("suite", Zeroizing::new(suite.to_string())),
        ];
        rows.extend(enrolment.map(|enrolment| ("uri", enrolment.uri.clone())));
        let rows: Vec<_> = rows.iter().map(|(name, text)| (*name, &**text)).collect();
        output.text(&Zeroizing::new(output.table(&rows)))?;
        match enrolment {
            Some(enrolment) if enrolment.picture.is_some() => how.give(enrolment, output),
            _ => Ok(()),
        }
    }
}

/// The longest Key URI that can be drawn, and a line feed.
const KEY_URI_LIMIT: u64 = 2955;

fn read_key_uri(string: &[u8]) -> Result<Origin, Error> {
    let mut buffer = Zeroizing::new(Vec::new());
    let key_uri = input::key_uri(string, Limit::MAX, &mut buffer)?;
    let suite = key_uri.transaction_suite().ok_or_else(|| {
        Error::new(
            "OCRA has no spelling of this Key URI's period",
            "enrol the device anew, with a period of 1 to 60 or 120 seconds",
        )
    })?;
    let counter = match key_uri.factor() {
        Factor::Time(_) => None,
        Factor::Counter(counter) => Some(counter.get()),
    };
    Ok(Origin {
        suite,
        counter,
        seed: key_uri.seed().clone(),
        is_new: false,
    })
}

/// A name that no other device has: 16 random hexadecimal digits.
fn random_name() -> Result<DeviceId, Error> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|_| {
        Error::new(
            "the system's random source failed",
            "name the device with --device, and look at the machine's configuration",
        )
    })?;
    Ok(DeviceId::new(hex::encode(&bytes))?)
}
