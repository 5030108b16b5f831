//! What a screen can draw of a transaction.
#![expect(
    unsafe_code,
    reason = "C lends memory as bare pointers, and finds functions by name"
)]

use txotp_core::{TextProfile, Transaction};

use crate::memory::Input;
use crate::{ResultCode, TransactionStorage, boundary};

/// The text that a screen can draw. Each is part of the one before. Calls take its number.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// All that a string can have: for a text engine with right-to-left and combining characters.
    Standard = 0,
    /// 33 834 characters of left-to-right scripts, one glyph for each: for a font that has them all.
    Display = 1,
    /// Printable ASCII: for a font of 95 glyphs.
    Ascii = 2,
}

/// Each beside that of the core, the strictest last.
const PROFILES: [(Profile, TextProfile); 3] = [
    (Profile::Standard, TextProfile::Standard),
    (Profile::Display, TextProfile::Display),
    (Profile::Ascii, TextProfile::Ascii),
];

impl Profile {
    /// The strictest that holds what is shown of a transaction.
    pub(crate) fn strictest(transaction: &Transaction<'_>) -> Option<Self> {
        let mut strictest_first = PROFILES.iter().rev();
        strictest_first
            .find(|(_, text)| transaction.check_display(*text).is_ok())
            .map(|(profile, _)| *profile)
    }

    fn numbered(number: u32) -> Result<Self, ResultCode> {
        let mut profiles = PROFILES.iter().map(|(profile, _)| *profile);
        profiles
            .find(|profile| *profile as u32 == number)
            .ok_or(ResultCode::BadProfile)
    }
}

/// Whether a screen can draw the message and every detail: `TXOTP_RESULT_OK` if so,
/// `TXOTP_RESULT_UNDISPLAYABLE` if not. To be asked before anything is shown.
///
/// `profile` is the number of a `txotp_profile`. The answer is about the text as it was read.
///
/// # Safety
/// As the README's contract says.
// SAFETY: no other symbol of this name exists.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn txotp_transaction_check_display(
    transaction: *const TransactionStorage,
    profile: u32,
) -> ResultCode {
    boundary::call(|| {
        let transaction = Input::transaction(transaction)?;
        // SAFETY: the caller lends it for the call.
        let holds = unsafe { transaction.stored()?.profile() };
        if Profile::numbered(profile)? as u32 <= holds {
            Ok(())
        } else {
            Err(ResultCode::Undisplayable)
        }
    })
}
