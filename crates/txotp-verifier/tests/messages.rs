//! What errors and reasons say, and the numbers of the guessing bound.
#![allow(
    clippy::float_cmp,
    missing_docs,
    reason = "halves and quarters are exact"
)]

use std::collections::BTreeSet;

use txotp_verifier::payment::PaymentError;
use txotp_verifier::{
    AlreadyEnrolled, GuessingBound, MemoryStore, MemoryStoreError, NextLock, PolicyError, Reason,
    State, StateError, Store, Undecided, VerifyError,
};

fn assert_messages(messages: &[String]) {
    let different: BTreeSet<_> = messages.iter().collect();
    assert_eq!(different.len(), messages.len());
    for message in messages {
        let lower = message.starts_with(|first: char| first.is_ascii_lowercase());
        let sentence = message.contains(' ') && !message.ends_with('.');
        assert!(lower && sentence, "{message}");
    }
}

macro_rules! messages {
    ($($error:expr),* $(,)?) => { [$($error.to_string()),*] };
}

#[test]
fn each_error_says_what_is_wrong() {
    assert_messages(&messages![
        StateError::Length,
        StateError::Version,
        StateError::Content,
        PolicyError::Window,
        PolicyError::LookAhead,
        PolicyError::MaxFailures,
        PolicyError::TemporaryLocks,
        PolicyError::FirstDelay,
        PolicyError::DelayGrowth,
        PolicyError::DriftLeash,
        PolicyError::ResyncRange,
        PolicyError::Candidates,
        PolicyError::GuessingBound,
        AlreadyEnrolled,
        MemoryStoreError::UnknownDevice,
        VerifyError::<MemoryStoreError>::Contended,
    ]);
    let store = VerifyError::Store(MemoryStoreError::UnknownDevice);
    let expected = format!("the store failed: {}", MemoryStoreError::UnknownDevice);
    assert_eq!(store.to_string(), expected);
    let undecided = VerifyError::<MemoryStoreError>::Undecided(Undecided::NoLogin);
    assert_eq!(undecided.to_string(), Undecided::NoLogin.to_string());
}

#[test]
fn each_reason_has_its_name_and_its_words() {
    let undecided = [
        (Undecided::OtherSuite, "other-suite"),
        (Undecided::WrongDigits, "wrong-digits"),
        (Undecided::NoLogin, "no-login"),
        (Undecided::ClockWentBack, "clock-went-back"),
        (Undecided::CounterExhausted, "counter-exhausted"),
        (Undecided::NoResync, "no-resync"),
    ];
    assert!(undecided.iter().all(|(why, name)| why.name() == *name));
    assert_messages(&undecided.map(|(why, _)| why.to_string()));
    let payment = [
        (PaymentError::AmountMissing, "amount-missing"),
        (PaymentError::AmountRepeated, "amount-repeated"),
        (PaymentError::PayeeMissing, "payee-missing"),
        (PaymentError::PayeeRepeated, "payee-repeated"),
        (PaymentError::NotAscii, "not-ascii"),
        (PaymentError::AmountWithoutDigit, "amount-without-digit"),
        (PaymentError::IdMissing, "id-missing"),
    ];
    assert!(payment.iter().all(|(why, name)| why.name() == *name));
    assert_messages(&payment.map(|(why, _)| why.to_string()));
    for (reason, name) in [
        (Reason::WrongCode, "wrong-code"),
        (Reason::Replay, "replay"),
        (Reason::Locked, "locked"),
        (Reason::MemoryFull, "memory-full"),
    ] {
        assert_eq!((reason.name(), &*reason.to_string()), (name, name));
    }
    let locks = (NextLock::Temporary.name(), NextLock::Permanent.name());
    assert_eq!(locks, ("temporary", "permanent"));
}

#[test]
fn a_guessing_bound_is_a_numerator_over_two_to_the_31st() {
    let bound = |numerator| GuessingBound::from_numerator(numerator);
    assert_eq!(bound(990).numerator(), 990);
    assert_eq!(bound(1 << 30).probability(), 0.5);
    assert_eq!(bound(1 << 29).probability(), 0.25);
    assert_eq!(bound(0).probability(), 0.0);
    for certain in [bound(1 << 31), bound(u64::MAX), GuessingBound::CERTAINTY] {
        assert_eq!(certain.probability(), 1.0);
    }
    assert!(GuessingBound::DEFAULT_LIMIT.probability() <= 0.0001);
}

#[test]
fn a_store_that_is_made_by_default_has_no_devices() {
    let store = MemoryStore::<String>::default();
    let unknown = store.load(&"device".to_owned());
    assert_eq!(unknown, Err(MemoryStoreError::UnknownDevice));
    let swap = store.compare_and_set(&"device".to_owned(), &State::new(), &State::new());
    assert_eq!(swap, Err(MemoryStoreError::UnknownDevice));
}
