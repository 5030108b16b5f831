//! `serve`: from an empty folder to a service, its end, and what it refuses.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod common;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
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
fn a_key_goes_into_a_new_file_and_not_into_a_journal() {
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
        // A service that is started anew makes no key, and leaves the file alone.
        let journal = supervised(serve(&folder, &["--key-file", &file]));
        assert!(!journal.contains(&file), "{journal}");
        assert_eq!(fs::read_to_string(&file).unwrap(), written);
        fs::remove_file(&file).unwrap();
    }
    // Where none is made, no file is left behind.
    supervised(serve(&folder, &["--key-file", &file]));
    assert!(!fs::exists(&file).unwrap());
}

#[test]
fn a_key_takes_the_place_of_nothing() {
    let folder = Folder::new("serve-key-taken");
    Service::start(serve(&folder, &[])).end();
    let mut taken = vec![folder.file("bank.db"), folder.file("bank.db.keys")];
    for (name, is_new) in [("bank.db", false), ("other.db", true)] {
        let other = folder.write("kept", "kept");
        taken.push(other.clone());
        for file in &taken {
            let before = fs::read(file).unwrap();
            let store = folder.file(name);
            let mut arguments = vec!["serve", "--listen", "127.0.0.1:0", "--store", &store];
            arguments.extend(["--key-file", file]);
            if !is_new {
                arguments.push("--new-key");
            }
            let refused = command(&arguments).output().unwrap();
            assert!(!refused.status.success());
            let said = String::from_utf8(refused.stderr).unwrap();
            assert!(said.contains("exists already"), "{said}");
            assert_eq!(fs::read(file).unwrap(), before);
        }
        assert!(!is_new || !fs::exists(folder.file(name)).unwrap());
    }
    // Nor is a key made that could be written nowhere.
    let nowhere = folder.file("nowhere/api-key");
    let refused = serve(&folder, &["--new-key", "--key-file", &nowhere]).output();
    assert!(!refused.unwrap().status.success());
}

#[test]
fn what_the_operator_has_to_know_is_said_at_start() {
    let folder = Folder::new("serve-warnings");
    let log = |arguments: &[&str]| Service::start(serve(&folder, arguments)).end().1;
    let printing = log(&["--set", "sms.gateway=log"]);
    assert!(printing.contains("for development only"), "{printing}");
    let webhook = [
        "sms.gateway=webhook",
        "sms.url=http://127.0.0.1:1",
        "sms.secret=s",
    ];
    let unreachable = log(&webhook.map(|setting| ["--set", setting]).concat());
    assert!(unreachable.contains("no text can be sent"), "{unreachable}");
}

#[test]
fn a_variable_that_is_no_setting_is_told() {
    let folder = Folder::new("serve-variables");
    let mut misspelt = serve(&folder, &[]);
    misspelt.env("TXOTP_AUTHY_ENABLE", "false");
    let (_, log) = Service::start(misspelt).end();
    assert!(log.contains("TXOTP_AUTHY_ENABLE"), "{log}");
    let mut no_text = serve(&folder, &[]);
    no_text.env("TXOTP_AUTHY_ENABLED", OsStr::from_bytes(b"f\xe4lse"));
    let refused = no_text.output().unwrap();
    assert!(!refused.status.success());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("TXOTP_AUTHY_ENABLED is not UTF-8"), "{said}");
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
