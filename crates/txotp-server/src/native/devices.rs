//! Devices: enrolled, looked up, administered.

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;

mod acts;
mod enrol;
mod history;
mod keys;
mod list;
mod policy;
mod view;

/// Its routes.
pub(super) fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(enrol::enrol_device, list::list_devices))
        .routes(routes!(list::show_device))
        .routes(routes!(acts::suspend_device))
        .routes(routes!(acts::resume_device))
        .routes(routes!(acts::revoke_device))
        .routes(routes!(acts::unlock_device))
        .routes(routes!(acts::forgive_device_clock))
        .routes(routes!(acts::resynchronise_device))
        .routes(routes!(policy::change_device_policy))
        .routes(routes!(history::device_history))
        .routes(routes!(keys::create_device_key, keys::list_device_keys))
}
