//! Crashes: a process under load is killed at random points. Nothing that it had answered is forgotten, and what was
//! under way took place or did not.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod support;

use std::thread;
use std::time::Duration;

use support::bank::{
    Place, act, act_at, after, device, device_key, enrolment, keys, on_each_database, policy,
    right, short_locks, transaction, unwatched, wrong,
};
use support::child::{Child, part, say};
#[cfg(feature = "postgres")]
use support::postgres::Cluster;
use support::random::Random;
use txotp_core::{Code, Digits, UnixTime};
use txotp_store::{Options, Vault};
use txotp_verifier::{Attempt, Decision, Lock, Reason, State, Verdict, decide};

/// The devices whose attempts come one after another, each from a thread of its own.
const DEVICES: u64 = 8;
/// The threads that send wrong codes of one and the same device.
const CROWD: u64 = 4;

on_each_database! {
    what_was_answered_survives_a_hundred_kills
}

fn what_was_answered_survives_a_hundred_kills(place: &Place) {
    let said = kill_a_hundred_times(place, Child::kill);
    assert!(!said.iter().any(|line| line.contains("error")), "{said:?}");
}

/// The server itself is killed, in the midst of commits; and its clients after it.
#[cfg(feature = "postgres")]
#[test]
fn what_was_answered_survives_a_hundred_kills_of_the_server() {
    let test = "what_was_answered_survives_a_hundred_kills_of_the_server";
    let Some(place) = Place::postgres(test) else {
        return;
    };
    kill_a_hundred_times(&place, |child| {
        place.server().stop_immediate();
        place.server().start();
        // What is said from here on was answered by a server that has recovered.
        child.kill()
    });
}

/// The primary dies, and a standby that every commit waited for takes its place; five times, each the last one's heir.
/// The standby is away for a moment before: what is acknowledged then would be forgotten.
#[cfg(feature = "postgres")]
#[test]
fn what_was_answered_is_there_when_a_synchronous_standby_is_promoted() {
    let test = "what_was_answered_is_there_when_a_synchronous_standby_is_promoted";
    let Some(place) = Place::postgres(test) else {
        return;
    };
    let mut load = Load::new(&place);
    let mut heirs: Vec<Cluster> = Vec::new();
    for death in 0..5 {
        let primary = heirs.last().unwrap_or_else(|| place.server());
        let standby = primary.synchronous_standby();
        load.place = primary.url_or(&standby);
        let (target, child, said) = load.start(death);
        standby.stop_immediate();
        thread::sleep(Duration::from_millis(load.random.below(200)));
        primary.stop_immediate();
        standby.start();
        standby.promote();
        // What is said from here on was answered by the heir.
        thread::sleep(Duration::from_millis(load.random.below(500)));
        let said = [said, child.kill()].concat();
        load.place = standby.url();
        load.judge(&target, &said);
        heirs.push(standby);
    }
}

/// Kills what serves a load, and gives all that was said. In four stores, since to check one takes longer the more it
/// holds.
fn kill_a_hundred_times(place: &Place, kill: impl Fn(Child) -> Vec<String>) -> Vec<String> {
    let mut all = Vec::new();
    for _ in 0..4 {
        let mut load = Load::new(place);
        for number in 0..25 {
            let (target, child, said) = load.start(number);
            let said = [said, kill(child)].concat();
            load.judge(&target, &said);
            all.extend(said);
        }
        place.clear();
    }
    assert!(all.len() > 1000, "the load was too small to show anything");
    all
}

/// A store under load, and what its devices did.
struct Load {
    /// Where the store is.
    place: String,
    random: Random,
    payers: Vec<Payer>,
}

impl Load {
    fn new(place: &Place) -> Self {
        let vault = place.create();
        for number in 0..DEVICES {
            enrol(&vault, &name(number));
        }
        Self {
            place: place.text.clone(),
            random: Random::new(),
            payers: (0..DEVICES).map(Payer::new).collect(),
        }
    }

    /// Starts a process, and hears some of its answers: until any moment.
    fn start(&mut self, kill: u64) -> (String, Child, Vec<String>) {
        let target = format!("crowd {kill}");
        enrol(&self.open(), &target);
        let next = self.payers.iter().map(|payer| payer.next.to_string());
        let next: Vec<_> = next.collect();
        let mut child = Child::start(&[&self.place, &target, &next.join(" ")]);
        let count = self.random.below(120);
        let said = (0..count).map(|_| child.hear().unwrap()).collect();
        thread::sleep(Duration::from_micros(self.random.below(3000)));
        (target, child, said)
    }

    fn open(&self) -> Vault {
        Vault::open(&self.place.parse().unwrap(), keys(), Options::default()).unwrap()
    }

    /// Opens the store after a crash, and holds it against what was answered.
    fn judge(&mut self, target: &str, said: &[String]) {
        let mut crowd_failures = 0;
        for line in said {
            let (who, answer) = line.split_once(' ').unwrap();
            match who.parse::<usize>() {
                // It is not known whether it took place; nothing came after it.
                _ if answer.starts_with("error") => {}
                Ok(number) => self.payers[number].was_answered(answer),
                Err(_) => crowd_failures += u64::from(answer == "wrong-code"),
            }
        }
        let vault = self.open();
        let report = vault.check(unwatched()).wait().unwrap();
        assert!(report.is_clean(), "{report:?}");
        for payer in &mut self.payers {
            payer.was_restarted(&vault);
        }
        let state = vault.device(device(target)).wait().unwrap().state;
        let kept = u64::from(state.locks()) * 5 + u64::from(state.failures());
        assert!(
            (crowd_failures..=crowd_failures + CROWD).contains(&kept),
            "{crowd_failures} failures were answered, and {kept} are kept"
        );
    }
}

