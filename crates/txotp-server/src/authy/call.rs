//! A call of one of Authy's clients: who calls, and with what.

use core::future::Future;
use std::sync::Arc;

use axum::extract::{FromRequest as _, FromRequestParts as _, RawPathParams, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{MethodFilter, MethodRouter, on};
use hyper::body::Bytes;
use zeroize::Zeroizing;

use super::answer::{Format, Outcome, Refusal};
use super::params::{Media, Params};
use crate::App;
use crate::http::{Peer, Presented, Shared, presented};
use crate::keys::{Caller, Role};

const API_KEY: &str = "x-authy-api-key";

/// A call whose key is good for it.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) app: Arc<App>,
    pub(crate) caller: Caller,
    pub(crate) params: Params,
    /// The parts of the path that vary: a token can be among them.
    path: Vec<(String, Zeroizing<String>)>,
}

/// A route that is asked with GET, by a key of this role.
pub(super) fn get<H, F>(role: Role, handler: H) -> MethodRouter<Arc<App>>
where
    H: Fn(Call) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Outcome> + Send + 'static,
{
    route(MethodFilter::GET, role, handler)
}

/// A route that is asked with POST, by a key of this role.
pub(super) fn post<H, F>(role: Role, handler: H) -> MethodRouter<Arc<App>>
where
    H: Fn(Call) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Outcome> + Send + 'static,
{
    route(MethodFilter::POST, role, handler)
}

/// Reads a call, has it answered, and writes the answer in the format that the path asks for.
fn route<H, F>(filter: MethodFilter, role: Role, handler: H) -> MethodRouter<Arc<App>>
where
    H: Fn(Call) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Outcome> + Send + 'static,
{
    on(
        filter,
        move |State(app): Shared, request: Request| async move {
            let Some(format) = Format::of(request.uri().path()) else {
                return Format::Json.write(Err(Refusal::NO_ROUTE));
            };
            let outcome = match Call::read(app, role, request).await {
                Ok(call) => handler(call).await,
                Err(refusal) => Err(refusal),
            };
            format.write(outcome)
        },
    )
}

impl Call {
    async fn read(app: Arc<App>, role: Role, request: Request) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let path = RawPathParams::from_request_parts(&mut parts, &()).await;
        let body = Bytes::from_request(Request::from_parts(parts.clone(), body), &()).await;
        let body = body.map_err(|error| match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Refusal::TOO_LARGE,
            _ => Refusal::MALFORMED,
        })?;
        let query = parts.uri.query().unwrap_or_default();
        let media = media(&parts.headers, &body)?;
        // Before what else is wrong with the request: who has no key is told nothing about it.
        let key = one_key(&parts.headers, [query.as_bytes(), form_of(media, &body)])?;
        let peer = parts.extensions.get::<Peer>().copied();
        let caller = match presented(&app, key.as_ref().map(|key| key.as_str()), peer).await? {
            Presented::Good(caller) => caller,
            Presented::Bad => return Err(Refusal::INVALID_KEY),
            Presented::TooMany => return Err(Refusal::TOO_MANY),
        };
        if !caller.may(role) {
            return Err(Refusal::FORBIDDEN);
        }
        let owned =
            |(name, value): (&str, &str)| (name.to_owned(), Zeroizing::new(value.to_owned()));
        Ok(Self {
            app,
            caller,
            params: Params::read(query, media, &body)?,
            path: path
                .map_err(|_| Refusal::MALFORMED)?
                .iter()
                .map(owned)
                .collect(),
        })
    }

    /// A part of the path, as its route names it.
    pub(crate) fn path(&self, name: &str) -> &str {
        let found = self.path.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }
}

/// How the body is to be read. Several clients announce one where there is none.
fn media(headers: &HeaderMap, body: &Bytes) -> Result<Media, Refusal> {
    let Some(named) = headers.get(CONTENT_TYPE) else {
        return Ok(Media::Form);
    };
    let essence = named.to_str().unwrap_or_default().split(';').next();
    match essence
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
        .as_str()
    {
        "application/x-www-form-urlencoded" => Ok(Media::Form),
        "application/json" => Ok(Media::Json),
        _ if body.is_empty() => Ok(Media::Form),
        _ => Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "60002",
            "Invalid request: the body is neither a form nor JSON",
        )),
    }
}

/// A body that is a form.
fn form_of(media: Media, body: &Bytes) -> &[u8] {
    match media {
        Media::Form => body,
        Media::Json => &[],
    }
}

/// The key, from the header or from parameters. It may be sent more than once, if it is the same.
fn one_key(headers: &HeaderMap, forms: [&[u8]; 2]) -> Result<Option<Zeroizing<String>>, Refusal> {
    let sent = forms.into_iter().flat_map(form_urlencoded::parse);
    let sent = sent.filter(|(name, _)| name == "api_key");
    let mut keys: Vec<_> = sent
        .map(|(_, key)| Zeroizing::new(key.into_owned()))
        .collect();
    for value in headers.get_all(API_KEY) {
        let value = value.to_str().map_err(|_| Refusal::INVALID_KEY)?;
        keys.push(Zeroizing::new(value.trim().to_owned()));
    }
    let one = keys.pop();
    let is_one = keys.iter().all(|key| Some(key) == one.as_ref());
    is_one.then_some(one).ok_or(Refusal::INVALID_KEY)
}
