//! The store beside SQLite itself: how many durable verdicts a second, and how long one caller waits.
//!
//! Both sides write the same rows by the same statements, in rounds that alternate, so that what the disk does at the
//! moment concerns both. "SQLite itself" is a thread that commits whatever 64 callers have queued; it decides nothing,
//! opens no seed and chains no evidence.
//!
//! ```sh
//! cargo bench -p txotp-benches --bench store
//! ```
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_precision_loss
)]

use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Instant;

use rusqlite::{Connection, params};
use txotp_benches::NOW;
use txotp_core::{DeviceKey, Digest, MovingFactor, Purpose, Seed, TransactionSuite};
use txotp_store::{
    Act, Actor, DeviceId, Enrolment, KeyService, Keyring, Location, Options, UserId, Vault,
};
use txotp_verifier::Settings;

const CALLERS: usize = 64;
const SEED: [u8; 32] = [7; 32];

fn main() {
    // `cargo bench -- --test` runs each benchmark once, to see that it works.
    let is_test = std::env::args().any(|arg| arg == "--test");
    let (rounds, each, alone) = if is_test { (1, 2, 2) } else { (9, 100, 500) };
    let folder = tempfile::tempdir().unwrap();
    let bare = Bare::new(folder.path(), CALLERS);
    let vault = Bank::new(folder.path(), CALLERS);
    let mut many = Vec::new();
    let mut one = Vec::new();
    for _ in 0..rounds {
        many.push((bare.round(CALLERS, each), vault.round(CALLERS, each)));
        one.push((bare.round(1, alone), vault.round(1, alone)));
    }
    report("64 callers", &many);
    report("one caller", &one);
    println!("1 passed, 0 failed");
}

/// The medians of both sides, in operations a second, and the median of the rounds' ratios.
fn report(name: &str, rounds: &[(f64, f64)]) {
    let bare = median(rounds.iter().map(|round| round.0));
    let vault = median(rounds.iter().map(|round| round.1));
    let ratio = median(rounds.iter().map(|round| round.1 / round.0));
    println!(
        "{name}: SQLite itself {bare:.0}/s ({:.0} µs each), the vault {vault:.0}/s ({:.0} µs each), \
         ratio {ratio:.2}",
        1e6 / bare,
        1e6 / vault,
    );
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// SQLite itself, with a thread that groups commits.
struct Bare {
    requests: mpsc::Sender<(usize, mpsc::Sender<()>)>,
}

impl Bare {
    fn new(folder: &Path, devices: usize) -> Self {
        let mut connection = Connection::open(folder.join("bare.db")).unwrap();
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
                 CREATE TABLE device (device TEXT NOT NULL PRIMARY KEY, state BLOB NOT NULL,
                     version BIGINT NOT NULL);
                 CREATE TABLE audit (book TEXT NOT NULL, number BIGINT NOT NULL, device TEXT,
                     version BIGINT, line TEXT NOT NULL, PRIMARY KEY (book, number));
                 CREATE UNIQUE INDEX audit_device ON audit (device, version);",
            )
            .unwrap();
        for device in 0..devices {
            let row = params![name(device), vec![0u8; 800], 0];
            let sql = "INSERT INTO device VALUES (?1, ?2, ?3)";
            connection.execute(sql, row).unwrap();
        }
        let (requests, waiting) = mpsc::channel::<(usize, mpsc::Sender<()>)>();
        std::thread::spawn(move || {
            let line = "x".repeat(480);
            let mut number = 0i64;
            while let Ok(first) = waiting.recv() {
                let batch: Vec<_> = [first]
                    .into_iter()
                    .chain(waiting.try_iter().take(255))
                    .collect();
                let commit = connection.transaction().unwrap();
                for (device, _) in &batch {
                    number += 1;
                    let name = name(*device);
                    let (state, version): (Vec<u8>, i64) = commit
                        .prepare_cached("SELECT state, version FROM device WHERE device = ?1")
                        .unwrap()
                        .query_row([&name], |row| Ok((row.get(0)?, row.get(1)?)))
                        .unwrap();
                    let sql = "UPDATE device SET state = ?1, version = ?2 WHERE device = ?3 AND version = ?4";
                    let row = params![state, version + 1, name, version];
                    assert_eq!(commit.prepare_cached(sql).unwrap().execute(row).unwrap(), 1);
                    let sql = "INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5)";
                    let row = params![
                        "0123456789abcdef0123456789abcdef",
                        number,
                        name,
                        version,
                        line
                    ];
                    commit.prepare_cached(sql).unwrap().execute(row).unwrap();
                }
                commit.commit().unwrap();
                for (_, caller) in batch {
                    caller.send(()).unwrap();
                }
            }
        });
        Self { requests }
    }

    fn round(&self, callers: usize, each: usize) -> f64 {
        race(callers, each, |caller, _| {
            let (answer, answered) = mpsc::channel();
            self.requests.send((caller, answer)).unwrap();
            answered.recv().unwrap();
        })
    }
}

