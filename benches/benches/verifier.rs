//! Decisions, and the state's encoding.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use txotp_benches::{NOW, example, key};
use txotp_core::{Code, Digits, MovingFactor, Purpose};
use txotp_verifier::{Attempt, MemoryStore, Policy, Settings, State, decide, verify};

fn decisions(c: &mut Criterion) {
    let key = key("OCRA-1:HOTP-SHA256-8:QH64-T30S");
    let policy = Policy::new(key.suite(), Settings::default()).unwrap();
    let mut buffer = [0; 600];
    let purpose = Purpose::Transaction(example(&mut buffer).digest());
    let step = NOW.step(key.suite().period().unwrap());
    let right = Attempt {
        purpose,
        code: key.code(purpose, MovingFactor::step(step)).unwrap(),
    };
    let wrong = Attempt {
        purpose,
        code: Code::parse("00000000", Digits::Eight).unwrap(),
    };
    let state = State::new();
    let used = decide(&policy, &key, &state, &right, NOW).unwrap().next;

    let mut group = c.benchmark_group("decide");
    for (name, state, attempt) in [
        ("right code", &state, &right),
        ("wrong code", &state, &wrong),
        ("replay", &used, &right),
    ] {
        group.bench_function(name, |b| {
            b.iter(|| decide(&policy, &key, black_box(state), black_box(attempt), NOW));
        });
    }
    group.finish();

    let mut group = c.benchmark_group("state");
    group.bench_function("to bytes", |b| b.iter(|| black_box(&used).to_bytes()));
    let bytes = used.to_bytes();
    group.bench_function("from bytes", |b| {
        b.iter(|| State::from_bytes(black_box(&bytes)))
    });
    group.finish();

    c.bench_function("verify a replay in a memory store", |b| {
        let store = MemoryStore::new();
        store.enrol("device", used.clone()).unwrap();
        b.iter(|| verify(&store, &"device", &policy, &key, black_box(&right), NOW));
    });
}

criterion_group!(benches, decisions);
criterion_main!(benches);
