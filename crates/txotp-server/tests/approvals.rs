//! Approval requests: asked, shown, answered once.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    clippy::panic,
    reason = "a test may stop where it fails"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use support::approving::{DAY, Phone, of_two_answers_one_counts, request};
use support::events::Events;
use support::{Reply, Service, eventually};
use tokio::task::JoinSet;
use txotp_server::Decision::{Approve, Deny};

async fn asked(service: &Service, user: &str) -> (Phone, Value) {
    let phone = service.phone(user, &format!("{user}-phone")).await;
    service.approval(&service.key, user, DAY).await;
    let pending = phone.pending(service).await;
    assert_eq!(pending.len(), 1);
    (phone, pending[0].clone())
}

async fn status(service: &Service, request: &Value) -> String {
    let reply = service
        .look(&service.key, request["id"].as_str().unwrap())
        .await;
    reply.json()["status"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_device_sees_what_was_asked_and_approves_it_once() {
    let service = Service::new().await;
    let (phone, request) = asked(&service, "alice").await;
    assert_eq!(request["message"], "Approve money transaction");
    assert_eq!(
        request["details"],
        json!([{"key": "To", "value": "John Doe"}, {"key": "Amount", "value": "1000 Euros"}])
    );
    assert_eq!(
        request["hidden_details"],
        json!([{"key": "Transaction ID", "value": "T2293"}])
    );
    let application = request["application"].as_str().unwrap();
    assert!(!application.is_empty());
    let approved = phone.answer(&service, &request, Approve).await;
    assert_eq!(approved.status, 200, "{approved:?}");
    assert_eq!(
        approved.json(),
        json!({"accepted": true, "status": "approved"})
    );
    let seen = service
        .look(&service.key, request["id"].as_str().unwrap())
        .await
        .json();
    assert_eq!(seen["status"], "approved");
    assert_eq!(seen["device"], "alice-phone");
    assert_eq!(seen["ended_at"], service.now().seconds());
    assert!(phone.pending(&service).await.is_empty());
    service.pass(30);
    for decision in [Approve, Deny] {
        let late = phone.answer(&service, &request, decision).await;
        assert_eq!(late.problem(), (409, "approval-ended".into()));
        assert_eq!(late.json()["detail"], "approved");
    }
    assert_eq!(status(&service, &request).await, "approved");
}

#[tokio::test]
async fn a_code_is_for_one_decision() {
    let service = Service::new().await;
    let (phone, request) = asked(&service, "alice").await;
    let id = request["id"].as_str().unwrap();
    let code = phone.code(&service, &request, Approve);
    let crossed = phone.send(&service, id, "deny", &code).await;
    assert_eq!(
        crossed.json(),
        json!({"accepted": false, "status": "pending"})
    );
    let code = phone.code(&service, &request, Deny);
    let crossed = phone.send(&service, id, "approve", &code).await;
    assert_eq!(
        crossed.json(),
        json!({"accepted": false, "status": "pending"})
    );
    let denied = phone.answer(&service, &request, Deny).await;
    assert_eq!(denied.json(), json!({"accepted": true, "status": "denied"}));
    assert_eq!(status(&service, &request).await, "denied");
}

#[tokio::test]
async fn a_code_is_for_one_request() {
    let service = Service::new().await;
    let (phone, first) = asked(&service, "alice").await;
    service.approval(&service.key, "alice", DAY).await;
    let pending = phone.pending(&service).await;
    let second = pending.iter().find(|one| one["id"] != first["id"]).unwrap();
    let code = phone.code(&service, &first, Approve);
    let other = phone
        .send(&service, second["id"].as_str().unwrap(), "approve", &code)
        .await;
    assert_eq!(
        other.json(),
        json!({"accepted": false, "status": "pending"})
    );
    assert_eq!(
        phone.answer(&service, &first, Approve).await.json()["accepted"],
        true
    );
    assert_eq!(
        phone.answer(&service, second, Approve).await.json()["accepted"],
        true
    );
}

#[tokio::test]
async fn what_is_no_code_is_refused_and_does_not_count() {
    let service = Service::new().await;
    let (phone, request) = asked(&service, "alice").await;
    for code in [
        "",
        "12345",
        "1234567",
        "123456789",
        "1e345678",
        "-1234567",
        "１２３４５６７８",
    ] {
        let reply = phone
            .send(&service, request["id"].as_str().unwrap(), "approve", code)
            .await;
        assert_eq!(reply.status, 200, "{code}");
        assert_eq!(reply.json()["accepted"], false, "{code}");
    }
    assert_eq!(
        phone.answer(&service, &request, Approve).await.json()["accepted"],
        true
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_one_answer_sent_many_times_at_once_all_are_told_what_the_request_became() {
    let service = Arc::new(Service::new().await);
    for decision in [Approve, Deny] {
        let (phone, request) = asked(&service, decision.name()).await;
        let code = phone.code(&service, &request, decision);
        let id = request["id"].as_str().unwrap().to_owned();
        let phone = Arc::new(phone);
        let mut tasks = JoinSet::new();
        for _ in 0..16 {
            let (service, phone, id, code) = (
                Arc::clone(&service),
                Arc::clone(&phone),
                id.clone(),
                code.clone(),
            );
            tasks.spawn(async move { phone.send(&service, &id, decision.name(), &code).await });
        }
        let mut done = 0;
        for reply in tasks.join_all().await {
            if reply.status == 200 {
                assert_eq!(reply.json()["accepted"], true, "{reply:?}");
                done += 1;
            } else {
                assert_eq!(reply.problem(), (409, "approval-ended".into()));
                assert_eq!(reply.json()["detail"], status(&service, &request).await);
            }
        }
        assert_eq!(done, 1);
    }
}

#[tokio::test]
async fn another_user_and_another_application_see_nothing() {
    let service = Service::new().await;
    let (_, request) = asked(&service, "alice").await;
    let mallory = service.phone("mallory", "mallory-phone").await;
    assert!(mallory.pending(&service).await.is_empty());
    let reply = mallory.answer(&service, &request, Approve).await;
    assert_eq!(reply.problem(), (404, "unknown-approval".into()));
    let id = request["id"].as_str().unwrap();
    let other = service.application("other", None).await;
    let reply = service.look(&other, id).await;
    assert_eq!(reply.problem(), (404, "unknown-approval".into()));
    for id in ["x", &id.to_uppercase(), &id.replace('-', ""), "%00"] {
        let reply = service.look(&service.key, id).await;
        assert_eq!(reply.status, 404, "{id}");
    }
}

#[tokio::test]
async fn each_kind_of_key_has_its_own_routes() {
    let service = Service::new().await;
    let (phone, made) = asked(&service, "alice").await;
    let listed = service.get("/v1/device/approvals").await;
    assert_eq!(listed.problem(), (403, "forbidden".into()));
    let events = service.get("/v1/device/approvals/events").await;
    assert_eq!(events.problem(), (403, "forbidden".into()));
    let own = service
        .approval_of(&phone.key, &request("alice", DAY))
        .await;
    assert_eq!(own.problem(), (403, "forbidden".into()));
    let id = made["id"].as_str().unwrap();
    let looked = service.look(&phone.key, id).await;
    assert_eq!(looked.problem(), (403, "forbidden".into()));
    let device = txotp_store::DeviceId::new("alice-phone").unwrap();
    service
        .vault()
        .suspend(device, service.act())
        .await
        .unwrap();
    let reply = phone.answer(&service, &made, Approve).await;
    assert_eq!(reply.problem(), (403, "forbidden".into()));
}

#[tokio::test]
async fn a_request_expires() {
    let service = Service::new().await;
    let phone = service.phone("alice", "phone").await;
    let id = service.approval(&service.key, "alice", 60).await;
    let request = phone.pending(&service).await[0].clone();
    assert_eq!(request["expires_at"], service.now().seconds() + 60);
    service.pass(59);
    assert_eq!(status(&service, &request).await, "pending");
    service.pass(1);
    let late = phone.answer(&service, &request, Approve).await;
    assert_eq!(late.problem(), (409, "approval-ended".into()));
    assert_eq!(late.json()["detail"], "expired");
    assert!(phone.pending(&service).await.is_empty());
    let seen = service.look(&service.key, &id).await.json();
    assert_eq!(
        (&seen["status"], &seen["device"]),
        (&json!("expired"), &json!(null))
    );
}

#[tokio::test]
async fn zero_is_never() {
    let service = Service::new().await;
    let phone = service.phone("alice", "phone").await;
    service.approval(&service.key, "alice", 0).await;
    service.pass(10 * 365 * 86_400);
    let request = phone.pending(&service).await[0].clone();
    assert_eq!(request["expires_at"], json!(null));
    assert_eq!(
        phone.answer(&service, &request, Approve).await.json()["accepted"],
        true
    );
}

#[tokio::test]
async fn a_request_is_taken_back() {
    let service = Service::new().await;
    let (phone, request) = asked(&service, "alice").await;
    let path = format!("/v1/approvals/{}", request["id"].as_str().unwrap());
    assert_eq!(service.delete(&path).await.status, 204);
    assert_eq!(service.delete(&path).await.status, 204);
    assert_eq!(status(&service, &request).await, "cancelled");
    let late = phone.answer(&service, &request, Approve).await;
    assert_eq!(late.json()["detail"], "cancelled");
    service.approval(&service.key, "alice", DAY).await;
    let request = phone.pending(&service).await[0].clone();
    phone.answer(&service, &request, Deny).await;
    let path = format!("/v1/approvals/{}", request["id"].as_str().unwrap());
    let late = service.delete(&path).await;
    assert_eq!(late.problem(), (409, "approval-ended".into()));
    assert_eq!(late.json()["detail"], "denied");
}

#[tokio::test]
async fn what_could_not_be_answered_is_not_asked() {
    let service = Service::new().await;
    service.phone("alice", "phone").await;
    let with = |name: &str, value: Value| {
        let mut wish = request("alice", DAY);
        wish[name] = value;
        wish
    };
    let details = |details: Value| with("transaction", json!({"message": "m", "details": details}));
    let many: Value = (0..31)
        .map(|at| (format!("k{at}"), json!("v")))
        .collect::<serde_json::Map<_, _>>()
        .into();
    for (wish, problem) in [
        (with("user", json!("nobody")), (409, "no-active-device")),
        (with("user", json!("")), (422, "bad-name")),
        (
            with("transaction", json!({"message": ""})),
            (422, "bad-transaction"),
        ),
        (
            with("transaction", json!({"message": "a\u{202e}b"})),
            (422, "bad-transaction"),
        ),
        (
            with("transaction", json!({"message": "x".repeat(2950)})),
            (422, "bad-approval"),
        ),
        (
            details(json!({"txotp-request": "x"})),
            (422, "bad-approval"),
        ),
        (details(json!({"Txotp-Other": "x"})), (422, "bad-approval")),
        (details(many), (422, "bad-transaction")),
        (
            with("logos", json!([{"res": "low", "url": "https://a/b"}])),
            (422, "bad-approval"),
        ),
        (
            with("logos", json!([{"res": "default", "url": "http://a/b"}])),
            (422, "bad-approval"),
        ),
        (
            with("logos", json!([{"res": "huge", "url": "https://a/b"}])),
            (422, "invalid"),
        ),
        (with("seconds_to_expire", json!(-1)), (422, "invalid")),
        (
            with("seconds_to_expire", json!(4_294_967_296_u64)),
            (422, "invalid"),
        ),
        (with("more", json!(1)), (422, "invalid")),
    ] {
        let reply = service.approval_of(&service.key, &wish).await;
        let (status, name) = problem;
        assert_eq!(reply.problem(), (status, name.to_owned()), "{wish}");
    }
}

#[tokio::test]
async fn so_many_wait_and_no_more() {
    let service = Service::new().await;
    let phone = service.phone("alice", "phone").await;
    service.phone("bob", "other").await;
    let refused = async |key: &str| {
        let reply = service.approval_of(key, &request("alice", DAY)).await;
        assert_eq!(reply.problem(), (409, "too-many-approvals".into()));
        reply.json()["detail"].as_str().unwrap().to_owned()
    };
    let (of_user, of_application) = (
        "64 requests wait for the user",
        "16 requests of this application wait for the user",
    );
    let mut keys = Vec::new();
    for name in ["one", "two", "three", "four", "five"] {
        keys.push(service.application(name, None).await);
    }
    for key in &keys[..4] {
        for _ in 0..16 {
            service.approval(key, "alice", DAY).await;
        }
        // Its share is its own, and of this user; another key of the same name has no other.
        assert_eq!(refused(key).await, of_application);
        service.approval(key, "bob", DAY).await;
    }
    let again = service.application("one", None).await;
    assert_eq!(refused(&again).await, of_application);
    assert_eq!(refused(&keys[4]).await, of_user);
    let pending = phone.pending(&service).await;
    assert_eq!(pending.len(), 64);
    let first = &pending[0];
    assert_eq!(
        phone.answer(&service, first, Deny).await.json()["accepted"],
        true
    );
    service.approval(&keys[4], "alice", DAY).await;
    assert_eq!(refused(&keys[4]).await, of_user);
}

#[tokio::test]
async fn a_creation_with_an_idempotency_key_takes_place_once() {
    let service = Service::new().await;
    let phone = service.phone("alice", "phone").await;
    let bearer = format!("Bearer {}", service.key);
    let headers = [
        ("authorization", &*bearer),
        ("content-type", "application/json"),
        ("idempotency-key", "order-7"),
    ];
    let body = request("alice", DAY).to_string();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let reply = service
            .send(Method::POST, "/v1/approvals", &headers, body.clone())
            .await;
        assert_eq!(reply.status, 201, "{reply:?}");
        ids.push(reply.json()["id"].clone());
    }
    assert_eq!(ids[0], ids[1]);
    assert_eq!(phone.pending(&service).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_answer_at_once_one_does() {
    let service = Service::new().await;
    of_two_answers_one_counts(&service, &service, 50).await;
}

#[tokio::test]
async fn events_tell_what_comes_and_what_ends_wherever_it_was_asked() {
    let mut service = Service::new().await;
    let (phone, first) = asked(&service, "alice").await;
    let mut events = Events::open(&service, &phone).await;
    assert_eq!(events.next("pending").await, first);
    assert!(events.text.is_empty() || !events.text.contains("event"));
    // Another process takes the next, and its answer.
    let here = service.running.take();
    service.running = Some(service.another(&[]).await);
    let id = service.approval(&service.key, "alice", DAY).await;
    let second = events.next("pending").await;
    assert_eq!(second["id"], id);
    phone.answer(&service, &second, Deny).await;
    let ended = events.next("ended").await;
    assert_eq!(ended, json!({"id": id, "status": "denied"}));
    service.stop().await;
    service.running = here;
    service.pass(u64::from(DAY));
    let ended = events.next("ended").await;
    assert_eq!(ended, json!({"id": first["id"], "status": "expired"}));
    // It ends with the service, at once and whole.
    service.stop().await;
    while events.more().await {}
    assert!(events.text.ends_with("0\r\n\r\n"), "{}", events.text);
}

#[tokio::test]
async fn events_have_a_limit_and_end_with_their_device() {
    let service = Service::with(&[("approvals.event_streams", "1")]).await;
    let (phone, _) = asked(&service, "alice").await;
    let mut events = Events::open(&service, &phone).await;
    events.next("pending").await;
    let more = follow(&service, &phone).await;
    assert_eq!(more.problem(), (503, "too-many-streams".into()));
    let device = txotp_store::DeviceId::new("alice-phone").unwrap();
    service.vault().revoke(device, service.act()).await.unwrap();
    while !events.text.ends_with("0\r\n\r\n") {
        assert!(events.more().await);
    }
}

#[tokio::test]
async fn a_device_has_few_streams_and_leaves_room_for_others() {
    let service = Service::new().await;
    let (phone, _) = asked(&service, "alice").await;
    let (other, _) = asked(&service, "bob").await;
    let mut streams = Vec::new();
    for _ in 0..4 {
        let mut stream = Events::open(&service, &phone).await;
        stream.next("pending").await;
        streams.push(stream);
    }
    let more = follow(&service, &phone).await;
    assert_eq!(more.problem(), (429, "too-many-device-streams".into()));
    assert_eq!(more.headers["retry-after"], "1");
    Events::open(&service, &other).await.next("pending").await;
    // Who leaves makes room.
    streams.pop();
    let mut stream = loop {
        let mut stream = Events::open(&service, &phone).await;
        assert!(stream.more().await);
        if !stream.text.starts_with("HTTP/1.1 429 ") {
            break stream;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    stream.next("pending").await;
    assert_eq!(follow(&service, &phone).await.status, 429);
}

/// What is answered where it is no stream.
async fn follow(service: &Service, phone: &Phone) -> Reply {
    let headers = [("authorization", &*phone.bearer())];
    let path = "/v1/device/approvals/events";
    let answer = service.send(Method::GET, path, &headers, "");
    let answer = tokio::time::timeout(Duration::from_secs(60), answer).await;
    answer.expect("a refusal has an end")
}

#[tokio::test]
async fn what_ends_while_a_code_is_judged_is_not_approved() {
    let service = Service::new().await;
    let phone = service.phone("alice", "phone").await;
    let mut became = Vec::new();
    for left in 1..=20 {
        service.approval(&service.key, "alice", 60).await;
        let request = phone.pending(&service).await[0].clone();
        service.pass(60 - left);
        let code = phone.code(&service, &request, Approve);
        let id = request["id"].as_str().unwrap();
        service.stage.tick(true);
        let answer = phone.send(&service, id, "approve", &code).await;
        service.stage.tick(false);
        service.pass(60);
        let seen = service.look(&service.key, id).await.json();
        let is_approved = answer.status == 200 && answer.json()["accepted"] == true;
        assert_eq!(is_approved, seen["status"] == "approved", "{left}: {seen}");
        let ended_at = seen["ended_at"].as_u64().unwrap();
        let expires_at = seen["expires_at"].as_u64().unwrap();
        assert_eq!(is_approved, ended_at < expires_at, "{left}: {seen}");
        became.push(is_approved);
    }
    assert!(became.contains(&true) && became.contains(&false));
}

async fn revoke(service: &Service, device: &str) {
    let device = txotp_store::DeviceId::new(device).unwrap();
    service.vault().revoke(device, service.act()).await.unwrap();
}

/// Waits until a request has ended, which nobody looks after but the service itself.
async fn until_expired(service: &Service, id: &str) {
    eventually(async || {
        let seen = service.look(&service.key, id).await.json();
        let is_expired = seen["status"] == "expired";
        assert!(!is_expired || seen["ended_at"] == service.now().seconds());
        is_expired
    })
    .await;
}

#[tokio::test]
async fn what_nobody_is_left_to_answer_ends_as_expired() {
    let service = Service::new().await;
    let mut asked = Vec::new();
    for user in ["alice", "bob", "carol", "last"] {
        service.phone(user, user).await;
        service.phone(user, &format!("{user}-old")).await;
        let forever = service.approval(&service.key, user, 0).await;
        asked.push((forever, service.approval(&service.key, user, 9 * DAY).await));
        revoke(&service, &format!("{user}-old")).await;
        // What was asked first is looked after first.
        service.pass(1);
    }
    let [alice, bob, carol, last] = &asked[..] else {
        panic!("four were asked")
    };
    revoke(&service, "alice").await;
    revoke(&service, "last").await;
    let bobs = || txotp_store::DeviceId::new("bob").unwrap();
    let suspended = service.vault().suspend(bobs(), service.act()).await;
    suspended.unwrap();
    let status = async |id: &str| service.look(&service.key, id).await.json()["status"].clone();
    assert_eq!(status(&alice.0).await, "pending");
    service.pass(u64::from(DAY));
    for ended in [&alice.0, &alice.1, &last.0, &last.1] {
        until_expired(&service, ended).await;
    }
    // A device that is suspended can be resumed.
    for waiting in [&bob.0, &bob.1, &carol.0, &carol.1] {
        assert_eq!(status(waiting).await, "pending");
    }
    revoke(&service, "bob").await;
    service.pass(u64::from(DAY));
    until_expired(&service, &bob.0).await;
    assert_eq!(status(&carol.0).await, "pending");
}

#[tokio::test]
async fn of_many_asked_at_once_so_many_wait() {
    let service = Arc::new(Service::new().await);
    let phone = service.phone("alice", "phone").await;
    let mut keys = Vec::new();
    for name in ["one", "two", "three", "four", "five"] {
        keys.push(service.application(name, None).await);
    }
    let mut asking = JoinSet::new();
    for at in 0..100 {
        let (service, key) = (Arc::clone(&service), keys[at % keys.len()].clone());
        asking.spawn(async move {
            let wish = request("alice", DAY);
            service.approval_of(&key, &wish).await
        });
    }
    let mut asked = 0;
    while let Some(reply) = asking.join_next().await {
        let reply = reply.unwrap();
        if reply.status == 201 {
            asked += 1;
        } else {
            assert_eq!(reply.problem(), (409, "too-many-approvals".into()));
        }
    }
    assert_eq!(asked, 64);
    assert_eq!(phone.pending(&service).await.len(), 64);
}
