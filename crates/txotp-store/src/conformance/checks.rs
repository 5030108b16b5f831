//! The checks, each on devices of its own.

use core::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use txotp_core::UnixTime;
use txotp_verifier::{Lock, Reason, State, Store, Swap};

use super::load::{Payer, THREADS, extreme_states, state_numbered, storm};
use super::{
    ATTEMPTS_COUNTED, CONFLICT, DEVICES_APART, DURABLE_WHEN_STORED, Fault, NO_UPDATE_LOST,
    ROUND_TRIP, SEEN_WHEN_DURABLE, SINGLE_USE, SURVIVES_A_CRASH, Subject, UNKNOWN_DEVICE,
};

type Check<S> = fn(&S) -> Result<(), Fault>;

/// Every check with its name.
pub(super) fn all<S: Subject>() -> [(&'static str, Check<S>); 10] {
    [
        (UNKNOWN_DEVICE, unknown_device),
        (ROUND_TRIP, round_trip),
        (CONFLICT, conflict),
        (DEVICES_APART, devices_apart),
        (SINGLE_USE, single_use),
        (ATTEMPTS_COUNTED, attempts_counted),
        (NO_UPDATE_LOST, no_update_lost),
        (DURABLE_WHEN_STORED, durable_when_stored),
        (SEEN_WHEN_DURABLE, seen_when_durable),
        (SURVIVES_A_CRASH, survives_a_crash),
    ]
}

/// How often a check is made whose outcome hangs on how threads meet.
const ROUNDS: u32 = 20;

fn unknown_device<S: Subject>(subject: &S) -> Result<(), Fault> {
    let store = subject.open()?;
    let device = subject.unknown();
    ensure(store.load(&device).is_err(), "it has a state")?;
    let swap = store.compare_and_set(&device, &State::new(), &state_numbered(1));
    ensure(!matches!(swap, Ok(Swap::Stored)), "it was given a state")?;
    ensure(store.load(&device).is_err(), "it has a state afterwards")
}

fn round_trip<S: Subject>(subject: &S) -> Result<(), Fault> {
    let store = subject.open()?;
    let other = subject.open()?;
    let device = enrol(subject, &store)?;
    let mut seen = load(&store, &device)?;
    ensure(seen == State::new(), "a device begins in another state")?;
    for state in extreme_states()? {
        replace(&store, &device, &seen, &state)?;
        ensure(load(&store, &device)? == state, "another state came back")?;
        ensure(
            load(&other, &device)? == state,
            "another handle shows another state",
        )?;
        seen = state;
    }
    Ok(())
}

fn conflict<S: Subject>(subject: &S) -> Result<(), Fault> {
    let store = subject.open()?;
    let device = enrol(subject, &store)?;
    let [first, second, third] = [1, 2, 3].map(state_numbered);
    replace(&store, &device, &State::new(), &first)?;
    // An older state than the one that is there; one that never was; and the next one itself.
    for seen in [&State::new(), &third, &second] {
        let swap = told(store.compare_and_set(&device, seen, &second))?;
        ensure(
            swap == Swap::Conflict,
            "another state than the one that was seen was replaced",
        )?;
        ensure(
            load(&store, &device)? == first,
            "a conflict changed the state",
        )?;
    }
    replace(&store, &device, &first, &second)
}

fn devices_apart<S: Subject>(subject: &S) -> Result<(), Fault> {
    let store = subject.open()?;
    let mut devices = subject.enrol_unusual(&store)?;
    for _ in 0..3 {
        devices.push(enrol(subject, &store)?);
    }
    let states = || (1..).map(state_numbered);
    for (device, state) in devices.iter().zip(states()) {
        ensure(
            load(&store, device)? == State::new(),
            "a device has the state of another",
        )?;
        replace(&store, device, &State::new(), &state)?;
    }
    for (device, state) in devices.iter().zip(states()) {
        ensure(
            load(&store, device)? == state,
            "a device has the state of another",
        )?;
    }
    Ok(())
}

fn single_use<S: Subject>(subject: &S) -> Result<(), Fault> {
    let payer = Payer::new()?;
    let stores = [subject.open()?, subject.open()?];
    for _ in 0..ROUNDS {
        let device = first_of(subject, &stores)?;
        let reasons = storm(&payer, &stores, &device, &vec![payer.right(0)?; THREADS])?;
        let accepted = reasons.iter().filter(|reason| reason.is_none()).count();
        ensure(
            accepted == 1,
            &format!("one code was accepted {accepted} times"),
        )?;
        let replays = reasons
            .iter()
            .filter(|reason| **reason == Some(Reason::Replay));
        ensure(
            replays.count() == THREADS - 1,
            "a used code was refused for another reason",
        )?;
    }
    Ok(())
}

fn attempts_counted<S: Subject>(subject: &S) -> Result<(), Fault> {
    let payer = Payer::new()?;
    let stores = [subject.open()?, subject.open()?];
    for _ in 0..ROUNDS {
        let device = first_of(subject, &stores)?;
        let reasons = storm(&payer, &stores, &device, &vec![payer.wrong()?; THREADS])?;
        let compared = reasons
            .iter()
            .filter(|reason| **reason == Some(Reason::WrongCode))
            .count();
        let allowed = usize::from(payer.policy.settings().max_failures);
        ensure(
            compared == allowed,
            &format!("{allowed} wrong codes may be compared, and {compared} were"),
        )?;
        for store in &stores {
            let state = load(store, &device)?;
            let delay = u64::from(payer.policy.settings().first_delay);
            let end = payer.now.seconds().saturating_add(delay);
            let is_locked = state.lock() == Lock::Until(UnixTime::from_seconds(end));
            ensure(
                is_locked && (state.failures(), state.locks()) == (0, 1),
                "the lock was lost",
            )?;
        }
    }
    Ok(())
}

fn no_update_lost<S: Subject>(subject: &S) -> Result<(), Fault> {
    let payer = Payer::new()?;
    let stores = [subject.open()?, subject.open()?];
    for _ in 0..ROUNDS {
        let device = first_of(subject, &stores)?;
        let attempts = (0..THREADS).map(|number| payer.right(number));
        let attempts = attempts.collect::<Result<Vec<_>, _>>()?;
        let reasons = storm(&payer, &stores, &device, &attempts)?;
        ensure(
            reasons.iter().all(Option::is_none),
            "a right code was refused",
        )?;
        let again = storm(&payer, &stores, &device, &attempts)?;
        let is_replay = |reason: &Option<Reason>| *reason == Some(Reason::Replay);
        ensure(again.iter().all(is_replay), "an acceptance was forgotten")?;
    }
    Ok(())
}

fn durable_when_stored<S: Subject>(subject: &S) -> Result<(), Fault> {
    let (store, other) = (subject.open()?, subject.open()?);
    let device = enrol(subject, &store)?;
    let mut seen = State::new();
    for number in 1..=ROUNDS {
        let next = state_numbered(number);
        replace(&store, &device, &seen, &next)?;
        ensure(
            load(&other, &device)? == next,
            "another handle does not see what was stored",
        )?;
        seen = next;
    }
    Ok(())
}

/// One thread replaces states, while this one looks at them through the same handle and then through another.
fn seen_when_durable<S: Subject>(subject: &S) -> Result<(), Fault> {
    let (store, other) = (subject.open()?, subject.open()?);
    let device = enrol(subject, &store)?;
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let outcome = (0..ROUNDS).try_for_each(|number| {
                let (seen, next) = (
                    state_numbered(number),
                    state_numbered(number.saturating_add(1)),
                );
                replace(&store, &device, &seen, &next)
            });
            ended.store(true, Ordering::Release);
            outcome
        });
        let mut outcome = Ok(());
        while outcome.is_ok() && !ended.load(Ordering::Acquire) {
            outcome = shown_by_both(&store, &other, &device);
        }
        writer
            .join()
            .unwrap_or_else(|_| Err("it panicked".into()))
            .and(outcome)
    })
}

