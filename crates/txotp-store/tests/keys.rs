//! Keys: rotation, while others work and when it is interrupted; missing and wrong ones; sealed seeds.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod support;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use support::bank::*;
use txotp_store::{
    KeyError, KeyId, KeyService, Keyring, Options, Sealed, Status, StoreError, Vault,
};
use zeroize::Zeroizing;

on_each_database! {
    rotation_seals_everything_anew_and_the_old_key_can_go
    rotation_needs_the_old_key
    verdicts_go_on_while_keys_rotate
    a_store_opens_with_its_own_keys_only
    new_devices_are_sealed_under_the_last_key
    a_key_service_that_panics_ends_no_thread
    others_write_while_the_key_service_seals_a_page
    a_key_service_that_does_not_answer_is_asked_again
}

fn id(text: &str) -> KeyId {
    text.parse().unwrap()
}

fn ring(lines: &[(&str, &str)]) -> Arc<dyn KeyService> {
    let line = |(id, byte): &(&str, &str)| format!("{id} {}\n", byte.repeat(32));
    let text: String = lines.iter().map(line).collect();
    Arc::new(Keyring::parse(&text).unwrap())
}

fn open(place: &Place, keys: Arc<dyn KeyService>) -> Result<Vault, StoreError> {
    Vault::open(&place.location(), keys, Options::default())
}

/// How many seeds were sealed anew, and how many were left.
fn rotate(vault: &Vault) -> Result<(u64, u64), StoreError> {
    let rotation = vault.rotate(act(), unwatched())?;
    Ok((rotation.resealed, rotation.damaged))
}

const OLD: (&str, &str) = ("a", "11");
const NEW: (&str, &str) = ("b", "22");

fn rotation_seals_everything_anew_and_the_old_key_can_go(place: &Place) {
    let vault = place.create();
    for number in 0..3 {
        enrol(&vault, &format!("token {number}"), "alice");
    }
    let entries = vault.device(device("token 0")).wait().unwrap().entries;
    drop(vault);

    let vault = open(place, ring(&[OLD, NEW])).unwrap();
    assert_eq!(vault.key_usage().wait().unwrap(), [(id("a"), 3)]);
    assert_eq!(rotate(&vault), Ok((3, 0)));
    assert_eq!(vault.key_usage().wait().unwrap(), [(id("b"), 3)]);
    assert_eq!(vault.root_key().wait().unwrap(), id("b"));
    assert_eq!(rotate(&vault), Ok((0, 0)), "there is nothing left to do");
    let found = vault.device(device("token 0")).wait().unwrap();
    assert_eq!((found.key, found.entries), (id("b"), entries));
    drop(vault);

    let vault = open(place, ring(&[NEW])).unwrap();
    let code = right("token 2", 1, NOW);
    let answer = vault.verify(user("alice"), transaction(1), &code, act());
    assert!(answer.wait().unwrap().judgement.is_accepted());
    assert!(vault.check(unwatched()).wait().unwrap().is_clean());
}

fn rotation_needs_the_old_key(place: &Place) {
    let vault = place.create();
    enrol(&vault, "phone", "alice");
    drop(vault);
    let refused = open(place, ring(&[NEW])).unwrap_err();
    assert_eq!(refused, StoreError::Key(KeyError::Missing(id("a"))));
    open(place, ring(&[OLD])).unwrap();
}

fn verdicts_go_on_while_keys_rotate(place: &Place) {
    let vault = place.create();
    for number in 0..40 {
        enrol(
            &vault,
            &format!("token {number}"),
            &format!("user {number}"),
        );
    }
    drop(vault);
    let vault = open(place, ring(&[OLD, NEW])).unwrap();
    std::thread::scope(|scope| {
        let vault = &vault;
        for thread in 0..4 {
            scope.spawn(move || {
                for number in (thread..40).step_by(4) {
                    let name = format!("token {number}");
                    let code = right(&name, 1, NOW);
                    let answer = vault.verify(device(&name), transaction(1), &code, act());
                    assert!(answer.wait().unwrap().judgement.is_accepted());
                }
            });
        }
        assert_eq!(rotate(vault), Ok((40, 0)));
    });
    assert!(vault.check(unwatched()).wait().unwrap().is_clean());
}

fn a_store_opens_with_its_own_keys_only(place: &Place) {
    drop(place.create());
    let wrong = open(place, ring(&[("a", "33")])).unwrap_err();
    assert_eq!(wrong, StoreError::Key(KeyError::Wrong(id("a"))));
    // The root opens, and a seed that was sealed under another key does not.
    let vault = open(place, ring(&[OLD, NEW])).unwrap();
    enrol(&vault, "phone", "alice");
    drop(vault);
    let missing = open(place, ring(&[OLD])).unwrap_err();
    assert_eq!(missing, StoreError::Key(KeyError::Missing(id("b"))));
    let wrong = open(place, ring(&[("b", "44"), OLD])).unwrap_err();
    assert_eq!(wrong, StoreError::Key(KeyError::Wrong(id("b"))));
}

