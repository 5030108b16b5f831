//! The rows, and every statement that reads or writes them: portable, each by a primary key or an index.
//!
//! | table | one row for | primary key |
//! | --- | --- | --- |
//! | `txotp_meta` | what the store knows of itself | `name` |
//! | `txotp_device` | a device, with its state | `device` |
//! | `txotp_audit` | an entry of evidence | `book, number`; unique `device, version` |
//! | `txotp_book` | a writer of evidence | `book` |
//! | `txotp_checkpoint` | a checkpoint | `number` |
//! | `txotp_record` | a record, see [`records`] | `kind, key` |
//!
//! A device's row changes only together with a new entry that names its next version, by
//! `… WHERE device = $1 AND version = $2`: whoever saw another version changes nothing, and begins anew.

use crate::StoreError;
use crate::database::{Arg, Database, Failure, Record};
use crate::device::{Columns, Row};
use crate::limits::PAGE;
use crate::seal::Sealed;
use crate::secrets::Secrets;
use crate::{DeviceId, UserId};

pub(crate) mod records;

/// The schema: one text for each version, which leads there from the version before. `{name}` stands
/// for the type of text that is ordered by its bytes, and `{bytes}` for that of bytes: in the two the databases differ.
pub(crate) const MIGRATIONS: &[&str] = &[
    "
CREATE TABLE txotp_meta (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE txotp_device (
    device {name} NOT NULL PRIMARY KEY,
    user_id {name} NOT NULL,
    suite TEXT NOT NULL,
    settings TEXT NOT NULL,
    status TEXT NOT NULL,
    enrolled_at BIGINT NOT NULL,
    state {bytes} NOT NULL,
    version BIGINT NOT NULL,
    mark {bytes} NOT NULL,
    key_id {name} NOT NULL,
    sealed {bytes} NOT NULL
);
CREATE INDEX txotp_device_user ON txotp_device (user_id, device);
CREATE INDEX txotp_device_key ON txotp_device (key_id, device);
CREATE TABLE txotp_book (
    book {name} NOT NULL PRIMARY KEY,
    entries BIGINT NOT NULL,
    closed BIGINT NOT NULL
);
CREATE TABLE txotp_audit (
    book {name} NOT NULL,
    number BIGINT NOT NULL,
    device {name},
    version BIGINT,
    line TEXT NOT NULL,
    PRIMARY KEY (book, number)
);
CREATE UNIQUE INDEX txotp_audit_device ON txotp_audit (device, version);
CREATE TABLE txotp_checkpoint (
    number BIGINT NOT NULL PRIMARY KEY,
    line TEXT NOT NULL
);
",
    records::MIGRATION,
];

pub(crate) const GET_META: &str = "SELECT value FROM txotp_meta WHERE name = $1";
pub(crate) const PUT_META: &str = "INSERT INTO txotp_meta (name, value) VALUES ($1, $2)";
pub(crate) const SWAP_META: &str =
    "UPDATE txotp_meta SET value = $1 WHERE name = $2 AND value = $3";
pub(crate) const INSERT_CHECKPOINT: &str =
    "INSERT INTO txotp_checkpoint (number, line) VALUES ($1, $2) ON CONFLICT DO NOTHING";
/// What is remembered of the last checkpoint beside that checkpoint itself: in one statement, so that no other comes
/// between.
pub(crate) const LATEST: &str = "SELECT value, number, line FROM txotp_meta \
    LEFT JOIN txotp_checkpoint ON number = (SELECT max(number) FROM txotp_checkpoint) WHERE name = $1";

const DEVICE: &str = "SELECT device, user_id, suite, settings, status, enrolled_at, state, version, \
    mark, key_id, sealed FROM txotp_device WHERE device = $1";
const DEVICE_TO_CHANGE: &str = "SELECT device, user_id, suite, settings, status, enrolled_at, state, \
    version, mark, key_id, sealed FROM txotp_device WHERE device = $1 FOR UPDATE";
const DEVICES_OF: &str = "SELECT device, user_id, suite, settings, status, enrolled_at, state, \
    version, mark, key_id, sealed FROM txotp_device WHERE user_id = $1 AND device > $2 \
    ORDER BY device LIMIT $3";
const DEVICES_OF_TO_CHANGE: &str = "SELECT device, user_id, suite, settings, status, enrolled_at, \
    state, version, mark, key_id, sealed FROM txotp_device WHERE user_id = $1 AND device > $2 \
    ORDER BY device LIMIT $3 FOR UPDATE";
const DEVICES_AFTER: &str = "SELECT device, user_id, suite, settings, status, enrolled_at, state, \
    version, mark, key_id, sealed FROM txotp_device WHERE device > $1 ORDER BY device LIMIT $2";
const DEVICES_UNDER: &str = "SELECT device, user_id, suite, settings, status, enrolled_at, state, \
    version, mark, key_id, sealed FROM txotp_device WHERE key_id = $1 AND device > $2 \
    ORDER BY device LIMIT $3";
const KEY_AFTER: &str = "SELECT key_id FROM txotp_device WHERE key_id > $1 ORDER BY key_id LIMIT 1";
const INSERT_DEVICE: &str = "INSERT INTO txotp_device (device, user_id, suite, settings, status, \
    enrolled_at, state, version, mark, key_id, sealed) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING";
const UPDATE_DEVICE: &str = "UPDATE txotp_device SET settings = $1, status = $2, state = $3, \
    version = $4, mark = $5 WHERE device = $6 AND version = $7";
const REPLACE_DEVICE: &str = "UPDATE txotp_device SET user_id = $1, suite = $2, settings = $3, \
    status = $4, enrolled_at = $5, state = $6, version = $7, mark = $8, key_id = $9, sealed = $10 \
    WHERE device = $11";
const RESEAL_DEVICE: &str = "UPDATE txotp_device SET key_id = $1, sealed = $2 \
    WHERE device = $3 AND key_id = $4";
const COUNT_KEYS: &str =
    "SELECT key_id, count(*) FROM txotp_device GROUP BY key_id ORDER BY key_id";
const COUNT_DEVICES: &str = "SELECT count(*) FROM txotp_device";

const INSERT_BOOK: &str = "INSERT INTO txotp_book (book, entries, closed) VALUES ($1, 0, 0)";
const INSERT_ENTRY: &str =
    "INSERT INTO txotp_audit (book, number, device, version, line) VALUES ($1, $2, $3, $4, $5)";
const OPEN_BOOKS: &str = "SELECT book, entries FROM txotp_book WHERE closed = 0 ORDER BY book";
const BOOK_AFTER: &str = "SELECT book FROM txotp_audit WHERE book > $1 ORDER BY book LIMIT 1";
const BOOK_CHECKED: &str = "UPDATE txotp_book SET entries = $1 WHERE book = $2";
const CLOSE_BOOK: &str = "UPDATE txotp_book SET closed = 1 WHERE book = $1";
const LAST_ENTRY: &str =
    "SELECT number, line FROM txotp_audit WHERE book = $1 ORDER BY number DESC LIMIT 1";
const ENTRIES_AFTER: &str = "SELECT book, number, device, version, line FROM txotp_audit \
    WHERE book = $1 AND number > $2 ORDER BY number LIMIT $3";
const HISTORY: &str = "SELECT book, number, device, version, line FROM txotp_audit \
    WHERE device = $1 AND version > $2 ORDER BY version LIMIT $3";
const COUNT_ENTRIES: &str = "SELECT count(*) FROM txotp_audit";
const CHECKPOINTS_AFTER: &str =
    "SELECT number, line FROM txotp_checkpoint WHERE number > $1 ORDER BY number LIMIT $2";

/// A book, and how far checkpoints say that it was written.
pub(crate) struct BookRow {
    pub(crate) id: String,
    pub(crate) entries: u64,
}

/// An entry, with what stands beside its line.
pub(crate) struct EntryRow {
    pub(crate) book: String,
    pub(crate) number: u64,
    pub(crate) device: Option<String>,
    pub(crate) version: Option<u64>,
    pub(crate) line: String,
}

/// A numbered line: the last of a book, or a checkpoint.
pub(crate) struct Numbered {
    pub(crate) number: u64,
    pub(crate) line: String,
}

/// What a device is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Nothing that depends on it is written.
    ToShow,
    /// It will be replaced. Those who want the same wait for their turn here, in the order of the devices' names,
    /// where otherwise each would find its work in vain. That it has not changed is shown by the version, here as
    /// elsewhere.
    ToChange,
}

