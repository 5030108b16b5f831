//! `txotp approve`: a device that answers approval requests of a service.

use std::io::{IsTerminal as _, stdin};
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args};
use serde::Deserialize;
use serde_json::{Value, json};
use txotp_core::{Purpose, TextProfile, UnixTime};
use txotp_server::{Decision, Outbound, Reply, Rules, SendError};
use txotp_uri::OwnedTransaction;
use zeroize::Zeroizing;

use crate::calendar;
use crate::cli::Answer;
use crate::device::{Device, DeviceArgs};
use crate::error::Error;
use crate::files;
use crate::output::{BAD, DIM, GOOD, Output};
use crate::show;

/// The longest file with a device key: 40 characters, and a little.
const KEY_LIMIT: u64 = 1024;
/// The longest list of requests: 64 of the longest, as JSON.
const MAX_REPLY: usize = 4 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(30);

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

/// The service, as the device sees it.
struct Service {
    client: Outbound,
    url: String,
    authorization: Zeroizing<String>,
}

/// What a service says of the requests that wait.
#[derive(Deserialize)]
struct Pending {
    approvals: Vec<Waiting>,
}

#[derive(Deserialize)]
struct Waiting {
    id: String,
    application: String,
    message: String,
    details: Vec<Pair>,
    hidden_details: Vec<Pair>,
    expires_at: Option<u64>,
}

#[derive(Deserialize)]
struct Pair {
    key: String,
    value: String,
}

#[derive(Deserialize)]
struct Outcome {
    accepted: bool,
    status: String,
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
        Ok(Service {
            client: Outbound::new().taking(MAX_REPLY),
            url: url.trim_end_matches('/').to_owned(),
            authorization: self.authorization()?,
        })
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

/// Whether the key can be sent there: over TLS, or not beyond this machine.
fn is_safe(url: &str) -> bool {
    let is_here = |host: &str| {
        let rest = url
            .strip_prefix("http://")
            .and_then(|rest| rest.strip_prefix(host));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    };
    url.starts_with("https://") || ["127.0.0.1", "localhost", "[::1]"].into_iter().any(is_here)
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

impl Waiting {
    /// What is shown and bound, checked here as well: what a device shows must not deceive, whoever sends it.
    fn transaction(&self) -> Result<OwnedTransaction, Error> {
        let is_id = self.id.len() == 36
            && self
                .id
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        let is_name = TextProfile::Standard
            .first_forbidden(&self.application)
            .is_none();
        if !(is_id && is_name) {
            return Err(unusable());
        }
        let pairs = |pairs: &[Pair]| {
            let pair = |pair: &Pair| (pair.key.clone(), pair.value.clone());
            pairs.iter().map(pair).collect::<Vec<_>>()
        };
        let (details, hidden) = (pairs(&self.details), pairs(&self.hidden_details));
        OwnedTransaction::from_parts(&self.message, details, hidden).map_err(|_| unusable())
    }

    fn show(&self, output: Output) -> Result<(), Error> {
        let transaction = self.transaction()?;
        if output.json() {
            return Ok(());
        }
        let until = self.expires_at.map_or_else(
            || "never".to_owned(),
            |end| calendar::time(UnixTime::from_seconds(end)),
        );
        let Self {
            id, application, ..
        } = self;
        if output.terminal() {
            output.text(&format!(
                "\n{application} asks, until {until}\n{DIM}{id}{DIM:#}\n\n{}\n",
                show::to_payer(&transaction.as_transaction())
            ))
        } else {
            let rows = [
                ("request", id),
                ("application", application),
                ("until", &until),
            ];
            output.text(&output.table(&rows))?;
            output.text(&show::to_operator(&self.shown()?.as_transaction(), output))
        }
    }

    /// Without the hidden details, which a device does not show.
    fn shown(&self) -> Result<OwnedTransaction, Error> {
        let details = self
            .details
            .iter()
            .map(|pair| (pair.key.clone(), pair.value.clone()));
        OwnedTransaction::from_parts(&self.message, details, []).map_err(|_| unusable())
    }

    fn json(&self) -> Result<Value, Error> {
        self.transaction()?;
        let pairs = self.details.iter();
        let details: Vec<_> = pairs
            .map(|Pair { key, value }| json!({"key": key, "value": value}))
            .collect();
        Ok(json!({
            "id": self.id,
            "application": self.application,
            "message": self.message,
            "details": details,
            "hidden_details": self.hidden_details.len(),
            "expires_at": self.expires_at,
        }))
    }
}

impl Service {
    fn pending(&self) -> Result<Pending, Error> {
        let url = format!("{}/v1/device/approvals", self.url);
        let headers = [("authorization", self.authorization.as_str())];
        let reply = wait(self.client.get(&url, &headers, &RULES))?;
        match reply.status {
            200 => serde_json::from_slice(&reply.body).map_err(|_| unusable()),
            status => Err(refused(status)),
        }
    }

    /// Sends an answer; gives nothing where the request has ended.
    fn answer(&self, id: &str, decision: Decision, code: &str) -> Result<Option<Outcome>, Error> {
        let url = format!("{}/v1/device/approvals/{id}", self.url);
        let headers = [
            ("authorization", self.authorization.as_str()),
            ("content-type", "application/json"),
        ];
        let body = format!(r#"{{"decision":"{}","code":"{code}"}}"#, decision.name());
        let reply = wait(self.client.post(&url, &headers, body.into_bytes(), &RULES))?;
        match reply.status {
            200 => serde_json::from_slice(&reply.body)
                .map(Some)
                .map_err(|_| unusable()),
            404 | 409 => Ok(None),
            status => Err(refused(status)),
        }
    }
}

/// The service of a bank may be in its own network.
const RULES: Rules<'static> = Rules {
    allowed_hosts: &[],
    allow_private: true,
    timeout: PATIENCE,
};

/// Drives one request on this thread.
fn wait(request: impl Future<Output = Result<Reply, SendError>>) -> Result<Reply, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| {
        Error::new(
            format!("the system gave no sockets: {}", error.kind()),
            "close other programs, and try again",
        )
    })?;
    runtime.block_on(request).map_err(|error| {
        Error::new(error.to_string(), "check --url, and that the service runs")
            .because(error.name())
    })
}

fn refused(status: u16) -> Error {
    match status {
        401 => Error::new(
            "the service does not know the device key",
            "it may be revoked; have another made with POST /v1/devices/{device}/keys",
        ),
        403 => Error::new(
            "the key is not one of an active device",
            "the key of an application cannot answer; a suspended device must be resumed first",
        ),
        _ => Error::new(
            format!("the service answered with status {status}"),
            "its log says why; a code that was sent may be used",
        ),
    }
}

fn unusable() -> Error {
    Error::new(
        "the service said what this device does not show",
        "is it txotp's service, of this release? Its requests cannot be approved here",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_over_tls_or_stays_here() {
        for url in [
            "https://bank.example",
            "http://127.0.0.1:8080",
            "http://localhost/x",
            "http://[::1]",
        ] {
            assert!(is_safe(url), "{url}");
        }
        for url in [
            "http://bank.example",
            "http://127.0.0.1.example",
            "http://localhost@bank.example",
            "http://127.0.0.10:80",
            "ftp://localhost",
            "",
        ] {
            assert!(!is_safe(url), "{url}");
        }
    }
}
