//! The eight masks (ISO/IEC 18004:2015, 7.8.2) and the choice among them (7.8.3).

use qrcode::canvas::Canvas;

use crate::{
    Level,
    grid::{Grid, Unmasked},
    line::Line,
    penalty::penalty,
};

/// A mask, 0 to 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mask(u8);

/// Draws the symbol under each mask and keeps the one with the least penalty, the lowest number of equals.
pub(crate) fn best<const WORDS: usize>(
    canvas: &Canvas,
    width: usize,
    level: Level,
) -> (Mask, Grid<WORDS>) {
    let unmasked = Unmasked::read(canvas, width);
    Mask::all()
        .map(|mask| (mask, unmasked.masked(mask, level)))
        .min_by_key(|(_, grid)| penalty(grid))
        .expect("there are eight masks")
}

impl Mask {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..8).map(Self)
    }

    /// The number in the format information, 0 to 7.
    pub(crate) fn number(self) -> u8 {
        self.0
    }

    /// The rows of the mask from the top, without end; a dark module is one to invert.
    pub(crate) fn rows(self) -> impl Iterator<Item = Line<3>> {
        ROWS.get(usize::from(self.0))
            .into_iter()
            .flatten()
            .copied()
            .cycle()
    }

    /// The columns of the mask from the left, without end.
    pub(crate) fn columns(self) -> impl Iterator<Item = Line<3>> {
        COLUMNS
            .get(usize::from(self.0))
            .into_iter()
            .flatten()
            .copied()
            .cycle()
    }
}

/// Each mask repeats after 12 modules at most, in both directions.
const PERIOD: usize = 12;

type Patterns = [[Line<3>; PERIOD]; 8];

static ROWS: Patterns = patterns(false);
static COLUMNS: Patterns = patterns(true);

/// Table 10 of the standard: whether mask `mask` inverts the module in row `i`, column `j`.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "evaluated by the compiler alone, which refuses overflow"
)]
const fn inverts(mask: usize, i: usize, j: usize) -> bool {
    0 == match mask {
        0 => (i + j) % 2,
        1 => i % 2,
        2 => j % 3,
        3 => (i + j) % 3,
        4 => (i / 2 + j / 3) % 2,
        5 => (i * j) % 2 + (i * j) % 3,
        6 => ((i * j) % 2 + (i * j) % 3) % 2,
        _ => ((i + j) % 2 + (i * j) % 3) % 2,
    }
}

#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "evaluated by the compiler alone, which refuses overflow and wrong indices"
)]
const fn patterns(transposed: bool) -> Patterns {
    let mut patterns = [[Line::LIGHT; PERIOD]; 8];
    let mut mask = 0;
    while mask < 8 {
        let mut line = 0;
        while line < PERIOD {
            let mut words = [0; 3];
            let mut index = 0;
            while index < 192 {
                let inverts = if transposed {
                    inverts(mask, index, line)
                } else {
                    inverts(mask, line, index)
                };
                words[index / 64] |= (inverts as u64) << (index % 64);
                index += 1;
            }
            patterns[mask][line] = Line::from_words(words);
            line += 1;
        }
        mask += 1;
    }
    patterns
}

#[cfg(test)]
mod tests;
