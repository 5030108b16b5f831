//! `txotp serve`.

use std::fs;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::json;
use txotp_server::config::{Config, ConfigError};
use txotp_server::{App, Running, ServeError, SystemWorld, run};
use txotp_store::{Act, Actor, Location, Options, Vault};
use zeroize::Zeroizing;

use crate::cli::Answer;
use crate::commands::store::init;
use crate::device::now;
use crate::error::Error;
use crate::files;
use crate::output::{BOLD, Output};
use crate::store::keys::{KeyArgs, KeySource};

/// The longest configuration.
const CONFIG_LIMIT: u64 = 65_536;

/// Serve over HTTP: codes, approval requests and SMS codes, also for Authy's clients.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp serve
  txotp serve --store bank.db --listen 127.0.0.1:9000
  TXOTP_STORE=postgres://txotp@db.example/txotp TXOTP_KEYS_FILE=/secure/bank.keys \\
      txotp serve --config txotp.toml

Without options it serves on loopback, from txotp.db in this folder; where that is not there, it is made, with its \
keys, and an API key is printed, this once. Every setting of the file can be given as a variable (`limits.body_bytes` \
as TXOTP_LIMITS_BODY_BYTES) and with --set; an option wins over a variable, and that over the file. \
SIGTERM ends it when what was accepted is finished; SIGHUP has it read its certificate anew.")]
pub(crate) struct Serve {
    /// Configuration file, TOML [else: TXOTP_CONFIG names it]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Where to listen [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,

    /// Store: the path of an SQLite file, or postgres://… [else: TXOTP_STORE; default: txotp.db]
    #[arg(long, visible_alias = "database-url", value_name = "PATH_OR_URL")]
    store: Option<String>,

    #[command(flatten)]
    keys: KeyArgs,

    /// Certificate and those that prove it, PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<String>,

    /// Private key of the certificate, PEM
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<String>,

    /// Any other setting; can be given several times
    #[arg(long, value_name = "SETTING=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,

    /// Make one more API key that may do everything, and print it: for who has lost all others
    #[arg(long)]
    new_key: bool,

    /// Write an API key that is made into this file, which only its owner can read, and do not print it: for where a journal
    /// keeps what is printed
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

fn setting(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once('=').ok_or("a setting is NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

impl Serve {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let config = self.config()?;
        let location: Location = config.store.reveal().parse()?;
        let source = self.keys.or(&config.keys_file).source(Some(&location))?;
        let vault = open(&location, &source, output)?;
        let app = App::new(vault, Arc::new(SystemWorld), config);
        let app = if self.new_key {
            app.with_new_key()
        } else {
            app
        };
        let mut told = Ok(());
        run(app, |running| {
            told = tell(running, self.key_file.as_deref(), output)
        })
        .map_err(|error| not_served(&error))?;
        told?;
        Ok(Answer::Yes)
    }

    fn config(&self) -> Result<Config, Error> {
        let variable = std::env::var_os("TXOTP_CONFIG").map(PathBuf::from);
        let file = match self.config.as_ref().or(variable.as_ref()) {
            Some(path) => files::read(path, "the configuration", CONFIG_LIMIT)?,
            None => Zeroizing::default(),
        };
        let file = std::str::from_utf8(&file)
            .map_err(|_| Error::new("the configuration is not UTF-8", CONFIG_ADVICE))?;
        let listen = self.listen.map(|address| address.to_string());
        let named = [
            ("listen", &listen),
            ("store", &self.store),
            ("tls.certificate", &self.tls_certificate),
            ("tls.key", &self.tls_key),
        ];
        let named = named
            .iter()
            .filter_map(|(name, value)| Some((*name, value.as_deref()?)));
        let set = self
            .set
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let environment = |name: &str| std::env::var(name).ok();
        Config::read(file, environment, set.chain(named)).map_err(|error| misconfigured(&error))
    }
}

const CONFIG_ADVICE: &str = "docs/service.md lists every setting";

fn misconfigured(error: &ConfigError) -> Error {
    Error::new(error.to_string(), CONFIG_ADVICE)
}

/// Opens the store; makes it first, where a file is named that is not there.
fn open(location: &Location, source: &KeySource, output: Output) -> Result<Vault, Error> {
    if let Location::Sqlite(path) = location
        && !path.exists()
    {
        let actor = Actor::new("serve").expect("five letters are a name");
        let made = init::make(location, source, &Act { actor, now: now()? })?;
        output.note(format_args!("made the store {}", path.display()));
        if let Some(keys) = made.new_keys {
            output.note(format_args!(
                "made its keys in {}: keep them apart from the store, and back them up",
                keys.display()
            ));
        }
    }
    let keys = Arc::new(source.read()?);
    Ok(Vault::open(location, keys, Options::default())?)
}

fn not_served(error: &ServeError) -> Error {
    let advice = match error {
        ServeError::Address(_) => {
            "choose another with --listen ADDRESS:PORT, or see who listens there"
        }
        ServeError::Tls(_) => "give the certificate's chain and its key as files in PEM",
        _ => "see the log above",
    };
    Error::new(error.to_string(), advice)
}

/// Tells where it listens, and the key that was made, or in which file it is.
fn tell(running: &Running, key_file: Option<&Path>, output: Output) -> Result<(), Error> {
    let url = running.url();
    let key = running.new_key().map(|key| key.reveal());
    let kept = key.zip(key_file);
    if let Some((key, file)) = kept {
        tell_kept(&url, key, file, output);
    }
    let shown = key.filter(|_| kept.is_none());
    if output.json() {
        return output.value(&json!({ "url": url, "key": shown }));
    }
    let Some(key) = shown else {
        return output.line(&format!("serving {url}"));
    };
    let attempt = attempt(&url, key);
    output.text(&Zeroizing::new(format!(
        "serving {url}\n\
         {BOLD}API key{BOLD:#}  {key}\n\n\
         It is not shown again. Try:\n{}and read {url}/v1/docs\n",
        *attempt
    )))
}

/// A request to try, with a key or with what a shell puts for it.
fn attempt(url: &str, key: &str) -> Zeroizing<String> {
    Zeroizing::new(format!(
        "  curl -H \"Authorization: Bearer {key}\" -H 'Content-Type: application/json' \\\n       \
         -d '{{\"user\":\"alice\"}}' {url}/v1/devices\n"
    ))
}

/// Keeps a key in a file, and says so beside the log.
fn tell_kept(url: &str, key: &str, file: &Path, output: Output) {
    match keep(file, key) {
        Ok(()) => {
            let attempt = attempt(url, &format!("$(cat {})", file.display()));
            output.note(format_args!(
                "made an API key and wrote it to {}: take it from there, and remove the file. Try:\n{}",
                file.display(),
                attempt.trim_end()
            ));
        }
        // The service runs: that nobody has this key is to be said now, and not at its end.
        Err(error) => output.warn(format_args!(
            "made an API key, which nobody has: {} cannot be written ({}). Where it can be, start with --new-key",
            file.display(),
            error.kind()
        )),
    }
}

/// Writes a key to a file of its owner's alone, in the place of one that was made before.
fn keep(path: &Path, key: &str) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = files::create_new(path)?;
    file.write_all(key.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}
