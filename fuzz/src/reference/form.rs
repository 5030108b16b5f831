//! The `txotp://` string by the `form_urlencoded` crate, where its grammar and S4 agree.

use std::collections::HashMap;

use txotp_core::TextProfile;

use crate::parts::Parts;

/// The text that stands for bytes that are not UTF-8, and also for itself: where it occurs the grammars part.
const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// What the reference makes of a string.
#[derive(Debug)]
pub enum Reading {
    /// It is read, as these parts in display order, repeated pairs collapsed.
    Parts(Parts),
    /// It is refused.
    Refused,
    /// `form_urlencoded` cannot tell.
    Unknown,
}

/// Reads a string of any length.
#[must_use]
pub fn read(input: &[u8]) -> Reading {
    let prefix = b"txotp://totp?";
    let Some((start, query)) = input.split_at_checked(prefix.len()) else {
        return Reading::Refused;
    };
    if !start.eq_ignore_ascii_case(prefix) || query.contains(&b'#') || !escapes_are_whole(query) {
        return Reading::Refused;
    }
    // The crate drops empty parameters.
    if query.split(|byte| *byte == b'&').any(<[u8]>::is_empty) {
        return Reading::Refused;
    }
    let parameters: Vec<_> = form_urlencoded::parse(query).collect();
    if parameters
        .iter()
        .any(|(name, value)| name.contains(REPLACEMENT) || value.contains(REPLACEMENT))
    {
        return Reading::Unknown;
    }
    match meant(&parameters) {
        Some(parts) => Reading::Parts(parts),
        None => Reading::Refused,
    }
}

/// The one spelling of parts (S3).
#[must_use]
pub fn written(parts: &Parts) -> String {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let mut string = format!("txotp://totp?message={}", encoded(&parts.message));
    for (name, pairs) in [
        ("details", &parts.details),
        ("hidden_details", &parts.hidden_details),
    ] {
        let mut seen = HashMap::new();
        for (key, value) in pairs {
            if seen.insert(key, value).is_none() {
                string += &format!("&{name}[{}]={}", encoded(key), encoded(value));
            }
        }
    }
    string
}

fn escapes_are_whole(query: &[u8]) -> bool {
    let is_hex = |at: usize| query.get(at).is_some_and(u8::is_ascii_hexdigit);
    (0..query.len()).all(|at| query[at] != b'%' || is_hex(at + 1) && is_hex(at + 2))
}

fn meant<S: AsRef<str>>(parameters: &[(S, S)]) -> Option<Parts> {
    let mut message: Option<&str> = None;
    let (mut details, mut hidden_details) = (Vec::new(), Vec::new());
    for (name, value) in parameters {
        let (name, value) = (name.as_ref(), value.as_ref());
        if value.is_empty() || TextProfile::Standard.first_forbidden(value).is_some() {
            return None;
        }
        if name == "message" {
            if *message.get_or_insert(value) != value {
                return None;
            }
            continue;
        }
        let (section, rest) = name.split_once('[')?;
        let key = rest.strip_suffix(']')?;
        if key.is_empty()
            || key.contains(['[', ']'])
            || TextProfile::Standard.first_forbidden(key).is_some()
        {
            return None;
        }
        let pairs: &mut Vec<(String, String)> = match section {
            "details" => &mut details,
            "hidden_details" => &mut hidden_details,
            _ => return None,
        };
        match pairs.iter().find(|(known, _)| known == key) {
            Some((_, known)) if known != value => return None,
            Some(_) => {}
            None => pairs.push((key.into(), value.into())),
        }
    }
    let few = details.len() + hidden_details.len() <= 32;
    few.then_some(Parts {
        message: message?.into(),
        details,
        hidden_details,
    })
}
