//! The embedded store: one file that an auditor can open with `sqlite3`.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::ffi::ErrorCode;
use rusqlite::types::{Null, ValueRef};
use rusqlite::{MAIN_DB, OpenFlags, Row, Statement, backup::Backup, backup::StepResult};

use crate::StoreError;
use crate::database::{Arg, Connection, Database, Failure, Mode, Record, Value};
use crate::error::Damage;
use crate::schema::Schema;

/// What SQLite's header says of a file's owner: `txot`.
const APPLICATION_ID: i32 = 0x7478_6f74;

/// The pages that a backup copies between two calls of its progress.
const BACKUP_PAGES: i32 = 1024;

/// A connection to a database file.
pub(crate) struct Sqlite {
    connection: rusqlite::Connection,
    path: PathBuf,
    patience: Duration,
}

impl Sqlite {
    /// Makes an empty database file that only its owner can read, or takes one that an interrupted call left
    /// behind.
    pub(crate) fn create(path: &Path, patience: Duration) -> Result<Self, StoreError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(path) {
            Ok(_) => sync_folder(path)?,
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(io_error(&error)),
        }
        let created = Self::connect(path, patience)?;
        match created.pragma("application_id") {
            Ok(0) => {}
            // Another program's database, or no database at all: either is left as it is.
            Ok(_) | Err(StoreError::NotAStore) => return Err(StoreError::AlreadyAStore),
            Err(error) => return Err(error),
        }
        let tables =
            created
                .connection
                .query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
                    row.get::<_, i64>(0)
                });
        if tables.map_err(store_error)? != 0 {
            return Err(StoreError::AlreadyAStore);
        }
        created.configure()?;
        Ok(created)
    }

    /// Opens a database file that is a store, of whichever schema.
    pub(crate) fn open(path: &Path, patience: Duration) -> Result<Self, StoreError> {
        let opened = Self::connect(path, patience)?;
        if opened.pragma("application_id")? != i64::from(APPLICATION_ID) {
            return Err(StoreError::NotAStore);
        }
        opened.configure()?;
        Ok(opened)
    }

    fn connect(path: &Path, patience: Duration) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if !path.exists() {
            return Err(StoreError::NotAStore);
        }
        let connection = rusqlite::Connection::open_with_flags(path, flags).map_err(store_error)?;
        // Before anything is read: where a log cannot be made beside the file, SQLite reads nothing.
        if connection.is_readonly(MAIN_DB).map_err(store_error)? {
            return Err(StoreError::ReadOnly);
        }
        connection.busy_timeout(patience).map_err(store_error)?;
        Ok(Self {
            connection,
            path: path.to_owned(),
            patience,
        })
    }

    /// Write-ahead log, and every commit on the disk before it returns.
    fn configure(&self) -> Result<(), StoreError> {
        self.connection.set_prepared_statement_cache_capacity(64);
        let mode: String = self
            .connection
            .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
            .map_err(store_error)?;
        // A file system without shared memory has no write-ahead log.
        if !mode.eq_ignore_ascii_case("wal") {
            return Err(StoreError::Location);
        }
        self.connection
            .execute_batch(
                "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; \
                 PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;",
            )
            .map_err(store_error)
    }

    /// Where a disk fails, SQLite undoes a transaction by itself: what still comes must not take place each by
    /// itself.
    fn in_transaction(&self) -> Result<(), StoreError> {
        if self.connection.is_autocommit() {
            Err(StoreError::Unreachable)
        } else {
            Ok(())
        }
    }

    fn pragma(&self, name: &str) -> Result<i64, StoreError> {
        self.connection
            .pragma_query_value(None, name, |row| row.get(0))
            .map_err(store_error)
    }

    /// Copies the file as it is at this moment, while others go on writing: beside its place first, and in it
    /// when it is whole and on the disk.
    pub(crate) fn backup(
        &self,
        to: &Path,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<(), StoreError> {
        if to.exists() {
            return Err(StoreError::AlreadyAStore);
        }
        let mut beside = to.as_os_str().to_owned();
        beside.push(".new");
        let beside = PathBuf::from(beside);
        let copied = self.copy(&beside, &mut progress).and_then(|()| {
            // A link, unlike a rename, replaces nothing that came to be there meanwhile.
            std::fs::hard_link(&beside, to).map_err(|error| io_error(&error))
        });
        // The error that is told is the first.
        let _ = std::fs::remove_file(&beside);
        copied?;
        sync_folder(to)
    }

    fn copy(&self, to: &Path, progress: &mut impl FnMut(u64, u64)) -> Result<(), StoreError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(to).map_err(|error| io_error(&error))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut copy = rusqlite::Connection::open_with_flags(to, flags).map_err(store_error)?;
        // While this view is open, what others write does not make the copy begin anew.
        let view = self
            .connection
            .unchecked_transaction()
            .map_err(store_error)?;
        let _: i64 = view
            .query_row("SELECT count(*) FROM txotp_meta", [], |row| row.get(0))
            .map_err(store_error)?;
        let backup = Backup::new(&self.connection, &mut copy).map_err(store_error)?;
        loop {
            let step = backup.step(BACKUP_PAGES).map_err(store_error)?;
            let pages = backup.progress();
            let total = u64::try_from(pages.pagecount).unwrap_or(0);
            let left = u64::try_from(pages.remaining).unwrap_or(0);
            progress(total.saturating_sub(left), total);
            match step {
                StepResult::Done => break,
                StepResult::Busy | StepResult::Locked => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                _ => {}
            }
        }
        drop(backup);
        drop(copy);
        let file = File::open(to).map_err(|error| io_error(&error))?;
        file.sync_all().map_err(|error| io_error(&error))
    }
}

