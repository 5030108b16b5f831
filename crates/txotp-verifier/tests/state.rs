//! States as rows (specification S10.8): what no decision leads to is refused; and what forgives failures.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs,
    reason = "a test that panics has failed"
)]

use txotp_core::{Code, Counter, DeviceKey, Digits, Purpose, Seed, TransactionSuite, UnixTime};
use txotp_verifier::{
    Attempt, Lock, NextLock, Policy, Reason, Refusal, Settings, State, StateError, Verdict,
    count_failure, decide,
};

const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

fn after(seconds: u64) -> UnixTime {
    UnixTime::from_seconds(NOW.seconds() + seconds)
}

/// A row, field by field as the documentation of `State` has them.
#[derive(Clone)]
struct Row([u8; State::LEN]);

impl Row {
    fn new() -> Self {
        Self(State::new().to_bytes())
    }

    fn byte(mut self, at: usize, value: u8) -> Self {
        self.0[at] = value;
        self
    }

    fn anchor(mut self, steps: i32) -> Self {
        self.0[4..8].copy_from_slice(&steps.to_be_bytes());
        self
    }

    fn number(mut self, at: usize, value: u64) -> Self {
        self.0[at..at + 8].copy_from_slice(&value.to_be_bytes());
        self
    }

    fn locked(self, locks: u8, end: u64) -> Self {
        self.byte(2, locks).number(16, end)
    }

    /// The highest step that was accepted, and the floor.
    fn steps(self, highest: u64, floor: u64) -> Self {
        self.number(40, highest + 1).number(48, floor)
    }

    /// Entries of a step and the first byte of a tag.
    fn entries(mut self, entries: &[(u64, u8)]) -> Self {
        self.0[56] = u8::try_from(entries.len()).unwrap();
        for (place, (step, tag)) in entries.iter().enumerate() {
            self = self.number(64 + 24 * place, *step);
            self.0[72 + 24 * place] = *tag;
        }
        self
    }

    fn read(&self) -> Result<State, StateError> {
        State::from_bytes(&self.0)
    }

    fn assert_possible(&self) {
        assert_eq!(self.read().unwrap().to_bytes(), self.0);
    }

    fn assert_impossible(&self) {
        assert_eq!(self.read(), Err(StateError::Content));
    }
}

#[test]
fn failures_and_locks_are_those_that_a_policy_allows() {
    Row::new().byte(1, 4).assert_possible();
    Row::new().byte(1, 5).assert_impossible();
    let permanent = u64::MAX;
    for (locks, end) in [
        (1, 1),
        (10, NOW.seconds()),
        (10, permanent),
        (11, permanent),
    ] {
        Row::new().locked(locks, end).assert_possible();
    }
    // A lock that was not counted, a count without a lock, one too many.
    for (locks, end) in [(0, 1), (0, permanent), (1, 0), (11, 1), (12, permanent)] {
        Row::new().locked(locks, end).assert_impossible();
    }
}

#[test]
fn drift_and_anchor_are_within_the_widest_policy() {
    for drift in [-10i8, 10] {
        Row::new().byte(3, drift.to_be_bytes()[0]).assert_possible();
    }
    for drift in [-11i8, 11, i8::MIN] {
        Row::new()
            .byte(3, drift.to_be_bytes()[0])
            .assert_impossible();
    }
    for anchor in [-2881, 2881] {
        Row::new().anchor(anchor).assert_possible();
    }
    for anchor in [-2882, 2882, i32::MIN] {
        Row::new().anchor(anchor).assert_impossible();
    }
}

#[test]
fn what_is_remembered_lies_between_the_floor_and_the_highest_step() {
    let row = Row::new().steps(100, 50);
    row.assert_possible();
    Row::new().steps(100, 101).assert_possible();
    Row::new().steps(100, 102).assert_impossible();
    for entries in [&[(50, 1)][..], &[(100, 1)], &[(100, 1), (100, 2), (99, 1)]] {
        row.clone().entries(entries).assert_possible();
    }
    for entries in [&[(49, 1)][..], &[(101, 1)], &[(50, 1), (49, 1)]] {
        row.clone().entries(entries).assert_impossible();
    }
}

