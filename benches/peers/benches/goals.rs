//! Ours beside what it consists of: compressions of the hash crates, and the least that a user of the `hmac` crate could
//! do. And how the cost grows.
//!
//! ```sh
//! cargo bench --manifest-path benches/peers/Cargo.toml --bench goals
//! ```
#![allow(missing_docs)]

use std::hint::black_box;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use txotp_core::{
    Candidates, Code, Digest, Digits, MovingFactor, Purpose, Step, Steps, Transaction,
    TransactionSuite, Window,
};
use txotp_peers::harness::{Candidate, Cost, Harness, duration};
use txotp_peers::totp::{Kind, Ours, Totp};
use txotp_peers::{EXAMPLE, SEED, TIME, key};
use txotp_uri::{Limit, read, to_string};

const DIGEST: [u8; 32] = *b"the digest of a transaction, say";

fn main() {
    let mut harness = Harness::from_arguments();
    let codes = harness.compare("transaction codes, default suite", transaction_codes());
    let logins = harness.compare("login codes, SHA-1, 6 digits", login_codes());
    let strings = harness.compare("the documented example", strings());
    by_pairs(&mut harness);
    by_length(&mut harness);
    by_window(&mut harness);
    println!("\n### Goals\n\n| | goal | measured | |\n| --- | ---: | ---: | --- |");
    for (costs, place, compressions) in [
        (&codes, 2, 4.0),
        (&codes, 4, 8.0),
        (&logins, 2, 2.0),
        (&logins, 4, 6.0),
    ] {
        let Cost { name, ratio, .. } = &costs[place];
        let per = ratio / compressions;
        row(
            &format!("{name}: {compressions} compressions"),
            "1.50 times",
            &format!("{per:.2} times"),
            per <= 1.5,
        );
    }
    for (place, goal) in [(1, 1000.0), (2, 150.0)] {
        let Cost { name, median, .. } = &strings[place];
        row(name, &duration(goal), &duration(*median), *median <= goal);
    }
    harness.finish("goals");
}

fn row(name: &str, goal: &str, measured: &str, is_met: bool) {
    println!(
        "| {name} | {goal} | {measured} | {} |",
        if is_met { "met" } else { "missed" }
    );
}

/// One compression, by the safe interface of the hash crate, each on the state that the last one left.
fn sha256_compression() -> Candidate<'static> {
    let (mut state, block) = ([0u32; 8], [[0x36u8; 64]]);
    Candidate::new("one SHA-256 compression", move || {
        sha2::block_api::compress256(black_box(&mut state), black_box(&block));
    })
}

fn sha1_compression() -> Candidate<'static> {
    let (mut state, block) = ([0u32; 5], [[0x36u8; 64]]);
    Candidate::new("one SHA-1 compression", move || {
        sha1::block_api::compress(black_box(&mut state), black_box(&block));
    })
}

/// The least that a user of the `hmac` crate can do for the MACs of some steps: the key is absorbed before, and what
/// they have in common is hashed once.
fn macs<M: Mac + Clone>(keyed: &M, shared: &[u8], steps: &[u64]) -> u8 {
    let mut prefix = keyed.clone();
    prefix.update(shared);
    let of_step = |step: &u64| {
        let mut mac = prefix.clone();
        mac.update(&step.to_be_bytes());
        mac.finalize().into_bytes()[0]
    };
    steps.iter().map(of_step).fold(0, |all, byte| all | byte)
}

fn transaction_codes() -> Vec<Candidate<'static>> {
    let (key, suite) = (key(), TransactionSuite::default());
    let purpose = Purpose::Transaction(Digest::from_bytes(DIGEST));
    let step = TIME.step(suite.period().expect("the suite has a time step"));
    let (at, window) = (
        MovingFactor::step(step),
        Candidates::steps(Window::DEFAULT.around(step)),
    );
    let typed = key.code(purpose, at).expect("the suite has a time step");
    let mut message = suite.to_string().into_bytes();
    message.push(0);
    message.extend(DIGEST);
    message.resize(message.len() + 96, 0);
    let keyed = Hmac::<Sha256>::new_from_slice(SEED).expect("any length");
    let (other, others, searched) = (keyed.clone(), message.clone(), key.clone());
    let now = step.get();
    vec![
        sha256_compression(),
        Candidate::new("`hmac` alone, one MAC", move || {
            macs(black_box(&keyed), black_box(&message), &[now])
        }),
        Candidate::new("generate", move || {
            black_box(&key).code(black_box(purpose), at)
        }),
        Candidate::new("`hmac` alone, three MACs", move || {
            macs(
                black_box(&other),
                black_box(&others),
                &[now - 1, now, now + 1],
            )
        }),
        Candidate::new("verify, window of three", move || {
            black_box(&searched).search(black_box(purpose), window, black_box(&typed))
        }),
    ]
}

