//! Connections: slow ones, large ones, many, encrypted ones, and those that are open when the service ends.

#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

mod support;

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use base64ct::{Base64, Encoding as _};
use rustls::pki_types::{CertificateDer, ServerName};
use support::Service;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;

async fn connect(service: &Service) -> TcpStream {
    TcpStream::connect(service.running.as_ref().unwrap().address())
        .await
        .unwrap()
}

/// All that a connection still says; a connection that was cut has said it.
async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    if let Err(error) = stream.read_to_end(&mut bytes).await {
        assert!(
            matches!(
                error.kind(),
                ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof
            ),
            "{error}"
        );
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn headers_that_do_not_come_end_the_connection() {
    let service = Service::with(&[("limits.header_seconds", "1")]).await;
    let mut stream = connect(&service).await;
    stream
        .write_all(b"GET /health/live HTTP/1.1\r\nhost: x\r\n")
        .await
        .unwrap();
    let said = rest(&mut stream).await;
    assert!(
        said.is_empty() || said.starts_with("HTTP/1.1 408"),
        "{said}"
    );
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let service = Service::with(&[("limits.request_seconds", "1")]).await;
    let mut stream = connect(&service).await;
    let head = format!(
        "POST /v1/verify HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         content-length: 10\r\n\r\n{{",
        service.key
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let said = rest(&mut stream).await;
    assert!(said.starts_with("HTTP/1.1 503"), "{said}");
}

#[tokio::test]
async fn a_connection_without_a_request_is_ended() {
    let service = Service::with(&[("limits.header_seconds", "1")]).await;
    let mut silent = connect(&service).await;
    assert_eq!(rest(&mut silent).await, "");
    let mut idle = connect(&service).await;
    idle.write_all(b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    assert!(rest(&mut idle).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn who_asks_and_never_reads_is_cut() {
    let service = Service::with(&[("limits.request_seconds", "1")]).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let address = service.running.as_ref().unwrap().address();
    let mut stream = socket.connect(address).await.unwrap();
    let requests = b"GET /v1/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(100);
    let cut = async { while stream.write_all(&requests).await.is_ok() {} };
    // Far longer than the limit: nothing but the cut ends it.
    let waited = tokio::time::timeout(Duration::from_secs(60), cut).await;
    assert!(waited.is_ok(), "the connection is held");
}

#[tokio::test]
async fn large_headers_are_refused() {
    let service = Service::new().await;
    let mut stream = connect(&service).await;
    let head = format!(
        "GET /health/live HTTP/1.1\r\nhost: x\r\nx-large: {}\r\n\r\n",
        "a".repeat(20_000)
    );
    // The service may close while this is written.
    let _ = stream.write_all(head.as_bytes()).await;
    let said = rest(&mut stream).await;
    if said.is_empty() {
        return;
    }
    // Refused before it is a request: there is neither an id nor a body.
    assert!(said.starts_with("HTTP/1.1 431"), "{said}");
    assert!(said.ends_with("\r\n\r\n"), "{said}");
    assert!(!said.contains("x-request-id"), "{said}");
}

#[tokio::test]
async fn more_connections_than_may_be_wait() {
    let service =
        Service::with(&[("limits.connections", "2"), ("limits.header_seconds", "1")]).await;
    let held = [connect(&service).await, connect(&service).await];
    let mut third = connect(&service).await;
    third
        .write_all(b"GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    // It is served when those before it have had their time.
    assert!(rest(&mut third).await.starts_with("HTTP/1.1 200"));
    drop(held);
}

#[tokio::test]
async fn the_end_waits_for_no_idle_connection() {
    let mut service = Service::new().await;
    let mut idle = connect(&service).await;
    idle.write_all(b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let mut head = [0; 15];
    idle.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
    service.stop().await;
    rest(&mut idle).await;
}

/// Bytes as PEM (RFC 7468).
fn pem(label: &str, der: &[u8]) -> String {
    let text = Base64::encode_string(der);
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}

#[tokio::test]
async fn tls_is_spoken_with_the_certificate_of_the_moment() {
    let folder = tempfile::tempdir().unwrap();
    let [certificate, key] = ["c.pem", "k.pem"].map(|name| folder.path().join(name));
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let trusted = made.cert.der();
    let text = pem("CERTIFICATE", trusted);
    std::fs::write(&certificate, &text).unwrap();
    std::fs::write(&key, pem("PRIVATE KEY", &made.signing_key.serialize_der())).unwrap();
    let [certificate, key] = [&certificate, &key].map(|path| path.to_str().unwrap().to_owned());
    let service = Service::with(&[("tls.certificate", &certificate), ("tls.key", &key)]).await;

    let said = over_tls(&service, trusted).await;
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");

    let mut plain = connect(&service).await;
    plain
        .write_all(b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    assert!(!rest(&mut plain).await.starts_with("HTTP"));

    // What cannot be read changes nothing.
    std::fs::write(&certificate, "none").unwrap();
    assert!(service.running.as_ref().unwrap().reload().is_err());
    assert!(
        over_tls(&service, trusted)
            .await
            .starts_with("HTTP/1.1 200")
    );
    std::fs::write(&certificate, &text).unwrap();
    assert!(service.running.as_ref().unwrap().reload().is_ok());
}

async fn over_tls(service: &Service, trusted: &CertificateDer<'static>) -> String {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = connect(service).await;
    let mut stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap();
    stream
        .write_all(b"GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    rest(&mut stream).await
}
