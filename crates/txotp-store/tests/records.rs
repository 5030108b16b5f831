//! Records: what they promise to the service that keeps its own things in them.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic
)]

mod support;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;

use support::bank::{
    NOW, Place, act, device, enrol, on_each_database, right, transaction, unwatched, user, wrong,
};
use txotp_core::{Purpose, Transaction};
use txotp_store::{
    Answer, Change, DeviceId, Entry, Event, KeyService, Keyring, Kind, Options, Record,
    RecordError, StepUp, StoreError, UserId, Vault, Who, Written,
};
use zeroize::Zeroizing;

const NOTE: Kind = Kind::new("note");
const OTHER: Kind = Kind::new("other");

on_each_database! {
    a_record_is_inserted_replaced_and_removed
    what_is_expected_and_does_not_hold_is_a_conflict
    a_list_takes_place_whole_or_not_at_all
    records_of_an_owner_come_in_the_order_of_their_keys
    records_that_are_due_come_in_the_order_of_that
    what_is_over_a_limit_is_refused
    what_is_at_a_limit_is_kept
    no_increment_of_sixty_four_threads_is_lost
    of_lists_in_opposite_orders_none_waits_for_another_that_waits_for_it
    records_are_there_when_a_store_is_opened_again
    records_stay_readable_when_keys_rotate
    a_digest_depends_on_its_label_and_on_the_store_alone
    short_reads_do_not_wait_for_long_ones
    what_came_of_a_sent_code_is_in_the_evidence_with_its_records_or_not_at_all
    a_right_code_and_what_follows_are_written_together_or_not_at_all
    of_many_right_codes_at_once_one_has_its_consequence_and_the_others_stay_good
}

fn body(text: &str) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(text.as_bytes().to_vec())
}

fn insert(key: &str, text: &str) -> Change {
    insert_for(key, None, None, text)
}

fn insert_for(key: &str, owner: Option<&str>, due: Option<u64>, text: &str) -> Change {
    Change::Insert {
        kind: NOTE,
        key: key.to_owned(),
        owner: owner.map(str::to_owned),
        due,
        body: body(text),
    }
}

fn replace(key: &str, version: u64, text: &str) -> Change {
    Change::Replace {
        kind: NOTE,
        key: key.to_owned(),
        version,
        owner: None,
        due: None,
        body: body(text),
    }
}

fn remove(key: &str, version: u64) -> Change {
    Change::Remove {
        kind: NOTE,
        key: key.to_owned(),
        version,
    }
}

fn write(vault: &Vault, changes: Vec<Change>) -> Written {
    vault.write_records(changes).wait().unwrap()
}

fn read(vault: &Vault, key: &str) -> Option<Record> {
    vault.record(NOTE, key).wait().unwrap()
}

/// The version and the body of a record.
fn found(vault: &Vault, key: &str) -> Option<(u64, String)> {
    let record = read(vault, key)?;
    assert_eq!((record.kind, record.key.as_str()), (NOTE, key));
    Some((
        record.version,
        String::from_utf8(record.body.to_vec()).unwrap(),
    ))
}

fn keys_of(records: Vec<Record>) -> Vec<String> {
    records.into_iter().map(|record| record.key).collect()
}

fn payment() -> Transaction<'static> {
    let mut builder = Transaction::builder();
    builder.message("Pay").unwrap();
    builder.detail("Amount", "1 EUR").unwrap();
    builder.build().unwrap()
}

fn is_clean(vault: &Vault) -> bool {
    vault.check(unwatched()).wait().unwrap().is_clean()
}

