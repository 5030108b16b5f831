//! Requests that the service makes: callbacks to applications, texts to a gateway.
//!
//! A URL is what somebody configured, and may lead into the bank's own network (server-side request forgery). So a name
//! is resolved once, every address that it has is judged before any is connected to, and the connection goes to the
//! address that was judged. No proxy is asked, no redirect followed, and no connection kept: one that was made under the
//! rules of one request would serve another under its own.

use core::fmt;
use core::net::{Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{HOST, USER_AGENT};
use axum::http::uri::{PathAndQuery, Scheme};
use axum::http::{HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

mod address;
#[cfg(test)]
mod tests;

/// The most bytes of an answer's body where nothing else is said, and of its head.
pub const MAX_REPLY: usize = 65_536;
/// The most addresses of a name that are tried.
const MAX_ADDRESSES: usize = 8;
const AGENT: &str = concat!("txotp/", env!("CARGO_PKG_VERSION"));

/// A client that goes where its rules let it go, over HTTP/1.1 and TLS.
#[derive(Clone)]
pub struct Outbound {
    tls: TlsConnector,
    max_reply: usize,
}

/// Where a request may go, and how long it may take.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The hosts, as they stand in URLs; none for every host.
    pub allowed_hosts: &'a [String],
    /// Whether to addresses that are not public, and over plain HTTP.
    pub allow_private: bool,
    /// For all of it: name, connection, request and answer.
    pub timeout: Duration,
}

/// What was answered.
pub struct Reply {
    /// The HTTP status, whichever it is.
    pub status: u16,
    /// At most [`MAX_REPLY`] bytes, or what [`Outbound::taking`] says.
    pub body: Vec<u8>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Why there is no answer. It carries no part of the request. From [`SendError::Connect`] on, it can be that the request was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// The URL is none, or not `https`, or has a user or a password. Correct it.
    Url,
    /// A header is none. The caller's mistake.
    Header,
    /// The host is not among those that are allowed. Allow it, or correct the URL.
    Host,
    /// The name has no address. Correct it, or retry.
    Name,
    /// The name has an address that is not public. Correct it, or allow private ones.
    Address,
    /// Nobody accepts the connection. Retry.
    Connect,
    /// The server does not prove to be the host. Its certificate is to be corrected, or its issuer to be trusted.
    Tls,
    /// The connection broke, or does not speak HTTP. Retry.
    Broken,
    /// The answer is longer than it may be.
    TooLong,
    /// It took too long. Retry.
    Timeout,
}

impl SendError {
    /// The stable name, for records and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Url => "bad-url",
            Self::Header => "bad-header",
            Self::Host => "host-not-allowed",
            Self::Name => "name-not-found",
            Self::Address => "address-not-public",
            Self::Connect => "not-connected",
            Self::Tls => "tls-failed",
            Self::Broken => "broken",
            Self::TooLong => "answer-too-long",
            Self::Timeout => "timeout",
        }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Url => "the URL is no https URL, or has a user in it",
            Self::Header => "a header of the request is none",
            Self::Host => "the host is not among those that are allowed",
            Self::Name => "the host's name has no address",
            Self::Address => "the host has an address that is not public",
            Self::Connect => "the host does not accept the connection",
            Self::Tls => "the host does not prove who it is",
            Self::Broken => "the connection broke",
            Self::TooLong => "the answer is too long",
            Self::Timeout => "the host took too long to answer",
        })
    }
}

impl core::error::Error for SendError {}

impl Outbound {
    /// A client that trusts whom this machine trusts: its own certificates, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    #[must_use]
    pub fn new() -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            tracing::warn!(
                "this machine has no certificates to trust: no callback and no text goes out over TLS"
            );
        }
        Self::trusting(roots)
    }

    fn trusting(roots: RootCertStore) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider has suites for TLS 1.2 and 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self {
            tls: TlsConnector::from(Arc::new(config)),
            max_reply: MAX_REPLY,
        }
    }

    /// The same, which takes answers of so many bytes.
    #[must_use]
    pub fn taking(self, max_reply: usize) -> Self {
        Self { max_reply, ..self }
    }

    /// Asks, and gives the answer, whatever its status.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn get(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        rules: &Rules<'_>,
    ) -> Result<Reply, SendError> {
        self.send(Method::GET, url, headers, Vec::new(), rules)
            .await
    }

    /// Posts a body, and gives the answer, whatever its status.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn post(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
        rules: &Rules<'_>,
    ) -> Result<Reply, SendError> {
        self.send(Method::POST, url, headers, body, rules).await
    }

    async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
        rules: &Rules<'_>,
    ) -> Result<Reply, SendError> {
        let target = Target::parse(url, rules)?;
        let request = target.request(method, headers, body)?;
        let exchange = async {
            let stream = target.connect(rules).await?;
            if !target.is_tls {
                return exchange(stream, request, self.max_reply).await;
            }
            let name = ServerName::try_from(target.host).map_err(|_| SendError::Url)?;
            let stream = self.tls.connect(name, stream).await;
            exchange(stream.map_err(|_| SendError::Tls)?, request, self.max_reply).await
        };
        timeout(rules.timeout, exchange)
            .await
            .unwrap_or(Err(SendError::Timeout))
    }
}

