//! What administrators do to devices.

use txotp_verifier::{Policy, Settings, State};

use super::Vault;
use crate::audit::{Entry, Event};
use crate::database::{Failure, Mode};
use crate::device::{Row, settings_to_text};
use crate::engine::Ticket;
use crate::session::Act;
use crate::{DeviceId, Status, StoreError, sql};

impl Vault {
    /// Suspends an active device: until it is resumed nothing is accepted of it.
    ///
    /// # Errors
    /// [`StoreError::NotPossible`] where it is not active.
    pub fn suspend(&self, device: DeviceId, act: Act) -> Ticket<()> {
        self.change_status(device, &[Status::Active], Status::Suspended, act)
    }

    /// Resumes a suspended device. Its state is as it was.
    ///
    /// # Errors
    /// [`StoreError::NotPossible`] where it is not suspended.
    pub fn resume(&self, device: DeviceId, act: Act) -> Ticket<()> {
        self.change_status(device, &[Status::Suspended], Status::Active, act)
    }

    /// Revokes a device, for ever. Its row stays, for the evidence; its name is never used again.
    ///
    /// # Errors
    /// [`StoreError::NotPossible`] where it is revoked already.
    pub fn revoke(&self, device: DeviceId, act: Act) -> Ticket<()> {
        let from = &[Status::Active, Status::Suspended];
        self.change_status(device, from, Status::Revoked, act)
    }

    fn change_status(
        &self,
        device: DeviceId,
        from: &'static [Status],
        to: Status,
        act: Act,
    ) -> Ticket<()> {
        self.administer(device, act, move |row| {
            let status = row.device.status;
            if !from.contains(&status) {
                return Err(StoreError::NotPossible(status));
            }
            row.device.status = to;
            Ok(Entry {
                event: Event::StatusChanged,
                status: Some(to.name().to_owned()),
                ..Entry::default()
            })
        })
    }

    /// Lifts the locks of a device, and forgets its failures. What is consumed stays consumed.
    ///
    /// # Errors
    /// [`StoreError::NotPossible`] where it is revoked.
    pub fn unlock(&self, device: DeviceId, act: Act) -> Ticket<()> {
        self.amend(device, Event::Unlocked, act, |state| state.unlocked())
    }

    /// Forgets when the device last accepted, for a clock that was ahead then: see
    /// [`State::forgive_clock`].
    ///
    /// # Errors
    /// [`StoreError::NotPossible`] where it is revoked.
    pub fn forgive_clock(&self, device: DeviceId, act: Act) -> Ticket<()> {
        self.amend(device, Event::ClockForgiven, act, |state| {
            state.forgive_clock()
        })
    }

    fn amend(
        &self,
        device: DeviceId,
        event: Event,
        act: Act,
        change: fn(&State) -> State,
    ) -> Ticket<()> {
        self.administer(device, act, move |row| {
            standing(row)?;
            row.device.state = change(&row.device.state);
            Ok(Entry {
                event,
                ..Entry::default()
            })
        })
    }

    /// Gives a device other settings.
    ///
    /// # Errors
    /// [`StoreError::Policy`] where they do not fit its suite, [`StoreError::NotPossible`] where it is
    /// revoked.
    pub fn set_policy(&self, device: DeviceId, settings: Settings, act: Act) -> Ticket<()> {
        self.administer(device, act, move |row| {
            standing(row)?;
            Policy::new(&row.device.suite, settings)?;
            row.device.settings = settings;
            Ok(Entry {
                event: Event::PolicyChanged,
                settings: Some(settings_to_text(&settings)),
                ..Entry::default()
            })
        })
    }

    /// Changes a device, and says so in the evidence.
    fn administer(
        &self,
        device: DeviceId,
        act: Act,
        change: impl Fn(&mut Row) -> Result<Entry, StoreError> + Send + 'static,
    ) -> Ticket<()> {
        self.write(Mode::Write, move |session| {
            let mut row = session.device(&device)?;
            let entry = change(&mut row)?;
            session.update(row, &act, entry)
        })
    }

    /// Makes a page of devices safe after a backup was restored, which has forgotten what was accepted since:
    /// those after a name, in the order of their names. Gives the last name, to go on from, and how many of
    /// the page have a counter, and must be enrolled anew: those are suspended.
    ///
    /// Every step at which a lost state could have accepted a code until now is closed: see
    /// [`State::restored`]. Do it before the first verdict, until a page gives no name.
    ///
    /// # Errors
    /// Those of the store; of the page nothing was changed.
    pub fn restored(&self, after: Option<DeviceId>, act: Act) -> Ticket<(Option<DeviceId>, u64)> {
        self.write(Mode::Write, move |session| {
            let name = after.as_ref().map_or("", DeviceId::as_str);
            let rows = sql::devices_after(session.db, session.secrets, name)?;
            let last = rows.last().map(|row| row.device.id.clone());
            let mut suspended: u64 = 0;
            for mut row in rows {
                if row.device.status == Status::Revoked {
                    continue;
                }
                let next = row.device.state.restored(&row.device.policy()?, act.now);
                if let Some(next) = next {
                    row.device.state = next;
                } else {
                    row.device.status = Status::Suspended;
                    suspended = suspended.saturating_add(1);
                }
                let entry = Entry {
                    event: Event::Restored,
                    status: Some(row.device.status.name().to_owned()),
                    ..Entry::default()
                };
                session.update(row, &act, entry)?;
            }
            Ok::<_, Failure>((last, suspended))
        })
    }
}

/// What is revoked is not changed any more.
fn standing(row: &Row) -> Result<(), StoreError> {
    match row.device.status {
        Status::Revoked => Err(StoreError::NotPossible(Status::Revoked)),
        Status::Active | Status::Suspended => Ok(()),
    }
}
