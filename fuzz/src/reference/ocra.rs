//! OCRA, HOTP and their truncation once more, straight from the text of RFC 4226 and RFC 6287 as S6 reads it.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// That of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "SHA1" => Some(Self::Sha1),
            "SHA256" => Some(Self::Sha256),
            "SHA512" => Some(Self::Sha512),
            _ => None,
        }
    }

    /// The hash of bytes.
    #[must_use]
    pub fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }

    /// The HMAC of bytes (RFC 2104).
    #[must_use]
    pub fn hmac(self, key: &[u8], bytes: &[u8]) -> Vec<u8> {
        macro_rules! hmac {
            ($hash:ty) => {{
                let mut mac =
                    Hmac::<$hash>::new_from_slice(key).expect("HMAC takes keys of every length");
                mac.update(bytes);
                mac.finalize().into_bytes().to_vec()
            }};
        }
        match self {
            Self::Sha1 => hmac!(Sha1),
            Self::Sha256 => hmac!(Sha256),
            Self::Sha512 => hmac!(Sha512),
        }
    }
}

/// RFC 4226 section 5.3 with the offset from the last byte (S6.6).
#[must_use]
pub fn truncated(mac: &[u8], digits: u32) -> String {
    let offset = usize::from(mac[mac.len() - 1] & 15);
    let four: [u8; 4] = mac[offset..offset + 4].try_into().expect("four bytes");
    let number = u64::from(u32::from_be_bytes(four) & 0x7fff_ffff);
    let width = digits as usize;
    format!("{:0width$}", number % 10u64.pow(digits))
}

/// What a suite says (S6.1).
#[derive(Clone, Debug)]
pub struct Suite {
    /// Its spelling.
    pub text: String,
    /// The hash function of the HMAC.
    pub hash: Hash,
    /// 0, or 4 to 10.
    pub digits: u32,
    /// Whether C is there.
    pub counter: bool,
    /// `A`, `N` or `H`.
    pub format: char,
    /// The greatest length of a challenge.
    pub challenge_len: usize,
    /// The hash function of P, where it is there.
    pub pin: Option<Hash>,
    /// The length of S, where it is there.
    pub session: Option<usize>,
    /// The period of T in seconds, where it is there.
    pub period: Option<u64>,
}

impl Suite {
    /// Takes a suite apart, at its colons and hyphens.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let [version, function, input] = text.split(':').collect::<Vec<_>>().try_into().ok()?;
        let ["HOTP", hash, digits] = function.split('-').collect::<Vec<_>>()[..] else {
            return None;
        };
        let lengths = ["0", "4", "5", "6", "7", "8", "9", "10"];
        let mut inputs = input.split('-').peekable();
        let counter = inputs.next_if_eq(&"C").is_some();
        let challenge = inputs.next()?.strip_prefix('Q')?;
        let format = challenge
            .chars()
            .next()
            .filter(|format| "ANH".contains(*format))?;
        let mut part = |letter: char| {
            inputs
                .next_if(|part| part.starts_with(letter))
                .map(|part| part[1..].to_owned())
        };
        let (pin, session, time) = (part('P'), part('S'), part('T'));
        let suite = Self {
            text: text.into(),
            hash: Hash::named(hash)?,
            digits: lengths.contains(&digits).then(|| digits.parse().ok())??,
            counter,
            format,
            challenge_len: wide_number(&challenge[1..], 2).filter(|len| (4..=64).contains(len))?,
            pin: pin
                .map(|name| Hash::named(&name).ok_or(()))
                .transpose()
                .ok()?,
            session: session
                .map(|len| session_len(&len).ok_or(()))
                .transpose()
                .ok()?,
            period: time.map(|time| period(&time).ok_or(())).transpose().ok()?,
        };
        (version == "OCRA-1" && inputs.next().is_none()).then_some(suite)
    }

    /// S7.1 and S7.2.
    #[must_use]
    pub fn is_for_transactions(&self) -> bool {
        let moves = self.counter || self.period.is_some();
        let digest = self.format == 'H' && self.challenge_len == 64;
        moves
            && digest
            && (6..=8).contains(&self.digits)
            && self.session.is_none()
            && self.period.is_none_or(|seconds| seconds <= 120)
    }

    /// S6.2: the message, or nothing where the input is not what the suite asks for.
    #[must_use]
    pub fn message(&self, input: &Input<'_>) -> Option<Vec<u8>> {
        let mut message = self.text.clone().into_bytes();
        message.push(0);
        message.extend(asked(self.counter, input.counter)?);
        message.extend(self.challenge(input.challenge)?);
        message.extend(match (self.pin, input.pin) {
            (Some(hash), Some(pin)) if (1..=128).contains(&pin.len()) => {
                hash.digest(pin.as_bytes())
            }
            (None, None) => Vec::new(),
            _ => return None,
        });
        match (self.session, input.session) {
            (Some(len), Some(data)) if (1..=len).contains(&data.len()) => {
                message.resize(message.len() + len - data.len(), 0);
                message.extend(data);
            }
            (None, None) => {}
            _ => return None,
        }
        message.extend(asked(self.period.is_some(), input.step)?);
        Some(message)
    }

    /// S6.3 and S6.4, as nibbles.
    fn challenge(&self, challenge: (&str, Option<&str>)) -> Option<[u8; 128]> {
        let (first, second) = challenge;
        let mut nibbles = String::new();
        for part in [Some(first), second].into_iter().flatten() {
            let is_known = |c: char| match self.format {
                'A' => (' '..='~').contains(&c),
                'N' => c.is_ascii_digit(),
                _ => c.is_ascii_hexdigit(),
            };
            if part.is_empty() || part.len() > self.challenge_len || !part.chars().all(is_known) {
                return None;
            }
            // Where the RFC does not say what comes behind the first part.
            if second.is_some()
                && (self.format == 'N' || self.format == 'H' && first.len() % 2 == 1)
            {
                return None;
            }
            nibbles += &match self.format {
                'A' => part.bytes().map(|byte| format!("{byte:02x}")).collect(),
                'N' => hexadecimal(part),
                _ => part.to_owned(),
            };
        }
        nibbles += &"0".repeat(256 - nibbles.len());
        let mut block = [0; 128];
        for (byte, at) in block.iter_mut().zip((0..256).step_by(2)) {
            *byte = u8::from_str_radix(&nibbles[at..at + 2], 16).expect("two hexadecimal digits");
        }
        Some(block)
    }
}

