//! Codes, and the search for them, through the C interface.
#![allow(
    unsafe_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::undocumented_unsafe_blocks
)]

mod support;

use support::*;
use txotp_ffi::*;

const COUNTER_SUITE: &str = "OCRA-1:HOTP-SHA256-8:C-QH64";
const BOTH_SUITE: &str = "OCRA-1:HOTP-SHA256-8:C-QH64-T30S";
const PIN_SUITE: &str = "OCRA-1:HOTP-SHA256-8:QH64-PSHA256-T30S";

#[test]
fn the_documented_example_has_its_code_and_is_found() {
    let (device, read) = (default_device(), documented());
    assert_eq!(code(&device, Some(&read.storage), NOW, None).unwrap(), CODE);
    for drift in [-1, 0, 1] {
        let now = NOW.saturating_add_signed(-30 * drift);
        let found = verify(&device, Some(&read.storage), window(now), CODE.as_bytes()).unwrap();
        let expected = Match {
            step: NOW / 30,
            drift,
            counter: 0,
        };
        assert_eq!(found, expected);
    }
    for now in [NOW - 60, NOW + 60] {
        let result = verify(&device, Some(&read.storage), window(now), CODE.as_bytes());
        assert_eq!(result, Err(ResultCode::WrongCode));
    }
}

#[test]
fn another_amount_and_a_hidden_detail_change_the_code() {
    let device = default_device();
    for (from, to) in [("1000+Euros", "9000+Euros"), ("T2293", "T2294")] {
        let changed = read(STRING.replace(from, to).as_bytes(), 600).unwrap();
        let result = verify(
            &device,
            Some(&changed.storage),
            window(NOW),
            CODE.as_bytes(),
        );
        assert_eq!(result, Err(ResultCode::WrongCode));
    }
}

#[test]
fn a_login_code_is_that_of_rfc_6238_and_approves_nothing() {
    let device = default_device();
    let login = code(&device, None, 1_111_111_109, None).unwrap();
    assert_eq!(login, "68084774");
    assert!(verify(&device, None, window(1_111_111_109), login.as_bytes()).is_ok());
    let result = verify(
        &device,
        Some(&documented().storage),
        window(1_111_111_109),
        login.as_bytes(),
    );
    assert_eq!(result, Err(ResultCode::WrongCode));
}

#[test]
fn a_counter_is_given_exactly_where_the_suite_has_one() {
    let read = documented();
    let bound = Some(&read.storage);
    let (time, count) = (default_device(), device(COUNTER_SUITE, SEED, None).unwrap());
    let mismatch = Err(ResultCode::CounterMismatch);
    assert_eq!(code(&time, bound, NOW, Some(0)), mismatch);
    assert_eq!(code(&count, bound, NOW, None), mismatch);
    assert_eq!(
        verify(&count, bound, window(NOW), CODE.as_bytes()).err(),
        mismatch.err()
    );

    let typed = code(&count, bound, NOW, Some(7)).unwrap();
    let (first, last) = (5, u64::MAX);
    let ahead = |counter, look_ahead| Window {
        counter,
        look_ahead,
        ..window(0)
    };
    let found = verify(&count, bound, ahead(&raw const first, 2), typed.as_bytes());
    assert_eq!(
        found,
        Ok(Match {
            step: 0,
            drift: 0,
            counter: 7
        })
    );
    let refused = |window| verify(&count, bound, window, typed.as_bytes()).err();
    assert_eq!(
        refused(ahead(&raw const first, 1)),
        Some(ResultCode::WrongCode)
    );
    assert_eq!(
        refused(ahead(&raw const first, 64)),
        Some(ResultCode::WindowTooWide)
    );
    assert_eq!(
        refused(ahead(&raw const last, 2)),
        Some(ResultCode::CounterExhausted)
    );
}

#[test]
fn the_last_counter_is_refused_by_who_computes_and_by_who_verifies() {
    let read = documented();
    let bound = Some(&read.storage);
    let last = u64::MAX;
    for suite in [COUNTER_SUITE, BOTH_SUITE] {
        let device = device(suite, SEED, None).unwrap();
        assert!(code(&device, bound, NOW, Some(last - 1)).is_ok());
        let computed = code(&device, bound, NOW, Some(last));
        assert_eq!(computed, Err(ResultCode::CounterExhausted));
        let from = Window {
            counter: &raw const last,
            ..window(NOW)
        };
        let verified = verify(&device, bound, from, CODE.as_bytes());
        assert_eq!(verified, Err(ResultCode::CounterExhausted));
    }
    let counter = device(COUNTER_SUITE, SEED, None).unwrap();
    let login = code(&counter, None, 0, Some(last));
    assert_eq!(login, Err(ResultCode::CounterExhausted));
}

