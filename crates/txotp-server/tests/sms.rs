//! Gateways for texts, as `docs/sms.md` describes them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it fails"
)]

mod support;
#[path = "support/texts.rs"]
mod texts;

use std::collections::HashMap;

use axum::http::{HeaderMap, Method};
use base64ct::{Base64, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use support::log::Log;
use support::receiver::nobody;
use support::{NOW, Service};
use texts::{Bank, LONG, MASK, NUMBER, SECRET, Texts, conflict, weavr};
use tracing::Level;

fn nothing() -> Value {
    json!({})
}

/// That nothing of a text, its number and its gateway's secrets was written.
fn assert_silent(log: &Log, code: &str) {
    let text = log.text();
    assert!(!text.is_empty());
    for secret in [
        code,
        NUMBER,
        "4055550185",
        "5550185",
        "is your ACME",
        SECRET,
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn a_webhook_is_signed_over_its_time_and_body() {
    let bank = Bank::new().await;
    bank.service.pass(7);
    assert_eq!(bank.issue(&nothing()).await.status, 204);
    let asked = &bank.texts.all()[0];
    assert_eq!(asked.path, "/texts?bank=acme");
    assert_eq!(asked.headers["content-type"], "application/json");
    let body: Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!(body["to"], NUMBER);
    assert_eq!(body["channel"], "sms");
    assert_eq!(body["id"].as_str().unwrap().len(), 16);
    assert_eq!(body.as_object().unwrap().len(), 4);
    let now = NOW + 7;
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{now}.").as_bytes());
    mac.update(&asked.body);
    let mac: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let signature = asked.headers["txotp-signature"].to_str().unwrap();
    assert_eq!(signature, format!("t={now},v1={mac}"));
}

#[tokio::test]
async fn a_text_that_the_gateway_refuses_is_not_counted_as_a_challenge() {
    let (log, _guard) = Log::of_thread(Level::TRACE);
    let bank = Bank::with(&[LONG]).await;
    let mut elsewhere = HeaderMap::new();
    elsewhere.insert("location", "/elsewhere".parse().unwrap());
    for (status, headers) in [
        (400, HeaderMap::new()),
        (404, HeaderMap::new()),
        (307, elsewhere),
    ] {
        bank.texts.answers(status, headers, NUMBER);
        let reply = bank.issue(&nothing()).await;
        assert_eq!(reply.problem(), (503, "text-not-sent".into()));
        assert!(log.text().contains(&format!("status={status}")));
        assert_eq!(
            weavr(&bank.issue(&nothing()).await),
            conflict("RETRY_IN_15SEC")
        );
        bank.service.pass(15);
    }
    assert_eq!(bank.texts.all().len(), 3, "no redirect is followed");
    bank.texts.answers(202, HeaderMap::new(), "");
    for _ in 0..2 {
        assert_eq!(bank.issue(&nothing()).await.status, 204);
        bank.service.pass(15);
    }
    assert_eq!(bank.issue(&nothing()).await.status, 400);
    assert_silent(&log, &bank.texts.code());
}

#[tokio::test]
async fn a_text_that_may_have_been_sent_is_counted_as_a_challenge() {
    let bank = Bank::new().await;
    for status in [500, 502] {
        bank.texts.answers(status, HeaderMap::new(), "");
        let reply = bank.issue(&nothing()).await;
        assert_eq!(reply.problem(), (503, "text-not-sent".into()));
        bank.service.pass(15);
    }
    let third = bank.issue(&nothing()).await;
    assert_eq!(weavr(&third), (400, "INVALID_REQUEST".into()));
    assert_eq!(bank.texts.all().len(), 2);
}

#[tokio::test]
async fn a_code_works_though_the_gateway_answered_badly() {
    let bank = Bank::new().await;
    bank.texts.answers(504, HeaderMap::new(), "");
    assert_eq!(bank.issue(&nothing()).await.status, 503);
    let code = bank.texts.code();
    assert_eq!(bank.verify(&code, &nothing()).await.status, 200);
}

#[tokio::test]
async fn a_gateway_that_is_not_there_is_said_so() {
    let (log, _guard) = Log::of_thread(Level::TRACE);
    let (_nobody, url) = nobody();
    let bank = Bank::with(&[("sms.url", &url)]).await;
    let reply = bank.issue(&nothing()).await;
    assert_eq!(reply.problem(), (503, "text-not-sent".into()));
    assert!(log.text().contains("not-connected"), "{}", log.text());
}

#[tokio::test]
async fn a_gateway_at_a_private_address_is_to_be_allowed() {
    let (log, _guard) = Log::of_thread(Level::TRACE);
    let bank = Bank::with(&[("sms.allow_private", "false")]).await;
    assert!(log.text().contains("no text can be sent"));
    assert_eq!(bank.issue(&nothing()).await.status, 503);
    assert_eq!(bank.texts.all().len(), 0);
}

/// A bank that sends by what speaks Twilio's Messages API.
async fn twilio(from: &str) -> Bank {
    let other = Texts::new().await;
    let url = format!("http://{}/", other.address);
    let settings = [
        ("sms.gateway", "twilio"),
        ("sms.url", &url),
        ("sms.account", "AC0123456789abcdef0123456789abcdef"),
        ("sms.from", from),
        LONG,
    ];
    let mut bank = Bank::with(&settings).await;
    bank.texts = other;
    bank
}

const TAKEN: &str =
    r#"{"sid":"SM0123456789abcdef0123456789abcdef","status":"queued","error_code":null}"#;

#[tokio::test]
async fn twilio_is_asked_as_its_messages_api_has_it() {
    let (log, _guard) = Log::of_thread(Level::TRACE);
    for (from, sender) in [
        ("+15005550006", "From"),
        ("MG0123456789abcdef0123456789abcdef", "MessagingServiceSid"),
    ] {
        let bank = twilio(from).await;
        bank.texts.answers(201, HeaderMap::new(), TAKEN);
        let purpose = json!({"purpose": "Pay 5 € & more"});
        assert_eq!(bank.issue(&purpose).await.status, 204);
        let asked = &bank.texts.all()[0];
        let account = "AC0123456789abcdef0123456789abcdef";
        assert_eq!(
            asked.path,
            format!("/2010-04-01/Accounts/{account}/Messages.json")
        );
        assert_eq!(
            asked.headers["content-type"],
            "application/x-www-form-urlencoded"
        );
        let who = asked.headers["authorization"].to_str().unwrap();
        let who = Base64::decode_vec(who.strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(who, format!("{account}:{SECRET}").into_bytes());
        let form: HashMap<_, _> = form_urlencoded::parse(&asked.body).into_owned().collect();
        assert_eq!(form.len(), 3);
        assert_eq!(form["To"], NUMBER);
        assert_eq!(form[sender], from);
        let (code, rest) = form["Body"].split_at(10);
        assert_eq!(rest, " is your ACME code for:\nPay 5 € & more");
        assert_eq!(bank.verify(code, &purpose).await.status, 200);
        assert_silent(&log, code);
    }
}

#[tokio::test]
async fn twilio_calls_as_its_calls_api_has_it() {
    let (log, _guard) = Log::of_thread(Level::TRACE);
    for (settings, caller) in [
        (&[("sms.from", "+15005550006")][..], "+15005550006"),
        (
            &[
                ("sms.from", "MG0123456789abcdef0123456789abcdef"),
                ("sms.call_from", "+15005550007"),
            ],
            "+15005550007",
        ),
    ] {
        let texts = Texts::new().await;
        let url = format!("http://{}", texts.address);
        let mut all = vec![
            ("sms.gateway", "twilio"),
            ("sms.url", &url),
            ("sms.secret", SECRET),
            ("sms.account", "AC0123456789abcdef0123456789abcdef"),
            ("sms.allow_private", "true"),
            ("sms.calls", "true"),
            ("issuer", "ACME"),
        ];
        all.extend(settings);
        let service = Service::with(&all).await;
        texts.answers(201, HeaderMap::new(), TAKEN);
        let path = "/protected/json/users/new?api_key=";
        let user = "user[email]=a%40example.com&user[cellphone]=4055550185&user[country_code]=1";
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let path = format!("{path}{}", service.key);
        let made = service
            .ask(Method::POST, &path, &form, user.to_owned())
            .await;
        let id = made.json()["user"]["id"].clone();
        let path = format!(
            "/protected/json/call/{id}?action=pay&action_message=%3CPay%3E+5+%26+more&api_key={}",
            service.key
        );
        let called = service.send(Method::GET, &path, &[], "").await;
        assert_eq!(called.status, 200, "{}", called.text());
        let asked = &texts.all()[0];
        let account = "AC0123456789abcdef0123456789abcdef";
        assert_eq!(
            asked.path,
            format!("/2010-04-01/Accounts/{account}/Calls.json")
        );
        let form: HashMap<_, _> = form_urlencoded::parse(&asked.body).into_owned().collect();
        assert_eq!(form.len(), 3);
        assert_eq!((&*form["To"], &*form["From"]), (NUMBER, caller));
        let twiml = &form["Twiml"];
        let said = twiml.strip_prefix("<Response><Say>").unwrap();
        let said = said.strip_suffix("</Say></Response>").unwrap();
        let spoken = said
            .strip_prefix("&lt;Pay&gt; 5 &amp; more\nACME: your code is ")
            .unwrap_or_else(|| panic!("{said}"));
        let (code, again) = spoken.split_once(". Once more: ").unwrap();
        assert_eq!(format!("{code}."), again);
        assert_silent(&log, code);
        assert_silent(&log, &code.replace(", ", ""));
    }
}

#[tokio::test]
async fn what_twilio_does_not_take_is_refused_and_its_number_alone_is_logged() {
    let (log, _guard) = Log::of_thread(Level::TRACE);
    let bank = twilio("+15005550006").await;
    let error = r#"{"code":21211,"message":"The 'To' number +14055550185 is not a valid phone number.",
        "more_info":"https://www.twilio.com/docs/errors/21211","status":400}"#;
    for (status, body) in [
        (400, error),
        (
            401,
            r#"{"code":20003,"message":"Authenticate","status":401}"#,
        ),
        (200, TAKEN),
        (201, "{}"),
        (201, "no JSON"),
        (302, TAKEN),
    ] {
        bank.texts.answers(status, HeaderMap::new(), body);
        // A session of its own: what may have been sent is a challenge.
        let session = format!("login-{status}-{}", body.len());
        assert_eq!(bank.open(&session).await.status, 201);
        let reply = bank.post(&session, "challenges/otp/SMS", &nothing()).await;
        assert_eq!(reply.problem(), (503, "text-not-sent".into()), "{body}");
    }
    assert!(
        log.text().contains("status=400 code=21211"),
        "{}",
        log.text()
    );
    assert_silent(&log, "is not a valid");
}

#[tokio::test]
async fn the_log_as_gateway_says_who_can_use_the_codes() {
    let (log, _guard) = Log::of_thread(Level::TRACE);
    let bank = Bank::with(&[("sms.gateway", "log")]).await;
    let warning = |line: &&str| line.contains("WARN") && line.contains("whoever reads");
    assert_eq!(log.text().lines().filter(warning).count(), 1, "at start");
    assert_eq!(bank.issue(&nothing()).await.status, 204);
    let text = log.text();
    let line = text.lines().rfind(warning).unwrap();
    assert!(line.contains(MASK) && !text.contains("5550185"), "{line}");
    let at = line.find(" is your ACME code").unwrap();
    let code = line.get(at - 6..at).unwrap();
    assert_eq!(bank.verify(code, &nothing()).await.status, 200);
    assert_eq!(bank.texts.all().len(), 0);
}

#[tokio::test]
async fn texts_are_counted() {
    let bank = Bank::new().await;
    assert_eq!(bank.issue(&nothing()).await.status, 204);
    bank.service.pass(15);
    bank.texts.answers(500, HeaderMap::new(), "");
    assert_eq!(bank.issue(&nothing()).await.status, 503);
    let metrics = bank.service.get("/metrics").await;
    assert!(
        metrics
            .text()
            .contains("txotp_texts_total{outcome=\"taken\"} 1")
    );
    assert!(
        metrics
            .text()
            .contains("txotp_texts_total{outcome=\"unclear\"} 1")
    );
}

#[tokio::test]
async fn no_part_of_a_code_or_a_number_is_in_the_store_as_it_is() {
    let bank = Bank::new().await;
    assert_eq!(bank.issue(&json!({"purpose": "Log in"})).await.status, 204);
    let code = bank.texts.code();
    let folder = std::fs::read_dir(bank.service.folder.path()).unwrap();
    let mut files = 0;
    for file in folder {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        files += 1;
        for text in [
            "4055550185",
            "alice",
            "login-1",
            "Log in",
            &format!("{code} is"),
        ] {
            let found = bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes());
            assert!(!found, "{text}");
        }
    }
    assert!(files > 0);
    drop::<Service>(bank.service);
}
