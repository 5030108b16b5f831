//! `txotp serve`.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::json;
use txotp_server::config::{Config, ConfigError, variable};
use txotp_server::{App, Running, ServeError, SystemWorld, run};
use txotp_store::{Act, Actor, Location, Options, Vault};
use zeroize::Zeroizing;

use crate::cli::Answer;
use crate::commands::store::init;
use crate::device::now;
use crate::error::Error;
use crate::files::{self, Destination};
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

    /// Write an API key that is made into this new file, which only its owner can read, and do not print it: for where a journal
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
        let config = self.config(output)?;
        let location: Location = config.store.reveal().parse()?;
        let source = self.keys.or(&config.keys_file).source(Some(&location))?;
        let is_new = matches!(&location, Location::Sqlite(path) if !path.exists());
        let key_place = KeyPlace::open(self.key_file.as_deref(), self.new_key || is_new)?;
        let vault = open(&location, &source, output)?;
        let app = App::new(vault, Arc::new(SystemWorld), config);
        let app = if self.new_key {
            app.with_new_key()
        } else {
            app
        };
        let mut told = Ok(());
        run(app, |running| told = tell(running, key_place, output))
            .map_err(|error| not_served(&error))?;
        told?;
        Ok(Answer::Yes)
    }

    fn config(&self, output: Output) -> Result<Config, Error> {
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
        let environment = environment(output)?;
        let variable = |name: &str| environment.get(name).cloned();
        Config::read(file, variable, set.chain(named)).map_err(|error| misconfigured(&error))
    }
}

/// The variables that are settings. What is misspelt or no text is told, so that no setting is left as it was in silence: the
/// first as a warning, because other programs may have names that begin alike.
fn environment(output: Output) -> Result<HashMap<String, String>, Error> {
    let settings: HashSet<_> = Config::settings()
        .iter()
        .map(|name| variable(name))
        .collect();
    let mut found = HashMap::new();
    for (name, value) in std::env::vars_os() {
        let Some(name) = name.to_str().filter(|name| name.starts_with("TXOTP_")) else {
            continue;
        };
        if settings.contains(name) {
            let value = value.into_string().map_err(|_| {
                Error::new(format!("the variable {name} is not UTF-8"), CONFIG_ADVICE)
            })?;
            found.insert(name.to_owned(), value);
        } else if !OTHER_VARIABLES.contains(&name) {
            output.warn(format_args!(
                "the variable {name} is no setting, and is left aside"
            ));
        }
    }
    Ok(found)
}

/// The variables of the command that are no settings of the service.
const OTHER_VARIABLES: [&str; 2] = ["TXOTP_CONFIG", "TXOTP_KEYS"];

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

/// Where a key goes that is made.
enum KeyPlace<'a> {
    /// To standard output.
    Shown,
    /// Into a file that was not there. It is open before a key is made, so that none is made that nobody gets.
    File(&'a Path, Destination),
    /// Into a file that is there, perhaps with a key that nobody took yet: no other takes its place.
    Taken(&'a Path),
}

impl<'a> KeyPlace<'a> {
    /// Opens the file, if one is named. One that is there is in the way where a key is about to be made, and of a service
    /// that is started anew it is not.
    fn open(file: Option<&'a Path>, makes_key: bool) -> Result<Self, Error> {
        Ok(match file {
            None => Self::Shown,
            Some(file) if file.exists() && !makes_key => Self::Taken(file),
            Some(file) => Self::File(file, Destination::new_file(file)?),
        })
    }
}

/// Tells where it listens, and the key that was made, or in which file it is.
fn tell(running: &Running, place: KeyPlace<'_>, output: Output) -> Result<(), Error> {
    let url = running.url();
    let key = running.new_key().map(|key| key.reveal());
    let shown = match (key, place) {
        (Some(key), KeyPlace::File(file, destination)) => {
            tell_kept(&url, key, file, &destination, output);
            None
        }
        (Some(_), KeyPlace::Taken(file)) => {
            not_kept(file, output);
            None
        }
        (key, _) => key,
    };
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

/// Writes a key into a file, and says so beside the log.
fn tell_kept(url: &str, key: &str, file: &Path, destination: &Destination, output: Output) {
    let line = Zeroizing::new(format!("{key}\n"));
    if destination.write(line.as_bytes()).is_err() {
        return not_kept(file, output);
    }
    let file = file.display();
    let attempt = attempt(url, &format!("$(cat {file})"));
    output.note(format_args!(
        "made an API key and wrote it to {file}: take it from there, and remove the file. Try:\n{}",
        attempt.trim_end()
    ));
}

/// The service runs: that nobody has the key is to be said now, and not at its end.
fn not_kept(file: &Path, output: Output) {
    output.warn(format_args!(
        "made an API key, which nobody has: {} is there already, or cannot be written. See to that, and start with --new-key",
        file.display()
    ));
}
