//! `txotp read`: what a string, or the QR symbol in a picture, says.

use std::ffi::OsString;
use std::path::Path;

use clap::Args;
use serde_json::json;
use txotp_core::{Section, Transaction};
use txotp_uri::Limit;
use txotp_uri::key_uri::{Factor, KeyUri};
use zeroize::Zeroizing;

use crate::cli::Answer;
use crate::error::Error;
use crate::input::{self, LimitArgs};
use crate::output::Output;
use crate::show;
use crate::transaction_json::SectionJson;
use crate::{files, picture};

/// Read a string, or a picture with a QR code, and show what it says.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp read 'txotp://totp?message=Pay&details[To]=ACME'
  txotp read photo.jpg
  txotp qr --format png \"$STRING\" | txotp read -
  txotp read --json photo.png | txotp encode --json-file -

A device shows message and details. Hidden details are shown here too, marked as such, for whoever \
operates the bank's side. Of an otpauth:// string everything is shown but its seed. Pictures are PNG \
or JPEG, up to 16 MiB and 50 megapixels, with one QR code.")]
pub(crate) struct Read {
    /// A PNG or JPEG file, a text file with a string, a string, or `-` for standard input
    #[arg(value_name = "FILE_OR_STRING")]
    source: OsString,

    #[command(flatten)]
    limit: LimitArgs,
}

impl Read {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let string = self.string()?;
        let mut buffer = Zeroizing::new(Vec::new());
        let limit: Limit = self.limit.get();
        if input::is_key_uri(&string) {
            show_key_uri(&input::key_uri(&string, limit, &mut buffer)?, output)?;
        } else {
            show_transaction(&input::transaction(&string, limit, &mut buffer)?, output)?;
        }
        Ok(Answer::Yes)
    }

    /// The bytes of the string, wherever it is.
    fn string(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let bytes = self.source.as_encoded_bytes();
        if input::is_key_uri(bytes) || input::is_transaction(bytes) {
            return Ok(Zeroizing::new(bytes.to_vec()));
        }
        let path = Path::new(&self.source);
        if !files::is_stdin(path) && !path.exists() {
            return Err(Error::new(
                "the argument is neither a txotp:// or otpauth:// string nor a file",
                "put strings in quotes; check the file's name",
            ));
        }
        let file = files::read(path, "the file", picture::MAX_FILE_LEN)?;
        match picture::format(&file) {
            Some(format) => picture::read(&file, format),
            None => Ok(Zeroizing::new(files::without_newline(&file).to_vec())),
        }
    }
}

fn show_transaction(transaction: &Transaction<'_>, output: Output) -> Result<(), Error> {
    if output.json() {
        // The form that `txotp encode --json-file` takes.
        return output.value(&json!({
            "message": transaction.message(),
            "details": SectionJson(transaction, Section::Details),
            "hidden_details": SectionJson(transaction, Section::HiddenDetails),
        }));
    }
    output.text(&show::to_operator(transaction, output))?;
    if transaction.hidden_details().next().is_some() {
        output.note("a device does not show the hidden details; here the bank's operator asks");
    }
    Ok(())
}

fn show_key_uri(key_uri: &KeyUri<'_>, output: Output) -> Result<(), Error> {
    let (kind, name, factor) = match key_uri.factor() {
        Factor::Time(period) => ("totp", "period", u64::from(period.seconds())),
        Factor::Counter(counter) => ("hotp", "counter", counter.get()),
    };
    let suite = key_uri.transaction_suite().map(|suite| suite.to_string());
    if output.json() {
        return output.value(&json!({
            "type": kind,
            "issuer": key_uri.issuer(),
            "account": key_uri.account(),
            "algorithm": key_uri.algorithm().name(),
            "digits": key_uri.digits().get(),
            name: factor,
            "suite": suite,
        }));
    }
    let rows = [
        ("type", kind.to_owned()),
        ("issuer", key_uri.issuer().unwrap_or("none").to_owned()),
        ("account", key_uri.account().to_owned()),
        ("algorithm", key_uri.algorithm().name().to_owned()),
        ("digits", key_uri.digits().get().to_string()),
        (name, factor.to_string()),
        (
            "transaction suite",
            suite.unwrap_or_else(|| "none: OCRA has no spelling of this period".to_owned()),
        ),
    ];
    output.text(&output.table(&rows))?;
    output.note("the seed is not shown");
    Ok(())
}
