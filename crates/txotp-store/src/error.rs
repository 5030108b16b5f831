//! What can go wrong. There is no verdict then, and the caller refuses.

use core::fmt;

use txotp_core::PinMismatch;
use txotp_verifier::{PolicyError, StateError, Undecided};

use crate::seal::KeyError;
use crate::{RecordError, Status};

/// Why there is no answer. It carries no part of a request, a row or a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreError {
    /// No device of this name is enrolled. The caller's mistake.
    UnknownDevice,
    /// The user has no device, and never had one. The caller's mistake.
    UnknownUser,
    /// A device of this name is enrolled, though perhaps revoked: names are never used again.
    AlreadyEnrolled,
    /// The user has 16 devices that are not revoked: revoke one.
    TooManyDevices,
    /// The device's status does not allow the act: what is revoked stays revoked.
    NotPossible(Status),
    /// The code is not six to eight ASCII digits. Nothing was compared.
    BadCode,
    /// The settings are no policy for the suite of the device.
    Policy(PolicyError),
    /// The PIN is missing, or is not what the suite asks for.
    Pin,
    /// A counter was given to a suite that has none.
    Counter,
    /// The time is after the year 292 billion, where a database's integers end.
    Time,
    /// The arguments or the clock let nothing be decided.
    Undecided(Undecided),
    /// A limit of records is not kept.
    Record(RecordError),
    /// A record is not as it was when it was read, which was to change with a verdict: read it, and decide anew.
    RecordChanged,

    /// A key is missing, is not the right one, or cannot be read.
    Key(KeyError),
    /// What is stored is not what was stored. Run `txotp store check`; restore a backup, or revoke the devices that
    /// it names and enrol others.
    Damaged(Damage),
    /// There is no store at this place: run `txotp store init`.
    NotAStore,
    /// There is a store at this place already: it was left as it is.
    AlreadyAStore,
    /// The store was written by an older release: run `txotp store migrate`.
    OlderSchema,
    /// The store was written by a newer release than this.
    NewerSchema,
    /// The place of the store cannot be understood or is not supported.
    Location,
    /// Another process holds the store, and did not let go in time. Retry.
    Busy,
    /// The disk is full. Nothing of the operation was kept.
    Full,
    /// The store can be read and not written: see who owns the file, and how it is mounted.
    ReadOnly,
    /// The file or the server cannot be reached, or the connection was lost. Whether an operation took
    /// place that was under way is not known.
    Unreachable,
    /// The server refuses the login or the act: see the user, the password, the database and its grants, and
    /// whether the server offers TLS.
    Refused,
    /// The server could not prove by its certificate that it is the one that is meant, or there is no
    /// certificate to trust: see `sslrootcert` and the host's name.
    Untrusted,
    /// The server acknowledges what is not durable yet: set `synchronous_commit` and `fsync` to `on`.
    NotDurable,
    /// More operations wait than may. Retry later.
    Overloaded,
    /// The store is being closed.
    Stopped,
    /// Other operations came between too often. Retry.
    Contended,
    /// The operating system gave no entropy.
    Entropy,
    /// Something that the caller has lent panicked: a key service, a progress, or what takes an export. Nothing of
    /// the operation was kept.
    Panicked,
    /// The database refused, for a reason that this release does not know. The number is SQLite's
    /// extended result code; or the five characters of PostgreSQL's SQLSTATE, in base 36.
    Database(u32),
}

