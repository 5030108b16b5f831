//! Suites (specification S6.1, S7.1 to S7.3), and what they take: login codes, counters, steps.
#![cfg(all(feature = "sha1", feature = "sha512"))]
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that panics has failed"
)]

use txotp_core::ocra::{
    Challenge, ChallengeErrorKind, Input, InputError, Key, Mode, Suite, SuiteErrorKind as Kind,
    TimeStep, Unit,
};
use txotp_core::{
    Algorithm, Candidates, Code, Counter, Counters, DeviceKey, Digest, Digits, HotpKey,
    MovingFactor, Period, PinHash, Purpose, ReplayTag, Seed, Step, TotpKey, TransactionSuite,
    UnixTime, UnknownAlgorithm, Window,
};

const STEP: Step = Step::new(7);
const COUNTER: Counter = Counter::new(5);

fn seed() -> Seed {
    Seed::from_bytes(&[0x2a; 32]).unwrap()
}

#[test]
fn the_suite_of_an_enrolment_is_spelled_as_ocra_does() {
    let spelled = |seconds| {
        let period = Period::new(seconds).unwrap();
        let suite = TransactionSuite::with_time(Algorithm::Sha1, Digits::Six, period);
        suite.map(|suite| {
            assert_eq!(suite.period(), Some(period));
            suite.to_string()
        })
    };
    for (seconds, time) in [(1, "1S"), (30, "30S"), (59, "59S"), (60, "1M"), (120, "2M")] {
        let expected = format!("OCRA-1:HOTP-SHA1-6:QH64-T{time}");
        assert_eq!(spelled(seconds), Some(expected));
    }
    // OCRA counts to 59 seconds, and then in whole minutes.
    assert!((61..120).all(|seconds| spelled(seconds).is_none()));
    let counted = TransactionSuite::with_counter(Algorithm::Sha512, Digits::Seven);
    assert_eq!(counted.to_string(), "OCRA-1:HOTP-SHA512-7:C-QH64");
    assert_eq!("OCRA-1:HOTP-SHA512-7:C-QH64".parse(), Ok(counted));
    assert!(
        "OCRA-1:HOTP-SHA512-9:C-QH64"
            .parse::<TransactionSuite>()
            .is_err()
    );
}

#[test]
fn the_longest_time_step_is_48_hours() {
    let suite: Suite = "OCRA-1:HOTP-SHA256-8:QN08-T48H".parse().unwrap();
    let period = suite.time().unwrap().period();
    assert_eq!(period.seconds(), 48 * 60 * 60);
    assert!("OCRA-1:HOTP-SHA256-8:QN08-T49H".parse::<Suite>().is_err());
    assert_eq!(
        (
            TimeStep::new(0, Unit::Hours),
            TimeStep::new(49, Unit::Hours)
        ),
        (None, None)
    );
}

#[test]
fn a_suite_is_refused_for_its_reason_at_its_byte() {
    let refused = |text, kind, position| {
        let error = Suite::parse(text).unwrap_err();
        assert_eq!((error.kind(), error.position()), (kind, position), "{text}");
    };
    refused("OCRA-2:HOTP-SHA1-6:QN08", Kind::Version, 0);
    refused("OCRA-1:TOTP-SHA1-6:QN08", Kind::Function, 7);
    refused("OCRA-1:HOTP-MD5-6:QN08", Kind::Algorithm, 12);
    refused("OCRA-1:HOTP-SHA1-11:QN08", Kind::Length, 17);
    refused("OCRA-1:HOTP-SHA256-8:QN3", Kind::Challenge, 21);
    refused("OCRA-1:HOTP-SHA256-8:QN08-T100S", Kind::Time, 27);
    // A number with a sign is one to Rust.
    refused("OCRA-1:HOTP-SHA256-8:QN+8", Kind::Challenge, 21);
    refused("OCRA-1:HOTP-SHA256-8:QN08-S+64", Kind::Session, 27);
    refused("OCRA-1:HOTP-SHA256-8:QN08-PMD5", Kind::Algorithm, 27);
    refused("OCRA-1:HOTP-SHA256-8:QN08-S513", Kind::Session, 27);
    refused("OCRA-1:HOTP-SHA256-8:QN08-T60S", Kind::Time, 27);
    refused("OCRA-1:HOTP-SHA256-8:QN08-T1M-T1M", Kind::Trailing, 29);
    for (text, kind) in [
        ("OCRA-1:HOTP-SHA256-8:QH63-T1M", Kind::NotTheDigest),
        ("OCRA-1:HOTP-SHA256-9:QH64-T1M", Kind::NotTransactionDigits),
        ("OCRA-1:HOTP-SHA256-8:QH64-T3M", Kind::PeriodTooLong),
        (
            "OCRA-1:HOTP-SHA256-8:QH64-S064-T1M",
            Kind::SessionInSignature,
        ),
        ("OCRA-1:HOTP-SHA256-8:QH64", Kind::NoMovingFactor),
    ] {
        let error = TransactionSuite::parse(text).unwrap_err();
        assert_eq!((error.kind(), error.position()), (kind, 0), "{text}");
    }
}

