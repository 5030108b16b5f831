//! Where the keys of a store come from: a file, or the environment. Never an argument.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use txotp_store::{Keyring, Location};
use zeroize::Zeroizing;

use crate::error::Error;

#[derive(Args, Clone)]
pub(crate) struct KeyArgs {
    /// Key file [else: TXOTP_KEYS_FILE names it, TXOTP_KEYS holds the keys, or it is STORE.keys]
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
}

/// Where keys are.
pub(crate) enum KeySource {
    File(PathBuf),
    Text(Zeroizing<Vec<u8>>),
}

impl KeyArgs {
    /// The same, where no option names the file: with this one, unless its name is empty.
    pub(crate) fn or(&self, file: &str) -> Self {
        let named = || (!file.is_empty()).then(|| PathBuf::from(file));
        Self {
            keys: self.keys.clone().or_else(named),
        }
    }

    /// Where the keys of a store are: what is said first of option, variables and the place beside the
    /// store.
    pub(crate) fn source(&self, store: Option<&Location>) -> Result<KeySource, Error> {
        if let Some(file) = &self.keys {
            return Ok(KeySource::File(file.clone()));
        }
        let file = std::env::var_os("TXOTP_KEYS_FILE");
        let text = std::env::var_os("TXOTP_KEYS").map(OsString::into_encoded_bytes);
        match (file, text.map(Zeroizing::new)) {
            (Some(_), Some(_)) => Err(Error::new(
                "TXOTP_KEYS_FILE and TXOTP_KEYS are both set",
                "set one of them, or name the key file with --keys FILE",
            )),
            (Some(file), None) => Ok(KeySource::File(file.into())),
            (None, Some(text)) => Ok(KeySource::Text(text)),
            (None, None) => store.and_then(beside).map(KeySource::File).ok_or_else(|| {
                Error::new(
                    "no keys are named",
                    "name their file with --keys FILE, or set TXOTP_KEYS_FILE",
                )
            }),
        }
    }
}

/// The key file beside an SQLite store.
fn beside(store: &Location) -> Option<PathBuf> {
    let Location::Sqlite(path) = store else {
        return None;
    };
    let mut file = path.clone().into_os_string();
    file.push(".keys");
    Some(file.into())
}

impl KeySource {
    /// Reads the keys.
    pub(crate) fn read(&self) -> Result<Keyring, Error> {
        match self {
            Self::File(path) => Ok(Keyring::read(path)?),
            Self::Text(text) => {
                let text = std::str::from_utf8(text).map_err(|_| {
                    Error::new(
                        "TXOTP_KEYS is not UTF-8",
                        "set it to the text of a key file: an id, a blank and 64 hexadecimal digits",
                    )
                })?;
                Ok(Keyring::parse(text)?)
            }
        }
    }
}
