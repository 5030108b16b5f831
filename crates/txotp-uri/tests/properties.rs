//! What holds for every transaction and every input, not only for those that somebody thought of.
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

use std::collections::BTreeMap;

use common::listed;
use proptest::prelude::*;
use txotp_core::TextProfile;
use txotp_uri::key_uri::KeyUri;
use txotp_uri::{Limit, OwnedTransaction, read, to_string, written_len};

type Pairs = Vec<(String, String)>;

/// The parts of a transaction, keys unlike each other in each section.
#[derive(Clone, Debug, PartialEq)]
struct Parts {
    message: String,
    sections: [Pairs; 2],
}

impl Parts {
    fn build(&self) -> OwnedTransaction {
        let [details, hidden] = self.sections.clone();
        OwnedTransaction::from_parts(&self.message, details, hidden).expect("valid parts")
    }

    fn canonical(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.build()
            .as_transaction()
            .canonical(|part| bytes.extend_from_slice(part));
        bytes
    }

    /// The same transaction for a verifier, whatever it looks like to a payer.
    fn meaning(&self) -> (&str, [BTreeMap<&str, &str>; 2]) {
        let map = self.sections.each_ref().map(|pairs| {
            pairs
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str()))
                .collect()
        });
        (&self.message, map)
    }
}

/// A character of any script, and often one that the string's syntax is made of.
fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        4 => proptest::char::range(' ', '~'),
        2 => proptest::sample::select("&=%+#?;[]/\\\"' *-._~ä€😀".chars().collect::<Vec<_>>()),
        1 => any::<char>(),
    ]
    .prop_filter("allowed", |c| TextProfile::Standard.allows(*c))
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(character(), 1..12).prop_map(|text| text.into_iter().collect())
}

fn key() -> impl Strategy<Value = String> {
    text().prop_map(|key| key.replace(['[', ']'], "|"))
}

fn section() -> impl Strategy<Value = Pairs> {
    let map = proptest::collection::hash_map(key(), text(), 0..6);
    // A hash map's order is arbitrary, which is what is wanted of display order.
    map.prop_map(|map| map.into_iter().collect())
}

fn parts() -> impl Strategy<Value = Parts> {
    (text(), section(), section()).prop_map(|(message, details, hidden)| Parts {
        message,
        sections: [details, hidden],
    })
}

/// The written parameters of a transaction, one by one.
fn parameters(parts: &Parts) -> Vec<String> {
    let string = to_string(&parts.build().as_transaction(), Limit::MAX).expect("short");
    let (_, query) = string.split_once('?').expect("a query");
    query.split('&').map(String::from).collect()
}

fn of_parameters(parameters: &[String]) -> OwnedTransaction {
    let string = format!("txotp://totp?{}", parameters.join("&"));
    OwnedTransaction::read(string.as_bytes(), Limit::MAX).expect("valid parameters")
}

/// One change to a transaction that makes another of it.
#[derive(Clone, Debug)]
enum Change {
    Message(String),
    Key(String),
    Value(String),
    Section,
    Drop,
    Add(String, String),
    SwapValues,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        text().prop_map(Change::Message),
        key().prop_map(Change::Key),
        text().prop_map(Change::Value),
        Just(Change::Section),
        Just(Change::Drop),
        (key(), text()).prop_map(|(key, value)| Change::Add(key, value)),
        Just(Change::SwapValues),
    ]
}

/// Applies a change at a place, where the result is a transaction.
fn apply(parts: &Parts, change: Change, section: usize, place: usize) -> Option<Parts> {
    let mut changed = parts.clone();
    let free = |pairs: &Pairs, key: &str| pairs.iter().all(|(other, _)| other != key);
    let len = changed.sections[section].len();
    let pick = |pairs: &Pairs| (!pairs.is_empty()).then(|| place % pairs.len());
    match change {
        Change::Message(message) => changed.message = message,
        Change::Key(key) if free(&changed.sections[section], &key) => {
            let at = pick(&changed.sections[section])?;
            changed.sections[section][at].0 = key;
        }
        Change::Value(value) => {
            let at = pick(&changed.sections[section])?;
            changed.sections[section][at].1 = value;
        }
        Change::Section => {
            let at = pick(&changed.sections[section])?;
            let pair = changed.sections[section].remove(at);
            free(&changed.sections[1 - section], &pair.0).then_some(())?;
            changed.sections[1 - section].push(pair);
        }
        Change::Drop => {
            let at = pick(&changed.sections[section])?;
            changed.sections[section].remove(at);
        }
        Change::Add(key, value) if free(&changed.sections[section], &key) => {
            changed.sections[section].push((key, value));
        }
        Change::SwapValues if len > 1 => {
            let value = changed.sections[section][0].1.clone();
            changed.sections[section][0].1 = changed.sections[section][1].1.clone();
            changed.sections[section][1].1 = value;
        }
        _ => return None,
    }
    (changed.meaning() != parts.meaning()).then_some(changed)
}

/// Bytes that look like a string for a while.
fn almost_a_string(scheme: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"message=".to_vec()),
        Just(b"details[".to_vec()),
        Just(b"hidden_details[".to_vec()),
        Just(b"]=".to_vec()),
        Just(b"secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".to_vec()),
        Just(b"counter=1".to_vec()),
        Just(b"issuer=".to_vec()),
        proptest::sample::select(b"&&&&=%+#[]:/?".to_vec()).prop_map(|byte| vec![byte]),
        "%[0-9a-fA-F]{2}".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..4),
        text().prop_map(String::into_bytes),
    ];
    proptest::collection::vec(piece, 0..16)
        .prop_map(move |pieces| [scheme.as_bytes(), &pieces.concat()].concat())
}

