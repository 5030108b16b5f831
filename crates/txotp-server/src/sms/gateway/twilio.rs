//! Twilio's Messages API, or whatever speaks it.

use base64ct::{Base64, Encoding as _};
use form_urlencoded::Serializer;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{Reach, Sending, Transport, refused};
use crate::App;
use crate::config::{SecretText, Sms};
use crate::sms::Phone;

/// Where Twilio's own is.
const TWILIO: &str = "https://api.twilio.com";

pub(super) struct Twilio {
    /// The header that says who asks.
    authorization: SecretText,
    from: String,
    reach: Reach,
}

/// What is answered: a message that was taken has a SID, an error has a code.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    sid: Option<String>,
    code: Option<u64>,
}

impl Twilio {
    pub(super) fn new(settings: &Sms) -> Self {
        let base = match settings.url.trim_end_matches('/') {
            "" => TWILIO,
            base => base,
        };
        let account = &settings.account;
        let who = Zeroizing::new(format!("{account}:{}", settings.secret.reveal()));
        let who = Zeroizing::new(Base64::encode_string(who.as_bytes()));
        let url = format!("{base}/2010-04-01/Accounts/{account}/Messages.json");
        Self {
            authorization: SecretText::from(format!("Basic {}", *who)),
            from: settings.from.clone(),
            reach: Reach::new(url, settings),
        }
    }

    fn form(&self, to: &Phone, text: &str) -> String {
        // The SID of a messaging service stands where a number could.
        let sender = if self.from.starts_with("MG") {
            "MessagingServiceSid"
        } else {
            "From"
        };
        Serializer::new(String::new())
            .append_pair("To", &to.to_e164())
            .append_pair(sender, &self.from)
            .append_pair("Body", text)
            .finish()
    }
}

impl Transport for Twilio {
    fn send<'a>(&'a self, app: &'a App, to: &'a Phone, text: &'a str) -> Sending<'a> {
        Box::pin(async move {
            let headers = [
                ("content-type", "application/x-www-form-urlencoded"),
                ("authorization", self.authorization.reveal()),
            ];
            let body = self.form(to, text).into_bytes();
            let reply = self.reach.post(app, &headers, body).await?;
            // What is no JSON has neither. Its message is not read: it repeats the number.
            let answer: Answer = serde_json::from_slice(&reply.body).unwrap_or_default();
            match (reply.status, answer.sid) {
                (201, Some(_)) => Ok(()),
                (status, _) => Err(refused(status, answer.code)),
            }
        })
    }
}
