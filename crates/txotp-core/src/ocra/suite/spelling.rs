//! The one spelling of a suite, which the HMAC covers byte for byte.

use super::{ChallengeKind, Parts, Response, Unit};
use crate::limits::MAX_SUITE_LEN;

/// The spelling of a suite: at most 46 ASCII characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Spelling {
    bytes: [u8; MAX_SUITE_LEN],
    len: u8,
}

impl Spelling {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Made of ASCII parts, so the default is never taken.
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// The text, as the HMAC covers it.
    #[inline]
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    pub(super) fn of(parts: &Parts) -> Self {
        let mut text = Self {
            bytes: [0; MAX_SUITE_LEN],
            len: 0,
        };
        text.push("OCRA-1:HOTP-");
        text.push(parts.algorithm.name());
        text.push("-");
        match parts.response {
            Response::Mac => text.push("0"),
            Response::Code(length) => text.push_number(u16::from(length.get()), 1),
        }
        text.push(if parts.counter { ":C-Q" } else { ":Q" });
        text.push(match parts.challenge.kind {
            ChallengeKind::Alphanumeric => "A",
            ChallengeKind::Numeric => "N",
            ChallengeKind::Hexadecimal => "H",
        });
        text.push_number(u16::from(parts.challenge.max_len), 2);
        if let Some(pin) = parts.pin {
            text.push("-P");
            text.push(pin.name());
        }
        if let Some(len) = parts.session {
            text.push("-S");
            text.push_number(len, 3);
        }
        if let Some(time) = parts.time {
            text.push("-T");
            text.push_number(u16::from(time.count), 1);
            text.push(match time.unit {
                Unit::Seconds => "S",
                Unit::Minutes => "M",
                Unit::Hours => "H",
            });
        }
        text
    }

    fn push(&mut self, text: &str) {
        for byte in text.bytes() {
            // The longest spelling fits, so nothing is ever left out.
            if let Some(place) = self.bytes.get_mut(usize::from(self.len)) {
                *place = byte;
                self.len = self.len.saturating_add(1);
            }
        }
    }

    /// Pushes a number below 1000 with at least so many digits.
    fn push_number(&mut self, number: u16, least: u32) {
        for (power, place) in [(100u16, 3), (10, 2), (1, 1)] {
            if place <= least || number >= power {
                let digit = number
                    .checked_div(power)
                    .unwrap_or_default()
                    .wrapping_rem(10)
                    .to_le_bytes()[0];
                let digit = [b'0'.wrapping_add(digit)];
                self.push(core::str::from_utf8(&digit).unwrap_or_default());
            }
        }
    }
}
