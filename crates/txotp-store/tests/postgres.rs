//! The vault on PostgreSQL: the same promises, when the server restarts, is silent, or is another one.
#![cfg(feature = "postgres")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic
)]

use std::process::Command;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use support::bank::{
    act, act_at, after, device, enrol, enrolment, keys, right, transaction, unwatched, user, wrong,
};
use support::postgres::{Cluster, PASSWORD, say_skipped};
use tempfile::TempDir;
use txotp_core::UnixTime;
use txotp_store::{Location, Options, StoreError, Vault};
use txotp_verifier::Settings;

mod support;

/// The name of the test that is running, and its server; or the test ends here, having said so.
macro_rules! cluster {
    () => {
        match Cluster::new(std::thread::current().name().unwrap_or_default()) {
            Some(cluster) => cluster,
            None => return,
        }
    };
}

/// For what comes to its end, however busy this machine is.
const PATIENT: Options = Options {
    patience: Duration::from_secs(60),
    connections: 8,
};

/// The connections that only read, besides those that write.
const READERS: usize = 3;

/// For what is waited for in vain, between what is not: as short as a busy machine allows.
const HASTY: Options = Options {
    patience: Duration::from_secs(5),
    connections: 4,
};

fn place(url: &str) -> Location {
    url.parse().unwrap()
}

fn create(url: &str) -> Result<(), StoreError> {
    Vault::create(&place(url), &keys(), PATIENT, &act())
}

fn open(url: &str, options: Options) -> Result<Vault, StoreError> {
    Vault::open(&place(url), keys(), options)
}

fn made(url: &str, options: Options) -> Vault {
    create(url).unwrap();
    open(url, options).unwrap()
}

/// When a transaction takes place: a device accepts no more than sixteen of one step.
fn time_of(number: u64) -> UnixTime {
    after(30 * (number / 8))
}

/// Judges the right code of a device for a transaction.
fn verify(vault: &Vault, name: &str, number: u64) -> Result<bool, StoreError> {
    let now = time_of(number);
    let code = right(name, number, now);
    let answer = vault.verify(device(name), transaction(number), &code, act_at(now));
    Ok(answer.wait()?.judgement.is_accepted())
}

fn assert_whole(vault: &Vault) {
    let report = vault.check(unwatched()).wait().unwrap();
    assert!(report.is_clean(), "{report:?}");
}

#[test]
fn a_store_lives_through_its_life() {
    let cluster = cluster!();
    let vault = made(&cluster.url(), PATIENT);
    enrol(&vault, "phone", "alice");
    assert_eq!(verify(&vault, "phone", 1), Ok(true));
    assert_eq!(verify(&vault, "phone", 1), Ok(false));
    let code = wrong("phone", 2, support::bank::NOW);
    let refused = vault.verify(user("alice"), transaction(2), &code, act());
    assert_eq!(
        refused.wait().unwrap().judgement.reason(),
        Some("wrong-code")
    );
    vault.suspend(device("phone"), act()).wait().unwrap();
    vault.resume(device("phone"), act()).wait().unwrap();
    vault.close();

    let vault = open(&cluster.url(), PATIENT).unwrap();
    assert_eq!(verify(&vault, "phone", 1), Ok(false));
    assert_whole(&vault);
    let history = vault.history(device("phone"), 0).wait().unwrap();
    assert_eq!(history.len(), 7);
    assert_eq!(vault.devices_after(None).wait().unwrap().devices.len(), 1);
    assert_eq!(vault.rotate(act(), unwatched()).unwrap().resealed, 0);
    assert_eq!(Vault::migrate(&place(&cluster.url()), PATIENT), Ok((2, 2)));
    assert_eq!(create(&cluster.url()), Err(StoreError::AlreadyAStore));
}

#[test]
fn of_two_who_make_a_store_one_does() {
    let cluster = cluster!();
    for round in 0..8 {
        cluster.sql(&format!("CREATE DATABASE round_{round}"));
        let url = cluster.url().replace("/txotp", &format!("/round_{round}"));
        let (start, url) = (Barrier::new(4), &url);
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let makers: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        create(url)
                    })
                })
                .collect();
            makers
                .into_iter()
                .map(|maker| maker.join().unwrap())
                .collect()
        });
        let made = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        let refused = |outcome: &&_| **outcome == Err(StoreError::AlreadyAStore);
        let others = outcomes.iter().filter(refused).count();
        assert_eq!((made, others), (1, 3), "{outcomes:?}");
        assert_whole(&open(url, PATIENT).unwrap());
    }
}

