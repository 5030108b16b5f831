//! A reader for the CBOR of a canonical form, which shows it in diagnostic notation (RFC 8949
//! section 8).
//!
//! It shares no code with the writer in the core and sees nothing but the bytes, so what it shows is
//! evidence of what was hashed. It knows unsigned integers, text and maps, and refuses whatever is not
//! deterministic: a longer head than needed, a map out of order.

use std::fmt;

/// One head of the encoding, and the text behind it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Item<'a> {
    /// Where it begins.
    pub(crate) offset: usize,
    /// How deep it is: 0 for the outermost map.
    pub(crate) depth: usize,
    /// Type and length.
    pub(crate) head: &'a [u8],
    /// The bytes of a text; of other items there are none.
    pub(crate) content: &'a [u8],
    /// What it is, in diagnostic notation; for a map its size.
    pub(crate) notation: String,
}

/// A canonical form, read back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reading<'a> {
    /// Its items in order.
    pub(crate) items: Vec<Item<'a>>,
    /// The whole of it on one line.
    pub(crate) diagnostic: String,
}

/// The bytes are not deterministic CBOR of unsigned integers, texts and maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotCanonical {
    /// Where.
    pub(crate) offset: usize,
}

impl fmt::Display for NotCanonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no deterministic CBOR of texts at byte {}", self.offset)
    }
}

/// Maps lie one in another twice; a limit keeps any input from using up the stack.
const MAX_DEPTH: usize = 4;

/// Reads the whole of `bytes` as one item.
pub(crate) fn read(bytes: &[u8]) -> Result<Reading<'_>, NotCanonical> {
    let mut reader = Reader {
        bytes,
        offset: 0,
        items: Vec::new(),
    };
    let diagnostic = reader.item(0)?;
    if reader.offset != bytes.len() {
        return Err(reader.error());
    }
    Ok(Reading {
        items: reader.items,
        diagnostic,
    })
}

struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
    items: Vec<Item<'a>>,
}

impl<'a> Reader<'a> {
    /// Reads an item and what is in it; gives its notation.
    fn item(&mut self, depth: usize) -> Result<String, NotCanonical> {
        let offset = self.offset;
        let (major, argument) = self.head()?;
        let head = self.since(offset);
        let mut item = Item {
            offset,
            depth,
            head,
            content: &[],
            notation: String::new(),
        };
        match major {
            0 => item.notation = argument.to_string(),
            3 => {
                item.content = self.take(argument)?;
                let text =
                    std::str::from_utf8(item.content).map_err(|_| NotCanonical { offset })?;
                item.notation = quoted(text);
            }
            5 if depth < MAX_DEPTH => {
                item.notation = format!("map of {argument}");
                self.items.push(item);
                return self.entries(argument, depth);
            }
            _ => return Err(NotCanonical { offset }),
        }
        let notation = item.notation.clone();
        self.items.push(item);
        Ok(notation)
    }

    /// Reads the entries of a map, whose encoded keys must ascend.
    fn entries(&mut self, count: usize, depth: usize) -> Result<String, NotCanonical> {
        let mut entries = Vec::new();
        let mut last: &[u8] = &[];
        for _ in 0..count {
            let start = self.offset;
            let key = self.item(depth.saturating_add(1))?;
            let encoded = self.since(start);
            if encoded <= last {
                return Err(NotCanonical { offset: start });
            }
            last = encoded;
            let value = self.item(depth.saturating_add(2))?;
            entries.push(format!("{key}: {value}"));
        }
        Ok(format!("{{{}}}", entries.join(", ")))
    }

    /// Reads a head: the major type, and its argument in the fewest bytes.
    fn head(&mut self) -> Result<(u8, usize), NotCanonical> {
        let error = self.error();
        let [first] = *self.take(1)? else {
            return Err(error);
        };
        let (argument, least) = match first & 0x1f {
            small @ 0..24 => (usize::from(small), 0),
            24 => (self.number(1)?, 24),
            25 => (self.number(2)?, 256),
            _ => return Err(error),
        };
        if argument < least {
            return Err(error);
        }
        Ok((first >> 5, argument))
    }

