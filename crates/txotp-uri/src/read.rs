//! Reading the `txotp://` string: what is not understood to the last byte is refused.
//!
//! The string never passes through a URL parser. Those drop tabs, trim blanks and repair escapes, so
//! that what is shown is not what was sent.

mod error;

pub use error::{ReadError, ReadErrorKind};

use txotp_core::{Section, TextProfile, Transaction, TransactionBuilder, TransactionErrorKind};

use crate::Limit;
use crate::form::{self, DecodeError, Plus, Room};

const SCHEME: &[u8] = b"txotp://";
const TYPE: &[u8] = b"totp";

/// Reads a string into a transaction whose text lies, decoded, in the buffer. A buffer of the input's
/// length is always large enough.
///
/// Of several errors it reports the first, in the order of the specification's section 4.
///
/// ```
/// use txotp_uri::{Limit, ReadErrorKind, read};
///
/// let mut buffer = [0; 600];
/// let transaction = read(b"txotp://totp?message=Pay&details[To]=M%C3%BCller+%26+Co", Limit::DEFAULT, &mut buffer)?;
/// assert_eq!(transaction.details().next().map(|pair| pair.value), Some("Müller & Co"));
///
/// let error = read(b"txotp://totp?message=Pay&amount=1", Limit::DEFAULT, &mut buffer).unwrap_err();
/// assert_eq!((error.kind(), error.offset()), (ReadErrorKind::UnknownParameter, 25));
/// # Ok::<(), txotp_uri::ReadError>(())
/// ```
///
/// # Errors
/// [`ReadError`]: what is wrong, and at which byte of the input. The buffer then holds text of the
/// input in an unspecified state.
// Never inlined: a transaction takes 0.5 KiB of a small device's stack, and what is collected here
// would stay on it beside the one that is returned.
#[inline(never)]
pub fn read<'b>(
    input: &[u8],
    limit: Limit,
    buffer: &'b mut [u8],
) -> Result<Transaction<'b>, ReadError> {
    if input.len() > limit.get() {
        return Err(ReadErrorKind::TooLong.at(limit.get()));
    }
    let (mut start, query) = query(input)?;
    let mut builder = Transaction::builder();
    let mut reader = Reader {
        room: Room::new(buffer),
        builder: &mut builder,
    };
    let mut rest = Some(query);
    while let Some(parameters) = rest {
        let parameter = Parameter::first(parameters, start)?;
        reader.parameter(parameter)?;
        start = parameter.end().saturating_add(1);
        rest = parameters.get(parameter.raw.len().saturating_add(1)..);
    }
    match builder.build() {
        Ok(transaction) => Ok(transaction),
        Err(_) => Err(ReadErrorKind::MissingMessage.at(input.len())),
    }
}

/// Checks scheme and type; what follows the `?` and where it begins.
fn query(input: &[u8]) -> Result<(usize, &[u8]), ReadError> {
    let rest = match input.split_at_checked(SCHEME.len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case(SCHEME) => rest,
        _ => return Err(ReadErrorKind::WrongScheme.at(0)),
    };
    let (kind, rest) = match rest.split_at_checked(TYPE.len()) {
        Some((kind, rest)) if kind.eq_ignore_ascii_case(TYPE) => (kind, rest),
        _ => return Err(ReadErrorKind::WrongType.at(SCHEME.len())),
    };
    let end = SCHEME.len().saturating_add(kind.len());
    match rest.split_first() {
        None | Some((b'?', [])) => Err(ReadErrorKind::MissingMessage.at(input.len())),
        Some((b'?', query)) => Ok((end.saturating_add(1), query)),
        Some((b'#', _)) => Err(ReadErrorKind::Fragment.at(end)),
        Some(_) => Err(ReadErrorKind::WrongType.at(SCHEME.len())),
    }
}

/// A parameter as it stands in the input, and where.
#[derive(Clone, Copy)]
struct Parameter<'i> {
    raw: &'i [u8],
    start: usize,
    /// The first `=`, counted from the start.
    equals: Option<usize>,
}

impl<'i> Parameter<'i> {
    /// Finds the first of several parameters, its `=`, and what can never be decoded, in one pass.
    fn first(parameters: &'i [u8], start: usize) -> Result<Self, ReadError> {
        let mut found = Self {
            raw: parameters,
            start,
            equals: None,
        };
        for (at, byte) in parameters.iter().enumerate() {
            if let Some(fault) = form::fault(parameters, at, *byte) {
                return Err(ReadErrorKind::from(fault).at(start.saturating_add(at)));
            }
            match byte {
                b'=' if found.equals.is_none() => found.equals = Some(at),
                b'&' => {
                    found.raw = parameters.get(..at).unwrap_or_default();
                    break;
                }
                _ => {}
            }
        }
        Ok(found)
    }

    fn end(&self) -> usize {
        self.start.saturating_add(self.raw.len())
    }

