//! Which text may be bound and shown.
//!
//! A payer approves what a display shows. Text that shows nothing, or shows in another order than it
//! is stored, is refused: at the encoder, and again at the device.

/// How strict the rules of text are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum TextProfile {
    /// Everything but the 43 ranges of hidden, control, bidi-control, private-use and noncharacter
    /// code points: the rule that every transaction obeys.
    #[default]
    Standard,
    /// Only 33 834 code points of left-to-right scripts, over which every text is in Unicode's normal
    /// form C: for devices whose display has no bidi engine and few glyphs.
    Display,
    /// Printable ASCII: for amounts, currencies and account numbers.
    Ascii,
}

impl TextProfile {
    /// Whether a character may stand in text of this profile.
    ///
    /// ```
    /// use txotp_core::TextProfile;
    ///
    /// assert!(TextProfile::Standard.allows('ש') && !TextProfile::Display.allows('ש'));
    /// assert!(!TextProfile::Standard.allows('\u{202e}'));
    /// ```
    #[must_use]
    pub fn allows(self, character: char) -> bool {
        let printable_ascii = (' '..='~').contains(&character);
        printable_ascii
            || match self {
                Self::Standard => !contains(&FORBIDDEN, character),
                Self::Display => contains(&DISPLAYED, character),
                Self::Ascii => false,
            }
    }

    /// The byte offset of the first character that this profile does not allow.
    #[must_use]
    pub fn first_forbidden(self, text: &str) -> Option<usize> {
        text.char_indices()
            .find(|(_, character)| !self.allows(*character))
            .map(|(at, _)| at)
    }
}

fn contains(ranges: &[(u32, u32)], character: char) -> bool {
    let point = u32::from(character);
    let after = ranges.partition_point(|(_, last)| *last < point);
    ranges.get(after).is_some_and(|(first, _)| *first <= point)
}

/// Unicode 17: general categories Cc, Cf, Cs, Co, Zl and Zp, and the properties
/// `Default_Ignorable_Code_Point`, `Bidi_Control` and `Noncharacter_Code_Point`.
#[rustfmt::skip]
const FORBIDDEN: [(u32, u32); 43] = [
    (0x0, 0x1f), (0x7f, 0x9f), (0xad, 0xad), (0x34f, 0x34f), (0x600, 0x605), (0x61c, 0x61c),
    (0x6dd, 0x6dd), (0x70f, 0x70f), (0x890, 0x891), (0x8e2, 0x8e2), (0x115f, 0x1160),
    (0x17b4, 0x17b5), (0x180b, 0x180f), (0x200b, 0x200f), (0x2028, 0x202e), (0x2060, 0x206f),
    (0x3164, 0x3164), (0xe000, 0xf8ff), (0xfdd0, 0xfdef), (0xfe00, 0xfe0f), (0xfeff, 0xfeff),
    (0xffa0, 0xffa0), (0xfff0, 0xfffb), (0xfffe, 0xffff), (0x110bd, 0x110bd), (0x110cd, 0x110cd),
    (0x13430, 0x1343f), (0x1bca0, 0x1bca3), (0x1d173, 0x1d17a), (0x1fffe, 0x1ffff),
    (0x2fffe, 0x2ffff), (0x3fffe, 0x3ffff), (0x4fffe, 0x4ffff), (0x5fffe, 0x5ffff),
    (0x6fffe, 0x6ffff), (0x7fffe, 0x7ffff), (0x8fffe, 0x8ffff), (0x9fffe, 0x9ffff),
    (0xafffe, 0xaffff), (0xbfffe, 0xbffff), (0xcfffe, 0xcffff), (0xdfffe, 0xe0fff),
    (0xefffe, 0x10ffff),
];

/// No hidden, right-to-left, combining or unassigned code point, no digit but ASCII's, and no two
/// that compose: closed under normal form C.
#[rustfmt::skip]
const DISPLAYED: [(u32, u32); 22] = [
    (0x20, 0x7e), (0xa1, 0xac), (0xae, 0x2ff), (0x370, 0x373), (0x375, 0x377), (0x37a, 0x37d),
    (0x37f, 0x37f), (0x384, 0x386), (0x388, 0x38a), (0x38c, 0x38c), (0x38e, 0x3a1), (0x3a3, 0x482),
    (0x48a, 0x52f), (0x1e00, 0x1eff), (0x2010, 0x2027), (0x2030, 0x205e), (0x20a0, 0x20c0),
    (0x3041, 0x3096), (0x30a1, 0x30fa), (0x30fc, 0x30ff), (0x4e00, 0x9fff), (0xac00, 0xd7a3),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn ascending(ranges: &[(u32, u32)]) -> bool {
        ranges.iter().all(|(first, last)| first <= last)
            && ranges.windows(2).all(|pair| pair[0].1 < pair[1].0)
    }

    #[test]
    fn the_ranges_can_be_searched_by_halves() {
        assert!(ascending(&FORBIDDEN) && ascending(&DISPLAYED));
    }

    #[test]
    fn the_display_profile_has_33834_code_points_and_is_within_the_standard_one() {
        let displayed = |c: &char| TextProfile::Display.allows(*c);
        assert_eq!(('\0'..=char::MAX).filter(displayed).count(), 33_834);
        assert!(
            ('\0'..=char::MAX)
                .filter(displayed)
                .all(|c| TextProfile::Standard.allows(c))
        );
    }

    #[test]
    fn a_forbidden_character_is_found_at_its_byte() {
        assert_eq!(TextProfile::Standard.first_forbidden("é\u{200b}"), Some(2));
        assert_eq!(TextProfile::Ascii.first_forbidden("10 €"), Some(3));
        assert_eq!(TextProfile::Standard.first_forbidden("10 €"), None);
    }
}
