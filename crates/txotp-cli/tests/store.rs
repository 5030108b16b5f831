//! `store`, `keys`, `device` and the durable `verify`: from an empty folder to evidence.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::bank::{AT, Bank, WRONG};
use common::{Run, SEED_BASE32, STRING, run};

/// Fails unless the command was refused for this reason.
#[track_caller]
fn refused(run: Run, reason: &str) {
    let run = run.exits(2);
    assert!(
        run.stderr.contains(&format!("({reason})")),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("\nadvice: "), "{}", run.stderr);
    assert_eq!(run.text(), "");
}

#[test]
fn init_makes_store_and_keys_for_their_owner_only_and_never_twice() {
    let bank = Bank::bare("init");
    let made = bank.run(&["store", "init"]).exits(0);
    assert!(made.stderr.contains("back them up"), "{}", made.stderr);
    #[cfg(unix)]
    for file in ["bank.db", "bank.db.keys"] {
        assert_eq!(common::mode(&bank.folder.file(file)), 0o600, "{file}");
    }
    let before = bank.bytes(&["bank.db", "bank.db.keys"]);
    refused(bank.run(&["store", "init"]), "already-a-store");
    assert_eq!(bank.bytes(&["bank.db", "bank.db.keys"]), before);
    // Without its key file it is a store all the same.
    std::fs::remove_file(bank.folder.file("bank.db.keys")).unwrap();
    refused(bank.run(&["keys", "new"]), "key");
    assert!(!std::fs::exists(bank.folder.file("bank.db.keys")).unwrap());
    // A key file that was made is not removed: another run may have made the store under it.
    let again = bank.run(&["store", "init"]);
    assert!(again.stderr.contains("key file stays"), "{}", again.stderr);
    refused(again, "already-a-store");
    let made = bank.bytes(&["bank.db.keys"]);
    let again = bank.run(&["store", "init"]);
    assert!(!again.stderr.contains("key file stays"), "{}", again.stderr);
    refused(again, "already-a-store");
    assert_eq!(bank.bytes(&["bank.db.keys"]), made);
}

#[test]
fn init_overwrites_no_file_that_is_no_store() {
    let bank = Bank::bare("init-other");
    bank.folder.write("bank.db", "somebody's diary");
    bank.run(&["store", "init"]).exits(2);
    assert_eq!(bank.bytes(&["bank.db"]), [b"somebody's diary"]);
    refused(bank.run(&["store", "check", "--keys", "x"]), "key");
}

#[test]
fn a_code_is_accepted_once_and_failures_lock_until_an_administrator_unlocks() {
    let bank = Bank::with_phone("verify");
    let code = bank.code(AT);
    let accepted = bank.verify(&code, AT).exits(0);
    assert_eq!(
        accepted.text(),
        "accepted step 56666666 drift +0 device phone\n"
    );
    let replay = bank.verify(&code, AT).exits(1);
    assert!(replay.text().starts_with("refused replay "));
    let wrong = WRONG;
    for left in [4, 3, 2, 1] {
        let failed = bank.verify(wrong, AT).exits(1);
        let expected = format!("refused wrong-code attempts {left} next-lock temporary\n");
        assert_eq!(failed.text(), expected);
    }
    let locked = bank.verify(wrong, AT).exits(1);
    assert_eq!(
        locked.text(),
        "refused wrong-code locked until 2023-11-14T22:14:20Z\n"
    );
    let next = AT + 30;
    let refused = bank.verify(&bank.code(next), next).exits(1);
    assert_eq!(
        refused.text(),
        "refused locked until 2023-11-14T22:14:20Z\n"
    );
    bank.act("unlock").exits(0);
    bank.verify(&bank.code(next), next).exits(0);
    bank.verify(&bank.code(next), next).exits(1);
}

