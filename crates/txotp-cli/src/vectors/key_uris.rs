//! Enrolment strings.

use serde::Deserialize;
use txotp_core::Counter;
use txotp_uri::Limit;
use txotp_uri::key_uri::{Factor, KeyUri};

use super::strings::text_or_hex;
use super::{Case, Difference, differs, same, usable};
use crate::hex;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Valid {
    #[serde(rename = "name")]
    _name: String,
    uri: String,
    #[serde(rename = "type")]
    kind: String,
    issuer: Option<String>,
    account: String,
    secret_hex: String,
    algorithm: String,
    digits: u8,
    period: Option<u32>,
    counter: Option<u64>,
    transaction_suite: Option<String>,
    canonical_uri: String,
}

impl Case for Valid {
    fn check(&self) -> Result<(), Difference> {
        let mut buffer = vec![0; self.uri.len()];
        let read = KeyUri::read(self.uri.as_bytes(), Limit::DEFAULT, &mut buffer);
        let read = usable("uri", read)?;
        let (kind, period, counter) = match read.factor() {
            Factor::Time(period) => ("totp", Some(period.seconds()), None),
            Factor::Counter(counter) => ("hotp", None, Some(Counter::get(counter))),
        };
        same("type", self.kind.as_str(), kind)?;
        same("issuer", shown(self.issuer.as_ref()), shown(read.issuer()))?;
        same("account", self.account.as_str(), read.account())?;
        same(
            "secret_hex",
            &self.secret_hex,
            &hex::encode(read.seed().reveal()),
        )?;
        same(
            "algorithm",
            self.algorithm.as_str(),
            read.algorithm().name(),
        )?;
        same("digits", self.digits, read.digits().get())?;
        same("period", shown(self.period), shown(period))?;
        same("counter", shown(self.counter), shown(counter))?;
        same(
            "transaction_suite",
            shown(self.transaction_suite.as_ref()),
            shown(read.transaction_suite()),
        )?;
        same(
            "canonical_uri",
            self.canonical_uri.as_str(),
            read.reveal().as_str(),
        )
    }
}

fn shown(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Invalid {
    #[serde(rename = "name")]
    _name: String,
    uri: Option<String>,
    uri_hex: Option<String>,
    reason: String,
}

impl Case for Invalid {
    fn check(&self) -> Result<(), Difference> {
        let uri = text_or_hex(self.uri.as_deref(), self.uri_hex.as_deref())?;
        let mut buffer = vec![0; uri.len()];
        match KeyUri::read(&uri, Limit::DEFAULT, &mut buffer) {
            Ok(_) => Err(differs("reason", &self.reason, "none: it was read")),
            Err(error) => same("reason", self.reason.as_str(), error.kind().name()),
        }
    }
}
