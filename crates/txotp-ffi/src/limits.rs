//! The numbers of the header, held against those of the crates below when this one is compiled.
//!
//! They are written out because a header has no other way to know them.

use txotp_core::limits::{MAX_CANDIDATES, MAX_LOOK_AHEAD, MAX_PAIRS, MAX_WINDOW_SIDE};
use txotp_uri::limits::{DEFAULT_STRING_LEN, MAX_STRING_LEN};

/// The limit on a string where there is no reason for another, in bytes.
pub const TXOTP_DEFAULT_STRING_LEN: usize = 600;

/// The limit that a caller can raise to, in bytes.
pub const TXOTP_MAX_STRING_LEN: usize = 2953;

/// The greatest number of pairs, details and hidden details together.
pub const TXOTP_MAX_PAIRS: usize = 32;

/// The length of a digest, in bytes.
pub const TXOTP_DIGEST_LEN: usize = 32;

/// What a code's buffer has to have, in bytes: ten digits and the NUL.
pub const TXOTP_CODE_SIZE: usize = 11;

/// The greatest number of steps that a window reaches to one side.
pub const TXOTP_MAX_WINDOW_SIDE: u8 = 31;

/// The greatest number of counters that a search looks ahead.
pub const TXOTP_MAX_LOOK_AHEAD: u8 = 63;

/// The greatest number of codes that one search computes.
pub const TXOTP_MAX_CANDIDATES: u32 = 64;

/// The size of a transaction's storage, in bytes, in every build of this version.
pub const TXOTP_TRANSACTION_SIZE: usize = 320;

/// The size of a device's storage, in bytes: enough in every build of this version.
pub const TXOTP_DEVICE_SIZE: usize = 512;

/// The alignment of a device's storage, in bytes: enough in every build of this version.
pub const TXOTP_DEVICE_ALIGN: usize = 16;

const _: () = assert!(TXOTP_DEFAULT_STRING_LEN == DEFAULT_STRING_LEN);
const _: () = assert!(TXOTP_MAX_STRING_LEN == MAX_STRING_LEN);
const _: () = assert!(TXOTP_MAX_PAIRS == MAX_PAIRS);
const _: () = assert!(TXOTP_MAX_WINDOW_SIDE == MAX_WINDOW_SIDE);
const _: () = assert!(TXOTP_MAX_LOOK_AHEAD == MAX_LOOK_AHEAD);
const _: () = assert!(TXOTP_MAX_CANDIDATES == MAX_CANDIDATES);
// Where a text begins and how long it is are kept as `u16`.
const _: () = assert!(TXOTP_MAX_STRING_LEN <= u16::MAX as usize);
