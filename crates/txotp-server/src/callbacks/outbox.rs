//! What is delivered next: so many callbacks at once, and so few of one application that it keeps no other from its own.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{Id, JoinSet};

use super::{Callback, State, finish};
use crate::tables::{self, Stored};
use crate::{App, Fault, approvals};

/// How often the outbox is looked into where nothing says that there is something new.
const PERIOD: Duration = Duration::from_millis(500);
/// How many are delivered at once by a process.
const AT_ONCE: usize = 64;
/// How many of these may be of one application.
const SHARE: usize = 8;
/// How many of those that are due are looked at at once.
const PAGE: usize = 128;
/// Over how many seconds those are spread that would hide others.
const SPREAD: usize = 30;
/// For how long one is taken beyond the time that its delivery may take, in seconds.
const MARGIN: u64 = 30;

/// Delivers callbacks and ends requests whose time is over, until the service ends; what it began by then it finishes.
pub(crate) async fn run(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    let mut deliveries = Deliveries::default();
    loop {
        if let Err(fault) = begin(&app, &mut deliveries).await {
            tracing::warn!(
                fault = fault.name(),
                "the outbox was not looked into; it is tried again"
            );
        }
        tokio::select! {
            _ = stopped.changed() => break,
            () = app.outbox.notified() => {}
            Some(()) = deliveries.ended() => {}
            () = tokio::time::sleep(PERIOD) => {}
        }
    }
    while deliveries.ended().await.is_some() {}
}

/// Begins the deliveries that there is room for.
async fn begin(app: &Arc<App>, deliveries: &mut Deliveries) -> Result<(), Fault> {
    approvals::sweep(app).await?;
    while deliveries.room() > 0 {
        let now = app.now()?.seconds();
        let due = tables::due::<Callback>(app, now, PAGE).await?;
        let is_last = due.len() < PAGE;
        let (dead, waiting): (Vec<_>, Vec<_>) = due
            .into_iter()
            .partition(|stored| stored.document.state == State::Dead);
        for stored in dead {
            tables::write(&app.vault, vec![stored.remove()]).await?;
        }
        let (next, crowd) = deliveries.share(waiting);
        for stored in next {
            if let Some(taken) = take(app, &stored, now).await? {
                deliveries.begin(app, stored.key, taken);
            }
        }
        if is_last {
            return Ok(());
        }
        spread(app, &crowd, now).await?;
    }
    Ok(())
}

/// The deliveries that are under way.
#[derive(Default)]
struct Deliveries {
    tasks: JoinSet<()>,
    /// For which application each is.
    applications: HashMap<Id, String>,
}

impl Deliveries {
    fn room(&self) -> usize {
        AT_ONCE.saturating_sub(self.tasks.len())
    }

    fn begin(&mut self, app: &Arc<App>, id: String, taken: Callback) {
        let app = Arc::clone(app);
        let application = taken.application.name.clone();
        let task = self
            .tasks
            .spawn(async move { finish(&app, &id, taken).await });
        self.applications.insert(task.id(), application);
    }

    /// Waits until one has ended; gives nothing where none is under way.
    async fn ended(&mut self) -> Option<()> {
        let id = match self.tasks.join_next_with_id().await? {
            Ok((id, ())) => id,
            Err(error) => error.id(),
        };
        self.applications.remove(&id);
        Some(())
    }

    /// Of those that wait, in their order: which are delivered now, and which wait for others of their application. First come
    /// those of applications for which the fewest are under way.
    fn share(
        &self,
        waiting: Vec<Stored<Callback>>,
    ) -> (
        impl Iterator<Item = Stored<Callback>> + use<>,
        Vec<Stored<Callback>>,
    ) {
        let mut before = HashMap::<String, usize>::new();
        for application in self.applications.values() {
            let count = before.entry(application.clone()).or_default();
            *count = count.saturating_add(1);
        }
        let (mut next, mut crowd) = (Vec::new(), Vec::new());
        for stored in waiting {
            let count = before
                .entry(stored.document.application.name.clone())
                .or_default();
            if *count < SHARE {
                next.push((*count, stored));
            } else {
                crowd.push(stored);
            }
            *count = count.saturating_add(1);
        }
        next.sort_by_key(|(before, _)| *before);
        let next = next.into_iter().map(|(_, stored)| stored);
        (next.take(self.room()), crowd)
    }
}

