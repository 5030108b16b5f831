//! What the calls have to give, by the crates below, every candidate of a window for itself.

use txotp_core::{
    Code, Counter, DeviceKey, MovingFactor, PinHash, Purpose, Seed, Step, TransactionSuite,
};
use txotp_ffi::ResultCode;

/// What a search is asked for.
pub(super) struct Wanted {
    pub(super) window: [u8; 3],
    pub(super) time: u64,
    pub(super) counter: Option<u64>,
}

impl Wanted {
    /// Every candidate and its drift, each computed for itself.
    pub(super) fn candidates(
        &self,
        key: &DeviceKey,
        purpose: Purpose,
    ) -> Result<Vec<(MovingFactor, i64)>, ResultCode> {
        let centre = moving_factor(key, purpose, self.time, self.counter)?;
        let [past, future, look_ahead] = self.window.map(i128::from);
        if past > 31 || future > 31 || (self.counter.is_some() && look_ahead > 63) {
            return Err(ResultCode::WindowTooWide);
        }
        let steps: Vec<Option<(Step, i64)>> =
            match centre.get_step().map(|step| i128::from(step.get())) {
                None => vec![None],
                Some(step) => (step - past..=step + future)
                    .filter_map(|at| {
                        Some(Some((
                            Step::new(u64::try_from(at).ok()?),
                            (at - step) as i64,
                        )))
                    })
                    .collect(),
            };
        let counters: Vec<Option<Counter>> = match centre.get_counter() {
            None => vec![None],
            Some(first) => (0..=self.window[2])
                .filter_map(|ahead| {
                    first
                        .get()
                        .checked_add(ahead.into())
                        .filter(|at| *at < u64::MAX)
                })
                .map(|at| Some(Counter::new(at)))
                .collect(),
        };
        if steps.len() * counters.len() > 64 {
            return Err(ResultCode::WindowTooWide);
        }
        let both = counters
            .iter()
            .flat_map(|counter| steps.iter().map(move |step| (*counter, *step)));
        Ok(both
            .filter_map(|candidate| match candidate {
                (None, Some((step, drift))) => Some((MovingFactor::step(step), drift)),
                (Some(counter), None) => Some((MovingFactor::counter(counter), 0)),
                (Some(counter), Some((step, drift))) => {
                    Some((MovingFactor::both(counter, step), drift))
                }
                (None, None) => None,
            })
            .collect())
    }

    /// Of those with the code the lowest counter, the closest step, and of two the earlier.
    pub(super) fn found(
        &self,
        key: &DeviceKey,
        purpose: Purpose,
        typed: &[u8],
    ) -> Result<(u64, i64, u64), ResultCode> {
        if purpose == Purpose::Login && !key.suite().has_login() {
            return Err(ResultCode::NoLoginCode);
        }
        let text = std::str::from_utf8(typed).map_err(|_| ResultCode::CodeNotDigits)?;
        Code::parse(text, key.suite().digits()).map_err(ResultCode::from)?;
        let all = self.candidates(key, purpose)?;
        let right = all
            .iter()
            .filter(|(at, _)| key.code(purpose, *at).expect("its own factors").reveal() == text);
        right
            .map(|(at, drift)| {
                (
                    at.get_step().map_or(0, Step::get),
                    *drift,
                    at.get_counter().map_or(0, Counter::get),
                )
            })
            .min_by_key(|(_, drift, counter)| (*counter, drift.unsigned_abs(), *drift))
            .ok_or(ResultCode::WrongCode)
    }
}

/// What moves a code for a purpose on.
pub(super) fn moving_factor(
    key: &DeviceKey,
    purpose: Purpose,
    time: u64,
    counter: Option<u64>,
) -> Result<MovingFactor, ResultCode> {
    let suite = key.suite();
    if purpose == Purpose::Login && !suite.has_login() {
        return Err(ResultCode::NoLoginCode);
    }
    if counter.is_some() != suite.has_counter() {
        return Err(ResultCode::CounterMismatch);
    }
    if counter == Some(u64::MAX) {
        return Err(ResultCode::CounterExhausted);
    }
    let step = suite
        .period()
        .map(|period| Step::new(time / u64::from(period.seconds())));
    Ok(match (counter.map(Counter::new), step) {
        (Some(counter), Some(step)) => MovingFactor::both(counter, step),
        (Some(counter), None) => MovingFactor::counter(counter),
        (None, step) => MovingFactor::step(step.expect("a suite has a counter or a step")),
    })
}

/// The key of a device.
pub(super) fn new_key(
    suite: &[u8],
    seed: &[u8],
    pin: Option<&[u8]>,
) -> Result<DeviceKey, ResultCode> {
    let suite = std::str::from_utf8(suite).map_err(|_| ResultCode::SuiteMalformed)?;
    let suite = TransactionSuite::parse(suite).map_err(ResultCode::from)?;
    let seed = Seed::from_bytes(seed).map_err(ResultCode::from)?;
    if pin.is_some() != suite.ocra().pin().is_some() {
        return Err(ResultCode::PinMismatch);
    }
    let hash = match (pin, suite.ocra().pin()) {
        (Some(pin), Some(algorithm)) => {
            let pin = std::str::from_utf8(pin).map_err(|_| ResultCode::PinNotUtf8)?;
            Some(PinHash::of(algorithm, pin).map_err(ResultCode::from)?)
        }
        _ => None,
    };
    Ok(DeviceKey::new(suite, &seed, hash.as_ref()).expect("the PIN of the suite"))
}
