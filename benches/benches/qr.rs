//! Symbols: the matrix, and each way to draw it.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use txotp_benches::EXAMPLE;
use txotp_qr::{Level, Scale, Symbol, Theme};

fn symbols(c: &mut Criterion) {
    let mut group = c.benchmark_group("example symbol");
    group.bench_function("matrix", |b| {
        b.iter(|| Symbol::encode(black_box(EXAMPLE), Level::M))
    });
    let symbol = Symbol::encode(EXAMPLE, Level::M).unwrap();
    let scale = Scale::default();
    group.bench_function("terminal", |b| {
        b.iter(|| black_box(&symbol).to_terminal(Theme::Dark))
    });
    group.bench_function("svg", |b| b.iter(|| black_box(&symbol).to_svg(scale)));
    group.bench_function("png", |b| b.iter(|| black_box(&symbol).to_png(scale)));
    group.bench_function("png data uri", |b| {
        b.iter(|| black_box(&symbol).to_png_data_uri(scale));
    });
    group.finish();
}

criterion_group!(benches, symbols);
criterion_main!(benches);
