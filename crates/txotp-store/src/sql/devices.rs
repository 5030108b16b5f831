//! The statements of devices.
//!
//! A device's row changes only together with a new entry that names its next version, by
//! `… WHERE device = $1 AND version = $2`: whoever saw another version changes nothing, and begins anew.

use super::{count, int, page};
use crate::StoreError;
use crate::database::{Arg, Database, Failure, Record};
use crate::device::{Columns, Row};
use crate::limits::PAGE;
use crate::seal::Sealed;
use crate::secrets::Secrets;
use crate::{DeviceId, UserId};

/// Whole rows, in the order in which [`columns`] reads them.
macro_rules! select {
    ($rows:literal) => {
        concat!(
            "SELECT device, user_id, suite, settings, status, enrolled_at, state, version, mark, key_id, \
            sealed FROM txotp_device WHERE ",
            $rows
        )
    };
}

const DEVICE: &str = select!("device = $1");
const DEVICE_TO_CHANGE: &str = select!("device = $1 FOR UPDATE");
const DEVICES_OF: &str = select!("user_id = $1 AND device > $2 ORDER BY device LIMIT $3");
const DEVICES_OF_TO_CHANGE: &str =
    select!("user_id = $1 AND device > $2 ORDER BY device LIMIT $3 FOR UPDATE");
const DEVICES_AFTER: &str = select!("device > $1 ORDER BY device LIMIT $2");
const DEVICES_UNDER: &str = select!("key_id = $1 AND device > $2 ORDER BY device LIMIT $3");
const KEY_AFTER: &str = "SELECT key_id FROM txotp_device WHERE key_id > $1 ORDER BY key_id LIMIT 1";
// These two take the same values, those of [`whole`].
const INSERT_DEVICE: &str = "INSERT INTO txotp_device (user_id, suite, settings, status, enrolled_at, \
    state, version, mark, key_id, sealed, device) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING";
const REPLACE_DEVICE: &str = "UPDATE txotp_device SET user_id = $1, suite = $2, settings = $3, \
    status = $4, enrolled_at = $5, state = $6, version = $7, mark = $8, key_id = $9, sealed = $10 \
    WHERE device = $11";
const UPDATE_DEVICE: &str = "UPDATE txotp_device SET settings = $1, status = $2, state = $3, \
    version = $4, mark = $5 WHERE device = $6 AND version = $7";
const RESEAL_DEVICE: &str = "UPDATE txotp_device SET key_id = $1, sealed = $2 \
    WHERE device = $3 AND key_id = $4";
const COUNT_KEYS: &str =
    "SELECT key_id, count(*) FROM txotp_device GROUP BY key_id ORDER BY key_id";
const COUNT_DEVICES: &str = "SELECT count(*) FROM txotp_device";

/// What a device is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Nothing that depends on it is written.
    ToShow,
    /// It will be replaced. Those who want the same wait for their turn here, in the order of the devices' names,
    /// where otherwise each would find its work in vain. That it has not changed is shown by the version, here as
    /// elsewhere.
    ToChange,
}

pub(crate) fn device(
    db: &mut dyn Database,
    secrets: &Secrets,
    id: &DeviceId,
    purpose: Reading,
) -> Result<Row, Failure> {
    let sql = match purpose {
        Reading::ToShow => DEVICE,
        Reading::ToChange => DEVICE_TO_CHANGE,
    };
    let found = db.query(sql, &[Arg::Text(id.as_str())])?.pop();
    let row = columns(found.ok_or(StoreError::UnknownDevice)?)?.read(secrets)?;
    Ok(row)
}

/// The columns of a device whose row is damaged, as far as they can be read; what cannot is empty. It will be
/// replaced.
pub(crate) fn remains(db: &mut dyn Database, id: &DeviceId) -> Result<Columns, Failure> {
    let found = db.query(DEVICE_TO_CHANGE, &[Arg::Text(id.as_str())])?.pop();
    let mut record = found.ok_or(StoreError::UnknownDevice)?;
    Ok(Columns {
        device: record.text().unwrap_or_default(),
        user: record.text().unwrap_or_default(),
        suite: record.text().unwrap_or_default(),
        settings: record.text().unwrap_or_default(),
        status: record.text().unwrap_or_default(),
        enrolled_at: record.int().unwrap_or_default(),
        state: record.blob().unwrap_or_default(),
        version: record.int().unwrap_or_default(),
        mark: record.blob().unwrap_or_default(),
        key: record.text().unwrap_or_default(),
        sealed: record.blob().unwrap_or_default(),
    })
}

/// Every device of a user, in the order of their names, a page after another. A damaged row hides no other.
pub(crate) fn devices_of(
    db: &mut dyn Database,
    secrets: &Secrets,
    user: &UserId,
    purpose: Reading,
) -> Result<Vec<Inspected>, Failure> {
    let sql = match purpose {
        Reading::ToShow => DEVICES_OF,
        Reading::ToChange => DEVICES_OF_TO_CHANGE,
    };
    let mut rows: Vec<Inspected> = Vec::new();
    loop {
        let after = rows.last().map_or("", |row| row.device.as_str());
        let args = [Arg::Text(user.as_str()), Arg::Text(after), page()];
        let more = db.query(sql, &args)?;
        let is_last = more.len() < PAGE;
        rows.extend(inspect(more, secrets)?);
        if is_last {
            return Ok(rows);
        }
    }
}

