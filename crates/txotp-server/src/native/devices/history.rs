//! What happened to a device.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::evidence::EntryView;
use super::super::page::{self, EntriesQuery};
use super::super::subject::DevicePath;
use crate::http::{Auditor, Problem, Query, Shared};

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
    params(DevicePath, EntriesQuery),
    responses((status = 200, body = History, description = "A page")),
)]
pub(super) async fn device_history(
    State(app): Shared,
    _: Auditor,
    DevicePath(id): DevicePath,
    Query(query): Query<EntriesQuery>,
) -> Result<axum::Json<History>, Problem> {
    let size = page::size(query.limit)?;
    // So that a name which no device has is an error, and not an empty list.
    let total = app.vault.device(id.clone()).await?.entries;
    let after = query.after.unwrap_or(0);
    if after >= total {
        return Ok(axum::Json(History {
            entries: Vec::new(),
            next: None,
        }));
    }
    let mut entries = app.vault.history(id, after).await?;
    entries.truncate(size);
    let last = entries.last().and_then(|entry| entry.version);
    Ok(axum::Json(History {
        entries: entries.iter().map(EntryView::from).collect(),
        next: last.filter(|last| *last < total),
    }))
}
