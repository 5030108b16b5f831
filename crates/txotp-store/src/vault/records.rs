//! Records: read, written by comparing and setting, listed.

use zeroize::Zeroizing;

use super::Vault;
use crate::database::{Database, Failure, Mode};
use crate::engine::Ticket;
use crate::error::Damage;
use crate::limits::MAX_RECORDS;
use crate::records::{check_key, check_list, check_owner};
use crate::secrets::Secrets;
use crate::session::Session;
use crate::sql::int;
use crate::sql::records::{self as sql, RecordRow};
use crate::{Change, KeyedDigest, Kind, Record, RecordError, StoreError, Written};

impl Vault {
    /// A record, or nothing where there is none. Every change is seen that was answered before the call.
    ///
    /// What was read may be over when it is looked at. What must not be decided twice is decided by
    /// [`Vault::write_records`], with the version that was read.
    ///
    /// # Errors
    /// [`RecordError::Key`]; [`StoreError::Damaged`] with [`Damage::Record`].
    pub fn record(&self, kind: Kind, key: &str) -> Ticket<Option<Record>> {
        if let Err(error) = check_key(key) {
            return Ticket::ready(Err(error.into()));
        }
        let key = key.to_owned();
        self.look(move |session| {
            let row = sql::record(session.db, kind.as_str(), &key).map_err(damaged)?;
            Ok(row.map(|row| row.open(kind, session.secrets)).transpose()?)
        })
    }

    /// Changes records, all of a list or none of it; answered when it is durable. The bodies are sealed before anything
    /// waits.
    ///
    /// A list has at most 32 changes, each of another record; one without changes is done. Where the
    /// answer is an error, it is not known for [`StoreError::Unreachable`] whether the list took place: read, and go on
    /// from there.
    ///
    /// # Errors
    /// [`StoreError::Record`] for a limit that is not kept, [`StoreError::Time`] for a due of 2⁶³ or more, and those of
    /// the database. That an expectation does not hold is no error, but [`Written::Conflict`].
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use txotp_core::UnixTime;
    /// # use txotp_store::{Act, Actor, KeyService, Keyring, Location, Options, StoreError, Vault};
    /// use txotp_store::{Change, Kind, Written};
    /// use zeroize::Zeroizing;
    ///
    /// const APPROVAL: Kind = Kind::new("approval");
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let place = Location::Sqlite(folder.path().join("store.db"));
    /// # let keys: Arc<dyn KeyService> = Arc::new(Keyring::new("a".parse()?)?);
    /// # let act = Act { actor: Actor::new("example").unwrap(), now: UnixTime::from_seconds(0) };
    /// # Vault::create(&place, &keys, Options::default(), &act)?;
    /// # let vault = Vault::open(&place, keys, Options::default())?;
    /// let ask = Change::Insert {
    ///     kind: APPROVAL,
    ///     key: "request 1".to_owned(),
    ///     owner: Some("alice".to_owned()),
    ///     due: Some(1_700_000_300),
    ///     body: Zeroizing::new(b"pending".to_vec()),
    /// };
    /// assert_eq!(vault.write_records(vec![ask]).wait()?, Written::Done);
    ///
    /// // Of all who answer it at once, one does.
    /// let asked = vault.record(APPROVAL, "request 1").wait()?.expect("it was inserted");
    /// let answer = |body: &[u8]| Change::Replace {
    ///     kind: APPROVAL,
    ///     key: asked.key.clone(),
    ///     version: asked.version,
    ///     owner: asked.owner.clone(),
    ///     due: None,
    ///     body: Zeroizing::new(body.to_vec()),
    /// };
    /// assert_eq!(vault.write_records(vec![answer(b"approved")]).wait()?, Written::Done);
    /// let late = vault.write_records(vec![answer(b"denied")]).wait()?;
    /// assert_eq!(late, Written::Conflict { at: 0 });
    ///
    /// let of_alice = vault.records_of(APPROVAL, "alice", None, 10).wait()?;
    /// assert_eq!(of_alice[0].body.as_slice(), b"approved");
    /// assert!(vault.records_due(APPROVAL, 1_700_000_300, 10).wait()?.is_empty());
    /// # Ok::<(), StoreError>(())
    /// ```
    pub fn write_records(&self, changes: Vec<Change>) -> Ticket<Written> {
        let steps = match Steps::new(changes, &self.secrets) {
            Ok(steps) => steps,
            Err(error) => return Ticket::ready(Err(error)),
        };
        self.write(Mode::Write, move |session| steps.write(session))
    }

