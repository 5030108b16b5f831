//! The calls of the C interface, as a C program makes them: with pointers, lengths, and memory that is its own.
//!
//! Everything that is lent lives through the call, a device's storage is what `txotp_device_init` left or zeros, and
//! the text that a transaction refers to is read from where it lies, by its place.
#![expect(unsafe_code, reason = "C's functions take bare pointers")]

use std::ffi::{CStr, c_char};
use std::ptr;

use txotp_ffi::{
    DeviceStorage, Match, Pair, ResultCode, Text, TransactionStorage, Window, txotp_device_init,
    txotp_device_wipe, txotp_login_code, txotp_login_verify, txotp_result_text, txotp_string_fault,
    txotp_transaction_check_display, txotp_transaction_code, txotp_transaction_count,
    txotp_transaction_digest, txotp_transaction_message, txotp_transaction_pair,
    txotp_transaction_read, txotp_transaction_verify, txotp_wipe,
};

/// Storage for a transaction, and memory for its text.
pub struct Transaction {
    /// The memory that the reader decodes into.
    pub text: Vec<u8>,
    /// The opaque storage.
    pub storage: Box<TransactionStorage>,
}

impl Transaction {
    /// As a C program has it at first: zeroed storage, and text memory with something in it.
    #[must_use]
    pub fn new(text_size: usize) -> Self {
        Self {
            text: vec![0xaa; text_size],
            storage: Box::new(TransactionStorage { opaque: [0; 40] }),
        }
    }

    /// `txotp_transaction_read`, with so much of the text memory and so large a storage.
    pub fn read(&mut self, string: &[u8], limit: usize, text: usize, storage: usize) -> ResultCode {
        let text = &mut self.text[..text];
        // SAFETY: all of it is borrowed for the call, and its own; a storage of a size that is too small is refused.
        unsafe {
            txotp_transaction_read(
                string.as_ptr().cast(),
                string.len(),
                limit,
                text.as_mut_ptr().cast(),
                text.len(),
                &raw mut *self.storage,
                storage,
            )
        }
    }

    /// `txotp_transaction_read` by a program with a fault, by its number; and what it has to get for it.
    pub fn misread(&mut self, string: &[u8], fault: u8) -> (ResultCode, ResultCode) {
        let (mut from, mut len) = (string.as_ptr().cast::<c_char>(), string.len().max(1));
        let (mut text, mut size) = (self.text.as_mut_ptr().cast::<c_char>(), self.text.len());
        let mut storage = &raw mut *self.storage;
        let expected = match fault {
            0 => {
                from = ptr::null();
                ResultCode::NullPointer
            }
            1 => {
                text = ptr::null_mut();
                ResultCode::NullPointer
            }
            2 => {
                storage = ptr::null_mut();
                ResultCode::NullPointer
            }
            3 => {
                storage = storage.wrapping_byte_add(4);
                ResultCode::Misaligned
            }
            4 => {
                from = text.wrapping_add(size - 1).cast_const();
                len = 1;
                ResultCode::Overlap
            }
            5 => {
                len = usize::MAX;
                ResultCode::ImpossibleLength
            }
            _ => {
                size = usize::MAX;
                ResultCode::ImpossibleLength
            }
        };
        // SAFETY: none of it is followed: each has a fault that the call has to find first.
        let result = unsafe { txotp_transaction_read(from, len, 600, text, size, storage, 320) };
        (result, expected)
    }

    /// `txotp_transaction_message`: the bytes.
    ///
    /// # Errors
    /// Every result but `TXOTP_RESULT_OK`.
    pub fn message(&self) -> Result<&[u8], ResultCode> {
        let mut text = NO_TEXT;
        // SAFETY: both are borrowed for the call, and apart.
        let result = unsafe { txotp_transaction_message(&raw const *self.storage, &raw mut text) };
        done(result, || text.data.is_null()).map(|()| self.place(text))
    }

