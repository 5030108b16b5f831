//! The store: one acceptance under threads, and no attempt lost.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    missing_docs
)]

use std::cell::Cell;
use std::sync::Barrier;
use std::thread;

use txotp_core::{
    Code, DeviceKey, Digest, Digits, MovingFactor, Period, Purpose, Seed, TransactionSuite,
    UnixTime,
};
use txotp_verifier::{
    Attempt, Lock, MemoryStore, MemoryStoreError, Policy, Reason, Settings, State, Store, Swap,
    Undecided, Verdict, VerifyError, decide, verify,
};

const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);
const THREADS: usize = 16;

struct Bank {
    key: DeviceKey,
    policy: Policy,
    store: MemoryStore<&'static str>,
}

impl Bank {
    fn new() -> Self {
        let suite = TransactionSuite::default();
        let seed = Seed::from_bytes(&[7; 32]).unwrap();
        let store = MemoryStore::new();
        store.enrol("device", State::new()).unwrap();
        Self {
            key: DeviceKey::new(suite, &seed, None).unwrap(),
            policy: Policy::new(&suite, Settings::default()).unwrap(),
            store,
        }
    }

    fn right(&self, transaction: u8) -> Attempt {
        let purpose = Purpose::Transaction(Digest::from_bytes([transaction; 32]));
        let now = MovingFactor::step(NOW.step(Period::DEFAULT));
        Attempt {
            purpose,
            code: self.key.code(purpose, now).unwrap(),
        }
    }

    fn wrong(&self) -> Attempt {
        let purpose = Purpose::Login;
        // Not the code of any step in the window, as the assertions on its verdict show.
        Attempt {
            purpose,
            code: Code::parse("00000000", Digits::Eight).unwrap(),
        }
    }

    fn verify(&self, attempt: &Attempt) -> Verdict {
        verify(
            &self.store,
            &"device",
            &self.policy,
            &self.key,
            attempt,
            NOW,
        )
        .unwrap()
    }

    /// What so many threads are told that send one attempt each, all at once.
    fn storm(&self, attempt: &Attempt) -> Vec<Verdict> {
        let barrier = Barrier::new(THREADS);
        thread::scope(|scope| {
            let send = || {
                barrier.wait();
                self.verify(attempt)
            };
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(send)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        })
    }
}

fn reason(verdict: &Verdict) -> Option<Reason> {
    match verdict {
        Verdict::Accepted(_) => None,
        Verdict::Refused(refusal) => Some(refusal.reason),
    }
}

#[test]
fn one_right_code_sent_by_many_threads_is_accepted_once() {
    for round in 0..50 {
        let bank = Bank::new();
        let verdicts = bank.storm(&bank.right(round));
        let reasons: Vec<_> = verdicts.iter().map(reason).collect();
        assert_eq!(
            reasons.iter().filter(|r| r.is_none()).count(),
            1,
            "round {round}"
        );
        let replays = reasons
            .iter()
            .filter(|r| **r == Some(Reason::Replay))
            .count();
        assert_eq!(replays, THREADS - 1, "round {round}");
    }
}

#[test]
fn wrong_codes_sent_by_many_threads_get_no_more_attempts_than_the_policy_has() {
    for round in 0..50 {
        let bank = Bank::new();
        let verdicts = bank.storm(&bank.wrong());
        let compared = verdicts
            .iter()
            .filter(|verdict| reason(verdict) == Some(Reason::WrongCode))
            .count();
        assert_eq!(compared, 5, "round {round}");
        assert_eq!(reason(&bank.verify(&bank.right(1))), Some(Reason::Locked));
        let state = bank.store.load(&"device").unwrap();
        assert_eq!(
            state.lock(),
            Lock::Until(UnixTime::from_seconds(NOW.seconds() + 60))
        );
    }
}

