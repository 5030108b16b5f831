//! What a store carries: `load verdicts|records PLACE CALLERS EACH [CONNECTIONS]`, where PLACE is a folder to make an
//! SQLite store in, or the connection string of an empty PostgreSQL database.
//!
//! - `verdicts` enrols CALLERS × EACH devices, and judges a code of each.
//! - `records` inserts, reads and replaces CALLERS × EACH records. Each has an owner, a due, and a body of 256 bytes.
#![allow(
    missing_docs,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use std::sync::Arc;
use std::time::Instant;

use txotp_core::UnixTime;
use txotp_store::{Act, Actor, KeyService, Keyring, Location, Options, Vault};

mod records;
mod verdicts;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize| args[place].parse::<usize>().unwrap();
    let mut options = Options::default();
    if args.len() > 4 {
        options.connections = number(4);
    }
    let load = Load {
        vault: open(&args[1], options),
        callers: number(2),
        each: number(3),
    };
    match args[0].as_str() {
        "verdicts" => verdicts::run(&load),
        "records" => records::run(&load),
        _ => panic!("verdicts or records"),
    }
}

/// A new store.
fn open(place: &str, options: Options) -> Vault {
    let place: Location = if place.contains("://") {
        place.parse().unwrap()
    } else {
        std::fs::create_dir_all(place).unwrap();
        format!("{place}/store.db").parse().unwrap()
    };
    let keys: Arc<dyn KeyService> = Arc::new(Keyring::new("a".parse().unwrap()).unwrap());
    Vault::create(&place, &keys, options, &act()).unwrap();
    Vault::open(&place, keys, options).unwrap()
}

fn act() -> Act {
    Act {
        actor: Actor::new("load").unwrap(),
        now: UnixTime::from_seconds(1_700_000_000),
    }
}

/// Callers that work at once, each so many times.
struct Load {
    vault: Vault,
    callers: usize,
    each: usize,
}

impl Load {
    fn total(&self) -> usize {
        self.callers * self.each
    }

    /// Has the callers do something, each with numbers of its own, and says how long it took.
    fn measure(&self, what: &str, work: impl Fn(usize) + Sync) {
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for caller in 0..self.callers {
                let (work, first) = (&work, caller * self.each);
                scope.spawn(move || (first..first + self.each).for_each(work));
            }
        });
        let seconds = begun.elapsed().as_secs_f64();
        println!(
            "{} {what} by {} callers: {:.0} each second, {:.0} µs each for its caller",
            self.total(),
            self.callers,
            self.total() as f64 / seconds,
            seconds * 1e6 / self.each as f64
        );
    }
}
