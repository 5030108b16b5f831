//! `verify` of Authy's interface: login codes and codes for a transaction, and everything that is to be refused.

mod authy_support;
mod support;

use authy_support::{EXAMPLE, futures, refused};
use axum::http::Method;
use serde_json::json;
use support::{Service, until_limited};

async fn service_with_device() -> (Service, u64) {
    let service = Service::new().await;
    let user = service.user("4055550185").await;
    service.device(user).await;
    (service, user)
}

#[tokio::test]
async fn a_right_token_is_answered_to_the_byte() {
    let (service, user) = service_with_device().await;
    let reply = service
        .verify(user, &service.login_code(), "force=true")
        .await;
    assert_eq!(reply.status, 200);
    // What python looks for, and what C finds within its first tokens.
    let begin = r#"{"message":"Token is valid.","token":"is valid","success":"true","device":{"id":"device of "#;
    assert!(reply.text().starts_with(begin), "{}", reply.text());
    assert_eq!(
        reply.headers["content-type"],
        "application/json; charset=utf-8"
    );
}

#[tokio::test]
async fn a_wrong_token_is_answered_to_the_byte() {
    let (service, user) = service_with_device().await;
    let reply = service
        .verify(user, &service.wrong_code(), "force=true")
        .await;
    assert_eq!(reply.status, 401);
    assert_eq!(
        reply.text(),
        r#"{"message":"Token is invalid","token":"is invalid","success":false,"errors":{"message":"Token is invalid"},"error_code":"60020"}"#
    );
}

#[tokio::test]
async fn a_token_is_right_once() {
    let (service, user) = service_with_device().await;
    for (query, code) in [
        ("", service.login_code()),
        (EXAMPLE, service.example_code()),
    ] {
        assert!(service.verify(user, &code, query).await.is_valid());
        let again = service.verify(user, &code, query).await;
        assert_eq!(again.refusal(), refused(401, "60019"));
        assert_eq!(
            again.json()["message"],
            "Token is invalid. Token was used recently."
        );
    }
}

#[tokio::test]
async fn a_token_for_one_purpose_is_none_for_another() {
    let (service, user) = service_with_device().await;
    let (login, example) = (service.login_code(), service.example_code());
    assert_eq!(
        service.verify(user, &example, "").await.refusal(),
        refused(401, "60020")
    );
    assert_eq!(
        service.verify(user, &login, EXAMPLE).await.refusal(),
        refused(401, "60020")
    );
    assert_eq!(
        service.verify(user, &login, "action=pay").await.refusal(),
        refused(401, "60020")
    );
    assert!(service.verify(user, &login, "").await.is_valid());
    assert!(service.verify(user, &example, EXAMPLE).await.is_valid());
}

#[tokio::test]
async fn the_documented_example_is_right_in_any_order_and_way() {
    let (service, user) = service_with_device().await;
    let mut reversed: Vec<_> = EXAMPLE.split('&').collect();
    reversed.reverse();
    let ways = [
        EXAMPLE.to_owned(),
        reversed.join("&"),
        EXAMPLE
            .replace('[', "%5B")
            .replace(']', "%5d")
            .replace('+', "%20"),
        format!("{EXAMPLE}&force=true&"),
    ];
    for query in &ways {
        let code = service.example_code();
        assert!(
            service.verify(user, &code, query).await.is_valid(),
            "{query}"
        );
        // A code is right once, and the next period has another.
        service.pass(60);
    }
    let body = json!({
        "details": {
            "Amount": "1000 Euros", "Destination Account": 29385, "Source Account": 98381,
            "Reason": "transfer money", "To": "John Doe",
        },
        "hidden_details": { "Transaction ID": "T2293" },
        "message": "Approve money transaction",
    });
    let path = format!("/protected/json/verify/{}/{user}", service.example_code());
    let headers = [
        ("x-authy-api-key", &*service.key),
        ("content-type", "application/json"),
    ];
    let reply = service
        .send(Method::GET, &path, &headers, body.to_string())
        .await;
    assert!(reply.is_valid());
}

#[tokio::test]
async fn one_byte_changed_is_another_transaction() {
    let (service, user) = service_with_device().await;
    for changed in [
        EXAMPLE.replace("1000+Euros", "1000+euros"),
        EXAMPLE.replace("1000+Euros", "1000+Euros+"),
        EXAMPLE.replace("details[To]", "details[to]"),
        EXAMPLE.replace("T2293", "T2294"),
        EXAMPLE.replace("&hidden_details", "&details"),
        EXAMPLE.replace("message=A", "message=a"),
        format!("{EXAMPLE}&details[More]=x"),
        EXAMPLE.replace("&details[To]=John+Doe", ""),
    ] {
        let code = service.example_code();
        let reply = service.verify(user, &code, &changed).await;
        assert_eq!(reply.refusal(), refused(401, "60020"), "{changed}");
        // The right one ends the run of failures before it locks.
        assert!(service.verify(user, &code, EXAMPLE).await.is_valid());
        service.pass(60);
    }
}

