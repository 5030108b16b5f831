//! The C library liboath, of the OATH Toolkit.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char, c_int, c_uint};

use crate::totp::{Kind, Totp};
use crate::{NOW, SEED};

unsafe extern "C" {
    fn oath_init() -> c_int;
    fn oath_totp_generate2(
        secret: *const c_char,
        secret_length: usize,
        now: i64,
        step: c_uint,
        start: i64,
        digits: c_uint,
        flags: c_int,
        output: *mut c_char,
    ) -> c_int;
    fn oath_totp_validate4(
        secret: *const c_char,
        secret_length: usize,
        now: i64,
        step: c_uint,
        start: i64,
        window: usize,
        position: *mut c_int,
        counter: *mut u64,
        flags: c_int,
        typed: *const c_char,
    ) -> c_int;
}

/// liboath.
#[derive(Debug)]
pub struct LibOath {
    kind: Kind,
    typed: CString,
}

impl LibOath {
    /// Text ends with a zero in C, so what will be typed is given before.
    ///
    /// # Panics
    /// Where the library does not start, or the text has a zero in it.
    #[must_use]
    pub fn new(kind: Kind, typed: &str) -> Self {
        // SAFETY: it takes nothing, and may be called as often as one likes.
        assert_eq!(unsafe { oath_init() }, 0);
        let typed = CString::new(typed).expect("digits only");
        Self { kind, typed }
    }

    fn flags(&self) -> c_int {
        match self.kind {
            Kind::Sha1Six => 0,
            // OATH_TOTP_HMAC_SHA256.
            Kind::Sha256Eight => 1,
        }
    }
}

impl Totp for LibOath {
    const NAME: &'static str = "liboath (C)";
    type Code = [c_char; 9];

    fn generate(&self) -> Self::Code {
        let mut code = [0; 9];
        let (secret, digits) = (self.kind.seed(), self.kind.digits());
        // SAFETY: the secret is as long as is said; the output has room for eight digits and a zero.
        let result = unsafe {
            oath_totp_generate2(
                secret.as_ptr().cast(),
                secret.len(),
                NOW.cast_signed(),
                30,
                0,
                digits.into(),
                self.flags(),
                code.as_mut_ptr(),
            )
        };
        assert_eq!(result, 0);
        code
    }

    fn text(&self, code: &Self::Code) -> String {
        // SAFETY: the library has written digits and a zero.
        let text = unsafe { CStr::from_ptr(code.as_ptr()) };
        text.to_str().expect("digits").to_owned()
    }

    fn verify(&mut self, _: &str) -> bool {
        let (mut position, mut counter) = (0, 0);
        let secret = self.kind.seed();
        debug_assert!(SEED.starts_with(secret));
        // SAFETY: the secret is as long as is said; the typed text ends with a zero; both outputs are there.
        let result = unsafe {
            oath_totp_validate4(
                secret.as_ptr().cast(),
                secret.len(),
                NOW.cast_signed(),
                30,
                0,
                1,
                &raw mut position,
                &raw mut counter,
                self.flags(),
                self.typed.as_ptr(),
            )
        };
        result >= 0
    }
}