/// The vault, with a device for each caller.
struct Bank {
    vault: Vault,
    key: DeviceKey,
    step: std::sync::atomic::AtomicU64,
}

impl Bank {
    fn new(folder: &Path, devices: usize) -> Self {
        let place = Location::Sqlite(folder.join("vault.db"));
        let keys: Arc<dyn KeyService> = Arc::new(Keyring::new("a".parse().unwrap()).unwrap());
        Vault::create(&place, &keys, Options::default(), &act(0)).unwrap();
        let vault = Vault::open(&place, keys, Options::default()).unwrap();
        let suite = TransactionSuite::default();
        let seed = Seed::from_bytes(&SEED).unwrap();
        for device in 0..devices {
            let enrolment = Enrolment {
                device: DeviceId::new(name(device)).unwrap(),
                user: UserId::new(name(device)).unwrap(),
                suite,
                settings: Settings::default(),
                seed: seed.clone(),
                pin: None,
                counter: None,
            };
            vault.enrol(enrolment, act(0)).wait().unwrap();
        }
        Self {
            vault,
            key: DeviceKey::new(suite, &seed, None).unwrap(),
            step: 0.into(),
        }
    }

    /// Right codes, each of a step of its own, computed before the clock is read.
    fn round(&self, callers: usize, each: usize) -> f64 {
        let count = u64::try_from(each).unwrap();
        let first = self
            .step
            .fetch_add(count, std::sync::atomic::Ordering::Relaxed);
        let purpose = Purpose::Transaction(Digest::from_bytes([1; 32]));
        let codes: Vec<_> = (first..first + count)
            .map(|step| {
                let period = self.key.suite().period().unwrap();
                let factor = MovingFactor::step(act(step).now.step(period));
                (act(step), self.key.code(purpose, factor).unwrap())
            })
            .collect();
        race(callers, each, |caller, turn| {
            let (act, code) = &codes[turn];
            let device = DeviceId::new(name(caller)).unwrap();
            let ticket = self
                .vault
                .verify(device, purpose, code.reveal(), act.clone());
            assert!(ticket.wait().unwrap().judgement.is_accepted());
        })
    }
}

fn act(step: u64) -> Act {
    Act {
        actor: Actor::new("bench").unwrap(),
        now: txotp_core::UnixTime::from_seconds(NOW.seconds() + 30 * step),
    }
}

fn name(device: usize) -> String {
    format!("device {device:04}")
}

/// Lets callers do so many operations each, at once, and gives how many were done a second.
fn race(callers: usize, each: usize, operation: impl Fn(usize, usize) + Sync) -> f64 {
    let start = Instant::now();
    std::thread::scope(|scope| {
        for caller in 0..callers {
            let operation = &operation;
            scope.spawn(move || (0..each).for_each(|turn| operation(caller, turn)));
        }
    });
    (callers * each) as f64 / start.elapsed().as_secs_f64()
}