fn login_codes() -> Vec<Candidate<'static>> {
    let (one, mut three) = (Ours::new(Kind::Sha1Six), Ours::new(Kind::Sha1Six));
    let typed = one.text(&one.generate());
    let keyed = Hmac::<sha1::Sha1>::new_from_slice(Kind::Sha1Six.seed()).expect("any length");
    let (other, now) = (keyed.clone(), TIME.seconds() / 30);
    vec![
        sha1_compression(),
        Candidate::new("`hmac` alone, one MAC", move || {
            macs(black_box(&keyed), &[], &[now])
        }),
        Candidate::new("generate a login code", move || black_box(&one).generate()),
        Candidate::new("`hmac` alone, three MACs", move || {
            macs(black_box(&other), &[], &[now - 1, now, now + 1])
        }),
        Candidate::new("verify a login code, window of three", move || {
            three.verify(black_box(&typed))
        }),
    ]
}

/// A string and what is made of it.
fn strings() -> Vec<Candidate<'static>> {
    vec![
        sha256_compression(),
        reading("read the string", EXAMPLE.to_owned()),
        canonical_form("canonical form", EXAMPLE),
        digest("digest", EXAMPLE),
        writing("write the string", EXAMPLE),
    ]
}

fn reading(name: &str, text: String) -> Candidate<'static> {
    let mut buffer = vec![0; text.len()];
    Candidate::new(name, move || {
        let transaction = read(black_box(text.as_bytes()), Limit::MAX, &mut buffer);
        black_box(&transaction).is_ok()
    })
}

/// A transaction whose text lasts as long as the process.
fn transaction(text: &str) -> Transaction<'static> {
    let buffer = vec![0; text.len()].leak();
    read(text.as_bytes(), Limit::MAX, buffer).expect("a txotp string")
}

fn canonical_form(name: &str, text: &str) -> Candidate<'static> {
    let transaction = transaction(text);
    let mut bytes = Vec::with_capacity(4096);
    Candidate::new(name, move || {
        bytes.clear();
        black_box(&transaction).canonical(|part| bytes.extend_from_slice(part));
        black_box(&bytes).len()
    })
}

fn digest(name: &str, text: &str) -> Candidate<'static> {
    let transaction = transaction(text);
    Candidate::new(name, move || black_box(&transaction).digest())
}

fn writing(name: &str, text: &str) -> Candidate<'static> {
    let transaction = transaction(text);
    Candidate::new(name, move || to_string(black_box(&transaction), Limit::MAX))
}

fn by_pairs(harness: &mut Harness) {
    for pairs in [0, 1, 2, 4, 8, 16, 32] {
        let details: String = (0..pairs)
            .map(|pair| format!("&details[Key+{pair:02}]=Value+{pair:02}"))
            .collect();
        growth(
            harness,
            &format!("pairs {pairs}"),
            &format!("txotp://totp?message=Pay{details}"),
        );
    }
}

fn by_length(harness: &mut Harness) {
    for length in [32, 64, 128, 256, 512, 1024, 2048] {
        let message = "Approve+".repeat(length / 8);
        growth(
            harness,
            &format!("length {length}"),
            &format!("txotp://totp?message={message}"),
        );
    }
}

fn growth(harness: &mut Harness, group: &str, text: &str) {
    let candidates = vec![
        sha256_compression(),
        reading("read the string", text.to_owned()),
        canonical_form("canonical form", text),
        digest("digest", text),
        writing("write the string", text),
    ];
    harness.compare(group, candidates);
}

fn by_window(harness: &mut Harness) {
    let key = key();
    let purpose = Purpose::Transaction(Digest::from_bytes(DIGEST));
    let typed = Code::parse("00000000", Digits::Eight).expect("eight digits");
    for width in [1, 2, 4, 8, 16, 32, 64] {
        let steps = Steps::from(Step::new(TIME.seconds() / 30), width).expect("at most 64 steps");
        let window = Candidates::steps(steps);
        let search = || black_box(&key).search(black_box(purpose), window, black_box(&typed));
        harness.compare(
            &format!("window {width}"),
            vec![sha256_compression(), Candidate::new("verify", search)],
        );
    }
}
