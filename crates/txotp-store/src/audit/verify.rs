//! Whether evidence is as it was written, and where not.

use core::fmt;
use std::collections::{BTreeMap, HashMap};
use std::hash::RandomState;

use super::checkpoint::{Checkpoint, Head};
use super::entry::{Entry, hash};
use super::versions::Versions;
use crate::secrets::Secrets;

/// Reads evidence, line by line, and finds what was edited, removed, inserted or moved.
///
/// The checkpoints come first, in their order; then the entries, in the order of each book. Without the
/// keys of the store the chains are checked, and that is all that can be: someone who writes every line after
/// a change anew is found by the lines' marks, and one who cuts off the end by what the store remembers of it, for
/// which [`Vault::audit_verify`] has the keys.
///
/// It keeps some 200 bytes for each device, and for each time that a checkpoint names a book until the book is read.
///
/// ```
/// use txotp_store::Verifier;
///
/// let mut verifier = Verifier::new();
/// verifier.line("not evidence");
/// let report = verifier.finish();
/// assert_eq!(report.findings.len(), 1);
/// ```
///
/// [`Vault::audit_verify`]: crate::Vault::audit_verify
#[derive(Debug, Default)]
pub struct Verifier {
    books: HashMap<String, Progress>,
    /// What checkpoints say of books that was not read yet: the number of an entry, and the hash of its line.
    heads: HashMap<String, BTreeMap<u64, String>>,
    devices: HashMap<String, Versions>,
    /// For the versions of devices.
    key: RandomState,
    checkpoints: u64,
    checkpoint_head: [u8; 32],
    entries: u64,
    lines: u64,
    findings: Vec<Finding>,
    more: u64,
}

/// How far a book was read.
#[derive(Debug)]
struct Progress {
    number: u64,
    head: [u8; 32],
}

/// What was read, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditReport {
    /// The entries that were read.
    pub entries: u64,
    /// The books that they stand in.
    pub books: u64,
    /// The checkpoints that were read.
    pub checkpoints: u64,
    /// The devices that entries speak of.
    pub devices: u64,
    /// Whether the checkpoints' marks and the devices' rows were checked, for which the keys are needed.
    pub with_keys: bool,
    /// What is wrong, in the order in which it was found; the first thousand.
    pub findings: Vec<Finding>,
    /// How many more findings there are.
    pub more_findings: u64,
}

impl AuditReport {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Something that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What is wrong.
    pub fault: Fault,
    /// The book, where it is one.
    pub book: Option<String>,
    /// The device, where it is one.
    pub device: Option<String>,
    /// The number of the entry in the book, of the device's entry, of the checkpoint, or of the line that was
    /// read.
    pub number: u64,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.book, &self.device) {
            (Some(book), _) => write!(f, "book {book}, entry {}: {}", self.number, self.fault),
            (None, Some(device)) => {
                write!(f, "device {device}, entry {}: {}", self.number, self.fault)
            }
            (None, None) => write!(f, "{} {}", self.fault, self.number),
        }
    }
}

/// What can be wrong with evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The line is neither an entry nor a checkpoint.
    Unreadable,
    /// The entry's hash is not what the next entry says, or a checkpoint: it was edited, or another stands
    /// in its place.
    Altered,
    /// Entries are missing from this one on.
    Missing,
    /// The entry stands where it does not belong: it was moved, or inserted.
    Misplaced,
    /// The book was longer when a checkpoint was made: entries are missing from this one on.
    Cut,
    /// The line was not written by this store.
    Forged,
    /// The columns beside the line do not say what the line says.
    ColumnsDiffer,
    /// An entry of the device is missing, or there twice.
    DeviceIncomplete,
    /// The device's row counts other entries than there are.
    DeviceDiffers,
    /// The checkpoint was not made by this store.
    CheckpointForged,
    /// The last checkpoints are missing: those after this one.
    CheckpointsCut,
    /// The checkpoint does not follow the one before: one was edited, removed, inserted or moved.
    CheckpointMisplaced,
}

