//! The versions of the schema, and what a store knows of itself.

use std::sync::Arc;

use crate::StoreError;
use crate::audit::{Book, Checkpoint, Entry, Event, Latest};
use crate::database::{Arg, Connection, Database, Failure, Mode};
use crate::error::Damage;
use crate::seal::{KeyService, Sealed};
use crate::secrets::{self, Secrets};
use crate::session::{Act, Session};
use crate::sql::{self, GET_META, MIGRATIONS, PUT_META, SWAP_META};

/// A connection whose schema can be read and brought forward.
pub(crate) trait Schema: Connection {
    /// The version of the schema: 0 where there is none yet.
    fn schema(&mut self) -> Result<u64, StoreError>;

    /// Brings the schema from a version to the next, in the transaction that is open. In the step,
    /// `{name}` stands for the type of text in the order of its bytes, and `{bytes}` for that of bytes.
    fn migrate_step(&mut self, version: u64, step: &str) -> Result<(), Failure>;
}

/// The version that this release writes.
pub(crate) fn newest() -> u64 {
    version(MIGRATIONS)
}

fn version(migrations: &[&str]) -> u64 {
    u64::try_from(migrations.len()).unwrap_or(u64::MAX)
}

/// Whether the schema is the one that this release reads.
pub(crate) fn check(found: u64) -> Result<(), StoreError> {
    if found == 0 {
        return Err(StoreError::NotAStore);
    }
    match found.cmp(&newest()) {
        core::cmp::Ordering::Less => Err(StoreError::OlderSchema),
        core::cmp::Ordering::Equal => Ok(()),
        core::cmp::Ordering::Greater => Err(StoreError::NewerSchema),
    }
}

/// Brings the schema to the newest version, each step in a transaction of its own; gives the version from
/// which it came. A call that was interrupted is taken up by the next one.
pub(crate) fn migrate(connection: &mut impl Schema) -> Result<u64, StoreError> {
    migrate_by(connection, MIGRATIONS)
}

fn migrate_by(connection: &mut impl Schema, migrations: &[&str]) -> Result<u64, StoreError> {
    let before = connection.schema()?;
    if before == 0 {
        return Err(StoreError::NotAStore);
    }
    if before > version(migrations) {
        return Err(StoreError::NewerSchema);
    }
    loop {
        let done = within(connection, Mode::Alone, |connection| {
            // Read within the transaction: another process may be at the same work.
            let version = connection.schema()?;
            let step = usize::try_from(version).ok();
            let Some(step) = step.and_then(|version| migrations.get(version)) else {
                return Ok(true);
            };
            connection.migrate_step(version, step)?;
            Ok(false)
        })?;
        if done {
            return Ok(before);
        }
    }
}

/// Makes a store: its tables, its name, its root, and the first entry of its evidence, all or nothing.
pub(crate) fn create<C: Schema>(
    connection: &mut C,
    service: &Arc<dyn KeyService>,
    act: &Act,
) -> Result<(), StoreError> {
    let mut id = [0; 16];
    getrandom::fill(&mut id)?;
    let id = base16ct::lower::encode_string(&id);
    let (root, sealed) = secrets::new_root(&**service, &id)?;
    let secrets = Secrets::new(Arc::clone(service), id.clone(), &root);
    let mut book = Book::new()?;
    within(connection, Mode::Alone, |connection| {
        if connection.schema()? != 0 {
            return Err(StoreError::AlreadyAStore.into());
        }
        for (version, step) in (0..).zip(MIGRATIONS) {
            connection.migrate_step(version, step)?;
        }
        put_meta(connection, "store", &id)?;
        put_meta(connection, "root", &sealed_to_text(&sealed))?;
        Latest::begin(connection, &secrets)?;
        let entry = Entry {
            event: Event::StoreCreated,
            key: Some(sealed.key.as_str().to_owned()),
            ..Entry::default()
        };
        Session::new(connection, &secrets, &mut book, Mode::Alone).note(act, entry)?;
        Checkpoint::write(connection, &secrets, &book)?;
        sql::close_book(connection, book.id())
    })
}

/// Runs work in one transaction, at once.
pub(crate) fn within<C: Connection, T>(
    connection: &mut C,
    mode: Mode,
    work: impl FnOnce(&mut C) -> Result<T, Failure>,
) -> Result<T, StoreError> {
    let outcome = connection.begin(mode).and_then(|()| {
        let found = work(connection)?;
        connection.commit()?;
        Ok(found)
    });
    outcome.map_err(|failure| {
        connection.rollback();
        match failure {
            Failure::Conflict => StoreError::Contended,
            Failure::Lost => StoreError::Unreachable,
            Failure::Store(error) => error,
        }
    })
}

/// The name of a store, 32 hexadecimal digits, and its root as it is sealed.
pub(crate) fn identity(db: &mut dyn Database) -> Result<(String, Sealed), Failure> {
    let id = get_meta(db, "store")?;
    let root = sealed_from_text(&get_meta(db, "root")?);
    Ok((id, root.ok_or(StoreError::Damaged(Damage::Content))?))
}

