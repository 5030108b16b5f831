//! OCRA: codes, inputs without a code, and suites.

use serde::Deserialize;
use txotp_core::ocra::{Challenge, Input, Key, Suite};
use txotp_core::{Counter, PinHash, Step, TransactionSuite};

use super::strings::pin;
use super::{Case, Difference, bytes, differs, same, seed, usable};
use crate::hex;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ocra {
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "mode")]
    _mode: String,
    #[serde(rename = "rfc_section")]
    _rfc_section: Option<String>,
    suite: String,
    key_hex: String,
    q: String,
    q_parts: Option<[String; 2]>,
    c: Option<u64>,
    pin: Option<String>,
    pin_hash_hex: Option<String>,
    s_hex: Option<String>,
    t: Option<u64>,
    code: Option<String>,
    mac_hex: Option<String>,
}

/// A vector without an envelope.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BareCase {
    suite: String,
    key_hex: String,
    q: String,
    c: Option<u64>,
    t: Option<u64>,
    ocra: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Invalid {
    #[serde(rename = "name")]
    _name: String,
    suite: String,
    key_hex: String,
    q_parts: Vec<String>,
    s_hex: Option<String>,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SuiteCase {
    #[serde(rename = "name")]
    _name: String,
    suite: String,
    valid: bool,
    transaction_suite: Option<bool>,
    #[serde(rename = "why")]
    _why: Option<String>,
}

/// What a message is made of, not yet checked.
#[derive(Default)]
struct Parts<'a> {
    suite: &'a str,
    key_hex: &'a str,
    q: &'a [String],
    c: Option<u64>,
    pin: Option<PinHash>,
    s_hex: Option<&'a str>,
    t: Option<u64>,
}

/// Which answer of a suite is asked for.
#[derive(Clone, Copy)]
enum Wanted {
    Code,
    Mac,
}

impl Parts<'_> {
    /// The code, or the whole MAC; or why there is none.
    fn answer(&self, wanted: Wanted) -> Result<Result<String, String>, Difference> {
        let suite = usable("suite", Suite::parse(self.suite))?;
        let key = Key::new(suite, &seed(self.key_hex)?);
        let session = self
            .s_hex
            .map(|digits| bytes("s_hex", digits))
            .transpose()?;
        let challenge = match self.q {
            [one] => Challenge::parse(suite.challenge(), one),
            [theirs, ours] => Challenge::mutual(suite.challenge(), theirs, ours),
            _ => return Err(differs("q_parts", "one or two", self.q.len())),
        };
        let challenge = match challenge {
            Ok(challenge) => challenge,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let input = Input {
            challenge: &challenge,
            counter: self.c.map(Counter::new),
            pin: self.pin.as_ref(),
            session: session.as_deref(),
            step: self.t.map(Step::new),
        };
        let answer = match wanted {
            Wanted::Code => key.code(&input).map(|code| code.reveal().to_owned()),
            Wanted::Mac => key.mac(&input).map(|mac| hex::encode(mac.reveal())),
        };
        Ok(answer.map_err(|error| error.to_string()))
    }
}

impl Case for Ocra {
    fn check(&self) -> Result<(), Difference> {
        let suite = usable("suite", Suite::parse(&self.suite))?;
        let pin = pin(&suite, self.pin.as_deref())?;
        if let Some(expected) = &self.pin_hash_hex {
            let found = pin.as_ref().ok_or("there is no PIN");
            let found = hex::encode(usable("pin_hash_hex", found)?.reveal());
            same("pin_hash_hex", expected, &found)?;
        }
        let whole = [self.q.clone()];
        if let Some(parts) = &self.q_parts {
            same("q", &self.q, &parts.concat())?;
        }
        let parts = Parts {
            suite: &self.suite,
            key_hex: &self.key_hex,
            q: self.q_parts.as_ref().map_or(&whole[..], |parts| &parts[..]),
            c: self.c,
            pin,
            s_hex: self.s_hex.as_deref(),
            t: self.t,
        };
        let (what, expected, wanted) = match (&self.code, &self.mac_hex) {
            (Some(code), None) => ("code", code, Wanted::Code),
            (None, Some(mac)) => ("mac_hex", mac, Wanted::Mac),
            _ => return Err(differs("answer", "code or mac_hex", "none or both")),
        };
        same(what, expected, &usable(what, parts.answer(wanted)?)?)
    }
}

impl Case for BareCase {
    fn check(&self) -> Result<(), Difference> {
        let q = [self.q.clone()];
        let parts = Parts {
            suite: &self.suite,
            key_hex: &self.key_hex,
            q: &q,
            c: self.c,
            t: self.t,
            ..Parts::default()
        };
        same(
            "ocra",
            &self.ocra,
            &usable("ocra", parts.answer(Wanted::Code)?)?,
        )
    }
}

impl Case for Invalid {
    fn check(&self) -> Result<(), Difference> {
        let parts = Parts {
            suite: &self.suite,
            key_hex: &self.key_hex,
            q: &self.q_parts,
            s_hex: self.s_hex.as_deref(),
            ..Parts::default()
        };
        match parts.answer(Wanted::Code)? {
            Err(_) => Ok(()),
            Ok(answer) => Err(differs("answer", format!("none: {}", self.why), answer)),
        }
    }
}

impl Case for SuiteCase {
    fn check(&self) -> Result<(), Difference> {
        let suite = Suite::parse(&self.suite);
        same("valid", self.valid, suite.is_ok())?;
        let Ok(suite) = suite else { return Ok(()) };
        same("spelling", &self.suite, &suite.to_string())?;
        let signs = TransactionSuite::new(suite).is_ok();
        same(
            "transaction_suite",
            self.transaction_suite.unwrap_or_default(),
            signs,
        )
    }
}
