//! `txotp explain`: every intermediate value between a string and its code, for an auditor.

use clap::Args;
use serde_json::json;
use txotp_core::ocra::{Challenge, Input, Key};
use txotp_core::{Code, Counter, Mac, Pair, PinHash, Purpose, Section, Step, Transaction};
use zeroize::Zeroizing;

use crate::cbor::{self, Reading};
use crate::cli::Answer;
use crate::device::{Device, DeviceArgs};
use crate::error::Error;
use crate::hex;
use crate::input::{self, StringArgs};
use crate::output::{BOLD, DIM, GOOD, Output};
use crate::transaction_json::SectionJson;
use crate::truncation::Truncation;

/// Show every value between a string and its code, for an audit.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp explain --seed-file seed.txt --at 1700000000 \"$STRING\"
  txotp explain --seed-file seed.txt --at 1700000000 --json \"$STRING\" \\
      | jq -r .canonical_hex

Shown are the pairs, the canonical form in hexadecimal and in CBOR diagnostic notation (RFC 8949, \
section 8), its digest, the OCRA message part by part, the HMAC, its truncation, and the code. Any CBOR \
library, SHA-256 and HMAC can recompute them.

The output is as secret as a code, and for a suite with a PIN as secret as the PIN: it is for test \
devices and audits.")]
pub(crate) struct Explain {
    #[command(flatten)]
    device: DeviceArgs,

    #[command(flatten)]
    string: StringArgs,
}

impl Explain {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let string = self.string.read()?;
        let mut buffer = Vec::new();
        let transaction = input::transaction(&string, self.string.limit(), &mut buffer)?;
        let device = self.device.read(self.string.is_stdin(), output)?;
        let mut canonical = Vec::new();
        transaction.canonical(|part| canonical.extend_from_slice(part));
        let values = Values::compute(&transaction, &canonical, &device)?;
        if output.json() {
            output.value(&values.json())?;
        } else {
            let text = Zeroizing::new(values.text());
            output.text(&text)?;
        }
        Ok(Answer::Yes)
    }
}

/// All values of one code.
struct Values<'a> {
    transaction: &'a Transaction<'a>,
    device: &'a Device,
    canonical: &'a [u8],
    reading: Reading<'a>,
    message: Zeroizing<Vec<u8>>,
    mac: Mac,
    truncation: Truncation,
    code: Code,
}

/// A part of the OCRA message: its name, how it is shown, its bytes.
struct Part<'a> {
    name: &'static str,
    shown: String,
    bytes: &'a [u8],
}

impl<'a> Values<'a> {
    fn compute(
        transaction: &'a Transaction<'a>,
        canonical: &'a [u8],
        device: &'a Device,
    ) -> Result<Self, Error> {
        let reading = cbor::read(canonical).map_err(contradiction)?;
        let digest = transaction.digest();
        let factor = device.factor();
        let challenge = Challenge::of_digest(&digest);
        let input = Input {
            challenge: &challenge,
            counter: factor.get_counter(),
            pin: device.pin.as_ref(),
            session: None,
            step: factor.get_step(),
        };
        let suite = *device.suite.ocra();
        let mut message = Zeroizing::new(Vec::with_capacity(256));
        suite
            .message(&input, |part| message.extend_from_slice(part))
            .map_err(contradiction)?;
        let mac = Key::new(suite, &device.seed)
            .mac(&input)
            .map_err(contradiction)?;
        let code = device
            .key
            .code(Purpose::Transaction(digest), factor)
            .map_err(contradiction)?;
        // The code was made by the core in one go; what is shown must lead to the same one.
        let truncation = Truncation::of(mac.reveal())
            .filter(|truncation| truncation.code(device.suite.digits().get()) == code.reveal())
            .ok_or_else(|| contradiction("the truncation"))?;
        Ok(Self {
            transaction,
            device,
            canonical,
            reading,
            message,
            mac,
            truncation,
            code,
        })
    }

