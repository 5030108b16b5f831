//! The native interface, `/v1`.

use std::sync::Arc;

use axum::Router;

use crate::App;

/// Its routes.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
}