fn a_record_is_inserted_replaced_and_removed(place: &Place) {
    let vault = place.create();
    assert_eq!(found(&vault, "a"), None);
    let first = insert_for("a", Some("alice"), Some(7), "one");
    assert_eq!(write(&vault, vec![first]), Written::Done);
    let record = read(&vault, "a").unwrap();
    assert_eq!(
        (record.owner.as_deref(), record.due),
        (Some("alice"), Some(7))
    );
    assert_eq!(found(&vault, "a"), Some((1, "one".to_owned())));
    assert!(vault.record(OTHER, "a").wait().unwrap().is_none());

    assert_eq!(write(&vault, vec![replace("a", 1, "two")]), Written::Done);
    let record = read(&vault, "a").unwrap();
    assert_eq!((record.owner, record.due), (None, None));
    assert_eq!(found(&vault, "a"), Some((2, "two".to_owned())));
    assert!(keys_of(vault.records_of(NOTE, "alice", None, 9).wait().unwrap()).is_empty());
    assert!(keys_of(vault.records_due(NOTE, 7, 9).wait().unwrap()).is_empty());

    assert_eq!(write(&vault, vec![remove("a", 2)]), Written::Done);
    assert_eq!(found(&vault, "a"), None);
    assert_eq!(write(&vault, vec![insert("a", "three")]), Written::Done);
    assert_eq!(found(&vault, "a"), Some((1, "three".to_owned())));
    assert_eq!(write(&vault, Vec::new()), Written::Done);
    assert!(is_clean(&vault));
}

fn what_is_expected_and_does_not_hold_is_a_conflict(place: &Place) {
    let vault = place.create();
    assert_eq!(write(&vault, vec![insert("a", "one")]), Written::Done);
    assert_eq!(write(&vault, vec![replace("a", 1, "two")]), Written::Done);
    for change in [
        insert("a", "again"),
        replace("a", 1, "late"),
        replace("a", 3, "early"),
        replace("a", 0, "none"),
        replace("a", u64::MAX, "none"),
        replace("a", (1 << 63) - 1, "none"),
        remove("a", 1),
        remove("a", 1 << 63),
        replace("b", 1, "missing"),
        remove("b", 1),
    ] {
        let told = format!("{change:?}");
        assert_eq!(
            write(&vault, vec![change]),
            Written::Conflict { at: 0 },
            "{told}"
        );
        assert_eq!(found(&vault, "a"), Some((2, "two".to_owned())), "{told}");
        assert_eq!(found(&vault, "b"), None, "{told}");
    }
}

fn a_list_takes_place_whole_or_not_at_all(place: &Place) {
    let vault = place.create();
    let both = vec![insert("b", "one"), insert("a", "one")];
    assert_eq!(write(&vault, both), Written::Done);
    // The first of the list that does not hold is told of, whatever the order in which they are taken.
    for (list, at) in [
        (
            vec![insert("c", "x"), replace("b", 1, "x"), remove("a", 2)],
            2,
        ),
        (
            vec![remove("b", 9), replace("a", 9, "x"), insert("c", "x")],
            0,
        ),
        (
            vec![insert("c", "x"), insert("b", "x"), insert("a", "x")],
            1,
        ),
    ] {
        assert_eq!(write(&vault, list), Written::Conflict { at });
        for key in ["a", "b"] {
            assert_eq!(found(&vault, key), Some((1, "one".to_owned())));
        }
        assert_eq!(found(&vault, "c"), None);
    }
    let list = vec![insert("c", "new"), replace("b", 1, "two"), remove("a", 1)];
    assert_eq!(write(&vault, list), Written::Done);
    assert_eq!(found(&vault, "a"), None);
    assert_eq!(found(&vault, "b"), Some((2, "two".to_owned())));
    assert_eq!(found(&vault, "c"), Some((1, "new".to_owned())));
}

/// Keys whose order by bytes is not that of a dictionary.
const ORDERED: [&str; 7] = ["A", "B", "Z", "a", "b", "z", "ä"];

