//! `serve`: from an empty folder to a service, its end, and what it refuses.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod common;

use std::fs::{self, File};
use std::process::Command;
use std::thread;
use std::time::Duration;

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

/// Starts it as a supervisor does, which keeps what it writes; ends it, and gives that.
fn supervised(mut command: Command) -> String {
    let folder = Folder::new("serve-journal");
    let journal = folder.file("journal");
    let file = File::create(&journal).unwrap();
    let mut child = command
        .stdout(file.try_clone().unwrap())
        .stderr(file)
        .spawn()
        .unwrap();
    let said = || fs::read_to_string(&journal).unwrap();
    while !said().contains("serving http") {
        assert_eq!(child.try_wait().unwrap(), None, "{}", said());
        thread::sleep(Duration::from_millis(10));
    }
    let id = child.id().to_string();
    let status = Command::new("kill").args(["-s", "TERM", &id]).status();
    assert!(status.unwrap().success());
    assert!(child.wait().unwrap().success(), "{}", said());
    said()
}

#[test]
fn a_key_goes_into_a_file_and_not_into_a_journal() {
    let folder = Folder::new("serve-key-file");
    let file = folder.file("api-key");
    let mut before = String::new();
    for arguments in [
        &["--key-file", &*file][..],
        &["--key-file", &file, "--new-key"],
    ] {
        let journal = supervised(serve(&folder, arguments));
        assert!(journal.contains(&file), "{journal}");
        assert_eq!(common::mode(&file), 0o600);
        let written = fs::read_to_string(&file).unwrap();
        let key = written.strip_suffix('\n').unwrap();
        assert_eq!(key.len(), 40);
        assert!(!journal.contains(key), "{journal}");
        assert_ne!(key, before);
        before = key.to_owned();
        let service = Service::start(serve(&folder, &[]));
        assert_eq!(service.key(), None);
        assert!(service.get("/metrics", key).starts_with("HTTP/1.1 200"));
        service.end();
    }
    // Without a new key the file is left alone; where it cannot be written, that is said.
    let journal = supervised(serve(&folder, &["--key-file", &file]));
    assert!(!journal.contains(&file), "{journal}");
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    let journal = supervised(serve(&folder, &["--new-key", "--key-file", &file]));
    assert!(journal.contains("which nobody has"), "{journal}");
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
    let said = refused(
        &folder,
        &["--set", "limits.connections=4000000000000000000"],
    );
    assert!(
        said.contains("limits.connections is 1 to 1000000"),
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
