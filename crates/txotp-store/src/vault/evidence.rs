//! Reading the evidence.

use core::ops::ControlFlow;

use txotp_core::Digest;

use super::{Progress, Vault};
use crate::audit::{AuditReport, Entry, Latest, Verifier};
use crate::database::{Database, Failure};
use crate::engine::Ticket;
use crate::error::Damage;
use crate::secrets::Secrets;
use crate::session::Session;
use crate::sql::{self, EntryRow, Inspected};
use crate::{DeviceId, StoreError};

impl Vault {
    /// A page of at most 500 entries of a device, in their order, from the first after a number: the empty page
    /// is after the last.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where a line is no entry.
    pub fn history(&self, device: DeviceId, after: u64) -> Ticket<Vec<Entry>> {
        self.read(move |session| {
            let rows = sql::history(session.db, &device, after)?;
            let read = |row: EntryRow| {
                serde_json::from_str(&row.line)
                    .map_err(|_| StoreError::Damaged(Damage::Evidence).into())
            };
            rows.into_iter().map(read).collect()
        })
    }

    /// How the evidence names a transaction: see [`Entry::digest`].
    #[must_use]
    pub fn digest_mark(&self, digest: &Digest) -> String {
        let mark = self.secrets.digest_mark(digest.as_bytes());
        base16ct::lower::encode_string(&mark)
    }

    /// Hands out all evidence of one moment, line by line without line feeds: the checkpoints in their order,
    /// then the entries in the order of each book. [`Verifier`] reads it.
    ///
    /// # Errors
    /// Those of the store; what was handed out until then is not all.
    pub fn audit_export(
        &self,
        mut sink: impl FnMut(&str) -> ControlFlow<()> + Send + 'static,
        mut progress: Progress,
    ) -> Ticket<()> {
        let mut began = false;
        self.read(move |session| {
            // After a lost connection it would begin anew, and hand out lines again.
            if std::mem::replace(&mut began, true) {
                return Err(StoreError::Unreachable.into());
            }
            let mut place = |line: Line<'_>| match line {
                Line::Checkpoint(line) => sink(line),
                Line::Entry(row) => sink(&row.line),
            };
            read_all(session.db, &mut place, &mut progress)
        })
    }

    /// Checks all evidence of one moment against itself, against the checkpoints' marks, and against the number of
    /// entries that each device's row counts.
    ///
    /// # Errors
    /// Those of the store. What is wrong with the evidence is in the report.
    pub fn audit_verify(&self, mut progress: Progress) -> Ticket<AuditReport> {
        self.read(move |session| audit(session, &mut progress))
    }
}

/// Checks the evidence.
pub(crate) fn audit(
    session: &mut Session<'_>,
    progress: &mut Progress,
) -> Result<AuditReport, Failure> {
    let secrets = session.secrets;
    let mut verifier = Verifier::new();
    read_all(
        session.db,
        &mut |line| {
            read(&mut verifier, line, secrets);
            ControlFlow::Continue(())
        },
        progress,
    )?;
    match Latest::read(session.db, secrets) {
        Ok(_) => {}
        Err(Failure::Store(StoreError::Damaged(_))) => verifier.checkpoints_cut(),
        Err(failure) => return Err(failure),
    }
    let mut after = String::new();
    loop {
        let page = sql::inspect_after(session.db, secrets, &after)?;
        let Some(last) = page.last() else {
            break;
        };
        after.clone_from(&last.device);
        for Inspected { device, row } in page {
            verifier.device(&device, row.ok().map(|row| row.device.entries));
        }
    }
    Ok(verifier.finish_with_keys())
}

fn read(verifier: &mut Verifier, line: Line<'_>, secrets: &Secrets) {
    match line {
        Line::Checkpoint(line) => verifier.checkpoint(line, Some(secrets)),
        Line::Entry(row) => {
            let Some(entry) = verifier.entry(&row.line, Some(secrets)) else {
                return;
            };
            let line = (&entry.book, entry.number, &entry.device, entry.version);
            if line != (&row.book, row.number, &row.device, row.version) {
                verifier.columns_differ(&row.book, row.number);
            }
        }
    }
}

/// A line of evidence, from where it is stored.
enum Line<'a> {
    Checkpoint(&'a str),
    Entry(&'a EntryRow),
}

/// Reads checkpoints and entries, a page after another.
fn read_all(
    db: &mut dyn Database,
    place: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>,
    progress: &mut Progress,
) -> Result<(), Failure> {
    let mut number = 0;
    loop {
        let page = sql::checkpoints_after(db, number)?;
        let Some(last) = page.last() else {
            break;
        };
        number = last.number;
        for checkpoint in &page {
            if place(Line::Checkpoint(&checkpoint.line)).is_break() {
                return Ok(());
            }
        }
    }
    let total = sql::count_entries(db)?;
    let mut done: u64 = 0;
    let mut book = String::new();
    while let Some(next) = sql::book_after(db, &book)? {
        let mut number = 0;
        loop {
            let entries = sql::entries_after(db, &next, number)?;
            let Some(last) = entries.last() else {
                break;
            };
            number = last.number;
            for entry in &entries {
                if place(Line::Entry(entry)).is_break() {
                    return Ok(());
                }
                done = done.saturating_add(1);
            }
            progress(done, total);
        }
        book = next;
    }
    Ok(())
}
