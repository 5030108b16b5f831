//! Keys: rotation, while others work and when it is interrupted; missing and wrong ones; sealed seeds.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod support;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use support::bank::*;
use txotp_store::{
    KeyError, KeyId, KeyService, Keyring, Options, Sealed, Status, StoreError, Vault, Who,
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
    nobody_waits_for_a_slow_key_service_but_who_needs_it
    a_seed_that_is_sealed_anew_while_it_is_opened_is_opened_again
    what_waits_for_a_key_service_is_done_before_the_store_is_closed
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

/// A key service that panics when it is told to, near or far away.
#[derive(Debug)]
struct Panicking(Arc<dyn KeyService>, AtomicBool, bool);

impl KeyService for Panicking {
    fn current(&self) -> KeyId {
        self.0.current()
    }

    fn seal(&self, context: &[u8], secret: &[u8]) -> Result<Sealed, KeyError> {
        self.0.seal(context, secret)
    }

    fn is_local(&self) -> bool {
        self.2
    }

    fn open(&self, context: &[u8], sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        assert!(!self.1.load(Ordering::Relaxed), "as told");
        self.0.open(context, sealed)
    }
}

fn a_key_service_that_panics_ends_no_thread(place: &Place) {
    enrol(&place.create(), "phone", "alice");
    for (is_local, accepted) in [(true, 0), (false, 1)] {
        let service = Panicking(ring(&[OLD]), AtomicBool::new(false), is_local);
        let service = Arc::new(service);
        let vault = open(place, Arc::clone(&service) as Arc<dyn KeyService>).unwrap();
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
        assert!(verify(accepted).unwrap().judgement.is_accepted());
        assert!(vault.check(unwatched()).wait().unwrap().is_clean());
    }
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
    let is_suspended = || {
        let found = vault.device(device("phone")).wait().unwrap();
        found.status == Status::Suspended
    };
    // The root goes first: from here on only the seed is left.
    *service.vault.lock().unwrap() = Some(Arc::clone(&vault));
    assert_eq!(rotate(&vault), Ok((1, 0)));
    assert!(is_suspended());
    vault.resume(device("phone"), act()).wait().unwrap();
    let other = open(place, ring(&[NEW, OLD])).unwrap();
    enrol(&other, "token", "bob");
    drop(other);
    *service.vault.lock().unwrap() = Some(Arc::clone(&vault));
    assert_eq!(rotate(&vault), Ok((1, 0)));
    assert!(is_suspended());
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

/// A key service far away: it says which device's seed it is to open, and opens it when it is let.
#[derive(Debug)]
struct Far {
    keys: Arc<dyn KeyService>,
    /// Those whose seeds are opened when it is let, and no sooner.
    slow: &'static str,
    asked: Sender<()>,
    let_go: Mutex<Receiver<()>>,
}

impl Far {
    /// The service, what tells that it was asked, and what lets it go on.
    fn new(keys: Arc<dyn KeyService>, slow: &'static str) -> (Self, Receiver<()>, Sender<()>) {
        let (asked, is_asked) = channel();
        let (go, let_go) = channel();
        let far = Self {
            keys,
            slow,
            asked,
            let_go: Mutex::new(let_go),
        };
        (far, is_asked, go)
    }
}

impl KeyService for Far {
    fn current(&self) -> KeyId {
        self.keys.current()
    }

    fn seal(&self, context: &[u8], secret: &[u8]) -> Result<Sealed, KeyError> {
        self.keys.seal(context, secret)
    }

    fn open(&self, context: &[u8], sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        if context.ends_with(self.slow.as_bytes()) {
            self.asked.send(()).unwrap();
            // A test that is over lets go of everything.
            let told = self.let_go.lock().unwrap().recv();
            told.map_err(|_| KeyError::Unavailable)?;
        }
        self.keys.open(context, sealed)
    }
}

/// Fails, and does not hang, where what it waits for does not come.
fn comes<T>(from: &Receiver<T>) -> T {
    from.recv_timeout(Duration::from_secs(60)).unwrap()
}

fn nobody_waits_for_a_slow_key_service_but_who_needs_it(place: &Place) {
    let near = place.create();
    // Opening a store asks for the first seed, which is not the slow one.
    for name in ["a phone", "slow", "tablet"] {
        enrol(&near, name, name);
    }
    let (service, is_asked, go) = Far::new(ring(&[OLD]), "slow");
    let vault = open(place, Arc::new(service)).unwrap();
    // Dropped before the vault, which would wait for it where the test fails.
    let go = go;
    // By its name, and as a user's.
    let slow = [device("slow").into(), Who::User(user("slow"))];
    let slow = slow.map(|who| {
        let code = right("slow", 1, NOW);
        vault.verify(who, transaction(1), &code, act())
    });
    comes(&is_asked);

    let verify = |vault: &Vault, number| {
        let code = right("tablet", number, NOW);
        let answer = vault.verify(device("tablet"), transaction(number), &code, act());
        answer.wait().map(|answer| answer.judgement.is_accepted())
    };
    // No other process is held up, and none of this one.
    assert_eq!(verify(&near, 1), Ok(true));
    std::thread::scope(|scope| {
        let (told, hears) = channel();
        let go = go.clone();
        let vault = &vault;
        scope.spawn(move || told.send(verify(vault, 2)));
        let answer = hears.recv_timeout(Duration::from_secs(60));
        // Whatever came of it, this test ends.
        go.send(()).unwrap();
        go.send(()).unwrap();
        assert_eq!(answer, Ok(Ok(true)));
    });
    let slow = slow.map(|ticket| ticket.wait().unwrap().judgement.is_accepted());
    assert!(slow[0] ^ slow[1], "once");
    assert!(near.check(unwatched()).wait().unwrap().is_clean());
}

fn a_seed_that_is_sealed_anew_while_it_is_opened_is_opened_again(place: &Place) {
    enrol(&place.create(), "a phone", "alice");
    let near = open(place, ring(&[OLD, NEW])).unwrap();
    enrol(&near, "token", "bob");
    let (service, is_asked, go) = Far::new(ring(&[OLD, NEW]), "token");
    // Opening a store asks for a seed of each key.
    go.send(()).unwrap();
    let vault = open(place, Arc::new(service)).unwrap();
    let go = go;
    comes(&is_asked);
    drop(near);
    let again = [NEW, OLD];
    let near = open(place, ring(&again)).unwrap();

    let code = right("token", 1, NOW);
    let ticket = vault.verify(device("token"), transaction(1), &code, act());
    comes(&is_asked);
    assert_eq!(rotate(&near), Ok((1, 0)));
    go.send(()).unwrap();
    comes(&is_asked);
    go.send(()).unwrap();
    assert!(ticket.wait().unwrap().judgement.is_accepted());
    assert!(near.check(unwatched()).wait().unwrap().is_clean());
}

fn what_waits_for_a_key_service_is_done_before_the_store_is_closed(place: &Place) {
    let near = place.create();
    enrol(&near, "a phone", "alice");
    enrol(&near, "slow", "bob");
    let (service, is_asked, go) = Far::new(ring(&[OLD]), "slow");
    let vault = open(place, Arc::new(service)).unwrap();
    let go = go;
    // More than are asked for at once.
    let tickets: Vec<_> = (0..40)
        .map(|number| {
            let code = right("slow", number, NOW);
            vault.verify(device("slow"), transaction(number), &code, act())
        })
        .collect();
    comes(&is_asked);
    for _ in 0..40 {
        go.send(()).unwrap();
    }
    vault.close();
    for ticket in tickets {
        // The state remembers sixteen.
        let answer = ticket.wait().unwrap().judgement;
        assert!(answer.is_accepted() || answer.reason() == Some("memory-full"));
    }
    assert_eq!(near.device(device("slow")).wait().unwrap().entries, 41);
}
