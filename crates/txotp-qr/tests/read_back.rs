//! Every picture is read back, by this test's own reading of its format and by two independent decoders.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod common;

use common::{LEVELS, Picture, TRANSFER, scale, texts};
use proptest::prelude::*;
use txotp_qr::{Level, Limit, Options, Symbol, Theme};

#[test]
fn every_kind_of_text_is_read_at_every_level() {
    for (name, text) in texts() {
        for level in LEVELS {
            println!("{name} at level {level:?}");
            let symbol = Symbol::encode(&text, level).unwrap();
            assert_eq!((symbol.len(), symbol.level()), (text.len(), level));
            Picture::from_png(&symbol.to_png(scale(4))).assert_reads(&text);
        }
    }
}

#[test]
fn all_pictures_show_the_modules_in_a_quiet_zone_of_four() {
    for length in [1, 60, TRANSFER.len(), 600] {
        let symbol = Symbol::encode(&TRANSFER.repeat(3)[..length], Level::M).unwrap();
        for pixels in [1, 2, 3, 5, 7, 8, 9, 32] {
            let picture = Picture::from_png(&symbol.to_png(scale(pixels)));
            assert!(
                picture == Picture::expected(&symbol, pixels),
                "PNG at scale {pixels}"
            );
        }
        assert!(
            Picture::from_svg(&symbol.to_svg(scale(3))) == Picture::expected(&symbol, 1),
            "SVG"
        );
        for theme in [Theme::Dark, Theme::Light, Theme::Ansi] {
            let picture = Picture::from_terminal(&symbol.to_terminal(theme), theme);
            assert!(
                picture == Picture::expected(&symbol, 1),
                "terminal, {theme:?}"
            );
        }
    }
}

#[test]
fn svg_and_terminal_are_read_too() {
    let symbol = Symbol::encode(TRANSFER, Level::M).unwrap();
    assert_eq!((TRANSFER.len(), symbol.version()), (227, 11));
    Picture::from_svg(&symbol.to_svg(scale(8)))
        .enlarged(4)
        .assert_reads(TRANSFER);
    for theme in [Theme::Dark, Theme::Light, Theme::Ansi] {
        Picture::from_terminal(&symbol.to_terminal(theme), theme)
            .enlarged(4)
            .assert_reads(TRANSFER);
    }
}

/// Byte capacities of ISO/IEC 18004:2015, table 7, at the levels L, M, Q, H.
const CAPACITIES: [(u8, [usize; 4]); 8] = [
    (1, [17, 14, 11, 7]),
    (5, [106, 84, 60, 44]),
    (9, [230, 180, 130, 98]),
    (10, [271, 213, 151, 119]),
    (13, [425, 331, 241, 177]),
    (20, [858, 666, 482, 382]),
    (26, [1367, 1059, 751, 593]),
    (40, [2953, 2331, 1663, 1273]),
];

#[test]
fn versions_begin_and_end_where_table_7_says() {
    for (version, capacities) in CAPACITIES {
        for (level, capacity) in LEVELS.into_iter().zip(capacities) {
            println!("version {version}, level {level:?}");
            let text: String = ('a'..='z').cycle().take(capacity).collect();
            let options = Options::new(level).limit(Limit::MAX);
            let symbol = Symbol::with_options(&text, options).unwrap();
            assert_eq!(symbol.version(), version);
            assert_eq!(symbol.width(), 17 + 4 * usize::from(version));
            Picture::from_png(&symbol.to_png(scale(3))).assert_reads(&text);
            let longer = Symbol::with_options(&(text + "a"), options)
                .map(|symbol| symbol.version())
                .ok();
            assert_eq!(longer, (version < 40).then_some(version + 1));
        }
    }
}

#[test]
fn the_same_text_makes_the_same_picture() {
    let png = || Symbol::encode(TRANSFER, Level::M).unwrap().to_png(scale(8));
    assert!(png() == png());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_text_is_read(
        text in "\\PC{1,150}|.{1,40}|[ -~]{1,600}"
            .prop_filter("rxing drops a byte order mark", |text| !text.contains('\u{feff}')),
        level in 0_usize..4,
    ) {
        let symbol = Symbol::encode(&text, LEVELS[level]).unwrap();
        let picture = Picture::from_png(&symbol.to_png(scale(4)));
        prop_assert_eq!(picture.read_by_rxing(), text.as_str());
        prop_assert_eq!(picture.decoded_by_rqrr(4), text);
    }
}
