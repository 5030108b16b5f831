//! A request to a URL of the bank's own, signed so that nobody else has texts sent.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Serialize;
use sha2::Sha256;

use super::{Message, Reach, SendError, Sending, Transport, refused};
use crate::config::{SecretText, Sms};
use crate::world::random_text;
use crate::{App, Fault};

/// What is signed, and with which signature: `t=1700000000,v1=…`.
const SIGNATURE: &str = "txotp-signature";

pub(super) struct Webhook {
    secret: SecretText,
    reach: Reach,
}

/// What is posted.
#[derive(Serialize)]
struct Body<'a> {
    to: &'a str,
    channel: &'a str,
    text: &'a str,
    /// Of this text alone, so that a gateway that gets it twice sends it once.
    id: &'a str,
}

impl Webhook {
    pub(super) fn new(settings: &Sms) -> Self {
        Self {
            secret: settings.secret.clone(),
            reach: Reach::new(settings.url.clone(), settings),
        }
    }

    fn request(&self, app: &App, message: Message<'_>) -> Result<(String, Vec<u8>), Fault> {
        let body = Body {
            to: &message.to.to_e164(),
            channel: message.channel.name(),
            text: message.text,
            id: &random_text::<16>(&*app.world)?,
        };
        let body = serde_json::to_vec(&body).map_err(|_| Fault::Record)?;
        let signature = signature(self.secret.reveal(), app.now()?.seconds(), &body);
        Ok((signature, body))
    }
}

impl Transport for Webhook {
    fn send<'a>(&'a self, app: &'a App, message: Message<'a>) -> Sending<'a> {
        Box::pin(async move {
            let (signature, body) = self.request(app, message).map_err(|fault| {
                tracing::error!(fault = fault.name(), "a text was not sent");
                SendError::Unreachable
            })?;
            let headers = [
                ("content-type", "application/json"),
                (SIGNATURE, signature.as_str()),
            ];
            let reply = self.reach.post(app, "", &headers, body).await?;
            match reply.status {
                200..=299 => Ok(()),
                status => Err(refused(status, None)),
            }
        })
    }

    fn warn(&self) {
        self.reach.warn();
    }
}

/// HMAC-SHA-256 over the time, a full stop and the body: the time, so that who recorded a request cannot send it for ever.
fn signature(secret: &str, now: u64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .expect("HMAC takes a key of every length");
    mac.update(now.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    let mac = base16ct::lower::encode_string(&mac.finalize().into_bytes());
    format!("t={now},v1={mac}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of docs/sms.md, computed there by Python.
    #[test]
    fn the_signature_is_that_of_the_documentation() {
        let body =
            br#"{"to":"+14055550185","channel":"sms","text":"482913 is your ACME code.","id":"abcdefgh234567ab"}"#;
        assert_eq!(
            signature("gateway-secret", 1_700_000_000, body),
            "t=1700000000,v1=5534b70d45e63af26bb04e29b7577496550c141e4aba3f1fcb6a03c1db15aeed"
        );
    }
}
