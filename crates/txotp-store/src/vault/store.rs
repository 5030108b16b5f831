//! The vault as a store of states, for callers of the verifier who decide themselves.

use txotp_verifier::{State, Store, Swap};

use super::Vault;
use crate::audit::{Entry, Event};
use crate::database::Mode;
use crate::session::Act;
use crate::{DeviceId, Status, StoreError};

/// A vault as a [`Store`]: for [`txotp_verifier::verify`] and its siblings. The evidence then says that a
/// state was replaced, and by whom, but not why; [`Vault::verify`] says it all.
#[derive(Clone, Debug)]
pub struct VaultStore<'a> {
    vault: &'a Vault,
    act: Act,
}

impl Vault {
    /// The vault as a store of states, for one who acts.
    #[must_use]
    pub fn as_store(&self, act: Act) -> VaultStore<'_> {
        VaultStore { vault: self, act }
    }
}

impl Store for VaultStore<'_> {
    type Device = DeviceId;
    type Error = StoreError;

    /// # Errors
    /// [`StoreError::UnknownDevice`]; [`StoreError::NotPossible`] where it is not active.
    fn load(&self, device: &DeviceId) -> Result<State, StoreError> {
        let device = device.clone();
        let state = self.vault.read(move |session| {
            let device = session.device(&device)?.device;
            active(device.status)?;
            Ok(device.state)
        });
        state.wait()
    }

    fn compare_and_set(
        &self,
        device: &DeviceId,
        seen: &State,
        next: &State,
    ) -> Result<Swap, StoreError> {
        let (device, seen, next) = (device.clone(), seen.clone(), next.clone());
        let act = self.act.clone();
        let swap = self.vault.write(Mode::Write, move |session| {
            let row = session.device(&device)?;
            active(row.device.status)?;
            if row.device.state != seen {
                return Ok(Swap::Conflict);
            }
            let entry = Entry {
                event: Event::StateReplaced,
                ..Entry::default()
            };
            session.update_state(row, next.clone(), &act, entry)?;
            Ok(Swap::Stored)
        });
        swap.wait()
    }
}

fn active(status: Status) -> Result<(), StoreError> {
    match status {
        Status::Active => Ok(()),
        status => Err(StoreError::NotPossible(status)),
    }
}
