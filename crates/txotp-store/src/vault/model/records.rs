//! The model of records: what a list of changes comes to, in the plainest words.

use std::collections::BTreeMap;

use txotp_core::UnixTime;
use zeroize::Zeroizing;

use crate::{Change, Kind, Record, RecordError, StoreError, Vault, Written};

pub(super) const KIND: Kind = Kind::new("model");

/// Every record that there can be. They are written in another order than this.
pub(super) const RECORDS: [&str; 3] = ["b", "c", "a"];

const OWNER: &str = "model";

/// What is done to a record, and the version that it expects.
#[derive(Clone, Copy, Debug)]
pub(super) enum Action {
    Insert,
    Replace(u64),
    Remove(u64),
}

/// A list of changes, of records by their numbers.
pub(super) type List = Vec<(usize, Action)>;

/// What the store holds: of each key the version, and when it was written.
#[derive(Clone, Debug, PartialEq, Default)]
pub(super) struct Records(BTreeMap<String, (u64, u64)>);

impl Records {
    pub(super) fn apply(&mut self, list: &List, now: UnixTime) -> Result<Written, StoreError> {
        let mut seen = Vec::new();
        for (record, _) in list {
            if seen.contains(record) {
                return Err(RecordError::Repeated.into());
            }
            seen.push(*record);
        }
        let mut after = self.clone();
        for (at, (record, action)) in list.iter().enumerate() {
            let key = RECORDS[*record].to_owned();
            let held = after.0.get(&key).map(|(version, _)| *version);
            let (expected, next) = match action {
                Action::Insert => (None, Some(1)),
                Action::Replace(version) => (Some(*version), Some(version + 1)),
                Action::Remove(version) => (Some(*version), None),
            };
            if held != expected {
                return Ok(Written::Conflict { at });
            }
            match next {
                Some(version) => after.0.insert(key, (version, now.seconds())),
                None => after.0.remove(&key),
            };
        }
        *self = after;
        Ok(Written::Done)
    }

    /// What a vault holds, by each way of asking.
    pub(super) fn of(vault: &Vault) -> Self {
        let owned = vault.records_of(KIND, OWNER, None, 10).wait().unwrap();
        let mut due = vault.records_due(KIND, u64::MAX, 10).wait().unwrap();
        assert!(due.is_sorted_by_key(|record| (record.due, record.key.clone())));
        due.sort_by(|one, other| one.key.cmp(&other.key));
        let [owned, due] = [owned, due].map(|list| list.into_iter().map(held).collect());
        assert_eq!(owned, due);
        let records = Self(owned);
        for key in RECORDS {
            let record = vault.record(KIND, key).wait().unwrap().map(held);
            let expected = records.0.get(key).map(|held| (key.to_owned(), *held));
            assert_eq!(record, expected);
        }
        records
    }
}

fn held(record: Record) -> (String, (u64, u64)) {
    let written = u64::from_be_bytes(record.body.as_slice().try_into().unwrap());
    assert_eq!(record.owner.as_deref(), Some(OWNER));
    assert_eq!(record.due, Some(written));
    (record.key, (record.version, written))
}

pub(super) fn changes(list: &List, now: UnixTime) -> Vec<Change> {
    let change = |(record, action): &(usize, Action)| {
        let (kind, key) = (KIND, RECORDS[*record].to_owned());
        let (owner, due) = (Some(OWNER.to_owned()), Some(now.seconds()));
        let body = Zeroizing::new(now.seconds().to_be_bytes().to_vec());
        match *action {
            Action::Insert => Change::Insert {
                kind,
                key,
                owner,
                due,
                body,
            },
            Action::Replace(version) => Change::Replace {
                kind,
                key,
                version,
                owner,
                due,
                body,
            },
            Action::Remove(version) => Change::Remove { kind, key, version },
        }
    };
    list.iter().map(change).collect()
}
