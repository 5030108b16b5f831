//! From text to codewords. The segments, the bits and the error correction are the `qrcode` crate's.

use qrcode::{
    EcLevel, Version,
    bits::Bits,
    canvas::Canvas,
    ec::construct_codewords,
    optimize::{Optimizer, Parser, Segment, total_encoded_len},
    types::Mode,
};
use zeroize::Zeroizing;

/// The codewords of a symbol, wiped when dropped.
pub(crate) struct Codewords {
    pub(crate) version: Version,
    pub(crate) data: Zeroizing<Vec<u8>>,
    pub(crate) correction: Zeroizing<Vec<u8>>,
}

impl Codewords {
    /// The symbol without a mask and format information.
    pub(crate) fn canvas(&self, level: EcLevel) -> Canvas {
        let mut canvas = Canvas::new(self.version, level);
        canvas.draw_all_functional_patterns();
        canvas.draw_data(&self.data, &self.correction);
        canvas
    }
}

/// The Extended Channel Interpretation of UTF-8 (AIM ITS/04-023).
const ECI_UTF_8: u32 = 26;
/// A mode indicator of four bits and an ECI designator below 128 of eight.
const ECI_BITS: usize = 12;

/// The largest versions of each width of the character counts (ISO/IEC 18004:2015, table 3).
const CLASSES: [i16; 3] = [9, 26, 40];

/// The codewords of the smallest symbol that holds `text`; none when version 40 does not.
pub(crate) fn codewords(text: &str, level: EcLevel) -> Option<Codewords> {
    protected(bits(text, level)?, level)
}

/// Adds the error correction to the data, which fills its version at this level.
pub(crate) fn protected(bits: Bits, level: EcLevel) -> Option<Codewords> {
    let version = bits.version();
    let bytes = Zeroizing::new(bits.into_bytes());
    let (data, correction) = construct_codewords(&bytes, version, level).ok()?;
    Some(Codewords {
        version,
        data: Zeroizing::new(data),
        correction: Zeroizing::new(correction),
    })
}

/// The bits of the `qrcode` crate's `encode_auto` for ASCII text. Other text differs twice: it is announced as UTF-8, as
/// otherwise zbar takes "Müller" for Shift JIS, and it has no Kanji segments, out of which ZXing reads other characters.
fn bits(text: &str, level: EcLevel) -> Option<Bits> {
    let segments: Vec<Segment> = Parser::new(text.as_bytes()).map(without_kanji).collect();
    let whole = Segment {
        mode: Mode::Byte,
        begin: 0,
        end: text.len(),
    };
    let header = if text.is_ascii() { 0 } else { ECI_BITS };
    CLASSES.into_iter().find_map(|largest| {
        let class = Version::Normal(largest);
        // The optimizer joins neighbours, and may miss that one segment for all is the shortest.
        let joined: Vec<_> = Optimizer::new(segments.iter().copied(), class).collect();
        let optimized = [joined, vec![whole]]
            .into_iter()
            .min_by_key(|segments| total_encoded_len(segments, class))?;
        let length = header.checked_add(total_encoded_len(&optimized, class))?;
        // Segments cut for one class may turn out short enough for a smaller, whose counts are no wider.
        let mut bits = (1..=largest)
            .map(|version| Bits::new(Version::Normal(version)))
            .find(|bits| bits.max_len(level).is_ok_and(|capacity| length <= capacity))?;
        if header > 0 {
            bits.push_eci_designator(ECI_UTF_8).ok()?;
        }
        bits.push_segments(text.as_bytes(), optimized.into_iter())
            .ok()?;
        bits.push_terminator(level).ok()?;
        Some(bits)
    })
}

fn without_kanji(segment: Segment) -> Segment {
    match segment.mode {
        Mode::Kanji => Segment {
            mode: Mode::Byte,
            ..segment
        },
        _ => segment,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use qrcode::bits::encode_auto;

    use super::*;

    const LEVELS: [EcLevel; 4] = [EcLevel::L, EcLevel::M, EcLevel::Q, EcLevel::H];

    proptest! {
        #[test]
        fn ascii_text_gets_the_bits_of_encode_auto_or_one_shorter_segment(
            text in "[ -~]{1,1300}|[0-9A-Z:/]{1,900}|[0-9]{1,900}"
        ) {
            for level in LEVELS {
                let ours = bits(&text, level).map(|bits| (bits.version(), bits.into_bytes()));
                let Ok(theirs) = encode_auto(text.as_bytes(), level) else {
                    continue;
                };
                let (version, bytes) = ours.expect("what they can draw we can");
                prop_assert!(version.width() <= theirs.version().width());
                if bytes != theirs.into_bytes() {
                    prop_assert_eq!(bytes[0] >> 4, 0b0100, "the mode of a byte segment");
                }
            }
        }
    }

    /// Of a text of alternating kinds the optimizer makes more bits than a byte for each character: found by fuzzing.
    #[test]
    fn what_fits_as_bytes_is_drawn() {
        let capacity = 1273;
        for unit in ["000000a", "ABCDEFa0", "12345:a", "A1b2", "00000000\u{e9}"] {
            for length in capacity - 20..=capacity - 2 {
                let text = unit.repeat(capacity);
                let end = (0..=length)
                    .rev()
                    .find(|end| text.is_char_boundary(*end))
                    .unwrap();
                let text = text.get(..end).unwrap();
                assert!(bits(text, EcLevel::H).is_some(), "{unit} {end}");
            }
        }
    }

    #[test]
    fn other_text_is_announced_as_utf_8_and_stays_in_one_byte_segment() {
        // The bytes E3 81 and E3 80 could be taken for Shift JIS.
        let text = "あ、";
        let bytes = bits(text, EcLevel::M).unwrap().into_bytes();
        // 0111 00011010 (ECI 26), 0100 00000110 (byte mode, six bytes), the text, the terminator.
        assert_eq!(bytes[..3], [0x71, 0xa4, 0x06]);
        assert_eq!(&bytes[3..9], text.as_bytes());
        assert_eq!(bytes[9] >> 4, 0);
    }
}
