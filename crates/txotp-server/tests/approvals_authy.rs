//! Approval requests, as Authy's clients ask for them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    clippy::panic,
    reason = "a test may stop where it fails"
)]

mod support;

use axum::http::Method;
use serde_json::{Value, json};
use support::approving::{Phone, request};
use support::receiver::Receiver;
use support::{Reply, Service};
use txotp_server::Decision::{Approve, Deny};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

async fn send(service: &Service, method: Method, path: &str, media: &str, body: &str) -> Reply {
    let headers = [("x-authy-api-key", &*service.key), ("content-type", media)];
    service.send(method, path, &headers, body.to_owned()).await
}

/// A user with a device.
async fn user(service: &Service) -> (u64, Phone) {
    let body = "user[email]=a%40bank.example&user[cellphone]=3175551234&user[country_code]=1";
    let made = send(
        service,
        Method::POST,
        "/protected/json/users/new",
        FORM,
        body,
    )
    .await;
    let id = made.json()["user"]["id"].as_u64().unwrap();
    let phone = service.phone(&format!("authy-{id}"), "phone").await;
    (id, phone)
}

async fn ask(service: &Service, id: u64, query: &str, media: &str, body: &str) -> Reply {
    let path = format!("/onetouch/json/users/{id}/approval_requests{query}");
    send(service, Method::POST, &path, media, body).await
}

async fn status(service: &Service, uuid: &str) -> Value {
    let path = format!("/onetouch/json/approval_requests/{uuid}?");
    let reply = send(service, Method::GET, &path, JSON, "").await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.json()["success"], true);
    reply.json()["approval_request"].clone()
}

#[tokio::test]
async fn every_encoding_asks_the_same() {
    let service = Service::new().await;
    let (id, phone) = user(&service).await;
    let form = "message=Log+in&details%5BFrom%5D=Oslo&details[Sending%20to]=a%20b\
                &hidden_details%5Bip%5D=1.1.1.1&logos%5B0%5D%5Bres%5D=default&logos%5B0%5D%5Burl%5D=https%3A%2F%2Fa%2Fb\
                &seconds_to_expire=120";
    let ruby = "message=Log+in&details[From]=Oslo&details[Sending+to]=a+b&hidden_details[ip]=1.1.1.1\
                &logos[][res]=default&logos[][url]=https://a/b&seconds_to_expire=120";
    let json = json!({
        "message": "Log in",
        "details": {"From": "Oslo", "Sending to": "a b"},
        "hidden_details": {"ip": "1.1.1.1"},
        "logos": [{"res": "default", "url": "https://a/b"}],
        "seconds_to_expire": 120,
    });
    for (query, media, body) in [
        ("", FORM, form),
        ("", FORM, ruby),
        ("", JSON, &json.to_string()),
        (&*format!("?{form}"), FORM, ""),
    ] {
        let asked = ask(&service, id, query, media, body).await;
        assert_eq!(asked.status, 200, "{asked:?}");
        assert_eq!(asked.json()["success"], true);
        assert!(asked.json()["message"].is_string());
        let pending = phone.pending(&service).await;
        let [seen] = &pending[..] else {
            panic!("{pending:?}")
        };
        assert_eq!(seen["id"], asked.json()["approval_request"]["uuid"]);
        assert_eq!(seen["message"], "Log in");
        assert_eq!(
            seen["details"],
            json!([{"key": "From", "value": "Oslo"}, {"key": "Sending to", "value": "a b"}])
        );
        assert_eq!(
            seen["hidden_details"],
            json!([{"key": "ip", "value": "1.1.1.1"}])
        );
        assert_eq!(
            seen["logos"],
            json!([{"res": "default", "url": "https://a/b"}])
        );
        assert_eq!(seen["expires_at"], service.now().seconds() + 120);
        let answer = phone.answer(&service, seen, Deny).await;
        assert_eq!(answer.json()["accepted"], true);
    }
}

#[tokio::test]
async fn a_request_has_all_fields_that_clients_look_at() {
    let service = Service::new().await;
    let (id, phone) = user(&service).await;
    // What the Python client sends where nothing is set.
    let body = json!({
        "message": "Log in", "seconds_to_expire": null, "details": {}, "hidden_details": {}, "logos": [],
    });
    let asked = ask(&service, id, "", JSON, &body.to_string()).await.json();
    let uuid = asked["approval_request"]["uuid"].as_str().unwrap();
    let seen = status(&service, uuid).await;
    for (name, value) in [
        ("_authy_id", json!(id)),
        ("_id", json!(uuid)),
        ("_user_email", json!("a@bank.example")),
        ("created_at", json!("2023-11-14T22:13:20Z")),
        ("notified", json!(false)),
        ("processed_at", json!(null)),
        ("seconds_to_expire", json!(86_400)),
        ("status", json!("pending")),
        ("updated_at", json!("2023-11-14T22:13:20Z")),
        ("user_id", json!(id.to_string())),
        ("uuid", json!(uuid)),
    ] {
        assert_eq!(seen[name], value, "{name}");
    }
    assert!(seen["_app_serial_id"].is_u64());
    assert!(seen["_app_name"].is_string() && seen["app_id"].is_string());
    service.pass(5);
    let request = phone.pending(&service).await[0].clone();
    phone.answer(&service, &request, Approve).await;
    let seen = status(&service, uuid).await;
    assert_eq!(seen["status"], "approved");
    assert_eq!(seen["processed_at"], "2023-11-14T22:13:25Z");
    assert_eq!(seen["updated_at"], "2023-11-14T22:13:25Z");
}