    /// `txotp_transaction_count`.
    ///
    /// # Errors
    /// Every result but `TXOTP_RESULT_OK`.
    pub fn count(&self, section: u32) -> Result<usize, ResultCode> {
        let mut count = usize::MAX;
        // SAFETY: both are borrowed for the call, and apart.
        let result =
            unsafe { txotp_transaction_count(&raw const *self.storage, section, &raw mut count) };
        done(result, || count == usize::MAX).map(|()| count)
    }

    /// `txotp_transaction_pair`: key and value.
    ///
    /// # Errors
    /// Every result but `TXOTP_RESULT_OK`.
    pub fn pair(&self, section: u32, index: usize) -> Result<(&[u8], &[u8]), ResultCode> {
        let mut pair = Pair {
            key: NO_TEXT,
            value: NO_TEXT,
        };
        // SAFETY: both are borrowed for the call, and apart.
        let result = unsafe {
            txotp_transaction_pair(&raw const *self.storage, section, index, &raw mut pair)
        };
        done(result, || {
            pair.key.data.is_null() && pair.value.data.is_null()
        })
        .map(|()| (self.place(pair.key), self.place(pair.value)))
    }

    /// `txotp_transaction_digest`, into so many bytes of 0xAA.
    ///
    /// # Errors
    /// Every result but `TXOTP_RESULT_OK`.
    pub fn digest(&self, size: usize) -> Result<Vec<u8>, ResultCode> {
        let mut digest = vec![0xaa; size];
        // SAFETY: both are borrowed for the call, and apart.
        let result = unsafe {
            txotp_transaction_digest(&raw const *self.storage, digest.as_mut_ptr(), size)
        };
        done(result, || digest.iter().all(|byte| *byte == 0xaa)).map(|()| digest)
    }

    /// `txotp_transaction_check_display`.
    #[must_use]
    pub fn check_display(&self, profile: u32) -> ResultCode {
        // SAFETY: it is borrowed for the call.
        unsafe { txotp_transaction_check_display(&raw const *self.storage, profile) }
    }

    /// The bytes at a place in the text memory.
    fn place(&self, text: Text) -> &[u8] {
        let start = text.data.addr() - self.text.as_ptr().addr();
        &self.text[start..start + text.len]
    }
}

const NO_TEXT: Text = Text {
    data: ptr::null(),
    len: 0,
};

/// `txotp_string_fault`, with so many bytes to work in: reason and offset.
///
/// # Errors
/// Every result but `TXOTP_RESULT_OK`.
pub fn string_fault(
    string: &[u8],
    limit: usize,
    size: usize,
) -> Result<(ResultCode, usize), ResultCode> {
    let mut text = vec![0xaa_u8; size];
    let (mut reason, mut offset) = (ResultCode::Internal, usize::MAX);
    // SAFETY: all of it is borrowed for the call, and apart.
    let result = unsafe {
        txotp_string_fault(
            string.as_ptr().cast(),
            string.len(),
            limit,
            text.as_mut_ptr().cast(),
            size,
            &raw mut reason,
            &raw mut offset,
        )
    };
    let worked_in = text.iter().all(|byte| *byte == 0) || result == ResultCode::BadLimit;
    assert!(worked_in, "the memory to work in is not wiped");
    done(result, || {
        (reason, offset) == (ResultCode::Internal, usize::MAX)
    })
    .map(|()| (reason, offset))
}

/// Storage for a device's key: filled by `txotp_device_init`, or zeros.
pub struct Device(Box<DeviceStorage>);

impl Device {
    /// Zeros.
    #[must_use]
    pub fn new() -> Self {
        Self(Box::new(DeviceStorage { opaque: [0; 512] }))
    }

    /// The bytes of the storage, by which what is untouched is known.
    #[must_use]
    pub fn bytes(&self) -> [u8; 512] {
        self.0.opaque
    }

