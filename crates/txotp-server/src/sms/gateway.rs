//! Who sends texts, and calls.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use std::time::Duration;

use super::Phone;
use crate::App;
use crate::config::{Gateway as Choice, Sms};
use crate::outbound::{self, Reply, Rules};

mod twilio;
mod webhook;

use twilio::Twilio;
use webhook::Webhook;

/// How a text comes to a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    /// It is shown.
    Sms,
    /// It is read aloud.
    Call,
}

impl Channel {
    /// The stable name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Call => "call",
        }
    }
}

/// What is to be sent. The text is a secret, and the number personal: neither is logged.
#[derive(Clone, Copy)]
pub(crate) struct Message<'a> {
    pub(crate) to: &'a Phone,
    pub(crate) channel: Channel,
    pub(crate) text: &'a str,
}

/// A way of sending texts. Another one is another type that does this.
trait Transport: Send + Sync {
    /// Has a text sent, once.
    fn send<'a>(&'a self, app: &'a App, message: Message<'a>) -> Sending<'a>;

    /// Says in the log what the operator has to know of it.
    fn warn(&self);
}

type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), SendError>> + Send + 'a>>;

/// The gateway that is configured.
pub(crate) struct Gateway {
    transport: Option<Box<dyn Transport>>,
    calls: bool,
}

impl Gateway {
    /// The gateway of these settings.
    pub(crate) fn new(settings: &Sms) -> Self {
        Self {
            transport: match settings.gateway {
                Choice::None => None,
                Choice::Log => Some(Box::new(Log)),
                Choice::Webhook => Some(Box::new(Webhook::new(settings))),
                Choice::Twilio => Some(Box::new(Twilio::new(settings))),
            },
            calls: settings.calls,
        }
    }

    /// Says in the log what the operator has to know of it: when the service starts, and there is a log.
    pub(crate) fn warn(&self) {
        if let Some(transport) = &self.transport {
            transport.warn();
        }
    }

    /// Whether anybody sends by a channel.
    pub(crate) fn has(&self, channel: Channel) -> bool {
        self.transport.is_some() && (channel == Channel::Sms || self.calls)
    }

    /// Has a text sent. When this answers well, the gateway has taken it; that says nothing of its arrival. Nothing is
    /// tried twice, because a text that was sent after all would be sent twice.
    ///
    /// # Errors
    /// [`SendError`].
    pub(crate) async fn send(&self, app: &App, message: Message<'_>) -> Result<(), SendError> {
        let transport = self
            .transport
            .as_ref()
            .filter(|_| self.has(message.channel))
            .ok_or(SendError::NoGateway)?;
        let sent = transport.send(app, message).await;
        app.metrics
            .texted(sent.map_or_else(SendError::name, |()| "taken"));
        sent
    }
}

/// Why a text was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SendError {
    /// There is no gateway, or none that calls. The operator's choice.
    NoGateway,
    /// The gateway answered, and does not send. The log says with which status, and the gateway knows why.
    Refused,
    /// The gateway cannot be reached, and has no text. The log says what failed.
    Unreachable,
    /// The gateway had the text, and says neither that it sends nor that it does not: it may have sent. The log says
    /// what failed.
    Unclear,
}

impl SendError {
    /// The stable name, for records and logs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::NoGateway => "no-gateway",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Unclear => "unclear",
        }
    }

    /// Whether the text may be on its way all the same.
    pub(crate) const fn may_have_sent(self) -> bool {
        matches!(self, Self::Unclear)
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoGateway => "there is no gateway for texts",
            Self::Refused => "the gateway refused the text",
            Self::Unreachable => "the gateway cannot be reached",
            Self::Unclear => "the gateway may have sent the text, or not",
        })
    }
}

impl core::error::Error for SendError {}

/// The log, for development.
struct Log;

impl Transport for Log {
    fn send<'a>(&'a self, _: &'a App, message: Message<'a>) -> Sending<'a> {
        let Message { to, channel, text } = message;
        let channel = channel.name();
        tracing::warn!(%to, channel, text, "a text in the log, not sent: whoever reads this can use its code");
        Box::pin(async { Ok(()) })
    }

    fn warn(&self) {
        tracing::warn!(
            "codes by SMS are written to this log and not sent: whoever reads it can use them; this is for development only"
        );
    }
}

/// Where a gateway is, and how it is reached over HTTP.
struct Reach {
    url: String,
    allow_private: bool,
    timeout: Duration,
}

impl Reach {
    fn new(url: String, settings: &Sms) -> Self {
        Self {
            url,
            allow_private: settings.allow_private,
            timeout: Duration::from_secs(settings.timeout_seconds),
        }
    }

    fn warn(&self) {
        if let Err(error) = self.rules().check(&self.url) {
            tracing::warn!(
                error = error.name(),
                "no text can be sent: the URL of the gateway is not one that it may have"
            );
        }
    }

    /// The operator names the host, and nobody else does.
    fn rules(&self) -> Rules<'_> {
        Rules {
            allowed_hosts: &[],
            allow_private: self.allow_private,
            timeout: self.timeout,
        }
    }

    async fn post(
        &self,
        app: &App,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Reply, SendError> {
        let rules = self.rules();
        let url = format!("{}{path}", self.url);
        let reply = app.outbound.post(&url, headers, body, &rules).await;
        reply.map_err(|error| {
            tracing::warn!(error = error.name(), "the gateway for texts gave no answer");
            match error {
                // Nothing of the request was written yet.
                outbound::SendError::Url
                | outbound::SendError::Header
                | outbound::SendError::Host
                | outbound::SendError::Name
                | outbound::SendError::Address
                | outbound::SendError::Connect
                | outbound::SendError::Tls => SendError::Unreachable,
                _ => SendError::Unclear,
            }
        })
    }
}

/// Says in the log that a gateway refused, with its own number of the reason where it has one. One that fails, or takes what
/// it does not name, may have sent.
fn refused(status: u16, code: Option<u64>) -> SendError {
    tracing::warn!(status, code, "the gateway refused a text");
    match status {
        300..=499 => SendError::Refused,
        _ => SendError::Unclear,
    }
}
