//! What is over is removed, so that the store does not grow without end.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::idempotency::Answered;
use crate::native::Transaction;
use crate::sms::Allowance;
use crate::sms::codes::Sent;
use crate::stepup::Session;
use crate::tables::{self, Document};
use crate::{App, Fault};

/// How often it is looked after.
const PERIOD: Duration = Duration::from_secs(60);
/// How many are removed at once: the most changes that a list may have.
const BATCH: usize = 32;

/// Removes what is over, until the service ends. Several processes do so at once without harm.
pub(crate) async fn run(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    loop {
        app.quotas.forget();
        if let Err(fault) = sweep(&app).await {
            tracing::warn!(
                fault = fault.name(),
                "what is over was not removed; it is tried again"
            );
        }
        tokio::select! {
            _ = stopped.changed() => return,
            () = tokio::time::sleep(PERIOD) => {}
        }
    }
}

/// Removes all documents of each kind that are over.
async fn sweep(app: &App) -> Result<(), Fault> {
    remove::<Answered>(app).await?;
    remove::<Transaction>(app).await?;
    remove::<Allowance>(app).await?;
    remove::<Sent>(app).await?;
    remove::<Session>(app).await
}

/// Removes the documents of a kind that are due.
pub(crate) async fn remove<D: Document>(app: &App) -> Result<(), Fault> {
    loop {
        let now = app.now()?.seconds();
        let over = tables::due::<D>(app, now, BATCH).await?;
        let is_last = over.len() < BATCH;
        for stored in over {
            // One at a time: where another process was first, the others of the list are still removed.
            tables::write(&app.vault, vec![stored.remove()]).await?;
        }
        if is_last {
            return Ok(());
        }
    }
}
