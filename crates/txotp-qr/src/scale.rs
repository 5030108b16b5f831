/// Pixels on each side of a module, 1 to 32.
///
/// The default of 8 makes the symbol of a usual payment about 550 pixels wide. Below 4 a symbol is hard to scan
/// from a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scale(u8);

impl Scale {
    /// The smallest: one pixel for a module.
    pub const MIN: Self = Self(1);
    /// The largest: a symbol of version 40 is then 5920 pixels wide.
    pub const MAX: Self = Self(32);

    /// `pixels` on each side of a module; none outside 1 to 32.
    #[must_use]
    pub const fn new(pixels: u8) -> Option<Self> {
        if pixels >= Self::MIN.0 && pixels <= Self::MAX.0 {
            Some(Self(pixels))
        } else {
            None
        }
    }

    /// Pixels on each side of a module.
    #[must_use]
    pub const fn pixels(self) -> u8 {
        self.0
    }

    /// The pixels of so many modules, a symbol of version 40 and its quiet zone at most.
    pub(crate) fn pixels_of(self, modules: usize) -> u32 {
        let modules = u32::try_from(modules)
            .expect("a symbol and its quiet zone are at most 185 modules wide");
        modules.saturating_mul(self.0.into())
    }
}

impl Default for Scale {
    fn default() -> Self {
        Self(8)
    }
}
