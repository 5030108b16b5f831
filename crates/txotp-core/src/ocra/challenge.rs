//! The challenge, `Q`: text turned into the 128 bytes that the message holds (RFC 6287 section 5.1
//! and appendix A).

use core::fmt;

use super::{ChallengeFormat, ChallengeKind};
use crate::Digest;
use crate::limits::{CHALLENGE_BLOCK_LEN, MAX_CHALLENGE_LEN};

/// A challenge as the message holds it: 128 bytes, zeros on the right.
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge {
    block: [u8; CHALLENGE_BLOCK_LEN],
    format: ChallengeFormat,
}

impl Challenge {
    /// Reads a challenge of 1 to `xx` characters.
    ///
    /// `N` is a decimal number whose hexadecimal form is padded on the right; `H` is padded likewise,
    /// so shorter challenges can collide with longer ones. Where that matters, use the full length.
    ///
    /// # Errors
    /// [`ChallengeError`] when it is empty or too long, or has a character that the format does not
    /// know.
    pub fn parse(format: ChallengeFormat, text: &str) -> Result<Self, ChallengeError> {
        let mut challenge = Self {
            block: [0; CHALLENGE_BLOCK_LEN],
            format,
        };
        challenge.append(0, text)?;
        Ok(challenge)
    }

    /// Joins the two challenges of a mutual mode, the other party's first (RFC 6287 section 7.2).
    ///
    /// # Errors
    /// [`ChallengeErrorKind::Undefined`] where the RFC does not say what the bytes are, and deployed
    /// implementations differ: for decimal challenges, and for a first challenge with an odd number
    /// of hexadecimal digits. Else as [`Challenge::parse`]; the position counts in the part that is
    /// wrong.
    pub fn mutual(
        format: ChallengeFormat,
        theirs: &str,
        ours: &str,
    ) -> Result<Self, ChallengeError> {
        let undefined = Err(ChallengeError {
            kind: ChallengeErrorKind::Undefined,
            position: 0,
        });
        match format.kind {
            ChallengeKind::Numeric => return undefined,
            ChallengeKind::Hexadecimal if theirs.len() & 1 == 1 => return undefined,
            ChallengeKind::Hexadecimal | ChallengeKind::Alphanumeric => {}
        }
        let mut challenge = Self {
            block: [0; CHALLENGE_BLOCK_LEN],
            format,
        };
        let nibbles = challenge.append(0, theirs)?;
        challenge.append(nibbles, ours)?;
        Ok(challenge)
    }

    /// The challenge of a transaction: the digest as `QH64`, exactly 64 nibbles.
    #[inline]
    #[must_use]
    pub fn of_digest(digest: &Digest) -> Self {
        let mut block = [0; CHALLENGE_BLOCK_LEN];
        for (to, from) in block.iter_mut().zip(digest.as_bytes()) {
            *to = *from;
        }
        Self {
            block,
            format: Self::DIGEST_FORMAT,
        }
    }

    /// `QH64`.
    pub(crate) const DIGEST_FORMAT: ChallengeFormat = ChallengeFormat {
        kind: ChallengeKind::Hexadecimal,
        max_len: MAX_CHALLENGE_LEN,
    };

    /// The form that it was read in.
    #[must_use]
    pub const fn format(&self) -> ChallengeFormat {
        self.format
    }

    /// The 128 bytes.
    #[inline]
    #[must_use]
    pub const fn block(&self) -> &[u8; CHALLENGE_BLOCK_LEN] {
        &self.block
    }

    /// Writes a challenge from a nibble on, and tells where it ends.
    fn append(&mut self, start: usize, text: &str) -> Result<usize, ChallengeError> {
        if text.is_empty() {
            return Err(ChallengeError {
                kind: ChallengeErrorKind::Empty,
                position: 0,
            });
        }
        let limit = usize::from(self.format.max_len.min(MAX_CHALLENGE_LEN));
        if text.len() > limit {
            return Err(ChallengeError {
                kind: ChallengeErrorKind::TooLong,
                position: limit,
            });
        }
        let known = |byte: u8| match self.format.kind {
            ChallengeKind::Alphanumeric => (0x20..=0x7e).contains(&byte),
            ChallengeKind::Numeric => byte.is_ascii_digit(),
            ChallengeKind::Hexadecimal => byte.is_ascii_hexdigit(),
        };
        if let Some(position) = text.bytes().position(|byte| !known(byte)) {
            return Err(ChallengeError {
                kind: ChallengeErrorKind::Character,
                position,
            });
        }
        Ok(match self.format.kind {
            ChallengeKind::Alphanumeric => self.put(
                start,
                text.bytes().flat_map(|byte| [byte >> 4, byte & 0x0f]),
            ),
            ChallengeKind::Numeric => {
                let number = Number::parse(text);
                self.put(start, number.nibbles())
            }
            ChallengeKind::Hexadecimal => self.put(start, text.bytes().map(hex_value)),
        })
    }

    fn put(&mut self, start: usize, nibbles: impl Iterator<Item = u8>) -> usize {
        let mut end = start;
        for nibble in nibbles {
            // Two challenges of 64 characters fit, so nothing is ever left out.
            if let Some(byte) = self.block.get_mut(end / 2) {
                *byte |= if end & 1 == 0 { nibble << 4 } else { nibble };
            }
            end = end.saturating_add(1);
        }
        end
    }
}

fn hex_value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit.wrapping_sub(b'0'),
        // The case bit aside, letters follow one another.
        _ => (digit | 0x20).wrapping_sub(b'a').wrapping_add(10),
    }
}

/// A number of up to 64 decimal digits, which take 213 bits; the high-order byte first.
struct Number([u8; 27]);

impl Number {
    fn parse(decimal: &str) -> Self {
        let mut bytes = [0u8; 27];
        for digit in decimal.bytes() {
            let mut carry = u16::from(digit.wrapping_sub(b'0'));
            for byte in bytes.iter_mut().rev() {
                // 255 × 10 + 255 fits in 16 bits.
                let [low, high] = u16::from(*byte)
                    .wrapping_mul(10)
                    .wrapping_add(carry)
                    .to_le_bytes();
                *byte = low;
                carry = u16::from(high);
            }
        }
        Self(bytes)
    }

    /// The hexadecimal form without leading zeros: none at all for 0, which pads to the same.
    fn nibbles(&self) -> impl Iterator<Item = u8> + '_ {
        self.0
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 0x0f])
            .skip_while(|nibble| *nibble == 0)
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Challenge(redacted)")
    }
}

/// Why a text is no [`Challenge`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChallengeError {
    kind: ChallengeErrorKind,
    position: usize,
}

impl ChallengeError {
    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> ChallengeErrorKind {
        self.kind
    }

    /// Where, as a byte offset.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }
}

/// What is wrong with a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChallengeErrorKind {
    /// It has no character.
    Empty,
    /// It has more characters than its format allows.
    TooLong,
    /// It has a character that its format does not know.
    Character,
    /// RFC 6287 leaves open what the bytes are: use `QA`, or `QH` with an even length.
    Undefined,
}

impl fmt::Display for ChallengeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the challenge is empty",
            Self::TooLong => "the challenge is longer than its suite allows",
            Self::Character => "the challenge has a character that its suite does not allow",
            Self::Undefined => "RFC 6287 does not define this pair of challenges",
        })
    }
}

impl fmt::Display for ChallengeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, at byte {}", self.kind, self.position)
    }
}

impl core::error::Error for ChallengeError {}
