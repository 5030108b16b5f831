//! A transaction in the caller's memory: read once, checked, and then only looked at.
//!
//! The storage is plain numbers: where each text is in the caller's text memory, and the digest and the
//! profile, which are taken while the text is known to be what was read. No call follows a pointer that it finds in
//! storage, so storage that is not what it should be leads to a wrong answer at worst.
#![expect(
    unsafe_code,
    reason = "C lends memory as bare pointers, and finds functions by name"
)]

use core::ffi::c_char;

use txotp_core::{Digest, Transaction};
use txotp_uri::Limit;
use zeroize::Zeroize as _;

use crate::limits::{TXOTP_DIGEST_LEN, TXOTP_MAX_PAIRS, TXOTP_TRANSACTION_SIZE};
use crate::memory::{Input, Output, apart};
use crate::{Profile, ResultCode, boundary};

/// Text in the memory that the caller lent for it: UTF-8 without a NUL at its end, and never empty.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// Where it begins.
    pub data: *const c_char,
    /// Its length in bytes.
    pub len: usize,
}

/// A detail or a hidden detail.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// What it is called.
    pub key: Text,
    /// What it says.
    pub value: Text,
}

/// Which pairs of a transaction are meant. Calls take its number.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Those to be shown, in the order in which they are to be shown.
    Details = 0,
    /// Those that are bound and not shown.
    HiddenDetails = 1,
}

/// Storage for a transaction: opaque, of one size in all builds, without secrets.
///
/// It may be copied and moved. It holds no text: that stays in the memory lent for it, which must
/// neither move nor change while the storage is used.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct TransactionStorage {
    /// Nothing of the caller's.
    pub opaque: [u64; 40],
}

/// What is in the storage. Every pattern of bits is a value of it.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Stored {
    tag: u64,
    text: *const c_char,
    digest: [u8; TXOTP_DIGEST_LEN],
    message: Place,
    /// Details, then hidden details; then those that are not used.
    pairs: [[Place; 2]; TXOTP_MAX_PAIRS],
    details: u16,
    hidden_details: u16,
    /// The number of the strictest [`Profile`] that holds what is shown.
    profile: u32,
}

const TAG: u64 = u64::from_le_bytes(*b"txotp1tx");

const _: () = assert!(size_of::<TransactionStorage>() == TXOTP_TRANSACTION_SIZE);
const _: () = assert!(size_of::<Stored>() <= TXOTP_TRANSACTION_SIZE);
const _: () = assert!(align_of::<Stored>() <= align_of::<TransactionStorage>());

/// Where a text is, counted from the beginning of the text memory.
#[derive(Clone, Copy)]
struct Place {
    start: u16,
    len: u16,
}

impl Place {
    const NOWHERE: Self = Self { start: 0, len: 0 };

    fn of(text: &str, base: *const c_char) -> Option<Self> {
        Some(Self {
            start: u16::try_from(text.as_ptr().addr().checked_sub(base.addr())?).ok()?,
            len: u16::try_from(text.len()).ok()?,
        })
    }
}

impl Stored {
    const EMPTY: Self = Self {
        tag: 0,
        text: core::ptr::null(),
        digest: [0; TXOTP_DIGEST_LEN],
        message: Place::NOWHERE,
        pairs: [[Place::NOWHERE; 2]; TXOTP_MAX_PAIRS],
        details: 0,
        hidden_details: 0,
        profile: 0,
    };

    /// Notes the digest, the profile, and where the texts are. Nothing where one is elsewhere, or is
    /// not even of the standard profile, both of which the reader rules out.
    fn note(&mut self, transaction: &Transaction<'_>, base: *const c_char) -> Option<()> {
        self.tag = TAG;
        self.text = base;
        self.digest = *transaction.digest().as_bytes();
        self.profile = Profile::strictest(transaction)? as u32;
        self.message = Place::of(transaction.message(), base)?;
        self.details = u16::try_from(transaction.details().count()).ok()?;
        self.hidden_details = u16::try_from(transaction.hidden_details().count()).ok()?;
        let pairs = transaction.details().chain(transaction.hidden_details());
        for (place, pair) in self.pairs.iter_mut().zip(pairs) {
            *place = [Place::of(pair.key, base)?, Place::of(pair.value, base)?];
        }
        Some(())
    }

    fn text(&self, place: Place) -> Text {
        Text {
            data: self.text.wrapping_add(usize::from(place.start)),
            len: usize::from(place.len),
        }
    }

