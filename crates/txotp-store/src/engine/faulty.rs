//! A connection that fails when a test wants it to.

use std::sync::{Arc, Mutex, PoisonError};

use crate::StoreError;
use crate::database::{Arg, Connection, Database, Failure, Mode, Record};

/// How a call is interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interruption {
    /// It is refused, and the transaction stands.
    Refused,
    /// It is refused, and the database has undone the transaction by itself, as SQLite does where a disk fails.
    Undone,
    /// Another transaction came between: this one is to begin anew.
    Conflict,
    /// The connection is lost; whatever was open is undone.
    Lost,
    /// It takes place, but the caller is told of an error.
    Done,
    /// It takes place, and then the connection is lost.
    DoneAndLost,
}

impl Interruption {
    pub(crate) const ALL: [Self; 6] = [
        Self::Refused,
        Self::Undone,
        Self::Conflict,
        Self::Lost,
        Self::Done,
        Self::DoneAndLost,
    ];

    /// Whether the engine can begin anew, wherever it comes but at a commit.
    pub(crate) fn can_be_repeated(self) -> bool {
        matches!(self, Self::Conflict | Self::Lost)
    }
}

/// The error that an interruption is told by.
pub(crate) const TOLD: StoreError = StoreError::Database(4711);

/// When a call is interrupted: once.
#[derive(Clone, Debug)]
pub(crate) struct Plan(Arc<Mutex<Planned>>);

#[derive(Debug)]
struct Planned {
    interruption: Interruption,
    calls_before: usize,
    is_over: bool,
    is_at_commit: bool,
}

impl Plan {
    /// Interrupts the call after so many.
    pub(crate) fn after(calls_before: usize, interruption: Interruption) -> Self {
        Self(Arc::new(Mutex::new(Planned {
            interruption,
            calls_before,
            is_over: false,
            is_at_commit: false,
        })))
    }

    /// Whether a call was interrupted.
    pub(crate) fn is_over(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_over
    }

    /// Whether it was a commit that was interrupted.
    pub(crate) fn is_at_commit(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_at_commit
    }

    fn next(&self, is_commit: bool) -> Option<Interruption> {
        let mut planned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if planned.is_over {
            return None;
        }
        if let Some(fewer) = planned.calls_before.checked_sub(1) {
            planned.calls_before = fewer;
            return None;
        }
        planned.is_over = true;
        planned.is_at_commit = is_commit;
        Some(planned.interruption)
    }
}

/// A connection with a plan.
pub(crate) struct Faulty<C> {
    inner: C,
    plan: Plan,
    is_lost: bool,
}

impl<C: Connection> Faulty<C> {
    pub(crate) fn new(inner: C, plan: Plan) -> Self {
        Self {
            inner,
            plan,
            is_lost: false,
        }
    }

    fn call<T>(
        &mut self,
        is_commit: bool,
        call: impl FnOnce(&mut C) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        if self.is_lost {
            return Err(Failure::Lost);
        }
        match self.plan.next(is_commit) {
            None => call(&mut self.inner),
            Some(Interruption::Refused) => Err(TOLD.into()),
            Some(Interruption::Undone) => {
                self.inner.rollback();
                Err(TOLD.into())
            }
            Some(Interruption::Conflict) => {
                self.inner.rollback();
                Err(Failure::Conflict)
            }
            Some(Interruption::Lost) => self.lose(),
            Some(Interruption::Done) => {
                call(&mut self.inner)?;
                Err(TOLD.into())
            }
            Some(Interruption::DoneAndLost) => {
                call(&mut self.inner)?;
                self.lose()
            }
        }
    }

    fn lose<T>(&mut self) -> Result<T, Failure> {
        self.inner.rollback();
        self.is_lost = true;
        Err(Failure::Lost)
    }
}

impl<C: Connection> Database for Faulty<C> {
    fn query(&mut self, sql: &'static str, args: &[Arg<'_>]) -> Result<Vec<Record>, Failure> {
        self.call(false, |inner| inner.query(sql, args))
    }

    fn execute(&mut self, sql: &'static str, args: &[Arg<'_>]) -> Result<u64, Failure> {
        self.call(false, |inner| inner.execute(sql, args))
    }
}

impl<C: Connection> Connection for Faulty<C> {
    fn begin(&mut self, mode: Mode) -> Result<(), Failure> {
        self.call(false, |inner| inner.begin(mode))
    }

    fn commit(&mut self) -> Result<(), Failure> {
        self.call(true, Connection::commit)
    }

    fn rollback(&mut self) {
        self.inner.rollback();
    }

    fn reconnect(&mut self) -> Result<(), Failure> {
        self.is_lost = false;
        self.inner.reconnect()
    }
}
