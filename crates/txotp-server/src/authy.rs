//! The interface for Authy's clients.

use std::sync::Arc;

use axum::Router;

use crate::App;

mod onetouch;

/// Its routes.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new().merge(onetouch::router())
}