#[test]
fn a_verdict_as_json_says_what_is_left() {
    let bank = Bank::with_phone("verify-json");
    let verify = |code: &str, device: &str| {
        let at = AT.to_string();
        let who = ["--device", device, "--at", &at, "--json"];
        bank.run(&[&["verify", "--code", code, STRING], &who[..]].concat())
    };
    let accepted = verify(&bank.code(AT), "phone").exits(0).json();
    assert_eq!(accepted["accepted"], true);
    assert_eq!(accepted["device"], "phone");
    assert_eq!(accepted["step"], 56_666_666);
    assert_eq!(accepted["attempts_left"], serde_json::Value::Null);
    let wrong = verify(WRONG, "phone").exits(1).json();
    assert_eq!(wrong["reason"], "wrong-code");
    assert_eq!(wrong["attempts_left"], 4);
    assert_eq!(wrong["next_lock"], "temporary");
    let unknown = verify("12345678", "tablet").exits(2);
    let error: serde_json::Value = serde_json::from_str(&unknown.stderr).unwrap();
    assert_eq!(error["reason"], "unknown-device");
    assert_eq!(unknown.text(), "");
}

#[test]
fn what_is_for_a_store_and_what_is_for_a_trial_are_not_mixed() {
    let bank = Bank::with_phone("mixed");
    let verify = ["verify", "--code", "12345678", STRING];
    for (more, message) in [
        (&["--user", "alice", "--past", "2"][..], "given together"),
        (&["--user", "alice", "--suite", "x"], "given together"),
        (&["--device", "a", "--seed-file", "x"], "given together"),
        (&["--device", "a", "--user", "b"], "given together"),
        (&["--user", "alice", "--login"], "given together"),
        (&["--store", "bank.db"], "--user <USER>|--device <DEVICE>"),
        (&["--actor", "me"], "--user <USER>|--device <DEVICE>"),
        (&["--user", ""], "a name is empty"),
    ] {
        let run = bank.run(&[&verify, more].concat()).exits(2);
        assert!(run.stderr.contains(message), "{more:?}: {}", run.stderr);
        assert!(run.stderr.contains("txotp help verify"), "{}", run.stderr);
    }
    // A variable alone does not turn a trial into an act on the store.
    let seeded = common::seeded(&[&verify[..], &["--at", "1700000000"]].concat());
    assert_eq!(seeded.exits(1).text(), "refused wrong-code\n");
}

#[test]
fn suspended_and_revoked_devices_accept_nothing() {
    let bank = Bank::with_phone("status");
    let code = bank.code(AT);
    assert_eq!(bank.act("suspend").exits(0).text(), "suspended phone\n");
    refused(bank.act("suspend"), "not-possible");
    let device = |code: &str| bank.verify_device("phone", code, AT);
    let inactive = device(&code).exits(1);
    assert_eq!(inactive.text(), "refused suspended device phone\n");
    let without = bank.verify(&code, AT).exits(1);
    assert_eq!(without.text(), "refused suspended\n");
    bank.act("resume").exits(0);
    device(&code).exits(0);
    bank.act("revoke").exits(0);
    assert_eq!(
        device(&code).exits(1).text(),
        "refused revoked device phone\n"
    );
    for act in ["resume", "revoke", "unlock", "forgive-clock"] {
        refused(bank.act(act), "not-possible");
    }
    refused(bank.add("phone"), "already-enrolled");
}

#[test]
fn two_login_codes_resynchronise_a_clock_that_went_astray() {
    let bank = Bank::with_phone("resync");
    // 40 minutes slow: far outside the window.
    let slow = AT - 2400;
    let (first, second) = (bank.login(slow), bank.login(slow + 30));
    bank.verify(&bank.code(slow), AT).exits(1);
    let at = AT.to_string();
    let resync = |first: &str, second: &str| {
        let codes = ["--code", first, "--next-code", second, "--login"];
        bank.run(&[&["device", "resync", "phone", "--at", &at], &codes[..]].concat())
    };
    resync(&second, &first).exits(1);
    let done = resync(&first, &second).exits(0);
    assert!(done.text().starts_with("accepted step "), "{}", done.text());
    resync(&first, &second).exits(1);
    bank.verify(&bank.code(slow + 60), AT + 30).exits(0);
}