/// A number as a database has it. None of ours comes near the limit: the evidence of a nanosecond each would
/// be full after 292 years.
pub(crate) fn int(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::Time)
}

fn page() -> Arg<'static> {
    Arg::Int(i64::try_from(PAGE).unwrap_or(i64::MAX))
}

pub(crate) fn device(
    db: &mut dyn Database,
    secrets: &Secrets,
    id: &DeviceId,
    purpose: Reading,
) -> Result<Row, Failure> {
    let sql = match purpose {
        Reading::ToShow => DEVICE,
        Reading::ToChange => DEVICE_TO_CHANGE,
    };
    let found = db.query(sql, &[Arg::Text(id.as_str())])?.pop();
    let row = columns(found.ok_or(StoreError::UnknownDevice)?)?.read(secrets)?;
    Ok(row)
}

/// The columns of a device whose row is damaged, as far as they can be read; what cannot is empty. It will be
/// replaced.
pub(crate) fn remains(db: &mut dyn Database, id: &DeviceId) -> Result<Columns, Failure> {
    let found = db.query(DEVICE_TO_CHANGE, &[Arg::Text(id.as_str())])?.pop();
    let mut record = found.ok_or(StoreError::UnknownDevice)?;
    Ok(Columns {
        device: record.text().unwrap_or_default(),
        user: record.text().unwrap_or_default(),
        suite: record.text().unwrap_or_default(),
        settings: record.text().unwrap_or_default(),
        status: record.text().unwrap_or_default(),
        enrolled_at: record.int().unwrap_or_default(),
        state: record.blob().unwrap_or_default(),
        version: record.int().unwrap_or_default(),
        mark: record.blob().unwrap_or_default(),
        key: record.text().unwrap_or_default(),
        sealed: record.blob().unwrap_or_default(),
    })
}

