//! Devices over their life: enrolled, judged, suspended, resumed, revoked, unlocked, resynchronised, restored.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unreachable
)]

mod support;

use std::ops::ControlFlow;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use support::bank::*;
use txotp_core::{Algorithm, Counter, DeviceKey, MovingFactor, PinHash, Purpose, TransactionSuite};
use txotp_store::{Change, Enrolment, Event, Judgement, Kind, Status, StoreError, Vault, Written};
use txotp_verifier::{Lock, PolicyError, Settings, State, Store as _, Undecided};

on_each_database! {
    a_device_is_stored_as_it_was_enrolled
    what_does_not_fit_is_not_enrolled
    a_name_is_used_once
    a_device_and_records_are_written_together_or_not_at_all
    a_user_has_sixteen_devices_that_are_not_revoked
    a_code_is_accepted_once_also_after_the_store_was_closed
    five_wrong_codes_lock_and_an_administrator_unlocks
    a_suspended_device_is_not_compared_and_resumes_as_it_was
    what_is_revoked_stays_revoked
    settings_change_and_hold_at_once
    of_settings_that_change_at_once_none_is_lost
    two_codes_set_the_window_anew
    a_clock_that_went_back_decides_nothing_until_it_is_forgiven
    a_pin_is_part_of_the_key
    a_counter_goes_on
    a_restored_store_accepts_nothing_that_it_could_have_accepted_before
    every_act_is_an_entry
    what_is_no_code_is_not_compared
    devices_are_listed_in_the_order_of_their_names
    what_reads_for_long_holds_up_nothing_else
}

/// What a device's code for a transaction means now.
fn judge(vault: &Vault, name: &str, code: &str, number: u64) -> Judgement {
    let ticket = vault.verify(device(name), transaction(number), code, act());
    ticket.wait().unwrap().judgement
}

fn state(vault: &Vault, name: &str) -> txotp_store::Device {
    vault.device(device(name)).wait().unwrap()
}

fn a_device_is_stored_as_it_was_enrolled(place: &Place) {
    let vault = place.create();
    let settings = Settings {
        max_failures: 3,
        first_delay: 7,
        ..Settings::default()
    };
    vault
        .enrol(enrolment("phone", "alice", settings), act())
        .wait()
        .unwrap();
    drop(vault);
    let found = state(&place.open(), "phone");
    assert_eq!((found.id, found.user), (device("phone"), user("alice")));
    assert_eq!(
        (found.suite, found.settings),
        (TransactionSuite::default(), settings)
    );
    assert_eq!((found.status, found.enrolled_at), (Status::Active, NOW));
    assert_eq!((found.key.as_str(), found.entries), ("a", 1));
    assert_eq!(found.state, State::new());
}

fn what_does_not_fit_is_not_enrolled(place: &Place) {
    let vault = place.create();
    let refused = |enrolment| vault.enrol(enrolment, act()).wait().unwrap_err();
    let plain = || enrolment("phone", "alice", Settings::default());
    let pin = PinHash::of(Algorithm::Sha1, "1234").unwrap();
    assert_eq!(
        refused(Enrolment {
            pin: Some(pin),
            ..plain()
        }),
        StoreError::Pin
    );
    let counter = Some(Counter::new(1));
    assert_eq!(
        refused(Enrolment { counter, ..plain() }),
        StoreError::Counter
    );
    let settings = Settings {
        max_failures: 6,
        ..Settings::default()
    };
    let too_weak = refused(Enrolment {
        settings,
        ..plain()
    });
    assert_eq!(too_weak, StoreError::Policy(PolicyError::MaxFailures));
    assert_eq!(
        vault.device(device("phone")).wait().unwrap_err(),
        StoreError::UnknownDevice
    );
}

fn a_name_is_used_once(place: &Place) {
    let vault = place.create();
    enrol(&vault, "phone", "alice");
    vault.revoke(device("phone"), act()).wait().unwrap();
    let again = enrolment("phone", "mallory", Settings::default());
    let refused = vault.enrol(again, act()).wait();
    assert_eq!(refused, Err(StoreError::AlreadyEnrolled));
    assert_eq!(state(&vault, "phone").user, user("alice"));
}

