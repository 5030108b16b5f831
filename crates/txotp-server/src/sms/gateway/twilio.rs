//! Twilio's Messages API, and for calls its Calls API, or whatever speaks them.

use base64ct::{Base64, Encoding as _};
use form_urlencoded::Serializer;
use quick_xml::escape::escape;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{Channel, Message, Reach, Sending, Transport, refused};
use crate::App;
use crate::config::{SecretText, Sms};

/// Where Twilio's own is.
const TWILIO: &str = "https://api.twilio.com";

pub(super) struct Twilio {
    /// The header that says who asks.
    authorization: SecretText,
    from: String,
    call_from: String,
    reach: Reach,
}

/// What is answered: a message or call that was taken has a SID, an error has a code.
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
        let url = format!("{base}/2010-04-01/Accounts/{account}/");
        Self {
            authorization: SecretText::from(format!("Basic {}", *who)),
            from: settings.from.clone(),
            call_from: settings.caller().to_owned(),
            reach: Reach::new(url, settings),
        }
    }

    /// The resource that is created, and what it is created from.
    fn form(&self, message: Message<'_>) -> (&'static str, Zeroizing<String>) {
        let mut form = Serializer::new(String::new());
        form.append_pair("To", &message.to.to_e164());
        let resource = match message.channel {
            Channel::Sms => {
                // The SID of a messaging service stands where a number could.
                let sender = if self.from.starts_with("MG") {
                    "MessagingServiceSid"
                } else {
                    "From"
                };
                form.append_pair(sender, &self.from);
                form.append_pair("Body", message.text);
                "Messages.json"
            }
            Channel::Call => {
                let spoken = Zeroizing::new(escape(message.text).into_owned());
                let twiml = Zeroizing::new(format!("<Response><Say>{}</Say></Response>", *spoken));
                form.append_pair("From", &self.call_from);
                form.append_pair("Twiml", &twiml);
                "Calls.json"
            }
        };
        (resource, Zeroizing::new(form.finish()))
    }
}

impl Transport for Twilio {
    fn send<'a>(&'a self, app: &'a App, message: Message<'a>) -> Sending<'a> {
        Box::pin(async move {
            let headers = [
                ("content-type", "application/x-www-form-urlencoded"),
                ("authorization", self.authorization.reveal()),
            ];
            let (resource, form) = self.form(message);
            let body = form.as_bytes().to_vec();
            let reply = self.reach.post(app, resource, &headers, body).await?;
            // What is no JSON has neither. Its message is not read: it repeats the number.
            let answer: Answer = serde_json::from_slice(&reply.body).unwrap_or_default();
            match (reply.status, answer.sid) {
                (201, Some(_)) => Ok(()),
                (status, _) => Err(refused(status, answer.code)),
            }
        })
    }

    fn warn(&self) {
        self.reach.warn();
    }
}
