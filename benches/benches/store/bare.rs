//! What a database does by itself.

use crate::MOST_CALLERS;

pub(crate) const SELECT: &str = "SELECT * FROM txotp_device WHERE device = $1";
pub(crate) const UPDATE: &str = "UPDATE txotp_device SET state = $1, mark = $2, version = $3 \
    WHERE device = $4 AND version = $5";
pub(crate) const INSERT: &str =
    "INSERT INTO txotp_audit (book, number, device, version, line) VALUES ($1, $2, $3, $4, $5)";
/// The entry of a verdict.
pub(crate) const LINE: &str = "SELECT line FROM txotp_audit WHERE device = $1 AND version = 2";

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    Change,
    Record,
}

impl Work {
    pub(crate) const ALL: [Self; 2] = [Self::Change, Self::Record];

    /// The device of a caller. All names have one length.
    pub(crate) fn device(self, caller: usize) -> String {
        match self {
            Self::Change => format!("change {caller:02}"),
            Self::Record => format!("record {caller:02}"),
        }
    }

    /// The rows of its devices, of which only the names are known yet.
    pub(crate) fn rows(self) -> Vec<Row> {
        let row = |caller| Row {
            device: self.device(caller),
            ..Row::default()
        };
        (0..MOST_CALLERS).map(row).collect()
    }
}

/// What is read and written of a device.
#[derive(Default)]
pub(crate) struct Row {
    pub(crate) device: String,
    pub(crate) state: Vec<u8>,
    pub(crate) mark: Vec<u8>,
    pub(crate) version: i64,
}

impl Row {
    /// Makes the next version of it, which is as long, and gives the version that it had.
    pub(crate) fn advance(&mut self) -> i64 {
        let seen = self.version;
        self.version += 1;
        for part in [&mut self.state, &mut self.mark] {
            part[..8].copy_from_slice(&self.version.to_be_bytes());
        }
        seen
    }
}
