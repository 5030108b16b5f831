//! Callbacks: each end of a request told at least once, and never another than took place.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    clippy::panic,
    reason = "a test may stop where it fails"
)]

mod support;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use support::approving::{DAY, Phone};
use support::receiver::{Receiver, Reply, callbacks, nobody, until};
use support::{Service, eventually};
use txotp_server::Decision::{self, Approve, Deny};
use txotp_server::start;
use txotp_store::{Change, Kind, Written};

/// So that a test can receive on this machine.
const HERE: (&str, &str) = ("callbacks.allow_private", "true");
/// How many callbacks of one application are under way at once.
const SHARE: usize = 8;

/// Asks and has it answered; gives the id.
async fn decided(service: &Service, key: &str, phone: &Phone, decision: Decision) -> String {
    let id = service.approval(key, "alice", DAY).await;
    let pending = phone.pending(service).await;
    let request = pending.iter().find(|request| request["id"] == id).unwrap();
    let answer = phone.answer(service, request, decision).await;
    assert_eq!(answer.json()["accepted"], true, "{answer:?}");
    id
}

fn tried(attempts: u32) -> impl Fn(&[Value]) -> bool {
    move |found| {
        found.len() == 1 && found[0]["attempts"] == attempts && !found[0]["failure"].is_null()
    }
}

#[tokio::test]
async fn an_answer_is_told_signed() {
    let service = Service::with(&[HERE]).await;
    let mut receiver = Receiver::new(&[]).await;
    let key = service
        .application("bank", Some(&format!("{}?for=txotp", receiver.url)))
        .await;
    let phone = service.phone("alice", "phone").await;
    let id = decided(&service, &key, &phone, Approve).await;
    let received = receiver.next().await;
    assert_eq!(received.header("content-type"), "application/json");
    let nonce = received.header("x-authy-signature-nonce");
    assert!(
        nonce.starts_with(&format!("{}-", service.now().seconds())),
        "{nonce}"
    );
    received.verify(&key, &receiver.url);
    let body = received.json();
    assert_eq!(body["uuid"], id);
    assert_eq!(body["status"], "approved");
    assert_eq!(body["callback_action"], "approval_request_status");
    assert_eq!(body["device_uuid"], "phone");
    assert_eq!(body["authy_id"], "alice");
    let transaction = &body["approval_request"]["transaction"];
    assert_eq!(transaction["status"], "approved");
    assert_eq!(
        transaction["details"],
        json!({"To": "John Doe", "Amount": "1000 Euros"})
    );
    assert_eq!(
        transaction["hidden_details"],
        json!({"Transaction ID": "T2293"})
    );
    assert_eq!(
        body["approval_request"]["expiration_timestamp"],
        service.now().seconds() + u64::from(DAY)
    );
    until(&service, "waiting", <[Value]>::is_empty).await;
    assert!(receiver.is_empty());
}

#[tokio::test]
async fn a_url_without_a_path_is_signed_as_it_is_posted() {
    let service = Service::with(&[HERE]).await;
    let mut receiver = Receiver::new(&[]).await;
    let phone = service.phone("alice", "phone").await;
    let host = receiver.url.strip_suffix("/hook").unwrap().to_owned();
    for (name, query) in [("bank", ""), ("shop", "?for=/txotp")] {
        let url = format!("{host}{query}");
        let key = service.application(name, Some(&url)).await;
        decided(&service, &key, &phone, Approve).await;
        let received = receiver.next().await;
        received.verify(&key, &format!("{host}/"));
        service.pass(30);
    }
}

