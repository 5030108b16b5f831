//! The store: where states live between decisions.

use core::fmt;

use txotp_core::{DeviceKey, UnixTime};

use crate::{Attempt, Decision, Policy, State, Undecided, Verdict, decide};

#[cfg(feature = "std")]
mod memory;
#[cfg(feature = "std")]
pub use memory::{AlreadyEnrolled, MemoryStore, MemoryStoreError};

/// Remembers the state of every device.
///
/// The two calls are all that single use rests on, so a store must keep to this:
/// - [`Store::load`] gives only what is durable. A state that a crash could take back must not be
///   seen.
/// - [`Store::compare_and_set`] replaces the state only where it is still the one that was seen, as one
///   step among all threads, processes and machines, and returns [`Swap::Stored`] only when the new
///   state is durable.
/// - An error says that it is not known whether the state was replaced. The caller refuses.
pub trait Store {
    /// What names a device.
    type Device: ?Sized;
    /// What can go wrong.
    type Error;

    /// The state of a device.
    ///
    /// # Errors
    /// Where it cannot be known; an unknown device is an error too.
    fn load(&self, device: &Self::Device) -> Result<State, Self::Error>;

    /// Replaces the state that was seen with the next one, if it is still there. States of one device
    /// differ where their [`State::revision`] does.
    ///
    /// # Errors
    /// Where it is not known whether the state was replaced.
    fn compare_and_set(
        &self,
        device: &Self::Device,
        seen: &State,
        next: &State,
    ) -> Result<Swap, Self::Error>;
}

/// What a [`Store::compare_and_set`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swap {
    /// The state was replaced, and is durable.
    Stored,
    /// Another state was there, and nothing was done.
    Conflict,
}

/// How often a decision is made anew because another attempt came between.
///
/// Each conflict is a change that another attempt made, and a device allows few: its failures until a
/// lock, and one for each right code.
const MAX_CONFLICTS: u32 = 1000;

/// Judges an attempt: decides, stores, and only then answers.
///
/// # Errors
/// [`VerifyError`]. In every case the caller refuses.
pub fn verify<S: Store>(
    store: &S,
    device: &S::Device,
    policy: &Policy,
    key: &DeviceKey,
    attempt: &Attempt,
    now: UnixTime,
) -> Result<Verdict, VerifyError<S::Error>> {
    settle(store, device, |state| {
        decide(policy, key, state, attempt, now)
    })
}

/// Makes any decision durable before its verdict leaves: an attempt, or a resynchronisation.
///
/// The decision is made anew where another came between, so it must be pure. One that changes nothing
/// is answered from the state that was loaded.
///
/// # Errors
/// [`VerifyError`]. In every case the caller refuses.
pub fn settle<S: Store>(
    store: &S,
    device: &S::Device,
    decision: impl Fn(&State) -> Result<Decision, Undecided>,
) -> Result<Verdict, VerifyError<S::Error>> {
    replace(store, device, |state| {
        let Decision { verdict, next } = decision(state)?;
        Ok((verdict, next))
    })
}

/// Makes an administrative act durable, such as [`State::unlocked`].
///
/// # Errors
/// [`VerifyError`]. Whether the act took place is known only from the state.
///
/// ```
/// use txotp_verifier::{MemoryStore, State, amend};
///
/// let store = MemoryStore::new();
/// store.enrol("device", State::new())?;
/// amend(&store, &"device", State::unlocked)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn amend<S: Store>(
    store: &S,
    device: &S::Device,
    act: impl Fn(&State) -> State,
) -> Result<(), VerifyError<S::Error>> {
    replace(store, device, |state| Ok(((), act(state))))
}

/// Loads, derives and stores, anew where another change came between.
fn replace<S: Store, T>(
    store: &S,
    device: &S::Device,
    derive: impl Fn(&State) -> Result<(T, State), Undecided>,
) -> Result<T, VerifyError<S::Error>> {
    for _ in 0..MAX_CONFLICTS {
        let seen = store.load(device).map_err(VerifyError::Store)?;
        let (answer, next) = derive(&seen).map_err(VerifyError::Undecided)?;
        if next == seen {
            return Ok(answer);
        }
        let swap = store.compare_and_set(device, &seen, &next);
        match swap.map_err(VerifyError::Store)? {
            Swap::Stored => return Ok(answer),
            Swap::Conflict => {}
        }
    }
    Err(VerifyError::Contended)
}

/// Why there is no verdict. The caller refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError<E> {
    /// The store failed. Whether the attempt was counted is not known.
    Store(E),
    /// The arguments or the clock let nothing be decided. The attempt was not counted.
    Undecided(Undecided),
    /// Other attempts came between, a thousand times. The attempt was not counted.
    Contended,
}

impl<E: fmt::Display> fmt::Display for VerifyError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => write!(f, "the store failed: {error}"),
            Self::Undecided(why) => why.fmt(f),
            Self::Contended => f.write_str("other attempts came between too often"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for VerifyError<E> {}
