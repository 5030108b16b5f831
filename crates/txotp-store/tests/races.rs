//! Races: 64 threads of 4 processes, all at once. A code is accepted once, and a wrong one is compared no
//! more often than the policy has attempts.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod support;

use std::collections::BTreeMap;
use std::io::BufRead as _;
use std::sync::Barrier;
use std::thread;

use support::bank::{
    Place, act_at, after, device, on_each_database, right, transaction, user, wrong,
};
use support::bank::{enrol, unwatched};
use support::child::{Child, part, say};
use txotp_core::UnixTime;
use txotp_store::{Vault, Who};
use txotp_verifier::Lock;

const PROCESSES: usize = 4;
const THREADS: usize = 16;
const CALLERS: usize = PROCESSES * THREADS;

/// How often each answer was given.
type Tally = BTreeMap<String, usize>;

on_each_database! {
    one_code_is_accepted_once
    wrong_codes_get_no_more_attempts_than_the_policy_has
}

fn one_code_is_accepted_once(place: &Place) {
    let vault = place.create();
    enrol(&vault, "phone", "alice");
    enrol(&vault, "tablet", "alice");
    let mut children = start(place);
    for round in 0..200 {
        let tally = race(&mut children, &format!("right {round}"));
        let expected = [("accepted", 1), ("replay", CALLERS - 1)];
        assert_eq!(tally, Tally::from(expected.map(owned)), "round {round}");
    }
    end(children, &vault);
}

fn wrong_codes_get_no_more_attempts_than_the_policy_has(place: &Place) {
    const ROUNDS: u64 = 40;
    let vault = place.create();
    for round in 0..ROUNDS {
        for name in ["phone", "tablet", "token"] {
            enrol(&vault, &format!("{name} {round}"), &format!("user {round}"));
        }
    }
    let mut children = start(place);
    for round in 0..ROUNDS {
        // One device; a user with three; both at once.
        let game = ["device", "user", "both"][usize::try_from(round % 3).unwrap()];
        let tally = race(&mut children, &format!("{game} {round}"));
        let compared = tally["wrong-code"];
        if game == "both" {
            // Those that name the device lock it for nobody else; those that name the user lock all.
            assert!((5..=10).contains(&compared), "round {round}: {tally:?}");
        } else {
            assert_eq!(compared, 5, "round {round}: {tally:?}");
        }
        assert_eq!(
            tally["locked"],
            CALLERS - compared,
            "round {round}: {tally:?}"
        );
        for name in ["phone", "tablet", "token"] {
            let is_asked = game != "device" || name == "phone";
            let expected = if is_asked { 5 } else { 0 };
            let name = format!("{name} {round}");
            assert_eq!(failures(&vault, &name), expected, "round {round}");
            let state = vault.device(device(&name)).wait().unwrap().state;
            assert_eq!(state.lock() != Lock::None, is_asked, "round {round}");
        }
    }
    end(children, &vault);
}

/// How often the evidence says that a wrong code was compared.
fn failures(vault: &Vault, name: &str) -> usize {
    let entries = vault.history(device(name), 0).wait().unwrap();
    entries
        .iter()
        .filter(|entry| entry.reason.as_deref() == Some("wrong-code"))
        .count()
}

fn start(place: &Place) -> Vec<Child> {
    let mut children: Vec<_> = (0..PROCESSES)
        .map(|_| Child::start(&[&place.text]))
        .collect();
    for child in &mut children {
        assert_eq!(child.hear().as_deref(), Some("ready"));
    }
    children
}

/// Lets all callers of all processes go, and counts what they are told.
fn race(children: &mut [Child], game: &str) -> Tally {
    for child in &mut *children {
        child.tell(game);
    }
    let mut tally = Tally::new();
    for child in children {
        for _ in 0..THREADS {
            *tally.entry(child.hear().unwrap()).or_default() += 1;
        }
    }
    tally
}

fn end(children: Vec<Child>, vault: &Vault) {
    for child in children {
        child.finish();
    }
    let report = vault.check(unwatched()).wait().unwrap();
    assert!(report.is_clean(), "{report:?}");
}

fn owned((answer, count): (&str, usize)) -> (String, usize) {
    (answer.to_owned(), count)
}

#[test]
#[ignore = "the other tests start it, as a process of its own"]
fn child() {
    let [place] = &part()[..] else {
        return;
    };
    let place: txotp_store::Location = place.parse().unwrap();
    let vault = Vault::open(&place, support::bank::keys(), Default::default()).unwrap();
    say("ready");
    for game in std::io::stdin().lock().lines() {
        let game = game.unwrap();
        let (game, round) = game.split_once(' ').unwrap();
        let round: u64 = round.parse().unwrap();
        let barrier = Barrier::new(THREADS);
        thread::scope(|scope| {
            for caller in 0..THREADS {
                let (vault, barrier) = (&vault, &barrier);
                let attempt = attempt(game, round, caller);
                scope.spawn(move || {
                    barrier.wait();
                    say(&judge(vault, round, attempt));
                });
            }
        });
    }
}

/// What a caller says: whose code it is, which, and when.
fn attempt(game: &str, round: u64, caller: usize) -> (Who, String, UnixTime) {
    let of_device = caller.is_multiple_of(2);
    if game == "right" {
        let now = after(30 * round);
        let who = if of_device {
            device("phone").into()
        } else {
            user("alice").into()
        };
        return (who, right("phone", round, now), now);
    }
    let (now, phone) = (after(0), format!("phone {round}"));
    let who = if game == "device" || (game == "both" && of_device) {
        device(&phone).into()
    } else {
        user(&format!("user {round}")).into()
    };
    (who, wrong(&phone, round, now), now)
}

fn judge(vault: &Vault, round: u64, (who, code, now): (Who, String, UnixTime)) -> String {
    let answer = vault.verify(who, transaction(round), &code, act_at(now));
    match answer.wait() {
        Ok(answer) => answer.judgement.reason().unwrap_or("accepted").to_owned(),
        Err(error) => format!("error {}", error.name()),
    }
}
