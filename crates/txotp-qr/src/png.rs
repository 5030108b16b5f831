//! Portable Network Graphics (RFC 2083).

use png::{BitDepth, ColorType, Compression, Encoder, Filter};

use crate::{Scale, Symbol};

impl Symbol {
    /// The symbol and its quiet zone as a PNG file of one bit for a pixel, black on white, `scale` pixels for a module.
    ///
    /// ```
    /// use txotp_qr::{Level, Scale, Symbol};
    ///
    /// let symbol = Symbol::encode("txotp://totp?message=Hello", Level::M)?;
    /// assert!(symbol.to_png(Scale::default()).starts_with(b"\x89PNG\r\n\x1a\n"));
    /// # Ok::<(), txotp_qr::EncodeError>(())
    /// ```
    #[must_use]
    pub fn to_png(&self, scale: Scale) -> Vec<u8> {
        file(scale.pixels_of(self.framed_width()), &self.pixels(scale))
    }

    /// The rows of pixels from the top, each padded to whole bytes; the bit of a light pixel is one.
    fn pixels(&self, scale: Scale) -> Vec<u8> {
        let width = self.framed_width();
        let mut pixels = Vec::new();
        for row in self.framed_rows() {
            let bytes = pixel_row(row.modules(width), scale);
            (0..scale.pixels()).for_each(|_| pixels.extend_from_slice(&bytes));
        }
        pixels
    }
}

/// One row of pixels, the first in the highest bit of the first byte.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "at most 7 bits wait while at most 32 are added"
)]
fn pixel_row(modules: impl Iterator<Item = bool>, scale: Scale) -> Vec<u8> {
    let light = (1_u64 << scale.pixels()) - 1;
    let mut bytes = Vec::new();
    let mut waiting = 0_u64;
    let mut count = 0_u8;
    for dark in modules {
        waiting = waiting << scale.pixels() | if dark { 0 } else { light };
        count += scale.pixels();
        while count >= 8 {
            count -= 8;
            bytes.push(low_byte(waiting >> count));
        }
    }
    if count > 0 {
        bytes.push(low_byte(waiting << (8 - count)));
    }
    bytes
}

fn low_byte(bits: u64) -> u8 {
    let [byte, ..] = bits.to_le_bytes();
    byte
}

/// A file of `side` × `side` pixels.
fn file(side: u32, pixels: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, side, side);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::One);
    encoder.set_compression(Compression::Fast);
    // After the compression, which sets a filter of its own. Rows of pixels repeat: as differences to
    // the row above, all but one in `scale` are zero. (What would grow, the encoder stores as it is:
    // symbols of one pixel for a module.)
    encoder.set_filter(Filter::Up);
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(pixels))
        .expect("the pixels are as many as the header says, and writing to memory does not fail");
    file
}
