//! The statements of evidence: entries, the books that they stand in, and checkpoints.

use super::{count, int, page};
use crate::database::{Arg, Database, Failure, Record};
use crate::{DeviceId, StoreError};

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
pub(crate) fn count_entries(db: &mut dyn Database) -> Result<u64, Failure> {
    count(db, COUNT_ENTRIES)
}
