//! An entry of evidence, and the book that it stands in.

use core::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::StoreError;
use crate::secrets::{Secrets, same};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Event {
    /// The store was made.
    #[default]
    StoreCreated,
    /// A device was enrolled.
    DeviceEnrolled,
    /// An attempt was judged.
    Verdict,
    /// Two codes were judged for a resynchronisation.
    Resynchronisation,
    /// Another device of the user had a success, which ended this one's run of failures.
    FailuresCleared,
    /// A device was suspended, resumed or revoked.
    StatusChanged,
    /// An administrator lifted the locks of a device.
    Unlocked,
    /// An administrator made the store forget when it last accepted.
    ClockForgiven,
    /// A device has other settings.
    PolicyChanged,
    /// A device went on after a backup was restored.
    Restored,
    /// A caller of the [`Store`](txotp_verifier::Store) trait replaced a state that it had decided on.
    StateReplaced,
    /// Every seed was sealed under another key.
    KeysRotated,
    /// A service judged a code that it had sent. No device had a part in it.
    StepUp,
}

impl Event {
    /// The stable name, as it stands in the evidence.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::StoreCreated => "store-created",
            Self::DeviceEnrolled => "device-enrolled",
            Self::Verdict => "verdict",
            Self::Resynchronisation => "resynchronisation",
            Self::FailuresCleared => "failures-cleared",
            Self::StatusChanged => "status-changed",
            Self::Unlocked => "unlocked",
            Self::ClockForgiven => "clock-forgiven",
            Self::PolicyChanged => "policy-changed",
            Self::Restored => "restored",
            Self::StateReplaced => "state-replaced",
            Self::KeysRotated => "keys-rotated",
            Self::StepUp => "step-up",
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An entry of the evidence: one line of JSON, its fields in this order. A field that says nothing is
/// not there.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Entry {
    /// The version of this form, 1.
    pub v: u8,
    /// The book: 32 hexadecimal digits.
    pub book: String,
    /// The entry's place in its book, from 1.
    pub number: u64,
    /// The SHA-256 of the line before, in hexadecimal; of the book's first line 64 zeros.
    pub previous: String,
    /// When it happened, in Unix seconds, by the clock of the caller.
    pub time: u64,
    /// What happened.
    pub event: Event,
    /// The device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The entry's place among those of its device, from 1, over all books.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// Whose the device is, or the code that was sent, if it is a user's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Who acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The suite that the device was enrolled with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suite: Option<String>,
    /// The settings that it has from now on, as JSON in a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<String>,
    /// The status that it has from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What the code was for: `login` or `transaction`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The mark of the transaction's digest, in hexadecimal: HMAC-SHA-256 under a key of the store. It is
    /// the same for the same transaction, and tells nothing to those who do not have the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// `accepted` or `refused`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The step that matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<u64>,
    /// The counter that matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counter: Option<u64>,
    /// How many steps the match lay after the bank's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<i64>,
    /// How many failures were left until the next lock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts_left: Option<u8>,
    /// The end of the lock in force, in Unix seconds; 2⁶⁴−1 is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked_until: Option<u64>,
    /// The key that secrets are sealed under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// How many rows were concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// HMAC-SHA-256 under a key of the store, over this line without this field: the first 16 bytes, in
    /// hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
}

impl Entry {
    /// The entry of a line; nothing where it is none of this form.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let entry: Self = serde_json::from_str(line).ok()?;
        (entry.v == 1).then_some(entry)
    }

    fn to_line(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers always are JSON")
    }

    fn marked(self, secrets: &Secrets) -> Self {
        let mark = secrets.line_mark(self.to_line().as_bytes());
        let (mark, _) = mark.split_at(16);
        Self {
            mark: Some(base16ct::lower::encode_string(mark)),
            ..self
        }
    }

    /// Whether a line is one that this store wrote, and this entry what it says.
    pub(crate) fn is_genuine(&self, line: &str, secrets: &Secrets) -> bool {
        let bare = Self {
            mark: None,
            ..self.clone()
        };
        same(bare.marked(secrets).to_line().as_bytes(), line.as_bytes())
    }
}

/// The hash of a line.
pub(crate) fn hash(line: &str) -> [u8; 32] {
    Sha256::digest(line.as_bytes()).into()
}

/// Where a writer is in its book.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    id: String,
    number: u64,
    head: [u8; 32],
}

impl Book {
    /// A book without entries.
    pub(crate) fn new() -> Result<Self, StoreError> {
        let mut id = [0; 16];
        getrandom::fill(&mut id)?;
        Ok(Self {
            id: base16ct::lower::encode_string(&id),
            number: 0,
            head: [0; 32],
        })
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// The hash of the last line.
    pub(crate) fn head(&self) -> [u8; 32] {
        self.head
    }

    /// Writes an entry into the book, and gives its line.
    pub(crate) fn write(&mut self, entry: Entry, secrets: &Secrets) -> String {
        self.number = self.number.saturating_add(1);
        let entry = Entry {
            v: 1,
            book: self.id.clone(),
            number: self.number,
            previous: base16ct::lower::encode_string(&self.head),
            ..entry
        };
        let line = entry.marked(secrets).to_line();
        self.head = hash(&line);
        line
    }
}
