//! The statements of records.
//!
//! | table | one row for | primary key |
//! | --- | --- | --- |
//! | `txotp_record` | a record | `kind, key` |
//!
//! A row changes by `… WHERE kind = $1 AND key = $2 AND version = $3`: whoever saw another version changes nothing.

use super::count;
use crate::StoreError;
use crate::database::{self, Arg, Database, Failure};

/// Records, found by their keys; those of an owner, and those that are due, in their order.
pub(super) const MIGRATION: &str = "
CREATE TABLE txotp_record (
    kind {name} NOT NULL,
    key {name} NOT NULL,
    version BIGINT NOT NULL,
    owner {name},
    due BIGINT,
    sealed {bytes} NOT NULL,
    PRIMARY KEY (kind, key)
);
CREATE INDEX txotp_record_owner ON txotp_record (kind, owner, key) WHERE owner IS NOT NULL;
CREATE INDEX txotp_record_due ON txotp_record (kind, due, key) WHERE due IS NOT NULL;
";

const RECORD: &str = "SELECT kind, key, version, owner, due, sealed FROM txotp_record \
    WHERE kind = $1 AND key = $2";
const VERSION_TO_CHANGE: &str =
    "SELECT version FROM txotp_record WHERE kind = $1 AND key = $2 FOR UPDATE";
const RECORDS_OF: &str = "SELECT kind, key, version, owner, due, sealed FROM txotp_record \
    WHERE kind = $1 AND owner = $2 AND key > $3 ORDER BY key LIMIT $4";
const RECORDS_DUE: &str = "SELECT kind, key, version, owner, due, sealed FROM txotp_record \
    WHERE kind = $1 AND due <= $2 AND (due, key) > ($3, $4) ORDER BY due, key LIMIT $5";
const RECORDS_AFTER: &str = "SELECT kind, key, version, owner, due, sealed FROM txotp_record \
    WHERE (kind, key) > ($1, $2) ORDER BY kind, key LIMIT $3";
const INSERT_RECORD: &str = "INSERT INTO txotp_record (kind, key, version, owner, due, sealed) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
const REPLACE_RECORD: &str = "UPDATE txotp_record SET version = $1, owner = $2, due = $3, \
    sealed = $4 WHERE kind = $5 AND key = $6 AND version = $7";
const REMOVE_RECORD: &str =
    "DELETE FROM txotp_record WHERE kind = $1 AND key = $2 AND version = $3";
const COUNT_RECORDS: &str = "SELECT count(*) FROM txotp_record";

/// A record as a database has it, before it is known that it is one.
pub(crate) struct RecordRow {
    pub(crate) kind: String,
    pub(crate) key: String,
    pub(crate) version: i64,
    pub(crate) owner: Option<String>,
    pub(crate) due: Option<i64>,
    pub(crate) sealed: Vec<u8>,
}

/// A record.
pub(crate) fn record(
    db: &mut dyn Database,
    kind: &str,
    key: &str,
) -> Result<Option<RecordRow>, Failure> {
    let found = db.query(RECORD, &[Arg::Text(kind), Arg::Text(key)])?.pop();
    Ok(found.map(row).transpose()?)
}

/// The version of a record that will be changed: those who want the same wait for their turn.
pub(crate) fn version_to_change(
    db: &mut dyn Database,
    kind: &str,
    key: &str,
) -> Result<Option<i64>, Failure> {
    let args = [Arg::Text(kind), Arg::Text(key)];
    let found = db.query(VERSION_TO_CHANGE, &args)?.pop();
    Ok(found.map(|mut record| record.int()).transpose()?)
}

/// So many records of an owner after a key, in the order of their keys.
pub(crate) fn records_of(
    db: &mut dyn Database,
    kind: &str,
    owner: &str,
    after: &str,
    limit: usize,
) -> Result<Vec<RecordRow>, Failure> {
    let args = [
        Arg::Text(kind),
        Arg::Text(owner),
        Arg::Text(after),
        most(limit),
    ];
    rows(db.query(RECORDS_OF, &args)?)
}

/// So many records that are due, in the order of that and of their keys, after one.
pub(crate) fn records_due(
    db: &mut dyn Database,
    kind: &str,
    until: i64,
    (due, key): (i64, &str),
    limit: usize,
) -> Result<Vec<RecordRow>, Failure> {
    let args = [
        Arg::Text(kind),
        Arg::Int(until),
        Arg::Int(due),
        Arg::Text(key),
        most(limit),
    ];
    rows(db.query(RECORDS_DUE, &args)?)
}

/// So many records of all kinds after one, in the order of their kinds and keys.
pub(crate) fn records_after(
    db: &mut dyn Database,
    (kind, key): (&str, &str),
    limit: usize,
) -> Result<Vec<RecordRow>, Failure> {
    let args = [Arg::Text(kind), Arg::Text(key), most(limit)];
    rows(db.query(RECORDS_AFTER, &args)?)
}

/// Adds a record; `false` where there is one.
pub(crate) fn insert_record(db: &mut dyn Database, row: &RecordRow) -> Result<bool, Failure> {
    let args = [
        Arg::Text(&row.kind),
        Arg::Text(&row.key),
        Arg::Int(row.version),
        row.owner.as_deref().map_or(Arg::Null, Arg::Text),
        row.due.map_or(Arg::Null, Arg::Int),
        Arg::Blob(&row.sealed),
    ];
    Ok(db.execute(INSERT_RECORD, &args)? == 1)
}

/// Replaces a record; `false` where it does not have the version that was seen.
pub(crate) fn replace_record(
    db: &mut dyn Database,
    row: &RecordRow,
    seen: i64,
) -> Result<bool, Failure> {
    let args = [
        Arg::Int(row.version),
        row.owner.as_deref().map_or(Arg::Null, Arg::Text),
        row.due.map_or(Arg::Null, Arg::Int),
        Arg::Blob(&row.sealed),
        Arg::Text(&row.kind),
        Arg::Text(&row.key),
        Arg::Int(seen),
    ];
    Ok(db.execute(REPLACE_RECORD, &args)? == 1)
}

/// Removes a record; `false` where it does not have the version that was seen.
pub(crate) fn remove_record(
    db: &mut dyn Database,
    kind: &str,
    key: &str,
    seen: i64,
) -> Result<bool, Failure> {
    let args = [Arg::Text(kind), Arg::Text(key), Arg::Int(seen)];
    Ok(db.execute(REMOVE_RECORD, &args)? == 1)
}

pub(crate) fn count_records(db: &mut dyn Database) -> Result<u64, Failure> {
    count(db, COUNT_RECORDS)
}

fn most(limit: usize) -> Arg<'static> {
    Arg::Int(i64::try_from(limit).unwrap_or(i64::MAX))
}

fn rows(found: Vec<database::Record>) -> Result<Vec<RecordRow>, Failure> {
    let read = |record| Ok(row(record)?);
    found.into_iter().map(read).collect()
}

/// A row, as far as it can be read. Where something cannot, nothing is left that would open: so it is found to be damaged,
/// and hides no other.
fn row(mut record: database::Record) -> Result<RecordRow, StoreError> {
    let (kind, key) = (record.text()?, record.text()?);
    let (version, owner, due) = (record.int(), record.optional_text(), record.optional_int());
    let sealed = match (&version, &owner, &due) {
        (Ok(_), Ok(_), Ok(_)) => record.blob().unwrap_or_default(),
        _ => Vec::new(),
    };
    Ok(RecordRow {
        kind,
        key,
        version: version.unwrap_or_default(),
        owner: owner.unwrap_or_default(),
        due: due.unwrap_or_default(),
        sealed,
    })
}
