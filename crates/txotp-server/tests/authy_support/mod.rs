//! A bank that uses one of Authy's clients, a customer's device, and a phone that shows its texts.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "each test file uses a part; a test may stop where it fails"
)]

use axum::http::Method;
use serde_json::Value;
use txotp_core::{DeviceKey, Purpose, Seed, Transaction, TransactionSuite};
use txotp_store::{Act, Actor, DeviceId, Enrolment, UserId};
use txotp_verifier::Settings;

use crate::support::log::Log;
use crate::support::{Reply, Service};

pub const SEED: [u8; 32] = *b"12345678901234567890123456789012";

/// The parameters of the documented example, as they stand in its string.
pub const EXAMPLE: &str = "message=Approve+money+transaction&details[Amount]=1000+Euros&details[To]=John+Doe\
    &details[Destination+Account]=29385&details[Source+Account]=98381&details[Reason]=transfer+money\
    &hidden_details[Transaction+ID]=T2293";

impl Service {
    /// Asks as the clients do, with the key in its header.
    pub async fn authy(&self, method: Method, path: &str) -> Reply {
        self.send(method, path, &[("x-authy-api-key", &self.key)], "")
            .await
    }

    pub async fn authy_get(&self, path: &str) -> Reply {
        self.authy(Method::GET, path).await
    }

    /// Posts a form.
    pub async fn form(&self, path: &str, body: &str) -> Reply {
        let headers = [
            ("x-authy-api-key", self.key.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        self.send(Method::POST, path, &headers, body.to_owned())
            .await
    }

    /// Posts JSON.
    pub async fn json(&self, path: &str, body: &Value) -> Reply {
        let headers = [
            ("x-authy-api-key", self.key.as_str()),
            ("content-type", "application/json"),
        ];
        self.send(Method::POST, path, &headers, body.to_string())
            .await
    }

    /// A user with this phone.
    pub async fn user(&self, number: &str) -> u64 {
        let body = format!("user[email]=a@b.example&user[cellphone]={number}&user[country_code]=1");
        let reply = self.form("/protected/json/users/new", &body).await;
        reply.json()["user"]["id"].as_u64().unwrap()
    }

    /// Enrols a device of a user.
    pub async fn device(&self, user: u64) {
        let enrolment = Enrolment {
            device: DeviceId::new(format!("device of {user}")).unwrap(),
            user: UserId::new(format!("authy-{user}")).unwrap(),
            suite: TransactionSuite::default(),
            settings: Settings::default(),
            seed: Seed::from_bytes(&SEED).unwrap(),
            pin: None,
            counter: None,
        };
        self.vault()
            .enrol(enrolment, self.operator())
            .await
            .unwrap();
    }

    pub fn operator(&self) -> Act {
        Act {
            actor: Actor::new("operator").unwrap(),
            now: self.now(),
        }
    }

    /// What the device shows for a purpose now.
    pub fn code(&self, purpose: Purpose) -> String {
        let suite = TransactionSuite::default();
        let key = DeviceKey::new(suite, &Seed::from_bytes(&SEED).unwrap(), None).unwrap();
        let factor = suite.moving_factor(self.now(), None).unwrap();
        key.code(purpose, factor).unwrap().reveal().to_owned()
    }

    /// What it shows for logging in.
    pub fn login_code(&self) -> String {
        self.code(Purpose::Login)
    }

    /// What it shows for the documented example.
    pub fn example_code(&self) -> String {
        self.code(Purpose::Transaction(example().digest()))
    }

    /// Another code of as many digits.
    pub fn wrong_code(&self) -> String {
        let (login, example) = (self.login_code(), self.example_code());
        (0..)
            .map(|number| format!("{number:08}"))
            .find(|code| *code != login && *code != example)
            .unwrap()
    }

    /// Asks for a code by SMS.
    pub async fn sms(&self, user: u64, query: &str) -> Reply {
        self.authy_get(&format!("/protected/json/sms/{user}?{query}"))
            .await
    }

    pub async fn verify(&self, user: u64, token: &str, query: &str) -> Reply {
        self.authy_get(&format!("/protected/json/verify/{token}/{user}?{query}"))
            .await
    }
}

impl Reply {
    /// The status and Authy's code of a refusal, which has its whole form.
    pub fn refusal(&self) -> (u16, String) {
        let body = self.json();
        assert_eq!(body["success"], false, "{body}");
        assert!(body["message"].is_string(), "{body}");
        assert_eq!(body["errors"]["message"], body["message"]);
        let code = body["error_code"].as_str().unwrap().to_owned();
        (self.status.as_u16(), code)
    }

    pub fn is_valid(&self) -> bool {
        let says = self.text().contains(r#""token":"is valid""#);
        assert_eq!(self.status == 200, says, "{}", self.text());
        says
    }
}

/// Awaits all at once.
pub async fn futures<T>(all: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut pending: Vec<_> = all.map(Box::pin).collect();
    let mut done = Vec::new();
    core::future::poll_fn(|context| {
        pending.retain_mut(|one| match one.as_mut().poll(context) {
            core::task::Poll::Ready(value) => {
                done.push(value);
                false
            }
            core::task::Poll::Pending => true,
        });
        if pending.is_empty() {
            core::task::Poll::Ready(())
        } else {
            core::task::Poll::Pending
        }
    })
    .await;
    done
}

pub fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

pub fn example() -> Transaction<'static> {
    let mut builder = Transaction::builder();
    builder.message("Approve money transaction").unwrap();
    for (key, value) in [
        ("Amount", "1000 Euros"),
        ("To", "John Doe"),
        ("Destination Account", "29385"),
        ("Source Account", "98381"),
        ("Reason", "transfer money"),
    ] {
        builder.detail(key, value).unwrap();
    }
    builder.hidden_detail("Transaction ID", "T2293").unwrap();
    builder.build().unwrap()
}

/// What the log got, which is the phone where the gateway is the log.
pub struct Phone(Log);

impl Phone {
    /// Shows the texts that are sent from this thread, until the guard is dropped.
    pub fn new() -> (Self, tracing::subscriber::DefaultGuard) {
        let (log, guard) = Log::of_thread(tracing::Level::INFO);
        (Self(log), guard)
    }

    /// All that was logged.
    pub fn log(&self) -> String {
        self.0.text()
    }

    /// The newest code.
    pub fn code(&self) -> String {
        let log = self.log();
        let (_, after) = log.rsplit_once("your code is ").unwrap();
        after.chars().take_while(char::is_ascii_digit).collect()
    }
}