#[test]
fn a_suite_with_both_finds_both_and_has_64_candidates_at_most() {
    let read = documented();
    let both = device(BOTH_SUITE, SEED, None).unwrap();
    let typed = code(&both, Some(&read.storage), NOW, Some(9)).unwrap();
    let first = 8;
    let sized = |look_ahead| Window {
        counter: &raw const first,
        look_ahead,
        ..window(NOW + 30)
    };
    let found = verify(&both, Some(&read.storage), sized(20), typed.as_bytes());
    assert_eq!(
        found,
        Ok(Match {
            step: NOW / 30,
            drift: -1,
            counter: 9
        })
    );
    let result = verify(&both, Some(&read.storage), sized(21), typed.as_bytes());
    assert_eq!(result, Err(ResultCode::WindowTooWide));
    assert_eq!(
        code(&both, None, NOW, Some(9)),
        Err(ResultCode::NoLoginCode)
    );
}

#[test]
fn a_window_over_31_steps_to_one_side_is_refused() {
    let read = documented();
    for (past, future) in [(32, 0), (0, 32), (255, 255)] {
        let wide = Window {
            past,
            future,
            ..window(NOW)
        };
        let result = verify(
            &default_device(),
            Some(&read.storage),
            wide,
            CODE.as_bytes(),
        );
        assert_eq!(result, Err(ResultCode::WindowTooWide));
    }
}

#[test]
fn what_is_typed_must_be_the_digits() {
    let (device, read) = (default_device(), documented());
    for (typed, expected) in [
        (&b""[..], ResultCode::CodeWrongLength),
        (b"5717167", ResultCode::CodeWrongLength),
        (b"571716777", ResultCode::CodeWrongLength),
        (b"5717167\0", ResultCode::CodeNotDigits),
        (b" 5717167", ResultCode::CodeNotDigits),
        (b"5717167\xff", ResultCode::CodeNotDigits),
    ] {
        let result = verify(&device, Some(&read.storage), window(NOW), typed);
        assert_eq!(result, Err(expected), "{typed:?}");
    }
}

#[test]
fn a_device_needs_its_suite_seed_and_pin() {
    let err = |suite, seed, pin| device(suite, seed, pin).err();
    let long = [b'1'; 129];
    for (suite, seed, pin, expected) in [
        ("", SEED, None, ResultCode::SuiteMalformed),
        (
            "OCRA-1:HOTP-SHA256-8:QH64-T30",
            SEED,
            None,
            ResultCode::SuiteMalformed,
        ),
        (
            "OCRA-1:HOTP-SHA256-8:QN08-T30S",
            SEED,
            None,
            ResultCode::SuiteNotForTransactions,
        ),
        (SUITE, &SEED[..15], None, ResultCode::SeedTooShort),
        (SUITE, &[7; 65], None, ResultCode::SeedTooLong),
        (SUITE, SEED, Some(&b"1234"[..]), ResultCode::PinMismatch),
        (PIN_SUITE, SEED, None, ResultCode::PinMismatch),
        (PIN_SUITE, SEED, Some(b""), ResultCode::PinEmpty),
        (PIN_SUITE, SEED, Some(&long), ResultCode::PinTooLong),
        (PIN_SUITE, SEED, Some(b"\xff"), ResultCode::PinNotUtf8),
    ] {
        assert_eq!(err(suite, seed, pin), Some(expected), "{suite} {pin:?}");
    }
    let with_pin = device(PIN_SUITE, SEED, Some(b"1234")).unwrap();
    let read = documented();
    let pinned = code(&with_pin, Some(&read.storage), NOW, None).unwrap();
    let other = device(PIN_SUITE, SEED, Some(b"1235")).unwrap();
    assert_ne!(
        code(&other, Some(&read.storage), NOW, None).unwrap(),
        pinned
    );
    assert_eq!(
        code(&with_pin, None, NOW, None),
        Err(ResultCode::NoLoginCode)
    );
}

#[cfg(not(feature = "sha1"))]
#[test]
fn a_hash_that_is_left_out_has_a_result_of_its_own() {
    let left_out = device("OCRA-1:HOTP-SHA1-6:QH64-T30S", SEED, None).err();
    assert_eq!(left_out, Some(ResultCode::SuiteNotBuilt));
}
