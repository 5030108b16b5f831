//! Records, each with an owner, a due, and a body of 256 bytes.

use txotp_store::{Change, Kind, Vault, Written};
use zeroize::Zeroizing;

use crate::Load;

const KIND: Kind = Kind::new("load");

pub(crate) fn run(load: &Load) {
    load.measure("records inserted", |number| {
        write(&load.vault, change(number, None));
    });
    load.measure("records read", |number| {
        let record = load.vault.record(KIND, &key(number)).wait().unwrap();
        assert_eq!(record.unwrap().version, 1);
    });
    load.measure("records replaced", |number| {
        write(&load.vault, change(number, Some(1)));
    });
}

fn write(vault: &Vault, change: Change) {
    assert_eq!(
        vault.write_records(vec![change]).wait().unwrap(),
        Written::Done
    );
}

fn key(number: usize) -> String {
    format!("record-{number:016x}")
}

/// The insertion of a record, or its replacement where a version is given.
fn change(number: usize, version: Option<u64>) -> Change {
    let (kind, key) = (KIND, key(number));
    let owner = Some(format!("user-{number:05}"));
    let due = Some(1_700_000_000);
    let body = Zeroizing::new(vec![7; 256]);
    match version {
        None => Change::Insert {
            kind,
            key,
            owner,
            due,
            body,
        },
        Some(version) => Change::Replace {
            kind,
            key,
            version,
            owner,
            due,
            body,
        },
    }
}