impl Fault {
    /// The stable name, for records and scripts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Altered => "altered",
            Self::Missing => "missing",
            Self::Misplaced => "misplaced",
            Self::Cut => "cut",
            Self::Forged => "forged",
            Self::ColumnsDiffer => "columns-differ",
            Self::DeviceIncomplete => "device-incomplete",
            Self::DeviceDiffers => "device-differs",
            Self::CheckpointForged => "checkpoint-forged",
            Self::CheckpointsCut => "checkpoints-cut",
            Self::CheckpointMisplaced => "checkpoint-misplaced",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreadable => "no entry and no checkpoint: line",
            Self::Altered => "edited or exchanged",
            Self::Missing => "missing from here on",
            Self::Misplaced => "moved or inserted",
            Self::Cut => "missing from here to the end",
            Self::Forged => "not written by this store",
            Self::ColumnsDiffer => "its columns say something else",
            Self::DeviceIncomplete => "an entry is missing or there twice",
            Self::DeviceDiffers => "the device's row counts otherwise",
            Self::CheckpointForged => "not made by this store: checkpoint",
            Self::CheckpointsCut => "missing, or changed: the checkpoints after",
            Self::CheckpointMisplaced => "edited, removed, inserted or moved: checkpoint",
        })
    }
}

/// The most findings that a report lists.
const MAX_FINDINGS: usize = 1000;

impl Verifier {
    /// A verifier that has read nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a line of an export, without its line feed.
    pub fn line(&mut self, line: &str) {
        if line.starts_with(r#"{"v":1,"checkpoint":"#) {
            self.checkpoint(line, None);
        } else {
            self.entry(line, None);
        }
    }

    /// Reads a checkpoint; with the store's secrets, its mark too.
    pub(crate) fn checkpoint(&mut self, line: &str, secrets: Option<&Secrets>) {
        self.lines = self.lines.saturating_add(1);
        self.checkpoints = self.checkpoints.saturating_add(1);
        let Some(checkpoint) = Checkpoint::parse(line) else {
            self.find(Fault::Unreadable, None, None, self.lines);
            return;
        };
        let number = checkpoint.checkpoint;
        // One that comes after entries is held against none of them.
        let follows = self.entries == 0
            && number == self.checkpoints
            && checkpoint.previous == base16ct::lower::encode_string(&self.checkpoint_head);
        if !follows {
            self.find(Fault::CheckpointMisplaced, None, None, number);
        }
        if secrets.is_some_and(|secrets| !checkpoint.is_genuine(secrets)) {
            self.find(Fault::CheckpointForged, None, None, number);
        }
        self.checkpoints = number;
        self.checkpoint_head = hash(line);
        for Head {
            book,
            entries,
            head,
        } in checkpoint.books
        {
            self.heads.entry(book).or_default().insert(entries, head);
        }
    }

    /// Reads an entry, and gives what it says where it can be read.
    pub(crate) fn entry(&mut self, line: &str, secrets: Option<&Secrets>) -> Option<Entry> {
        self.lines = self.lines.saturating_add(1);
        self.entries = self.entries.saturating_add(1);
        let Some(entry) = Entry::parse(line) else {
            self.find(Fault::Unreadable, None, None, self.lines);
            return None;
        };
        let at = |number| (Some(entry.book.clone()), number);
        let before = self.books.get(&entry.book);
        let (number, head) = before.map_or((0, [0; 32]), |book| (book.number, book.head));
        let next = number.saturating_add(1);
        let fault = if entry.number < next {
            Some((Fault::Misplaced, at(entry.number)))
        } else if entry.number > next {
            Some((Fault::Missing, at(next)))
        } else if entry.previous != base16ct::lower::encode_string(&head) {
            Some((Fault::Altered, at(number.max(1))))
        } else {
            None
        };
        if let Some((fault, (book, number))) = fault {
            self.find(fault, book, None, number);
        }
        let head = hash(line);
        let heads = self.heads.get_mut(&entry.book);
        let expected = heads.and_then(|heads| heads.remove(&entry.number));
        let own = base16ct::lower::encode_string(&head);
        if expected.is_some_and(|expected| expected != own) {
            self.find(Fault::Altered, Some(entry.book.clone()), None, entry.number);
        }
        if secrets.is_some_and(|secrets| !entry.is_genuine(line, secrets)) {
            self.find(Fault::Forged, Some(entry.book.clone()), None, entry.number);
        }
        if let (Some(device), Some(version)) = (&entry.device, entry.version) {
            self.devices
                .entry(device.clone())
                .or_default()
                .see(version, &self.key);
        }
        // What stands where it does not belong accuses none of its neighbours.
        if entry.number > number {
            let progress = Progress {
                number: entry.number,
                head,
            };
            self.books.insert(entry.book.clone(), progress);
        }
        Some(entry)
    }

