//! What holds for every sequence of attempts, whatever the clock does between them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    missing_docs
)]

use std::collections::HashSet;

use proptest::prelude::*;
use txotp_core::{
    Code, DeviceKey, Digest, Digits, MovingFactor, Period, Purpose, Seed, Step, TransactionSuite,
    UnixTime, Window,
};
use txotp_verifier::{
    Attempt, Lock, Policy, Reason, Settings, State, Verdict, decide, resynchronise,
};

/// What can happen to a device.
#[derive(Clone, Debug)]
enum Event {
    /// The code of a transaction at a step so far from the bank's.
    Right {
        transaction: u8,
        off: i8,
    },
    Wrong,
    /// Two consecutive login codes, so far from the bank's step.
    Resync {
        off: i16,
    },
    /// The bank's clock moves, also back.
    Clock {
        seconds: i16,
    },
    Unlock,
    ForgiveClock,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => (0u8..6, -3i8..=3).prop_map(|(transaction, off)| Event::Right { transaction, off }),
        2 => Just(Event::Wrong),
        1 => (-150i16..=150).prop_map(|off| Event::Resync { off }),
        4 => (-200i16..=400).prop_map(|seconds| Event::Clock { seconds }),
        1 => Just(Event::Unlock),
        1 => Just(Event::ForgiveClock),
    ]
}

fn settings() -> impl Strategy<Value = Settings> {
    (0u8..=3, 0u8..=3, 1u8..=5, 0u8..=3, 0u8..=10).prop_map(
        |(past, future, max_failures, temporary_locks, drift_leash)| Settings {
            window: Window::new(past, future).unwrap(),
            max_failures,
            temporary_locks,
            drift_leash,
            first_delay: 10,
            ..Settings::default()
        },
    )
}

struct Device {
    key: DeviceKey,
    policy: Policy,
    state: State,
    now: u64,
    accepted: HashSet<(Option<u8>, u64)>,
}

impl Device {
    fn new(settings: Settings) -> Self {
        let suite = TransactionSuite::default();
        let seed = Seed::from_bytes(&[9; 32]).unwrap();
        Self {
            key: DeviceKey::new(suite, &seed, None).unwrap(),
            policy: Policy::new(&suite, settings).unwrap(),
            state: State::new(),
            now: 1_700_000_000,
            accepted: HashSet::new(),
        }
    }

    fn now(&self) -> UnixTime {
        UnixTime::from_seconds(self.now)
    }

    fn step(&self, off: i64) -> Step {
        self.now().step(Period::DEFAULT).offset_by(off)
    }

    fn code(&self, purpose: Purpose, step: Step) -> Code {
        self.key.code(purpose, MovingFactor::step(step)).unwrap()
    }

    fn perform(&mut self, event: &Event) -> Result<(), TestCaseError> {
        match *event {
            Event::Clock { seconds } => self.now = self.now.saturating_add_signed(seconds.into()),
            Event::Unlock => self.state = self.state.unlocked(),
            Event::ForgiveClock => self.state = self.state.forgive_clock(),
            Event::Resync { off } => {
                let first = self.step(off.into());
                let second = first.offset_by(1);
                let codes = [first, second].map(|step| self.code(Purpose::Login, step));
                let codes = [&codes[0], &codes[1]];
                let outcome = resynchronise(
                    &self.policy,
                    &self.key,
                    &self.state,
                    Purpose::Login,
                    codes,
                    self.now(),
                );
                let Ok(decision) = outcome else { return Ok(()) };
                if decision.verdict.is_accepted() {
                    prop_assert!(
                        self.accepted.insert((None, first.get())),
                        "first code again"
                    );
                    prop_assert!(
                        self.accepted.insert((None, second.get())),
                        "second code again"
                    );
                }
                self.state = decision.next;
            }
            Event::Right { transaction, off } => {
                let purpose = Purpose::Transaction(Digest::from_bytes([transaction; 32]));
                let code = self.code(purpose, self.step(off.into()));
                self.attempt(purpose, Some(transaction), code)?;
            }
            Event::Wrong => {
                let code = Code::parse("00000000", Digits::Eight).unwrap();
                self.attempt(Purpose::Login, None, code)?;
            }
        }
        Ok(())
    }

