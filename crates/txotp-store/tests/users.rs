//! One code, several devices of a user: the one that matches is named, and a guess has no more attempts.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unreachable
)]

mod support;

use support::bank::*;
use txotp_core::{DeviceKey, MovingFactor, Purpose, TransactionSuite};
use txotp_store::{Answer, Enrolment, Event, Judgement, Status, StoreError, Vault};
use txotp_verifier::{Lock, Settings, Undecided};

on_each_database! {
    the_device_that_matches_is_named
    a_wrong_code_counts_against_each_device_and_five_lock_all
    a_wrong_code_of_another_length_counts_too
    a_length_that_no_device_has_counts_against_none
    a_success_of_one_ends_the_run_of_failures_of_all
    a_success_of_one_lifts_no_lock_that_is_in_force
    a_replay_on_one_counts_against_none
    a_locked_device_does_not_keep_the_others_from_accepting
    a_clock_that_went_back_for_one_does_not_stop_the_counting_on_others
    a_user_without_devices_is_unknown
    a_user_without_an_active_device_is_refused_and_each_device_has_the_evidence
}

fn two(place: &Place) -> Vault {
    let vault = place.create();
    enrol(&vault, "phone", "alice");
    enrol(&vault, "token", "alice");
    enrol(&vault, "other", "bob");
    vault
}

fn judge(vault: &Vault, code: &str, number: u64) -> Answer {
    let ticket = vault.verify(user("alice"), transaction(number), code, act());
    ticket.wait().unwrap()
}

fn failures(vault: &Vault) -> Vec<u8> {
    let devices = vault.devices_of(user("alice")).wait().unwrap().devices;
    devices
        .iter()
        .map(|device| device.state.failures())
        .collect()
}

fn locks(vault: &Vault) -> Vec<Lock> {
    let devices = vault.devices_of(user("alice")).wait().unwrap().devices;
    devices.iter().map(|device| device.state.lock()).collect()
}

fn the_device_that_matches_is_named(place: &Place) {
    let vault = two(place);
    for name in ["phone", "token"] {
        let answer = judge(&vault, &right(name, 1, NOW), 1);
        assert!(answer.judgement.is_accepted());
        assert_eq!(answer.device, Some(device(name)));
    }
    // Another user's device is none of hers.
    let answer = judge(&vault, &right("other", 1, NOW), 1);
    assert_eq!(
        (answer.judgement.reason(), answer.device),
        (Some("wrong-code"), None)
    );
}

fn a_wrong_code_counts_against_each_device_and_five_lock_all(place: &Place) {
    let vault = two(place);
    for left in (0..5).rev() {
        let Judgement::Refused(refusal) = judge(&vault, &wrong("phone", 1, NOW), 1).judgement
        else {
            unreachable!("a wrong code is refused");
        };
        assert_eq!(refusal.attempts_left, left);
    }
    let until = Lock::Until(after(60));
    assert_eq!(locks(&vault), [until, until]);
    let answer = judge(&vault, &right("token", 1, NOW), 1);
    assert_eq!(answer.judgement.reason(), Some("locked"));
    let other = vault.device(device("other")).wait().unwrap();
    assert_eq!(other.entries, 1, "another user's device is as it was");
    let history = vault.history(device("token"), 0).wait().unwrap();
    let refused = history.iter().filter(|entry| entry.event == Event::Verdict);
    assert_eq!(refused.count(), 6, "each device has its own evidence");
}

fn six_digits(vault: &Vault) -> TransactionSuite {
    let suite = TransactionSuite::parse("OCRA-1:HOTP-SHA256-6:QH64-T30S").unwrap();
    let enrolment = enrolment("six", "alice", Settings::default());
    vault
        .enrol(Enrolment { suite, ..enrolment }, act())
        .wait()
        .unwrap();
    suite
}

fn a_wrong_code_of_another_length_counts_too(place: &Place) {
    let vault = two(place);
    let suite = six_digits(&vault);
    judge(&vault, &wrong("phone", 1, NOW), 1);
    assert_eq!(failures(&vault), [1, 1, 1]);
    let key = DeviceKey::new(suite, &seed("six"), None).unwrap();
    let step = NOW.step(suite.period().unwrap());
    let code = key.code(transaction(2), MovingFactor::step(step)).unwrap();
    let answer = judge(&vault, code.reveal(), 2);
    assert_eq!(answer.device, Some(device("six")));
}

fn a_length_that_no_device_has_counts_against_none(place: &Place) {
    let vault = two(place);
    let ticket = vault.verify(user("alice"), transaction(1), "123456", act());
    assert_eq!(ticket.wait(), Err(StoreError::BadCode));
    assert_eq!(failures(&vault), [0, 0]);
}

