//! The code: what a device shows and a payer types.

use core::fmt;

use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The number of digits of a login or transaction code: 6, 7 or 8 (RFC 4226 section 5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Digits {
    /// Six digits.
    Six,
    /// Seven digits, which Authy used.
    Seven,
    /// Eight digits: the default.
    #[default]
    Eight,
}

impl Digits {
    /// The digits of a number, where it is 6, 7 or 8.
    ///
    /// ```
    /// use txotp_core::Digits;
    ///
    /// assert_eq!(Digits::new(8), Some(Digits::Eight));
    /// assert_eq!(Digits::new(5), None);
    /// ```
    #[must_use]
    pub const fn new(count: u8) -> Option<Self> {
        match count {
            6 => Some(Self::Six),
            7 => Some(Self::Seven),
            8 => Some(Self::Eight),
            _ => None,
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        match self {
            Self::Six => 6,
            Self::Seven => 7,
            Self::Eight => 8,
        }
    }

    /// The number that the last digits of a truncated MAC say: its remainder by a power of ten.
    ///
    /// It multiplies by a reciprocal, since the time of a division may depend on the value.
    #[inline]
    pub(crate) fn remainder(self, truncated: u32) -> u32 {
        let (power, shift) = match self {
            Self::Six => (1_000_000, 51),
            Self::Seven => (10_000_000, 55),
            Self::Eight => (100_000_000, 58),
        };
        // Rounded up, the reciprocal gives the exact quotient of every 31-bit value.
        let reciprocal = (1u64 << shift).div_ceil(power);
        let quotient = u64::from(truncated).wrapping_mul(reciprocal) >> shift;
        let rest = u64::from(truncated).wrapping_sub(quotient.wrapping_mul(power));
        let [a, b, c, d, ..] = rest.to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    }
}

/// The number of digits of any OCRA response: 4 to 10 (RFC 6287 section 5.2).
///
/// Nine and ten digits are computed as the formula says; only 2³¹ of the 10¹⁰ codes of ten digits
/// exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodeLength(u8);

impl CodeLength {
    /// The length of a number, where it is 4 to 10.
    #[must_use]
    pub const fn new(count: u8) -> Option<Self> {
        match count {
            4..=10 => Some(Self(count)),
            _ => None,
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl From<Digits> for CodeLength {
    fn from(digits: Digits) -> Self {
        Self(digits.get())
    }
}

const MAX_DIGITS: usize = 10;

/// A one-time code: fixed-width ASCII digits, leading zeros kept.
///
/// It is a secret until it is used (RTS 2018/389 article 22): wiped when dropped, redacted in
/// `Debug`, compared in constant time, and shown only through [`Code::reveal`].
///
/// ```
/// use txotp_core::{Code, Digits};
///
/// let code = Code::parse("05717167", Digits::Eight)?;
/// assert_eq!(code.reveal(), "05717167");
/// assert!(Code::parse(" 5717167", Digits::Eight).is_err());
/// # Ok::<(), txotp_core::CodeError>(())
/// ```
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Code {
    /// The digits at the end, ASCII zeros before them.
    ascii: [u8; MAX_DIGITS],
    len: u8,
}

impl Code {
    /// Reads what a payer typed: exactly the digits, and nothing else. Blanks, signs, and the digits
    /// of other scripts are refused, so that no two texts are one code.
    ///
    /// # Errors
    /// [`CodeError`] when there are fewer or more characters than digits, or one is no ASCII digit.
    pub fn parse(text: &str, length: impl Into<CodeLength>) -> Result<Self, CodeError> {
        let length = length.into();
        if text.chars().count() != usize::from(length.get()) {
            return Err(CodeError::WrongLength);
        }
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(CodeError::NotADigit);
        }
        let mut code = Self {
            ascii: [b'0'; MAX_DIGITS],
            len: length.get(),
        };
        for (to, from) in code.ascii.iter_mut().rev().zip(text.bytes().rev()) {
            *to = from;
        }
        Ok(code)
    }

    /// Cuts a code from a truncated MAC (RFC 4226 section 5.3): its last digits.
    ///
    /// Ten digits are always computed, by multiplication: neither time nor the number of divisions
    /// depends on the value.
    #[inline]
    pub(crate) fn cut(truncated: u32, length: CodeLength) -> Self {
        let mut rest = truncated;
        let mut code = Self {
            ascii: [b'0'; MAX_DIGITS],
            len: length.get(),
        };
        for (place, digit) in code.ascii.iter_mut().rev().enumerate() {
            // floor(rest / 10) for every 32-bit value.
            let tenth = (u64::from(rest).wrapping_mul(0xcccc_cccd) >> 35).to_le_bytes();
            let tenth = u32::from_le_bytes([tenth[0], tenth[1], tenth[2], tenth[3]]);
            let unit = rest.wrapping_sub(tenth.wrapping_mul(10)).to_le_bytes()[0];
            if place < usize::from(length.get()) {
                *digit = b'0'.wrapping_add(unit);
            }
            rest = tenth;
        }
        code
    }

    /// The number that the digits say: less than 10¹⁰.
    #[inline]
    pub(crate) fn value(&self) -> u64 {
        self.ascii.iter().fold(0u64, |value, digit| {
            value
                .wrapping_mul(10)
                .wrapping_add(u64::from(digit.wrapping_sub(b'0')))
        })
    }

    /// The digits as text, for the display of a device.
    #[must_use]
    pub fn reveal(&self) -> &str {
        let start = MAX_DIGITS.saturating_sub(usize::from(self.len));
        // ASCII digits by construction, so the default is never taken.
        core::str::from_utf8(self.ascii.get(start..).unwrap_or_default()).unwrap_or_default()
    }

    /// The number of digits.
    #[must_use]
    pub fn length(&self) -> CodeLength {
        CodeLength(self.len)
    }
}

impl ConstantTimeEq for Code {
    /// Compares all digits, whatever the first difference. Codes of different lengths differ.
    #[inline]
    fn ct_eq(&self, other: &Self) -> Choice {
        let (a, b) = (words(&self.ascii), words(&other.ascii));
        a.0.ct_eq(&b.0) & a.1.ct_eq(&b.1) & self.len.ct_eq(&other.len)
    }
}

/// The digits as two integers, which are compared in one operation each.
#[inline]
fn words(ascii: &[u8; MAX_DIGITS]) -> (u64, u16) {
    let [a, b, c, d, e, f, g, h, i, j] = *ascii;
    (
        u64::from_ne_bytes([c, d, e, f, g, h, i, j]),
        u16::from_ne_bytes([a, b]),
    )
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(redacted)")
    }
}

/// Why a text is no [`Code`]. It says nothing about what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodeError {
    /// Fewer or more characters than the suite has digits: ask again.
    WrongLength,
    /// A character is not one of the ASCII digits: ask again.
    NotADigit,
}

impl fmt::Display for CodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WrongLength => "the code has not the number of digits that its suite asks for",
            Self::NotADigit => "the code holds something that is not an ASCII digit",
        })
    }
}

