//! HTTP: from a connection to a handler and back.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;

use crate::App;
use crate::{authy, health, metrics, native};

mod body;
mod caller;
mod extract;
mod listener;
mod patience;
mod problem;
mod quota;
mod request;
mod tls;

pub(crate) use body::{Body, Json, Object};
pub(crate) use caller::{Administrator, Auditor, Authenticated, Presented, Verifier, presented};
pub(crate) use extract::{Path, Query, are_escapes_whole};
pub(crate) use listener::{ListenError, Listening, listen};
pub(crate) use problem::{Problem, kinds};
pub(crate) use quota::Quotas;
pub(crate) use request::Peer;
pub use tls::TlsError;

/// What every handler takes first.
pub(crate) type Shared = State<Arc<App>>;

/// All routes.
pub(crate) fn router(app: Arc<App>) -> Router {
    let limit = Duration::from_secs(app.config.limits.request_seconds);
    let mut router = Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(metrics::get))
        .merge(native::router());
    if app.config.authy.enabled {
        router = router.merge(authy::router());
    }
    let mut router = router
        .fallback(problem::no_route)
        .method_not_allowed_fallback(problem::no_method)
        .layer(DefaultBodyLimit::max(app.config.limits.body_bytes))
        .layer(from_fn(move |request, next| {
            request::within(limit, request, next)
        }))
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(
            problem::panicked,
        ));
    if app.config.authy.enabled {
        router = router.layer(from_fn(authy::in_its_words));
    }
    router
        .layer(from_fn_with_state(Arc::clone(&app), request::follow))
        .with_state(app)
}
