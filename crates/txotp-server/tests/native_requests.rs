//! What is the same for every request: keys, idempotency, bodies that are refused, and the document.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "a test may stop where it fails"
)]

mod support;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use axum::http::Method;
use serde_json::{Value, json};
use support::Service;
use txotp_store::{Change, Kind, Written};

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn a_key_is_shown_once_and_revoked_for_ever() {
    let service = Service::new().await;
    let body = json!({ "name": "web shop", "roles": ["verify"], "callback_url": "https://bank.example/callback" });
    let created = service.post("/v1/keys", &body).await.json();
    let (text, id) = (
        created["key"].as_str().unwrap(),
        created["about"]["id"].as_str().unwrap(),
    );
    assert!(text.starts_with(id));
    let list = service.get("/v1/keys").await;
    assert!(!list.text().contains(text));
    let keys = list.json()["keys"].as_array().unwrap().clone();
    let about = keys.iter().find(|key| key["id"] == id).unwrap();
    assert_eq!(about["callback_url"], "https://bank.example/callback");
    assert_eq!(about["roles"], json!(["verify"]));
    assert_eq!(service.get_as(text, "/v1/keys").await.status, 403);

    let path = format!("/v1/keys/{id}");
    for _ in 0..2 {
        assert_eq!(service.delete(&path).await.status, 204);
    }
    assert_eq!(service.get_as(text, "/v1/keys").await.status, 401);
    for path in ["/v1/keys/aaaaaaaa", "/v1/keys/x", "/v1/keys/%00"] {
        assert_eq!(
            service.delete(path).await.problem(),
            (404, "unknown-key".into())
        );
    }
}

