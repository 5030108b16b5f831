//! The service as processes: several on one database, and one that is killed.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects,
    reason = "a test may panic"
)]

mod common;
#[allow(
    dead_code,
    unreachable_pub,
    clippy::string_slice,
    reason = "a part of it is used here"
)]
#[path = "../../txotp-store/tests/support/postgres.rs"]
mod postgres;

use std::process::Command;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::device::Device;
use common::service::Service;
use common::{Folder, command};
use postgres::Cluster;
use serde_json::{Value, json};
use txotp_uri::OwnedTransaction;

fn serve(store: &str, keys: &str) -> Command {
    let mut command = command(&["serve", "--listen", "127.0.0.1:0", "--keys", keys]);
    command
        .env("TXOTP_STORE", store)
        .env("TXOTP_LOG_LEVEL", "warn");
    command
}

fn init(store: &str, keys: &str) {
    let mut command = command(&["store", "init", "--keys", keys]);
    let made = command.env("TXOTP_STORE", store).output().unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
}

/// A request to judge the code of this moment for a payment.
fn verification(device: &Device, number: usize) -> Value {
    let parts = json!({ "message": "Pay", "details": { "No": number.to_string() } });
    let pairs = [("No".to_owned(), number.to_string())];
    let transaction = OwnedTransaction::from_parts("Pay", pairs, []).unwrap();
    let code = device.code(&transaction.as_transaction());
    json!({ "device": device.name, "transaction": parts, "code": code })
}

/// Creates the transaction of a request, and gives where its code is judged, and the request for that.
fn by_id(service: &Service, key: &str, wish: &Value) -> Option<(String, Value)> {
    let new = json!({ "device": wish["device"], "transaction": wish["transaction"] });
    let (status, made) = service.post("/v1/transactions", key, &new)?;
    assert_eq!(status, 201, "{made}");
    let id = made["transaction"]["id"].as_str().unwrap();
    let path = format!("/v1/transactions/{id}/verify");
    Some((path, json!({ "code": wish["code"] })))
}

const ROUNDS: usize = 100;
const CALLERS: usize = 50;

#[test]
fn of_fifty_callers_of_two_processes_one_is_told_accepted_each_time() {
    let Some(cluster) =
        Cluster::new("of_fifty_callers_of_two_processes_one_is_told_accepted_each_time")
    else {
        return;
    };
    let folder = Folder::new("service-two");
    let keys = folder.file("keys");
    init(&cluster.url(), &keys);
    let first = Service::start(serve(&cluster.url(), &keys));
    let key = first.key().unwrap().to_owned();
    let second = Service::start(serve(&cluster.url(), &keys));
    assert_eq!(second.key(), None);
    let services = [&first, &second];
    for round in 0..ROUNDS {
        let device = Device::enrol(services[round % 2], &key, &format!("phone {round}")).unwrap();
        let wish = verification(&device, round);
        // In turn with the transaction in the request, and by the id of one.
        let (path, wish) = if round % 2 == 0 {
            ("/v1/verify".to_owned(), wish)
        } else {
            by_id(services[round / 2 % 2], &key, &wish).unwrap()
        };
        let accepted = AtomicUsize::new(0);
        let barrier = Barrier::new(CALLERS);
        thread::scope(|scope| {
            for caller in 0..CALLERS {
                let (service, key, path, wish, barrier, accepted) = (
                    services[caller % 2],
                    &key,
                    &path,
                    &wish,
                    &barrier,
                    &accepted,
                );
                scope.spawn(move || {
                    barrier.wait();
                    match service.post(path, key, wish).unwrap() {
                        (200, verdict) if verdict["accepted"] == true => {
                            accepted.fetch_add(1, Ordering::Relaxed);
                        }
                        (200, verdict) if path == "/v1/verify" => {
                            assert_eq!(verdict["reason"], "replay");
                        }
                        (status, problem) => {
                            assert_eq!((status, path == "/v1/verify"), (409, false), "{problem}");
                        }
                    }
                });
            }
        });
        assert_eq!(accepted.into_inner(), 1, "round {round}");
    }
    first.end();
    second.end();
}

/// How many codes are accepted before a kill, at least, and how long that may take where this machine is busy.
const BEFORE: usize = 2;
const PATIENCE: Duration = Duration::from_secs(60);

