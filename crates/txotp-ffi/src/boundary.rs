//! What every call goes through on its way back to C.

use crate::ResultCode;

/// Runs the body of a call, and gives its result as a number.
///
/// No input is known to make a body panic. Should one, its fault is stopped here: to unwind into C is
/// undefined, and the caller must learn that nothing was done.
#[cfg(feature = "std")]
pub(crate) fn call(body: impl FnOnce() -> Result<(), ResultCode>) -> ResultCode {
    // Outputs are written last and whole, so a body that stopped half way has left nothing behind.
    let body = std::panic::AssertUnwindSafe(body);
    code(std::panic::catch_unwind(body).unwrap_or(Err(ResultCode::Internal)))
}

/// Runs the body of a call, and gives its result as a number. A panic does not come back.
#[cfg(not(feature = "std"))]
pub(crate) fn call(body: impl FnOnce() -> Result<(), ResultCode>) -> ResultCode {
    code(body())
}

fn code(result: Result<(), ResultCode>) -> ResultCode {
    match result {
        Ok(()) => ResultCode::Ok,
        Err(code) => code,
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    #![allow(clippy::panic)]

    use super::*;

    #[test]
    fn a_panic_is_a_result() {
        assert_eq!(call(|| panic!("on purpose")), ResultCode::Internal);
        assert_eq!(call(|| Ok(())), ResultCode::Ok);
    }
}