#[tokio::test]
async fn what_is_no_key_is_refused() {
    let service = Service::new().await;
    for (body, problem) in [
        (json!({ "name": "", "roles": ["audit"] }), "bad-name"),
        (
            json!({ "name": "n".repeat(65), "roles": ["audit"] }),
            "bad-name",
        ),
        (json!({ "name": "a\nb", "roles": ["audit"] }), "bad-name"),
        (json!({ "name": "a", "roles": [] }), "invalid"),
        (
            json!({ "name": "a", "roles": ["audit", "audit"] }),
            "invalid",
        ),
        (json!({ "name": "a", "roles": ["root"] }), "invalid"),
        (
            json!({ "name": "a", "roles": ["audit"], "callback_url": "http://bank.example" }),
            "invalid",
        ),
        (
            json!({ "name": "a", "roles": ["audit"], "callback_url": "https://u:p@bank.example" }),
            "invalid",
        ),
        (
            json!({ "name": "a", "roles": ["audit"], "callback_url": "/callback" }),
            "invalid",
        ),
        (
            json!({ "name": "a", "roles": ["audit"], "callback_url": "file:///etc/passwd" }),
            "invalid",
        ),
        (
            json!({ "name": "a", "roles": ["audit"], "callback_url": "https://bank.example/#top" }),
            "invalid",
        ),
        (
            json!({ "name": "a", "roles": ["audit"], "callback_url": "https://" }),
            "invalid",
        ),
    ] {
        let reply = service.post("/v1/keys", &body).await;
        assert_eq!(reply.problem(), (422, problem.into()), "{body}");
    }
    assert_eq!(
        service.key_with(&"n".repeat(64), &["audit"]).await.len(),
        40
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_key_that_administers_stays_also_when_two_go_at_once() {
    let service = Arc::new(Service::new().await);
    let first = service.key.get(..8).unwrap().to_owned();
    let last = service.delete(&format!("/v1/keys/{first}")).await;
    assert_eq!(last.problem(), (409, "last-administrator".into()));
    for _ in 0..5 {
        let list = service.get("/v1/keys?limit=500").await.json();
        let own = service.key.get(..8).unwrap().to_owned();
        let left: Vec<_> = list["keys"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|key| key["revoked_at"].is_null())
            .collect();
        assert_eq!(left.len(), 1);
        let other = service.key_with("other", &["administer"]).await;
        let other_id = other.get(..8).unwrap().to_owned();
        let one = {
            let (service, id) = (Arc::clone(&service), other_id);
            tokio::spawn(async move {
                service
                    .delete(&format!("/v1/keys/{id}"))
                    .await
                    .status
                    .as_u16()
            })
        };
        let two = service
            .delete(&format!("/v1/keys/{own}"))
            .await
            .status
            .as_u16();
        let one = one.await.unwrap();
        let done = [one, two]
            .into_iter()
            .filter(|status| *status == 204)
            .count();
        assert_eq!(done, 1, "{one} {two}");
        if two == 204 {
            // The own key is the one that went: nothing more can be asked with it.
            return;
        }
    }
}

#[tokio::test]
async fn keys_are_listed_by_pages() {
    let service = Service::new().await;
    service.enrol("alice", "phone").await;
    let of_phone = "/v1/devices/phone/keys";
    for _ in 0..4 {
        service.key_with("more", &["audit"]).await;
        service.post(of_phone, &json!({})).await;
    }
    service.post(of_phone, &json!({})).await;
    for path in ["/v1/keys", of_phone] {
        let mut ids = Vec::new();
        let mut after = String::new();
        loop {
            let page = service.get(&format!("{path}?limit=2{after}")).await.json();
            let keys = page["keys"].as_array().unwrap();
            assert!((1..=2).contains(&keys.len()));
            ids.extend(
                keys.iter()
                    .map(|key| key["id"].as_str().unwrap().to_owned()),
            );
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 5, "{path}");
        assert!(ids.is_sorted());
        let bad = service.get(&format!("{path}?after=x")).await;
        assert_eq!(bad.problem(), (400, "bad-query".into()));
    }
}

#[tokio::test]
async fn a_key_that_is_not_understood_hides_no_other() {
    const KEY: Kind = Kind::new("api-key");
    let mut service = Service::new().await;
    let other = service.key_with("other", &["verify"]).await;
    let damaged = |place: usize| Change::Insert {
        kind: KEY,
        // Before all others and after them: digits from 2 to 7 and letters are what ids are of.
        key: format!("{}{place}", if place < 3 { "0000000" } else { "zzzzzzz" }),
        owner: Some("applications".to_owned()),
        due: None,
        body: br#"{"holder":"robot"}"#.to_vec().into(),
    };
    let changes = (0..6).map(damaged).collect();
    let written = service.vault().write_records(changes).await.unwrap();
    assert_eq!(written, Written::Done);
    let mut expected: Vec<_> = [&service.key, &other].map(|key| key[..8].to_owned()).into();
    expected.sort();
    let listed = async |query: &str| {
        let page = service.get(&format!("/v1/keys{query}")).await;
        assert_eq!(page.status, 200, "{page:?}");
        let page = page.json();
        let keys = page["keys"].as_array().unwrap().iter();
        let ids: Vec<_> = keys
            .map(|key| key["id"].as_str().unwrap().to_owned())
            .collect();
        (ids, page["next"].clone())
    };
    assert_eq!(listed("").await, (expected.clone(), Value::Null));
    let first = (expected[..1].to_vec(), json!(expected[0]));
    assert_eq!(listed("?limit=1").await, first);
    let after = format!("?limit=1&after={}", expected[0]);
    assert_eq!(listed(&after).await, (expected[1..].to_vec(), Value::Null));
    let metrics = service.get("/metrics").await;
    let line = "txotp_records_left_out_total{kind=\"api-key\"}";
    assert!(metrics.text().contains(line), "{}", metrics.text());

    let path = format!("/v1/keys/{}", &other[..8]);
    assert_eq!(service.delete(&path).await.status, 204);
    // None of them is another that administers.
    let path = format!("/v1/keys/{}", &service.key[..8]);
    let last = service.delete(&path).await;
    assert_eq!(last.problem(), (409, "last-administrator".into()));
    // And a store that has such keys alone is none that is new.
    service.stop().await;
    let vault = service.vault();
    for id in expected {
        let record = vault.record(KEY, &id).await.unwrap().unwrap();
        let (key, version) = (record.key, record.version);
        let remove = Change::Remove {
            kind: KEY,
            key,
            version,
        };
        assert_eq!(
            vault.write_records(vec![remove]).await.unwrap(),
            Written::Done
        );
    }
    service.run(&[]).await;
    assert!(service.running.as_ref().unwrap().new_key().is_none());
}

#[tokio::test]
async fn an_escape_that_is_none_is_refused() {
    let service = Service::new().await;
    service.enrol("zz", "phone").await;
    for query in [
        "user=%zz",
        "user=%7",
        "user=%",
        "%=x",
        "user=%ff",
        "after=%c3%28",
    ] {
        let reply = service.get(&format!("/v1/devices?{query}")).await;
        assert_eq!(reply.problem(), (400, "bad-query".into()), "{query}");
    }
    let encoded = service.get("/v1/devices?user=%7A%7a").await.json();
    assert_eq!(encoded["devices"].as_array().unwrap().len(), 1);
    for name in ["%zz", "%7", "phone%"] {
        let reply = service.get(&format!("/v1/devices/{name}")).await;
        assert_eq!(reply.problem(), (400, "bad-path".into()), "{name}");
    }
}

fn creations() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        (
            "/v1/devices",
            json!({ "user": "bob" }),
            "/enrolment/key_uri",
        ),
        (
            "/v1/devices",
            json!({ "user": "bob", "device": "named" }),
            "/enrolment/key_uri",
        ),
        (
            "/v1/transactions",
            json!({ "user": "alice", "transaction": { "message": "Pay" } }),
            "/transaction/id",
        ),
        (
            "/v1/keys",
            json!({ "name": "x", "roles": ["audit"] }),
            "/key",
        ),
        ("/v1/devices/phone/keys", json!({}), "/key"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_takes_place_once_also_twenty_times_at_once() {
    let service = Arc::new(Service::new().await);
    service.enrol("alice", "phone").await;
    for (number, (path, body, what)) in creations().into_iter().enumerate() {
        let key = format!("key-{number}");
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let (service, body, key) = (Arc::clone(&service), body.clone(), key.clone());
                tokio::spawn(async move { service.once(path, &key, &body).await })
            })
            .collect();
        let mut answers = BTreeSet::new();
        let mut first = 0;
        for task in tasks {
            let reply = task.await.unwrap();
            assert_eq!(reply.status, 201, "{path}: {}", reply.text());
            first += usize::from(!reply.headers.contains_key("idempotency-replayed"));
            answers.insert(
                reply
                    .json()
                    .pointer(what)
                    .unwrap()
                    .as_str()
                    .unwrap()
                    .to_owned(),
            );
        }
        assert_eq!((answers.len(), first), (1, 1), "{path}");
    }
    let devices = service.get("/v1/devices").await.json();
    assert_eq!(devices["devices"].as_array().unwrap().len(), 3);
    assert_eq!(
        service.get("/v1/keys").await.json()["keys"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn an_idempotency_key_is_of_one_request_one_caller_and_one_day() {
    let mut service = Service::new().await;
    service.enrol("alice", "phone").await;
    let body = json!({ "user": "bob" });
    let first = service.once("/v1/devices", "k", &body).await;
    service.stop().await;
    service.run(&[]).await;
    let again = service.once("/v1/devices", "k", &body).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.headers["location"], first.headers["location"]);
    assert_eq!(again.json(), first.json());

    let other = service
        .once("/v1/devices", "k", &json!({ "user": "eve" }))
        .await;
    assert_eq!(other.problem(), (422, "idempotency-mismatch".into()));
    let other = service
        .once("/v1/keys", "k", &json!({ "name": "x", "roles": ["audit"] }))
        .await;
    assert_eq!(other.problem(), (422, "idempotency-mismatch".into()));

    let key = service.key_with("second", &["administer"]).await;
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", &*bearer), JSON, ("idempotency-key", "k")];
    let reply = service
        .send(Method::POST, "/v1/devices", &headers, body.to_string())
        .await;
    assert_eq!(reply.status, 201);
    assert_ne!(reply.json()["enrolment"], first.json()["enrolment"]);

    service.pass(86_400);
    let late = service.once("/v1/devices", "k", &body).await;
    assert!(!late.headers.contains_key("idempotency-replayed"));
    assert_ne!(late.json()["enrolment"], first.json()["enrolment"]);
}

#[tokio::test]
async fn a_refused_creation_leaves_its_idempotency_key_free() {
    let service = Service::new().await;
    service.enrol("alice", "phone").await;
    let taken = json!({ "user": "bob", "device": "phone" });
    assert_eq!(service.once("/v1/devices", "k", &taken).await.status, 409);
    assert_eq!(
        service
            .once("/v1/devices", "k", &json!({ "user": "bob" }))
            .await
            .status,
        201
    );
    let long = "k".repeat(129);
    for key in ["", "a b", &long] {
        let reply = service
            .once("/v1/devices", key, &json!({ "user": "bob" }))
            .await;
        assert_eq!(reply.problem(), (400, "bad-header".into()), "{key}");
    }
    let twice = [JSON, ("idempotency-key", "a"), ("idempotency-key", "b")];
    let reply = service
        .ask(Method::POST, "/v1/devices", &twice, r#"{"user":"bob"}"#)
        .await;
    assert_eq!(reply.problem(), (400, "bad-header".into()));
}

#[tokio::test]
async fn a_body_that_is_not_understood_is_refused_without_a_word_of_it() {
    let service = Service::new().await;
    for (path, method, operation) in service.operations() {
        if operation.get("requestBody").is_none() {
            continue;
        }
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let path = path
            .replace("{device}", "phone")
            .replace("{session}", "login-1")
            .replace("{id}", &"a".repeat(26));
        let deep = "[".repeat(1000);
        for (body, kind, expected) in [
            ("", "application/json", 400),
            ("{", "application/json", 400),
            (r#"{"sekret":"#, "application/json", 400),
            ("{} sekret", "application/json", 400),
            ("\u{feff}{}", "application/json", 400),
            (&deep, "application/json", 400),
            (r#"{"sekret":1}"#, "application/json", 422),
            (r#""sekret""#, "application/json", 422),
            ("null", "application/json", 422),
            (r#"["sekret"]"#, "application/json", 422),
            ("[null, null]", "application/json", 422),
            ("{}", "text/plain", 415),
            ("user=sekret", "application/x-www-form-urlencoded", 415),
            ("{}", "", 415),
        ] {
            let reply = service
                .ask(
                    method.clone(),
                    &path,
                    &[("content-type", kind)],
                    body.to_owned(),
                )
                .await;
            assert_eq!(reply.status, expected, "{path} {body}: {}", reply.text());
            assert!(!reply.text().contains("sekret"), "{path}: {}", reply.text());
            assert_eq!(reply.headers["content-type"], "application/problem+json");
        }
        let large = format!(r#"{{"user":"{}"}}"#, "u".repeat(70_000));
        let reply = service.ask(method.clone(), &path, &[JSON], large).await;
        assert_eq!(reply.problem(), (413, "too-large".into()), "{path}");
    }
    let charset = [("content-type", "Application/JSON; charset=utf-8")];
    let reply = service
        .ask(Method::POST, "/v1/devices", &charset, r#"{"user":"bob"}"#)
        .await;
    assert_eq!(reply.status, 201);
    let twice = service
        .ask(
            Method::POST,
            "/v1/devices",
            &[JSON],
            r#"{"user":"a","user":"b"}"#,
        )
        .await;
    assert_eq!(twice.problem(), (422, "invalid".into()));
}

#[tokio::test]
async fn every_route_is_in_the_document_and_needs_a_key() {
    let service = Service::with(&[("limits.per_address", "0")]).await;
    let operations = service.operations();
    let names: BTreeSet<_> = operations
        .iter()
        .map(|(path, method, _)| format!("{method} {path}"))
        .collect();
    for name in [
        "post /v1/devices",
        "get /v1/devices",
        "get /v1/devices/{device}",
        "post /v1/devices/{device}/suspend",
        "post /v1/devices/{device}/resume",
        "post /v1/devices/{device}/revoke",
        "post /v1/devices/{device}/unlock",
        "post /v1/devices/{device}/forgive-clock",
        "post /v1/devices/{device}/resync",
        "post /v1/devices/{device}/policy",
        "get /v1/devices/{device}/history",
        "post /v1/devices/{device}/keys",
        "get /v1/devices/{device}/keys",
        "post /v1/transactions",
        "get /v1/transactions/{id}",
        "post /v1/transactions/{id}/verify",
        "get /v1/transactions/{id}/verdicts",
        "post /v1/verify",
        "get /v1/verdicts",
        "post /v1/keys",
        "get /v1/keys",
        "delete /v1/keys/{id}",
    ] {
        assert!(names.contains(name), "{name}");
    }
    for (path, method, operation) in &operations {
        let path = path.replace("{device}", "phone").replace("{id}", "x");
        let method: Method = method.to_uppercase().parse().unwrap();
        let reply = service.send(method, &path, &[JSON], "{").await;
        assert_eq!(reply.problem(), (401, "unauthenticated".into()), "{path}");
        assert!(
            operation["summary"].as_str().unwrap().ends_with('.'),
            "{path}"
        );
        for status in ["401", "403", "429", "500", "503"] {
            assert!(
                operation["responses"][status].is_object(),
                "{path} {status}"
            );
        }
    }
    let ids: HashSet<_> = operations
        .iter()
        .map(|(_, _, operation)| operation["operationId"].to_string())
        .collect();
    assert_eq!(ids.len(), operations.len());
}

#[tokio::test]
async fn the_document_is_whole() {
    let service = Service::new().await;
    let reply = service.send(Method::GET, "/v1/openapi.json", &[], "").await;
    assert_eq!(reply.headers["content-type"], "application/json");
    let document = reply.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(
        document["components"]["securitySchemes"]["key"]["scheme"],
        "bearer"
    );
    let mut left = vec![&document];
    while let Some(value) = left.pop() {
        if let Some(target) = value["$ref"].as_str() {
            let pointer = target.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{target}");
        }
        match value {
            Value::Object(object) => left.extend(object.values()),
            Value::Array(list) => left.extend(list),
            _ => {}
        }
    }
}

#[tokio::test]
async fn the_pages_need_no_key_no_script_and_nobody_else() {
    let service = Service::new().await;
    let docs = service.send(Method::GET, "/v1/docs", &[], "").await;
    assert_eq!(docs.headers["content-type"], "text/html; charset=utf-8");
    let policy = docs.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    let page = docs.text();
    for (path, _, operation) in service.operations() {
        assert!(page.contains(&format!("<code>{path}</code>")), "{path}");
        assert!(page.contains(&format!(
            "id=\"{}\"",
            operation["operationId"].as_str().unwrap()
        )));
    }
    assert!(!page.contains("<script") && !page.contains("src=") && !page.contains("url("));
    let mut targets = page.split("href=\"").skip(1);
    assert!(targets.all(|target| target.starts_with(['#', '/']) && !target.starts_with("//")));

    let names: Vec<_> = page
        .split("href=\"/problems/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert!(names.contains(&"already-accepted"));
    for name in names {
        let problem = service
            .send(Method::GET, &format!("/problems/{name}"), &[], "")
            .await;
        assert_eq!(problem.status, 200);
        assert!(problem.text().contains(name));
    }
    let none = service.send(Method::GET, "/problems/none", &[], "").await;
    assert_eq!(none.problem(), (404, "no-such-route".into()));
}

#[tokio::test]
async fn a_method_that_is_not_there_is_named() {
    let service = Service::new().await;
    let reply = service.ask(Method::PUT, "/v1/devices", &[], "").await;
    assert_eq!(reply.problem(), (405, "method-not-allowed".into()));
    let allow = reply.headers["allow"].to_str().unwrap();
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
}