fn records_of_an_owner_come_in_the_order_of_their_keys(place: &Place) {
    let vault = place.create();
    for key in ["b", "Z", "ä", "A", "z", "a", "B"] {
        let change = insert_for(key, Some("alice"), None, key);
        assert_eq!(write(&vault, vec![change]), Written::Done);
    }
    let other = insert_for("x", Some("alicf"), None, "");
    assert_eq!(write(&vault, vec![other, insert("y", "")]), Written::Done);
    let of = |after, limit| {
        keys_of(
            vault
                .records_of(NOTE, "alice", after, limit)
                .wait()
                .unwrap(),
        )
    };
    assert_eq!(of(None, 1000), ORDERED);
    assert_eq!(of(None, 3), ORDERED[..3]);
    assert_eq!(of(Some("Z"), 3), ORDERED[3..6]);
    assert_eq!(of(Some("Y"), 3), ORDERED[2..5], "a key that is not there");
    assert_eq!(of(Some("ä"), 3), [""; 0]);
    assert_eq!(of(None, 0), [""; 0]);
    let other = vault.records_of(OTHER, "alice", None, 9).wait().unwrap();
    assert!(other.is_empty());
}

fn records_that_are_due_come_in_the_order_of_that(place: &Place) {
    let vault = place.create();
    for (key, due) in [
        ("d", Some(5)),
        ("a", Some(9)),
        ("c", Some(0)),
        ("b", Some(5)),
        ("e", None),
        ("f", Some(u64::MAX / 2)),
    ] {
        let change = insert_for(key, None, due, key);
        assert_eq!(write(&vault, vec![change]), Written::Done);
    }
    let due = |until, limit| keys_of(vault.records_due(NOTE, until, limit).wait().unwrap());
    assert_eq!(due(0, 9), ["c"]);
    assert_eq!(due(4, 9), ["c"]);
    assert_eq!(due(5, 9), ["c", "b", "d"]);
    assert_eq!(due(9, 9), ["c", "b", "d", "a"]);
    assert_eq!(due(9, 2), ["c", "b"]);
    assert_eq!(due(u64::MAX, 9), ["c", "b", "d", "a", "f"]);
    assert!(keys_of(vault.records_due(OTHER, 9, 9).wait().unwrap()).is_empty());
}

fn what_is_over_a_limit_is_refused(place: &Place) {
    let vault = place.create();
    let written = |changes| vault.write_records(changes).wait();
    let refused = |error| Err(StoreError::Record(error));
    for bad in ["", &"k".repeat(256), "a\0b", "line\n", "\u{202e}"] {
        assert_eq!(written(vec![insert(bad, "")]), refused(RecordError::Key));
        assert_eq!(written(vec![remove(bad, 1)]), refused(RecordError::Key));
        let change = insert_for("a", Some(bad), None, "");
        assert_eq!(written(vec![change]), refused(RecordError::Owner));
        let key = StoreError::Record(RecordError::Key);
        let owner = StoreError::Record(RecordError::Owner);
        assert_eq!(vault.record(NOTE, bad).wait().unwrap_err(), key);
        assert_eq!(
            vault.records_of(NOTE, bad, None, 1).wait().unwrap_err(),
            owner
        );
        assert_eq!(
            vault
                .records_of(NOTE, "a", Some(bad), 1)
                .wait()
                .unwrap_err(),
            key
        );
    }
    assert_eq!(
        written(vec![insert("a", &"b".repeat(65_537))]),
        refused(RecordError::Body)
    );
    assert_eq!(
        written(vec![replace("a", 1, &"b".repeat(65_537))]),
        refused(RecordError::Body)
    );
    let many = (0..33).map(|number| insert(&number.to_string(), ""));
    assert_eq!(
        written(many.collect()),
        refused(RecordError::TooManyChanges)
    );
    assert_eq!(
        written(vec![insert("a", ""), remove("a", 1)]),
        refused(RecordError::Repeated)
    );
    assert_eq!(
        written(vec![insert_for("a", None, Some(1 << 63), "")]),
        Err(StoreError::Time)
    );
    let limit = StoreError::Record(RecordError::Limit);
    assert_eq!(
        vault.records_of(NOTE, "a", None, 1001).wait().unwrap_err(),
        limit
    );
    assert_eq!(vault.records_due(NOTE, 1, 1001).wait().unwrap_err(), limit);
    assert!(keys_of(vault.records_due(NOTE, u64::MAX, 1000).wait().unwrap()).is_empty());
}

