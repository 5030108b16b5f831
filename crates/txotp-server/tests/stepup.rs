//! Step-up challenges, by Weavr's rules: `docs/sms.md`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may stop where it fails"
)]

mod support;
#[path = "support/texts.rs"]
mod texts;

use std::sync::Arc;

use axum::http::Method;

use serde_json::{Value, json};
use support::Service;
use support::device::other;
use texts::{Bank, LONG, MASK, conflict, step_ups, weavr};

fn nothing() -> Value {
    json!({})
}

fn payment() -> Value {
    json!({"transaction": {
        "message": "Approve money transaction",
        "details": {"Amount": "1000 Euros", "To": "John Doe"},
        "hidden_details": {"Transaction ID": "T2293"},
    }})
}

/// Issues a challenge and answers it; gives the token.
async fn step_up(bank: &Bank, action: &Value) -> String {
    assert_eq!(bank.issue(action).await.status, 204);
    let reply = bank.verify(&bank.texts.code(), action).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_code_that_is_compared_is_evidence() {
    let bank = Bank::with(&[LONG]).await;
    assert_eq!(bank.issue(&payment()).await.status, 204);
    let code = bank.texts.code();
    // For something else, and wrong.
    bank.verify(&code, &nothing()).await;
    bank.verify(&other(&code), &payment()).await;
    assert_eq!(bank.verify(&code, &payment()).await.status, 200);
    // Used: nothing is compared.
    bank.verify(&code, &payment()).await;
    let entries = step_ups(&bank.service).await;
    let told = |name: &str| entries.iter().map(|entry| entry[name].clone()).collect();
    let all: Vec<Value> = told("verdict");
    assert_eq!(all, ["refused", "refused", "accepted"]);
    let all: Vec<Value> = told("attempts_left");
    assert_eq!(all, [json!(4), json!(3), Value::Null]);
    let all: Vec<Value> = told("purpose");
    assert_eq!(all, ["login", "transaction", "transaction"]);
    let all: Vec<Value> = told("user");
    assert_eq!(all, ["alice", "alice", "alice"]);
    assert!(entries[2]["actor"].as_str().unwrap().starts_with("app:"));
    // The mark of the payment, and no part of it or of the code.
    assert!(entries[1]["digest"].is_string() && entries[1]["digest"] == entries[2]["digest"]);
    let text = format!("{entries:?}");
    for secret in [&*code, "1000 Euros", "T2293", "login-1", "5550185"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn of_many_answers_at_once_the_evidence_has_what_was_decided() {
    let bank = Arc::new(Bank::new().await);
    assert_eq!(bank.issue(&nothing()).await.status, 204);
    let code = bank.texts.code();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let (bank, code) = (Arc::clone(&bank), code.clone());
            tokio::spawn(async move { bank.verify(&code, &nothing()).await.status })
        })
        .collect();
    let mut right = 0;
    for task in tasks {
        right += usize::from(task.await.unwrap() == 200);
    }
    let entries = step_ups(&bank.service).await;
    let accepted = entries
        .iter()
        .filter(|entry| entry["verdict"] == "accepted");
    assert_eq!((right, accepted.count(), entries.len()), (1, 1, 1));
}

#[tokio::test]
async fn a_right_code_gives_a_token_that_ends_after_five_minutes_without_activity() {
    let bank = Bank::new().await;
    let token = step_up(&bank, &nothing()).await;
    for _ in 0..3 {
        bank.service.pass(299);
        let reply = bank.touch(&token, &nothing()).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.json(), json!({"user": "alice", "expires_in": 300}));
    }
    bank.service.pass(300);
    let over = bank.touch(&token, &nothing()).await;
    assert_eq!(over.problem(), (404, "unknown-token".into()));
}

