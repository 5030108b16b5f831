//! The search for a code that was typed, without any memory of earlier ones.
#![expect(
    unsafe_code,
    reason = "C lends memory as bare pointers, and finds functions by name"
)]

use core::ffi::c_char;

use txotp_core::{
    Candidates, Code, CodeError, Counter, Counters, DeviceKey, MovingFactor, Purpose, Step,
};

use crate::code::{check_purpose, moving_factor};
use crate::memory::{Input, Output, apart};
use crate::{DeviceStorage, ResultCode, TransactionStorage, boundary};

/// What a search tries.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// The verifier's clock, in seconds since 1970. A suite without a time step leaves it aside.
    pub unix_time: u64,
    /// The least counter that the device has not used; NULL for a suite without a counter.
    pub counter: *const u64,
    /// The steps before the clock's own, 0 to 31; 1 is usual.
    pub past: u8,
    /// The steps after the clock's own, 0 to 31; 1 is usual.
    pub future: u8,
    /// The counters after the first, 0 to 63. A suite without a counter leaves it aside.
    pub look_ahead: u8,
}

/// What was found: the lowest counter, and of its steps the one closest to the clock's, the earlier of
/// two.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// The step; 0 for a suite without a time step.
    pub step: u64,
    /// How many steps it is after the clock's own, negative where before; 0 likewise.
    pub drift: i64,
    /// The counter; 0 for a suite without a counter. The next search begins behind it.
    pub counter: u64,
}

/// Whether a code approves a transaction within a window: `TXOTP_RESULT_OK` if so,
/// `TXOTP_RESULT_WRONG_CODE` if not; any other result means that nothing was decided, and refuses.
///
/// Every code of the window is computed and compared, and none faster than another. The search keeps no
/// memory: it is the caller who refuses a step or counter that was accepted before, and who limits
/// guessing.
///
/// # Safety
/// As the README's contract says.
// SAFETY: no other symbol of this name exists.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn txotp_transaction_verify(
    device: *const DeviceStorage,
    transaction: *const TransactionStorage,
    window: *const Window,
    code: *const c_char,
    code_len: usize,
    found: *mut Match,
) -> ResultCode {
    boundary::call(|| {
        let transaction = Input::transaction(transaction)?;
        let search = Search::checked(device, window, code, code_len, found)?;
        apart([search.found.span()], &[transaction.span()])?;
        // SAFETY: the caller lends all for the call, and nothing refers to the output.
        unsafe {
            let digest = transaction.stored()?.digest();
            search.answer(Purpose::Transaction(digest))
        }
    })
}

/// Whether a code logs in within a window. Results and arguments are as for
/// `txotp_transaction_verify`.
///
/// # Safety
/// As the README's contract says.
// SAFETY: no other symbol of this name exists.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn txotp_login_verify(
    device: *const DeviceStorage,
    window: *const Window,
    code: *const c_char,
    code_len: usize,
    found: *mut Match,
) -> ResultCode {
    boundary::call(|| {
        let search = Search::checked(device, window, code, code_len, found)?;
        // SAFETY: the caller lends all for the call, and nothing refers to the output.
        unsafe { search.answer(Purpose::Login) }
    })
}

/// What both calls have in common.
struct Search {
    device: Input<crate::device::Stored>,
    window: Input<Window>,
    code: Input<u8>,
    found: Output<Match>,
}

impl Search {
    fn checked(
        device: *const DeviceStorage,
        window: *const Window,
        code: *const c_char,
        code_len: usize,
        found: *mut Match,
    ) -> Result<Self, ResultCode> {
        let search = Self {
            device: Input::device(device)?,
            window: Input::one(window)?,
            code: Input::many(code.cast(), code_len)?,
            found: Output::one(found)?,
        };
        apart(
            [search.found.span()],
            &[
                search.device.span(),
                search.window.span(),
                search.code.span(),
            ],
        )?;
        Ok(search)
    }

    /// # Safety
    /// As [`Input::value`] and [`Output::set`], for its members and the window's counter.
    unsafe fn answer(self, purpose: Purpose) -> Result<(), ResultCode> {
        // SAFETY: the caller's promise.
        let (key, window, typed) =
            unsafe { (self.device.key()?, self.window.value(), self.code.row()) };
        let counter = match Input::optional(window.counter)? {
            None => None,
            Some(counter) => {
                apart([self.found.span()], &[counter.span()])?;
                // SAFETY: the caller's promise.
                Some(Counter::new(unsafe { *counter.value() }))
            }
        };
        check_purpose(key, purpose)?;
        let typed = core::str::from_utf8(typed).map_err(|_| CodeError::NotADigit)?;
        let typed = Code::parse(typed, key.suite().digits())?;
        let centre = moving_factor(key, window.unix_time, counter)?;
        let candidates = candidates(window, centre)?;
        let found = search(key, purpose, candidates, &typed, centre.get_step())?;
        // SAFETY: the caller's promise.
        unsafe { self.found.set(found) };
        Ok(())
    }
}

/// What a window has around the clock's step, and from the counter on.
fn candidates(window: &Window, centre: MovingFactor) -> Result<Candidates, ResultCode> {
    let sides = txotp_core::Window::new(window.past, window.future)?;
    let steps = centre.get_step().map(|step| sides.around(step));
    let counters = match centre.get_counter() {
        None => None,
        Some(first) => {
            Some(Counters::from(first, window.look_ahead).ok_or(ResultCode::WindowTooWide)?)
        }
    };
    match (counters, steps) {
        (None, Some(steps)) => Ok(Candidates::steps(steps)),
        (Some(counters), None) => Ok(Candidates::counters(counters)),
        (Some(counters), Some(steps)) => {
            Candidates::both(counters, steps).ok_or(ResultCode::WindowTooWide)
        }
        // A transaction suite has one of them.
        (None, None) => Err(ResultCode::Internal),
    }
}

fn search(
    key: &DeviceKey,
    purpose: Purpose,
    candidates: Candidates,
    typed: &Code,
    centre: Option<Step>,
) -> Result<Match, ResultCode> {
    let matches = key.search(purpose, candidates, typed)?;
    let found = matches.iter().map(|factor| {
        let step = factor.get_step();
        Match {
            step: step.map_or(0, Step::get),
            drift: step
                .zip(centre)
                .map_or(0, |(step, centre)| step.since(centre)),
            counter: factor.get_counter().map_or(0, Counter::get),
        }
    });
    // Steps and counters ascend, and the first of several equals is taken.
    found
        .min_by_key(|found| (found.counter, found.drift.unsigned_abs()))
        .ok_or(ResultCode::WrongCode)
}
