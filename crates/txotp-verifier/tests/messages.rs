//! What errors and reasons say, and the numbers of the guessing bound.
#![allow(
    clippy::float_cmp,
    missing_docs,
    reason = "halves and quarters are exact"
)]

#[path = "../../txotp-core/tests/support/messages.rs"]
mod messages;

use messages::{assert_messages, assert_named};
use txotp_verifier::payment::PaymentError;
use txotp_verifier::{
    AlreadyEnrolled, GuessingBound, MemoryStore, MemoryStoreError, NextLock, PolicyError, Reason,
    State, StateError, Store, Undecided, VerifyError,
};

#[test]
fn each_error_says_what_is_wrong() {
    assert_messages(&[
        &StateError::Length,
        &StateError::Version,
        &StateError::Content,
        &PolicyError::Window,
        &PolicyError::LookAhead,
        &PolicyError::MaxFailures,
        &PolicyError::TemporaryLocks,
        &PolicyError::FirstDelay,
        &PolicyError::DelayGrowth,
        &PolicyError::DriftLeash,
        &PolicyError::ResyncRange,
        &PolicyError::Candidates,
        &PolicyError::GuessingBound,
        &AlreadyEnrolled,
        &MemoryStoreError::UnknownDevice,
        &VerifyError::<MemoryStoreError>::Contended,
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
    assert_named(&undecided, Undecided::name);
    let payment = [
        (PaymentError::AmountMissing, "amount-missing"),
        (PaymentError::AmountRepeated, "amount-repeated"),
        (PaymentError::PayeeMissing, "payee-missing"),
        (PaymentError::PayeeRepeated, "payee-repeated"),
        (PaymentError::NotAscii, "not-ascii"),
        (PaymentError::AmountWithoutDigit, "amount-without-digit"),
        (PaymentError::IdMissing, "id-missing"),
    ];
    assert_named(&payment, PaymentError::name);
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
