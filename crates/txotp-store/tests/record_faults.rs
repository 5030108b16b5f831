//! Records that something else than the store has changed, a store of the schema before them, copies, and crashes.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic
)]

mod support;

use std::thread;

use rusqlite::Connection;
use support::bank::{NOW, device};
use support::bank::{Place, act, enrol, keys, on_each_database, right, transaction, unwatched};
use support::child::{Child, part, say};
use support::random::Random;
use txotp_store::{Change, Damage, Kind, Location, Options, StoreError, Vault, Written};
use zeroize::Zeroizing;

const NOTE: Kind = Kind::new("note");
const OTHER: Kind = Kind::new("other");

const DAMAGED: StoreError = StoreError::Damaged(Damage::Record);

on_each_database! {
    a_record_that_was_changed_is_refused_and_hides_no_other
    a_body_opens_in_no_other_row
    a_store_of_the_schema_before_is_brought_forward
    records_that_were_answered_survive_kills
}

fn insert(key: &str, text: &str) -> Change {
    Change::Insert {
        kind: NOTE,
        key: key.to_owned(),
        owner: Some("alice".to_owned()),
        due: Some(5),
        body: Zeroizing::new(text.as_bytes().to_vec()),
    }
}

fn replace(key: &str, version: u64, text: &str) -> Change {
    Change::Replace {
        kind: NOTE,
        key: key.to_owned(),
        version,
        owner: Some("alice".to_owned()),
        due: Some(5),
        body: Zeroizing::new(text.as_bytes().to_vec()),
    }
}

fn write(vault: &Vault, changes: Vec<Change>) -> Written {
    vault.write_records(changes).wait().unwrap()
}

/// The version and the body of a record.
fn found(vault: &Vault, key: &str) -> Result<Option<(u64, String)>, StoreError> {
    let record = vault.record(NOTE, key).wait()?;
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Ok(record.map(|record| (record.version, text(&record.body))))
}

fn sql(place: &Place, statement: &str) {
    #[cfg(feature = "postgres")]
    if place.text.starts_with("postgres") {
        place.server().sql(statement);
        return;
    }
    let connection = Connection::open(place.file()).unwrap();
    connection.execute_batch(statement).unwrap();
}

fn damaged(vault: &Vault) -> Vec<(String, String)> {
    let report = vault.check(unwatched()).wait().unwrap();
    assert_eq!(report.is_clean(), report.damaged_records.is_empty());
    report.damaged_records
}

/// A store of three records; the first of them was written twice.
fn used(place: &Place) -> Vault {
    let vault = place.create();
    let three = ["a", "b", "c"].map(|key| insert(key, key));
    assert_eq!(write(&vault, three.into()), Written::Done);
    assert_eq!(
        write(&vault, vec![replace("a", 1, "a again")]),
        Written::Done
    );
    vault
}

/// Asserts that of [`used`] the record that has a key now is damaged, and nothing else.
fn assert_damaged(vault: &Vault, kind: Kind, key: &str, what: &str) {
    let read = vault.record(kind, key).wait();
    assert_eq!(read.unwrap_err(), DAMAGED, "{what}");
    let expected = [(kind.as_str().to_owned(), key.to_owned())];
    assert_eq!(damaged(vault), expected, "{what}");
    for key in ["b", "c"] {
        assert_eq!(found(vault, key), Ok(Some((1, key.to_owned()))), "{what}");
    }
    let of = vault.records_of(NOTE, "alice", None, 2).wait().unwrap();
    let due = vault.records_due(NOTE, u64::MAX, 2).wait().unwrap();
    for list in [of, due] {
        let keys: Vec<_> = list.iter().map(|record| record.key.as_str()).collect();
        assert_eq!(keys, ["b", "c"], "{what}");
    }
}

