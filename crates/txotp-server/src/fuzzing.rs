//! What the fuzz targets of `fuzz/` call of what is private otherwise: pure functions, with feature `fuzzing` alone. Nobody
//! else is to rely on them.

use std::time::Duration;

use crate::authy::params::{Media, Params, ParamsError};
use crate::callbacks::signature::{self, Parameters};
use crate::outbound::{Rules, SendError, Target};

/// A parameter: the segments of its name, and its value.
pub type Param = (Vec<String>, String);

/// The parameters of a query and of a body, as Authy's clients send them.
///
/// # Errors
/// The name of what is wrong.
pub fn authy_params(query: &str, is_json: bool, body: &[u8]) -> Result<Vec<Param>, &'static str> {
    let media = if is_json { Media::Json } else { Media::Form };
    let params = Params::read(query, media, body).map_err(|error| match error {
        ParamsError::Malformed => "malformed",
        ParamsError::NotUtf8 => "not-utf8",
        ParamsError::Repeated => "repeated",
        ParamsError::TooMany => "too-many",
    })?;
    let all = params.all().iter();
    Ok(all
        .map(|param| (param.path.clone(), param.value.to_string()))
        .collect())
}

/// What is signed of a callback's body, and whether all libraries make the same of it.
#[must_use]
pub fn callback_parameters(body: &str) -> Option<(String, bool)> {
    Parameters::of(body).map(|parameters| (parameters.text, parameters.are_agreed))
}

/// A callback's signature: of a nonce, a URL and what is signed of the body.
#[must_use]
pub fn callback_signature(key: &str, nonce: &str, url: &str, parameters: &str) -> String {
    signature::sign(key, nonce, "POST", url, parameters)
}

/// Host, port, and whether over TLS: where a request to a URL would go.
///
/// # Errors
/// [`SendError::Url`], [`SendError::Address`].
pub fn outbound_target(url: &str, allow_private: bool) -> Result<(String, u16, bool), SendError> {
    let rules = Rules {
        allowed_hosts: &[],
        allow_private,
        timeout: Duration::ZERO,
    };
    Target::parse(url, &rules).map(|target| (target.host, target.port, target.is_tls))
}