#[tokio::test]
async fn an_expired_and_a_cancelled_request_are_expired() {
    let service = Service::new().await;
    let (id, _) = user(&service).await;
    let body = "message=Log+in&seconds_to_expire=60";
    let first = ask(&service, id, "", FORM, body).await.json();
    let second = ask(&service, id, "", FORM, body).await.json();
    let uuid = |asked: &Value| {
        asked["approval_request"]["uuid"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let path = format!("/v1/approvals/{}", uuid(&second));
    assert_eq!(service.delete(&path).await.status, 204);
    service.pass(60);
    for asked in [first, second] {
        let seen = status(&service, &uuid(&asked)).await;
        assert_eq!(seen["status"], "expired");
        assert_eq!(seen["processed_at"], json!(null));
    }
}

#[tokio::test]
async fn refusals_have_the_codes_of_authy() {
    let service = Service::new().await;
    let (id, _) = user(&service).await;
    let code = |reply: &Reply| {
        let body = reply.json();
        assert_eq!(body["success"], false);
        assert!(body["message"].is_string() && body["errors"].is_object());
        (
            reply.status.as_u16(),
            body["error_code"].as_str().unwrap().to_owned(),
        )
    };
    let none = "5f2c1d0e-3f1b-4a61-9d58-0a7c3c3e7a11";
    for uuid in [none, "x", "%00", &none.to_uppercase()] {
        let path = format!("/onetouch/json/approval_requests/{uuid}");
        let reply = send(&service, Method::GET, &path, JSON, "").await;
        assert_eq!(code(&reply), (404, "60049".into()), "{uuid}");
    }
    // A request for a user of the native interface is none here.
    service.phone("alice", "alice-phone").await;
    let native = service
        .approval_of(&service.key, &request("alice", 60))
        .await
        .json();
    let path = format!(
        "/onetouch/json/approval_requests/{}",
        native["id"].as_str().unwrap()
    );
    let reply = send(&service, Method::GET, &path, JSON, "").await;
    assert_eq!(code(&reply), (404, "60049".into()));
    let stranger = ask(&service, 1, "", FORM, "message=x").await;
    assert_eq!(code(&stranger), (404, "60026".into()));
    let body = "user[email]=b%40bank.example&user[cellphone]=3175551235&user[country_code]=1";
    let made = send(
        &service,
        Method::POST,
        "/protected/json/users/new",
        FORM,
        body,
    )
    .await;
    let deviceless = made.json()["user"]["id"].as_u64().unwrap();
    let reply = ask(&service, deviceless, "", FORM, "message=x").await;
    assert_eq!(code(&reply), (400, "60050".into()));
    for body in [
        "",
        "message=",
        "message=a%00b",
        "message=x&details=y",
        "message=x&details[a]=",
        "message=x&details[a][b]=c",
        "message=x&hidden_details[txotp-decision]=approve",
        "message=x&logos[0][res]=low&logos[0][url]=https://a/b",
        "message=x&logos[0][res]=default&logos[0][url]=http://a/b",
        "message=x&logos[][res]=default&logos[][res]=https://a/b",
        "message=x&seconds_to_expire=-1",
        "message=x&seconds_to_expire=soon",
    ] {
        let reply = ask(&service, id, "", FORM, body).await;
        assert_eq!(code(&reply), (400, "60004".into()), "{body}");
    }
    let headers = [("x-authy-api-key", "wrong")];
    let path = format!("/onetouch/json/approval_requests/{none}");
    let reply = service.send(Method::GET, &path, &headers, "").await;
    assert_eq!(code(&reply), (401, "60001".into()));
}

#[tokio::test]
async fn a_callback_knows_the_user_by_its_number() {
    let service = Service::with(&[("callbacks.allow_private", "true")]).await;
    let (id, phone) = user(&service).await;
    let mut receiver = Receiver::new(&[]).await;
    let key = service.application("bank", Some(&receiver.url)).await;
    let path = format!("/onetouch/json/users/{id}/approval_requests?api_key={key}");
    let asked = service
        .send(
            Method::POST,
            &path,
            &[("content-type", FORM)],
            "message=Log+in",
        )
        .await;
    assert_eq!(asked.status, 200, "{asked:?}");
    let request = phone.pending(&service).await[0].clone();
    phone.answer(&service, &request, Approve).await;
    let body = receiver.next().await.json();
    assert_eq!(body["authy_id"], id);
    assert_eq!(body["status"], "approved");
}
