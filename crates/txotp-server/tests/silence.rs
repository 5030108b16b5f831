//! Nothing secret is told: all that the service writes while everything is asked of it, at its most talkative, is searched for
//! every code, seed, key, token, digest and hidden detail that went in or out.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test may stop where it fails"
)]

mod authy_support;
mod support;
#[path = "support/texts.rs"]
mod texts;

use std::fmt::Write as _;

use axum::http::Method;
use serde_json::{Value, json};
use support::Service;
use support::approving::Phone;
use support::device::Device;
use support::log::Log;
use support::receiver::{Receiver, Reply as Answers};
use texts::Texts;
use txotp_server::Decision;

/// What is not to be told: a name for it, and its text.
struct Secret {
    what: &'static str,
    text: String,
}

impl Secret {
    /// Digits within a longer number are something else: a part of a duration.
    fn is_in(&self, line: &str) -> bool {
        let is_number = self.text.bytes().all(|byte| byte.is_ascii_digit());
        line.match_indices(&self.text).any(|(place, text)| {
            let (before, after) = (&line[..place], &line[place + text.len()..]);
            let goes_on = before.ends_with(|last: char| last.is_ascii_digit())
                || after.starts_with(|next: char| next.is_ascii_digit());
            !(is_number && goes_on)
        })
    }
}

/// All that was written, and what must not be in it.
struct Witness {
    log: Log,
    secrets: Vec<Secret>,
    /// Answers that refuse, and metrics: what an application may write into a log of its own.
    answers: String,
}

impl Witness {
    /// From now on everything is written down, of every thread.
    fn begin() -> Self {
        Self {
            log: Log::of_all(),
            secrets: Vec::new(),
            answers: String::new(),
        }
    }

    fn keep(&mut self, what: &'static str, text: impl Into<String>) -> String {
        let text = text.into();
        assert!(text.len() >= 4, "{what} is too short to be searched for");
        self.secrets.push(Secret {
            what,
            text: text.clone(),
        });
        text
    }

    /// The first secret of this name.
    fn found(&self, what: &str) -> String {
        let secret = self.secrets.iter().find(|secret| secret.what == what);
        secret.unwrap().text.clone()
    }

    /// Keeps an answer if it refuses; gives its status.
    fn hear(&mut self, reply: &support::Reply) -> u16 {
        let status = reply.status.as_u16();
        if status >= 400 {
            writeln!(self.answers, "{status} {}", reply.text()).unwrap();
        }
        status
    }

    /// The lines that tell something.
    fn told(&self) -> Vec<String> {
        let log = self.log.text();
        let lines = log.lines().chain(self.answers.lines());
        let of = |line: &str| {
            let found = self.secrets.iter().find(|secret| secret.is_in(line));
            found.map(|secret| format!("{}: {line}", secret.what))
        };
        lines.filter_map(of).collect()
    }
}

#[tokio::test]
async fn nothing_secret_is_in_what_is_written_or_refused() {
    let mut witness = Witness::begin();
    let texts = Texts::new().await;
    let mut receiver = Receiver::new(&[Answers::Status(500)]).await;
    let url = witness.keep(
        "a path of the gateway",
        format!("http://{}/texts?bank=acme", texts.address),
    );
    let mut settings = texts::webhook(&url).to_vec();
    settings.push(("callbacks.allow_private", "true"));
    settings.push(("log.level", "trace"));
    settings.push(texts::LONG);
    let service = Service::with(&settings).await;
    witness.keep("the first API key", &service.key);
    witness.keep("the gateway's secret", texts::SECRET);
    witness.keep("a telephone number", &texts::NUMBER[2..]);

    // Long enough to be in no id by chance.
    for name in ["alice-anne", "caroline", "dorothea"] {
        witness.keep("a user's name", name);
    }

    payments(&service, &mut witness).await;
    approvals(&service, &mut witness, &mut receiver).await;
    stepups(&service, &mut witness, &texts).await;
    authys(&service, &mut witness, &texts).await;
    nonsense(&service, &mut witness).await;

    let metrics = service.get("/metrics").await;
    assert_eq!(metrics.status, 200);
    witness.answers.push_str(metrics.text());
    for path in ["/health/live", "/health/ready"] {
        witness.answers.push_str(service.get(path).await.text());
    }

    let log = witness.log.text();
    for of in [
        "/v1/verify",
        "/v1/approvals",
        "/v1/stepup",
        "/protected",
        "TRACE",
        "approval",
    ] {
        assert!(
            log.contains(of),
            "nothing is written of {of}, so nothing is shown:\n{log}"
        );
    }
    assert_eq!(witness.told(), Vec::<String>::new());

    // What would be told is found: in a line, and in an answer.
    let code = witness.found("a code");
    tracing::trace!(code, "a control");
    witness.answers.push_str(&format!("\n400 {code}"));
    assert_eq!(witness.told().len(), 2);
}

