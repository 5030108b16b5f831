//! Codes by SMS and by call of Authy's interface, and whether somebody has a phone.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it fails"
)]

mod authy_support;
mod support;
#[path = "support/texts.rs"]
mod texts;

use authy_support::{Phone, futures, refused};
use axum::http::{HeaderMap, Method};
use serde_json::{Value, json};
use support::Service;
use support::device::other;
use texts::{Texts, step_ups, webhook};

async fn service_with_gateway() -> Service {
    Service::with(&[("sms.gateway", "log"), ("issuer", "ACME")]).await
}

#[tokio::test]
async fn a_code_by_sms_logs_in_once() {
    let (phone, _guard) = Phone::new();
    let service = service_with_gateway().await;
    let user = service.user("4055550185").await;
    let sent = service.sms(user, "force=True").await;
    assert_eq!(
        sent.text(),
        r#"{"success":true,"message":"SMS token was sent","cellphone":"+1-XXX-XXX-XX85"}"#
    );
    let code = phone.code();
    assert_eq!(code.len(), 7);
    assert!(phone.log().contains("ACME: your code is "));
    let with_action = service.verify(user, &code, "action=pay").await;
    assert_eq!(with_action.refusal(), refused(401, "60020"));
    assert!(service.verify(user, &code, "").await.is_valid());
    assert_eq!(
        service.verify(user, &code, "").await.refusal(),
        refused(401, "60020")
    );
}

#[tokio::test]
async fn a_code_is_bound_to_its_action() {
    let (phone, _guard) = Phone::new();
    let service = service_with_gateway().await;
    let user = service.user("4055550185").await;
    let path = format!(
        "/protected/json/sms/{user}?force=true&action=alice%7C12.00&action_message=Pay+12.00+to+Alice"
    );
    assert_eq!(service.authy_get(&path).await.status, 200);
    let code = phone.code();
    assert!(phone.log().contains("Pay 12.00 to Alice"));
    for other in ["", "action=alice%7C120.00", "action=Alice%7C12.00"] {
        assert_eq!(
            service.verify(user, &code, other).await.refusal(),
            refused(401, "60020"),
            "{other}"
        );
    }
    assert!(
        service
            .verify(user, &code, "action=alice%7C12.00")
            .await
            .is_valid()
    );
}

/// What a gateway was given last: by which channel, and the text.
fn last(texts: &Texts) -> (String, String) {
    let all = texts.all();
    let body: Value = serde_json::from_slice(&all.last().unwrap().body).unwrap();
    let field = |name: &str| body[name].as_str().unwrap().to_owned();
    (field("channel"), field("text"))
}

/// The code that is read aloud between two words.
fn heard(text: &str, before: &str, after: &str) -> String {
    let (_, rest) = text.split_once(before).unwrap();
    let (code, _) = rest.split_once(after).unwrap();
    code.replace(", ", "")
}

#[tokio::test]
async fn a_code_by_call_is_read_aloud_twice_and_is_good_as_one_by_sms() {
    let texts = Texts::new().await;
    let url = format!("http://{}/texts", texts.address);
    let mut settings = webhook(&url).to_vec();
    settings.push(("sms.calls", "true"));
    let service = Service::with(&settings).await;
    let user = service.user("4055550185").await;
    let path = format!("/protected/json/call/{user}?action=pay&action_message=Pay+12+to+Alice");
    let called = service.authy_get(&path).await;
    assert_eq!(
        called.text(),
        r#"{"success":true,"message":"Call started...","cellphone":"+1-XXX-XXX-XX85"}"#
    );
    let (channel, text) = last(&texts);
    assert_eq!(channel, "call");
    assert!(
        text.starts_with("Pay 12 to Alice\nACME: your code is "),
        "{text}"
    );
    let code = heard(&text, "code is ", ". Once more: ");
    assert_eq!(heard(&text, "Once more: ", "."), code);
    assert_eq!(code.len(), 7);
    // The newest code works, whichever way it came.
    assert_eq!(service.sms(user, "action=pay").await.status, 200);
    assert_eq!(last(&texts).0, "sms");
    let refusal = service.verify(user, &code, "action=pay").await.refusal();
    assert_eq!(refusal, refused(401, "60020"));
    assert_eq!(service.authy_get(&path).await.status, 200);
    let code = heard(&last(&texts).1, "code is ", ". Once more: ");
    assert!(service.verify(user, &code, "action=pay").await.is_valid());

    let start = "via=call&country_code=1&phone_number=4055550185";
    let started = service.form("/protected/json/phones/verification/start", start);
    assert_eq!(
        started.await.json()["message"],
        "Call to +1-XXX-XXX-XX85 initiated."
    );
    let code = heard(&last(&texts).1, "code is ", ". Once more: ");
    let check = format!(
        "/protected/json/phones/verification/check?country_code=1&phone_number=4055550185&verification_code={code}"
    );
    assert_eq!(service.authy_get(&check).await.status, 200);
    let details = service
        .authy_get("/protected/json/app/details")
        .await
        .json();
    assert_eq!(details["app"]["phone_calls_enabled"], true);

    // Who has a device is not called unasked; what the gateway refuses was not started.
    let secret = format!("/protected/json/users/{user}/secret");
    assert_eq!(service.form(&secret, "").await.status, 200);
    let ignored = service.authy_get(&path).await.json();
    assert_eq!(ignored["ignored"], true);
    assert!(
        ignored["message"]
            .as_str()
            .unwrap()
            .starts_with("Call ignored.")
    );
    texts.answers(400, HeaderMap::new(), "");
    let refused = service.authy_get(&format!("{path}&force=true")).await;
    assert_eq!(refused.status, 503);
    assert_eq!(refused.json()["message"], "Call was not started");
}

