//! The penalties against a scorer written from the text of the standard, module by module.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing
)]

use proptest::prelude::*;

use super::penalty;
use crate::grid::Grid;

/// Rows of modules, true when dark.
type Matrix = Vec<Vec<bool>>;

/// Table 11 of ISO/IEC 18004:2015, one feature after the other.
fn by_the_book(matrix: &Matrix) -> u32 {
    let width = matrix.len();
    let columns: Matrix = (0..width)
        .map(|x| matrix.iter().map(|row| row[x]).collect())
        .collect();
    let in_lines: u32 = matrix
        .iter()
        .chain(&columns)
        .map(|line| runs(line) + finder_like(line))
        .sum();
    in_lines + blocks(matrix) + proportion(matrix)
}

/// "Adjacent modules in row/column in same color: No. of modules = (5 + i): N1 + i", N1 = 3.
fn runs(line: &[bool]) -> u32 {
    line.chunk_by(|a, b| a == b)
        .map(|run| run.len())
        .filter(|length| *length >= 5)
        .map(|length| 3 + length as u32 - 5)
        .sum()
}

/// "Block of modules in same color: Block size = m × n: N2 × (m − 1) × (n − 1)", N2 = 3.
fn blocks(matrix: &Matrix) -> u32 {
    let mut points = 0;
    for y in 1..matrix.len() {
        for x in 1..matrix.len() {
            let block = [
                matrix[y - 1][x - 1],
                matrix[y - 1][x],
                matrix[y][x - 1],
                matrix[y][x],
            ];
            if block.iter().all(|module| *module == block[0]) {
                points += 3;
            }
        }
    }
    points
}

/// "1:1:3:1:1 ratio (dark:light:dark:light:dark) pattern in row/column, preceded or followed by light area 4 modules
/// wide: Existence of the pattern: N3", N3 = 40. What lies outside the line is light.
fn finder_like(line: &[bool]) -> u32 {
    let framed = [&[false; 4], line, &[false; 4]].concat();
    let mut points = 0;
    for window in framed.windows(15) {
        let finder = window[4..11] == [true, false, true, true, true, false, true];
        let light_before = window[..4] == [false; 4];
        let light_after = window[11..] == [false; 4];
        if finder && (light_before || light_after) {
            points += 40;
        }
    }
    points
}

/// "Proportion of dark modules in entire symbol: 50 ± (5 × k) % to 50 ± (5 × (k + 1)) %: N4 × k", N4 = 10.
fn proportion(matrix: &Matrix) -> u32 {
    let modules = (matrix.len() * matrix.len()) as f64;
    let dark = matrix.iter().flatten().filter(|module| **module).count() as f64;
    let away = (100.0 * dark / modules - 50.0).abs();
    (1..).take_while(|k| f64::from(5 * k) <= away).count() as u32 * 10
}

fn grid<const WORDS: usize>(matrix: &Matrix) -> Grid<WORDS> {
    let mut grid = Grid::light(matrix.len());
    for (y, row) in matrix.iter().enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, dark)| **dark) {
            grid.set_dark(x, y);
        }
    }
    grid
}

fn filled(width: usize, module: impl Fn(usize, usize) -> bool) -> Matrix {
    (0..width)
        .map(|y| (0..width).map(|x| module(x, y)).collect())
        .collect()
}

/// Matrices of runs, so that all features occur, in rows or in columns, with more or less dark ones.
fn matrices() -> impl Strategy<Value = Matrix> {
    let length = prop_oneof![6 => Just(1_usize), 2 => Just(2), 3 => Just(3), 2 => 4_usize..=9];
    let runs = proptest::collection::vec(length, 50..400);
    (
        (1_usize..=40).prop_map(|version| 17 + 4 * version),
        runs,
        any::<bool>(),
        0_usize..5,
    )
        .prop_map(|(width, runs, transposed, thinned)| {
            let colours = runs
                .iter()
                .zip(0..)
                .flat_map(|(length, i)| std::iter::repeat_n(i % 2 == 0, *length));
            let modules: Vec<bool> = colours
                .collect::<Vec<_>>()
                .into_iter()
                .cycle()
                .take(width * width)
                .collect();
            filled(width, |x, y| {
                let (x, y) = if transposed { (y, x) } else { (x, y) };
                modules[y * width + x] && (thinned == 0 || (x * 31 + y * 17) % 5 != thinned)
            })
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn bit_rows_score_as_the_standard_says(matrix in matrices()) {
        let expected = by_the_book(&matrix);
        prop_assert_eq!(penalty(&grid::<3>(&matrix)), expected);
        if matrix.len() <= 128 {
            prop_assert_eq!(penalty(&grid::<2>(&matrix)), expected);
        }
        if matrix.len() <= 64 {
            prop_assert_eq!(penalty(&grid::<1>(&matrix)), expected);
        }
    }
}

#[test]
fn one_colour_costs_what_can_be_told_by_hand() {
    // 42 lines of 21 alike, 20 × 20 blocks, and 50 % away from one half, where k = 10 begins.
    let light = filled(21, |_, _| false);
    assert_eq!(penalty(&grid::<1>(&light)), 42 * 19 + 400 * 3 + 100);
}

#[test]
fn a_finder_like_pattern_counts_once_and_may_lean_on_the_quiet_zone() {
    let pattern = [true, false, true, true, true, false, true];
    // Modules before the pattern, that module, modules after it; points.
    for (before, beside, after, points) in [
        (0, false, 14, 40), // at the edge, light on both sides
        (4, false, 10, 40),
        (4, true, 10, 40), // light after it only
        (2, true, 12, 40),
        (14, true, 0, 40), // at the other edge: the quiet zone follows
        (13, true, 1, 40),
    ] {
        let mut line = vec![false; before];
        line.extend(pattern);
        line.extend(vec![false; after]);
        if beside && before > 0 {
            line[before - 1] = true;
        }
        assert_eq!(finder_like(&line), points, "{before} {beside} {after}");
        assert_eq!(
            super::finder_like(grid::<1>(&vec![line; 21]).rows[0]),
            points,
            "{before} {beside} {after}"
        );
    }
    // Dark within four modules on both sides: none.
    let mut line = vec![false; 7];
    line.extend(pattern);
    line.extend([false; 7]);
    line[4] = true;
    line[16] = true;
    assert_eq!(finder_like(&line), 0);
    assert_eq!(super::finder_like(grid::<1>(&vec![line; 21]).rows[0]), 0);
}
