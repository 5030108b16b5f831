//! Judges a store that others wrote: whether it keeps what [`Store`] promises.
//!
//! Implement [`Subject`] for it, call [`judge`], and read the [`Report`].
//!
//! | check | what is promised |
//! | --- | --- |
//! | [`UNKNOWN_DEVICE`] | a device that was not enrolled has no state, and gets none |
//! | [`ROUND_TRIP`] | every field of a state comes back as it was, at its ends too |
//! | [`CONFLICT`] | a state that is not the one that was seen is not replaced, and the caller is told |
//! | [`DEVICES_APART`] | a device's state is its own, however devices are named |
//! | [`SINGLE_USE`] | of many callers with one valid code one is accepted |
//! | [`ATTEMPTS_COUNTED`] | many callers with wrong codes have the attempts of the policy, and no more |
//! | [`NO_UPDATE_LOST`] | of many right codes at once each is accepted, and each is remembered |
//! | [`DURABLE_WHEN_STORED`] | what was answered as stored is seen by another handle |
//! | [`SEEN_WHEN_DURABLE`] | what one handle shows another shows too |
//! | [`SURVIVES_A_CRASH`] | what was answered is there after a crash |
//!
//! A store that passes is not proven: threads meet by chance, and power fails in more ways than a process. One that
//! fails is broken.
//!
//! ```
//! use std::sync::Arc;
//!
//! use txotp_store::conformance::{Fault, Subject, judge};
//! use txotp_verifier::{MemoryStore, MemoryStoreError, State, Store, Swap};
//!
//! /// What the processes of a bank would share.
//! #[derive(Default)]
//! struct Shelf(Arc<MemoryStore<u32>>);
//!
//! struct Handle(Arc<MemoryStore<u32>>);
//!
//! impl Store for Handle {
//!     type Device = u32;
//!     type Error = MemoryStoreError;
//!
//!     fn load(&self, device: &u32) -> Result<State, MemoryStoreError> {
//!         self.0.load(device)
//!     }
//!
//!     fn compare_and_set(&self, device: &u32, seen: &State, next: &State) -> Result<Swap, MemoryStoreError> {
//!         self.0.compare_and_set(device, seen, next)
//!     }
//! }
//!
//! impl Subject for Shelf {
//!     type Store = Handle;
//!     type Device = u32;
//!
//!     fn open(&self) -> Result<Handle, Fault> {
//!         Ok(Handle(Arc::clone(&self.0)))
//!     }
//!
//!     fn enrol(&self, store: &Handle, number: u32) -> Result<u32, Fault> {
//!         store.0.enrol(number, State::new())?;
//!         Ok(number)
//!     }
//!
//!     fn unknown(&self) -> u32 {
//!         u32::MAX
//!     }
//! }
//!
//! let report = judge(&Shelf::default());
//! assert!(report.is_conformant(), "{report}");
//! ```

use core::fmt;

use txotp_verifier::Store;

mod checks;
mod load;

/// A store under judgement.
pub trait Subject: Sync {
    /// A handle of the store, which threads share.
    type Store: Store<Device = Self::Device, Error: fmt::Debug> + Sync;
    /// What names a device.
    type Device: Sync;

    /// Opens the store as a process does that just began: the handles of two calls share what is stored, and
    /// nothing else.
    ///
    /// # Errors
    /// Why it cannot be opened: every check that needed it fails with this.
    fn open(&self) -> Result<Self::Store, Fault>;

    /// Enrols a device in the state [`State::new`](txotp_verifier::State::new). No number is given twice.
    ///
    /// # Errors
    /// Why it cannot be enrolled.
    fn enrol(&self, store: &Self::Store, number: u32) -> Result<Self::Device, Fault>;

    /// Names a device that is not enrolled.
    fn unknown(&self) -> Self::Device;

    /// Enrols devices whose names are at the limits: the shortest, the longest, such that differ in the last byte or
    /// in the case of a letter. None, where all names are alike.
    ///
    /// # Errors
    /// Why one cannot be enrolled.
    fn enrol_unusual(&self, store: &Self::Store) -> Result<Vec<Self::Device>, Fault> {
        let _ = store;
        Ok(Vec::new())
    }

    /// Takes a handle away as a crash does: nothing that it would do at its end may be done. The handle is leaked,
    /// unless a subject knows a harder way, such as to kill a process.
    fn crash(&self, store: Self::Store) {
        core::mem::forget(store);
    }
}

/// Why a check failed.
pub type Fault = Box<dyn core::error::Error + Send + Sync>;

/// A device that was not enrolled has no state, and gets none.
pub const UNKNOWN_DEVICE: &str = "unknown-device";
/// Every field of a state comes back as it was, at its ends too.
pub const ROUND_TRIP: &str = "round-trip";
/// A state that is not the one that was seen is not replaced, and the caller is told.
pub const CONFLICT: &str = "conflict";
/// A device's state is its own, however devices are named.
pub const DEVICES_APART: &str = "devices-apart";
/// Of many callers with one valid code one is accepted.
pub const SINGLE_USE: &str = "single-use";
/// Many callers with wrong codes have the attempts of the policy, and no more.
pub const ATTEMPTS_COUNTED: &str = "attempts-counted";
/// Of many right codes at once each is accepted, and each is remembered.
pub const NO_UPDATE_LOST: &str = "no-update-lost";
/// What was answered as stored is seen by another handle.
pub const DURABLE_WHEN_STORED: &str = "durable-when-stored";
/// What one handle shows another shows too.
pub const SEEN_WHEN_DURABLE: &str = "seen-when-durable";
/// What was answered is there after a crash.
pub const SURVIVES_A_CRASH: &str = "survives-a-crash";

/// What came of one check.
#[derive(Debug)]
pub struct Outcome {
    /// The stable name of the check, one of the constants of this module.
    pub check: &'static str,
    /// Why it failed, if it did.
    pub fault: Option<Fault>,
}

/// What came of every check, in the order in which they were made.
#[derive(Debug)]
pub struct Report {
    /// One for each check.
    pub outcomes: Vec<Outcome>,
}

impl Report {
    /// Whether every check was passed.
    #[must_use]
    pub fn is_conformant(&self) -> bool {
        self.failed().next().is_none()
    }

    /// The names of the checks that failed.
    pub fn failed(&self) -> impl Iterator<Item = &'static str> + '_ {
        let failed = self
            .outcomes
            .iter()
            .filter(|outcome| outcome.fault.is_some());
        failed.map(|outcome| outcome.check)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Outcome { check, fault } in &self.outcomes {
            match fault {
                None => writeln!(f, "{check}: ok")?,
                Some(fault) => writeln!(f, "{check}: {fault}")?,
            }
        }
        Ok(())
    }
}

/// Makes every check of a store. A store that panics fails the check.
#[must_use]
pub fn judge<S: Subject>(subject: &S) -> Report {
    let outcomes = checks::all().map(|(check, run)| {
        // In a thread of its own, where a panic ends no more than the check.
        let ended = std::thread::scope(|scope| scope.spawn(|| run(subject)).join());
        let fault = match ended {
            Ok(Ok(())) => None,
            Ok(Err(fault)) => Some(fault),
            Err(_) => Some(Fault::from("it panicked")),
        };
        Outcome { check, fault }
    });
    Report {
        outcomes: outcomes.into(),
    }
}
