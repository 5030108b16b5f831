//! Records: what a service keeps beside the devices, small and sealed, changed by comparing and setting.

use core::fmt;
use std::collections::HashSet;

use subtle::ConstantTimeEq as _;
use txotp_core::TextProfile;
use zeroize::Zeroizing;

use crate::StoreError;
use crate::limits::{MAX_BODY_LEN, MAX_CHANGES, MAX_KIND_LEN, MAX_RECORD_NAME_LEN};

/// Names a kind of records: 1 to 32 of `a-z 0-9 -`. It stands in rows and in the report of a check, and is no secret.
///
/// ```
/// use txotp_store::Kind;
///
/// const APPROVAL: Kind = Kind::new("approval");
/// assert_eq!(APPROVAL.as_str(), "approval");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(&'static str);

impl Kind {
    /// A kind, which a program knows when it is compiled.
    ///
    /// # Panics
    /// Where the name is none: in a constant, when it is compiled.
    ///
    /// ```compile_fail
    /// const BAD: txotp_store::Kind = txotp_store::Kind::new("Approval");
    /// # let _ = BAD;
    /// ```
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        assert!(!name.is_empty(), "a kind has a name");
        assert!(
            name.len() <= MAX_KIND_LEN,
            "a kind's name has at most 32 bytes"
        );
        let mut left = name.as_bytes();
        while let [byte, rest @ ..] = left {
            let is_allowed = byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
            assert!(is_allowed, "a kind's name is of a-z 0-9 -");
            left = rest;
        }
        Self(name)
    }

    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A record, as it is stored at one moment.
///
/// Its body is sealed, and bound to the store and to all the other fields: a row of which any of them was changed, or
/// that came from another store, is [`Damage::Record`](crate::Damage::Record). The other fields stand in the row as they
/// are. An older row that was put back whole, and a row that was removed, cannot be told from a row of that moment: who
/// can write to the database can do both. A copy of a store that is restored has the records of its moment:
/// [`Vault::restored`](crate::Vault::restored) is for devices, and leaves them as they are.
pub struct Record {
    /// What kind of record it is.
    pub kind: Kind,
    /// Its key, of which there is one among its kind.
    pub key: String,
    /// How often it was written: 1 when it was inserted, and one more with each replacement.
    pub version: u64,
    /// Whose it is: see [`Vault::records_of`](crate::Vault::records_of).
    pub owner: Option<String>,
    /// When something is to be done about it, in whatever unit its kind has: see
    /// [`Vault::records_due`](crate::Vault::records_due).
    pub due: Option<u64>,
    /// What it says.
    pub body: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("kind", &self.kind)
            .field("key", &self.key)
            .field("version", &self.version)
            .field("owner", &self.owner)
            .field("due", &self.due)
            .finish_non_exhaustive()
    }
}

/// A change of a record, and what it expects to find.
///
/// A key that was removed and is inserted again begins at version 1 again: where an old version could still be held
/// somewhere, give a key once only, or replace a record instead of removing it.
#[derive(Clone)]
pub enum Change {
    /// Adds a record of version 1. It expects that there is none of this kind and key.
    Insert {
        /// See [`Record::kind`].
        kind: Kind,
        /// See [`Record::key`].
        key: String,
        /// See [`Record::owner`].
        owner: Option<String>,
        /// See [`Record::due`].
        due: Option<u64>,
        /// See [`Record::body`].
        body: Zeroizing<Vec<u8>>,
    },
    /// Replaces all of a record but kind and key, and makes its version one more. It expects that it has the version.
    Replace {
        /// See [`Record::kind`].
        kind: Kind,
        /// See [`Record::key`].
        key: String,
        /// The version that was seen.
        version: u64,
        /// See [`Record::owner`].
        owner: Option<String>,
        /// See [`Record::due`].
        due: Option<u64>,
        /// See [`Record::body`].
        body: Zeroizing<Vec<u8>>,
    },
    /// Removes a record. It expects that it has the version.
    Remove {
        /// See [`Record::kind`].
        kind: Kind,
        /// See [`Record::key`].
        key: String,
        /// The version that was seen.
        version: u64,
    },
}

