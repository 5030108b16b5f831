//! How the service is set up: by a file, the environment and flags, in this order; what comes later wins.
//!
//! [`Config`] is the one list of settings. A setting `limits.body_bytes` stands in a TOML file as `body_bytes` under
//! `[limits]`, in the environment as `TXOTP_LIMITS_BODY_BYTES`, and on the command line as `--set limits.body_bytes=…`.

use core::fmt;
use core::net::SocketAddr;

use serde::{Deserialize, Serialize};
use toml::{Table, Value};
use zeroize::Zeroizing;

mod secret;

pub use secret::SecretText;

/// Every setting, with its default where it is not given.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The store: a path, or `postgres://…`.
    pub store: SecretText,
    /// The file with the keys of the store; empty for the one beside an SQLite store.
    pub keys_file: String,
    /// What devices show as the issuer of their seeds.
    pub issuer: String,
    /// Where callers reach the service, for links in answers; empty for the address that it listens on.
    pub public_url: String,
    /// TLS.
    pub tls: Tls,
    /// How much is served at once, and to whom.
    pub limits: Limits,
    /// What is written to standard error.
    pub log: Log,
    /// The interface for Authy's clients.
    pub authy: Authy,
    /// Approval requests.
    pub approvals: Approvals,
    /// Callbacks to applications.
    pub callbacks: Callbacks,
    /// Codes by SMS.
    pub sms: Sms,
    /// Step-up challenges.
    pub stepup: Stepup,
}

/// TLS, and who may do without.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// The certificate and those that prove it, PEM; empty for plain HTTP.
    pub certificate: String,
    /// Its private key, PEM.
    pub key: String,
    /// Whether plain HTTP may be spoken elsewhere than on loopback: where something else ends TLS.
    pub allow_plain_http: bool,
}

/// How much is served at once, and to whom.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Connections at once; more wait.
    pub connections: usize,
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Bytes of a request's line and headers.
    pub header_bytes: usize,
    /// Seconds for the headers of a request to come.
    pub header_seconds: u64,
    /// Seconds for a request to come whole and be answered.
    pub request_seconds: u64,
    /// Requests a second for each API key, with a burst of as many; 0 for no limit.
    pub per_key: u32,
    /// Requests a second for each address without a good key, with a burst of as many; 0 for no limit.
    pub per_address: u32,
    /// Seconds to finish what was accepted, when the service is told to end.
    pub shutdown_seconds: u64,
}

/// What is written to standard error.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `text` or `json`.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug` or `trace`.
    pub level: LogLevel,
}

/// How lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// An object a line.
    Json,
}

/// What is worth a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogLevel {
    /// What needs somebody.
    Error,
    /// What may need somebody.
    Warn,
    /// Every request.
    #[default]
    Info,
    /// More.
    Debug,
    /// All.
    Trace,
}

/// The interface for Authy's clients.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Authy {
    /// Whether there is one.
    pub enabled: bool,
    /// Whether, as at Authy, any code is answered as right until the user's first right one, unless the caller says `force`.
    pub accept_before_first_success: bool,
}

/// Approval requests.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Approvals {
    /// Days for which a request that has ended can be looked up, and a callback that was given up.
    pub keep_days: u32,
    /// Streams at once that tell devices of their requests as these come (server-sent events), at most 4 to one device; more are
    /// refused.
    pub event_streams: usize,
}

/// Callbacks to applications.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Callbacks {
    /// The hosts that callbacks may go to; none for every public one.
    pub allowed_hosts: Vec<String>,
    /// Whether they may go to private and loopback addresses, and over plain HTTP.
    pub allow_private: bool,
    /// Seconds that an application has to answer.
    pub timeout_seconds: u64,
    /// How often a callback is tried before it is given up and listed.
    pub attempts: u32,
    /// Whether an application is told that a request expired. Authy's client `authy-client` takes such a callback for
    /// a forged one.
    pub on_expiry: bool,
}

/// Codes by SMS.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sms {
    /// Who sends.
    pub gateway: Gateway,
    /// For `webhook`: where the text and the number are posted, signed. For `twilio`: the base URL.
    pub url: String,
    /// For `webhook`: the key of the signature. For `twilio`: the auth token.
    pub secret: SecretText,
    /// For `twilio`: the account's SID.
    pub account: String,
    /// For `twilio`: the sender, a number or the SID of a messaging service.
    pub from: String,
    /// Whether the gateway may be at a private or loopback address, and spoken to over plain HTTP.
    pub allow_private: bool,
    /// Seconds that the gateway has to answer.
    pub timeout_seconds: u64,
}

