//! The evidence: entries as they are shown, and the verdicts on a transaction or on a user's codes.

use std::sync::Arc;

use axum::extract::State;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde::{Deserialize, Serialize};
use txotp_store::{DeviceId, Entry, Event};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page;
use super::subject::user_id;
use super::transactions;
use crate::App;
use crate::http::{Auditor, Path, Problem, Query, Shared, kinds};

/// Its routes.
pub(super) fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list_verdicts))
        .routes(routes!(list_transaction_verdicts))
}

/// An entry of the evidence. What says nothing of it is null.
#[derive(Serialize, ToSchema)]
#[schema(as = Entry)]
pub(super) struct EntryView {
    /// Its place among those of its device, from 1.
    number: Option<u64>,
    /// When it happened, in Unix seconds.
    time: u64,
    /// What happened: `device-enrolled`, `verdict`, `resynchronisation`, `failures-cleared`, `status-changed`, `unlocked`,
    /// `clock-forgiven`, `policy-changed`, `restored`, `state-replaced`.
    event: String,
    device: Option<String>,
    user: Option<String>,
    /// Who acted: an API key as `app:name/id`.
    actor: Option<String>,
    /// The suite that the device was enrolled with.
    suite: Option<String>,
    /// The settings that it has from then on, as JSON in a text.
    settings: Option<String>,
    /// The status that it has from then on.
    status: Option<String>,
    /// What the code was for: `login` or `transaction`.
    purpose: Option<String>,
    /// The mark of the transaction: the same for the same transaction, and telling nothing of it.
    digest: Option<String>,
    /// `accepted` or `refused`.
    verdict: Option<String>,
    /// Why it was refused.
    reason: Option<String>,
    /// The step that matched.
    step: Option<u64>,
    /// The counter that matched.
    counter: Option<u64>,
    /// How many steps the match lay after the bank's own.
    drift: Option<i64>,
    /// How many failures were left until the next lock.
    attempts_left: Option<u8>,
    /// The end of the lock in force, in Unix seconds; 2⁶⁴−1 is none.
    locked_until: Option<u64>,
}

impl From<&Entry> for EntryView {
    fn from(entry: &Entry) -> Self {
        let entry = entry.clone();
        Self {
            number: entry.version,
            time: entry.time,
            event: entry.event.name().to_owned(),
            device: entry.device,
            user: entry.user,
            actor: entry.actor,
            suite: entry.suite,
            settings: entry.settings,
            status: entry.status,
            purpose: entry.purpose,
            digest: entry.digest,
            verdict: entry.verdict,
            reason: entry.reason,
            step: entry.step,
            counter: entry.counter,
            drift: entry.drift,
            attempts_left: entry.attempts_left,
            locked_until: entry.locked_until,
        }
    }
}

/// Whose verdicts.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct VerdictsQuery {
    /// The user.
    #[param(min_length = 1, max_length = 128)]
    user: String,
    /// `next` of the page before.
    #[param(min_length = 1, max_length = 256)]
    after: Option<String>,
    /// At most so many; 100.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// Verdicts, device by device, each in their order.
#[derive(Serialize, ToSchema)]
pub(super) struct Verdicts {
    verdicts: Vec<EntryView>,
    /// What to give as `after` for the next page; null where there is none. A page can be empty and have a next one.
    next: Option<String>,
}

/// Lists the verdicts on the codes of a user, of all devices that the user ever had.
#[utoipa::path(
    get, path = "/v1/verdicts", tag = "evidence",
    params(VerdictsQuery),
    responses(
        (status = 200, body = Verdicts, description = "A page"),
        (status = 404, body = Problem, description = "unknown-user"),
    ),
)]
pub(super) async fn list_verdicts(
    State(app): Shared,
    _: Auditor,
    Query(query): Query<VerdictsQuery>,
) -> Result<axum::Json<Verdicts>, Problem> {
    let size = page::size(query.limit)?;
    let bad = |_| Problem::of(&kinds::BAD_QUERY).detail("user is a name");
    let user = user_id(&query.user).map_err(bad)?;
    let from = Place::of(query.after.as_deref())?;
    let listed = app.vault.devices_of(user).await?;
    if listed.devices.is_empty() {
        return Err(Problem::of(&kinds::UNKNOWN_USER));
    }
    let begun = from.as_ref().map(|place| place.device.as_str());
    let left = listed
        .devices
        .iter()
        .filter(|device| begun.is_none_or(|begun| device.id.as_str() >= begun));
    for device in left {
        let after = match &from {
            Some(place) if place.device == device.id.as_str() => place.number,
            _ => 0,
        };
        if after >= device.entries {
            continue;
        }
        // One page of the store is one of the answer, so that a request's work has a limit.
        let entries = app.vault.history(device.id.clone(), after).await?;
        if entries.is_empty() {
            continue;
        }
        return Ok(axum::Json(Verdicts::of(
            device.id.as_str(),
            &entries,
            size,
            is_verdict,
        )));
    }
    Ok(axum::Json(Verdicts::none()))
}