#[test]
fn a_challenge_is_refused_for_its_reason_at_its_byte() {
    let suite = Suite::parse("OCRA-1:HOTP-SHA256-8:QH08").unwrap();
    let refused = |text, kind, position| {
        let error = Challenge::parse(suite.challenge(), text).unwrap_err();
        assert_eq!((error.kind(), error.position()), (kind, position), "{text}");
    };
    refused("", ChallengeErrorKind::Empty, 0);
    refused("012345678", ChallengeErrorKind::TooLong, 8);
    refused("0123g", ChallengeErrorKind::Character, 4);
    let error = Challenge::mutual(suite.challenge(), "123", "1234").unwrap_err();
    let expected = (ChallengeErrorKind::Undefined, 0);
    assert_eq!((error.kind(), error.position()), expected);
}

/// RFC 6287 section 7: a server's answer has no PIN, a signature no session data.
#[test]
fn a_suite_serves_the_modes_that_have_room_for_its_inputs() {
    let all = [
        Mode::OneWay,
        Mode::MutualServer,
        Mode::MutualClient,
        Mode::Signature,
        Mode::SignatureServer,
        Mode::SignatureClient,
    ];
    for (inputs, served) in [
        ("", [true; 6]),
        ("-PSHA1", [true, false, true, true, false, true]),
        ("-S064", [true, true, true, false, false, false]),
        ("-PSHA1-S064", [true, false, true, false, false, false]),
    ] {
        let suite = Suite::parse(&format!("OCRA-1:HOTP-SHA1-6:QA08{inputs}")).unwrap();
        assert_eq!(all.map(|mode| suite.serves(mode)), served, "{inputs}");
    }
}

/// What one suite takes, in the order: step, counter, both.
fn takes(suite: &str, purpose: Purpose) -> [bool; 3] {
    let suite = TransactionSuite::parse(suite).unwrap();
    let pin = suite
        .ocra()
        .pin()
        .map(|hash| PinHash::of(hash, "1234").unwrap());
    let key = DeviceKey::new(suite, &seed(), pin.as_ref()).unwrap();
    let steps = Window::DEFAULT.around(STEP);
    let counters = Counters::from(COUNTER, 1).unwrap();
    let typed = Code::parse("00000000", Digits::Eight).unwrap();
    [
        (MovingFactor::step(STEP), Candidates::steps(steps)),
        (
            MovingFactor::counter(COUNTER),
            Candidates::counters(counters),
        ),
        (
            MovingFactor::both(COUNTER, STEP),
            Candidates::both(counters, steps).unwrap(),
        ),
    ]
    .map(|(factor, candidates)| {
        let code = key.code(purpose, factor).is_ok();
        assert_eq!(key.search(purpose, candidates, &typed).is_ok(), code);
        code
    })
}

#[test]
fn a_suite_takes_just_the_factors_that_it_names_and_login_has_room_for_one() {
    let approval = Purpose::Transaction(Digest::from_bytes([7; 32]));
    for (suite, factors, login) in [
        ("OCRA-1:HOTP-SHA256-8:QH64-T30S", [true, false, false], true),
        ("OCRA-1:HOTP-SHA256-8:C-QH64", [false, true, false], true),
        (
            "OCRA-1:HOTP-SHA256-8:C-QH64-T30S",
            [false, false, true],
            false,
        ),
        (
            "OCRA-1:HOTP-SHA256-8:QH64-PSHA1-T30S",
            [true, false, false],
            false,
        ),
        (
            "OCRA-1:HOTP-SHA256-8:C-QH64-PSHA1",
            [false, true, false],
            false,
        ),
    ] {
        assert_eq!(takes(suite, approval), factors, "{suite}");
        let with_login = if login { factors } else { [false; 3] };
        assert_eq!(takes(suite, Purpose::Login), with_login, "{suite}");
        let suite = TransactionSuite::parse(suite).unwrap();
        assert_eq!(suite.has_login(), login);
        let now = UnixTime::from_seconds(210);
        for counter in [None, Some(COUNTER)] {
            let factor = suite.moving_factor(now, counter);
            assert_eq!(factor.is_ok(), counter.is_some() == suite.has_counter());
            let Ok(factor) = factor else { continue };
            assert_eq!(factor.get_counter(), counter);
            assert_eq!(factor.get_step(), suite.period().map(|_| STEP));
        }
    }
}

#[test]
fn a_window_says_how_far_it_reaches() {
    let window = Window::new(3, 2).unwrap();
    assert_eq!((window.past(), window.future(), window.width()), (3, 2, 6));
}

#[test]
fn distances_have_a_sign_and_times_come_back() {
    let since = |a, b| Step::new(a).since(Step::new(b));
    assert_eq!((since(9, 7), since(7, 9), since(7, 7)), (2, -2, 0));
    assert_eq!(
        (since(u64::MAX, 0), since(0, u64::MAX)),
        (i64::MAX, -i64::MAX)
    );
    assert_eq!(UnixTime::from_seconds(210).seconds(), 210);
    assert_eq!(UnixTime::from_seconds(u64::MAX).seconds(), u64::MAX);
}