/// Step-up challenges.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Stepup {
    /// Digits of a code, 4 to 10.
    pub digits: u8,
    /// Seconds until a code ends.
    pub code_seconds: u64,
    /// Wrong codes of a session before even the right one is refused: 1 to 5; another number is 5.
    pub attempts: u32,
}

/// Who sends texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gateway {
    /// Nobody: SMS codes are refused.
    #[default]
    None,
    /// The log, for development: everyone who reads it can use the codes.
    Log,
    /// A signed request to a URL.
    Webhook,
    /// Twilio's Messages API, or what speaks it.
    Twilio,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            store: SecretText::from("txotp.db"),
            keys_file: String::new(),
            issuer: "txotp".to_owned(),
            public_url: String::new(),
            tls: Tls::default(),
            limits: Limits::default(),
            log: Log::default(),
            authy: Authy::default(),
            approvals: Approvals::default(),
            callbacks: Callbacks::default(),
            sms: Sms::default(),
            stepup: Stepup::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            body_bytes: 65_536,
            header_bytes: 16_384,
            header_seconds: 10,
            request_seconds: 30,
            per_key: 0,
            per_address: 20,
            shutdown_seconds: 30,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            level: LogLevel::Info,
        }
    }
}

impl Default for Authy {
    fn default() -> Self {
        Self {
            enabled: true,
            accept_before_first_success: false,
        }
    }
}

impl Default for Approvals {
    fn default() -> Self {
        Self {
            keep_days: 90,
            event_streams: 256,
        }
    }
}

impl Default for Callbacks {
    fn default() -> Self {
        Self {
            allowed_hosts: Vec::new(),
            allow_private: false,
            timeout_seconds: 10,
            attempts: 12,
            on_expiry: true,
        }
    }
}

impl Default for Sms {
    fn default() -> Self {
        Self {
            gateway: Gateway::None,
            url: String::new(),
            secret: SecretText::default(),
            account: String::new(),
            from: String::new(),
            allow_private: false,
            timeout_seconds: 10,
        }
    }
}

impl Default for Stepup {
    fn default() -> Self {
        Self {
            digits: 6,
            code_seconds: 300,
            attempts: 5,
        }
    }
}

/// Why there is no configuration. It names the setting, and no value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file is no TOML.
    Syntax {
        /// In which line.
        line: usize,
    },
    /// There is no such setting.
    Unknown {
        /// What was named.
        setting: String,
    },
    /// A value is not of its setting's type, or not among those that it can have.
    Value {
        /// The setting.
        setting: String,
    },
    /// Settings do not go together.
    Conflict {
        /// What is wrong, and what to do.
        advice: &'static str,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { line } => write!(f, "the configuration is no TOML in line {line}"),
            Self::Unknown { setting } => write!(f, "there is no setting {setting}"),
            Self::Value { setting } => {
                write!(f, "the value of {setting} is not one that it can have")
            }
            Self::Conflict { advice } => f.write_str(advice),
        }
    }
}

impl core::error::Error for ConfigError {}

impl Config {
    /// The configuration of a file's text, of the environment, and of flags as `(setting, value)`.
    ///
    /// # Errors
    /// [`ConfigError`]; nothing is taken then.
    ///
    /// ```
    /// use txotp_server::config::{Config, ConfigError};
    ///
    /// let file = "issuer = 'ACME'\n[limits]\nbody_bytes = 1000\n";
    /// let environment = |name: &str| (name == "TXOTP_LIMITS_BODY_BYTES").then(|| "2000".to_owned());
    /// let config = Config::read(file, environment, [("listen", "127.0.0.1:9000")])?;
    /// assert_eq!(config.issuer, "ACME");
    /// assert_eq!(config.limits.body_bytes, 2000);
    /// assert_eq!(config.listen.port(), 9000);
    /// # Ok::<(), ConfigError>(())
    /// ```
    pub fn read<'a>(
        file: &str,
        environment: impl Fn(&str) -> Option<String>,
        flags: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ConfigError> {
        let defaults = Self::table();
        let mut table: Table = toml::from_str(file).map_err(|error| ConfigError::Syntax {
            line: line_of(file, error.span().map_or(0, |span| span.start)),
        })?;
        check_names(&table, &defaults, "")?;
        for setting in Self::settings() {
            if let Some(value) = environment(&variable(&setting)) {
                set(&mut table, &defaults, &setting, &Zeroizing::new(value))?;
            }
        }
        for (setting, value) in flags {
            set(&mut table, &defaults, setting, value)?;
        }
        let config = Self::of(table)?;
        config.check()?;
        Ok(config)
    }

    /// The names of all settings, as `limits.body_bytes`.
    #[must_use]
    pub fn settings() -> Vec<String> {
        let mut names = Vec::new();
        for (name, value) in Self::table() {
            match value {
                Value::Table(section) => {
                    names.extend(section.keys().map(|key| format!("{name}.{key}")));
                }
                _ => names.push(name),
            }
        }
        names
    }

