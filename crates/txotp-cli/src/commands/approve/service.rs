//! The service, as a device sees it.

use std::time::Duration;

use serde::Deserialize;
use txotp_server::{Decision, Outbound, Reply, Rules, SendError};
use zeroize::Zeroizing;

use super::waiting::{Waiting, unusable};
use crate::error::Error;

/// The longest list of requests: 64 of the longest, as JSON.
const MAX_REPLY: usize = 4 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(30);
/// The service of a bank may be in its own network.
const RULES: Rules<'static> = Rules {
    allowed_hosts: &[],
    allow_private: true,
    timeout: PATIENCE,
};

/// The service, as the device sees it.
pub(super) struct Service {
    client: Outbound,
    url: String,
    authorization: Zeroizing<String>,
}

/// What a service says of the requests that wait.
#[derive(Deserialize)]
pub(super) struct Pending {
    pub(super) approvals: Vec<Waiting>,
}

/// What came of an answer.
#[derive(Deserialize)]
pub(super) struct Outcome {
    pub(super) accepted: bool,
    pub(super) status: String,
}

impl Service {
    pub(super) fn new(url: &str, authorization: Zeroizing<String>) -> Self {
        Self {
            client: Outbound::new().taking(MAX_REPLY),
            url: url.trim_end_matches('/').to_owned(),
            authorization,
        }
    }

    /// What waits for the device.
    pub(super) fn pending(&self) -> Result<Pending, Error> {
        let url = format!("{}/v1/device/approvals", self.url);
        let headers = [("authorization", self.authorization.as_str())];
        let reply = wait(self.client.get(&url, &headers, &RULES))?;
        match reply.status {
            200 => serde_json::from_slice(&reply.body).map_err(|_| unusable()),
            status => Err(refused(status)),
        }
    }

    /// Sends an answer; gives nothing where the request has ended.
    pub(super) fn answer(
        &self,
        id: &str,
        decision: Decision,
        code: &str,
    ) -> Result<Option<Outcome>, Error> {
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

/// Whether the key can be sent there: over TLS, or not beyond this machine.
pub(super) fn is_safe(url: &str) -> bool {
    let is_here = |host: &str| {
        let rest = url
            .strip_prefix("http://")
            .and_then(|rest| rest.strip_prefix(host));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    };
    url.starts_with("https://") || ["127.0.0.1", "localhost", "[::1]"].into_iter().any(is_here)
}

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
