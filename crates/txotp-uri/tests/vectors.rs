//! The strings and Key URIs of the published test vectors, both ways.
#![cfg(feature = "alloc")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "a test that panics has failed"
)]

mod common;

use std::collections::BTreeSet;

use common::{bytes, cases, input, limit, listed, pairs, text, transaction};
use txotp_core::Digits;
use txotp_uri::key_uri::{Factor, KeyUri};
use txotp_uri::{Limit, OwnedTransaction, read, to_string};

fn assert_reads(case: &serde_json::Value) {
    let (name, string) = (&case["name"], text(case, "string"));
    let expected = &case["transaction"];
    let mut buffer = vec![0; string.len()];
    let read = read(string.as_bytes(), limit(case), &mut buffer).unwrap_or_else(|error| {
        panic!("{name}: {error}");
    });
    let owned = OwnedTransaction::from(&read);
    assert_eq!(owned.message(), text(expected, "message"), "{name}");
    assert_eq!(
        listed(owned.details()),
        pairs(expected, "details"),
        "{name}"
    );
    assert_eq!(
        listed(owned.hidden_details()),
        pairs(expected, "hidden_details"),
        "{name}"
    );
    assert_eq!(
        read.digest().as_bytes()[..],
        bytes(case, "digest_hex"),
        "{name}"
    );
}

#[test]
fn strings_valid_are_read_with_their_order_and_digest() {
    let cases = cases("strings-valid.json");
    assert!(cases.len() >= 164);
    cases.iter().for_each(assert_reads);
}

#[test]
fn transactions_are_written_byte_for_byte_and_read_back() {
    let cases = cases("transactions.json");
    assert!(cases.len() >= 108);
    for case in &cases {
        let transaction = transaction(&case["transaction"]);
        let string = to_string(&transaction.as_transaction(), limit(case)).expect("short enough");
        assert_eq!(string, text(case, "string"), "{}", case["name"]);
        assert_reads(case);
    }
}

#[test]
fn must_differ_are_different_strings_and_digests_after_a_round_trip() {
    let cases = cases("must-differ.json");
    assert!(cases.len() >= 74);
    for case in &cases {
        let [a, b] = ["a", "b"].map(|side| {
            let written = to_string(&transaction(&case[side]).as_transaction(), Limit::MAX)
                .expect("short enough");
            let read = OwnedTransaction::read(written.as_bytes(), Limit::MAX).expect("readable");
            let digest = read.as_transaction().digest();
            assert_eq!(
                digest.as_bytes()[..],
                bytes(case, &format!("digest_{side}_hex")),
                "{}",
                case["name"]
            );
            (written, read, digest)
        });
        assert!(a.0 != b.0 && a.1 != b.1 && a.2 != b.2, "{}", case["name"]);
    }
}

#[test]
fn strings_invalid_are_refused_for_their_reason_at_their_byte() {
    let cases = cases("strings-invalid.json");
    assert!(cases.len() >= 363);
    let mut seen = BTreeSet::new();
    for case in &cases {
        let (name, input) = (&case["name"], input(case, "string"));
        let mut buffer = vec![0; input.len()];
        let error = match read(&input, limit(case), &mut buffer) {
            Ok(_) => panic!("{name} was read"),
            Err(error) => error,
        };
        assert_eq!(error.kind().name(), text(case, "reason"), "{name}");
        assert_eq!(
            Some(error.offset() as u64),
            case["offset"].as_u64(),
            "{name}"
        );
        seen.insert(error.kind().name());
    }
    // All but `buffer-too-small`, which is about the caller.
    assert_eq!(seen.len(), 19, "{seen:?}");
}

#[test]
fn key_uris_valid_are_read_mapped_to_a_suite_and_written() {
    let cases = cases("key-uris-valid.json");
    assert!(cases.len() >= 67);
    for case in &cases {
        let (name, uri) = (&case["name"], text(case, "uri"));
        let mut buffer = vec![0; uri.len()];
        let device = KeyUri::read(uri.as_bytes(), limit(case), &mut buffer)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(device.issuer(), case["issuer"].as_str(), "{name}");
        assert_eq!(device.account(), text(case, "account"), "{name}");
        assert_eq!(device.seed().reveal(), bytes(case, "secret_hex"), "{name}");
        assert_eq!(device.algorithm().name(), text(case, "algorithm"), "{name}");
        assert_eq!(
            Some(u64::from(device.digits().get())),
            case["digits"].as_u64(),
            "{name}"
        );
        let (kind, period, counter) = match device.factor() {
            Factor::Time(period) => ("totp", Some(u64::from(period.seconds())), None),
            Factor::Counter(counter) => ("hotp", None, Some(counter.get())),
        };
        assert_eq!(kind, text(case, "type"), "{name}");
        assert_eq!(period, case["period"].as_u64(), "{name}");
        assert_eq!(counter, case["counter"].as_u64(), "{name}");
        let suite = device.transaction_suite().map(|suite| suite.to_string());
        assert_eq!(
            suite.as_deref(),
            case["transaction_suite"].as_str(),
            "{name}"
        );
        let canonical = text(case, "canonical_uri");
        assert_eq!(*device.reveal(), canonical, "{name}");
        assert_eq!(device.written_len(), canonical.len(), "{name}");
        let mut buffer = vec![0; canonical.len()];
        let again = KeyUri::read(canonical.as_bytes(), Limit::DEFAULT, &mut buffer)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(*again.reveal(), canonical, "{name}");
    }
    assert!(
        cases
            .iter()
            .any(|case| case["digits"] == Digits::Seven.get())
    );
}

#[test]
fn key_uris_invalid_are_refused_for_their_reason() {
    let cases = cases("key-uris-invalid.json");
    assert!(cases.len() >= 111);
    let mut seen = BTreeSet::new();
    for case in &cases {
        let (name, input) = (&case["name"], input(case, "uri"));
        let mut buffer = vec![0; input.len()];
        let error = match KeyUri::read(&input, Limit::DEFAULT, &mut buffer) {
            Ok(_) => panic!("{name} was read"),
            Err(error) => error,
        };
        assert_eq!(error.kind().name(), text(case, "reason"), "{name}");
        assert!(error.offset() <= input.len(), "{name}");
        seen.insert(error.kind().name());
    }
    // All but `buffer-too-small` and `algorithm-not-built`, which are about the caller.
    assert_eq!(seen.len(), 20, "{seen:?}");
}
