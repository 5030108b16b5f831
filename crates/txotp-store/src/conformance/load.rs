//! What stores are judged with: a payer, storms of attempts, and states at their ends.

use core::fmt;
use std::sync::Barrier;
use std::thread::{self, ScopedJoinHandle};

use txotp_core::{
    Code, DeviceKey, Digest, Digits, MovingFactor, Period, Purpose, Seed, TransactionSuite,
    UnixTime,
};
use txotp_verifier::{Attempt, Policy, Reason, Settings, State, Store, Verdict, verify};

use super::Fault;

/// The callers of a storm: as many as a replay memory holds.
pub(super) const THREADS: usize = 16;

/// A device, and what is tolerated of it.
pub(super) struct Payer {
    key: DeviceKey,
    pub(super) policy: Policy,
    pub(super) now: UnixTime,
}

impl Payer {
    pub(super) fn new() -> Result<Self, Fault> {
        let suite = TransactionSuite::default();
        let seed = Seed::from_bytes(&[7; 32])?;
        Ok(Self {
            key: DeviceKey::new(suite, &seed, None)?,
            policy: Policy::new(&suite, Settings::default())?,
            now: UnixTime::from_seconds(1_700_000_000),
        })
    }

    /// The right code of a transaction.
    pub(super) fn right(&self, number: usize) -> Result<Attempt, Fault> {
        let purpose = Purpose::Transaction(Digest::from_bytes([u8::try_from(number)?; 32]));
        let here = MovingFactor::step(self.now.step(Period::DEFAULT));
        Ok(Attempt {
            purpose,
            code: self.key.code(purpose, here)?,
        })
    }

    /// A code that is none of the window's.
    pub(super) fn wrong(&self) -> Result<Attempt, Fault> {
        Ok(Attempt {
            purpose: Purpose::Login,
            code: Code::parse("00000000", Digits::Eight)?,
        })
    }
}

/// Sends an attempt from each of many threads at once, through each of the handles, and gives why each was refused.
pub(super) fn storm<T: Store<Error: fmt::Debug, Device: Sync> + Sync>(
    payer: &Payer,
    stores: &[T; 2],
    device: &T::Device,
    attempts: &[Attempt],
) -> Result<Vec<Option<Reason>>, Fault> {
    let barrier = Barrier::new(attempts.len());
    let send = |store: &T, attempt| {
        barrier.wait();
        match verify(store, device, &payer.policy, &payer.key, attempt, payer.now) {
            Ok(Verdict::Accepted(_)) => Ok(None),
            Ok(Verdict::Refused(refusal)) => Ok(Some(refusal.reason)),
            Err(error) => Err(Fault::from(format!("a caller was told: {error:?}"))),
        }
    };
    let send = &send;
    thread::scope(|scope| {
        let threads: Vec<_> = attempts
            .iter()
            .zip(stores.iter().cycle())
            .map(|(attempt, store)| scope.spawn(move || send(store, attempt)))
            .collect();
        let join = |thread: ScopedJoinHandle<'_, _>| {
            let panicked = |_| Err(Fault::from("it panicked"));
            thread.join().unwrap_or_else(panicked)
        };
        threads.into_iter().map(join).collect()
    })
}

/// A state that differs from all of another number, and follows those of lower ones: the state of a device that
/// was unlocked so often.
pub(super) fn state_numbered(number: u32) -> State {
    (0..number).fold(State::new(), |state, _| state.unlocked())
}

/// States with each field at its ends, by the layout of [`State`], and one with all of them there. Each has a
/// revision of its own.
pub(super) fn extreme_states() -> Result<Vec<State>, Fault> {
    let most = u64::MAX.to_be_bytes();
    // Sixteen entries of one step, of which each has another tag, below the highest step that was accepted.
    let mut memory = Vec::new();
    for tag in u8::MAX - 15..=u8::MAX {
        memory.extend((u64::MAX - 1).to_be_bytes());
        memory.extend([tag; 16]);
    }
    let (count, next_step): (Field<'_>, Field<'_>) = ((56, &[16]), (40, &most));
    let lock_end = (u64::MAX - 1).to_be_bytes();
    let (slow, fast) = ((-2881_i32).to_be_bytes(), 2881_i32.to_be_bytes());
    let revision = i64::MIN.to_be_bytes();
    let states: [&[Field<'_>]; 12] = [
        &[(1, &[4])],
        &[(2, &[10]), (16, &lock_end)],
        &[(2, &[11]), (16, &most)],
        &[(3, &(-10_i8).to_be_bytes()), (4, &slow)],
        &[(3, &[10]), (4, &fast)],
        &[(24, &most)],
        &[(32, &most)],
        &[next_step],
        &[next_step, (48, &most)],
        &[next_step, count, (64, &memory)],
        &[(8, &revision)],
        &[
            (1, &[4]),
            (2, &[11]),
            (3, &[10]),
            (4, &fast),
            (8, &most),
            (16, &most),
            (24, &most),
            (32, &most),
            next_step,
            (48, &lock_end),
            count,
            (64, &memory),
        ],
    ];
    (1..)
        .zip(states)
        .map(|(revision, fields)| state(revision, fields))
        .collect()
}

/// Where a field begins, and its bytes.
type Field<'a> = (usize, &'a [u8]);

fn state(revision: u64, fields: &[Field<'_>]) -> Result<State, Fault> {
    let mut bytes = State::new().to_bytes();
    let revision = revision.to_be_bytes();
    for (start, field) in [&[(8, &revision[..])], fields].concat() {
        let place = bytes.iter_mut().skip(start).zip(field);
        place.for_each(|(place, byte)| *place = *byte);
    }
    Ok(State::from_bytes(&bytes)?)
}