/// Devices, transactions, verdicts: right, wrong, used, and not decided.
async fn payments(service: &Service, witness: &mut Witness) {
    let made = service
        .post(
            "/v1/devices",
            &json!({ "user": "alice-anne", "device": "phone" }),
        )
        .await;
    assert_eq!(made.status, 201);
    let made = made.json();
    let uri = made["enrolment"]["key_uri"].as_str().unwrap();
    let seed = uri
        .split("secret=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap();
    witness.keep("a seed", seed);
    let device = Device::scan(uri);
    // A seed that a bank brings.
    let brought = witness.keep(
        "a brought seed",
        "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    );
    let wish = json!({ "user": "bob", "key_uri": format!("otpauth://totp/bob?secret={brought}&algorithm=SHA1") });
    witness.hear(&service.post("/v1/devices", &wish).await);
    let wish = json!({ "user": "bob", "key_uri": format!("otpauth://totp/bob?secret={brought}1") });
    assert_eq!(witness.hear(&service.post("/v1/devices", &wish).await), 422);

    let payment = json!({
        "message": witness.keep("a message", "Approve the ransom"),
        "details": { "Amount": witness.keep("a detail", "98765.43 EUR"), "To": "ACME" },
        "hidden_details": { "Payment ID": witness.keep("a hidden detail", "hidden-7f3c") },
    });
    let created = service
        .once(
            "/v1/transactions",
            "idem-81f2",
            &json!({ "user": "alice-anne", "transaction": payment }),
        )
        .await;
    witness.keep("an idempotency key", "idem-81f2");
    let created = created.json()["transaction"].clone();
    witness.keep("a digest", created["digest"].as_str().unwrap());
    let string = witness.keep("a string", created["string"].as_str().unwrap());
    let path = format!(
        "/v1/transactions/{}/verify",
        created["id"].as_str().unwrap()
    );
    let code = witness.keep("a code", device.sign(&string, service.now()));
    let wrong = witness.keep("a wrong code", support::device::other(&code));
    for (typed, accepted) in [(&wrong, false), (&code, true)] {
        let verdict = service.post(&path, &json!({ "code": typed })).await;
        assert_eq!(verdict.json()["accepted"], accepted);
    }
    let again = service.post(&path, &json!({ "code": code })).await;
    assert_eq!(witness.hear(&again), 409);

    let login = witness.keep("a login code", device.login(service.now()));
    for body in [
        json!({ "user": "alice-anne", "code": login, "login": true }),
        json!({ "user": "alice-anne", "code": login, "login": true }),
        json!({ "user": "alice-anne", "code": "mellon-99", "login": true }),
        json!({ "device": "phone", "code": wrong, "transaction": payment }),
        json!({ "device": "phone", "code": wrong, "transaction": payment, "hint": "hidden-7f3c" }),
        json!({ "user": "nobody", "code": wrong, "login": true }),
    ] {
        witness.hear(&service.post("/v1/verify", &body).await);
    }
    witness.keep("what is no code", "mellon-99");
    for act in ["suspend", "suspend", "resume", "unlock"] {
        witness.hear(
            &service
                .post(&format!("/v1/devices/phone/{act}"), &json!(null))
                .await,
        );
    }
    let codes = json!({ "code": wrong, "next_code": code, "transaction": payment });
    witness.hear(&service.post("/v1/devices/phone/resync", &codes).await);
}

/// Approval requests, their answers, and callbacks that fail first.
async fn approvals(service: &Service, witness: &mut Witness, receiver: &mut Receiver) {
    let phone = service.phone("caroline", "tablet").await;
    witness.keep("a device's key", &phone.key);
    let key = service.application("shop", Some(&receiver.url)).await;
    witness.keep("an application's key", &key);
    for decision in [Decision::Approve, Decision::Deny] {
        let id = service.approval(&key, "caroline", 600).await;
        let request = asked(service, &phone, &id).await;
        let code = witness.keep(
            "a code of a decision",
            phone.code(service, &request, decision),
        );
        let wrong = phone
            .send(
                service,
                &id,
                decision.name(),
                &support::device::other(&code),
            )
            .await;
        assert_eq!(wrong.json()["accepted"], false, "{wrong:?}");
        let right = phone.send(service, &id, decision.name(), &code).await;
        assert_eq!(right.json()["accepted"], true, "{right:?}");
        witness.hear(&phone.send(service, &id, decision.name(), &code).await);
        let callback = receiver.next().await;
        witness.keep(
            "a callback's signature",
            callback.header("x-authy-signature"),
        );
        witness.keep(
            "a callback's nonce",
            callback.header("x-authy-signature-nonce"),
        );
    }
    witness.keep("a hidden detail of an approval", "T2293");
    witness.keep("a detail of an approval", "1000 Euros");
}

async fn asked(service: &Service, phone: &Phone, id: &str) -> Value {
    let pending = phone.pending(service).await;
    pending
        .into_iter()
        .find(|request| request["id"] == id)
        .unwrap()
}

/// Step-up challenges: sent, refused by the gateway, answered wrong and right.
async fn stepups(service: &Service, witness: &mut Witness, texts: &Texts) {
    let session = "/v1/stepup/sessions/login-1";
    let open = json!({ "user": "dorothea", "mobile": { "country_code": "1", "number": &texts::NUMBER[2..] } });
    let headers = [("content-type", "application/json")];
    let opened = service
        .ask(Method::PUT, session, &headers, open.to_string())
        .await;
    assert_eq!(opened.status, 201, "{opened:?}");
    let challenges = format!("{session}/challenges/otp/SMS");
    let purpose = json!({ "purpose": witness.keep("a purpose", "see the vault") });
    assert_eq!(service.post(&challenges, &purpose).await.status, 204);
    let code = witness.keep("a code by SMS", texts.code());
    witness.keep("a text", texts.last());
    let answer = |code: &str| json!({ "code": code, "purpose": "see the vault" });
    let verify = format!("{challenges}/verify");
    let wrong = witness.keep("a wrong code by SMS", support::device::other(&code));
    assert_eq!(
        witness.hear(&service.post(&verify, &answer(&wrong)).await),
        409
    );
    let verified = service.post(&verify, &answer(&code)).await;
    let token = witness.keep(
        "a stepped-up token",
        verified.json()["token"].as_str().unwrap(),
    );
    let token = json!({ "token": token, "purpose": "see the vault" });
    for status in [200, 200] {
        assert_eq!(
            service
                .post(&format!("{session}/token"), &token)
                .await
                .status,
            status
        );
    }
    let other = json!({ "token": "stolen-token", "purpose": "see the vault" });
    witness.keep("a wrong token", "stolen-token");
    assert_eq!(
        witness.hear(&service.post(&format!("{session}/token"), &other).await),
        404
    );
}

/// Authy's interface, where codes and keys stand in paths and queries.
async fn authys(service: &Service, witness: &mut Witness, texts: &Texts) {
    let user = service.user("4055550185").await;
    witness.keep("an address", "a@b.example");
    service.device(user).await;
    let example = witness.keep("a code in a path", service.example_code());
    let wrong = witness.keep("a wrong code in a path", service.wrong_code());
    for code in [&wrong, &example, &example] {
        witness.hear(&service.verify(user, code, authy_support::EXAMPLE).await);
    }
    let login = witness.keep("a login code in a path", service.login_code());
    for path in [
        format!(
            "/protected/json/verify/{login}/{user}?api_key={}",
            service.key
        ),
        format!("/protected/xml/verify/{login}/{user}?api_key=leaked-key-0815"),
        format!("/protected/json/verify/{login}/{user}/more?details[x]=hidden-7f3c"),
    ] {
        witness.hear(&service.send(Method::GET, &path, &[], "").await);
    }
    witness.keep("a wrong key", "leaked-key-0815");
    let sent = service
        .authy_get(&format!("/protected/json/sms/{user}?force=true"))
        .await;
    assert_eq!(sent.status, 200, "{sent:?}");
    let text = texts.last();
    let token: String = text.chars().filter(char::is_ascii_digit).take(7).collect();
    witness.keep("a token by SMS", token);
    let phone = "phone_number=4055550185&country_code=1";
    let started = service
        .form(
            "/protected/json/phones/verification/start",
            &format!("via=sms&{phone}"),
        )
        .await;
    witness.hear(&started);
    let checked = "/protected/json/phones/verification/check";
    let guess = witness.keep("a guess", "8041500417");
    witness.hear(
        &service
            .authy_get(&format!("{checked}?{phone}&verification_code={guess}"))
            .await,
    );
    let asked = service
        .json(
            &format!("/onetouch/json/users/{user}/approval_requests"),
            &json!({ "message": "Approve the ransom", "details": { "x": "98765.43 EUR" }, "hidden_details": { "y": "hidden-7f3c" } }),
        )
        .await;
    assert_eq!(asked.status, 200, "{asked:?}");
    witness.hear(
        &service
            .form(
                &format!("/protected/json/users/{user}/secret"),
                "label=secret-label",
            )
            .await,
    );
}

/// What is none of the interface's requests, with secrets in every place.
async fn nonsense(service: &Service, witness: &mut Witness) {
    let code = witness.found("a code");
    let bearer = format!("Bearer {code}");
    // An id that is well formed is the caller's word, and told.
    let id = format!("{code}!");
    let headers = [
        ("authorization", &*bearer),
        ("content-type", "application/json"),
        ("x-request-id", &*id),
    ];
    for (method, path, body) in [
        (
            Method::POST,
            "/v1/verify".to_owned(),
            format!("{{\"code\": \"{code}\""),
        ),
        (
            Method::POST,
            "/v1/verify".to_owned(),
            format!("{{\"{code}\": 1}}"),
        ),
        (
            Method::GET,
            format!("/v1/transactions/{code}"),
            String::new(),
        ),
        (Method::GET, format!("/{code}?{code}={code}"), String::new()),
        (Method::DELETE, format!("/v1/devices/{code}"), String::new()),
    ] {
        witness.hear(
            &service
                .send(method.clone(), &path, &headers, body.clone())
                .await,
        );
        let own = [("content-type", "application/json"), ("x-request-id", &*id)];
        witness.hear(&service.ask(method, &path, &own, body).await);
    }
}
