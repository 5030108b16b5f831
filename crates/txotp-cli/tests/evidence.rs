//! `audit`, `store check`, `store backup` and `store restored`: what was done to a store is found out.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use std::time::{SystemTime, UNIX_EPOCH};

use common::bank::{AT, Bank, WRONG};
use common::{SEED_BASE32, SEED_HEX};
use serde_json::Value;

/// The time by the clock of this machine.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap().as_secs()
}

/// A bank that has seen an acceptance, a failure and an act.
fn busy(test: &str) -> Bank {
    let bank = Bank::with_phone(test);
    bank.verify(&bank.code(AT), AT).exits(0);
    bank.verify(WRONG, AT).exits(1);
    bank.act("unlock").exits(0);
    bank
}

/// Exports the evidence, and gives its lines.
fn export(bank: &Bank) -> Vec<String> {
    let out = bank.folder.file("evidence.jsonl");
    let _ = std::fs::remove_file(&out);
    bank.run(&["audit", "export", "-o", &out]).exits(0);
    let text = std::fs::read_to_string(out).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Verifies lines as an export, without the keys.
fn verify(bank: &Bank, lines: &[String], code: i32) -> Value {
    let file = bank.folder.write("changed", lines.join("\n") + "\n");
    let run = common::run(&["audit", "verify", &file, "--json"]).exits(code);
    assert!(run.stderr.contains("not checked"), "{}", run.stderr);
    run.json()
}

/// The place of the one line that says this.
fn place(lines: &[String], what: &str) -> usize {
    let what = format!("\"{what}\"");
    lines.iter().position(|line| line.contains(&what)).unwrap()
}

fn book(line: &str) -> Value {
    serde_json::from_str::<Value>(line).unwrap()["book"].clone()
}

#[test]
fn evidence_that_nobody_touched_is_clean_in_the_store_and_outside() {
    let bank = busy("clean");
    let lines = export(&bank);
    let outside = verify(&bank, &lines, 0);
    assert_eq!(outside["ok"], true);
    assert_eq!(outside["with_keys"], false);
    assert_eq!(outside["entries"], 5);
    let inside = bank.run(&["audit", "verify", "--json"]).exits(0).json();
    assert_eq!(inside["with_keys"], true);
    assert_eq!(inside["entries"], 5);
    let out = bank.folder.file("evidence.jsonl");
    let again = bank.run(&["audit", "export", "-o", &out]).exits(2);
    assert!(again.stderr.contains("exists already"), "{}", again.stderr);
    #[cfg(unix)]
    assert_eq!(common::mode(&out), 0o600);
    let stdout = bank.run(&["audit", "export"]).exits(0);
    assert_eq!(stdout.text().lines().count(), lines.len());
    let piped = common::piped(&["audit", "verify", "-"], &stdout.stdout).exits(0);
    assert!(piped.text().contains("5 entries"), "{}", piped.text());
    let phone = bank.run(&["audit", "export", "--device", "phone"]).exits(0);
    let mut own: Vec<_> = phone.text().lines().collect();
    let mut expected: Vec<_> = lines
        .iter()
        .filter(|line| line.contains("\"device\":\"phone\""))
        .map(String::as_str)
        .collect();
    own.sort_unstable();
    expected.sort_unstable();
    assert_eq!(own, expected);
    assert_eq!(own.len(), 4);
}

#[test]
fn one_edited_byte_is_found_with_its_place() {
    let bank = busy("edited");
    let mut lines = export(&bank);
    let place = place(&lines, "accepted");
    lines[place] = lines[place].replace("accepted", "acceptee");
    let found = verify(&bank, &lines, 1);
    assert_eq!(found["findings"][0]["fault"], "altered");
    assert_eq!(found["findings"][0]["book"], book(&lines[place]));
    assert_eq!(found["findings"][0]["number"], 1);
    let text = common::run(&["audit", "verify", &bank.folder.file("changed")]).exits(1);
    assert!(
        text.text().contains("entry 1: edited or exchanged"),
        "{}",
        text.text()
    );
}

#[test]
fn a_history_that_was_tampered_with_drives_no_terminal() {
    let bank = busy("history");
    bank.tamper(
        r#"UPDATE txotp_audit SET line = replace(replace(line, '"tester"', '"a\u001b[2Jb\tc\u202e"'),
                                          '"wrong-code"', '"\u0007"')"#,
    );
    let history = bank.run(&["device", "history", "phone"]).exits(0);
    let escaped = r"a\u{1b}[2Jb\u{9}c\u{202e}";
    assert!(history.text().contains(escaped), "{}", history.text());
    assert!(history.text().contains(r"\u{7}"), "{}", history.text());
    let raw = |letter: char| letter.is_control() && !"\t\n".contains(letter);
    assert!(!history.text().contains(raw), "{:?}", history.text());
    assert!(
        history
            .text()
            .lines()
            .all(|line| line.split('\t').count() == 6)
    );
}

