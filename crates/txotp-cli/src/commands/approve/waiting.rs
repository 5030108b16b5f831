//! A request that waits: checked, and shown.

use serde::Deserialize;
use serde_json::{Value, json};
use txotp_core::{TextProfile, UnixTime};
use txotp_uri::OwnedTransaction;

use crate::calendar;
use crate::error::Error;
use crate::output::{DIM, Output};
use crate::show;

/// A request as the service has it in its list.
#[derive(Deserialize)]
pub(super) struct Waiting {
    pub(super) id: String,
    application: String,
    message: String,
    details: Vec<Pair>,
    hidden_details: Vec<Pair>,
    expires_at: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct Pair {
    key: String,
    value: String,
}

impl Waiting {
    /// What is shown and bound, checked here as well: what a device shows must not deceive, whoever sends it.
    pub(super) fn transaction(&self) -> Result<OwnedTransaction, Error> {
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

    pub(super) fn show(&self, output: Output) -> Result<(), Error> {
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

    pub(super) fn json(&self) -> Result<Value, Error> {
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

pub(super) fn unusable() -> Error {
    Error::new(
        "the service said what this device does not show",
        "is it txotp's service, of this release? Its requests cannot be approved here",
    )
}
