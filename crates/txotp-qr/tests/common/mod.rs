//! Pictures read back to pixels, and pixels read by independent decoders.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::collections::HashMap;

use rxing::{BarcodeFormat, helpers::detect_in_luma};
use txotp_qr::{Level, QUIET_ZONE, Scale, Symbol, Theme};

pub(crate) const LEVELS: [Level; 4] = [Level::L, Level::M, Level::Q, Level::H];

/// A transfer with four details and a hidden one: 227 bytes, version 11 at level M.
pub(crate) const TRANSFER: &str = "txotp://totp?message=Confirm+transfer&details%5BTo%5D=Example+Ltd\
    &details%5BAmount%5D=EUR+1%2C250.00&details%5BAccount%5D=DE89+3704+0044+0532+0130+00\
    &details%5BReference%5D=Invoice+117&hidden_details%5BPayment+ID%5D=7f3c2b9a1d4";

/// A square picture: its rows of pixels, true when dark.
#[derive(PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) side: usize,
    dark: Vec<bool>,
}

impl Picture {
    fn new(side: usize) -> Self {
        Self {
            side,
            dark: vec![false; side * side],
        }
    }

    /// What a symbol must look like: each module `scale` pixels wide, and four light modules on each side.
    pub(crate) fn expected(symbol: &Symbol, scale: u8) -> Self {
        let scale = usize::from(scale);
        let mut picture = Self::new((symbol.width() + 2 * QUIET_ZONE) * scale);
        for y in 0..picture.side {
            for x in 0..picture.side {
                let module = |pixel: usize| (pixel / scale).checked_sub(QUIET_ZONE);
                let dark = module(x)
                    .zip(module(y))
                    .is_some_and(|(x, y)| symbol.is_dark(x, y));
                picture.dark[y * picture.side + x] = dark;
            }
        }
        picture
    }

