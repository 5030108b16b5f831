//! The strict reading, case by case.
#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use alloc::borrow::ToOwned as _;
use alloc::string::ToString as _;

use super::*;

#[test]
fn pairs_keep_their_order_and_integers_become_their_digits() {
    let parts = Parts::from_json(
        br#"{"hidden_details":{"b":-7},"details":{"z":"1","10":340282366920938463463374607431768211456,"9":0},"message":"Pay"}"#,
    )
    .unwrap();
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(parts.message, "Pay");
    assert_eq!(
        parts.details,
        [
            pair("z", "1"),
            pair("10", "340282366920938463463374607431768211456"),
            pair("9", "0")
        ]
    );
    assert_eq!(parts.hidden_details, [pair("b", "-7")]);
}

#[test]
fn everything_ambiguous_is_refused_without_repeating_it() {
    for (json, why) in [
        (
            r#"{"message":"a","details":{"secret":1.5}}"#,
            "detail 1 is a number with a fraction",
        ),
        (
            r#"{"message":"a","details":{"secret":1e3}}"#,
            "detail 1 is a number with an exponent",
        ),
        (
            r#"{"message":"a","details":{"secret":1.5E+400}}"#,
            "detail 1 is a number with an exponent",
        ),
        (
            r#"{"message":"a","details":{"secret":-0}}"#,
            "detail 1 is minus zero",
        ),
        (
            r#"{"message":"a","details":{"secret":007}}"#,
            "it is no JSON, at line 1",
        ),
        (
            r#"{"message":"secret\ud800"}"#,
            "the message: an escape is half a character",
        ),
        (
            r#"{"message":"a","details":{"secret\ud800":"1"}}"#,
            "the details: an escape is half a character",
        ),
        (
            r#"{"message":"a","details":{"x":"y","secret":true}}"#,
            "detail 2 is true or false",
        ),
        (
            r#"{"message":"a","hidden_details":{"secret":null}}"#,
            "hidden detail 1 is null",
        ),
        (
            r#"{"message":"a","details":{"secret":["secret"]}}"#,
            "detail 1 is a list",
        ),
        (
            r#"{"message":"a","details":{"secret":{"secret":"1"}}}"#,
            "detail 1 is an object",
        ),
        (
            r#"{"message":"a","details":{"secret":"1","secret":"1"}}"#,
            "the details: there is a key twice",
        ),
        (
            r#"{"message":"a","details":{"secret":"1","\u0073ecret":"2"}}"#,
            "the details: there is a key twice",
        ),
        (
            r#"{"message":"secret","message":"secret"}"#,
            "it: there is a key twice",
        ),
        (r#"{"message":"a","secret":"b"}"#, "a name is none of"),
        (
            r#"{"message":"a","details":["secret"]}"#,
            "the details: there is no object",
        ),
        (r#"{"message":{"secret":1}}"#, "the message is an object"),
        (r#"{"details":{"secret":"1"}}"#, "there is no message"),
        (r#"["secret"]"#, "it: there is no object"),
        (r#"{"message":"secret"} secret"#, "at line 1, column 22"),
        (r#"{"message":"secret"#, "at line 1, column 18"),
    ] {
        let error = Parts::from_json(json.as_bytes()).err().unwrap().to_string();
        assert!(error.contains(why), "{json}: {error}");
        assert!(!error.contains("secret"), "{json}: {error}");
    }
}