fn a_record_that_was_changed_is_refused_and_hides_no_other(place: &Place) {
    let vault = used(place);
    sql(
        place,
        "CREATE TABLE kept AS SELECT * FROM txotp_record WHERE key = 'a'",
    );
    let in_any = [
        ("version = 1", NOTE, "a"),
        ("version = 3", NOTE, "a"),
        ("version = -2", NOTE, "a"),
        ("owner = 'alicf'", NOTE, "a"),
        ("owner = ''", NOTE, "a"),
        ("owner = NULL", NOTE, "a"),
        ("due = 4", NOTE, "a"),
        ("due = NULL", NOTE, "a"),
        ("due = -1", NOTE, "a"),
        ("kind = 'other'", OTHER, "a"),
        ("key = 'd'", NOTE, "d"),
        (
            "sealed = (SELECT sealed FROM txotp_record WHERE key = 'b')",
            NOTE,
            "a",
        ),
    ];
    let of_sqlite = [
        "sealed = x''",
        "sealed = zeroblob(35)",
        "sealed = zeroblob(100000)",
        "sealed = substr(sealed, 1, length(sealed) - 1)",
        "sealed = CAST(sealed || x'00' AS BLOB)",
        "sealed = 'text'",
        "version = 'text'",
        "owner = x'00'",
        "due = 'text'",
    ];
    let is_sqlite = place.location() == Location::Sqlite(place.text.clone().into());
    let of_sqlite = of_sqlite.map(|column| (column, NOTE, "a"));
    let cases = in_any
        .into_iter()
        .chain(of_sqlite.into_iter().filter(|_| is_sqlite));
    for (column, kind, key) in cases {
        sql(
            place,
            &format!("UPDATE txotp_record SET {column} WHERE key = 'a'"),
        );
        assert_damaged(&vault, kind, key, column);
        sql(
            place,
            &format!(
                "DELETE FROM txotp_record WHERE key = '{key}'; \
                 INSERT INTO txotp_record SELECT * FROM kept"
            ),
        );
        assert_eq!(found(&vault, "a"), Ok(Some((2, "a again".to_owned()))));
        assert_eq!(damaged(&vault), []);
    }
    // Nothing is not the same as an empty text.
    let bare = Change::Insert {
        kind: OTHER,
        key: "bare".to_owned(),
        owner: None,
        due: None,
        body: Zeroizing::default(),
    };
    assert_eq!(write(&vault, vec![bare]), Written::Done);
    assert!(vault.record(OTHER, "bare").wait().is_ok());
    sql(
        place,
        "UPDATE txotp_record SET owner = '' WHERE key = 'bare'",
    );
    assert_eq!(vault.record(OTHER, "bare").wait().unwrap_err(), DAMAGED);
    // What is damaged is in the way of a new one, and can be replaced by who knows its version.
    sql(place, "UPDATE txotp_record SET due = 4 WHERE key = 'a'");
    let conflict = Written::Conflict { at: 0 };
    assert_eq!(write(&vault, vec![insert("a", "new")]), conflict);
    assert_eq!(write(&vault, vec![replace("a", 2, "new")]), Written::Done);
    assert_eq!(found(&vault, "a"), Ok(Some((3, "new".to_owned()))));
}

fn a_body_opens_in_no_other_row(place: &Place) {
    let vault = used(place);
    // That of the first version, in the row of the second.
    assert_eq!(write(&vault, vec![insert("d", "first")]), Written::Done);
    sql(
        place,
        "CREATE TABLE old AS SELECT * FROM txotp_record WHERE key = 'd'",
    );
    assert_eq!(
        write(&vault, vec![replace("d", 1, "second")]),
        Written::Done
    );
    sql(
        place,
        "UPDATE txotp_record SET sealed = (SELECT sealed FROM old) WHERE key = 'd'",
    );
    assert_eq!(found(&vault, "d"), Err(DAMAGED));
    // A whole row that is put back is a row: nothing in it says that there was a newer one.
    sql(
        place,
        "DELETE FROM txotp_record WHERE key = 'd'; INSERT INTO txotp_record SELECT * FROM old",
    );
    assert_eq!(found(&vault, "d"), Ok(Some((1, "first".to_owned()))));

    // The same record of another store, under the same key of the keyring.
    let elsewhere = Place::sqlite();
    let other = elsewhere.create();
    assert_eq!(write(&other, vec![insert("e", "theirs")]), Written::Done);
    assert_eq!(write(&vault, vec![insert("e", "ours")]), Written::Done);
    drop(other);
    let connection = Connection::open(elsewhere.file()).unwrap();
    let read = "SELECT hex(sealed) FROM txotp_record WHERE key = 'e'";
    let sealed: String = connection.query_row(read, [], |row| row.get(0)).unwrap();
    let sealed = if place.text.starts_with("postgres") {
        format!("'\\x{sealed}'")
    } else {
        format!("x'{sealed}'")
    };
    sql(
        place,
        &format!("UPDATE txotp_record SET sealed = {sealed} WHERE key = 'e'"),
    );
    assert_eq!(found(&vault, "e"), Err(DAMAGED));
}

fn a_store_of_the_schema_before_is_brought_forward(place: &Place) {
    let vault = place.create();
    enrol(&vault, "phone", "alice");
    drop(vault);
    // The first schema had nothing of the second, and the same besides.
    sql(place, "DROP TABLE txotp_record");
    if place.text.starts_with("postgres") {
        sql(
            place,
            "UPDATE txotp_meta SET value = '1' WHERE name = 'schema'",
        );
    } else {
        sql(place, "PRAGMA user_version = 1");
    }
    assert_eq!(place.try_open().unwrap_err(), StoreError::OlderSchema);
    let migrate = || Vault::migrate(&place.location(), Options::default());
    assert_eq!(migrate(), Ok((1, 2)));
    assert_eq!(migrate(), Ok((2, 2)));
    let vault = place.open();
    assert_eq!(write(&vault, vec![insert("a", "new")]), Written::Done);
    assert_eq!(found(&vault, "a"), Ok(Some((1, "new".to_owned()))));
    let code = right("phone", 1, NOW);
    let answer = vault.verify(device("phone"), transaction(1), &code, act());
    assert!(answer.wait().unwrap().judgement.is_accepted());
    assert_eq!(damaged(&vault), []);
}