    pub(crate) fn from_png(file: &[u8]) -> Self {
        let mut reader = png::Decoder::new(std::io::Cursor::new(file))
            .read_info()
            .unwrap();
        assert_eq!(reader.info().color_type, png::ColorType::Grayscale);
        assert_eq!(reader.info().bit_depth, png::BitDepth::One);
        assert_eq!(reader.info().width, reader.info().height);
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut bytes).unwrap();
        let side = usize::try_from(reader.info().width).unwrap();
        let mut picture = Self::new(side);
        for (y, row) in bytes.chunks(side.div_ceil(8)).enumerate() {
            for x in 0..side {
                picture.dark[y * side + x] = row[x / 8] >> (7 - x % 8) & 1 == 0;
            }
        }
        picture
    }

    /// Draws the second path, which must consist of `M{x} {y}h{n}v1h-{n}z`, one pixel for a module.
    pub(crate) fn from_svg(svg: &str) -> Self {
        let side: usize = between(svg, "viewBox=\"0 0 ", " ").parse().unwrap();
        let ground = format!("<path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/>");
        let mut picture = Self::new(side);
        let path = between(svg, &format!("{ground}<path d=\""), "\"");
        for run in path.split_terminator('z') {
            let (x, rest) = run.strip_prefix('M').unwrap().split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (length, back) = rest.split_once("v1h-").unwrap();
            assert_eq!(length, back);
            let (x, y, length): (usize, usize, usize) = (
                x.parse().unwrap(),
                y.parse().unwrap(),
                length.parse().unwrap(),
            );
            for x in x..x + length {
                assert!(
                    !std::mem::replace(&mut picture.dark[y * side + x], true),
                    "drawn twice"
                );
            }
        }
        picture
    }

    /// What is seen in a terminal of the theme's colours, one pixel for a module.
    pub(crate) fn from_terminal(text: &str, theme: Theme) -> Self {
        let side = text.lines().count() * 2 - 1;
        let mut picture = Self::new(side);
        for (line, text) in text.lines().enumerate() {
            let text = match theme {
                Theme::Ansi => {
                    let text = text.strip_prefix("\x1b[38;5;16;48;5;231m").unwrap();
                    text.strip_suffix("\x1b[0m").unwrap()
                }
                _ => text,
            };
            assert_eq!(text.chars().count(), side);
            for (x, character) in text.chars().enumerate() {
                let written = match character {
                    '█' => [true, true],
                    '▀' => [true, false],
                    '▄' => [false, true],
                    ' ' => [false, false],
                    _ => panic!("no half block"),
                };
                for (y, written) in [2 * line, 2 * line + 1].into_iter().zip(written) {
                    // Written modules have the colour of text: dark but in the dark theme.
                    let dark = written != (theme == Theme::Dark);
                    match picture.dark.get_mut(y * side + x) {
                        Some(pixel) => *pixel = dark,
                        None => assert!(!dark, "the last half line belongs to the quiet zone"),
                    }
                }
            }
        }
        picture
    }

    /// The same picture with each pixel drawn `scale` pixels wide.
    pub(crate) fn enlarged(&self, scale: usize) -> Self {
        let mut picture = Self::new(self.side * scale);
        for y in 0..picture.side {
            for x in 0..picture.side {
                picture.dark[y * picture.side + x] = self.dark[y / scale * self.side + x / scale];
            }
        }
        picture
    }

    fn luma(&self) -> Vec<u8> {
        self.dark
            .iter()
            .map(|dark| if *dark { 0 } else { 255 })
            .collect()
    }

    /// The text by the decoder `rxing`, a port of ZXing.
    pub(crate) fn read_by_rxing(&self) -> String {
        let side = u32::try_from(self.side).unwrap();
        let result = detect_in_luma(self.luma(), side, side, Some(BarcodeFormat::QR_CODE));
        result
            .expect("rxing reads the picture")
            .getText()
            .to_owned()
    }

    /// The text by the decoder `rqrr`, a port of quirc.
    pub(crate) fn read_by_rqrr(&self) -> String {
        let luma = self.luma();
        let mut image =
            rqrr::PreparedImage::prepare_from_greyscale(self.side, self.side, |x, y| {
                luma[y * self.side + x]
            });
        let [grid] = &image.detect_grids()[..] else {
            panic!("rqrr finds one symbol")
        };
        grid.decode().expect("rqrr reads the picture").1
    }

    /// The text by `rqrr` given the modules, each `scale` pixels wide, so that its search for them is left out: now
    /// and then, at some scales, that search misplaces those of a large symbol that other decoders find.
    pub(crate) fn decoded_by_rqrr(&self, scale: usize) -> String {
        let width = self.side / scale - 2 * QUIET_ZONE;
        let pixel = |module: usize| (module + QUIET_ZONE) * scale + scale / 2;
        let modules =
            rqrr::SimpleGrid::from_func(width, |x, y| self.dark[pixel(y) * self.side + pixel(x)]);
        rqrr::Grid::new(modules)
            .decode()
            .expect("rqrr decodes the modules")
            .1
    }

    /// Fails unless both decoders read `text`.
    pub(crate) fn assert_reads(&self, text: &str) {
        assert_eq!(self.read_by_rxing(), text, "read by rxing");
        assert_eq!(self.read_by_rqrr(), text, "read by rqrr");
    }
}

pub(crate) fn scale(pixels: u8) -> Scale {
    Scale::new(pixels).unwrap()
}

pub(crate) fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text
        .split_once(start)
        .unwrap_or_else(|| panic!("{start} is there"));
    rest.split_once(end).unwrap().0
}

/// Texts of every kind of segment and of several scripts.
pub(crate) fn texts() -> HashMap<&'static str, String> {
    HashMap::from([
        ("transfer", TRANSFER.to_owned()),
        ("key uri", "otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQ&issuer=Example&algorithm=SHA1&digits=6&period=30".into()),
        ("one byte", "a".into()),
        ("digits", "0123456789".repeat(20)),
        ("alphanumeric", "HTTPS://EXAMPLE.COM/$%*+-./: 42".into()),
        ("mixed segments", "txotp://totp?x=00000000000000000000&y=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&z=é".into()),
        ("german", "Überweisung an Müller & Söhne, 1.250,00 €".into()),
        ("greek", "Επιβεβαίωση πληρωμής".into()),
        ("japanese", "お支払いの確認 あ、ｱÅ 12345678901234567890".into()),
        ("hebrew", "אישור תשלום".into()),
        ("emoji", "💶➡️🏦".into()),
        ("control characters", "a\tb\nc".into()),
        ("nothing but percent", "%25".repeat(60)),
    ])
}
