//! What happened to a device.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::evidence::EntryView;
use super::super::page::{self, EntriesQuery};
use super::super::subject::device_id;
use crate::http::{Authenticated, Path, Problem, Query, Shared};
use crate::keys::Role;

/// Entries of the evidence, in their order.
#[derive(Serialize, ToSchema)]
pub(super) struct History {
    entries: Vec<EntryView>,
    /// What to give as `after` for the next page; null where there is none.
    next: Option<u64>,
}

/// Gives the evidence of a device, from its enrolment on.
#[utoipa::path(
    get, path = "/v1/devices/{device}/history", tag = "evidence",
    params(("device" = String, Path, description = "The device"), EntriesQuery),
    responses(
        (status = 200, body = History, description = "A page"),
        (status = 404, body = Problem, description = "unknown-device"),
    ),
)]
pub(super) async fn device_history(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Path(device): Path<String>,
    Query(query): Query<EntriesQuery>,
) -> Result<axum::Json<History>, Problem> {
    caller.must(Role::Audit)?;
    let size = page::size(query.limit)?;
    let id = device_id(&device)?;
    // So that a name which no device has is an error, and not an empty list.
    let found = app.vault.device(id.clone()).await;
    let total = found.map_err(Problem::of_store)?.entries;
    let after = query.after.unwrap_or(0);
    if after >= total {
        return Ok(axum::Json(History {
            entries: Vec::new(),
            next: None,
        }));
    }
    let mut entries = app
        .vault
        .history(id, after)
        .await
        .map_err(Problem::of_store)?;
    entries.truncate(size);
    let last = entries.last().and_then(|entry| entry.version);
    Ok(axum::Json(History {
        entries: entries.iter().map(EntryView::from).collect(),
        next: last.filter(|last| *last < total),
    }))
}
