//! `txotp approve`: a device that answers approval requests of a service.

use std::io::{IsTerminal as _, stdin};
use std::path::PathBuf;

use clap::{ArgGroup, Args};
use serde_json::json;
use txotp_core::Purpose;
use txotp_server::Decision;
use zeroize::Zeroizing;

use crate::cli::Answer;
use crate::device::{Device, DeviceArgs};
use crate::error::Error;
use crate::files;
use crate::output::{BAD, GOOD, Output};

mod service;
mod waiting;

use service::{Pending, Service, is_safe};
use waiting::{Waiting, unusable};

/// The longest file with a device key: 40 characters, and a little.
const KEY_LIMIT: u64 = 1024;

/// List the approval requests that wait for a device, and approve or deny them.
#[derive(Args)]
#[command(
    group(ArgGroup::new("what").args(["list", "approve", "deny"])),
    after_help = "\
Examples:
  txotp approve --url https://bank.example --device-key-file phone.key \\
      --seed-file seed.txt
  txotp approve --device-key-file phone.key --list
  txotp approve --device-key-file phone.key --seed-file seed.txt \\
      --approve 5f2c1d0e-3f1b-4a61-9d58-0a7c3c3e7a11

On a terminal each request is shown, and what to do with it is asked. Elsewhere the requests are listed, \
unless --approve or --deny names one. The code is computed over what is shown, the hidden details, the \
decision and the request's id, so that it serves for nothing else.

Exit codes: 0 done; 1 the code was refused, or the request has ended; 2 the service gave no answer."
)]
pub(crate) struct Approve {
    /// Where the service is [else: the variable TXOTP_URL; default: http://127.0.0.1:8080]
    #[arg(long, value_name = "URL")]
    url: Option<String>,

    /// File with the key of the device, `-` for standard input [else: the variable TXOTP_DEVICE_KEY]
    #[arg(long, value_name = "FILE")]
    device_key_file: Option<PathBuf>,

    /// List what waits, and do nothing
    #[arg(long)]
    list: bool,

    /// Approve the request of this id
    #[arg(long, value_name = "ID")]
    approve: Option<String>,

    /// Deny the request of this id
    #[arg(long, value_name = "ID")]
    deny: Option<String>,

    #[command(flatten)]
    device: DeviceArgs,
}

