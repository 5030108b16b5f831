//! The signature of a callback, as an application checks it.

use std::collections::BTreeMap;

use base64ct::{Base64, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

/// The pairs of a body, written as a form: for bodies whose names are lower case and plain.
fn parameters(name: &str, value: &Value, into: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let inner = if name.is_empty() {
                    key.clone()
                } else {
                    format!("{name}[{key}]")
                };
                parameters(&inner, value, into);
            }
        }
        Value::Null => drop(into.insert(name.to_owned(), String::new())),
        Value::String(text) => drop(into.insert(name.to_owned(), text.clone())),
        other => drop(into.insert(name.to_owned(), other.to_string())),
    }
}

/// What signs a body that is posted.
pub fn signature(key: &str, url: &str, nonce: &str, body: &Value) -> String {
    let mut pairs = BTreeMap::new();
    parameters("", body, &mut pairs);
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(format!("{nonce}|POST|{url}|{form}").as_bytes());
    Base64::encode_string(&mac.finalize().into_bytes())
}
