#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(any(feature = "std", test))]
extern crate std;

mod decide;
mod memory;
pub mod payment;
mod policy;
mod resync;
mod state;
mod store;
mod verdict;

pub use decide::{Attempt, count_failure, decide};
pub use policy::{GuessingBound, Policy, PolicyError, Settings};
pub use resync::resynchronise;
pub use state::{Lock, State, StateError};
#[cfg(feature = "std")]
pub use store::{AlreadyEnrolled, MemoryStore, MemoryStoreError};
pub use store::{Store, Swap, VerifyError, amend, settle, verify};
pub use verdict::{Acceptance, Decision, NextLock, Outlook, Reason, Refusal, Undecided, Verdict};
