//! Keys of devices: with one a device sees and answers its own approval requests, and nothing else.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use txotp_store::Status;
use utoipa::ToSchema;

use super::super::keys::KeysQuery;
use super::super::secret::HandedOut;
use super::super::subject::DevicePath;
use crate::http::{Administrator, Problem, Query, Shared, kinds};
use crate::idempotency::{Deed, IdempotencyHeader, IdempotencyKey};
use crate::keys::{self, Holder, owner_of_device};

/// A new key of a device.
#[derive(Serialize, Deserialize, ToSchema)]
pub(super) struct NewDeviceKey {
    /// The part that names it: no secret.
    id: String,
    /// The key itself: shown this once, for the device alone.
    #[schema(value_type = String)]
    key: HandedOut,
    device: String,
    user: String,
}

/// Makes a key for a device itself. It is shown once.
#[utoipa::path(
    post, path = "/v1/devices/{device}/keys", tag = "devices",
    params(DevicePath, IdempotencyHeader),
    responses(
        (status = 201, body = NewDeviceKey, description = "The key"),
        (status = 409, body = Problem, description = "not-possible: the device is revoked"),
    ),
)]
pub(super) async fn create_device_key(
    State(app): Shared,
    caller: Administrator,
    DevicePath(id): DevicePath,
    idempotency: IdempotencyKey,
) -> Result<Response, Problem> {
    let create = async || {
        let found = app.vault.device(id.clone()).await?;
        if found.status == Status::Revoked {
            return Err(Problem::of(&kinds::NOT_POSSIBLE).detail("the device is revoked"));
        }
        let holder = Holder::Device {
            device: id.to_string(),
            user: found.user.to_string(),
        };
        let (text, change) = keys::prepare(&app.vault, &*app.world, holder, false)?;
        let answer = NewDeviceKey {
            id: text.id().to_owned(),
            key: text.reveal().to_owned().into(),
            device: id.to_string(),
            user: found.user.to_string(),
        };
        Ok((Deed::Records(vec![change]), answer))
    };
    let request = [b"device-key".as_slice(), id.as_str().as_bytes()];
    let created = idempotency.once(&app, &caller, &request, create).await?;
    let answer = created.answer();
    tracing::info!(
        actor = caller.actor().as_str(),
        key = answer.id,
        "a device's key was made"
    );
    Ok(created.respond(&format!("/v1/keys/{}", answer.id), answer))
}

/// A key of a device, without the key itself.
#[derive(Serialize, ToSchema)]
pub(super) struct DeviceKey {
    id: String,
    /// When it was made, in Unix seconds.
    created_at: u64,
    /// When it was revoked, in Unix seconds.
    revoked_at: Option<u64>,
}

/// The keys of a device, in the order of their ids.
#[derive(Serialize, ToSchema)]
pub(super) struct DeviceKeys {
    keys: Vec<DeviceKey>,
    /// What to give as `after` for the next page; null where there is none.
    next: Option<String>,
}

/// Lists the keys of a device, revoked ones too.
#[utoipa::path(
    get, path = "/v1/devices/{device}/keys", tag = "devices",
    params(DevicePath, KeysQuery),
    responses((status = 200, body = DeviceKeys, description = "A page")),
)]
pub(super) async fn list_device_keys(
    State(app): Shared,
    _: Administrator,
    DevicePath(id): DevicePath,
    Query(query): Query<KeysQuery>,
) -> Result<axum::Json<DeviceKeys>, Problem> {
    // So that a name which no device has is an error, and not an empty list.
    app.vault.device(id.clone()).await?;
    let (found, next) = query.read(&app, &owner_of_device(id.as_str())).await?;
    let keys = found.iter().map(|stored| DeviceKey {
        id: stored.key.clone(),
        created_at: stored.document.created_at,
        revoked_at: stored.document.revoked_at,
    });
    Ok(axum::Json(DeviceKeys {
        keys: keys.collect(),
        next,
    }))
}