    /// The number of the section's first pair, and how many it has.
    fn section(&self, section: u32) -> Result<(usize, usize), ResultCode> {
        let (details, hidden) = (usize::from(self.details), usize::from(self.hidden_details));
        match section {
            0 => Ok((0, details)),
            1 => Ok((details, hidden)),
            _ => Err(ResultCode::BadSection),
        }
    }

    pub(crate) const fn digest(&self) -> Digest {
        Digest::from_bytes(self.digest)
    }

    pub(crate) const fn profile(&self) -> u32 {
        self.profile
    }
}

impl Input<Stored> {
    /// The storage of a transaction that a caller names.
    pub(crate) fn transaction(transaction: *const TransactionStorage) -> Result<Self, ResultCode> {
        Self::one(transaction.cast())
    }

    /// What is stored, where something is.
    ///
    /// # Safety
    /// As [`Input::value`].
    pub(crate) unsafe fn stored<'a>(self) -> Result<&'a Stored, ResultCode> {
        // SAFETY: the caller's promise. Every pattern of bits is a value of the type.
        let stored = unsafe { self.value() };
        if stored.tag == TAG {
            Ok(stored)
        } else {
            Err(ResultCode::NotInitialised)
        }
    }
}

/// How much text memory a string of a length needs at most, in bytes.
// SAFETY: no other symbol of this name exists.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn txotp_text_size(string_len: usize) -> usize {
    // Decoding never lengthens.
    string_len
}

/// The size of a transaction's storage in the library that is linked, in bytes. At most
/// `TXOTP_TRANSACTION_SIZE` in the version that this header belongs to.
// SAFETY: no other symbol of this name exists.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn txotp_transaction_size() -> usize {
    size_of::<Stored>()
}

/// The alignment of a transaction's storage in the library that is linked, in bytes.
// SAFETY: no other symbol of this name exists.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn txotp_transaction_align() -> usize {
    align_of::<Stored>()
}

/// Reads a `txotp://` string. What is not understood to the last byte is refused.
///
/// `limit` is how many bytes the string may have: `TXOTP_DEFAULT_STRING_LEN`, or as many as
/// `TXOTP_MAX_STRING_LEN` where there is a reason. `text` is memory for the decoded text;
/// `txotp_text_size(string_len)` bytes always suffice. It is wiped if the string is refused.
///
/// A transaction that was read into the same `text` before loses its texts to this call: they are
/// overwritten, with zeros if this string is refused, while its storage still gives their places and
/// the digest. It is not to be shown again.
///
/// # Safety
/// As the README's contract says.
// SAFETY: no other symbol of this name exists.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn txotp_transaction_read(
    string: *const c_char,
    string_len: usize,
    limit: usize,
    text: *mut c_char,
    text_size: usize,
    transaction: *mut TransactionStorage,
    transaction_size: usize,
) -> ResultCode {
    boundary::call(|| {
        let string = Input::<u8>::many(string.cast(), string_len)?;
        let memory = Output::<u8>::many(text.cast(), text_size)?;
        let storage = Output::<Stored>::one(transaction.cast())?;
        apart([memory.span(), storage.span()], &[string.span()])?;
        let limit = Limit::new(limit).ok_or(ResultCode::BadLimit)?;
        if transaction_size < size_of::<Stored>() {
            return Err(ResultCode::TooSmall);
        }
        // SAFETY: the caller lends both for the call, and `apart` saw that they do not overlap.
        let (string, memory) = unsafe { (string.row(), memory.wiped()) };
        let mut stored = Stored::EMPTY;
        let noted = match txotp_uri::read(string, limit, memory) {
            Ok(transaction) => stored.note(&transaction, text).ok_or(ResultCode::Internal),
            Err(error) => Err(error.kind().into()),
        };
        if noted.is_err() {
            memory.zeroize();
        }
        noted?;
        // SAFETY: the caller lends the storage for the call, and nothing refers to it.
        unsafe { storage.set(stored) };
        Ok(())
    })
}

