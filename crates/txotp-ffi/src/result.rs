//! What every call returns: a number that never changes its meaning.
#![expect(unsafe_code, reason = "a C function is exported by its name")]

use core::ffi::{CStr, c_char};

use txotp_core::ocra::{SuiteError, SuiteErrorKind};
use txotp_core::{CodeError, FactorError, PinError, PinMismatch, SeedError, WindowError};
use txotp_uri::ReadErrorKind;

/// What a call returns. `TXOTP_RESULT_OK` is 0, and the only one that means yes.
///
/// A number is never given a second meaning. A later version may have more of them.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResultCode {
    /// Done: the outputs are written.
    Ok = 0,
    /// No step or counter of the window has this code: refuse.
    WrongCode = 1,
    /// A pointer is null that must not be: correct the program.
    NullPointer = 10,
    /// A pointer is not aligned for what it points to: correct the program.
    Misaligned = 11,
    /// A length reaches beyond the address space: correct the program.
    ImpossibleLength = 12,
    /// Memory that is written overlaps other memory of the call: correct the program.
    Overlap = 13,
    /// Memory that is written has too little room: lend more.
    TooSmall = 14,
    /// The storage holds no transaction or device: it was never filled, or was wiped.
    NotInitialised = 15,
    /// A fault of the library, which did nothing: report it.
    Internal = 16,
    /// The limit on a string is not 1 to 2953 bytes: correct the program.
    BadLimit = 20,
    /// No section has this number: correct the program.
    BadSection = 21,
    /// The section has fewer pairs: ask for the count first.
    NoSuchPair = 22,
    /// No profile has this number: correct the program.
    BadProfile = 23,
    /// A text that is to be shown has a character outside the profile: refuse, and show none of it.
    Undisplayable = 24,
    /// The string is longer than the limit.
    ReadTooLong = 100,
    /// The string does not begin with `txotp://`: it is something else.
    ReadWrongScheme = 101,
    /// What follows the scheme is not `totp`.
    ReadWrongType = 102,
    /// The string contains a `#`.
    ReadFragment = 103,
    /// A `%` has no two hexadecimal digits behind it.
    ReadBadPercent = 104,
    /// There is nothing between two `&`, or before or behind one.
    ReadEmptyParameter = 105,
    /// A name or value is not UTF-8.
    ReadBadUtf8 = 106,
    /// A parameter is none of `message`, `details[…]` and `hidden_details[…]`.
    ReadUnknownParameter = 107,
    /// A name has a bracket where none belongs, or lacks one.
    ReadMalformedBracket = 108,
    /// A key has no character.
    ReadEmptyKey = 109,
    /// A key is followed by another.
    ReadNestedBracket = 110,
    /// A key contains a bracket.
    ReadBracketInKey = 111,
    /// The message has no character.
    ReadEmptyMessage = 112,
    /// A value has no character.
    ReadEmptyValue = 113,
    /// A text has a character that could deceive on a display.
    ReadForbiddenText = 114,
    /// There are two different messages.
    ReadConflictingMessage = 115,
    /// A key has two different values.
    ReadConflictingPair = 116,
    /// There are more than 32 pairs.
    ReadTooManyPairs = 117,
    /// There is no message.
    ReadMissingMessage = 118,
    /// The suite is none of OCRA (RFC 6287).
    SuiteMalformed = 200,
    /// The suite is not one for transactions: `QH64`, 6 to 8 digits, a counter or a time step of
    /// at most two minutes, no session.
    SuiteNotForTransactions = 201,
    /// The suite's hash function is left out of this build.
    SuiteNotBuilt = 202,
    /// The seed has fewer than 16 bytes.
    SeedTooShort = 210,
    /// The seed has more than 64 bytes.
    SeedTooLong = 211,
    /// The PIN is missing, or the suite has none.
    PinMismatch = 220,
    /// The PIN has no character.
    PinEmpty = 221,
    /// The PIN has more than 128 bytes.
    PinTooLong = 222,
    /// The PIN is not UTF-8.
    PinNotUtf8 = 223,
    /// The counter is missing, or the suite has none: correct the program.
    CounterMismatch = 300,
    /// The suite has no login codes: it has a PIN, or both counter and time step.
    NoLoginCode = 301,
    /// The window is over a limit: 31 steps to one side, 63 counters ahead, 64 codes in all.
    WindowTooWide = 310,
    /// The counter has no successor: give the device a new seed.
    CounterExhausted = 311,
    /// The code has not as many characters as the suite has digits: ask again.
    CodeWrongLength = 320,
    /// The code has a character that is not an ASCII digit: ask again.
    CodeNotDigits = 321,
}

