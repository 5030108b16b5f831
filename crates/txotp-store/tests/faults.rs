//! Faults of the disk, the file, the clock, the rows and the keys: each has its own error, refuses, and loses nothing.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod support;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use support::bank::{
    NOW, Place, act, act_at, after, device, enrol, enrolment, keys, right, transaction, unwatched,
    user, wrong,
};
use support::child;
use txotp_core::UnixTime;
use txotp_store::limits::PAGE;
use txotp_store::{
    Answer, Change, Damage, KeyError, KeyService, Keyring, Kind, Location, Options, Status,
    StoreError, Vault, Written,
};
use txotp_verifier::{Settings, Undecided};
use zeroize::Zeroizing;

const NOTE: Kind = Kind::new("note");

fn try_verify(vault: &Vault, name: &str, number: u64, now: UnixTime) -> Result<Answer, StoreError> {
    let code = right(name, number, now);
    vault
        .verify(device(name), transaction(number), &code, act_at(now))
        .wait()
}

fn accepts(vault: &Vault, name: &str, number: u64, now: UnixTime) -> bool {
    try_verify(vault, name, number, now)
        .unwrap()
        .judgement
        .is_accepted()
}

fn is_clean(vault: &Vault) -> bool {
    vault.check(unwatched()).wait().unwrap().is_clean()
}

/// A store of a record, and of two devices, of which one has a failure and has accepted the transaction 0.
fn used_place() -> Place {
    let place = Place::sqlite();
    let vault = place.create();
    enrol(&vault, "phone", "alice");
    enrol(&vault, "tablet", "bob");
    assert!(accepts(&vault, "phone", 0, after(0)));
    let code = wrong("phone", 1, after(0));
    vault
        .verify(device("phone"), transaction(1), &code, act())
        .wait()
        .unwrap();
    let record = Change::Insert {
        kind: NOTE,
        key: "a".to_owned(),
        owner: Some("alice".to_owned()),
        due: Some(NOW.seconds()),
        body: Zeroizing::new(b"kept".to_vec()),
    };
    let written = vault.write_records(vec![record]).wait();
    assert_eq!(written, Ok(Written::Done));
    place
}

/// That nothing of [`used_place`] was lost, and that it works.
fn is_whole(vault: &Vault) {
    assert!(is_clean(vault));
    assert_eq!(
        vault
            .device(device("phone"))
            .wait()
            .unwrap()
            .state
            .failures(),
        1
    );
    let again = try_verify(vault, "phone", 0, after(0)).unwrap();
    assert_eq!(again.judgement.reason(), Some("replay"));
    assert!(accepts(vault, "phone", 2, after(0)));
    let record = vault.record(NOTE, "a").wait().unwrap();
    assert_eq!(record.unwrap().body.as_slice(), b"kept");
}

fn change(place: &Place, sql: &str) {
    Connection::open(place.file())
        .unwrap()
        .execute_batch(sql)
        .unwrap();
}

#[test]
fn a_row_that_was_changed_is_refused_and_no_other() {
    let row = StoreError::Damaged(Damage::Row);
    let key = "a".parse().unwrap();
    let cases = [
        ("user_id = 'mallory'", row),
        ("suite = 'OCRA-1:HOTP-SHA1-6:QH64-T30S'", row),
        ("settings = replace(settings, '5', '4')", row),
        ("status = 'suspended'", row),
        ("enrolled_at = enrolled_at + 1", row),
        (
            "state = (SELECT state FROM txotp_device WHERE device = 'tablet')",
            row,
        ),
        ("state = zeroblob(448)", row),
        ("state = 'text'", row),
        ("state = NULL", row),
        ("version = version - 1", row),
        ("mark = zeroblob(32)", row),
        (
            "mark = (SELECT mark FROM txotp_device WHERE device = 'tablet')",
            row,
        ),
        (
            "sealed = zeroblob(61)",
            StoreError::Key(KeyError::Wrong(key)),
        ),
        (
            "sealed = (SELECT sealed FROM txotp_device WHERE device = 'tablet')",
            StoreError::Key(KeyError::Wrong(key)),
        ),
        (
            "key_id = 'b'",
            StoreError::Key(KeyError::Missing("b".parse().unwrap())),
        ),
    ];
    for (column, expected) in cases {
        let place = used_place();
        let vault = place.open();
        let kept = "CREATE TABLE kept AS SELECT * FROM txotp_device WHERE device = 'phone'";
        change(&place, kept);
        // NULL is kept out by the schema, as long as the schema is there.
        let sql = format!("UPDATE txotp_device SET {column} WHERE device = 'phone'");
        let changed = Connection::open(place.file()).unwrap().execute_batch(&sql);
        assert_eq!(changed.is_err(), column == "state = NULL", "{column}");
        if changed.is_ok() {
            assert_eq!(
                try_verify(&vault, "phone", 2, after(0)),
                Err(expected),
                "{column}"
            );
            let report = vault.check(unwatched()).wait().unwrap();
            assert_eq!(report.damaged, [("phone".to_owned(), expected)], "{column}");
            assert!(accepts(&vault, "tablet", 0, after(0)), "{column}");
            // One damaged row does not keep the store from opening; a key that is missing does.
            let reopened = place
                .try_open()
                .map(|vault| accepts(&vault, "tablet", 1, after(0)));
            let opens = if column == "key_id = 'b'" {
                Err(expected)
            } else {
                Ok(true)
            };
            assert_eq!(reopened, opens, "{column}");
        }
        let back = "DELETE FROM txotp_device WHERE device = 'phone'; \
            INSERT INTO txotp_device SELECT * FROM kept; DROP TABLE kept";
        change(&place, back);
        is_whole(&vault);
    }
}