/// A device as it is found, even where it is damaged.
pub(crate) struct Inspected {
    pub(crate) device: String,
    pub(crate) row: Result<Row, StoreError>,
}

/// A page of the devices after one, in the order of their names, where a damaged row hides no other.
pub(crate) fn inspect_after(
    db: &mut dyn Database,
    secrets: &Secrets,
    after: &str,
) -> Result<Vec<Inspected>, Failure> {
    let found = db.query(DEVICES_AFTER, &[Arg::Text(after), page()])?;
    inspect(found, secrets)
}

/// A page of the devices after one whose seeds are sealed under a key, where a damaged row hides no other.
pub(crate) fn inspect_under(
    db: &mut dyn Database,
    secrets: &Secrets,
    key: &str,
    after: &str,
) -> Result<Vec<Inspected>, Failure> {
    let args = [Arg::Text(key), Arg::Text(after), page()];
    let found = db.query(DEVICES_UNDER, &args)?;
    inspect(found, secrets)
}

fn inspect(found: Vec<Record>, secrets: &Secrets) -> Result<Vec<Inspected>, Failure> {
    let read = |mut record: Record| {
        let device = record.text()?;
        let columns = columns_of(device.clone(), record);
        Ok(Inspected {
            device,
            row: columns.and_then(|columns| columns.read(secrets)),
        })
    };
    found.into_iter().map(read).collect()
}

/// The first key after one that a seed is sealed under.
pub(crate) fn key_after(db: &mut dyn Database, after: &str) -> Result<Option<String>, Failure> {
    let found = db.query(KEY_AFTER, &[Arg::Text(after)])?.pop();
    Ok(found.map(|mut record| record.text()).transpose()?)
}

fn columns(mut record: Record) -> Result<Columns, StoreError> {
    columns_of(record.text()?, record)
}

/// The columns after the first.
fn columns_of(device: String, mut record: Record) -> Result<Columns, StoreError> {
    Ok(Columns {
        device,
        user: record.text()?,
        suite: record.text()?,
        settings: record.text()?,
        status: record.text()?,
        enrolled_at: record.int()?,
        state: record.blob()?,
        version: record.int()?,
        mark: record.blob()?,
        key: record.text()?,
        sealed: record.blob()?,
    })
}

/// Adds a device; `false` where there is one of its name.
pub(crate) fn insert_device(
    db: &mut dyn Database,
    secrets: &Secrets,
    row: &Row,
) -> Result<bool, Failure> {
    let columns = Columns::of(row, secrets)?;
    Ok(db.execute(INSERT_DEVICE, &whole(&columns))? == 1)
}

/// Replaces a device, if it still has the version that was seen.
pub(crate) fn update_device(
    db: &mut dyn Database,
    secrets: &Secrets,
    row: &Row,
    seen: u64,
) -> Result<(), Failure> {
    let columns = Columns::of(row, secrets)?;
    let args = [
        Arg::Text(&columns.settings),
        Arg::Text(&columns.status),
        Arg::Blob(&columns.state),
        Arg::Int(columns.version),
        Arg::Blob(&columns.mark),
        Arg::Text(&columns.device),
        Arg::Int(int(seen)?),
    ];
    match db.execute(UPDATE_DEVICE, &args)? {
        1 => Ok(()),
        _ => Err(Failure::Conflict),
    }
}

/// Replaces a device of which nothing but its name is to be believed: it was read to be changed.
pub(crate) fn replace_device(
    db: &mut dyn Database,
    secrets: &Secrets,
    row: &Row,
) -> Result<(), Failure> {
    let columns = Columns::of(row, secrets)?;
    match db.execute(REPLACE_DEVICE, &whole(&columns))? {
        1 => Ok(()),
        _ => Err(Failure::Conflict),
    }
}

/// Every column, the name of the device last: the values of a whole row.
fn whole(columns: &Columns) -> [Arg<'_>; 11] {
    [
        Arg::Text(&columns.user),
        Arg::Text(&columns.suite),
        Arg::Text(&columns.settings),
        Arg::Text(&columns.status),
        Arg::Int(columns.enrolled_at),
        Arg::Blob(&columns.state),
        Arg::Int(columns.version),
        Arg::Blob(&columns.mark),
        Arg::Text(&columns.key),
        Arg::Blob(&columns.sealed),
        Arg::Text(&columns.device),
    ]
}

/// Replaces a sealed seed; `false` where it is not sealed any more under the key that was seen.
pub(crate) fn reseal_device(
    db: &mut dyn Database,
    device: &DeviceId,
    seen: &str,
    sealed: &Sealed,
) -> Result<bool, Failure> {
    let args = [
        Arg::Text(sealed.key.as_str()),
        Arg::Blob(&sealed.bytes),
        Arg::Text(device.as_str()),
        Arg::Text(seen),
    ];
    Ok(db.execute(RESEAL_DEVICE, &args)? == 1)
}

/// How many seeds are sealed under each key, by the keys' ids as they are found, even where they are none.
pub(crate) fn count_keys(db: &mut dyn Database) -> Result<Vec<(String, u64)>, Failure> {
    let read = |mut record: Record| Ok((record.text()?, record.number()?));
    db.query(COUNT_KEYS, &[])?.into_iter().map(read).collect()
}

pub(crate) fn count_devices(db: &mut dyn Database) -> Result<u64, Failure> {
    count(db, COUNT_DEVICES)
}