    /// Notes that an entry's columns say something else than its line.
    pub(crate) fn columns_differ(&mut self, book: &str, number: u64) {
        self.find(Fault::ColumnsDiffer, Some(book.to_owned()), None, number);
    }

    /// Holds what was read against the number of entries that a device's row counts. A row that is damaged counts
    /// nothing: it is the check of rows that tells of it.
    pub(crate) fn device(&mut self, device: &str, entries: Option<u64>) {
        let seen = self.devices.entry(device.to_owned()).or_default();
        seen.has_row = true;
        let seen = seen.highest;
        if let Some(entries) = entries.filter(|entries| *entries != seen) {
            let number = seen.min(entries).saturating_add(1);
            self.find(Fault::DeviceDiffers, None, Some(device.to_owned()), number);
        }
    }

    /// Notes that there are other checkpoints than those that were read: by what the store remembers of the last one, or
    /// since there is none at all.
    pub(crate) fn checkpoints_cut(&mut self) {
        let is_told = |found: &Finding| found.fault == Fault::CheckpointsCut;
        if !self.findings.iter().any(is_told) {
            self.find(Fault::CheckpointsCut, None, None, self.checkpoints);
        }
    }

    /// Ends the reading, when every checkpoint's mark and every device's row was seen.
    pub(crate) fn finish_with_keys(mut self) -> AuditReport {
        let rowless = self.devices.iter().filter(|(_, seen)| !seen.has_row);
        let mut rowless: Vec<_> = rowless.map(|(device, _)| device.clone()).collect();
        rowless.sort();
        for device in rowless {
            self.find(Fault::DeviceDiffers, None, Some(device), 1);
        }
        AuditReport {
            with_keys: true,
            ..self.finish()
        }
    }

    /// Ends the reading.
    #[must_use]
    pub fn finish(mut self) -> AuditReport {
        // The first entry of a store is written together with a checkpoint.
        if self.entries > 0 && self.checkpoints == 0 {
            self.checkpoints_cut();
        }
        let mut cut = Vec::new();
        for (book, heads) in &self.heads {
            let read = self.books.get(book).map_or(0, |progress| progress.number);
            if heads.keys().any(|entries| *entries > read) {
                cut.push((book.clone(), read.saturating_add(1)));
            }
        }
        cut.sort();
        for (book, number) in cut {
            self.find(Fault::Cut, Some(book), None, number);
        }
        let incomplete = self
            .devices
            .iter()
            .filter(|(_, seen)| !seen.are_whole(&self.key));
        let mut incomplete: Vec<_> = incomplete
            .map(|(device, seen)| (device.clone(), seen.highest))
            .collect();
        incomplete.sort();
        for (device, number) in incomplete {
            self.find(Fault::DeviceIncomplete, None, Some(device), number);
        }
        let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        AuditReport {
            entries: self.entries,
            books: count(self.books.len()),
            checkpoints: self.checkpoints,
            devices: count(self.devices.values().filter(|seen| seen.count > 0).count()),
            with_keys: false,
            findings: self.findings,
            more_findings: self.more,
        }
    }

    fn find(&mut self, fault: Fault, book: Option<String>, device: Option<String>, number: u64) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(Finding {
                fault,
                book,
                device,
                number,
            });
        } else {
            self.more = self.more.saturating_add(1);
        }
    }
}