#[tokio::test]
async fn a_failure_is_tried_again_later_with_another_nonce() {
    let service = Service::with(&[HERE]).await;
    let mut receiver = Receiver::new(&[Reply::Status(500), Reply::Status(302)]).await;
    let key = service.application("bank", Some(&receiver.url)).await;
    let phone = service.phone("alice", "phone").await;
    decided(&service, &key, &phone, Deny).await;
    let first = receiver.next().await;
    let waiting = until(&service, "waiting", tried(1)).await;
    assert_eq!(waiting[0]["failure"], "status-500");
    assert_eq!(waiting[0]["application"], "bank");
    let wait = waiting[0]["due"].as_u64().unwrap() - service.now().seconds();
    assert!((5..=10).contains(&wait), "{wait}");
    service.pass(wait);
    let second = receiver.next().await;
    assert_eq!(second.body, first.body);
    let nonce = "x-authy-signature-nonce";
    assert_ne!(second.header(nonce), first.header(nonce));
    second.verify(&key, &receiver.url);
    let waiting = until(&service, "waiting", tried(2)).await;
    assert_eq!(waiting[0]["failure"], "status-302");
    let wait = waiting[0]["due"].as_u64().unwrap() - service.now().seconds();
    assert!((10..=20).contains(&wait), "{wait}");
    service.pass(wait);
    assert_eq!(receiver.next().await.json()["status"], "denied");
    until(&service, "waiting", <[Value]>::is_empty).await;
}

#[tokio::test]
async fn an_application_that_says_nothing_is_waited_for_so_long() {
    let mut service = Service::with(&[HERE, ("callbacks.timeout_seconds", "1")]).await;
    let mut receiver = Receiver::new(&[Reply::Silence]).await;
    let key = service.application("bank", Some(&receiver.url)).await;
    let phone = service.phone("alice", "phone").await;
    decided(&service, &key, &phone, Approve).await;
    receiver.next().await;
    let waiting = until(&service, "waiting", tried(1)).await;
    assert_eq!(waiting[0]["failure"], "timeout");
    // An answer may take longer than a second where this machine is busy.
    service.stop().await;
    service.run(&[HERE]).await;
    service.pass(60);
    receiver.next().await;
    until(&service, "waiting", <[Value]>::is_empty).await;
}

#[tokio::test]
async fn what_was_tried_often_enough_waits_for_somebody() {
    let service = Service::with(&[HERE, ("callbacks.attempts", "2")]).await;
    let mut receiver = Receiver::new(&[Reply::Status(500), Reply::Status(503)]).await;
    let key = service.application("bank", Some(&receiver.url)).await;
    let phone = service.phone("alice", "phone").await;
    let id = decided(&service, &key, &phone, Approve).await;
    receiver.next().await;
    until(&service, "waiting", tried(1)).await;
    service.pass(60);
    receiver.next().await;
    let dead = until(&service, "dead", tried(2)).await;
    assert_eq!(
        (&dead[0]["id"], &dead[0]["failure"]),
        (&json!(id), &json!("status-503"))
    );
    assert!(callbacks(&service, "waiting").await.is_empty());
    let metrics = service.get("/metrics").await;
    assert!(
        metrics
            .text()
            .contains("txotp_callbacks_total{outcome=\"dead\"} 1")
    );
    for none in ["none", "%00", &"a".repeat(300)] {
        let path = format!("/v1/callbacks/{none}/retry");
        let unknown = service.post(&path, &json!(null)).await;
        assert_eq!(unknown.problem(), (404, "unknown-callback".into()));
    }
    let again = service
        .post(&format!("/v1/callbacks/{id}/retry"), &json!(null))
        .await;
    assert_eq!(again.status, 202);
    assert_eq!(receiver.next().await.json()["uuid"], id);
    until(&service, "waiting", <[Value]>::is_empty).await;
    assert!(callbacks(&service, "dead").await.is_empty());
}

#[tokio::test]
async fn what_nobody_looks_at_is_removed_in_the_end() {
    let settings = [
        HERE,
        ("callbacks.attempts", "1"),
        ("approvals.keep_days", "7"),
    ];
    let service = Service::with(&settings).await;
    let mut receiver = Receiver::new(&[Reply::Status(500)]).await;
    let key = service.application("bank", Some(&receiver.url)).await;
    let phone = service.phone("alice", "phone").await;
    let id = decided(&service, &key, &phone, Approve).await;
    receiver.next().await;
    until(&service, "dead", tried(1)).await;
    service.pass(7 * 86_400);
    until(&service, "dead", <[Value]>::is_empty).await;
    // Requests are looked after before callbacks: this one it may be the next time.
    eventually(async || service.look(&key, &id).await.status == 404).await;
}

