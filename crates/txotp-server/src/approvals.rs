//! Approval requests: asked for by an application, answered by a device with a code over the request and the answer.
//!
//! ```text
//!            ┌─ approved   a device's code over the request, its id and "approve" was right
//! pending ───┼─ denied     the same for "deny"
//!            ├─ expired    nobody answered in time, or nobody is left who could
//!            └─ cancelled  the application wants no answer any more
//! ```
//!
//! Each arrow is one commit: the request, compared and set, the callback that tells of it, and where a device answered the
//! verdict on its code. Of all who end a request one does, and what the application hears is what took place. The code
//! of who came too late is not used.

use core::fmt;

use serde::{Deserialize, Serialize};
use txotp_store::{Change, Kind, Status as DeviceStatus, UserId};
use txotp_uri::OwnedTransaction;

use crate::keys::{Caller, Holder};
use crate::tables::{self, Document, Pages, Stored};
use crate::{App, Fault, callbacks};

mod answer;
mod ask;
mod decision;
mod streams;

pub(crate) use answer::Answerer;
pub(crate) use ask::{Ask, AskError, DEFAULT_SECONDS, Logo, Resolution};
pub(crate) use decision::is_reserved;
pub use decision::{DECISION_KEY, Decision, REQUEST_KEY};
pub(crate) use streams::{Full, Place, Streams};

/// The most requests that wait for one user at once.
pub(crate) const MAX_PENDING: usize = 64;
/// The most of them of one application, so that none keeps all others from asking.
pub(crate) const MAX_OF_APPLICATION: usize = 16;
/// How many are looked at at once: that two applications ask at the same moment hides none.
const PAGE: usize = 256;
/// How many are ended at once.
const BATCH: usize = 32;
const DAY: u64 = 86_400;
/// How often it is looked whether somebody is left who could answer a request that never expires, in seconds.
const REVIEW: u64 = DAY;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ApprovalStatus)]
pub(crate) enum Status {
    /// It waits for an answer.
    Pending,
    /// A device approved it.
    Approved,
    /// A device denied it.
    Denied,
    /// Nobody answered in time, or nobody is left who could.
    Expired,
    /// The application took it back.
    Cancelled,
}

impl Status {
    /// The stable name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Who asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Application {
    /// Its name, which all its keys have in common.
    pub(crate) name: String,
    /// The id of the key that it asked with.
    pub(crate) key: String,
}

/// A request.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Approval {
    pub(crate) application: Application,
    pub(crate) user: String,
    pub(crate) message: String,
    pub(crate) details: Vec<(String, String)>,
    pub(crate) hidden_details: Vec<(String, String)>,
    pub(crate) logos: Vec<Logo>,
    pub(crate) created_at: u64,
    /// 0 for never.
    pub(crate) seconds_to_expire: u32,
    pub(crate) status: Status,
    /// When it ended.
    pub(crate) ended_at: Option<u64>,
    /// The device that answered it.
    pub(crate) device: Option<String>,
    /// When what has ended is removed.
    pub(crate) kept_until: Option<u64>,
    /// Of one that never expires: when it is looked next whether somebody is left who could answer.
    #[serde(default)]
    pub(crate) review_at: Option<u64>,
}

impl fmt::Debug for Approval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Approval")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Document for Approval {
    const KIND: Kind = Kind::new("approval");

    /// Whose pending request it is: those that have ended are found by their ids alone.
    fn owner(&self) -> Option<String> {
        (self.status == Status::Pending).then(|| self.user.clone())
    }

    fn due(&self) -> Option<u64> {
        match self.status {
            Status::Pending => self.expires_at().or(self.review_at),
            _ => self.kept_until,
        }
    }
}

impl Approval {
    /// The second from which on it cannot be answered.
    pub(crate) fn expires_at(&self) -> Option<u64> {
        let seconds = u64::from(self.seconds_to_expire);
        (seconds != 0).then(|| self.created_at.saturating_add(seconds))
    }