#[test]
fn a_deleted_or_a_moved_line_is_found_with_its_place() {
    let bank = busy("deleted");
    let lines = export(&bank);
    let place = place(&lines, "unlocked");
    let mut cut = lines.clone();
    let line = cut.remove(place);
    let found = verify(&bank, &cut, 1);
    let findings = found["findings"].as_array().unwrap();
    assert!(
        findings
            .iter()
            .any(|finding| finding["fault"] == "cut" && finding["book"] == book(&line)),
        "{found}"
    );
    let mut doubled = lines.clone();
    doubled.insert(place, line);
    assert_eq!(
        verify(&bank, &doubled, 1)["findings"][0]["fault"],
        "misplaced"
    );
    let mut swapped = lines;
    swapped.swap(0, 1);
    let found = verify(&bank, &swapped, 1);
    assert_eq!(found["findings"][0]["fault"], "checkpoint-misplaced");
}

#[test]
fn what_was_done_to_the_evidence_in_the_store_is_found_there() {
    let bank = busy("inside");
    bank.tamper("UPDATE txotp_audit SET line = replace(line, 'wrong-code', 'wrong_code')");
    let verified = bank.run(&["audit", "verify"]).exits(1);
    assert!(
        verified.text().contains("edited or exchanged"),
        "{}",
        verified.text()
    );
    let checked = bank.run(&["store", "check", "--json"]).exits(1).json();
    assert_eq!(checked["damaged"].as_array().unwrap().len(), 0);
    assert_eq!(checked["audit"]["ok"], false);
}

#[test]
fn a_record_that_another_program_made_is_found() {
    let bank = busy("record");
    bank.tamper("INSERT INTO txotp_record VALUES ('note', 'a', 1, NULL, NULL, zeroblob(40))");
    let checked = bank.run(&["store", "check"]).exits(1);
    let expected = "record note a: a record was changed by another program";
    assert!(checked.text().contains(expected), "{}", checked.text());
    let checked = bank.run(&["store", "check", "--json"]).exits(1).json();
    assert_eq!(checked["records"], 1);
    assert_eq!(checked["damaged_records"][0]["kind"], "note");
    assert_eq!(checked["damaged_records"][0]["key"], "a");
}

#[test]
fn a_row_that_another_program_changed_is_found_and_not_used() {
    let bank = busy("row");
    bank.add("tablet").exits(0);
    bank.run(&["store", "check"]).exits(0);
    bank.tamper("UPDATE txotp_device SET user_id = 'mallory' WHERE device = 'phone'");
    let checked = bank.run(&["store", "check"]).exits(1);
    let expected = "device phone: a row was changed by another program";
    assert!(checked.text().contains(expected), "{}", checked.text());
    let used = bank
        .verify_device("phone", &bank.code(AT + 30), AT + 30)
        .exits(2);
    assert!(used.stderr.contains("(damaged)"), "{}", used.stderr);
    // Seeds cannot be exchanged between rows either.
    bank.tamper(
        "UPDATE txotp_device SET user_id = 'alice' WHERE device = 'phone'; \
         UPDATE txotp_device SET sealed = \
         (SELECT sealed FROM txotp_device WHERE device = 'tablet') WHERE device = 'phone'",
    );
    let swapped = bank.verify_device("tablet", &bank.code(AT), AT);
    assert_ne!(swapped.code, 1, "{}", swapped.stderr);
    let phone = bank
        .verify_device("phone", &bank.code(AT + 30), AT + 30)
        .exits(2);
    assert!(phone.stderr.contains("(key)"), "{}", phone.stderr);
}

#[test]
fn a_file_that_is_no_evidence_is_not_clean() {
    let bank = Bank::bare("no-evidence");
    let empty = bank.folder.write("empty", "");
    let run = common::run(&["audit", "verify", &empty]).exits(2);
    assert!(run.stderr.contains("empty"), "{}", run.stderr);
    let hostile = "{\"v\":1,\"book\":\"\\u001b[2J\",\"number\":7,\"previous\":\"\",\
                   \"time\":1,\"event\":\"verdict\"}\n";
    let hostile = bank.folder.write("hostile", hostile);
    let run = common::run(&["audit", "verify", &hostile]).exits(1);
    assert!(!run.text().contains('\x1b'), "{}", run.text());
    assert!(run.text().contains("\\u{1b}[2J"), "{}", run.text());
}

