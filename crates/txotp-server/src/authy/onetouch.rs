//! Approval requests, as Authy's clients ask for them.

use std::sync::Arc;

use axum::Router;

use crate::App;

/// Its routes.
pub(super) fn router() -> Router<Arc<App>> {
    Router::new()
}