#[tokio::test]
async fn hostile_tokens_are_invalid_and_cost_nothing() {
    let (service, user) = service_with_device().await;
    for token in [
        "%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96",
        "1234567%0A",
        "1e5678",
        "-123456",
        "12345.6",
        "+123456",
        "1234567890123456",
        "12345",
        "123456789",
        "%20123456",
        "123456%00",
        "..%2F..%2F",
        "%D9%A1%D9%A2%D9%A3%D9%A4%D9%A5%D9%A6",
        "abcdefgh",
    ] {
        let reply = service.verify(user, token, "").await;
        assert_eq!(reply.refusal(), refused(401, "60020"), "{token}");
    }
    assert!(
        service
            .verify(user, &service.login_code(), "")
            .await
            .is_valid()
    );
    let reply = service.verify(user, "%FF%FE123456", "").await;
    assert_eq!(reply.refusal(), refused(400, "60002"));
}

#[tokio::test]
async fn what_says_nothing_or_two_things_is_refused_and_costs_nothing() {
    let (service, user) = service_with_device().await;
    let code = service.example_code();
    for (query, number, words) in [
        ("message=", "60004", "can not have empty values"),
        (
            "message=x&details[To]=",
            "60004",
            "can not have empty values",
        ),
        (
            "message=x&hidden_details[Id]=",
            "60004",
            "can not have empty values",
        ),
        (
            "message=x&details[]=y",
            "60004",
            "can not have empty values",
        ),
        ("details[To]=John", "60004", "there is no message"),
        ("Message=x&Details[To]=John", "60004", "spelt"),
        ("Action=pay", "60004", "spelt"),
        ("detail[To]=John", "60004", "spelt"),
        (
            "message=x&hidden_details[txotp-decision]=approve",
            "60004",
            "kept for approval requests",
        ),
        ("message=x&details=y", "60004", "details"),
        ("message[a]=x", "60004", "message is a text"),
        ("message=x&details[a][b]=y", "60004", "details"),
        ("message=x&action=y", "60004", "do not go together"),
        ("message=x&details[To]=%E2%80%AEy", "60004", "deceive"),
        ("action=", "60004", "action"),
        ("force=perhaps", "60002", "malformed"),
        ("message=x&message=y", "60002", "twice"),
        ("message=x&details[To]=a&details[To]=b", "60002", "twice"),
        ("message=x&details[To=a", "60002", "malformed"),
        ("message=%zz", "60002", "malformed"),
        ("message=%ff", "60005", "UTF-8"),
    ] {
        let reply = service.verify(user, &code, query).await;
        assert_eq!(reply.refusal(), refused(400, number), "{query}");
        let said = reply.json()["message"].as_str().unwrap().to_owned();
        assert!(said.contains(words), "{query}: {said}");
    }
    let path = format!("/protected/json/verify/{code}/{user}");
    let headers = [
        ("x-authy-api-key", &*service.key),
        ("content-type", "application/json"),
    ];
    for (query, body) in [
        ("", r#"{"message":null}"#),
        ("", r#"{"details":{}}"#),
        ("", r#"{"message":"x","details":{"To":null}}"#),
        ("", r#"{"message":"x","message":"y"}"#),
        ("?message=x", r#"{"message":"y"}"#),
        ("", r#"{"message":"x","details":{"Amount":1.50}}"#),
        ("", "{"),
        ("", "[]"),
    ] {
        let path = format!("{path}{query}");
        let reply = service.send(Method::GET, &path, &headers, body).await;
        assert_eq!(reply.refusal().0, 400, "{query} {body}");
    }
    assert!(service.verify(user, &code, EXAMPLE).await.is_valid());
}

#[tokio::test]
async fn nobody_else_is_told_anything() {
    let (service, user) = service_with_device().await;
    let code = service.login_code();
    for other in [
        "1",
        "0",
        "2147483648",
        "99999999999999999999",
        "-1",
        "1e3",
        "x",
        "%F0%9F%92%A9",
    ] {
        let reply = service
            .authy_get(&format!("/protected/json/verify/{code}/{other}"))
            .await;
        assert_eq!(reply.refusal(), refused(404, "60026"), "{other}");
    }
    let without_device = service.user("4055550199").await;
    let reply = service.verify(without_device, &code, "").await;
    assert_eq!(reply.refusal(), refused(401, "60020"));
    // A number that is written in another way is another path, and no user.
    let reply = service
        .authy_get(&format!("/protected/json/verify/{code}/0{user}"))
        .await;
    assert_eq!(reply.refusal(), refused(404, "60026"));
}

#[tokio::test]
async fn too_many_wrong_tokens_lock() {
    let (service, user) = service_with_device().await;
    let wrong = service.wrong_code();
    for _ in 0..5 {
        assert_eq!(
            service.verify(user, &wrong, "").await.refusal(),
            refused(401, "60020")
        );
    }
    let locked = service.verify(user, &service.login_code(), "").await;
    assert_eq!(locked.refusal(), refused(429, "60003"));
    assert!(locked.headers.contains_key("retry-after"));
    service.pass(60);
    assert!(
        service
            .verify(user, &service.login_code(), "")
            .await
            .is_valid()
    );
}

/// A path, headers and a body.
type Sent<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

#[tokio::test]
async fn every_way_to_send_the_key() {
    let (service, _) = service_with_device().await;
    let key = service.key.clone();
    // No key ends so: it is right but for its last character.
    let mut other = key.clone();
    other.pop();
    other.push('1');
    let form = ("content-type", "application/x-www-form-urlencoded");
    let at = |query: &str| format!("/protected/json/app/details{query}");
    let in_query = at(&format!("?api_key={key}"));
    let in_body = format!("api_key={key}");
    let good: [Sent<'_>; 5] = [
        (&at(""), &[("X-AUTHY-API-KEY", &key)], ""),
        (&in_query, &[], ""),
        (&in_query, &[("x-authy-api-key", &key)], ""),
        (&in_query, &[form], ""),
        (&at(""), &[form], &in_body),
    ];
    for (path, headers, body) in good {
        let reply = service
            .send(Method::GET, path, headers, body.to_owned())
            .await;
        assert_eq!(reply.status, 200, "{headers:?} {}", reply.text());
    }
    let bad: [Sent<'_>; 6] = [
        (&at(""), &[], ""),
        (&at(""), &[("x-authy-api-key", "")], ""),
        (&at(""), &[("x-authy-api-key", &other)], ""),
        (&in_query, &[("x-authy-api-key", &other)], ""),
        (
            &at(&format!("?api_key={other}")),
            &[("x-authy-api-key", &key)],
            "",
        ),
        (
            &at(""),
            &[("x-authy-api-key", &key), ("x-authy-api-key", &other)],
            "",
        ),
    ];
    for (path, headers, body) in bad {
        let reply = service
            .send(Method::GET, path, headers, body.to_owned())
            .await;
        assert_eq!(reply.refusal(), refused(401, "60001"), "{headers:?}");
        assert!(!reply.text().contains(&*key));
    }
    // Who has a key is told what is wrong with the request, also where the key is a part of what is wrong.
    for query in ["&a=1&a=2", "&a[b=1", "&a=%zz"] {
        let reply = service
            .send(Method::GET, &format!("{in_query}{query}"), &[], "")
            .await;
        assert_eq!(reply.refusal(), refused(400, "60002"), "{query}");
    }
    // The same key twice, and a request that cannot be read, of one who has no key.
    let twice = service
        .send(Method::GET, &at("?api_key=a&api_key=a"), &[], "")
        .await;
    assert_eq!(twice.refusal(), refused(401, "60001"));
}

#[tokio::test]
async fn requests_are_limited() {
    let service = Service::with(&[("limits.per_key", "3")]).await;
    let ask = async || service.authy_get("/protected/json/users/1/status").await;
    let (before, limited) = until_limited(3, ask).await;
    for reply in before {
        assert_eq!(reply.refusal(), refused(404, "60026"));
    }
    assert_eq!(limited.refusal(), refused(429, "60003"));
    let service = Service::with(&[("limits.body_bytes", "100")]).await;
    let long = service
        .form("/protected/json/users/new", &"a".repeat(101))
        .await;
    assert_eq!(long.refusal(), refused(413, "60002"));
}

#[tokio::test]
async fn who_only_looks_has_nothing_judged_and_nothing_sent() {
    let service = Service::with(&[("sms.gateway", "log")]).await;
    let user = service.user("4055550185").await;
    service.device(user).await;
    let code = service.login_code();
    let verify = format!("/protected/json/verify/{code}/{user}");
    for path in [
        verify.clone(),
        format!("/protected/json/sms/{user}?force=true"),
        format!("/protected/json/users/{user}/status"),
    ] {
        let looked = service.authy(Method::HEAD, &path).await;
        assert_eq!(looked.status, 405, "{path}");
        assert_eq!(looked.headers["allow"], "GET", "{path}");
        let other = service.authy(Method::DELETE, &path).await;
        assert_eq!(other.refusal(), refused(405, "60000"));
        assert_eq!(other.headers["allow"], "GET", "{path}");
    }
    let new = "/protected/json/users/new";
    let other = service.authy(Method::GET, new).await;
    assert_eq!(other.headers["allow"], "POST");
    let metrics = service.get("/metrics").await;
    assert!(
        !metrics.text().contains("txotp_texts_total"),
        "{}",
        metrics.text()
    );
    // The code was not looked at, so it is right for the first time.
    assert_eq!(service.authy_get(&verify).await.status, 200);
}

#[tokio::test]
async fn what_is_not_there_is_said_in_the_same_form() {
    let service = Service::new().await;
    for path in [
        "/protected/json/nothing",
        "/protected/yaml/users/1/status",
        "/onetouch/json/nothing/at/all",
    ] {
        assert_eq!(
            service.authy_get(path).await.refusal(),
            refused(404, "60000"),
            "{path}"
        );
    }
    let post = service.form("/protected/json/verify/123456/1", "").await;
    assert_eq!(post.refusal(), refused(405, "60000"));
    let media = [
        ("x-authy-api-key", &*service.key),
        ("content-type", "application/xml"),
    ];
    let xml = service
        .send(Method::POST, "/protected/xml/users/new", &media, "<user/>")
        .await;
    assert_eq!(xml.status, 415);
    assert!(xml.text().contains("<errors><message>"), "{}", xml.text());
    let off = Service::with(&[("authy.enabled", "false")]).await;
    let reply = off.authy_get("/protected/json/users/1/status").await;
    assert_eq!(reply.problem(), (404, "no-such-route".to_owned()));
}

#[tokio::test]
async fn xml_is_what_authy_wrote() {
    let (service, user) = service_with_device().await;
    let code = service.login_code();
    let path = format!("/protected/xml/verify/{code}/{user}");
    let right = service.authy_get(&path).await;
    assert_eq!(
        right.headers["content-type"],
        "application/xml; charset=utf-8"
    );
    let begin = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<hash><message>Token is valid.</message>\
                 <token>is valid</token><success>true</success><device><id>device of ";
    assert!(right.text().starts_with(begin), "{}", right.text());
    let again = service.authy_get(&path).await;
    assert_eq!(again.status, 401);
    assert_eq!(
        again.text(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<errors><message>Token is invalid. Token was used recently.</message>\
         <success type=\"boolean\">false</success><error-code>60019</error-code></errors>\n"
    );
}

#[tokio::test]
async fn any_token_is_right_before_the_first_only_where_that_was_chosen() {
    let chosen = [("authy.accept_before_first_success", "true")];
    for (settings, is_chosen) in [(&chosen[..], true), (&[], false)] {
        let service = Service::with(settings).await;
        let user = service.user("4055550185").await;
        service.device(user).await;
        let wrong = service.wrong_code();
        let verify = async |query| service.verify(user, &wrong, query).await.is_valid();
        assert_eq!(verify("").await, is_chosen);
        assert_eq!(verify("force=false").await, is_chosen);
        assert!(!verify("force=true").await);
        assert!(
            !verify("message=x").await,
            "a transaction is never let through"
        );
        assert!(!verify("action=x").await, "an action is never let through");
        assert!(!service.verify(user, "-123456", "").await.is_valid());
        service.pass(86_400);
        assert!(
            service
                .verify(user, &service.login_code(), "")
                .await
                .is_valid()
        );
        assert!(
            !service.verify(user, &wrong, "").await.is_valid(),
            "after the first"
        );
    }
}

#[tokio::test]
async fn one_right_token_at_once_many_times_is_accepted_once() {
    let (service, user) = service_with_device().await;
    let code = service.example_code();
    let mut accepted = 0;
    let all = (0..50).map(|_| service.verify(user, &code, EXAMPLE));
    for reply in futures(all).await {
        if reply.is_valid() {
            accepted += 1;
        } else {
            assert_eq!(reply.refusal(), refused(401, "60019"));
        }
    }
    assert_eq!(accepted, 1);
}
