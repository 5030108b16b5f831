//! The version of the library that is linked.
#![expect(unsafe_code, reason = "a C function is exported by its name")]

use core::ffi::c_char;

/// The version, as `0.1.0`: static text that ends with a NUL.
// SAFETY: no other symbol of this name exists.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn txotp_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}
