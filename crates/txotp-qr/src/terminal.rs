//! Half blocks: two modules, one above the other, in a character cell.

use crate::Symbol;

/// The colours of the terminal a symbol is shown in. A symbol in the wrong colours is inverted, which many phones
/// do not read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Theme {
    /// Light text on a dark ground: the light modules are written.
    #[default]
    Dark,
    /// Dark text on a light ground: the dark modules are written.
    Light,
    /// Black on white set by ANSI escapes (256 colours), right in every theme but no plain text.
    Ansi,
}

/// Black text on white ground, from the fixed part of the 256 colours, which themes leave alone.
const BLACK_ON_WHITE: &str = "\x1b[38;5;16;48;5;231m";
const RESET: &str = "\x1b[0m";

impl Symbol {
    /// The symbol and its quiet zone for a terminal: `width() + 8` columns, and half as many lines, each with a
    /// line feed at its end.
    ///
    /// ```
    /// use txotp_qr::{Level, Symbol, Theme};
    ///
    /// let symbol = Symbol::encode("txotp://totp?message=Hello", Level::M)?;
    /// let text = symbol.to_terminal(Theme::Dark);
    /// assert_eq!(text.lines().count(), (symbol.width() + 8).div_ceil(2));
    /// # Ok::<(), txotp_qr::EncodeError>(())
    /// ```
    #[must_use]
    pub fn to_terminal(&self, theme: Theme) -> String {
        let width = self.framed_width();
        let mut rows = self.framed_rows();
        let mut text = String::with_capacity(width.saturating_mul(width).saturating_mul(2));
        while let Some(upper) = rows.next() {
            // The number of rows is odd: half a line of further quiet zone ends the picture.
            let lower = rows.next().unwrap_or(crate::line::Line::LIGHT);
            let cells = upper.modules(width).zip(lower.modules(width));
            match theme {
                Theme::Dark => text.extend(cells.map(|(upper, lower)| half_block(!upper, !lower))),
                Theme::Light => text.extend(cells.map(|(upper, lower)| half_block(upper, lower))),
                Theme::Ansi => {
                    text.push_str(BLACK_ON_WHITE);
                    text.extend(cells.map(|(upper, lower)| half_block(upper, lower)));
                    text.push_str(RESET);
                }
            }
            text.push('\n');
        }
        text
    }
}

fn half_block(upper: bool, lower: bool) -> char {
    match (upper, lower) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    }
}
