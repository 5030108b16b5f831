//! The state: all that must be remembered of a device, as a value of fixed size.

use core::fmt;

use txotp_core::{Counter, ReplayTag, Step, UnixTime};

use crate::Policy;
use crate::memory::{CAPACITY, Entry, ReplayMemory};

/// What a verifier remembers of a device. It holds no seed, no code and no digest.
///
/// It encodes to [`State::LEN`] bytes, which begin with a version:
///
/// | bytes | field |
/// | --- | --- |
/// | 0 | version, 1 |
/// | 1 | consecutive failures since the last lock or success |
/// | 2 | locks since the last success |
/// | 3 | drift in steps, signed |
/// | 4–7 | anchor in steps, signed: where the last resynchronisation put the window |
/// | 8–15 | revision: counts changes |
/// | 16–23 | end of the lock in Unix seconds; 0 none, 2⁶⁴−1 permanent |
/// | 24–31 | next acceptable counter |
/// | 32–39 | the bank's Unix time at the last acceptance |
/// | 40–47 | 1 + the highest step that was ever accepted; 0 none |
/// | 48–55 | floor: no step below is ever accepted |
/// | 56 | number of entries in the replay memory, at most 16 |
/// | 57–63 | zero |
/// | 64–447 | 16 entries of a step (8 bytes) and a tag (16); unused ones are zero |
///
/// Integers have their high-order byte first.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct State {
    pub(crate) failures: u8,
    pub(crate) locks: u8,
    pub(crate) lock: Lock,
    pub(crate) drift: i8,
    pub(crate) anchor: i32,
    pub(crate) counter: Counter,
    pub(crate) accepted_at: UnixTime,
    pub(crate) next_step: Step,
    pub(crate) memory: ReplayMemory,
    pub(crate) revision: u64,
}

/// Whether a device is locked, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Lock {
    /// It is not.
    #[default]
    None,
    /// Until a time, which itself is free.
    Until(UnixTime),
    /// Until an administrator unlocks it.
    Permanent,
}

impl Lock {
    /// The lock as it is at a time: a lock that has ended is none.
    #[must_use]
    pub fn at(self, now: UnixTime) -> Self {
        match self {
            Self::Until(end) if end <= now => Self::None,
            lock => lock,
        }
    }
}

impl State {
    /// The number of bytes of an encoded state.
    pub const LEN: usize = 448;

    const VERSION: u8 = 1;

    /// The state of a device that was just enrolled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The state of a device that was just enrolled, with the counter that it begins at.
    #[must_use]
    pub fn with_counter(counter: Counter) -> Self {
        Self {
            counter,
            ..Self::default()
        }
    }

    /// Consecutive failures since the last lock or success.
    #[must_use]
    pub const fn failures(&self) -> u8 {
        self.failures
    }

    /// Locks since the last success.
    #[must_use]
    pub const fn locks(&self) -> u8 {
        self.locks
    }

    /// The last lock, which may have ended: see [`Lock::at`].
    #[must_use]
    pub const fn lock(&self) -> Lock {
        self.lock
    }

    /// The drift that successes have moved, in steps, on its leash.
    #[must_use]
    pub const fn drift(&self) -> i8 {
        self.drift
    }

    /// Where the last resynchronisation put the window, in steps after the bank's.
    #[must_use]
    pub const fn anchor(&self) -> i32 {
        self.anchor
    }

    /// The next acceptable counter.
    #[must_use]
    pub const fn counter(&self) -> Counter {
        self.counter
    }

    /// The bank's time at the last acceptance; the epoch where there was none.
    #[must_use]
    pub const fn accepted_at(&self) -> UnixTime {
        self.accepted_at
    }

    /// How often the state has changed: a store tells two states apart by it.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// The state after an administrator has unlocked the device. What is consumed stays consumed.
    #[must_use]
    pub fn unlocked(&self) -> Self {
        let mut next = self.clone();
        next.clear_failures();
        next.revised()
    }