#[test]
fn one_code_at_once_from_two_processes_worth_of_threads_is_accepted_once() {
    let cluster = cluster!();
    let vaults = [
        made(&cluster.url(), PATIENT),
        open(&cluster.url(), PATIENT).unwrap(),
    ];
    enrol(&vaults[0], "phone", "alice");
    for round in 0..10 {
        let (accepted, start) = (AtomicU64::new(0), Barrier::new(128));
        std::thread::scope(|scope| {
            for thread in 0..128 {
                let (vault, accepted, start) = (&vaults[thread % 2], &accepted, &start);
                scope.spawn(move || {
                    start.wait();
                    if verify(vault, "phone", round).unwrap() {
                        accepted.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(accepted.into_inner(), 1);
    }
    assert_whole(&vaults[0]);
}

#[test]
fn a_user_has_no_more_devices_than_may_be_however_many_enrol_at_once() {
    let cluster = cluster!();
    let vault = made(&cluster.url(), PATIENT);
    let tickets: Vec<_> = (0..32)
        .map(|number| {
            let enrolment = enrolment(&format!("d{number}"), "alice", Settings::default());
            vault.enrol(enrolment, act())
        })
        .collect();
    let outcomes: Vec<_> = tickets.into_iter().map(|ticket| ticket.wait()).collect();
    let enrolled = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let refused = |outcome: &&_| **outcome == Err(StoreError::TooManyDevices);
    let refused = outcomes.iter().filter(refused).count();
    assert_eq!((enrolled, refused), (16, 16), "{outcomes:?}");
}

/// What callers were told while something happened to the server.
struct Load {
    accepted: Vec<(String, u64)>,
    errors: Vec<StoreError>,
}

/// Has 16 callers verify transactions from a first on, each with a device of its own, until the trouble is over and a while longer:
/// before and after it so many are served, also where this machine is busy.
fn under_load(vault: &Vault, first: u64, trouble: impl FnOnce()) -> Load {
    let (is_over, served) = (AtomicBool::new(false), AtomicU64::new(0));
    let serve_more = || {
        let (begun, enough) = (Instant::now(), served.load(Ordering::Relaxed) + 32);
        while served.load(Ordering::Relaxed) < enough && begun.elapsed() < PATIENT.patience {
            std::thread::sleep(Duration::from_millis(1));
        }
    };
    let mut load = Load {
        accepted: Vec::new(),
        errors: Vec::new(),
    };
    let caller = |caller: usize| {
        let name = format!("d{caller}");
        let mut told = Vec::new();
        for number in first.. {
            if is_over.load(Ordering::Relaxed) {
                break;
            }
            let answer = verify(vault, &name, number);
            served.fetch_add(u64::from(answer.is_ok()), Ordering::Relaxed);
            told.push((name.clone(), number, answer));
        }
        told
    };
    std::thread::scope(|scope| {
        let caller = &caller;
        let callers: Vec<_> = (0..16).map(|n| scope.spawn(move || caller(n))).collect();
        std::thread::sleep(Duration::from_millis(500));
        serve_more();
        trouble();
        std::thread::sleep(Duration::from_millis(1500));
        serve_more();
        is_over.store(true, Ordering::Relaxed);
        for (name, number, told) in callers.into_iter().flat_map(|one| one.join().unwrap()) {
            match told {
                Ok(true) => load.accepted.push((name, number)),
                Ok(false) => panic!("the right code of {name} for {number} was refused"),
                Err(error) => load.errors.push(error),
            }
        }
    });
    load
}

/// Every code that was acknowledged as accepted is known, where its time is not over anyhow; and everything
/// is whole.
fn assert_nothing_forgotten(vault: &Vault, load: &Load) {
    for (name, number) in &load.accepted {
        let own = load.accepted.iter().filter(|(other, _)| other == name);
        let last = own.map(|(_, number)| *number).max().unwrap();
        if time_of(*number) == time_of(last) {
            assert_eq!(verify(vault, name, *number), Ok(false), "{name} {number}");
        }
    }
    assert_whole(vault);
}

fn enrol_sixteen(vault: &Vault) {
    for number in 0..16 {
        enrol(vault, &format!("d{number}"), &format!("u{number}"));
    }
}

#[test]
fn a_server_killed_under_load_forgets_nothing_and_is_found_again() {
    let cluster = cluster!();
    let vault = made(&cluster.url(), PATIENT);
    enrol_sixteen(&vault);
    for round in 0..3 {
        let load = under_load(&vault, round * 1_000_000, || {
            cluster.stop_immediate();
            cluster.start();
        });
        // Only a commit that was under way is not known; the others are begun anew.
        assert!(
            load.errors.len() <= PATIENT.connections,
            "{:?}",
            load.errors
        );
        assert!(
            load.errors
                .iter()
                .all(|error| *error == StoreError::Unreachable)
        );
        assert!(load.accepted.len() > 16, "{}", load.accepted.len());
        assert_nothing_forgotten(&vault, &load);
        for number in 0..16 {
            vault
                .unlock(device(&format!("d{number}")), act())
                .wait()
                .unwrap();
        }
    }
}

#[test]
fn sessions_that_were_ended_while_idle_are_not_noticed() {
    let cluster = cluster!();
    let vault = made(&cluster.url(), PATIENT);
    enrol(&vault, "phone", "alice");
    let sessions = "FROM pg_stat_activity WHERE application_name = 'txotp'";
    let all = (PATIENT.connections + READERS).to_string();
    // That in which the store was made may still be about to end.
    cluster.until(&format!("SELECT count(*) {sessions}"), &all);
    let end = format!("SELECT count(pg_terminate_backend(pid)) {sessions}");
    assert_eq!(cluster.sql(&end), all);
    for number in 0..8 {
        assert_eq!(verify(&vault, "phone", number), Ok(true));
    }
}

#[test]
fn without_a_server_callers_are_told_and_with_it_served_again() {
    let cluster = cluster!();
    let vault = made(&cluster.url(), HASTY);
    enrol(&vault, "phone", "alice");
    cluster.stop_immediate();
    assert_eq!(
        open(&cluster.url(), HASTY).err(),
        Some(StoreError::Unreachable)
    );
    for number in 0..8 {
        assert_eq!(
            verify(&vault, "phone", number),
            Err(StoreError::Unreachable)
        );
    }
    cluster.start();
    for number in 0..8 {
        assert_eq!(verify(&vault, "phone", number), Ok(true));
    }
    assert_whole(&vault);
}

#[test]
fn a_silent_server_is_not_waited_for_without_an_end() {
    let cluster = cluster!();
    let vault = made(&cluster.url(), HASTY);
    enrol(&vault, "phone", "alice");
    cluster.freeze("-STOP");
    let silent = verify(&vault, "phone", 1);
    let opened = open(&cluster.url(), HASTY).err();
    cluster.freeze("-CONT");
    assert_eq!(silent, Err(StoreError::Unreachable));
    assert_eq!(opened, Some(StoreError::Unreachable));
    assert_eq!(verify(&vault, "phone", 2), Ok(true));
    assert_whole(&vault);
}

#[test]
fn a_row_that_another_session_holds_is_busy() {
    let cluster = cluster!();
    let vault = made(&cluster.url(), HASTY);
    enrol(&vault, "phone", "alice");
    let mut holder =
        cluster.session("BEGIN; SELECT 1 FROM txotp_device FOR UPDATE; SELECT pg_sleep(60)");
    cluster.until(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'",
        "1",
    );
    assert_eq!(verify(&vault, "phone", 1), Err(StoreError::Busy));
    holder.kill().unwrap();
    holder.wait().unwrap();
    cluster
        .sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
    assert_eq!(verify(&vault, "phone", 1), Ok(true));
}

#[test]
fn what_is_no_store_of_this_release_is_refused() {
    let cluster = cluster!();
    let url = cluster.url();
    assert_eq!(open(&url, PATIENT).err(), Some(StoreError::NotAStore));
    assert_eq!(
        Vault::migrate(&place(&url), PATIENT),
        Err(StoreError::NotAStore)
    );
    drop(made(&url, PATIENT));
    cluster.sql("UPDATE txotp_meta SET value = '3' WHERE name = 'schema'");
    assert_eq!(open(&url, PATIENT).err(), Some(StoreError::NewerSchema));
    assert_eq!(
        Vault::migrate(&place(&url), PATIENT),
        Err(StoreError::NewerSchema)
    );
    assert_eq!(create(&url), Err(StoreError::AlreadyAStore));
    cluster.sql("UPDATE txotp_meta SET value = 'x' WHERE name = 'schema'");
    assert!(matches!(
        open(&url, PATIENT).err(),
        Some(StoreError::Damaged(_))
    ));
}

#[test]
fn a_login_that_is_refused_says_so() {
    let cluster = cluster!();
    let url = |password: &str, database: &str| {
        let port = cluster.port();
        format!("postgres://postgres:{password}@127.0.0.1:{port}/{database}")
    };
    let password = PASSWORD.replace(' ', "%20");
    drop(made(&url(&password, "txotp"), PATIENT));
    assert!(open(&url(&password, "txotp"), PATIENT).is_ok());
    let refused = |url: &str| assert_eq!(open(url, PATIENT).err(), Some(StoreError::Refused));
    refused(&url("wrong", "txotp"));
    refused(&url(&password, "nothing"));
    refused(&format!(
        "postgres://postgres@127.0.0.1:{}/txotp",
        cluster.port()
    ));
    refused(&format!("{}?sslmode=require", url(&password, "txotp")));
    cluster.sql("CREATE ROLE reader LOGIN");
    refused(&cluster.url().replace("postgres@", "reader@"));
}

#[test]
fn a_server_that_acknowledges_too_soon_is_refused() {
    let cluster = cluster!();
    drop(made(&cluster.url(), PATIENT));
    let refused = |url: &str| assert_eq!(open(url, PATIENT).err(), Some(StoreError::NotDurable));
    for value in ["off", "local", "remote_write"] {
        let options = format!("?options=-c%20synchronous_commit%3D{value}");
        refused(&format!("{}{options}", cluster.url()));
        cluster.sql(&format!(
            "ALTER DATABASE txotp SET synchronous_commit = {value}"
        ));
        refused(&cluster.url());
    }
    cluster.sql("ALTER DATABASE txotp SET synchronous_commit = remote_apply");
    assert!(open(&cluster.url(), PATIENT).is_ok());
    cluster.configure("fsync = off");
    cluster.reload();
    cluster.until("SHOW fsync", "off");
    refused(&cluster.url());
}

#[test]
fn a_standby_promoted_under_load_knows_every_code_that_was_accepted() {
    let cluster = cluster!();
    let standby = cluster.synchronous_standby();
    let both = |one: &Cluster, other: &Cluster| {
        format!(
            "postgres://postgres@{},{}/txotp",
            one.socket(),
            other.socket()
        )
    };
    let vault = made(&both(&cluster, &standby), PATIENT);
    enrol_sixteen(&vault);
    assert_eq!(
        open(&standby.url(), PATIENT).err(),
        Some(StoreError::ReadOnly)
    );
    // The standby first: it is asked, and does not write.
    drop(open(&both(&standby, &cluster), PATIENT).unwrap());
    let load = under_load(&vault, 0, || {
        cluster.stop_immediate();
        standby.promote();
    });
    assert!(
        load.errors.len() <= PATIENT.connections,
        "{:?}",
        load.errors
    );
    assert!(load.accepted.len() > 16, "{}", load.accepted.len());
    assert_nothing_forgotten(&vault, &load);
    assert_nothing_forgotten(&open(&standby.url(), PATIENT).unwrap(), &load);
}

#[test]
fn a_commit_that_did_not_reach_the_standby_is_not_acknowledged() {
    let cluster = cluster!();
    let standby = cluster.synchronous_standby();
    let vault = made(&cluster.url(), PATIENT);
    enrol(&vault, "phone", "alice");
    standby.stop_immediate();
    let code = right("phone", 1, support::bank::NOW);
    let ticket = vault.verify(device("phone"), transaction(1), &code, act());
    let waiting = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    cluster.until(&format!("SELECT count(*) {waiting}"), "1");
    // The server gives up waiting, warns, and reports success.
    cluster.sql(&format!("SELECT pg_cancel_backend(pid) {waiting}"));
    assert_eq!(ticket.wait().err(), Some(StoreError::Unreachable));
    standby.start();
    assert_eq!(verify(&vault, "phone", 1), Ok(false));
    assert_whole(&vault);
}

#[test]
fn it_serves_within_an_asynchronous_runtime() {
    let cluster = cluster!();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let vault = made(&cluster.url(), PATIENT);
        vault
            .enrol(enrolment("phone", "alice", Settings::default()), act())
            .await
            .unwrap();
        let code = right("phone", 1, support::bank::NOW);
        let answer = vault
            .verify(device("phone"), transaction(1), &code, act())
            .await;
        assert!(answer.unwrap().judgement.is_accepted());
        assert_eq!(Vault::migrate(&place(&cluster.url()), PATIENT), Ok((2, 2)));
        assert_eq!(
            open("postgres://localhost:1/x", PATIENT).err(),
            Some(StoreError::Unreachable)
        );
    });
}

/// Certificates that are signed by their own authority, for one name; nothing without OpenSSL.
fn certify(cluster: &Cluster, name: &str) -> Option<TempDir> {
    let folder = tempfile::tempdir().unwrap();
    let openssl = |args: &str| {
        let mut command = Command::new("openssl");
        command.args(args.split(' ')).current_dir(folder.path());
        command.output().is_ok_and(|output| output.status.success())
    };
    let extension = format!("subjectAltName=DNS:{name}");
    std::fs::write(folder.path().join("extension"), extension).unwrap();
    let new = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj";
    let made = openssl(&format!(
        "{new} /CN=root -x509 -days 2 -keyout root.key -out root.pem"
    )) && openssl(&format!(
        "{new} /CN=server -keyout server.key -out server.csr"
    )) && openssl(
        "x509 -req -in server.csr -CA root.pem -CAkey root.key -CAcreateserial -days 2 \
             -extfile extension -out server.pem",
    );
    for file in ["server.key", "server.pem"] {
        cluster.file(
            file,
            &std::fs::read_to_string(folder.path().join(file)).ok()?,
        );
    }
    made.then_some(folder)
}

#[test]
fn a_server_elsewhere_must_prove_who_it_is() {
    let cluster = cluster!();
    let Some(folder) = certify(&cluster, "db.example") else {
        return say_skipped(
            "a_server_elsewhere_must_prove_who_it_is",
            "OpenSSL is not installed",
        );
    };
    drop(made(&cluster.url(), PATIENT));
    let right = folder.path().join("root.pem").display().to_string();
    let wrong = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/root.pem");
    let password = PASSWORD.replace(' ', "%20");
    let (login, port) = (format!("postgres://postgres:{password}"), cluster.port());
    // The name is that of a host elsewhere; the address is where it is all the same.
    let opened = |host: &str, root: &str, more: &str| {
        let place =
            format!("{login}@{host}:{port}/txotp?hostaddr=127.0.0.1&sslrootcert={root}{more}");
        open(&place, PATIENT)
    };
    let plain = "&sslmode=disable";
    assert_eq!(
        opened("db.example", &right, "").err(),
        Some(StoreError::Refused)
    );
    assert!(opened("db.example", &right, plain).is_ok());

    cluster.configure("ssl = on\nssl_cert_file = '../server.pem'\nssl_key_file = '../server.key'");
    cluster.reload();
    cluster.until("SHOW ssl", "on");
    let by_tls = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                  WHERE ssl AND application_name = 'txotp'";
    let vault = opened("db.example", &right, "").unwrap();
    assert_eq!(
        cluster.sql(by_tls),
        (PATIENT.connections + READERS).to_string()
    );
    enrol(&vault, "phone", "alice");
    assert_eq!(verify(&vault, "phone", 1), Ok(true));
    drop(vault);
    let untrusted = |host: &str, root: &str, more: &str| {
        assert_eq!(opened(host, root, more).err(), Some(StoreError::Untrusted));
    };
    untrusted("db.example", wrong, "");
    untrusted("db.example", wrong, "&sslmode=prefer");
    untrusted("other.example", &right, "");
    untrusted("localhost", &right, "&sslmode=require");
    assert!(opened("localhost", &right, "").is_ok());
    assert!(opened("db.example", wrong, plain).is_ok());
}

/// A small file system, as only root can make one.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("mount");
        command
            .args(["-t", "tmpfs", "-o", "size=16m", "tmpfs"])
            .arg(folder.path());
        let mounted = command.output().is_ok_and(|output| output.status.success());
        mounted.then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount")
            .arg("--lazy")
            .arg(self.0.path())
            .status();
    }
}

#[test]
fn a_full_disk_refuses_and_loses_nothing() {
    let cluster = cluster!();
    let Some(disk) = SmallDisk::mount() else {
        return say_skipped(
            "a_full_disk_refuses_and_loses_nothing",
            "only root can make a small disk",
        );
    };
    cluster.own(disk.0.path());
    let folder = disk.0.path().display();
    cluster.sql(&format!("CREATE TABLESPACE small LOCATION '{folder}'"));
    cluster.sql("CREATE DATABASE small TABLESPACE small");
    let vault = made(&cluster.url().replace("/txotp", "/small"), PATIENT);
    enrol(&vault, "phone", "alice");
    assert_eq!(verify(&vault, "phone", 1), Ok(true));
    let filler = disk.0.path().join("filler");
    // It ends where the disk does.
    std::fs::write(&filler, vec![0; 16 << 20]).unwrap_err();
    let enrol = |number: u64| {
        let enrolment = enrolment(
            &format!("d{number}"),
            &format!("u{number}"),
            Settings::default(),
        );
        vault.enrol(enrolment, act()).wait()
    };
    let full = (0..10_000).find_map(|number| enrol(number).err());
    assert_eq!(full, Some(StoreError::Full));
    assert_eq!(verify(&vault, "phone", 1), Ok(false));
    std::fs::remove_file(filler).unwrap();
    assert_eq!(enrol(10_000), Ok(()));
    assert_eq!(verify(&vault, "phone", 2), Ok(true));
    assert_whole(&vault);
}
