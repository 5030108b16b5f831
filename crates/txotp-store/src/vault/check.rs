//! Whether a store is whole.

use super::evidence::audit;
use super::{Progress, Vault};
use crate::audit::{AuditReport, Verifier};
use crate::database::Failure;
use crate::device::Row;
use crate::engine::Ticket;
use crate::error::Damage;
use crate::limits::PAGE;
use crate::secrets::Secrets;
use crate::session::Session;
use crate::sql::{self, Inspected};
use crate::{Location, Status, StoreError};

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckReport {
    /// The devices that were checked.
    pub devices: u64,
    /// The devices whose rows are damaged, or whose seeds do not open; the first thousand. The seed of a revoked device
    /// is not asked for any more.
    pub damaged: Vec<(String, StoreError)>,
    /// How many more there are.
    pub more_damaged: u64,
    /// The records that were checked.
    pub records: u64,
    /// The kinds and keys of the records that are damaged; the first thousand.
    pub damaged_records: Vec<(String, String)>,
    /// How many more there are.
    pub more_damaged_records: u64,
    /// What the check of the evidence found.
    pub audit: AuditReport,
}

impl CheckReport {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.damaged.is_empty() && self.damaged_records.is_empty() && self.audit.is_clean()
    }
}

/// The most damaged rows that a report lists.
const MAX_DAMAGED: usize = 1000;

impl Vault {
    /// Checks the database file (SQLite), every row's mark and content, that every seed opens that can still be asked
    /// for, that every record opens, and the evidence, all as of one moment while others go on working. The progress counts
    /// devices and records, then entries.
    ///
    /// # Errors
    /// Those of the store, and [`StoreError::Damaged`] for a file that SQLite itself finds damaged. What is
    /// wrong with rows is in the report.
    pub fn check(&self, mut progress: Progress) -> Ticket<CheckReport> {
        let location = self.location.clone();
        self.read_long(move |session| {
            check_file(session, &location)?;
            let total = sql::count_devices(session.db)?
                .saturating_add(sql::records::count_records(session.db)?);
            let mut report = CheckReport {
                devices: 0,
                damaged: Vec::new(),
                more_damaged: 0,
                records: 0,
                damaged_records: Vec::new(),
                more_damaged_records: 0,
                audit: Verifier::new().finish(),
            };
            let mut after = String::new();
            loop {
                let page = sql::inspect_after(session.db, session.secrets, &after)?;
                let Some(last) = page.last() else {
                    break;
                };
                after.clone_from(&last.device);
                for Inspected { device, row } in page {
                    report.devices = report.devices.saturating_add(1);
                    if let Err(error) = row.and_then(|row| is_sound(&row, session.secrets)) {
                        report.damage(device, error);
                    }
                }
                progress(report.devices, total);
            }
            check_records(session, &mut report, total, &mut progress)?;
            report.audit = audit(session, Verifier::new(), &mut progress)?;
            Ok::<_, Failure>(report)
        })
    }
}

fn is_sound(row: &Row, secrets: &Secrets) -> Result<(), StoreError> {
    match row.device.status {
        Status::Active | Status::Suspended => row.open(secrets).map(drop),
        Status::Revoked => Ok(()),
    }
}

/// Opens every record.
fn check_records(
    session: &mut Session<'_>,
    report: &mut CheckReport,
    total: u64,
    progress: &mut Progress,
) -> Result<(), Failure> {
    let (mut kind, mut key) = (String::new(), String::new());
    loop {
        let page = sql::records::records_after(session.db, (&kind, &key), PAGE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        kind.clone_from(&last.kind);
        key.clone_from(&last.key);
        for row in page {
            report.records = report.records.saturating_add(1);
            if row.body(session.secrets).is_err() {
                report.damage_record(row.kind, row.key);
            }
        }
        progress(report.devices.saturating_add(report.records), total);
    }
}

/// Asks SQLite itself whether the file is whole. A server's files are the server's to check.
fn check_file(session: &mut Session<'_>, location: &Location) -> Result<(), Failure> {
    match location {
        Location::Sqlite(_) => {
            let found = session.db.query("PRAGMA integrity_check(1)", &[])?.pop();
            match found
                .map(|mut record| record.text())
                .transpose()?
                .as_deref()
            {
                Some("ok") => Ok(()),
                _ => Err(StoreError::Damaged(Damage::File).into()),
            }
        }
        #[cfg(feature = "postgres")]
        Location::Postgres(_) => Ok(()),
    }
}

impl CheckReport {
    fn damage(&mut self, device: String, error: StoreError) {
        if self.damaged.len() < MAX_DAMAGED {
            self.damaged.push((device, error));
        } else {
            self.more_damaged = self.more_damaged.saturating_add(1);
        }
    }

    fn damage_record(&mut self, kind: String, key: String) {
        if self.damaged_records.len() < MAX_DAMAGED {
            self.damaged_records.push((kind, key));
        } else {
            self.more_damaged_records = self.more_damaged_records.saturating_add(1);
        }
    }
}
