//! Approval requests of services that share a PostgreSQL, which is the test's own. Where there is none, a test says so by name.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test may stop where it fails"
)]

#[allow(
    dead_code,
    unreachable_pub,
    clippy::string_slice,
    reason = "a part of it is used here"
)]
#[path = "../../txotp-store/tests/support/postgres.rs"]
mod postgres;
mod support;

use postgres::Cluster;
use serde_json::{Value, json};
use support::Service;
use support::approving::{DAY, of_two_answers_one_counts};
use support::events::Events;
use support::receiver::{Receiver, until};
use txotp_server::Decision::Approve;
use txotp_store::Location;

const HERE: (&str, &str) = ("callbacks.allow_private", "true");

/// A service on a PostgreSQL, and another beside it.
async fn two(cluster: &Cluster) -> (Service, Service) {
    let location = Location::Postgres(cluster.url());
    let folder = tempfile::tempdir().unwrap();
    let service = Service::at(location, folder, &[HERE]).await;
    let twin = service.twin(&[HERE]).await;
    (service, twin)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_service_asks_another_has_answered_and_told() {
    let Some(cluster) = Cluster::new("what_one_service_asks_another_has_answered_and_told") else {
        return;
    };
    let (mut service, mut twin) = two(&cluster).await;
    let mut receiver = Receiver::new(&[]).await;
    let key = service.application("bank", Some(&receiver.url)).await;
    let phone = service.phone("alice", "phone").await;
    let mut events = Events::open(&twin, &phone).await;
    let id = service.approval(&key, "alice", DAY).await;
    let request = events.next("pending").await;
    assert_eq!(request["id"], id);
    let answer = phone.answer(&twin, &request, Approve).await;
    assert_eq!(
        answer.json(),
        json!({"accepted": true, "status": "approved"})
    );
    let ended = events.next("ended").await;
    assert_eq!(ended, json!({"id": id, "status": "approved"}));
    let seen = service.look(&key, &id).await.json();
    assert_eq!(
        (&seen["status"], &seen["device"]),
        (&json!("approved"), &json!("phone"))
    );
    let received = receiver.next().await;
    received.verify(&key, &receiver.url);
    let body = received.json();
    assert_eq!(
        (&body["uuid"], &body["status"]),
        (&json!(id), &json!("approved"))
    );
    // What is not yet known as delivered would be taken anew in time.
    until(&service, "waiting", <[Value]>::is_empty).await;
    // One that nobody answers is told too, whichever service finds it.
    let id = service.approval(&key, "alice", 60).await;
    service.pass(60);
    let body = receiver.next().await.json();
    assert_eq!(
        (&body["uuid"], &body["status"]),
        (&json!(id), &json!("expired"))
    );
    service.stop().await;
    twin.stop().await;
    assert!(receiver.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_answer_at_once_at_two_services_one_does() {
    let Some(cluster) = Cluster::new("of_two_who_answer_at_once_at_two_services_one_does") else {
        return;
    };
    let (service, twin) = two(&cluster).await;
    of_two_answers_one_counts(&service, &twin, 30).await;
}
