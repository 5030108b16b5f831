//! The native interface, `/v1`.

use std::sync::Arc;

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

use crate::App;

mod approvals;
mod stepup;

/// Its routes, and the document that describes them.
pub(crate) fn router() -> Router<Arc<App>> {
    let (router, _document) = OpenApiRouter::new()
        .merge(approvals::router())
        .merge(stepup::router())
        .split_for_parts();
    router
}