impl StoreError {
    /// Whether the same call can succeed later without anybody's help. A caller that retries a
    /// verification must be ready to hear that the code was used: by its own first call.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Busy
                | Self::Unreachable
                | Self::Overloaded
                | Self::Contended
                | Self::Key(KeyError::Unavailable)
        )
    }

    /// The stable name, for records and scripts.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::UnknownDevice => "unknown-device",
            Self::UnknownUser => "unknown-user",
            Self::AlreadyEnrolled => "already-enrolled",
            Self::TooManyDevices => "too-many-devices",
            Self::NotPossible(_) => "not-possible",
            Self::BadCode => "bad-code",
            Self::Policy(_) => "bad-policy",
            Self::Pin => "bad-pin",
            Self::Counter => "bad-counter",
            Self::Time => "bad-time",
            Self::Undecided(why) => why.name(),
            Self::Record(_) => "bad-record",
            Self::RecordChanged => "record-changed",
            Self::Key(_) => "key",
            Self::Damaged(_) => "damaged",
            Self::NotAStore => "not-a-store",
            Self::AlreadyAStore => "already-a-store",
            Self::OlderSchema => "older-schema",
            Self::NewerSchema => "newer-schema",
            Self::Location => "bad-location",
            Self::Busy => "busy",
            Self::Full => "full",
            Self::ReadOnly => "read-only",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::Untrusted => "untrusted",
            Self::NotDurable => "not-durable",
            Self::Overloaded => "overloaded",
            Self::Stopped => "stopped",
            Self::Contended => "contended",
            Self::Entropy => "no-entropy",
            Self::Panicked => "panicked",
            Self::Database(_) => "database",
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownDevice => "no such device is enrolled",
            Self::UnknownUser => "the user has no device",
            Self::AlreadyEnrolled => "a device of this name is enrolled already",
            Self::TooManyDevices => "the user has 16 devices already",
            Self::NotPossible(Status::Revoked) => "the device is revoked, and stays so",
            Self::NotPossible(Status::Suspended) => "the device is suspended already",
            Self::NotPossible(Status::Active) => "the device is active",
            Self::BadCode => "the code is not six to eight digits",
            Self::Policy(error) => return error.fmt(f),
            Self::Pin => "the PIN is missing, or is not what the suite asks for",
            Self::Counter => "the suite has no counter",
            Self::Time => "the time is beyond what can be stored",
            Self::Undecided(why) => return why.fmt(f),
            Self::Record(error) => return error.fmt(f),
            Self::RecordChanged => "a record is not as it was read",
            Self::Key(error) => return error.fmt(f),
            Self::Damaged(damage) => return damage.fmt(f),
            Self::NotAStore => "there is no txotp store at this place",
            Self::AlreadyAStore => "there is a store at this place already",
            Self::OlderSchema => "the store was written by an older release",
            Self::NewerSchema => "the store was written by a newer release",
            Self::Location => "the place of the store is not understood",
            Self::Busy => "another process holds the store",
            Self::Full => "the disk is full",
            Self::ReadOnly => "the store can only be read",
            Self::Unreachable => "the database cannot be reached",
            Self::Refused => "the database refuses the login or the act",
            Self::Untrusted => "the server did not prove that it is the right one",
            Self::NotDurable => "the database acknowledges what is not durable yet",
            Self::Overloaded => "too many operations wait for the database",
            Self::Stopped => "the store is closed",
            Self::Contended => "other operations came between too often",
            Self::Entropy => "the operating system gave no entropy",
            Self::Panicked => "what was lent to the store panicked",
            Self::Database(code) => {
                return write!(f, "the database refused with its code {code}");
            }
        })
    }
}

impl core::error::Error for StoreError {}

/// What is not as it was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Damage {
    /// The database file itself: cut, or overwritten.
    File,
    /// A row was changed by something else than this program.
    Row,
    /// A row has its mark, and yet holds what this release does not understand.
    Content,
    /// A record, or what stands beside its body, was changed by something else than this program. Remove its row.
    Record,
    /// A device's state is none.
    State(StateError),
    /// The evidence: run `txotp audit verify`, which says where.
    Evidence,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "the database file is damaged",
            Self::Row => "a row was changed by another program",
            Self::Content => "a row holds what this release does not understand",
            Self::Record => "a record was changed by another program",
            Self::State(error) => return error.fmt(f),
            Self::Evidence => "the evidence is damaged",
        })
    }
}

impl From<KeyError> for StoreError {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}

impl From<PolicyError> for StoreError {
    fn from(error: PolicyError) -> Self {
        Self::Policy(error)
    }
}

impl From<Undecided> for StoreError {
    fn from(why: Undecided) -> Self {
        Self::Undecided(why)
    }
}

impl From<PinMismatch> for StoreError {
    fn from(_: PinMismatch) -> Self {
        Self::Pin
    }
}

impl From<StateError> for StoreError {
    fn from(error: StateError) -> Self {
        Self::Damaged(Damage::State(error))
    }
}

impl From<getrandom::Error> for StoreError {
    fn from(_: getrandom::Error) -> Self {
        Self::Entropy
    }
}
