//! Percent-encoding, in the two forms that our strings use: that of forms
//! (`application/x-www-form-urlencoded`), where a blank is `+`, and that of RFC 3986, where it is `%20`.

use core::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};
use zeroize::Zeroize;

/// What a form escapes: all but `A-Z a-z 0-9 - . _ *`; the blank is dealt with before.
const FORM: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'*');

/// What a Key URI escapes: all but RFC 3986's unreserved characters.
const URI: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What stands for a blank beside `%20`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plus {
    /// `+` is a blank, as in a form.
    Blank,
    /// `+` is itself, as in a path.
    Literal,
}

impl Plus {
    /// The byte that a `+` stands for.
    const fn byte(self) -> u8 {
        match self {
            Self::Blank => b' ',
            Self::Literal => b'+',
        }
    }
}

/// Writes a text with every blank as `+`.
pub(crate) fn write_form(text: &str, out: &mut impl fmt::Write) -> fmt::Result {
    for (place, word) in text.split(' ').enumerate() {
        if place > 0 {
            out.write_char('+')?;
        }
        write_escaped(word, FORM, out)?;
    }
    Ok(())
}

/// Writes a text with every blank as `%20`.
pub(crate) fn write_uri(text: &str, out: &mut impl fmt::Write) -> fmt::Result {
    write_escaped(text, URI, out)
}

fn write_escaped(text: &str, escaped: &'static AsciiSet, out: &mut impl fmt::Write) -> fmt::Result {
    utf8_percent_encode(text, escaped).try_for_each(|piece| out.write_str(piece))
}

/// Counts what is written to it.
pub(crate) struct Length(pub(crate) usize);

impl fmt::Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = self.0.saturating_add(text.len());
        Ok(())
    }
}

/// What no encoded text contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A `#`.
    Fragment,
    /// A `%` without two hexadecimal digits behind it.
    BadPercent,
}

/// What is wrong with a byte of encoded text, given with its offset.
#[inline]
pub(crate) fn fault(raw: &[u8], at: usize, byte: u8) -> Option<Fault> {
    let is_hex = |at: usize| raw.get(at).is_some_and(u8::is_ascii_hexdigit);
    match byte {
        b'#' => Some(Fault::Fragment),
        b'%' if is_hex(at.wrapping_add(1)) && is_hex(at.wrapping_add(2)) => None,
        b'%' => Some(Fault::BadPercent),
        _ => None,
    }
}

/// The first fault in encoded text, and its offset. Where there is none, the text can be decoded.
pub(crate) fn first_fault(raw: &[u8]) -> Option<(Fault, usize)> {
    raw.iter()
        .enumerate()
        .find_map(|(at, byte)| Some((fault(raw, at, *byte)?, at)))
}

/// Why encoded text without a [`Fault`] could not be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecodeError {
    /// The buffer has no room for it.
    TooSmall,
    /// It is not UTF-8 from this offset of the encoded text on.
    BadUtf8(usize),
}

/// What is left of a buffer that the caller lent. Texts are decoded into it one behind the other.
///
/// Decoding never lengthens, so a buffer of the input's length is always enough.
pub(crate) struct Room<'b>(&'b mut [u8]);

impl<'b> Room<'b> {
    pub(crate) fn new(buffer: &'b mut [u8]) -> Self {
        Self(buffer)
    }

    /// Decodes a text, which stays in the buffer.
    #[inline]
    pub(crate) fn decode(&mut self, raw: &[u8], plus: Plus) -> Result<&'b str, DecodeError> {
        let len = fill(self.0, raw, plus).ok_or(DecodeError::TooSmall)?;
        let (bytes, rest) = core::mem::take(&mut self.0)
            .split_at_mut_checked(len)
            .ok_or(DecodeError::TooSmall)?;
        self.0 = rest;
        as_text(bytes, raw)
    }

    /// Decodes a text for a look at it, and wipes it.
    pub(crate) fn glance<T>(
        &mut self,
        raw: &[u8],
        plus: Plus,
        look: impl FnOnce(&str) -> T,
    ) -> Result<T, DecodeError> {
        // All that decoding can have written, also where it fails half way.
        let most = raw.len().min(self.0.len());
        let bytes = self.0.get_mut(..most).unwrap_or_default();
        let looked = match fill(bytes, raw, plus) {
            Some(len) => as_text(bytes.get(..len).unwrap_or_default(), raw).map(look),
            None => Err(DecodeError::TooSmall),
        };
        bytes.zeroize();
        looked
    }
}

/// Decodes into the beginning of a buffer, and says how many bytes that took. Each `+` is replaced
/// before escapes are, so that `%2B` is a plus sign.
#[inline]
fn fill(buffer: &mut [u8], raw: &[u8], plus: Plus) -> Option<usize> {
    let plus = plus.byte();
    // Most text has no escapes: that is known only at its end, but then it is there already.
    if let Some(room) = buffer.get_mut(..raw.len()) {
        let mut escapes = false;
        for (to, from) in room.iter_mut().zip(raw) {
            *to = if *from == b'+' { plus } else { *from };
            escapes |= *from == b'%';
        }
        if !escapes {
            return Some(raw.len());
        }
    }
    let capacity = buffer.len();
    let mut places = buffer.iter_mut();
    for (place, piece) in raw.split(|byte| *byte == b'+').enumerate() {
        let before = (place > 0).then_some(plus);
        for byte in before.into_iter().chain(percent_decode(piece)) {
            *places.next()? = byte;
        }
    }
    Some(capacity.saturating_sub(places.len()))
}

fn as_text<'t>(bytes: &'t [u8], raw: &[u8]) -> Result<&'t str, DecodeError> {
    core::str::from_utf8(bytes)
        .map_err(|error| DecodeError::BadUtf8(raw_offset(raw, error.valid_up_to())))
}

/// Where in encoded text the byte stands that decoding puts at `decoded`: an escape stands at its `%`.
pub(crate) fn raw_offset(raw: &[u8], decoded: usize) -> usize {
    (0..decoded).fold(0usize, |at, _| {
        let escape = raw.get(at) == Some(&b'%');
        at.saturating_add(if escape { 3 } else { 1 })
    })
}