    /// Name, value, and where the value begins: behind the first `=`, or at the end.
    fn split(&self) -> (&'i [u8], &'i [u8], usize) {
        let name_len = self.equals.unwrap_or(self.raw.len());
        let (name, rest) = self.raw.split_at_checked(name_len).unwrap_or_default();
        let value = rest.get(1..).unwrap_or_default();
        (name, value, self.end().saturating_sub(value.len()))
    }
}

/// A part of a parameter, decoded.
#[derive(Clone, Copy)]
struct Part<'i, 'b> {
    raw: &'i [u8],
    start: usize,
    text: &'b str,
}

impl Part<'_, '_> {
    /// The offset in the input of a byte of the decoded text.
    fn offset(&self, decoded: usize) -> usize {
        self.start
            .saturating_add(form::raw_offset(self.raw, decoded))
    }
}

/// What a parameter's name says.
enum Name<'b> {
    Message,
    Pair(Section, &'b str),
}

struct Reader<'r, 'b> {
    room: Room<'b>,
    builder: &'r mut TransactionBuilder<'b>,
}

impl<'b> Reader<'_, 'b> {
    fn parameter(&mut self, parameter: Parameter<'_>) -> Result<(), ReadError> {
        let start = parameter.start;
        if parameter.raw.is_empty() {
            return Err(ReadErrorKind::EmptyParameter.at(start));
        }
        let (raw_name, raw_value, value_start) = parameter.split();
        let name = self.part(raw_name, start)?;
        let meant = understand(name.text).map_err(|kind| kind.at(start))?;
        let value = match self.part(raw_value, value_start) {
            Ok(value) => value,
            // What is wrong with the key comes first.
            Err(error) => return Err(forbidden_in_key(&meant, name).unwrap_or(error)),
        };
        let added = match meant {
            Name::Message => self.builder.message(value.text),
            Name::Pair(section, key) => self.builder.pair(section, key, value.text),
        };
        match added {
            Ok(_) => Ok(()),
            Err(error) => Err(match error.kind() {
                TransactionErrorKind::EmptyMessage => ReadErrorKind::EmptyMessage.at(value.start),
                TransactionErrorKind::ConflictingMessage => {
                    ReadErrorKind::ConflictingMessage.at(start)
                }
                TransactionErrorKind::ConflictingPair => ReadErrorKind::ConflictingPair.at(start),
                TransactionErrorKind::TooManyPairs => ReadErrorKind::TooManyPairs.at(start),
                // The rest is about text, and a key's comes first.
                kind => forbidden_in_key(&meant, name).unwrap_or(match kind {
                    TransactionErrorKind::EmptyValue => ReadErrorKind::EmptyValue.at(value.start),
                    _ => ReadErrorKind::ForbiddenText.at(value.offset(error.offset())),
                }),
            }),
        }
    }

    fn part<'i>(&mut self, raw: &'i [u8], start: usize) -> Result<Part<'i, 'b>, ReadError> {
        match self.room.decode(raw, Plus::Blank) {
            Ok(text) => Ok(Part { raw, start, text }),
            Err(DecodeError::TooSmall) => Err(ReadErrorKind::BufferTooSmall.at(start)),
            Err(DecodeError::BadUtf8(at)) => {
                Err(ReadErrorKind::BadUtf8.at(start.saturating_add(at)))
            }
        }
    }
}

/// Takes a decoded name apart.
fn understand(name: &str) -> Result<Name<'_>, ReadErrorKind> {
    let is_bracket = |byte: u8| matches!(byte, b'[' | b']');
    let base_end = name.bytes().position(is_bracket).unwrap_or(name.len());
    let (base, rest) = name.split_at_checked(base_end).unwrap_or((name, ""));
    let section = match base {
        "message" if rest.is_empty() => return Ok(Name::Message),
        "message" => return Err(ReadErrorKind::MalformedBracket),
        "details" => Section::Details,
        "hidden_details" => Section::HiddenDetails,
        _ => return Err(ReadErrorKind::UnknownParameter),
    };
    let key = match rest.as_bytes() {
        [b'[', .., b']'] => rest.get(1..rest.len().saturating_sub(1)),
        _ => None,
    };
    let key = key.ok_or(ReadErrorKind::MalformedBracket)?;
    if key.is_empty() {
        Err(ReadErrorKind::EmptyKey)
    } else if !key.bytes().any(is_bracket) {
        Ok(Name::Pair(section, key))
    } else if key.as_bytes().windows(2).any(|two| two == b"][") {
        Err(ReadErrorKind::NestedBracket)
    } else {
        Err(ReadErrorKind::BracketInKey)
    }
}

/// The first character of a key that no text may have.
fn forbidden_in_key(meant: &Name<'_>, name: Part<'_, '_>) -> Option<ReadError> {
    let Name::Pair(_, key) = meant else {
        return None;
    };
    let in_key = TextProfile::Standard.first_forbidden(key)?;
    // Behind the key there is one bracket only.
    let key_start = name.text.len().checked_sub(key.len().checked_add(1)?)?;
    let offset = name.offset(key_start.checked_add(in_key)?);
    Some(ReadErrorKind::ForbiddenText.at(offset))
}
