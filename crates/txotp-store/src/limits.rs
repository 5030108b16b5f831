//! Every maximum of this crate. Over one is an error, never a cut.

/// The bytes of a device's, a user's or an actor's name.
pub const MAX_NAME_LEN: usize = 128;

/// The bytes of a key's id.
pub const MAX_KEY_ID_LEN: usize = 32;

/// The keys of a keyring.
pub const MAX_KEYS: usize = 64;

/// The bytes of a keyring file.
pub const MAX_KEYRING_LEN: u64 = 16_384;

/// The active or suspended devices of one user: a guess is compared with each of the active ones.
pub const MAX_DEVICES_PER_USER: usize = 16;

/// The operations that wait for a database thread. One more is refused, so that a slow disk shows as an
/// error and not as a queue without an end.
pub const MAX_WAITING: usize = 4096;

/// The operations that share one durable commit.
pub const MAX_BATCH: usize = 256;

/// The connections to PostgreSQL that one process opens.
pub const MAX_CONNECTIONS: usize = 64;

/// How often an operation begins anew because another came between.
pub const MAX_ATTEMPTS: u32 = 100;

/// The rows that one step of long work reads or writes, so that it never holds up verdicts for long.
pub const PAGE: usize = 500;

/// The entries of a book of evidence after which a checkpoint is due.
pub const CHECKPOINT_EVERY: u64 = 1024;

/// The books that one checkpoint names, so that its line has a limit; more are named by the next one.
pub const MAX_HEADS: usize = 32;

/// The bytes of a line of evidence. The longest has three names of which each byte is escaped.
pub const MAX_LINE_LEN: usize = 8192;

/// The bytes of the name of a kind of records.
pub const MAX_KIND_LEN: usize = 32;

/// The bytes of a record's key, and of its owner.
pub const MAX_RECORD_NAME_LEN: usize = 255;

/// The bytes of a record's body.
pub const MAX_BODY_LEN: usize = 65_536;

/// The changes of records that take place together.
pub const MAX_CHANGES: usize = 32;

/// The records that one call gives.
pub const MAX_RECORDS: usize = 1000;
