//! What waits for a device, told as it comes: server-sent events (WHATWG HTML section 9.2).
//!
//! The store is looked into every second, so that it does not matter which process took a request. A stream ends with the
//! service, with its device's key, and by itself after a while; the device then asks again, as every client of such
//! streams does.

use core::convert::Infallible;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use http_body_util::BodyExt as _;
use http_body_util::channel::{Channel, Sender};
use hyper::body::Bytes;
use serde::Serialize;
use serde_json::json;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use super::device::{PendingApproval, answerer};
use crate::approvals::{self, Full, Place, Status};
use crate::http::{Authenticated, Problem, Shared, kinds};
use crate::keys::Caller;
use crate::{App, Fault};

/// How often the store is looked into.
const PERIOD: Duration = Duration::from_secs(1);
/// After how many silent looks a line says that the stream lives.
const SILENT: u32 = 15;
/// How long a stream lasts at most.
const LASTS: Duration = Duration::from_secs(300);
/// How many events wait at most for a device that reads slowly.
const BEHIND: usize = 16;

/// Tells the device what waits for its user, and what has ended, as it comes. For the key of a device.
///
/// The events are `pending`, with a request as the list has it, and `ended`, with `id` and `status`. A stream begins with all
/// that waits, and lasts five minutes at most; ask again then. A line that is a comment comes every 15 seconds.
#[utoipa::path(
    get, path = "/v1/device/approvals/events", tag = "approvals",
    responses(
        (status = 200, content_type = "text/event-stream", body = String, description = "Events"),
        (status = 429, body = Problem, description = "too-many-device-streams"),
        (status = 503, body = Problem, description = "too-many-streams"),
    ),
)]
pub(super) async fn follow_events(
    State(app): Shared,
    Authenticated(caller): Authenticated,
) -> Result<Response, Problem> {
    let device = answerer(&app, &caller).await?.device;
    let place = app.streams.take(device).map_err(|full| match full {
        Full::Device => Problem::of(&kinds::TOO_MANY_DEVICE_STREAMS),
        Full::Process => Problem::of(&kinds::TOO_MANY_STREAMS),
    })?;
    let (sender, body) = Channel::<Bytes>::new(BEHIND);
    // Dropped with the body, when the connection ends: before anything is written that would fail.
    let (reader, gone) = oneshot::channel::<Infallible>();
    let body = body.map_frame(move |frame| {
        let _ = &reader;
        frame
    });
    tokio::spawn(follow(app, caller, sender, gone, place));
    Ok(([(CONTENT_TYPE, "text/event-stream")], Body::new(body)).into_response())
}

/// Feeds a stream until the service ends, the device leaves, its key or it is revoked, or the time is over.
async fn follow(
    app: Arc<App>,
    caller: Caller,
    sender: Sender<Bytes>,
    gone: oneshot::Receiver<Infallible>,
    place: Place,
) {
    let mut ending = app.ending.subscribe();
    let feed = timeout(LASTS, feed(&app, &caller, sender));
    tokio::select! {
        _ = ending.wait_for(|is_ending| *is_ending) => {}
        _ = gone => {}
        fed = feed => if let Ok(Err(fault)) = fed {
            tracing::warn!(fault = fault.name(), "a stream of events ended");
        },
    }
    drop(place);
}

async fn feed(app: &App, caller: &Caller, mut sender: Sender<Bytes>) -> Result<(), Fault> {
    let mut known = BTreeSet::new();
    let mut silent = 0;
    let mut text = "retry: 1000\n\n".to_owned();
    while is_welcome(app, caller).await? {
        news(app, caller, &mut known, &mut text).await?;
        if text.is_empty() && silent >= SILENT {
            text.push_str(": still here\n\n");
        }
        silent = if text.is_empty() {
            silent.saturating_add(1)
        } else {
            0
        };
        let is_gone = !text.is_empty() && {
            let data = Bytes::from(core::mem::take(&mut text));
            sender.send_data(data).await.is_err()
        };
        if is_gone {
            break;
        }
        sleep(PERIOD).await;
    }
    Ok(())
}

/// Whether key and device are still good.
async fn is_welcome(app: &App, caller: &Caller) -> Result<bool, Fault> {
    let key = crate::tables::find::<crate::keys::ApiKey>(&app.vault, &caller.key).await?;
    let is_good = key.is_some_and(|key| key.document.revoked_at.is_none());
    match caller.answerer() {
        Some(answerer) if is_good => answerer.is_active(app).await,
        _ => Ok(false),
    }
}

/// Writes what is new since the last look.
async fn news(
    app: &App,
    caller: &Caller,
    known: &mut BTreeSet<String>,
    text: &mut String,
) -> Result<(), Fault> {
    let Some(answerer) = caller.answerer() else {
        return Ok(());
    };
    let pending = answerer.pending(app).await?;
    let waiting: BTreeSet<_> = pending.iter().map(|stored| stored.key.clone()).collect();
    for stored in pending {
        if !known.contains(&stored.key) {
            write(text, "pending", &PendingApproval::from(stored))?;
        }
    }
    for id in known.difference(&waiting) {
        let ended = approvals::find(app, id).await?;
        let status = ended.map_or(Status::Expired, |stored| stored.document.status);
        write(text, "ended", &json!({ "id": id, "status": status }))?;
    }
    *known = waiting;
    Ok(())
}

/// Writes an event. JSON holds no line feeds, so its data is one line.
fn write(text: &mut String, event: &str, data: &impl Serialize) -> Result<(), Fault> {
    let data = serde_json::to_string(data).map_err(|_| Fault::Record)?;
    for part in ["event: ", event, "\ndata: ", &data, "\n\n"] {
        text.push_str(part);
    }
    Ok(())
}