/// What stands in the way of nobody: everything else goes on beside a damaged row, and tells of it.
#[test]
fn a_damaged_row_holds_nothing_up_and_is_got_rid_of() {
    for column in [
        "mark = zeroblob(32)",
        "version = version + 1000",
        "version = version - 2",
        "version = -1",
        "version = 'many'",
        "user_id = ''",
        "suite = 'none'",
        "settings = '{}'",
        "state = 'text'",
        "status = 'revoked'",
        "enrolled_at = -1",
        "key_id = ' ', sealed = 'text'",
    ] {
        let place = used_place();
        let sql = format!("UPDATE txotp_device SET {column} WHERE device = 'phone'");
        change(&place, &sql);
        let text = format!("a {}\nb {}", "11".repeat(32), "22".repeat(32));
        let service: Arc<dyn KeyService> = Arc::new(Keyring::parse(&text).unwrap());
        let vault = Vault::open(&place.location(), service, Options::default()).unwrap();
        let listed = vault.devices_after(None).wait().unwrap();
        assert_eq!(listed.damaged, ["phone"], "{column}");
        assert_eq!(listed.devices.len(), 1, "{column}");
        assert_eq!(listed.last, Some(device("tablet")), "{column}");
        let restored = vault.restored(None, act()).wait().unwrap();
        assert_eq!(restored.last, Some(device("tablet")), "{column}");
        assert_eq!(restored.damaged, 1, "{column}");
        let rotation = vault.rotate(act(), unwatched()).unwrap();
        assert_eq!((rotation.resealed, rotation.damaged), (1, 1), "{column}");

        vault.revoke(device("phone"), act()).wait().unwrap();
        enrol(&vault, "phone 2", "alice");
        let found = vault.device(device("phone")).wait().unwrap();
        assert_eq!(found.status, Status::Revoked, "{column}");
        let history = vault.history(device("phone"), 0).wait().unwrap();
        assert_eq!(found.entries, 4, "{column}");
        let last = history.last().unwrap();
        assert_eq!(last.reason.as_deref(), Some("damaged"), "{column}");
        let report = vault.check(unwatched()).wait().unwrap();
        assert!(report.is_clean(), "{column}: {report:?}");
        vault.rotate(act(), unwatched()).unwrap();
        let usage = vault.key_usage().wait().unwrap();
        assert_eq!(usage, [("b".parse().unwrap(), 3)], "{column}");
    }
}

#[test]
fn a_damaged_row_of_a_user_counts_as_a_device_that_stands() {
    let place = used_place();
    let vault = place.open();
    for number in 1..15 {
        enrol(&vault, &format!("phone {number}"), "alice");
    }
    change(
        &place,
        "UPDATE txotp_device SET mark = zeroblob(32) WHERE device = 'phone'",
    );
    enrol(&vault, "phone 15", "alice");
    let listed = vault.devices_of(user("alice")).wait().unwrap();
    assert_eq!((listed.devices.len(), &*listed.damaged[0]), (15, "phone"));
    let one_more = || enrolment("phone 16", "alice", Settings::default());
    let refused = vault.enrol(one_more(), act()).wait();
    assert_eq!(refused, Err(StoreError::TooManyDevices));
    let code = right("phone 1", 1, after(0));
    let answer = vault.verify(user("alice"), transaction(1), &code, act());
    assert_eq!(answer.wait(), Err(StoreError::Damaged(Damage::Row)));
    vault.revoke(device("phone"), act()).wait().unwrap();
    vault.enrol(one_more(), act()).wait().unwrap();
    let answer = vault.verify(user("alice"), transaction(1), &code, act());
    assert!(answer.wait().unwrap().judgement.is_accepted());
    assert!(is_clean(&vault));
}

