//! The outbox, for who operates the service.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::page;
use crate::App;
use crate::approvals;
use crate::callbacks::{self, Callback, State as CallbackState};
use crate::http::{Administrator, Path, Problem, Query, Shared, kinds};
use crate::tables::Stored;

/// Its routes.
pub(super) fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list_callbacks))
        .routes(routes!(retry_callback))
}

/// Which callbacks.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CallbacksQuery {
    /// Those that are to be delivered, or those that were given up; these where nothing is said.
    state: Option<CallbackState>,
    /// Only those after this id: `next` of the page before.
    #[param(min_length = 1, max_length = 128, pattern = "^[!-~]+$")]
    after: Option<String>,
    /// At most so many; 100.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// A callback, without what it says.
#[derive(Serialize, ToSchema)]
pub(super) struct CallbackView {
    /// The id of the approval request that it tells of.
    id: String,
    /// The application that it is for.
    application: String,
    state: CallbackState,
    /// How often its delivery began.
    attempts: u32,
    /// Why the last attempt failed: `status-` and the HTTP status, or the name of an error; null while one is under way.
    failure: Option<String>,
    /// In Unix seconds.
    created_at: u64,
    /// In Unix seconds: when it is tried next; of one that was given up, when it is removed.
    due: u64,
}

impl From<Stored<Callback>> for CallbackView {
    fn from(stored: Stored<Callback>) -> Self {
        let callback = stored.document;
        Self {
            id: stored.key,
            application: callback.application.name,
            state: callback.state,
            attempts: callback.attempts,
            failure: callback.failure,
            created_at: callback.created_at,
            due: callback.due,
        }
    }
}

/// Callbacks, in the order of their ids.
#[derive(Serialize, ToSchema)]
pub(super) struct Callbacks {
    callbacks: Vec<CallbackView>,
    /// What to give as `after` for the next page; null where there is none.
    next: Option<String>,
}

/// Lists callbacks: by themselves those that were given up.
#[utoipa::path(
    get, path = "/v1/callbacks", tag = "approvals",
    params(CallbacksQuery),
    responses((status = 200, body = Callbacks, description = "A page of callbacks")),
)]
pub(super) async fn list_callbacks(
    State(app): Shared,
    _: Administrator,
    Query(query): Query<CallbacksQuery>,
) -> Result<axum::Json<Callbacks>, Problem> {
    let state = query.state.unwrap_or(CallbackState::Dead);
    let after = query.after.as_deref();
    let is_name =
        |id: &str| (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    if !after.is_none_or(is_name) {
        return Err(Problem::of(&kinds::BAD_QUERY).detail("after is an id"));
    }
    let (found, next) = page::of::<Callback>(&app, state.name(), after, query.limit).await?;
    let callbacks = found.into_iter().map(CallbackView::from).collect();
    Ok(axum::Json(Callbacks { callbacks, next }))
}

/// Has a callback that was given up tried anew, as often as a new one.
#[utoipa::path(
    post, path = "/v1/callbacks/{id}/retry", tag = "approvals",
    params(("id" = String, Path, description = "The callback")),
    responses(
        (status = 202, description = "It is to be delivered"),
        (status = 404, body = Problem, description = "unknown-callback"),
    ),
)]
pub(super) async fn retry_callback(
    State(app): Shared,
    _: Administrator,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    if approvals::is_id(&id) && callbacks::retry(&app, &id).await? {
        Ok(StatusCode::ACCEPTED)
    } else {
        Err(Problem::of(&kinds::UNKNOWN_CALLBACK))
    }
}
