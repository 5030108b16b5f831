//! The codes that a device shows.
#![expect(
    unsafe_code,
    reason = "C lends memory as bare pointers, and finds functions by name"
)]

use core::ffi::c_char;

use txotp_core::{Counter, DeviceKey, MovingFactor, Purpose, UnixTime};
use zeroize::Zeroizing;

use crate::limits::TXOTP_CODE_SIZE;
use crate::memory::{Input, Output, apart};
use crate::{DeviceStorage, ResultCode, TransactionStorage, boundary};

/// The code that approves a transaction, to be computed when the payer has seen the message and every
/// detail and asked for it.
///
/// `unix_time` is in seconds since 1970; a suite without a time step leaves it aside. `counter` is NULL
/// for a suite without a counter; each counter is used once, and the last, 2^64 − 1, never, since no
/// next one could be stored. `code` has at least `TXOTP_CODE_SIZE` bytes and becomes 6 to 8 digits and a
/// NUL: a secret until it is used.
///
/// # Safety
/// As the README's contract says.
// SAFETY: no other symbol of this name exists.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn txotp_transaction_code(
    device: *const DeviceStorage,
    transaction: *const TransactionStorage,
    unix_time: u64,
    counter: *const u64,
    code: *mut c_char,
    code_size: usize,
) -> ResultCode {
    boundary::call(|| {
        let transaction = Input::transaction(transaction)?;
        let request = Request::checked(device, counter, code, code_size)?;
        apart([request.code.span()], &[transaction.span()])?;
        // SAFETY: the caller lends all for the call, and nothing refers to the output.
        unsafe {
            let digest = transaction.stored()?.digest();
            request.answer(Purpose::Transaction(digest), unix_time)
        }
    })
}

/// The code that logs in, bound to nothing (RFC 4226, RFC 6238). It approves no transaction.
///
/// The arguments are as for `txotp_transaction_code`.
///
/// # Safety
/// As the README's contract says.
// SAFETY: no other symbol of this name exists.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn txotp_login_code(
    device: *const DeviceStorage,
    unix_time: u64,
    counter: *const u64,
    code: *mut c_char,
    code_size: usize,
) -> ResultCode {
    boundary::call(|| {
        let request = Request::checked(device, counter, code, code_size)?;
        // SAFETY: the caller lends all for the call, and nothing refers to the output.
        unsafe { request.answer(Purpose::Login, unix_time) }
    })
}

/// What both calls have in common.
struct Request {
    device: Input<crate::device::Stored>,
    counter: Option<Input<u64>>,
    code: Output<u8>,
}

impl Request {
    fn checked(
        device: *const DeviceStorage,
        counter: *const u64,
        code: *mut c_char,
        code_size: usize,
    ) -> Result<Self, ResultCode> {
        let device = Input::device(device)?;
        let counter = Input::optional(counter)?;
        let code = Output::many(code.cast(), code_size)?;
        apart([code.span()], &[device.span()])?;
        if let Some(counter) = &counter {
            apart([code.span()], &[counter.span()])?;
        }
        if code_size < TXOTP_CODE_SIZE {
            return Err(ResultCode::TooSmall);
        }
        Ok(Self {
            device,
            counter,
            code,
        })
    }

    /// # Safety
    /// As [`Input::value`] and [`Output::set`], for its members.
    unsafe fn answer(self, purpose: Purpose, unix_time: u64) -> Result<(), ResultCode> {
        // SAFETY: the caller's promise.
        let (key, counter) = unsafe {
            let counter = self.counter.map(|counter| Counter::new(*counter.value()));
            (self.device.key()?, counter)
        };
        check_purpose(key, purpose)?;
        let factor = moving_factor(key, unix_time, counter)?;
        let code = key.code(purpose, factor)?;
        let mut text = Zeroizing::new([0; TXOTP_CODE_SIZE]);
        for (to, from) in text.iter_mut().zip(code.reveal().bytes()) {
            *to = from;
        }
        // SAFETY: the caller's promise; there is room for all of it.
        unsafe { self.code.set_row(text.as_slice()) };
        Ok(())
    }
}

/// What moves the code on. The last counter is refused: none could be stored as the next.
pub(crate) fn moving_factor(
    key: &DeviceKey,
    unix_time: u64,
    counter: Option<Counter>,
) -> Result<MovingFactor, ResultCode> {
    let now = UnixTime::from_seconds(unix_time);
    let factor = key.suite().moving_factor(now, counter)?;
    match factor.get_counter() {
        Some(last) if last.next().is_none() => Err(ResultCode::CounterExhausted),
        _ => Ok(factor),
    }
}

/// Refuses a login where the suite has none.
pub(crate) fn check_purpose(key: &DeviceKey, purpose: Purpose) -> Result<(), ResultCode> {
    if purpose == Purpose::Login && !key.suite().has_login() {
        return Err(ResultCode::NoLoginCode);
    }
    Ok(())
}
