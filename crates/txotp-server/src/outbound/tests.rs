//! Requests that go out, and those that do not.

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls_pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::*;

const LONG: Duration = Duration::from_secs(60);
const PRIVATE: Rules<'_> = Rules {
    allowed_hosts: &[],
    allow_private: true,
    timeout: LONG,
};
const PUBLIC: Rules<'_> = Rules {
    allow_private: false,
    ..PRIVATE
};

fn untrusting() -> Outbound {
    Outbound::trusting(RootCertStore::empty())
}

/// Answers one request with these bytes, and gives what came; with none it says nothing, and holds the connection.
async fn answering(answer: &[u8]) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = answer.to_vec();
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut came = Vec::new();
        while !came.ends_with(b"the body") {
            if stream.read_buf(&mut came).await.unwrap() == 0 {
                break;
            }
        }
        if answer.is_empty() {
            core::future::pending::<()>().await;
        }
        // Who has read enough goes away.
        let _ = stream.write_all(&answer).await;
        String::from_utf8(came).unwrap()
    });
    (url, task)
}

async fn post(url: &str, rules: &Rules<'_>) -> Result<Reply, SendError> {
    let headers = [("x-name", "value")];
    untrusting()
        .post(url, &headers, b"the body".to_vec(), rules)
        .await
}

fn refusal(url: &str, rules: &Rules<'_>) -> Option<SendError> {
    rules.check(url).err()
}

#[test]
fn a_url_is_https_and_has_no_user() {
    for url in [
        "",
        "bank.example",
        "/path",
        "//bank.example/",
        "http://bank.example/",
        "ftp://bank.example/",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://:443/",
        "https://[]/",
        "https://[]:443/",
        "https://[bank.example]/",
        "https://[192.0.2.1]/",
        "https://[2600::1%25eth0]/",
        "https://user@bank.example/",
        "https://user:password@bank.example/",
        "https://bank.example:port/",
        "https://bank.example:/",
        "https://bank.example:65536/",
        "https://bank.example\\@other.example/",
        "https://bank.example/a path",
        "https://bank.example/\r\nx: y",
        "https://b\u{e4}nk.example/",
        "https://[::1/",
    ] {
        assert_eq!(refusal(url, &PUBLIC), Some(SendError::Url), "{url:?}");
    }
    for url in [
        "https://bank.example",
        "HTTPS://bank.example/",
        "https://bank.example:8443/path?query",
        "https://8.8.8.8/",
        "https://[2606:4700:4700::1111]:444/",
    ] {
        assert_eq!(refusal(url, &PUBLIC), None, "{url:?}");
    }
    assert_eq!(refusal("http://bank.example/", &PRIVATE), None);
}

#[test]
fn a_written_address_is_judged_before_anything_is_sent() {
    for url in [
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.1.2.3/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[fd00::1]/",
    ] {
        assert_eq!(refusal(url, &PUBLIC), Some(SendError::Address), "{url}");
        assert_eq!(refusal(url, &PRIVATE), None, "{url}");
    }
}

#[tokio::test]
async fn a_name_is_judged_by_its_addresses() {
    // Spellings that the resolver takes for 127.0.0.1, or knows no address of.
    for url in [
        "https://localhost/",
        "https://LOCALHOST./",
        "https://127.1/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://0/",
    ] {
        let refused = post(url, &PUBLIC).await.unwrap_err();
        assert!(
            matches!(refused, SendError::Address | SendError::Name),
            "{url}: {refused:?}"
        );
    }
    let localhost = post("https://localhost/", &PUBLIC).await;
    assert_eq!(localhost.unwrap_err(), SendError::Address);
}

#[test]
fn one_private_address_refuses_all() {
    let public = SocketAddr::from(([8, 8, 8, 8], 443));
    let private = SocketAddr::from(([10, 0, 0, 1], 443));
    assert_eq!(judge(&[public], &PUBLIC), Ok(()));
    assert_eq!(judge(&[public, private], &PUBLIC), Err(SendError::Address));
    assert_eq!(judge(&[public, private], &PRIVATE), Ok(()));
}

#[test]
fn only_allowed_hosts_are_asked() {
    let hosts = ["bank.example".to_owned(), "8.8.8.8".to_owned()];
    let rules = Rules {
        allowed_hosts: &hosts,
        ..PUBLIC
    };
    assert_eq!(refusal("https://Bank.Example:444/x", &rules), None);
    assert_eq!(refusal("https://8.8.8.8/", &rules), None);
    for url in [
        "https://other.example/",
        "https://bank.example.other.example/",
        "https://notbank.example/",
        "https://sub.bank.example/",
        "https://bank.example./",
    ] {
        assert_eq!(refusal(url, &rules), Some(SendError::Host), "{url}");
    }
}

