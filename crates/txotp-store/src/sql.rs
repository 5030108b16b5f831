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

use crate::StoreError;
use crate::database::{Arg, Database, Failure};
use crate::limits::PAGE;

mod devices;
mod evidence;
pub(crate) mod records;

pub(crate) use devices::*;
pub(crate) use evidence::*;

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

/// A number as a database has it. None of ours comes near the limit: the evidence of a nanosecond each would
/// be full after 292 years.
pub(crate) fn int(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::Time)
}

fn page() -> Arg<'static> {
    Arg::Int(i64::try_from(PAGE).unwrap_or(i64::MAX))
}

fn count(db: &mut dyn Database, sql: &'static str) -> Result<u64, Failure> {
    let found = db.query(sql, &[])?.pop();
    Ok(found.map_or(Ok(0), |mut record| record.number())?)
}