#[tokio::test]
async fn each_code_that_is_compared_is_evidence() {
    let (phone, _guard) = Phone::new();
    let service = service_with_gateway().await;
    let user = service.user("4055550185").await;
    service.sms(user, "").await;
    let code = phone.code();
    service.verify(user, &other(&code), "").await;
    // For something else; and right.
    service.verify(user, &code, "action=pay").await;
    assert!(service.verify(user, &code, "").await.is_valid());
    // Used, and no guess: nothing is compared.
    service.verify(user, &code, "").await;
    service.verify(user, "12345678", "").await;
    service.sms(user, "action=pay").await;
    let action = phone.code();
    let right = service.verify(user, &action, "action=pay").await;
    assert!(right.is_valid());
    let entries = step_ups(&service).await;
    let told = |name: &str| -> Vec<_> { entries.iter().map(|entry| entry[name].clone()).collect() };
    assert_eq!(
        told("verdict"),
        ["refused", "refused", "accepted", "accepted"]
    );
    assert_eq!(
        told("attempts_left"),
        [json!(4), json!(3), json!(null), json!(null)]
    );
    for entry in &entries {
        assert_eq!(entry["user"], format!("authy-{user}"));
        assert_eq!(entry["purpose"], "login");
        assert!(entry["actor"].as_str().unwrap().starts_with("app:"));
    }
    let text = format!("{entries:?}");
    for secret in [&*code, &*action, "pay", "5550185"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn the_evidence_of_a_verified_phone_names_nobody() {
    let (phone, _guard) = Phone::new();
    let service = service_with_gateway().await;
    let user = service.user("4055550185").await;
    let number = "country_code=1&phone_number=4055550185";
    let start = format!("via=sms&{number}");
    let sent = service.form("/protected/json/phones/verification/start", &start);
    assert_eq!(sent.await.status, 200);
    let code = phone.code();
    let check = format!("/protected/json/phones/verification/check?{number}&verification_code=");
    for (code, status) in [(&other(&code), 401), (&code, 200), (&code, 404)] {
        let reply = service.authy_get(&format!("{check}{code}")).await;
        assert_eq!(reply.status, status);
    }
    let entries = step_ups(&service).await;
    let [refused, accepted] = &entries[..] else {
        panic!("{entries:?}");
    };
    assert_eq!(
        (&refused["verdict"], &refused["attempts_left"]),
        (&json!("refused"), &json!(4))
    );
    assert_eq!(
        (&accepted["verdict"], &accepted["user"]),
        (&json!("accepted"), &json!(null))
    );
    assert!(accepted["actor"].as_str().unwrap().starts_with("app:"));
    let text = format!("{entries:?}");
    for secret in [&*code, "5550185", "XX85", "authy-", &user.to_string()] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn of_many_guesses_at_once_the_evidence_has_what_was_compared() {
    let (phone, _guard) = Phone::new();
    let service = service_with_gateway().await;
    let user = service.user("4055550185").await;
    service.sms(user, "").await;
    let code = phone.code();
    let wrong = other(&code);
    let guesses = futures((0..20).map(|_| service.verify(user, &wrong, ""))).await;
    let is_wrong = |reply: &&support::Reply| reply.refusal() == refused(401, "60020");
    let compared = guesses.iter().filter(is_wrong).count();
    let entries = step_ups(&service).await;
    assert_eq!((compared, entries.len()), (5, 5));
    let mut left: Vec<_> = entries
        .iter()
        .map(|entry| entry["attempts_left"].as_u64())
        .collect();
    left.sort_unstable();
    assert_eq!(left, [Some(0), Some(1), Some(2), Some(3), Some(4)]);
}

#[tokio::test]
async fn guesses_end() {
    let (phone, _guard) = Phone::new();
    let service = service_with_gateway().await;
    let user = service.user("4055550185").await;
    service.sms(user, "").await;
    let code = phone.code();
    let wrong = if code == "0000000" {
        "1111111"
    } else {
        "0000000"
    };
    for _ in 0..5 {
        assert_eq!(
            service.verify(user, wrong, "").await.refusal(),
            refused(401, "60020")
        );
    }
    assert_eq!(
        service.verify(user, &code, "").await.refusal(),
        refused(429, "60003")
    );
    service.sms(user, "").await;
    assert_eq!(
        service.verify(user, &phone.code(), "").await.refusal(),
        refused(429, "60003")
    );
    service.pass(600);
    service.sms(user, "").await;
    assert!(service.verify(user, &phone.code(), "").await.is_valid());
}

#[tokio::test]
async fn a_right_code_by_sms_is_no_failure_of_a_device() {
    let (phone, _guard) = Phone::new();
    let service = service_with_gateway().await;
    let user = service.user("4055550185").await;
    service.device(user).await;
    for _ in 0..2 {
        for _ in 0..3 {
            service.sms(user, "force=1").await;
            assert!(service.verify(user, &phone.code(), "").await.is_valid());
        }
        service.pass(3600);
    }
    assert!(
        service
            .verify(user, &service.login_code(), "")
            .await
            .is_valid()
    );
}

#[tokio::test]
async fn a_devices_code_is_no_guess_at_a_text() {
    let (phone, _guard) = Phone::new();
    let service = service_with_gateway().await;
    let user = service.user("4055550185").await;
    service.device(user).await;
    // One more than the number has wrong codes within a day.
    for _ in 0..11 {
        service.sms(user, "force=true").await;
        let code = service.login_code();
        assert!(service.verify(user, &code, "").await.is_valid());
        // Mistyped: with too few digits, and for an action.
        for (code, query) in [
            (phone.code().split_at(6).0, ""),
            (&*service.wrong_code(), "action=pay"),
        ] {
            let reply = service.verify(user, code, query).await;
            assert_eq!(reply.refusal(), refused(401, "60020"));
        }
        service.pass(3600);
    }
    service.sms(user, "force=true").await;
    assert!(service.verify(user, &phone.code(), "").await.is_valid());
}

#[tokio::test]
async fn a_code_that_is_too_short_verifies_no_phone_and_is_not_counted() {
    let (phone, _guard) = Phone::new();
    let service = service_with_gateway().await;
    let start = "via=sms&country_code=1&phone_number=4055550185";
    let start = service.form("/protected/json/phones/verification/start", start);
    assert_eq!(start.await.status, 200);
    let code = phone.code();
    let check = "/protected/json/phones/verification/check?country_code=1&phone_number=4055550185";
    let check = |code: &str| format!("{check}&verification_code={code}");
    for _ in 0..11 {
        let short = service.authy_get(&check(code.split_at(5).0)).await;
        assert_eq!(short.refusal(), refused(401, "60022"));
    }
    assert_eq!(service.authy_get(&check(&code)).await.status, 200);
}

#[tokio::test]
async fn who_has_a_device_is_sent_nothing_unless_it_is_forced() {
    let (phone, _guard) = Phone::new();
    let service = service_with_gateway().await;
    let user = service.user("4055550185").await;
    service.device(user).await;
    let ignored = service.sms(user, "force=false").await.json();
    assert_eq!(ignored["ignored"], true);
    assert_eq!(
        ignored["message"],
        "Ignored: SMS is not needed for smartphones. Pass force=true if you want to actually send it anyway."
    );
    assert!(!phone.log().contains("your code is"));
    // Python takes the name alone for a yes.
    let sent = service.sms(user, "force=true").await.json();
    assert!(sent.get("ignored").is_none());
}

#[tokio::test]
async fn a_phone_is_not_flooded() {
    let (_phone, _guard) = Phone::new();
    let service = service_with_gateway().await;
    let user = service.user("4055550185").await;
    let path = format!("/protected/json/sms/{user}");
    for _ in 0..5 {
        assert_eq!(service.authy_get(&path).await.status, 200);
    }
    assert_eq!(
        service.authy_get(&path).await.refusal(),
        refused(429, "60003")
    );
    let start = "via=sms&country_code=1&phone_number=4055550185";
    let verification = service
        .form("/protected/json/phones/verification/start", start)
        .await;
    assert_eq!(verification.refusal(), refused(429, "60003"));
    service.pass(3600);
    assert_eq!(service.authy_get(&path).await.status, 200);
}

#[tokio::test]
async fn without_a_gateway_there_is_no_sms() {
    let service = Service::new().await;
    let user = service.user("4055550185").await;
    let reply = service.sms(user, "force=true").await;
    assert_eq!(reply.refusal(), refused(403, "60000"));
}

#[tokio::test]
async fn a_phone_is_verified_as_each_client_asks() {
    let (phone, _guard) = Phone::new();
    let service = service_with_gateway().await;
    let start = "/protected/json/phones/verification/start";
    let sent = service
        .json(
            start,
            &json!({"phone_number":"405-555-0185","country_code":1,"via":"sms","code_length":4}),
        )
        .await;
    assert_eq!(
        sent.json(),
        json!({
            "carrier": "unknown", "is_cellphone": true, "message": "Text message sent to +1-XXX-XXX-XX85.",
            "seconds_to_expire": 600, "success": true,
        })
    );
    let code = phone.code();
    assert_eq!(code.len(), 4);
    let check = "/protected/json/phones/verification/check";
    let query =
        |code: &str| format!("country_code=1&phone_number=4055550185&verification_code={code}");
    let wrong = if code == "0000" { "1111" } else { "0000" };
    let refusal = service
        .authy_get(&format!("{check}?{}", query(wrong)))
        .await
        .refusal();
    assert_eq!(refusal, refused(401, "60022"));
    // npm authy has the parameters in the body of its GET.
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let path = format!("{check}?api_key={}", service.key);
    let right = service
        .send(Method::GET, &path, &headers, query(&code))
        .await;
    assert_eq!(
        right.json(),
        json!({"message": "Verification code is correct.", "success": true})
    );
    let used = service
        .authy_get(&format!("{check}?{}", query(&code)))
        .await;
    assert_eq!(used.refusal(), refused(404, "60023"));
}

#[tokio::test]
async fn what_cannot_be_verified_is_refused() {
    let (_phone, _guard) = Phone::new();
    let service = service_with_gateway().await;
    let start = "/protected/json/phones/verification/start";
    for (body, status, code) in [
        ("via=sms&country_code=1&phone_number=28", 400, "60033"),
        ("via=sms&phone_number=4055550185", 400, "60033"),
        (
            "via=pigeon&country_code=1&phone_number=4055550185",
            400,
            "60004",
        ),
        (
            "via=call&country_code=1&phone_number=4055550185",
            403,
            "60000",
        ),
        (
            "via=sms&country_code=1&phone_number=4055550185&code_length=3",
            400,
            "60004",
        ),
        (
            "via=sms&country_code=1&phone_number=4055550185&code_length=11",
            400,
            "60004",
        ),
        (
            "via=sms&country_code=1&phone_number=4055550185&custom_code=1234",
            400,
            "60004",
        ),
    ] {
        assert_eq!(
            service.form(start, body).await.refusal(),
            refused(status, code),
            "{body}"
        );
    }
    let check = "/protected/json/phones/verification/check?country_code=1&phone_number=4055550185";
    assert_eq!(
        service.authy_get(check).await.refusal(),
        refused(401, "60022")
    );
    let none = service
        .authy_get(&format!("{check}&verification_code=1234"))
        .await;
    assert_eq!(none.refusal(), refused(404, "60023"));
}

#[tokio::test]
async fn who_has_suspended_devices_alone_gets_in_by_no_text() {
    let (phone, _guard) = Phone::new();
    let service = service_with_gateway().await;
    let user = service.user("4055550185").await;
    service.device(user).await;
    let sms = format!("/protected/json/sms/{user}?force=true");
    let device = || txotp_store::DeviceId::new(format!("device of {user}")).unwrap();
    let vault = service.vault();
    for action in ["", "action=pay"] {
        let asked = service.authy_get(&format!("{sms}&{action}")).await;
        assert_eq!(asked.status, 200);
        let code = phone.code();
        vault.suspend(device(), service.operator()).await.unwrap();
        let reply = service.verify(user, &code, action).await;
        assert_eq!(reply.refusal(), refused(401, "60020"), "{action}");
        let more = service.authy_get(&sms).await;
        assert_eq!(more.refusal(), refused(401, "60020"));
        vault.resume(device(), service.operator()).await.unwrap();
        assert!(service.verify(user, &code, action).await.is_valid());
    }
}

#[tokio::test]
async fn an_action_that_says_nothing_is_refused() {
    let (phone, _guard) = Phone::new();
    let service = service_with_gateway().await;
    let user = service.user("4055550185").await;
    let sms = format!("/protected/json/sms/{user}?force=true");
    assert_eq!(service.authy_get(&sms).await.status, 200);
    let path = format!("/protected/json/verify/{}/{user}", phone.code());
    let headers = [
        ("x-authy-api-key", &*service.key),
        ("content-type", "application/json"),
    ];
    for body in [r#"{"action":{}}"#, r#"{"action":[]}"#, r#"{"action":null}"#] {
        let reply = service.send(Method::GET, &path, &headers, body).await;
        assert_eq!(reply.refusal(), refused(400, "60004"), "{body}");
    }
}

/// A service whose texts go to a webhook.
async fn service_with_webhook(texts: &Texts) -> Service {
    let url = format!("http://{}/", texts.address);
    Service::with(&webhook(&url)).await
}

#[tokio::test]
async fn a_text_that_was_certainly_not_sent_is_not_counted() {
    let texts = Texts::new().await;
    let service = service_with_webhook(&texts).await;
    let user = service.user("4055550185").await;
    let path = format!("/protected/json/sms/{user}");
    texts.answers(400, HeaderMap::new(), "");
    for _ in 0..6 {
        assert_eq!(
            service.authy_get(&path).await.refusal(),
            refused(503, "60000")
        );
    }
    // Who fails may have sent.
    texts.answers(500, HeaderMap::new(), "");
    for _ in 0..2 {
        assert_eq!(
            service.authy_get(&path).await.refusal(),
            refused(503, "60000")
        );
    }
    texts.answers(200, HeaderMap::new(), "");
    for _ in 0..3 {
        assert_eq!(service.authy_get(&path).await.status, 200);
    }
    assert_eq!(
        service.authy_get(&path).await.refusal(),
        refused(429, "60003")
    );
}

#[tokio::test]
async fn of_many_who_ask_at_once_on_two_processes_no_more_are_sent_than_may_be() {
    let texts = Texts::new().await;
    let service = service_with_webhook(&texts).await;
    let url = format!("http://{}/", texts.address);
    let twin = service.twin(&webhook(&url)).await;
    let user = service.user("4055550185").await;
    let path = format!("/protected/json/sms/{user}");
    let all = (0..20).map(|at| {
        let service = if at % 2 == 0 { &service } else { &twin };
        service.authy_get(&path)
    });
    let sent = futures(all).await;
    let taken = sent.iter().filter(|reply| reply.status == 200).count();
    assert_eq!((taken, texts.all().len()), (5, 5));
}

#[tokio::test]
async fn who_starts_anew_guesses_no_more_than_10_times_a_day() {
    let (phone, _guard) = Phone::new();
    let service = service_with_gateway().await;
    let start = "via=sms&country_code=1&phone_number=4055550185&code_length=4";
    let check = "/protected/json/phones/verification/check?country_code=1&phone_number=4055550185";
    let mut guesses = 0;
    for _ in 0..100 {
        let sent = service
            .form("/protected/json/phones/verification/start", start)
            .await;
        if sent.status != 200 {
            assert_eq!(sent.refusal(), refused(429, "60003"));
            break;
        }
        let wrong = if phone.code() == "0000" {
            "1111"
        } else {
            "0000"
        };
        loop {
            let path = format!("{check}&verification_code={wrong}");
            match service.authy_get(&path).await.refusal() {
                (401, _) => guesses += 1,
                refusal => {
                    assert_eq!(refusal, refused(429, "60003"));
                    break;
                }
            }
        }
        service.pass(900);
    }
    assert_eq!(guesses, 10);
    // It is the number's: no user of it is sent a code that could be guessed at.
    let user = service.user("4055550185").await;
    let path = format!("/protected/json/sms/{user}?force=true");
    assert_eq!(
        service.authy_get(&path).await.refusal(),
        refused(429, "60003")
    );
    // And no other number's.
    let other = start.replace("0185", "0186");
    let sent = service
        .form("/protected/json/phones/verification/start", &other)
        .await;
    assert_eq!(sent.status, 200);
    service.pass(86_400);
    assert_eq!(service.authy_get(&path).await.status, 200);
}