#[tokio::test]
async fn a_callback_goes_where_it_may_only() {
    for (settings, url, failure) in [
        (&[][..], "https://127.0.0.1:1/hook", "address-not-public"),
        (&[], "https://localhost:1/hook", "address-not-public"),
        (&[], "https://[::ffff:10.0.0.1]/hook", "address-not-public"),
        (
            &[("callbacks.allowed_hosts", "bank.example")],
            "https://other.example/",
            "host-not-allowed",
        ),
    ] {
        let service = Service::with(settings).await;
        let key = service.application("bank", Some(url)).await;
        let phone = service.phone("alice", "phone").await;
        decided(&service, &key, &phone, Approve).await;
        let waiting = until(&service, "waiting", tried(1)).await;
        assert_eq!(waiting[0]["failure"], failure, "{url}");
    }
}

#[tokio::test]
async fn an_expiry_is_told_and_a_cancellation_is_not() {
    let service = Service::with(&[HERE]).await;
    let mut receiver = Receiver::new(&[]).await;
    let key = service.application("bank", Some(&receiver.url)).await;
    service.phone("alice", "phone").await;
    let cancelled = service.approval(&key, "alice", 60).await;
    let bearer = format!("Bearer {key}");
    let path = format!("/v1/approvals/{cancelled}");
    let headers = [("authorization", &*bearer)];
    let gone = service
        .send(axum::http::Method::DELETE, &path, &headers, "")
        .await;
    assert_eq!(gone.status, 204);
    let expired = service.approval(&key, "alice", 60).await;
    // Nobody looks: the service finds it by itself.
    service.pass(60);
    let received = receiver.next().await;
    received.verify(&key, &receiver.url);
    let body = received.json();
    assert_eq!(
        (&body["uuid"], &body["status"]),
        (&json!(expired), &json!("expired"))
    );
    assert_eq!(
        (&body["device_uuid"], &body["device"]),
        (&json!(null), &json!(null))
    );
    until(&service, "waiting", <[Value]>::is_empty).await;
    assert!(receiver.is_empty());
}

#[tokio::test]
async fn an_expiry_is_not_told_to_who_would_take_it_for_forged() {
    let service = Service::with(&[HERE, ("callbacks.on_expiry", "false")]).await;
    let mut receiver = Receiver::new(&[]).await;
    let key = service.application("bank", Some(&receiver.url)).await;
    let phone = service.phone("alice", "phone").await;
    let expired = service.approval(&key, "alice", 60).await;
    service.pass(60);
    assert_eq!(
        service.look(&key, &expired).await.json()["status"],
        "expired"
    );
    let id = decided(&service, &key, &phone, Approve).await;
    assert_eq!(receiver.next().await.json()["uuid"], id);
}

#[tokio::test]
async fn another_key_of_the_application_signs_where_the_first_is_revoked() {
    let service = Service::with(&[HERE]).await;
    let mut receiver = Receiver::new(&[]).await;
    let old = service.application("bank", Some(&receiver.url)).await;
    let phone = service.phone("alice", "phone").await;
    service.approval(&old, "alice", DAY).await;
    service.pass(1);
    let new = service.application("bank", Some(&receiver.url)).await;
    let revoked = service.delete(&format!("/v1/keys/{}", &old[..8])).await;
    assert!(revoked.status.is_success(), "{revoked:?}");
    let request = phone.pending(&service).await[0].clone();
    phone.answer(&service, &request, Approve).await;
    let received = receiver.next().await;
    received.verify(&new, &receiver.url);
}

#[tokio::test]
async fn what_no_key_signs_waits_for_one() {
    let service = Service::with(&[HERE]).await;
    let mut receiver = Receiver::new(&[]).await;
    let old = service.application("bank", Some(&receiver.url)).await;
    let phone = service.phone("alice", "phone").await;
    let id = service.approval(&old, "alice", DAY).await;
    let revoked = service.delete(&format!("/v1/keys/{}", &old[..8])).await;
    assert!(revoked.status.is_success(), "{revoked:?}");
    let request = phone.pending(&service).await[0].clone();
    phone.answer(&service, &request, Approve).await;
    let waiting = until(&service, "waiting", tried(1)).await;
    assert_eq!(waiting[0]["failure"], "no-key");
    let new = service.application("bank", Some(&receiver.url)).await;
    service.pass(60);
    let received = receiver.next().await;
    assert_eq!(received.json()["uuid"], id);
    received.verify(&new, &receiver.url);
}

