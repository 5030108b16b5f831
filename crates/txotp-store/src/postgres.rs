//! PostgreSQL, and the databases that speak its protocol.
//!
//! A connection belongs to one thread, which drives it and waits for it: there is no runtime besides the
//! connection's own, and every wait has an end. The statements are portable; what is PostgreSQL's own is asked
//! for where a session begins, and a server that does not know it is taken as it is.

use core::future::{Future as _, poll_fn};
use core::pin::pin;
use core::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use tokio_postgres::types::{FromSql, ToSql, Type};
use tokio_postgres::{Error, Row};

use self::link::Link;
use self::server::Server;
use crate::StoreError;
use crate::database::{Arg, Connection, Database, Failure, Mode, Record, Value};
use crate::error::Damage;
use crate::schema::Schema;
use crate::sql::{GET_META, PUT_META, SWAP_META};

mod link;
mod refusal;
mod server;

/// How much longer than the server's own limit for a statement its answer is waited for.
const GRACE: Duration = Duration::from_secs(1);

/// How long a statement that only reads may take: it may count every row of a large store.
const READING: Duration = Duration::from_secs(3600);

/// The first pause between two attempts to connect, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// The name under which the version of the schema is stored.
const SCHEMA: &str = "schema";

/// Whether the table of [`SCHEMA`] is there, asked without an error where it is not: that would end the transaction.
const HAS_META: &str =
    "SELECT CASE WHEN to_regclass('txotp_meta') IS NULL THEN 0::BIGINT ELSE 1::BIGINT END";

/// A connection to whichever of the servers writes.
pub(crate) struct Postgres {
    runtime: Runtime,
    servers: Vec<Server>,
    patience: Duration,
    /// None where it was lost.
    link: Option<Link>,
    transaction: Transaction,
    /// The BEGIN that the next statement takes along.
    beginning: Option<&'static str>,
    /// How long an answer is waited for.
    limit: Duration,
    /// Whether the last wait for a server was in vain: then the next one is not waited for, so that those who
    /// queue are told at once.
    is_given_up: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Transaction {
    None,
    Open,
    /// A statement failed: the server does no more of it, and would roll it back at a COMMIT without an error.
    Failed,
}

/// Runs work on a thread of its own: the caller may be within an asynchronous runtime, where waiting on
/// another is a panic.
pub(crate) fn apart<T: Send>(
    work: impl FnOnce() -> Result<T, StoreError> + Send,
) -> Result<T, StoreError> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().spawn_scoped(scope, work);
        let thread = thread.map_err(|_| StoreError::Overloaded)?;
        thread
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

impl Postgres {
    /// Connects, and makes sure that what is committed is durable. To be called, and dropped, on a thread without a
    /// runtime: see [`apart`].
    ///
    /// # Errors
    /// [`StoreError::Location`], [`StoreError::Unreachable`], [`StoreError::Refused`],
    /// [`StoreError::Untrusted`], [`StoreError::ReadOnly`], [`StoreError::NotDurable`].
    pub(crate) fn connect(url: &str, patience: Duration) -> Result<Self, StoreError> {
        let servers = server::parse(url, patience)?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|_| StoreError::Overloaded)?;
        let link = runtime.block_on(Link::open(&servers, patience))?;
        Ok(Self {
            runtime,
            servers,
            patience,
            link: Some(link),
            transaction: Transaction::None,
            beginning: None,
            limit: patience.saturating_add(GRACE),
            is_given_up: false,
        })
    }

    /// Asks the server, and waits for its answer no longer than the limit.
    fn ask<T>(
        &mut self,
        question: impl AsyncFnOnce(&mut Link) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        let link = self.link.as_mut().ok_or(Failure::Lost)?;
        let limit = self.limit;
        let answer = self
            .runtime
            .block_on(async { timeout(limit, question(link)).await });
        let failure = match answer {
            Ok(Ok(found)) => return Ok(found),
            Ok(Err(error)) => refusal::failure(&error),
            // An answer that came later would be taken for another's.
            Err(_) => {
                self.link = None;
                StoreError::Unreachable.into()
            }
        };
        if failure == Failure::Lost {
            self.link = None;
        }
        if self.transaction == Transaction::Open {
            self.transaction = Transaction::Failed;
        }
        Err(failure)
    }

