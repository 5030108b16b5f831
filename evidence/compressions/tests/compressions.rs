//! What every operation costs, in compressions. A number that grows is a regression; one that falls is to be celebrated,
//! and written here.
#![allow(missing_docs)]

use txotp_compressions::compressions;
use txotp_core::{
    Algorithm, Candidates, Code, Counter, Counters, DeviceKey, Digest, Digits, HotpKey,
    MovingFactor, Period, PinHash, Purpose, Seed, TotpKey, Transaction, TransactionSuite, UnixTime,
    Window,
};
use txotp_verifier::{Attempt, Policy, Settings, State, decide};

const DEFAULT: &str = "OCRA-1:HOTP-SHA256-8:QH64-T30S";
const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);
/// The digest of the worked example.
const DIGEST: [u8; 32] = [
    0xcb, 0xdd, 0xec, 0xae, 0x35, 0x2b, 0x52, 0x2d, 0x01, 0x7d, 0xfe, 0x43, 0x3d, 0x2e, 0xa0, 0x15,
    0x32, 0x62, 0x7b, 0x93, 0x18, 0xd7, 0x7f, 0x30, 0x44, 0x36, 0x27, 0xb9, 0xdf, 0x69, 0xa4, 0x14,
];
const EXAMPLE: Purpose = Purpose::Transaction(Digest::from_bytes(DIGEST));

fn seed() -> Seed {
    Seed::from_bytes(b"12345678901234567890123456789012").expect("32 bytes are a seed")
}

fn pin(suite: &TransactionSuite) -> Option<PinHash> {
    let algorithm = suite.ocra().pin()?;
    Some(PinHash::of(algorithm, "1234").expect("a PIN"))
}

fn key(suite: &str) -> DeviceKey {
    let suite = TransactionSuite::parse(suite).expect("a transaction suite");
    DeviceKey::new(suite, &seed(), pin(&suite).as_ref()).expect("the PIN of the suite")
}

/// The present step, and the counter 7, where the suite has them.
fn at(suite: &TransactionSuite) -> MovingFactor {
    let counter = suite.has_counter().then(|| Counter::new(7));
    suite.moving_factor(NOW, counter).expect("its factors")
}

/// Three steps, five counters, or each with each: the default policy's.
fn candidates(suite: &TransactionSuite) -> Candidates {
    let steps = at(suite)
        .get_step()
        .map(|step| Window::DEFAULT.around(step));
    let counters = at(suite)
        .get_counter()
        .map(|counter| Counters::from(counter, 4).expect("a look-ahead of four"));
    match (counters, steps) {
        (Some(counters), Some(steps)) => Candidates::both(counters, steps).expect("fifteen"),
        (Some(counters), None) => Candidates::counters(counters),
        (None, Some(steps)) => Candidates::steps(steps),
        (None, None) => unreachable!("a transaction suite has one of them"),
    }
}

/// A transaction of so many canonical bytes: a message of 24 to 255 bytes, and 39 bytes around it.
fn transaction_of(bytes: usize, text: &mut String) -> Transaction<'_> {
    *text = "m".repeat(bytes - 39);
    let mut builder = Transaction::builder();
    builder.message(text).expect("text");
    let transaction = builder.build().expect("a transaction");
    let mut length = 0;
    transaction.canonical(|part| length += part.len());
    assert_eq!(length, bytes);
    transaction
}

#[test]
fn the_counting_hashes_compute_the_worked_codes_of_specification_s7_8() {
    for (suite, code) in [
        (DEFAULT, "57171677"),
        ("OCRA-1:HOTP-SHA1-7:QH64-T10S", "2609089"),
        ("OCRA-1:HOTP-SHA512-6:QH64-T1M", "933527"),
    ] {
        let key = key(suite);
        let computed = key.code(EXAMPLE, at(key.suite())).expect("a code");
        assert_eq!(computed.reveal(), code, "{suite}");
    }
}

#[test]
fn every_block_is_counted_that_padding_makes_necessary() {
    let mut text = String::new();
    for (canonical, blocks) in [(183, 3), (184, 4), (215, 4), (247, 4), (248, 5)] {
        let transaction = transaction_of(canonical, &mut text);
        let (count, _) = compressions(|| transaction.digest());
        assert_eq!(count, blocks, "{canonical} bytes");
    }
}

#[test]
fn a_window_of_three_steps_costs_8_with_the_digest_known_and_the_keyed_state_kept() {
    let key = key(DEFAULT);
    let typed = key.code(EXAMPLE, at(key.suite())).expect("a code");
    let candidates = candidates(key.suite());
    let search = || {
        key.search(EXAMPLE, candidates, &typed)
            .expect("its factors")
    };
    let (count, matches) = compressions(search);
    assert!(!matches.is_empty());
    assert_eq!(count, 8);
}