fn shown_by_both<T: Store<Error: fmt::Debug>>(
    store: &T,
    other: &T,
    device: &T::Device,
) -> Result<(), Fault> {
    let shown = load(store, device)?;
    // States only go forward here, so what was shown first is at most as new.
    let durable = load(other, device)?;
    ensure(
        shown.revision() <= durable.revision(),
        "a state was shown that another handle does not see",
    )
}

fn survives_a_crash<S: Subject>(subject: &S) -> Result<(), Fault> {
    let store = subject.open()?;
    let device = enrol(subject, &store)?;
    let next = state_numbered(1);
    replace(&store, &device, &State::new(), &next)?;
    subject.crash(store);
    let store = subject.open()?;
    ensure(
        load(&store, &device)? == next,
        "what was stored is not there after a crash",
    )?;
    let swap = told(store.compare_and_set(&device, &State::new(), &state_numbered(2)))?;
    ensure(
        swap == Swap::Conflict,
        "a state from before the crash was taken for the present one",
    )
}

/// Numbers are given once, over all checks.
fn enrol<S: Subject>(subject: &S, store: &S::Store) -> Result<S::Device, Fault> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    subject.enrol(store, NEXT.fetch_add(1, Ordering::Relaxed))
}

fn first_of<S: Subject>(subject: &S, stores: &[S::Store; 2]) -> Result<S::Device, Fault> {
    let [store, _] = stores;
    enrol(subject, store)
}

fn load<T: Store<Error: fmt::Debug>>(store: &T, device: &T::Device) -> Result<State, Fault> {
    told(store.load(device))
}

fn replace<T: Store<Error: fmt::Debug>>(
    store: &T,
    device: &T::Device,
    seen: &State,
    next: &State,
) -> Result<(), Fault> {
    let swap = told(store.compare_and_set(device, seen, next))?;
    ensure(
        swap == Swap::Stored,
        "the state that was seen was not replaced",
    )
}

/// The error of a store as a fault.
fn told<T>(outcome: Result<T, impl fmt::Debug>) -> Result<T, Fault> {
    outcome.map_err(|error| format!("the store failed: {error:?}").into())
}

fn ensure(holds: bool, fault: &str) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(fault.into()) }
}
