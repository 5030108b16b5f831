//! What Authy's clients are told: the answer to a call, or why there is none, as JSON or XML.

use std::borrow::Cow;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::params::ParamsError;
use super::xml;
use crate::Fault;

/// What comes of a call. An answer is an object, whose names are written in their order: some clients look at the bytes.
pub(crate) type Outcome = Result<Value, Refusal>;

/// How an answer is written: the caller says so in the path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    #[default]
    Json,
    Xml,
}

impl Format {
    /// The format that a path asks for, `/protected/{format}/…` or `/onetouch/{format}/…`.
    pub(crate) fn of(path: &str) -> Option<Self> {
        match path.split('/').nth(2)? {
            "json" => Some(Self::Json),
            "xml" => Some(Self::Xml),
            _ => None,
        }
    }

    /// Writes an outcome.
    pub(crate) fn write(self, outcome: Outcome) -> Response {
        match outcome {
            Ok(answer) => self.body(StatusCode::OK, "hash", &answer),
            Err(refusal) => self.refuse(&refusal),
        }
    }

    fn refuse(self, refusal: &Refusal) -> Response {
        let mut response = match self {
            Self::Json => self.body(refusal.status, "", &refusal.json()),
            Self::Xml => self.body(refusal.status, "errors", &refusal.flat()),
        };
        if matches!(
            refusal.status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        ) {
            let soon = header::HeaderValue::from_static("1");
            response.headers_mut().insert(header::RETRY_AFTER, soon);
        }
        response
    }

    fn body(self, status: StatusCode, root: &str, value: &Value) -> Response {
        let (media, body) = match self {
            Self::Json => ("application/json; charset=utf-8", value.to_string()),
            Self::Xml => ("application/xml; charset=utf-8", xml::write(root, value)),
        };
        (status, [(header::CONTENT_TYPE, media)], body).into_response()
    }
}

/// Why a call is refused: a status, one of Authy's codes, and a message. It carries no part of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    /// Whether the answer says `"token":"is invalid"`.
    is_of_token: bool,
}

impl Refusal {
    /// A token is wrong, malformed, or not for what was asked.
    pub(crate) const INVALID_TOKEN: Self = Self {
        status: StatusCode::UNAUTHORIZED,
        code: "60020",
        message: Cow::Borrowed("Token is invalid"),
        is_of_token: true,
    };
    /// A token is right, and was accepted before.
    pub(crate) const REUSED_TOKEN: Self = Self::new(
        StatusCode::UNAUTHORIZED,
        "60019",
        "Token is invalid. Token was used recently.",
    );
    /// There is no key, or it is none of ours, or there are two.
    pub(crate) const INVALID_KEY: Self =
        Self::new(StatusCode::UNAUTHORIZED, "60001", "Invalid API key");
    /// The key does not allow this call.
    pub(crate) const FORBIDDEN: Self = Self::new(
        StatusCode::FORBIDDEN,
        "60001",
        "The API key does not allow this",
    );
    /// Too many requests, or too many attempts.
    pub(crate) const TOO_MANY: Self = Self::new(
        StatusCode::TOO_MANY_REQUESTS,
        "60003",
        "DoS protection: too many requests or attempts, try again later",
    );
    /// There is no such user, or it was removed.
    pub(crate) const NO_USER: Self = Self::new(StatusCode::NOT_FOUND, "60026", "User not found.");
    /// There is nothing at this path.
    pub(crate) const NO_ROUTE: Self = Self::new(
        StatusCode::NOT_FOUND,
        "60000",
        "There is nothing at this path",
    );
    /// The body is larger than may be.
    pub(crate) const TOO_LARGE: Self = Self::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "60002",
        "Invalid request: the body is too large",
    );
    /// The request cannot be read.
    pub(crate) const MALFORMED: Self = Self::new(
        StatusCode::BAD_REQUEST,
        "60002",
        "Invalid request: the parameters are malformed",
    );
    const NOT_UTF8: Self = Self::new(StatusCode::BAD_REQUEST, "60005", "UTF-8 invalid");
    const NO_METHOD: Self = Self::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "60000",
        "The path has no such method",
    );
    const UNAVAILABLE: Self = Self::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "60000",
        "The service does not answer; what was asked for may have taken place",
    );
    const INTERNAL: Self = Self::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "60000",
        "The service failed; nothing was decided",
    );

    /// A refusal with one of Authy's codes.
    pub(crate) const fn new(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self {
            status,
            code,
            message: Cow::Borrowed(message),
            is_of_token: false,
        }
    }

    /// A parameter that is missing or cannot be what it is.
    pub(crate) fn parameter(message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            message: message.into(),
            ..Self::new(StatusCode::BAD_REQUEST, "60004", "")
        }
    }

    /// A call that this service has no means for.
    pub(crate) const fn unsupported(message: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "60000", message)
    }

    /// Whether the caller is refused, and not the service at fault.
    pub(crate) fn is_of_client(&self) -> bool {
        self.status.is_client_error()
    }

    /// In the words of Authy's clients what the rest of the service says with a status alone.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NO_ROUTE,
            StatusCode::METHOD_NOT_ALLOWED => Self::NO_METHOD,
            StatusCode::SERVICE_UNAVAILABLE => Self::UNAVAILABLE,
            _ => Self::INTERNAL,
        }
    }

    fn json(&self) -> Value {
        let message = &*self.message;
        let mut body = json!({ "message": message });
        if self.is_of_token {
            put(&mut body, "token", "is invalid".into());
        }
        put(&mut body, "success", false.into());
        put(&mut body, "errors", json!({ "message": message }));
        put(&mut body, "error_code", self.code.into());
        body
    }

    /// What stands under the root of an error in XML.
    fn flat(&self) -> Value {
        json!({ "message": &*self.message, "success": false, "error_code": self.code })
    }
}

fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        tracing::error!(fault = fault.name(), "nothing was decided");
        if fault.is_transient() {
            Self::UNAVAILABLE
        } else {
            Self::INTERNAL
        }
    }
}

impl From<txotp_store::StoreError> for Refusal {
    fn from(error: txotp_store::StoreError) -> Self {
        Fault::from(error).into()
    }
}

impl From<ParamsError> for Refusal {
    fn from(error: ParamsError) -> Self {
        match error {
            ParamsError::Malformed => Self::MALFORMED,
            ParamsError::NotUtf8 => Self::NOT_UTF8,
            ParamsError::Repeated => Self::new(
                StatusCode::BAD_REQUEST,
                "60002",
                "Invalid request: a parameter is there twice",
            ),
            ParamsError::TooMany => Self::new(
                StatusCode::BAD_REQUEST,
                "60002",
                "Invalid request: there are more than 128 parameters",
            ),
        }
    }
}
