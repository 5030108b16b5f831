//! A store of devices: everything that a bank asks of it.

use core::fmt;
use core::time::Duration;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use crate::database::{Connection, Failure, Mode};
use crate::engine::{Queue, Role, Ticket, Worker, task};
use crate::limits::MAX_BATCH;
#[cfg(feature = "postgres")]
use crate::limits::MAX_CONNECTIONS;
#[cfg(feature = "postgres")]
use crate::postgres::{Postgres, apart};
use crate::schema::{self, Schema};
use crate::seal::KeyService;
use crate::secrets::Secrets;
use crate::session::{Act, Session};
use crate::sqlite::Sqlite;
use crate::{Location, StoreError};

use self::seeds::Openers;

mod administer;
mod attempt;
mod check;
mod enrol;
mod evidence;
mod joint;
mod keys;
#[cfg(test)]
mod model;
mod records;
mod seeds;
mod step_up;
mod store;

pub use administer::Restoration;
pub use attempt::{Answer, Judgement, Who};
pub use check::CheckReport;
pub use enrol::{Enrolment, Listed};
pub use keys::Rotation;
pub use step_up::StepUp;
pub use store::VaultStore;

/// Told how much of a long work is done, and of how much: (done, in all).
pub type Progress = Box<dyn FnMut(u64, u64) + Send>;

/// The connections that only read. What takes long waits for its own, and nothing else behind it.
const READING: [Role; 3] = [Role::Reader, Role::Reader, Role::LongReader];

/// How a vault works with its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How long a thread waits for a database that others hold, or that cannot be reached. 10 seconds.
    pub patience: Duration,
    /// The connections to PostgreSQL that write, 1 to 64. Eight. SQLite has one. Either has three more that read: two
    /// what is answered at once, and one what takes long, so that a check or an export holds up nothing else.
    pub connections: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(10),
            connections: 8,
        }
    }
}

/// Devices with their sealed seeds, their durable states, and the evidence of all that happened to them.
///
/// Every method gives a [`Ticket`], to block on or to await. Its answer is there when all that it implies is
/// durable. A vault is shared by reference among as many threads and tasks as there are; several processes may
/// open one store. When it is dropped, it ends what it has accepted.
pub struct Vault {
    secrets: Arc<Secrets>,
    location: Location,
    options: Options,
    reads: Arc<Queue>,
    long_reads: Arc<Queue>,
    writes: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
    openers: Openers,
}

impl Vault {
    /// Makes a store where there is none, all or nothing. What is secret in it is sealed under the current key.
    ///
    /// # Errors
    /// [`StoreError::AlreadyAStore`] where there is something; it is left as it is.
    pub fn create(
        location: &Location,
        keys: &Arc<dyn KeyService>,
        options: Options,
        act: &Act,
    ) -> Result<(), StoreError> {
        match location {
            Location::Sqlite(path) => {
                schema::create(&mut Sqlite::create(path, options.patience)?, keys, act)
            }
            #[cfg(feature = "postgres")]
            Location::Postgres(url) => {
                apart(|| schema::create(&mut Postgres::connect(url, options.patience)?, keys, act))
            }
        }
    }

    /// Brings a store to the schema of this release, and gives the version that it had and the one that it has.
    /// Make a backup first. Processes of an older release must not have it open.
    ///
    /// # Errors
    /// [`StoreError::NewerSchema`]; the store is as it was.
    pub fn migrate(location: &Location, options: Options) -> Result<(u64, u64), StoreError> {
        let before = match location {
            Location::Sqlite(path) => schema::migrate(&mut Sqlite::open(path, options.patience)?)?,
            #[cfg(feature = "postgres")]
            Location::Postgres(url) => {
                apart(|| schema::migrate(&mut Postgres::connect(url, options.patience)?))?
            }
        };
        Ok((before, schema::newest()))
    }

    /// Opens a store, and proves that every key is there that anything in it is sealed under.
    ///
    /// # Errors
    /// [`StoreError::NotAStore`], [`StoreError::OlderSchema`] and [`StoreError::NewerSchema`],
    /// [`StoreError::Key`], and those of the database.
    pub fn open(
        location: &Location,
        keys: Arc<dyn KeyService>,
        options: Options,
    ) -> Result<Self, StoreError> {
        let mut vault = Self::connect(location, keys, options)?;
        vault.start_openers()?;
        Ok(vault)
    }

