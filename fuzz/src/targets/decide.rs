use txotp_core::{
    Code, CodeLength, Counter, DeviceKey, Digest, PinHash, Purpose, Seed, TransactionSuite,
    UnixTime, Window,
};
use txotp_verifier::{
    Attempt, Decision, GuessingBound, Policy, Settings, State, Undecided, decide as ours,
    resynchronise,
};

use crate::reference::ocra;
use crate::reference::verifier::{Challenge, Device, Verdict};
use crate::source::Source;

const SUITES: [&str; 10] = [
    "OCRA-1:HOTP-SHA256-8:QH64-T30S",
    "OCRA-1:HOTP-SHA1-6:QH64-T1S",
    "OCRA-1:HOTP-SHA1-7:QH64-T10S",
    "OCRA-1:HOTP-SHA512-6:QH64-T1M",
    "OCRA-1:HOTP-SHA256-6:QH64-T2M",
    "OCRA-1:HOTP-SHA256-8:C-QH64",
    "OCRA-1:HOTP-SHA1-6:C-QH64",
    "OCRA-1:HOTP-SHA256-8:C-QH64-T30S",
    "OCRA-1:HOTP-SHA256-8:QH64-PSHA256-T30S",
    "OCRA-1:HOTP-SHA256-8:C-QH64-PSHA1",
];
const SEED: &[u8; 32] = b"12345678901234567890123456789012";
const PIN: &str = "1234";
const MOST_EVENTS: usize = 40;

/// Suite, settings, counter and time, then events: codes right and wrong, a moving clock, resynchronisation and the
/// administrator's acts. After each the verdict and all bytes of the state are those of a model of S10.
pub fn decide(data: &[u8]) {
    let mut source = Source::new(data);
    let Some(mut pair) = Pair::enrol(&mut source) else {
        return;
    };
    for _ in 0..MOST_EVENTS {
        if source.is_empty() {
            break;
        }
        pair.event(&mut source);
        assert_eq!(
            pair.state.to_bytes()[..],
            pair.model.state.to_bytes()[..],
            "the state"
        );
        assert_eq!(
            State::from_bytes(&pair.state.to_bytes()).as_ref(),
            Ok(&pair.state),
            "the bytes are the state"
        );
    }
}

/// Ours and the model, side by side.
struct Pair {
    policy: Policy,
    key: DeviceKey,
    state: State,
    model: Device,
    digits: u8,
    now: u64,
}

impl Pair {
    fn enrol(source: &mut Source<'_>) -> Option<Self> {
        let text = SUITES[usize::from(source.below(SUITES.len() as u8))];
        let suite = TransactionSuite::parse(text).expect("a transaction suite");
        let settings = settings(source);
        let counter = source.u64();
        let now = time(source);
        let pin = suite.ocra().pin().map(|_| PIN);
        let theirs = ocra::Suite::parse(text).expect("a suite");
        let model = Device::enrol(theirs, SEED, pin, settings, counter);
        let policy = Policy::new(&suite, settings);
        assert_eq!(
            policy.is_ok(),
            model.is_some(),
            "which policies are allowed"
        );
        let seed = Seed::from_bytes(SEED).expect("32 bytes");
        let hash = suite
            .ocra()
            .pin()
            .map(|algorithm| PinHash::of(algorithm, PIN).expect("four digits"));
        Some(Self {
            policy: policy.ok()?,
            key: DeviceKey::new(suite, &seed, hash.as_ref()).expect("a PIN where there is one"),
            state: State::with_counter(Counter::new(counter)),
            model: model?,
            digits: suite.digits().get(),
            now,
        })
    }

    fn event(&mut self, source: &mut Source<'_>) {
        match source.below(10) {
            0 => {
                let challenge = challenge(source);
                let (step, counter) = self.factor(source);
                // There may be none, as for a login with a PIN: then some code that is refused for that.
                let code = self
                    .model
                    .code(challenge, counter, step)
                    .unwrap_or_else(|| self.number(0));
                self.attempt(challenge, &code);
            }
            1 => {
                let challenge = challenge(source);
                let code = self.number(source.u64());
                self.attempt(challenge, &code);
            }
            2 => self.now = moved(self.now, source.i16().into()),
            3 => self.now = time(source),
            4 => self.resynchronise(source),
            5 => {
                self.state = self.state.unlocked();
                self.model.unlock();
            }
            6 => {
                self.state = self.state.forgive_clock();
                self.model.forgive_clock();
            }
            7 => {
                let challenge = challenge(source);
                let width = usize::from(4 + source.below(7));
                self.attempt(challenge, &"0".repeat(width));
            }
            8 => self.shared_code(source),
            _ => {
                let restored = self
                    .state
                    .restored(&self.policy, UnixTime::from_seconds(self.now));
                assert_eq!(
                    restored.is_some(),
                    self.model.restore(self.now),
                    "which devices outlive a restore"
                );
                self.state = restored.unwrap_or_else(|| self.state.clone());
            }
        }
    }

    /// A step so far from the verifier's own, and a counter so far ahead.
    fn factor(&self, source: &mut Source<'_>) -> (Option<i128>, Option<i128>) {
        let (off, ahead) = (i128::from(source.i16()), i128::from(source.byte()));
        let step = self
            .model
            .step(self.now)
            .map(|here| (here + off).clamp(0, u64::MAX.into()));
        let counter = (self.model.state.counter() + ahead).min(u64::MAX.into());
        (step, self.policy.suite().has_counter().then_some(counter))
    }

    fn number(&self, number: u64) -> String {
        let width = usize::from(self.digits);
        format!("{:0width$}", number % 10u64.pow(self.digits.into()))
    }

