//! What is done around every request: an id, a line in the log, a count, a limit of time.

use core::net::IpAddr;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::{Problem, Shared};
use crate::world::random_text;

/// From where a connection comes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

const REQUEST_ID: &str = "x-request-id";

/// Gives a request its id, and tells and counts what came of it. The path is told as its template, because codes stand in paths.
pub(crate) async fn follow(State(app): Shared, request: Request, next: Next) -> Response {
    let id = match given(&request) {
        Some(id) => id,
        None => match random_text::<16>(&*app.world) {
            Ok(text) => text.as_str().to_owned(),
            Err(fault) => return Problem::from(fault).into_response(),
        },
    };
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let method = request.method().clone();
    let began = Instant::now();
    let mut response = next.run(request).await;
    let took = began.elapsed();
    let status = response.status().as_u16();
    app.metrics.answered(route, status, took);
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    tracing::info!(request = id, %method, route, status, micros, "answered");
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// The id that a caller or a balancer gave, if it is one that cannot do harm in a log.
fn given(request: &Request) -> Option<String> {
    let id = request.headers().get(REQUEST_ID)?.to_str().ok()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    ((8..=64).contains(&id.len()) && id.bytes().all(is_plain)).then(|| id.to_owned())
}

/// Ends a request that takes too long. What it asked of the store may still take place.
pub(crate) async fn within(limit: Duration, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::too_slow().into_response(),
    }
}
