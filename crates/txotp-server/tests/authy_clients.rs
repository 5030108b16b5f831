//! The clients of Authy's API that are in no registry which CI installs from: Ruby 3.0.1, PHP 3.0.4, Java 1.5.1, `authy-openvpn`
//! (C) and go-authy. Each sends its requests as they were recorded, to the byte, and takes the answers by its own rules.
//! `clients/run.sh` runs the others themselves.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may stop where it fails"
)]

mod authy_support;
mod support;

use authy_support::{EXAMPLE, Phone, refused};
use axum::http::{HeaderMap, Method, StatusCode};
use hyper::body::Bytes;
use quick_xml::events::Event;
use serde_json::Value;
use support::{Reply, Service};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A request: method and target, then headers of its own and the body, if there are. `{…}` are filled in.
type Request = [&'static str; 3];

const NONE: Request = ["", "", ""];
/// What Ruby, PHP and Java ask alike.
const VERIFY: Request = [
    "GET /protected/json/verify/{token}/{user}?force=true",
    "",
    "",
];
const VERIFY_ACTION: Request = [
    "GET /protected/json/verify/{token}/{user}?action=pay+john&force=true",
    "",
    "",
];
const SMS: Request = ["GET /protected/json/sms/{user}?force=true", "", ""];
const SMS_ACTION: Request = [
    "GET /protected/json/sms/{user}?action=pay+john&action_message=Pay+John&force=true",
    "",
    "",
];
const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";

/// What a client sends, and how it reads.
struct Client {
    name: &'static str,
    headers: &'static str,
    new: Request,
    status: Request,
    sms: Request,
    sms_action: Request,
    verify: Request,
    verify_action: Request,
    verify_transaction: Request,
    approval: Request,
    approval_status: Request,
    start: Request,
    check: Request,
    delete: Request,
    /// Whether it takes an answer for "the token is valid".
    is_valid: fn(&Reply) -> bool,
}

const RUBY: Client = Client {
    name: "ruby",
    headers: "User-Agent: AuthyRuby/3.0.1 (x86_64-linux, Ruby 3.2.0)\r\nX-Authy-API-Key: {key}\r\nAccept: */*\r\n",
    new: [
        "POST /protected/json/users/new",
        FORM,
        "user%5Bemail%5D=john%40example.com&user%5Bcellphone%5D=405-555-0185&user%5Bcountry_code%5D=1&send_install_link_via_sms=true",
    ],
    status: ["GET /protected/json/users/{user}/status?", "", ""],
    sms: SMS,
    sms_action: SMS_ACTION,
    verify: VERIFY,
    verify_action: VERIFY_ACTION,
    // With flat keys.
    verify_transaction: [
        "GET /protected/json/verify/{token}/{user}?message=Approve+money+transaction&details%5BAmount%5D=1000+Euros\
         &details%5BTo%5D=John+Doe&details%5BDestination+Account%5D=29385&details%5BSource+Account%5D=98381\
         &details%5BReason%5D=transfer+money&hidden_details%5BTransaction+ID%5D=T2293&force=true",
        "",
        "",
    ],
    approval: [
        "POST /onetouch/json/users/{user}/approval_requests",
        FORM,
        "message=Log+in&details%5BFrom%5D=Oslo&hidden_details%5Bip%5D=1.1.1.1&logos%5B%5D%5Bres%5D=default\
         &logos%5B%5D%5Burl%5D=https%3A%2F%2Fa.example%2Fb&logos%5B%5D%5Bres%5D=low&logos%5B%5D%5Burl%5D=https%3A%2F%2Fa.example%2Fc\
         &seconds_to_expire=120",
    ],
    approval_status: ["GET /onetouch/json/approval_requests/{uuid}?", "", ""],
    start: [
        "POST /protected/json/phones/verification/start",
        FORM,
        "via=sms&country_code=1&phone_number=405-555-0185",
    ],
    check: [
        "GET /protected/json/phones/verification/check?country_code=1&phone_number=405-555-0185&verification_code={token}",
        "",
        "",
    ],
    delete: ["POST /protected/json/users/delete/{user}", FORM, ""],
    is_valid: |reply| reply.status == 200 && reply.json()["token"] == "is valid",
};

const PHP: Client = Client {
    name: "php",
    headers: "User-Agent: AuthyPHP/3.0.4 (Linux; PHP 8.2)\r\nX-Authy-API-Key: {key}\r\n",
    new: [
        "POST /protected/json/users/new?user%5Bemail%5D=john%40example.com&user%5Bcellphone%5D=405-555-0185\
         &user%5Bcountry_code%5D=1&user%5Bsend_install_link_via_sms%5D=0",
        "",
        "",
    ],
    status: ["GET /protected/json/users/{user}/status", "", ""],
    sms: ["GET /protected/json/sms/{user}?force=1", "", ""],
    sms_action: [
        "GET /protected/json/sms/{user}?action=pay%20john&action_message=Pay%20John&force=1",
        "",
        "",
    ],
    verify: VERIFY,
    // Who passes anything but force keeps it; who passes force loses it.
    verify_action: [
        "GET /protected/json/verify/{token}/{user}?action=pay%20john",
        "",
        "",
    ],
    // Nested arrays.
    verify_transaction: [
        "GET /protected/json/verify/{token}/{user}?message=Approve%20money%20transaction&details%5BAmount%5D=1000%20Euros\
         &details%5BTo%5D=John%20Doe&details%5BDestination%20Account%5D=29385&details%5BSource%20Account%5D=98381\
         &details%5BReason%5D=transfer%20money&hidden_details%5BTransaction%20ID%5D=T2293&force=true",
        "",
        "",
    ],
    approval: [
        "POST /onetouch/json/users/{user}/approval_requests?message=Log%20in&details%5BFrom%5D=Oslo\
         &logos%5B0%5D%5Bres%5D=default&logos%5B0%5D%5Burl%5D=https%3A%2F%2Fa.example%2Fb&seconds_to_expire=120",
        "",
        "",
    ],
    approval_status: ["GET /onetouch/json/approval_requests/{uuid}", "", ""],
    start: [
        "POST /protected/json/phones/verification/start?phone_number=405-555-0185&country_code=1&via=sms&code_length=6",
        "",
        "",
    ],
    check: [
        "GET /protected/json/phones/verification/check?phone_number=405-555-0185&country_code=1&verification_code={token}",
        "",
        "",
    ],
    delete: ["POST /protected/json/users/{user}/remove", "", ""],
    is_valid: |reply| reply.status == 200 && reply.json()["token"] == "is valid",
};

const JAVA: Client = Client {
    name: "java",
    headers: "X-Authy-API-Key: {key}\r\nUser-Agent: AuthyJava/1.5.1 (Linux 6.1; Java 17)\r\nContent-Type: application/json\r\n\
              Accept: text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2\r\n",
    new: [
        "POST /protected/json/users/new",
        "",
        r#"{"user":{"country_code":"1","cellphone":"405-555-0185","email":"john@example.com"}}"#,
    ],
    status: ["GET /protected/json/users/{user}/status", "", ""],
    sms: SMS,
    sms_action: SMS_ACTION,
    verify: VERIFY,
    verify_action: VERIFY_ACTION,
    // Flat keys, in the order of a HashMap.
    verify_transaction: [
        "GET /protected/json/verify/{token}/{user}?details%5BTo%5D=John+Doe&hidden_details%5BTransaction+ID%5D=T2293\
         &details%5BReason%5D=transfer+money&force=true&details%5BSource+Account%5D=98381\
         &details%5BDestination+Account%5D=29385&details%5BAmount%5D=1000+Euros&message=Approve+money+transaction",
        "",
        "",
    ],
    approval: [
        "POST /onetouch/json/users/{user}/approval_requests",
        "",
        r#"{"hidden_details":{"ip":"1.1.1.1"},"seconds_to_expire":120,"details":{"From":"Oslo"},"logos":[{"res":"default","url":"https://a.example/b"}],"message":"Log in"}"#,
    ],
    approval_status: ["GET /onetouch/json/approval_requests/{uuid}?", "", ""],
    start: [
        "POST /protected/json/phones/verification/start",
        "",
        r#"{"phone_number":"405-555-0185","country_code":"1","via":"sms","locale":"en","code_length":"6"}"#,
    ],
    check: [
        "GET /protected/json/phones/verification/check?phone_number=405-555-0185&country_code=1&verification_code={token}",
        "",
        "",
    ],
    delete: ["POST /protected/json/users/delete/{user}", "", ""],
    is_valid: |reply| reply.status == 200 && reply.json()["message"] == "Token is valid.",
};

/// Of its requests, two. What it cannot ask for is left out.
const C: Client = Client {
    name: "c",
    headers: "User-Agent: authy-openvpn (Linux 6.18\r\nAccept: */*\r\n",
    new: [
        "POST /protected/json/users/new?api_key={key}",
        FORM,
        "user[email]=john@example.com&user[country_code]=1&user[cellphone]=405-555-0185",
    ],
    status: NONE,
    sms: NONE,
    sms_action: NONE,
    verify: [
        "GET /protected/json/verify/{token}/{user}?force=true&api_key={key}",
        "",
        "",
    ],
    verify_action: NONE,
    verify_transaction: NONE,
    approval: NONE,
    approval_status: NONE,
    start: NONE,
    check: NONE,
    delete: NONE,
    is_valid: says_valid_to_c,
};

const GO: Client = Client {
    name: "go",
    headers: "User-Agent: Go-http-client/1.1\r\nAccept-Encoding: gzip\r\n",
    new: [
        "POST /protected/json/users/new",
        FORM,
        "api_key={key}&user%5Bcellphone%5D=405-555-0185&user%5Bcountry_code%5D=1&user%5Bemail%5D=john%40example.com",
    ],
    status: [
        "GET /protected/json/users/{user}/status?api_key={key}",
        "",
        "",
    ],
    sms: [
        "GET /protected/json/sms/{user}?api_key={key}&force=true",
        "",
        "",
    ],
    sms_action: NONE,
    verify: [
        "GET /protected/json/verify/{token}/{user}?api_key={key}&force=true",
        "",
        "",
    ],
    verify_action: NONE,
    verify_transaction: [
        "GET /protected/json/verify/{token}/{user}?api_key={key}&details%5BAmount%5D=1000+Euros\
         &details%5BDestination+Account%5D=29385&details%5BReason%5D=transfer+money&details%5BSource+Account%5D=98381\
         &details%5BTo%5D=John+Doe&hidden_details%5BTransaction+ID%5D=T2293&message=Approve+money+transaction",
        "",
        "",
    ],
    approval: [
        "POST /onetouch/json/users/{user}/approval_requests",
        FORM,
        "api_key={key}&details%5BFrom%5D=Oslo&hidden_details%5Bip%5D=1.1.1.1&message=Log+in&seconds_to_expire=120",
    ],
    approval_status: [
        "GET /onetouch/json/approval_requests/{uuid}?api_key={key}",
        "",
        "",
    ],
    start: [
        "POST /protected/json/phones/verification/start",
        FORM,
        "api_key={key}&country_code=1&phone_number=405-555-0185&via=sms",
    ],
    check: [
        "GET /protected/json/phones/verification/check?api_key={key}&country_code=1&phone_number=405-555-0185&verification_code={token}",
        "",
        "",
    ],
    delete: [
        "POST /protected/json/users/{user}/delete",
        FORM,
        "api_key={key}",
    ],
    is_valid: |reply| reply.status == 200 && reply.json()["token"] == "is valid",
};

const CLIENTS: [Client; 5] = [RUBY, PHP, JAVA, C, GO];

/// `authy-openvpn` looks for the first text that begins `token`'s letters, among the first tokens of the answer, and not at the
/// status.
fn says_valid_to_c(reply: &Reply) -> bool {
    let mut texts = reply.text().split('"').skip(1).step_by(2).take(19);
    let is_it = |text: &&str| !text.is_empty() && "token".starts_with(text);
    texts.find(is_it).is_some_and(|text| text == "token") && texts.next() == Some("is valid")
}

/// What a client knows of its bank.
struct Bank<'a> {
    client: &'a Client,
    service: &'a Service,
    user: u64,
}

