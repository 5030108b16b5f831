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
    Attempt, Lock, MemoryStore, MemoryStoreError, NextLock, Policy, Reason, Settings, State, Store,
    Swap, Undecided, Verdict, VerifyError, amend, decide, resynchronise, verify,
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
fn a_restored_store_accepts_nothing_that_the_lost_state_could_have_accepted() {
    let bank = Bank::new();
    let here = NOW.step(Period::DEFAULT);
    // Everything that drift (ten) and window (one ahead) reach, and the first step that they do not.
    for (anchored, first_fresh) in [(State::new(), 12), (resynchronised(&bank, -50), -38)] {
        let restored = anchored.restored(&bank.policy, NOW).unwrap();
        assert_eq!(
            State::from_bytes(&restored.to_bytes()),
            Ok(restored.clone())
        );
        for off in first_fresh - 40..first_fresh + 5 {
            let purpose = Purpose::Transaction(Digest::from_bytes([1; 32]));
            let code = bank
                .key
                .code(purpose, MovingFactor::step(here.offset_by(off)))
                .unwrap();
            let attempt = Attempt { purpose, code };
            // Judged when the bank's clock stands where the device's window is around that step.
            let later = (off - i64::from(anchored.anchor())) * 30;
            let now = UnixTime::from_seconds(NOW.seconds().saturating_add_signed(later));
            let verdict = decide(&bank.policy, &bank.key, &restored, &attempt, now);
            let accepted = verdict.is_ok_and(|decision| decision.verdict.is_accepted());
            assert_eq!(accepted, off >= first_fresh, "{off} steps off");
        }
    }
    let suite = TransactionSuite::with_counter(txotp_core::Algorithm::Sha256, Digits::Eight);
    let policy = Policy::new(&suite, Settings::default()).unwrap();
    assert_eq!(State::new().restored(&policy, NOW), None);
}

/// The state after the device's clock was found to be so many steps off.
fn resynchronised(bank: &Bank, off: i64) -> State {
    let second = NOW.step(Period::DEFAULT).offset_by(off);
    let codes = [second.offset_by(-1), second].map(|step| {
        bank.key
            .code(Purpose::Login, MovingFactor::step(step))
            .unwrap()
    });
    let codes = [&codes[0], &codes[1]];
    let decision = resynchronise(
        &bank.policy,
        &bank.key,
        &State::new(),
        Purpose::Login,
        codes,
        NOW,
    )
    .unwrap();
    assert!(decision.verdict.is_accepted());
    assert_eq!(i64::from(decision.next.anchor()), off);
    decision.next
}

#[test]
fn the_outlook_announces_a_permanent_lock_before_any_attempt() {
    let suite = TransactionSuite::default();
    let settings = Settings {
        max_failures: 1,
        temporary_locks: 0,
        ..Settings::default()
    };
    let policy = Policy::new(&suite, settings).unwrap();
    let outlook = policy.outlook(&State::new(), NOW);
    assert_eq!(
        (outlook.attempts_left, outlook.next_lock),
        (1, NextLock::Permanent)
    );
    assert_eq!(outlook.lock, Lock::None);
}

#[test]
fn a_policy_that_became_stricter_holds_at_once() {
    let bank = Bank::new();
    // A device ten steps ahead, by ten acceptances.
    let mut state = State::new();
    for transaction in 0..10 {
        let centre = i64::from(state.drift());
        let purpose = Purpose::Transaction(Digest::from_bytes([transaction; 32]));
        let step = NOW.step(Period::DEFAULT).offset_by(centre + 1);
        let code = bank.key.code(purpose, MovingFactor::step(step)).unwrap();
        state = decide(
            &bank.policy,
            &bank.key,
            &state,
            &Attempt { purpose, code },
            NOW,
        )
        .unwrap()
        .next;
    }
    assert_eq!(state.drift(), 10);
    let settings = Settings {
        drift_leash: 0,
        max_failures: 1,
        ..Settings::default()
    };
    let strict = Policy::new(bank.policy.suite(), settings).unwrap();
    let right = decide(&strict, &bank.key, &state, &bank.right(99), NOW).unwrap();
    assert!(right.verdict.is_accepted(), "a right clock is right again");
    assert_eq!(right.next.drift(), 0);

    let two_failures = (0..2).fold(State::new(), |state, _| {
        decide(&bank.policy, &bank.key, &state, &bank.wrong(), NOW)
            .unwrap()
            .next
    });
    assert_eq!(strict.outlook(&two_failures, NOW).attempts_left, 1);
}

#[test]
fn an_administrative_act_is_stored() {
    let bank = Bank::new();
    for _ in 0..5 {
        bank.verify(&bank.wrong());
    }
    assert_eq!(reason(&bank.verify(&bank.right(1))), Some(Reason::Locked));
    amend(&bank.store, &"device", State::unlocked).unwrap();
    assert!(bank.verify(&bank.right(1)).is_accepted());
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
