//! The conformance suite: it finds good stores good, and each broken one broken, by the check that is meant for it.
#![allow(
    missing_docs,
    missing_debug_implementations,
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::panic
)]

mod support;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use support::bank::{self, Place, on_each_database};
use txotp_store::conformance::{
    ATTEMPTS_COUNTED, CONFLICT, DEVICES_APART, DURABLE_WHEN_STORED, Fault, NO_UPDATE_LOST,
    ROUND_TRIP, SEEN_WHEN_DURABLE, SINGLE_USE, SURVIVES_A_CRASH, Subject, UNKNOWN_DEVICE, judge,
};
use txotp_store::{DeviceId, StoreError, Vault};
use txotp_verifier::{MemoryStore, MemoryStoreError, State, Store, Swap};

on_each_database! {
    a_vault_conforms
}

fn a_vault_conforms(place: &Place) {
    drop(place.create());
    let report = judge(place);
    assert!(report.is_conformant(), "{report}");
}

/// A vault that belongs to whoever uses it as a store.
pub struct Handle(Vault);

impl Store for Handle {
    type Device = DeviceId;
    type Error = StoreError;

    fn load(&self, device: &DeviceId) -> Result<State, StoreError> {
        self.0.as_store(bank::act()).load(device)
    }

    fn compare_and_set(
        &self,
        device: &DeviceId,
        seen: &State,
        next: &State,
    ) -> Result<Swap, StoreError> {
        self.0
            .as_store(bank::act())
            .compare_and_set(device, seen, next)
    }
}

impl Subject for Place {
    type Store = Handle;
    type Device = DeviceId;

    fn open(&self) -> Result<Handle, Fault> {
        Ok(Handle(self.try_open()?))
    }

    fn enrol(&self, store: &Handle, number: u32) -> Result<DeviceId, Fault> {
        named(store, format!("device {number}"))
    }

    fn unknown(&self) -> DeviceId {
        bank::device("unknown")
    }

    fn enrol_unusual(&self, store: &Handle) -> Result<Vec<DeviceId>, Fault> {
        let long = "l".repeat(127);
        let names = [
            "x",
            "X",
            "x ",
            "'",
            "%",
            "\u{1f512}",
            &format!("{long}a"),
            &format!("{long}b"),
        ];
        names
            .map(str::to_owned)
            .into_iter()
            .map(|name| named(store, name))
            .collect()
    }
}

fn named(Handle(vault): &Handle, name: String) -> Result<DeviceId, Fault> {
    let mut enrolment = bank::enrolment("any", &format!("user {}", name.len()), Default::default());
    enrolment.user = bank::user(&name);
    enrolment.device = bank::device(&name);
    let device = enrolment.device.clone();
    vault.enrol(enrolment, bank::act()).wait()?;
    Ok(device)
}

/// What a control is broken by; the controls keep their states in memory, where handles share a "disk".
#[derive(Clone, Copy, PartialEq, Debug)]
enum Break {
    Nothing,
    UnknownIsNew,
    ForgetsTheCounter,
    NeverCompares,
    OneStateForAll,
    ReplacesInTwoSteps,
    ConflictIsAnError,
    AnswersBeforeDurable,
    ShowsBeforeDurable,
    ForgetsAtACrash,
}

/// The states that handles share, as processes share a disk.
type Disk = Arc<Mutex<HashMap<u32, State>>>;

struct Control {
    broken: Break,
    disk: Disk,
}

/// A handle, with what it would write to the disk later.
struct Broken {
    broken: Break,
    disk: Disk,
    later: Mutex<HashMap<u32, State>>,
    crashed: AtomicBool,
}

fn control(broken: Break) -> Control {
    Control {
        broken,
        disk: Disk::default(),
    }
}

impl Subject for Control {
    type Store = Broken;
    type Device = u32;

