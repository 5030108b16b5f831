//! The contract of a verifier (S10), written from its clauses over unbounded integers: slow, and in their order.

mod state;

use std::collections::HashMap;

pub use state::State;

use txotp_verifier::Settings;

use super::ocra::{Input, Suite, truncated};

const LAST: i128 = u64::MAX as i128;
const THIRTY_DAYS: i128 = 2_592_000;

/// What a code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Challenge {
    /// A login.
    Login,
    /// The transaction of a digest.
    Digest([u8; 32]),
}

/// What a decision may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not decided.
    Error,
    /// Accepted.
    Accepted {
        /// The step that matched, where the suite has steps.
        step: Option<i128>,
        /// The counter that matched, where the suite has one.
        counter: Option<i128>,
        /// How far the step lies after the verifier's own.
        drift: i128,
    },
    /// S10.15.
    WrongCode {
        /// The failures left until the next lock; 0 where this one locked.
        left: u32,
        /// Whether the next lock is for good.
        next_is_permanent: bool,
    },
    /// Another refusal, which changes nothing.
    Refused(&'static str),
}

/// A device and what is remembered of it.
pub struct Device {
    suite: Suite,
    seed: Vec<u8>,
    pin: Option<String>,
    settings: Settings,
    codes: HashMap<(Challenge, Option<i128>, Option<i128>), String>,
    /// What is remembered.
    pub state: State,
}

impl Device {
    /// A device with its first counter, or nothing where the policy is to be refused (S10.4 to S10.6).
    #[must_use]
    pub fn enrol(
        suite: Suite,
        seed: &[u8],
        pin: Option<&str>,
        settings: Settings,
        counter: u64,
    ) -> Option<Self> {
        let counters = if suite.counter {
            u64::from(settings.look_ahead) + 1
        } else {
            1
        };
        let window = u64::from(settings.window.past()) + u64::from(settings.window.future()) + 1;
        let candidates = counters * if suite.period.is_some() { window } else { 1 };
        let attempts = u64::from(settings.max_failures) * (u64::from(settings.temporary_locks) + 1);
        let likeliest = (1u64 << 31).div_ceil(10u64.pow(suite.digits));
        let in_range = settings.look_ahead <= 63
            && (1..=5).contains(&settings.max_failures)
            && settings.temporary_locks <= 10
            && (1..=86_400).contains(&settings.first_delay)
            && (1..=60).contains(&settings.delay_growth)
            && settings.drift_leash <= 10
            && (1..=2880).contains(&settings.resync_range);
        let guess = attempts * candidates * likeliest;
        let allowed = in_range && candidates <= 64 && guess <= settings.guessing_limit.numerator();
        allowed.then(|| Self {
            suite,
            seed: seed.into(),
            pin: pin.map(str::to_owned),
            settings,
            codes: HashMap::new(),
            state: State {
                counter: counter.into(),
                ..State::default()
            },
        })
    }

    /// The step of a time.
    #[must_use]
    pub fn step(&self, now: u64) -> Option<i128> {
        self.suite.period.map(|period| i128::from(now / period))
    }

    /// S7, S8: the code of a challenge, or nothing where there is none.
    pub fn code(
        &mut self,
        challenge: Challenge,
        counter: Option<i128>,
        step: Option<i128>,
    ) -> Option<String> {
        if challenge == Challenge::Login && !self.has_login() {
            return None;
        }
        let known = self.codes.get(&(challenge, counter, step));
        if let Some(code) = known {
            return Some(code.clone());
        }
        let narrow = |number: i128| u64::try_from(number).expect("64 bits");
        let message = match challenge {
            Challenge::Login => narrow(counter.or(step)?).to_be_bytes().to_vec(),
            Challenge::Digest(digest) => self.suite.message(&Input {
                challenge: (&hexadecimal(&digest), None),
                counter: counter.map(narrow),
                pin: self.pin.as_deref(),
                session: None,
                step: step.map(narrow),
            })?,
        };
        let code = truncated(
            &self.suite.hash.hmac(&self.seed, &message),
            self.suite.digits,
        );
        self.codes.insert((challenge, counter, step), code.clone());
        Some(code)
    }

