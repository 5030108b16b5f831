//! A gateway for texts that keeps what it is given, and a bank that has its texts sent there.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "each test file uses a part; a test may stop where it fails"
)]

use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use hyper::body::Bytes;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{Reply, Service};

/// The number that texts go to, and its mask.
pub const NUMBER: &str = "+14055550185";
pub const MASK: &str = "+1-XXX-XXX-XX85";
pub const SECRET: &str = "gateway-secret";

/// What a gateway was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A gateway on loopback.
pub struct Texts {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    asked: Mutex<Vec<Asked>>,
    answer: Mutex<(StatusCode, HeaderMap, String)>,
}

impl Texts {
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            asked: Mutex::default(),
            answer: Mutex::new((StatusCode::OK, HeaderMap::new(), String::new())),
        });
        let router = Router::new().fallback(take).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, shared }
    }

    /// What it answers from now on.
    pub fn answers(&self, status: u16, headers: HeaderMap, body: &str) {
        let status = StatusCode::from_u16(status).unwrap();
        *self.shared.answer.lock().unwrap() = (status, headers, body.to_owned());
    }

    pub fn all(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// The text that a webhook was given last.
    pub fn last(&self) -> String {
        let all = self.all();
        let body: Value = serde_json::from_slice(&all.last().unwrap().body).unwrap();
        assert_eq!(body["to"], NUMBER);
        body["text"].as_str().unwrap().to_owned()
    }

    /// The code in it, which comes first.
    pub fn code(&self) -> String {
        let text = self.last();
        let code: String = text.chars().take_while(char::is_ascii_digit).collect();
        assert!((6..=10).contains(&code.len()), "{text}");
        code
    }
}

async fn take(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap, String) {
    let path = uri.to_string();
    let asked = Asked {
        path,
        headers,
        body,
    };
    shared.asked.lock().unwrap().push(asked);
    shared.answer.lock().unwrap().clone()
}

/// A service that has its texts sent by a webhook, and one session: `login-1`.
pub struct Bank {
    pub service: Service,
    /// Another service on the same store, where there is one.
    pub twin: Option<Service>,
    pub texts: Texts,
}

impl Bank {
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        let texts = Texts::new().await;
        let url = format!("http://{}/texts?bank=acme", texts.address);
        let all: Vec<_> = webhook(&url)
            .into_iter()
            .chain(settings.iter().copied())
            .collect();
        let service = Service::with(&all).await;
        let bank = Self {
            service,
            twin: None,
            texts,
        };
        assert_eq!(bank.open("login-1").await.status, 201);
        bank
    }

    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// Starts another service on the same store.
    pub async fn pair(&mut self) {
        let url = format!("http://{}/texts?bank=acme", self.texts.address);
        self.twin = Some(self.service.twin(&webhook(&url)).await);
    }

    /// Ends the service, and starts it anew on its store.
    pub async fn restart(&mut self) {
        let url = format!("http://{}/texts?bank=acme", self.texts.address);
        self.service.stop().await;
        self.service.run(&webhook(&url)).await;
    }

    pub async fn put(&self, session: &str, body: &Value) -> Reply {
        let key = format!("Bearer {}", self.service.key);
        let headers = [
            ("authorization", key.as_str()),
            ("content-type", "application/json"),
        ];
        let path = format!("/v1/stepup/sessions/{session}");
        self.service
            .send(Method::PUT, &path, &headers, body.to_string())
            .await
    }

    pub async fn open(&self, session: &str) -> Reply {
        let mobile = json!({"country_code": "+1", "number": "405-555-0185"});
        self.put(session, &json!({"user": "alice", "mobile": mobile}))
            .await
    }

    pub async fn post(&self, session: &str, path: &str, body: &Value) -> Reply {
        let path = format!("/v1/stepup/sessions/{session}/{path}");
        self.service.post(&path, body).await
    }

    pub async fn issue(&self, action: &Value) -> Reply {
        self.post("login-1", "challenges/otp/SMS", action).await
    }

    /// Answers with a code, for an action.
    pub async fn verify(&self, code: &str, action: &Value) -> Reply {
        let mut body = action.clone();
        body["code"] = code.into();
        self.post("login-1", "challenges/otp/SMS/verify", &body)
            .await
    }

    pub async fn touch(&self, token: &str, action: &Value) -> Reply {
        let mut body = action.clone();
        body["token"] = token.into();
        self.post("login-1", "token", &body).await
    }
}

/// Has codes that are searched for in what is written: six digits are there by chance, in a time or a digest.
pub const LONG: (&str, &str) = ("stepup.digits", "10");

/// The settings of a gateway that is a webhook.
pub fn webhook(url: &str) -> [(&str, &str); 5] {
    [
        ("issuer", "ACME"),
        ("sms.gateway", "webhook"),
        ("sms.url", url),
        ("sms.secret", SECRET),
        ("sms.allow_private", "true"),
    ]
}

/// The entries of evidence that say what came of a code that was sent.
pub async fn step_ups(service: &Service) -> Vec<Value> {
    let (sender, lines) = channel();
    let sink = move |line: &str| {
        sender.send(line.to_owned()).unwrap();
        ControlFlow::Continue(())
    };
    let vault = service.vault();
    vault.audit_export(sink, Box::new(|_, _| ())).await.unwrap();
    let report = vault.audit_verify(Box::new(|_, _| ())).await.unwrap();
    assert!(report.is_clean());
    let entries = lines.into_iter();
    let entries = entries.map(|line| serde_json::from_str::<Value>(&line).unwrap());
    entries
        .filter(|entry| entry["event"] == "step-up")
        .collect()
}

/// The status, and Weavr's name.
pub fn weavr(reply: &Reply) -> (u16, String) {
    let code = reply.json()["errorCode"].as_str().unwrap_or("").to_owned();
    (reply.status.as_u16(), code)
}

/// What is answered with 409 and this name.
pub fn conflict(name: &str) -> (u16, String) {
    (409, name.to_owned())
}