/// Says what is wrong with a string, and at which byte, for whoever writes such strings. A device needs
/// only `txotp_transaction_read`.
///
/// `reason` becomes the result with which `txotp_transaction_read` refuses the string, and `offset` the
/// byte, from 0 to the string's length; or `TXOTP_RESULT_OK` and 0. `text` is memory to work in, and is
/// wiped: a transaction that was read into it loses its texts. `txotp_text_size(string_len)` bytes
/// always suffice; where fewer turn out not to, the call returns `TXOTP_RESULT_TOO_SMALL` and says
/// nothing about the string.
///
/// # Safety
/// As the README's contract says.
// SAFETY: no other symbol of this name exists.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn txotp_string_fault(
    string: *const c_char,
    string_len: usize,
    limit: usize,
    text: *mut c_char,
    text_size: usize,
    reason: *mut ResultCode,
    offset: *mut usize,
) -> ResultCode {
    boundary::call(|| {
        let string = Input::<u8>::many(string.cast(), string_len)?;
        let memory = Output::<u8>::many(text.cast(), text_size)?;
        let reason = Output::one(reason)?;
        let offset = Output::one(offset)?;
        apart(
            [memory.span(), reason.span(), offset.span()],
            &[string.span()],
        )?;
        let limit = Limit::new(limit).ok_or(ResultCode::BadLimit)?;
        // SAFETY: the caller lends both for the call, and `apart` saw that they do not overlap.
        let (string, memory) = unsafe { (string.row(), memory.wiped()) };
        let (found, at) = match txotp_uri::read(string, limit, memory) {
            Ok(_) => (ResultCode::Ok, 0),
            Err(error) => (error.kind().into(), error.offset()),
        };
        memory.zeroize();
        if found == ResultCode::TooSmall {
            return Err(found);
        }
        // SAFETY: the caller lends both for the call, and nothing refers to them.
        unsafe {
            reason.set(found);
            offset.set(at);
        }
        Ok(())
    })
}

/// The message, which is to be shown first.
///
/// # Safety
/// As the README's contract says.
// SAFETY: no other symbol of this name exists.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn txotp_transaction_message(
    transaction: *const TransactionStorage,
    message: *mut Text,
) -> ResultCode {
    boundary::call(|| {
        let transaction = Input::transaction(transaction)?;
        let message = Output::one(message)?;
        apart([message.span()], &[transaction.span()])?;
        // SAFETY: the caller lends both for the call, and nothing refers to the output.
        unsafe {
            let transaction = transaction.stored()?;
            message.set(transaction.text(transaction.message));
        }
        Ok(())
    })
}

/// How many pairs a section has: 0 to 32.
///
/// # Safety
/// As the README's contract says.
// SAFETY: no other symbol of this name exists.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn txotp_transaction_count(
    transaction: *const TransactionStorage,
    section: u32,
    count: *mut usize,
) -> ResultCode {
    boundary::call(|| {
        let transaction = Input::transaction(transaction)?;
        let count = Output::one(count)?;
        apart([count.span()], &[transaction.span()])?;
        // SAFETY: the caller lends both for the call, and nothing refers to the output.
        unsafe {
            let (_, pairs) = transaction.stored()?.section(section)?;
            count.set(pairs);
        }
        Ok(())
    })
}

/// A pair of a section, by its number from 0 in the order in which pairs are to be shown.
///
/// # Safety
/// As the README's contract says.
// SAFETY: no other symbol of this name exists.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn txotp_transaction_pair(
    transaction: *const TransactionStorage,
    section: u32,
    index: usize,
    pair: *mut Pair,
) -> ResultCode {
    boundary::call(|| {
        let transaction = Input::transaction(transaction)?;
        let pair = Output::one(pair)?;
        apart([pair.span()], &[transaction.span()])?;
        // SAFETY: the caller lends it for the call.
        let stored = unsafe { transaction.stored()? };
        let (first, count) = stored.section(section)?;
        let place = first
            .checked_add(index)
            .filter(|_| index < count)
            .and_then(|place| stored.pairs.get(place));
        let [key, value] = place.ok_or(ResultCode::NoSuchPair)?;
        let found = Pair {
            key: stored.text(*key),
            value: stored.text(*value),
        };
        // SAFETY: the caller lends it for the call, and nothing refers to it.
        unsafe { pair.set(found) };
        Ok(())
    })
}

/// The digest that codes are bound to: 32 bytes. That of an ordinary payment can be guessed, so it
/// belongs in no log.
///
/// # Safety
/// As the README's contract says.
// SAFETY: no other symbol of this name exists.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn txotp_transaction_digest(
    transaction: *const TransactionStorage,
    digest: *mut u8,
    digest_size: usize,
) -> ResultCode {
    boundary::call(|| {
        let transaction = Input::transaction(transaction)?;
        let digest = Output::many(digest, digest_size)?;
        apart([digest.span()], &[transaction.span()])?;
        if digest_size < TXOTP_DIGEST_LEN {
            return Err(ResultCode::TooSmall);
        }
        // SAFETY: the caller lends both for the call, and nothing refers to the output.
        unsafe {
            let transaction = transaction.stored()?;
            digest.set_row(&transaction.digest);
        }
        Ok(())
    })
}
