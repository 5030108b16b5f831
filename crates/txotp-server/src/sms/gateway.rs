//! Who sends texts.

use core::fmt;
use core::future::Future;
use core::pin::Pin;

use super::Phone;
use crate::App;
use crate::config::{Gateway as Choice, Sms};

/// Sends texts. Another way of sending is another one that does this.
trait Transport: fmt::Debug + Send + Sync {
    /// Has a text sent. The text is a secret, and the number personal: neither is logged.
    fn send<'a>(&'a self, app: &'a App, to: &'a Phone, text: &'a str) -> Sending<'a>;
}

type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), SendError>> + Send + 'a>>;

/// The gateway that is configured.
#[derive(Debug)]
pub(crate) struct Gateway(Option<Box<dyn Transport>>);

impl Gateway {
    /// The gateway of these settings.
    pub(crate) fn new(settings: &Sms) -> Self {
        Self(match settings.gateway {
            Choice::None => None,
            Choice::Log => Some(Box::new(Log::new())),
            Choice::Webhook | Choice::Twilio => None,
        })
    }

    /// Whether anybody sends.
    pub(crate) fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// Has a text sent: when this answers well, the gateway has taken it, which does not say that it arrives.
    pub(crate) async fn send(&self, app: &App, to: &Phone, text: &str) -> Result<(), SendError> {
        let transport = self.0.as_ref().ok_or(SendError::NoGateway)?;
        transport.send(app, to, text).await
    }
}

/// Why a text was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum SendError {
    /// There is no gateway. The operator's choice.
    NoGateway,
    /// The gateway answered, and does not send: its log says why.
    Refused,
    /// The gateway gave no answer: it may have sent, or not.
    Unreachable,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoGateway => "there is no gateway for texts",
            Self::Refused => "the gateway refused the text",
            Self::Unreachable => "the gateway gave no answer",
        })
    }
}

impl core::error::Error for SendError {}

/// The log, for development.
#[derive(Debug)]
struct Log;

impl Log {
    fn new() -> Self {
        tracing::warn!(
            "codes by SMS are written to this log, and not sent: whoever reads it can use them. This is for development only"
        );
        Self
    }
}

impl Transport for Log {
    fn send<'a>(&'a self, _app: &'a App, to: &'a Phone, text: &'a str) -> Sending<'a> {
        // Its warning is written at least as loud as the code itself: who hides one hides both.
        tracing::warn!(%to, text, "a text that was not sent, in a log: whoever reads it can use its code");
        Box::pin(async { Ok(()) })
    }
}
