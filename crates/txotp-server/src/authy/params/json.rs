//! JSON (RFC 8259) as parameters, each name once.

use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

use super::{Blank, MAX_DEPTH, MAX_PARAMS, Param, ParamsError, Source, add};

/// Reads an object. `null` is no parameter, and is remembered as a blank; booleans and integers are the text that a form would have.
pub(super) fn read(body: &[u8]) -> Result<Source, ParamsError> {
    let mut collected = Collected::default();
    let mut reader = serde_json::Deserializer::from_slice(body);
    let done = Within {
        path: &mut Vec::new(),
        collected: &mut collected,
    }
    .deserialize(&mut reader)
    .and_then(|()| reader.end());
    match (collected.error, done) {
        (Some(error), _) => Err(error),
        (None, Err(_)) => Err(ParamsError::Malformed),
        (None, Ok(())) => Ok(collected.source),
    }
}

#[derive(Default)]
struct Collected {
    source: Source,
    /// What the parser is stopped by, which has errors of its own kind only.
    error: Option<ParamsError>,
}

/// A value at a path.
struct Within<'a> {
    path: &'a mut Vec<String>,
    collected: &'a mut Collected,
}

impl Within<'_> {
    fn keep<E: Error>(self, value: impl Into<String>) -> Result<(), E> {
        let value = Zeroizing::new(value.into());
        if self.path.is_empty() {
            return Err(E::custom("an object is expected"));
        }
        let path = self.path.clone();
        add(&mut self.collected.source.params, Param { path, value }).map_err(|error| {
            self.collected.error = Some(error);
            E::custom("a limit")
        })
    }

    /// Remembers what says nothing. There are as many of it as of parameters.
    fn blank<E: Error>(&mut self, is_null: bool) -> Result<(), E> {
        let blanks = &mut self.collected.source.blanks;
        if blanks.len() >= MAX_PARAMS {
            self.collected.error = Some(ParamsError::TooMany);
            return Err(E::custom("a limit"));
        }
        let path = self.path.clone();
        blanks.push(Blank { path, is_null });
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Within<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        if self.path.len() > MAX_DEPTH {
            return Err(D::Error::custom("too deep"));
        }
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Within<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts, integers, booleans, lists and objects")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.keep(text)
    }

    fn visit_bool<E: Error>(self, is: bool) -> Result<(), E> {
        self.keep(is.to_string())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.keep(number.to_string())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.keep(number.to_string())
    }

    fn visit_unit<E: Error>(mut self) -> Result<(), E> {
        if self.path.is_empty() {
            return Err(E::custom("an object is expected"));
        }
        self.blank(true)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut names = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            // A name with `null` or an empty object is no parameter, and yet may not be there twice.
            if names.contains(&name) {
                self.collected.error = Some(ParamsError::Repeated);
                return Err(A::Error::custom("a name is repeated"));
            }
            // `{"details[To]":"X"}` is read by some as `details`, `To`, and by us it must not be nothing.
            if self.path.is_empty() && (name.is_empty() || name.contains(['[', ']'])) {
                return Err(A::Error::custom("a name has brackets"));
            }
            names.push(name.clone());
            self.path.push(name);
            map.next_value_seed(Within {
                path: self.path,
                collected: self.collected,
            })?;
            self.path.pop();
        }
        if names.is_empty() {
            self.blank(false)?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        if self.path.is_empty() {
            return Err(A::Error::custom("an object is expected"));
        }
        for index in 0_usize.. {
            self.path.push(index.to_string());
            let more = list.next_element_seed(Within {
                path: self.path,
                collected: self.collected,
            })?;
            self.path.pop();
            if more.is_none() {
                if index == 0 {
                    self.blank(false)?;
                }
                break;
            }
        }
        Ok(())
    }
}
