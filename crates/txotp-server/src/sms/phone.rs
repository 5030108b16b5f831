//! Telephone numbers as ITU-T E.164 has them.

use core::fmt;

use serde::{Deserialize, Serialize};
use txotp_store::Vault;

/// The digits of a country code.
const COUNTRY_CODE_LEN: core::ops::RangeInclusive<usize> = 1..=3;
/// The digits of a whole number. E.164 sets the greatest; below the least there is no subscriber.
const LEN: core::ops::RangeInclusive<usize> = 5..=15;
/// A number of fewer digits shows none of them in its mask.
const MIN_SHOWN_LEN: usize = 6;

/// A telephone number. It is personal data: `Debug` and `Display` show its mask only, and no log has more.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub(crate) struct Phone {
    country_code: String,
    number: String,
}

impl Phone {
    /// Takes a country code, with `+` or without, and the number within that country. Separators that people write
    /// (space, `-`, `.`, parentheses) are left out of the number; no digit is changed, also no leading zero.
    pub(crate) fn parse(country_code: &str, number: &str) -> Result<Self, PhoneError> {
        let country_code = country_code.strip_prefix('+').unwrap_or(country_code);
        let is_code = COUNTRY_CODE_LEN.contains(&country_code.len())
            && country_code.bytes().all(|byte| byte.is_ascii_digit())
            && !country_code.starts_with('0');
        if !is_code {
            return Err(PhoneError::CountryCode);
        }
        let digits: String = number
            .chars()
            .filter(|character| !matches!(character, ' ' | '-' | '.' | '(' | ')'))
            .collect();
        let len = digits.len().saturating_add(country_code.len());
        if digits.is_empty() || digits.bytes().any(|byte| !byte.is_ascii_digit()) {
            return Err(PhoneError::Number);
        }
        if !LEN.contains(&len) {
            return Err(PhoneError::Length);
        }
        Ok(Self {
            country_code: country_code.to_owned(),
            number: digits,
        })
    }

    /// All of it: `+14055550185`.
    pub(crate) fn to_e164(&self) -> String {
        format!("+{}{}", self.country_code, self.number)
    }

    /// The country code, without `+`.
    pub(crate) fn country_code(&self) -> &str {
        &self.country_code
    }

    /// What its owner recognises it by, and nobody can call: `+1-XXX-XXX-XX85`.
    pub(crate) fn masked(&self) -> String {
        format!("+{}-{}", self.country_code, mask(&self.number))
    }

    /// What stands for it in keys of records: nobody without the store's keys can tell whose it is.
    pub(crate) fn digest(&self, vault: &Vault) -> String {
        digest(vault, &self.to_e164())
    }

    /// The same of the phone that is reached, however the number is written: many networks leave zeros before the national
    /// number out. Some do not, and two phones of theirs can have one of these: it is for limits, and proves nothing.
    pub(super) fn reached_digest(&self, vault: &Vault) -> String {
        let number = self.to_e164();
        let digits = number.trim_start_matches('+');
        let (country, national) = digits
            .split_at_checked(country_code_len(digits.as_bytes()))
            .unwrap_or((digits, ""));
        digest(
            vault,
            &format!("+{country}{}", national.trim_start_matches('0')),
        )
    }
}

fn digest(vault: &Vault, number: &str) -> String {
    let digest = vault.keyed_digest("phone", number.as_bytes());
    base16ct::lower::encode_string(digest.as_bytes())
}

/// The digits of the country code that a whole number begins with, which need not be the one that was given: the network
/// sees the whole number alone. No code begins with another (the list of country codes of E.164; what is unassigned has 3).
const fn country_code_len(digits: &[u8]) -> usize {
    match digits {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    }
}

/// The last two digits behind groups of three, three, and the rest.
fn mask(number: &str) -> String {
    let is_shown = number.len() >= MIN_SHOWN_LEN;
    let first_shown = number.len().saturating_sub(if is_shown { 2 } else { 0 });
    let mut mask = String::with_capacity(number.len().saturating_add(2));
    for (place, digit) in number.chars().enumerate() {
        if place == 3 || place == 6 {
            mask.push('-');
        }
        mask.push(if place < first_shown { 'X' } else { digit });
    }
    mask
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({self})")
    }
}

/// A number as it is stored.
#[derive(Serialize, Deserialize)]
struct Parts {
    country_code: String,
    number: String,
}

impl TryFrom<Parts> for Phone {
    type Error = PhoneError;

    fn try_from(parts: Parts) -> Result<Self, PhoneError> {
        Self::parse(&parts.country_code, &parts.number)
    }
}