#[test]
fn a_policy_under_which_guessing_is_too_easy_is_refused() {
    let bank = Bank::new("policy");
    let suite = ["--suite", "OCRA-1:HOTP-SHA256-6:QH64-T30S"];
    bank.add_with("phone", &suite).exits(0);
    let policy = |more: &[&str]| bank.run(&[&["device", "policy", "phone"], more].concat());
    let wide = policy(&["--past", "10", "--future", "10", "--temporary-locks", "10"]);
    refused(wide, "bad-policy");
    policy(&["--past", "32"]).exits(2);
    policy(&["--max-failures", "5"]).exits(2);
    policy(&["--max-failures", "3", "--past", "2"]).exits(0);
    let shown = bank.run(&["device", "show", "phone", "--json"]).exits(0);
    let policy = &shown.json()["policy"];
    assert_eq!(policy["max_failures"], 3);
    assert_eq!(policy["past"], 2);
    assert_eq!(policy["future"], 1);
}

#[test]
fn a_new_seed_is_handed_out_once_and_an_imported_one_never() {
    let bank = Bank::new("add");
    let add = |more: &[&str]| bank.run(&[&["device", "add", "--user", "bob"], more].concat());
    let fresh = add(&["--issuer", "ACME", "--json"]).exits(0).json();
    let uri = fresh["enrolment"]["uri"].as_str().unwrap();
    assert!(uri.starts_with("otpauth://totp/ACME:bob?secret="), "{uri}");
    assert_eq!(fresh["device"].as_str().unwrap().len(), 16);
    let text = add(&["--device", "plain"]).exits(0);
    assert!(text.text().contains("\nuri\totpauth://totp/bob?secret="));
    // The same seed comes back by its Key URI, and is not shown.
    let file = bank.folder.write("uri", format!("{uri}\n"));
    let imported = add(&["--device", "again", "--key-uri-file", &file]).exits(0);
    assert!(!imported.text().contains("otpauth"), "{}", imported.text());
    assert!(!imported.stderr.contains("otpauth"), "{}", imported.stderr);
    let picture = bank.folder.file("enrolment.png");
    add(&["--device", "drawn", "-o", &picture]).exits(0);
    let read = run(&["read", &picture]).exits(0);
    assert!(read.text().contains("account\tbob"), "{}", read.text());
    // A file that is there, or cannot be, is refused before the device is enrolled.
    let nowhere = bank.folder.file("no-folder/enrolment.png");
    for file in [&picture, &nowhere] {
        let late = add(&["--device", "late", "-o", file]).exits(2);
        assert!(!late.stderr.contains("is enrolled"), "{}", late.stderr);
    }
    // And a file is not left, or lost, where the device is not enrolled.
    let left = bank.folder.file("left.png");
    add(&["--device", "drawn", "-o", &left]).exits(2);
    assert!(!std::fs::exists(&left).unwrap());
    let before = std::fs::read(&picture).unwrap();
    add(&["--device", "drawn", "--force", "-o", &picture]).exits(2);
    assert_eq!(std::fs::read(&picture).unwrap(), before);
    add(&["--device", "late"]).exits(0);
    // A variable that is set for something else gives no two devices one seed.
    let with_seed = bank
        .command(&["device", "add", "--user", "eve"])
        .env("TXOTP_SEED", SEED_BASE32)
        .output()
        .unwrap();
    let text = String::from_utf8(with_seed.stdout).unwrap();
    assert!(text.contains("uri") && !text.contains(SEED_BASE32));
}

#[test]
fn a_suite_that_no_key_uri_expresses_is_enrolled_by_its_seed() {
    let bank = Bank::new("pin");
    let pin = bank.folder.write("pin", "1234\n");
    let suite = ["--suite", "OCRA-1:HOTP-SHA256-8:C-QH64-PSHA1"];
    let add = ["device", "add", "--user", "bob", "--device", "token"];
    let pin = ["--pin-file", &pin];
    let fresh = bank.run(&[&add[..], &suite, &pin].concat()).exits(2);
    assert!(fresh.stderr.contains("--seed-file"), "{}", fresh.stderr);
    let seed = ["--seed-file", &bank.seed];
    bank.run(&[&add[..], &suite, &seed].concat()).exits(2);
    bank.run(&[&add[..], &suite, &seed, &pin, &["--counter", "7"]].concat())
        .exits(0);
    let code = run(&[&["code", STRING, "--counter", "9"], &suite[..], &seed, &pin].concat());
    let code = code.exits(0).text().trim_end().to_owned();
    let accepted = bank.verify_device("token", &code, AT).exits(0);
    assert_eq!(accepted.text(), "accepted counter 9 device token\n");
}