#[test]
fn a_right_counter_code_is_found_and_a_wrong_one_is_not() {
    let key = HotpKey::new(Algorithm::Sha256, Digits::Eight, &seed());
    let counters = Counters::from(COUNTER, 3).unwrap();
    let found = key.search(counters, &key.code(Counter::new(7)));
    assert!(!found.is_empty());
    let found: Vec<_> = found.iter().map(MovingFactor::get_counter).collect();
    assert_eq!(found, [Some(Counter::new(7))]);
    assert!(key.search(counters, &key.code(Counter::new(9))).is_empty());
}

#[test]
fn an_input_has_just_what_its_suite_names() {
    let suite = Suite::parse("OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1-S064-T1M").unwrap();
    let (full, bare) = (
        Key::new(suite, &seed()),
        Key::new(Suite::parse("OCRA-1:HOTP-SHA256-8:QN08").unwrap(), &seed()),
    );
    let challenge = Challenge::parse(suite.challenge(), "12345678").unwrap();
    let other = Suite::parse("OCRA-1:HOTP-SHA256-8:QH08").unwrap();
    let other = Challenge::parse(other.challenge(), "12345678").unwrap();
    let pin = PinHash::of(Algorithm::Sha1, "1234").unwrap();
    let longer = PinHash::of(Algorithm::Sha256, "1234").unwrap();
    let everything = Input {
        challenge: &challenge,
        counter: Some(COUNTER),
        pin: Some(&pin),
        session: Some(&[1; 64]),
        step: Some(STEP),
    };
    let nothing = Input::new(&challenge);
    assert!(full.code(&everything).is_ok() && bare.code(&nothing).is_ok());
    assert_eq!((full.suite(), full.suite().session()), (&suite, Some(64)));
    let refused = |key: &Key, input| key.mac(&input).unwrap_err();
    let session = |session| Input {
        session,
        ..everything
    };
    for (input, error) in [
        (
            Input {
                challenge: &other,
                ..everything
            },
            InputError::Challenge,
        ),
        (
            Input {
                counter: None,
                ..everything
            },
            InputError::Counter,
        ),
        (
            Input {
                pin: None,
                ..everything
            },
            InputError::Pin,
        ),
        (
            Input {
                pin: Some(&longer),
                ..everything
            },
            InputError::Pin,
        ),
        (session(None), InputError::Session),
        (session(Some(&[])), InputError::Session),
        (session(Some(&[1; 65])), InputError::Session),
        (
            Input {
                step: None,
                ..everything
            },
            InputError::Step,
        ),
    ] {
        assert_eq!(refused(&full, input), error);
    }
    for (input, error) in [
        (
            Input {
                counter: everything.counter,
                ..nothing
            },
            InputError::Counter,
        ),
        (
            Input {
                pin: everything.pin,
                ..nothing
            },
            InputError::Pin,
        ),
        (
            Input {
                session: everything.session,
                ..nothing
            },
            InputError::Session,
        ),
        (
            Input {
                step: everything.step,
                ..nothing
            },
            InputError::Step,
        ),
    ] {
        assert_eq!(refused(&bare, input), error);
    }
}

#[test]
fn a_device_takes_the_pin_of_its_suite_and_no_other() {
    let of = |hash| PinHash::of(hash, "1234").unwrap();
    let takes = |suite, pin: Option<PinHash>| {
        let suite = TransactionSuite::parse(suite).unwrap();
        DeviceKey::new(suite, &seed(), pin.as_ref()).is_ok()
    };
    let (plain, with_pin) = (
        "OCRA-1:HOTP-SHA256-8:QH64-T30S",
        "OCRA-1:HOTP-SHA256-8:QH64-PSHA1-T30S",
    );
    assert!(takes(plain, None) && takes(with_pin, Some(of(Algorithm::Sha1))));
    assert!(!takes(plain, Some(of(Algorithm::Sha1))) && !takes(with_pin, None));
    assert!(!takes(with_pin, Some(of(Algorithm::Sha256))));
}

#[test]
fn defaults_are_those_of_the_rfc_and_what_is_beyond_its_range_is_nothing() {
    assert_eq!(
        (Window::default(), Period::default()),
        (Window::DEFAULT, Period::DEFAULT)
    );
    let period = |seconds| Period::new(seconds).map(Period::seconds);
    assert_eq!((period(1), period(120)), (Some(1), Some(120)));
    assert_eq!((period(0), period(121)), (None, None));
    let unknown = Algorithm::from_name("MD5");
    assert_eq!(unknown, Err(UnknownAlgorithm::NoSuchName));
    let key = TotpKey::new(Algorithm::Sha1, Digits::Six, Period::DEFAULT, &seed());
    assert_eq!(key.period().seconds(), 30);
    assert_eq!(
        Counters::from(COUNTER, 3).map(Counters::first),
        Some(COUNTER)
    );
    let tag = ReplayTag::from_bytes([7; ReplayTag::LEN]);
    assert_eq!(tag.as_bytes(), &[7; ReplayTag::LEN]);
}
