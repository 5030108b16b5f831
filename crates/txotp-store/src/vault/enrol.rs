//! Enrolling and looking up devices.

use txotp_core::{Counter, DeviceKey, PinHash, Seed, TransactionSuite};
use txotp_verifier::{Policy, Settings, State};

use super::Vault;
use super::records::Steps;
use crate::audit::{Entry, Event};
use crate::database::{Failure, Mode};
use crate::device::{Row, settings_to_text};
use crate::engine::Ticket;
use crate::limits::MAX_DEVICES_PER_USER;
use crate::session::{Act, Session};
use crate::sql::{self, Inspected};
use crate::{Change, Device, DeviceId, Status, StoreError, UserId, Written};

/// A device to enrol.
#[derive(Debug)]
pub struct Enrolment {
    /// Its name, which no device of the store ever had.
    pub device: DeviceId,
    /// Whose it is.
    pub user: UserId,
    /// What its codes are computed by.
    pub suite: TransactionSuite,
    /// What is tolerated of it.
    pub settings: Settings,
    /// Its seed.
    pub seed: Seed,
    /// The hash of its PIN, for a suite that has one.
    pub pin: Option<PinHash>,
    /// The counter that it begins at, for a suite that has one; 0 where there is none.
    pub counter: Option<Counter>,
}

/// Devices as they are listed, in the order of their names: one that is damaged hides no other.
#[derive(Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct Listed {
    /// The devices.
    pub devices: Vec<Device>,
    /// The names, as they are stored, of those whose rows are damaged.
    pub damaged: Vec<String>,
    /// The name to go on from; none where there are no more.
    pub last: Option<DeviceId>,
}

impl Vault {
    /// Enrols a device. Its seed is sealed before anything waits.
    ///
    /// # Errors
    /// [`StoreError::AlreadyEnrolled`], [`StoreError::TooManyDevices`]; [`StoreError::Policy`],
    /// [`StoreError::Pin`] and [`StoreError::Counter`] for what does not fit the suite;
    /// [`StoreError::Key`].
    pub fn enrol(&self, enrolment: Enrolment, act: Act) -> Ticket<()> {
        let row = match self.prepare(&enrolment, &act) {
            Ok(row) => row,
            Err(error) => return Ticket::ready(Err(error)),
        };
        self.write(Mode::Alone, move |session| insert(session, &row, &act))
    }

    /// Enrols a device and writes records, all or nothing: see [`Vault::enrol`] and [`Vault::write_records`]. Where a
    /// record is not as it is expected, nothing is looked at of the device.
    ///
    /// # Errors
    /// Those of both; nothing was written.
    pub fn enrol_with(
        &self,
        enrolment: Enrolment,
        changes: Vec<Change>,
        act: Act,
    ) -> Ticket<Written> {
        let row = self.prepare(&enrolment, &act);
        let prepared = row.and_then(|row| Ok((row, Steps::new(changes, &self.secrets)?)));
        let (row, steps) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return Ticket::ready(Err(error)),
        };
        self.write(Mode::Alone, move |session| {
            let written = steps.write(session)?;
            if written == Written::Done {
                insert(session, &row, &act)?;
            }
            Ok(written)
        })
    }

    fn prepare(&self, enrolment: &Enrolment, act: &Act) -> Result<Row, StoreError> {
        let Enrolment {
            device,
            user,
            suite,
            settings,
            seed,
            pin,
            counter,
        } = enrolment;
        Policy::new(suite, *settings)?;
        DeviceKey::new(*suite, seed, pin.as_ref())?;
        if counter.is_some() && !suite.has_counter() {
            return Err(StoreError::Counter);
        }
        let sealed = self.secrets.seal_seed(device, seed, pin.as_ref())?;
        Ok(Row {
            device: Device {
                id: device.clone(),
                user: user.clone(),
                suite: *suite,
                settings: *settings,
                status: Status::Active,
                enrolled_at: act.now,
                key: sealed.key,
                state: State::with_counter(counter.unwrap_or_default()),
                entries: 1,
            },
            sealed: sealed.bytes,
        })
    }

    /// A device.
    ///
    /// # Errors
    /// [`StoreError::UnknownDevice`].
    pub fn device(&self, device: DeviceId) -> Ticket<Device> {
        self.read(move |session| Ok(session.device(&device)?.device))
    }

    /// The devices of a user, revoked ones too, in the order of their names: all of them.
    ///
    /// # Errors
    /// Those of the store; a user without devices has none.
    pub fn devices_of(&self, user: UserId) -> Ticket<Listed> {
        self.read(move |session| {
            let mut listed = Listed::default();
            listed.add(session.devices_of(&user)?);
            Ok(listed)
        })
    }

    /// A page of devices, in the order of their names, from the first after a name.
    ///
    /// # Errors
    /// Those of the store.
    pub fn devices_after(&self, after: Option<DeviceId>) -> Ticket<Listed> {
        self.read(move |session| {
            let mut name = after.as_ref().map_or("", DeviceId::as_str).to_owned();
            let mut listed = Listed::default();
            // A damaged name may be none to go on from: then the next page belongs to this one.
            while listed.last.is_none() {
                let page = sql::inspect_after(session.db, session.secrets, &name)?;
                let Some(last) = page.last() else {
                    break;
                };
                name.clone_from(&last.device);
                listed.last = DeviceId::new(name.as_str()).ok();
                listed.add(page);
            }
            Ok::<_, Failure>(listed)
        })
    }
}

/// Adds a device, if its user has room for one more.
fn insert(session: &mut Session<'_>, row: &Row, act: &Act) -> Result<(), Failure> {
    let others = session.devices_of(&row.device.user)?;
    // A damaged row may be of a device that stands: it counts until it is revoked.
    let is_standing = |other: &&Inspected| {
        let row = other.row.as_ref();
        row.map_or(true, |row| row.device.status != Status::Revoked)
    };
    if others.iter().filter(is_standing).count() >= MAX_DEVICES_PER_USER {
        return Err(StoreError::TooManyDevices.into());
    }
    let entry = Entry {
        event: Event::DeviceEnrolled,
        suite: Some(row.device.suite.to_string()),
        settings: Some(settings_to_text(&row.device.settings)),
        key: Some(row.device.key.as_str().to_owned()),
        ..Entry::default()
    };
    session.insert(row, act, entry)
}

impl Listed {
    fn add(&mut self, page: Vec<Inspected>) {
        for Inspected { device, row } in page {
            match row {
                Ok(row) => self.devices.push(row.device),
                Err(_) => self.damaged.push(device),
            }
        }
    }
}
