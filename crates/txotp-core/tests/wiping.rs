//! Wiping (specification S7.12): dropped secrets are looked for in the memory of the whole process.
//!
//! A process may read its own memory as a file. So no `unsafe` is needed, and it does not matter what the compiler may
//! assume of a value that is gone: what is read is what the machine holds. Registers are not looked at, nor pages that
//! were swapped, and nothing shorter than eight bytes is looked for.
//!
//! What is left is where the stack was, until other calls overwrite it: values are moved there, and the hash crates keep
//! copies there. Found in optimised builds: PIN hashes, codes, HMAC states, and of SHA-1 the inner hash and the MAC of a
//! code. A caller who overwrites the stack after each call is left with nothing, as the last test shows.
#![cfg(all(target_os = "linux", feature = "sha1", feature = "sha512"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs,
    reason = "a test that panics has failed"
)]

mod wiping {
    pub(crate) mod needles;
    pub(crate) mod picture;
}

use std::collections::BTreeSet;
use std::hint::black_box;
use std::ops::Range;
use std::sync::{Mutex, mpsc};
use std::thread;

use txotp_core::ocra::{self, Challenge, Input};
use txotp_core::{
    Algorithm, Candidates, Code, Counter, DeviceKey, Digest, Digits, HotpKey, Mac, MovingFactor,
    Period, PinHash, Purpose, Seed, Step, TotpKey, TransactionSuite, Window,
};
use wiping::needles::{COUNTER, Case, DIGEST, STEP};
use wiping::picture::{Picture, Place};
use zeroize::Zeroize;

static ALONE: Mutex<()> = Mutex::new(());

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512];

/// A value is moved with the bytes between its fields, and those carry along what lay there on the stack: 15 at most,
/// since nothing is aligned to more than 16. Some more may agree by chance.
const MORE_THAN_PADDING: usize = 24;

/// Where a value is put, and dropped without anything being written over it: clearing a vector does that.
type Slot<T> = Vec<T>;

/// All that holds a secret.
struct Slots {
    seed: Slot<Seed>,
    pin: Slot<PinHash>,
    device: Slot<DeviceKey>,
    device_without_pin: Slot<DeviceKey>,
    hotp: Slot<HotpKey>,
    totp: Slot<TotpKey>,
    ocra: Slot<ocra::Key>,
    code: Slot<Code>,
    mac: Slot<Mac>,
}

impl Slots {
    fn empty() -> Self {
        Self {
            seed: Vec::with_capacity(1),
            pin: Vec::with_capacity(1),
            device: Vec::with_capacity(1),
            device_without_pin: Vec::with_capacity(1),
            hotp: Vec::with_capacity(1),
            totp: Vec::with_capacity(1),
            ocra: Vec::with_capacity(1),
            code: Vec::with_capacity(1),
            mac: Vec::with_capacity(1),
        }
    }

