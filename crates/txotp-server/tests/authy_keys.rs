//! Keys of Authy's interface: who has none is refused before anything else is read of the request.

#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

mod authy_support;
mod support;

use authy_support::refused;
use axum::http::Method;
use support::Service;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const NEW: &str = "/protected/json/users/new";

/// What is answered to a head whose body never comes.
async fn answer_to(service: &Service, target: &str, headers: &str) -> String {
    let address = service.running.as_ref().unwrap().address();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("POST {target} HTTP/1.1\r\nhost: x\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut begin = [0; 12];
    stream.read_exact(&mut begin).await.unwrap();
    String::from_utf8(begin.to_vec()).unwrap()
}

#[tokio::test]
async fn who_has_no_key_is_refused_before_the_body_comes() {
    // Where the body were waited for, the answer would be 503, in its time.
    let service = Service::with(&[("limits.request_seconds", "60")]).await;
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let json = "content-type: application/json\r\n";
    let bad = "x-authy-api-key: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n";
    let in_query = format!("{NEW}?api_key=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    for body in [
        "content-length: 60000\r\n",
        "content-length: 6000000000\r\n",
        "transfer-encoding: chunked\r\n",
    ] {
        for (target, headers) in [
            (NEW, format!("{bad}{form}{body}")),
            (NEW, format!("{bad}{json}{body}")),
            (NEW, format!("{json}{body}")),
            (NEW, format!("{bad}x-authy-api-key: other\r\n{form}{body}")),
            (&*in_query, format!("{form}{body}")),
        ] {
            let said = answer_to(&service, target, &headers).await;
            assert_eq!(said, "HTTP/1.1 401", "{target} {headers}");
        }
    }
}

#[tokio::test]
async fn who_lacks_the_role_is_refused_before_the_body_comes() {
    let service = Service::with(&[("limits.request_seconds", "60")]).await;
    let key = service.key_with("reader", &["audit"]).await;
    let headers = format!("x-authy-api-key: {key}\r\ncontent-length: 60000\r\n");
    let said = answer_to(&service, NEW, &headers).await;
    assert_eq!(said, "HTTP/1.1 403");
}

#[tokio::test]
async fn a_key_in_a_form_is_read_and_is_the_only_one() {
    let service = Service::new().await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let user = "user[email]=a@b.example&user[cellphone]=4055550185";
    let post = async |headers: &[(&str, &str)], body: String| {
        service.send(Method::POST, NEW, headers, body).await
    };
    let key = &service.key;
    // go-authy.
    let right = post(&form, format!("{user}&api_key={key}")).await;
    assert_eq!(right.status, 200, "{}", right.text());
    let unknown = post(&form, format!("{user}&api_key=other")).await;
    assert_eq!(unknown.refusal(), refused(401, "60001"));
    let both = [form[0], ("x-authy-api-key", &**key)];
    let same = post(&both, format!("{user}&api_key={key}")).await;
    assert_eq!(same.status, 200, "{}", same.text());
    for more in [
        "api_key=other".to_owned(),
        format!("api_key={key}&api_key=other"),
    ] {
        let two = post(&both, format!("{user}&{more}")).await;
        assert_eq!(two.refusal(), refused(401, "60001"));
    }
}

#[tokio::test]
async fn an_address_that_shows_no_key_is_limited_and_hinders_nobody_who_has_one() {
    let service = Service::with(&[("limits.per_address", "1")]).await;
    let path = "/protected/json/app/details";
    let other = ("x-authy-api-key", "other");
    let right = ("x-authy-api-key", &*service.key);
    let ways: [&[(&str, &str)]; 3] = [&[], &[other], &[right, other]];
    assert_eq!(service.authy_get(path).await.status, 200);
    let mut limited = 0;
    // Each second one more is answered: a slow machine may have to ask longer.
    for round in 0..10_000 {
        if round >= 9 && limited > 0 {
            break;
        }
        let reply = service.send(Method::GET, path, ways[round % 3], "").await;
        match reply.refusal() {
            (401, code) => assert_eq!(code, "60001"),
            refusal => {
                assert_eq!(refusal, refused(429, "60003"));
                limited += 1;
            }
        }
    }
    assert!(limited > 0);
    assert_eq!(service.authy_get(path).await.status, 200);
}