#[tokio::test]
async fn a_challenge_is_issued_once_more_and_not_within_15_seconds() {
    let bank = Bank::new().await;
    assert_eq!(bank.issue(&nothing()).await.status, 204);
    let first = bank.texts.code();
    bank.service.pass(14);
    assert_eq!(
        weavr(&bank.issue(&nothing()).await),
        conflict("RETRY_IN_15SEC")
    );
    assert_eq!(bank.texts.all().len(), 1);
    bank.service.pass(1);
    assert_eq!(bank.issue(&nothing()).await.status, 204);
    let second = bank.texts.code();
    // One in a million times both are the same.
    if first != second {
        assert_eq!(
            weavr(&bank.verify(&first, &nothing()).await),
            conflict("VERIFICATION_CODE_INVALID")
        );
    }
    assert_eq!(bank.verify(&second, &nothing()).await.status, 200);
    for pause in [0, 15, 3600] {
        bank.service.pass(pause);
        let third = bank.issue(&nothing()).await;
        assert_eq!(weavr(&third), (400, "INVALID_REQUEST".into()));
        assert_eq!(third.problem().1, "no-challenge-left");
    }
    assert_eq!(bank.texts.all().len(), 2);
    // Another login begins anew.
    assert_eq!(bank.open("login-2").await.status, 201);
    let another = bank.post("login-2", "challenges/otp/SMS", &nothing()).await;
    assert_eq!(another.status, 204);
}

#[tokio::test]
async fn within_15_seconds_also_a_verified_or_declined_challenge_is_not_issued_again() {
    let bank = Bank::new().await;
    assert_eq!(bank.issue(&nothing()).await.status, 204);
    let code = bank.texts.code();
    bank.verify(&other(&code), &nothing()).await;
    assert_eq!(
        weavr(&bank.issue(&nothing()).await),
        conflict("RETRY_IN_15SEC")
    );
    assert_eq!(bank.verify(&code, &nothing()).await.status, 200);
    assert_eq!(
        weavr(&bank.issue(&nothing()).await),
        conflict("RETRY_IN_15SEC")
    );
    bank.service.pass(15);
    assert_eq!(bank.issue(&nothing()).await.status, 204);
}

#[tokio::test]
async fn wrong_codes_are_counted_to_the_limit_and_then_the_right_one_is_refused() {
    // As at Weavr, what is no limit of 1 to 5 is 5.
    for (setting, limit) in [("5", 5), ("3", 3), ("2", 2), ("1", 1), ("0", 5), ("6", 5)] {
        let bank = Bank::with(&[("stepup.attempts", setting)]).await;
        assert_eq!(bank.issue(&nothing()).await.status, 204);
        let code = bank.texts.code();
        for left in (0..limit).rev() {
            let name = match left {
                0 => "CHALLENGE_LIMIT_EXCEEDED",
                1 => "ONE_CHALLENGE_LIMIT_REMAINING",
                _ => "VERIFICATION_CODE_INVALID",
            };
            let reply = bank.verify(&other(&code), &nothing()).await;
            assert_eq!(weavr(&reply), conflict(name), "{setting}");
        }
        for code in [&code, &other(&code)] {
            let reply = bank.verify(code, &nothing()).await;
            assert_eq!(weavr(&reply), conflict("STATE_INVALID"), "{setting}");
        }
    }
}

#[tokio::test]
async fn the_right_code_is_right_at_the_last_attempt() {
    let bank = Bank::new().await;
    assert_eq!(bank.issue(&nothing()).await.status, 204);
    let code = bank.texts.code();
    for _ in 0..4 {
        assert_eq!(bank.verify(&other(&code), &nothing()).await.status, 409);
    }
    assert_eq!(bank.verify(&code, &nothing()).await.status, 200);
}