fn what_is_at_a_limit_is_kept(place: &Place) {
    const LONG: Kind = Kind::new("abcdefghijklmnopqrstuvwxyz-01234");
    let vault = place.create();
    let text = "b".repeat(65_536);
    let list = (0..32).map(|number| Change::Insert {
        kind: LONG,
        key: format!("{number:0>255}"),
        owner: Some("o".repeat(255)),
        due: Some((1 << 63) - 1),
        body: body(&text),
    });
    assert_eq!(write(&vault, list.collect()), Written::Done);
    let due = vault.records_due(LONG, u64::MAX, 1000).wait().unwrap();
    assert_eq!(due.len(), 32);
    assert!(
        due.iter()
            .all(|record| record.body.as_slice() == text.as_bytes())
    );
    let same = insert("same", "a note");
    let of_other_kind = Change::Insert {
        kind: OTHER,
        key: "same".to_owned(),
        owner: None,
        due: None,
        body: body(""),
    };
    assert_eq!(write(&vault, vec![same, of_other_kind]), Written::Done);
    assert!(
        vault
            .record(OTHER, "same")
            .wait()
            .unwrap()
            .unwrap()
            .body
            .is_empty()
    );
    assert!(is_clean(&vault));
}

fn no_increment_of_sixty_four_threads_is_lost(place: &Place) {
    const THREADS: u64 = 64;
    const EACH: u64 = 5;
    let vaults = [place.create(), place.open()];
    assert_eq!(write(&vaults[0], vec![insert("count", "0")]), Written::Done);
    thread::scope(|scope| {
        for caller in 0..THREADS {
            let vault = &vaults[usize::from(caller % 2 == 0)];
            scope.spawn(move || {
                for _ in 0..EACH {
                    increment(vault);
                }
            });
        }
    });
    let expected = THREADS * EACH;
    for vault in &vaults {
        assert_eq!(
            found(vault, "count"),
            Some((expected + 1, expected.to_string()))
        );
    }
}

/// Adds one to a number, as often as it takes.
fn increment(vault: &Vault) {
    loop {
        let (version, text) = found(vault, "count").unwrap();
        let next = text.parse::<u64>().unwrap() + 1;
        if write(vault, vec![replace("count", version, &next.to_string())]) == Written::Done {
            return;
        }
    }
}

fn of_lists_in_opposite_orders_none_waits_for_another_that_waits_for_it(place: &Place) {
    let vaults = [place.create(), place.open()];
    let both = vec![insert("a", "0"), insert("b", "0")];
    assert_eq!(write(&vaults[0], both), Written::Done);
    let done: u64 = thread::scope(|scope| {
        let callers: Vec<_> = (0..16)
            .map(|caller| {
                let vault = &vaults[caller % 2];
                scope.spawn(move || move_to_and_fro(vault, caller))
            })
            .collect();
        callers
            .into_iter()
            .map(|caller| caller.join().unwrap())
            .sum()
    });
    // Every list that took place replaced both.
    for key in ["a", "b"] {
        assert_eq!(found(&vaults[0], key).unwrap().0, done + 1);
    }
    // Sessions say what they have counted when they end.
    drop(vaults);
    #[cfg(feature = "postgres")]
    if place.text.starts_with("postgres") {
        let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = 'txotp'";
        assert_eq!(place.server().sql(deadlocks), "0");
    }
}

/// Replaces two records together, twenty times; one caller names the one first, the next the other. Says how often it
/// took place.
fn move_to_and_fro(vault: &Vault, caller: usize) -> u64 {
    let mut done = 0;
    for round in 0..20 {
        let [one, other] = ["a", "b"].map(|key| {
            let (version, _) = found(vault, key).unwrap();
            replace(key, version, "moved")
        });
        let extra = format!("{caller} {round}");
        let list = if caller.is_multiple_of(2) {
            vec![one, other, insert(&extra, "")]
        } else {
            vec![insert(&extra, ""), other, one]
        };
        let is_done = write(vault, list) == Written::Done;
        assert_eq!(found(vault, &extra).is_some(), is_done);
        done += u64::from(is_done);
    }
    done
}