fn check_read(input: &[u8]) -> Result<(), TestCaseError> {
    let mut buffer = vec![0; input.len()];
    match read(input, Limit::MAX, &mut buffer) {
        Err(error) => prop_assert!(error.offset() <= input.len()),
        Ok(transaction) => {
            let once = OwnedTransaction::from(&transaction);
            let written = to_string(&transaction, Limit::MAX);
            // Raw bytes become escapes, so what is written may be too long.
            let Ok(written) = written else { return Ok(()) };
            let again = OwnedTransaction::read(written.as_bytes(), Limit::MAX).unwrap();
            prop_assert_eq!(listed(once.details()), listed(again.details()));
            prop_assert_eq!(
                listed(once.hidden_details()),
                listed(again.hidden_details())
            );
            prop_assert_eq!(transaction.digest(), again.as_transaction().digest());
            prop_assert_eq!(&once, &again);
            prop_assert_eq!(to_string(&again.as_transaction(), Limit::MAX), Ok(written));
        }
    }
    Ok(())
}

fn check_key_uri(input: &[u8]) -> Result<(), TestCaseError> {
    let mut buffer = vec![0; input.len()];
    match KeyUri::read(input, Limit::MAX, &mut buffer) {
        Err(error) => prop_assert!(error.offset() <= input.len()),
        Ok(device) => {
            let written = device.reveal();
            prop_assert_eq!(device.written_len(), written.len());
            let mut buffer = vec![0; written.len()];
            if let Ok(again) = KeyUri::read(written.as_bytes(), Limit::MAX, &mut buffer) {
                prop_assert_eq!(again.issuer(), device.issuer());
                prop_assert_eq!(again.account().trim_start(), device.account().trim_start());
                prop_assert_eq!(again.seed().reveal(), device.seed().reveal());
                prop_assert_eq!(again.factor(), device.factor());
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reading_what_was_written_gives_it_back_with_its_order(parts in parts()) {
        let owned = parts.build();
        let written = to_string(&owned.as_transaction(), Limit::MAX).unwrap();
        prop_assert_eq!(written_len(&owned.as_transaction()), written.len());
        prop_assert!(written.is_ascii());
        let read = OwnedTransaction::read(written.as_bytes(), Limit::MAX).unwrap();
        prop_assert_eq!(read.message(), &parts.message);
        prop_assert_eq!(listed(read.details()), parts.sections[0].clone());
        prop_assert_eq!(listed(read.hidden_details()), parts.sections[1].clone());
    }

    #[test]
    fn the_order_and_repetition_of_parameters_never_changes_the_digest(
        (parts, shuffled) in parts().prop_flat_map(|parts| {
            let mut all = parameters(&parts);
            all.extend(parameters(&parts));
            (Just(parts), Just(all).prop_shuffle())
        })
    ) {
        let (once, again) = (parts.build(), of_parameters(&shuffled));
        prop_assert_eq!(once.as_transaction().digest(), again.as_transaction().digest());
        prop_assert_eq!(once, again);
    }

    #[test]
    fn any_single_change_changes_canonical_form_digest_and_equality(
        parts in parts(), change in change(), section in 0..2usize, place in any::<usize>(),
    ) {
        let changed = apply(&parts, change, section, place);
        prop_assume!(changed.is_some());
        let changed = changed.unwrap();
        prop_assert_ne!(parts.canonical(), changed.canonical());
        let (a, b) = (parts.build(), changed.build());
        prop_assert_ne!(a.as_transaction().digest(), b.as_transaction().digest());
        prop_assert_ne!(a, b);
    }

    #[test]
    fn canonical_forms_are_equal_if_and_only_if_transactions_are(a in parts(), b in parts()) {
        prop_assert_eq!(a.canonical() == b.canonical(), a.meaning() == b.meaning());
        prop_assert_eq!(a.build() == b.build(), a.meaning() == b.meaning());
    }

    #[test]
    fn no_bytes_make_a_reader_panic_or_point_outside(
        input in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        check_read(&input)?;
        check_key_uri(&input)?;
    }

    #[test]
    fn what_looks_like_a_string_is_refused_inside_or_read_for_good(
        input in almost_a_string("txotp://totp?"),
    ) {
        check_read(&input)?;
    }

    #[test]
    fn what_looks_like_a_key_uri_is_refused_inside_or_read_for_good(
        input in almost_a_string("otpauth://totp/a:"),
        counter in almost_a_string("otpauth://hotp/a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&"),
    ) {
        check_key_uri(&input)?;
        check_key_uri(&counter)?;
    }

    #[test]
    fn one_byte_changed_in_the_example_is_never_read_as_the_example(
        place in 0..common::EXAMPLE.len(), byte in any::<u8>(),
    ) {
        let mut input = common::EXAMPLE.as_bytes().to_vec();
        prop_assume!(input[place] != byte);
        input[place] = byte;
        check_read(&input)?;
        // Case of the scheme and type, and the two other spellings of a blank, are the same string.
        let forgiven = place < 12 && byte.eq_ignore_ascii_case(&common::EXAMPLE.as_bytes()[place])
            || common::EXAMPLE.as_bytes()[place] == b'+' && byte == b' ';
        let example = OwnedTransaction::read(common::EXAMPLE.as_bytes(), Limit::MAX).unwrap();
        let same = OwnedTransaction::read(&input, Limit::MAX).is_ok_and(|read| read == example);
        prop_assert_eq!(same, forgiven);
    }
}