#[test]
fn a_seed_that_does_not_open_is_left_by_a_rotation() {
    let place = used_place();
    change(
        &place,
        "UPDATE txotp_device SET sealed = zeroblob(61) WHERE device = 'phone'",
    );
    let text = format!("a {}\nb {}", "11".repeat(32), "22".repeat(32));
    let service: Arc<dyn KeyService> = Arc::new(Keyring::parse(&text).unwrap());
    let vault = Vault::open(&place.location(), service, Options::default()).unwrap();
    let rotation = vault.rotate(act(), unwatched()).unwrap();
    assert_eq!((rotation.resealed, rotation.damaged), (1, 1));
    assert!(!is_clean(&vault));
    vault.revoke(device("phone"), act()).wait().unwrap();
    assert!(is_clean(&vault), "nobody asks for the seed any more");
}

#[test]
fn devices_whose_rows_are_exchanged_are_refused() {
    let place = used_place();
    let exchange = "UPDATE txotp_device SET device = 'x' WHERE device = 'phone'; \
        UPDATE txotp_device SET device = 'phone' WHERE device = 'tablet'; \
        UPDATE txotp_device SET device = 'tablet' WHERE device = 'x'";
    change(&place, exchange);
    let vault = place.open();
    for name in ["phone", "tablet"] {
        let answer = try_verify(&vault, name, 2, after(0));
        assert_eq!(answer, Err(StoreError::Damaged(Damage::Row)));
    }
    change(&place, exchange);
    is_whole(&vault);
}

/// The same name, the same seed and the same keys do not make it the same store.
#[test]
fn a_seed_that_was_sealed_in_another_store_is_refused() {
    let (place, other) = (used_place(), used_place());
    let vault = place.open();
    let of_other = format!("ATTACH '{}' AS other; ", other.file().display());
    let sql = "UPDATE txotp_device SET sealed = \
        (SELECT sealed FROM other.txotp_device WHERE device = 'phone') WHERE device = 'phone'";
    change(&place, &(of_other + sql));
    let wrong = StoreError::Key(KeyError::Wrong("a".parse().unwrap()));
    assert_eq!(try_verify(&vault, "phone", 2, after(0)), Err(wrong));
    let report = vault.check(unwatched()).wait().unwrap();
    assert_eq!(report.damaged, [("phone".to_owned(), wrong)]);
    assert!(accepts(&vault, "tablet", 0, after(0)));
}

/// A page of devices ends with a name that is none, from which nobody could ask for the next page.
#[test]
fn a_damaged_name_at_the_end_of_a_page_hides_no_device_behind_it() {
    let place = used_place();
    let columns =
        "user_id, suite, settings, status, enrolled_at, state, version, mark, key_id, sealed";
    let copies = PAGE - 1;
    change(
        &place,
        &format!(
            "INSERT INTO txotp_device \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {copies}) \
             SELECT printf('copy %03d', i), {columns} FROM n, txotp_device WHERE device = 'phone'; \
             INSERT INTO txotp_device SELECT 'copy x' || char(7), {columns} FROM txotp_device \
             WHERE device = 'phone'"
        ),
    );
    let vault = place.open();
    let listed = vault.devices_after(None).wait().unwrap();
    let names: Vec<_> = listed
        .devices
        .iter()
        .map(|found| found.id.as_str())
        .collect();
    assert_eq!(names, ["phone", "tablet"]);
    assert_eq!(listed.damaged.len(), PAGE);
    assert_eq!(listed.last, Some(device("tablet")));

    let restoration = vault.restored(None, act()).wait().unwrap();
    assert_eq!(restoration.damaged, u64::try_from(PAGE).unwrap());
    assert_eq!(restoration.last, Some(device("tablet")));
    let replay = try_verify(&vault, "tablet", 0, after(0)).unwrap();
    assert_eq!(replay.judgement.reason(), Some("replay"));
}