    /// So many records of an owner, in the order of the bytes of their keys, from the first after a key; fewer where
    /// there are no more. Damaged ones are left out: [`Vault::check`] names them.
    ///
    /// That a record is not among them proves nothing to who does not trust the database's administrators.
    ///
    /// # Errors
    /// [`RecordError::Owner`]; [`RecordError::Key`] for what is no key to go on from; [`RecordError::Limit`] for more
    /// than 1000.
    pub fn records_of(
        &self,
        kind: Kind,
        owner: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Ticket<Vec<Record>> {
        let checked = check_owner(owner)
            .and_then(|()| after.map_or(Ok(()), check_key))
            .and_then(|()| check_limit(limit));
        if let Err(error) = checked {
            return Ticket::ready(Err(error.into()));
        }
        let owner = owner.to_owned();
        let after = after.unwrap_or_default().to_owned();
        self.look(move |session| {
            list(session, kind, limit, &after, |db, (_, after), limit| {
                sql::records_of(db, kind.as_str(), &owner, after, limit)
            })
        })
    }

    /// So many records that are due, until a moment and with it, in the order of that and of the bytes of their keys;
    /// fewer where there are no more. Damaged ones are left out: [`Vault::check`] names them.
    ///
    /// What is done with one must change its due, or remove it: the next call begins with the first again.
    ///
    /// # Errors
    /// [`RecordError::Limit`] for more than 1000.
    pub fn records_due(&self, kind: Kind, until: u64, limit: usize) -> Ticket<Vec<Record>> {
        if let Err(error) = check_limit(limit) {
            return Ticket::ready(Err(error.into()));
        }
        // No due is greater than the greatest integer of a database.
        let until = i64::try_from(until).unwrap_or(i64::MAX);
        self.look(move |session| {
            list(session, kind, limit, "", |db, after, limit| {
                sql::records_due(db, kind.as_str(), until, after, limit)
            })
        })
    }

    /// HMAC-SHA-256 of data under a key of this store, for what is looked for and compared, and not kept itself: keys of
    /// an interface, codes that were sent. The label says what for: digests of two labels have nothing in common, nor
    /// have those of two stores. Those of a store stay what they are, also when its keys rotate.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use txotp_core::UnixTime;
    /// # use txotp_store::{Act, Actor, KeyService, Keyring, Location, Options, StoreError, Vault};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let place = Location::Sqlite(folder.path().join("store.db"));
    /// # let keys: Arc<dyn KeyService> = Arc::new(Keyring::new("a".parse()?)?);
    /// # let act = Act { actor: Actor::new("example").unwrap(), now: UnixTime::from_seconds(0) };
    /// # Vault::create(&place, &keys, Options::default(), &act)?;
    /// # let vault = Vault::open(&place, keys, Options::default())?;
    /// let kept = vault.keyed_digest("api-key", b"4Kq2").as_bytes().to_vec();
    /// assert!(vault.keyed_digest("api-key", b"4Kq2").matches(&kept));
    /// assert!(!vault.keyed_digest("sms-code", b"4Kq2").matches(&kept));
    /// # Ok::<(), StoreError>(())
    /// ```
    #[must_use]
    pub fn keyed_digest(&self, label: &str, data: &[u8]) -> KeyedDigest {
        KeyedDigest(self.secrets.labelled_mark(label, data))
    }
}

/// A change as it is written.
struct Step {
    /// Its place in the caller's list.
    place: usize,
    kind: Kind,
    key: String,
    write: Write,
}

enum Write {
    Insert(RecordRow),
    Replace { seen: i64, row: RecordRow },
    Remove { seen: i64 },
}

/// A list of changes, checked and sealed, in the order of kinds and keys: those who change the same records take them in the
/// same order, so that none waits for another who waits for it.
pub(super) struct Steps(Vec<Step>);

impl Step {
    fn new(place: usize, change: Change, secrets: &Secrets) -> Result<Self, StoreError> {
        let (kind, name) = change.name();
        let key = name.to_owned();
        let write = match change {
            Change::Insert {
                owner, due, body, ..
            } => {
                let row = RecordRow::seal(kind, &key, 1, owner, due, &body, secrets)?;
                Write::Insert(row)
            }
            Change::Replace {
                version,
                owner,
                due,
                body,
                ..
            } => {
                let (seen, next) = versions(version);
                let row = RecordRow::seal(kind, &key, next, owner, due, &body, secrets)?;
                Write::Replace { seen, row }
            }
            Change::Remove { version, .. } => Write::Remove {
                seen: versions(version).0,
            },
        };
        Ok(Self {
            place,
            kind,
            key,
            write,
        })
    }

