//! Codes: ours beside those of other libraries. Before anything is measured, all must give the same code, take it,
//! and refuse another.
//!
//! ```sh
//! cargo bench --manifest-path benches/peers/Cargo.toml --features liboath --bench codes
//! ```
#![allow(missing_docs)]

use std::hint::black_box;

use txotp_core::{
    Candidates, Code, DeviceKey, Digest, Digits, MovingFactor, Purpose, TransactionSuite, Window,
};
use txotp_peers::harness::{Candidate, Harness};
use txotp_peers::totp::{
    Kind, LibreAuth, Oath, Ours, OursFromSeed, Slauth, Totp, TotpLite, TotpRfc, TotpRs,
};
use txotp_peers::{NOW, SEED, TIME, key, seed};

const DIGEST: [u8; 32] = *b"the digest of a transaction, say";
const WRONG: &str = "00000000";

fn main() {
    let mut harness = Harness::from_arguments();
    #[cfg(not(liboath))]
    println!(
        "liboath (C) is left out: the feature `liboath` is off, or the library is not installed"
    );
    for (kind, title) in [
        (Kind::Sha1Six, "TOTP, SHA-1, 6 digits"),
        (Kind::Sha256Eight, "TOTP, SHA-256, 8 digits"),
    ] {
        harness.compare(&format!("{title}: generate"), generate(kind));
        harness.compare(
            &format!("{title}: verify, ±1, right code"),
            verify(kind, true),
        );
        harness.compare(
            &format!("{title}: verify, ±1, wrong code"),
            verify(kind, false),
        );
    }
    transactions(&mut harness);
    harness.finish("codes");
}

/// What all must say.
fn right(kind: Kind) -> String {
    let ours = Ours::new(kind);
    ours.text(&ours.generate())
}

fn generate(kind: Kind) -> Vec<Candidate<'static>> {
    let expected = right(kind);
    let mut candidates = vec![
        generator(Ours::new(kind), &expected),
        generator(OursFromSeed(kind), &expected),
        generator(TotpRs::new(kind), &expected),
        generator(TotpRfc::new(kind), &expected),
        generator(TotpLite(kind), &expected),
        generator(Slauth::new(kind), &expected),
        generator(LibreAuth::new(kind), &expected),
        generator(Oath(kind), &expected),
    ];
    #[cfg(liboath)]
    candidates.push(generator(
        txotp_peers::liboath::LibOath::new(kind, &expected),
        &expected,
    ));
    candidates.shrink_to_fit();
    candidates
}

fn generator<T: Totp + 'static>(library: T, expected: &str) -> Candidate<'static> {
    assert_eq!(library.text(&library.generate()), expected, "{}", T::NAME);
    Candidate::new(T::NAME, move || black_box(&library).generate())
}

fn verify(kind: Kind, is_right: bool) -> Vec<Candidate<'static>> {
    let typed = if is_right {
        right(kind)
    } else {
        WRONG[..kind.digits().into()].to_owned()
    };
    let mut candidates = vec![
        verifier(Ours::new(kind), &typed, is_right),
        verifier(OursFromSeed(kind), &typed, is_right),
        verifier(TotpRs::new(kind), &typed, is_right),
        verifier(TotpRfc::new(kind), &typed, is_right),
        verifier(TotpLite(kind), &typed, is_right),
        verifier(Slauth::new(kind), &typed, is_right),
        verifier(LibreAuth::new(kind), &typed, is_right),
        verifier(Oath(kind), &typed, is_right),
    ];
    #[cfg(liboath)]
    candidates.push(verifier(
        txotp_peers::liboath::LibOath::new(kind, &typed),
        &typed,
        is_right,
    ));
    candidates.shrink_to_fit();
    candidates
}

/// Each verdict is checked, also while it is measured: two of the libraries read the clock.
fn verifier<T: Totp + 'static>(mut library: T, typed: &str, is_right: bool) -> Candidate<'static> {
    let typed = typed.to_owned();
    Candidate::new(T::NAME, move || {
        assert_eq!(library.verify(black_box(&typed)), is_right, "{}", T::NAME);
    })
}

fn transactions(harness: &mut Harness) {
    let (kept, suite, seed) = (key(), TransactionSuite::default(), seed());
    let (spelling, question) = (
        suite.to_string(),
        DIGEST.map(|byte| format!("{byte:02x}")).concat(),
    );
    let purpose = Purpose::Transaction(Digest::from_bytes(DIGEST));
    let step = TIME.step(suite.period().expect("the suite has a time step"));
    let at = MovingFactor::step(step);
    let window = Candidates::steps(Window::DEFAULT.around(step));
    let ours = |key: &DeviceKey| {
        key.code(black_box(purpose), at)
            .expect("the suite has a time step")
    };
    let made = || DeviceKey::new(suite, black_box(&seed), None).expect("the suite has no PIN");
    let oath = |time| {
        oath::ocra(&spelling, SEED, 0, black_box(&question), &[], &[], time).expect("a known suite")
    };
    let code = ours(&kept);
    let number: u64 = code.reveal().parse().expect("digits");
    assert_eq!(oath(NOW), number, "oath");
    harness.compare(
        "OCRA-1:HOTP-SHA256-8:QH64-T30S, digest known: generate",
        vec![
            Candidate::new("txotp, key kept", || ours(black_box(&kept))),
            Candidate::new("txotp, from the seed", || ours(&made())),
            Candidate::new("oath", || oath(NOW)),
        ],
    );
    for (title, typed, is_right) in [("right", code.reveal(), true), ("wrong", WRONG, false)] {
        let search = |key: &DeviceKey| {
            let typed = Code::parse(black_box(typed), Digits::Eight).expect("eight digits");
            let found = key
                .search(black_box(purpose), window, &typed)
                .expect("the suite has a time step");
            assert_eq!(!found.is_empty(), is_right);
        };
        harness.compare(
            &format!("OCRA-1:HOTP-SHA256-8:QH64-T30S, digest known: verify, ±1, {title} code"),
            vec![
                Candidate::new("txotp, key kept", || search(black_box(&kept))),
                Candidate::new("txotp, from the seed", || search(&made())),
                Candidate::new("oath", || {
                    let typed = black_box(typed).parse();
                    let found = [NOW - 30, NOW, NOW + 30]
                        .iter()
                        .any(|time| typed == Ok(oath(*time)));
                    assert_eq!(found, is_right);
                }),
            ],
        );
    }
}
