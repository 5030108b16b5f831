//! A store on PostgreSQL, by the command alone: made, filled, asked, checked, rotated and exported. The server is the
//! test's own, as in `txotp-store`'s tests.
#![cfg(unix)]
#![allow(
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic, and uses its part of what others share"
)]

mod common;
#[path = "../../txotp-store/tests/support/postgres.rs"]
mod postgres;

use common::bank::{AT, Bank, WRONG};
use common::{Run, STRING, finish};
use postgres::Cluster;

/// A command with the store on a server, and the keys in the bank's folder.
fn on(cluster: &Cluster, bank: &Bank, arguments: &[&str]) -> Run {
    let mut command = common::command(arguments);
    command
        .env("TXOTP_STORE", cluster.url())
        .env("TXOTP_KEYS_FILE", bank.folder.file("keys"));
    finish(command.output().unwrap())
}

#[test]
fn a_store_on_postgresql_is_run_by_the_command() {
    let Some(cluster) = Cluster::new("a_store_on_postgresql_is_run_by_the_command") else {
        return;
    };
    let bank = Bank::bare("postgres");
    let run = |arguments: &[&str]| on(&cluster, &bank, arguments);
    let made = run(&["store", "init"]).exits(0);
    assert!(made.text().starts_with("made store"), "{}", made.text());
    let again = run(&["store", "init"]).exits(2);
    assert!(
        again.stderr.contains("(already-a-store)"),
        "{}",
        again.stderr
    );

    let phone = [
        "--user",
        "alice",
        "--device",
        "phone",
        "--seed-file",
        &bank.seed,
    ];
    run(&[&["device", "add"], &phone[..]].concat()).exits(0);
    let listed = run(&["device", "list"]).exits(0);
    assert!(
        listed.text().starts_with("phone\talice\tactive\t"),
        "{}",
        listed.text()
    );

    let at = AT.to_string();
    let verify = |code: &str| {
        run(&[
            "verify", "--user", "alice", "--at", &at, "--code", code, STRING,
        ])
    };
    let code = bank.code(AT);
    let accepted = verify(&code).exits(0);
    assert_eq!(
        accepted.text(),
        "accepted step 56666666 drift +0 device phone\n"
    );
    assert!(verify(&code).exits(1).text().starts_with("refused replay "));
    assert!(
        verify(WRONG)
            .exits(1)
            .text()
            .starts_with("refused wrong-code attempts 4 ")
    );

    let older = bank.folder.file("older.jsonl");
    run(&["audit", "export", "-o", &older]).exits(0);
    common::run(&["audit", "verify", &older]).exits(0);
    run(&["keys", "new"]).exits(0);
    let rotated = run(&["keys", "rotate", "--json"]).exits(0).json();
    assert_eq!(rotated["resealed"], 1);
    let audit = ["audit", "verify", "--against", &older, "--json"];
    let evidence = run(&audit).exits(0).json();
    assert_eq!(
        (&evidence["with_keys"], &evidence["entries"]),
        (&true.into(), &6.into())
    );
    assert_eq!(
        run(&["store", "check", "--json"]).exits(0).json()["ok"],
        true
    );
    let copied = run(&["store", "backup", &bank.folder.file("copy")]).exits(2);
    assert!(copied.stderr.contains("pg_basebackup"), "{}", copied.stderr);

    // What is done beside the program is found.
    cluster.sql("UPDATE txotp_audit SET line = replace(line, 'wrong-code', 'wrong_code')");
    let found = run(&audit).exits(1).json();
    let faults = found["findings"].as_array().unwrap().iter();
    let mut faults: Vec<_> = faults
        .map(|found| found["fault"].as_str().unwrap())
        .collect();
    faults.sort_unstable();
    assert_eq!(faults, ["altered", "forged", "rewritten"]);
}
