//! Step-up challenges, in the native interface.

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;

use crate::App;

/// Its routes.
pub(super) fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
}
