//! The transaction and its builder (specification S2): what is refused, where, and what is equal.
#![allow(
    clippy::unwrap_used,
    clippy::string_slice,
    missing_docs,
    reason = "a test that panics has failed"
)]

use txotp_core::limits::{MAX_PAIRS, MAX_TEXT_LEN};
use txotp_core::{
    Pair, Section, TextProfile, Transaction, TransactionBuilder, TransactionErrorKind as Kind,
};

fn pay<'a>() -> TransactionBuilder<'a> {
    let mut builder = Transaction::builder();
    builder.message("Pay").unwrap();
    builder
}

fn pairs<'a>(found: impl Iterator<Item = Pair<'a>>) -> Vec<(&'a str, &'a str)> {
    found.map(|pair| (pair.key, pair.value)).collect()
}

#[test]
fn its_parts_come_back_in_the_order_given() {
    let mut builder = pay();
    builder.hidden_detail("Reference", "T1").unwrap();
    builder.detail("To", "John").unwrap();
    builder.pair(Section::HiddenDetails, "Amount", "9").unwrap();
    builder.pair(Section::Details, "Amount", "1").unwrap();
    let transaction = builder.build().unwrap();
    assert_eq!(transaction.message(), "Pay");
    let (details, hidden) = (transaction.details(), transaction.hidden_details());
    assert_eq!(pairs(details), [("To", "John"), ("Amount", "1")]);
    assert_eq!(pairs(hidden), [("Reference", "T1"), ("Amount", "9")]);
}

#[test]
fn what_is_refused_is_refused_for_its_reason_at_its_byte() {
    let refused = |key, value, kind, offset| {
        let error = pay().detail(key, value).map(drop).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (kind, offset));
    };
    refused("", "1", Kind::EmptyKey, 0);
    refused("To", "", Kind::EmptyValue, 0);
    refused("To[", "1", Kind::BracketInKey, 2);
    refused("é]", "1", Kind::BracketInKey, 2);
    refused("To\u{202e}", "1", Kind::ForbiddenText, 2);
    refused("To", "John\u{200b}", Kind::ForbiddenText, 4);
    let error = Transaction::builder().message("").map(drop).unwrap_err();
    assert_eq!((error.kind(), error.offset()), (Kind::EmptyMessage, 0));
    let error = Transaction::builder().build().unwrap_err();
    assert_eq!((error.kind(), error.offset()), (Kind::MissingMessage, 0));
}

#[test]
fn a_text_has_at_most_2953_bytes() {
    let longer = "x".repeat(MAX_TEXT_LEN + 1);
    let longest = &longer[..MAX_TEXT_LEN];
    let mut builder = Transaction::builder();
    builder.message(longest).unwrap();
    builder.detail(longest, longest).unwrap();
    for error in [
        Transaction::builder().message(&longer).map(drop),
        pay().detail(&longer, "1").map(drop),
        pay().detail("To", &longer).map(drop),
    ] {
        let error = error.unwrap_err();
        let expected = (Kind::TextTooLong, MAX_TEXT_LEN);
        assert_eq!((error.kind(), error.offset()), expected);
    }
}

#[test]
fn what_is_said_twice_counts_once_and_what_is_contradicted_is_refused() {
    let mut builder = pay();
    builder.message("Pay").unwrap();
    let error = builder.message("Pay more").map(drop).unwrap_err();
    assert_eq!(error.kind(), Kind::ConflictingMessage);
    builder.detail("To", "John").unwrap();
    builder.detail("To", "John").unwrap();
    let error = builder.detail("To", "Jane").map(drop).unwrap_err();
    assert_eq!(error.kind(), Kind::ConflictingPair);
    // A hidden detail of the same name is another one.
    builder.hidden_detail("To", "Jane").unwrap();
    // And after the errors all is as it was.
    let transaction = builder.build().unwrap();
    assert_eq!(transaction.message(), "Pay");
    assert_eq!(pairs(transaction.details()), [("To", "John")]);
    assert_eq!(pairs(transaction.hidden_details()), [("To", "Jane")]);
}

#[test]
fn there_are_at_most_32_pairs() {
    let keys: Vec<String> = (0..=MAX_PAIRS).map(|place| place.to_string()).collect();
    let (last, keys) = keys.split_last().unwrap();
    let mut builder = pay();
    for key in keys {
        builder.hidden_detail(key, "1").unwrap();
    }
    let error = builder.detail(last, "1").map(drop).unwrap_err();
    assert_eq!(error.kind(), Kind::TooManyPairs);
    let transaction = builder.build().unwrap();
    assert_eq!(transaction.hidden_details().count(), MAX_PAIRS);
    assert_eq!(transaction.details().count(), 0);
}

#[test]
fn transactions_are_equal_whatever_the_order_of_their_pairs() {
    type Pairs = &'static [(&'static str, &'static str)];
    let build = |message, details: Pairs, hidden: Pairs| {
        let mut builder = Transaction::builder();
        builder.message(message).unwrap();
        for (key, value) in details {
            builder.detail(key, value).unwrap();
        }
        for (key, value) in hidden {
            builder.hidden_detail(key, value).unwrap();
        }
        builder.build().unwrap()
    };
    let ours = build("Pay", &[("To", "J"), ("Amount", "1")], &[("ID", "7")]);
    assert_eq!(
        ours,
        build("Pay", &[("Amount", "1"), ("To", "J")], &[("ID", "7")])
    );
    for other in [
        build("Pay!", &[("To", "J"), ("Amount", "1")], &[("ID", "7")]),
        build("Pay", &[("To", "J"), ("Amount", "2")], &[("ID", "7")]),
        build("Pay", &[("To", "J")], &[("ID", "7")]),
        build(
            "Pay",
            &[("To", "J"), ("Amount", "1"), ("By", "K")],
            &[("ID", "7")],
        ),
        build("Pay", &[("To", "J"), ("Amount", "1")], &[("ID", "8")]),
        build("Pay", &[("To", "J"), ("Amount", "1")], &[]),
        build("Pay", &[("To", "J"), ("Amount", "1"), ("ID", "7")], &[]),
    ] {
        assert_ne!(ours, other);
    }
}

#[test]
fn what_is_displayed_can_be_held_to_a_stricter_profile() {
    let offset = |transaction: &Transaction<'_>, profile| {
        let checked = transaction.check_display(profile);
        checked.err().map(|error| (error.kind(), error.offset()))
    };
    let mut builder = pay();
    builder.detail("To", "Zoë").unwrap();
    builder.hidden_detail("Note", "שלום").unwrap();
    let transaction = builder.build().unwrap();
    // What is hidden is not displayed.
    assert_eq!(offset(&transaction, TextProfile::Display), None);
    let at = |byte| Some((Kind::ForbiddenText, byte));
    assert_eq!(offset(&transaction, TextProfile::Ascii), at(2));
    let mut builder = Transaction::builder();
    builder.message("Zahle 1 €").unwrap();
    let transaction = builder.build().unwrap();
    assert_eq!(offset(&transaction, TextProfile::Ascii), at(8));
}
