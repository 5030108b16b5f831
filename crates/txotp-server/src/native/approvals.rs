//! Approval requests: for applications that ask.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::subject::{GivenTransaction, TransactionSchema, user_id};
use crate::App;
use crate::approvals::{self, Answered, Approval, Ask, AskError, DEFAULT_SECONDS, Logo, Status};
use crate::http::{Body, Path, Problem, Shared, Verifier, kinds};
use crate::idempotency::{Deed, IdempotencyHeader, IdempotencyKey};

mod callbacks;
mod device;
mod events;

/// Its routes.
pub(super) fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(create_approval))
        .routes(routes!(show_approval, cancel_approval))
        .merge(device::router())
        .merge(callbacks::router())
}

/// A request to ask of a user.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewApproval {
    /// Who is asked: any active device of this user can answer.
    #[schema(min_length = 1, max_length = 128)]
    user: String,
    /// What is asked. Together with the decision it has at most 32 pairs, and as a string at most 2953 bytes; its keys do
    /// not begin with `txotp-`.
    #[schema(value_type = TransactionSchema)]
    transaction: GivenTransaction,
    /// Pictures beside it; where there is one, one is the `default`.
    #[serde(default)]
    #[schema(max_items = 4)]
    logos: Vec<Logo>,
    /// Seconds until it expires, 0 for never; 86400 where nothing is said.
    seconds_to_expire: Option<u32>,
}

/// A request, and what became of it.
#[derive(Serialize, ToSchema)]
pub(super) struct ApprovalState {
    /// Its id, a UUID.
    id: String,
    status: Status,
    user: String,
    /// In Unix seconds.
    created_at: u64,
    /// In Unix seconds: from then on it cannot be answered; null for never.
    expires_at: Option<u64>,
    /// When it ended, in Unix seconds.
    ended_at: Option<u64>,
    /// The device that answered it.
    device: Option<String>,
}

impl ApprovalState {
    fn of(id: &str, approval: Approval) -> Self {
        Self {
            id: id.to_owned(),
            status: approval.status,
            expires_at: approval.expires_at(),
            user: approval.user,
            created_at: approval.created_at,
            ended_at: approval.ended_at,
            device: approval.device,
        }
    }
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        let bad = |detail| Self::of(&kinds::BAD_APPROVAL).detail(detail);
        match error {
            AskError::Transaction(place, kind) => {
                Self::of(&kinds::BAD_TRANSACTION).detail(format!("{place}: {kind}"))
            }
            AskError::Reserved => bad("keys that begin with txotp- are reserved"),
            AskError::TooLong => {
                bad("as a string, with the decision, it is longer than 2953 bytes")
            }
            AskError::Logo => bad(
                "a logo is an https URL of at most 500 bytes, each size there once, one of them default",
            ),
            AskError::NoDevice => Self::of(&kinds::NO_ACTIVE_DEVICE),
            AskError::TooManyOfApplication => Self::of(&kinds::TOO_MANY_APPROVALS)
                .detail("16 requests of this application wait for the user"),
            AskError::TooMany => {
                Self::of(&kinds::TOO_MANY_APPROVALS).detail("64 requests wait for the user")
            }
            AskError::Fault(fault) => fault.into(),
        }
    }
}

fn unknown() -> Problem {
    Problem::of(&kinds::UNKNOWN_APPROVAL)
}

fn ended(status: Status) -> Problem {
    Problem::of(&kinds::APPROVAL_ENDED).detail(status.name())
}

/// Asks a user to approve something.
///
/// It waits until a device of the user approves or denies it, until it expires, or until it is cancelled; the first of these
/// counts. The application is told by a callback, where its key has a URL, or looks.
#[utoipa::path(
    post, path = "/v1/approvals", tag = "approvals",
    params(IdempotencyHeader),
    request_body = NewApproval,
    responses(
        (status = 201, body = ApprovalState, description = "The request"),
        (status = 409, body = Problem, description = "no-active-device, too-many-approvals"),
        (status = 422, body = Problem, description = "bad-name, bad-transaction, bad-approval"),
    ),
)]
pub(super) async fn create_approval(
    State(app): Shared,
    caller: Verifier,
    idempotency: IdempotencyKey,
    Body { value: wish, text }: Body<NewApproval>,
) -> Result<Response, Problem> {
    let create = async || {
        let ask = wish.ask()?;
        let (id, changes) = ask.prepare(&app, caller.application().clone()).await?;
        Ok((Deed::Records(changes), id))
    };
    let request = [b"approval".as_slice(), &text];
    let created = idempotency.once(&app, &caller, &request, create).await?;
    let id = created.answer();
    let found = approvals::find_of(&app, caller.application(), id).await?;
    let body = ApprovalState::of(id, found.ok_or_else(unknown)?.document);
    Ok(created.respond(&format!("/v1/approvals/{id}"), &body))
}

impl NewApproval {
    fn ask(&self) -> Result<Ask, Problem> {
        let transaction = self.transaction.parse()?;
        let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        Ok(Ask {
            user: user_id(&self.user)?,
            message: transaction.message().to_owned(),
            details: transaction.details().map(owned).collect(),
            hidden_details: transaction.hidden_details().map(owned).collect(),
            logos: self.logos.clone(),
            seconds_to_expire: self.seconds_to_expire.unwrap_or(DEFAULT_SECONDS),
        })
    }
}

/// Shows what became of a request.
#[utoipa::path(
    get, path = "/v1/approvals/{id}", tag = "approvals",
    params(("id" = String, Path, description = "The request")),
    responses(
        (status = 200, body = ApprovalState, description = "The request"),
        (status = 404, body = Problem, description = "unknown-approval"),
    ),
)]
pub(super) async fn show_approval(
    State(app): Shared,
    caller: Verifier,
    Path(id): Path<String>,
) -> Result<axum::Json<ApprovalState>, Problem> {
    let found = approvals::find_of(&app, caller.application(), &id).await?;
    let approval = found.ok_or_else(unknown)?.document;
    Ok(axum::Json(ApprovalState::of(&id, approval)))
}

/// Takes a request back, if nobody has answered it. No callback tells of that.
#[utoipa::path(
    delete, path = "/v1/approvals/{id}", tag = "approvals",
    params(("id" = String, Path, description = "The request")),
    responses(
        (status = 204, description = "It is cancelled"),
        (status = 404, body = Problem, description = "unknown-approval"),
        (status = 409, body = Problem, description = "approval-ended"),
    ),
)]
pub(super) async fn cancel_approval(
    State(app): Shared,
    caller: Verifier,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    match approvals::cancel(&app, caller.application(), &id).await? {
        Answered::Ended(Status::Cancelled) | Answered::Done => Ok(StatusCode::NO_CONTENT),
        Answered::Ended(status) => Err(ended(status)),
        Answered::Unknown | Answered::CodeRefused => Err(unknown()),
    }
}
