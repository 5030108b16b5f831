//! A bank: where its store is, its keys, and the codes that its payers' devices show.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use txotp_core::{DeviceKey, Digest, MovingFactor, Purpose, Seed, TransactionSuite, UnixTime};
use txotp_store::{
    Act, Actor, DeviceId, Enrolment, KeyService, Keyring, Location, Options, Progress, StoreError,
    UserId, Vault,
};
use txotp_verifier::{GuessingBound, Policy, Settings};

#[cfg(feature = "postgres")]
use super::postgres::Cluster;

/// When every test begins, by the bank's clock.
pub const NOW: UnixTime = UnixTime::from_seconds(1_700_000_010);

/// A place for one store, which goes away with the value.
pub struct Place {
    pub text: String,
    home: Home,
}

enum Home {
    Folder(TempDir),
    #[cfg(feature = "postgres")]
    Server(Cluster),
}

impl Place {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("store.db");
        Self {
            text: text.to_str().unwrap().to_owned(),
            home: Home::Folder(folder),
        }
    }

    /// A server of its own; nothing where there is no PostgreSQL, and then the test is skipped by its name.
    #[cfg(feature = "postgres")]
    pub fn postgres(test: &str) -> Option<Self> {
        let server = Cluster::new(test)?;
        Some(Self {
            text: server.url(),
            home: Home::Server(server),
        })
    }

    #[cfg(feature = "postgres")]
    pub fn server(&self) -> &Cluster {
        match &self.home {
            Home::Server(server) => server,
            Home::Folder(_) => panic!("a file has no server"),
        }
    }

    /// The file of an SQLite store.
    pub fn file(&self) -> PathBuf {
        self.folder().join("store.db")
    }

    pub fn folder(&self) -> &Path {
        match &self.home {
            Home::Folder(folder) => folder.path(),
            #[cfg(feature = "postgres")]
            Home::Server(_) => panic!("a server has no folder"),
        }
    }

    pub fn location(&self) -> Location {
        self.text.parse().unwrap()
    }

    /// Takes the store away, so that another can be made. Nobody has it open.
    pub fn clear(&self) {
        match &self.home {
            Home::Folder(folder) => {
                for file in std::fs::read_dir(folder.path()).unwrap() {
                    std::fs::remove_file(file.unwrap().path()).unwrap();
                }
            }
            #[cfg(feature = "postgres")]
            Home::Server(server) => {
                server.sql_in("postgres", "DROP DATABASE txotp WITH (FORCE)");
                server.sql_in("postgres", "CREATE DATABASE txotp");
            }
        }
    }

    /// Makes a store, and opens it.
    pub fn create(&self) -> Vault {
        Vault::create(&self.location(), &keys(), Options::default(), &act()).unwrap();
        self.open()
    }

    pub fn open(&self) -> Vault {
        self.try_open().unwrap()
    }

    pub fn try_open(&self) -> Result<Vault, StoreError> {
        Vault::open(&self.location(), keys(), Options::default())
    }
}

/// Makes a test of each function for each database: `sqlite::name` and `postgres::name`.
macro_rules! on_each_database {
    ($($name:ident)*) => {
        mod sqlite {
            $(
                #[test]
                fn $name() {
                    super::$name(&super::support::bank::Place::sqlite());
                }
            )*
        }

        #[cfg(feature = "postgres")]
        mod postgres {
            $(
                #[test]
                fn $name() {
                    let test = concat!(module_path!(), "::", stringify!($name));
                    if let Some(place) = super::support::bank::Place::postgres(test) {
                        super::$name(&place);
                    }
                }
            )*
        }
    };
}
pub(crate) use on_each_database;

pub fn keyring() -> Keyring {
    Keyring::parse(&format!("a {}", "11".repeat(32))).unwrap()
}

pub fn keys() -> Arc<dyn KeyService> {
    Arc::new(keyring())
}

pub fn act() -> Act {
    act_at(NOW)
}

pub fn act_at(now: UnixTime) -> Act {
    Act {
        actor: Actor::new("test").unwrap(),
        now,
    }
}

/// So many seconds after the beginning.
pub fn after(seconds: u64) -> UnixTime {
    UnixTime::from_seconds(NOW.seconds() + seconds)
}

pub fn device(name: &str) -> DeviceId {
    DeviceId::new(name).unwrap()
}

pub fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

/// Progress that nobody watches.
pub fn unwatched() -> Progress {
    Box::new(|_, _| {})
}

/// The seed of a device: each has its own.
pub fn seed(device: &str) -> Seed {
    let mut bytes = [7; 64];
    bytes[..device.len()].copy_from_slice(device.as_bytes());
    Seed::from_bytes(&bytes).unwrap()
}

pub fn enrolment(device_name: &str, user_name: &str, settings: Settings) -> Enrolment {
    Enrolment {
        device: device(device_name),
        user: user(user_name),
        suite: TransactionSuite::default(),
        settings,
        seed: seed(device_name),
        pin: None,
        counter: None,
    }
}

pub fn enrol(vault: &Vault, device: &str, user: &str) {
    let enrolment = enrolment(device, user, Settings::default());
    vault.enrol(enrolment, act()).wait().unwrap();
}

/// Five failures lock, as by default; ten locks end by themselves, each after a second.
pub fn short_locks() -> Settings {
    Settings {
        temporary_locks: 10,
        first_delay: 1,
        delay_growth: 1,
        guessing_limit: GuessingBound::CERTAINTY,
        ..Settings::default()
    }
}

pub fn policy(settings: Settings) -> Policy {
    Policy::new(&TransactionSuite::default(), settings).unwrap()
}

pub fn device_key(device: &str) -> DeviceKey {
    DeviceKey::new(TransactionSuite::default(), &seed(device), None).unwrap()
}

pub fn transaction(number: u64) -> Purpose {
    let mut digest = [0; 32];
    digest[..8].copy_from_slice(&number.to_be_bytes());
    Purpose::Transaction(Digest::from_bytes(digest))
}

/// The code that a device shows for a transaction.
pub fn right(device: &str, number: u64, now: UnixTime) -> String {
    let step = now.step(TransactionSuite::default().period().unwrap());
    let code = device_key(device).code(transaction(number), MovingFactor::step(step));
    code.unwrap().reveal().to_owned()
}

/// A code that it does not show: the right one with another last digit. That it is one of another step
/// happens once in thirty million times.
pub fn wrong(device: &str, number: u64, now: UnixTime) -> String {
    let mut code = right(device, number, now);
    let last = code.pop().unwrap().to_digit(10).unwrap();
    code.push(char::from_digit((last + 1) % 10, 10).unwrap());
    code
}
