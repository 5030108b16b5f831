//! The seeds that an attempt is judged by, and who opens them: a key service that answers at once is asked within the
//! transaction; for any other, what is sealed is read first, opened on a thread of its own while no transaction is open,
//! and used where the row still holds it.
//!
//! ```text
//!  local       write ─ row ─ open ─ decide ─ commit
//!  any other   read ─ row │ open … │ write ─ row: as it was? ─ decide ─ commit
//!                ▲                               └─ no: sealed anew
//!                └───────────────────────────────────────┘
//! ```

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use txotp_core::{DeviceKey, PinHash, Seed};
use txotp_verifier::Policy;

use super::{Answer, Vault, Who, submit};
use crate::database::{Failure, Mode};
use crate::device::Row;
use crate::engine::{Caller, Queue, Ticket};
use crate::limits::MAX_KEY_CALLS;
use crate::seal::Sealed;
use crate::secrets::Secrets;
use crate::session::Session;
use crate::{DeviceId, Status, StoreError};

/// How often seeds are opened for one attempt: again where others sealed them anew meanwhile.
const OPENINGS: u32 = 3;

/// The seeds of the devices that an attempt may be of.
pub(super) enum Seeds {
    /// Each is opened where it is needed.
    Sealed,
    /// They were opened before.
    Opened(Vec<Opened>),
}

/// A seed that was opened, and what it was sealed as.
pub(super) struct Opened {
    device: DeviceId,
    sealed: Sealed,
    seed: Seed,
    pin: Option<PinHash>,
}

impl Seeds {
    /// The policy and the key of a device.
    ///
    /// # Errors
    /// [`StoreError::Contended`] where it is not as it was when the seeds were opened.
    pub(super) fn open(
        &self,
        row: &Row,
        secrets: &Secrets,
    ) -> Result<(Policy, DeviceKey), StoreError> {
        let Self::Opened(opened) = self else {
            return row.open(secrets);
        };
        let own =
            |opened: &&Opened| opened.device == row.device.id && opened.sealed == row.sealed();
        let own = opened.iter().find(own).ok_or(StoreError::Contended)?;
        row.with_seed(&own.seed, own.pin.as_ref())
    }
}

/// Judges in a transaction, by seeds.
type Work = dyn Fn(&mut Session<'_>, &Who, &Seeds) -> Result<Answer, Failure> + Send + Sync;

/// An attempt that waits for a key service.
struct Attempt {
    who: Who,
    work: Arc<Work>,
    caller: Caller<Answer>,
}

impl Vault {
    /// Hands a judgement to a thread that writes; before it to one that opens the seeds, where that may take its time.
    pub(super) fn judge(
        &self,
        who: Who,
        work: impl Fn(&mut Session<'_>, &Who, &Seeds) -> Result<Answer, Failure> + Send + Sync + 'static,
    ) -> Ticket<Answer> {
        if self.secrets.service().is_local() {
            return self.write(Mode::Write, move |session| {
                work(session, &who, &Seeds::Sealed)
            });
        }
        let (caller, ticket) = Ticket::new();
        let work = Arc::new(work);
        self.openers.push(Attempt { who, work, caller });
        ticket
    }

    /// Starts the threads that wait for a key service, where it is one that is waited for.
    pub(super) fn start_openers(&mut self) -> Result<(), StoreError> {
        if self.secrets.service().is_local() {
            return Ok(());
        }
        for _ in 0..MAX_KEY_CALLS {
            let opener = Opener {
                secrets: Arc::clone(&self.secrets),
                reads: Arc::clone(&self.reads),
                writes: Arc::clone(&self.writes),
            };
            self.openers.start(opener)?;
        }
        Ok(())
    }
}

/// The threads that wait for a key service, and what waits for them.
#[derive(Default)]
pub(super) struct Openers {
    queue: Arc<Queue<Attempt>>,
    threads: Vec<JoinHandle<()>>,
}

impl Openers {
    fn start(&mut self, opener: Opener) -> Result<(), StoreError> {
        let queue = Arc::clone(&self.queue);
        let thread = std::thread::Builder::new().name("txotp-keys".to_owned());
        let thread = thread.spawn(move || opener.run(&queue));
        self.threads
            .push(thread.map_err(|_| StoreError::Overloaded)?);
        Ok(())
    }

    fn push(&self, attempt: Attempt) {
        if let Err((error, attempt)) = self.queue.push(attempt) {
            attempt.caller.answer(Err(error));
        }
    }

    /// Ends what was accepted. The threads that read and write must still be there.
    pub(super) fn close(&mut self) {
        self.queue.close();
        for thread in self.threads.drain(..) {
            // What panics in it is caught, and told.
            let _ = thread.join();
        }
    }
}

/// A thread that waits for a key service.
struct Opener {
    secrets: Arc<Secrets>,
    reads: Arc<Queue>,
    writes: Arc<Queue>,
}

impl Opener {
    fn run(self, queue: &Queue<Attempt>) {
        while let Some(attempts) = queue.pop(1) {
            for Attempt { who, work, caller } in attempts {
                let judged = catch_unwind(AssertUnwindSafe(|| self.judge(&who, &work)));
                caller.answer(judged.unwrap_or(Err(StoreError::Panicked)));
            }
        }
    }

    fn judge(&self, who: &Who, work: &Arc<Work>) -> Result<Answer, StoreError> {
        let mut answer = Err(StoreError::Contended);
        for _ in 0..OPENINGS {
            let seeds = self.open(who)?;
            let (who, work) = (who.clone(), Arc::clone(work));
            let judged = submit(&self.writes, Mode::Write, move |session| {
                work(session, &who, &seeds)
            });
            answer = judged.wait();
            if answer != Err(StoreError::Contended) {
                break;
            }
        }
        answer
    }

    /// Opens the seed of each active device.
    fn open(&self, who: &Who) -> Result<Seeds, StoreError> {
        let who = who.clone();
        let rows = submit(&self.reads, Mode::Read, move |session| match &who {
            Who::Device(device) => Ok(vec![session.device(device)?]),
            // A damaged row is told by the transaction that would need it.
            Who::User(user) => {
                let found = session.devices_of(user)?.into_iter();
                Ok(found.filter_map(|found| found.row.ok()).collect())
            }
        });
        let mut rows: Vec<Row> = rows.wait()?;
        rows.retain(|row| row.device.status == Status::Active);
        let open = |row: Row| {
            let sealed = row.sealed();
            let (seed, pin) = self.secrets.open_seed(&row.device.id, &sealed)?;
            Ok(Opened {
                device: row.device.id,
                sealed,
                seed,
                pin,
            })
        };
        let opened: Result<_, StoreError> = rows.into_iter().map(open).collect();
        opened.map(Seeds::Opened)
    }
}
