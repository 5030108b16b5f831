//! The signature of a callback: base64 of HMAC-SHA-256, under the API key, of `nonce|METHOD|url|parameters`.
//!
//! Nobody wrote down what the parameters are. Client libraries that are in use agree on this: the body is flattened to
//! `a[b][0]` and its value, the pairs are sorted by their names, indexes of lists are then taken out of them (`a[b][]`),
//! and the whole is written as a form. It is the rule under which callbacks verify that Authy itself sent. Outside of
//! what [`Parameters::are_agreed`] says, the libraries differ from each other, and nothing satisfies all of them.

use base64ct::{Base64, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

/// The longest flattened name that every library takes.
const MAX_NAME: usize = 200;
/// How deep a body may be: ours has four levels.
const MAX_DEPTH: usize = 16;

/// A body, as it is signed.
pub(crate) struct Parameters {
    pub(crate) text: String,
    /// Whether all libraries make the same text of this body.
    pub(crate) are_agreed: bool,
}

impl Parameters {
    /// Those of a JSON body.
    pub(crate) fn of(body: &str) -> Option<Self> {
        let body: Value = serde_json::from_str(body).ok()?;
        let mut flat = Flat {
            pairs: Vec::new(),
            are_agreed: true,
        };
        flat.add("", &body, MAX_DEPTH)?;
        let Flat {
            mut pairs,
            mut are_agreed,
        } = flat;
        pairs.sort();
        let mut text = String::new();
        for (name, value) in &pairs {
            are_agreed &= name.len() <= MAX_NAME && is_agreed_value(value);
            if !text.is_empty() {
                text.push('&');
            }
            encode(&without_indexes(name), &mut text);
            text.push('=');
            encode(value, &mut text);
        }
        Some(Self { text, are_agreed })
    }
}

/// A body, flattened.
struct Flat {
    pairs: Vec<(String, String)>,
    are_agreed: bool,
}

impl Flat {
    /// Adds a value under its name; an empty object or list adds nothing.
    fn add(&mut self, name: &str, value: &Value, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let text = match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    self.are_agreed &= is_agreed_key(key);
                    let inner = if name.is_empty() {
                        key.clone()
                    } else {
                        format!("{name}[{key}]")
                    };
                    self.add(&inner, value, depth)?;
                }
                return Some(());
            }
            Value::Array(values) => {
                for (place, value) in values.iter().enumerate() {
                    self.add(&format!("{name}[{place}]"), value, depth)?;
                }
                return Some(());
            }
            Value::Null => String::new(),
            Value::Bool(value) => value.to_string(),
            Value::Number(value) => value.to_string(),
            Value::String(value) => value.clone(),
        };
        self.pairs.push((name.to_owned(), text));
        Some(())
    }
}

/// Libraries sort capitals, digits and spaces differently, and take a number for an index.
fn is_agreed_key(key: &str) -> bool {
    key.bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// Libraries escape `~`, `*` and what is not ASCII differently, and one takes `None` at the beginning for nothing.
fn is_agreed_value(value: &str) -> bool {
    value.is_ascii() && !value.contains(['~', '*']) && !value.starts_with("None")
}

/// A name with `[]` for each `[` digits `]`.
fn without_indexes(name: &str) -> String {
    let mut parts = name.split('[');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.trim_start_matches(|character: char| character.is_ascii_digit());
        out.push('[');
        out.push_str(if digits.starts_with(']') {
            digits
        } else {
            part
        });
    }
    out
}

/// As a form, with `~` as it is and `*` escaped, as most libraries have it.
fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => {
                out.push('%');
                for nibble in [byte >> 4, byte & 15] {
                    let digit = char::from_digit(u32::from(nibble), 16);
                    let digit = digit.expect("four bits are a hexadecimal digit");
                    out.push(digit.to_ascii_uppercase());
                }
            }
        }
    }
}

/// The signature. Of the URL everything up to its query counts, and the path that it is posted to: `/` where it has none (RFC 9112
/// section 3.2.1), which is what whoever checks it sees.
pub(crate) fn sign(key: &str, nonce: &str, method: &str, url: &str, parameters: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let has_path = url
        .split_once("://")
        .is_none_or(|(_, rest)| rest.contains('/'));
    let path = if has_path { "" } else { "/" };
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes())
        .expect("HMAC takes a key of every length (RFC 2104 section 3)");
    for part in [nonce, "|", method, "|", url, path, "|", parameters] {
        mac.update(part.as_bytes());
    }
    Base64::encode_string(&mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests;