fn a_user_has_sixteen_devices_that_are_not_revoked(place: &Place) {
    let vault = place.create();
    for number in 0..16 {
        enrol(&vault, &format!("token {number}"), "alice");
    }
    vault.suspend(device("token 4"), act()).wait().unwrap();
    let one_more = || enrolment("token 16", "alice", Settings::default());
    let refused = vault.enrol(one_more(), act()).wait();
    assert_eq!(refused, Err(StoreError::TooManyDevices));
    enrol(&vault, "another", "bob");
    vault.revoke(device("token 3"), act()).wait().unwrap();
    vault.enrol(one_more(), act()).wait().unwrap();
    let listed = vault.devices_of(user("alice")).wait().unwrap();
    assert_eq!(listed.devices.len(), 17);
}

fn a_code_is_accepted_once_also_after_the_store_was_closed(place: &Place) {
    let vault = place.create();
    enrol(&vault, "phone", "alice");
    let code = right("phone", 1, NOW);
    assert!(judge(&vault, "phone", &code, 1).is_accepted());
    assert_eq!(judge(&vault, "phone", &code, 1).reason(), Some("replay"));
    drop(vault);
    let vault = place.open();
    assert_eq!(judge(&vault, "phone", &code, 1).reason(), Some("replay"));
    assert!(judge(&vault, "phone", &right("phone", 2, NOW), 2).is_accepted());
    assert!(vault.check(unwatched()).wait().unwrap().is_clean());
}

fn five_wrong_codes_lock_and_an_administrator_unlocks(place: &Place) {
    let vault = place.create();
    enrol(&vault, "phone", "alice");
    for left in (0..5).rev() {
        let Judgement::Refused(refusal) = judge(&vault, "phone", &wrong("phone", 1, NOW), 1) else {
            unreachable!("a wrong code is refused");
        };
        assert_eq!(refusal.attempts_left, left);
    }
    let code = right("phone", 1, NOW);
    assert_eq!(judge(&vault, "phone", &code, 1).reason(), Some("locked"));
    drop(vault);
    let vault = place.open();
    assert_eq!(judge(&vault, "phone", &code, 1).reason(), Some("locked"));
    vault.unlock(device("phone"), act()).wait().unwrap();
    assert!(judge(&vault, "phone", &code, 1).is_accepted());
}

fn a_suspended_device_is_not_compared_and_resumes_as_it_was(place: &Place) {
    let vault = place.create();
    enrol(&vault, "phone", "alice");
    judge(&vault, "phone", &wrong("phone", 1, NOW), 1);
    vault.suspend(device("phone"), act()).wait().unwrap();
    let again = vault.suspend(device("phone"), act()).wait();
    assert_eq!(again, Err(StoreError::NotPossible(Status::Suspended)));
    let before = state(&vault, "phone").state;
    let code = right("phone", 1, NOW);
    assert_eq!(
        judge(&vault, "phone", &code, 1),
        Judgement::Inactive(Status::Suspended)
    );
    let by_user = vault.verify(user("alice"), transaction(1), &code, act());
    assert_eq!(
        by_user.wait().unwrap().judgement,
        Judgement::Inactive(Status::Suspended)
    );
    assert_eq!(state(&vault, "phone").state, before);
    vault.resume(device("phone"), act()).wait().unwrap();
    let again = vault.resume(device("phone"), act()).wait();
    assert_eq!(again, Err(StoreError::NotPossible(Status::Active)));
    assert_eq!(state(&vault, "phone").state.failures(), 1);
    assert!(judge(&vault, "phone", &code, 1).is_accepted());
}

fn what_is_revoked_stays_revoked(place: &Place) {
    let vault = place.create();
    enrol(&vault, "phone", "alice");
    vault.revoke(device("phone"), act()).wait().unwrap();
    let refused = Err(StoreError::NotPossible(Status::Revoked));
    let phone = || device("phone");
    assert_eq!(vault.resume(phone(), act()).wait(), refused);
    assert_eq!(vault.suspend(phone(), act()).wait(), refused);
    assert_eq!(vault.revoke(phone(), act()).wait(), refused);
    assert_eq!(vault.unlock(phone(), act()).wait(), refused);
    assert_eq!(vault.forgive_clock(phone(), act()).wait(), refused);
    assert_eq!(vault.set_policy(phone(), Ok, act()).wait(), refused);
    let code = right("phone", 1, NOW);
    assert_eq!(
        judge(&vault, "phone", &code, 1),
        Judgement::Inactive(Status::Revoked)
    );
}