fn records_are_there_when_a_store_is_opened_again(place: &Place) {
    let vault = place.create();
    let change = insert_for("a", Some("alice"), Some(5), "kept");
    assert_eq!(write(&vault, vec![change]), Written::Done);
    drop(vault);
    let vault = place.open();
    assert_eq!(found(&vault, "a"), Some((1, "kept".to_owned())));
    assert_eq!(
        keys_of(vault.records_of(NOTE, "alice", None, 9).wait().unwrap()),
        ["a"]
    );
}

fn records_stay_readable_when_keys_rotate(place: &Place) {
    let ring = |text: &str| -> Arc<dyn KeyService> { Arc::new(Keyring::parse(text).unwrap()) };
    let (old, new) = (
        format!("a {}\n", "11".repeat(32)),
        format!("b {}\n", "22".repeat(32)),
    );
    let vault = place.create();
    assert_eq!(write(&vault, vec![insert("a", "before")]), Written::Done);
    let digest = *vault.keyed_digest("label", b"data").as_bytes();
    drop(vault);
    let both = ring(&format!("{old}{new}"));
    let vault = Vault::open(&place.location(), both, Options::default()).unwrap();
    vault.rotate(act(), unwatched()).unwrap();
    drop(vault);
    let vault = Vault::open(&place.location(), ring(&new), Options::default()).unwrap();
    assert_eq!(found(&vault, "a"), Some((1, "before".to_owned())));
    assert!(vault.keyed_digest("label", b"data").matches(&digest));
    assert_eq!(write(&vault, vec![replace("a", 1, "after")]), Written::Done);
    assert!(is_clean(&vault));
}

fn a_digest_depends_on_its_label_and_on_the_store_alone(place: &Place) {
    let vault = place.create();
    let kept = *vault.keyed_digest("api-key", b"data").as_bytes();
    assert!(vault.keyed_digest("api-key", b"data").matches(&kept));
    assert!(place.open().keyed_digest("api-key", b"data").matches(&kept));
    for (label, data) in [
        ("api-key", &b"datb"[..]),
        ("api-ke", b"ydata"),
        ("api-keyd", b"ata"),
        ("", b"api-keydata"),
    ] {
        assert!(!vault.keyed_digest(label, data).matches(&kept), "{label}");
    }
    assert!(!vault.keyed_digest("api-key", b"data").matches(&kept[..31]));
    let elsewhere = Place::sqlite().create();
    assert!(!elsewhere.keyed_digest("api-key", b"data").matches(&kept));
    let shown = format!("{:?}", vault.keyed_digest("api-key", b"data"));
    assert_eq!(shown, "KeyedDigest(redacted)");
}

/// Exports that stand still, more than there are threads for.
fn short_reads_do_not_wait_for_long_ones(place: &Place) {
    let vault = place.create();
    assert_eq!(write(&vault, vec![insert("a", "one")]), Written::Done);
    let (go_on, gate) = channel::<()>();
    let gate = Arc::new(std::sync::Mutex::new(gate));
    let exports: Vec<_> = (0..8)
        .map(|_| {
            let gate = Arc::clone(&gate);
            let sink = move |_: &str| {
                // Until the other end is dropped.
                let _ = gate.lock().unwrap().recv();
                ControlFlow::Break(())
            };
            vault.audit_export(sink, unwatched())
        })
        .collect();
    assert_eq!(found(&vault, "a"), Some((1, "one".to_owned())));
    drop(go_on);
    for export in exports {
        export.wait().unwrap();
    }
}

