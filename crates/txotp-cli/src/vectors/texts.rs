//! Payments, and which text may stand in a transaction.

use serde::Deserialize;
use txotp_core::TextProfile;
use txotp_verifier::payment::{Kind, PaymentPolicy};

use super::strings::TransactionText;
use super::{Case, Difference, differs, same, usable};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Payment {
    #[serde(rename = "name")]
    _name: String,
    kind: String,
    transaction: TransactionText,
    ok: bool,
    reason: Option<String>,
}

impl Case for Payment {
    fn check(&self) -> Result<(), Difference> {
        let kind = match self.kind.as_str() {
            "single" => Kind::Single,
            "batch" => Kind::Batch,
            other => return Err(differs("kind", "single or batch", other)),
        };
        let found = PaymentPolicy::default().check(&self.transaction.build()?, kind);
        let found = found.map_or_else(|error| error.name(), |()| "ok");
        let expected = match (self.ok, self.reason.as_deref()) {
            (true, None) => "ok",
            (false, Some(reason)) => reason,
            _ => return Err(differs("reason", "ok or a reason", "none or both")),
        };
        same("answer", expected, found)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text {
    #[serde(rename = "name")]
    _name: String,
    code_point: u32,
    accepted: bool,
    display: bool,
}

impl Case for Text {
    fn check(&self) -> Result<(), Difference> {
        let character = char::from_u32(self.code_point).ok_or("no scalar value");
        let character = usable("code_point", character)?;
        same(
            "accepted",
            self.accepted,
            TextProfile::Standard.allows(character),
        )?;
        same(
            "display",
            self.display,
            TextProfile::Display.allows(character),
        )
    }
}
