//! `txotp encode`: a transaction as a string.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;
use txotp_core::Transaction;
use txotp_uri::json::Parts;
use txotp_uri::limits::ADVISED_STRING_LEN;
use txotp_verifier::payment::{Kind, PaymentPolicy};

use crate::cli::Answer;
use crate::error::Error;
use crate::input::LimitArgs;
use crate::output::Output;
use crate::{files, hex};

/// A transaction of 32 pairs of the greatest length is far smaller.
const JSON_LIMIT: u64 = 1024 * 1024;

/// Write a transaction as a txotp:// string.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp encode --message 'Approve payment' --detail 'Amount=100 EUR' \\
      --detail To=ACME --hidden 'Transaction ID=T2293'
  txotp encode --payment single --json-file payment.json
  txotp encode --message Pay --detail To=ACME | txotp qr -

JSON is an object of message, details and hidden_details; the pairs keep their order:
  {\"message\": \"Approve payment\", \"details\": {\"Amount\": \"100 EUR\", \"To\": \"ACME\"},
   \"hidden_details\": {\"Transaction ID\": 2293}}
An integer stands for its decimal text. Fractions, exponents, minus zero, true, false, null, lists, nested objects \
and repeated keys are refused. `txotp read --json` gives this form back.

Texts are not empty, hold no control, hidden or bidirectional characters, and keys hold no brackets. \
There are at most 32 pairs. Arguments can be seen by other users of this machine: give hidden details \
that matter with --json-file.")]
pub(crate) struct Encode {
    /// The message that the payer is shown first
    #[arg(
        long,
        value_name = "M",
        allow_hyphen_values = true,
        required_unless_present = "json_file"
    )]
    message: Option<String>,

    /// A detail, shown in the order given; the first `=` ends its key
    #[arg(long = "detail", value_name = "K=V", allow_hyphen_values = true, value_parser = pair)]
    details: Vec<(String, String)>,

    /// A hidden detail: bound into the code, not shown to the payer
    #[arg(long = "hidden", value_name = "K=V", allow_hyphen_values = true, value_parser = pair)]
    hidden_details: Vec<(String, String)>,

    /// JSON file with the transaction, `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["message", "details", "hidden_details"])]
    json_file: Option<PathBuf>,

    /// Refuse what is no payment that PSD2's dynamic linking allows
    #[arg(long, value_name = "KIND")]
    payment: Option<Payment>,

    #[command(flatten)]
    limit: LimitArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Payment {
    /// One amount, one payee
    Single,
    /// One total, several payees
    Batch,
}

fn pair(text: &str) -> Result<(String, String), &'static str> {
    text.split_once('=')
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .ok_or("there is no `=` between key and value")
}

impl Encode {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let parts = match &self.json_file {
            Some(path) => Parts::from_json(&files::read(path, "the JSON file", JSON_LIMIT)?)?,
            None => Parts {
                message: self.message.clone().unwrap_or_default(),
                details: self.details.clone(),
                hidden_details: self.hidden_details.clone(),
            },
        };
        let transaction = parts.build()?;
        self.check_payment(&transaction)?;
        let string = txotp_uri::to_string(&transaction, self.limit.get()).map_err(|error| {
            Error::new(
                error.to_string(),
                "shorten it, or raise the limit with --max-len, up to 2953",
            )
            .because(error.name())
        })?;
        if string.len() > ADVISED_STRING_LEN {
            output.warn(format_args!(
                "{} bytes: over {ADVISED_STRING_LEN}, the QR code may not scan on every phone",
                string.len()
            ));
        }
        if output.json() {
            output.value(&json!({
                "string": string,
                "length": string.len(),
                "digest_hex": hex::encode(transaction.digest().as_bytes()),
            }))?;
        } else {
            output.line(&string)?;
        }
        Ok(Answer::Yes)
    }

    fn check_payment(&self, transaction: &Transaction<'_>) -> Result<(), Error> {
        let kind = match self.payment {
            None => return Ok(()),
            Some(Payment::Single) => Kind::Single,
            Some(Payment::Batch) => Kind::Batch,
        };
        PaymentPolicy::default()
            .check(transaction, kind)
            .map_err(|error| {
                Error::new(
                    format!("this is no such payment: {error}"),
                    "a payment names an amount and a payee among its details, and binds an id: \
                     specification, section 11",
                )
                .because(error.name())
            })
    }
}
