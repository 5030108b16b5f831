use txotp_qr::{EncodeError, Level, Limit, Options, Symbol};

use crate::source::Source;

/// A level and any text. What is drawn is read back by `rqrr` as the text, and nothing is drawn only where the text is
/// empty, over its limit, or too much for version 40.
pub fn qr(data: &[u8]) {
    let mut source = Source::new(data);
    let choice = source.byte();
    let level = [Level::L, Level::M, Level::Q, Level::H][usize::from(choice % 4)];
    let limit = if choice & 4 == 0 {
        Limit::DEFAULT
    } else {
        Limit::MAX
    };
    let text = String::from_utf8_lossy(source.rest());
    match Symbol::with_options(&text, Options::new(level).limit(limit)) {
        Ok(symbol) => {
            assert!((1..=limit.get()).contains(&text.len()));
            assert_eq!((symbol.len(), symbol.level()), (text.len(), level));
            assert_eq!(symbol.width(), 17 + 4 * usize::from(symbol.version()));
            assert_eq!(read_back(&symbol), text, "what is read back");
        }
        Err(EncodeError::Empty) => assert!(text.is_empty()),
        Err(EncodeError::TooLong { .. }) => assert!(text.len() > limit.get()),
        // ISO/IEC 18004:2015, table 7: what version 40 holds in byte mode, an ECI of twelve bits included.
        Err(_) => assert!(text.len() + 2 > [2953, 2331, 1663, 1273][usize::from(choice % 4)]),
    }
}

fn read_back(symbol: &Symbol) -> String {
    let modules = rqrr::SimpleGrid::from_func(symbol.width(), |x, y| symbol.is_dark(x, y));
    let (meta, text) = rqrr::Grid::new(modules)
        .decode()
        .expect("rqrr reads the symbol");
    assert_eq!(meta.version.0, usize::from(symbol.version()));
    assert_eq!(meta.mask, u16::from(symbol.mask()));
    text
}