/// Every device of a user, in the order of their names, a page after another. A damaged row hides no other.
pub(crate) fn devices_of(
    db: &mut dyn Database,
    secrets: &Secrets,
    user: &UserId,
    purpose: Reading,
) -> Result<Vec<Inspected>, Failure> {
    let sql = match purpose {
        Reading::ToShow => DEVICES_OF,
        Reading::ToChange => DEVICES_OF_TO_CHANGE,
    };
    let mut rows: Vec<Inspected> = Vec::new();
    loop {
        let after = rows.last().map_or("", |row| row.device.as_str());
        let args = [Arg::Text(user.as_str()), Arg::Text(after), page()];
        let more = db.query(sql, &args)?;
        let is_last = more.len() < PAGE;
        rows.extend(inspect(more, secrets)?);
        if is_last {
            return Ok(rows);
        }
    }
}

/// A device as it is found, even where it is damaged.
pub(crate) struct Inspected {
    pub(crate) device: String,
    pub(crate) row: Result<Row, StoreError>,
}

/// A page of the devices after one, in the order of their names, where a damaged row hides no other.
pub(crate) fn inspect_after(
    db: &mut dyn Database,
    secrets: &Secrets,
    after: &str,
) -> Result<Vec<Inspected>, Failure> {
    let found = db.query(DEVICES_AFTER, &[Arg::Text(after), page()])?;
    inspect(found, secrets)
}

/// A page of the devices after one whose seeds are sealed under a key, where a damaged row hides no other.
pub(crate) fn inspect_under(
    db: &mut dyn Database,
    secrets: &Secrets,
    key: &str,
    after: &str,
) -> Result<Vec<Inspected>, Failure> {
    let args = [Arg::Text(key), Arg::Text(after), page()];
    let found = db.query(DEVICES_UNDER, &args)?;
    inspect(found, secrets)
}

fn inspect(found: Vec<Record>, secrets: &Secrets) -> Result<Vec<Inspected>, Failure> {
    let read = |mut record: Record| {
        let device = record.text()?;
        let columns = columns_of(device.clone(), record);
        Ok(Inspected {
            device,
            row: columns.and_then(|columns| columns.read(secrets)),
        })
    };
    found.into_iter().map(read).collect()
}

/// The first key after one that a seed is sealed under.
pub(crate) fn key_after(db: &mut dyn Database, after: &str) -> Result<Option<String>, Failure> {
    let found = db.query(KEY_AFTER, &[Arg::Text(after)])?.pop();
    Ok(found.map(|mut record| record.text()).transpose()?)
}

