//! What errors say: a short sentence for each, in lower case, without a full stop; no two the same.
#![cfg(all(feature = "sha1", feature = "sha512"))]
#![allow(missing_docs, reason = "a test that panics has failed")]

#[path = "support/messages.rs"]
mod messages;

use messages::{assert_messages, assert_named};
use txotp_core::ocra::{Challenge, ChallengeErrorKind, InputError, Suite, SuiteErrorKind};
use txotp_core::{
    Algorithm, CodeError, Counter, FactorError, PinError, PinMismatch, SeedError, Step,
    Transaction, TransactionErrorKind, UnknownAlgorithm, WindowError,
};

#[test]
fn each_error_says_what_is_wrong() {
    assert_messages(&[
        &UnknownAlgorithm::NoSuchName,
        &UnknownAlgorithm::NotBuilt,
        &CodeError::WrongLength,
        &CodeError::NotADigit,
        &FactorError,
        &PinMismatch,
        &PinError::Empty,
        &PinError::TooLong,
        &PinError::WrongLength,
        &SeedError::TooShort,
        &SeedError::TooLong,
        &WindowError,
        &InputError::Challenge,
        &InputError::Counter,
        &InputError::Pin,
        &InputError::Session,
        &InputError::Step,
        &InputError::NoDigits,
        &ChallengeErrorKind::Empty,
        &ChallengeErrorKind::TooLong,
        &ChallengeErrorKind::Character,
        &ChallengeErrorKind::Undefined,
    ]);
}

#[test]
fn each_error_of_a_suite_says_what_is_wrong() {
    assert_messages(&[
        &SuiteErrorKind::Version,
        &SuiteErrorKind::Function,
        &SuiteErrorKind::Algorithm,
        &SuiteErrorKind::AlgorithmNotBuilt,
        &SuiteErrorKind::Length,
        &SuiteErrorKind::Challenge,
        &SuiteErrorKind::Session,
        &SuiteErrorKind::Time,
        &SuiteErrorKind::Trailing,
        &SuiteErrorKind::NotTheDigest,
        &SuiteErrorKind::NotTransactionDigits,
        &SuiteErrorKind::PeriodTooLong,
        &SuiteErrorKind::SessionInSignature,
        &SuiteErrorKind::NoMovingFactor,
    ]);
}

#[test]
fn each_error_of_a_transaction_says_what_is_wrong_and_has_a_name() {
    use TransactionErrorKind as Kind;
    let named = [
        (Kind::MissingMessage, "missing-message"),
        (Kind::EmptyMessage, "empty-message"),
        (Kind::ConflictingMessage, "conflicting-message"),
        (Kind::EmptyKey, "empty-key"),
        (Kind::EmptyValue, "empty-value"),
        (Kind::BracketInKey, "bracket-in-key"),
        (Kind::ConflictingPair, "conflicting-pair"),
        (Kind::TooManyPairs, "too-many-pairs"),
        (Kind::TextTooLong, "text-too-long"),
        (Kind::ForbiddenText, "forbidden-text"),
    ];
    assert_named(&named, Kind::name);
}

#[test]
fn an_error_with_a_place_says_it_and_no_more() {
    let suite = Suite::parse("OCRA-1:HOTP-SHA256-8:QN3").unwrap_err();
    let expected = format!("{}, at byte 21", SuiteErrorKind::Challenge);
    assert_eq!(suite.to_string(), expected);
    let suite = Suite::parse("OCRA-1:HOTP-SHA256-8:QN08").expect("a suite");
    let challenge = Challenge::parse(suite.challenge(), "12x").unwrap_err();
    let expected = format!("{}, at byte 2", ChallengeErrorKind::Character);
    assert_eq!(challenge.to_string(), expected);
    let transaction = Transaction::builder().build().unwrap_err();
    let expected = TransactionErrorKind::MissingMessage.to_string();
    assert_eq!(transaction.to_string(), expected);
}

#[test]
fn names_and_numbers_are_written_as_they_are_read() {
    for name in ["SHA1", "SHA256", "SHA512"] {
        let algorithm = Algorithm::from_name(name).expect("it is built in");
        assert_eq!(algorithm.to_string(), name);
    }
    let written = (Step::new(7).to_string(), Counter::new(5).to_string());
    assert_eq!(written, ("7".to_owned(), "5".to_owned()));
}
