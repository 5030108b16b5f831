//! The penalty of a finished symbol (ISO/IEC 18004:2015, 7.8.3.1).
//!
//! The area judged is the complete symbol without its quiet zone. In one place only the quiet zone counts: the four
//! light modules beside a finder-like pattern may lie in it, since that is what a scanner sees there.
//!
//! Each feature is found in all modules of a line at once: a line shifted by *n* has module *i* + *n* at *i*, so the
//! logical operators compare every module with its neighbour.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "a symbol has 21² to 177² modules, and no feature costs more than 40 for each"
)]

use crate::{grid::Grid, line::Line};

/// Points for a run of five alike; one more for each further module.
const N1: u32 = 3;
/// Points for a block of 2 × 2 alike. The standard's (m − 1) × (n − 1) for a block of m × n is the number of these in it.
const N2: u32 = 3;
/// Points for a finder-like pattern.
const N3: u32 = 40;
/// Points for each whole 5 % by which the share of dark modules is away from one half.
const N4: u32 = 10;

/// The sum of the four features.
pub(crate) fn penalty<const WORDS: usize>(grid: &Grid<WORDS>) -> u32 {
    let pairs = Line::dark(grid.width() - 1);
    let lines = grid.rows.iter().chain(grid.columns.iter());
    let in_lines = lines.map(|line| runs(*line, pairs) + finder_like(*line));
    let blocks = grid.rows.windows(2).map(|rows| blocks(rows, pairs));
    in_lines.chain(blocks).sum::<u32>() + imbalance(grid)
}

/// Bit *i* is set where modules *i* and *i* + 1 are alike. `pairs` has a bit for each pair in a line.
fn alike<const WORDS: usize>(line: Line<WORDS>, pairs: Line<WORDS>) -> Line<WORDS> {
    !(line ^ line.toward_start(1)) & pairs
}

/// N1: runs of five or more.
fn runs<const WORDS: usize>(line: Line<WORDS>, pairs: Line<WORDS>) -> u32 {
    let two = alike(line, pairs);
    let three = two & two.toward_start(1);
    let five = three & three.toward_start(2);
    // A run of 5 + i sets 1 + i bits in a row, of which the first is worth N1 and the others 1.
    let first = five & !five.toward_end(1);
    five.count() + first.count() * (N1 - 1)
}

/// N2: blocks of 2 × 2 in two neighbouring rows.
fn blocks<const WORDS: usize>(rows: &[Line<WORDS>], pairs: Line<WORDS>) -> u32 {
    let [upper, lower] = rows else { return 0 };
    let alike = alike(*upper, pairs) & alike(*lower, pairs) & !(*upper ^ *lower);
    alike.count() * N2
}

/// N3: 1 dark, 1 light, 3 dark, 1 light, 1 dark, preceded or followed (or both: once) by 4 light.
fn finder_like<const WORDS: usize>(line: Line<WORDS>) -> u32 {
    let at = |distance| line.toward_start(distance);
    let finder = line & !at(1) & at(2) & at(3) & at(4) & !at(5) & at(6);
    let dark_before =
        line.toward_end(1) | line.toward_end(2) | line.toward_end(3) | line.toward_end(4);
    let dark_after = at(7) | at(8) | at(9) | at(10);
    (finder & !(dark_before & dark_after)).count() * N3
}

/// N4: N4 × k where the share of dark modules is 5k % to 5(k + 1) % away from 50 %.
///
/// A share on a limit, which the standard leaves open, counts as the farther one.
fn imbalance<const WORDS: usize>(grid: &Grid<WORDS>) -> u32 {
    let dark: u32 = grid.rows.iter().map(|row| row.count()).sum();
    let width = u32::try_from(grid.width()).expect("a symbol is at most 177 modules wide");
    let modules = width * width;
    (20 * dark).abs_diff(10 * modules) / modules * N4
}

#[cfg(test)]
mod tests;
