//! `approve`: a device of the command line, at a service of the command line.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use common::{Folder, command, finish};
use serde_json::{Value, json};

/// A service with a device that is enrolled there.
struct Bank {
    child: Child,
    folder: Folder,
    url: String,
    key: String,
}

impl Bank {
    fn start(name: &str) -> Self {
        let folder = Folder::new(name);
        let store = folder.file("bank.db");
        let mut child = command(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--json",
            "--store",
            &store,
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        let text = |name: &str| told[name].as_str().unwrap().to_owned();
        let (url, key) = (text("url"), text("key"));
        let bank = Self {
            child,
            folder,
            url,
            key,
        };
        let made = bank.post("/v1/devices", &json!({"user": "alice", "device": "phone"}));
        let key_uri = made["enrolment"]["key_uri"].as_str().unwrap();
        let (_, secret) = key_uri.split_once("secret=").unwrap();
        let seed = secret.split('&').next().unwrap();
        bank.folder.write("seed.txt", seed);
        let key = bank.post("/v1/devices/phone/keys", &json!(null));
        bank.folder.write("phone.key", key["key"].as_str().unwrap());
        bank
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let address = self.url.trim_start_matches("http://");
        let (key, body) = (&self.key, body.to_string());
        let mut stream = TcpStream::connect(address).unwrap();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    fn ask(&self) -> String {
        let transaction = json!({
            "message": "Pay", "details": {"To": "ACME"}, "hidden_details": {"No": "secret-7"},
        });
        let asked = self.post(
            "/v1/approvals",
            &json!({"user": "alice", "transaction": transaction}),
        );
        asked["id"].as_str().unwrap().to_owned()
    }

    fn approve(&self, arguments: &[&str]) -> Command {
        let (key, seed) = (self.folder.file("phone.key"), self.folder.file("seed.txt"));
        let mut command = command(&["approve", "--url", &self.url]);
        command.args(["--device-key-file", &key, "--seed-file", &seed]);
        command.args(arguments);
        command
    }
}

impl Drop for Bank {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_request_is_listed_shown_and_answered_once() {
    let bank = Bank::start("approve-once");
    let first = bank.ask();
    let second = bank.ask();
    let listed = finish(bank.approve(&[]).output().unwrap()).exits(0);
    let listed = listed.text().to_owned();
    for part in [&first, &second, "message\tPay", "detail\tTo\tACME"] {
        assert!(listed.contains(part), "{listed}");
    }
    assert!(!listed.contains("secret-7"), "{listed}");
    let approved = finish(bank.approve(&["--approve", &first]).output().unwrap());
    let approved = approved.exits(0).text().to_owned();
    assert!(
        approved.contains("detail\tTo\tACME") && approved.contains("approved"),
        "{approved}"
    );
    let again = finish(bank.approve(&["--deny", &first]).output().unwrap()).exits(1);
    assert!(
        again.stderr.contains("no request of this id"),
        "{}",
        again.stderr
    );
    let denied = finish(
        bank.approve(&["--json", "--deny", &second])
            .output()
            .unwrap(),
    );
    let denied = denied.exits(0).json();
    assert_eq!(
        denied,
        json!({"id": second, "decision": "deny", "accepted": true, "status": "denied"})
    );
    let none = finish(bank.approve(&["--json", "--list"]).output().unwrap()).exits(0);
    assert_eq!(none.text(), "{\"approvals\":[]}\n");
}

#[test]
fn another_seed_is_refused() {
    let bank = Bank::start("approve-refused");
    let id = bank.ask();
    let other = bank.folder.write(
        "other.txt",
        "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA",
    );
    let key = bank.folder.file("phone.key");
    let refused = command(&["approve", "--url", &bank.url, "--device-key-file", &key])
        .args(["--seed-file", &other, "--approve", &id])
        .output()
        .unwrap();
    let refused = finish(refused).exits(1);
    assert!(refused.text().contains("refused"), "{}", refused.text());
    let right = finish(bank.approve(&["--approve", &id]).output().unwrap());
    assert!(right.exits(0).text().contains("approved"));
}

#[test]
fn keys_and_urls_that_do_not_serve() {
    let bank = Bank::start("approve-unusable");
    let wrong = bank.folder.write("wrong.key", "a".repeat(40));
    let unknown = command(&[
        "approve",
        "--list",
        "--url",
        &bank.url,
        "--device-key-file",
        &wrong,
    ])
    .output()
    .unwrap();
    let unknown = finish(unknown).exits(2);
    assert!(
        unknown.stderr.contains("does not know the device key"),
        "{}",
        unknown.stderr
    );
    let application = bank.folder.write("application.key", &bank.key);
    let forbidden = command(&[
        "approve",
        "--list",
        "--url",
        &bank.url,
        "--device-key-file",
        &application,
    ])
    .output()
    .unwrap();
    assert!(
        finish(forbidden)
            .exits(2)
            .stderr
            .contains("not one of an active device")
    );
    let clear = command(&[
        "approve",
        "--list",
        "--url",
        "http://bank.example",
        "--device-key-file",
        &wrong,
    ])
    .output()
    .unwrap();
    assert!(finish(clear).exits(2).stderr.contains("in the clear"));
}
