//! Verdicts per second: `load PLACE CALLERS EACH [CONNECTIONS]`, where PLACE is a folder to make an SQLite
//! store in, or the connection string of an empty PostgreSQL database.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use std::sync::Arc;
use std::time::Instant;

use txotp_core::{DeviceKey, Digest, MovingFactor, Purpose, Seed, TransactionSuite, UnixTime};
use txotp_store::{
    Act, Actor, DeviceId, Enrolment, KeyService, Keyring, Location, Options, UserId, Vault,
};
use txotp_verifier::Settings;

const SEED: [u8; 32] = [7; 32];

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
    Vault::create(&place, &keys, options, &act()).unwrap();
    let vault = Vault::open(&place, keys, options).unwrap();
    let begun = Instant::now();
    enrol(&vault, callers * each);
    println!("enrolled in {:.1} s", begun.elapsed().as_secs_f64());

    let suite = TransactionSuite::default();
    let key = DeviceKey::new(suite, &Seed::from_bytes(&SEED).unwrap(), None).unwrap();
    let purpose = Purpose::Transaction(Digest::from_bytes([1; 32]));
    let factor = MovingFactor::step(act().now.step(suite.period().unwrap()));
    let code = key.code(purpose, factor).unwrap();
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for caller in 0..callers {
            let (vault, code) = (&vault, &code);
            scope.spawn(move || {
                for number in 0..each {
                    let device = device(caller * each + number);
                    let answer = vault.verify(device, purpose, code.reveal(), act());
                    assert!(answer.wait().unwrap().judgement.is_accepted());
                }
            });
        }
    });
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{} verdicts of {callers} callers: {:.0} each second, {:.0} µs each for its caller",
        callers * each,
        (callers * each) as f64 / seconds,
        seconds * 1e6 / each as f64
    );
}

fn act() -> Act {
    Act {
        actor: Actor::new("load").unwrap(),
        now: UnixTime::from_seconds(1_700_000_000),
    }
}

fn device(number: usize) -> DeviceId {
    DeviceId::new(format!("device-{number}")).unwrap()
}

fn enrol(vault: &Vault, count: usize) {
    let all: Vec<usize> = (0..count).collect();
    for some in all.chunks(1000) {
        let tickets: Vec<_> = some
            .iter()
            .map(|number| {
                let enrolment = Enrolment {
                    device: device(*number),
                    user: UserId::new(format!("user-{number}")).unwrap(),
                    suite: TransactionSuite::default(),
                    settings: Settings::default(),
                    seed: Seed::from_bytes(&SEED).unwrap(),
                    pin: None,
                    counter: None,
                };
                vault.enrol(enrolment, act())
            })
            .collect();
        for ticket in tickets {
            ticket.wait().unwrap();
        }
    }
}
