//! The vault on SQLite, as a bank uses it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use std::path::Path;
use std::sync::Arc;

use txotp_core::{DeviceKey, Digest, MovingFactor, Purpose, Seed, TransactionSuite, UnixTime};
use txotp_store::*;
use txotp_verifier::Settings;

const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);
const SEED: &[u8] = b"12345678901234567890123456789012";

fn keys() -> Arc<dyn KeyService> {
    Arc::new(Keyring::parse(&format!("a {}", "11".repeat(32))).unwrap())
}

fn act() -> Act {
    Act {
        actor: Actor::new("test").unwrap(),
        now: NOW,
    }
}

fn vault(folder: &Path) -> Vault {
    let place = Location::Sqlite(folder.join("store.db"));
    Vault::create(&place, &keys(), Options::default(), &act()).unwrap();
    Vault::open(&place, keys(), Options::default()).unwrap()
}

fn device(name: &str) -> DeviceId {
    DeviceId::new(name).unwrap()
}

fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

fn enrol(vault: &Vault, name: &str, owner: &str) {
    let enrolment = Enrolment {
        device: device(name),
        user: user(owner),
        suite: TransactionSuite::default(),
        settings: Settings::default(),
        seed: Seed::from_bytes(SEED).unwrap(),
        pin: None,
        counter: None,
    };
    vault.enrol(enrolment, act()).wait().unwrap();
}

fn code(transaction: u64) -> (Purpose, String) {
    let mut digest = [0; 32];
    digest[..8].copy_from_slice(&transaction.to_be_bytes());
    let purpose = Purpose::Transaction(Digest::from_bytes(digest));
    let suite = TransactionSuite::default();
    let key = DeviceKey::new(suite, &Seed::from_bytes(SEED).unwrap(), None).unwrap();
    let factor = MovingFactor::step(NOW.step(suite.period().unwrap()));
    (
        purpose,
        key.code(purpose, factor).unwrap().reveal().to_owned(),
    )
}

#[test]
fn a_code_is_accepted_once_and_the_store_is_whole_after() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    enrol(&vault, "phone", "alice");
    let (purpose, right) = code(1);
    let answer = vault
        .verify(device("phone"), purpose, &right, act())
        .wait()
        .unwrap();
    assert!(answer.judgement.is_accepted());
    let again = vault
        .verify(user("alice"), purpose, &right, act())
        .wait()
        .unwrap();
    assert_eq!(again.judgement.reason(), Some("replay"));
    drop(vault);
    let place = Location::Sqlite(folder.path().join("store.db"));
    let vault = Vault::open(&place, keys(), Options::default()).unwrap();
    let report = vault.check(Box::new(|_, _| {})).wait().unwrap();
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(
        (
            report.devices,
            report.audit.entries,
            report.audit.checkpoints
        ),
        (1, 4, 2)
    );
    let history = vault.history(device("phone"), 0).wait().unwrap();
    println!("{}", serde_json::to_string_pretty(&history).unwrap());
}
