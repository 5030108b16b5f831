//! Transactions and codes, from the bank's request to the device and back.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may stop where it fails"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::{Value, json};
use support::Service;
use support::device::{Device, other};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

fn payment(amount: &str) -> Value {
    json!({
        "message": "Approve payment",
        "details": { "Amount": amount, "To": "Müller & Co" },
        "hidden_details": { "Transaction ID": 2293 },
    })
}

async fn create(service: &Service, transaction: &Value) -> Value {
    let body = json!({ "user": "alice", "transaction": transaction });
    let reply = service.post("/v1/transactions", &body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let id = reply.json()["transaction"]["id"].clone();
    assert_eq!(
        reply.headers["location"],
        format!("/v1/transactions/{}", id.as_str().unwrap())
    );
    reply.json()
}

async fn verify(service: &Service, created: &Value, code: &str) -> support::Reply {
    let id = created["transaction"]["id"].as_str().unwrap();
    let path = format!("/v1/transactions/{id}/verify");
    service.post(&path, &json!({ "code": code })).await
}

fn sign(service: &Service, device: &Device, created: &Value) -> String {
    device.sign(
        created["transaction"]["string"].as_str().unwrap(),
        service.now(),
    )
}

#[tokio::test]
async fn a_payment_is_created_scanned_and_accepted_once() {
    let service = Service::new().await;
    let phone = service.enrol("alice", "phone").await;
    let created = create(&service, &payment("100.00 EUR")).await;
    assert_eq!(
        created["transaction"]["string"],
        "txotp://totp?message=Approve+payment&details[Amount]=100.00+EUR&details[To]=M%C3%BCller+%26+Co\
         &hidden_details[Transaction+ID]=2293"
    );
    assert_eq!(created["transaction"]["expires_at"], support::NOW + 300);
    assert!(created["qr"]["svg"].as_str().unwrap().starts_with("<svg"));
    assert!(
        created["qr"]["data_uri"]
            .as_str()
            .unwrap()
            .ends_with(created["qr"]["png"].as_str().unwrap())
    );

    let code = sign(&service, &phone, &created);
    let wrong = verify(&service, &created, &other(&code)).await;
    assert_eq!(wrong.status, 200);
    assert_eq!(wrong.json()["accepted"], false);
    assert_eq!(wrong.json()["reason"], "wrong-code");
    assert_eq!(wrong.json()["attempts_left"], 4);

    let right = verify(&service, &created, &code).await;
    assert_eq!(right.json()["accepted"], true, "{}", right.text());
    assert_eq!(right.json()["device"], "phone");

    let again = verify(&service, &created, &code).await;
    assert_eq!(again.problem(), (409, "already-accepted".into()));
    let id = created["transaction"]["id"].as_str().unwrap();
    let shown = service.get(&format!("/v1/transactions/{id}")).await.json();
    assert_eq!(shown["status"], "accepted");
    assert_eq!(shown["accepted_by"], "phone");
    assert_eq!(shown["accepted_at"], support::NOW);
}

#[tokio::test]
async fn a_byte_of_the_amount_makes_another_transaction() {
    let service = Service::new().await;
    let phone = service.enrol("alice", "phone").await;
    let created = create(&service, &payment("100.00 EUR")).await;
    let changed = create(&service, &payment("900.00 EUR")).await;
    assert_ne!(
        created["transaction"]["digest"],
        changed["transaction"]["digest"]
    );
    let code = sign(&service, &phone, &created);
    assert_eq!(
        verify(&service, &changed, &code).await.json()["reason"],
        "wrong-code"
    );
    assert_eq!(
        verify(&service, &created, &code).await.json()["accepted"],
        true
    );
}

#[tokio::test]
async fn a_code_does_not_depend_on_the_order_of_pairs_and_is_used_once() {
    let service = Service::new().await;
    let phone = service.enrol("alice", "phone").await;
    let created = create(
        &service,
        &json!({ "message": "Pay", "details": { "a": 1, "b": 2 } }),
    )
    .await;
    let code = sign(&service, &phone, &created);
    let turned = json!({
        "user": "alice", "code": code,
        "transaction": { "details": { "b": "2", "a": "1" }, "message": "Pay" },
    });
    assert_eq!(
        service.post("/v1/verify", &turned).await.json()["accepted"],
        true
    );
    let replay = service.post("/v1/verify", &turned).await;
    assert_eq!(replay.json()["reason"], "replay");
    // The same transaction by its string, and of the one created before: the code is used for it too.
    let string = &created["transaction"]["string"];
    let body = json!({ "device": "phone", "code": code, "transaction": string });
    assert_eq!(
        service.post("/v1/verify", &body).await.json()["reason"],
        "replay"
    );
    assert_eq!(
        verify(&service, &created, &code).await.json()["reason"],
        "replay"
    );
}

#[tokio::test]
async fn a_login_code_is_no_transaction_code() {
    let service = Service::new().await;
    let phone = service.enrol("alice", "phone").await;
    let code = phone.login(service.now());
    let created = create(&service, &payment("1.00 EUR")).await;
    assert_eq!(
        verify(&service, &created, &code).await.json()["accepted"],
        false
    );
    let login = json!({ "user": "alice", "code": code, "login": true });
    assert_eq!(
        service.post("/v1/verify", &login).await.json()["accepted"],
        true
    );
    assert_eq!(
        service.post("/v1/verify", &login).await.json()["reason"],
        "replay"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_code_at_once_fifty_times_is_accepted_once() {
    let service = Arc::new(Service::new().await);
    let phone = service.enrol("alice", "phone").await;
    for path in ["stateless", "by id"] {
        let created = create(&service, &payment(path)).await;
        let code = sign(&service, &phone, &created);
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let (service, created, code) =
                    (Arc::clone(&service), created.clone(), code.clone());
                tokio::spawn(async move {
                    if path == "by id" {
                        return verify(&service, &created, &code).await;
                    }
                    let transaction = &created["transaction"]["string"];
                    let body = json!({ "user": "alice", "code": code, "transaction": transaction });
                    service.post("/v1/verify", &body).await
                })
            })
            .collect();
        let mut accepted = 0;
        for task in tasks {
            let reply = task.await.unwrap();
            if reply.json()["accepted"] == true {
                accepted += 1;
            } else if path == "by id" {
                // Also of who was compared with it: what the first has done is told.
                assert_eq!(reply.problem(), (409, "already-accepted".into()));
            } else {
                assert_eq!(reply.json()["reason"], "replay", "{}", reply.text());
            }
        }
        assert_eq!(accepted, 1, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_right_codes_at_once_one_accepts_the_transaction_and_the_other_stays_good() {
    let service = Arc::new(Service::new().await);
    let devices = [
        service.enrol("alice", "phone").await,
        service.enrol("alice", "tablet").await,
    ];
    for round in 0..12 {
        let created = create(&service, &payment(&round.to_string())).await;
        let codes = devices
            .each_ref()
            .map(|device| sign(&service, device, &created));
        let tasks = codes.clone().map(|code| {
            let (service, created) = (Arc::clone(&service), created.clone());
            tokio::spawn(async move { verify(&service, &created, &code).await })
        });
        let mut accepted = 0;
        for (task, code) in tasks.into_iter().zip(codes) {
            let reply = task.await.unwrap();
            let is_first = reply.status == 200;
            if is_first {
                assert_eq!(reply.json()["accepted"], true, "round {round}");
                accepted += 1;
            } else {
                assert_eq!(reply.problem(), (409, "already-accepted".into()));
            }
            let again = used(&service, &created, &code).await;
            assert_eq!(again, is_first, "round {round}");
        }
        assert_eq!(accepted, 1, "round {round}");
        service.pass(30);
    }
}

/// Whether a code was used for a transaction, by having it judged without the record of that.
async fn used(service: &Service, created: &Value, code: &str) -> bool {
    let transaction = &created["transaction"]["string"];
    let body = json!({ "user": "alice", "code": code, "transaction": transaction });
    let verdict = service.post("/v1/verify", &body).await.json();
    let is_replay = verdict["reason"] == "replay";
    assert!(is_replay || verdict["accepted"] == true, "{verdict}");
    is_replay
}

/// Whatever the moment at which it is: what follows from a verdict is written with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_goes_away_leaves_a_transaction_accepted_by_a_used_code_or_neither() {
    let mut service = Service::new().await;
    let phone = service.enrol("alice", "phone").await;
    let mut accepted = 0;
    for round in 0..60_u32 {
        let created = create(&service, &payment(&round.to_string())).await;
        let code = sign(&service, &phone, &created);
        let path = format!(
            "/v1/transactions/{}",
            created["transaction"]["id"].as_str().unwrap()
        );
        let body = json!({ "code": code }).to_string();
        let request = format!(
            "POST {path}/verify HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            service.key,
            body.len()
        );
        let address = service.running.as_ref().unwrap().address();
        let mut caller = TcpStream::connect(address).await.unwrap();
        caller.write_all(request.as_bytes()).await.unwrap();
        // From before the service has read it to after it has answered.
        tokio::time::sleep(Duration::from_micros(50) * round).await;
        drop(caller);
        // Then all that was under way is over.
        service.stop().await;
        service.run(&[]).await;
        let is_accepted = service.get(&path).await.json()["status"] == "accepted";
        let is_used = used(&service, &created, &code).await;
        assert_eq!(is_accepted, is_used, "round {round}");
        accepted += u32::from(is_accepted);
        service.pass(30);
    }
    assert!(accepted > 0, "no request came as far as a verdict");
}

#[tokio::test]
async fn what_is_over_is_not_compared_and_in_the_end_forgotten() {
    let mut service = Service::new().await;
    let phone = service.enrol("alice", "phone").await;
    let body = json!({ "user": "alice", "transaction": payment("1"), "lifetime": 10 });
    let created = service.post("/v1/transactions", &body).await.json();
    let code = sign(&service, &phone, &created);
    service.pass(10);
    assert_eq!(
        verify(&service, &created, &code).await.problem(),
        (410, "expired".into())
    );
    let path = format!(
        "/v1/transactions/{}",
        created["transaction"]["id"].as_str().unwrap()
    );
    assert_eq!(service.get(&path).await.json()["status"], "expired");
    // Nothing was compared: the code is as good as before.
    let stateless = json!({ "user": "alice", "code": code, "transaction": payment("1") });
    assert_eq!(
        service.post("/v1/verify", &stateless).await.json()["accepted"],
        true
    );

    service.pass(7 * 86_400);
    service.stop().await;
    service.run(&[]).await;
    // The sweep begins when the service does; what it removes is gone when it has ended.
    service.stop().await;
    service.run(&[]).await;
    assert_eq!(
        service.get(&path).await.problem(),
        (404, "unknown-transaction".into())
    );
}

#[tokio::test]
async fn a_transaction_is_of_the_application_that_created_it() {
    let service = Service::new().await;
    let phone = service.enrol("alice", "phone").await;
    let shop = service.key_with("shop", &["verify"]).await;
    let body = json!({ "user": "alice", "transaction": payment("1") });
    let created = service
        .post_as(&shop, "/v1/transactions", &body)
        .await
        .json();
    let path = format!(
        "/v1/transactions/{}",
        created["transaction"]["id"].as_str().unwrap()
    );
    let verify = format!("{path}/verify");
    let code = json!({ "code": sign(&service, &phone, &created) });
    let unknown = (404, "unknown-transaction".to_owned());
    let all = ["administer", "verify", "audit"];
    let other = service.key_with("other", &all).await;
    for key in [&service.key, &other] {
        assert_eq!(service.get_as(key, &path).await.problem(), unknown);
        let verified = service.post_as(key, &verify, &code).await;
        assert_eq!(verified.problem(), unknown);
    }
    // Nothing was compared. Who reads the evidence reads all of it.
    let verdicts = service.get_as(&other, &format!("{path}/verdicts")).await;
    assert_eq!(verdicts.json()["verdicts"], json!([]));
    // Another key of the application is as good as the first.
    let next = service.key_with("shop", &["verify"]).await;
    assert_eq!(
        service.get_as(&next, &path).await.json()["status"],
        "pending"
    );
    let verified = service.post_as(&next, &verify, &code).await;
    assert_eq!(verified.json()["accepted"], true);
}

#[tokio::test]
async fn what_is_no_code_is_refused_and_does_not_count() {
    let service = Service::new().await;
    let phone = service.enrol("alice", "phone").await;
    let created = create(&service, &payment("1")).await;
    let code = sign(&service, &phone, &created);
    for typed in [
        "",
        "12a45678",
        "1234567",
        "123456789",
        "１２３４５６７８",
        " 12345678",
        &"1".repeat(1000),
    ] {
        for (who, name) in [("user", "alice"), ("device", "phone")] {
            let body = json!({ who: name, "code": typed, "login": true });
            let reply = service.post("/v1/verify", &body).await;
            assert_eq!(reply.json()["reason"], "not-a-code", "{}", reply.text());
        }
    }
    let wrong = verify(&service, &created, &other(&code)).await;
    assert_eq!(wrong.json()["attempts_left"], 4);
}

#[tokio::test]
async fn five_wrong_codes_lock_and_an_administrator_unlocks() {
    let service = Service::new().await;
    let phone = service.enrol("alice", "phone").await;
    let created = create(&service, &payment("1")).await;
    let code = sign(&service, &phone, &created);
    for left in [4, 3, 2, 1, 0] {
        let refused = verify(&service, &created, &other(&code)).await.json();
        assert_eq!(refused["attempts_left"], left);
        assert_eq!(refused["locked"], left == 0);
    }
    let locked = verify(&service, &created, &code).await.json();
    assert_eq!(locked["reason"], "locked");
    assert_eq!(locked["locked_until"], support::NOW + 60);
    let unlocked = service
        .post("/v1/devices/phone/unlock", &json!({}))
        .await
        .json();
    assert_eq!(unlocked["attempts_left"], 5);
    assert_eq!(
        verify(&service, &created, &code).await.json()["accepted"],
        true
    );
}

#[tokio::test]
async fn what_is_no_transaction_is_refused_without_a_word_of_it() {
    let service = Service::new().await;
    service.enrol("alice", "phone").await;
    for (transaction, why) in [
        (
            r#"{"message":"a","details":{"sekret":1.5}}"#,
            "detail 1 is a number with a fraction",
        ),
        (
            r#"{"message":"a","details":{"sekret":"1","sekret":"2"}}"#,
            "the details: there is a key twice",
        ),
        (r#"{"message":"a","sekret":"b"}"#, "a name is none of"),
        (r#"{"message":"sekret\u0007"}"#, "the message is refused"),
        (r#"{"details":{"sekret":"1"}}"#, "there is no message"),
        (r#"["sekret"]"#, "there is no object"),
        (
            r#""txotp://totp?message=a&details[sekret]=1&details[sekret]=2""#,
            "a key has two different values",
        ),
        (r#""https://sekret""#, "the string is refused"),
        (
            r#"{"message":"a","hidden_details":{"txotp-request":"sekret"}}"#,
            "kept for approval requests",
        ),
        (r#""sekret\ud800""#, "the string is no text"),
        ("17", "there is no object"),
    ] {
        for (path, rest) in [
            ("/v1/transactions", ""),
            ("/v1/verify", r#","code":"12345678""#),
        ] {
            let body = format!(r#"{{"user":"alice"{rest},"transaction":{transaction}}}"#);
            let headers = [("content-type", "application/json")];
            let reply = service
                .ask(axum::http::Method::POST, path, &headers, body)
                .await;
            assert_eq!(
                reply.problem(),
                (422, "bad-transaction".into()),
                "{}",
                reply.text()
            );
            assert!(
                reply.json()["detail"].as_str().unwrap().contains(why),
                "{}",
                reply.text()
            );
            assert!(!reply.text().contains("sekret"));
        }
    }
    let long = json!({ "user": "alice", "transaction": { "message": "m".repeat(600) } });
    let reply = service.post("/v1/transactions", &long).await;
    assert_eq!(reply.problem(), (422, "bad-transaction".into()));
}

#[tokio::test]
async fn exactly_one_of_user_and_device_and_of_transaction_and_login() {
    let service = Service::new().await;
    service.enrol("alice", "phone").await;
    let both = json!({ "user": "alice", "device": "phone" });
    let none = json!({});
    for mut who in [both, none] {
        who["transaction"] = payment("1");
        let reply = service.post("/v1/transactions", &who).await;
        assert_eq!(reply.problem(), (422, "invalid".into()));
    }
    for body in [
        json!({ "user": "alice", "code": "12345678" }),
        json!({ "user": "alice", "code": "12345678", "login": false }),
        json!({ "user": "alice", "code": "12345678", "login": true, "transaction": payment("1") }),
    ] {
        assert_eq!(
            service.post("/v1/verify", &body).await.problem(),
            (422, "invalid".into())
        );
    }
    for lifetime in [0, 86_401] {
        let body = json!({ "user": "alice", "transaction": payment("1"), "lifetime": lifetime });
        assert_eq!(
            service.post("/v1/transactions", &body).await.problem(),
            (422, "invalid".into())
        );
    }
    for (who, name, problem) in [
        ("user", "bob", "unknown-user"),
        ("device", "none", "unknown-device"),
    ] {
        let body = json!({ who: name, "transaction": payment("1") });
        assert_eq!(
            service.post("/v1/transactions", &body).await.problem(),
            (404, problem.into())
        );
        let body = json!({ who: name, "code": "12345678", "login": true });
        assert_eq!(
            service.post("/v1/verify", &body).await.problem(),
            (404, problem.into())
        );
    }
    for id in ["x", &"a".repeat(26), "%00", "%c3%28"] {
        let status = service
            .get(&format!("/v1/transactions/{id}"))
            .await
            .status
            .as_u16();
        assert_eq!(status, if id == "%c3%28" { 400 } else { 404 });
    }
}

#[tokio::test]
async fn the_verdicts_on_a_transaction_and_a_user_are_told() {
    let service = Service::new().await;
    let phone = service.enrol("alice", "phone").await;
    service.enrol("alice", "tablet").await;
    let earlier = create(&service, &payment("1")).await;
    let code = sign(&service, &phone, &earlier);
    verify(&service, &earlier, &code).await;
    let created = create(&service, &payment("2")).await;
    let code = sign(&service, &phone, &created);
    verify(&service, &created, &other(&code)).await;
    verify(&service, &created, &code).await;

    let id = created["transaction"]["id"].as_str().unwrap();
    let path = format!("/v1/transactions/{id}/verdicts");
    let (mut verdicts, mut next) = (Vec::new(), format!("{path}?limit=1"));
    loop {
        let page = service.get(&next).await.json();
        let found = page["verdicts"].as_array().unwrap();
        assert!(found.len() <= 1, "{page}");
        verdicts.extend(found.clone());
        match page["next"].as_str() {
            Some(after) => next = format!("{path}?limit=1&after={after}"),
            None => break,
        }
    }
    let told: Vec<_> = verdicts
        .iter()
        .map(|entry| {
            (
                entry["device"].as_str().unwrap(),
                entry["verdict"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("phone", "refused"),
            ("phone", "accepted"),
            ("tablet", "refused")
        ]
    );
    let first = service.get(&path).await.json();
    assert_eq!(first["verdicts"].as_array().unwrap().len(), 2, "{first}");
    // A number that no entry can have is none that was given.
    let greatest = i64::MAX.unsigned_abs();
    for (number, status) in [(greatest, 200), (greatest + 1, 400), (u64::MAX, 400)] {
        let place = Base64UrlUnpadded::encode_string(format!("{number} phone").as_bytes());
        for after in [
            format!("{path}?after={place}"),
            format!("/v1/verdicts?user=alice&after={place}"),
        ] {
            assert_eq!(service.get(&after).await.status, status, "{after}");
        }
    }
    let history = format!("/v1/devices/phone/history?after={}", u64::MAX);
    assert_eq!(service.get(&history).await.json()["entries"], json!([]));
    for bad in ["limit=0", "limit=501", "after=!", "x=y"] {
        let refused = service.get(&format!("{path}?{bad}")).await;
        assert_eq!(refused.problem(), (400, "bad-query".into()), "{bad}");
    }

    let mut all = Vec::new();
    let mut path = "/v1/verdicts?user=alice&limit=1".to_owned();
    loop {
        let page = service.get(&path).await.json();
        all.extend(page["verdicts"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => path = format!("/v1/verdicts?user=alice&limit=1&after={next}"),
            None => break,
        }
    }
    let told: Vec<_> = all
        .iter()
        .map(|entry| entry["number"].as_u64().unwrap())
        .collect();
    assert_eq!(told, [2, 3, 4, 2], "{all:?}");
    assert_eq!(
        service.get("/v1/verdicts?user=bob").await.problem(),
        (404, "unknown-user".into())
    );
    assert_eq!(
        service
            .get("/v1/verdicts?user=alice&after=!")
            .await
            .problem(),
        (400, "bad-query".into())
    );
}
