//! Connections: accepted, limited in number and time, and finished when the service ends.
//!
//! HTTP/1.1 only: of its connections each waits for one thing at a time, with a limit. HTTP/2 is spoken by what stands in front.

use core::net::SocketAddr;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::{Request, service};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use super::patience::Patience;
use super::{Peer, TlsError, router, tls};
use crate::App;

/// What is left open at most for a handshake and for the requests that are not whole.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long no connection is accepted after the system had none to give.
const PAUSE: Duration = Duration::from_millis(100);

/// A service that listens.
#[derive(Debug)]
pub(crate) struct Listening {
    pub(crate) address: SocketAddr,
    certificate: watch::Sender<Option<Arc<ServerConfig>>>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Listening {
    /// Takes the certificate from its files anew, for connections to come; what is in use stays where they cannot be read.
    pub(crate) fn reload(&self, tls: &crate::config::Tls) -> Result<(), TlsError> {
        let config = tls::read(tls)?;
        self.certificate.send_replace(config);
        Ok(())
    }

    /// Accepts no more, and finishes what was accepted.
    pub(crate) async fn stop(self) {
        self.stop.send_replace(true);
        // A task that panicked is over as well.
        let _ = self.task.await;
    }
}

/// Why nobody listens.
#[derive(Debug)]
pub(crate) enum ListenError {
    Address(io::Error),
    Tls(TlsError),
}

/// Listens and serves.
pub(crate) async fn listen(app: Arc<App>) -> Result<Listening, ListenError> {
    let (certificate, certificates) =
        watch::channel(tls::read(&app.config.tls).map_err(ListenError::Tls)?);
    let listener = TcpListener::bind(app.config.listen)
        .await
        .map_err(ListenError::Address)?;
    let address = listener.local_addr().map_err(ListenError::Address)?;
    let (stop, stopped) = watch::channel(false);
    let server = Server {
        router: router(Arc::clone(&app)),
        app,
        certificates,
    };
    let task = tokio::spawn(server.run(listener, stopped));
    Ok(Listening {
        address,
        certificate,
        stop,
        task,
    })
}

#[derive(Clone)]
struct Server {
    app: Arc<App>,
    router: Router,
    certificates: watch::Receiver<Option<Arc<ServerConfig>>>,
}

impl Server {
    async fn run(self, listener: TcpListener, mut stopped: watch::Receiver<bool>) {
        let room = Arc::new(Semaphore::new(self.app.config.limits.connections));
        let graceful = GracefulShutdown::new();
        loop {
            let permit = Arc::clone(&room).acquire_owned();
            let accepted = tokio::select! {
                biased;
                _ = stopped.changed() => break,
                accepted = async { (permit.await, listener.accept().await) } => accepted,
            };
            match accepted {
                (Ok(permit), Ok((stream, peer))) => {
                    let connection =
                        self.clone()
                            .connection(stream, peer, graceful.watcher(), permit);
                    tokio::spawn(connection);
                }
                // No descriptor is left, or the caller is gone already.
                (Ok(_), Err(error)) => {
                    tracing::warn!(kind = ?error.kind(), "a connection was not accepted");
                    tokio::time::sleep(PAUSE).await;
                }
                (Err(_), _) => break,
            }
        }
        drop(listener);
        let patience = Duration::from_secs(self.app.config.limits.shutdown_seconds);
        if timeout(patience, graceful.shutdown()).await.is_err() {
            tracing::warn!("connections were cut that did not end in time");
        }
    }

    async fn connection(
        self,
        stream: TcpStream,
        peer: SocketAddr,
        watcher: Watcher,
        permit: OwnedSemaphorePermit,
    ) {
        // Answers are small and whole.
        let _ = stream.set_nodelay(true);
        self.app.metrics.connections.inc();
        let limit = Duration::from_secs(self.app.config.limits.request_seconds);
        let stream = Patience::new(stream, limit);
        let config = self.certificates.borrow().clone();
        match config {
            None => self.serve(stream, peer, watcher).await,
            Some(config) => {
                match timeout(HANDSHAKE, TlsAcceptor::from(config).accept(stream)).await {
                    Ok(Ok(stream)) => self.serve(stream, peer, watcher).await,
                    Ok(Err(_)) | Err(_) => tracing::debug!("a handshake failed"),
                }
            }
        }
        self.app.metrics.connections.dec();
        drop(permit);
    }

    async fn serve(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        peer: SocketAddr,
        watcher: Watcher,
    ) {
        let limits = &self.app.config.limits;
        let router = self.router.clone();
        let service = service::service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer.ip()));
            let router = router.clone();
            async move {
                Ok::<_, Infallible>(
                    router
                        .oneshot(request.map(Body::new))
                        .await
                        .unwrap_or_else(|never| match never {}),
                )
            }
        });
        let connection = Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(limits.header_seconds))
            .max_buf_size(limits.header_bytes)
            .serve_connection(TokioIo::new(stream), service);
        if watcher.watch(connection).await.is_err() {
            tracing::debug!("a connection broke");
        }
    }
}
