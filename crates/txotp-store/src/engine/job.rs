//! Operations as they wait, and the tickets that their callers hold.

use core::future::{Future, IntoFuture};
use core::pin::Pin;
use core::task::{Context, Poll};

use crate::StoreError;
use crate::database::{Failure, Mode};
use crate::session::Session;

/// An answer to come: to block on, or to await.
///
/// The operation takes place whether or not anybody waits for it.
#[derive(Debug)]
#[must_use = "the operation takes place, but nobody learns how it ended"]
pub struct Ticket<T>(oneshot::Receiver<Result<T, StoreError>>);

impl<T> Ticket<T> {
    /// Blocks until the answer is there: for callers without an executor.
    ///
    /// # Errors
    /// [`StoreError`]: that of the operation, or [`StoreError::Stopped`] where the store was closed before.
    pub fn wait(self) -> Result<T, StoreError> {
        self.0.recv().unwrap_or(Err(StoreError::Stopped))
    }

    /// An answer that is there already.
    pub(crate) fn ready(answer: Result<T, StoreError>) -> Self {
        let (sender, receiver) = oneshot::channel();
        // The receiver is here, so it is not gone.
        let _ = sender.send(answer);
        Self(receiver)
    }
}

impl<T> IntoFuture for Ticket<T> {
    type Output = Result<T, StoreError>;
    type IntoFuture = Awaited<T>;

    fn into_future(self) -> Awaited<T> {
        Awaited(self.0.into_future())
    }
}

/// A [`Ticket`] that is awaited.
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct Awaited<T>(oneshot::AsyncReceiver<Result<T, StoreError>>);

impl<T> Future for Awaited<T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = Pin::new(&mut self.0).poll(context);
        answer.map(|answer| answer.unwrap_or(Err(StoreError::Stopped)))
    }
}

/// An operation that waits for a thread.
pub(crate) trait Job: Send {
    fn mode(&self) -> Mode;

    /// Does the work in an open transaction. It may be called again: where another operation came between,
    /// or one of the same transaction failed.
    fn run(&mut self, session: &mut Session<'_>) -> Result<(), Failure>;

    /// Tells the caller: on success what the last run found.
    fn answer(self: Box<Self>, outcome: Result<(), StoreError>);
}

struct Task<T, F> {
    mode: Mode,
    work: F,
    found: Option<T>,
    caller: oneshot::Sender<Result<T, StoreError>>,
}

/// Makes an operation and the ticket for it.
pub(crate) fn task<T, F>(mode: Mode, work: F) -> (Box<dyn Job>, Ticket<T>)
where
    T: Send + 'static,
    F: FnMut(&mut Session<'_>) -> Result<T, Failure> + Send + 'static,
{
    let (caller, ticket) = oneshot::channel();
    let task = Task {
        mode,
        work,
        found: None,
        caller,
    };
    (Box::new(task), Ticket(ticket))
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnMut(&mut Session<'_>) -> Result<T, Failure> + Send,
{
    fn mode(&self) -> Mode {
        self.mode
    }

    fn run(&mut self, session: &mut Session<'_>) -> Result<(), Failure> {
        self.found = None;
        self.found = Some((self.work)(session)?);
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), StoreError>) {
        let Self { found, caller, .. } = *self;
        // A caller that went away does not want to know.
        let _ = caller.send(outcome.and_then(|()| found.ok_or(StoreError::Stopped)));
    }
}