impl Default for Outbound {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound").finish_non_exhaustive()
    }
}

impl Rules<'_> {
    /// Whether a URL is one that a request could go to, as far as can be said without resolving its host.
    ///
    /// # Errors
    /// [`SendError::Url`], [`SendError::Host`], [`SendError::Address`].
    pub fn check(&self, url: &str) -> Result<(), SendError> {
        Target::parse(url, self).map(drop)
    }
}

/// A URL, taken apart.
pub(crate) struct Target {
    /// Without the brackets of an IPv6 address.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) is_tls: bool,
    /// As it stands in the URL.
    authority: HeaderValue,
    path: PathAndQuery,
}

impl Target {
    pub(crate) fn parse(url: &str, rules: &Rules<'_>) -> Result<Self, SendError> {
        let parts = url.parse::<Uri>().map_err(|_| SendError::Url)?.into_parts();
        let authority = parts.authority.ok_or(SendError::Url)?;
        let is_tls = parts.scheme == Some(Scheme::HTTPS);
        let is_plain = parts.scheme == Some(Scheme::HTTP) && rules.allow_private;
        let has_user = authority.as_str().contains('@');
        let has_host = !authority.host().is_empty();
        if has_user || !has_host || !(is_tls || is_plain) {
            return Err(SendError::Url);
        }
        // A port that is no number is not left out in silence.
        let port = match authority.as_str().strip_prefix(authority.host()) {
            Some("") => {
                if is_tls {
                    443
                } else {
                    80
                }
            }
            _ => authority.port_u16().ok_or(SendError::Url)?,
        };
        let host = bare(authority.host()).ok_or(SendError::Url)?;
        let is_allowed = |allowed: &String| allowed.eq_ignore_ascii_case(host);
        if !rules.allowed_hosts.is_empty() && !rules.allowed_hosts.iter().any(is_allowed) {
            return Err(SendError::Host);
        }
        let target = Self {
            host: host.to_owned(),
            port,
            is_tls,
            authority: HeaderValue::from_str(authority.as_str()).map_err(|_| SendError::Url)?,
            path: parts
                .path_and_query
                .unwrap_or(PathAndQuery::from_static("/")),
        };
        if let Ok(address) = target.host.parse() {
            judge(&[SocketAddr::new(address, port)], rules)?;
        }
        Ok(target)
    }

    fn request(
        &self,
        method: Method,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Request<Full<Bytes>>, SendError> {
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = method;
        *request.uri_mut() = Uri::from(self.path.clone());
        let all = request.headers_mut();
        all.insert(HOST, self.authority.clone());
        all.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| SendError::Header)?;
            let value = HeaderValue::from_str(value).map_err(|_| SendError::Header)?;
            all.append(name, value);
        }
        Ok(request)
    }

    /// Resolves the host once, and connects to one of the addresses that were judged.
    async fn connect(&self, rules: &Rules<'_>) -> Result<TcpStream, SendError> {
        let found = lookup_host((self.host.as_str(), self.port)).await;
        let addresses: Vec<_> = found.map_err(|_| SendError::Name)?.collect();
        judge(&addresses, rules)?;
        let tried = addresses.len().clamp(1, MAX_ADDRESSES);
        let share = u32::try_from(tried).map_or(rules.timeout, |tried| {
            rules.timeout.checked_div(tried).unwrap_or(rules.timeout)
        });
        let mut outcome = SendError::Name;
        for address in addresses.into_iter().take(MAX_ADDRESSES) {
            outcome = match timeout(share, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(_)) => SendError::Connect,
                Err(_) => SendError::Timeout,
            };
        }
        Err(outcome)
    }
}

/// A host without the brackets of an IPv6 address; none where they hold something else.
fn bare(host: &str) -> Option<&str> {
    if !host.contains(['[', ']']) {
        return Some(host);
    }
    let address = host.strip_prefix('[')?.strip_suffix(']')?;
    address.parse::<Ipv6Addr>().is_ok().then_some(address)
}

/// Refuses all addresses where one of them is not public: whoever gives the name its addresses chooses which is tried.
fn judge(addresses: &[SocketAddr], rules: &Rules<'_>) -> Result<(), SendError> {
    let are_public = addresses.iter().all(|to| address::is_public(to.ip()));
    if rules.allow_private || are_public {
        Ok(())
    } else {
        Err(SendError::Address)
    }
}

/// Sends a request over a connection, reads the answer, and leaves.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
    max_reply: usize,
) -> Result<Reply, SendError> {
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(MAX_REPLY)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|_| SendError::Broken)?;
    let answer = async {
        let response = sender.send_request(request).await;
        let response = response.map_err(|_| SendError::Broken)?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), max_reply)
            .collect()
            .await;
        let body = body.map_err(|error| {
            if error.is::<LengthLimitError>() {
                SendError::TooLong
            } else {
                SendError::Broken
            }
        })?;
        let body = body.to_bytes().to_vec();
        Ok(Reply { status, body })
    };
    // The connection may end before the answer is looked at, which is then still there.
    let driver = async {
        let _ = connection.await;
        core::future::pending().await
    };
    tokio::select! {
        answer = answer => answer,
        never = driver => never,
    }
}
