//! The settings by their sections, each with its default.

use serde::{Deserialize, Serialize};

use super::SecretText;

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
    /// Connections at once, 1 to 1000000; more wait.
    pub connections: usize,
    /// Bytes of a request's body, 1 to 16777216.
    pub body_bytes: usize,
    /// Bytes of a request's line and headers, 8192 to 1048576.
    pub header_bytes: usize,
    /// Seconds for the headers of a request to come, 1 to 3600.
    pub header_seconds: u64,
    /// Seconds for a request to come whole and be answered, 1 to 3600.
    pub request_seconds: u64,
    /// Requests a second for each API key, with a burst of as many: 0 to 1000000, 0 for no limit.
    pub per_key: u32,
    /// Answers a second to each address that its key is none, with a burst of as many: 0 to 1000000, 0 for no limit.
    pub per_address: u32,
    /// Seconds to finish what was accepted, when the service is told to end: 0 to 3600.
    pub shutdown_seconds: u64,
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

/// What is written to standard error.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `text` or `json`.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug` or `trace`.
    pub level: LogLevel,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            level: LogLevel::Info,
        }
    }
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

impl Default for Authy {
    fn default() -> Self {
        Self {
            enabled: true,
            accept_before_first_success: false,
        }
    }
}

/// Approval requests.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Approvals {
    /// Days for which a request that has ended can be looked up, and a callback that was given up: 0 to 36500.
    pub keep_days: u32,
    /// Streams at once that tell devices of their requests as these come (server-sent events), at most 4 to one device; more are
    /// refused. 0 to 1000000.
    pub event_streams: usize,
}

impl Default for Approvals {
    fn default() -> Self {
        Self {
            keep_days: 90,
            event_streams: 256,
        }
    }
}

/// Callbacks to applications.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Callbacks {
    /// The hosts that callbacks may go to; none for every public one.
    pub allowed_hosts: Vec<String>,
    /// Whether they may go to private and loopback addresses, and over plain HTTP.
    pub allow_private: bool,
    /// Seconds that an application has to answer, 1 to 3600.
    pub timeout_seconds: u64,
    /// How often a callback is tried before it is given up and listed, 1 to 1000.
    pub attempts: u32,
    /// Whether an application is told that a request expired. Authy's client `authy-client` takes such a callback for
    /// a forged one.
    pub on_expiry: bool,
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
    /// Whether the gateway also calls, and has texts read aloud.
    pub calls: bool,
    /// For `twilio`: the number that calls; empty for `from`.
    pub call_from: String,
    /// Whether the gateway may be at a private or loopback address, and spoken to over plain HTTP.
    pub allow_private: bool,
    /// Seconds that the gateway has to answer, 1 to 3600.
    pub timeout_seconds: u64,
}

impl Default for Sms {
    fn default() -> Self {
        Self {
            gateway: Gateway::None,
            url: String::new(),
            secret: SecretText::default(),
            account: String::new(),
            from: String::new(),
            calls: false,
            call_from: String::new(),
            allow_private: false,
            timeout_seconds: 10,
        }
    }
}

impl Sms {
    /// The number that calls, of `twilio`.
    pub(crate) fn caller(&self) -> &str {
        if self.call_from.is_empty() {
            &self.from
        } else {
            &self.call_from
        }
    }
}

/// Step-up challenges.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Stepup {
    /// Digits of a code, 4 to 10.
    pub digits: u8,
    /// Seconds until a code ends, 1 to 86400.
    pub code_seconds: u64,
    /// Wrong codes of a session before even the right one is refused: 1 to 5; another number is 5.
    pub attempts: u32,
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
