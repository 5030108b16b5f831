//! Verdicts, each of a device of its own.

use std::time::Instant;

use txotp_core::{DeviceKey, Digest, MovingFactor, Purpose, Seed, TransactionSuite};
use txotp_store::{DeviceId, Enrolment, UserId, Vault};
use txotp_verifier::Settings;

use crate::{Load, act};

const SEED: [u8; 32] = [7; 32];

pub(crate) fn run(load: &Load) {
    let begun = Instant::now();
    enrol(&load.vault, load.total());
    println!("enrolled in {:.1} s", begun.elapsed().as_secs_f64());

    let suite = TransactionSuite::default();
    let key = DeviceKey::new(suite, &Seed::from_bytes(&SEED).unwrap(), None).unwrap();
    let purpose = Purpose::Transaction(Digest::from_bytes([1; 32]));
    let factor = MovingFactor::step(act().now.step(suite.period().unwrap()));
    let code = key.code(purpose, factor).unwrap();
    load.measure("verdicts", |number| {
        let answer = load
            .vault
            .verify(device(number), purpose, code.reveal(), act());
        assert!(answer.wait().unwrap().judgement.is_accepted());
    });
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