#[test]
fn lists_and_portraits_are_complete() {
    let bank = Bank::with_phone("list");
    bank.add("tablet").exits(0);
    bank.act("suspend").exits(0);
    let list = |more: &[&str]| bank.run(&[&["device", "list"], more].concat()).exits(0);
    let names = |run: &Run| -> Vec<String> {
        let lines = run.text().lines();
        lines
            .map(|line| line.split('\t').next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&list(&[])), ["phone", "tablet"]);
    assert_eq!(names(&list(&["--status", "suspended"])), ["phone"]);
    assert_eq!(names(&list(&["--user", "nobody"])), [""; 0]);
    let json = list(&["--json", "--user", "alice"]).json();
    assert_eq!(json["devices"][1]["device"], "tablet");
    let none = list(&["--json", "--status", "revoked"]).json();
    assert_eq!(none["devices"].as_array().unwrap().len(), 0);
    let shown = bank.run(&["device", "show", "phone"]).exits(0);
    for part in ["status\tsuspended\n", "guess\t1 in ", "attempts left\t5\n"] {
        assert!(shown.text().contains(part), "{}", shown.text());
    }
    let history = bank.run(&["device", "history", "phone", "--json"]).exits(0);
    let entries = &history.json()["entries"];
    assert_eq!(entries[0]["event"], "device-enrolled");
    assert_eq!(entries[1]["status"], "suspended");
    assert_eq!(entries[1]["actor"], "tester");
    refused(bank.run(&["device", "history", "nope"]), "unknown-device");
}

#[test]
fn every_new_command_has_help_with_examples() {
    for command in [
        "store init",
        "store migrate",
        "store check",
        "store backup",
        "store restored",
        "keys new",
        "keys rotate",
        "keys status",
        "device add",
        "device list",
        "device show",
        "device suspend",
        "device resume",
        "device revoke",
        "device unlock",
        "device resync",
        "device policy",
        "device forgive-clock",
        "device history",
        "audit export",
        "audit verify",
    ] {
        let words: Vec<_> = command.split(' ').collect();
        let help = run(&[&words[..], &["--help"]].concat()).exits(0);
        let help = help.text();
        let examples = help.split_once("Examples:\n").unwrap().1;
        assert!(examples.contains(&format!("txotp {command}")), "{help}");
        let wrong = run(&[&words[..], &["--fly"]].concat()).exits(2);
        let advice = format!("see `txotp help {command}`");
        assert!(wrong.stderr.contains(&advice), "{}", wrong.stderr);
        let bash = run(&["completions", "bash"]);
        assert!(bash.text().contains(words[1]), "{command}");
    }
}

#[test]
fn a_password_in_an_argument_is_a_warning_and_in_no_error() {
    for url in [
        "postgres://txotp:sesame@127.0.0.1:1/bank",
        "postgres://127.0.0.1:1/bank?user=txotp&password=sesame",
    ] {
        let run = run(&["store", "migrate", "--store", url]).exits(2);
        assert!(run.stderr.starts_with("warning: "), "{}", run.stderr);
        assert!(run.stderr.contains("TXOTP_STORE"), "{}", run.stderr);
        assert!(!run.stderr.contains("sesame"), "{}", run.stderr);
    }
    let quiet = common::command(&["store", "migrate"])
        .env("TXOTP_STORE", "postgres://txotp:sesame@127.0.0.1:1/bank")
        .output()
        .unwrap();
    let stderr = String::from_utf8(quiet.stderr).unwrap();
    assert!(stderr.starts_with("error: "), "{stderr}");
    assert!(!stderr.contains("sesame"), "{stderr}");
}