impl From<Phone> for Parts {
    fn from(phone: Phone) -> Self {
        Self {
            country_code: phone.country_code,
            number: phone.number,
        }
    }
}

/// Why a text is no telephone number. The caller's mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum PhoneError {
    /// The country code is not 1 to 3 digits of which the first is not 0.
    CountryCode,
    /// The number has something else than digits and separators, or no digit.
    Number,
    /// Both together are not 5 to 15 digits.
    Length,
}

impl fmt::Display for PhoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CountryCode => {
                "a country code is not 1 to 3 digits of which the first is not zero"
            }
            Self::Number => "a telephone number has something else than digits and separators",
            Self::Length => "a telephone number is not 5 to 15 digits with its country code",
        })
    }
}

impl core::error::Error for PhoneError {}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it fails")]
mod tests {
    use super::*;

    #[test]
    fn separators_are_left_out_and_nothing_else() {
        for number in ["4055550185", "405-555-0185", "(405) 555.0185"] {
            let phone = Phone::parse("+1", number).unwrap();
            assert_eq!(phone.to_e164(), "+14055550185");
            assert_eq!(
                (phone.country_code(), phone.number.as_str()),
                ("1", "4055550185")
            );
        }
        assert_eq!(
            Phone::parse("39", "06 1234").unwrap().to_e164(),
            "+39061234"
        );
    }

    #[test]
    fn a_number_begins_with_its_country_code() {
        // A number of each length, and neighbours of each part of the list.
        for (code, number) in [
            ("1", "4055550185"),
            ("7", "9161234567"),
            ("20", "1001234567"),
            ("211", "912345678"),
            ("27", "821234567"),
            ("299", "221234"),
            ("34", "612345678"),
            ("351", "912345678"),
            ("36", "201234567"),
            ("39", "3123456789"),
            ("41", "781234567"),
            ("421", "912345678"),
            ("44", "7700900123"),
            ("49", "15123456789"),
            ("501", "6221234"),
            ("58", "4121234567"),
            ("593", "991234567"),
            ("66", "812345678"),
            ("670", "77212345"),
            ("81", "9012345678"),
            ("852", "51234567"),
            ("86", "13123456789"),
            ("880", "1812345678"),
            ("95", "92123456"),
            ("961", "71123456"),
            ("98", "9123456789"),
            ("998", "912345678"),
        ] {
            let digits = format!("{code}{number}");
            assert_eq!(country_code_len(digits.as_bytes()), code.len(), "{digits}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused_with_its_reason() {
        let cases = [
            ("", "4055550185", PhoneError::CountryCode),
            ("0", "4055550185", PhoneError::CountryCode),
            ("++1", "4055550185", PhoneError::CountryCode),
            ("1234", "4055550185", PhoneError::CountryCode),
            ("１", "4055550185", PhoneError::CountryCode),
            ("1", "", PhoneError::Number),
            ("1", "---", PhoneError::Number),
            ("1", "+4055550185", PhoneError::Number),
            ("1", "405555018５", PhoneError::Number),
            ("1", "4055550185x2", PhoneError::Number),
            ("1", "4055550185\n", PhoneError::Number),
            ("1", "405", PhoneError::Length),
            ("1", "405555018512345", PhoneError::Length),
        ];
        for (country_code, number, reason) in cases {
            assert_eq!(
                Phone::parse(country_code, number),
                Err(reason),
                "+{country_code} {number}"
            );
        }
        assert!(Phone::parse("1", "4050").is_ok());
        assert!(Phone::parse("1", "40555501851234").is_ok());
    }

    #[test]
    fn a_mask_shows_two_digits_or_none() {
        for (number, mask) in [
            ("4055550185", "+1-XXX-XXX-XX85"),
            ("40555501", "+1-XXX-XXX-01"),
            ("405555", "+1-XXX-X55"),
            ("40555", "+1-XXX-XX"),
        ] {
            let phone = Phone::parse("1", number).unwrap();
            assert_eq!(phone.masked(), mask);
            assert_eq!(format!("{phone:?}"), format!("Phone({mask})"));
        }
    }

    #[test]
    fn a_stored_number_is_checked_as_a_new_one() {
        let phone = Phone::parse("1", "4055550185").unwrap();
        let text = serde_json::to_string(&phone).unwrap();
        assert_eq!(serde_json::from_str::<Phone>(&text).unwrap(), phone);
        assert!(serde_json::from_str::<Phone>(&text.replace("405", "x05")).is_err());
    }
}