#[tokio::test]
async fn a_request_arrives_whole_and_its_answer_returns() {
    let (url, came) =
        answering(b"HTTP/1.1 418 I'm a teapot\r\ncontent-length: 5\r\n\r\nshort").await;
    let reply = post(&format!("{url}/a/b?c=d"), &PRIVATE).await.unwrap();
    assert_eq!((reply.status, reply.body.as_slice()), (418, &b"short"[..]));
    let came = came.await.unwrap();
    let host = url.trim_start_matches("http://");
    assert!(came.starts_with("POST /a/b?c=d HTTP/1.1\r\n"), "{came}");
    assert!(came.contains(&format!("host: {host}\r\n")), "{came}");
    assert!(came.contains("x-name: value\r\n"), "{came}");
    assert!(came.contains("user-agent: txotp/"), "{came}");
    assert!(
        came.contains("content-length: 8\r\n") && came.ends_with("\r\n\r\nthe body"),
        "{came}"
    );
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let (url, came) = answering(
        b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
    )
    .await;
    assert_eq!(post(&url, &PRIVATE).await.unwrap().status, 302);
    came.await.unwrap();
}

#[tokio::test]
async fn an_answer_has_a_limit() {
    let answer = |len: usize| {
        let mut answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
        answer.resize(answer.len() + len, b'x');
        answer
    };
    let (url, came) = answering(&answer(MAX_REPLY)).await;
    assert_eq!(post(&url, &PRIVATE).await.unwrap().body.len(), MAX_REPLY);
    came.await.unwrap();
    let (url, came) = answering(&answer(MAX_REPLY + 1)).await;
    assert_eq!(post(&url, &PRIVATE).await.unwrap_err(), SendError::TooLong);
    came.await.unwrap();
    let mut head = b"HTTP/1.1 200 OK\r\nx: ".to_vec();
    head.resize(2 * MAX_REPLY, b'x');
    let (url, _came) = answering(&head).await;
    assert_eq!(post(&url, &PRIVATE).await.unwrap_err(), SendError::Broken);
}

#[tokio::test]
async fn what_is_no_answer_is_broken() {
    for answer in [
        &b"SSH-2.0-server\r\n"[..],
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nsh",
    ] {
        let (url, came) = answering(answer).await;
        assert_eq!(post(&url, &PRIVATE).await.unwrap_err(), SendError::Broken);
        came.await.unwrap();
    }
}

#[tokio::test]
async fn silence_has_an_end() {
    let (url, _came) = answering(b"").await;
    let rules = Rules {
        timeout: Duration::from_millis(50),
        ..PRIVATE
    };
    assert_eq!(post(&url, &rules).await.unwrap_err(), SendError::Timeout);
}

#[tokio::test]
async fn nobody_there() {
    // The port is taken, so that nobody else listens there, and not listened on.
    let nobody = TcpSocket::new_v4().unwrap();
    nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    assert_eq!(post(&url, &PRIVATE).await.unwrap_err(), SendError::Connect);
}

#[tokio::test]
async fn a_header_is_not_broken_open() {
    let client = untrusting();
    let sent = client.post(
        "https://bank.example/",
        &[("x-name", "a\r\nx-other: b")],
        Vec::new(),
        &PUBLIC,
    );
    assert_eq!(sent.await.unwrap_err(), SendError::Header);
}

#[tokio::test]
async fn a_host_proves_who_it_is() {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![cert.der().clone()],
            PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let _ = stream.read(&mut [0; 4096]).await;
                let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
                let _ = stream.write_all(answer).await;
            }
        }
    });
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let trusting = Outbound::trusting(roots);
    let post = |client: Outbound, url: String| async move {
        let reply = client.post(&url, &[], Vec::new(), &PRIVATE).await;
        reply.map(|reply| reply.status)
    };
    let named = format!("https://localhost:{port}/");
    let other = format!("https://127.0.0.1:{port}/");
    assert_eq!(post(trusting.clone(), named.clone()).await, Ok(204));
    assert_eq!(post(trusting, other).await, Err(SendError::Tls));
    assert_eq!(post(untrusting(), named).await, Err(SendError::Tls));
}