    /// Runs a prepared statement.
    fn run<T>(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
        finish: impl AsyncFnOnce(
            &tokio_postgres::Client,
            &tokio_postgres::Statement,
            &[&(dyn ToSql + Sync)],
        ) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        // Of a failed transaction nothing is done: who goes on with it must begin anew.
        if self.transaction == Transaction::Failed {
            return Err(Failure::Conflict);
        }
        self.ask(async |link| {
            let statement = link.prepared(sql).await?;
            let args: Vec<_> = args.iter().zip(statement.params()).map(bound).collect();
            finish(&link.client, &statement, &args).await
        })
    }

    /// Sends the BEGIN that is still to be sent, and waits for its answer.
    fn ensure_begun(&mut self) -> Result<(), Failure> {
        match self.beginning.take() {
            Some(begin) => self.ask(async |link| link.client.batch_execute(begin).await),
            None => Ok(()),
        }
    }

    fn batch(&mut self, sql: &str) -> Result<(), Failure> {
        self.ensure_begun()?;
        self.ask(async |link| link.client.batch_execute(sql).await)
    }
}

impl Database for Postgres {
    fn query(&mut self, sql: &'static str, args: &[Arg<'_>]) -> Result<Vec<Record>, Failure> {
        // One way to the server and back is saved: what only reads does no harm where the BEGIN before it failed.
        let beginning = self.beginning.take();
        let rows = self.run(sql, args, async |client, statement, args| {
            let Some(begin) = beginning else {
                return client.query(statement, args).await;
            };
            let mut begin = pin!(client.batch_execute(begin));
            let begun = poll_fn(|context| Poll::Ready(begin.as_mut().poll(context))).await;
            let rows = client.query(statement, args).await;
            match begun {
                Poll::Ready(begun) => begun?,
                Poll::Pending => begin.await?,
            }
            rows
        })?;
        Ok(rows.iter().map(record).collect::<Result<_, _>>()?)
    }

    fn execute(&mut self, sql: &'static str, args: &[Arg<'_>]) -> Result<u64, Failure> {
        self.ensure_begun()?;
        self.run(sql, args, async |client, statement, args| {
            client.execute(statement, args).await
        })
    }
}

impl Connection for Postgres {
    fn begin(&mut self, mode: Mode) -> Result<(), Failure> {
        let limit = match mode {
            Mode::Read => READING,
            Mode::Look | Mode::Write | Mode::Alone => self.patience,
        };
        self.limit = limit.saturating_add(GRACE);
        let sql = match mode {
            // Each statement is a transaction of its own: there is nothing to begin, or to end.
            Mode::Look => return Ok(()),
            // A slow reader of evidence holds nobody up, so it may be idle as long as it may read.
            Mode::Read => {
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '1h'; \
                 SET LOCAL idle_in_transaction_session_timeout = '1h'"
            }
            Mode::Write => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
            Mode::Alone => "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE",
        };
        self.transaction = Transaction::Open;
        self.beginning = Some(sql);
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Failure> {
        if self.transaction == Transaction::Failed {
            self.rollback();
            return Err(Failure::Conflict);
        }
        if self.transaction == Transaction::None {
            return Ok(());
        }
        self.ensure_begun()?;
        let is_durable = self.ask(async |link| link.commit().await)?;
        self.transaction = Transaction::None;
        if is_durable {
            Ok(())
        } else {
            // Here it is, and perhaps not where it must be too.
            self.link = None;
            Err(Failure::Lost)
        }
    }

    fn rollback(&mut self) {
        if self.transaction == Transaction::None {
            return;
        }
        if self.beginning.take().is_some() {
            self.transaction = Transaction::None;
            return;
        }
        // A session that cannot even do this is of no use.
        if self.batch("ROLLBACK").is_err() {
            self.link = None;
        }
        self.transaction = Transaction::None;
    }

    /// Retries as long as patience lasts: a server that restarts, or a standby that is being promoted, is
    /// there again in a moment.
    fn reconnect(&mut self) -> Result<(), Failure> {
        self.link = None;
        self.transaction = Transaction::None;
        self.beginning = None;
        let begun = Instant::now();
        let (mut pause, longest) = PAUSES;
        loop {
            let left = self.patience.saturating_sub(begun.elapsed());
            let asked = if self.is_given_up {
                self.patience
            } else {
                left.max(longest)
            };
            match self.runtime.block_on(Link::open(&self.servers, asked)) {
                Ok(link) => {
                    self.link = Some(link);
                    self.is_given_up = false;
                    return Ok(());
                }
                Err(error) if self.is_given_up || left <= pause => {
                    self.is_given_up = true;
                    return Err(error.into());
                }
                Err(_) => thread::sleep(pause),
            }
            pause = pause.saturating_mul(2).min(longest);
        }
    }
}

impl Schema for Postgres {
    fn schema(&mut self) -> Result<u64, StoreError> {
        let mut ask = |sql, args: &[Arg<'_>]| {
            let found = self.query(sql, args).map_err(|failure| match failure {
                Failure::Conflict => StoreError::Contended,
                Failure::Lost => StoreError::Unreachable,
                Failure::Store(error) => error,
            });
            found.map(|mut rows| rows.pop())
        };
        let mut has_meta = ask(HAS_META, &[])?.ok_or(StoreError::Unreachable)?;
        if has_meta.int()? == 0 {
            return Ok(0);
        }
        // A table of this name without this row was made by something else.
        let damaged = StoreError::Damaged(Damage::Content);
        let mut version = ask(GET_META, &[Arg::Text(SCHEMA)])?.ok_or(damaged)?;
        version.text()?.parse().map_err(|_| damaged)
    }