    /// Does everything that a device and a bank do, each as a caller of its own.
    fn fill(&mut self, case: Case, call: impl Fn(&mut dyn FnMut())) {
        let Case { algorithm, .. } = case;
        call(&mut || self.seed.push(seed(case)));
        let seed = &self.seed[0];
        call(&mut || {
            let mut text = case.pin_text();
            self.pin
                .push(PinHash::of(algorithm, str::from_utf8(&text).unwrap()).unwrap());
            text.zeroize();
        });
        let pin = &self.pin[0];
        let suite = TransactionSuite::parse(&case.suite()).unwrap();
        call(&mut || {
            self.device
                .push(DeviceKey::new(suite, seed, Some(pin)).unwrap())
        });
        let plain = TransactionSuite::with_time(algorithm, Digits::Eight, Period::DEFAULT).unwrap();
        call(&mut || {
            let key = DeviceKey::new(plain, seed, None).unwrap();
            self.device_without_pin.push(key);
        });
        call(&mut || self.hotp.push(HotpKey::new(algorithm, Digits::Eight, seed)));
        let totp = || TotpKey::new(algorithm, Digits::Eight, Period::DEFAULT, seed);
        call(&mut || self.totp.push(totp()));
        call(&mut || self.ocra.push(ocra::Key::new(*suite.ocra(), seed)));

        let step = Step::new(STEP);
        let purpose = Purpose::Transaction(Digest::from_bytes(DIGEST));
        let device = &self.device[0];
        call(&mut || {
            self.code
                .push(device.code(purpose, MovingFactor::step(step)).unwrap())
        });
        let window = Candidates::steps(Window::DEFAULT.around(step));
        let code = &self.code[0];
        call(&mut || assert!(!device.search(purpose, window, code).unwrap().is_empty()));
        call(&mut || assert!(device.replay_tag(purpose) != device.replay_tag(Purpose::Login)));
        call(&mut || self.mac.push(self.hotp[0].mac(Counter::new(COUNTER))));
        call(&mut || drop(self.totp[0].code_of_step(step)));
        let challenge = Challenge::of_digest(&Digest::from_bytes(DIGEST));
        call(&mut || {
            let mut input = Input::new(&challenge);
            (input.pin, input.step) = (Some(pin), Some(step));
            drop(self.ocra[0].code(&input).unwrap());
        });
    }

    fn clear(&mut self, call: impl Fn(&mut dyn FnMut())) {
        call(&mut || self.seed.clear());
        call(&mut || self.pin.clear());
        call(&mut || self.device.clear());
        call(&mut || self.device_without_pin.clear());
        call(&mut || self.hotp.clear());
        call(&mut || self.totp.clear());
        call(&mut || self.ocra.clear());
        call(&mut || self.code.clear());
        call(&mut || self.mac.clear());
    }

    fn ranges(&self) -> Ranges {
        vec![
            ("Seed", range(&self.seed)),
            ("PinHash", range(&self.pin)),
            ("DeviceKey", range(&self.device)),
            ("DeviceKey without a PIN", range(&self.device_without_pin)),
            ("HotpKey", range(&self.hotp)),
            ("TotpKey", range(&self.totp)),
            ("ocra::Key", range(&self.ocra)),
            ("Code", range(&self.code)),
            ("Mac", range(&self.mac)),
        ]
    }
}

fn range<T>(slot: &Slot<T>) -> Range<usize> {
    let start = slot.as_ptr().addr();
    start..start + size_of::<T>()
}

fn seed(case: Case) -> Seed {
    let fill = |room: &mut [u8]| {
        for (place, byte) in room.iter_mut().enumerate() {
            *byte = case.seed_byte(place);
        }
        Ok::<_, ()>(())
    };
    Seed::generate(case.algorithm, fill).unwrap()
}

/// Calls deep in the stack, where nothing that comes later reaches.
#[inline(never)]
fn deep(operation: &mut dyn FnMut()) {
    let depth = [0u8; 32 << 10];
    black_box(&depth);
    operation();
}

/// Overwrites the stack beyond the caller's frame, as far as [`deep`] and what it calls reach.
#[inline(never)]
fn overwrite() {
    let zeros = [0u8; 64 << 10];
    black_box(&zeros);
}

/// Leaves a mark all over the stack beyond the caller's frame, where the next call will be.
#[inline(never)]
fn stain(mark: [u8; 32]) {
    let stains = [mark; (64 << 10) / 32];
    black_box(&stains);
}

/// When the picture is taken, and what befell the stack before.
#[derive(Clone, Copy, PartialEq)]
enum At {
    Work,
    Dropped,
    /// Every call found the stack full of marks.
    DroppedOnAStainedStack,
    /// The stack was overwritten after every call.
    DroppedAndOverwritten,
}