fn columns(mut record: Record) -> Result<Columns, StoreError> {
    columns_of(record.text()?, record)
}

/// The columns after the first.
fn columns_of(device: String, mut record: Record) -> Result<Columns, StoreError> {
    Ok(Columns {
        device,
        user: record.text()?,
        suite: record.text()?,
        settings: record.text()?,
        status: record.text()?,
        enrolled_at: record.int()?,
        state: record.blob()?,
        version: record.int()?,
        mark: record.blob()?,
        key: record.text()?,
        sealed: record.blob()?,
    })
}

/// Adds a device; `false` where there is one of its name.
pub(crate) fn insert_device(
    db: &mut dyn Database,
    secrets: &Secrets,
    row: &Row,
) -> Result<bool, Failure> {
    let columns = Columns::of(row, secrets)?;
    let args = [
        Arg::Text(&columns.device),
        Arg::Text(&columns.user),
        Arg::Text(&columns.suite),
        Arg::Text(&columns.settings),
        Arg::Text(&columns.status),
        Arg::Int(columns.enrolled_at),
        Arg::Blob(&columns.state),
        Arg::Int(columns.version),
        Arg::Blob(&columns.mark),
        Arg::Text(&columns.key),
        Arg::Blob(&columns.sealed),
    ];
    Ok(db.execute(INSERT_DEVICE, &args)? == 1)
}

/// Replaces a device, if it still has the version that was seen.
pub(crate) fn update_device(
    db: &mut dyn Database,
    secrets: &Secrets,
    row: &Row,
    seen: u64,
) -> Result<(), Failure> {
    let columns = Columns::of(row, secrets)?;
    let args = [
        Arg::Text(&columns.settings),
        Arg::Text(&columns.status),
        Arg::Blob(&columns.state),
        Arg::Int(columns.version),
        Arg::Blob(&columns.mark),
        Arg::Text(&columns.device),
        Arg::Int(int(seen)?),
    ];
    match db.execute(UPDATE_DEVICE, &args)? {
        1 => Ok(()),
        _ => Err(Failure::Conflict),
    }
}

/// Replaces a device of which nothing but its name is to be believed: it was read to be changed.
pub(crate) fn replace_device(
    db: &mut dyn Database,
    secrets: &Secrets,
    row: &Row,
) -> Result<(), Failure> {
    let columns = Columns::of(row, secrets)?;
    let args = [
        Arg::Text(&columns.user),
        Arg::Text(&columns.suite),
        Arg::Text(&columns.settings),
        Arg::Text(&columns.status),
        Arg::Int(columns.enrolled_at),
        Arg::Blob(&columns.state),
        Arg::Int(columns.version),
        Arg::Blob(&columns.mark),
        Arg::Text(&columns.key),
        Arg::Blob(&columns.sealed),
        Arg::Text(&columns.device),
    ];
    match db.execute(REPLACE_DEVICE, &args)? {
        1 => Ok(()),
        _ => Err(Failure::Conflict),
    }
}

/// Replaces a sealed seed; `false` where it is not sealed any more under the key that was seen.
pub(crate) fn reseal_device(
    db: &mut dyn Database,
    device: &DeviceId,
    seen: &str,
    sealed: &Sealed,
) -> Result<bool, Failure> {
    let args = [
        Arg::Text(sealed.key.as_str()),
        Arg::Blob(&sealed.bytes),
        Arg::Text(device.as_str()),
        Arg::Text(seen),
    ];
    Ok(db.execute(RESEAL_DEVICE, &args)? == 1)
}

/// How many seeds are sealed under each key, by the keys' ids as they are found, even where they are none.
pub(crate) fn count_keys(db: &mut dyn Database) -> Result<Vec<(String, u64)>, Failure> {
    let read = |mut record: Record| Ok((record.text()?, record.number()?));
    db.query(COUNT_KEYS, &[])?.into_iter().map(read).collect()
}

pub(crate) fn count_devices(db: &mut dyn Database) -> Result<u64, Failure> {
    count(db, COUNT_DEVICES)
}

pub(crate) fn count_entries(db: &mut dyn Database) -> Result<u64, Failure> {
    count(db, COUNT_ENTRIES)
}

