use std::fmt;

use qrcode::{EcLevel, canvas::Canvas};
use zeroize::Zeroizing;

use crate::{
    ADVISED_STRING_LEN, Advice, EncodeError, Limit,
    codewords::{Codewords, codewords},
    line::Line,
    mask,
};

/// Light modules on each side of a symbol (ISO/IEC 18004:2015, 9.1). Every picture has them.
pub const QUIET_ZONE: usize = 4;

/// How much of a symbol may be unreadable before the text is lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Level {
    /// About 7 %.
    L,
    /// About 15 %: enough for screens and what the payment standards prescribe.
    #[default]
    M,
    /// About 25 %.
    Q,
    /// About 30 %.
    H,
}

/// What to draw with: [`Symbol::with_options`].
///
/// ```
/// use txotp_qr::{Level, Limit, Options, Symbol};
///
/// let text = "a".repeat(700);
/// let options = Options::new(Level::L).limit(Limit::MAX);
/// assert_eq!(Symbol::with_options(&text, options)?.version(), 18);
/// # Ok::<(), txotp_qr::EncodeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    level: Level,
    limit: Limit,
}

impl Options {
    /// This level and the limit of 600 bytes.
    #[must_use]
    pub const fn new(level: Level) -> Self {
        Self {
            level,
            limit: Limit::DEFAULT,
        }
    }

    /// Another limit for the text.
    ///
    /// Symbols of longer texts have smaller modules in the same space: try them with the phones they are meant for.
    #[must_use]
    pub const fn limit(self, limit: Limit) -> Self {
        Self { limit, ..self }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new(Level::default())
    }
}

/// A QR symbol: the smallest version that holds its text at its level.
///
/// The same text and options always make the same symbol. A symbol can carry a seed, so it is wiped when dropped,
/// shows none of its modules in `Debug`, and can be neither cloned nor compared.
pub struct Symbol {
    version: u8,
    level: Level,
    mask: u8,
    length: usize,
    rows: Zeroizing<Vec<Line<WORDS>>>,
}

/// 192 bits: enough for the 177 modules of version 40 and its quiet zone.
const WORDS: usize = 3;

impl Symbol {
    /// Draws `text`, of at most 600 bytes.
    ///
    /// # Errors
    /// [`EncodeError`]: the text is empty, too long, or does not fit at this level.
    pub fn encode(text: &str, level: Level) -> Result<Self, EncodeError> {
        Self::with_options(text, Options::new(level))
    }

    /// Draws `text` within the limit of `options`.
    ///
    /// # Errors
    /// [`EncodeError`]: the text is empty, too long, or does not fit at this level.
    pub fn with_options(text: &str, options: Options) -> Result<Self, EncodeError> {
        let Options { level, limit } = options;
        let (length, limit) = (text.len(), limit.get());
        if text.is_empty() {
            return Err(EncodeError::Empty);
        }
        if length > limit {
            return Err(EncodeError::TooLong { length, limit });
        }
        let codewords =
            codewords(text, level.into()).ok_or(EncodeError::DoesNotFit { length, level })?;
        Ok(Self::draw(&codewords, level, length))
    }

    pub(crate) fn draw(codewords: &Codewords, level: Level, length: usize) -> Self {
        let canvas = codewords.canvas(level.into());
        let width =
            usize::try_from(codewords.version.width()).expect("a symbol is 21 to 177 modules wide");
        let version = (width.saturating_sub(17) / 4)
            .try_into()
            .expect("a version is 1 to 40");
        // As few words as hold a row: one up to version 11, the most common case.
        let (mask, rows) = match width {
            ..=64 => finish::<1>(&canvas, width, level),
            65..=128 => finish::<2>(&canvas, width, level),
            _ => finish::<3>(&canvas, width, level),
        };
        Self {
            version,
            level,
            mask,
            length,
            rows,
        }
    }

    /// 1 to 40.
    #[must_use]
    pub fn version(&self) -> u8 {
        self.version
    }

    /// The error correction level.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The mask, 0 to 7: the one with the least penalty by ISO/IEC 18004:2015, 7.8.3.
    #[must_use]
    pub fn mask(&self) -> u8 {
        self.mask
    }

    /// Modules on each side without the quiet zone, 21 to 177.
    #[must_use]
    pub fn width(&self) -> usize {
        self.rows.len()
    }

    /// Bytes of the text, at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "an empty text is refused")]
    pub fn len(&self) -> usize {
        self.length
    }

    /// What to tell the user about the length of the text, if anything.
    #[must_use]
    pub fn advice(&self) -> Option<Advice> {
        (self.length > ADVISED_STRING_LEN).then_some(Advice::MayNotScan {
            length: self.length,
            version: self.version,
        })
    }

    /// Whether the module in column `x` of row `y` is dark, counted from the upper left corner without the quiet
    /// zone. Everything outside the symbol is light.
    #[must_use]
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        self.rows.get(y).is_some_and(|row| row.is_dark(x))
    }

    /// Modules on each side with the quiet zone, 29 to 185.
    pub(crate) fn framed_width(&self) -> usize {
        self.width().saturating_add(2 * QUIET_ZONE)
    }

    /// The rows with the quiet zone around them.
    pub(crate) fn framed_rows(&self) -> impl Iterator<Item = Line<WORDS>> {
        let quiet = || std::iter::repeat_n(Line::LIGHT, QUIET_ZONE);
        quiet()
            .chain(self.rows.iter().map(|row| row.toward_end(4)))
            .chain(quiet())
    }
}

fn finish<const N: usize>(
    canvas: &Canvas,
    width: usize,
    level: Level,
) -> (u8, Zeroizing<Vec<Line<WORDS>>>) {
    let (mask, grid) = mask::best::<N>(canvas, width, level);
    (
        mask.number(),
        Zeroizing::new(grid.rows.iter().map(|row| row.resized()).collect()),
    )
}

impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Symbol")
            .field("version", &self.version)
            .field("level", &self.level)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

impl From<Level> for EcLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::L => Self::L,
            Level::M => Self::M,
            Level::Q => Self::Q,
            Level::H => Self::H,
        }
    }
}