    /// `txotp_device_init`, with so large a storage.
    pub fn init(
        &mut self,
        suite: &[u8],
        seed: &[u8],
        pin: Option<&[u8]>,
        size: usize,
    ) -> ResultCode {
        let (pin, pin_len) = pin.map_or((ptr::null(), 0), |pin| (pin.as_ptr(), pin.len()));
        // SAFETY: all of it is borrowed for the call, and apart; a storage of a size that is too small is refused.
        unsafe {
            txotp_device_init(
                &raw mut *self.0,
                size,
                suite.as_ptr().cast(),
                suite.len(),
                seed.as_ptr(),
                seed.len(),
                pin.cast(),
                pin_len,
            )
        }
    }

    /// `txotp_device_wipe`.
    pub fn wipe(&mut self) -> ResultCode {
        // SAFETY: it is borrowed for the call.
        unsafe { txotp_device_wipe(&raw mut *self.0) }
    }

    /// The code for a transaction or, without one, for a login, into so many bytes of 0xAA.
    ///
    /// # Errors
    /// Every result but `TXOTP_RESULT_OK`.
    pub fn code(
        &self,
        bound: Option<&Transaction>,
        unix_time: u64,
        counter: Option<u64>,
        size: usize,
    ) -> Result<Vec<u8>, ResultCode> {
        let mut code = vec![0xaa; size];
        let (device, out) = (&raw const *self.0, code.as_mut_ptr().cast());
        let counter = counter.as_ref().map_or(ptr::null(), ptr::from_ref);
        // SAFETY: all of it is borrowed for the call, and apart.
        let result = unsafe {
            match bound {
                Some(bound) => {
                    let bound = &raw const *bound.storage;
                    txotp_transaction_code(device, bound, unix_time, counter, out, size)
                }
                None => txotp_login_code(device, unix_time, counter, out, size),
            }
        };
        done(result, || code.iter().all(|byte| *byte == 0xaa)).map(|()| code)
    }

    /// Step, drift and counter of the candidate that has a code.
    ///
    /// # Errors
    /// Every result but `TXOTP_RESULT_OK`.
    pub fn verify(
        &self,
        bound: Option<&Transaction>,
        [past, future, look_ahead]: [u8; 3],
        unix_time: u64,
        counter: Option<u64>,
        typed: &[u8],
    ) -> Result<(u64, i64, u64), ResultCode> {
        const UNTOUCHED: Match = Match {
            step: 77,
            drift: -77,
            counter: 77,
        };
        let mut found = UNTOUCHED;
        let window = Window {
            unix_time,
            counter: counter.as_ref().map_or(ptr::null(), ptr::from_ref),
            past,
            future,
            look_ahead,
        };
        let (device, out) = (&raw const *self.0, &raw mut found);
        let (code, len) = (typed.as_ptr().cast(), typed.len());
        // SAFETY: all of it is borrowed for the call, and apart.
        let result = unsafe {
            match bound {
                Some(bound) => {
                    let bound = &raw const *bound.storage;
                    txotp_transaction_verify(device, bound, &raw const window, code, len, out)
                }
                None => txotp_login_verify(device, &raw const window, code, len, out),
            }
        };
        done(result, || found == UNTOUCHED).map(|()| (found.step, found.drift, found.counter))
    }
}

impl Default for Device {
    fn default() -> Self {
        Self::new()
    }
}

/// `txotp_wipe`.
pub fn wipe(memory: &mut [u8]) -> ResultCode {
    // SAFETY: it is borrowed for the call.
    unsafe { txotp_wipe(memory.as_mut_ptr().cast(), memory.len()) }
}

/// `txotp_result_text`.
#[must_use]
pub fn result_text(result: u32) -> &'static str {
    // SAFETY: it never returns null, and its text is static and ends with a NUL.
    let text = unsafe { CStr::from_ptr(txotp_result_text(result)) };
    text.to_str().expect("UTF-8")
}

/// A result as one of Rust's. With any but `TXOTP_RESULT_OK` the outputs are as they were.
fn done(result: ResultCode, untouched: impl FnOnce() -> bool) -> Result<(), ResultCode> {
    if result == ResultCode::Ok {
        return Ok(());
    }
    assert!(untouched(), "an output was written, with {result:?}");
    Err(result)
}