    /// The version that it expects; none where it expects no record.
    fn expected(&self) -> Option<i64> {
        match self.write {
            Write::Insert(_) => None,
            Write::Replace { seen, .. } | Write::Remove { seen } => Some(seen),
        }
    }

    /// Writes it; `false` where its expectation does not hold.
    fn write(&self, db: &mut dyn Database) -> Result<bool, Failure> {
        match &self.write {
            Write::Insert(row) => sql::insert_record(db, row),
            Write::Replace { seen, row } => sql::replace_record(db, row, *seen),
            Write::Remove { seen } => sql::remove_record(db, self.kind.as_str(), &self.key, *seen),
        }
    }
}

/// A version that was seen, as a database has it, and the next. A version that no record comes to is 0, which none has.
fn versions(seen: u64) -> (i64, i64) {
    let seen = i64::try_from(seen).unwrap_or(0);
    seen.checked_add(1).map_or((0, 1), |next| (seen, next))
}

impl Steps {
    /// Checks a list, and seals its bodies.
    pub(super) fn new(changes: Vec<Change>, secrets: &Secrets) -> Result<Self, StoreError> {
        check_list(&changes)?;
        let mut steps = (0..)
            .zip(changes)
            .map(|(place, change)| Step::new(place, change, secrets))
            .collect::<Result<Vec<_>, _>>()?;
        steps.sort_unstable_by(|one, other| (one.kind, &one.key).cmp(&(other.kind, &other.key)));
        Ok(Self(steps))
    }

    /// Writes all or nothing.
    pub(super) fn write(&self, session: &mut Session<'_>) -> Result<Written, Failure> {
        // One that is alone leaves no trace where it does not find what it expects.
        if let [step] = &self.0[..] {
            session.is_dirty = true;
            let is_done = step.write(session.db)?;
            return Ok(if is_done {
                Written::Done
            } else {
                Written::Conflict { at: step.place }
            });
        }
        if let Some(at) = self.conflict(session.db)? {
            return Ok(Written::Conflict { at });
        }
        self.write_looked_at(session)?;
        Ok(Written::Done)
    }

    /// Writes all, after [`Steps::conflict`] has found none in this transaction.
    pub(super) fn write_looked_at(&self, session: &mut Session<'_>) -> Result<(), Failure> {
        for step in &self.0 {
            session.is_dirty = true;
            if !step.write(session.db)? {
                // Another came between since they were looked at.
                return Err(Failure::Conflict);
            }
        }
        Ok(())
    }