    fn attempt(
        &mut self,
        purpose: Purpose,
        transaction: Option<u8>,
        code: Code,
    ) -> Result<(), TestCaseError> {
        let now = self.now();
        let attempt = Attempt { purpose, code };
        let Ok(decision) = decide(&self.policy, &self.key, &self.state, &attempt, now) else {
            return Ok(());
        };
        let settings = *self.policy.settings();
        match decision.verdict {
            Verdict::Accepted(accepted) => {
                let step = accepted.factor.get_step().unwrap();
                prop_assert_eq!(
                    self.state.lock().at(now),
                    Lock::None,
                    "accepted while locked"
                );
                prop_assert!(
                    self.accepted.insert((transaction, step.get())),
                    "accepted twice"
                );
                // Never outside of the window around the expected step.
                let expected = i64::from(self.state.anchor()) + i64::from(self.state.drift());
                let off = step.since(self.step(expected));
                let window = settings.window;
                prop_assert!(
                    (-i64::from(window.past())..=i64::from(window.future())).contains(&off)
                );
                let moved = decision.next.drift() - self.state.drift();
                prop_assert!(moved.abs() <= 1);
                prop_assert!(decision.next.drift().unsigned_abs() <= settings.drift_leash);
                prop_assert_eq!((decision.next.failures(), decision.next.locks()), (0, 0));
            }
            Verdict::Refused(refusal) if refusal.reason == Reason::WrongCode => {
                let counted = |s: &State| {
                    u32::from(s.locks()) * u32::from(settings.max_failures)
                        + u32::from(s.failures())
                };
                prop_assert_eq!(
                    counted(&decision.next),
                    counted(&self.state) + 1,
                    "a lost attempt"
                );
                let rounds = u32::from(settings.temporary_locks) + 1;
                let all = u32::from(settings.max_failures) * rounds;
                prop_assert!(
                    counted(&decision.next) <= all,
                    "more attempts than the bound counts"
                );
            }
            Verdict::Refused(_) => prop_assert_eq!(&decision.next, &self.state),
        }
        self.state = decision.next;
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_accepted_twice_and_no_failure_is_lost(
        settings in settings(),
        events in prop::collection::vec(event(), 1..80),
    ) {
        let mut device = Device::new(settings);
        for event in &events {
            device.perform(event)?;
            // The bytes are the state.
            prop_assert_eq!(&State::from_bytes(&device.state.to_bytes()).unwrap(), &device.state);
        }
    }

    #[test]
    fn bytes_are_a_state_only_if_a_state_writes_them(
        bytes in prop::collection::vec(any::<u8>(), State::LEN),
        zeroed in 0usize..=State::LEN,
    ) {
        let mut bytes = bytes;
        // Mostly zeros, so that some are states.
        bytes[zeroed..].fill(0);
        bytes[0] = 1;
        if let Ok(state) = State::from_bytes(&bytes) {
            prop_assert_eq!(state.to_bytes().to_vec(), bytes);
        }
    }
}

#[test]
fn a_state_of_another_length_or_version_is_refused() {
    use txotp_verifier::StateError;
    let bytes = State::new().to_bytes();
    assert_eq!(State::from_bytes(&bytes[1..]), Err(StateError::Length));
    assert_eq!(State::from_bytes(&[]), Err(StateError::Length));
    let mut newer = bytes;
    newer[0] = 2;
    assert_eq!(State::from_bytes(&newer), Err(StateError::Version));
    // Eleven locks, and none of them permanent: the twelfth could not be written.
    let mut eleven = bytes;
    eleven[2] = 11;
    assert_eq!(State::from_bytes(&eleven), Err(StateError::Content));
    eleven[16..24].fill(0xff);
    assert!(State::from_bytes(&eleven).is_ok());
    for place in (57..64).chain(64..State::LEN) {
        let mut damaged = bytes;
        damaged[place] ^= 1;
        assert_eq!(
            State::from_bytes(&damaged),
            Err(StateError::Content),
            "byte {place}"
        );
    }
}