/// The secrets of a store.
pub(crate) fn secrets(
    db: &mut dyn Database,
    service: Arc<dyn KeyService>,
) -> Result<Secrets, Failure> {
    let (id, sealed) = identity(db)?;
    let root = secrets::open_root(&*service, &id, &sealed)?;
    Ok(Secrets::new(service, id, &root))
}

/// Replaces the sealed root, if it is the one that was seen.
pub(crate) fn replace_root(
    db: &mut dyn Database,
    seen: &Sealed,
    next: &Sealed,
) -> Result<(), Failure> {
    swap_meta(db, "root", &sealed_to_text(seen), &sealed_to_text(next))
}

/// Replaces a value, if it is the one that was seen.
pub(crate) fn swap_meta(
    db: &mut dyn Database,
    name: &str,
    seen: &str,
    next: &str,
) -> Result<(), Failure> {
    let args = [Arg::Text(next), Arg::Text(name), Arg::Text(seen)];
    match db.execute(SWAP_META, &args)? {
        1 => Ok(()),
        _ => Err(Failure::Conflict),
    }
}

pub(crate) fn get_meta(db: &mut dyn Database, name: &str) -> Result<String, Failure> {
    let found = db.query(GET_META, &[Arg::Text(name)])?.pop();
    let mut record = found.ok_or(StoreError::Damaged(Damage::Content))?;
    Ok(record.text()?)
}

pub(crate) fn put_meta(db: &mut dyn Database, name: &str, value: &str) -> Result<(), Failure> {
    db.execute(PUT_META, &[Arg::Text(name), Arg::Text(value)])?;
    Ok(())
}

fn sealed_to_text(sealed: &Sealed) -> String {
    let bytes = base16ct::lower::encode_string(&sealed.bytes);
    format!("{} {bytes}", sealed.key)
}

fn sealed_from_text(text: &str) -> Option<Sealed> {
    let (key, bytes) = text.split_once(' ')?;
    Some(Sealed {
        key: key.parse().ok()?,
        bytes: base16ct::lower::decode_vec(bytes).ok()?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]

    use core::time::Duration;

    use txotp_core::UnixTime;

    use super::*;
    use crate::sqlite::Sqlite;
    use crate::{Actor, Keyring};

    const PATIENCE: Duration = Duration::from_secs(1);
    const NEXT: &str = "CREATE TABLE txotp_extra (name {name}, bytes {bytes})";

    fn store() -> (tempfile::TempDir, Sqlite) {
        let folder = tempfile::tempdir().unwrap();
        let mut made = Sqlite::create(&folder.path().join("store.db"), PATIENCE).unwrap();
        let keys: Arc<dyn KeyService> = Arc::new(Keyring::new("a".parse().unwrap()).unwrap());
        let act = Act {
            actor: Actor::new("test").unwrap(),
            now: UnixTime::from_seconds(0),
        };
        create(&mut made, &keys, &act).unwrap();
        (folder, made)
    }

    fn tables(store: &mut Sqlite) -> usize {
        let count = within(store, Mode::Read, |store| {
            store.query("SELECT name FROM sqlite_schema WHERE type = 'table'", &[])
        });
        count.unwrap().len()
    }

    #[test]
    fn a_store_is_brought_forward_step_by_step() {
        let (_folder, mut store) = store();
        let third = "CREATE TABLE txotp_third (name {name})";
        let before = tables(&mut store);
        let steps = [MIGRATIONS, &[NEXT, third]].concat();
        assert_eq!(migrate_by(&mut store, &steps), Ok(newest()));
        assert_eq!(store.schema(), Ok(newest() + 2));
        assert_eq!(tables(&mut store), before + 2);
        assert_eq!(
            migrate_by(&mut store, &steps),
            Ok(newest() + 2),
            "nothing is left to do"
        );
        assert_eq!(check(newest() + 2), Err(StoreError::NewerSchema));
        assert_eq!(migrate(&mut store), Err(StoreError::NewerSchema));
    }

    #[test]
    fn a_step_that_fails_leaves_the_version_before_it_and_is_taken_up_again() {
        let (_folder, mut store) = store();
        let before = tables(&mut store);
        let broken = "CREATE TABLE txotp_half (name {name}); this is no SQL";
        let steps = [MIGRATIONS, &[NEXT, broken]].concat();
        assert!(migrate_by(&mut store, &steps).is_err());
        assert_eq!(store.schema(), Ok(newest() + 1));
        assert_eq!(
            tables(&mut store),
            before + 1,
            "nothing is there of the broken step"
        );
        let mended = [MIGRATIONS, &[NEXT, "CREATE TABLE txotp_half (name {name})"]].concat();
        assert_eq!(migrate_by(&mut store, &mended), Ok(newest() + 1));
        assert_eq!(tables(&mut store), before + 2);
    }

    #[test]
    fn what_is_older_newer_or_no_store_is_told_apart() {
        assert_eq!(check(0), Err(StoreError::NotAStore));
        assert_eq!(check(newest()), Ok(()));
        assert_eq!(check(newest() + 1), Err(StoreError::NewerSchema));
    }
}
