//! Resynchronisation (specification S10.29 to S10.32) where the published scenarios do not reach.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs,
    reason = "a test that panics has failed"
)]

use txotp_core::{
    Algorithm, Code, Counter, DeviceKey, Digest, Digits, MovingFactor, Period, Purpose, Seed, Step,
    TransactionSuite, UnixTime, Window,
};
use txotp_verifier::{
    Attempt, Lock, Policy, Reason, Settings, State, Undecided, Verdict, decide, resynchronise,
};

const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

struct Bank {
    key: DeviceKey,
    policy: Policy,
}

impl Bank {
    fn new(suite: TransactionSuite, settings: Settings) -> Self {
        let seed = Seed::from_bytes(&[7; 32]).unwrap();
        Self {
            key: DeviceKey::new(suite, &seed, None).unwrap(),
            policy: Policy::new(&suite, settings).unwrap(),
        }
    }

    fn by_time(past: u8) -> Self {
        let window = Window::new(past, 1).unwrap();
        let settings = Settings {
            window,
            ..Settings::default()
        };
        Self::new(TransactionSuite::default(), settings)
    }

    fn by_counter(resync_range: u16) -> Self {
        let suite = TransactionSuite::with_counter(Algorithm::Sha256, Digits::Eight);
        let settings = Settings {
            resync_range,
            ..Settings::default()
        };
        Self::new(suite, settings)
    }

    fn code(&self, factor: MovingFactor) -> Code {
        self.key.code(Purpose::Login, factor).unwrap()
    }

    fn resync(&self, state: &State, codes: [Code; 2]) -> Result<(Verdict, State), Undecided> {
        let codes = [&codes[0], &codes[1]];
        let decision = resynchronise(&self.policy, &self.key, state, Purpose::Login, codes, NOW)?;
        Ok((decision.verdict, decision.next))
    }

    fn steps(&self, off: i64) -> [Code; 2] {
        let first = here().offset_by(off);
        [first, first.offset_by(1)].map(|step| self.code(MovingFactor::step(step)))
    }

    fn counters(&self, first: u64) -> [Code; 2] {
        [first, first + 1].map(|counter| self.code(MovingFactor::counter(Counter::new(counter))))
    }

    fn wrong(&self) -> [Code; 2] {
        [0, 1].map(|_| Code::parse("00000000", Digits::Eight).unwrap())
    }
}

fn here() -> Step {
    NOW.step(Period::DEFAULT)
}

fn reason(verdict: &Verdict) -> Option<Reason> {
    match verdict {
        Verdict::Accepted(_) => None,
        Verdict::Refused(refusal) => Some(refusal.reason),
    }
}

/// A state that has accepted so many transactions in one step.
fn remembering(bank: &Bank, transactions: u8) -> State {
    let mut state = State::new();
    for transaction in 0..transactions {
        let purpose = Purpose::Transaction(Digest::from_bytes([transaction; 32]));
        let code = bank.key.code(purpose, MovingFactor::step(here())).unwrap();
        let attempt = Attempt { purpose, code };
        let decision = decide(&bank.policy, &bank.key, &state, &attempt, NOW).unwrap();
        assert!(decision.verdict.is_accepted());
        state = decision.next;
    }
    state
}

#[test]
fn both_codes_need_room_to_be_remembered() {
    // The window reaches back over the step that is full, so none of its entries may be let go.
    let wide = Bank::by_time(2);
    for (remembered, expected) in [
        (14, None),
        (15, Some(Reason::MemoryFull)),
        (16, Some(Reason::MemoryFull)),
    ] {
        let state = remembering(&wide, remembered);
        let (verdict, next) = wide.resync(&state, wide.steps(1)).unwrap();
        assert_eq!(reason(&verdict), expected);
        assert_eq!(next == state, expected.is_some());
    }
    // One that does not lets them go.
    let narrow = Bank::by_time(1);
    let (verdict, next) = narrow
        .resync(&remembering(&narrow, 16), narrow.steps(1))
        .unwrap();
    assert!(verdict.is_accepted());
    assert_eq!((next.anchor(), next.drift()), (2, 0));
}

#[test]
fn both_codes_are_consumed_and_what_lies_before_cannot_pull_the_window_back() {
    let bank = Bank::by_time(1);
    let (verdict, state) = bank.resync(&State::new(), bank.steps(50)).unwrap();
    assert!(verdict.is_accepted());
    for off in [-10, 40, 49, 50, 51] {
        let (verdict, _) = bank.resync(&state, bank.steps(off)).unwrap();
        assert_eq!(reason(&verdict), Some(Reason::WrongCode), "{off} steps off");
    }
    let (verdict, _) = bank.resync(&state, bank.steps(52)).unwrap();
    assert!(verdict.is_accepted());
}

#[test]
fn the_range_ends_where_the_policy_says() {
    let bank = Bank::by_time(1);
    for (off, found) in [
        (-121, false),
        (-120, true),
        (0, true),
        (120, true),
        (121, false),
    ] {
        let (verdict, next) = bank.resync(&State::new(), bank.steps(off)).unwrap();
        assert_eq!(verdict.is_accepted(), found, "{off} steps off");
        assert_eq!(next.failures(), u8::from(!found));
    }
    for range in [1, 62, 63, 64, 127, 128] {
        let bank = Bank::by_counter(range);
        let start = State::with_counter(Counter::new(1000));
        let range = u64::from(range);
        for (first, found) in [
            (999, false),
            (1000, true),
            (1000 + range, true),
            (1001 + range, false),
        ] {
            let (verdict, next) = bank.resync(&start, bank.counters(first)).unwrap();
            assert_eq!(verdict.is_accepted(), found, "{first} in {range}");
            let expected = if found { first + 2 } else { 1000 };
            assert_eq!(next.counter(), Counter::new(expected));
        }
    }
}

#[test]
fn counters_are_found_up_to_the_last_two_that_have_successors() {
    let bank = Bank::by_counter(120);
    let start = State::with_counter(Counter::new(u64::MAX - 70));
    let (verdict, next) = bank.resync(&start, bank.counters(u64::MAX - 2)).unwrap();
    assert!(verdict.is_accepted());
    assert_eq!(next.counter(), Counter::new(u64::MAX));
    let outcome = bank.resync(&next, bank.wrong());
    assert_eq!(outcome, Err(Undecided::CounterExhausted));
    let last = State::with_counter(Counter::new(u64::MAX - 1));
    let (verdict, _) = bank.resync(&last, bank.wrong()).unwrap();
    assert_eq!(reason(&verdict), Some(Reason::WrongCode));
}

#[test]
fn two_wrong_codes_are_one_failure_and_a_lock_stops_the_search() {
    for bank in [Bank::by_time(1), Bank::by_counter(120)] {
        let mut state = State::new();
        for failures in [1, 2, 3, 4, 0] {
            let (verdict, next) = bank.resync(&state, bank.wrong()).unwrap();
            assert_eq!(reason(&verdict), Some(Reason::WrongCode));
            assert_eq!(next.failures(), failures);
            state = next;
        }
        let end = UnixTime::from_seconds(NOW.seconds() + 60);
        assert_eq!(state.lock(), Lock::Until(end));
        let right = if bank.policy.suite().has_counter() {
            bank.counters(5)
        } else {
            bank.steps(5)
        };
        let (verdict, next) = bank.resync(&state, right).unwrap();
        assert_eq!(reason(&verdict), Some(Reason::Locked));
        assert_eq!(next, state);
    }
}
