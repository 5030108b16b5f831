//! Having a code judged, with all that it is about in the request.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::subject::{GivenTransaction, Subject, TransactionSchema, purpose};
use super::verdict::Verdict;
use crate::App;
use crate::config::SecretText;
use crate::http::{Json, Problem, Shared, Verifier};

/// Its routes.
pub(super) fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(verify_code))
}

/// A code, whose it is said to be, and what it is for: a transaction or a login.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Verification {
    /// The user, of whose active devices any can have made it.
    #[schema(min_length = 1, max_length = 128)]
    user: Option<String>,
    /// The device that made it.
    #[schema(min_length = 1, max_length = 128)]
    device: Option<String>,
    /// As it was typed: what is no code is refused like a wrong one, and does not count.
    #[schema(value_type = String)]
    code: SecretText,
    #[schema(value_type = Option<TransactionSchema>)]
    transaction: Option<GivenTransaction>,
    /// Whether it is a login code.
    #[serde(default)]
    login: bool,
}

/// Has a code judged for a transaction or a login that the request names itself.
///
/// Nothing is remembered but that the code was used: whether a payment was accepted before is for the caller to know. A refusal
/// is an answer with status 200 and `accepted` false.
#[utoipa::path(
    post, path = "/v1/verify", tag = "verify",
    request_body = Verification,
    responses(
        (status = 200, body = Verdict, description = "What came of the code"),
        (status = 404, body = Problem, description = "unknown-user, unknown-device"),
        (status = 422, body = Problem, description = "bad-name, bad-transaction"),
    ),
)]
pub(super) async fn verify_code(
    State(app): Shared,
    caller: Verifier,
    Json(wish): Json<Verification>,
) -> Result<axum::Json<Verdict>, Problem> {
    let subject = Subject::of(wish.user, wish.device)?;
    let purpose = purpose(wish.transaction.as_ref(), wish.login)?;
    let judged = app
        .judge(&caller, subject.who()?, purpose, wish.code.reveal())
        .await?;
    Verdict::of(&judged, &subject).map(axum::Json)
}