#[test]
fn a_clock_that_jumps_back_decides_nothing() {
    let place = used_place();
    let vault = place.open();
    assert!(accepts(&vault, "phone", 3, after(300)));
    let before = vault.device(device("phone")).wait().unwrap();
    let answer = try_verify(&vault, "phone", 4, after(0));
    assert_eq!(answer, Err(StoreError::Undecided(Undecided::ClockWentBack)));
    assert_eq!(vault.device(device("phone")).wait().unwrap(), before);
    assert!(accepts(&vault, "phone", 4, after(300)));
    assert!(is_clean(&vault));
}

#[test]
fn a_file_that_another_holds_is_busy_and_nothing_is_lost() {
    let place = used_place();
    let options = Options {
        patience: Duration::from_millis(50),
        ..Options::default()
    };
    let vault = Vault::open(&place.location(), keys(), options).unwrap();
    let other = Connection::open(place.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(
        try_verify(&vault, "phone", 2, after(0)),
        Err(StoreError::Busy)
    );
    // Who only reads is not held up.
    assert_eq!(
        vault
            .device(device("phone"))
            .wait()
            .unwrap()
            .state
            .failures(),
        1
    );
    other.execute_batch("ROLLBACK").unwrap();
    is_whole(&vault);
}

#[test]
fn a_file_that_is_cut_is_told_and_a_whole_one_in_its_place_opens() {
    let place = used_place();
    let whole = fs::read(place.file()).unwrap();
    let page = 4096;
    for kept in [
        0,
        1,
        99,
        100,
        1000,
        page,
        page + 1,
        whole.len() / 2,
        whole.len() - page,
        whole.len() - 1,
    ] {
        fs::write(place.file(), &whole[..kept]).unwrap();
        let outcome = place.try_open().map(|vault| {
            vault
                .check(unwatched())
                .wait()
                .map(|report| report.is_clean())
        });
        let is_told = matches!(
            outcome,
            Err(StoreError::NotAStore | StoreError::Damaged(Damage::File))
                | Ok(Err(StoreError::Damaged(Damage::File)))
        );
        assert!(is_told, "{kept} of {} bytes: {outcome:?}", whole.len());
        for rest in ["-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{rest}", place.text));
        }
    }
    fs::write(place.file(), &whole).unwrap();
    is_whole(&place.open());
}

#[test]
fn a_page_that_is_overwritten_is_told() {
    let place = used_place();
    let whole = fs::read(place.file()).unwrap();
    for start in (4096..whole.len()).step_by(4096) {
        let mut bytes = whole.clone();
        bytes[start..start + 64].fill(0xa5);
        fs::write(place.file(), &bytes).unwrap();
        let outcome = place.try_open().map(|vault| {
            vault
                .check(unwatched())
                .wait()
                .map(|report| report.is_clean())
        });
        assert_ne!(outcome, Ok(Ok(true)), "the page at {start}");
    }
    fs::write(place.file(), &whole).unwrap();
    is_whole(&place.open());
}

#[test]
fn what_is_no_store_is_left_as_it_is() {
    let place = Place::sqlite();
    let create = || Vault::create(&place.location(), &keys(), Options::default(), &act());
    assert_eq!(place.try_open().err(), Some(StoreError::NotAStore));
    assert!(!place.file().exists());

    let text = "The accounts of 1999.\n".repeat(100);
    fs::write(place.file(), &text).unwrap();
    assert_eq!(place.try_open().err(), Some(StoreError::NotAStore));
    assert!(create().is_err());
    assert_eq!(fs::read_to_string(place.file()).unwrap(), text);

    fs::remove_file(place.file()).unwrap();
    change(&place, "CREATE TABLE accounts (number)");
    let bytes = fs::read(place.file()).unwrap();
    assert_eq!(place.try_open().err(), Some(StoreError::NotAStore));
    assert_eq!(create(), Err(StoreError::AlreadyAStore));
    assert_eq!(fs::read(place.file()).unwrap(), bytes);
}

#[test]
fn a_store_is_not_made_over_another() {
    let place = used_place();
    let created = Vault::create(&place.location(), &keys(), Options::default(), &act());
    assert_eq!(created, Err(StoreError::AlreadyAStore));
    is_whole(&place.open());
}

#[test]
fn another_schema_is_told_and_left_as_it_is() {
    let place = used_place();
    for (version, expected) in [(3, StoreError::NewerSchema), (0, StoreError::NotAStore)] {
        change(&place, &format!("PRAGMA user_version = {version}"));
        assert_eq!(place.try_open().err(), Some(expected));
        let migrated = Vault::migrate(&place.location(), Options::default());
        assert_eq!(migrated, Err(expected));
        change(&place, "PRAGMA user_version = 2");
    }
    assert_eq!(
        Vault::migrate(&place.location(), Options::default()),
        Ok((2, 2))
    );
    is_whole(&place.open());
}