#[test]
fn nothing_is_remembered_twice_and_at_most_16_are() {
    let row = Row::new().steps(100, 50);
    row.clone().entries(&[(60, 1), (60, 1)]).assert_impossible();
    let distant = [(60, 1), (61, 1), (62, 1), (60, 1)];
    row.clone().entries(&distant).assert_impossible();
    let sixteen: Vec<_> = (60..76).map(|step| (step, 1)).collect();
    let full = row.entries(&sixteen);
    full.assert_possible();
    full.byte(56, 17).assert_impossible();
}

#[test]
fn its_parts_are_those_of_the_row() {
    let row = Row::new().byte(1, 3).byte(3, 7).anchor(-9).locked(2, 77);
    let row = row.number(8, 11).number(24, 13).number(32, 17);
    let state = row.read().unwrap();
    assert_eq!((state.failures(), state.locks()), (3, 2));
    assert_eq!((state.drift(), state.anchor()), (7, -9));
    assert_eq!(state.lock(), Lock::Until(UnixTime::from_seconds(77)));
    assert_eq!((state.revision(), state.counter()), (11, Counter::new(13)));
    assert_eq!(state.accepted_at(), UnixTime::from_seconds(17));
}

/// Another device's success ends a run of failures, and lifts what has ended; S10.19.
#[test]
fn a_success_elsewhere_forgives_failures_and_locks_that_have_ended() {
    let end = NOW.seconds();
    let relieved = |row: Row, now| {
        let before = row.read().unwrap();
        let state = before.relieved(now);
        let changes = state.revision() - before.revision();
        (state.failures(), state.locks(), state.lock(), changes)
    };
    let free = (0, 0, Lock::None);
    let (failed, locked) = (Row::new().byte(1, 3), Row::new().locked(2, end));
    assert_eq!(relieved(Row::new(), NOW), (free.0, free.1, free.2, 0));
    assert_eq!(relieved(failed, NOW), (free.0, free.1, free.2, 1));
    assert_eq!(relieved(locked.clone(), NOW), (free.0, free.1, free.2, 1));
    // A lock in force stays, and so does a permanent one; failures beside them go.
    let before = UnixTime::from_seconds(end - 1);
    let until = Lock::Until(NOW);
    assert_eq!(relieved(locked.clone(), before), (0, 2, until, 0));
    assert_eq!(relieved(locked.byte(1, 3), before), (0, 2, until, 1));
    let permanent = Row::new().locked(3, u64::MAX).byte(1, 1);
    assert_eq!(relieved(permanent, NOW), (0, 3, Lock::Permanent, 1));
}

#[test]
fn a_failure_counted_without_comparing_is_the_failure_of_a_wrong_code() {
    let suite = TransactionSuite::default();
    let key = DeviceKey::new(suite, &Seed::from_bytes(&[7; 32]).unwrap(), None).unwrap();
    let policy = Policy::new(&suite, Settings::default()).unwrap();
    let wrong = Attempt {
        purpose: Purpose::Login,
        code: Code::parse("00000000", Digits::Eight).unwrap(),
    };
    let (mut state, mut now) = (State::new(), NOW);
    for round in 1..=15 {
        let decision = count_failure(&policy, &state, now);
        assert_eq!(
            decision,
            decide(&policy, &key, &state, &wrong, now).unwrap()
        );
        assert!(matches!(
            decision.verdict,
            Verdict::Refused(Refusal {
                reason: Reason::WrongCode,
                ..
            })
        ));
        state = decision.next;
        if let Lock::Until(end) = state.lock() {
            // A lock that is in force takes no further failure; its end is free.
            if round % 5 == 0 {
                let locked = count_failure(&policy, &state, now);
                assert_eq!(locked.next, state);
            }
            now = now.max(end);
        }
    }
    assert_eq!(state.lock(), Lock::Permanent);
    let refused = count_failure(&policy, &state, after(u64::from(u32::MAX)));
    assert_eq!(refused.next, state);
    let outlook = policy.outlook(&state, now);
    assert_eq!(
        (outlook.attempts_left, outlook.next_lock),
        (0, NextLock::Permanent)
    );
}
