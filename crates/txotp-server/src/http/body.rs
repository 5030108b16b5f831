//! JSON bodies: what is not understood to the last field is refused, and nothing of it is repeated.

use core::fmt;
use core::marker::PhantomData;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, IgnoredAny, MapAccess, Visitor};
use zeroize::{Zeroize as _, Zeroizing};

use super::{Problem, kinds};
use crate::App;

/// A JSON body.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        let body = Body::from_request(request, app).await?;
        Ok(Self(body.value))
    }
}

/// A JSON body, with its text.
pub(crate) struct Body<T> {
    pub(crate) value: T,
    /// As it came. It may hold codes and seeds, and is wiped.
    pub(crate) text: Zeroizing<Vec<u8>>,
}

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::of(&kinds::UNSUPPORTED_MEDIA_TYPE));
        }
        let bytes = Bytes::from_request(request, app).await;
        let bytes = bytes.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::of(&kinds::TOO_LARGE),
            _ => Problem::of(&kinds::BAD_BODY),
        })?;
        let text = Zeroizing::new(bytes.to_vec());
        // Nobody else has it but where the connection still does.
        if let Ok(mut bytes) = bytes.try_into_mut() {
            bytes.as_mut().zeroize();
        }
        Ok(Self {
            value: read(&text)?,
            text,
        })
    }
}

/// Whether the media type is JSON (RFC 8259, RFC 6839 section 3.1).
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).map(|value| value.to_str());
    let Some(Ok(value)) = value else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim();
    let Some((kind, subtype)) = essence.split_once('/') else {
        return false;
    };
    let subtype = subtype.to_ascii_lowercase();
    kind.eq_ignore_ascii_case("application") && (subtype == "json" || subtype.ends_with("+json"))
}

/// Reads JSON. What `serde_json` says of an error could repeat the input, so only the place is taken from it.
fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Problem> {
    let read = serde_json::from_slice::<Object<T>>(text);
    read.map(|Object(value)| value).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        // What is not understood can stand before what is no JSON.
        match serde_json::from_slice::<IgnoredAny>(text) {
            Ok(_) => Problem::of(&kinds::INVALID).detail(format!(
                "a field is missing, unknown, twice there or of another type, at {place}"
            )),
            Err(_) => {
                Problem::of(&kinds::BAD_JSON).detail(format!("it is none, at {place} or after it"))
            }
        }
    })
}

/// A value that is written as an object: `serde` would take a list of its fields' values too.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);

        impl<'de, T: DeserializeOwned> Visitor<'de> for Entries<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }

        deserializer.deserialize_map(Entries(PhantomData)).map(Self)
    }
}
