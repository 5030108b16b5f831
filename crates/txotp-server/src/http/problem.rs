//! Problem details (RFC 9457): how the native interface says no.

use std::any::Any;
use std::borrow::Cow;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::Full;
use hyper::body::Bytes;
use serde::Serialize;
use txotp_store::StoreError;
use txotp_verifier::Undecided;

use self::kinds::Kind;
use crate::Fault;

pub(crate) mod kinds;

/// A refusal of a request, as JSON. It carries no part of the request.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Problem {
    /// Names the kind of problem; stable.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "/problems/unknown-device")]
    kind: String,
    /// The kind in words.
    #[schema(value_type = String)]
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is wrong with this request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    detail: Option<Cow<'static, str>>,
    /// What another service calls this, where one is followed: of step-up challenges, Weavr's name.
    #[serde(rename = "errorCode", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "RETRY_IN_15SEC")]
    code: Option<&'static str>,
}

impl Problem {
    /// A problem of a kind.
    pub(crate) fn new(status: StatusCode, name: &str, title: &'static str) -> Self {
        Self {
            kind: format!("/problems/{name}"),
            title,
            status: status.as_u16(),
            detail: None,
            code: None,
        }
    }

    /// Says what another service calls this.
    pub(crate) fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// Says what is wrong with this request, without any part of it.
    pub(crate) fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// A problem that is in the list.
    pub(crate) fn of(kind: &Kind) -> Self {
        Self::new(kind.status, kind.name, kind.title)
    }

    pub(crate) fn internal() -> Self {
        Self::of(&kinds::INTERNAL)
    }

    pub(crate) fn too_slow() -> Self {
        Self::of(&kinds::TOO_SLOW)
            .detail("what it asked for may have taken place: a code that it held is used")
    }

    pub(crate) fn unauthenticated() -> Self {
        Self::of(&kinds::UNAUTHENTICATED)
    }

    pub(crate) fn forbidden() -> Self {
        Self::of(&kinds::FORBIDDEN)
    }

    pub(crate) fn too_many_requests() -> Self {
        Self::of(&kinds::TOO_MANY_REQUESTS)
    }
}

impl From<&Kind> for Problem {
    fn from(kind: &Kind) -> Self {
        Self::of(kind)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        tracing::error!(fault = fault.name(), "nothing was decided");
        if fault.is_transient() {
            Self::of(&kinds::UNAVAILABLE)
        } else {
            Self::internal()
        }
    }
}

/// What the store says of an act on a device: a refusal, or a fault.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let kind = match error {
            StoreError::UnknownDevice => &kinds::UNKNOWN_DEVICE,
            StoreError::UnknownUser => &kinds::UNKNOWN_USER,
            StoreError::AlreadyEnrolled => &kinds::ALREADY_ENROLLED,
            StoreError::TooManyDevices => &kinds::TOO_MANY_DEVICES,
            StoreError::NotPossible(_) => &kinds::NOT_POSSIBLE,
            StoreError::Policy(_) => &kinds::BAD_POLICY,
            StoreError::Undecided(Undecided::NoLogin | Undecided::NoResync) => {
                &kinds::NO_SUCH_CODES
            }
            error => return Fault::from(error).into(),
        };
        // None of these texts holds a part of the request.
        Self::of(kind).detail(error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&self).unwrap_or_default();
        let mut response = (
            status,
            [(header::CONTENT_TYPE, "application/problem+json")],
            body,
        )
            .into_response();
        let headers = response.headers_mut();
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(
                    header::WWW_AUTHENTICATE,
                    header::HeaderValue::from_static("Bearer"),
                );
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}

pub(crate) async fn no_route() -> Problem {
    Problem::of(&kinds::NO_SUCH_ROUTE)
}

pub(crate) async fn no_method() -> Problem {
    Problem::of(&kinds::METHOD_NOT_ALLOWED)
}

/// Answers where a handler panicked. What the panic says is for nobody's eyes: it could hold a part of the request.
pub(crate) fn panicked(_: Box<dyn Any + Send>) -> axum::http::Response<Full<Bytes>> {
    tracing::error!("a handler panicked");
    let body = serde_json::to_vec(&Problem::internal()).unwrap_or_default();
    let mut response = axum::http::Response::new(Full::from(body));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    let json = header::HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
