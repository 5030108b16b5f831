//! The vault, which decides.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use txotp_benches::{NOW, seed};
use txotp_core::{DeviceKey, Digest, MovingFactor, Purpose, TransactionSuite, UnixTime};
use txotp_store::{
    Act, Actor, DeviceId, Enrolment, KeyService, Keyring, Location, Options, UserId, Vault,
};
use txotp_verifier::Settings;

use crate::bare::Work;
use crate::{MOST_CALLERS, Side};

pub(crate) struct Bank {
    vault: Vault,
    key: DeviceKey,
    step: AtomicU64,
}

impl Bank {
    /// Makes a store with the devices of every side, each with one verdict.
    pub(crate) fn new(place: &Location) -> Self {
        let keys: Arc<dyn KeyService> = Arc::new(Keyring::new("a".parse().unwrap()).unwrap());
        Vault::create(place, &keys, Options::default(), &act(0)).unwrap();
        let suite = TransactionSuite::default();
        let bank = Self {
            vault: Vault::open(place, keys, Options::default()).unwrap(),
            key: DeviceKey::new(suite, &seed(), None).unwrap(),
            step: 0.into(),
        };
        for caller in 0..MOST_CALLERS {
            bank.enrol(&device(caller));
            for work in Work::ALL {
                bank.enrol(&work.device(caller));
            }
        }
        bank.round(MOST_CALLERS, 1);
        bank
    }

    fn enrol(&self, name: &str) {
        let enrolment = Enrolment {
            device: DeviceId::new(name).unwrap(),
            user: UserId::new(name).unwrap(),
            suite: *self.key.suite(),
            settings: Settings::default(),
            seed: seed(),
            pin: None,
            counter: None,
        };
        self.vault.enrol(enrolment, act(0)).wait().unwrap();
    }
}

impl Side for Bank {
    /// Right codes, each of a step of its own, computed before the clock is read.
    fn prepare(&self, turns: usize) -> Box<dyn Fn(usize, usize) + Sync + '_> {
        let count = u64::try_from(turns).unwrap();
        let first = self.step.fetch_add(count, Ordering::Relaxed);
        let purpose = Purpose::Transaction(Digest::from_bytes([1; 32]));
        let period = self.key.suite().period().unwrap();
        let attempt = |step| {
            let factor = MovingFactor::step(act(step).now.step(period));
            (act(step), self.key.code(purpose, factor).unwrap())
        };
        let attempts: Vec<_> = (first..first + count).map(attempt).collect();
        Box::new(move |caller, turn| {
            let (act, code) = &attempts[turn];
            let device = DeviceId::new(device(caller)).unwrap();
            let ticket = self
                .vault
                .verify(device, purpose, code.reveal(), act.clone());
            assert!(ticket.wait().unwrap().judgement.is_accepted());
        })
    }
}

pub(crate) fn device(caller: usize) -> String {
    format!("verify {caller:02}")
}

fn act(step: u64) -> Act {
    Act {
        actor: Actor::new("bench").unwrap(),
        now: UnixTime::from_seconds(NOW.seconds() + 30 * step),
    }
}
