//! What an operation works with: an open transaction, the secrets, and a book for the evidence.

use txotp_core::UnixTime;
use txotp_verifier::State;

use crate::audit::{Book, Entry};
use crate::database::{Database, Failure, Mode};
use crate::device::Row;
use crate::secrets::Secrets;
use crate::sql::{self, EntryRow, Inspected, Reading};
use crate::{Actor, DeviceId, StoreError, UserId};

/// An open transaction of a writer.
pub(crate) struct Session<'a> {
    pub(crate) db: &'a mut dyn Database,
    pub(crate) secrets: &'a Secrets,
    book: &'a mut Book,
    reading: Reading,
    /// Whether anything was written.
    pub(crate) is_dirty: bool,
}

/// Who acts, and when by the caller's clock: what every entry of evidence begins with.
#[derive(Clone, Debug)]
pub struct Act {
    /// Who acts.
    pub actor: Actor,
    /// When.
    pub now: UnixTime,
}

impl<'a> Session<'a> {
    pub(crate) fn new(
        db: &'a mut dyn Database,
        secrets: &'a Secrets,
        book: &'a mut Book,
        mode: Mode,
    ) -> Self {
        Self {
            db,
            secrets,
            book,
            reading: match mode {
                // Who is alone waits for nobody, and a change of what was read is a conflict.
                Mode::Look | Mode::Read | Mode::Alone => Reading::ToShow,
                Mode::Write => Reading::ToChange,
            },
            is_dirty: false,
        }
    }

    pub(crate) fn device(&mut self, id: &DeviceId) -> Result<Row, Failure> {
        sql::device(self.db, self.secrets, id, self.reading)
    }

    pub(crate) fn devices_of(&mut self, user: &UserId) -> Result<Vec<Inspected>, Failure> {
        sql::devices_of(self.db, self.secrets, user, self.reading)
    }

    /// Adds a device, and the first entry of it.
    pub(crate) fn insert(&mut self, row: &Row, act: &Act, entry: Entry) -> Result<(), Failure> {
        self.is_dirty = true;
        if !sql::insert_device(self.db, self.secrets, row)? {
            return Err(StoreError::AlreadyEnrolled.into());
        }
        self.append(Some(row), act, entry)
    }

    /// Replaces a device, and writes the entry that says why: the one way in which a sound device changes.
    pub(crate) fn update(&mut self, mut row: Row, act: &Act, entry: Entry) -> Result<(), Failure> {
        self.is_dirty = true;
        let seen = row.device.entries;
        row.device.entries = seen.saturating_add(1);
        sql::update_device(self.db, self.secrets, &row, seen)?;
        self.append(Some(&row), act, entry)
    }

    /// Replaces a device whose row is damaged, whatever stands in it, and writes the entry that says why.
    pub(crate) fn replace(&mut self, row: &Row, act: &Act, entry: Entry) -> Result<(), Failure> {
        self.is_dirty = true;
        sql::replace_device(self.db, self.secrets, row)?;
        self.append(Some(row), act, entry)
    }

    /// Replaces a device's state.
    pub(crate) fn update_state(
        &mut self,
        mut row: Row,
        state: State,
        act: &Act,
        entry: Entry,
    ) -> Result<(), Failure> {
        row.device.state = state;
        self.update(row, act, entry)
    }

    /// Writes an entry of the store itself, or of a service: of no device.
    pub(crate) fn note(&mut self, act: &Act, entry: Entry) -> Result<(), Failure> {
        self.append(None, act, entry)
    }

    fn append(&mut self, row: Option<&Row>, act: &Act, entry: Entry) -> Result<(), Failure> {
        self.is_dirty = true;
        if self.book.number() == 0 {
            sql::insert_book(self.db, self.book.id())?;
        }
        let device = row.map(|row| &row.device);
        let entry = Entry {
            time: act.now.seconds(),
            device: device.map(|device| device.id.as_str().to_owned()),
            version: device.map(|device| device.entries),
            user: device.map_or(entry.user, |device| Some(device.user.as_str().to_owned())),
            actor: Some(act.actor.as_str().to_owned()),
            ..entry
        };
        let (device, version) = (entry.device.clone(), entry.version);
        let line = self.book.write(entry, self.secrets);
        let row = EntryRow {
            book: self.book.id().to_owned(),
            number: self.book.number(),
            device,
            version,
            line,
        };
        sql::insert_entry(self.db, &row)
    }
}