/// Lets four callers work until the service is killed; gives what they gave. A caller counts what is accepted, and ends when the
/// service does.
fn until_killed<T: Send>(
    mut service: Service,
    after: Duration,
    call: impl Fn(&Service, &AtomicUsize) -> Vec<T> + Sync,
) -> Vec<T> {
    let count = AtomicUsize::new(0);
    let found = thread::scope(|scope| {
        let (ours, count, call) = (&service, &count, &call);
        let callers: Vec<_> = (0..4)
            .map(|_| scope.spawn(move || call(ours, count)))
            .collect();
        let begun = Instant::now();
        while count.load(Ordering::Relaxed) < BEFORE && begun.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(after);
        ours.signal("KILL");
        let callers = callers.into_iter();
        callers.flat_map(|caller| caller.join().unwrap()).collect()
    });
    service.child.wait().unwrap();
    found
}

/// How many codes of a device are accepted in one window; more would be refused until it has passed.
const CODES: usize = 8;

/// Gives requests to judge codes, of one new device after another, until `judge` finds that the service is gone; counts those that
/// are accepted, as all are.
fn judge_each(
    service: &Service,
    key: &str,
    number: &AtomicUsize,
    count: &AtomicUsize,
    mut judge: impl FnMut(Value) -> Option<(u16, Value)>,
) {
    loop {
        let name = format!("phone {}", number.fetch_add(1, Ordering::Relaxed));
        let Some(device) = Device::enrol(service, key, &name) else {
            return;
        };
        for code in 0..CODES {
            match judge(verification(&device, code)) {
                Some((200, verdict)) if verdict["accepted"] == true => {
                    count.fetch_add(1, Ordering::Relaxed);
                }
                Some((status, verdict)) => panic!("{status} {verdict}"),
                None => return,
            }
        }
    }
}

/// Kills a service under load and starts it again, twenty times. `judge` has a code judged, and notes what `check` looks at after
/// the restart.
fn killed_again_and_again<T: Send>(
    name: &str,
    judge: impl Fn(&Service, &str, Value, &mut Vec<T>) -> Option<(u16, Value)> + Sync,
    check: impl Fn(&Service, &str, &T),
) {
    let folder = Folder::new(name);
    let (store, keys) = (folder.file("bank.db"), folder.file("keys"));
    let mut service = Service::start(serve(&store, &keys));
    let key = service.key().unwrap().to_owned();
    let (mut all, number) = (0, AtomicUsize::new(0));
    for round in 0..20u64 {
        let after = Duration::from_millis(100 + 13 * round);
        let noted = until_killed(service, after, |service, count| {
            let mut noted = Vec::new();
            judge_each(service, &key, &number, count, |wish| {
                judge(service, &key, wish, &mut noted)
            });
            noted
        });
        all += noted.len();
        service = Service::start(serve(&store, &keys));
        for one in &noted {
            check(&service, &key, one);
        }
    }
    assert!(all > 20, "only {all} were judged before the kills");
    service.end();
    let checked = command(&["store", "check", "--store", &store, "--keys", &keys]).output();
    assert!(checked.unwrap().status.success());
}

#[test]
fn what_a_killed_service_said_is_accepted_is_never_accepted_again() {
    killed_again_and_again(
        "service-killed",
        |service, key, wish, accepted| {
            let answer = service.post("/v1/verify", key, &wish)?;
            accepted.push(wish);
            Some(answer)
        },
        |service, key, wish| {
            let (status, verdict) = service.post("/v1/verify", key, wish).unwrap();
            assert_eq!(
                (status, &verdict["reason"]),
                (200, &json!("replay")),
                "{verdict}"
            );
        },
    );
}

#[test]
fn a_killed_service_leaves_a_transaction_accepted_by_a_used_code_or_neither() {
    killed_again_and_again(
        "service-killed-between",
        |service, key, wish, asked| {
            let (path, typed) = by_id(service, key, &wish)?;
            // Answered or not.
            asked.push((path.trim_end_matches("/verify").to_owned(), wish));
            service.post(&path, key, &typed)
        },
        |service, key, (path, wish)| {
            let shown = service.get(path, key);
            let is_accepted = shown.contains(r#""status":"accepted""#);
            assert!(
                is_accepted || shown.contains(r#""status":"pending""#),
                "{shown}"
            );
            let (status, verdict) = service.post("/v1/verify", key, wish).unwrap();
            let is_used = verdict["reason"] == "replay";
            assert!(status == 200 && (is_used || verdict["accepted"] == true));
            assert_eq!(is_accepted, is_used, "{verdict}");
        },
    );
}