    fn open(&self) -> Result<Broken, Fault> {
        Ok(Broken {
            broken: self.broken,
            disk: Arc::clone(&self.disk),
            later: Mutex::default(),
            crashed: AtomicBool::new(false),
        })
    }

    fn enrol(&self, store: &Broken, number: u32) -> Result<u32, Fault> {
        store
            .disk
            .lock()
            .unwrap()
            .insert(store.place(number), State::new());
        Ok(number)
    }

    fn unknown(&self) -> u32 {
        u32::MAX
    }

    fn crash(&self, store: Broken) {
        if self.broken == Break::ForgetsAtACrash {
            self.disk
                .lock()
                .unwrap()
                .values_mut()
                .for_each(|state| *state = State::new());
        }
        store.crashed.store(true, Ordering::Relaxed);
    }
}

impl Broken {
    fn place(&self, device: u32) -> u32 {
        if self.broken == Break::OneStateForAll && device != u32::MAX {
            0
        } else {
            device
        }
    }
}

impl Drop for Broken {
    fn drop(&mut self) {
        if !self.crashed.load(Ordering::Relaxed) {
            self.disk
                .lock()
                .unwrap()
                .extend(self.later.lock().unwrap().drain());
        }
    }
}

impl Store for Broken {
    type Device = u32;
    type Error = MemoryStoreError;

    fn load(&self, device: &u32) -> Result<State, MemoryStoreError> {
        let device = self.place(*device);
        if let Some(state) = self.later.lock().unwrap().get(&device) {
            return Ok(state.clone());
        }
        match self.disk.lock().unwrap().get(&device) {
            Some(state) => Ok(state.clone()),
            None if self.broken == Break::UnknownIsNew => Ok(State::new()),
            None => Err(MemoryStoreError::UnknownDevice),
        }
    }

    fn compare_and_set(
        &self,
        device: &u32,
        seen: &State,
        next: &State,
    ) -> Result<Swap, MemoryStoreError> {
        let place = self.place(*device);
        if self.broken == Break::ReplacesInTwoSteps {
            let is_seen = self.load(device)? == *seen;
            thread::sleep(Duration::from_micros(100));
            if is_seen {
                self.disk.lock().unwrap().insert(place, next.clone());
            }
            return Ok(if is_seen {
                Swap::Stored
            } else {
                Swap::Conflict
            });
        }
        let mut disk = self.disk.lock().unwrap();
        let mut later = self.later.lock().unwrap();
        let stored = later.get(&place).or_else(|| disk.get(&place));
        let stored = stored.ok_or(MemoryStoreError::UnknownDevice)?;
        if stored != seen && self.broken != Break::NeverCompares {
            if self.broken == Break::ConflictIsAnError {
                return Err(MemoryStoreError::UnknownDevice);
            }
            return Ok(Swap::Conflict);
        }
        match self.broken {
            Break::AnswersBeforeDurable => drop(later.insert(place, next.clone())),
            Break::ShowsBeforeDurable => {
                later.insert(place, next.clone());
                drop((disk, later));
                // Here is where a slow disk is waited for.
                thread::sleep(Duration::from_millis(2));
                self.disk
                    .lock()
                    .unwrap()
                    .extend(self.later.lock().unwrap().drain());
            }
            Break::ForgetsTheCounter if next.counter() != State::new().counter() => {
                let mut bytes = next.to_bytes();
                bytes.iter_mut().skip(24).take(8).for_each(|byte| *byte = 0);
                disk.insert(place, State::from_bytes(&bytes).unwrap());
            }
            _ => drop(disk.insert(place, next.clone())),
        }
        Ok(Swap::Stored)
    }
}

/// The names of the checks that a control fails.
fn failed(broken: Break) -> Vec<&'static str> {
    let report = judge(&control(broken));
    let mut failed: Vec<_> = report.failed().collect();
    failed.sort_unstable();
    println!("{broken:?}\n{report}");
    failed
}

#[test]
fn a_control_with_nothing_broken_conforms() {
    assert_eq!(failed(Break::Nothing), [""; 0]);
}