    /// What it is at a moment, also where nobody has written yet that it is over.
    pub(crate) fn status_at(&self, now: u64) -> Status {
        match self.expires_at() {
            Some(end) if self.status == Status::Pending && end <= now => Status::Expired,
            _ => self.status,
        }
    }

    /// What the user is shown and what is bound with it, without the decision.
    fn transaction(&self) -> Result<OwnedTransaction, Fault> {
        OwnedTransaction::from_parts(
            &self.message,
            self.details.iter().cloned(),
            self.hidden_details.iter().cloned(),
        )
        .map_err(|_| Fault::Record)
    }
}

impl Caller {
    /// The application whose key it is.
    pub(crate) fn application(&self) -> Option<Application> {
        match &self.holder {
            Holder::Application { name, .. } => Some(Application {
                name: name.clone(),
                key: self.key.clone(),
            }),
            Holder::Device { .. } => None,
        }
    }
}

/// What came of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answered {
    /// It is the answer, and that is durable.
    Done,
    /// The code is not one of the device over this request and this decision.
    CodeRefused,
    /// The request had ended before.
    Ended(Status),
    /// The user has no such request.
    Unknown,
}

/// The requests that wait for a user, the oldest first.
async fn pending(app: &App, user: &str) -> Result<Vec<Stored<Approval>>, Fault> {
    let now = app.now()?.seconds();
    let mut pending = tables::of::<Approval>(app, user, None, PAGE).await?;
    pending.retain(|stored| stored.document.status_at(now) == Status::Pending);
    pending.sort_by_key(|stored| stored.document.created_at);
    Ok(pending)
}

/// A request as it is now. One whose time is over is ended by that, durably.
pub(crate) async fn find(app: &App, id: &str) -> Result<Option<Stored<Approval>>, Fault> {
    if !is_id(id) {
        return Ok(None);
    }
    loop {
        let Some(stored) = tables::find::<Approval>(&app.vault, id).await? else {
            return Ok(None);
        };
        let now = app.now()?.seconds();
        if stored.document.status_at(now) == stored.document.status {
            return Ok(Some(stored));
        }
        end(app, &stored, Status::Expired).await?;
    }
}

/// A request of an application, as it is now.
pub(crate) async fn find_of(
    app: &App,
    application: &Application,
    id: &str,
) -> Result<Option<Stored<Approval>>, Fault> {
    let found = find(app, id).await?;
    Ok(found.filter(|stored| stored.document.application.name == application.name))
}

/// Takes a request back. Says what it had become, where it had ended before.
pub(crate) async fn cancel(
    app: &App,
    application: &Application,
    id: &str,
) -> Result<Answered, Fault> {
    if find_of(app, application, id).await?.is_none() {
        return Ok(Answered::Unknown);
    }
    let ended = end_if_pending(app, id, Status::Cancelled).await?;
    Ok(ended.unwrap_or(Answered::Unknown))
}

/// Ends all requests that wait for a user, as expired, with the callbacks that tell of it: for a user whom nobody can answer
/// for any more. Who calls has revoked the devices before. Then none is asked that is not ended here: one that was about to
/// be, with a device that it saw before, finds that its turn has passed, and looks again.
pub(crate) async fn end_all_of(app: &App, user: &UserId) -> Result<(), Fault> {
    ask::pass_turn(app, user).await?;
    let mut pages = Pages::<Approval>::of(user.as_str(), None);
    while let Some(waiting) = pages.next(app).await? {
        for stored in &waiting {
            end_if_pending(app, &stored.key, Status::Expired).await?;
        }
    }
    Ok(())
}

/// Ends a request, if it is pending: tried anew where others changed it and left it so. Gives nothing where there is none.
async fn end_if_pending(app: &App, id: &str, status: Status) -> Result<Option<Answered>, Fault> {
    loop {
        let Some(stored) = find(app, id).await? else {
            return Ok(None);
        };
        if stored.document.status != Status::Pending {
            return Ok(Some(Answered::Ended(stored.document.status)));
        }
        if end(app, &stored, status).await? == Some(status) {
            return Ok(Some(Answered::Done));
        }
    }
}