    /// The defaults as a table: what says of which type each setting is.
    fn table() -> Table {
        Table::try_from(Self::default()).expect("every setting has a default that TOML can say")
    }

    /// Takes one setting at a time, so that an error names it.
    fn of(table: Table) -> Result<Self, ConfigError> {
        table.clone().try_into().map_err(|_| {
            let alone = |setting: &String| {
                let value = at(&table, setting)?.clone();
                let mut one = Table::new();
                put(&mut one, setting, value);
                one.try_into::<Self>().err().map(|_| setting.clone())
            };
            let setting = Self::settings().iter().find_map(alone).unwrap_or_default();
            ConfigError::Value { setting }
        })
    }

    fn check(&self) -> Result<(), ConfigError> {
        let conflict = |advice| Err(ConfigError::Conflict { advice });
        if self.tls.certificate.is_empty() != self.tls.key.is_empty() {
            return conflict("tls.certificate and tls.key go together: give both, or neither");
        }
        let is_plain = self.tls.certificate.is_empty();
        if is_plain && !self.listen.ip().is_loopback() && !self.tls.allow_plain_http {
            return conflict(
                "plain HTTP is spoken on loopback only: give tls.certificate and tls.key, or set tls.allow_plain_http \
                 where something else ends TLS",
            );
        }
        let sms = &self.sms;
        let needs = match sms.gateway {
            Gateway::None | Gateway::Log => false,
            Gateway::Webhook => sms.url.is_empty() || sms.secret.is_empty(),
            Gateway::Twilio => {
                sms.secret.is_empty() || sms.account.is_empty() || sms.from.is_empty()
            }
        };
        if needs {
            return conflict(
                "the gateway of sms lacks settings: webhook needs url and secret, twilio account, secret and from",
            );
        }
        if !sms.account.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return conflict("sms.account is of letters and digits");
        }
        if !(4..=10).contains(&self.stepup.digits) || self.stepup.code_seconds == 0 {
            return conflict("stepup.digits is 4 to 10, and stepup.code_seconds at least 1");
        }
        if self.limits.connections == 0 || self.limits.body_bytes == 0 {
            return conflict("limits.connections and limits.body_bytes are at least 1");
        }
        Ok(())
    }
}

/// The variable of a setting.
#[must_use]
pub fn variable(setting: &str) -> String {
    format!("TXOTP_{}", setting.replace('.', "_").to_uppercase())
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().iter().take(offset);
    before
        .filter(|byte| **byte == b'\n')
        .count()
        .saturating_add(1)
}

fn at<'a>(table: &'a Table, setting: &str) -> Option<&'a Value> {
    match setting.split_once('.') {
        Some((section, name)) => table.get(section)?.as_table()?.get(name),
        None => table.get(setting),
    }
}

fn put(table: &mut Table, setting: &str, value: Value) {
    match setting.split_once('.') {
        Some((section, name)) => {
            let section = table
                .entry(section)
                .or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(section) = section {
                section.insert(name.to_owned(), value);
            }
        }
        None => {
            table.insert(setting.to_owned(), value);
        }
    }
}

/// Whether every name of a table is that of a setting.
fn check_names(table: &Table, known: &Table, prefix: &str) -> Result<(), ConfigError> {
    for (name, value) in table {
        let setting = format!("{prefix}{name}");
        match (known.get(name), value) {
            (None, _) => return Err(ConfigError::Unknown { setting }),
            (Some(Value::Table(known)), Value::Table(section)) => {
                check_names(section, known, &format!("{setting}."))?;
            }
            (Some(Value::Table(_)), _) | (Some(_), Value::Table(_)) => {
                return Err(ConfigError::Value { setting });
            }
            (Some(_), _) => {}
        }
    }
    Ok(())
}

/// Sets a setting from text, which is read as what its default is.
fn set(table: &mut Table, known: &Table, setting: &str, text: &str) -> Result<(), ConfigError> {
    let wrong = || ConfigError::Value {
        setting: setting.to_owned(),
    };
    let value = match at(known, setting) {
        Some(Value::String(_)) => Value::String(text.to_owned()),
        Some(Value::Integer(_)) => Value::Integer(text.parse().map_err(|_| wrong())?),
        Some(Value::Boolean(_)) => Value::Boolean(text.parse().map_err(|_| wrong())?),
        Some(Value::Array(_)) => {
            let items = text
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty());
            Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
        }
        _ => {
            return Err(ConfigError::Unknown {
                setting: setting.to_owned(),
            });
        }
    };
    put(table, setting, value);
    Ok(())
}

#[cfg(test)]
mod tests;