fn new_devices_are_sealed_under_the_last_key(place: &Place) {
    drop(place.create());
    let vault = open(place, ring(&[OLD, NEW])).unwrap();
    enrol(&vault, "phone", "alice");
    let found = vault.device(device("phone")).wait().unwrap();
    assert_eq!(found.key, id("b"));
}

/// A key service that panics when it is told to.
#[derive(Debug)]
struct Panicking(Arc<dyn KeyService>, AtomicBool);

impl KeyService for Panicking {
    fn current(&self) -> KeyId {
        self.0.current()
    }

    fn seal(&self, context: &[u8], secret: &[u8]) -> Result<Sealed, KeyError> {
        self.0.seal(context, secret)
    }

    fn open(&self, context: &[u8], sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        assert!(!self.1.load(Ordering::Relaxed), "as told");
        self.0.open(context, sealed)
    }
}

fn a_key_service_that_panics_ends_no_thread(place: &Place) {
    drop(place.create());
    let service = Arc::new(Panicking(ring(&[OLD]), AtomicBool::new(false)));
    let vault = open(place, Arc::clone(&service) as Arc<dyn KeyService>).unwrap();
    enrol(&vault, "phone", "alice");
    let verify = |number| {
        let code = right("phone", number, NOW);
        vault
            .verify(device("phone"), transaction(number), &code, act())
            .wait()
    };
    service.1.store(true, Ordering::Relaxed);
    for number in 0..20 {
        assert_eq!(verify(number), Err(StoreError::Panicked));
    }
    service.1.store(false, Ordering::Relaxed);
    assert!(verify(0).unwrap().judgement.is_accepted());
    assert!(vault.check(unwatched()).wait().unwrap().is_clean());
}

/// A key service that has a device suspended when it first seals after it was told to, and that opens nothing while it
/// is told to be silent.
#[derive(Debug)]
struct Meddling {
    keys: Arc<dyn KeyService>,
    vault: Mutex<Option<Arc<Vault>>>,
    is_silent: AtomicBool,
}

impl Meddling {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            keys: ring(&[OLD, NEW]),
            vault: Mutex::default(),
            is_silent: AtomicBool::new(false),
        })
    }
}

impl KeyService for Meddling {
    fn current(&self) -> KeyId {
        self.keys.current()
    }

    fn seal(&self, context: &[u8], secret: &[u8]) -> Result<Sealed, KeyError> {
        if let Some(vault) = self.vault.lock().unwrap().take() {
            vault.suspend(device("phone"), act()).wait().unwrap();
        }
        self.keys.seal(context, secret)
    }

    fn open(&self, context: &[u8], sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        if self.is_silent.load(Ordering::Relaxed) {
            return Err(KeyError::Unavailable);
        }
        self.keys.open(context, sealed)
    }
}

fn others_write_while_the_key_service_seals_a_page(place: &Place) {
    enrol(&place.create(), "phone", "alice");
    let service = Meddling::new();
    let keys = Arc::clone(&service) as Arc<dyn KeyService>;
    let vault = Arc::new(open(place, keys).unwrap());
    // The root goes first: from here on only the seed is left.
    assert_eq!(rotate(&vault), Ok((1, 0)));
    let other = open(place, ring(&[NEW, OLD])).unwrap();
    enrol(&other, "token", "bob");
    drop(other);
    *service.vault.lock().unwrap() = Some(Arc::clone(&vault));
    assert_eq!(rotate(&vault), Ok((1, 0)));
    let found = vault.device(device("phone")).wait().unwrap();
    assert_eq!(found.status, Status::Suspended);
}

fn a_key_service_that_does_not_answer_is_asked_again(place: &Place) {
    enrol(&place.create(), "phone", "alice");
    let service = Meddling::new();
    let vault = open(place, Arc::clone(&service) as Arc<dyn KeyService>).unwrap();
    let code = right("phone", 1, NOW);
    let verify = || {
        let ticket = vault.verify(device("phone"), transaction(1), &code, act());
        ticket.wait()
    };
    service.is_silent.store(true, Ordering::Relaxed);
    let refused = verify().unwrap_err();
    assert_eq!(refused, StoreError::Key(KeyError::Unavailable));
    assert!(refused.is_transient());
    assert!(!StoreError::Key(KeyError::Missing(id("a"))).is_transient());
    assert_eq!(rotate(&vault), Err(refused));
    service.is_silent.store(false, Ordering::Relaxed);
    assert!(verify().unwrap().judgement.is_accepted());
    assert_eq!(rotate(&vault), Ok((1, 0)));
}
