//! The keys that seeds are sealed under, and their rotation.

use super::{Progress, Vault};
use crate::audit::{Entry, Event};
use crate::database::{Database, Failure, Mode};
use crate::engine::Ticket;
use crate::seal::{KeyId, Sealed};
use crate::secrets::{Secrets, reseal_root};
use crate::session::Act;
use crate::{StoreError, schema, sql};

impl Vault {
    /// How many seeds are sealed under each key, in the order of the keys' ids. A key that is not among
    /// them, does not seal new ones, and is not that of [`Vault::root_key`], can be taken out of the keyring.
    ///
    /// # Errors
    /// Those of the store.
    pub fn key_usage(&self) -> Ticket<Vec<(KeyId, u64)>> {
        self.read(|session| sql::count_keys(session.db))
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

    /// Seals the root and every seed under the current key, while others go on working; blocks, and gives how
    /// many seeds were sealed anew. An interrupted call is taken up by the next one.
    ///
    /// # Errors
    /// [`StoreError::Key`] where an old key is missing; what is sealed anew already stays so.
    pub fn rotate(&self, act: Act, mut progress: Progress) -> Result<u64, StoreError> {
        let current = self.secrets.service().current();
        self.rotate_root().wait()?;
        let usage = self.key_usage().wait()?;
        let old: Vec<_> = usage
            .into_iter()
            .filter(|(key, _)| *key != current)
            .collect();
        let total = old
            .iter()
            .fold(0, |total: u64, (_, count)| total.saturating_add(*count));
        let mut done: u64 = 0;
        for (key, _) in old {
            loop {
                let resealed = self.rotate_page(key).wait()?;
                done = done.saturating_add(resealed);
                progress(done, total.max(done));
                if resealed == 0 {
                    break;
                }
            }
        }
        self.write(Mode::Write, move |session| {
            let entry = Entry {
                event: Event::KeysRotated,
                key: Some(current.as_str().to_owned()),
                count: Some(done),
                ..Entry::default()
            };
            session.note(&act, entry)
        })
        .wait()?;
        Ok(done)
    }

    pub(super) fn rotate_root(&self) -> Ticket<()> {
        self.write(Mode::Write, |session| {
            let (store, sealed) = schema::identity(session.db)?;
            let service = session.secrets.service();
            if sealed.key == service.current() {
                return Ok(());
            }
            let next = reseal_root(service, &store, &sealed)?;
            session.is_dirty = true;
            schema::replace_root(session.db, &sealed, &next)
        })
    }

    /// Seals a page of seeds anew, and gives how many.
    pub(super) fn rotate_page(&self, key: KeyId) -> Ticket<u64> {
        self.write(Mode::Write, move |session| {
            let rows = sql::devices_under(session.db, session.secrets, key)?;
            let mut count: u64 = 0;
            for row in rows {
                let sealed = Sealed {
                    key,
                    bytes: row.sealed,
                };
                let id = &row.device.id;
                let next = session.secrets.reseal_seed(id, &sealed)?;
                session.is_dirty = true;
                sql::reseal_device(session.db, id, key, &next)?;
                count = count.saturating_add(1);
            }
            Ok(count)
        })
    }
}

/// Opens one seed under each key, to prove that the key is there and the right one. A damaged row proves nothing, and
/// does not keep the others from opening: the check tells of it.
pub(crate) fn try_each(db: &mut dyn Database, secrets: &Secrets) -> Result<(), Failure> {
    let mut after = String::new();
    while let Some(key) = sql::key_after(db, &after)? {
        let mut refused = None;
        for row in sql::inspect_under(db, secrets, &key)? {
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
