//! A thread with a connection: runs jobs in transactions, and answers when they are durable.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::{Job, Queue};
use crate::StoreError;
use crate::audit::{Book, Checkpoint};
use crate::database::{Connection, Failure, Mode};
use crate::limits::{CHECKPOINT_EVERY, MAX_ATTEMPTS};
use crate::secrets::Secrets;
use crate::session::Session;

/// What a thread is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Reads only.
    Reader,
    /// Reads only, and what takes no time.
    Looker,
    /// Writes too, up to so many jobs in one transaction.
    Writer { most: usize },
}

pub(crate) struct Worker<C> {
    connection: C,
    secrets: Arc<Secrets>,
    book: Book,
    /// The entry of the book that a checkpoint speaks of.
    checked: u64,
    role: Role,
}

/// How a transaction ended.
enum Ended {
    /// Durable; what each job is told.
    Committed(Vec<Result<(), StoreError>>),
    /// Undone, since one of several jobs failed after it had written: each is to be tried by itself.
    Spoiled,
    /// Undone; nothing of it took place.
    Undone(Failure),
    /// It is not known whether it took place.
    Unknown(StoreError),
}

impl<C: Connection> Worker<C> {
    pub(crate) fn new(
        connection: C,
        secrets: Arc<Secrets>,
        role: Role,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            connection,
            secrets,
            book: Book::new()?,
            checked: 0,
            role,
        })
    }

    /// Works until the queue is closed and empty.
    pub(crate) fn run(mut self, queue: &Queue) {
        let most = match self.role {
            Role::Reader | Role::Looker => 1,
            Role::Writer { most } => most,
        };
        while let Some(jobs) = queue.pop(most) {
            self.settle(jobs);
            if self.book.number().saturating_sub(self.checked) >= CHECKPOINT_EVERY {
                self.checkpoint(false);
            }
        }
        if self.book.number() > 0 {
            self.checkpoint(true);
        }
    }

    fn settle(&mut self, mut jobs: Vec<Box<dyn Job>>) {
        for attempt in 1..=MAX_ATTEMPTS {
            match self.attempt(&mut jobs) {
                Ended::Committed(outcomes) => {
                    for (job, outcome) in jobs.into_iter().zip(outcomes) {
                        job.answer(outcome);
                    }
                    return;
                }
                Ended::Spoiled => {
                    for job in jobs {
                        self.settle(vec![job]);
                    }
                    return;
                }
                Ended::Undone(Failure::Conflict) => pause(attempt),
                Ended::Undone(Failure::Lost) => {
                    if let Err(failure) = self.connection.reconnect() {
                        let error = match failure {
                            Failure::Store(error) => error,
                            Failure::Conflict | Failure::Lost => StoreError::Unreachable,
                        };
                        return answer_all(jobs, error);
                    }
                }
                Ended::Undone(Failure::Store(error)) => return answer_all(jobs, error),
                Ended::Unknown(error) => {
                    answer_all(jobs, error);
                    self.begin_book();
                    // Should this fail, the next transaction finds out.
                    let _ = self.connection.reconnect();
                    return;
                }
            }
        }
        answer_all(jobs, StoreError::Contended);
    }

    /// Runs jobs in one transaction.
    fn attempt(&mut self, jobs: &mut [Box<dyn Job>]) -> Ended {
        let mode = jobs.iter().map(|job| job.mode()).max();
        let mode = mode.unwrap_or(Mode::Read);
        if let Err(failure) = self.connection.begin(mode) {
            self.connection.rollback();
            return Ended::Undone(failure);
        }
        let before = self.book.clone();
        let is_single = jobs.len() == 1;
        let mut outcomes = Vec::with_capacity(jobs.len());
        for job in jobs {
            let (book, secrets) = (&mut self.book, &self.secrets);
            let mut session = Session::new(&mut self.connection, secrets, book, mode);
            match run(job.as_mut(), &mut session) {
                Ok(()) => outcomes.push(Ok(())),
                // It has left no trace, so the others are not concerned.
                Err(Failure::Store(error)) if !session.is_dirty && !is_single => {
                    outcomes.push(Err(error));
                }
                Err(failure) => {
                    self.connection.rollback();
                    self.book = before;
                    return if is_single {
                        Ended::Undone(failure)
                    } else {
                        Ended::Spoiled
                    };
                }
            }
        }
        match self.connection.commit() {
            Ok(()) => Ended::Committed(outcomes),
            Err(failure) => {
                self.connection.rollback();
                self.book = before;
                match failure {
                    Failure::Conflict if !is_single => Ended::Spoiled,
                    Failure::Conflict => Ended::Undone(failure),
                    Failure::Lost => Ended::Unknown(StoreError::Unreachable),
                    Failure::Store(error) => Ended::Unknown(error),
                }
            }
        }
    }

    /// Writes a checkpoint, and ends the book where it is the last. What fails here is done by the next one:
    /// no verdict waits for it.
    fn checkpoint(&mut self, is_last: bool) {
        for attempt in 1..=MAX_ATTEMPTS {
            match self.try_checkpoint(is_last) {
                Ok(()) => {
                    self.checked = self.book.number();
                    return;
                }
                Err(Failure::Conflict) => pause(attempt),
                Err(Failure::Lost | Failure::Store(_)) => return,
            }
        }
    }

    fn try_checkpoint(&mut self, is_last: bool) -> Result<(), Failure> {
        let outcome = self.connection.begin(Mode::Write).and_then(|()| {
            Checkpoint::write(&mut self.connection, &self.secrets, &self.book)?;
            if is_last {
                crate::sql::close_book(&mut self.connection, self.book.id())?;
            }
            self.connection.commit()
        });
        if outcome.is_err() {
            self.connection.rollback();
        }
        outcome
    }

    /// Begins another book, where it is not known how the last one ends. It stays open, so that the next
    /// checkpoints take up what it has.
    fn begin_book(&mut self) {
        // Without entropy the old one goes on, and an entry that is there already makes it fail.
        if let Ok(book) = Book::new() {
            self.book = book;
            self.checked = 0;
        }
    }
}

/// Runs a job. What panics in it is what was lent to the store, such as a key service or a progress: it must not
/// take the thread along, for which others wait. The transaction is undone.
fn run(job: &mut dyn Job, session: &mut Session<'_>) -> Result<(), Failure> {
    let outcome = catch_unwind(AssertUnwindSafe(|| job.run(session)));
    outcome.unwrap_or_else(|_| {
        session.is_dirty = true;
        Err(StoreError::Panicked.into())
    })
}

fn answer_all(jobs: Vec<Box<dyn Job>>, error: StoreError) {
    for job in jobs {
        job.answer(Err(error));
    }
}

/// A moment, longer after each conflict, so that the others come to their end.
fn pause(attempt: u32) {
    thread::sleep(Duration::from_micros(
        u64::from(attempt.min(20)).saturating_mul(200),
    ));
}
