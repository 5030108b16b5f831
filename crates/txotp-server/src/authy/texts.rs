//! Codes by SMS and by call, for users who have no device, or have it not with them.

use axum::http::StatusCode;
use serde_json::json;
use txotp_core::TextProfile;
use txotp_store::Status;
use zeroize::Zeroizing;

use super::answer::{Outcome, Refusal};
use super::call::Call;
use super::params::Params;
use super::users;
use crate::App;
use crate::sms::codes::{self, Digits, Recipient, Terms};
use crate::sms::{Channel, Message, SendError};

/// As many digits as Authy's texts had, ten minutes, five attempts: a guess has a chance of five in ten million.
const TERMS: Terms = Terms {
    digits: Digits::new(7).expect("a code has 4 to 10 digits"),
    seconds: 600,
    attempts: 5,
};

/// The longest action and message for an action, in characters: that of the clients.
const MAX_LEN: usize = 255;

/// What a code by SMS is to be for, if that is said.
pub(super) fn action(params: &Params) -> Result<Option<&str>, Refusal> {
    text(params, "action")
}

/// A text that people are shown, or that is compared.
fn text<'a>(params: &'a Params, name: &str) -> Result<Option<&'a str>, Refusal> {
    let wrong = || Refusal::parameter("action and action_message have 1 to 255 visible characters");
    match params.text(name) {
        None if params.has(name) || params.is_blank(name) => Err(wrong()),
        None => Ok(None),
        Some(text) => {
            let is_short = (1..=MAX_LEN).contains(&text.chars().count());
            let is_visible = TextProfile::Standard.first_forbidden(text).is_none();
            (is_short && is_visible)
                .then_some(Some(text))
                .ok_or_else(wrong)
        }
    }
}

/// `GET /protected/{format}/sms/{authy_id}`.
pub(super) async fn sms(call: Call) -> Outcome {
    send(call, Channel::Sms).await
}

/// `GET /protected/{format}/call/{authy_id}`.
pub(super) async fn phone_call(call: Call) -> Outcome {
    send(call, Channel::Call).await
}

async fn send(call: Call, channel: Channel) -> Outcome {
    let is_forced = call.params.flag("force")?.unwrap_or(false);
    let action = action(&call.params)?;
    let note = text(&call.params, "action_message")?;
    let (stored, contact) = users::live(&call).await?;
    let user = &stored.document;
    let devices = users::devices(&call.app, user.id).await?;
    if users::is_suspended(&devices) {
        return Err(Refusal::INVALID_TOKEN);
    }
    let mut devices = devices.into_iter();
    let active = devices.find(|device| device.status == Status::Active);
    if let Some(device) = active.filter(|_| !is_forced) {
        return Ok(json!({
            "message": match channel {
                Channel::Sms => "Ignored: SMS is not needed for smartphones. Pass force=true if you want to actually send it anyway.",
                Channel::Call => "Call ignored. User is using App Tokens and this call is not necessary. Pass force=true if you still want to call users that are using the App.",
            },
            "cellphone": contact.phone.masked(),
            "device": device.id.as_str(),
            "ignored": true,
            "success": true,
        }));
    }
    let sending = Text {
        to: Recipient {
            subject: &user.id.subject(),
            user: Some(&user.id.user()),
            number: &contact.phone,
        },
        channel,
        action,
        note,
        terms: &TERMS,
    };
    sending.send(&call.app).await?;
    Ok(json!({
        "success": true,
        "message": match channel {
            Channel::Sms => "SMS token was sent",
            Channel::Call => "Call started...",
        },
        "cellphone": contact.phone.masked(),
    }))
}

/// A code, and what its text says.
pub(super) struct Text<'a> {
    pub(super) to: Recipient<'a>,
    pub(super) channel: Channel,
    pub(super) action: Option<&'a str>,
    pub(super) note: Option<&'a str>,
    pub(super) terms: &'a Terms,
}

impl Text<'_> {
    /// Makes a code, and has it sent. A text counts unless it certainly was not sent.
    pub(super) async fn send(&self, app: &App) -> Result<(), Refusal> {
        if !app.gateway.has(self.channel) {
            return Err(unavailable(self.channel));
        }
        let issued = codes::issue(app, self.to, self.action, self.terms).await?;
        let issued = issued.ok_or(Refusal::TOO_MANY)?;
        let text = self.words(&app.config.issuer, &issued.text);
        let message = Message {
            to: self.to.number,
            channel: self.channel,
            text: &text,
        };
        let Err(error) = app.gateway.send(app, message).await else {
            return Ok(());
        };
        if !error.may_have_sent() {
            codes::not_sent(app, self.to.number, &issued).await?;
        }
        Err(match error {
            SendError::NoGateway => unavailable(self.channel),
            _ => not_sent(self.channel),
        })
    }

    /// What the payer approves comes first, so that a phone that shows the beginning only shows that.
    fn words(&self, issuer: &str, code: &str) -> Zeroizing<String> {
        let note = self
            .note
            .map_or_else(String::new, |note| format!("{note}\n"));
        let code = match self.channel {
            Channel::Sms => Zeroizing::new(code.to_owned()),
            Channel::Call => spoken(code),
        };
        joined(&[&note, issuer, ": your code is ", &code])
    }
}

/// Texts one after the other, in a place that is large enough for them, so that none is left behind.
fn joined(parts: &[&str]) -> Zeroizing<String> {
    let len = parts.iter().map(|part| part.len()).sum();
    let mut whole = Zeroizing::new(String::with_capacity(len));
    whole.extend(parts.iter().copied());
    whole
}

/// A code as it is read aloud: digit by digit, twice.
fn spoken(code: &str) -> Zeroizing<String> {
    let mut once = Zeroizing::new(String::with_capacity(code.len().saturating_mul(3)));
    for digit in code.chars() {
        if !once.is_empty() {
            once.push_str(", ");
        }
        once.push(digit);
    }
    joined(&[&once, ". Once more: ", &once, "."])
}

fn unavailable(channel: Channel) -> Refusal {
    Refusal::unsupported(match channel {
        Channel::Sms => "SMS is not available: the service has no gateway",
        Channel::Call => "Phone calls are not available: ask for an SMS",
    })
}

fn not_sent(channel: Channel) -> Refusal {
    let message = match channel {
        Channel::Sms => "SMS token was not sent",
        Channel::Call => "Call was not started",
    };
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "60000", message)
}