#[tokio::test]
async fn another_challenge_gives_no_new_attempts() {
    let bank = Bank::new().await;
    assert_eq!(bank.issue(&nothing()).await.status, 204);
    let code = bank.texts.code();
    for _ in 0..3 {
        bank.verify(&other(&code), &nothing()).await;
    }
    bank.service.pass(15);
    assert_eq!(bank.issue(&nothing()).await.status, 204);
    let code = bank.texts.code();
    assert_eq!(
        weavr(&bank.verify(&other(&code), &nothing()).await),
        conflict("ONE_CHALLENGE_LIMIT_REMAINING")
    );
    bank.verify(&other(&code), &nothing()).await;
    assert_eq!(
        weavr(&bank.verify(&code, &nothing()).await),
        conflict("STATE_INVALID")
    );
    // Nor is one issued where none is left.
    let bank = Bank::with(&[("stepup.attempts", "1")]).await;
    assert_eq!(bank.issue(&nothing()).await.status, 204);
    bank.verify(&other(&bank.texts.code()), &nothing()).await;
    bank.service.pass(15);
    assert_eq!(
        weavr(&bank.issue(&nothing()).await),
        conflict("CHALLENGE_LIMIT_EXCEEDED")
    );
}

#[tokio::test]
async fn a_code_works_once_and_until_its_end() {
    let bank = Bank::new().await;
    assert_eq!(
        weavr(&bank.verify("123456", &nothing()).await),
        conflict("STATE_INVALID")
    );
    assert_eq!(bank.issue(&nothing()).await.status, 204);
    let code = bank.texts.code();
    bank.service.pass(299);
    assert_eq!(bank.verify(&code, &nothing()).await.status, 200);
    assert_eq!(
        weavr(&bank.verify(&code, &nothing()).await),
        conflict("STATE_INVALID")
    );
    assert_eq!(bank.issue(&nothing()).await.status, 204);
    bank.service.pass(300);
    assert_eq!(
        weavr(&bank.verify(&bank.texts.code(), &nothing()).await),
        conflict("VERIFICATION_CODE_EXPIRED")
    );
}

#[tokio::test]
async fn a_code_and_its_token_are_bound_to_the_purpose() {
    let bank = Bank::new().await;
    let purpose = json!({"purpose": "Change the telephone number"});
    assert_eq!(bank.issue(&purpose).await.status, 204);
    let code = bank.texts.code();
    let text = format!("{code} is your ACME code for:\nChange the telephone number");
    assert_eq!(bank.texts.last(), text);
    for action in [nothing(), json!({"purpose": "Log in"}), payment()] {
        let reply = bank.verify(&code, &action).await;
        assert_eq!(weavr(&reply), conflict("VERIFICATION_CODE_INVALID"));
    }
    let reply = bank.verify(&code, &purpose).await;
    let token = reply.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(bank.touch(&token, &nothing()).await.status, 404);
    assert_eq!(bank.touch(&token, &purpose).await.status, 200);
}

#[tokio::test]
async fn a_payment_is_shown_bound_to_its_code_and_confirmed_once() {
    let bank = Bank::new().await;
    assert_eq!(bank.issue(&payment()).await.status, 204);
    let code = bank.texts.code();
    let shown = "Approve money transaction\nAmount: 1000 Euros\nTo: John Doe";
    assert_eq!(
        bank.texts.last(),
        format!("{code} is your ACME code for:\n{shown}")
    );
    let mut others = [payment(), payment(), payment()];
    others[0]["transaction"]["details"]["Amount"] = "1000 EUR".into();
    others[1]["transaction"]["details"]["To"] = "Jane Doe".into();
    others[2]["transaction"]["hidden_details"]["Transaction ID"] = "T2294".into();
    for other in &others {
        assert_eq!(bank.verify(&code, other).await.status, 409);
    }
    // The same in another order, and as a string.
    let same = json!({"transaction": "txotp://totp?message=Approve+money+transaction\
        &hidden_details[Transaction+ID]=T2293&details[To]=John+Doe&details[Amount]=1000+Euros"});
    let reply = bank.verify(&code, &same).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let token = reply.json()["token"].as_str().unwrap().to_owned();
    for other in others.iter().chain([&nothing()]) {
        let reply = bank.touch(&token, other).await;
        assert_eq!(reply.problem(), (404, "unknown-token".into()));
    }
    let used = bank.touch(&token, &payment()).await;
    assert_eq!(used.json(), json!({"user": "alice", "expires_in": 0}));
    assert_eq!(bank.touch(&token, &payment()).await.status, 404);
}

