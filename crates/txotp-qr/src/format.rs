//! Format information: level and mask, with a BCH (15, 5) code (ISO/IEC 18004:2015, 7.9.1 and annex C).

use crate::{Level, grid::Grid, mask::Mask};

/// Where the first copy lies, around the upper left finder pattern: x and y of the bits from 14 down to 0.
const FIRST_COPY: [(usize, usize); 15] = [
    (0, 8),
    (1, 8),
    (2, 8),
    (3, 8),
    (4, 8),
    (5, 8),
    (7, 8),
    (8, 8),
    (8, 7),
    (8, 5),
    (8, 4),
    (8, 3),
    (8, 2),
    (8, 1),
    (8, 0),
];

/// Draws both copies into a grid whose format area is light.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "a symbol is at least 21 modules wide"
)]
pub(crate) fn draw<const WORDS: usize>(grid: &mut Grid<WORDS>, level: Level, mask: Mask) {
    let information = information(level, mask);
    let width = grid.width();
    // The second copy: up the left edge from the lower left corner, then to the right edge.
    let second_copy = (0..7)
        .map(|step| (8, width - 1 - step))
        .chain((0..8).map(|step| (width - 8 + step, 8)));
    for (bit, (first, second)) in (0..15).rev().zip(FIRST_COPY.into_iter().zip(second_copy)) {
        if information >> bit & 1 == 1 {
            grid.set_dark(first.0, first.1);
            grid.set_dark(second.0, second.1);
        }
    }
}

/// The 15 bits, already masked with 101010000010010.
fn information(level: Level, mask: Mask) -> u16 {
    let level = match level {
        Level::M => 0b00,
        Level::L => 0b01,
        Level::H => 0b10,
        Level::Q => 0b11,
    };
    let data = level << 3 | u16::from(mask.number());
    // Division by the generator x^10 + x^8 + x^5 + x^4 + x^2 + x + 1.
    let remainder = (0..10).fold(data, |remainder, _| {
        let subtrahend = if remainder >> 9 & 1 == 1 { 0x537 } else { 0 };
        (remainder << 1) ^ subtrahend
    });
    (data << 10 | remainder) ^ 0x5412
}
