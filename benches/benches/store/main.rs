//! The store beside the databases themselves: how many durable verdicts a second, and how long a caller waits for one.
//!
//! Three sides work on one store, each on devices of its own, in rounds that alternate, so that what the disk does at
//! the moment concerns all of them:
//!
//! - *change*: the database by itself replaces a device's row, by its name and version, and reads nothing.
//! - *record*: the database by itself runs every statement of a verdict: it reads the row, replaces it, and adds a row
//!   as long as an entry of evidence. Nothing is opened, decided, marked or chained.
//! - *verify*: the vault.
//!
//! `TXOTP_BENCH_POSTGRES` names an empty database of PostgreSQL; without it a server is started as the tests do it, and
//! where none is installed, that is said.
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

use std::thread;
use std::time::Instant;

use bank::Bank;
use bare::Work;
use postgres::Postgres;
use server::Cluster;
use sqlite::Sqlite;

mod bank;
mod bare;
mod postgres;
#[allow(
    dead_code,
    unreachable_pub,
    clippy::panic,
    reason = "the tests of the store use more of it"
)]
#[path = "../../../crates/txotp-store/tests/support/postgres.rs"]
mod server;
mod sqlite;

/// How many callers there are, and how many turns each has in a round.
const LOADS: [(usize, usize); 3] = [(1, 50), (8, 30), (MOST_CALLERS, 20)];
const MOST_CALLERS: usize = 64;
const ROUNDS: usize = 101;

fn main() {
    // `cargo bench -- --test` runs each benchmark once, to see that it works.
    let is_test = std::env::args().any(|argument| argument == "--test");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.db");
    let vault = Bank::new(&file.to_str().unwrap().parse().unwrap());
    let [change, record] = Work::ALL.map(|work| Sqlite::new(&file, work));
    measure("SQLite", [&change, &record, &vault], is_test);

    let named = std::env::var("TXOTP_BENCH_POSTGRES").ok();
    let own = match named {
        Some(_) => None,
        None => Cluster::new("the store on PostgreSQL"),
    };
    let Some(url) = named.or_else(|| own.as_ref().map(Cluster::url)) else {
        return;
    };
    let vault = Bank::new(&url.parse().unwrap());
    let [change, record] = Work::ALL.map(|work| Postgres::new(&url, work));
    measure("PostgreSQL", [&change, &record, &vault], is_test);
}

/// One way to make an attempt durable.
trait Side {
    /// Prepares so many turns of each caller, and gives what a caller does at a turn.
    fn prepare(&self, turns: usize) -> Box<dyn Fn(usize, usize) + Sync + '_>;

    /// Lets callers have so many turns each, at once, and gives how many seconds that took.
    fn round(&self, callers: usize, turns: usize) -> f64 {
        let operation = &*self.prepare(turns);
        let start = Instant::now();
        thread::scope(|scope| {
            for caller in 0..callers {
                scope.spawn(move || (0..turns).for_each(|turn| operation(caller, turn)));
            }
        });
        start.elapsed().as_secs_f64()
    }
}

/// Lets each side have its turn in every round, and each round begin with another one.
fn measure(database: &str, sides: [&dyn Side; 3], is_test: bool) {
    for (callers, turns) in LOADS {
        let (rounds, turns) = if is_test { (1, 2) } else { (ROUNDS, turns) };
        let mut seconds = [const { Vec::new() }; 3];
        for round in 0..rounds {
            for place in 0..3 {
                let side = (round + place) % 3;
                seconds[side].push(sides[side].round(callers, turns));
            }
        }
        println!("{database}, callers: {callers}");
        report(&seconds, callers, turns);
    }
}

/// The medians of each side; and of the vault's speed, as a part of that side's in the same round, the median and the
/// values between which four fifths of the rounds lie.
fn report(seconds: &[Vec<f64>; 3], callers: usize, turns: usize) {
    let [_, _, vault] = seconds;
    for (name, own) in ["change", "record", "verify"].iter().zip(seconds) {
        let median = quantile(own.iter().copied(), 0.5);
        let ratios = own.iter().zip(vault).map(|(own, vault)| own / vault);
        let [low, ratio, high] = [0.1, 0.5, 0.9].map(|part| quantile(ratios.clone(), part));
        println!(
            "  {name} {:6.0} a second, {:5.0} µs each; verify / {name} {ratio:.2} ({low:.2} to {high:.2})",
            (callers * turns) as f64 / median,
            1e6 * median / turns as f64,
        );
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn quantile(values: impl Iterator<Item = f64>, part: f64) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * part).round() as usize]
}
