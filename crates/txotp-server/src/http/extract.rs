//! What stands in path and query, refused as problems where it is not understood.

use axum::extract::{FromRequestParts, rejection::PathRejection};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::{Problem, kinds};

/// The parameters of the path, their escapes taken away.
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if !are_escapes_whole(parts.uri.path().as_bytes()) {
            return Err(Problem::of(&kinds::BAD_PATH));
        }
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(value)| Self(value))
            .map_err(|_: PathRejection| Problem::of(&kinds::BAD_PATH))
    }
}

/// The parameters of the query, as a form (WHATWG URL section 5.1). Refused is what that standard would put something else for.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let bad = || Problem::of(&kinds::BAD_QUERY);
        let text = parts.uri.query().unwrap_or_default().as_bytes();
        let is_utf8 = percent_encoding::percent_decode(text).decode_utf8().is_ok();
        if !is_utf8 || !are_escapes_whole(text) {
            return Err(bad());
        }
        axum::extract::Query::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|_| bad())
    }
}

/// Whether two hexadecimal digits follow each `%` (RFC 3986 section 2.1).
pub(crate) fn are_escapes_whole(text: &[u8]) -> bool {
    let mut rest = text.split(|byte| *byte == b'%');
    // What stands before the first `%`.
    rest.next();
    rest.all(|after| {
        let digits = after.get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}
