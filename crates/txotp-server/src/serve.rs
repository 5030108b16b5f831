//! The service as a whole: it starts, runs, and ends.

use core::fmt;
use core::net::SocketAddr;
use std::io;
use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::http::{ListenError, Listening, TlsError, listen};
use crate::keys::{self, APPLICATIONS, ApiKey, Holder, KeyText, Role};
use crate::tables::Document as _;
use crate::{App, Fault, callbacks, log, sweep};

/// A service that runs.
#[derive(Debug)]
pub struct Running {
    app: Arc<App>,
    listening: Listening,
    stop: watch::Sender<bool>,
    sweeper: JoinHandle<()>,
    outbox: JoinHandle<()>,
    new_key: Option<KeyText>,
}

/// Why a service does not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServeError {
    /// The address cannot be listened on.
    Address(io::Error),
    /// There is no TLS.
    Tls(TlsError),
    /// The store gave no answer.
    Fault(Fault),
    /// The system gave no threads or signals.
    System(io::Error),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(error) => write!(f, "the address cannot be listened on: {error}"),
            Self::Tls(error) => error.fmt(f),
            Self::Fault(fault) => fault.fmt(f),
            Self::System(error) => write!(f, "the system gave no threads or signals: {error}"),
        }
    }
}

impl core::error::Error for ServeError {}

impl From<Fault> for ServeError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Serves until the process is told to end (SIGTERM, SIGINT), then finishes what was accepted. SIGHUP has the certificate read anew.
/// Writes its log to standard error, and calls `ready` when it listens.
///
/// # Errors
/// [`ServeError`]; nothing was served then.
pub fn run(app: App, ready: impl FnOnce(&Running)) -> Result<(), ServeError> {
    log::begin(&app.config.log);
    Runtime::new().map_err(ServeError::System)?.block_on(async {
        let running = start(app).await?;
        let listen_for = |kind| signal(kind).map_err(ServeError::System);
        let mut end = listen_for(SignalKind::terminate())?;
        let mut interrupt = listen_for(SignalKind::interrupt())?;
        let mut renew = listen_for(SignalKind::hangup())?;
        ready(&running);
        loop {
            tokio::select! {
                _ = end.recv() => break,
                _ = interrupt.recv() => break,
                _ = renew.recv() => match running.reload() {
                    Ok(()) => tracing::info!("the certificate was read anew"),
                    Err(error) => tracing::error!(%error, "the certificate in use stays"),
                },
            }
        }
        tracing::info!("ending: what was accepted is finished");
        running.stop().await;
        Ok(())
    })
}

/// Listens and serves, on the runtime that it is called on. Where the store has no application yet, one is made, and its key
/// is to be shown: see [`Running::new_key`].
///
/// # Errors
/// [`ServeError`]; nothing is served then.
pub async fn start(app: App) -> Result<Running, ServeError> {
    let app = Arc::new(app);
    app.gateway.warn();
    let listening = listen(Arc::clone(&app))
        .await
        .map_err(|error| match error {
            ListenError::Address(error) => ServeError::Address(error),
            ListenError::Tls(error) => ServeError::Tls(error),
        })?;
    let new_key = new_key(&app).await?;
    let (stop, stopped) = watch::channel(false);
    let outbox = tokio::spawn(callbacks::run(Arc::clone(&app), stopped.clone()));
    let sweeper = tokio::spawn(sweep::run(Arc::clone(&app), stopped));
    Ok(Running {
        app,
        listening,
        stop,
        sweeper,
        outbox,
        new_key,
    })
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listening.address
    }

    /// Where callers reach it: as it is set, or by its address.
    #[must_use]
    pub fn url(&self) -> String {
        let config = &self.app.config;
        if !config.public_url.is_empty() {
            return config.public_url.trim_end_matches('/').to_owned();
        }
        let scheme = if config.tls.certificate.is_empty() {
            "http"
        } else {
            "https"
        };
        format!("{scheme}://{}", self.address())
    }

    /// The key that was made, because there was none or it was asked for: it can be shown this once.
    #[must_use]
    pub fn new_key(&self) -> Option<&KeyText> {
        self.new_key.as_ref()
    }

    /// Reads the certificate and its key anew, for connections to come.
    ///
    /// # Errors
    /// [`TlsError`]; those in use stay.
    pub fn reload(&self) -> Result<(), TlsError> {
        self.listening.reload(&self.app.config.tls)
    }

    /// Accepts nothing more, finishes what was accepted, and ends.
    pub async fn stop(self) {
        self.app.ending.send_replace(true);
        self.listening.stop().await;
        self.stop.send_replace(true);
        // A task that panicked is over as well.
        let _ = self.sweeper.await;
        let _ = self.outbox.await;
    }
}

/// Makes the first application of a store, if it has none, or one more.
async fn new_key(app: &App) -> Result<Option<KeyText>, Fault> {
    // One that is not understood counts: that there is such a key makes nobody an administrator.
    let listed = app.vault.records_of(ApiKey::KIND, APPLICATIONS, None, 1);
    let has_any = !listed.await.map_err(Fault::from)?.is_empty();
    if has_any && !app.wants_new_key {
        return Ok(None);
    }
    let holder = Holder::Application {
        name: "console".to_owned(),
        roles: Role::ALL.to_vec(),
        callback_url: None,
    };
    keys::create(&app.vault, &*app.world, holder, false)
        .await
        .map(Some)
}