impl Database for Sqlite {
    fn query(&mut self, sql: &'static str, args: &[Arg<'_>]) -> Result<Vec<Record>, Failure> {
        self.in_transaction()?;
        // Here one transaction writes at a time, so what it has read nobody else changes.
        let sql = sql.strip_suffix(" FOR UPDATE").unwrap_or(sql);
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        bind(&mut statement, args)?;
        let columns = statement.column_count();
        let mut rows = statement.raw_query();
        let mut records = Vec::new();
        while let Some(row) = rows.next().map_err(store_error)? {
            let values = (0..columns).map(|column| value(row, column));
            records.push(Record::new(values.collect::<Result<_, _>>()?));
        }
        Ok(records)
    }

    fn execute(&mut self, sql: &'static str, args: &[Arg<'_>]) -> Result<u64, Failure> {
        self.in_transaction()?;
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        bind(&mut statement, args)?;
        let changed = statement.raw_execute().map_err(store_error)?;
        Ok(u64::try_from(changed).unwrap_or(u64::MAX))
    }
}

impl Connection for Sqlite {
    fn begin(&mut self, mode: Mode) -> Result<(), Failure> {
        // One transaction writes at a time, so each is alone.
        let sql = match mode {
            Mode::Look | Mode::Read => "BEGIN DEFERRED",
            Mode::Write | Mode::Alone => "BEGIN IMMEDIATE",
        };
        Ok(self.connection.execute_batch(sql).map_err(store_error)?)
    }

    fn commit(&mut self) -> Result<(), Failure> {
        self.in_transaction()?;
        Ok(self
            .connection
            .execute_batch("COMMIT")
            .map_err(store_error)?)
    }

    fn rollback(&mut self) {
        if !self.connection.is_autocommit() {
            // Where this fails, so does the next BEGIN, and the connection is opened anew.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }

    fn reconnect(&mut self) -> Result<(), Failure> {
        *self = Self::open(&self.path, self.patience)?;
        Ok(())
    }
}

impl Schema for Sqlite {
    fn schema(&mut self) -> Result<u64, StoreError> {
        u64::try_from(self.pragma("user_version")?).map_err(|_| StoreError::Damaged(Damage::File))
    }

    fn migrate_step(&mut self, version: u64, step: &str) -> Result<(), Failure> {
        let step = step.replace("{name}", "TEXT").replace("{bytes}", "BLOB");
        let next = version.saturating_add(1);
        let step = format!(
            "{step}; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {next};"
        );
        Ok(self.connection.execute_batch(&step).map_err(store_error)?)
    }
}

fn bind(statement: &mut Statement<'_>, args: &[Arg<'_>]) -> Result<(), StoreError> {
    for (place, arg) in (1..).zip(args) {
        match arg {
            Arg::Null => statement.raw_bind_parameter(place, Null),
            Arg::Int(number) => statement.raw_bind_parameter(place, number),
            Arg::Text(text) => statement.raw_bind_parameter(place, text),
            Arg::Blob(bytes) => statement.raw_bind_parameter(place, bytes),
        }
        .map_err(store_error)?;
    }
    Ok(())
}

fn value(row: &Row<'_>, column: usize) -> Result<Value, StoreError> {
    match row.get_ref(column).map_err(store_error)? {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Int(number)),
        ValueRef::Text(text) => String::from_utf8(text.to_vec())
            .map(Value::Text)
            .map_err(|_| StoreError::Damaged(Damage::Row)),
        ValueRef::Blob(bytes) => Ok(Value::Blob(bytes.to_vec())),
        // No column of ours holds a fraction.
        ValueRef::Real(_) => Err(StoreError::Damaged(Damage::Row)),
    }
}

/// Makes a new file's name durable.
fn sync_folder(path: &Path) -> Result<(), StoreError> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = File::open(folder.unwrap_or_else(|| Path::new(".")));
    let synced = folder.and_then(|folder| folder.sync_all());
    synced.map_err(|error| io_error(&error))
}

fn io_error(error: &std::io::Error) -> StoreError {
    use std::io::ErrorKind;

    match error.kind() {
        ErrorKind::AlreadyExists => StoreError::AlreadyAStore,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::Unreachable,
    }
}

/// What SQLite's error means. Its text may hold what was bound, so it is not passed on.
fn store_error(error: rusqlite::Error) -> StoreError {
    let rusqlite::Error::SqliteFailure(error, _) = error else {
        return StoreError::Damaged(Damage::File);
    };
    match error.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
        ErrorCode::DiskFull => StoreError::Full,
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => StoreError::ReadOnly,
        ErrorCode::DatabaseCorrupt => StoreError::Damaged(Damage::File),
        ErrorCode::NotADatabase => StoreError::NotAStore,
        // An entry that the device's row does not count, or a book of this name.
        ErrorCode::ConstraintViolation => StoreError::Damaged(Damage::Evidence),
        ErrorCode::CannotOpen | ErrorCode::SystemIoFailure => StoreError::Unreachable,
        _ => StoreError::Database(u32::try_from(error.extended_code).unwrap_or(0)),
    }
}