#[test]
fn a_store_restored_from_a_backup_accepts_no_code_that_was_used_since() {
    let bank = Bank::with_phone("backup");
    bank.add_with("token", &["--suite", "OCRA-1:HOTP-SHA256-8:C-QH64"])
        .exits(0);
    let copy = bank.folder.file("copy.db");
    bank.run(&["store", "backup", &copy]).exits(0);
    #[cfg(unix)]
    assert_eq!(common::mode(&copy), 0o600);
    bank.run(&["store", "backup", &copy]).exits(2);
    let code = bank.code(AT);
    bank.verify(&code, AT).exits(0);

    for file in ["bank.db", "bank.db-wal", "bank.db-shm"] {
        let _ = std::fs::remove_file(bank.folder.file(file));
    }
    std::fs::rename(copy, bank.folder.file("bank.db")).unwrap();
    let restored = bank.run(&["store", "restored"]).exits(0);
    let now = now();
    assert!(
        restored.text().ends_with("suspended: 1\n"),
        "{}",
        restored.text()
    );
    let replay = bank.verify_device("phone", &code, AT).exits(1);
    assert!(replay.text().contains("replay"), "{}", replay.text());
    bank.verify_device("token", WRONG, AT).exits(1);
    let suspended = bank.run(&["device", "list", "--status", "suspended"]);
    assert!(suspended.text().starts_with("token\t"));
    // What a drift of ten steps could have reached is closed too.
    for at in [now, now + 90] {
        let replay = bank.verify_device("phone", &bank.code(at), at).exits(1);
        assert!(replay.text().contains("replay"), "{}", replay.text());
    }
    let later = now + 600;
    bank.verify(&bank.code(later), later).exits(0);
    bank.run(&["store", "check"]).exits(0);
}

#[test]
fn a_store_of_this_release_needs_no_migration_and_of_a_newer_one_is_refused() {
    let bank = Bank::with_phone("schema");
    let migrated = bank.run(&["store", "migrate", "--json"]).exits(0).json();
    assert_eq!(migrated["before"], migrated["after"]);
    bank.tamper("PRAGMA user_version = 999");
    for arguments in [&["store", "migrate"][..], &["store", "check"]] {
        let newer = bank.run(arguments).exits(2);
        assert!(newer.stderr.contains("(newer-schema)"), "{}", newer.stderr);
    }
}

#[test]
fn no_secret_is_in_any_output_error_or_file() {
    let bank = busy("secrets");
    let (next, login) = (bank.code(AT + 30), bank.login(AT + 30));
    bank.verify(&next, AT + 30).exits(0);
    let spoken = [
        bank.verify(&next, AT + 30),
        bank.verify(WRONG, AT + 30),
        bank.verify(&format!("{next}0"), AT + 30),
        bank.verify_device(&next, &next, AT + 30),
        bank.run(&["verify", "--user", "alice", &next, "--login"]),
        bank.run(&[
            "verify", "--user", "alice", "--store", &next, "--code", &login, "--login",
        ]),
        bank.run(&["device", "resync", "phone", "--code", &next, "--login"]),
        bank.run(&["device", "show", "phone", "--json"]),
        bank.run(&["device", "history", "phone", "--json"]),
        bank.run(&["device", "list", "--json"]),
        bank.run(&[
            "device",
            "add",
            "--user",
            SEED_BASE32,
            "--past",
            SEED_BASE32,
        ]),
        bank.run(&["keys", "new", "--keys", SEED_BASE32, SEED_BASE32]),
        bank.run(&["keys", "status"]),
        bank.run(&["store", "check", "--json"]),
        bank.run(&["audit", "export"]),
        bank.run(&["audit", "verify"]),
    ];
    let keys = String::from_utf8(bank.bytes(&["bank.db.keys"]).remove(0)).unwrap();
    let key = keys.lines().last().unwrap().split(' ').nth(1).unwrap();
    let digits = SEED_HEX.strip_prefix("hex:").unwrap();
    let secrets = [
        SEED_BASE32,
        digits,
        "12345678901234567890",
        key,
        &next,
        &login,
    ];
    for run in &spoken {
        for secret in secrets {
            let told = run.text().contains(secret) || run.stderr.contains(secret);
            assert!(!told, "{}{}", run.text(), run.stderr);
        }
    }
    for stored in bank.bytes(&["bank.db"]) {
        let holds = |secret: &str| {
            stored
                .windows(secret.len())
                .any(|part| part == secret.as_bytes())
        };
        assert!(!secrets.iter().any(|secret| holds(secret)));
        assert!(!holds("Approve money"));
    }
}

