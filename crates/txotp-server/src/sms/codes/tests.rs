#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    reason = "a test may stop where it fails"
)]

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use txotp_core::UnixTime;
use txotp_store::{Act, Actor, Keyring, Location, Options};

use super::*;
use crate::config::Config;

const NOW: u64 = 1_700_000_000;
const TERMS: Terms = Terms {
    digits: Digits::SIX,
    seconds: 300,
    attempts: 3,
};

/// A clock that a test moves, and bytes that count up.
struct Stage(AtomicU64, AtomicU8);

impl World for Stage {
    fn now(&self) -> Result<UnixTime, Fault> {
        Ok(UnixTime::from_seconds(self.0.load(Ordering::SeqCst)))
    }

    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        bytes.fill_with(|| self.1.fetch_add(1, Ordering::SeqCst));
        Ok(())
    }
}

fn act(stage: &Stage) -> Act {
    Act {
        actor: Actor::new("test").unwrap(),
        now: stage.now().unwrap(),
    }
}

struct Bank {
    stage: Arc<Stage>,
    app: App,
    number: Phone,
    _folder: TempDir,
}

fn bank() -> Bank {
    let folder = tempfile::tempdir().unwrap();
    let place = Location::Sqlite(folder.path().join("store.db"));
    let keys = Arc::new(Keyring::new("test".parse().unwrap()).unwrap());
    let stage = Arc::new(Stage(AtomicU64::new(NOW), AtomicU8::new(0)));
    let act = act(&stage);
    let keys: Arc<dyn txotp_store::KeyService> = keys;
    Vault::create(&place, &keys, Options::default(), &act).unwrap();
    let vault = Vault::open(&place, keys, Options::default()).unwrap();
    let world = Arc::clone(&stage) as Arc<dyn World>;
    Bank {
        stage,
        app: App::new(vault, world, Config::default()),
        number: Phone::parse("1", "4055550185").unwrap(),
        _folder: folder,
    }
}

impl Bank {
    fn to<'a>(&'a self, subject: &'a str) -> Recipient<'a> {
        Recipient {
            subject,
            user: None,
            number: &self.number,
        }
    }

    async fn try_issue(&self, subject: &str, terms: &Terms) -> Option<Issued> {
        issue(&self.app, self.to(subject), None, terms)
            .await
            .unwrap()
    }

    async fn issue(&self, action: Option<&str>) -> Zeroizing<String> {
        let issued = issue(&self.app, self.to("alice"), action, &TERMS).await;
        issued.unwrap().unwrap().text
    }

    async fn check(&self, action: Option<&str>, code: &str) -> Checked {
        self.check_of("alice", action, code).await
    }

    async fn check_of(&self, subject: &str, action: Option<&str>, code: &str) -> Checked {
        let checked = check(&self.app, self.to(subject), action, code, &act(&self.stage)).await;
        checked.unwrap()
    }