/// Every result and its text. A test holds it against the header, so that none is forgotten.
const TEXTS: &[(ResultCode, &CStr)] = &[
    (ResultCode::Ok, c"done"),
    (
        ResultCode::WrongCode,
        c"no step or counter of the window has this code",
    ),
    (ResultCode::NullPointer, c"a pointer is null"),
    (ResultCode::Misaligned, c"a pointer is not aligned"),
    (
        ResultCode::ImpossibleLength,
        c"a length is more than memory can have",
    ),
    (
        ResultCode::Overlap,
        c"memory that is written overlaps other memory of the call",
    ),
    (ResultCode::TooSmall, c"memory that is written is too small"),
    (
        ResultCode::NotInitialised,
        c"the storage holds nothing, or was wiped",
    ),
    (ResultCode::Internal, c"a fault of the library"),
    (ResultCode::BadLimit, c"the limit is not 1 to 2953 bytes"),
    (ResultCode::BadSection, c"no section has this number"),
    (
        ResultCode::NoSuchPair,
        c"the section has no pair of this number",
    ),
    (ResultCode::BadProfile, c"no profile has this number"),
    (
        ResultCode::Undisplayable,
        c"a text has a character that the display cannot draw",
    ),
    (
        ResultCode::ReadTooLong,
        c"the string is longer than the limit",
    ),
    (
        ResultCode::ReadWrongScheme,
        c"the string does not begin with txotp://",
    ),
    (ResultCode::ReadWrongType, c"the string's type is not totp"),
    (ResultCode::ReadFragment, c"the string has a fragment"),
    (
        ResultCode::ReadBadPercent,
        c"a percent sign is not followed by two hexadecimal digits",
    ),
    (ResultCode::ReadEmptyParameter, c"a parameter is empty"),
    (ResultCode::ReadBadUtf8, c"a text is not UTF-8"),
    (ResultCode::ReadUnknownParameter, c"a parameter is unknown"),
    (
        ResultCode::ReadMalformedBracket,
        c"a parameter's name has its brackets wrong",
    ),
    (ResultCode::ReadEmptyKey, c"a key is empty"),
    (ResultCode::ReadNestedBracket, c"a key is nested"),
    (ResultCode::ReadBracketInKey, c"a key contains a bracket"),
    (ResultCode::ReadEmptyMessage, c"the message is empty"),
    (ResultCode::ReadEmptyValue, c"a value is empty"),
    (
        ResultCode::ReadForbiddenText,
        c"a text contains a character that could deceive on a display",
    ),
    (
        ResultCode::ReadConflictingMessage,
        c"there are two different messages",
    ),
    (
        ResultCode::ReadConflictingPair,
        c"a key has two different values",
    ),
    (
        ResultCode::ReadTooManyPairs,
        c"there are more than 32 pairs",
    ),
    (ResultCode::ReadMissingMessage, c"there is no message"),
    (ResultCode::SuiteMalformed, c"the suite is none of OCRA"),
    (
        ResultCode::SuiteNotForTransactions,
        c"the suite is not one for transactions",
    ),
    (
        ResultCode::SuiteNotBuilt,
        c"the suite's hash function is left out of this build",
    ),
    (
        ResultCode::SeedTooShort,
        c"the seed is shorter than 16 bytes",
    ),
    (ResultCode::SeedTooLong, c"the seed is longer than 64 bytes"),
    (
        ResultCode::PinMismatch,
        c"the PIN is missing, or the suite has none",
    ),
    (ResultCode::PinEmpty, c"the PIN is empty"),
    (ResultCode::PinTooLong, c"the PIN is longer than 128 bytes"),
    (ResultCode::PinNotUtf8, c"the PIN is not UTF-8"),
    (
        ResultCode::CounterMismatch,
        c"the counter is missing, or the suite has none",
    ),
    (ResultCode::NoLoginCode, c"the suite has no login codes"),
    (ResultCode::WindowTooWide, c"the window is too wide"),
    (
        ResultCode::CounterExhausted,
        c"the counter has no successor",
    ),
    (
        ResultCode::CodeWrongLength,
        c"the code has not the suite's number of digits",
    ),
    (
        ResultCode::CodeNotDigits,
        c"the code has something other than ASCII digits",
    ),
];