#[test]
fn a_copy_has_the_records_of_its_moment() {
    let place = Place::sqlite();
    let vault = used(&place);
    let copy = Place::sqlite();
    vault.backup(&copy.file(), unwatched()).unwrap();
    assert_eq!(write(&vault, vec![replace("a", 2, "later")]), Written::Done);
    drop(vault);
    let vault = copy.open();
    assert_eq!(found(&vault, "a"), Ok(Some((2, "a again".to_owned()))));
    assert_eq!(damaged(&vault), []);
    // A restored store keeps them as they were in the copy.
    assert_eq!(vault.restored(None, act()).wait().unwrap().last, None);
    assert_eq!(found(&vault, "a"), Ok(Some((2, "a again".to_owned()))));
}

#[test]
fn more_damaged_records_than_a_page_are_passed_over() {
    let place = Place::sqlite();
    let vault = place.create();
    for hundred in 0..11 {
        let tickets: Vec<_> = (0..100)
            .map(|number| {
                vault.write_records(vec![insert(&format!("k{hundred:02}{number:02}"), "")])
            })
            .collect();
        for ticket in tickets {
            assert_eq!(ticket.wait(), Ok(Written::Done));
        }
    }
    assert_eq!(write(&vault, vec![insert("last", "sound")]), Written::Done);
    sql(
        &place,
        "UPDATE txotp_record SET version = 2 WHERE key LIKE 'k%'",
    );
    let of = vault.records_of(NOTE, "alice", None, 10).wait().unwrap();
    let due = vault.records_due(NOTE, 5, 10).wait().unwrap();
    for list in [of, due] {
        assert_eq!(list.len(), 1);
        assert_eq!(list[0].key, "last");
    }
    let report = vault.check(unwatched()).wait().unwrap();
    assert_eq!(report.records, 1101);
    assert_eq!(report.damaged_records.len(), 1000);
    assert_eq!(report.more_damaged_records, 100);
    assert!(!report.is_clean());
}

/// The callers of a process, each with records of its own.
const CALLERS: usize = 4;

fn records_that_were_answered_survive_kills(place: &Place) {
    let mut random = Random::new();
    let vault = place.create();
    for caller in 0..CALLERS {
        let pair = pair(caller).map(|key| insert(&key, "0"));
        assert_eq!(write(&vault, pair.into()), Written::Done);
    }
    drop(vault);
    let mut total = 0;
    for _ in 0..10 {
        let mut child = Child::start(&[&place.text]);
        let count = 4 + random.below(60);
        let mut said: Vec<_> = (0..count).map(|_| child.hear().unwrap()).collect();
        said.extend(child.kill());
        let vault = place.open();
        for caller in 0..CALLERS {
            let lines = said.iter().filter_map(|line| line.split_once(' '));
            let mut own = lines.filter(|(who, _)| *who == caller.to_string());
            let answered = own.next_back();
            let answered = answered.map_or(0, |(_, version)| version.parse().unwrap());
            // One statement: what the killed process had asked of a server may still take place.
            let both = vault.records_of(NOTE, "alice", None, 100).wait().unwrap();
            let held = |key: &String| {
                let record = both.iter().find(|record| record.key == *key).unwrap();
                let text = String::from_utf8(record.body.to_vec()).unwrap();
                (record.version, text)
            };
            let [one, other] = pair(caller).map(|key| held(&key));
            assert_eq!(one, other, "they are written together");
            assert_eq!(one.0, one.1.parse::<u64>().unwrap() + 1);
            assert!(
                one.0 >= answered,
                "{} was answered, {} is kept",
                answered,
                one.0
            );
            total += answered;
        }
        assert_eq!(damaged(&vault), []);
    }
    assert!(total > 40, "there was too little to show anything");
}

fn pair(caller: usize) -> [String; 2] {
    [format!("{caller} one"), format!("{caller} other")]
}

#[test]
#[ignore = "another test starts it, as a process that is killed"]
fn child() {
    let [place] = &part()[..] else {
        return;
    };
    let vault = Vault::open(&place.parse().unwrap(), keys(), Options::default()).unwrap();
    thread::scope(|scope| {
        for caller in 0..CALLERS {
            let vault = &vault;
            scope.spawn(move || {
                let [one, other] = pair(caller);
                loop {
                    let (version, _) = found(vault, &one).unwrap().unwrap();
                    let text = version.to_string();
                    let list = vec![
                        replace(&other, version, &text),
                        replace(&one, version, &text),
                    ];
                    if write(vault, list) == Written::Done {
                        say(&format!("{caller} {}", version + 1));
                    }
                }
            });
        }
    });
}
