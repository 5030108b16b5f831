//! Codes, windows and the canonical form. `floor/…` is one compression of the hash crates, measured
//! beside, so that every figure can be read as a number of compressions.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use txotp_benches::{NOW, example, key, seed};
use txotp_core::{Algorithm, Candidates, Digits, MovingFactor, Period, Purpose, TotpKey, Window};

const SUITES: [&str; 3] = [
    "OCRA-1:HOTP-SHA256-8:QH64-T30S",
    "OCRA-1:HOTP-SHA1-7:QH64-T10S",
    "OCRA-1:HOTP-SHA512-6:QH64-T1M",
];

fn floor(c: &mut Criterion) {
    let mut group = c.benchmark_group("floor");
    let block = [[0x36u8; 64]];
    let mut state = [0u32; 8];
    group.bench_function("sha256 compression", |b| {
        b.iter(|| sha2::block_api::compress256(&mut state, black_box(&block)));
    });
    let mut state = [0u32; 5];
    group.bench_function("sha1 compression", |b| {
        b.iter(|| sha1::block_api::compress(&mut state, black_box(&block)));
    });
    let (mut state, block) = ([0u64; 8], [[0x36u8; 128]]);
    group.bench_function("sha512 compression", |b| {
        b.iter(|| sha2::block_api::compress512(&mut state, black_box(&block)));
    });
    group.finish();
}

fn transaction_codes(c: &mut Criterion) {
    let mut buffer = [0; 600];
    let transaction = example(&mut buffer);
    let purpose = Purpose::Transaction(transaction.digest());
    for suite in SUITES {
        let key = key(suite);
        let step = NOW.step(key.suite().period().unwrap());
        let at = MovingFactor::step(step);
        let typed = key.code(purpose, at).unwrap();
        let window = Candidates::steps(Window::DEFAULT.around(step));
        let mut group = c.benchmark_group(suite);
        group.bench_function("generate, digest known", |b| {
            b.iter(|| key.code(black_box(purpose), black_box(at)));
        });
        group.bench_function("generate, fresh transaction", |b| {
            b.iter(|| key.code(Purpose::Transaction(black_box(&transaction).digest()), at));
        });
        group.bench_function("search of three steps, digest known", |b| {
            b.iter(|| key.search(black_box(purpose), window, black_box(&typed)));
        });
        group.bench_function("search of three steps, fresh transaction", |b| {
            b.iter(|| {
                let purpose = Purpose::Transaction(black_box(&transaction).digest());
                key.search(purpose, window, black_box(&typed))
            });
        });
        group.bench_function("key of a seed", |b| {
            let seed = seed();
            b.iter(|| txotp_core::DeviceKey::new(*key.suite(), black_box(&seed), None));
        });
        group.finish();
    }
}

fn login_codes(c: &mut Criterion) {
    for algorithm in [Algorithm::Sha1, Algorithm::Sha256] {
        let mut group = c.benchmark_group(format!("totp {algorithm}"));
        let (seed, period) = (seed(), Period::DEFAULT);
        let key = TotpKey::new(algorithm, Digits::Six, period, &seed);
        let steps = Window::DEFAULT.around(NOW.step(period));
        let typed = key.code(NOW);
        group.bench_function("generate, keyed", |b| b.iter(|| key.code(black_box(NOW))));
        group.bench_function("generate, from the seed", |b| {
            b.iter(|| TotpKey::new(algorithm, Digits::Six, period, black_box(&seed)).code(NOW));
        });
        group.bench_function("search of three steps, keyed", |b| {
            b.iter(|| key.search(black_box(steps), black_box(&typed)));
        });
        group.bench_function("search of three steps, from the seed", |b| {
            b.iter(|| {
                let key = TotpKey::new(algorithm, Digits::Six, period, black_box(&seed));
                key.search(steps, black_box(&typed))
            });
        });
        group.finish();
    }
}

fn canonical_form(c: &mut Criterion) {
    let mut buffer = [0; 600];
    let transaction = example(&mut buffer);
    let mut group = c.benchmark_group("canonical form");
    group.bench_function("into a buffer", |b| {
        let mut bytes = Vec::with_capacity(600);
        b.iter(|| {
            bytes.clear();
            black_box(&transaction).canonical(|part| bytes.extend_from_slice(part));
            bytes.len()
        });
    });
    group.bench_function("digest", |b| b.iter(|| black_box(&transaction).digest()));
    group.finish();
}

criterion_group!(
    benches,
    floor,
    transaction_codes,
    login_codes,
    canonical_form
);
criterion_main!(benches);
