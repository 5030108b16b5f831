//! Callbacks of a service that is killed again and again: none is lost, and none tells what did not take place.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects,
    reason = "a test may panic"
)]

mod common;
#[allow(
    dead_code,
    unreachable_pub,
    clippy::string_slice,
    reason = "a part of it is used here"
)]
#[path = "../../txotp-store/tests/support/postgres.rs"]
mod postgres;
#[allow(unreachable_pub, reason = "the server's tests use it too")]
#[path = "../../txotp-server/tests/support/signed.rs"]
mod signed;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use common::device::Device;
use common::service::Service;
use common::{Folder, command};
use postgres::Cluster;
use serde_json::{Value, json};
use txotp_server::Decision;
use txotp_uri::OwnedTransaction;

/// How often the service is killed.
const KILLS: u64 = 12;
const CALLERS: usize = 3;
/// How many requests a user answers: more codes of one device at once could be refused.
const ANSWERS: usize = 4;
/// How many answers count before a kill, at least.
const BEFORE: usize = 2;
/// How long it is waited for callbacks: far longer than the half minute for which who died has taken one.
const PATIENCE: Duration = Duration::from_secs(240);

fn serve(store: &str, keys: &str) -> Command {
    let mut command = command(&["serve", "--listen", "127.0.0.1:0", "--keys", keys]);
    command
        .args(["--set", "callbacks.allow_private=true"])
        .args(["--set", "callbacks.timeout_seconds=2"])
        .env("TXOTP_STORE", store)
        .env("TXOTP_LOG_LEVEL", "error");
    command
}

/// A callback that came.
struct Callback {
    signature: String,
    nonce: String,
    body: Value,
    /// Whether the application said that it has it.
    is_taken: bool,
}

/// An application that is called back.
struct Receiver {
    url: String,
    came: Arc<Mutex<Vec<Callback>>>,
}

impl Receiver {
    /// Every tenth time it has no time, and wants to hear it again.
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let came = Arc::new(Mutex::new(Vec::new()));
        let list = Arc::clone(&came);
        thread::spawn(move || {
            for (place, stream) in listener.incoming().enumerate() {
                // Who was killed between leaves half a callback, or none.
                if let Some(callback) = receive(&stream.unwrap(), place % 10 != 0) {
                    list.lock().unwrap().push(callback);
                }
            }
        });
        Self { url, came }
    }
}

fn receive(mut stream: &TcpStream, is_taken: bool) -> Option<Callback> {
    let mut reader = BufReader::new(stream);
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => drop(headers.insert(name.to_owned(), value.to_owned())),
            None if line == "\r\n" => break,
            None if line.ends_with('\n') => {}
            None => return None,
        }
    }
    let mut body = vec![0; headers["content-length"].parse().unwrap()];
    reader.read_exact(&mut body).ok()?;
    let status = if is_taken {
        "204 No Content"
    } else {
        "503 Busy"
    };
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    // Whether it is heard is not known to who answers.
    let _ = stream.write_all(answer.as_bytes());
    Some(Callback {
        signature: headers.remove("x-authy-signature")?,
        nonce: headers.remove("x-authy-signature-nonce")?,
        body: serde_json::from_slice(&body).unwrap(),
        is_taken,
    })
}

/// A request that was asked.
struct Asked {
    decision: Decision,
    /// Whether the device was told that its answer counts.
    is_confirmed: bool,
}

/// A bank with its service.
struct Bank {
    store: String,
    keys: String,
    /// A key that administers, and the application's, which asks.
    admin: String,
    application: String,
    receiver: Receiver,
    number: AtomicUsize,
    asked: Mutex<BTreeMap<String, Asked>>,
}

impl Bank {
    fn serve(&self) -> Service {
        Service::start(serve(&self.store, &self.keys))
    }

    /// Lets callers ask and answer, until the service is killed.
    fn until_killed(&self, after: Duration) {
        let mut service = self.serve();
        let enough = self.confirmed() + BEFORE;
        thread::scope(|scope| {
            for _ in 0..CALLERS {
                scope.spawn(|| while self.answer_some(&service).is_some() {});
            }
            let begun = Instant::now();
            while self.confirmed() < enough && begun.elapsed() < PATIENCE {
                thread::sleep(Duration::from_millis(1));
            }
            thread::sleep(after);
            service.signal("KILL");
        });
        service.child.wait().unwrap();
    }

    fn confirmed(&self) -> usize {
        let all = self.asked.lock().unwrap();
        all.values().filter(|asked| asked.is_confirmed).count()
    }

    /// Has a new user asked, and answers; gives nothing where the service is gone.
    fn answer_some(&self, service: &Service) -> Option<()> {
        let name = format!("phone {}", self.number.fetch_add(1, Ordering::Relaxed));
        let device = Device::enrol(service, &self.admin, &name)?;
        let path = format!("/v1/devices/{}/keys", name.replace(' ', "%20"));
        let (_, made) = service.post(&path, &self.admin, &json!(null))?;
        let key = made["key"].as_str().unwrap();
        for place in 0..ANSWERS {
            let decision = [Decision::Approve, Decision::Deny][place % 2];
            self.answer_one(service, &device, key, decision)?;
        }
        Some(())
    }

