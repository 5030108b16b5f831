//! The worked values of the specification (sections 3.7, 5.8 and 7.8), and what it says by example.
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

use common::EXAMPLE;
use txotp_core::{DeviceKey, Purpose, Seed, TransactionSuite, UnixTime};
use txotp_uri::key_uri::{Factor, KeyUri, KeyUriErrorKind};
use txotp_uri::{
    Limit, OwnedTransaction, ReadErrorKind, WriteError, base32, read, to_string, write, written_len,
};

const SEED: &[u8] = b"12345678901234567890123456789012";

fn example() -> OwnedTransaction {
    OwnedTransaction::read(EXAMPLE.as_bytes(), Limit::DEFAULT).expect("the documented example")
}

#[test]
fn the_documented_example_is_227_bytes_and_comes_out_byte_for_byte() {
    let owned = OwnedTransaction::from_parts(
        "Approve money transaction",
        [
            ("Amount", "1000 Euros"),
            ("To", "John Doe"),
            ("Destination Account", "29385"),
            ("Source Account", "98381"),
            ("Reason", "transfer money"),
        ]
        .map(|(key, value)| (key.into(), value.into())),
        [(String::from("Transaction ID"), String::from("T2293"))],
    )
    .unwrap();
    assert_eq!(EXAMPLE.len(), 227);
    assert_eq!(written_len(&owned.as_transaction()), 227);
    assert_eq!(
        to_string(&owned.as_transaction(), Limit::DEFAULT).as_deref(),
        Ok(EXAMPLE)
    );
    assert_eq!(owned, example());
}

#[test]
fn its_digest_and_three_codes_are_those_of_the_specification() {
    let digest = example().as_transaction().digest();
    let hex: String = digest
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        hex,
        "cbddecae352b522d017dfe433d2ea01532627b9318d77f30443627b9df69a414"
    );
    let seed = Seed::from_bytes(SEED).unwrap();
    for (suite, code) in [
        ("OCRA-1:HOTP-SHA256-8:QH64-T30S", "57171677"),
        ("OCRA-1:HOTP-SHA1-7:QH64-T10S", "2609089"),
        ("OCRA-1:HOTP-SHA512-6:QH64-T1M", "933527"),
    ] {
        let suite = TransactionSuite::parse(suite).unwrap();
        let key = DeviceKey::new(suite, &seed, None).unwrap();
        let at = suite
            .moving_factor(UnixTime::from_seconds(1_700_000_000), None)
            .unwrap();
        let computed = key.code(Purpose::Transaction(digest), at).unwrap();
        assert_eq!(computed.reveal(), code);
    }
}

/// As in the verify call that Authy's blog shows, which gives three of its pairs twice.
#[test]
fn three_repeated_pairs_are_one_each_in_their_first_place() {
    let repeated = format!(
        "{EXAMPLE}&details[To]=John+Doe&details[Amount]=1000+Euros\
         &hidden_details[Transaction+ID]=T2293"
    );
    let read = OwnedTransaction::read(repeated.as_bytes(), Limit::DEFAULT).unwrap();
    assert_eq!(
        to_string(&read.as_transaction(), Limit::DEFAULT).as_deref(),
        Ok(EXAMPLE)
    );
}

#[test]
fn the_accepted_example_of_section_4_22_is_read() {
    let string = "TXOTP://Totp?hidden_details%5bT%5d=x&details[a]=1&message=x%20y+z&details[a]=1";
    let read = OwnedTransaction::read(string.as_bytes(), Limit::DEFAULT).unwrap();
    assert_eq!(read.message(), "x y z");
    assert!(read.details().eq([("a", "1")]));
    assert!(read.hidden_details().eq([("T", "x")]));
}

#[test]
fn the_refused_examples_of_section_4_22_are_refused_where_it_says() {
    for (string, reason, offset) in [
        ("https://x", "wrong-scheme", 0),
        ("txotp://hotp?message=a", "wrong-type", 8),
        ("txotp://totp/?message=a", "wrong-type", 8),
        ("txotp://totp#f", "fragment", 12),
        ("txotp://totp?message=a#f", "fragment", 22),
        ("txotp://totp", "missing-message", 12),
        ("txotp://totp?", "missing-message", 13),
        ("txotp://totp?details[To]=b", "missing-message", 26),
        ("txotp://totp?message=a&", "empty-parameter", 23),
        ("txotp://totp?message=100%", "bad-percent", 24),
        ("txotp://totp?message=caf%C3", "bad-utf8", 24),
        ("txotp://totp?message", "empty-message", 20),
        ("txotp://totp?message=", "empty-message", 21),
        ("txotp://totp?message=a\tb", "forbidden-text", 22),
        (
            "txotp://totp?message=a&message=b",
            "conflicting-message",
            23,
        ),
        ("txotp://totp?message=a&Message=a", "unknown-parameter", 23),
        ("txotp://totp?message=a&details=1", "malformed-bracket", 23),
        (
            "txotp://totp?message=a&details[a]b=1",
            "malformed-bracket",
            23,
        ),
        ("txotp://totp?message=a&details[]=1", "empty-key", 23),
        (
            "txotp://totp?message=a&details[To][x]=1",
            "nested-bracket",
            23,
        ),
        (
            "txotp://totp?message=a&details[T%5Do]=1",
            "bracket-in-key",
            23,
        ),
        (
            "txotp://totp?message=a&details[T%E2%80%8Bo]=b",
            "forbidden-text",
            32,
        ),
        ("txotp://totp?message=a&details[To]=", "empty-value", 35),
        (
            "txotp://totp?message=a&details[To]=b%E2%80%AEc",
            "forbidden-text",
            36,
        ),
        (
            "txotp://totp?message=a&details[To]=b&details[To]=c",
            "conflicting-pair",
            37,
        ),
    ] {
        let error = OwnedTransaction::read(string.as_bytes(), Limit::DEFAULT).unwrap_err();
        assert_eq!(
            (error.kind().name(), error.offset()),
            (reason, offset),
            "{string}"
        );
    }
}