fn settings_change_and_hold_at_once(place: &Place) {
    let vault = place.create();
    enrol(&vault, "phone", "alice");
    let weak = Settings {
        temporary_locks: 11,
        ..Settings::default()
    };
    let refused = vault
        .set_policy(device("phone"), move |_| Ok(weak), act())
        .wait();
    assert_eq!(
        refused,
        Err(StoreError::Policy(PolicyError::TemporaryLocks))
    );
    let strict = Settings {
        max_failures: 1,
        temporary_locks: 0,
        ..Settings::default()
    };
    vault
        .set_policy(device("phone"), move |_| Ok(strict), act())
        .wait()
        .unwrap();
    judge(&vault, "phone", &wrong("phone", 1, NOW), 1);
    assert_eq!(state(&vault, "phone").state.lock(), Lock::Permanent);
}

fn of_settings_that_change_at_once_none_is_lost(place: &Place) {
    let vaults = [place.create(), place.open()];
    enrol(&vaults[0], "phone", "alice");
    let changes: [fn(&mut Settings); 4] = [
        |own| own.max_failures = 3,
        |own| own.temporary_locks = 1,
        |own| own.first_delay = 7,
        |own| own.drift_leash = 2,
    ];
    let tickets = changes.into_iter().zip(vaults.iter().cycle());
    let tickets = tickets.map(|(change, vault)| {
        let change = move |mut own| {
            change(&mut own);
            Ok(own)
        };
        vault.set_policy(device("phone"), change, act())
    });
    for ticket in tickets.collect::<Vec<_>>() {
        ticket.wait().unwrap();
    }
    let mut expected = Settings::default();
    changes.iter().for_each(|change| change(&mut expected));
    assert_eq!(state(&vaults[0], "phone").settings, expected);
}

fn two_codes_set_the_window_anew(place: &Place) {
    let vault = place.create();
    enrol(&vault, "phone", "alice");
    let ahead = after(30 * 60);
    let code = right("phone", 1, ahead);
    assert_eq!(
        judge(&vault, "phone", &code, 1).reason(),
        Some("wrong-code")
    );
    let codes = [ahead, after(30 * 61)].map(|now| right("phone", 2, now));
    let [first, second] = &codes;
    let answer = vault.resynchronise(device("phone"), transaction(2), [first, second], act());
    assert!(answer.wait().unwrap().judgement.is_accepted());
    let fresh = right("phone", 3, after(30 * 62));
    assert!(judge(&vault, "phone", &fresh, 3).is_accepted());
    let history = vault.history(device("phone"), 0).wait().unwrap();
    assert!(
        history
            .iter()
            .any(|entry| entry.event == Event::Resynchronisation)
    );
}

fn a_clock_that_went_back_decides_nothing_until_it_is_forgiven(place: &Place) {
    let vault = place.create();
    enrol(&vault, "phone", "alice");
    let verify = |number, now| {
        let code = right("phone", number, now);
        let ticket = vault.verify(device("phone"), transaction(number), &code, act_at(now));
        ticket.wait()
    };
    assert!(verify(1, after(3600)).unwrap().judgement.is_accepted());
    let before = state(&vault, "phone");
    assert_eq!(
        verify(2, NOW),
        Err(StoreError::Undecided(Undecided::ClockWentBack))
    );
    assert_eq!(state(&vault, "phone"), before);
    vault.forgive_clock(device("phone"), act()).wait().unwrap();
    assert!(verify(2, NOW).unwrap().judgement.is_accepted());
}

fn a_pin_is_part_of_the_key(place: &Place) {
    let vault = place.create();
    let suite = TransactionSuite::parse("OCRA-1:HOTP-SHA256-8:QH64-PSHA512-T30S").unwrap();
    let pin = |text| PinHash::of(Algorithm::Sha512, text).unwrap();
    let enrolment = Enrolment {
        suite,
        pin: Some(pin("1234")),
        ..enrolment("token", "alice", Settings::default())
    };
    vault.enrol(enrolment, act()).wait().unwrap();
    let code = |text| {
        let key = DeviceKey::new(suite, &seed("token"), Some(&pin(text))).unwrap();
        let step = NOW.step(suite.period().unwrap());
        let code = key.code(transaction(1), MovingFactor::step(step)).unwrap();
        code.reveal().to_owned()
    };
    drop(vault);
    let vault = place.open();
    assert_eq!(
        judge(&vault, "token", &code("1235"), 1).reason(),
        Some("wrong-code")
    );
    assert!(judge(&vault, "token", &code("1234"), 1).is_accepted());
}

