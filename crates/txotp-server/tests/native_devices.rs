//! Devices: enrolled, listed, administered, and what is remembered of them.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may stop where it fails"
)]

mod support;

use std::sync::Arc;

use axum::http::Method;
use serde_json::{Value, json};
use support::Service;
use support::device::{Device, other};

const KNOWN: &str = "otpauth://totp/ACME:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA\
                     &issuer=ACME&algorithm=SHA256&digits=8&period=30";

async fn accepts(service: &Service, name: &str, device: &Device) -> Value {
    let code = device.login(service.now());
    let body = json!({ "device": name, "code": code, "login": true });
    service.post("/v1/verify", &body).await.json()
}

#[tokio::test]
async fn a_new_seed_is_handed_out_once_and_not_for_a_cache() {
    let service = Service::with(&[("issuer", "ACME Bank")]).await;
    let body = json!({ "user": "alice", "policy": { "max_failures": 3, "first_delay": 7 } });
    let reply = service.post("/v1/devices", &body).await;
    assert_eq!(reply.status, 201);
    assert_eq!(reply.headers["cache-control"], "no-store");
    let enrolled = reply.json();
    let name = enrolled["device"]["device"].as_str().unwrap();
    assert_eq!(reply.headers["location"], format!("/v1/devices/{name}"));
    let uri = enrolled["enrolment"]["key_uri"].as_str().unwrap();
    assert!(
        uri.starts_with("otpauth://totp/ACME%20Bank:alice?secret="),
        "{uri}"
    );
    assert_eq!(enrolled["device"]["policy"]["max_failures"], 3);
    assert_eq!(enrolled["device"]["policy"]["past"], 1);
    assert_eq!(enrolled["device"]["status"], "active");
    assert_eq!(
        accepts(&service, name, &Device::scan(uri)).await["accepted"],
        true
    );

    let secret = uri
        .split("secret=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap();
    for path in [
        "/v1/devices".to_owned(),
        format!("/v1/devices/{name}"),
        format!("/v1/devices/{name}/history"),
    ] {
        let shown = service.get(&path).await;
        assert_eq!(shown.status, 200);
        assert_eq!(shown.headers["cache-control"], "no-store");
        assert!(!shown.text().contains(secret));
    }
}

#[tokio::test]
async fn a_device_brings_its_seed() {
    let service = Service::new().await;
    let body = json!({ "user": "alice", "device": "phone", "key_uri": KNOWN });
    let reply = service.post("/v1/devices", &body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    assert_eq!(reply.json()["enrolment"], Value::Null);
    assert_eq!(
        reply.json()["device"]["suite"],
        "OCRA-1:HOTP-SHA256-8:QH64-T30S"
    );
    assert_eq!(
        accepts(&service, "phone", &Device::scan(KNOWN)).await["accepted"],
        true
    );
    for (field, value) in [
        ("suite", json!("x")),
        ("counter", json!(1)),
        ("issuer", json!("x")),
        ("account", json!("x")),
    ] {
        let mut body = body.clone();
        body[field] = value;
        assert_eq!(
            service.post("/v1/devices", &body).await.problem(),
            (422, "invalid".into())
        );
    }
    let bad = json!({ "user": "alice", "key_uri": "otpauth://totp/sekret?secret=sekret" });
    let reply = service.post("/v1/devices", &bad).await;
    assert_eq!(reply.problem(), (422, "bad-key-uri".into()));
    assert!(!reply.text().contains("sekret"));
}

#[tokio::test]
async fn what_cannot_be_enrolled_is_named() {
    let service = Service::new().await;
    service.enrol("alice", "phone").await;
    for (body, problem) in [
        (json!({ "user": "" }), (422, "bad-name")),
        (json!({ "user": "a\u{202e}b" }), (422, "bad-name")),
        (json!({ "user": "u".repeat(129) }), (422, "bad-name")),
        (json!({ "user": "bob", "device": "" }), (422, "bad-name")),
        (
            json!({ "user": "bob", "device": "phone" }),
            (409, "already-enrolled"),
        ),
        (
            json!({ "user": "bob", "suite": "OCRA-1:HOTP-SHA256-8:QN08" }),
            (422, "bad-suite"),
        ),
        (
            json!({ "user": "bob", "suite": "OCRA-1:HOTP-SHA256-8:QH64-PSHA1-T30S" }),
            (422, "bad-suite"),
        ),
        (
            json!({ "user": "bob", "suite": "OCRA-1:HOTP-SHA256-8:C-QH64-T30S" }),
            (422, "bad-suite"),
        ),
        (json!({ "user": "bob", "counter": 1 }), (422, "invalid")),
        (json!({ "user": "b:b" }), (422, "bad-key-uri")),
        (
            json!({ "user": "bob", "issuer": "i".repeat(600) }),
            (422, "bad-key-uri"),
        ),
        (
            json!({ "user": "bob", "policy": { "max_failures": 6 } }),
            (422, "bad-policy"),
        ),
        (
            json!({ "user": "bob", "policy": { "past": 31, "future": 32 } }),
            (422, "bad-policy"),
        ),
        (
            json!({ "user": "bob", "policy": { "past": -1 } }),
            (422, "invalid"),
        ),
        (
            json!({ "user": "bob", "policy": { "guess": 1 } }),
            (422, "invalid"),
        ),
        (json!({ "user": "bob", "policy": [1, 1] }), (422, "invalid")),
        (json!({ "user": 7 }), (422, "invalid")),
        (json!({ "device": "x" }), (422, "invalid")),
    ] {
        let reply = service.post("/v1/devices", &body).await;
        assert_eq!(reply.problem(), (problem.0, problem.1.into()), "{body}");
    }
    let list = service.get("/v1/devices").await.json();
    assert_eq!(list["devices"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_counter_goes_on_from_where_it_begins() {
    let service = Service::new().await;
    let body = json!({ "user": "alice", "suite": "OCRA-1:HOTP-SHA1-6:C-QH64", "counter": 42 });
    let reply = service.post("/v1/devices", &body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let uri = reply.json()["enrolment"]["key_uri"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        uri.starts_with("otpauth://hotp/") && uri.ends_with("&counter=42"),
        "{uri}"
    );
}

#[tokio::test]
async fn a_user_has_sixteen_devices() {
    let service = Service::new().await;
    for number in 0..16 {
        service.enrol("alice", &format!("phone {number:02}")).await;
    }
    let more = service
        .post("/v1/devices", &json!({ "user": "alice" }))
        .await;
    assert_eq!(more.problem(), (409, "too-many-devices".into()));
    assert_eq!(
        service
            .post("/v1/devices/phone%2000/revoke", &json!({}))
            .await
            .status,
        200
    );
    assert_eq!(
        service
            .post("/v1/devices", &json!({ "user": "alice" }))
            .await
            .status,
        201
    );
}

#[tokio::test]
async fn names_are_percent_encoded_in_paths() {
    let service = Service::new().await;
    for name in ["a/b", "ü ö", "100%", "..", "?#&=+", "日本"] {
        let body = json!({ "user": "alice", "device": name, "account": "alice" });
        let reply = service.post("/v1/devices", &body).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        let path = reply.headers["location"].to_str().unwrap().to_owned();
        assert_eq!(service.get(&path).await.json()["device"], name, "{path}");
    }
    assert_eq!(
        service.get("/v1/devices/%ff").await.problem(),
        (400, "bad-path".into())
    );
    assert_eq!(
        service.get("/v1/devices/%00").await.problem(),
        (404, "unknown-device".into())
    );
}

#[tokio::test]
async fn devices_are_listed_by_pages() {
    let service = Service::new().await;
    for (user, device) in [("alice", "a"), ("bob", "b"), ("alice", "c"), ("alice", "d")] {
        service.enrol(user, device).await;
    }
    for (filter, expected) in [
        ("", vec!["a", "b", "c", "d"]),
        ("&user=alice", vec!["a", "c", "d"]),
        ("&user=eve", vec![]),
    ] {
        for limit in [1, 2, 3, 4, 500] {
            let mut names = Vec::new();
            let mut after = String::new();
            loop {
                let page = service
                    .get(&format!("/v1/devices?limit={limit}{filter}{after}"))
                    .await
                    .json();
                let devices = page["devices"].as_array().unwrap().clone();
                assert!(devices.len() <= limit);
                names.extend(
                    devices
                        .into_iter()
                        .map(|device| device["device"].as_str().unwrap().to_owned()),
                );
                match page["next"].as_str() {
                    Some(next) => after = format!("&after={next}"),
                    None => break,
                }
            }
            assert_eq!(names, expected, "{filter} {limit}");
        }
    }
    for query in [
        "limit=0",
        "limit=501",
        "limit=x",
        "user=",
        "after=%00",
        "colour=red",
        "limit=1&limit=2",
    ] {
        let reply = service.get(&format!("/v1/devices?{query}")).await;
        assert_eq!(reply.problem(), (400, "bad-query".into()), "{query}");
    }
}

#[tokio::test]
async fn a_device_is_suspended_resumed_and_revoked() {
    let service = Service::new().await;
    let phone = service.enrol("alice", "phone").await;
    let act = async |name: &str| {
        service
            .post(&format!("/v1/devices/phone/{name}"), &json!({}))
            .await
    };
    assert_eq!(act("resume").await.problem(), (409, "not-possible".into()));
    assert_eq!(act("suspend").await.json()["status"], "suspended");
    assert_eq!(act("suspend").await.problem(), (409, "not-possible".into()));
    let refused = accepts(&service, "phone", &phone).await;
    assert_eq!(
        (refused["accepted"].clone(), refused["reason"].clone()),
        (json!(false), json!("suspended"))
    );
    assert_eq!(act("resume").await.json()["status"], "active");
    assert_eq!(accepts(&service, "phone", &phone).await["accepted"], true);

    let key = service
        .post("/v1/devices/phone/keys", &json!({}))
        .await
        .json();
    let text = key["key"].as_str().unwrap();
    assert_eq!(
        service.get_as(text, "/v1/devices").await.problem(),
        (403, "forbidden".into())
    );
    assert_eq!(act("revoke").await.json()["status"], "revoked");
    assert_eq!(
        service.get_as(text, "/v1/devices").await.problem(),
        (401, "unauthenticated".into())
    );
    let keys = service.get("/v1/devices/phone/keys").await.json();
    assert_eq!(keys["keys"][0]["id"], key["id"]);
    assert_eq!(keys["keys"][0]["revoked_at"], support::NOW);

    for name in ["suspend", "resume", "revoke", "unlock", "keys"] {
        assert_eq!(
            act(name).await.problem(),
            (409, "not-possible".into()),
            "{name}"
        );
    }
    let policy = service
        .post("/v1/devices/phone/policy", &json!({ "past": 2 }))
        .await;
    assert_eq!(policy.problem(), (409, "not-possible".into()));
    for name in ["suspend", "resume", "revoke", "unlock", "keys"] {
        let reply = service
            .post(&format!("/v1/devices/none/{name}"), &json!({}))
            .await;
        assert_eq!(reply.problem(), (404, "unknown-device".into()));
    }
}

#[tokio::test]
async fn settings_change_and_what_is_too_weak_is_refused() {
    let service = Service::new().await;
    service.enrol("alice", "phone").await;
    let path = "/v1/devices/phone/policy";
    let changed = service
        .post(path, &json!({ "past": 2, "future": 0 }))
        .await
        .json();
    assert_eq!(
        (
            changed["policy"]["past"].clone(),
            changed["policy"]["future"].clone()
        ),
        (json!(2), json!(0))
    );
    assert_eq!(changed["policy"]["max_failures"], 5);
    assert_eq!(
        service.post(path, &json!({ "past": 40 })).await.problem(),
        (422, "bad-policy".into())
    );
    let weak = json!({ "user": "bob", "suite": "OCRA-1:HOTP-SHA256-6:QH64-T30S", "policy": { "past": 31, "future": 31 } });
    assert_eq!(
        service.post("/v1/devices", &weak).await.problem(),
        (422, "bad-policy".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_settings_that_administrators_change_at_once_none_is_lost() {
    let service = Arc::new(Service::new().await);
    let twin = Arc::new(service.twin(&[]).await);
    service.enrol("alice", "phone").await;
    let path = "/v1/devices/phone/policy";
    let changes = [
        ("past", 2),
        ("look_ahead", 3),
        ("max_failures", 3),
        ("temporary_locks", 1),
        ("first_delay", 7),
        ("delay_growth", 2),
        ("drift_leash", 4),
        ("resync_range", 60),
    ];
    let services = [Arc::clone(&service), twin];
    let tasks: Vec<_> = changes
        .into_iter()
        .zip(services.iter().cycle().cloned())
        .map(|((name, value), service)| {
            tokio::spawn(async move { service.post(path, &json!({ name: value })).await })
        })
        .collect();
    for task in tasks {
        let reply = task.await.unwrap();
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
    let device = service.get("/v1/devices/phone").await.json();
    for (name, value) in changes {
        assert_eq!(device["policy"][name], value, "{name}");
    }
}

#[tokio::test]
async fn a_clock_that_was_ahead_is_forgiven() {
    let service = Service::new().await;
    let phone = service.enrol("alice", "phone").await;
    service.pass(3600);
    assert_eq!(accepts(&service, "phone", &phone).await["accepted"], true);
    // The clock is mended, and stands before what was accepted.
    service.pass(0_u64.wrapping_sub(1800));
    let code = phone.login(service.now());
    let body = json!({ "device": "phone", "code": code, "login": true });
    let undecided = service.post("/v1/verify", &body).await;
    assert_eq!(undecided.problem(), (500, "internal".into()));
    let path = "/v1/devices/phone/forgive-clock";
    let forgiven = service.post(path, &json!({})).await;
    assert_eq!(forgiven.json()["status"], "active");
    assert_eq!(accepts(&service, "phone", &phone).await["accepted"], true);

    service.post("/v1/devices/phone/revoke", &json!({})).await;
    let revoked = service.post(path, &json!({})).await;
    assert_eq!(revoked.problem(), (409, "not-possible".into()));
}

#[tokio::test]
async fn two_codes_set_the_window_anew() {
    let service = Service::new().await;
    let phone = service.enrol("alice", "phone").await;
    let at = |seconds: u64| txotp_core::UnixTime::from_seconds(support::NOW + seconds);
    let codes =
        |first: &str, next: &str| json!({ "code": first, "next_code": next, "login": true });
    let (first, next) = (phone.login(at(1500)), phone.login(at(1530)));
    let path = "/v1/devices/phone/resync";
    let refused = service.post(path, &codes(&first, &other(&next))).await;
    assert_eq!(refused.json()["accepted"], false);
    assert_eq!(
        service.post(path, &codes(&first, "1")).await.json()["reason"],
        "not-a-code"
    );
    let accepted = service.post(path, &codes(&first, &next)).await;
    assert_eq!(accepted.json()["accepted"], true, "{}", accepted.text());
    let later = json!({ "user": "alice", "code": phone.login(at(1560)), "login": true });
    service.pass(30);
    assert_eq!(
        service.post("/v1/verify", &later).await.json()["accepted"],
        true
    );
}

#[tokio::test]
async fn the_history_tells_every_act_by_pages() {
    let service = Service::new().await;
    let phone = service.enrol("alice", "phone").await;
    accepts(&service, "phone", &phone).await;
    service.post("/v1/devices/phone/suspend", &json!({})).await;
    let mut events = Vec::new();
    let mut after = 0;
    loop {
        let page = service
            .get(&format!("/v1/devices/phone/history?limit=2&after={after}"))
            .await
            .json();
        for entry in page["entries"].as_array().unwrap() {
            assert!(entry["actor"].as_str().unwrap().starts_with("app:console/"));
            events.push(entry["event"].as_str().unwrap().to_owned());
        }
        match page["next"].as_u64() {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(events, ["device-enrolled", "verdict", "status-changed"]);
    assert_eq!(
        service.get("/v1/devices/none/history").await.problem(),
        (404, "unknown-device".into())
    );
    let past = service
        .get("/v1/devices/phone/history?after=18446744073709551615")
        .await
        .json();
    assert_eq!(past["entries"], json!([]));
    assert_eq!(
        service
            .get("/v1/devices/phone/history?after=-1")
            .await
            .problem(),
        (400, "bad-query".into())
    );
}

#[tokio::test]
async fn each_role_allows_its_own() {
    let service = Service::new().await;
    service.enrol("alice", "phone").await;
    let transaction = json!({ "user": "alice", "transaction": { "message": "Pay" } });
    let code = json!({ "user": "alice", "code": "12345678", "login": true });
    // A transaction is of its application, whichever of its keys asks.
    let bank = service.key_with("bank", &["verify"]).await;
    let created = service.post_as(&bank, "/v1/transactions", &transaction);
    let id = created.await.json()["transaction"]["id"].clone();
    let id = id.as_str().unwrap();
    let requests = [
        (
            Method::POST,
            "/v1/devices".to_owned(),
            json!({ "user": "bob" }),
            "administer",
        ),
        (
            Method::GET,
            "/v1/devices".to_owned(),
            Value::Null,
            "administer",
        ),
        (
            Method::GET,
            "/v1/devices/phone".to_owned(),
            Value::Null,
            "administer",
        ),
        (
            Method::POST,
            "/v1/devices/phone/unlock".to_owned(),
            Value::Null,
            "administer",
        ),
        (
            Method::POST,
            "/v1/devices/phone/forgive-clock".to_owned(),
            Value::Null,
            "administer",
        ),
        (
            Method::POST,
            "/v1/devices/phone/keys".to_owned(),
            Value::Null,
            "administer",
        ),
        (
            Method::GET,
            "/v1/devices/phone/keys".to_owned(),
            Value::Null,
            "administer",
        ),
        (
            Method::POST,
            "/v1/devices/phone/policy".to_owned(),
            json!({ "past": 2 }),
            "administer",
        ),
        (
            Method::POST,
            "/v1/devices/phone/resync".to_owned(),
            json!({ "code": "1", "next_code": "2", "login": true }),
            "administer",
        ),
        (
            Method::GET,
            "/v1/keys".to_owned(),
            Value::Null,
            "administer",
        ),
        (
            Method::POST,
            "/v1/keys".to_owned(),
            json!({ "name": "x", "roles": ["audit"] }),
            "administer",
        ),
        (
            Method::GET,
            "/v1/devices/phone/history".to_owned(),
            Value::Null,
            "audit",
        ),
        (
            Method::GET,
            "/v1/verdicts?user=alice".to_owned(),
            Value::Null,
            "audit",
        ),
        (
            Method::GET,
            format!("/v1/transactions/{id}/verdicts"),
            Value::Null,
            "audit",
        ),
        (
            Method::POST,
            "/v1/transactions".to_owned(),
            transaction,
            "verify",
        ),
        (
            Method::GET,
            format!("/v1/transactions/{id}"),
            Value::Null,
            "verify",
        ),
        (
            Method::POST,
            format!("/v1/transactions/{id}/verify"),
            json!({ "code": "1" }),
            "verify",
        ),
        (Method::POST, "/v1/verify".to_owned(), code, "verify"),
    ];
    for role in ["administer", "verify", "audit"] {
        let key = service.key_with("bank", &[role]).await;
        let bearer = format!("Bearer {key}");
        for (method, path, body, needed) in &requests {
            let headers = [
                ("authorization", &*bearer),
                ("content-type", "application/json"),
            ];
            let reply = service
                .send(method.clone(), path, &headers, body.to_string())
                .await;
            if role == *needed {
                assert!(reply.status.is_success(), "{role} {path}: {}", reply.text());
            } else {
                assert_eq!(reply.problem(), (403, "forbidden".into()), "{role} {path}");
            }
        }
    }
}