    fn answer_one(
        &self,
        service: &Service,
        device: &Device,
        key: &str,
        decision: Decision,
    ) -> Option<()> {
        let transaction = json!({ "message": "Pay", "details": { "to": "bob" } });
        let wish = json!({ "user": device.user, "transaction": transaction });
        let (status, made) = service.post("/v1/approvals", &self.application, &wish)?;
        assert_eq!(status, 201, "{made}");
        let id = made["id"].as_str().unwrap();
        let asked = |is_confirmed| Asked {
            decision,
            is_confirmed,
        };
        let mut all = self.asked.lock().unwrap();
        all.insert(id.to_owned(), asked(false));
        drop(all);
        let pairs = [("to".to_owned(), "bob".to_owned())];
        let shown = OwnedTransaction::from_parts("Pay", pairs, []).unwrap();
        let bound = decision.bind(&shown, id).unwrap();
        let code = device.code(&bound.as_transaction());
        let answer = json!({ "decision": decision.name(), "code": code });
        let path = format!("/v1/device/approvals/{id}");
        let (status, outcome) = service.post(&path, key, &answer)?;
        assert_eq!(
            (status, &outcome["accepted"]),
            (200, &json!(true)),
            "{outcome}"
        );
        let mut all = self.asked.lock().unwrap();
        all.insert(id.to_owned(), asked(true));
        Some(())
    }

    /// What became of those that were decided, as the service says.
    fn decided(&self, service: &Service) -> BTreeMap<String, String> {
        let mut decided = BTreeMap::new();
        for (id, asked) in &*self.asked.lock().unwrap() {
            let path = format!("/v1/approvals/{id}");
            let answer = service.get(&path, &self.application);
            let (_, body) = answer.split_once("\r\n\r\n").unwrap();
            let seen: Value = serde_json::from_str(body).unwrap();
            let status = seen["status"].as_str().unwrap().to_owned();
            let outcome = match asked.decision {
                Decision::Approve => "approved",
                _ => "denied",
            };
            if asked.is_confirmed || status != "pending" {
                assert_eq!(status, outcome, "{id}");
                decided.insert(id.clone(), status);
            }
        }
        decided
    }

    /// Waits until each that was decided was told, and checks all that was told.
    fn check(&self, decided: &BTreeMap<String, String>) {
        let begun = Instant::now();
        loop {
            let mut missing = decided.clone();
            for callback in &*self.receiver.came.lock().unwrap() {
                let (key, url) = (&self.application, &self.receiver.url);
                let signature = signed::signature(key, url, &callback.nonce, &callback.body);
                assert_eq!(callback.signature, signature, "{}", callback.body);
                let uuid = callback.body["uuid"].as_str().unwrap();
                assert_eq!(
                    callback.body["status"].as_str(),
                    decided.get(uuid).map(String::as_str),
                    "{uuid}"
                );
                if callback.is_taken {
                    missing.remove(uuid);
                }
            }
            if missing.is_empty() {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "never told: {missing:?}");
            thread::sleep(Duration::from_millis(100));
        }
    }
}

fn is_told_what_took_place(folder: &Folder, store: String) {
    let keys = folder.file("keys");
    let mut init = command(&["store", "init", "--keys", &keys]);
    let made = init.env("TXOTP_STORE", &store).output().unwrap();
    assert!(made.status.success());
    let first = Service::start(serve(&store, &keys));
    let admin = first.key().unwrap().to_owned();
    let receiver = Receiver::start();
    let wish = json!({ "name": "bank", "roles": ["verify"], "callback_url": receiver.url });
    let (_, made) = first.post("/v1/keys", &admin, &wish).unwrap();
    first.end();
    let bank = Bank {
        store,
        keys,
        admin,
        application: made["key"].as_str().unwrap().to_owned(),
        receiver,
        number: AtomicUsize::new(0),
        asked: Mutex::default(),
    };
    for kill in 0..KILLS {
        bank.until_killed(Duration::from_millis(150 + 29 * kill));
    }
    let last = bank.serve();
    let decided = bank.decided(&last);
    assert!(decided.len() > 20, "only {} were decided", decided.len());
    bank.check(&decided);
    last.end();
    let mut check = command(&["store", "check", "--keys", &bank.keys]);
    let checked = check.env("TXOTP_STORE", &bank.store).output().unwrap();
    assert!(checked.status.success());
}

#[test]
fn a_killed_service_loses_no_callback_and_tells_none_that_is_false() {
    let folder = Folder::new("callbacks-killed");
    is_told_what_took_place(&folder, folder.file("bank.db"));
}

#[test]
fn a_killed_service_on_postgresql_loses_no_callback_and_tells_none_that_is_false() {
    let Some(cluster) = Cluster::new(
        "a_killed_service_on_postgresql_loses_no_callback_and_tells_none_that_is_false",
    ) else {
        return;
    };
    is_told_what_took_place(&Folder::new("callbacks-postgres"), cluster.url());
}