    fn connect(
        location: &Location,
        keys: Arc<dyn KeyService>,
        options: Options,
    ) -> Result<Self, StoreError> {
        match location {
            Location::Sqlite(path) => {
                let mut writer = Sqlite::open(path, options.patience)?;
                let secrets = Self::open_secrets(&mut writer, keys)?;
                let mut vault = Self::closed(secrets, location, options);
                let most = MAX_BATCH;
                vault.start(writer, Role::Writer { most })?;
                for role in READING {
                    vault.start(Sqlite::open(path, options.patience)?, role)?;
                }
                Ok(vault)
            }
            #[cfg(feature = "postgres")]
            Location::Postgres(url) => apart(|| {
                let mut first = Postgres::connect(url, options.patience)?;
                let secrets = Self::open_secrets(&mut first, keys)?;
                let mut vault = Self::closed(secrets, location, options);
                vault.start(first, Role::Writer { most: 1 })?;
                for _ in 1..options.connections.clamp(1, MAX_CONNECTIONS) {
                    let another = Postgres::connect(url, options.patience)?;
                    vault.start(another, Role::Writer { most: 1 })?;
                }
                for role in READING {
                    let another = Postgres::connect(url, options.patience)?;
                    vault.start(another, role)?;
                }
                Ok(vault)
            }),
        }
    }

    /// Checks the schema, opens the root, and tries each key.
    fn open_secrets(
        connection: &mut impl Schema,
        keys: Arc<dyn KeyService>,
    ) -> Result<Arc<Secrets>, StoreError> {
        schema::check(connection.schema()?)?;
        schema::within(connection, Mode::Read, |connection| {
            let secrets = schema::secrets(connection, keys)?;
            keys::try_each(connection, &secrets)?;
            Ok(Arc::new(secrets))
        })
    }

    /// A vault without threads.
    fn closed(secrets: Arc<Secrets>, location: &Location, options: Options) -> Self {
        Self {
            secrets,
            location: location.clone(),
            options,
            reads: Arc::default(),
            long_reads: Arc::default(),
            writes: Arc::default(),
            threads: Vec::new(),
            openers: Openers::default(),
        }
    }

    fn start(
        &mut self,
        connection: impl Connection + 'static,
        role: Role,
    ) -> Result<(), StoreError> {
        let queue = match role {
            Role::Reader => Arc::clone(&self.reads),
            Role::LongReader => Arc::clone(&self.long_reads),
            Role::Writer { .. } => Arc::clone(&self.writes),
        };
        let worker = Worker::new(connection, Arc::clone(&self.secrets), role)?;
        let thread = std::thread::Builder::new().name("txotp-store".to_owned());
        let thread = thread.spawn(move || worker.run(&queue));
        self.threads
            .push(thread.map_err(|_| StoreError::Overloaded)?);
        Ok(())
    }

    /// Hands an operation to a thread that writes.
    fn write<T: Send + 'static>(
        &self,
        mode: Mode,
        work: impl FnMut(&mut Session<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Ticket<T> {
        submit(&self.writes, mode, work)
    }

    /// Hands an operation to a thread that reads, with a view of one moment.
    fn read<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Session<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Ticket<T> {
        submit(&self.reads, Mode::Read, work)
    }

    /// Hands an operation that asks little to a thread that reads, statement by statement.
    fn look<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Session<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Ticket<T> {
        submit(&self.reads, Mode::Look, work)
    }

    /// Hands an operation to the thread that reads what takes long, one after another.
    fn read_long<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Session<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Ticket<T> {
        submit(&self.long_reads, Mode::Read, work)
    }

    /// Copies an SQLite store as it is at this moment, while others go on working; blocks until the copy is on
    /// the disk. It needs the same keys.
    ///
    /// A store that was restored from a copy has forgotten what was accepted since: see
    /// [`Vault::restored`].
    ///
    /// # Errors
    /// [`StoreError::AlreadyAStore`] where there is a file; [`StoreError::Location`] for PostgreSQL, which has
    /// its own ways, such as `pg_basebackup`.
    pub fn backup(&self, to: &Path, mut progress: Progress) -> Result<(), StoreError> {
        match &self.location {
            Location::Sqlite(path) => {
                Sqlite::open(path, self.options.patience)?.backup(to, &mut progress)
            }
            #[cfg(feature = "postgres")]
            Location::Postgres(_) => Err(StoreError::Location),
        }
    }

    /// Ends what was accepted, and closes the store. Dropping does the same.
    pub fn close(self) {
        drop(self);
    }
}

fn submit<T: Send + 'static>(
    queue: &Queue,
    mode: Mode,
    work: impl FnMut(&mut Session<'_>) -> Result<T, Failure> + Send + 'static,
) -> Ticket<T> {
    let (job, ticket) = task(mode, work);
    if let Err((error, job)) = queue.push(job) {
        job.answer(Err(error));
    }
    ticket
}

impl Drop for Vault {
    fn drop(&mut self) {
        // First: what waits there has yet to read and to write.
        self.openers.close();
        self.reads.close();
        self.long_reads.close();
        self.writes.close();
        for thread in self.threads.drain(..) {
            // A thread that panicked has answered nobody, and every caller was told.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("location", &self.location)
            .finish_non_exhaustive()
    }
}