impl Change {
    /// The record that it changes.
    pub(crate) fn name(&self) -> (Kind, &str) {
        match self {
            Self::Insert { kind, key, .. }
            | Self::Replace { kind, key, .. }
            | Self::Remove { kind, key, .. } => (*kind, key),
        }
    }

    fn check(&self) -> Result<(), RecordError> {
        let (_, key) = self.name();
        check_key(key)?;
        match self {
            Self::Insert { owner, body, .. } | Self::Replace { owner, body, .. } => {
                owner.as_deref().map_or(Ok(()), check_owner)?;
                if body.len() > MAX_BODY_LEN {
                    return Err(RecordError::Body);
                }
                Ok(())
            }
            Self::Remove { .. } => Ok(()),
        }
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, version) = match self {
            Self::Insert { .. } => ("Insert", None),
            Self::Replace { version, .. } => ("Replace", Some(version)),
            Self::Remove { version, .. } => ("Remove", Some(version)),
        };
        let (kind, key) = self.name();
        f.debug_struct(name)
            .field("kind", &kind)
            .field("key", &key)
            .field("version", &version)
            .finish_non_exhaustive()
    }
}

/// What came of a list of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "of a list in conflict nothing was written"]
pub enum Written {
    /// All took place, and are durable.
    Done,
    /// None took place.
    Conflict {
        /// The first change of the list, counted from 0, that did not find what it expects.
        at: usize,
    },
}

/// A keyed digest of something that is not kept itself: see [`Vault::keyed_digest`](crate::Vault::keyed_digest).
pub struct KeyedDigest(pub(crate) [u8; 32]);

impl KeyedDigest {
    /// The bytes, to be kept.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether it is the one that was kept, in a time that depends on the length alone.
    #[must_use]
    pub fn matches(&self, kept: &[u8]) -> bool {
        self.0.ct_eq(kept).into()
    }
}

impl fmt::Debug for KeyedDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyedDigest(redacted)")
    }
}

/// Which limit of records is not kept. The caller's mistake; nothing was read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordError {
    /// A key is not 1 to 255 bytes, or holds a character that cannot be seen.
    Key,
    /// An owner is not 1 to 255 bytes, or holds a character that cannot be seen.
    Owner,
    /// A body has more than 65 536 bytes.
    Body,
    /// A list has more than 32 changes.
    TooManyChanges,
    /// A list changes one record twice.
    Repeated,
    /// More than 1000 records are asked for at once.
    Limit,
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key => "a record's key is not 1 to 255 bytes of text that can be seen",
            Self::Owner => "a record's owner is not 1 to 255 bytes of text that can be seen",
            Self::Body => "a record's body is longer than 65536 bytes",
            Self::TooManyChanges => "a list has more than 32 changes of records",
            Self::Repeated => "a list changes one record twice",
            Self::Limit => "more than 1000 records are asked for at once",
        })
    }
}

impl core::error::Error for RecordError {}

impl From<RecordError> for StoreError {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}

/// Whether a list keeps every limit.
pub(crate) fn check_list(changes: &[Change]) -> Result<(), RecordError> {
    if changes.len() > MAX_CHANGES {
        return Err(RecordError::TooManyChanges);
    }
    let mut names = HashSet::new();
    for change in changes {
        change.check()?;
        if !names.insert(change.name()) {
            return Err(RecordError::Repeated);
        }
    }
    Ok(())
}

pub(crate) fn check_key(key: &str) -> Result<(), RecordError> {
    is_name(key).then_some(()).ok_or(RecordError::Key)
}

pub(crate) fn check_owner(owner: &str) -> Result<(), RecordError> {
    is_name(owner).then_some(()).ok_or(RecordError::Owner)
}

fn is_name(text: &str) -> bool {
    (1..=MAX_RECORD_NAME_LEN).contains(&text.len())
        && TextProfile::Standard.first_forbidden(text).is_none()
}
