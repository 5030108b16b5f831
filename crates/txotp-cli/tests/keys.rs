//! `keys`, and what is told where keys are missing, wrong or open to others.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::bank::{AT, Bank};
use common::{Run, run};

/// Fails unless the store did not open for this reason.
#[track_caller]
fn refused(run: Run, message: &str) {
    let run = run.exits(2);
    assert!(run.stderr.contains(message), "{}", run.stderr);
    assert!(run.stderr.contains("(key)"), "{}", run.stderr);
    assert!(run.stderr.contains("\nadvice: "), "{}", run.stderr);
}

fn status(bank: &Bank) -> Vec<(String, u64)> {
    let status = bank.run(&["keys", "status", "--json"]).exits(0).json();
    let keys = status["keys"].as_array().unwrap().iter();
    keys.map(|key| {
        let role = key["role"].as_str().unwrap().to_owned();
        (role, key["seeds"].as_u64().unwrap())
    })
    .collect()
}

fn roles(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    let expected = expected.iter();
    expected
        .map(|(role, seeds)| ((*role).to_owned(), *seeds))
        .collect()
}

#[test]
fn keys_are_rotated_while_every_seed_stays_readable() {
    let bank = Bank::with_phone("rotate");
    assert_eq!(status(&bank), roles(&[("seals", 1)]));
    let made = bank.run(&["keys", "new"]).exits(0);
    assert!(made.stderr.contains("keys rotate"), "{}", made.stderr);
    #[cfg(unix)]
    assert_eq!(common::mode(&bank.folder.file("bank.db.keys")), 0o600);
    bank.add("tablet").exits(0);
    assert_eq!(status(&bank), roles(&[("opens", 1), ("seals", 1)]));
    let rotated = bank.run(&["keys", "rotate", "--json"]).exits(0).json();
    assert_eq!(rotated["resealed"], 1);
    assert_eq!(status(&bank), roles(&[("unused", 0), ("seals", 2)]));
    bank.run(&["keys", "new", "2027-a"]).exits(0);
    refused(bank.run(&["keys", "new", "2027-a"]), "2027-a already");
    // The store's own root needs its key, though no seed may.
    bank.run(&["keys", "rotate"]).exits(0);
    assert_eq!(
        status(&bank),
        roles(&[("unused", 0), ("unused", 0), ("seals", 2)])
    );
    // What is unused can be taken out.
    let keys = String::from_utf8(bank.bytes(&["bank.db.keys"]).remove(0)).unwrap();
    let last = keys.lines().last().unwrap();
    assert!(last.starts_with("2027-a "));
    bank.folder.write("bank.db.keys", last);
    bank.verify(&bank.code(AT), AT).exits(0);
    bank.run(&["store", "check"]).exits(0);
}

#[test]
fn a_key_that_seals_no_seed_is_needed_while_the_root_is_under_it() {
    let bank = Bank::new("root");
    bank.run(&["keys", "new"]).exits(0);
    assert_eq!(status(&bank), roles(&[("opens", 0), ("seals", 0)]));
    bank.run(&["keys", "rotate"]).exits(0);
    assert_eq!(status(&bank), roles(&[("unused", 0), ("seals", 0)]));
}

#[test]
fn a_missing_or_wrong_key_is_named() {
    let bank = Bank::with_phone("wrong-key");
    let other = bank.folder.file("other.keys");
    let made = run(&["keys", "new", "--keys", &other, "k1"]).exits(0);
    assert_eq!(made.text(), "made key k1\n");
    let check = |keys: &str| bank.run(&["store", "check", "--keys", keys]);
    refused(check(&other), "is missing");
    let keys = String::from_utf8(bank.bytes(&["bank.db.keys"]).remove(0)).unwrap();
    let id = keys.lines().last().unwrap().split(' ').next().unwrap();
    let false_key = bank
        .folder
        .write("false.keys", format!("{id} {}\n", "7".repeat(64)));
    refused(check(&false_key), "does not open what was sealed under it");
    refused(check(&bank.folder.file("nowhere")), "cannot be read");
    let half = bank.folder.write("half.keys", format!("{id} 7777\n"));
    let run = check(&half);
    assert!(!run.stderr.contains("7777"), "{}", run.stderr);
    refused(run, "line 1 of the keys");
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_can_read_is_refused() {
    let bank = Bank::with_phone("shared-keys");
    common::set_mode(&bank.folder.file("bank.db.keys"), 0o640);
    for arguments in [
        &["store", "check"][..],
        &["keys", "new"],
        &["device", "list"],
    ] {
        refused(bank.run(arguments), "by others than its owner");
    }
    common::set_mode(&bank.folder.file("bank.db.keys"), 0o600);
    bank.run(&["device", "list"]).exits(0);
}

#[test]
fn keys_come_from_a_named_file_or_from_the_environment() {
    let bank = Bank::with_phone("key-sources");
    let text = bank.bytes(&["bank.db.keys"]).remove(0);
    let text = String::from_utf8(text).unwrap();
    let elsewhere = bank.folder.write("elsewhere", &text);
    std::fs::remove_file(bank.folder.file("bank.db.keys")).unwrap();
    refused(bank.run(&["device", "list"]), "cannot be read");
    bank.run(&["device", "list", "--keys", &elsewhere]).exits(0);
    let with = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = bank.command(arguments);
        command.envs(variables.iter().copied());
        common::finish(command.output().unwrap())
    };
    let (file, keys) = (
        ("TXOTP_KEYS_FILE", elsewhere.as_str()),
        ("TXOTP_KEYS", text.as_str()),
    );
    with(&[file], &["device", "list"]).exits(0);
    with(&[keys], &["device", "list"]).exits(0);
    let both = with(&[file, keys], &["device", "list"]).exits(2);
    assert!(both.stderr.contains("both set"), "{}", both.stderr);
    with(&[keys], &["keys", "new"]).exits(2);
    with(&[file], &["keys", "new"]).exits(0);
}