fn count(db: &mut dyn Database, sql: &'static str) -> Result<u64, Failure> {
    let found = db.query(sql, &[])?.pop();
    Ok(found.map_or(Ok(0), |mut record| record.number())?)
}

pub(crate) fn insert_book(db: &mut dyn Database, book: &str) -> Result<(), Failure> {
    db.execute(INSERT_BOOK, &[Arg::Text(book)])?;
    Ok(())
}

pub(crate) fn insert_entry(db: &mut dyn Database, entry: &EntryRow) -> Result<(), Failure> {
    let version = entry.version.map(int).transpose()?;
    let args = [
        Arg::Text(&entry.book),
        Arg::Int(int(entry.number)?),
        entry.device.as_deref().map_or(Arg::Null, Arg::Text),
        version.map_or(Arg::Null, Arg::Int),
        Arg::Text(&entry.line),
    ];
    db.execute(INSERT_ENTRY, &args)?;
    Ok(())
}

/// The books whose writers have not ended them.
pub(crate) fn open_books(db: &mut dyn Database) -> Result<Vec<BookRow>, Failure> {
    let read = |mut record: Record| {
        Ok(BookRow {
            id: record.text()?,
            entries: record.number()?,
        })
    };
    db.query(OPEN_BOOKS, &[])?.into_iter().map(read).collect()
}

/// The first book after one that has entries, in the order of their names: by the entries, so that none is passed over
/// whose own row was removed.
pub(crate) fn book_after(db: &mut dyn Database, after: &str) -> Result<Option<String>, Failure> {
    let found = db.query(BOOK_AFTER, &[Arg::Text(after)])?.pop();
    Ok(found.map(|mut record| record.text()).transpose()?)
}

/// Notes that a checkpoint speaks of a book's first entries.
pub(crate) fn book_checked(db: &mut dyn Database, book: &str, entries: u64) -> Result<(), Failure> {
    db.execute(BOOK_CHECKED, &[Arg::Int(int(entries)?), Arg::Text(book)])?;
    Ok(())
}

/// Notes that a book's writer has ended it.
pub(crate) fn close_book(db: &mut dyn Database, book: &str) -> Result<(), Failure> {
    db.execute(CLOSE_BOOK, &[Arg::Text(book)])?;
    Ok(())
}

pub(crate) fn last_entry(db: &mut dyn Database, book: &str) -> Result<Option<Numbered>, Failure> {
    let found = db.query(LAST_ENTRY, &[Arg::Text(book)])?.pop();
    Ok(found.map(numbered).transpose()?)
}

/// A page of the entries of a book after one.
pub(crate) fn entries_after(
    db: &mut dyn Database,
    book: &str,
    after: u64,
) -> Result<Vec<EntryRow>, Failure> {
    let args = [Arg::Text(book), Arg::Int(int(after)?), page()];
    entries(db, ENTRIES_AFTER, &args)
}

/// A page of the entries of a device after one.
pub(crate) fn history(
    db: &mut dyn Database,
    device: &DeviceId,
    after: u64,
) -> Result<Vec<EntryRow>, Failure> {
    let args = [Arg::Text(device.as_str()), Arg::Int(int(after)?), page()];
    entries(db, HISTORY, &args)
}

fn entries(
    db: &mut dyn Database,
    sql: &'static str,
    args: &[Arg<'_>],
) -> Result<Vec<EntryRow>, Failure> {
    let read = |mut record: Record| {
        Ok(EntryRow {
            book: record.text()?,
            number: record.number()?,
            device: record.optional_text()?,
            version: record.optional_number()?,
            line: record.text()?,
        })
    };
    db.query(sql, args)?.into_iter().map(read).collect()
}

/// A page of the checkpoints after one.
pub(crate) fn checkpoints_after(
    db: &mut dyn Database,
    after: u64,
) -> Result<Vec<Numbered>, Failure> {
    let found = db.query(CHECKPOINTS_AFTER, &[Arg::Int(int(after)?), page()])?;
    let read = |record| Ok(numbered(record)?);
    found.into_iter().map(read).collect()
}

fn numbered(mut record: Record) -> Result<Numbered, StoreError> {
    Ok(Numbered {
        number: record.number()?,
        line: record.text()?,
    })
}
