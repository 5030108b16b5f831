//! The operations that wait, in their order.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::Job;
use crate::StoreError;
use crate::limits::MAX_WAITING;

/// A bounded queue from many callers to the threads of a database, or of a key service.
pub(crate) struct Queue<T = Box<dyn Job>> {
    waiting: Mutex<Waiting<T>>,
    changed: Condvar,
}

struct Waiting<T> {
    jobs: VecDeque<T>,
    is_closed: bool,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            waiting: Mutex::new(Waiting {
                jobs: VecDeque::new(),
                is_closed: false,
            }),
            changed: Condvar::new(),
        }
    }
}

impl<T> Queue<T> {
    /// Adds a job.
    ///
    /// # Errors
    /// Where 4096 wait already, or the queue was closed; with the job, to be answered.
    pub(crate) fn push(&self, job: T) -> Result<(), (StoreError, T)> {
        let mut waiting = self.lock();
        if waiting.is_closed {
            return Err((StoreError::Stopped, job));
        }
        if waiting.jobs.len() >= MAX_WAITING {
            return Err((StoreError::Overloaded, job));
        }
        waiting.jobs.push_back(job);
        drop(waiting);
        self.changed.notify_one();
        Ok(())
    }

    /// Takes up to so many jobs, waiting for the first; nothing when the queue is closed and empty.
    pub(crate) fn pop(&self, most: usize) -> Option<Vec<T>> {
        let mut waiting = self.lock();
        while waiting.jobs.is_empty() {
            if waiting.is_closed {
                return None;
            }
            let woken = self.changed.wait(waiting);
            waiting = woken.unwrap_or_else(PoisonError::into_inner);
        }
        let count = waiting.jobs.len().min(most);
        Some(waiting.jobs.drain(..count).collect())
    }

    /// Accepts no more; what waits is still done.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    /// A job is moved in and out whole, so a thread that panicked left nothing half-done.
    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
