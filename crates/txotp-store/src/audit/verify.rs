//! Whether evidence is as it was written, and where not.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::RandomState;
use std::sync::Arc;

use super::checkpoint::{Checkpoint, Head};
use super::earlier::Earlier;
use super::entry::{Entry, hash};
use super::report::{AuditReport, Fault, Finding};
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
    /// What was written before, and the books in which it was written anew.
    earlier: Arc<Earlier>,
    rewritten: HashSet<String>,
    /// What is kept for a later reading.
    kept: Option<Earlier>,
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

/// The most findings that a report lists.
const MAX_FINDINGS: usize = 1000;

impl Verifier {
    /// A verifier that has read nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A verifier that keeps what an export has, for [`Verifier::into_earlier`].
    #[must_use]
    pub fn keeping() -> Self {
        Self {
            kept: Some(Earlier::default()),
            ..Self::default()
        }
    }

    /// A verifier that finds besides where what it reads does not go on from an older export.
    #[must_use]
    pub fn against(earlier: Arc<Earlier>) -> Self {
        Self {
            earlier,
            ..Self::default()
        }
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
        if let Some(kept) = &mut self.kept {
            kept.checkpoints.keep(self.checkpoint_head);
        }
        let earlier = &self.earlier.checkpoints;
        if earlier.differ(number, &self.checkpoint_head) {
            self.find_once(Fault::CheckpointRewritten, number);
        }
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
        if let Some(kept) = &mut self.kept {
            kept.keep(&entry.book, head);
        }
        self.hold_against_earlier(&entry, &head);
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

    /// Holds an entry against what was in its place. All that follow differ too, and are not told.
    fn hold_against_earlier(&mut self, entry: &Entry, head: &[u8; 32]) {
        let lines = self.earlier.books.get(&entry.book);
        if lines.is_some_and(|lines| lines.differ(entry.number, head))
            && self.rewritten.insert(entry.book.clone())
        {
            let book = Some(entry.book.clone());
            self.find(Fault::Rewritten, book, None, entry.number);
        }
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
        self.find_once(Fault::CheckpointsCut, self.checkpoints);
    }

    /// Notes what is told once.
    fn find_once(&mut self, fault: Fault, number: u64) {
        if !self.findings.iter().any(|found| found.fault == fault) {
            self.find(fault, None, None, number);
        }
    }

    /// Ends the reading of an export, against which a later one is to be held.
    ///
    /// # Errors
    /// The report, where something is wrong with it, or nothing was kept: see [`Verifier::keeping`].
    pub fn into_earlier(mut self) -> Result<Earlier, AuditReport> {
        let kept = self.kept.take();
        let report = self.finish();
        kept.filter(|_| report.is_clean()).ok_or(report)
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
        let is_without = !self.books.is_empty() && self.checkpoints == 0;
        if is_without || self.checkpoints < self.earlier.checkpoints.count() {
            self.checkpoints_cut();
        }
        for (book, number) in self.cut() {
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

    /// The books that were longer once, and the first entry that each lacks.
    fn cut(&self) -> BTreeSet<(String, u64)> {
        let heads = self.heads.iter();
        let heads = heads.filter_map(|(book, heads)| Some((book, *heads.keys().next_back()?)));
        let earlier = self.earlier.books.iter();
        let earlier = earlier.map(|(book, lines)| (book, lines.count()));
        let mut cut = BTreeSet::new();
        for (book, count) in heads.chain(earlier) {
            let read = self.books.get(book).map_or(0, |progress| progress.number);
            if count > read {
                cut.insert((book.clone(), read.saturating_add(1)));
            }
        }
        cut
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