    /// The state after another device of the same payer has had a success, which ends the payer's run of
    /// failures: they are forgotten, and so are locks that have ended. A lock in force stays. The same state
    /// where there is nothing to forget.
    #[must_use]
    pub fn relieved(&self, now: UnixTime) -> Self {
        let mut next = self.clone();
        next.failures = 0;
        if self.lock.at(now) == Lock::None {
            next.clear_failures();
        }
        if next == *self { next } else { next.revised() }
    }

    /// The state after an administrator has found that the bank's clock was ahead at the last
    /// acceptance: the time of that acceptance is forgotten.
    ///
    /// What is consumed stays consumed. Where the device's clock was ahead too, codes of steps to come
    /// are, so more than 16 of them leave no room until time has caught up, and a resynchronisation
    /// finds nothing before: enrol such a device anew. A lock of that time is lifted by
    /// [`State::unlocked`].
    #[must_use]
    pub fn forgive_clock(&self) -> Self {
        Self {
            accepted_at: UnixTime::default(),
            ..self.clone()
        }
        .revised()
    }

    /// The state to go on with when a store was restored from a backup, which has forgotten what was
    /// consumed since: every step at which the lost state could have accepted a code until now is
    /// closed. Fresh codes are refused as replays for as many steps as drift and window reach ahead.
    ///
    /// Nothing for a suite with a counter, since how far it went is not known: enrol the device anew.
    /// So too where the device was resynchronised after the backup.
    #[must_use]
    pub fn restored(&self, policy: &Policy, now: UnixTime) -> Option<Self> {
        let settings = policy.settings();
        let period = policy
            .suite()
            .period()
            .filter(|_| !policy.suite().has_counter())?;
        let ahead = i64::from(settings.drift_leash)
            .saturating_add(i64::from(settings.window.future()))
            .saturating_add(1);
        let here = now.step(period).offset_by(i64::from(self.anchor));
        let mut next = self.clone();
        next.memory.raise_floor(here.offset_by(ahead));
        next.next_step = next.next_step.max(here.offset_by(ahead));
        Some(next.revised())
    }

    pub(crate) fn clear_failures(&mut self) {
        (self.failures, self.locks, self.lock) = (0, 0, Lock::None);
    }

    /// Where the device's clock is expected to be: the bank's step, moved by anchor and drift, which a
    /// policy may have put on a shorter leash since.
    pub(crate) fn centre(&self, policy: &Policy, here: Step) -> Step {
        let drift = policy.on_leash(self.drift);
        here.offset_by(i64::from(self.anchor).saturating_add(i64::from(drift)))
    }

    /// Counts a change. 2⁶⁴ of them are out of reach.
    pub(crate) fn revised(mut self) -> Self {
        self.revision = self.revision.wrapping_add(1);
        self
    }

