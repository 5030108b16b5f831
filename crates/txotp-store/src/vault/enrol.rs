//! Enrolling and looking up devices.

use txotp_core::{Counter, DeviceKey, PinHash, Seed, TransactionSuite};
use txotp_verifier::{Policy, Settings, State};

use super::Vault;
use crate::audit::{Entry, Event};
use crate::database::Mode;
use crate::device::{Row, settings_to_text};
use crate::engine::Ticket;
use crate::limits::MAX_DEVICES_PER_USER;
use crate::session::Act;
use crate::{Device, DeviceId, Status, StoreError, UserId, sql};

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
        self.write(Mode::Alone, move |session| {
            let others = session.devices_of(&row.device.user)?;
            let standing = others
                .iter()
                .filter(|other| other.device.status != Status::Revoked);
            if standing.count() >= MAX_DEVICES_PER_USER {
                return Err(StoreError::TooManyDevices.into());
            }
            let entry = Entry {
                event: Event::DeviceEnrolled,
                suite: Some(row.device.suite.to_string()),
                settings: Some(settings_to_text(&row.device.settings)),
                key: Some(row.device.key.as_str().to_owned()),
                ..Entry::default()
            };
            session.insert(&row, &act, entry)
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

    /// The devices of a user, revoked ones too, in the order of their names.
    ///
    /// # Errors
    /// Those of the store; a user without devices has none.
    pub fn devices_of(&self, user: UserId) -> Ticket<Vec<Device>> {
        self.read(move |session| Ok(only_devices(session.devices_of(&user)?)))
    }

    /// A page of at most 500 devices, in the order of their names, from the first after a name: the empty page
    /// is after the last.
    ///
    /// # Errors
    /// Those of the store.
    pub fn devices_after(&self, after: Option<DeviceId>) -> Ticket<Vec<Device>> {
        self.read(move |session| {
            let after = after.as_ref().map_or("", DeviceId::as_str);
            let rows = sql::devices_after(session.db, session.secrets, after)?;
            Ok(only_devices(rows))
        })
    }
}

fn only_devices(rows: Vec<Row>) -> Vec<Device> {
    rows.into_iter().map(|row| row.device).collect()
}