    /// A code that two candidates of the window have, where there is one.
    fn shared_code(&mut self, source: &mut Source<'_>) {
        let challenge = challenge(source);
        let mut codes: Vec<_> = self
            .model
            .candidates(challenge, self.now)
            .into_iter()
            .map(|found| found.2)
            .collect();
        codes.sort();
        if let Some(shared) = codes.windows(2).find(|codes| codes[0] == codes[1]) {
            self.attempt(challenge, &shared[0].clone());
        }
    }

    fn attempt(&mut self, challenge: Challenge, text: &str) {
        let attempt = Attempt {
            purpose: purpose(challenge),
            code: code(text),
        };
        let decision = ours(
            &self.policy,
            &self.key,
            &self.state,
            &attempt,
            UnixTime::from_seconds(self.now),
        );
        let verdict = self.model.decide(challenge, text, self.now);
        self.compare(decision, verdict);
    }

    fn resynchronise(&mut self, source: &mut Source<'_>) {
        let challenge = challenge(source);
        let (step, counter) = self.factor(source);
        let successor = |number: i128| (number + 1).min(u64::MAX.into());
        let texts = [
            (counter, step),
            (counter.map(successor), step.map(successor)),
        ]
        .map(|(counter, step)| {
            self.model
                .code(challenge, counter, step)
                .unwrap_or_else(|| self.number(0))
        });
        let codes = texts.each_ref().map(|text| code(text));
        let now = UnixTime::from_seconds(self.now);
        let [first, second] = &codes;
        let decision = resynchronise(
            &self.policy,
            &self.key,
            &self.state,
            purpose(challenge),
            [first, second],
            now,
        );
        let verdict =
            self.model
                .resynchronise(challenge, texts.each_ref().map(String::as_str), self.now);
        self.compare(decision, verdict);
    }

    fn compare(&mut self, decision: Result<Decision, Undecided>, expected: Verdict) {
        match decision {
            Err(_) => assert_eq!(expected, Verdict::Error, "not decided"),
            Ok(decision) => {
                compare_verdict(&decision, expected);
                self.state = decision.next;
            }
        }
    }
}

fn compare_verdict(decision: &Decision, expected: Verdict) {
    match (decision.verdict, expected) {
        (
            txotp_verifier::Verdict::Accepted(accepted),
            Verdict::Accepted {
                step,
                counter,
                drift,
            },
        ) => {
            assert_eq!(
                accepted.factor.get_step().map(|step| step.get().into()),
                step,
                "the step"
            );
            assert_eq!(
                accepted
                    .factor
                    .get_counter()
                    .map(|counter| counter.get().into()),
                counter,
                "the counter"
            );
            assert_eq!(i128::from(accepted.drift), drift, "the observed drift");
        }
        (
            txotp_verifier::Verdict::Refused(refusal),
            Verdict::WrongCode {
                left,
                next_is_permanent,
            },
        ) => {
            assert_eq!(refusal.reason.name(), "wrong-code");
            assert_eq!(u32::from(refusal.attempts_left), left, "the attempts left");
            assert_eq!(
                refusal.next_lock.name() == "permanent",
                next_is_permanent,
                "the kind of the next lock"
            );
        }
        (txotp_verifier::Verdict::Refused(refusal), Verdict::Refused(reason)) => {
            assert_eq!(refusal.reason.name(), reason);
        }
        (verdict, _) => panic!("{verdict:?}, and the model says {expected:?}"),
    }
}

/// Values of every range, and a little beyond.
fn settings(source: &mut Source<'_>) -> Settings {
    let (past, future) = (mostly_small(source, 4, 224), mostly_small(source, 4, 224));
    let window = Window::new(past, future).expect("31 at the most");
    Settings {
        window,
        look_ahead: mostly_small(source, 5, 191),
        max_failures: source.below(7),
        temporary_locks: source.below(12),
        first_delay: u32::from(source.byte()) * 339,
        delay_growth: source.below(62).into(),
        drift_leash: source.below(12),
        // Mostly within one search of 64 candidates.
        resync_range: mostly_small(source, 8, 128).into(),
        guessing_limit: match source.below(2) {
            0 => GuessingBound::DEFAULT_LIMIT,
            _ => GuessingBound::CERTAINTY,
        },
    }
}

/// A small number, or now and then one up to 255 less an edge: what is small is quick.
fn mostly_small(source: &mut Source<'_>, small: u8, edge: u8) -> u8 {
    let byte = source.byte();
    byte.checked_sub(edge).unwrap_or(byte % small)
}

fn challenge(source: &mut Source<'_>) -> Challenge {
    match source.below(24) {
        0 => Challenge::Login,
        number => Challenge::Digest([number; 32]),
    }
}

fn purpose(challenge: Challenge) -> Purpose {
    match challenge {
        Challenge::Login => Purpose::Login,
        Challenge::Digest(digest) => Purpose::Transaction(Digest::from_bytes(digest)),
    }
}

/// Before its last 136 years: there the end of a lock and the step after the last have no number of 64 bits, and the
/// contract does not say what becomes of them.
pub(super) const LAST_TIME: u64 = u64::MAX - (1 << 32);

fn time(source: &mut Source<'_>) -> u64 {
    source.u64().min(LAST_TIME)
}

fn moved(now: u64, seconds: i64) -> u64 {
    now.saturating_add_signed(seconds).min(LAST_TIME)
}

fn code(text: &str) -> Code {
    let length = u8::try_from(text.len())
        .ok()
        .and_then(CodeLength::new)
        .expect("4 to 10 digits");
    Code::parse(text, length).expect("digits")
}