fn a_counter_goes_on(place: &Place) {
    let vault = place.create();
    let suite = TransactionSuite::parse("OCRA-1:HOTP-SHA256-8:C-QH64").unwrap();
    let enrolment = Enrolment {
        suite,
        counter: Some(Counter::new(7)),
        ..enrolment("token", "alice", Settings::default())
    };
    vault.enrol(enrolment, act()).wait().unwrap();
    let key = DeviceKey::new(suite, &seed("token"), None).unwrap();
    let code = |counter| {
        let factor = MovingFactor::counter(Counter::new(counter));
        key.code(transaction(1), factor)
            .unwrap()
            .reveal()
            .to_owned()
    };
    assert_eq!(
        judge(&vault, "token", &code(6), 1).reason(),
        Some("wrong-code")
    );
    assert!(judge(&vault, "token", &code(9), 1).is_accepted());
    assert_eq!(state(&vault, "token").state.counter(), Counter::new(10));
    assert_eq!(
        judge(&vault, "token", &code(9), 1).reason(),
        Some("wrong-code")
    );
}

fn a_restored_store_accepts_nothing_that_it_could_have_accepted_before(place: &Place) {
    let vault = place.create();
    enrol(&vault, "phone", "alice");
    let suite = TransactionSuite::parse("OCRA-1:HOTP-SHA256-8:C-QH64").unwrap();
    let token = enrolment("token", "bob", Settings::default());
    vault
        .enrol(Enrolment { suite, ..token }, act())
        .wait()
        .unwrap();
    enrol(&vault, "revoked", "carol");
    vault.revoke(device("revoked"), act()).wait().unwrap();

    let page = vault.restored(None, act()).wait().unwrap();
    assert_eq!(page.last, Some(device("token")));
    assert_eq!((page.suspended, page.damaged), (1, 0));
    let rest = vault.restored(page.last, act()).wait().unwrap();
    assert_eq!((rest.last, rest.suspended), (None, 0));

    assert_eq!(state(&vault, "token").status, Status::Suspended);
    assert_eq!(state(&vault, "revoked").entries, 2);
    let code = right("phone", 1, NOW);
    assert_eq!(judge(&vault, "phone", &code, 1).reason(), Some("replay"));
    let later = after(30 * 20);
    let code = right("phone", 1, later);
    let answer = vault.verify(device("phone"), transaction(1), &code, act_at(later));
    assert!(answer.wait().unwrap().judgement.is_accepted());
}

fn every_act_is_an_entry(place: &Place) {
    let vault = place.create();
    enrol(&vault, "phone", "alice");
    judge(&vault, "phone", &right("phone", 1, NOW), 1);
    judge(&vault, "phone", &right("phone", 1, NOW), 1);
    vault.suspend(device("phone"), act()).wait().unwrap();
    judge(&vault, "phone", &right("phone", 2, NOW), 2);
    vault.resume(device("phone"), act()).wait().unwrap();
    vault.unlock(device("phone"), act()).wait().unwrap();
    vault
        .set_policy(device("phone"), |_| Ok(short_locks()), act())
        .wait()
        .unwrap();
    vault.forgive_clock(device("phone"), act()).wait().unwrap();
    vault.revoke(device("phone"), act()).wait().unwrap();

    let history = vault.history(device("phone"), 0).wait().unwrap();
    let events: Vec<_> = history.iter().map(|entry| entry.event).collect();
    use Event::*;
    assert_eq!(
        events,
        [
            DeviceEnrolled,
            Verdict,
            Verdict,
            StatusChanged,
            Verdict,
            StatusChanged,
            Unlocked,
            PolicyChanged,
            ClockForgiven,
            StatusChanged
        ]
    );
    let versions: Vec<_> = history.iter().filter_map(|entry| entry.version).collect();
    assert_eq!(versions, (1..=10).collect::<Vec<_>>());
    let says = |at: usize| {
        let entry = &history[at];
        (
            entry.verdict.as_deref(),
            entry.reason.as_deref(),
            entry.step,
        )
    };
    let step = NOW.seconds() / 30;
    assert_eq!(says(1), (Some("accepted"), None, Some(step)));
    assert_eq!(says(2), (Some("refused"), Some("replay"), None));
    assert_eq!(says(4), (Some("refused"), Some("suspended"), None));
    assert_eq!(history[1].digest, history[2].digest);
    assert_ne!(history[1].digest, history[4].digest);
    let Purpose::Transaction(digest) = transaction(1) else {
        unreachable!("a transaction is for a transaction");
    };
    let plain = base16(digest.as_bytes());
    assert_ne!(history[1].digest.as_deref(), Some(plain.as_str()));
    let rest = vault.history(device("phone"), 9).wait().unwrap();
    assert_eq!(rest, history[9..]);
}