    /// The first place in the caller's list whose expectation does not hold, before anything is written.
    pub(super) fn conflict(&self, db: &mut dyn Database) -> Result<Option<usize>, Failure> {
        let mut first = None;
        for step in &self.0 {
            let found =
                sql::version_to_change(db, step.kind.as_str(), &step.key).map_err(damaged)?;
            if found != step.expected() {
                first = Some(first.map_or(step.place, |first: usize| first.min(step.place)));
            }
        }
        Ok(first)
    }
}

/// Reads so many records that are not damaged, a page after another: those after a due and a key, of which each list
/// goes by what it is ordered by.
fn list(
    session: &mut Session<'_>,
    kind: Kind,
    limit: usize,
    after: &str,
    mut page: impl FnMut(&mut dyn Database, (i64, &str), usize) -> Result<Vec<RecordRow>, Failure>,
) -> Result<Vec<Record>, Failure> {
    let mut records = Vec::new();
    // Before every due that there can be.
    let (mut due, mut key) = (-1, after.to_owned());
    loop {
        let left = limit.saturating_sub(records.len());
        let rows = page(session.db, (due, &key), left).map_err(damaged)?;
        let is_last = rows.len() < left;
        if let Some(last) = rows.last() {
            due = last.due.unwrap_or(i64::MAX);
            key.clone_from(&last.key);
        }
        let opened = rows.into_iter().map(|row| row.open(kind, session.secrets));
        records.extend(opened.flatten());
        if is_last || records.len() >= limit {
            return Ok(records);
        }
    }
}

fn check_limit(limit: usize) -> Result<(), RecordError> {
    if limit > MAX_RECORDS {
        return Err(RecordError::Limit);
    }
    Ok(())
}

/// What is wrong with a row of this table is wrong with a record.
fn damaged(failure: Failure) -> Failure {
    match failure {
        Failure::Store(StoreError::Damaged(Damage::Row)) => {
            StoreError::Damaged(Damage::Record).into()
        }
        failure => failure,
    }
}

impl RecordRow {
    fn seal(
        kind: Kind,
        key: &str,
        version: i64,
        owner: Option<String>,
        due: Option<u64>,
        body: &[u8],
        secrets: &Secrets,
    ) -> Result<Self, StoreError> {
        let mut row = Self {
            kind: kind.as_str().to_owned(),
            key: key.to_owned(),
            version,
            owner,
            due: due.map(int).transpose()?,
            sealed: Vec::new(),
        };
        row.sealed = row.with_fields(|fields| secrets.seal_record(fields, body))?;
        Ok(row)
    }

    /// The record of a row of this kind.
    fn open(self, kind: Kind, secrets: &Secrets) -> Result<Record, StoreError> {
        let body = self.body(secrets)?;
        let damaged = |_| StoreError::Damaged(Damage::Record);
        Ok(Record {
            kind,
            key: self.key,
            version: u64::try_from(self.version).map_err(damaged)?,
            owner: self.owner,
            due: self.due.map(u64::try_from).transpose().map_err(damaged)?,
            body,
        })
    }

    pub(super) fn body(&self, secrets: &Secrets) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        self.with_fields(|fields| secrets.open_record(fields, &self.sealed))
    }

    /// What its body is bound to. Before a field that can be missing stands whether it is there, so that a missing one is
    /// not taken for an empty one.
    fn with_fields<T>(&self, bind: impl FnOnce(&[&[u8]]) -> T) -> T {
        let version = self.version.to_be_bytes();
        let due = self.due.map(i64::to_be_bytes);
        let is = |there: bool| -> &[u8] { if there { &[1] } else { &[0] } };
        bind(&[
            self.kind.as_bytes(),
            self.key.as_bytes(),
            &version,
            is(self.owner.is_some()),
            self.owner.as_deref().unwrap_or_default().as_bytes(),
            is(due.is_some()),
            due.as_ref().map_or(&[], |due| due.as_slice()),
        ])
    }
}
