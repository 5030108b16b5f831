//! What administrators do to devices.

use axum::extract::State;
use serde::Deserialize;
use txotp_store::{Act, DeviceId, Ticket, Vault};
use utoipa::ToSchema;

use super::super::subject::{DevicePath, GivenTransaction, Subject, TransactionSchema, purpose};
use super::super::verdict::Verdict;
use super::list::shown;
use super::view::DeviceView;
use crate::App;
use crate::config::SecretText;
use crate::http::{Administrator, Json, Problem, Shared};
use crate::keys::{self, Caller};

/// Suspends an active device: until it is resumed nothing is accepted of it.
#[utoipa::path(
    post, path = "/v1/devices/{device}/suspend", tag = "devices",
    params(DevicePath),
    responses(
        (status = 200, body = DeviceView, description = "The device as it is now"),
        (status = 409, body = Problem, description = "not-possible: it is not active"),
    ),
)]
pub(super) async fn suspend_device(
    State(app): Shared,
    caller: Administrator,
    DevicePath(id): DevicePath,
) -> Result<axum::Json<DeviceView>, Problem> {
    act(&app, &caller, id, Vault::suspend).await
}

/// Resumes a suspended device. What is remembered of it is as it was.
#[utoipa::path(
    post, path = "/v1/devices/{device}/resume", tag = "devices",
    params(DevicePath),
    responses(
        (status = 200, body = DeviceView, description = "The device as it is now"),
        (status = 409, body = Problem, description = "not-possible: it is not suspended"),
    ),
)]
pub(super) async fn resume_device(
    State(app): Shared,
    caller: Administrator,
    DevicePath(id): DevicePath,
) -> Result<axum::Json<DeviceView>, Problem> {
    act(&app, &caller, id, Vault::resume).await
}

/// Revokes a device and its keys, for ever. Its history stays; its name is never used again.
#[utoipa::path(
    post, path = "/v1/devices/{device}/revoke", tag = "devices",
    params(DevicePath),
    responses(
        (status = 200, body = DeviceView, description = "The device as it is now"),
        (status = 409, body = Problem, description = "not-possible: it is revoked already"),
    ),
)]
pub(super) async fn revoke_device(
    State(app): Shared,
    caller: Administrator,
    DevicePath(id): DevicePath,
) -> Result<axum::Json<DeviceView>, Problem> {
    let revoked = act(&app, &caller, id.clone(), Vault::revoke).await?;
    keys::revoke_of_device(&app, id.as_str(), app.now()?).await?;
    Ok(revoked)
}

/// Lifts the locks of a device, and forgets its failures. What was accepted once stays used.
#[utoipa::path(
    post, path = "/v1/devices/{device}/unlock", tag = "devices",
    params(DevicePath),
    responses(
        (status = 200, body = DeviceView, description = "The device as it is now"),
        (status = 409, body = Problem, description = "not-possible: it is revoked"),
    ),
)]
pub(super) async fn unlock_device(
    State(app): Shared,
    caller: Administrator,
    DevicePath(id): DevicePath,
) -> Result<axum::Json<DeviceView>, Problem> {
    act(&app, &caller, id, Vault::unlock).await
}

/// Forgets when a device last accepted, for a clock of the service that was ahead then: until it has caught up, nothing is decided
/// of the device. Mend the clock first. What was accepted once stays used.
#[utoipa::path(
    post, path = "/v1/devices/{device}/forgive-clock", tag = "devices",
    params(DevicePath),
    responses(
        (status = 200, body = DeviceView, description = "The device as it is now"),
        (status = 409, body = Problem, description = "not-possible: it is revoked"),
    ),
)]
pub(super) async fn forgive_device_clock(
    State(app): Shared,
    caller: Administrator,
    DevicePath(id): DevicePath,
) -> Result<axum::Json<DeviceView>, Problem> {
    act(&app, &caller, id, Vault::forgive_clock).await
}

/// Does it, and shows the device as it is then.
pub(super) async fn act(
    app: &App,
    caller: &Caller,
    id: DeviceId,
    deed: impl FnOnce(&Vault, DeviceId, Act) -> Ticket<()>,
) -> Result<axum::Json<DeviceView>, Problem> {
    deed(&app.vault, id.clone(), app.act(caller)?).await?;
    shown(app, id).await
}

/// Two consecutive codes of a device, and what they are for: a transaction or a login.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Resynchronisation {
    /// The first code that was typed.
    #[schema(value_type = String)]
    code: SecretText,
    /// The code of the next step or counter.
    #[schema(value_type = String)]
    next_code: SecretText,
    #[schema(value_type = Option<TransactionSchema>)]
    transaction: Option<GivenTransaction>,
    /// Whether they are login codes.
    #[serde(default)]
    login: bool,
}

/// Sets the window of a device by two consecutive codes that it shows, for one whose clock or counter has gone out of it.
///
/// The window moves far, so make sure of the payer by other means too (RFC 6238 section 6). Both codes are used up. A refusal is an
/// answer with status 200 and `accepted` false.
#[utoipa::path(
    post, path = "/v1/devices/{device}/resync", tag = "devices",
    params(DevicePath),
    request_body = Resynchronisation,
    responses(
        (status = 200, body = Verdict, description = "What came of the codes"),
        (status = 422, body = Problem, description = "bad-transaction, no-such-codes"),
    ),
)]
pub(super) async fn resynchronise_device(
    State(app): Shared,
    caller: Administrator,
    DevicePath(id): DevicePath,
    Json(wish): Json<Resynchronisation>,
) -> Result<axum::Json<Verdict>, Problem> {
    let purpose = purpose(wish.transaction.as_ref(), wish.login)?;
    let codes = [wish.code.reveal(), wish.next_code.reveal()];
    let subject = Subject::Device(id.to_string());
    let act = app.act(&caller)?;
    let judged = app.judged(app.vault.resynchronise(id, purpose, codes, act).await)?;
    Verdict::of(&judged, &subject).map(axum::Json)
}