type Ranges = Vec<(&'static str, Range<usize>)>;

/// The picture while a thread of its own waits where `work` has left it.
fn picture_of(work: impl FnOnce(&dyn Fn(Ranges)) + Send + 'static) -> Picture {
    let (release, released) = mpsc::channel::<()>();
    let (report, reported) = mpsc::channel();
    let worker = thread::spawn(move || {
        let on_the_stack = 0u8;
        work(&|slots| {
            let stack = std::ptr::from_ref(&on_the_stack).addr();
            report.send((stack, slots)).unwrap();
            released.recv().unwrap_err();
        });
    });
    let (stack, slots) = reported.recv().unwrap();
    let picture = Picture::taken(stack, slots);
    drop(release);
    worker.join().unwrap();
    picture
}

fn finds(at: At, algorithm: Algorithm, in_a_row: usize) -> BTreeSet<(&'static str, Place)> {
    // One picture at a time: a thread that ends takes its stack along.
    let _alone = ALONE.lock();
    let case = Case::new(algorithm);
    let picture = picture_of(move |wait| {
        let call = |operation: &mut dyn FnMut()| {
            if at == At::DroppedOnAStainedStack {
                deep(&mut || stain(case.mark()));
            }
            deep(operation);
            if at == At::DroppedAndOverwritten {
                overwrite();
            }
        };
        let mut slots = Slots::empty();
        slots.fill(case, call);
        if at != At::Work {
            slots.clear(call);
        }
        wait(slots.ranges());
    });
    picture.finds(&case.needles(), in_a_row)
}

#[test]
fn every_secret_is_found_in_its_place_while_it_is_there() {
    for algorithm in ALGORITHMS {
        let found = finds(At::Work, algorithm, 8);
        for (name, place) in [
            ("seed", "Seed"),
            ("PIN hash", "PinHash"),
            ("PIN hash", "DeviceKey"),
            ("inner state", "DeviceKey"),
            ("outer state", "DeviceKey"),
            ("inner state", "HotpKey"),
            ("outer state", "HotpKey"),
            ("inner state", "TotpKey"),
            ("outer state", "TotpKey"),
            ("inner state", "ocra::Key"),
            ("outer state", "ocra::Key"),
            ("code", "Code"),
            ("MAC", "Mac"),
        ] {
            let there = found.contains(&(name, Place::Of(place)));
            assert!(there, "{algorithm}: {name} in {place}");
        }
    }
}

#[test]
fn a_type_that_does_not_wipe_is_found_where_it_was_and_on_the_stack() {
    let _alone = ALONE.lock();
    let case = Case::new(Algorithm::Sha256);
    let picture = picture_of(move |wait| {
        let mut slot: Slot<[u8; 32]> = Vec::with_capacity(1);
        deep(&mut || {
            let seed: [u8; 32] = std::array::from_fn(|place| case.seed_byte(place));
            slot.push(*black_box(&seed));
        });
        deep(&mut || slot.clear());
        wait(vec![("Forgetful", range(&slot))]);
    });
    let found = picture.finds(&case.needles(), 8);
    assert_eq!(
        found,
        [("seed", Place::Of("Forgetful")), ("seed", Place::Stack)].into()
    );
}

#[test]
fn dropped_secrets_are_nowhere_but_where_the_stack_was() {
    for algorithm in ALGORITHMS {
        let found = finds(At::Dropped, algorithm, MORE_THAN_PADDING);
        let elsewhere = found.iter().find(|(_, place)| *place != Place::Stack);
        assert_eq!(elsewhere, None, "{algorithm}");
    }
}

#[test]
fn a_value_leaves_nothing_in_its_place_of_what_was_on_the_stack_when_it_was_made() {
    for algorithm in ALGORITHMS {
        let found = finds(At::DroppedOnAStainedStack, algorithm, MORE_THAN_PADDING);
        assert!(found.contains(&("mark", Place::Stack)), "{algorithm}");
        let elsewhere = found.iter().find(|(_, place)| *place != Place::Stack);
        assert_eq!(elsewhere, None, "{algorithm}");
    }
}

#[test]
fn dropped_secrets_are_nowhere_once_the_caller_overwrites_the_stack() {
    for algorithm in ALGORITHMS {
        let found = finds(At::DroppedAndOverwritten, algorithm, 8);
        assert_eq!(found, BTreeSet::new(), "{algorithm}");
    }
}
