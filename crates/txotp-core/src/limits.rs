//! Every maximum of this crate, and the relations between them, checked when it is compiled.
//!
//! Over a limit is an error, never a cut.

/// The least length of a seed, in bytes: RFC 4226 section 4, R6 (128 bits).
pub const MIN_SEED_LEN: usize = 16;

/// The greatest length of a seed, in bytes: the output of SHA-512, the longest hash.
pub const MAX_SEED_LEN: usize = 64;

/// The greatest length of a PIN, in bytes of UTF-8.
pub const MAX_PIN_LEN: usize = 128;

/// The greatest length of a message, a key or a value, in bytes of UTF-8: what the largest QR
/// symbol (version 40, level L) holds in byte mode.
pub const MAX_TEXT_LEN: usize = 2953;

/// The greatest number of pairs in a transaction, details and hidden details together.
pub const MAX_PAIRS: usize = 32;

/// The greatest number of steps that a window looks back, and that it looks ahead.
pub const MAX_WINDOW_SIDE: u8 = 31;

/// The greatest number of counters that a search looks ahead.
pub const MAX_LOOK_AHEAD: u8 = 63;

/// The greatest number of codes that one search computes and compares.
pub const MAX_CANDIDATES: u32 = 64;

/// The longest period of a transaction or login code, in seconds: NIST SP 800-63B asks that a time
/// nonce change at least every two minutes.
pub const MAX_PERIOD_SECONDS: u32 = 120;

/// The longest time step that an OCRA suite can spell, in seconds: 48 hours (RFC 6287 section 6.3).
pub const MAX_OCRA_PERIOD_SECONDS: u32 = 48 * 60 * 60;

/// The greatest length of an OCRA challenge, in characters (RFC 6287 section 6.3, `QFxx`).
pub const MAX_CHALLENGE_LEN: u8 = 64;

/// The greatest length of OCRA session data, in bytes (RFC 6287 section 5.1).
pub const MAX_SESSION_LEN: u16 = 512;

/// The length of the longest spelling of an OCRA suite:
/// `OCRA-1:HOTP-SHA512-10:C-QN64-PSHA512-S512-T59S`.
pub const MAX_SUITE_LEN: usize = 46;

/// The length of the challenge block in an OCRA message, in bytes (RFC 6287 section 5.1).
pub(crate) const CHALLENGE_BLOCK_LEN: usize = 128;

// Two challenges of the greatest length fill the block exactly (mutual modes).
const _: () = assert!(2 * MAX_CHALLENGE_LEN as usize == CHALLENGE_BLOCK_LEN);
// A window of the greatest size is one search, and a search's answer is one `u64`.
const _: () = assert!(2 * (MAX_WINDOW_SIDE as u32) < MAX_CANDIDATES);
const _: () = assert!((MAX_LOOK_AHEAD as u32) < MAX_CANDIDATES);
const _: () = assert!(MAX_CANDIDATES == u64::BITS);
// Which pairs are hidden is one `u32`.
const _: () = assert!(MAX_PAIRS == u32::BITS as usize);
// The length of a text fits a two-byte CBOR head.
const _: () = assert!(MAX_TEXT_LEN <= u16::MAX as usize);
