//! Whether the process lives, and whether it can serve. Without a key: it says nothing but that.

use axum::extract::State;
use axum::http::StatusCode;

use crate::http::Shared;
use crate::keys::ApiKey;
use crate::tables;

/// `GET /health/live`.
pub(crate) async fn live() -> &'static str {
    "live\n"
}

/// `GET /health/ready`: 503 where the store does not answer.
pub(crate) async fn ready(State(app): Shared) -> (StatusCode, &'static str) {
    // No key has this id: what is asked is whether there is an answer.
    match tables::find::<ApiKey>(&app.vault, "ready").await {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
    }
}
