//! Approval requests: for devices that answer.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ended, events, unknown};
use crate::App;
use crate::approvals::{Answered, Answerer, Approval, Decision, Logo, Status};
use crate::config::SecretText;
use crate::http::{Authenticated, Json, Path, Problem, Shared};
use crate::keys::Caller;
use crate::tables::Stored;

/// Its routes.
pub(super) fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list_pending))
        .routes(routes!(events::follow_events))
        .routes(routes!(answer_approval))
}

/// A text, and what it says.
#[derive(Serialize, ToSchema)]
pub(super) struct Pair {
    key: String,
    value: String,
}

/// A request that waits for an answer of the device's user.
#[derive(Serialize, ToSchema)]
pub(super) struct PendingApproval {
    /// Its id, a UUID.
    id: String,
    /// The application that asks.
    application: String,
    /// What the device shows first.
    message: String,
    /// What it shows then, in this order.
    details: Vec<Pair>,
    /// What it does not show, and binds.
    hidden_details: Vec<Pair>,
    logos: Vec<Logo>,
    /// In Unix seconds.
    created_at: u64,
    /// In Unix seconds: from then on it cannot be answered; null for never.
    expires_at: Option<u64>,
}

impl From<Stored<Approval>> for PendingApproval {
    fn from(stored: Stored<Approval>) -> Self {
        let approval = stored.document;
        let pairs = |pairs: Vec<(String, String)>| {
            let pair = |(key, value)| Pair { key, value };
            pairs.into_iter().map(pair).collect()
        };
        Self {
            id: stored.key,
            expires_at: approval.expires_at(),
            application: approval.application.name,
            message: approval.message,
            details: pairs(approval.details),
            hidden_details: pairs(approval.hidden_details),
            logos: approval.logos,
            created_at: approval.created_at,
        }
    }
}

/// What waits for an answer.
#[derive(Serialize, ToSchema)]
pub(super) struct PendingApprovals {
    /// The oldest first.
    approvals: Vec<PendingApproval>,
}

/// An answer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApprovalAnswer)]
pub(super) struct Answer {
    decision: Decision,
    /// The device's code over the request's message, details and hidden details, with the hidden details `txotp-decision`
    /// (`approve` or `deny`) and `txotp-request` (the id) added.
    #[schema(value_type = String)]
    code: SecretText,
}

/// What came of an answer.
#[derive(Serialize, ToSchema)]
#[schema(as = ApprovalAnswerState)]
pub(super) struct AnswerState {
    /// Whether the code is right, and the answer counts.
    accepted: bool,
    status: Status,
}

/// The device whose key it is, where its codes are compared at all.
pub(super) async fn answerer<'a>(app: &App, caller: &'a Caller) -> Result<Answerer<'a>, Problem> {
    let answerer = caller.answerer().ok_or_else(Problem::forbidden)?;
    if answerer.is_active(app).await? {
        Ok(answerer)
    } else {
        Err(Problem::forbidden())
    }
}

/// Lists what waits for an answer of the device's user. For the key of a device.
#[utoipa::path(
    get, path = "/v1/device/approvals", tag = "approvals",
    responses((status = 200, body = PendingApprovals, description = "What waits for an answer")),
)]
pub(super) async fn list_pending(
    State(app): Shared,
    Authenticated(caller): Authenticated,
) -> Result<axum::Json<PendingApprovals>, Problem> {
    let pending = answerer(&app, &caller).await?.pending(&app).await?;
    let approvals = pending.into_iter().map(PendingApproval::from).collect();
    Ok(axum::Json(PendingApprovals { approvals }))
}

/// Approves or denies a request. For the key of a device.
///
/// A code that is refused is an answer with status 200 and `accepted` false; the request waits on. The first right answer counts.
/// One that comes later is answered by 409, and its code is not used.
#[utoipa::path(
    post, path = "/v1/device/approvals/{id}", tag = "approvals",
    params(("id" = String, Path, description = "The request")),
    request_body = Answer,
    responses(
        (status = 200, body = AnswerState, description = "What came of the answer"),
        (status = 404, body = Problem, description = "unknown-approval"),
        (status = 409, body = Problem, description = "approval-ended"),
    ),
)]
pub(super) async fn answer_approval(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    Json(answer): Json<Answer>,
) -> Result<axum::Json<AnswerState>, Problem> {
    let answerer = answerer(&app, &caller).await?;
    let (decision, code) = (answer.decision, answer.code.reveal());
    let (accepted, status) = match answerer.answer(&app, &caller, &id, decision, code).await? {
        Answered::Done => (true, decision.outcome()),
        Answered::CodeRefused => (false, Status::Pending),
        Answered::Ended(status) => return Err(ended(status)),
        Answered::Unknown => return Err(unknown()),
    };
    Ok(axum::Json(AnswerState { accepted, status }))
}
