//! What administrators do to devices.

use axum::extract::State;
use serde::Deserialize;
use txotp_store::StoreError;
use txotp_verifier::Undecided;
use utoipa::ToSchema;

use super::super::subject::{GivenTransaction, TransactionSchema, device_id, purpose};
use super::super::verdict::Verdict;
use super::list::shown;
use super::view::DeviceView;
use crate::config::SecretText;
use crate::http::{Authenticated, Json, Path, Problem, Shared};
use crate::keys::{self, Role};

/// Suspends an active device: until it is resumed nothing is accepted of it.
#[utoipa::path(
    post, path = "/v1/devices/{device}/suspend", tag = "devices",
    params(("device" = String, Path, description = "The device")),
    responses(
        (status = 200, body = DeviceView, description = "The device as it is now"),
        (status = 404, body = Problem, description = "unknown-device"),
        (status = 409, body = Problem, description = "not-possible: it is not active"),
    ),
)]
pub(super) async fn suspend_device(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Path(device): Path<String>,
) -> Result<axum::Json<DeviceView>, Problem> {
    caller.must(Role::Administer)?;
    let id = device_id(&device)?;
    let done = app.vault.suspend(id.clone(), app.act(&caller)?).await;
    done.map_err(Problem::of_store)?;
    shown(&app, id).await
}

/// Resumes a suspended device. What is remembered of it is as it was.
#[utoipa::path(
    post, path = "/v1/devices/{device}/resume", tag = "devices",
    params(("device" = String, Path, description = "The device")),
    responses(
        (status = 200, body = DeviceView, description = "The device as it is now"),
        (status = 404, body = Problem, description = "unknown-device"),
        (status = 409, body = Problem, description = "not-possible: it is not suspended"),
    ),
)]
pub(super) async fn resume_device(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Path(device): Path<String>,
) -> Result<axum::Json<DeviceView>, Problem> {
    caller.must(Role::Administer)?;
    let id = device_id(&device)?;
    let done = app.vault.resume(id.clone(), app.act(&caller)?).await;
    done.map_err(Problem::of_store)?;
    shown(&app, id).await
}

/// Revokes a device and its keys, for ever. Its history stays; its name is never used again.
#[utoipa::path(
    post, path = "/v1/devices/{device}/revoke", tag = "devices",
    params(("device" = String, Path, description = "The device")),
    responses(
        (status = 200, body = DeviceView, description = "The device as it is now"),
        (status = 404, body = Problem, description = "unknown-device"),
        (status = 409, body = Problem, description = "not-possible: it is revoked already"),
    ),
)]
pub(super) async fn revoke_device(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Path(device): Path<String>,
) -> Result<axum::Json<DeviceView>, Problem> {
    caller.must(Role::Administer)?;
    let id = device_id(&device)?;
    let done = app.vault.revoke(id.clone(), app.act(&caller)?).await;
    done.map_err(Problem::of_store)?;
    keys::revoke_of_device(&app.vault, id.as_str(), app.now()?).await?;
    shown(&app, id).await
}

/// Lifts the locks of a device, and forgets its failures. What was accepted once stays used.
#[utoipa::path(
    post, path = "/v1/devices/{device}/unlock", tag = "devices",
    params(("device" = String, Path, description = "The device")),
    responses(
        (status = 200, body = DeviceView, description = "The device as it is now"),
        (status = 404, body = Problem, description = "unknown-device"),
        (status = 409, body = Problem, description = "not-possible: it is revoked"),
    ),
)]
pub(super) async fn unlock_device(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Path(device): Path<String>,
) -> Result<axum::Json<DeviceView>, Problem> {
    caller.must(Role::Administer)?;
    let id = device_id(&device)?;
    let done = app.vault.unlock(id.clone(), app.act(&caller)?).await;
    done.map_err(Problem::of_store)?;
    shown(&app, id).await
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
    params(("device" = String, Path, description = "The device")),
    request_body = Resynchronisation,
    responses(
        (status = 200, body = Verdict, description = "What came of the codes"),
        (status = 404, body = Problem, description = "unknown-device"),
        (status = 422, body = Problem, description = "bad-transaction, no-such-codes"),
    ),
)]
pub(super) async fn resynchronise_device(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Path(device): Path<String>,
    Json(wish): Json<Resynchronisation>,
) -> Result<axum::Json<Verdict>, Problem> {
    caller.must(Role::Administer)?;
    let id = device_id(&device)?;
    let purpose = purpose(wish.transaction.as_ref(), wish.login)?;
    let codes = [wish.code.reveal(), wish.next_code.reveal()];
    let judged = app
        .vault
        .resynchronise(id, purpose, codes, app.act(&caller)?);
    let verdict = match judged.await {
        Ok(answer) => {
            app.metrics
                .judged(answer.judgement.reason().unwrap_or("accepted"));
            Verdict::from(&answer)
        }
        Err(
            StoreError::BadCode
            | StoreError::Undecided(
                Undecided::WrongDigits | Undecided::NoLogin | Undecided::CounterExhausted,
            ),
        ) => Verdict::refused("not-a-code"),
        Err(error) => return Err(Problem::of_store(error)),
    };
    Ok(axum::Json(verdict))
}