    /// Every candidate of the window with its code (S10.13), counters ascending, then steps.
    pub fn candidates(
        &mut self,
        challenge: Challenge,
        now: u64,
    ) -> Vec<(Option<i128>, Option<i128>, String)> {
        let state = &self.state;
        let counters: Vec<_> = if self.suite.counter {
            let last = state.counter + i128::from(self.settings.look_ahead);
            (state.counter..=last.min(LAST - 1)).map(Some).collect()
        } else {
            vec![None]
        };
        let steps: Vec<_> = match self.step(now) {
            Some(here) => {
                let (past, future) = (self.settings.window.past(), self.settings.window.future());
                let centre = state.centre(here);
                let (first, last) = (centre - i128::from(past), centre + i128::from(future));
                (first.max(0)..=last.min(LAST)).map(Some).collect()
            }
            None => vec![None],
        };
        let mut candidates = Vec::new();
        for counter in counters {
            for step in &steps {
                let code = self.code(challenge, counter, *step);
                candidates.extend(code.map(|code| (counter, *step, code)));
            }
        }
        candidates
    }

    /// S10.10 to S10.19.
    pub fn decide(&mut self, challenge: Challenge, code: &str, now: u64) -> Verdict {
        if let Some(verdict) = self.not_compared(challenge, &[code], now) {
            return verdict;
        }
        if self.suite.counter && self.state.counter == LAST {
            return Verdict::Error;
        }
        let mut matches = self.candidates(challenge, now);
        matches.retain(|(.., candidate)| candidate == code);
        let tag = self.tag(challenge);
        let centre = self.step(now).map(|here| self.state.centre(here));
        let consumed =
            |step: i128| step < self.state.floor || self.state.memory.contains(&(step, tag));
        // S10.16.
        if !self.suite.counter
            && matches
                .iter()
                .filter_map(|(_, step, _)| *step)
                .any(consumed)
        {
            return Verdict::Refused("replay");
        }
        // S10.17, S10.18.
        let distance =
            |step: &Option<i128>| step.zip(centre).map(|(step, centre)| (step - centre).abs());
        matches.sort_by_key(|(counter, step, _)| (*counter, distance(step), *step));
        let Some((counter, step, _)) = matches.first().cloned() else {
            return self.failed(now);
        };
        let mut next = self.state.clone();
        if let Some(counter) = counter {
            next.counter = counter + 1;
        } else if let Some(step) = step {
            let first = centre.unwrap_or_default() - i128::from(self.settings.window.past());
            if !next.remember(step, tag, first) {
                return Verdict::Refused("memory-full");
            }
        }
        if let Some((step, centre)) = step.zip(centre) {
            let leash = i128::from(self.settings.drift_leash);
            next.drift = (next.drift + (step - centre).signum()).clamp(-leash, leash);
            next.next_step = next.next_step.max(step + 1);
        }
        self.accepted(next, step, counter, now)
    }

    /// S10.29 to S10.31.
    pub fn resynchronise(&mut self, challenge: Challenge, codes: [&str; 2], now: u64) -> Verdict {
        if self.suite.counter && self.suite.period.is_some() {
            return Verdict::Error;
        }
        if let Some(verdict) = self.not_compared(challenge, &codes, now) {
            return verdict;
        }
        let range = i128::from(self.settings.resync_range);
        match self.step(now) {
            None => self.resynchronise_counter(challenge, codes, now, range),
            Some(here) => self.resynchronise_step(challenge, codes, now, here, range),
        }
    }

    fn resynchronise_counter(
        &mut self,
        challenge: Challenge,
        codes: [&str; 2],
        now: u64,
        range: i128,
    ) -> Verdict {
        let start = self.state.counter;
        if start == LAST {
            return Verdict::Error;
        }
        let is_pair = |c: &i128| {
            let mut is =
                |counter, code| self.code(challenge, Some(counter), None).as_deref() == Some(code);
            is(*c, codes[0]) && is(c + 1, codes[1])
        };
        let Some(counter) = (start..=(start + range).min(LAST - 2)).find(is_pair) else {
            return self.failed(now);
        };
        let next = State {
            counter: counter + 2,
            ..self.state.clone()
        };
        self.accepted(next, None, Some(counter + 1), now)
    }

