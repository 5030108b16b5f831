//! `serve`: from an empty folder to a service, its end, and what it refuses.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod common;

use std::process::Command;

use common::service::Service;
use common::{Folder, command, finish};
use serde_json::Value;

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
    let service = Service::start(serve(&folder, &[]));
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
    let service = Service::start(serve(&folder, &[]));
    assert_eq!(service.key(), None);
    assert!(service.get("/metrics", &key).starts_with("HTTP/1.1 200"));
    service.end();

    let service = Service::start(serve(&folder, &["--new-key"]));
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
    let service = Service::start(serve(&folder, &["--config", &file]));
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
    let service = Service::start(serve(&folder, &said));
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
    let service = Service::start(serve(&folder, &[]));
    let taken = service.told["url"]
        .as_str()
        .unwrap()
        .trim_start_matches("http://")
        .to_owned();
    let said = refused(&folder, &["--listen", &taken]);
    assert!(said.contains("cannot be listened on"), "{said}");
    service.end();
}