/// Ends a pending request. Gives what it became, if it was as it had been read.
async fn end(
    app: &App,
    stored: &Stored<Approval>,
    status: Status,
) -> Result<Option<Status>, Fault> {
    let (status, changes) = ending(app, stored, status, None).await?;
    let is_done = tables::write(&app.vault, changes).await?;
    app.outbox.notify_one();
    Ok(is_done.then_some(status))
}

/// What a pending request becomes, and the changes that make it so and hand over the callback that tells of it. Where its time is
/// over at this moment, whatever took so long, it has expired.
async fn ending(
    app: &App,
    stored: &Stored<Approval>,
    status: Status,
    device: Option<&str>,
) -> Result<(Status, Vec<Change>), Fault> {
    let now = app.now()?.seconds();
    let (status, device) = match stored.document.status_at(now) {
        Status::Expired => (Status::Expired, None),
        _ => (status, device),
    };
    let keep = u64::from(app.config.approvals.keep_days).saturating_mul(DAY);
    let mut ended = stored.document.clone();
    ended.status = status;
    ended.ended_at = Some(now);
    ended.device = device.map(str::to_owned);
    ended.kept_until = Some(now.saturating_add(keep));
    let mut changes = vec![stored.replace(&ended)?];
    if let Some(callback) = callbacks::about(app, &stored.key, &ended).await? {
        changes.push(tables::insert(&stored.key, &callback)?);
    }
    Ok((status, changes))
}

/// Ends the requests whose time is over or that nobody can answer, and removes those that were kept long enough.
pub(crate) async fn sweep(app: &App) -> Result<(), Fault> {
    loop {
        let now = app.now()?.seconds();
        let due = tables::due::<Approval>(app, now, BATCH).await?;
        for stored in &due {
            // Where another process was first, it is done.
            match look_after(app, stored, now).await {
                Err(fault) if !fault.is_transient() => stored.set_aside(app, now, fault).await?,
                done => done?,
            }
        }
        if due.len() < BATCH {
            return Ok(());
        }
    }
}

/// Does what is due with a request.
async fn look_after(app: &App, stored: &Stored<Approval>, now: u64) -> Result<(), Fault> {
    let approval = &stored.document;
    let change = if approval.status != Status::Pending {
        stored.remove()
    } else if approval.status_at(now) == Status::Expired {
        end(app, stored, Status::Expired).await?;
        return Ok(());
    } else {
        let user = UserId::new(&approval.user).map_err(|_| Fault::Record)?;
        if !is_answerable(app, &user).await? {
            return end_all_of(app, &user).await;
        }
        let mut reviewed = approval.clone();
        reviewed.review_at = Some(now.saturating_add(REVIEW));
        stored.replace(&reviewed)?
    };
    tables::write(&app.vault, vec![change]).await?;
    Ok(())
}

/// Whether a text is an id as it is given out: a UUID in lower case.
pub(crate) fn is_id(text: &str) -> bool {
    let mut buffer = uuid::Uuid::encode_buffer();
    uuid::Uuid::try_parse(text).is_ok_and(|id| *text == *id.hyphenated().encode_lower(&mut buffer))
}

/// Whether somebody could answer now: a user with an active device.
async fn has_device(app: &App, user: &UserId) -> Result<bool, Fault> {
    let listed = app.vault.devices_of(user.clone()).await?;
    let mut statuses = listed.devices.iter().map(|device| device.status);
    Ok(statuses.any(|status| status == DeviceStatus::Active))
}

/// Whether somebody could answer one day: a device that is suspended may be resumed, a damaged one restored.
async fn is_answerable(app: &App, user: &UserId) -> Result<bool, Fault> {
    let listed = app.vault.devices_of(user.clone()).await?;
    let mut statuses = listed.devices.iter().map(|device| device.status);
    let is_revoked = statuses.all(|status| status == DeviceStatus::Revoked);
    Ok(!is_revoked || !listed.damaged.is_empty())
}