    fn resynchronise_step(
        &mut self,
        challenge: Challenge,
        codes: [&str; 2],
        now: u64,
        here: i128,
        range: i128,
    ) -> Verdict {
        let mut pairs: Vec<i128> = Vec::new();
        for step in (here - range).max(0)..=(here + range).min(LAST - 1) {
            let mut is =
                |step, code| self.code(challenge, None, Some(step)).as_deref() == Some(code);
            if is(step, codes[0]) && is(step + 1, codes[1]) && step >= self.state.next_step {
                pairs.push(step);
            }
        }
        let Some(step) = pairs
            .into_iter()
            .min_by_key(|step| ((step + 1 - here).abs(), *step))
        else {
            return self.failed(now);
        };
        let tag = self.tag(challenge);
        let mut next = self.state.clone();
        let first = step + 1 - i128::from(self.settings.window.past());
        for step in [step, step + 1] {
            if !next.remember(step, tag, first) {
                return Verdict::Refused("memory-full");
            }
        }
        next.anchor = step + 1 - here;
        next.drift = 0;
        next.next_step = step + 2;
        self.accepted(next, Some(step + 1), None, now)
    }

    /// S10.27.
    pub fn unlock(&mut self) {
        self.state.open();
        self.state.revision += 1;
    }

    /// S10.27: the verifier's store was restored from a backup. Whether the device can go on.
    pub fn restore(&mut self, now: u64) -> bool {
        let Some(here) = self.step(now).filter(|_| !self.suite.counter) else {
            return false;
        };
        let ahead =
            i128::from(self.settings.drift_leash) + i128::from(self.settings.window.future()) + 1;
        let state = &mut self.state;
        let first = (here + state.anchor + ahead).max(0);
        state.floor = state.floor.max(first);
        state.next_step = state.next_step.max(first);
        state.memory.retain(|(step, _)| *step >= first);
        state.revision += 1;
        true
    }

    /// S10.27: the verifier's clock was ahead at the last acceptance.
    pub fn forgive_clock(&mut self) {
        self.state.accepted_at = 0;
        self.state.revision += 1;
    }

    /// S10.10 to S10.12.
    fn not_compared(&self, challenge: Challenge, codes: &[&str], now: u64) -> Option<Verdict> {
        let now = i128::from(now);
        let wrong_digits = codes
            .iter()
            .any(|code| code.len() != self.suite.digits as usize);
        let no_login = challenge == Challenge::Login && !self.has_login();
        let went_back = |period: u64| now + i128::from(period) < self.state.accepted_at;
        if wrong_digits || no_login || self.suite.period.is_some_and(went_back) {
            return Some(Verdict::Error);
        }
        let is_locked = self
            .state
            .lock
            .is_some_and(|end| end.is_none_or(|end| now < end));
        is_locked.then_some(Verdict::Refused("locked"))
    }

    /// S8.2.
    fn has_login(&self) -> bool {
        self.pin.is_none() && !(self.suite.counter && self.suite.period.is_some())
    }

    /// S10.20.
    fn tag(&self, challenge: Challenge) -> [u8; 16] {
        let mut input = b"txotp-1:replay\0".to_vec();
        if let Challenge::Digest(digest) = challenge {
            input.extend(digest);
        }
        let mac = self.suite.hash.hmac(&self.seed, &input);
        mac[..16].try_into().expect("16 bytes")
    }

    /// S10.15.
    fn failed(&mut self, now: u64) -> Verdict {
        let settings = self.settings;
        let state = &mut self.state;
        state.revision += 1;
        state.failures += 1;
        let left = u32::from(settings.max_failures) - state.failures;
        if left == 0 {
            state.failures = 0;
            state.locks += 1;
            let growth = i128::from(settings.delay_growth).pow(state.locks - 1);
            let delay = (i128::from(settings.first_delay) * growth).min(THIRTY_DAYS);
            let is_permanent = state.locks > u32::from(settings.temporary_locks);
            state.lock = Some((!is_permanent).then_some(i128::from(now) + delay));
        }
        let next_is_permanent = state.locks + 1 > u32::from(settings.temporary_locks);
        Verdict::WrongCode {
            left,
            next_is_permanent,
        }
    }

    /// S10.19.
    fn accepted(
        &mut self,
        next: State,
        step: Option<i128>,
        counter: Option<i128>,
        now: u64,
    ) -> Verdict {
        self.state = next;
        self.state.open();
        self.state.accepted_at = self.state.accepted_at.max(now.into());
        self.state.revision += 1;
        let drift = step
            .zip(self.step(now))
            .map_or(0, |(step, here)| step - here);
        Verdict::Accepted {
            step,
            counter,
            drift,
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
