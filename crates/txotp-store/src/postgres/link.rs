//! A session with a server: how it begins, and what it keeps.

use core::future::poll_fn;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_postgres::error::Severity;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{
    AsyncMessage, Client, Config, Error, NoTls, SimpleQueryMessage, Socket, Statement,
};

use super::refusal;
use super::server::{self, Server};
use crate::StoreError;

/// A session. What drives it runs whenever its thread waits for an answer, and ends with it.
pub(super) struct Link {
    pub(super) client: Client,
    statements: HashMap<&'static str, Statement>,
    /// Whether the server warned since the last commit began.
    warned: Arc<AtomicBool>,
}

impl Link {
    /// Asks each server in turn for a session in which what is committed is durable, as long as patience lasts.
    pub(super) async fn open(servers: &[Server], patience: Duration) -> Result<Self, StoreError> {
        let share = server::share(patience, servers.len());
        let mut outcome = Err(StoreError::Unreachable);
        for Server { config, tls } in servers {
            let session = async {
                match tls {
                    Some(tls) => Self::begin(config, tls.clone(), patience).await,
                    None => Self::begin(config, NoTls, patience).await,
                }
            };
            match timeout(share, session).await {
                Ok(Ok(link)) => return Ok(link),
                // Of several servers, what one said tells more than that another is silent.
                Ok(Err(error)) if error != StoreError::Unreachable => outcome = Err(error),
                Ok(Err(_)) | Err(_) => {}
            }
        }
        outcome
    }

    async fn begin<T>(config: &Config, tls: T, patience: Duration) -> Result<Self, StoreError>
    where
        T: MakeTlsConnect<Socket, Stream: Send + 'static>,
    {
        let connected = config.connect(tls).await;
        let (client, connection) = connected.map_err(|error| refusal::unconnected(&error))?;
        let warned = Arc::<AtomicBool>::default();
        tokio::spawn(drive(connection, Arc::clone(&warned)));
        let link = Self {
            client,
            statements: HashMap::new(),
            warned,
        };
        link.must_be_durable().await?;
        link.configure(patience).await?;
        Ok(link)
    }

    /// What a commit acknowledges must be on the disk, and on those standbys that the server waits for.
    async fn must_be_durable(&self) -> Result<(), StoreError> {
        // A setting that the server does not know is null, and nothing that could be turned off.
        let sql =
            "SELECT current_setting('synchronous_commit', true), current_setting('fsync', true)";
        let answer = self.client.simple_query(sql).await;
        let answer = answer.map_err(|error| refusal::unconnected(&error))?;
        let row = answer.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let row = row.ok_or(StoreError::Unreachable)?;
        // `local` waits for no standby: what it acknowledges is lost when one is promoted. `remote_write` waits until one has
        // it in memory: it is lost where both machines fail.
        let waits = matches!(row.get(0), None | Some("on" | "remote_apply"));
        if waits && row.get(1) != Some("off") {
            Ok(())
        } else {
            Err(StoreError::NotDurable)
        }
    }

    /// Bounds how long this session may hold others up, as far as the server knows how to; and makes sure that it hears
    /// of warnings, and that a commit goes on to mean what it means now.
    async fn configure(&self, patience: Duration) -> Result<(), StoreError> {
        let patience = patience.as_millis();
        for setting in [
            format!("SET lock_timeout = {patience}"),
            format!("SET statement_timeout = {patience}"),
            format!("SET idle_in_transaction_session_timeout = {patience}"),
            "SET client_min_messages = warning".to_owned(),
            // It is the session's own from here on: what the server is told later does not change it.
            "SELECT set_config('synchronous_commit', current_setting('synchronous_commit'), false)"
                .to_owned(),
        ] {
            match self.client.batch_execute(&setting).await {
                Err(error) if !refusal::is_refused(&error) => return Err(StoreError::Unreachable),
                _ => {}
            }
        }
        Ok(())
    }

    /// Prepares a statement, the first time.
    pub(super) async fn prepared(&mut self, sql: &'static str) -> Result<Statement, Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).await?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }

    /// Commits. `false` where the server warns: what it says then is that the transaction is committed on it,
    /// but that it has given up waiting for its standby (somebody cancelled the wait); or that there was none.
    pub(super) async fn commit(&mut self) -> Result<bool, Error> {
        self.warned.store(false, Ordering::Relaxed);
        self.client.batch_execute("COMMIT").await?;
        // A warning comes before the end of the answer, and both by the task that sets this.
        Ok(!self.warned.load(Ordering::Relaxed))
    }
}

/// Carries messages to and fro, and listens for warnings.
async fn drive<S, T>(mut connection: tokio_postgres::Connection<S, T>, warned: Arc<AtomicBool>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
        if let AsyncMessage::Notice(notice) = message {
            // Without a severity that is known, it counts as a warning.
            if notice
                .parsed_severity()
                .is_none_or(|severity| severity == Severity::Warning)
            {
                warned.store(true, Ordering::Relaxed);
            }
        }
    }
}