#[test]
fn nothing_secret_is_shown() {
    let change = insert("a", "hidden words");
    assert_eq!(
        format!("{change:?}"),
        r#"Insert { kind: Kind("note"), key: "a", version: None, .. }"#
    );
    let place = Place::sqlite();
    let vault = place.create();
    assert_eq!(write(&vault, vec![change]), Written::Done);
    let shown = format!("{:?}", read(&vault, "a").unwrap());
    assert!(
        shown.contains("version: 1") && !shown.contains("104"),
        "{shown}"
    );
    drop(vault);
    let file = std::fs::read(place.file()).unwrap();
    assert!(
        file.windows(5).any(|bytes| bytes == b"note\x61"),
        "the key is there to be found"
    );
    assert!(!file.windows(6).any(|bytes| bytes == b"hidden"));
}

/// The lines of evidence that say that somebody stepped up, or did not.
fn step_ups(vault: &Vault) -> Vec<Entry> {
    let (sender, lines) = channel();
    let sink = move |line: &str| {
        sender.send(line.to_owned()).unwrap();
        ControlFlow::Continue(())
    };
    vault.audit_export(sink, unwatched()).wait().unwrap();
    let entries = lines
        .into_iter()
        .filter_map(|line| serde_json::from_str::<Entry>(&line).ok());
    entries
        .filter(|entry| entry.event == Event::StepUp)
        .collect()
}

fn what_came_of_a_sent_code_is_in_the_evidence_with_its_records_or_not_at_all(place: &Place) {
    let vault = place.create();
    let digest = payment().digest();
    let step_up = |is_accepted: bool| StepUp {
        user: is_accepted.then(|| UserId::new("alice").unwrap()),
        purpose: Purpose::Transaction(digest),
        is_accepted,
        attempts_left: 3,
    };
    let write = |changes, is_accepted| {
        let written = vault.write_step_up(changes, step_up(is_accepted), act());
        written.wait().unwrap()
    };
    assert_eq!(write(vec![insert("a", "asked")], false), Written::Done);
    for conflicting in [
        vec![insert("a", "again")],
        vec![insert("b", "new"), replace("a", 7, "other")],
    ] {
        assert!(matches!(write(conflicting, true), Written::Conflict { .. }));
    }
    assert_eq!(write(vec![replace("a", 1, "used")], true), Written::Done);
    // Each connection has a book of its own, and the export has one book after the other.
    let (accepted, refused): (Vec<_>, Vec<_>) = step_ups(&vault)
        .into_iter()
        .partition(|entry| entry.verdict.as_deref() == Some("accepted"));
    let ([refused], [accepted]) = (&refused[..], &accepted[..]) else {
        panic!("{refused:?} {accepted:?}");
    };
    assert_eq!(
        (&refused.user, accepted.user.as_deref()),
        (&None, Some("alice"))
    );
    for entry in [refused, accepted] {
        assert_eq!(entry.actor.as_deref(), Some("test"));
        assert_eq!((&entry.device, entry.version), (&None, None));
        assert_eq!(entry.purpose.as_deref(), Some("transaction"));
        assert_eq!(entry.digest, Some(vault.digest_mark(&digest)));
    }
    assert_eq!(refused.verdict.as_deref(), Some("refused"));
    assert_eq!(refused.reason.as_deref(), Some("wrong-code"));
    assert_eq!(refused.attempts_left, Some(3));
    assert_eq!((&accepted.reason, accepted.attempts_left), (&None, None));
    assert!(vault.audit_verify(unwatched()).wait().unwrap().is_clean());
    assert!(is_clean(&vault));
}

/// Has a code judged for transaction 1; where it is accepted, a record says by which device.
fn settle(vault: &Vault, who: impl Into<Who>, code: &str, key: &str) -> Result<Answer, StoreError> {
    let key = key.to_owned();
    let settled = move |device: &DeviceId| Ok(vec![insert(&key, device.as_str())]);
    let ticket = vault.verify_and_write(who, transaction(1), code, settled, act());
    ticket.wait()
}