#[test]
fn a_string_over_the_limit_is_not_begun() {
    let (owned, limit) = (example(), Limit::new(226).unwrap());
    let mut out = String::new();
    let refused = write(&owned.as_transaction(), limit, &mut out);
    assert_eq!(refused, Err(WriteError::TooLong));
    assert!(out.is_empty());
    assert!(write(&owned.as_transaction(), Limit::new(227).unwrap(), &mut out).is_ok());
    assert_eq!(
        OwnedTransaction::read(EXAMPLE.as_bytes(), limit).map_err(|error| error.offset()),
        Err(226)
    );
}

#[test]
fn a_failing_output_is_an_error() {
    struct Full;
    impl std::fmt::Write for Full {
        fn write_str(&mut self, _: &str) -> std::fmt::Result {
            Err(std::fmt::Error)
        }
    }
    let refused = write(&example().as_transaction(), Limit::DEFAULT, &mut Full);
    assert_eq!(refused, Err(WriteError::Output));
}

#[test]
fn a_buffer_needs_room_for_the_decoded_text_and_no_more() {
    let input = b"txotp://totp?message=%41%42+&details[%43]=%44";
    // `message`, `AB `, `details[C]`, `D`.
    let needed = 7 + 3 + 10 + 1;
    assert!(read(input, Limit::DEFAULT, &mut vec![0; needed]).is_ok());
    for short in 0..needed {
        let error = read(input, Limit::DEFAULT, &mut vec![0; short])
            .map(|_| ())
            .unwrap_err();
        assert_eq!(error.kind(), ReadErrorKind::BufferTooSmall, "{short}");
    }
}

#[test]
fn the_buffer_keeps_nothing_of_the_secret() {
    let spelled = "PLVSWL4PRPJQZWOIX6Q7BUPBU4";
    for (uri, accepted) in [
        (
            format!("otpauth://totp/A:b?issuer=A&secret={spelled}&digits=8"),
            true,
        ),
        (
            format!("otpauth://totp/A:b?secret={spelled}%3D%3D&x={spelled}"),
            true,
        ),
        (format!("otpauth://totp/A:b?secret={spelled}A"), false),
        (
            format!("otpauth://totp/A:b?secret={spelled}&digits=9"),
            false,
        ),
        (format!("otpauth://totp/A:b?secret={spelled}%FF"), false),
        (
            format!("otpauth://totp/A:b?secret={spelled}&secret={spelled}"),
            false,
        ),
    ] {
        for room in [uri.len(), 20] {
            let mut buffer = vec![b'.'; room];
            let read = KeyUri::read(uri.as_bytes(), Limit::DEFAULT, &mut buffer).is_ok();
            assert_eq!(read, accepted && room > 20, "{uri}");
            let left = String::from_utf8_lossy(&buffer);
            let (start, _) = spelled.split_at(4);
            assert!(!left.contains(start), "{uri}");
        }
    }
}

#[test]
fn nothing_shown_for_debugging_or_as_an_error_is_of_the_input() {
    let owned = example();
    let uri = "otpauth://totp/ACME:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let mut buffer = [0; 600];
    let device = KeyUri::read(uri.as_bytes(), Limit::DEFAULT, &mut buffer).unwrap();
    let error = OwnedTransaction::read(b"txotp://totp?secretive=1", Limit::DEFAULT).unwrap_err();
    let mut other = [0; 600];
    let refused = KeyUri::read(
        b"otpauth://totp/alice?secret=GEZ",
        Limit::DEFAULT,
        &mut other,
    )
    .unwrap_err();
    for shown in [
        format!("{owned:?} {:?}", owned.as_transaction()),
        format!("{device:?}"),
        format!("{error} {error:?} {refused} {refused:?}"),
    ] {
        for part in ["John", "T2293", "ACME", "alice", "GEZ", "1234", "secretive"] {
            assert!(!shown.contains(part), "{shown}");
        }
    }
}

