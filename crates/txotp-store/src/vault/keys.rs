//! The keys that seeds are sealed under, and their rotation.

use super::{Progress, Vault};
use crate::audit::{Entry, Event};
use crate::database::{Database, Failure, Mode};
use crate::engine::Ticket;
use crate::seal::{KeyError, KeyId, Sealed};
use crate::secrets::{Secrets, reseal_root};
use crate::session::{Act, Session};
use crate::sql::{self, Inspected};
use crate::{DeviceId, StoreError, schema};

/// What came of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Rotation {
    /// The seeds that were sealed anew.
    pub resealed: u64,
    /// The seeds that were left, since their rows are damaged or they do not open: [`Vault::check`] names them.
    pub damaged: u64,
}

impl Vault {
    /// How many seeds are sealed under each key, in the order of the keys' ids. A key that is not among
    /// them, does not seal new ones, and is not that of [`Vault::root_key`], can be taken out of the keyring. A damaged
    /// row whose key's id is none is left out.
    ///
    /// # Errors
    /// Those of the store.
    pub fn key_usage(&self) -> Ticket<Vec<(KeyId, u64)>> {
        self.read_long(|session| {
            let usage = sql::count_keys(session.db)?.into_iter();
            Ok(usage
                .filter_map(|(key, count)| Some((key.parse().ok()?, count)))
                .collect())
        })
    }

    /// The key that the store's own root is sealed under, without which it does not open.
    ///
    /// # Errors
    /// Those of the store.
    pub fn root_key(&self) -> Ticket<KeyId> {
        self.read(|session| {
            let (_, root) = schema::identity(session.db)?;
            Ok(root.key)
        })
    }

    /// Seals the root and every seed under the current key, while others go on working; blocks, and counts what was
    /// done. An interrupted call is taken up by the next one. The key service is asked on the thread of the caller.
    ///
    /// # Errors
    /// [`StoreError::Key`] where an old key is missing; what is sealed anew already stays so.
    pub fn rotate(&self, act: Act, mut progress: Progress) -> Result<Rotation, StoreError> {
        let current = self.secrets.service().current();
        self.rotate_root()?;
        let mut old = self
            .read_long(|session| sql::count_keys(session.db))
            .wait()?;
        old.retain(|(key, _)| key != current.as_str());
        let total = old
            .iter()
            .fold(0, |total: u64, (_, count)| total.saturating_add(*count));
        let mut rotation = Rotation::default();
        for (key, _) in old {
            self.rotate_key(&key, &mut rotation, total, &mut progress)?;
        }
        let entry = Entry {
            event: Event::KeysRotated,
            key: Some(current.as_str().to_owned()),
            count: Some(rotation.resealed),
            ..Entry::default()
        };
        self.write(Mode::Write, move |session| {
            session.note(&act, entry.clone())
        })
        .wait()?;
        Ok(rotation)
    }

    /// Seals every seed anew that is sealed under a key, a page after another: read, sealed while no transaction is
    /// open, and written where nobody else has done it.
    fn rotate_key(
        &self,
        key: &str,
        rotation: &mut Rotation,
        total: u64,
        progress: &mut Progress,
    ) -> Result<(), StoreError> {
        let mut after = String::new();
        loop {
            let (seen, from) = (key.to_owned(), after);
            let page = self
                .read(move |session| sql::inspect_under(session.db, session.secrets, &seen, &from))
                .wait()?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = last.device.clone();
            let (seeds, damaged) = reseal(&self.secrets, page)?;
            let seen = key.to_owned();
            let resealed = self
                .write(Mode::Write, move |session| replace(session, &seen, &seeds))
                .wait()?;
            rotation.resealed = rotation.resealed.saturating_add(resealed);
            rotation.damaged = rotation.damaged.saturating_add(damaged);
            let done = rotation.resealed.saturating_add(rotation.damaged);
            progress(done, total.max(done));
        }
    }

    /// Seals the root anew, as [`Vault::rotate_key`] does the seeds.
    fn rotate_root(&self) -> Result<(), StoreError> {
        let service = self.secrets.service();
        loop {
            let (store, seen) = self.read(|session| schema::identity(session.db)).wait()?;
            if seen.key == service.current() {
                return Ok(());
            }
            let next = reseal_root(service, &store, &seen)?;
            let is_written = self.write(Mode::Write, move |session| {
                let (_, sealed) = schema::identity(session.db)?;
                // Somebody else was at it: what it is sealed under now is looked at once more.
                if sealed != seen {
                    return Ok(false);
                }
                session.is_dirty = true;
                schema::replace_root(session.db, &seen, &next)?;
                Ok(true)
            });
            if is_written.wait()? {
                return Ok(());
            }
        }
    }
}

/// Seals the seeds of a page anew, and counts those that it leaves: their rows are damaged, or their seeds do not open.
///
/// # Errors
/// What concerns not one seed, but the key or the key service.
pub(super) fn reseal(
    secrets: &Secrets,
    page: Vec<Inspected>,
) -> Result<(Vec<(DeviceId, Sealed)>, u64), StoreError> {
    let mut seeds = Vec::new();
    let mut damaged: u64 = 0;
    for Inspected { row, .. } in page {
        let next = row.and_then(|row| {
            let next = secrets.reseal_seed(&row.device.id, &row.sealed())?;
            Ok((row.device.id, next))
        });
        match next {
            Ok(seed) => seeds.push(seed),
            Err(StoreError::Damaged(_) | StoreError::Key(KeyError::Wrong(_))) => {
                damaged = damaged.saturating_add(1);
            }
            Err(error) => return Err(error),
        }
    }
    Ok((seeds, damaged))
}

/// Writes the seeds that are still sealed under a key, and counts them.
pub(super) fn replace(
    session: &mut Session<'_>,
    key: &str,
    seeds: &[(DeviceId, Sealed)],
) -> Result<u64, Failure> {
    let mut count: u64 = 0;
    for (device, sealed) in seeds {
        session.is_dirty = true;
        let is_written = sql::reseal_device(session.db, device, key, sealed)?;
        count = count.saturating_add(u64::from(is_written));
    }
    Ok(count)
}

/// Opens one seed under each key, to prove that the key is there and the right one. A damaged row proves nothing, and
/// does not keep the others from opening: the check tells of it.
pub(crate) fn try_each(db: &mut dyn Database, secrets: &Secrets) -> Result<(), Failure> {
    let mut after = String::new();
    while let Some(key) = sql::key_after(db, &after)? {
        let mut refused = None;
        for row in sql::inspect_under(db, secrets, &key, "")? {
            match row.row.and_then(|row| row.open(secrets)) {
                Ok(_) => {
                    refused = None;
                    break;
                }
                Err(StoreError::Key(error)) => refused = refused.or(Some(error)),
                Err(_) => {}
            }
        }
        if let Some(error) = refused {
            return Err(error.into());
        }
        after = key;
    }
    Ok(())
}
