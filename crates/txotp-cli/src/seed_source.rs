//! Where seeds and PINs come from: a file, standard input or the environment. Never an argument,
//! which every user of the machine could read in the list of processes.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Args;
use txotp_core::{PinHash, Seed, TransactionSuite};
use txotp_uri::base32;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::output::Output;
use crate::{files, hex};

/// The longest seed or PIN file: 64 bytes in hexadecimal digits, and a little.
const LIMIT: u64 = 1024;

#[derive(Args, Clone)]
pub(crate) struct SeedArgs {
    /// File with the seed, `-` for standard input [else: the variable TXOTP_SEED]
    ///
    /// The seed is written in Base32, or as `hex:` and hexadecimal digits. One line feed at the end
    /// is ignored. There is no option that takes the seed itself.
    #[arg(long, value_name = "FILE")]
    seed_file: Option<PathBuf>,
}

#[derive(Args, Clone)]
pub(crate) struct PinArgs {
    /// File with the PIN, for suites with `-P…`; `-` for standard input [else: TXOTP_PIN]
    #[arg(long, value_name = "FILE")]
    pin_file: Option<PathBuf>,
}

impl SeedArgs {
    /// Whether the seed takes standard input.
    pub(crate) fn uses_stdin(&self) -> bool {
        self.seed_file.as_deref().is_some_and(files::is_stdin)
    }

    /// Reads the seed.
    pub(crate) fn read(&self, output: Output) -> Result<Seed, Error> {
        if let Some(path) = &self.seed_file {
            return from_file(path, output);
        }
        let text = environment("TXOTP_SEED").ok_or_else(|| {
            Error::new(
                "there is no seed",
                "name its file with --seed-file FILE, or set TXOTP_SEED; `txotp seed new` makes one",
            )
        })?;
        parse(&text)
    }
}

/// Reads the seed in a file, `-` for standard input.
pub(crate) fn from_file(path: &Path, output: Output) -> Result<Seed, Error> {
    warn_if_shared(path, "seed", output);
    parse(&files::read(path, "the seed file", LIMIT)?)
}

impl PinArgs {
    /// Whether the PIN takes standard input.
    pub(crate) fn uses_stdin(&self) -> bool {
        self.pin_file.as_deref().is_some_and(files::is_stdin)
    }

    /// Reads the PIN of a suite that has one, and hashes it as the suite says.
    pub(crate) fn read(
        &self,
        suite: &TransactionSuite,
        output: Output,
    ) -> Result<Option<PinHash>, Error> {
        let Some(algorithm) = suite.ocra().pin() else {
            return match &self.pin_file {
                None => Ok(None),
                Some(_) => Err(Error::new(
                    "a PIN is given, but the suite has none",
                    "leave --pin-file out, or choose a suite with -PSHA1, -PSHA256 or -PSHA512",
                )),
            };
        };
        let text = match &self.pin_file {
            Some(path) => {
                warn_if_shared(path, "PIN", output);
                files::read(path, "the PIN file", LIMIT)?
            }
            None => environment("TXOTP_PIN").ok_or_else(|| {
                Error::new(
                    "the suite asks for a PIN, and there is none",
                    "name its file with --pin-file FILE, or set TXOTP_PIN",
                )
            })?,
        };
        let advice = "a PIN is 1 to 128 bytes of UTF-8";
        let pin = std::str::from_utf8(files::without_newline(&text))
            .map_err(|_| Error::new("the PIN is not UTF-8", advice))?;
        PinHash::of(algorithm, pin)
            .map(Some)
            .map_err(|error| Error::new(error.to_string(), advice))
    }
}

fn environment(name: &str) -> Option<Zeroizing<Vec<u8>>> {
    std::env::var_os(name)
        .map(OsString::into_encoded_bytes)
        .map(Zeroizing::new)
}

fn parse(text: &[u8]) -> Result<Seed, Error> {
    const ADVICE: &str = "write it in Base32, or as hex: and two hexadecimal digits for each byte";
    let no_text = || Error::new("the seed is neither Base32 nor hex:", ADVICE);
    let text = std::str::from_utf8(files::without_newline(text)).map_err(|_| no_text())?;
    match text.strip_prefix("hex:") {
        Some(digits) => {
            let bytes = Zeroizing::new(hex::decode(digits).ok_or_else(no_text)?);
            Seed::from_bytes(&bytes).map_err(|error| {
                Error::new(
                    error.to_string(),
                    "a seed has 16 to 64 bytes; `txotp seed new` makes one",
                )
            })
        }
        None => base32::decode(text).map_err(|error| Error::new(error.to_string(), ADVICE)),
    }
}

#[cfg(unix)]
pub(crate) fn warn_if_shared(path: &Path, what: &str, output: Output) {
    use std::os::unix::fs::MetadataExt as _;

    let shared =
        std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.mode() & 0o077 != 0);
    if shared && !files::is_stdin(path) {
        output.warn(format_args!(
            "others than you can read the {what} file: chmod 600 it"
        ));
    }
}

#[cfg(not(unix))]
pub(crate) fn warn_if_shared(_: &Path, _: &str, _: Output) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_base32_or_hex_with_one_newline_at_most() {
        let bytes = b"12345678901234567890";
        for text in [
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            "gezdgnbvgy3tqojqgezdgnbvgy3tqojq\n",
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\r\n",
            "hex:3132333435363738393031323334353637383930",
            "hex:3132333435363738393031323334353637383930\n",
        ] {
            assert_eq!(parse(text.as_bytes()).unwrap().reveal(), bytes, "{text:?}");
        }
        for text in [
            "",
            "\n",
            "hex:",
            "hex:3132",
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n\n",
            "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ",
            "HEX:3132333435363738393031323334353637383930",
            "12345678901234567890",
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text:?}");
        }
    }
}