    /// The bytes, for a store.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        let mut writer = Writer(&mut bytes);
        let [drift] = self.drift.to_be_bytes();
        writer.put(&[Self::VERSION, self.failures, self.locks, drift]);
        writer.put(&self.anchor.to_be_bytes());
        let lock = match self.lock {
            Lock::None => 0,
            Lock::Until(end) => end.seconds(),
            Lock::Permanent => u64::MAX,
        };
        let (next_step, floor) = (self.next_step.get(), self.memory.floor().get());
        let (counter, accepted_at) = (self.counter.get(), self.accepted_at.seconds());
        for number in [self.revision, lock, counter, accepted_at, next_step, floor] {
            writer.put(&number.to_be_bytes());
        }
        let entries = self.memory.entries();
        let [count, ..] = entries.len().to_le_bytes();
        writer.put(&[count, 0, 0, 0, 0, 0, 0, 0]);
        for entry in entries {
            writer.put(&entry.step.get().to_be_bytes());
            writer.put(entry.tag.as_bytes());
        }
        bytes
    }

    /// Reads the bytes of a state. What no decision leads to is refused, as far as it can be told.
    ///
    /// # Errors
    /// [`StateError`]: nothing is decided on such a row. Whether it was damaged or forged only the
    /// store's own integrity can tell.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StateError> {
        let bytes: &[u8; Self::LEN] = bytes.try_into().map_err(|_| StateError::Length)?;
        let mut reader = Reader(bytes);
        let [version, failures, locks, drift] = reader.take();
        if version != Self::VERSION {
            return Err(StateError::Version);
        }
        let anchor = i32::from_be_bytes(reader.take());
        let mut number = || u64::from_be_bytes(reader.take());
        let (revision, lock, counter) = (number(), number(), number());
        let (accepted_at, next_step, floor) = (number(), number(), number());
        let [count, padding @ ..] = reader.take::<8>();
        let kept = (0..usize::from(count).min(CAPACITY)).map(|_| Entry {
            step: Step::new(u64::from_be_bytes(reader.take())),
            tag: ReplayTag::from_bytes(reader.take()),
        });
        let memory = ReplayMemory::restore(Step::new(floor), kept).ok_or(StateError::Content)?;
        let state = Self {
            failures,
            locks,
            lock: match lock {
                0 => Lock::None,
                u64::MAX => Lock::Permanent,
                end => Lock::Until(UnixTime::from_seconds(end)),
            },
            drift: i8::from_be_bytes([drift]),
            anchor,
            counter: Counter::new(counter),
            accepted_at: UnixTime::from_seconds(accepted_at),
            next_step: Step::new(next_step),
            memory,
            revision,
        };
        let clean = padding == [0; 7] && reader.0.iter().all(|byte| *byte == 0);
        if clean && usize::from(count) <= CAPACITY && state.is_possible() {
            Ok(state)
        } else {
            Err(StateError::Content)
        }
    }

    /// Whether any policy could have led here.
    fn is_possible(&self) -> bool {
        let entries = self.memory.entries();
        let (lowest, highest) = (self.memory.floor(), self.next_step);
        self.failures < 5
            && (self.lock == Lock::None) == (self.locks == 0)
            // No policy lets the eleventh lock end by itself.
            && (self.locks <= 10 || (self.locks == 11 && self.lock == Lock::Permanent))
            && self.drift.unsigned_abs() <= 10
            // One more than the widest resynchronisation: its second code lies a step further.
            && self.anchor.unsigned_abs() <= 2881
            && lowest <= highest
            && entries.iter().all(|entry| entry.step.offset_by(1) <= highest)
            && (1..).zip(entries).all(|(next, entry)| !entries.iter().skip(next).any(|e| e == entry))
    }
}

struct Writer<'a>(&'a mut [u8]);

impl Writer<'_> {
    /// Writes where there is room; the fields fill the state exactly, so there always is.
    fn put(&mut self, bytes: &[u8]) {
        let room = core::mem::take(&mut self.0);
        if let Some((place, rest)) = room.split_at_mut_checked(bytes.len()) {
            place.copy_from_slice(bytes);
            self.0 = rest;
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    /// Takes what is there; the fields fill the state exactly, so nothing is ever missing.
    fn take<const N: usize>(&mut self) -> [u8; N] {
        match self.0.split_first_chunk() {
            Some((field, rest)) => {
                self.0 = rest;
                *field
            }
            None => [0; N],
        }
    }
}

/// Why bytes are no [`State`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateError {
    /// They are not [`State::LEN`] bytes: the row was cut or is another's.
    Length,
    /// Their version is not 1: they were written by a newer release.
    Version,
    /// They hold what no decision leads to: the row was damaged.
    Content,
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "the state is not of the length that states have",
            Self::Version => "the state is of a version that this release does not know",
            Self::Content => "the state holds what no decision leads to",
        })
    }
}

impl core::error::Error for StateError {}
