//! Reading and writing strings.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use txotp_benches::{EXAMPLE, example};
use txotp_uri::{Limit, OwnedTransaction, read, to_string};

fn strings(c: &mut Criterion) {
    let mut group = c.benchmark_group("example string");
    group.bench_function("read into a lent buffer", |b| {
        let mut buffer = [0; 600];
        b.iter(|| {
            let input = black_box(EXAMPLE).as_bytes();
            read(input, Limit::DEFAULT, &mut buffer)
                .map(|transaction| transaction.details().count())
        });
    });
    group.bench_function("read, owned", |b| {
        b.iter(|| OwnedTransaction::read(black_box(EXAMPLE).as_bytes(), Limit::DEFAULT));
    });
    let mut buffer = [0; 600];
    let transaction = example(&mut buffer);
    group.bench_function("write", |b| {
        b.iter(|| to_string(black_box(&transaction), Limit::DEFAULT));
    });
    group.finish();
}

criterion_group!(benches, strings);
criterion_main!(benches);
