//! The modules against those that the `qrcode` crate's own canvas gives with the same mask.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing
)]

use qrcode::{Color, EcLevel, Version, bits::Bits, canvas::MaskPattern};

use super::*;
use crate::{
    Symbol,
    codewords::{Codewords, protected},
};

const LEVELS: [Level; 4] = [Level::L, Level::M, Level::Q, Level::H];

const PATTERNS: [MaskPattern; 8] = [
    MaskPattern::Checkerboard,
    MaskPattern::HorizontalLines,
    MaskPattern::VerticalLines,
    MaskPattern::DiagonalLines,
    MaskPattern::LargeCheckerboard,
    MaskPattern::Fields,
    MaskPattern::Diamonds,
    MaskPattern::Meadow,
];

/// Codewords that fill `version` at `level` with bytes of no pattern.
fn full(version: i16, level: Level) -> Codewords {
    let level = EcLevel::from(level);
    let mut bits = Bits::new(Version::Normal(version));
    // The mode and the count take two or three bytes.
    let length = bits.max_len(level).unwrap() / 8 - 3;
    let bytes: Vec<u8> = (0..length)
        .map(|i| ((i * i * 31 + i * 7) >> 3) as u8)
        .collect();
    bits.push_byte_data(&bytes).unwrap();
    bits.push_terminator(level).unwrap();
    protected(bits, level).unwrap()
}

/// What the crate's own canvas draws, row after row.
fn reference(codewords: &Codewords, level: Level, pattern: MaskPattern) -> Vec<bool> {
    let mut canvas = codewords.canvas(level.into());
    canvas.apply_mask(pattern);
    canvas
        .into_colors()
        .into_iter()
        .map(|colour| colour == Color::Dark)
        .collect()
}

fn modules<const WORDS: usize>(grid: &Grid<WORDS>) -> Vec<bool> {
    grid.rows
        .iter()
        .flat_map(|row| row.modules(grid.width()))
        .collect()
}

fn transposed(grid: &Grid<3>) -> Vec<bool> {
    (0..grid.width())
        .flat_map(|y| grid.columns.iter().map(move |column| column.is_dark(y)))
        .collect()
}

fn assert_masks_agree(version: i16, level: Level, masks: impl Iterator<Item = Mask>) {
    let codewords = full(version, level);
    let width = usize::try_from(codewords.version.width()).unwrap();
    let unmasked = Unmasked::<3>::read(&codewords.canvas(level.into()), width);
    for mask in masks {
        let grid = unmasked.masked(mask, level);
        let expected = reference(&codewords, level, PATTERNS[usize::from(mask.number())]);
        assert!(
            modules(&grid) == expected,
            "rows of version {version}, {level:?}, {mask:?}"
        );
        assert!(
            transposed(&grid) == expected,
            "columns of version {version}, {level:?}, {mask:?}"
        );
    }
}

#[test]
fn every_version_and_level_has_the_modules_of_the_canvas() {
    for version in 1..=40 {
        for (level, offset) in LEVELS.into_iter().zip(0..) {
            let rotating = usize::try_from(version * 3 + offset).unwrap() % 8;
            assert_masks_agree(version, level, Mask::all().skip(rotating).take(1));
        }
    }
}

#[test]
fn every_mask_has_the_modules_of_the_canvas() {
    for version in [1, 2, 6, 7, 11, 12, 14, 27, 28, 40] {
        for level in LEVELS {
            assert_masks_agree(version, level, Mask::all());
        }
    }
}

#[test]
fn a_symbol_has_the_modules_of_the_canvas_with_the_mask_chosen() {
    for version in 1..=40 {
        for level in LEVELS {
            let codewords = full(version, level);
            let symbol = Symbol::draw(&codewords, level, 1);
            assert_eq!(i16::from(symbol.version()), version);
            let expected = reference(&codewords, level, PATTERNS[usize::from(symbol.mask())]);
            let width = symbol.width();
            let actual: Vec<bool> = (0..width * width)
                .map(|i| symbol.is_dark(i % width, i / width))
                .collect();
            assert!(actual == expected, "version {version}, {level:?}");
        }
    }
}

#[test]
fn the_mask_chosen_has_the_least_penalty() {
    for version in [1, 5, 11, 13, 28] {
        for level in LEVELS {
            let codewords = full(version, level);
            let width = usize::try_from(codewords.version.width()).unwrap();
            let unmasked = Unmasked::<3>::read(&codewords.canvas(level.into()), width);
            let penalties: Vec<u32> = Mask::all()
                .map(|mask| penalty(&unmasked.masked(mask, level)))
                .collect();
            let least = penalties.iter().min().unwrap();
            let first = penalties
                .iter()
                .position(|penalty| penalty == least)
                .unwrap();
            let chosen = usize::from(Symbol::draw(&codewords, level, 1).mask());
            assert_eq!(chosen, first, "version {version}, {level:?}: {penalties:?}");
        }
    }
}