impl Verdicts {
    /// The page that a page of a device's entries makes, and where the next begins.
    fn of(device: &str, entries: &[Entry], size: usize, is_told: impl Fn(&Entry) -> bool) -> Self {
        let read = entries.iter().filter(|entry| is_told(entry)).take(size);
        let found: Vec<_> = read.collect();
        let last = if found.len() == size {
            found.last().copied()
        } else {
            entries.last()
        };
        let place = last.and_then(|entry| entry.version).map(|number| Place {
            device: device.to_owned(),
            number,
        });
        Self {
            verdicts: found.into_iter().map(EntryView::from).collect(),
            next: place.map(|place| place.write()),
        }
    }

    /// The page after the last.
    const fn none() -> Self {
        Self {
            verdicts: Vec::new(),
            next: None,
        }
    }
}

fn is_verdict(entry: &Entry) -> bool {
    matches!(entry.event, Event::Verdict | Event::Resynchronisation)
}

/// Up to where a list was read.
struct Place {
    device: String,
    number: u64,
}

impl Place {
    fn write(&self) -> String {
        Base64UrlUnpadded::encode_string(format!("{} {}", self.number, self.device).as_bytes())
    }

    /// That of a query: `next` of the page before.
    fn of(after: Option<&str>) -> Result<Option<Self>, Problem> {
        let place = after.map(|text| Self::read(text).ok_or(()));
        let bad = |()| Problem::of(&kinds::BAD_QUERY).detail("after is a next that was given");
        place.transpose().map_err(bad)
    }

    fn read(text: &str) -> Option<Self> {
        let text = String::from_utf8(Base64UrlUnpadded::decode_vec(text).ok()?).ok()?;
        let (number, device) = text.split_once(' ')?;
        let number = number.parse().ok()?;
        // No entry of the store has a greater one.
        i64::try_from(number).is_ok().then(|| Self {
            number,
            device: device.to_owned(),
        })
    }
}

/// Which page of the verdicts on a transaction.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// `next` of the page before.
    #[param(min_length = 1, max_length = 256)]
    after: Option<String>,
    /// At most so many; 100.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// Lists the verdicts on codes for a transaction, from its creation to its end.
///
/// The evidence knows a transaction by its content: of two with the same content at the same time each has the verdicts of
/// both. A hidden detail with an id of the payment makes them differ.
#[utoipa::path(
    get, path = "/v1/transactions/{id}/verdicts", tag = "evidence",
    params(("id" = String, Path, description = "The transaction"), PageQuery),
    responses(
        (status = 200, body = Verdicts, description = "A page"),
        (status = 404, body = Problem, description = "unknown-transaction"),
    ),
)]
pub(super) async fn list_transaction_verdicts(
    State(app): Shared,
    _: Auditor,
    Path(id): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<Verdicts>, Problem> {
    let size = page::size(query.limit)?;
    let from = Place::of(query.after.as_deref())?;
    let transaction = transactions::find(&app, &id).await?.document;
    let mark = app
        .vault
        .digest_mark(&transaction.read()?.as_transaction().digest());
    let is_over = |entry: &Entry| entry.time >= transaction.expires_at;
    let is_read =
        |(device, _): &&(String, u64)| from.as_ref().is_some_and(|place| *device != place.device);
    for (device, before) in transaction.devices.iter().skip_while(is_read) {
        let after = match &from {
            Some(place) if place.device == *device => place.number.max(*before),
            _ => *before,
        };
        let id = DeviceId::new(device.as_str()).map_err(|_| crate::Fault::Record)?;
        let entries = app.vault.history(id, after).await?;
        if entries.iter().all(is_over) {
            continue;
        }
        let is_of_it = |entry: &Entry| entry.digest.as_deref() == Some(&*mark) && !is_over(entry);
        return Ok(axum::Json(Verdicts::of(device, &entries, size, is_of_it)));
    }
    Ok(axum::Json(Verdicts::none()))
}