fn base16(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn what_is_no_code_is_not_compared(place: &Place) {
    let vault = place.create();
    enrol(&vault, "phone", "alice");
    for code in [
        "",
        "12345",
        "123456789",
        "1234567a",
        "１２３４５６",
        " 1234567",
        "-1234567",
    ] {
        let ticket = vault.verify(device("phone"), transaction(1), code, act());
        assert_eq!(ticket.wait(), Err(StoreError::BadCode));
    }
    let other_length = vault.verify(device("phone"), transaction(1), "123456", act());
    assert_eq!(
        other_length.wait(),
        Err(StoreError::Undecided(Undecided::WrongDigits))
    );
    assert_eq!(state(&vault, "phone").entries, 1);
}

fn devices_are_listed_in_the_order_of_their_names(place: &Place) {
    let vault = place.create();
    let names = ["Zoë", "a", "B", "b c", "ä", "0"];
    for (number, name) in names.iter().enumerate() {
        enrol(&vault, name, &format!("user {number}"));
    }
    let mut sorted = names;
    sorted.sort_unstable();
    let page = vault.devices_after(None).wait().unwrap();
    assert_eq!(page.last, Some(device(sorted[5])));
    let listed: Vec<_> = page
        .devices
        .iter()
        .map(|device| device.id.as_str())
        .collect();
    assert_eq!(listed, sorted);
    let rest = vault.devices_after(Some(device(sorted[3]))).wait().unwrap();
    let listed: Vec<_> = rest
        .devices
        .iter()
        .map(|device| device.id.as_str())
        .collect();
    assert_eq!(listed, sorted[4..]);
}

fn what_reads_for_long_holds_up_nothing_else(place: &Place) {
    let vault = place.create();
    enrol(&vault, "phone", "alice");
    let (began, has_begun) = channel();
    let gate = Arc::new(Mutex::new(()));
    let closed = gate.lock().unwrap();
    let stand_still = || {
        let (began, gate) = (began.clone(), Arc::clone(&gate));
        move || {
            // Nobody listens to the second.
            let _ = began.send(());
            drop(gate.lock());
        }
    };
    let (in_check, in_export) = (stand_still(), stand_still());
    let check = vault.check(Box::new(move |_, _| in_check()));
    let count = vault.key_usage();
    let export = vault.audit_export(
        move |_| {
            in_export();
            ControlFlow::Continue(())
        },
        unwatched(),
    );
    has_begun.recv().unwrap();

    let (told, hears) = channel();
    std::thread::scope(|scope| {
        let vault = &vault;
        scope.spawn(move || {
            let store = vault.as_store(act());
            let state = store.load(&device("phone")).unwrap();
            let listed = vault.devices_after(None).wait().unwrap();
            let history = vault.history(device("phone"), 0).wait().unwrap();
            let lengths = (listed.devices.len(), history.len());
            told.send((state, lengths)).unwrap();
        });
        let answer = hears.recv_timeout(Duration::from_secs(60));
        // Whatever came of it, this test ends.
        drop(closed);
        assert_eq!(answer, Ok((State::new(), (1, 1))));
    });
    assert!(check.wait().unwrap().is_clean());
    assert_eq!(count.wait().unwrap().len(), 1);
    export.wait().unwrap();
}

fn a_device_and_records_are_written_together_or_not_at_all(place: &Place) {
    const KIND: Kind = Kind::new("receipt");
    let vault = place.create();
    let receipt = |key: &str| {
        vec![Change::Insert {
            kind: KIND,
            key: key.to_owned(),
            owner: None,
            due: None,
            body: b"enrolled".to_vec().into(),
        }]
    };
    let enrol = |name: &str, key: &str| {
        let new = enrolment(name, "alice", Settings::default());
        vault.enrol_with(new, receipt(key), act()).wait()
    };
    assert_eq!(enrol("phone", "1"), Ok(Written::Done));
    // The record is there already: there is no device.
    assert_eq!(enrol("tablet", "1"), Ok(Written::Conflict { at: 0 }));
    assert_eq!(
        vault.device(device("tablet")).wait().err(),
        Some(StoreError::UnknownDevice)
    );
    // The device is there already: there is no record.
    assert_eq!(enrol("phone", "2"), Err(StoreError::AlreadyEnrolled));
    assert!(vault.record(KIND, "2").wait().unwrap().is_none());
    assert!(vault.record(KIND, "1").wait().unwrap().is_some());
}