#[tokio::test]
async fn without_a_number_or_a_gateway_nothing_is_issued() {
    let bank = Bank::new().await;
    let reply = bank.put("login-2", &json!({"user": "bob"})).await;
    assert_eq!(
        (reply.status.as_u16(), reply.json()),
        (201, json!({"mobile": null}))
    );
    let reply = bank.post("login-2", "challenges/otp/SMS", &nothing()).await;
    assert_eq!(weavr(&reply), conflict("CHANNEL_NOT_REGISTERED"));
    let bank = Bank::with(&[("sms.gateway", "none")]).await;
    assert_eq!(
        weavr(&bank.issue(&nothing()).await),
        conflict("CHANNEL_NOT_SUPPORTED")
    );
    assert_eq!(bank.texts.all().len(), 0);
}

#[tokio::test]
async fn a_session_is_opened_once_and_closed_with_all_it_has() {
    let bank = Bank::new().await;
    let again = bank.open("login-1").await;
    assert_eq!(
        (again.status.as_u16(), again.json()),
        (200, json!({"mobile": MASK}))
    );
    let mobile = json!({"country_code": "1", "number": "4055550186"});
    for body in [
        json!({"user": "bob", "mobile": {"country_code": "1", "number": "4055550185"}}),
        json!({"user": "alice", "mobile": mobile}),
        json!({"user": "alice"}),
    ] {
        let reply = bank.put("login-1", &body).await;
        assert_eq!(reply.problem(), (409, "session-exists".into()));
    }
    let token = step_up(&bank, &nothing()).await;
    // What is opened again keeps its count of challenges and its token.
    assert_eq!(bank.open("login-1").await.status, 200);
    assert_eq!(
        weavr(&bank.issue(&nothing()).await),
        conflict("RETRY_IN_15SEC")
    );
    assert_eq!(bank.touch(&token, &nothing()).await.status, 200);
    let path = "/v1/stepup/sessions/login-1";
    assert_eq!(bank.service.delete(path).await.status, 204);
    for reply in [
        bank.service.delete(path).await,
        bank.issue(&nothing()).await,
        bank.verify("123456", &nothing()).await,
        bank.touch(&token, &nothing()).await,
        bank.service.delete(&format!("{path}/token")).await,
    ] {
        assert_eq!(reply.problem(), (404, "unknown-session".into()));
    }
    assert_eq!(bank.open("login-1").await.status, 201);
    assert_eq!(
        bank.touch(&token, &nothing()).await.problem(),
        (404, "unknown-token".into())
    );
}

#[tokio::test]
async fn a_session_ends_by_itself_after_a_day() {
    let bank = Bank::new().await;
    bank.service.pass(86_399);
    assert_eq!(bank.open("login-1").await.status, 200);
    bank.service.pass(1);
    assert_eq!(bank.issue(&nothing()).await.status, 404);
    assert_eq!(bank.open("login-1").await.status, 201);
    assert_eq!(bank.issue(&nothing()).await.status, 204);
}

#[tokio::test]
async fn a_token_is_revoked_and_works_in_its_session_alone() {
    let bank = Bank::new().await;
    let token = step_up(&bank, &nothing()).await;
    assert_eq!(bank.open("login-2").await.status, 201);
    let other = bank
        .post("login-2", "token", &json!({"token": token}))
        .await;
    assert_eq!(other.problem(), (404, "unknown-token".into()));
    assert_eq!(bank.touch(&token, &nothing()).await.status, 200);
    let path = "/v1/stepup/sessions/login-1/token";
    assert_eq!(bank.service.delete(path).await.status, 204);
    assert_eq!(bank.service.delete(path).await.status, 204);
    assert_eq!(bank.touch(&token, &nothing()).await.status, 404);
}

