//! A store in memory, for tests, trials, and verifiers whose devices live no longer than the process.

use core::fmt;
use core::hash::Hash;
use std::collections::HashMap;
use std::string::String;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Store, Swap};
use crate::State;

/// States in memory, correct under threads. They end with the process.
///
/// ```
/// use txotp_verifier::{MemoryStore, State, Store};
///
/// let store = MemoryStore::new();
/// store.enrol("alice's phone".to_owned(), State::new())?;
/// assert_eq!(store.load(&"alice's phone".to_owned())?.failures(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct MemoryStore<D = String> {
    states: Mutex<HashMap<D, State>>,
}

impl<D: Eq + Hash> MemoryStore<D> {
    /// A store without devices.
    #[must_use]
    pub fn new() -> Self {
        Self {
            states: Mutex::new(HashMap::new()),
        }
    }

    /// Adds a device.
    ///
    /// # Errors
    /// [`AlreadyEnrolled`] where it is there: its state, and with it what it has consumed, stays.
    pub fn enrol(&self, device: D, state: State) -> Result<(), AlreadyEnrolled> {
        match self.lock().entry(device) {
            std::collections::hash_map::Entry::Occupied(_) => Err(AlreadyEnrolled),
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(state);
                Ok(())
            }
        }
    }

    /// A state is replaced by one assignment, so a thread that panicked left none half-written.
    fn lock(&self) -> MutexGuard<'_, HashMap<D, State>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<D: Eq + Hash> Default for MemoryStore<D> {
    fn default() -> Self {
        Self::new()
    }
}

impl<D: Eq + Hash> Store for MemoryStore<D> {
    type Device = D;
    type Error = MemoryStoreError;

    fn load(&self, device: &D) -> Result<State, MemoryStoreError> {
        self.lock()
            .get(device)
            .cloned()
            .ok_or(MemoryStoreError::UnknownDevice)
    }

    fn compare_and_set(
        &self,
        device: &D,
        seen: &State,
        next: &State,
    ) -> Result<Swap, MemoryStoreError> {
        let mut states = self.lock();
        let state = states
            .get_mut(device)
            .ok_or(MemoryStoreError::UnknownDevice)?;
        if state != seen {
            return Ok(Swap::Conflict);
        }
        *state = next.clone();
        Ok(Swap::Stored)
    }
}

/// A device of this name is enrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlreadyEnrolled;

impl fmt::Display for AlreadyEnrolled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the device is enrolled already")
    }
}

impl core::error::Error for AlreadyEnrolled {}

/// Why a [`MemoryStore`] has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MemoryStoreError {
    /// No device of this name is enrolled.
    UnknownDevice,
}

impl fmt::Display for MemoryStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownDevice => f.write_str("no such device is enrolled"),
        }
    }
}

impl core::error::Error for MemoryStoreError {}
