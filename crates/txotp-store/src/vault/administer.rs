//! What administrators do to devices.

use txotp_verifier::{Policy, PolicyError, Settings, State};

use super::Vault;
use crate::audit::{Entry, Event};
use crate::database::{Failure, Mode};
use crate::device::{Row, settings_to_text};
use crate::engine::Ticket;
use crate::error::Damage;
use crate::session::{Act, Session};
use crate::{DeviceId, Status, StoreError, sql};

/// What came of a page of devices of a restored store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Restoration {
    /// The name to go on from; none where there are no more devices.
    pub last: Option<DeviceId>,
    /// How many have a counter, and must be enrolled anew: they are suspended.
    pub suspended: u64,
    /// How many are damaged, and as they were: nothing is accepted of them. [`Vault::check`] names them.
    pub damaged: u64,
}

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
    /// It is also how a device is got rid of whose row is damaged: of that row only the name is believed, its state is
    /// emptied, and the evidence gives the reason `damaged`.
    ///
    /// # Errors
    /// [`StoreError::NotPossible`] where it is revoked already.
    pub fn revoke(&self, device: DeviceId, act: Act) -> Ticket<()> {
        self.write(Mode::Write, move |session| match session.device(&device) {
            Ok(mut row) => {
                let from = &[Status::Active, Status::Suspended];
                let entry = change_status(&mut row, from, Status::Revoked)?;
                session.update(row, &act, entry)
            }
            Err(Failure::Store(StoreError::Damaged(
                Damage::Row | Damage::Content | Damage::State(_),
            ))) => revoke_damaged(session, &device, &act),
            Err(failure) => Err(failure),
        })
    }

    fn change_status(
        &self,
        device: DeviceId,
        from: &'static [Status],
        to: Status,
        act: Act,
    ) -> Ticket<()> {
        self.administer(device, act, move |row| change_status(row, from, to))
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

    /// Gives a device other settings, made of those that it has at that moment: of changes at once none is lost. The change is
    /// asked anew where others came between.
    ///
    /// # Errors
    /// [`StoreError::Policy`] where the change gives none, or they do not fit its suite, [`StoreError::NotPossible`] where
    /// it is revoked.
    pub fn set_policy(
        &self,
        device: DeviceId,
        change: impl Fn(Settings) -> Result<Settings, PolicyError> + Send + 'static,
        act: Act,
    ) -> Ticket<()> {
        self.administer(device, act, move |row| {
            standing(row)?;
            let settings = change(row.device.settings)?;
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
    /// those after a name, in the order of their names.
    ///
    /// Every step at which a lost state could have accepted a code until now is closed: see
    /// [`State::restored`]. Do it before the first verdict, until a page gives no name.
    ///
    /// # Errors
    /// Those of the store; of the page nothing was changed.
    pub fn restored(&self, after: Option<DeviceId>, act: Act) -> Ticket<Restoration> {
        self.write(Mode::Write, move |session| {
            let mut name = after.as_ref().map_or("", DeviceId::as_str).to_owned();
            let mut restoration = Restoration {
                last: None,
                suspended: 0,
                damaged: 0,
            };
            // A damaged name may be none to go on from: then the next page belongs to this one.
            while restoration.last.is_none() {
                let page = sql::inspect_after(session.db, session.secrets, &name)?;
                let Some(last) = page.last() else {
                    break;
                };
                name.clone_from(&last.device);
                restoration.last = DeviceId::new(name.as_str()).ok();
                for found in page {
                    restore(session, found.row, &act, &mut restoration)?;
                }
            }
            Ok::<_, Failure>(restoration)
        })
    }
}

/// Closes what a lost state of a device could have accepted.
fn restore(
    session: &mut Session<'_>,
    row: Result<Row, StoreError>,
    act: &Act,
    restoration: &mut Restoration,
) -> Result<(), Failure> {
    let Ok((mut row, policy)) = row.and_then(|row| row.device.policy().map(|policy| (row, policy)))
    else {
        restoration.damaged = restoration.damaged.saturating_add(1);
        return Ok(());
    };
    if row.device.status == Status::Revoked {
        return Ok(());
    }
    if let Some(next) = row.device.state.restored(&policy, act.now) {
        row.device.state = next;
    } else {
        row.device.status = Status::Suspended;
        restoration.suspended = restoration.suspended.saturating_add(1);
    }
    let entry = Entry {
        event: Event::Restored,
        status: Some(row.device.status.name().to_owned()),
        ..Entry::default()
    };
    session.update(row, act, entry)
}

fn change_status(row: &mut Row, from: &[Status], to: Status) -> Result<Entry, StoreError> {
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
}

/// Revokes a device whose row is damaged. How many entries it has is asked of the evidence, since the row cannot be
/// believed.
fn revoke_damaged(session: &mut Session<'_>, device: &DeviceId, act: &Act) -> Result<(), Failure> {
    let remains = sql::remains(session.db, device)?;
    let entries = last_version(session, device, remains.version)?.saturating_add(1);
    let row = remains.revoked(device, entries, session.secrets.service().current());
    let entry = Entry {
        event: Event::StatusChanged,
        status: Some(Status::Revoked.name().to_owned()),
        reason: Some("damaged".to_owned()),
        ..Entry::default()
    };
    session.replace(&row, act, entry)
}

/// The version of a device's last entry, looked for from the one that its row claims, and from the first where there is
/// none of that version.
fn last_version(
    session: &mut Session<'_>,
    device: &DeviceId,
    claimed: i64,
) -> Result<u64, Failure> {
    let before = u64::try_from(claimed).unwrap_or(0).saturating_sub(1);
    for from in [before, 0] {
        let mut last = from;
        while let Some(entry) = sql::history(session.db, device, last)?.pop() {
            last = entry.version.unwrap_or(last);
        }
        if last > from {
            return Ok(last);
        }
    }
    Ok(0)
}

/// What is revoked is not changed any more.
fn standing(row: &Row) -> Result<(), StoreError> {
    match row.device.status {
        Status::Revoked => Err(StoreError::NotPossible(Status::Revoked)),
        Status::Active | Status::Suspended => Ok(()),
    }
}