impl Bank<'_> {
    async fn ask(&self, request: Request, token: &str) -> Reply {
        let fill = |text: &str| {
            text.replace("{key}", &self.service.key)
                .replace("{user}", &self.user.to_string())
                .replace("{token}", token)
                .replace("{uuid}", token)
        };
        let [line, headers, body] = request.map(fill);
        let length = match (line.starts_with("POST"), body.len()) {
            (false, 0) => String::new(),
            (_, length) => format!("Content-Length: {length}\r\n"),
        };
        let own = fill(self.client.headers);
        let raw = format!(
            "{line} HTTP/1.1\r\nHost: bank.example\r\n{own}{headers}{length}Connection: close\r\n\r\n{body}"
        );
        raw_answer(self.service, &raw).await
    }
}

async fn raw_answer(service: &Service, raw: &str) -> Reply {
    let address = service.running.as_ref().unwrap().address();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(raw.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse::<u16>().unwrap();
    Reply {
        status: StatusCode::from_u16(status).unwrap(),
        headers: HeaderMap::new(),
        body: Bytes::from(body.to_owned()),
    }
}

/// An answer that went well, as each client wants one: 200, a message, and that it is a success.
fn said(reply: &Reply, client: &Client) -> Value {
    assert_eq!(reply.status, 200, "{}: {reply:?}", client.name);
    let body = reply.json();
    assert!(body["message"].is_string(), "{}: {body}", client.name);
    assert_eq!(body["success"], true, "{}: {body}", client.name);
    body
}

#[tokio::test]
async fn every_client_has_its_users_and_their_tokens() {
    for client in &CLIENTS {
        let (phone, _guard) = Phone::new();
        let service = Service::with(&[("sms.gateway", "log")]).await;
        let mut bank = Bank {
            client,
            service: &service,
            user: 0,
        };
        let made = said(&bank.ask(client.new, "").await, client);
        assert_eq!(made["message"], "User created successfully.");
        bank.user = made["user"]["id"].as_u64().unwrap();
        assert!(bank.user < 1 << 31);
        if client.status != NONE {
            let status = said(&bank.ask(client.status, "").await, client);
            assert_eq!(status["message"], "User status.");
            assert_eq!(status["status"]["authy_id"], bank.user);
            assert!(status["status"]["devices"].is_array());
        }
        let is_valid = async |request, token: &str| {
            let reply = bank.ask(request, token).await;
            let says = (client.is_valid)(&reply);
            assert_eq!(says, reply.is_valid(), "{}: {reply:?}", client.name);
            says
        };
        if client.sms != NONE {
            let sent = said(&bank.ask(client.sms, "").await, client);
            assert!(sent["cellphone"].is_string() && sent.get("ignored").is_none());
            assert!(is_valid(client.verify, &phone.code()).await);
        }
        if client.verify_action != NONE {
            said(&bank.ask(client.sms_action, "").await, client);
            let code = phone.code();
            assert!(!is_valid(client.verify, &code).await, "{}", client.name);
            assert!(is_valid(client.verify_action, &code).await);
        }
        service.device(bank.user).await;
        assert!(!is_valid(client.verify, &service.wrong_code()).await);
        assert!(is_valid(client.verify, &service.login_code()).await);
        if client.verify_transaction != NONE {
            let code = service.example_code();
            assert!(!is_valid(client.verify, &code).await, "{}", client.name);
            assert!(is_valid(client.verify_transaction, &code).await);
            assert!(!is_valid(client.verify_transaction, &code).await);
        }
        if client.delete != NONE {
            let gone = said(&bank.ask(client.delete, "").await, client);
            assert_eq!(gone["message"], "User removed from application");
            let refusal = bank.ask(client.verify, "123456").await.refusal();
            assert_eq!(refusal, refused(404, "60026"), "{}", client.name);
        }
    }
}

#[tokio::test]
async fn every_client_has_its_approval_requests_and_verifications() {
    for client in CLIENTS.iter().filter(|client| client.approval != NONE) {
        let (phone, _guard) = Phone::new();
        let service = Service::with(&[("sms.gateway", "log")]).await;
        let user = service.user("4055550185").await;
        service.device(user).await;
        let bank = Bank {
            client,
            service: &service,
            user,
        };
        let asked = said(&bank.ask(client.approval, "").await, client);
        let uuid = asked["approval_request"]["uuid"].as_str().unwrap();
        let status = said(&bank.ask(client.approval_status, uuid).await, client);
        let status = &status["approval_request"];
        assert_eq!(status["status"], "pending");
        assert_eq!(status["seconds_to_expire"], 120, "{}", client.name);
        let none = "5f2c1d0e-3f1b-4a61-9d58-0a7c3c3e7a11";
        let none = bank.ask(client.approval_status, none).await;
        assert_eq!(
            (none.status.as_u16(), &none.json()["error_code"]),
            (404, &"60049".into())
        );

        let started = said(&bank.ask(client.start, "").await, client);
        assert!(started["carrier"].is_string() && started["is_cellphone"].is_boolean());
        assert!(started["seconds_to_expire"].is_u64());
        let code = phone.code();
        let wrong = if code == "000000" { "111111" } else { "000000" };
        let refusal = bank.ask(client.check, wrong).await.refusal();
        assert_eq!(refusal, refused(401, "60022"), "{}", client.name);
        said(&bank.ask(client.check, &code).await, client);
    }
}

/// What reaches the server past the clients' own checks.
const HOSTILE: [&str; 14] = [
    "%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96%EF%BC%97",
    "1234567%0A",
    "%0A1234567",
    "1e5678",
    "-123456",
    "12345.6",
    "+123456",
    "%2B123456",
    "0x12345",
    "1234567%00",
    "1234567%20",
    "1234567890123456",
    "12345",
    "123%34567%2F8",
];

#[tokio::test]
async fn hostile_tokens_are_invalid_for_every_client_and_whatever_they_are_for() {
    let service = Service::new().await;
    let user = service.user("4055550185").await;
    service.device(user).await;
    for client in &CLIENTS {
        let bank = Bank {
            client,
            service: &service,
            user,
        };
        for token in HOSTILE {
            for request in [
                client.verify,
                client.verify_action,
                client.verify_transaction,
            ] {
                if request == NONE {
                    continue;
                }
                let reply = bank.ask(request, token).await;
                let name = client.name;
                assert_eq!(reply.refusal(), refused(401, "60020"), "{name} {token}");
                assert_eq!(reply.json()["token"], "is invalid", "{name} {token}");
                assert!(!(client.is_valid)(&reply), "{name} {token}");
            }
            if client.check != NONE {
                let refusal = bank.ask(client.check, token).await.refusal();
                // A part of these could be a code, which then nobody waits for.
                let is_one = refusal == refused(401, "60022") || refusal == refused(404, "60023");
                assert!(is_one, "{} {token}: {refusal:?}", client.name);
            }
        }
    }
    // None of them counted against the device.
    let code = service.login_code();
    assert!(service.verify(user, &code, "force=true").await.is_valid());
}

#[tokio::test]
async fn refusals_are_read_by_every_client() {
    let mut service = Service::new().await;
    let key = service.key.clone();
    for client in &CLIENTS {
        for (key, expected) in [
            (key.clone(), refused(404, "60026")),
            ("other".to_owned(), refused(401, "60001")),
        ] {
            service.key = key;
            let bank = Bank {
                client,
                service: &service,
                user: 1,
            };
            let reply = bank.ask(client.verify, "1234567").await;
            assert_eq!(reply.refusal(), expected, "{}", client.name);
            assert!(!(client.is_valid)(&reply), "{}", client.name);
            // Java reads a number out of a text, and knows none above 60133.
            let number = expected.1.parse::<u32>().unwrap();
            assert!((60_000..=60_133).contains(&number));
        }
    }
}

#[tokio::test]
async fn what_clients_encode_wrongly_is_refused_and_never_a_login() {
    let service = Service::new().await;
    let user = service.user("4055550185").await;
    service.device(user).await;
    let (login, example) = (service.login_code(), service.example_code());
    for query in [
        // Python, with a dictionary in a dictionary.
        "details=Amount&details=To&message=Approve+money+transaction&force=true",
        "details=Amount&force=true",
        // Ruby, with a hash in a hash.
        "message=x&details=%7B%22Amount%22%3D%3E%221000+Euros%22%7D&force=true",
        "details=%7B%22Amount%22%3D%3E%221000+Euros%22%7D&force=true",
        // npm authy, with an object for force.
        "force%5Bdetails%5BAmount%5D%5D=1000",
        "force%5Bmessage%5D=x",
        "force=%5Bobject%20Object%5D",
    ] {
        for code in [&login, &example] {
            let reply = service.verify(user, code, query).await;
            let (status, number) = reply.refusal();
            assert_eq!(status, 400, "{query}: {reply:?}");
            assert!(["60002", "60004"].contains(&&*number), "{query}: {number}");
        }
    }
    assert!(service.verify(user, &login, "").await.is_valid());
    assert!(service.verify(user, &example, EXAMPLE).await.is_valid());
}

/// A query and the form of a body, of which nobody could say what they mean, and Authy's code of the refusal.
const POLLUTED: [(&str, &str, &str); 22] = [
    ("message=x&message=x", "", "60002"),
    ("message=x&message=y", "", "60002"),
    ("", "message=x&message=y", "60002"),
    ("message=x", "message=y", "60002"),
    ("message=x&details[a]=1&details[a]=1", "", "60002"),
    ("message=x&details[a]=1&details%5Ba%5D=2", "", "60002"),
    ("message=x&details[a]=1", "details[a]=2", "60002"),
    (
        "message=x&details[a]=1",
        "message=x&details%5ba%5d=2",
        "60002",
    ),
    ("message=x&details[a=1", "", "60002"),
    ("message=x&details]a[=1", "", "60002"),
    ("message=x&details[a]]=1", "", "60002"),
    ("message=x&details[[a]]=1", "", "60002"),
    ("message=x&details[a]b=1", "", "60002"),
    ("message=x&[details]=1", "", "60002"),
    ("message=x&details[a][b][c][d]=1", "", "60002"),
    ("message=x&details[a][b]=1", "", "60004"),
    ("message=x&details[]=1", "", "60004"),
    ("message=x&details=1", "details[a]=1", "60004"),
    ("message[]=x&message[]=y", "", "60004"),
    ("message=x%", "", "60002"),
    ("message=x%E9", "", "60005"),
    ("message=x&details[%FF]=1", "", "60005"),
];

#[tokio::test]
async fn parameters_that_are_polluted_are_refused_wherever_they_are_sent() {
    let service = Service::new().await;
    let user = service.user("4055550185").await;
    service.device(user).await;
    let code = service.login_code();
    let headers = [
        ("x-authy-api-key", &*service.key),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    for (method, path) in [
        (Method::GET, format!("/protected/json/verify/{code}/{user}")),
        (
            Method::POST,
            format!("/onetouch/json/users/{user}/approval_requests"),
        ),
    ] {
        for (query, body, number) in POLLUTED {
            let reply = service
                .send(method.clone(), &format!("{path}?{query}"), &headers, body)
                .await;
            let name = format!("{path} {query} {body}");
            assert_eq!(reply.refusal(), refused(400, number), "{name}");
        }
    }
    for (path, query) in [
        (format!("sms/{user}"), "action=a&action=b"),
        (format!("sms/{user}"), "force=true&force=false"),
        (
            "phones/verification/check".to_owned(),
            "country_code=1&phone_number=4055550185&verification_code=1234&verification_code=1235",
        ),
        (
            "phones/verification/check".to_owned(),
            "country_code=1&phone_number=4055550185&phone_number=4055550186&verification_code=1234",
        ),
    ] {
        let reply = service
            .authy_get(&format!("/protected/json/{path}?{query}"))
            .await;
        assert_eq!(reply.refusal(), refused(400, "60002"), "{path} {query}");
    }
    assert!(service.verify(user, &code, "").await.is_valid());
}

/// The names of a document's elements, in their order; it fails where the document is not well-formed.
fn elements(xml: &str) -> Vec<String> {
    let mut reader = quick_xml::Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let (mut names, mut open) = (Vec::new(), 0);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                names.push(start.name().as_ref().to_owned());
                open += 1;
            }
            Event::Empty(empty) => {
                names.push(empty.name().as_ref().to_owned());
            }
            Event::End(_) => open -= 1,
            Event::Eof => {
                assert_eq!(open, 0, "{xml}");
                return names;
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn every_answer_in_xml_says_what_that_in_json_says() {
    let service = Service::with(&[("sms.gateway", "log")]).await;
    let user = service.user("4055550185").await;
    service.device(user).await;
    let calls = [
        (
            Method::GET,
            format!("/protected/{{format}}/users/{user}/status"),
        ),
        (Method::GET, format!("/protected/{{format}}/sms/{user}")),
        (
            Method::GET,
            format!("/protected/{{format}}/verify/-123456/{user}"),
        ),
        (
            Method::GET,
            "/protected/{format}/verify/123456/1".to_owned(),
        ),
        (Method::GET, "/protected/{format}/app/details".to_owned()),
        (Method::GET, format!("/protected/{{format}}/call/{user}")),
        (
            Method::GET,
            "/protected/{format}/phones/verification/check".to_owned(),
        ),
        (Method::POST, "/protected/{format}/users/new".to_owned()),
        (
            Method::POST,
            format!("/onetouch/{{format}}/users/{user}/approval_requests?message=%3C%26%22"),
        ),
        (
            Method::GET,
            "/onetouch/{format}/approval_requests/5f2c1d0e-3f1b-4a61-9d58-0a7c3c3e7a11".to_owned(),
        ),
        (Method::GET, "/protected/{format}/none".to_owned()),
    ];
    for (method, path) in calls {
        let json = service
            .authy(method.clone(), &path.replace("{format}", "json"))
            .await;
        let xml = service
            .authy(method, &path.replace("{format}", "xml"))
            .await;
        assert_eq!(json.status, xml.status, "{path}");
        assert_eq!(
            xml.headers["content-type"],
            "application/xml; charset=utf-8"
        );
        let names = elements(xml.text());
        let root = if json.status == 200 { "hash" } else { "errors" };
        assert_eq!(names.first().map(String::as_str), Some(root), "{path}");
        for name in ["message", "success"] {
            assert!(names.iter().any(|known| known == name), "{path}: {names:?}");
        }
        if root == "errors" {
            let code = json.json()["error_code"].as_str().unwrap().to_owned();
            let element = format!("<error-code>{code}</error-code>");
            assert!(xml.text().contains(&element), "{path}: {}", xml.text());
        } else {
            let fields = json.json().as_object().unwrap().len();
            assert!(names.len() > fields, "{path}: {names:?}");
        }
    }
}