#[tokio::test]
async fn a_restart_forgets_nothing() {
    let mut bank = Bank::new().await;
    assert_eq!(bank.issue(&nothing()).await.status, 204);
    let code = bank.texts.code();
    for _ in 0..3 {
        bank.verify(&other(&code), &nothing()).await;
    }
    bank.restart().await;
    assert_eq!(
        weavr(&bank.issue(&nothing()).await),
        conflict("RETRY_IN_15SEC")
    );
    assert_eq!(
        weavr(&bank.verify(&other(&code), &nothing()).await),
        conflict("ONE_CHALLENGE_LIMIT_REMAINING")
    );
    bank.restart().await;
    let token = bank.verify(&code, &nothing()).await.json()["token"].clone();
    bank.restart().await;
    let token = token.as_str().unwrap();
    assert_eq!(bank.touch(token, &nothing()).await.status, 200);
}

#[tokio::test]
async fn what_is_not_understood_is_refused_and_not_counted() {
    let bank = Bank::with(&[("stepup.attempts", "1")]).await;
    assert_eq!(bank.issue(&nothing()).await.status, 204);
    let code = bank.texts.code();
    for bad in [
        "",
        "123",
        "12345678901",
        "１２３４５６",
        "12345\n",
        "+12345",
        "-12345",
        "1e4567",
        "12345.6",
    ] {
        let reply = bank.verify(bad, &nothing()).await;
        assert_eq!(reply.problem(), (422, "invalid".into()), "{bad:?}");
    }
    let mut both = payment();
    both["purpose"] = "Log in".into();
    for action in [
        both,
        json!({"purpose": ""}),
        json!({"purpose": "Log in\u{202e}"}),
        json!({"purpose": "a".repeat(201)}),
        json!({"action": "Log in"}),
    ] {
        let reply = bank.verify(&code, &action).await;
        assert_eq!(reply.problem(), (422, "invalid".into()), "{action}");
    }
    let long = json!({"transaction": {"message": "Pay", "details": {"To": "é".repeat(610)}}});
    let reply = bank.issue(&long).await;
    assert_eq!(reply.problem(), (422, "text-too-long".into()));
    assert_eq!(bank.verify(&code, &nothing()).await.status, 200);
    for (country_code, number) in [("0", "4055550185"), ("1", "40x5550185"), ("1", "405")] {
        let mobile = json!({"country_code": country_code, "number": number});
        let reply = bank
            .put("login-2", &json!({"user": "bob", "mobile": mobile}))
            .await;
        assert_eq!(reply.problem(), (422, "bad-mobile".into()));
    }
    let reply = bank.put("login%202", &json!({"user": "bob"})).await;
    assert_eq!(reply.problem(), (422, "invalid".into()));
}

#[tokio::test]
async fn without_a_key_there_is_no_answer() {
    let bank = Bank::new().await;
    let headers = [("content-type", "application/json")];
    for (method, path) in [
        ("PUT", ""),
        ("DELETE", ""),
        ("POST", "/challenges/otp/SMS"),
        ("POST", "/challenges/otp/SMS/verify"),
        ("POST", "/token"),
        ("DELETE", "/token"),
    ] {
        let path = format!("/v1/stepup/sessions/login-1{path}");
        let method = method.parse().unwrap();
        let reply = bank.service.send(method, &path, &headers, "{}").await;
        assert_eq!(reply.problem(), (401, "unauthenticated".into()));
    }
}