#[test]
fn a_store_without_its_keys_does_not_open() {
    let place = used_place();
    let a = "a".parse().unwrap();
    let cases = [
        (format!("b {}", "11".repeat(32)), KeyError::Missing(a)),
        (format!("a {}", "22".repeat(32)), KeyError::Wrong(a)),
    ];
    for (text, expected) in cases {
        let other: Arc<dyn KeyService> = Arc::new(Keyring::parse(&text).unwrap());
        let opened = Vault::open(&place.location(), other, Options::default());
        assert_eq!(opened.err(), Some(StoreError::Key(expected)));
    }
    is_whole(&place.open());
}

/// Runs a part of this test as a process that a shell has prepared; skips it by name where it cannot be prepared.
fn run_prepared(test: &str, probe: &str, prepare: &str, part: &[&str]) {
    let folder = part[1];
    let shell = |script: &str| {
        let mut command = Command::new("unshare");
        command.args([
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            script,
            "sh",
            folder,
        ]);
        command
    };
    if !shell(probe)
        .output()
        .is_ok_and(|output| output.status.success())
    {
        support::say_skipped(test, "this system lets nobody mount");
        return;
    }
    let own = child::command(part);
    let mut command = shell(&format!("{prepare} && shift && exec \"$@\""));
    command.arg(own.get_program()).args(own.get_args());
    command.envs(
        own.get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("@done"),
        "{said}\n{errors}"
    );
}

#[test]
fn a_disk_that_is_full_is_told_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mount = "mount -t tmpfs -o size=3m tmpfs \"$1\"";
    let part = ["full", folder.path().to_str().unwrap()];
    run_prepared(
        "a_disk_that_is_full_is_told_and_loses_nothing",
        mount,
        mount,
        &part,
    );
}

#[test]
fn a_store_that_can_only_be_read_is_told() {
    let place = used_place();
    let mount = "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\"";
    let folder = place.folder().to_str().unwrap();
    run_prepared(
        "a_store_that_can_only_be_read_is_told",
        mount,
        mount,
        &["read-only", folder],
    );
    is_whole(&place.open());
}

#[test]
#[ignore = "the other tests start it, where something is mounted"]
fn child() {
    match &child::part()[..] {
        [part, folder] if part == "full" => fill(Path::new(folder)),
        [part, folder] if part == "read-only" => only_read(Path::new(folder)),
        _ => return,
    }
    child::say("done");
}

/// Verifies until the disk is full, and goes on when it is not any more.
fn fill(folder: &Path) {
    let location = Location::Sqlite(folder.join("store.db"));
    Vault::create(&location, &keys(), Options::default(), &act()).unwrap();
    let vault = Vault::open(&location, keys(), Options::default()).unwrap();
    enrol(&vault, "phone", "alice");
    let ballast = folder.join("ballast");
    let mut number = 0;
    for _ in 0..3 {
        let mut file = File::create(&ballast).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        drop(file);
        let error = loop {
            match try_verify(&vault, "phone", number, after(30 * number)) {
                Ok(answer) => assert!(answer.judgement.is_accepted()),
                Err(error) => break error,
            }
            number += 1;
        };
        assert_eq!(error, StoreError::Full);
        // What was accepted is known, though nothing more can be written.
        assert_eq!(
            vault.device(device("phone")).wait().unwrap().entries,
            number + 1
        );
        fs::remove_file(&ballast).unwrap();
        assert!(accepts(&vault, "phone", number, after(30 * number)));
        number += 1;
        assert!(is_clean(&vault));
    }
    drop(vault);
    let vault = Vault::open(&location, keys(), Options::default()).unwrap();
    assert!(is_clean(&vault));
    let last = try_verify(&vault, "phone", number - 1, after(30 * (number - 1))).unwrap();
    assert_eq!(last.judgement.reason(), Some("replay"));
}

fn only_read(folder: &Path) {
    let location = Location::Sqlite(folder.join("store.db"));
    let opened = Vault::open(&location, keys(), Options::default());
    assert_eq!(opened.err(), Some(StoreError::ReadOnly));
    let beside = Location::Sqlite(folder.join("new.db"));
    let created = Vault::create(&beside, &keys(), Options::default(), &act());
    assert_eq!(created, Err(StoreError::ReadOnly));
}