#[test]
fn a_window_that_shares_nothing_costs_18() {
    let step = at(key(DEFAULT).suite()).get_step().expect("a time step");
    let each_for_itself = || {
        for off in [-1, 0, 1] {
            let code = key(DEFAULT).code(EXAMPLE, MovingFactor::step(step.offset_by(off)));
            assert!(code.is_ok());
        }
    };
    assert_eq!(compressions(each_for_itself).0, 18);
}

#[test]
fn the_number_does_not_depend_on_which_step_matches_nor_on_whether_one_does() {
    let key = key(DEFAULT);
    let candidates = candidates(key.suite());
    let step = at(key.suite()).get_step().expect("a time step");
    let rights = [-1, 0, 1].map(|off| {
        key.code(EXAMPLE, MovingFactor::step(step.offset_by(off)))
            .expect("a code")
    });
    let wrong = Code::parse("00000000", Digits::Eight).expect("a code");
    for typed in rights.iter().chain([&wrong]) {
        let (count, _) = compressions(|| key.search(EXAMPLE, candidates, typed));
        assert_eq!(count, 8);
    }
}

#[test]
fn a_transaction_of_215_bytes_costs_4_more_to_generate_and_to_verify() {
    let key = key(DEFAULT);
    let mut text = String::new();
    let transaction = transaction_of(215, &mut text);
    let purpose = || Purpose::Transaction(transaction.digest());
    let (count, code) = compressions(|| key.code(purpose(), at(key.suite())));
    assert_eq!(count, 4 + 4);
    let typed = code.expect("a code");
    let (count, _) = compressions(|| key.search(purpose(), candidates(key.suite()), &typed));
    assert_eq!(count, 8 + 4);
}

#[test]
fn keys_codes_and_windows_of_each_kind_of_suite_cost_this() {
    // Absorbing the seed, one code, the default policy's window.
    for (suite, expected) in [
        (DEFAULT, [2, 4, 8]),
        ("OCRA-1:HOTP-SHA1-7:QH64-T10S", [2, 4, 8]),
        ("OCRA-1:HOTP-SHA512-6:QH64-T1M", [2, 3, 7]),
        ("OCRA-1:HOTP-SHA256-8:QH64-PSHA256-T30S", [2, 5, 9]),
        // The counter stands before the challenge, so that counters share nothing but the pads.
        ("OCRA-1:HOTP-SHA256-8:C-QH64", [2, 4, 20]),
        ("OCRA-1:HOTP-SHA256-8:C-QH64-T30S", [2, 4, 40]),
    ] {
        let parsed = TransactionSuite::parse(suite).expect("a transaction suite");
        let (seed, pin) = (seed(), pin(&parsed));
        let (absorb, key) = compressions(|| DeviceKey::new(parsed, &seed, pin.as_ref()));
        let key = key.expect("the PIN of the suite");
        let (generate, code) = compressions(|| key.code(EXAMPLE, at(&parsed)));
        let typed = code.expect("a code");
        let (verify, _) = compressions(|| key.search(EXAMPLE, candidates(&parsed), &typed));
        assert_eq!([absorb, generate, verify], expected, "{suite}");
    }
}

#[test]
fn login_codes_cost_2_and_a_window_of_three_6() {
    for algorithm in [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
        let seed = seed();
        let absorb = || TotpKey::new(algorithm, Digits::Six, Period::DEFAULT, &seed);
        let (count, key) = compressions(absorb);
        assert_eq!(count, 2, "{algorithm}: the seed");
        let (count, code) = compressions(|| key.code(NOW));
        assert_eq!(count, 2, "{algorithm}: a code");
        let steps = Window::DEFAULT.around(NOW.step(Period::DEFAULT));
        let (count, _) = compressions(|| key.search(steps, &code));
        assert_eq!(count, 6, "{algorithm}: three steps");
        let key = HotpKey::new(algorithm, Digits::Six, &seed);
        let (count, _) = compressions(|| key.code(Counter::new(7)));
        assert_eq!(count, 2, "{algorithm}: a counter's code");
    }
}

#[test]
fn a_decision_costs_2_beyond_its_window_for_the_replay_tag() {
    let key = key(DEFAULT);
    let policy = Policy::new(key.suite(), Settings::default()).expect("the default policy");
    let code = key.code(EXAMPLE, at(key.suite())).expect("a code");
    let attempt = Attempt {
        purpose: EXAMPLE,
        code,
    };
    let judge = |state: &State| {
        let judged = || decide(&policy, &key, state, &attempt, NOW).expect("a decision");
        compressions(judged)
    };
    let (count, first) = judge(&State::new());
    assert!(first.verdict.is_accepted());
    assert_eq!(count, 8 + 2);
    let (count, second) = judge(&first.next);
    assert!(!second.verdict.is_accepted());
    assert_eq!(count, 8 + 2, "a replay costs what an acceptance does");
}