/// What a result means: static lower-case text that ends with a NUL, for logs and developers.
///
/// It takes any number, also one of a later version, and never returns null.
// SAFETY: no other symbol of this name exists.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn txotp_result_text(result: u32) -> *const c_char {
    TEXTS
        .iter()
        .find(|(known, _)| *known as u32 == result)
        .map_or(c"a result that this version does not know", |(_, text)| {
            text
        })
        .as_ptr()
}

impl From<ReadErrorKind> for ResultCode {
    fn from(kind: ReadErrorKind) -> Self {
        match kind {
            ReadErrorKind::TooLong => Self::ReadTooLong,
            ReadErrorKind::WrongScheme => Self::ReadWrongScheme,
            ReadErrorKind::WrongType => Self::ReadWrongType,
            ReadErrorKind::Fragment => Self::ReadFragment,
            ReadErrorKind::BadPercent => Self::ReadBadPercent,
            ReadErrorKind::EmptyParameter => Self::ReadEmptyParameter,
            ReadErrorKind::BadUtf8 => Self::ReadBadUtf8,
            ReadErrorKind::UnknownParameter => Self::ReadUnknownParameter,
            ReadErrorKind::MalformedBracket => Self::ReadMalformedBracket,
            ReadErrorKind::EmptyKey => Self::ReadEmptyKey,
            ReadErrorKind::NestedBracket => Self::ReadNestedBracket,
            ReadErrorKind::BracketInKey => Self::ReadBracketInKey,
            ReadErrorKind::EmptyMessage => Self::ReadEmptyMessage,
            ReadErrorKind::EmptyValue => Self::ReadEmptyValue,
            ReadErrorKind::ForbiddenText => Self::ReadForbiddenText,
            ReadErrorKind::ConflictingMessage => Self::ReadConflictingMessage,
            ReadErrorKind::ConflictingPair => Self::ReadConflictingPair,
            ReadErrorKind::TooManyPairs => Self::ReadTooManyPairs,
            ReadErrorKind::MissingMessage => Self::ReadMissingMessage,
            ReadErrorKind::BufferTooSmall => Self::TooSmall,
            // A kind without a number here is a fault of this crate: the tests hold both lists together.
            _ => Self::Internal,
        }
    }
}

impl From<SuiteError> for ResultCode {
    fn from(error: SuiteError) -> Self {
        match error.kind() {
            SuiteErrorKind::AlgorithmNotBuilt => Self::SuiteNotBuilt,
            SuiteErrorKind::NotTheDigest
            | SuiteErrorKind::NotTransactionDigits
            | SuiteErrorKind::PeriodTooLong
            | SuiteErrorKind::SessionInSignature
            | SuiteErrorKind::NoMovingFactor => Self::SuiteNotForTransactions,
            _ => Self::SuiteMalformed,
        }
    }
}

impl From<SeedError> for ResultCode {
    fn from(error: SeedError) -> Self {
        match error {
            SeedError::TooShort => Self::SeedTooShort,
            SeedError::TooLong => Self::SeedTooLong,
            _ => Self::Internal,
        }
    }
}

impl From<PinError> for ResultCode {
    fn from(error: PinError) -> Self {
        match error {
            PinError::Empty => Self::PinEmpty,
            PinError::TooLong => Self::PinTooLong,
            _ => Self::Internal,
        }
    }
}

impl From<PinMismatch> for ResultCode {
    fn from(_: PinMismatch) -> Self {
        Self::PinMismatch
    }
}

impl From<FactorError> for ResultCode {
    fn from(_: FactorError) -> Self {
        Self::CounterMismatch
    }
}

impl From<WindowError> for ResultCode {
    fn from(_: WindowError) -> Self {
        Self::WindowTooWide
    }
}

impl From<CodeError> for ResultCode {
    fn from(error: CodeError) -> Self {
        match error {
            CodeError::WrongLength => Self::CodeWrongLength,
            CodeError::NotADigit => Self::CodeNotDigits,
            _ => Self::Internal,
        }
    }
}
