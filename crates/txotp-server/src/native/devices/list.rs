//! Devices, looked up.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use txotp_store::limits::PAGE;
use txotp_store::{Device, DeviceId};
use utoipa::ToSchema;

use super::super::page;
use super::super::subject::{DevicePath, user_id};
use super::view::DeviceView;
use crate::App;
use crate::http::{Administrator, Problem, Query, Shared, kinds};

/// Which devices.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DevicesQuery {
    /// Only those of this user.
    #[param(min_length = 1, max_length = 128)]
    user: Option<String>,
    /// Only those after this name: `next` of the page before.
    #[param(min_length = 1, max_length = 128)]
    after: Option<String>,
    /// At most so many; 100.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// Devices, in the order of their names.
#[derive(Serialize, ToSchema)]
#[schema(as = Devices)]
pub(super) struct DevicesPage {
    devices: Vec<DeviceView>,
    /// Those, by the names in their rows, that are damaged: nothing is accepted of them.
    damaged: Vec<String>,
    /// What to give as `after` for the next page; null where there is none.
    next: Option<String>,
}

/// Lists the devices of the store, or of a user: revoked ones too.
#[utoipa::path(
    get, path = "/v1/devices", tag = "devices",
    params(DevicesQuery),
    responses((status = 200, body = DevicesPage, description = "A page")),
)]
pub(super) async fn list_devices(
    State(app): Shared,
    _: Administrator,
    Query(query): Query<DevicesQuery>,
) -> Result<axum::Json<DevicesPage>, Problem> {
    let bad = || Problem::of(&kinds::BAD_QUERY).detail("user and after are names");
    let size = page::size(query.limit)?;
    let after = query.after.map(DeviceId::new).transpose();
    let after = after.map_err(|_| bad())?;
    let listed = match query.user {
        Some(user) => {
            let user = user_id(&user).map_err(|_| bad())?;
            let mut listed = app.vault.devices_of(user).await?;
            listed
                .devices
                .retain(|device| after.as_ref().is_none_or(|after| device.id > *after));
            listed
        }
        None => app.vault.devices_after(after).await?,
    };
    let now = app.now()?;
    let is_cut = listed.devices.len() > size;
    let shown = listed.devices.get(..size).unwrap_or(&listed.devices);
    let last = shown.last().map(|device: &Device| device.id.to_string());
    // A page of the store that is not full is the last.
    let is_full = listed.devices.len().saturating_add(listed.damaged.len()) >= PAGE;
    let more = listed.last.filter(|_| is_full).map(|last| last.to_string());
    let devices = shown.iter().map(|device| DeviceView::of(device, now));
    Ok(axum::Json(DevicesPage {
        devices: devices.collect::<Result<_, _>>()?,
        damaged: listed.damaged,
        next: if is_cut { last } else { more },
    }))
}

/// Shows a device.
#[utoipa::path(
    get, path = "/v1/devices/{device}", tag = "devices",
    params(DevicePath),
    responses((status = 200, body = DeviceView, description = "The device")),
)]
pub(super) async fn show_device(
    State(app): Shared,
    _: Administrator,
    DevicePath(id): DevicePath,
) -> Result<axum::Json<DeviceView>, Problem> {
    shown(&app, id).await
}

/// A device as it is now.
pub(super) async fn shown(app: &App, id: DeviceId) -> Result<axum::Json<DeviceView>, Problem> {
    let device = app.vault.device(id).await?;
    Ok(axum::Json(DeviceView::of(&device, app.now()?)?))
}
