//! What is wrong with evidence, and where.

use core::fmt;

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
    /// The book was longer when a checkpoint or the older export was made: entries are missing from this one on.
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
    /// The older export has another entry in this place: the book was written anew from here on.
    Rewritten,
    /// The older export has another checkpoint in this place: they were written anew from here on.
    CheckpointRewritten,
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
            Self::Rewritten => "rewritten",
            Self::CheckpointRewritten => "checkpoint-rewritten",
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
            Self::Rewritten => "not as in the older export, from here on",
            Self::CheckpointRewritten => "not as in the older export: the checkpoints from",
        })
    }
}
