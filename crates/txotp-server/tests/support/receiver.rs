//! An application that receives callbacks.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{sleep, timeout};

use super::{PATIENCE, Service};

/// What it answers to a request.
#[derive(Clone, Copy, Debug)]
pub enum Reply {
    Status(u16),
    /// Nothing, ever.
    Silence,
}

/// A callback as it came.
#[derive(Debug)]
pub struct Received {
    pub headers: HeaderMap,
    pub body: String,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Fails where it is not signed with this key for this URL.
    pub fn verify(&self, key: &str, url: &str) {
        let nonce = self.header("x-authy-signature-nonce");
        let expected = super::signed::signature(key, url, nonce, &self.json());
        assert_eq!(self.header("x-authy-signature"), expected);
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

#[derive(Clone)]
struct Shared {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    sender: UnboundedSender<Received>,
}

pub struct Receiver {
    pub url: String,
    received: UnboundedReceiver<Received>,
}

impl Receiver {
    /// Answers so, in this order, and then with 200.
    pub async fn new(replies: &[Reply]) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), replies)
    }

    pub fn on(listener: TcpListener, replies: &[Reply]) -> Self {
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (sender, received) = unbounded_channel();
        let shared = Shared {
            replies: Arc::new(Mutex::new(replies.iter().copied().collect())),
            sender,
        };
        let router = Router::new()
            .route("/", post(take))
            .route("/hook", post(take))
            .with_state(shared);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, received }
    }

    /// The next callback.
    pub async fn next(&mut self) -> Received {
        let next = timeout(PATIENCE, self.received.recv()).await;
        next.expect("a callback comes in time").unwrap()
    }

    /// Whether all callbacks that came were looked at.
    pub fn is_empty(&mut self) -> bool {
        self.received.try_recv().is_err()
    }
}

/// An address that nobody listens at, and nobody else takes, as long as the socket is kept.
pub fn nobody() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}/hook", socket.local_addr().unwrap());
    (socket, url)
}

/// The callbacks that are in a state.
pub async fn callbacks(service: &Service, state: &str) -> Vec<Value> {
    let listed = service
        .get(&format!("/v1/callbacks?limit=500&state={state}"))
        .await;
    assert_eq!(listed.status, 200, "{listed:?}");
    listed.json()["callbacks"].as_array().unwrap().clone()
}

/// Waits until the outbox is as it has to become.
pub async fn until(service: &Service, state: &str, is: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let found = callbacks(service, state).await;
        if is(&found) {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "the outbox stays {found:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn take(State(shared): State<Shared>, headers: HeaderMap, body: String) -> StatusCode {
    let reply = shared.replies.lock().unwrap().pop_front();
    shared.sender.send(Received { headers, body }).unwrap();
    match reply.unwrap_or(Reply::Status(200)) {
        Reply::Status(status) => StatusCode::from_u16(status).unwrap(),
        Reply::Silence => core::future::pending().await,
    }
}