/// Takes a callback for the time of its delivery, unless another process did.
async fn take(app: &App, stored: &Stored<Callback>, now: u64) -> Result<Option<Callback>, Fault> {
    let mut taken = stored.document.clone();
    taken.attempts = taken.attempts.saturating_add(1);
    taken.failure = None;
    let patience = app.config.callbacks.timeout_seconds.saturating_add(MARGIN);
    taken.due = now.saturating_add(patience);
    let is_taken = tables::write(&app.vault, vec![stored.replace(&taken)?]).await?;
    Ok(is_taken.then_some(taken))
}

/// Puts those off that wait for others of their application, where they are so many that they hide who stands behind them. They
/// come again over a while, in their order.
async fn spread(app: &App, crowd: &[Stored<Callback>], now: u64) -> Result<(), Fault> {
    let at_once = crowd.len().div_ceil(SPREAD).max(1);
    let groups = crowd.chunks(at_once).zip(now.saturating_add(1)..);
    let later: Vec<_> = groups
        .flat_map(|(group, due)| group.iter().map(move |stored| (stored, due)))
        .collect();
    for batch in later.chunks(tables::MAX_CHANGES) {
        let mut changes = Vec::with_capacity(batch.len());
        for (stored, due) in batch {
            let mut later = stored.document.clone();
            later.due = *due;
            changes.push(stored.replace(&later)?);
        }
        // Where another process changed one of them, they are looked at anew.
        tables::write(&app.vault, changes).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approvals::Application;

    fn waiting(names: &str) -> Vec<Stored<Callback>> {
        let callback = |(place, name): (usize, char)| {
            let application = Application {
                name: name.to_string(),
                key: String::new(),
            };
            let callback = Callback {
                application,
                body: String::new(),
                state: State::Waiting,
                attempts: 0,
                due: 0,
                created_at: 0,
                failure: None,
            };
            Stored::seen(place.to_string(), callback)
        };
        names.chars().enumerate().map(callback).collect()
    }

    async fn under_way(names: &str) -> Deliveries {
        let mut deliveries = Deliveries::default();
        for name in names.chars() {
            let task = deliveries.tasks.spawn(core::future::pending());
            deliveries.applications.insert(task.id(), name.to_string());
        }
        deliveries
    }

    /// The applications of those that are delivered, and how many wait for others.
    fn shared(deliveries: &Deliveries, names: &str) -> (String, usize) {
        let (next, crowd) = deliveries.share(waiting(names));
        let next = next.map(|stored| stored.document.application.name);
        (next.collect(), crowd.len())
    }

    #[tokio::test]
    async fn who_has_the_fewest_under_way_comes_first() {
        let none = under_way("").await;
        assert_eq!(shared(&none, ""), (String::new(), 0));
        assert_eq!(shared(&none, "aaabbc"), ("abcaba".to_owned(), 0));
        let busy = under_way("aab").await;
        assert_eq!(shared(&busy, "aaabbc"), ("cbabaa".to_owned(), 0));
    }

    #[tokio::test]
    async fn nobody_has_more_than_a_share() {
        let none = under_way("").await;
        let many = format!("{}b", "a".repeat(20));
        let expected = format!("ab{}", "a".repeat(SHARE - 1));
        assert_eq!(shared(&none, &many), (expected, 20 - SHARE));
        let full = under_way(&"a".repeat(SHARE)).await;
        assert_eq!(shared(&full, &many), ("b".to_owned(), 20));
    }

    #[tokio::test]
    async fn no_more_begin_than_there_is_room_for() {
        let others: String = ('A'..).take(AT_ONCE - 1).collect();
        let almost = under_way(&others).await;
        assert_eq!(shared(&almost, "123"), ("1".to_owned(), 0));
    }

    #[tokio::test]
    async fn who_has_ended_makes_room() {
        let mut deliveries = Deliveries::default();
        let done = deliveries.tasks.spawn(async {});
        let panicked = deliveries.tasks.spawn(async { panic!("as a test") });
        for task in [done, panicked] {
            deliveries.applications.insert(task.id(), "a".to_owned());
        }
        assert_eq!(deliveries.room(), AT_ONCE - 2);
        while deliveries.ended().await.is_some() {}
        assert_eq!(deliveries.room(), AT_ONCE);
        assert!(deliveries.applications.is_empty());
    }
}
