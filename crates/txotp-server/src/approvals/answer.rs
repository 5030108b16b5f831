//! Answering: a device lists what waits for its user, and approves or denies it.

use txotp_core::Purpose;
use txotp_store::{DeviceId, Status as DeviceStatus, StoreError};

use super::{Answered, Approval, Decision, Status, ending, find, pending};
use crate::keys::{Caller, Holder};
use crate::tables::{self, Stored};
use crate::{App, Fault};

/// A device, as its key names it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answerer<'a> {
    pub(crate) device: &'a str,
    pub(crate) user: &'a str,
}

impl Caller {
    /// The device whose key it is.
    pub(crate) fn answerer(&self) -> Option<Answerer<'_>> {
        match &self.holder {
            Holder::Application { .. } => None,
            Holder::Device { device, user } => Some(Answerer { device, user }),
        }
    }
}

impl Answerer<'_> {
    /// Whether the device may see and answer at all.
    pub(crate) async fn is_active(&self, app: &App) -> Result<bool, Fault> {
        let device = DeviceId::new(self.device).map_err(|_| Fault::Record)?;
        match app.vault.device(device).await {
            Ok(device) => Ok(device.status == DeviceStatus::Active),
            Err(StoreError::UnknownDevice) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The requests that wait for the user, the oldest first.
    pub(crate) async fn pending(&self, app: &App) -> Result<Vec<Stored<Approval>>, Fault> {
        pending(app, self.user).await
    }

    /// Answers a request: the verdict on the code, the end of the request and the callback that tells of it, all or none.
    pub(crate) async fn answer(
        &self,
        app: &App,
        caller: &Caller,
        id: &str,
        decision: Decision,
        code: &str,
    ) -> Result<Answered, Fault> {
        for _ in 0..tables::TRIES {
            let Some(stored) = find(app, id).await? else {
                return Ok(Answered::Unknown);
            };
            let approval = &stored.document;
            if approval.user != self.user {
                return Ok(Answered::Unknown);
            }
            if approval.status != Status::Pending {
                return Ok(Answered::Ended(approval.status));
            }
            let bound = decision.bind(&approval.transaction()?, &stored.key);
            let digest = bound.map_err(|_| Fault::Record)?.as_transaction().digest();
            let device = DeviceId::new(self.device).map_err(|_| Fault::Record)?;
            let (status, changes) =
                ending(app, &stored, decision.outcome(), Some(self.device)).await?;
            if status == Status::Expired {
                continue;
            }
            let changes = move |_: &DeviceId| Ok(changes.clone());
            let purpose = Purpose::Transaction(digest);
            match app
                .judge_and_write(caller, device, purpose, code, changes)
                .await?
            {
                // Somebody else ended it meanwhile.
                None => {}
                Some(judged) if judged.is_accepted() => {
                    app.outbox.notify_one();
                    return Ok(Answered::Done);
                }
                // The same answer twice at once: what the first has done is told.
                Some(judged) if judged.is_replay() => {
                    let found = find(app, id).await?.map(|stored| stored.document.status);
                    let ended = found.filter(|status| *status != Status::Pending);
                    return Ok(ended.map_or(Answered::CodeRefused, Answered::Ended));
                }
                Some(_) => return Ok(Answered::CodeRefused),
            }
        }
        Err(Fault::Contended)
    }
}