    /// The message cut at the lengths of specification S6.2.
    fn parts(&self) -> Vec<Part<'_>> {
        let suite = self.device.suite.to_string();
        let factor = self.device.factor();
        let number = |number: Option<u64>| number.map(|number| number.to_string());
        let mut rest = self.message.as_slice();
        let mut parts = Vec::new();
        for (name, len, shown) in [
            ("suite", suite.len(), Some(suite)),
            ("separator", 1, Some(String::new())),
            (
                "C, counter",
                8,
                number(factor.get_counter().map(Counter::get)),
            ),
            ("Q, digest", 32, Some(String::new())),
            ("Q, padding", 96, Some("96 zero bytes".to_owned())),
            (
                "P, PIN hash",
                self.device
                    .pin
                    .as_ref()
                    .map_or(0, |pin| PinHash::reveal(pin).len()),
                self.device.pin.as_ref().map(|_| String::new()),
            ),
            ("T, step", 8, number(factor.get_step().map(Step::get))),
        ] {
            if let (Some(shown), Some((bytes, behind))) = (shown, rest.split_at_checked(len)) {
                parts.push(Part { name, shown, bytes });
                rest = behind;
            }
        }
        parts
    }

    fn json(&self) -> serde_json::Value {
        let factor = self.device.factor();
        let suite = &self.device.suite;
        json!({
            "message": self.transaction.message(),
            "details": SectionJson(self.transaction, Section::Details),
            "hidden_details": SectionJson(self.transaction, Section::HiddenDetails),
            "canonical_hex": hex::encode(self.canonical),
            "canonical_diagnostic": self.reading.diagnostic,
            "digest_hex": hex::encode(self.transaction.digest().as_bytes()),
            "suite": suite.to_string(),
            "time": suite.period().map(|_| self.device.now.seconds()),
            "period": suite.period().map(|period| period.seconds()),
            "step": factor.get_step().map(Step::get),
            "counter": factor.get_counter().map(Counter::get),
            "message_hex": hex::encode(&self.message),
            "message_parts": self.parts().iter().map(|part| json!({
                "part": part.name,
                "length": part.bytes.len(),
                "hex": hex::encode(part.bytes),
            })).collect::<Vec<_>>(),
            "hmac_hex": hex::encode(self.mac.reveal()),
            "offset": self.truncation.offset,
            "truncated_hex": hex::encode(&self.truncation.bytes),
            "truncated": self.truncation.value,
            "code": self.code.reveal(),
        })
    }

    fn text(&self) -> String {
        let mut text = heading("Transaction");
        text += &format!("  message        {}\n", self.transaction.message());
        for (name, section) in [
            ("detail", Section::Details),
            ("hidden detail", Section::HiddenDetails),
        ] {
            for Pair { key, value } in self.transaction.section(section) {
                text += &format!("  {name:13}  {key} = {value}\n");
            }
        }
        text += &self.canonical_text();
        text += &heading("Digest: SHA-256 of the canonical form");
        text += &wrapped(self.transaction.digest().as_bytes());
        text += &self.message_text();
        text += &heading(&format!(
            "HMAC-{} of the message under the seed, {} bytes",
            self.device.suite.algorithm(),
            self.mac.reveal().len()
        ));
        text += &wrapped(self.mac.reveal());
        text += &self.truncation_text();
        text
    }

    fn canonical_text(&self) -> String {
        let mut text = heading(&format!(
            "Canonical form: deterministic CBOR, {} bytes",
            self.canonical.len()
        ));
        text += &wrapped(self.canonical);
        text +=
            &format!("\n  {DIM}the same, read back from these bytes (RFC 8949 section 8){DIM:#}\n");
        for item in &self.reading.items {
            let indent = item.depth.saturating_mul(2);
            let mut bytes = format!("{:indent$}{}", "", hex::encode(item.head));
            if !item.content.is_empty() {
                bytes.push(' ');
                bytes += &hex::encode(item.content);
            }
            // Longer ones than the column have their notation on a line of its own.
            let width = 34;
            if bytes.len() > width {
                text += &format!("  {:>4}  {bytes}\n{:>8}{:width$}", item.offset, "", "");
            } else {
                text += &format!("  {:>4}  {bytes:width$}", item.offset);
            }
            text += &format!("  {DIM}/{DIM:#} {}\n", item.notation);
        }
        text += &format!("\n  {}\n", self.reading.diagnostic);
        text
    }

    fn message_text(&self) -> String {
        let mut text = heading(&format!(
            "OCRA message (RFC 6287), {} bytes",
            self.message.len()
        ));
        if let (Some(period), Some(step)) =
            (self.device.suite.period(), self.device.factor().get_step())
        {
            text += &format!(
                "  step = {} / {} s, rounded down = {step}\n\n",
                self.device.now.seconds(),
                period.seconds()
            );
        }
        text += &format!("  {DIM}at   length  part{DIM:#}\n");
        let mut at = 0usize;
        for part in self.parts() {
            let line = format!(
                "  {at:<4} {:>6}  {:11}  {}",
                part.bytes.len(),
                part.name,
                part.shown
            );
            text += line.trim_end();
            text.push('\n');
            if part.name != "Q, padding" {
                text += &indented(&wrapped(part.bytes));
            }
            at = at.saturating_add(part.bytes.len());
        }
        text
    }

    fn truncation_text(&self) -> String {
        let digits = self.device.suite.digits().get();
        let Truncation {
            offset,
            bytes,
            value,
        } = self.truncation;
        let last = self.mac.reveal().last().copied().unwrap_or_default();
        let mut text = heading("Truncation (RFC 4226 section 5.3)");
        text += &format!("  last byte {last:02x}: offset {offset}\n");
        text += &format!("  four bytes from there: {}\n", hex::encode(&bytes));
        text += &format!("  without the top bit: {value:08x} = {value}\n");
        text += &format!("  modulo 10^{digits}: {}\n", self.code.reveal());
        text += &heading("Code");
        text += &format!("  {GOOD}{}{GOOD:#}\n", self.code.reveal());
        text
    }
}

/// Two ways to one value differ, which no input can cause.
fn contradiction(what: impl std::fmt::Display) -> Error {
    Error::new(
        format!("this program contradicts itself: {what}"),
        "report it: nothing of this output can be relied on",
    )
}

fn heading(text: &str) -> String {
    let gap = if text == "Transaction" { "" } else { "\n" };
    format!("{gap}{BOLD}{text}{BOLD:#}\n")
}

/// Bytes in hexadecimal, 32 to a line.
fn wrapped(bytes: &[u8]) -> String {
    bytes
        .chunks(32)
        .map(|line| format!("  {}\n", hex::encode(line)))
        .collect()
}

fn indented(lines: &str) -> String {
    lines
        .lines()
        .map(|line| format!("             {line}\n"))
        .collect()
}
