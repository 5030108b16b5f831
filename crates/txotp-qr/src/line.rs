//! One row or one column of a symbol, as bits.

use std::ops::{BitAnd, BitOr, BitXor, Not};

use zeroize::Zeroize;

/// A row or a column of modules: bit *i* is module *i*, set when it is dark.
///
/// Bits past the last module are zero, so whatever lies outside reads as light, as the quiet zone does.
#[derive(Clone, Copy)]
pub(crate) struct Line<const WORDS: usize>([u64; WORDS]);

impl<const WORDS: usize> Line<WORDS> {
    pub(crate) const LIGHT: Self = Self([0; WORDS]);

    pub(crate) const fn from_words(words: [u64; WORDS]) -> Self {
        Self(words)
    }

    /// The first `length` modules dark, the rest light.
    pub(crate) fn dark(length: usize) -> Self {
        let mut line = Self::LIGHT;
        (0..length).for_each(|index| line.set(index));
        line
    }

    pub(crate) fn set(&mut self, index: usize) {
        if let Some(word) = self.0.get_mut(index / 64) {
            *word |= 1 << (index % 64);
        }
    }

    pub(crate) fn is_dark(&self, index: usize) -> bool {
        self.0
            .get(index / 64)
            .is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    /// Module *i* + `distance` moves to *i*; light follows from outside.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "every caller names a distance of 1 to 10"
    )]
    pub(crate) fn toward_start(self, distance: u32) -> Self {
        let carried = self.0.iter().skip(1).chain(&[0]);
        let mut moved = self;
        for (word, next) in moved.0.iter_mut().zip(carried) {
            *word = *word >> distance | next << (64 - distance);
        }
        moved
    }

    /// Module *i* moves to *i* + `distance`; light follows from outside.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "every caller names a distance of 1 to 10"
    )]
    pub(crate) fn toward_end(self, distance: u32) -> Self {
        let carried = [0].iter().chain(&self.0);
        let mut moved = self;
        for (word, previous) in moved.0.iter_mut().zip(carried) {
            *word = *word << distance | previous >> (64 - distance);
        }
        moved
    }

    /// The number of dark modules.
    pub(crate) fn count(self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// The same line in more words, or in fewer when its modules fit in them.
    pub(crate) fn resized<const TO: usize>(self) -> Line<TO> {
        let mut line = Line::LIGHT;
        line.0
            .iter_mut()
            .zip(self.0)
            .for_each(|(to, from)| *to = from);
        line
    }

    /// The first `length` modules, true when dark.
    pub(crate) fn modules(self, length: usize) -> impl Iterator<Item = bool> {
        self.0
            .into_iter()
            .flat_map(|word| (0..64).map(move |bit| word >> bit & 1 == 1))
            .take(length)
    }

    /// The dark runs in order: first and last module of each.
    pub(crate) fn dark_runs(self) -> impl Iterator<Item = (u32, u32)> {
        let firsts = self & !self.toward_end(1);
        let lasts = self & !self.toward_start(1);
        firsts.positions().zip(lasts.positions())
    }

    /// The indices of the dark modules, ascending.
    fn positions(self) -> impl Iterator<Item = u32> {
        (0..)
            .step_by(64)
            .zip(self.0)
            .flat_map(|(offset, mut word)| {
                std::iter::from_fn(move || {
                    let bit = word.checked_ilog2().map(|_| word.trailing_zeros())?;
                    word &= word.wrapping_sub(1);
                    Some(bit | offset)
                })
            })
    }
}

impl<const WORDS: usize> BitAnd for Line<WORDS> {
    type Output = Self;

    fn bitand(mut self, other: Self) -> Self {
        self.0
            .iter_mut()
            .zip(other.0)
            .for_each(|(word, other)| *word &= other);
        self
    }
}

impl<const WORDS: usize> BitOr for Line<WORDS> {
    type Output = Self;

    fn bitor(mut self, other: Self) -> Self {
        self.0
            .iter_mut()
            .zip(other.0)
            .for_each(|(word, other)| *word |= other);
        self
    }
}

impl<const WORDS: usize> BitXor for Line<WORDS> {
    type Output = Self;

    fn bitxor(mut self, other: Self) -> Self {
        self.0
            .iter_mut()
            .zip(other.0)
            .for_each(|(word, other)| *word ^= other);
        self
    }
}

/// Turns the zero bits past the last module into ones too; the caller masks them off.
impl<const WORDS: usize> Not for Line<WORDS> {
    type Output = Self;

    fn not(self) -> Self {
        Self(self.0.map(|word| !word))
    }
}

impl<const WORDS: usize> Zeroize for Line<WORDS> {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}
