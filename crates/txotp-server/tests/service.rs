//! The service as a whole: it starts, answers, refuses and ends.

#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

mod support;

use axum::http::Method;
use support::{Service, until_limited};

#[tokio::test]
async fn it_lives_and_is_ready() {
    let service = Service::new().await;
    assert_eq!(service.get("/health/live").await.text(), "live\n");
    assert_eq!(service.get("/health/ready").await.text(), "ready\n");
}

#[tokio::test]
async fn the_first_key_is_made_once() {
    let mut service = Service::new().await;
    service.stop().await;
    service.run(&[]).await;
    assert!(service.running.as_ref().unwrap().new_key().is_none());
    assert_eq!(service.get("/metrics").await.status, 200);
}

#[tokio::test]
async fn metrics_need_a_key() {
    let service = Service::new().await;
    let none = service.send(Method::GET, "/metrics", &[], "").await;
    assert_eq!(none.problem(), (401, "unauthenticated".into()));
    assert_eq!(none.headers["www-authenticate"], "Bearer");
    let wrong = format!("Bearer {}", "a".repeat(40));
    let wrong = service
        .send(Method::GET, "/metrics", &[("authorization", &wrong)], "")
        .await;
    assert_eq!(wrong.problem(), (401, "unauthenticated".into()));
    let mut last = service.key.clone();
    let end = last.pop().unwrap();
    last.push(if end == 'a' { 'b' } else { 'a' });
    // What no key is, is none, and no fault.
    for odd in [
        format!("a\t{}", "a".repeat(38)),
        "\u{e9}".repeat(20),
        "A".repeat(40),
    ] {
        let odd = format!("Bearer {odd}");
        let odd = service
            .send(Method::GET, "/metrics", &[("authorization", &odd)], "")
            .await;
        assert_eq!(odd.problem(), (401, "unauthenticated".into()));
    }
    let near = format!("Bearer {last}");
    let near = service
        .send(Method::GET, "/metrics", &[("authorization", &near)], "")
        .await;
    assert_eq!(near.problem(), (401, "unauthenticated".into()));
}

#[tokio::test]
async fn an_address_without_a_key_is_soon_refused_otherwise() {
    let service = Service::with(&[("limits.per_address", "3")]).await;
    // Who showed a good key before is not shut out by who shares the address.
    assert_eq!(service.get("/metrics").await.status, 200);
    let ask = async || service.send(Method::GET, "/metrics", &[], "").await;
    let (before, _) = until_limited(3, ask).await;
    assert!(before.iter().all(|reply| reply.status == 401), "{before:?}");
    assert_eq!(service.get("/metrics").await.status, 200);
}

#[tokio::test]
async fn what_is_not_there_is_a_problem() {
    let service = Service::new().await;
    assert_eq!(
        service.get("/v1/nothing").await.problem(),
        (404, "no-such-route".into())
    );
    let post = service.send(Method::POST, "/metrics", &[], "").await;
    assert_eq!(post.problem(), (405, "method-not-allowed".into()));
}

#[tokio::test]
async fn a_request_has_an_id() {
    let service = Service::new().await;
    let own = service.get("/health/live").await;
    assert_eq!(own.headers["x-request-id"].len(), 16);
    for (given, is_kept) in [
        ("balancer-0001", true),
        ("short", false),
        ("with space and more", false),
    ] {
        let reply = service
            .send(Method::GET, "/health/live", &[("x-request-id", given)], "")
            .await;
        assert_eq!(reply.headers["x-request-id"] == given, is_kept, "{given}");
    }
}
