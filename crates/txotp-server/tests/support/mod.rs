//! A service on a store of its own, with a clock that a test moves, and a client.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses a part; a test may stop where it fails"
)]

pub mod approving;
pub mod receiver;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tempfile::TempDir;
use txotp_core::UnixTime;
use txotp_server::config::Config;
use txotp_server::{App, Fault, Running, World, start};
use txotp_store::{Act, Actor, KeyService, Keyring, Location, Options, Vault};

pub const NOW: u64 = 1_700_000_000;

/// A clock that stands until it is moved, and the system's entropy.
pub struct Stage(AtomicU64);

impl World for Stage {
    fn now(&self) -> Result<UnixTime, Fault> {
        Ok(UnixTime::from_seconds(self.0.load(Ordering::SeqCst)))
    }

    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        txotp_server::SystemWorld.fill(bytes)
    }
}

/// A service that runs, and what is under it.
pub struct Service {
    pub running: Option<Running>,
    pub key: String,
    pub stage: Arc<Stage>,
    pub folder: Arc<TempDir>,
    pub keys: Arc<dyn KeyService>,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// What was answered.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub fn text(&self) -> &str {
        core::str::from_utf8(&self.body).unwrap()
    }

    /// The status, and the last part of a problem's type.
    pub fn problem(&self) -> (u16, String) {
        let kind = self.json()["type"].as_str().unwrap_or_default().to_owned();
        (
            self.status.as_u16(),
            kind.trim_start_matches("/problems/").to_owned(),
        )
    }
}

impl Service {
    /// A service with these settings beside the defaults.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(folder.path().join("store.db"));
        let keys: Arc<dyn KeyService> = Arc::new(Keyring::new("test".parse().unwrap()).unwrap());
        let act = Act {
            actor: Actor::new("test").unwrap(),
            now: UnixTime::from_seconds(NOW),
        };
        Vault::create(&location, &keys, Options::default(), &act).unwrap();
        let stage = Arc::new(Stage(AtomicU64::new(NOW)));
        let mut service = Self {
            running: None,
            key: String::new(),
            stage,
            folder: Arc::new(folder),
            keys,
            client: Client::builder(TokioExecutor::new()).build(HttpConnector::new()),
        };
        service.run(settings).await;
        let first = service.running.as_ref().unwrap().new_key().unwrap();
        service.key = first.reveal().to_owned();
        service
    }

    /// A service with the defaults.
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// The store, opened once more: as another process would.
    pub fn vault(&self) -> Vault {
        let location = Location::Sqlite(self.folder.path().join("store.db"));
        Vault::open(&location, Arc::clone(&self.keys), Options::default()).unwrap()
    }

    /// Starts on the store that there is.
    pub async fn run(&mut self, settings: &[(&str, &str)]) {
        let all = [("listen", "127.0.0.1:0")]
            .into_iter()
            .chain(settings.iter().copied());
        let config = Config::read("", |_| None, all).unwrap();
        let app = App::new(
            self.vault(),
            Arc::clone(&self.stage) as Arc<dyn World>,
            config,
        );
        self.running = Some(start(app).await.unwrap());
    }

    /// Another service on the same store.
    pub async fn twin(&self, settings: &[(&str, &str)]) -> Self {
        let mut twin = Self {
            running: None,
            key: self.key.clone(),
            stage: Arc::clone(&self.stage),
            folder: Arc::clone(&self.folder),
            keys: Arc::clone(&self.keys),
            client: self.client.clone(),
        };
        twin.run(settings).await;
        twin
    }

    pub async fn stop(&mut self) {
        self.running.take().unwrap().stop().await;
    }

    /// Moves the clock.
    pub fn pass(&self, seconds: u64) {
        self.stage.0.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn now(&self) -> UnixTime {
        self.stage.now().unwrap()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.as_ref().unwrap().address())
    }

    /// Sends a request as it is.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Reply {
        let mut request = Request::new(Full::new(body.into()));
        *request.method_mut() = method;
        *request.uri_mut() = self.url(path).parse().unwrap();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            request
                .headers_mut()
                .append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let response = self.client.request(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        Reply {
            status,
            headers,
            body,
        }
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.key)
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &[("authorization", &self.bearer())], "")
            .await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send(
            Method::DELETE,
            path,
            &[("authorization", &self.bearer())],
            "",
        )
        .await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        let headers = [
            ("authorization", &*self.bearer()),
            ("content-type", "application/json"),
        ];
        self.send(Method::POST, path, &headers, body.to_string())
            .await
    }
}
