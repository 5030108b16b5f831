//! Transactions, their strings, canonical forms, digests and codes.

use serde::Deserialize;
use txotp_core::{
    Counter, DeviceKey, Digest, Pair, PinHash, Purpose, Section, Transaction, TransactionSuite,
    UnixTime, ocra,
};
use txotp_uri::Limit;

use super::{Case, Difference, bytes, differs, same, seed, usable};
use crate::hex;

/// A transaction as vectors write it: pairs as lists, in order of display.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TransactionText {
    message: String,
    details: Vec<(String, String)>,
    hidden_details: Vec<(String, String)>,
}

impl TransactionText {
    pub(super) fn build(&self) -> Result<Transaction<'_>, Difference> {
        let mut builder = Transaction::builder();
        usable("message", builder.message(&self.message))?;
        for (section, pairs) in [
            (Section::Details, &self.details),
            (Section::HiddenDetails, &self.hidden_details),
        ] {
            for (key, value) in pairs {
                usable("pair", builder.pair(section, key, value))?;
            }
        }
        usable("transaction", builder.build())
    }

    /// Compares texts and order.
    fn same_as(&self, found: &Transaction<'_>) -> Result<(), Difference> {
        same("message", self.message.as_str(), found.message())?;
        for (what, expected, section) in [
            ("details", &self.details, Section::Details),
            (
                "hidden_details",
                &self.hidden_details,
                Section::HiddenDetails,
            ),
        ] {
            let found: Vec<_> = found
                .section(section)
                .map(|Pair { key, value }| (key, value))
                .collect();
            same(what, format!("{expected:?}"), format!("{found:?}"))?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TransactionCase {
    #[serde(rename = "name")]
    _name: String,
    transaction: TransactionText,
    string: String,
    canonical_hex: String,
    digest_hex: String,
    codes: Vec<CodeCase>,
    limit: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeCase {
    suite: String,
    key_hex: String,
    unix_time: Option<u64>,
    counter: Option<u64>,
    pin: Option<String>,
    code: String,
}

impl Case for TransactionCase {
    fn check(&self) -> Result<(), Difference> {
        let transaction = self.transaction.build()?;
        let limit = limit(self.limit)?;
        let written = usable("string", txotp_uri::to_string(&transaction, limit))?;
        same("string", &self.string, &written)?;
        let mut buffer = vec![0; self.string.len()];
        let read = txotp_uri::read(self.string.as_bytes(), limit, &mut buffer);
        self.transaction.same_as(&usable("string", read)?)?;
        let mut canonical = Vec::new();
        transaction.canonical(|part| canonical.extend_from_slice(part));
        same(
            "canonical_hex",
            &self.canonical_hex,
            &hex::encode(&canonical),
        )?;
        same_digest("digest_hex", &self.digest_hex, &transaction)?;
        self.codes
            .iter()
            .try_for_each(|code| code.check(transaction.digest()))
    }
}

impl CodeCase {
    fn check(&self, digest: Digest) -> Result<(), Difference> {
        let suite = usable("suite", TransactionSuite::parse(&self.suite))?;
        let pin = pin(suite.ocra(), self.pin.as_deref())?;
        let key = usable(
            "pin",
            DeviceKey::new(suite, &seed(&self.key_hex)?, pin.as_ref()),
        )?;
        let now = UnixTime::from_seconds(self.unix_time.unwrap_or_default());
        let factor = suite.moving_factor(now, self.counter.map(Counter::new));
        let code = key.code(Purpose::Transaction(digest), usable("counter", factor)?);
        let what = format!("code of {suite}");
        same(&what, self.code.as_str(), usable(&what, code)?.reveal())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MustDiffer {
    #[serde(rename = "name")]
    _name: String,
    why: String,
    a: TransactionText,
    b: TransactionText,
    digest_a_hex: String,
    digest_b_hex: String,
}

impl Case for MustDiffer {
    fn check(&self) -> Result<(), Difference> {
        let (a, b) = (self.a.build()?, self.b.build()?);
        same_digest("digest_a_hex", &self.digest_a_hex, &a)?;
        same_digest("digest_b_hex", &self.digest_b_hex, &b)?;
        if a == b || a.digest() == b.digest() {
            return Err(differs(
                "the two",
                format!("different: {}", self.why),
                "equal",
            ));
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Valid {
    #[serde(rename = "name")]
    _name: String,
    string: String,
    transaction: TransactionText,
    digest_hex: String,
    limit: Option<usize>,
}

impl Case for Valid {
    fn check(&self) -> Result<(), Difference> {
        let mut buffer = vec![0; self.string.len()];
        let read = txotp_uri::read(self.string.as_bytes(), limit(self.limit)?, &mut buffer);
        let read = usable("string", read)?;
        self.transaction.same_as(&read)?;
        same_digest("digest_hex", &self.digest_hex, &read)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Invalid {
    #[serde(rename = "name")]
    _name: String,
    string: Option<String>,
    string_hex: Option<String>,
    limit: Option<usize>,
    reason: String,
    offset: usize,
}

impl Case for Invalid {
    fn check(&self) -> Result<(), Difference> {
        let string = text_or_hex(self.string.as_deref(), self.string_hex.as_deref())?;
        let mut buffer = vec![0; string.len()];
        let found = match txotp_uri::read(&string, limit(self.limit)?, &mut buffer) {
            Ok(_) => "none: it was read".to_owned(),
            Err(error) => format!("{} at {}", error.kind().name(), error.offset()),
        };
        same(
            "reason",
            format!("{} at {}", self.reason, self.offset),
            found,
        )
    }
}

/// A string, or one that is no text.
pub(super) fn text_or_hex(text: Option<&str>, digits: Option<&str>) -> Result<Vec<u8>, Difference> {
    match (text, digits) {
        (Some(text), None) => Ok(text.as_bytes().to_vec()),
        (None, Some(digits)) => bytes("hexadecimal digits", digits),
        _ => Err(differs("input", "a text or its bytes", "none or both")),
    }
}

/// The PIN that is given, if one is; to a suite that takes none, none may be.
pub(super) fn pin(suite: &ocra::Suite, pin: Option<&str>) -> Result<Option<PinHash>, Difference> {
    match (suite.pin(), pin) {
        (_, None) => Ok(None),
        (Some(algorithm), Some(pin)) => usable("pin", PinHash::of(algorithm, pin)).map(Some),
        (None, Some(_)) => Err(differs("pin", "none: the suite takes none", "a PIN")),
    }
}

fn limit(limit: Option<usize>) -> Result<Limit, Difference> {
    limit.map_or(Ok(Limit::DEFAULT), |limit| {
        usable("limit", Limit::new(limit).ok_or("out of range"))
    })
}

fn same_digest(
    what: &str,
    expected: &str,
    transaction: &Transaction<'_>,
) -> Result<(), Difference> {
    same(
        what,
        expected,
        &hex::encode(transaction.digest().as_bytes()),
    )
}