#[tokio::test]
async fn a_callback_outlives_the_service() {
    let mut service = Service::with(&[HERE]).await;
    let (nobody, url) = nobody();
    let key = service.application("bank", Some(&url)).await;
    let phone = service.phone("alice", "phone").await;
    let id = decided(&service, &key, &phone, Approve).await;
    service.stop().await;
    let mut receiver = Receiver::on(nobody.listen(16).unwrap(), &[]);
    service.pass(60);
    service.run(&[HERE]).await;
    let received = receiver.next().await;
    received.verify(&key, &receiver.url);
    assert_eq!(received.json()["uuid"], id);
    until(&service, "waiting", <[Value]>::is_empty).await;
}

#[test]
fn a_callback_outlives_a_process_that_dies_while_it_delivers() {
    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let (doomed, alive) = (runtime(), runtime());
    alive.block_on(async {
        let mut service = Service::with(&[HERE]).await;
        let mut receiver = Receiver::new(&[Reply::Silence]).await;
        let key = service.application("bank", Some(&receiver.url)).await;
        let phone = service.phone("alice", "phone").await;
        service.stop().await;
        let app = service.app(&[HERE]);
        service.running = Some(doomed.spawn(start(app)).await.unwrap().unwrap());
        let id = decided(&service, &key, &phone, Deny).await;
        assert_eq!(receiver.next().await.json()["uuid"], id);
        // It is being delivered, and its process ends without a word.
        doomed.shutdown_background();
        service.run(&[HERE]).await;
        assert_eq!(callbacks(&service, "waiting").await[0]["attempts"], 1);
        service.pass(60);
        let received = receiver.next().await;
        let body = received.json();
        assert_eq!(
            (&body["uuid"], &body["status"]),
            (&json!(id), &json!("denied"))
        );
        until(&service, "waiting", <[Value]>::is_empty).await;
        assert!(receiver.is_empty());
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn two_services_on_one_store_deliver_each_callback_once() {
    let service = Service::with(&[HERE]).await;
    let other = service.another(&[HERE]).await;
    let mut receiver = Receiver::new(&[]).await;
    let key = service.application("bank", Some(&receiver.url)).await;
    // The clock stands: what is not yet known as delivered would be taken anew. Of one step a device remembers sixteen codes.
    let phones = [
        service.phone("alice", "one").await,
        service.phone("alice", "two").await,
    ];
    let mut told = BTreeMap::new();
    for place in 0..20 {
        let (decision, status) = if place % 2 == 0 {
            (Approve, "approved")
        } else {
            (Deny, "denied")
        };
        let id = decided(&service, &key, &phones[place / 10], decision).await;
        told.insert(id, status);
    }
    for _ in 0..20 {
        let body = receiver.next().await.json();
        let status = told.remove(body["uuid"].as_str().unwrap());
        assert_eq!(body["status"], status.expect("each is told once"));
    }
    until(&service, "waiting", <[Value]>::is_empty).await;
    other.stop().await;
    assert!(receiver.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_answers_at_once_the_callback_tells_the_one_that_counts() {
    let service = Service::with(&[HERE]).await;
    let mut receiver = Receiver::new(&[]).await;
    let key = service.application("bank", Some(&receiver.url)).await;
    let one = service.phone("alice", "one").await;
    let two = service.phone("alice", "two").await;
    for _ in 0..50 {
        let id = service.approval(&key, "alice", DAY).await;
        let request = one.pending(&service).await[0].clone();
        tokio::join!(
            one.answer(&service, &request, Approve),
            two.answer(&service, &request, Deny)
        );
        let body = receiver.next().await.json();
        let seen = service.look(&key, &id).await.json();
        assert_eq!(body["uuid"], id);
        assert_eq!(body["status"], seen["status"]);
        assert_eq!(body["device_uuid"], seen["device"]);
        // What is not yet known as delivered would be taken anew in time.
        until(&service, "waiting", <[Value]>::is_empty).await;
        service.pass(30);
    }
    assert!(receiver.is_empty());
}

#[tokio::test]
async fn an_application_that_hangs_keeps_no_other_from_its_callbacks() {
    // As if for ever.
    let service = Service::with(&[HERE, ("callbacks.timeout_seconds", "3600")]).await;
    let mut hanging = Receiver::new(&[Reply::Silence; 3 * 64]).await;
    let mut well = Receiver::new(&[]).await;
    let bank = service.application("bank", Some(&hanging.url)).await;
    let shop = service.application("shop", Some(&well.url)).await;
    for user in 0..12 {
        let user = format!("user {user}");
        service.phone(&user, &user.replace(' ', "-")).await;
        for _ in 0..16 {
            service.approval(&bank, &user, 60).await;
        }
    }
    // They expire together, with more callbacks than are looked at at once.
    service.pass(60);
    until(&service, "waiting", |found| found.len() == 3 * 64).await;
    for _ in 0..SHARE {
        hanging.next().await;
    }
    service.phone("dave", "dave").await;
    let id = service.approval(&shop, "dave", 60).await;
    service.pass(60);
    assert_eq!(well.next().await.json()["uuid"], id);
    until(&service, "waiting", |found| found.len() == 3 * 64).await;
    // What waits for its share is kept, without a try.
    assert!(hanging.is_empty());
    let waiting = callbacks(&service, "waiting").await;
    let untried = waiting.iter().filter(|one| one["attempts"] == 0);
    assert_eq!(untried.count(), 3 * 64 - SHARE);
}

/// A record with which nothing can be done, due before all others.
fn damaged(kind: Kind, place: usize, body: &str) -> Change {
    Change::Insert {
        kind,
        key: format!("damaged {place}"),
        owner: Some("waiting".to_owned()),
        due: Some(1),
        body: body.as_bytes().to_vec().into(),
    }
}

#[tokio::test]
async fn what_cannot_be_read_stands_in_nobodys_way() {
    const APPROVAL: Kind = Kind::new("approval");
    const CALLBACK: Kind = Kind::new("callback");
    // Of a newer release, of none, and one that can be read and leads nowhere.
    const NEWER: &str = r#"{"status":"delegated"}"#;
    const NOWHERE: &str = r#"{"application":{"name":"bank","key":"x"},"user":"","message":"m","details":[],
        "hidden_details":[],"logos":[],"created_at":1,"seconds_to_expire":0,"status":"pending"}"#;
    let mut service = Service::with(&[HERE]).await;
    service.stop().await;
    let vault = service.vault();
    for (kind, body) in [(CALLBACK, "\u{0}"), (APPROVAL, NEWER)] {
        for places in [0..32, 32..64, 64..96, 96..128, 128..130] {
            let changes = places.map(|place| damaged(kind, place, body)).collect();
            assert_eq!(vault.write_records(changes).await.unwrap(), Written::Done);
        }
    }
    let nowhere = damaged(APPROVAL, 130, NOWHERE);
    assert_eq!(
        vault.write_records(vec![nowhere]).await.unwrap(),
        Written::Done
    );
    service.run(&[HERE]).await;
    let mut receiver = Receiver::new(&[]).await;
    let key = service.application("bank", Some(&receiver.url)).await;
    service.phone("alice", "phone").await;
    let id = service.approval(&key, "alice", 60).await;
    // Nobody looks: what was asked expires, and that is told, only where the service goes on.
    service.pass(60);
    assert_eq!(receiver.next().await.json()["uuid"], id);
    let metrics = service.get("/metrics").await;
    for (kind, times) in [("approval", 131), ("callback", 130)] {
        let line = format!("txotp_records_set_aside_total{{kind=\"{kind}\"}} {times}\n");
        assert!(metrics.text().contains(&line), "{}", metrics.text());
    }
    for (kind, place, body) in [
        (CALLBACK, 0, "\u{0}"),
        (APPROVAL, 129, NEWER),
        (APPROVAL, 130, NOWHERE),
    ] {
        let kept = vault
            .record(kind, &format!("damaged {place}"))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(kept.owner.as_deref(), Some("waiting"));
        assert!(kept.due.unwrap() > service.now().seconds());
        if place != 130 {
            assert_eq!(kept.body.as_slice(), body.as_bytes());
        }
    }
}
