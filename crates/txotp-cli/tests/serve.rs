//! `serve`: from an empty folder to a service, its end, and what it refuses.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

use common::{Folder, command, finish};
use serde_json::Value;

/// A service that listens, and what it said first.
struct Service {
    child: Child,
    stdout: BufReader<ChildStdout>,
    told: Value,
}

impl Service {
    fn start(folder: &Folder, arguments: &[&str]) -> Self {
        let mut child = serve(folder, arguments)
            .arg("--json")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let told = serde_json::from_str(&line).unwrap_or_else(|_| {
            let mut said = String::new();
            child
                .stderr
                .take()
                .unwrap()
                .read_to_string(&mut said)
                .unwrap();
            panic!("{line}{said}")
        });
        Self {
            child,
            stdout,
            told,
        }
    }

    fn key(&self) -> Option<&str> {
        self.told["key"].as_str()
    }

    /// The status of a request, and all that came with it.
    fn get(&self, path: &str, key: &str) -> String {
        let address = self.told["url"]
            .as_str()
            .unwrap()
            .trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Ends it as a supervisor does; gives what it still wrote to standard output, and to standard error.
    fn end(mut self) -> (String, String) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        let [mut out, mut log] = [String::new(), String::new()];
        self.stdout.read_to_string(&mut out).unwrap();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut log)
            .unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{log}");
        (out, log)
    }
}

fn serve(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = command(&["serve", "--store", &folder.file("bank.db")]);
    if !arguments.contains(&"--listen") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    command.args(arguments);
    command
}

fn refused(folder: &Folder, arguments: &[&str]) -> String {
    finish(serve(folder, arguments).output().unwrap())
        .exits(2)
        .stderr
}

#[test]
fn the_first_start_makes_store_keys_and_one_api_key() {
    let folder = Folder::new("serve-first");
    let service = Service::start(&folder, &[]);
    let key = service.key().unwrap().to_owned();
    assert_eq!(key.len(), 40);
    for file in ["bank.db", "bank.db.keys"] {
        assert_eq!(common::mode(&folder.file(file)), 0o600, "{file}");
    }
    assert!(service.get("/metrics", &key).starts_with("HTTP/1.1 200"));
    let (out, log) = service.end();
    assert_eq!(out, "");
    assert!(log.contains("bank.db.keys"), "{log}");
    assert!(!log.contains(&key), "the key is in the log");

    // The key stays good, and there is no other.
    let service = Service::start(&folder, &[]);
    assert_eq!(service.key(), None);
    assert!(service.get("/metrics", &key).starts_with("HTTP/1.1 200"));
    service.end();

    let service = Service::start(&folder, &["--new-key"]);
    let second = service.key().unwrap().to_owned();
    assert_ne!(second, key);
    for key in [&key, &second] {
        assert!(service.get("/metrics", key).starts_with("HTTP/1.1 200"));
    }
    service.end();
}

#[test]
fn settings_come_from_a_file_the_environment_and_options() {
    let folder = Folder::new("serve-settings");
    let file = folder.write(
        "txotp.toml",
        "public_url = 'https://file.example/'\n[log]\nformat = 'json'\n",
    );
    let service = Service::start(&folder, &["--config", &file]);
    assert_eq!(service.told["url"], "https://file.example");
    let (_, log) = service.end();
    let last = log.lines().last().unwrap();
    assert!(serde_json::from_str::<Value>(last).is_ok(), "{last}");
    let said = [
        "--config",
        &file,
        "--set",
        "public_url=https://option.example",
    ];
    let service = Service::start(&folder, &said);
    assert_eq!(service.told["url"], "https://option.example");
    service.end();
}

#[test]
fn what_cannot_be_served_is_refused_by_name() {
    let folder = Folder::new("serve-refused");
    let said = refused(&folder, &["--set", "limits.body=1"]);
    assert!(said.contains("there is no setting limits.body"), "{said}");
    let said = refused(&folder, &["--set", "sms.gateway=pigeon"]);
    assert!(
        said.contains("sms.gateway") && !said.contains("pigeon"),
        "{said}"
    );
    let said = refused(&folder, &["--listen", "0.0.0.0:0"]);
    assert!(said.contains("tls.allow_plain_http"), "{said}");
    let said = refused(
        &folder,
        &["--tls-certificate", "none.pem", "--tls-key", "none.pem"],
    );
    assert!(
        said.contains("tls.certificate is no readable file"),
        "{said}"
    );
    let service = Service::start(&folder, &[]);
    let taken = service.told["url"]
        .as_str()
        .unwrap()
        .trim_start_matches("http://")
        .to_owned();
    let said = refused(&folder, &["--listen", &taken]);
    assert!(said.contains("cannot be listened on"), "{said}");
    service.end();
}