#[test]
fn different_transactions_of_one_step_are_all_accepted_by_many_threads() {
    let bank = Bank::new();
    let barrier = Barrier::new(THREADS);
    let accepted = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|transaction| {
                let (bank, barrier) = (&bank, &barrier);
                scope.spawn(move || {
                    let attempt = bank.right(u8::try_from(transaction).unwrap());
                    barrier.wait();
                    bank.verify(&attempt).is_accepted()
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect::<Vec<_>>()
    });
    assert_eq!(accepted, [true; THREADS]);
}

/// A store of one state, with a fault that can be switched on.
struct Faulty {
    state: Cell<Option<State>>,
    fault: Fault,
}

#[derive(PartialEq)]
enum Fault {
    LoadFails,
    WriteFails,
    AlwaysConflict,
}

impl Store for Faulty {
    type Device = ();
    type Error = &'static str;

    fn load(&self, (): &()) -> Result<State, &'static str> {
        let state = self.state.take().unwrap();
        self.state.set(Some(state.clone()));
        if self.fault == Fault::LoadFails {
            Err("load")
        } else {
            Ok(state)
        }
    }

    fn compare_and_set(&self, (): &(), _: &State, _: &State) -> Result<Swap, &'static str> {
        if self.fault == Fault::WriteFails {
            Err("write")
        } else {
            Ok(Swap::Conflict)
        }
    }
}

#[test]
fn no_verdict_leaves_when_the_store_cannot_hold_it() {
    let bank = Bank::new();
    for (fault, error) in [
        (Fault::LoadFails, VerifyError::Store("load")),
        (Fault::WriteFails, VerifyError::Store("write")),
        (Fault::AlwaysConflict, VerifyError::Contended),
    ] {
        let store = Faulty {
            state: Cell::new(Some(State::new())),
            fault,
        };
        for attempt in [bank.right(1), bank.wrong()] {
            let outcome = verify(&store, &(), &bank.policy, &bank.key, &attempt, NOW);
            assert_eq!(outcome, Err(error));
        }
    }
}

#[test]
fn a_device_is_enrolled_once_and_an_unknown_one_is_an_error() {
    let bank = Bank::new();
    assert!(bank.verify(&bank.right(1)).is_accepted());
    assert!(bank.store.enrol("device", State::new()).is_err());
    assert_eq!(reason(&bank.verify(&bank.right(1))), Some(Reason::Replay));
    let outcome = verify(
        &bank.store,
        &"other",
        &bank.policy,
        &bank.key,
        &bank.right(2),
        NOW,
    );
    assert_eq!(
        outcome,
        Err(VerifyError::Store(MemoryStoreError::UnknownDevice))
    );
}

#[test]
fn a_past_that_was_closed_accepts_nothing_and_the_present_goes_on() {
    let bank = Bank::new();
    let here = NOW.step(Period::DEFAULT);
    let closed = State::new().closed_before(MovingFactor::step(here));
    let judge = |off| {
        let purpose = Purpose::Transaction(Digest::from_bytes([1; 32]));
        let code = bank
            .key
            .code(purpose, MovingFactor::step(here.offset_by(off)))
            .unwrap();
        let attempt = Attempt { purpose, code };
        decide(&bank.policy, &bank.key, &closed, &attempt, NOW)
            .unwrap()
            .verdict
    };
    assert_eq!(reason(&judge(-1)), Some(Reason::Replay));
    assert!(judge(0).is_accepted() && judge(1).is_accepted());
    assert_eq!(State::from_bytes(&closed.to_bytes()), Ok(closed));
}

#[test]
fn a_clock_that_was_ahead_can_be_forgiven_and_what_is_consumed_stays_consumed() {
    let bank = Bank::new();
    let attempt = bank.right(1);
    let used = decide(&bank.policy, &bank.key, &State::new(), &attempt, NOW)
        .unwrap()
        .next;
    let earlier = UnixTime::from_seconds(NOW.seconds() - 31);
    let outcome = decide(&bank.policy, &bank.key, &used, &attempt, earlier);
    assert_eq!(outcome, Err(Undecided::ClockWentBack));
    let forgiven = used.forgive_clock();
    let verdict = decide(&bank.policy, &bank.key, &forgiven, &attempt, earlier)
        .unwrap()
        .verdict;
    assert_eq!(reason(&verdict), Some(Reason::Replay));
}

#[test]
fn a_policy_for_another_suite_decides_nothing() {
    let bank = Bank::new();
    let other = TransactionSuite::parse("OCRA-1:HOTP-SHA256-8:QH64-T1M").unwrap();
    let policy = Policy::new(&other, Settings::default()).unwrap();
    let outcome = verify(
        &bank.store,
        &"device",
        &policy,
        &bank.key,
        &bank.right(1),
        NOW,
    );
    assert_eq!(outcome, Err(VerifyError::Undecided(Undecided::OtherSuite)));
}