    fn migrate_step(&mut self, version: u64, step: &str) -> Result<(), Failure> {
        let step = step
            .replace("{name}", "TEXT COLLATE \"C\"")
            .replace("{bytes}", "BYTEA");
        // A step may take as long as it must.
        self.limit = Duration::MAX;
        let (seen, next) = (version.to_string(), version.saturating_add(1).to_string());
        let made = self
            .batch(&format!("SET LOCAL statement_timeout = 0; {step}"))
            .and_then(|()| match version {
                0 => self.execute(PUT_META, &[Arg::Text(SCHEMA), Arg::Text(&next)]),
                _ => {
                    let args = [Arg::Text(&next), Arg::Text(SCHEMA), Arg::Text(&seen)];
                    self.execute(SWAP_META, &args)
                }
            });
        match made {
            Ok(1) => Ok(()),
            // Another process made the same step at the same time: its tables are there, or its names.
            Ok(_) => Err(Failure::Conflict),
            Err(Failure::Store(
                StoreError::AlreadyAStore | StoreError::Damaged(Damage::Evidence),
            )) if version > 0 => Err(Failure::Conflict),
            Err(Failure::Store(StoreError::Damaged(Damage::Evidence))) => {
                Err(StoreError::AlreadyAStore.into())
            }
            Err(failure) => Err(failure),
        }
    }
}

/// An argument as the type of its place has it.
fn bound<'a>((arg, kind): (&'a Arg<'_>, &Type)) -> &'a (dyn ToSql + Sync) {
    match arg {
        Arg::Null if *kind == Type::INT8 => &None::<i64>,
        Arg::Null if *kind == Type::BYTEA => &None::<&[u8]>,
        Arg::Null => &None::<&str>,
        Arg::Int(number) => number,
        Arg::Text(text) => text,
        Arg::Blob(bytes) => bytes,
    }
}

fn record(row: &Row) -> Result<Record, StoreError> {
    let values = (0..row.len()).map(|column| row.try_get(column));
    // The columns are not of the types that they were made with.
    let values = values.collect::<Result<_, _>>();
    Ok(Record::new(
        values.map_err(|_| StoreError::Damaged(Damage::Row))?,
    ))
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(
        kind: &Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn core::error::Error + Sync + Send>> {
        match *kind {
            Type::INT8 => i64::from_sql(kind, raw).map(Self::Int),
            Type::BYTEA => Vec::from_sql(kind, raw).map(Self::Blob),
            _ => String::from_sql(kind, raw).map(Self::Text),
        }
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn core::error::Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::INT8 || *kind == Type::BYTEA || <String as FromSql>::accepts(kind)
    }
}