    fn number(&mut self, len: usize) -> Result<usize, NotCanonical> {
        let bytes = self.take(len)?;
        Ok(bytes
            .iter()
            .fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], NotCanonical> {
        let end = self.offset.saturating_add(len);
        let taken = self.bytes.get(self.offset..end).ok_or(self.error())?;
        self.offset = end;
        Ok(taken)
    }

    fn since(&self, start: usize) -> &'a [u8] {
        self.bytes.get(start..self.offset).unwrap_or_default()
    }

    fn error(&self) -> NotCanonical {
        NotCanonical {
            offset: self.offset,
        }
    }
}

/// A text as diagnostic notation writes it, which is how JSON does.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diagnostic(bytes: &[u8]) -> Result<String, usize> {
        read(bytes)
            .map(|reading| reading.diagnostic)
            .map_err(|error| error.offset)
    }

    #[test]
    fn a_canonical_form_is_shown_in_rfc_8949_diagnostic_notation() {
        let bytes =
            b"\xa4\x61v\x01\x67details\xa1\x62To\x63\"\xc3\xa9\x67message\x62Hi\x6ehidden_details\xa0";
        assert_eq!(
            diagnostic(bytes).as_deref(),
            Ok(r#"{"v": 1, "details": {"To": "\"é"}, "message": "Hi", "hidden_details": {}}"#)
        );
    }

    #[test]
    fn items_tell_where_they_are_and_together_are_all_bytes() {
        let mut bytes = b"\xa1\x61k\x78\x18".to_vec();
        bytes.extend([b'x'; 24]);
        let reading = read(&bytes).unwrap();
        let places: Vec<_> = reading
            .items
            .iter()
            .map(|item| (item.offset, item.depth, item.head, item.content.len()))
            .collect();
        assert_eq!(
            places,
            [
                (0, 0, &b"\xa1"[..], 0),
                (1, 1, &b"\x61"[..], 1),
                (3, 2, &b"\x78\x18"[..], 24),
            ]
        );
        let again: Vec<u8> = reading
            .items
            .iter()
            .flat_map(|item| [item.head, item.content].concat())
            .collect();
        assert_eq!(again, bytes);
    }

    #[test]
    fn integers_of_one_two_and_three_bytes_are_read() {
        assert_eq!(diagnostic(b"\x17").as_deref(), Ok("23"));
        assert_eq!(diagnostic(b"\x18\x18").as_deref(), Ok("24"));
        assert_eq!(diagnostic(b"\x19\x01\x00").as_deref(), Ok("256"));
    }

    #[test]
    fn what_is_not_deterministic_or_not_whole_is_refused_where_it_begins() {
        for (bytes, offset) in [
            (&b""[..], 0),
            (b"\x18\x17", 0),               // a head that is too long
            (b"\x19\x00\xff", 0),           // and again
            (b"\x62a", 1),                  // a text that is cut
            (b"\x61\xff", 0),               // no UTF-8
            (b"\x01\x01", 1),               // something behind
            (b"\xa2\x61b\x01\x61a\x01", 4), // out of order
            (b"\xa2\x61a\x01\x61a\x01", 4), // a key twice
            (b"\xa1\x61a", 3),              // a key without a value
            (b"\xbf\x61a\x01\xff", 0),      // an indefinite length
            (b"\x40", 0),                   // bytes
            (b"\x80", 0),                   // an array
            (b"\xf5", 0),                   // true
        ] {
            assert_eq!(diagnostic(bytes), Err(offset), "{bytes:02x?}");
        }
    }

    #[test]
    fn depth_is_limited() {
        let nested = b"\xa1\x61a".repeat(50_000);
        assert!(diagnostic(&nested).is_err());
    }
}