/// Two services on one store, and 50 requests at once to both.
async fn at_once(bank: &Arc<Bank>, path: &'static str, body: Value) -> Vec<(u16, String)> {
    let tasks: Vec<_> = (0..50)
        .map(|number| {
            let (bank, body) = (Arc::clone(bank), body.clone());
            tokio::spawn(async move {
                let reply = if number % 2 == 0 {
                    bank.post("login-1", path, &body).await
                } else {
                    let path = format!("/v1/stepup/sessions/login-1/{path}");
                    twin(&bank).post(&path, &body).await
                };
                let name = if reply.body.is_empty() {
                    String::new()
                } else {
                    weavr(&reply).1
                };
                (reply.status.as_u16(), name)
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.unwrap());
    }
    all
}

fn twin(bank: &Bank) -> &Service {
    bank.twin.as_ref().unwrap()
}

fn count(all: &[(u16, String)], status: u16, name: &str) -> usize {
    all.iter()
        .filter(|(of, code)| *of == status && code == name)
        .count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_at_once_on_two_services_each_rule_holds() {
    let mut bank = Bank::new().await;
    bank.pair().await;
    let bank = Arc::new(bank);
    let issued = at_once(&bank, "challenges/otp/SMS", nothing()).await;
    assert_eq!(count(&issued, 204, ""), 1, "{issued:?}");
    assert_eq!(count(&issued, 409, "RETRY_IN_15SEC"), 49);
    assert_eq!(bank.texts.all().len(), 1);
    let right = json!({"code": bank.texts.code()});
    let verified = at_once(&bank, "challenges/otp/SMS/verify", right).await;
    assert_eq!(count(&verified, 200, ""), 1, "{verified:?}");
    assert_eq!(count(&verified, 409, "STATE_INVALID"), 49);
    bank.service.pass(15);
    let issued = at_once(&bank, "challenges/otp/SMS", payment()).await;
    assert_eq!(count(&issued, 204, ""), 1, "{issued:?}");
    assert_eq!(count(&issued, 400, "INVALID_REQUEST"), 49);
    let code = bank.texts.code();
    let mut wrong = payment();
    wrong["code"] = other(&code).into();
    let wrong = at_once(&bank, "challenges/otp/SMS/verify", wrong).await;
    for (name, times) in [
        ("VERIFICATION_CODE_INVALID", 3),
        ("ONE_CHALLENGE_LIMIT_REMAINING", 1),
        ("CHALLENGE_LIMIT_EXCEEDED", 1),
        ("STATE_INVALID", 45),
    ] {
        assert_eq!(count(&wrong, 409, name), times, "{wrong:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_uses_of_a_payments_token_at_once_one_succeeds() {
    let mut bank = Bank::new().await;
    bank.pair().await;
    let token = step_up(&bank, &payment()).await;
    let bank = Arc::new(bank);
    let mut body = payment();
    body["token"] = token.into();
    let used = at_once(&bank, "token", body).await;
    assert_eq!(count(&used, 200, ""), 1, "{used:?}");
    assert_eq!(count(&used, 404, ""), 49);
}

#[tokio::test]
async fn a_session_is_of_the_application_that_opened_it() {
    let bank = Bank::new().await;
    assert_eq!(bank.issue(&nothing()).await.status, 204);
    let code = bank.texts.code();
    let wish = json!({ "name": "other", "roles": ["verify"] });
    let other = bank.service.post("/v1/keys", &wish).await.json()["key"]
        .as_str()
        .unwrap()
        .to_owned();
    let other = format!("Bearer {other}");
    let headers = [
        ("authorization", &*other),
        ("content-type", "application/json"),
    ];
    let session = "/v1/stepup/sessions/login-1";
    let verify = format!("{session}/challenges/otp/SMS/verify");
    let body = json!({ "code": code }).to_string();
    for (method, path, body) in [
        (Method::POST, verify.as_str(), body.as_str()),
        (Method::DELETE, session, ""),
    ] {
        let reply = bank
            .service
            .send(method, path, &headers, body.to_owned())
            .await;
        assert_eq!(reply.problem(), (404, "unknown-session".into()));
    }
    assert_eq!(bank.verify(&code, &nothing()).await.status, 200);
}
