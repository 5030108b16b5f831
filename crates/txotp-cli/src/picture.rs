//! The QR symbol in a picture.

use std::io::Cursor;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use image::{DynamicImage, GrayImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use rqrr::PreparedImage;
use zeroize::Zeroizing;

use crate::error::Error;

/// The largest picture file that is opened, in bytes.
pub(crate) const MAX_FILE_LEN: u64 = 16 * 1024 * 1024;

/// The longest side of a picture, in pixels.
const MAX_SIDE: u32 = 16_384;

/// The most pixels of a picture: what the cameras of phones make. A small file can unpack to any
/// number, so this is checked before it is unpacked.
const MAX_PIXELS: u64 = 50_000_000;

/// The most memory that unpacking may take, in bytes.
const MAX_MEMORY: u64 = 512 * 1024 * 1024;

/// How long symbols are looked for.
const PATIENCE: Duration = Duration::from_secs(20);

/// The format of a file that begins like a picture.
pub(crate) fn format(file: &[u8]) -> Option<ImageFormat> {
    match file {
        [0x89, b'P', b'N', b'G', ..] => Some(ImageFormat::Png),
        [0xff, 0xd8, 0xff, ..] => Some(ImageFormat::Jpeg),
        _ => None,
    }
}

/// The text of the one QR symbol in a picture.
pub(crate) fn read(file: &[u8], format: ImageFormat) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut texts = decode_in_time(brightness(unpack(file, format)?))?;
    match (texts.pop(), texts.pop()) {
        (Some(text), None) => Ok(text),
        (None, _) => Err(Error::new(
            "no QR symbol can be read in the picture",
            "take it again: straight, sharp, and with the light margin around the symbol",
        )),
        (Some(_), Some(_)) => Err(Error::new(
            "there is more than one QR symbol in the picture",
            "cut the picture to the one that you mean",
        )),
    }
}

fn unpack(file: &[u8], format: ImageFormat) -> Result<DynamicImage, Error> {
    let damaged = |_| {
        Error::new(
            "the picture is damaged, or too large",
            "give a whole PNG or JPEG file of at most 50 megapixels",
        )
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width).saturating_mul(u64::from(height)) > MAX_PIXELS {
        return Err(Error::new(
            "the picture has more than 50 megapixels",
            "cut it to the symbol, or scale it down",
        ));
    }
    DynamicImage::from_decoder(decoder).map_err(damaged)
}

/// Grey levels, with what is transparent laid on white as a page would show it.
fn brightness(picture: DynamicImage) -> GrayImage {
    if !picture.color().has_alpha() {
        return picture.into_luma8();
    }
    let picture = picture.into_luma_alpha8();
    let (width, height) = picture.dimensions();
    let levels = picture
        .pixels()
        .map(|pixel| {
            let [level, alpha] = pixel.0.map(u16::from);
            let white = 255u16.saturating_mul(255u16.saturating_sub(alpha));
            let sum = level.saturating_mul(alpha).saturating_add(white);
            u8::try_from(sum / 255).unwrap_or(u8::MAX)
        })
        .collect();
    GrayImage::from_raw(width, height, levels).unwrap_or_default()
}

/// Looks for symbols, and gives up after a while: a picture can be made of nothing but corners of
/// symbols, and the search among them does not end within hours.
fn decode_in_time(luma: GrayImage) -> Result<Vec<Zeroizing<Vec<u8>>>, Error> {
    let (found, wait) = mpsc::channel();
    // Nobody waits for it once it is late; it ends with this program.
    thread::spawn(move || found.send(decode(&luma)));
    wait.recv_timeout(PATIENCE).map_err(|_| {
        Error::new(
            "the search for a QR symbol in the picture was given up",
            "cut the picture to the symbol",
        )
    })
}

fn decode(luma: &GrayImage) -> Vec<Zeroizing<Vec<u8>>> {
    let (width, height) = luma.dimensions();
    let side = |length| usize::try_from(length).unwrap_or_default();
    let mut levels = luma.as_raw().iter().copied();
    // The closure is asked for every pixel once, row by row.
    let mut prepared = PreparedImage::prepare_from_greyscale(side(width), side(height), |_, _| {
        levels.next().unwrap_or(u8::MAX)
    });
    prepared
        .detect_grids()
        .iter()
        .filter_map(|grid| {
            let mut text = Zeroizing::new(Vec::new());
            grid.decode_to(&mut *text).ok().map(|_| text)
        })
        .collect()
}