impl Approve {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let service = self.service()?;
        let pending = service.pending()?;
        let chosen = match (&self.approve, &self.deny) {
            (Some(id), _) => Some((id, Decision::Approve)),
            (None, Some(id)) => Some((id, Decision::Deny)),
            (None, None) => None,
        };
        if let Some((id, decision)) = chosen {
            let is_it = |waiting: &&Waiting| waiting.id == *id;
            let Some(waiting) = pending.approvals.iter().find(is_it) else {
                output.note(
                    "no request of this id waits for the device: it has ended, or is another's",
                );
                return Ok(Answer::No);
            };
            let mut device = self.device.read(self.takes_stdin(), output)?;
            waiting.show(output)?;
            return self.answer(&service, &mut device, waiting, decision, output);
        }
        let asks = output.terminal() && stdin().is_terminal() && !output.json();
        if self.list || !asks {
            return list(&pending, output);
        }
        self.ask(&service, &pending, output)
    }

    fn takes_stdin(&self) -> bool {
        self.device_key_file.as_deref().is_some_and(files::is_stdin)
    }

    fn service(&self) -> Result<Service, Error> {
        let url = self.url.clone().or_else(|| std::env::var("TXOTP_URL").ok());
        let url = url.unwrap_or_else(|| "http://127.0.0.1:8080".to_owned());
        if !is_safe(&url) {
            return Err(Error::new(
                "the service's URL would send the key in the clear",
                "give an https:// URL; http:// is for this machine only",
            ));
        }
        Ok(Service::new(&url, self.authorization()?))
    }

    fn authorization(&self) -> Result<Zeroizing<String>, Error> {
        let bytes = match &self.device_key_file {
            Some(path) => files::read(path, "the file with the device key", KEY_LIMIT)?,
            None => {
                let key = std::env::var("TXOTP_DEVICE_KEY").map_err(|_| {
                    Error::new(
                        "there is no device key",
                        "name its file with --device-key-file FILE, or set TXOTP_DEVICE_KEY; an administrator makes one \
                         with POST /v1/devices/{device}/keys",
                    )
                })?;
                Zeroizing::new(key.into_bytes())
            }
        };
        let key = files::without_newline(&bytes);
        let text = std::str::from_utf8(key).ok();
        let text = text.filter(|text| text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let text = text.ok_or_else(|| {
            Error::new(
                "the device key is none",
                "a key is 40 letters and digits, as the service printed it",
            )
        })?;
        Ok(Zeroizing::new(format!("Bearer {text}")))
    }

    /// Shows each request in turn, and asks what to do with it.
    fn ask(&self, service: &Service, pending: &Pending, output: Output) -> Result<Answer, Error> {
        if pending.approvals.is_empty() {
            output.note("nothing waits for the device");
        }
        let mut device = self.device.read(true, output)?;
        let mut worst = Answer::Yes;
        for waiting in &pending.approvals {
            waiting.show(output)?;
            let Some(decision) = question(output)? else {
                continue;
            };
            if self.answer(service, &mut device, waiting, decision, output)? == Answer::No {
                worst = Answer::No;
            }
        }
        Ok(worst)
    }

    fn answer(
        &self,
        service: &Service,
        device: &mut Device,
        waiting: &Waiting,
        decision: Decision,
        output: Output,
    ) -> Result<Answer, Error> {
        // A person may have thought for longer than a code lasts.
        device.now = self.device.time.get()?;
        let bound = decision.bind(&waiting.transaction()?, &waiting.id);
        let bound = bound.map_err(|_| unusable())?;
        let purpose = Purpose::Transaction(bound.as_transaction().digest());
        let code = device.key.code(purpose, device.factor()).map_err(|error| {
            Error::new(
                error.to_string(),
                "choose a suite with one of counter and time",
            )
        })?;
        let outcome = service.answer(&waiting.id, decision, code.reveal())?;
        let (accepted, status) = match &outcome {
            Some(outcome) => (outcome.accepted, outcome.status.as_str()),
            None => (false, "ended"),
        };
        if output.json() {
            output.value(&json!({
                "id": waiting.id,
                "decision": decision.name(),
                "accepted": accepted,
                "status": status,
            }))?;
        } else if accepted {
            output.text(&format!("  {GOOD}{status}{GOOD:#}\n"))?;
        } else if outcome.is_some() {
            output.text(&format!("  {BAD}refused{BAD:#}\n"))?;
            output.note("the code is not one of this device now: check seed, suite and clock");
        } else {
            output.text(&format!("  {BAD}ended{BAD:#}\n"))?;
            output.note("somebody else answered it first, or its time is over");
        }
        Ok(if accepted { Answer::Yes } else { Answer::No })
    }
}

fn list(pending: &Pending, output: Output) -> Result<Answer, Error> {
    if output.json() {
        let approvals = pending.approvals.iter().map(Waiting::json);
        let approvals = approvals.collect::<Result<Vec<_>, _>>()?;
        output.value(&json!({ "approvals": approvals }))?;
        return Ok(Answer::Yes);
    }
    for waiting in &pending.approvals {
        waiting.show(output)?;
    }
    if pending.approvals.is_empty() {
        output.note("nothing waits for the device");
    }
    Ok(Answer::Yes)
}

/// Asks until it is answered; nothing where the request is to wait on.
fn question(output: Output) -> Result<Option<Decision>, Error> {
    loop {
        output.text("  approve, deny or later? [a/d/L] ")?;
        let mut line = String::new();
        let read = stdin().read_line(&mut line);
        let read = read.map_err(|error| files::unreadable("standard input", &error))?;
        match line.trim().to_ascii_lowercase().as_str() {
            "a" | "approve" => return Ok(Some(Decision::Approve)),
            "d" | "deny" => return Ok(Some(Decision::Deny)),
            "" | "l" | "later" => return Ok(None),
            _ if read == 0 => return Ok(None),
            _ => {}
        }
    }
}
