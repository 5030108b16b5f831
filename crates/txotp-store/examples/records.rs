//! Records per second: `records PLACE CALLERS EACH [CONNECTIONS]`, where PLACE is a folder to make an SQLite
//! store in, or the connection string of an empty PostgreSQL database. Each record has an owner, a due, and a body of 256
//! bytes; it is inserted, read and replaced.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use std::sync::Arc;
use std::time::Instant;

use txotp_core::UnixTime;
use txotp_store::{
    Act, Actor, Change, KeyService, Keyring, Kind, Location, Options, Vault, Written,
};
use zeroize::Zeroizing;

const KIND: Kind = Kind::new("load");

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize| args[place].parse::<usize>().unwrap();
    let (callers, each) = (number(1), number(2));
    let mut options = Options::default();
    if args.len() > 3 {
        options.connections = number(3);
    }
    let place: Location = if args[0].contains("://") {
        args[0].parse().unwrap()
    } else {
        std::fs::create_dir_all(&args[0]).unwrap();
        format!("{}/store.db", args[0]).parse().unwrap()
    };
    let keys: Arc<dyn KeyService> = Arc::new(Keyring::new("a".parse().unwrap()).unwrap());
    let act = Act {
        actor: Actor::new("load").unwrap(),
        now: UnixTime::from_seconds(1_700_000_000),
    };
    Vault::create(&place, &keys, options, &act).unwrap();
    let vault = Vault::open(&place, keys, options).unwrap();
    measure("inserted", callers, each, |number| {
        write(&vault, change(number, None));
    });
    measure("read", callers, each, |number| {
        let record = vault.record(KIND, &key(number)).wait().unwrap();
        assert_eq!(record.unwrap().version, 1);
    });
    measure("replaced", callers, each, |number| {
        write(&vault, change(number, Some(1)));
    });
}

/// Has callers do something, each with records of its own, and says how long it took.
fn measure(what: &str, callers: usize, each: usize, work: impl Fn(usize) + Sync) {
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for caller in 0..callers {
            let work = &work;
            scope.spawn(move || (0..each).for_each(|number| work(caller * each + number)));
        }
    });
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{} records {what} by {callers} callers: {:.0} each second, {:.0} µs each for its caller",
        callers * each,
        (callers * each) as f64 / seconds,
        seconds * 1e6 / each as f64
    );
}

fn write(vault: &Vault, change: Change) {
    assert_eq!(
        vault.write_records(vec![change]).wait().unwrap(),
        Written::Done
    );
}

fn key(number: usize) -> String {
    format!("record-{number:016x}")
}

/// The insertion of a record, or its replacement where a version is given.
fn change(number: usize, version: Option<u64>) -> Change {
    let (kind, key) = (KIND, key(number));
    let owner = Some(format!("user-{number:05}"));
    let due = Some(1_700_000_000);
    let body = Zeroizing::new(vec![7; 256]);
    match version {
        None => Change::Insert {
            kind,
            key,
            owner,
            due,
            body,
        },
        Some(version) => Change::Replace {
            kind,
            key,
            version,
            owner,
            due,
            body,
        },
    }
}
