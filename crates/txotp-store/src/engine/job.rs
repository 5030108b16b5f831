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

/// Who waits for an answer.
pub(crate) struct Caller<T>(oneshot::Sender<Result<T, StoreError>>);

impl<T> Caller<T> {
    /// Tells it. One that went away does not want to know.
    pub(crate) fn answer(self, answer: Result<T, StoreError>) {
        let _ = self.0.send(answer);
    }
}

impl<T> Ticket<T> {
    /// A ticket, and the other end of it.
    pub(crate) fn new() -> (Caller<T>, Self) {
        let (caller, ticket) = oneshot::channel();
        (Caller(caller), Self(ticket))
    }

    /// Blocks until the answer is there: for callers without an executor.
    ///
    /// # Errors
    /// [`StoreError`]: that of the operation, or [`StoreError::Stopped`] where the store was closed before.
    pub fn wait(self) -> Result<T, StoreError> {
        self.0.recv().unwrap_or(Err(StoreError::Stopped))
    }

    /// An answer that is there already.
    pub(crate) fn ready(answer: Result<T, StoreError>) -> Self {
        let (caller, ticket) = Self::new();
        caller.answer(answer);
        ticket
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
    caller: Caller<T>,
}

/// Makes an operation and the ticket for it.
pub(crate) fn task<T, F>(mode: Mode, work: F) -> (Box<dyn Job>, Ticket<T>)
where
    T: Send + 'static,
    F: FnMut(&mut Session<'_>) -> Result<T, Failure> + Send + 'static,
{
    let (caller, ticket) = Ticket::new();
    let task = Task {
        mode,
        work,
        found: None,
        caller,
    };
    (Box::new(task), ticket)
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
        caller.answer(outcome.and_then(|()| found.ok_or(StoreError::Stopped)));
    }
}