#[test]
fn a_new_key_uri_is_one_that_can_be_read_back() {
    let seed = || Seed::from_bytes(SEED).unwrap();
    let make = |issuer, account| {
        let suite = TransactionSuite::default();
        let factor = Factor::Time(suite.period().unwrap());
        KeyUri::new(
            issuer,
            account,
            seed(),
            suite.algorithm(),
            suite.digits(),
            factor,
        )
    };
    let device = make(Some("Bäcker & Co"), "jürgen@example.com").unwrap();
    assert_eq!(
        *device.reveal(),
        "otpauth://totp/B%C3%A4cker%20%26%20Co:j%C3%BCrgen%40example.com\
         ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA\
         &issuer=B%C3%A4cker%20%26%20Co&algorithm=SHA256&digits=8&period=30"
    );
    let mut buffer = [0; 600];
    let read = KeyUri::read(device.reveal().as_bytes(), Limit::DEFAULT, &mut buffer).unwrap();
    assert_eq!(read.issuer(), device.issuer());
    assert_eq!(read.account(), device.account());
    assert_eq!(read.seed().reveal(), SEED);
    for (issuer, account, kind) in [
        (None, "", KeyUriErrorKind::MissingAccount),
        (Some(""), "a", KeyUriErrorKind::BadLabel),
        (Some("A"), " a", KeyUriErrorKind::BadLabel),
        (Some("A:B"), "a", KeyUriErrorKind::BadLabel),
        (None, "a:b", KeyUriErrorKind::BadLabel),
        (Some("A\u{200b}"), "a", KeyUriErrorKind::ForbiddenText),
        (None, "a\n", KeyUriErrorKind::ForbiddenText),
    ] {
        assert_eq!(make(issuer, account).map(|_| ()), Err(kind));
    }
}

#[test]
fn what_a_key_uri_ignores_is_text_all_the_same() {
    let known = "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    for (tail, kind) in [
        ("&image=%FF", Some(KeyUriErrorKind::BadUtf8)),
        ("&counter=%FF", Some(KeyUriErrorKind::BadUtf8)),
        ("&counter=x&image=%00&&=&issuer=", None),
    ] {
        let uri = format!("otpauth://totp/alice?{known}{tail}");
        let mut buffer = vec![0; uri.len()];
        let read = KeyUri::read(uri.as_bytes(), Limit::DEFAULT, &mut buffer);
        assert_eq!(read.as_ref().err().map(|error| error.kind()), kind, "{uri}");
        assert!(read.is_err() || read.is_ok_and(|device| device.issuer().is_none()));
    }
}

/// Blanks are dropped before an account that an issuer is named for; what is left may be nothing.
#[test]
fn an_account_of_blanks_is_none_beside_an_issuer() {
    let known = "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    for label in ["%20", "ACME:", "ACME:%20"] {
        let uri = format!("otpauth://totp/{label}?{known}&issuer=ACME");
        let mut buffer = vec![0; uri.len()];
        let error = KeyUri::read(uri.as_bytes(), Limit::DEFAULT, &mut buffer).unwrap_err();
        let expected = (KeyUriErrorKind::MissingAccount, 15);
        assert_eq!((error.kind(), error.offset()), expected, "{uri}");
    }
}

#[test]
fn a_colon_stands_between_an_issuer_and_an_account_only() {
    let known = "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    for (label, issuer, offset) in [(":alice", "", 15), ("A:b:c", "", 15), ("alice", "A:B", 68)] {
        let uri = format!("otpauth://totp/{label}?{known}&issuer={issuer}");
        let mut buffer = vec![0; uri.len()];
        let error = KeyUri::read(uri.as_bytes(), Limit::DEFAULT, &mut buffer).unwrap_err();
        let expected = (KeyUriErrorKind::BadLabel, offset);
        assert_eq!((error.kind(), error.offset()), expected, "{uri}");
    }
}

#[test]
fn base32_of_every_length_of_seed_comes_back() {
    for len in 16..=64usize {
        let bytes: Vec<u8> = (0..len).map(|at| (at * 37 + len) as u8).collect();
        let seed = Seed::from_bytes(&bytes).unwrap();
        let mut buffer = [0; base32::MAX_LEN];
        let text = base32::encode(&seed, &mut buffer);
        assert_eq!(text.len(), (len * 8).div_ceil(5));
        for spelled in [text.into(), text.to_lowercase(), format!("{text}===")] {
            assert_eq!(base32::decode(&spelled).unwrap().reveal(), bytes);
        }
        // The last character's spare bits, all of which must be zero.
        let spare = text.len() * 5 - len * 8;
        let last = text.as_bytes()[text.len() - 1];
        for bit in 0..spare {
            let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
            let place = alphabet.iter().position(|letter| *letter == last).unwrap();
            let mut other = text.to_owned();
            other.pop();
            other.push(char::from(alphabet[place | 1 << bit]));
            assert_eq!(
                base32::decode(&other).map(|_| ()),
                Err(base32::SeedTextError::NotBase32)
            );
        }
    }
}
