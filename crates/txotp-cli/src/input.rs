//! The string argument: bytes, taken as they are. It never passes through a URL library, which
//! would drop and repair what is to be refused.

use std::ffi::{OsStr, OsString};

use clap::Args;
use txotp_core::{Purpose, Transaction};
use txotp_uri::key_uri::{KeyUri, KeyUriError};
use txotp_uri::{Limit, ReadError};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::files;

/// No string is longer, however high its limit.
const STDIN_LIMIT: u64 = 64 * 1024;

#[derive(Args, Clone)]
pub(crate) struct StringArgs {
    /// The string, in quotes; `-` for standard input, where one line feed at its end is ignored
    #[arg(value_name = "STRING")]
    string: OsString,

    #[command(flatten)]
    limit: LimitArgs,
}

/// What a code is for: a transaction, or a login.
#[derive(Args, Clone)]
pub(crate) struct PurposeArgs {
    /// The transaction's string, in quotes; `-` for standard input, where one line feed at its end is
    /// ignored
    #[arg(
        value_name = "STRING",
        required_unless_present = "login",
        conflicts_with = "login"
    )]
    string: Option<OsString>,

    /// A code for a login, and for no transaction: RFC 6238, or RFC 4226 for suites with `C-`
    #[arg(long)]
    login: bool,

    #[command(flatten)]
    limit: LimitArgs,
}

#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct LimitArgs {
    /// Longest string, in bytes: 1 to 2953
    #[arg(long, value_name = "N", default_value_t = 600, value_parser = clap::value_parser!(u16).range(1..=2953))]
    max_len: u16,
}

impl LimitArgs {
    pub(crate) fn get(self) -> Limit {
        Limit::new(usize::from(self.max_len)).unwrap_or(Limit::DEFAULT)
    }
}

impl StringArgs {
    pub(crate) fn limit(&self) -> Limit {
        self.limit.get()
    }

    pub(crate) fn is_stdin(&self) -> bool {
        self.string == "-"
    }

    /// The bytes of the string.
    pub(crate) fn read(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        read(&self.string)
    }
}

impl PurposeArgs {
    pub(crate) fn is_stdin(&self) -> bool {
        self.string.as_ref().is_some_and(|string| string == "-")
    }

    /// What a code is for.
    pub(crate) fn read(&self) -> Result<Purpose, Error> {
        let Some(string) = &self.string else {
            return Ok(Purpose::Login);
        };
        let string = read(string)?;
        let mut buffer = Vec::new();
        let transaction = transaction(&string, self.limit.get(), &mut buffer)?;
        Ok(Purpose::Transaction(transaction.digest()))
    }
}

fn read(string: &OsStr) -> Result<Zeroizing<Vec<u8>>, Error> {
    if string == "-" {
        let bytes = files::read_stdin("the string", STDIN_LIMIT)?;
        return Ok(Zeroizing::new(files::without_newline(&bytes).to_vec()));
    }
    Ok(Zeroizing::new(string.as_encoded_bytes().to_vec()))
}

/// Reads a transaction string. `buffer` holds its decoded text.
pub(crate) fn transaction<'b>(
    string: &[u8],
    limit: Limit,
    buffer: &'b mut Vec<u8>,
) -> Result<Transaction<'b>, Error> {
    buffer.resize(string.len(), 0);
    txotp_uri::read(string, limit, buffer).map_err(refused_transaction)
}

/// Reads a Key URI. `buffer` holds its decoded text.
pub(crate) fn key_uri<'b>(
    string: &[u8],
    limit: Limit,
    buffer: &'b mut Vec<u8>,
) -> Result<KeyUri<'b>, Error> {
    buffer.resize(string.len(), 0);
    KeyUri::read(string, limit, buffer).map_err(refused_key_uri)
}

/// Whether a string is meant to be a Key URI, which holds a seed.
pub(crate) fn is_key_uri(string: &[u8]) -> bool {
    has_scheme(string, b"otpauth://")
}

/// Whether a string is meant to be a transaction string.
pub(crate) fn is_transaction(string: &[u8]) -> bool {
    has_scheme(string, b"txotp://")
}

fn has_scheme(string: &[u8], scheme: &[u8]) -> bool {
    string
        .get(..scheme.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

fn refused_transaction(error: ReadError) -> Error {
    let reason = error.kind().name();
    Error::new(format!("the string is refused: {error}"), advice(reason))
        .because(reason)
        .at(error.offset())
}

fn refused_key_uri(error: KeyUriError) -> Error {
    let reason = error.kind().name();
    Error::new(format!("the Key URI is refused: {error}"), advice(reason))
        .because(reason)
        .at(error.offset())
}

/// What to do about a refused string, by the stable name of the reason.
fn advice(reason: &str) -> &'static str {
    match reason {
        "too-long" => {
            "shorten it: phones read long QR codes badly; --max-len raises the limit, up to 2953"
        }
        "wrong-scheme" => {
            "a transaction begins with txotp://totp? and an enrolment with otpauth://"
        }
        "missing-message" => "put the string in quotes, so that the shell leaves ? and & to it",
        "fragment" => "write # as %23",
        "bad-percent" => "write % as %25",
        "forbidden-text" => {
            "remove hidden, control and bidirectional characters: displays could deceive with them"
        }
        "unknown-parameter" | "malformed-bracket" | "nested-bracket" | "bracket-in-key" => {
            "parameters are message, details[Key] and hidden_details[Key]"
        }
        "conflicting-message" | "conflicting-pair" => {
            "say each thing once: neither the first nor the last wins"
        }
        "missing-secret" | "bad-secret" | "secret-too-short" | "secret-too-long" => {
            "secret= is Base32 of 16 to 64 bytes"
        }
        _ => {
            "ask its sender for a corrected one; `txotp encode` writes strings that are read everywhere"
        }
    }
}
