//! The native interface, `/v1`.

use std::sync::Arc;

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::App;

mod approvals;
mod devices;
mod document;
mod evidence;
mod handbook;
mod keys;
mod page;
mod picture;
mod secret;
mod stepup;
mod subject;
mod transactions;
mod verdict;
mod verify;

pub(crate) use transactions::Transaction;

/// Its routes, the document that describes them, and that as a page.
pub(crate) fn router() -> Router<Arc<App>> {
    let (router, api) = OpenApiRouter::new()
        .merge(devices::router())
        .merge(transactions::router())
        .merge(verify::router())
        .merge(approvals::router())
        .merge(stepup::router())
        .merge(keys::router())
        .merge(evidence::router())
        .split_for_parts();
    // Nothing of it is for a cache: neither what holds a seed, nor what was true a moment ago.
    let no_store = HeaderValue::from_static("no-store");
    router
        .layer(SetResponseHeaderLayer::if_not_present(
            CACHE_CONTROL,
            no_store,
        ))
        .merge(handbook::router(&document::finish(&api)))
}

/// The path of a device (RFC 3986).
fn device_path(device: &str) -> String {
    format!(
        "/v1/devices/{}",
        utf8_percent_encode(device, NON_ALPHANUMERIC)
    )
}
