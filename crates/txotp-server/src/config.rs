//! How the service is set up: by a file, the environment and flags, in this order; what comes later wins.
//!
//! [`Config`] is the one list of settings. A setting `limits.body_bytes` stands in a TOML file as `body_bytes` under
//! `[limits]`, in the environment as `TXOTP_LIMITS_BODY_BYTES`, and on the command line as `--set limits.body_bytes=…`.

use core::fmt;
use core::net::{IpAddr, SocketAddr};

use axum::http::Uri;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};
use txotp_core::TextProfile;
use zeroize::Zeroizing;

mod layers;
mod ranges;
mod secret;
mod sections;

use layers::{at, check_names, line_of, put, set};
pub use secret::SecretText;
pub use sections::{
    Approvals, Authy, Callbacks, Gateway, Limits, Log, LogFormat, LogLevel, Sms, Stepup, Tls,
};

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
    /// Where callers reach the service, told at start; empty for the address that it listens on.
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
    /// A number is less or more than its setting can be. Choose another.
    Range {
        /// The setting.
        setting: &'static str,
        /// The least that it can be.
        least: u64,
        /// The most that it can be.
        most: u64,
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
            Self::Range {
                setting,
                least,
                most,
            } => write!(f, "{setting} is {least} to {most}"),
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
        if sms.calls && sms.gateway == Gateway::Twilio && !sms.caller().starts_with('+') {
            return conflict(
                "a number calls, and not a messaging service: with sms.calls, sms.call_from is a number, as +14055550185",
            );
        }
        if sms.calls && sms.gateway == Gateway::None {
            return conflict("somebody has to call: sms.calls needs a gateway, sms.gateway");
        }
        if !is_issuer(&self.issuer) {
            return conflict(
                "issuer is 1 to 64 visible characters without a colon, as devices show them",
            );
        }
        if !(self.public_url.is_empty() || is_http(&self.public_url)) {
            return conflict("public_url is an http or https URL, or empty");
        }
        if !self
            .callbacks
            .allowed_hosts
            .iter()
            .all(|host| is_host(host))
        {
            return conflict(
                "callbacks.allowed_hosts are names or addresses as they stand in URLs, without scheme, port, brackets and patterns",
            );
        }
        if !sms.account.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return conflict("sms.account is of letters and digits");
        }
        self.check_numbers()
    }
}

/// Whether devices can show it as the issuer of a seed, and read it from a Key URI.
fn is_issuer(text: &str) -> bool {
    (1..=64).contains(&text.chars().count())
        && TextProfile::Standard.first_forbidden(text).is_none()
        && !text.contains(':')
        && text.trim() == text
}

fn is_http(url: &str) -> bool {
    let url = url.parse::<Uri>();
    url.is_ok_and(|url| matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some())
}

/// Whether it is the host of a URL, without the brackets of an IPv6 address.
fn is_host(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    text.parse::<IpAddr>().is_ok() || (!text.is_empty() && text.bytes().all(is_plain))
}

/// The variable of a setting.
#[must_use]
pub fn variable(setting: &str) -> String {
    format!("TXOTP_{}", setting.replace('.', "_").to_uppercase())
}

#[cfg(test)]
mod tests;