fn a_right_code_and_what_follows_are_written_together_or_not_at_all(place: &Place) {
    let vault = place.create();
    enrol(&vault, "phone", "alice");
    enrol(&vault, "tablet", "alice");
    let [phone, tablet] = ["phone", "tablet"].map(|name| right(name, 1, NOW));
    let bad = wrong("phone", 1, NOW);

    // A refusal has no consequence, whatever is there.
    let refused = settle(&vault, device("phone"), &bad, "a").unwrap();
    assert!(!refused.judgement.is_accepted());
    assert!(read(&vault, "a").is_none());
    assert_eq!(write(&vault, vec![insert("taken", "x")]), Written::Done);
    let refused = settle(&vault, user("alice"), &bad, "taken").unwrap();
    assert!(!refused.judgement.is_accepted());

    // Nor has a right code whose consequence does not hold; it is as good as before.
    let entries = |name| vault.device(device(name)).wait().unwrap().entries;
    let before = [entries("phone"), entries("tablet")];
    for who in [Who::from(device("phone")), Who::from(user("alice"))] {
        let conflict = settle(&vault, who, &phone, "taken");
        assert_eq!(conflict, Err(StoreError::RecordChanged));
    }
    let failing = |_: &DeviceId| Err(StoreError::Entropy);
    let failed = vault.verify_and_write(device("phone"), transaction(1), &phone, failing, act());
    assert_eq!(failed.wait(), Err(StoreError::Entropy));
    let limit = |_: &DeviceId| Ok(vec![insert("", "x")]);
    let failed = vault.verify_and_write(user("alice"), transaction(1), &phone, limit, act());
    assert_eq!(failed.wait(), Err(StoreError::Record(RecordError::Key)));
    assert_eq!([entries("phone"), entries("tablet")], before);

    let accepted = settle(&vault, device("phone"), &phone, "a").unwrap();
    assert!(accepted.judgement.is_accepted());
    assert_eq!(*read(&vault, "a").unwrap().body, b"phone");
    let accepted = settle(&vault, user("alice"), &tablet, "b").unwrap();
    assert_eq!(accepted.device, Some(device("tablet")));
    assert_eq!(*read(&vault, "b").unwrap().body, b"tablet");
    let replay = settle(&vault, user("alice"), &tablet, "c").unwrap();
    assert_eq!(replay.judgement.reason(), Some("replay"));
    assert!(read(&vault, "c").is_none());
    assert!(is_clean(&vault));
}

fn of_many_right_codes_at_once_one_has_its_consequence_and_the_others_stay_good(place: &Place) {
    let vault = place.create();
    let names: Vec<_> = (0..12).map(|number| format!("phone {number}")).collect();
    for name in &names {
        enrol(&vault, name, "alice");
    }
    let judge = |name: &String| settle(&vault, device(name), &right(name, 1, NOW), "settled");
    let answers: Vec<_> = thread::scope(|scope| {
        let callers: Vec<_> = names
            .iter()
            .map(|name| scope.spawn(move || judge(name)))
            .collect();
        let callers = callers.into_iter();
        callers.map(|caller| caller.join().unwrap()).collect()
    });
    let mut accepted = Vec::new();
    for (name, answer) in names.iter().zip(answers) {
        match answer {
            Ok(answer) if answer.judgement.is_accepted() => accepted.push(name),
            answer => assert_eq!(answer, Err(StoreError::RecordChanged), "{name}"),
        }
    }
    let [first] = accepted[..] else {
        panic!("{accepted:?}");
    };
    assert_eq!(*read(&vault, "settled").unwrap().body, first.as_bytes());
    for name in &names {
        let code = right(name, 1, NOW);
        let ticket = vault.verify(device(name), transaction(1), &code, act());
        let is_good = ticket.wait().unwrap().judgement.is_accepted();
        assert_eq!(is_good, name != first, "{name}");
    }
    assert!(is_clean(&vault));
}
