//! A square of modules, kept as rows and as columns, so that both directions are judged by the same code.

use qrcode::canvas::{Canvas, Module};
use zeroize::Zeroizing;

use crate::{Level, format, line::Line, mask::Mask};

/// `WORDS` × 64 is at least the width. Wiped when dropped.
pub(crate) struct Grid<const WORDS: usize> {
    pub(crate) rows: Zeroizing<Vec<Line<WORDS>>>,
    pub(crate) columns: Zeroizing<Vec<Line<WORDS>>>,
}

impl<const WORDS: usize> Grid<WORDS> {
    pub(crate) fn light(width: usize) -> Self {
        let lines = || Zeroizing::new(vec![Line::LIGHT; width]);
        Self {
            rows: lines(),
            columns: lines(),
        }
    }

    /// Modules on each side.
    pub(crate) fn width(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn set_dark(&mut self, x: usize, y: usize) {
        if let (Some(row), Some(column)) = (self.rows.get_mut(y), self.columns.get_mut(x)) {
            row.set(x);
            column.set(y);
        }
    }
}

/// What the canvas holds before a mask: every module, and which of them a mask may invert.
pub(crate) struct Unmasked<const WORDS: usize> {
    modules: Grid<WORDS>,
    encoding_region: Grid<WORDS>,
}

impl<const WORDS: usize> Unmasked<WORDS> {
    /// Reads a canvas that bears the function patterns and the codewords, `width` modules wide.
    pub(crate) fn read(canvas: &Canvas, width: usize) -> Self {
        let mut modules = Grid::light(width);
        let mut encoding_region = Grid::light(width);
        for (y, canvas_y) in (0..width).zip(0_i16..) {
            for (x, canvas_x) in (0..width).zip(0_i16..) {
                let module = canvas.get(canvas_x, canvas_y);
                if module.is_dark() {
                    modules.set_dark(x, y);
                }
                // `Masked` is the canvas' word for a module that no mask changes; `Empty` ones are the remainder bits.
                if !matches!(module, Module::Masked(_)) {
                    encoding_region.set_dark(x, y);
                }
            }
        }
        Self {
            modules,
            encoding_region,
        }
    }

    /// The finished symbol under `mask`, format information included.
    pub(crate) fn masked(&self, mask: Mask, level: Level) -> Grid<WORDS> {
        let invert = |(pattern, (module, region)): (Line<3>, (&Line<WORDS>, &Line<WORDS>))| {
            *module ^ (pattern.resized() & *region)
        };
        let rows = self
            .modules
            .rows
            .iter()
            .zip(self.encoding_region.rows.iter());
        let columns = self
            .modules
            .columns
            .iter()
            .zip(self.encoding_region.columns.iter());
        let mut grid = Grid {
            rows: Zeroizing::new(mask.rows().zip(rows).map(invert).collect()),
            columns: Zeroizing::new(mask.columns().zip(columns).map(invert).collect()),
        };
        format::draw(&mut grid, level, mask);
        grid
    }
}