    fn pass(&self, seconds: u64) {
        self.stage.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

fn other(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[tokio::test]
async fn a_right_code_works_once_and_for_its_subject_alone() {
    let bank = bank();
    let code = bank.issue(None).await;
    assert_eq!(bank.check_of("bob", None, &code).await, Checked::Nothing);
    assert_eq!(bank.check(None, &code).await, Checked::Right);
    assert_eq!(bank.check(None, &code).await, Checked::Nothing);
}

#[tokio::test]
async fn a_code_works_for_its_action_alone() {
    let bank = bank();
    let code = bank.issue(Some("pay")).await;
    assert_eq!(bank.check(None, &code).await, Checked::Wrong { left: 2 });
    assert_eq!(
        bank.check(Some(""), &code).await,
        Checked::Wrong { left: 1 }
    );
    assert_eq!(bank.check(Some("pay"), &code).await, Checked::Right);
    let code = bank.issue(None).await;
    assert_eq!(
        bank.check(Some(""), &code).await,
        Checked::Wrong { left: 2 }
    );
}

#[tokio::test]
async fn a_code_of_another_length_is_not_counted() {
    let bank = bank();
    let code = bank.issue(None).await;
    let longer = format!("{}0", other(&code));
    for not_it in [&longer, "00000", "0000000000"] {
        for action in [None, Some("pay")] {
            assert_eq!(bank.check(action, not_it).await, Checked::NotACode);
        }
    }
    for left in [2, 1, 0] {
        let wrong = bank.check(None, &other(&code)).await;
        assert_eq!(wrong, Checked::Wrong { left });
    }
    assert_eq!(bank.check(None, &code).await, Checked::Exhausted);
    assert_eq!(bank.check(None, &longer).await, Checked::NotACode);
}

#[tokio::test]
async fn a_code_that_an_older_release_issued_is_compared_with_every_text() {
    let bank = bank();
    let code = bank.issue(None).await;
    let (vault, key) = (&bank.app.vault, key(&bank.app.vault, "alice"));
    let stored = tables::find::<Sent>(vault, &key).await.unwrap().unwrap();
    let mut old = serde_json::to_value(&stored.document).unwrap();
    assert_eq!(
        old.as_object_mut().unwrap().remove("digits"),
        Some(6.into())
    );
    let old = stored.replace(&serde_json::from_value(old).unwrap());
    assert!(tables::write(vault, vec![old.unwrap()]).await.unwrap());
    let longer = bank.check(None, &format!("{}0", code.as_str())).await;
    assert_eq!(longer, Checked::Wrong { left: 2 });
    assert_eq!(bank.check(None, &code).await, Checked::Right);
}

#[tokio::test]
async fn the_newest_code_alone_works() {
    let bank = bank();
    let first = bank.issue(None).await;
    let second = bank.issue(None).await;
    assert_ne!(first, second);
    assert_eq!(bank.check(None, &first).await, Checked::Wrong { left: 2 });
    assert_eq!(bank.check(None, &second).await, Checked::Right);
}

#[tokio::test]
async fn after_the_last_attempt_even_the_right_code_is_refused() {
    let bank = bank();
    let code = bank.issue(None).await;
    for left in [2, 1, 0] {
        assert_eq!(
            bank.check(None, &other(&code)).await,
            Checked::Wrong { left }
        );
    }
    assert_eq!(bank.check(None, &code).await, Checked::Exhausted);
    assert_eq!(bank.check(None, &other(&code)).await, Checked::Exhausted);
}

#[tokio::test]
async fn a_new_code_gives_no_new_attempts_until_the_first_ones_time_is_over() {
    let bank = bank();
    let first = bank.issue(None).await;
    bank.check(None, &other(&first)).await;
    bank.check(None, &other(&first)).await;
    bank.pass(299);
    let second = bank.issue(None).await;
    assert_eq!(
        bank.check(None, &other(&second)).await,
        Checked::Wrong { left: 0 }
    );
    // There is no third, which nobody could use.
    assert!(bank.try_issue("alice", &TERMS).await.is_none());
    assert_eq!(bank.check(None, &second).await, Checked::Exhausted);
    bank.pass(1);
    let fourth = bank.issue(None).await;
    assert_eq!(
        bank.check(None, &other(&fourth)).await,
        Checked::Wrong { left: 2 }
    );
    assert_eq!(bank.check(None, &fourth).await, Checked::Right);
}

#[tokio::test]
async fn a_code_ends_at_its_second() {
    let bank = bank();
    let code = bank.issue(None).await;
    bank.pass(299);
    assert_eq!(
        bank.check(None, &other(&code)).await,
        Checked::Wrong { left: 2 }
    );
    bank.pass(1);
    assert_eq!(bank.check(None, &code).await, Checked::Nothing);
    let allowance = async || {
        crate::sweep::remove::<Allowance>(&bank.app).await.unwrap();
        let key = bank.number.reached_digest(&bank.app.vault);
        let found = tables::find::<Allowance>(&bank.app.vault, &key).await;
        found.unwrap()
    };
    crate::sweep::remove::<Sent>(&bank.app).await.unwrap();
    let key = key(&bank.app.vault, "alice");
    assert!(
        tables::find::<Sent>(&bank.app.vault, &key)
            .await
            .unwrap()
            .is_none()
    );
    assert!(allowance().await.is_some());
    bank.pass(86_400);
    assert!(allowance().await.is_none());
}

/// Many attempts at a code, so that those of its number are what ends them.
const EASY: Terms = Terms {
    attempts: 100,
    ..TERMS
};

#[tokio::test]
async fn a_number_has_10_wrong_codes_a_day_whose_ever_they_are() {
    let bank = bank();
    for round in 1..=10 {
        let subject = if round % 2 == 0 {
            "alice"
        } else {
            "verification"
        };
        let code = bank.try_issue(subject, &EASY).await.unwrap().text;
        let wrong = bank.check_of(subject, None, &other(&code)).await;
        assert_eq!(wrong, Checked::Wrong { left: 10 - round });
        // A right code gives no wrong ones back.
        let right = bank.check_of(subject, None, &code).await;
        let expected = if round < 10 {
            Checked::Right
        } else {
            Checked::Exhausted
        };
        assert_eq!(right, expected, "{round}");
        bank.pass(3600);
    }
    assert!(bank.try_issue("alice", &EASY).await.is_none());
    bank.pass(86_400 - 10 * 3600);
    // The first is a day old.
    let code = bank.try_issue("alice", &EASY).await.unwrap().text;
    let last = bank.check(None, &other(&code)).await;
    assert_eq!(last, Checked::Wrong { left: 0 });
    assert_eq!(bank.check(None, &code).await, Checked::Exhausted);
}

#[tokio::test]
async fn zeros_before_a_number_are_no_way_to_more_texts() {
    let mut bank = bank();
    let mut sent = 0;
    // One phone, where the network leaves the zeros out; the last two say the country otherwise, and are sent to it too.
    for (country_code, number) in [
        ("44", "7700900123"),
        ("44", "07700900123"),
        ("44", "007700900123"),
        ("4", "47700900123"),
        ("440", "7700900123"),
    ] {
        bank.number = Phone::parse(country_code, number).unwrap();
        for _ in 0..5 {
            sent += usize::from(bank.try_issue(number, &EASY).await.is_some());
        }
    }
    assert_eq!(sent, 5);
    bank.number = Phone::parse("44", "7700900124").unwrap();
    assert!(bank.try_issue("another", &EASY).await.is_some());
}

#[tokio::test]
async fn of_many_guesses_at_once_at_codes_of_one_number_10_are_compared() {
    let bank = Arc::new(bank());
    let mut codes = Vec::new();
    for subject in ["alice", "verification"] {
        // Both before the first guess: a number that has no guess left is sent no text.
        let code = bank.try_issue(subject, &EASY).await.unwrap().text;
        codes.push((subject, code));
    }
    let mut tasks = Vec::new();
    for (subject, code) in codes {
        for _ in 0..20 {
            let (bank, wrong) = (Arc::clone(&bank), other(&code));
            let guess = async move { bank.check_of(subject, None, &wrong).await };
            tasks.push(tokio::spawn(guess));
        }
    }
    let mut compared = 0;
    for task in tasks {
        match task.await.unwrap() {
            Checked::Wrong { .. } => compared += 1,
            checked => assert_eq!(checked, Checked::Exhausted),
        }
    }
    assert_eq!(compared, 10);
}

#[tokio::test]
async fn a_number_is_sent_5_texts_an_hour_and_20_a_day() {
    let bank = bank();
    let mut sent = 0;
    for hour in 0..24 {
        let mut of_hour = 0;
        for _ in 0..10 {
            let issued = bank.try_issue("alice", &EASY).await;
            of_hour += usize::from(issued.is_some());
        }
        assert_eq!(of_hour, if hour < 4 { 5 } else { 0 }, "{hour}");
        sent += of_hour;
        bank.pass(3600);
    }
    assert_eq!(sent, 20);
    assert!(bank.try_issue("alice", &EASY).await.is_some());
}

#[tokio::test]
async fn a_text_that_was_not_sent_is_not_counted() {
    let bank = bank();
    for _ in 0..10 {
        let issued = bank.try_issue("alice", &EASY).await.unwrap();
        not_sent(&bank.app, &bank.number, &issued).await.unwrap();
    }
    for _ in 0..5 {
        bank.try_issue("alice", &EASY).await.unwrap();
    }
    assert!(bank.try_issue("alice", &EASY).await.is_none());
}

#[tokio::test]
async fn of_many_at_once_one_is_right_and_no_more_are_wrong_than_allowed() {
    let bank = Arc::new(bank());
    let code = Arc::new(bank.issue(None).await);
    let wrong = all_at_once(&bank, &Arc::new(Zeroizing::new(other(&code)))).await;
    let counted = |checked: &Checked| matches!(checked, Checked::Wrong { .. });
    assert_eq!(wrong.iter().filter(|checked| counted(checked)).count(), 3);
    bank.pass(300);
    let code = Arc::new(bank.issue(None).await);
    let right = all_at_once(&bank, &code).await;
    let is_right = |checked: &&Checked| **checked == Checked::Right;
    assert_eq!(right.iter().filter(is_right).count(), 1);
}

async fn all_at_once(bank: &Arc<Bank>, code: &Arc<Zeroizing<String>>) -> Vec<Checked> {
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (bank, code) = (Arc::clone(bank), Arc::clone(code));
            tokio::spawn(async move { bank.check(None, &code).await })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.unwrap());
    }
    all
}

#[test]
fn bytes_that_would_favour_digits_are_not_used() {
    struct Fixed(Mutex<Vec<u8>>);
    impl World for Fixed {
        fn now(&self) -> Result<UnixTime, Fault> {
            Err(Fault::Clock)
        }
        fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
            let mut left = self.0.lock().unwrap();
            bytes.fill_with(|| left.pop().unwrap_or(u8::MAX));
            Ok(())
        }
    }
    let world = Fixed(Mutex::new(vec![9, 249, 250, 251, 255, 0, 11, 22]));
    let four = Digits::new(4).unwrap();
    assert_eq!(draw(&world, four).unwrap().as_str(), "2109");
    // What is not random gives no code, and ends.
    assert_eq!(draw(&world, four), Err(Fault::Entropy));
}

#[test]
fn a_code_has_4_to_10_digits() {
    let stage = Stage(AtomicU64::new(NOW), AtomicU8::new(0));
    for digits in 0..=u8::MAX {
        match Digits::new(digits) {
            Some(length) => assert_eq!(draw(&stage, length).unwrap().len(), usize::from(digits)),
            None => assert!(!(4..=10).contains(&digits)),
        }
    }
}

#[test]
fn what_is_kept_is_bound_to_each_part() {
    let bank = bank();
    let vault = &bank.app.vault;
    let all = [
        hash(vault, "ab", Some("c"), "123456"),
        hash(vault, "a", Some("bc"), "123456"),
        hash(vault, "abc", None, "123456"),
        hash(vault, "abc", Some(""), "123456"),
        hash(vault, "ab", Some("c1"), "23456"),
    ];
    for (place, one) in all.iter().enumerate() {
        for other in all.iter().skip(place + 1) {
            assert!(!one.matches(other.as_bytes()));
        }
    }
}
