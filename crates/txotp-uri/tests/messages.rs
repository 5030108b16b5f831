//! What errors say, what is shown for debugging, and the edges of limits.
#![cfg(feature = "alloc")]
#![allow(missing_docs, reason = "a test that panics has failed")]

#[path = "../../txotp-core/tests/support/messages.rs"]
mod messages;

use messages::{assert_messages, assert_named};
use txotp_uri::base32::SeedTextError;
use txotp_uri::key_uri::{KeyUri, KeyUriErrorKind};
use txotp_uri::limits::MAX_STRING_LEN;
use txotp_uri::{Limit, OwnedTransaction, ReadErrorKind, WriteError};

#[test]
fn each_error_of_reading_and_writing_says_what_is_wrong_and_has_a_name() {
    use ReadErrorKind as Kind;
    let named = [
        (Kind::TooLong, "too-long"),
        (Kind::WrongScheme, "wrong-scheme"),
        (Kind::WrongType, "wrong-type"),
        (Kind::Fragment, "fragment"),
        (Kind::BadPercent, "bad-percent"),
        (Kind::EmptyParameter, "empty-parameter"),
        (Kind::BadUtf8, "bad-utf8"),
        (Kind::UnknownParameter, "unknown-parameter"),
        (Kind::MalformedBracket, "malformed-bracket"),
        (Kind::EmptyKey, "empty-key"),
        (Kind::NestedBracket, "nested-bracket"),
        (Kind::BracketInKey, "bracket-in-key"),
        (Kind::EmptyMessage, "empty-message"),
        (Kind::EmptyValue, "empty-value"),
        (Kind::ForbiddenText, "forbidden-text"),
        (Kind::ConflictingMessage, "conflicting-message"),
        (Kind::ConflictingPair, "conflicting-pair"),
        (Kind::TooManyPairs, "too-many-pairs"),
        (Kind::MissingMessage, "missing-message"),
        (Kind::BufferTooSmall, "buffer-too-small"),
    ];
    assert_named(&named, Kind::name);
    let writing = [
        (WriteError::TooLong, "too-long"),
        (WriteError::Output, "output"),
    ];
    assert_named(&writing, WriteError::name);
}

#[test]
fn each_error_of_a_key_uri_says_what_is_wrong_and_has_a_name() {
    use KeyUriErrorKind as Kind;
    let named = [
        (Kind::TooLong, "too-long"),
        (Kind::WrongScheme, "wrong-scheme"),
        (Kind::WrongType, "wrong-type"),
        (Kind::Fragment, "fragment"),
        (Kind::BadPercent, "bad-percent"),
        (Kind::BadUtf8, "bad-utf8"),
        (Kind::ForbiddenText, "forbidden-text"),
        (Kind::MissingAccount, "missing-account"),
        (Kind::BadLabel, "bad-label"),
        (Kind::IssuerMismatch, "issuer-mismatch"),
        (Kind::MissingSecret, "missing-secret"),
        (Kind::BadSecret, "bad-secret"),
        (Kind::SecretTooShort, "secret-too-short"),
        (Kind::SecretTooLong, "secret-too-long"),
        (Kind::BadAlgorithm, "bad-algorithm"),
        (Kind::AlgorithmNotBuilt, "algorithm-not-built"),
        (Kind::BadDigits, "bad-digits"),
        (Kind::BadPeriod, "bad-period"),
        (Kind::MissingCounter, "missing-counter"),
        (Kind::BadCounter, "bad-counter"),
        (Kind::RepeatedParameter, "repeated-parameter"),
        (Kind::BufferTooSmall, "buffer-too-small"),
    ];
    assert_named(&named, Kind::name);
    assert_messages(&[
        &SeedTextError::NotBase32,
        &SeedTextError::TooShort,
        &SeedTextError::TooLong,
    ]);
}

#[test]
fn an_error_says_its_byte_and_debugging_shows_no_text() {
    let string = b"txotp://totp?message=a&details[To]=";
    let error = OwnedTransaction::read(string, Limit::DEFAULT).expect_err("an empty value");
    let expected = format!("{}, at byte 35", ReadErrorKind::EmptyValue);
    assert_eq!(error.to_string(), expected);

    let mut buffer = [0; 100];
    let uri = b"otpauth://totp/ACME:alice";
    let error = KeyUri::read(uri, Limit::DEFAULT, &mut buffer).expect_err("no secret");
    let expected = format!("{}, at byte 25", KeyUriErrorKind::MissingSecret);
    assert_eq!((error.to_string(), error.offset()), (expected, 25));

    let string = b"txotp://totp?message=a&details[To]=b&hidden_details[T]=1&details[B]=c";
    let owned = OwnedTransaction::read(string, Limit::DEFAULT).expect("a transaction");
    assert_eq!(
        format!("{owned:?}"),
        "OwnedTransaction { details: 2, hidden_details: 1, .. }"
    );
    let uri = b"otpauth://hotp/alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=7";
    let read = KeyUri::read(uri, Limit::DEFAULT, &mut buffer).expect("a device");
    assert_eq!(
        format!("{read:?}"),
        "KeyUri { algorithm: Sha1, digits: Six, factor: Counter(Counter(7)), .. }"
    );
}

#[test]
fn a_limit_is_1_to_2953_bytes_and_600_by_default() {
    for len in [1, 600, MAX_STRING_LEN] {
        assert_eq!(Limit::new(len).map(Limit::get), Some(len));
    }
    assert_eq!(
        (Limit::new(0), Limit::new(MAX_STRING_LEN + 1)),
        (None, None)
    );
    assert_eq!(Limit::new(MAX_STRING_LEN), Some(Limit::MAX));
    assert_eq!(
        (Limit::default(), Limit::DEFAULT.get()),
        (Limit::DEFAULT, 600)
    );
}