impl core::error::Error for CodeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_by_multiplication_is_the_tenth() {
        for value in (0..31).flat_map(|bit| {
            let power = 1u32 << bit;
            [power - 1, power, power + 1, 0x7fff_ffff - power]
        }) {
            assert_eq!(
                (u64::from(value) * 0xcccc_cccd) >> 35,
                u64::from(value / 10)
            );
        }
    }

    #[test]
    fn the_remainder_by_multiplication_is_the_remainder() {
        for digits in [Digits::Six, Digits::Seven, Digits::Eight] {
            let power = 10u32.pow(u32::from(digits.get()));
            let multiples = (0..(1u32 << 31) / power).map(|factor| factor * power);
            let edges = multiples.flat_map(|v| [v, v + 1, v + power - 1]);
            for value in edges
                .chain([0x7fff_ffff, 0x7fff_fffe])
                .filter(|v| v >> 31 == 0)
            {
                assert_eq!(digits.remainder(value), value % power, "{value} {digits:?}");
            }
        }
    }

    #[test]
    fn the_value_of_a_code_is_the_number_it_says() {
        assert_eq!(
            Code::parse("00120340", Digits::Eight).unwrap().value(),
            120_340
        );
        let ten = CodeLength::new(10).unwrap();
        assert_eq!(
            Code::parse("9999999999", ten).unwrap().value(),
            9_999_999_999
        );
    }

    #[test]
    fn codes_are_equal_only_digit_for_digit_and_at_one_length() {
        let eight = Code::parse("12345678", Digits::Eight).unwrap();
        assert!(bool::from(
            eight.ct_eq(&Code::parse("12345678", Digits::Eight).unwrap())
        ));
        for place in 0..8 {
            let mut other = *b"12345678";
            other[place] ^= 1;
            let other = core::str::from_utf8(&other).unwrap();
            assert!(!bool::from(
                eight.ct_eq(&Code::parse(other, Digits::Eight).unwrap())
            ));
        }
        let six = Code::parse("000123", Digits::Six).unwrap();
        let seven = Code::parse("0000123", Digits::Seven).unwrap();
        assert!(!bool::from(six.ct_eq(&seven)));
    }

    #[test]
    fn text_that_is_not_exactly_the_digits_is_refused() {
        for text in [
            "",
            "1234567",
            "123456789",
            " 1234567",
            "1234567 ",
            "+1234567",
            "-1234567",
            "1e345678",
            "1234567\n",
            "12345.67",
            "0x123456",
            "１２３４５６７８",
            "١٢٣٤٥٦٧٨",
        ] {
            assert!(Code::parse(text, Digits::Eight).is_err(), "{text:?}");
        }
    }
}