#[test]
fn a_store_that_makes_states_up_is_found() {
    assert_eq!(failed(Break::UnknownIsNew), [UNKNOWN_DEVICE]);
}

#[test]
fn a_store_that_drops_a_field_is_found() {
    assert_eq!(failed(Break::ForgetsTheCounter), [ROUND_TRIP]);
}

#[test]
fn a_store_without_compare_and_set_is_found() {
    let failed = failed(Break::NeverCompares);
    assert!(failed.contains(&CONFLICT), "{failed:?}");
}

#[test]
fn a_store_that_mixes_devices_up_is_found() {
    let failed = failed(Break::OneStateForAll);
    assert!(failed.contains(&DEVICES_APART), "{failed:?}");
}

#[test]
fn a_store_that_loses_updates_is_found() {
    let failed = failed(Break::ReplacesInTwoSteps);
    for check in [SINGLE_USE, ATTEMPTS_COUNTED, NO_UPDATE_LOST] {
        assert!(failed.contains(&check), "{check}: {failed:?}");
    }
    assert!(!failed.contains(&CONFLICT), "{failed:?}");
}

#[test]
fn a_store_that_tells_of_a_conflict_as_of_an_error_is_found() {
    let failed = failed(Break::ConflictIsAnError);
    assert!(failed.contains(&CONFLICT), "{failed:?}");
}

#[test]
fn a_store_that_answers_before_it_is_durable_is_found() {
    let failed = failed(Break::AnswersBeforeDurable);
    for check in [DURABLE_WHEN_STORED, SURVIVES_A_CRASH] {
        assert!(failed.contains(&check), "{check}: {failed:?}");
    }
}

#[test]
fn a_store_that_shows_what_is_not_durable_is_found() {
    let failed = failed(Break::ShowsBeforeDurable);
    assert!(failed.contains(&SEEN_WHEN_DURABLE), "{failed:?}");
}

#[test]
fn a_store_that_forgets_at_a_crash_is_found() {
    assert_eq!(failed(Break::ForgetsAtACrash), [SURVIVES_A_CRASH]);
}

/// A store in memory, of which every handle is the same.
struct Shared(Arc<MemoryStore<u32>>);

impl Store for Shared {
    type Device = u32;
    type Error = MemoryStoreError;

    fn load(&self, device: &u32) -> Result<State, MemoryStoreError> {
        self.0.load(device)
    }

    fn compare_and_set(
        &self,
        device: &u32,
        seen: &State,
        next: &State,
    ) -> Result<Swap, MemoryStoreError> {
        self.0.compare_and_set(device, seen, next)
    }
}

struct Memory(Arc<MemoryStore<u32>>);

impl Subject for Memory {
    type Store = Shared;
    type Device = u32;

    fn open(&self) -> Result<Shared, Fault> {
        Ok(Shared(Arc::clone(&self.0)))
    }

    fn enrol(&self, store: &Shared, number: u32) -> Result<u32, Fault> {
        store.0.enrol(number, State::new())?;
        Ok(number)
    }

    fn unknown(&self) -> u32 {
        u32::MAX
    }
}

#[test]
fn the_store_in_memory_conforms() {
    let report = judge(&Memory(Arc::new(MemoryStore::new())));
    assert!(report.is_conformant(), "{report}");
}

/// A store that panics fails every check, and the suite goes on.
struct Panics;

impl Subject for Panics {
    type Store = Shared;
    type Device = u32;

    fn open(&self) -> Result<Shared, Fault> {
        panic!("as a broken store may");
    }

    fn enrol(&self, _: &Shared, number: u32) -> Result<u32, Fault> {
        Ok(number)
    }

    fn unknown(&self) -> u32 {
        0
    }
}

#[test]
fn a_store_that_panics_fails_every_check() {
    let report = judge(&Panics);
    assert_eq!(report.failed().count(), report.outcomes.len());
}