/// What goes into a message beside the suite.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Q, in mutual modes of two parts.
    pub challenge: (&'a str, Option<&'a str>),
    /// C.
    pub counter: Option<u64>,
    /// The PIN behind P.
    pub pin: Option<&'a str>,
    /// S.
    pub session: Option<&'a [u8]>,
    /// T.
    pub step: Option<u64>,
}

fn asked(is_asked: bool, number: Option<u64>) -> Option<Vec<u8>> {
    match (is_asked, number) {
        (true, Some(number)) => Some(number.to_be_bytes().to_vec()),
        (false, None) => Some(Vec::new()),
        _ => None,
    }
}

/// A decimal number of any length in hexadecimal, by long division.
fn hexadecimal(decimal: &str) -> String {
    let mut digits: Vec<u32> = decimal
        .chars()
        .filter_map(|digit| digit.to_digit(10))
        .collect();
    let mut nibbles = Vec::new();
    while digits.iter().any(|digit| *digit > 0) {
        let mut rest = 0;
        for digit in &mut digits {
            let dividend = rest * 10 + *digit;
            (*digit, rest) = (dividend / 16, dividend % 16);
        }
        nibbles.push(char::from_digit(rest, 16).expect("a remainder below 16"));
    }
    nibbles.iter().rev().collect()
}

fn wide_number(text: &str, width: usize) -> Option<usize> {
    (text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())?
}

fn session_len(text: &str) -> Option<usize> {
    wide_number(text, 3).filter(|len| (1..=512).contains(len))
}

fn period(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let (most, seconds) = match unit {
        "S" => (59, 1),
        "M" => (59, 60),
        "H" => (48, 3600),
        _ => return None,
    };
    let spelled = (1..=most).find(|count: &u64| count.to_string() == number)?;
    Some(spelled * seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6287 appendix C.1, C.2.
    #[test]
    fn the_reference_gives_the_codes_of_the_rfc() {
        let code = |suite: &str, key: &[u8], q, counter, pin| {
            let suite = Suite::parse(suite).expect("a suite");
            let input = Input {
                challenge: (q, None),
                counter,
                pin,
                session: None,
                step: None,
            };
            let message = suite.message(&input).expect("what the suite asks for");
            truncated(&suite.hash.hmac(key, &message), suite.digits)
        };
        let standard = b"1234567890123456789012345678901234567890123456789012345678901234";
        assert_eq!(
            code(
                "OCRA-1:HOTP-SHA1-6:QN08",
                &standard[..20],
                "11111111",
                None,
                None
            ),
            "243178"
        );
        let suite = "OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1";
        assert_eq!(
            code(suite, &standard[..32], "12345678", Some(0), Some("1234")),
            "65347737"
        );
        let suite = "OCRA-1:HOTP-SHA512-8:C-QN08";
        assert_eq!(code(suite, standard, "00000000", Some(0), None), "07016083");
    }

    #[test]
    fn long_numbers_are_divided_right() {
        assert_eq!(hexadecimal("0"), "");
        assert_eq!(hexadecimal("00001600"), "640");
        assert_eq!(hexadecimal(&u64::MAX.to_string()), "f".repeat(16));
    }
}