/// What an act is dated by is no matter of who acts.
#[test]
fn evidence_of_acts_has_this_machines_clock_and_that_of_a_verdict_says_where_not() {
    let begun = now();
    let bank = Bank::with_phone("dated");
    bank.act("suspend").exits(0);
    bank.act("resume").exits(0);
    bank.verify(&bank.code(AT), AT).exits(0);
    let (first, second) = (bank.login(AT + 30), bank.login(AT + 60));
    let at = (AT + 60).to_string();
    let codes = ["--code", &first, "--next-code", &second, "--login"];
    let resync = ["device", "resync", "phone", "--at", &at];
    let who = ["--actor", "tester"];
    bank.run(&[&resync[..], &codes, &who].concat()).exits(0);
    bank.run(&["store", "restored"]).exits(0);
    let is_of_a_code = |entry: &Value| {
        let event = entry["event"].as_str().unwrap();
        ["verdict", "resynchronisation"].contains(&event)
    };
    let entries: Vec<Value> = export(&bank)
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|entry: &Value| entry["event"].is_string())
        .collect();
    assert_eq!(entries.len(), 7);
    for entry in &entries {
        let (time, actor) = (entry["time"].as_u64().unwrap(), &entry["actor"]);
        let says = actor.as_str().unwrap().ends_with(" (--at)");
        assert_eq!(says, is_of_a_code(entry), "{entry}");
        assert_eq!((begun..=now()).contains(&time), !says, "{entry}");
    }
    let named = |entry: &Value| entry["actor"] == "tester (--at)";
    assert!(entries.iter().any(named));
}

#[test]
fn no_act_on_a_store_is_dated_by_who_acts() {
    let bank = Bank::with_phone("undated");
    for act in [
        "store init",
        "store restored",
        "keys rotate",
        "device add --user bob",
        "device suspend phone",
        "device resume phone",
        "device revoke phone",
        "device unlock phone",
        "device forgive-clock phone",
        "device policy phone --max-failures 3",
    ] {
        let words: Vec<_> = act.split(' ').collect();
        let refused = bank.run(&[&words[..], &["--at", "1"]].concat()).exits(2);
        assert!(refused.stderr.contains("--at"), "{act}: {}", refused.stderr);
    }
}

#[test]
fn evidence_must_go_on_from_an_older_export() {
    let bank = busy("against");
    let older = bank.folder.write("older", export(&bank).join("\n") + "\n");
    bank.run(&["store", "backup", &bank.folder.file("copy.db")])
        .exits(0);
    bank.act("suspend").exits(0);
    let newer = bank.folder.write("newer", export(&bank).join("\n") + "\n");
    let verify = |more: &[&str]| bank.run(&[&["audit", "verify", "--json"], more].concat());
    verify(&["--against", &older]).exits(0);
    verify(&["--against", &newer]).exits(0);
    let exported = common::run(&["audit", "verify", &newer, "--against", &older]);
    exported.exits(0);
    // The older one lacks what was done since.
    let cut = common::run(&["audit", "verify", &older, "--against", &newer]).exits(1);
    assert!(
        cut.text().contains("entry 1: missing from here to the end"),
        "{}",
        cut.text()
    );

    // One that was changed proves nothing, and it is said of which that is.
    let changed = std::fs::read_to_string(&older)
        .unwrap()
        .replace("accepted", "acceptee");
    let changed = bank.folder.write("changed", changed);
    let refused = verify(&["--against", &changed]).exits(1);
    assert!(
        refused.stderr.contains("older export"),
        "{}",
        refused.stderr
    );
    assert_eq!(refused.json()["findings"][0]["fault"], "altered");
    let twice = common::run(&["audit", "verify", "-", "--against", "-"]).exits(2);
    assert!(twice.stderr.contains("asked for twice"), "{}", twice.stderr);

    // A store that was put back is whole, and does not go on from what it had.
    for file in ["bank.db", "bank.db-wal", "bank.db-shm"] {
        let _ = std::fs::remove_file(bank.folder.file(file));
    }
    std::fs::rename(bank.folder.file("copy.db"), bank.folder.file("bank.db")).unwrap();
    verify(&[]).exits(0);
    let found = verify(&["--against", &newer]).exits(1).json();
    assert_eq!(found["findings"][0]["fault"], "checkpoints-cut");
}