fn a_success_of_one_ends_the_run_of_failures_of_all(place: &Place) {
    let vault = two(place);
    for round in 0..4 {
        for _ in 0..4 {
            judge(&vault, &wrong("phone", round, NOW), round);
        }
        assert_eq!(failures(&vault), [4, 4]);
        assert!(
            judge(&vault, &right("phone", round, NOW), round)
                .judgement
                .is_accepted()
        );
        assert_eq!(failures(&vault), [0, 0]);
    }
    let history = vault.history(device("token"), 0).wait().unwrap();
    let cleared = history
        .iter()
        .filter(|entry| entry.event == Event::FailuresCleared);
    assert_eq!(cleared.count(), 4);
}

fn a_success_of_one_lifts_no_lock_that_is_in_force(place: &Place) {
    let vault = two(place);
    for _ in 0..5 {
        let code = wrong("token", 1, NOW);
        vault
            .verify(device("token"), transaction(1), &code, act())
            .wait()
            .unwrap();
    }
    assert!(
        judge(&vault, &right("phone", 1, NOW), 1)
            .judgement
            .is_accepted()
    );
    assert_eq!(locks(&vault), [Lock::None, Lock::Until(after(60))]);
    // Once the lock has ended by itself, a success forgets it.
    let later = after(61);
    let code = right("phone", 2, later);
    let answer = vault.verify(user("alice"), transaction(2), &code, act_at(later));
    assert!(answer.wait().unwrap().judgement.is_accepted());
    assert_eq!(locks(&vault), [Lock::None, Lock::None]);
}

fn a_replay_on_one_counts_against_none(place: &Place) {
    let vault = two(place);
    let code = right("token", 1, NOW);
    assert!(judge(&vault, &code, 1).judgement.is_accepted());
    let again = judge(&vault, &code, 1);
    assert_eq!(again.judgement.reason(), Some("replay"));
    assert_eq!(again.device, Some(device("token")));
    assert_eq!(failures(&vault), [0, 0]);
}

fn a_locked_device_does_not_keep_the_others_from_accepting(place: &Place) {
    let vault = two(place);
    for _ in 0..5 {
        let code = wrong("phone", 1, NOW);
        vault
            .verify(device("phone"), transaction(1), &code, act())
            .wait()
            .unwrap();
    }
    let answer = judge(&vault, &right("phone", 1, NOW), 1);
    assert_eq!(
        answer.judgement.reason(),
        Some("wrong-code"),
        "the phone is not compared"
    );
    assert_eq!(failures(&vault), [0, 1]);
    let answer = judge(&vault, &right("token", 1, NOW), 1);
    assert_eq!(answer.device, Some(device("token")));
}

fn a_clock_that_went_back_for_one_does_not_stop_the_counting_on_others(place: &Place) {
    let vault = two(place);
    let ahead = after(3600);
    let code = right("phone", 1, ahead);
    let answer = vault.verify(device("phone"), transaction(1), &code, act_at(ahead));
    assert!(answer.wait().unwrap().judgement.is_accepted());
    judge(&vault, &wrong("token", 1, NOW), 1);
    assert_eq!(failures(&vault), [1, 1]);
    assert!(
        judge(&vault, &right("token", 1, NOW), 1)
            .judgement
            .is_accepted()
    );
    vault.suspend(device("token"), act()).wait().unwrap();
    let code = wrong("phone", 1, NOW);
    let ticket = vault.verify(user("alice"), transaction(1), &code, act());
    let nothing = StoreError::Undecided(Undecided::ClockWentBack);
    assert_eq!(ticket.wait(), Err(nothing), "no device could compare it");
}

fn a_user_without_devices_is_unknown(place: &Place) {
    let vault = two(place);
    let ticket = vault.verify(user("carol"), Purpose::Login, "12345678", act());
    assert_eq!(ticket.wait(), Err(StoreError::UnknownUser));
}

fn a_user_without_an_active_device_is_refused_and_each_device_has_the_evidence(place: &Place) {
    let vault = two(place);
    vault.revoke(device("phone"), act()).wait().unwrap();
    vault.suspend(device("token"), act()).wait().unwrap();
    let refused = |status| Answer {
        judgement: Judgement::Inactive(status),
        device: None,
    };
    let code = right("token", 1, NOW);
    assert_eq!(judge(&vault, &code, 1), refused(Status::Suspended));
    for (name, reason) in [("phone", "revoked"), ("token", "suspended")] {
        let history = vault.history(device(name), 0).wait().unwrap();
        let last = history.last().unwrap();
        assert_eq!(last.event, Event::Verdict);
        assert_eq!(last.verdict.as_deref(), Some("refused"));
        assert_eq!(last.reason.as_deref(), Some(reason));
    }
    assert_eq!(failures(&vault), [0, 0]);
    vault.revoke(device("token"), act()).wait().unwrap();
    assert_eq!(judge(&vault, &code, 1), refused(Status::Revoked));
    assert!(vault.check(unwatched()).wait().unwrap().is_clean());
}