/// What the bank knows of a device whose attempts come one after another.
struct Payer {
    number: u64,
    next: u64,
    state: State,
    last_accepted: Option<u64>,
}

impl Payer {
    fn new(number: u64) -> Self {
        Self {
            number,
            next: 0,
            state: State::new(),
            last_accepted: None,
        }
    }

    /// What the next attempt comes to, by the decision alone.
    fn decide(&self) -> Decision {
        let (code, now) = attempt(self.number, self.next);
        let attempt = Attempt {
            purpose: transaction(told(self.number, self.next)),
            code: Code::parse(&code, Digits::Eight).unwrap(),
        };
        let key = device_key(&name(self.number));
        decide(&policy(short_locks()), &key, &self.state, &attempt, now).unwrap()
    }

    fn advance(&mut self, decision: Decision) {
        if decision.verdict.is_accepted() {
            self.last_accepted = Some(self.next);
        }
        self.state = decision.next;
        self.next += 1;
    }

    fn was_answered(&mut self, answer: &str) {
        let decision = self.decide();
        assert_eq!(answer, reason(&decision.verdict));
        self.advance(decision);
    }

    /// One attempt more than was answered may have taken place. The last code that was accepted is sent again.
    fn was_restarted(&mut self, vault: &Vault) {
        let id = device(&name(self.number));
        let stored = vault.device(id.clone()).wait().unwrap().state;
        if stored != self.state {
            let under_way = self.decide();
            assert_eq!(stored, under_way.next, "{id}: neither before nor after");
            self.advance(under_way);
        }
        let Some(accepted) = self.last_accepted else {
            return;
        };
        let (code, now) = attempt(self.number, accepted);
        let purpose = transaction(told(self.number, accepted));
        // Not before the last acceptance, and yet within the window of the code.
        let answer = vault
            .verify(id, purpose, &code, act_at(now))
            .wait()
            .unwrap();
        assert!(!answer.judgement.is_accepted());
        let expected = match self.state.lock().at(now) {
            Lock::None => Reason::Replay,
            Lock::Until(_) | Lock::Permanent => Reason::Locked,
        };
        assert_eq!(answer.judgement.reason(), Some(expected.name()));
    }
}

fn name(number: u64) -> String {
    format!("device {number}")
}

fn enrol(vault: &Vault, name: &str) {
    let enrolment = enrolment(name, name, short_locks());
    vault.enrol(enrolment, act()).wait().unwrap();
}

/// The attempts of a device, in their order: half are right, a third are wrong, and the others are the right
/// code of the attempt before, again.
fn attempt(number: u64, place: u64) -> (String, UnixTime) {
    let (name, now) = (name(number), after(30 * place));
    let told = told(number, place);
    let code = match kind(number, place) {
        Kind::Right => right(&name, told, now),
        Kind::Wrong => wrong(&name, told, now),
        Kind::Again => right(&name, told, after(30 * (place - 1))),
    };
    (code, now)
}

/// The number of the transaction that an attempt is for.
fn told(number: u64, place: u64) -> u64 {
    match kind(number, place) {
        Kind::Again => place - 1,
        Kind::Right | Kind::Wrong => place,
    }
}

enum Kind {
    Right,
    Wrong,
    Again,
}

fn kind(number: u64, place: u64) -> Kind {
    let draw = |place| Random::from_seed((number << 32) | place).below(6);
    match draw(place) {
        0..=2 => Kind::Right,
        5 if place > 0 && draw(place - 1) <= 2 => Kind::Again,
        _ => Kind::Wrong,
    }
}

fn reason(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted(_) => "accepted",
        Verdict::Refused(refusal) => refusal.reason.name(),
    }
}

#[test]
#[ignore = "the other tests start it, as a process that is killed"]
fn child() {
    let [place, target, next] = &part()[..] else {
        return;
    };
    // The server may be killed before it was reached.
    let Ok(vault) = Vault::open(&place.parse().unwrap(), keys(), Options::default()) else {
        return;
    };
    let next = next.split(' ').map(|number| number.parse::<u64>().unwrap());
    thread::scope(|scope| {
        let vault = &vault;
        for (number, next) in (0..).zip(next) {
            scope.spawn(move || {
                for place in next.. {
                    let (code, now) = attempt(number, place);
                    let told = told(number, place);
                    if !verify(vault, &name(number), &number.to_string(), told, &code, now) {
                        break;
                    }
                }
            });
        }
        for member in 0..CROWD {
            scope.spawn(move || {
                for number in 0.. {
                    let now = after(number * CROWD + member);
                    let code = wrong(target, number, now);
                    if !verify(vault, target, "crowd", number, &code, now) {
                        break;
                    }
                }
            });
        }
    });
}

/// Sends an attempt, and says what came of it; whether another may follow.
fn verify(vault: &Vault, name: &str, who: &str, told: u64, code: &str, now: UnixTime) -> bool {
    let answer = vault.verify(device(name), transaction(told), code, act_at(now));
    match answer.wait() {
        Ok(answer) => say(&format!(
            "{who} {}",
            answer.judgement.reason().unwrap_or("accepted")
        )),
        Err(error) => {
            say(&format!("{who} error {}", error.name()));
            return false;
        }
    }
    true
}
