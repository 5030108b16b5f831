//! A service on a store of its own, with a clock that a test moves, and a client.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "each test file uses a part; a test may stop where it fails"
)]

pub mod approving;
pub mod device;
pub mod events;
pub mod log;
pub mod receiver;
pub mod signed;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::sleep;
use txotp_core::UnixTime;
use txotp_server::config::Config;
use txotp_server::{App, Fault, Running, World, start};
use txotp_store::{Act, Actor, KeyService, Keyring, Location, Options, Vault};

pub const NOW: u64 = 1_700_000_000;

/// What a service of these tests is set to, where a test says nothing else: to wait for a busy machine.
pub const PATIENT: [(&str, &str); 4] = [
    ("listen", "127.0.0.1:0"),
    ("limits.header_seconds", "600"),
    ("limits.request_seconds", "600"),
    ("sms.timeout_seconds", "600"),
];

/// How long a test waits for what has to come.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A clock that stands until it is moved, and the system's entropy.
pub struct Stage {
    now: AtomicU64,
    ticks: AtomicBool,
}

impl Stage {
    /// From now on, or no longer, a second passes whenever somebody looks.
    pub fn tick(&self, is_on: bool) {
        self.ticks.store(is_on, Ordering::SeqCst);
    }
}

impl World for Stage {
    fn now(&self) -> Result<UnixTime, Fault> {
        let passing = u64::from(self.ticks.load(Ordering::SeqCst));
        let now = self.now.fetch_add(passing, Ordering::SeqCst);
        Ok(UnixTime::from_seconds(now))
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
    location: Location,
    pub keys: Arc<dyn KeyService>,
    client: Client<HttpConnector, Full<Bytes>>,
    document: Value,
}

/// What was answered.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// Looks again and again, until it is so.
pub async fn eventually(mut is: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is().await {
        assert!(begun.elapsed() < PATIENCE, "it does not come to be so");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Asks until it is told that it asks too often, and gives that answer and those before it. The quota, so many a second and a
/// burst of as many, is of this machine's clock: a slow machine is answered more often, and no more often than that.
pub async fn until_limited(
    rate: usize,
    mut ask: impl AsyncFnMut() -> Reply,
) -> (Vec<Reply>, Reply) {
    let (begun, mut before) = (Instant::now(), Vec::new());
    loop {
        let reply = ask().await;
        let passed = begun.elapsed();
        if reply.status == StatusCode::TOO_MANY_REQUESTS {
            let most = rate + rate * usize::try_from(passed.as_millis()).unwrap() / 1000;
            assert!((rate..=most).contains(&before.len()), "{before:?}");
            return (before, reply);
        }
        assert!(passed < PATIENCE, "{before:?}");
        before.push(reply);
    }
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
        Self::at(location, folder, settings).await
    }

    /// The same in a new store at this place.
    pub async fn at(location: Location, folder: TempDir, settings: &[(&str, &str)]) -> Self {
        let keys: Arc<dyn KeyService> = Arc::new(Keyring::new("test".parse().unwrap()).unwrap());
        let act = Act {
            actor: Actor::new("test").unwrap(),
            now: UnixTime::from_seconds(NOW),
        };
        Vault::create(&location, &keys, Options::default(), &act).unwrap();
        let stage = Arc::new(Stage {
            now: AtomicU64::new(NOW),
            ticks: AtomicBool::new(false),
        });
        let mut service = Self {
            running: None,
            key: String::new(),
            stage,
            folder: Arc::new(folder),
            location,
            keys,
            client: Client::builder(TokioExecutor::new()).build(HttpConnector::new()),
            document: Value::Null,
        };
        service.run(settings).await;
        let first = service.running.as_ref().unwrap().new_key().unwrap();
        service.key = first.reveal().to_owned();
        // The client of these tests speaks no TLS.
        if settings.iter().all(|(name, _)| *name != "tls.key") {
            service.document = service.get("/v1/openapi.json").await.json();
        }
        service
    }

    /// A service with the defaults.
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// The store, opened once more: as another process would.
    pub fn vault(&self) -> Vault {
        Vault::open(&self.location, Arc::clone(&self.keys), Options::default()).unwrap()
    }

    /// Starts on the store that there is.
    pub async fn run(&mut self, settings: &[(&str, &str)]) {
        self.running = Some(start(self.app(settings)).await.unwrap());
    }

    /// A service on the store that there is, which is not started.
    pub fn app(&self, settings: &[(&str, &str)]) -> App {
        let all = PATIENT.iter().chain(settings).copied();
        let config = Config::read("", |_| None, all).unwrap();
        let world = Arc::clone(&self.stage) as Arc<dyn World>;
        App::new(self.vault(), world, config)
    }

    /// Another service on the same store.
    pub async fn twin(&self, settings: &[(&str, &str)]) -> Self {
        let mut twin = Self {
            running: None,
            key: self.key.clone(),
            stage: Arc::clone(&self.stage),
            folder: Arc::clone(&self.folder),
            location: self.location.clone(),
            document: self.document.clone(),
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
        self.stage.now.fetch_add(seconds, Ordering::SeqCst);
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
        *request.method_mut() = method.clone();
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
        let reply = Reply {
            status,
            headers,
            body,
        };
        self.assert_documented(&method, path, &reply);
        reply
    }

    /// The operations of the OpenAPI document: path, method, and what is said of them.
    pub fn operations(&self) -> Vec<(String, String, Value)> {
        let mut operations = Vec::new();
        for (path, item) in self.document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().unwrap() {
                operations.push((path.clone(), method.clone(), operation.clone()));
            }
        }
        operations
    }

    /// Fails where an answer is none that the OpenAPI document has.
    fn assert_documented(&self, method: &Method, path: &str, reply: &Reply) {
        let path = path.split('?').next().unwrap();
        let is_path = |template: &str| {
            let (parts, own) = (template.split('/'), path.split('/'));
            template.split('/').count() == path.split('/').count()
                && parts
                    .zip(own)
                    .all(|(part, own)| part.starts_with('{') || part == own)
        };
        for (template, name, operation) in self.operations() {
            if is_path(&template) && name.eq_ignore_ascii_case(method.as_str()) {
                let answer = &operation["responses"][reply.status.as_str()];
                assert!(!answer.is_null(), "{name} {template}: {reply:?}");
                if let Some(content) = answer["content"].as_object() {
                    let kind = reply.headers["content-type"].to_str().unwrap();
                    assert!(content.contains_key(kind), "{name} {template}: {reply:?}");
                }
                if reply.status.as_u16() >= 400 {
                    let (_, name) = reply.problem();
                    let names = answer["description"].as_str().unwrap();
                    assert!(
                        names.contains(&name),
                        "{template}: {name} is not in {names}"
                    );
                }
            }
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

    /// A request with a key and more headers.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        more: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Reply {
        let bearer = self.bearer();
        let mut headers = vec![("authorization", &*bearer)];
        headers.extend_from_slice(more);
        self.send(method, path, &headers, body).await
    }

    /// A creation with an idempotency key.
    pub async fn once(&self, path: &str, key: &str, body: &Value) -> Reply {
        let headers = [
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ];
        self.ask(Method::POST, path, &headers, body.to_string())
            .await
    }

    /// The same with the key of another.
    pub async fn post_as(&self, key: &str, path: &str, body: &Value) -> Reply {
        let bearer = format!("Bearer {key}");
        let headers = [
            ("authorization", &*bearer),
            ("content-type", "application/json"),
        ];
        self.send(Method::POST, path, &headers, body.to_string())
            .await
    }

    pub async fn get_as(&self, key: &str, path: &str) -> Reply {
        let bearer = format!("Bearer {key}");
        self.send(Method::GET, path, &[("authorization", &*bearer)], "")
            .await
    }

    /// Enrols a device with a new seed, and scans it.
    pub async fn enrol(&self, user: &str, device: &str) -> device::Device {
        let body = serde_json::json!({ "user": user, "device": device });
        let reply = self.post("/v1/devices", &body).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        device::Device::scan(reply.json()["enrolment"]["key_uri"].as_str().unwrap())
    }

    /// A key with some roles.
    pub async fn key_with(&self, name: &str, roles: &[&str]) -> String {
        let body = serde_json::json!({ "name": name, "roles": roles });
        let reply = self.post("/v1/keys", &body).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        reply.json()["key"].as_str().unwrap().to_owned()
    }
}
