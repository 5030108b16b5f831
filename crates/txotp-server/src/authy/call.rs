//! A call of one of Authy's clients: who calls, and with what.

use core::future::Future;
use std::sync::Arc;

use axum::extract::{FromRequest as _, FromRequestParts as _, RawPathParams, Request, State};
use axum::http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{MethodFilter, MethodRouter, on};
use hyper::body::Bytes;
use zeroize::Zeroizing;

use super::answer::{Format, Outcome, Refusal};
use super::params::{Media, Params};
use crate::App;
use crate::http::{Peer, Presented, Problem, Shared, kinds, presented};
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

/// A route that is asked with GET, by a key of this role. Not with HEAD: what Authy does on GET judges codes and sends texts, and
/// that is for nobody who only looks whether something is there.
pub(super) fn get<H, F>(role: Role, handler: H) -> MethodRouter<Arc<App>>
where
    H: Fn(Call) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Outcome> + Send + 'static,
{
    let get_alone = async || ([(ALLOW, "GET")], Problem::of(&kinds::METHOD_NOT_ALLOWED));
    route(MethodFilter::GET, role, handler)
        .head(get_alone)
        .fallback(get_alone)
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
    /// Reads a call, the key first: who has none is told nothing about the rest, of which nothing is read.
    async fn read(app: Arc<App>, role: Role, request: Request) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let path = RawPathParams::from_request_parts(&mut parts, &()).await;
        let peer = parts.extensions.get::<Peer>().copied();
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let headers = parts.headers.clone();
        let outside = one_key(&headers, query.as_bytes());
        let known = match &outside {
            Shown::None if has_form(&headers) => None,
            key => Some(judge(&app, role, key, peer).await?),
        };
        let (media, body) = read_body(&headers, Request::from_parts(parts, body)).await?;
        let inside = match media {
            Media::Form => one_key(&HeaderMap::new(), &body),
            Media::Json => Shown::None,
        };
        let caller = match known {
            None => judge(&app, role, &inside, peer).await?,
            Some(_) if inside != Shown::None && inside != outside => {
                return Err(Refusal::INVALID_KEY);
            }
            Some(caller) => caller,
        };
        let owned =
            |(name, value): (&str, &str)| (name.to_owned(), Zeroizing::new(value.to_owned()));
        Ok(Self {
            app,
            caller,
            params: Params::read(&query, media, &body)?,
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

/// The caller whose key this is, if it is good and has the role.
async fn judge(app: &App, role: Role, key: &Shown, peer: Option<Peer>) -> Result<Caller, Refusal> {
    let key = match key {
        Shown::One(key) => Some(key.as_str()),
        Shown::None | Shown::Several => None,
    };
    match presented(app, key, peer).await? {
        Presented::Good(caller) if caller.may(role) => Ok(caller),
        Presented::Good(_) => Err(Refusal::FORBIDDEN),
        Presented::Bad => Err(Refusal::INVALID_KEY),
        Presented::TooMany => Err(Refusal::TOO_MANY),
    }
}

/// The body, and how it is to be read.
async fn read_body(headers: &HeaderMap, request: Request) -> Result<(Media, Bytes), Refusal> {
    let body = Bytes::from_request(request, &()).await;
    let body = body.map_err(|error| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::TOO_LARGE,
        _ => Refusal::MALFORMED,
    })?;
    // Several clients announce a body where there is none.
    let media = match announced(headers) {
        Some(media) => media,
        None if body.is_empty() => Media::Form,
        None => {
            return Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "60002",
                "Invalid request: the body is neither a form nor JSON",
            ));
        }
    };
    Ok((media, body))
}

/// How a body would be read, by what its headers say.
fn announced(headers: &HeaderMap) -> Option<Media> {
    let Some(named) = headers.get(CONTENT_TYPE) else {
        return Some(Media::Form);
    };
    let essence = named.to_str().unwrap_or_default().split(';').next();
    match essence
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
        .as_str()
    {
        "application/x-www-form-urlencoded" => Some(Media::Form),
        "application/json" => Some(Media::Json),
        _ => None,
    }
}

/// Whether there is a form, in which a key can be: go-authy's is there, where it posts.
fn has_form(headers: &HeaderMap) -> bool {
    let has_body = headers.contains_key(TRANSFER_ENCODING)
        || headers
            .get(CONTENT_LENGTH)
            .is_some_and(|length| length != "0");
    has_body && announced(headers) == Some(Media::Form)
}

/// What is shown as a key.
#[derive(PartialEq, Eq)]
enum Shown {
    None,
    /// One, perhaps more than once.
    One(Zeroizing<String>),
    /// Several, of which nobody could say which is meant, or what is no text.
    Several,
}

/// The key, from the headers and a form.
fn one_key(headers: &HeaderMap, form: &[u8]) -> Shown {
    let sent = form_urlencoded::parse(form).filter(|(name, _)| name == "api_key");
    let mut keys: Vec<_> = sent
        .map(|(_, key)| Zeroizing::new(key.into_owned()))
        .collect();
    for value in headers.get_all(API_KEY) {
        let Ok(value) = value.to_str() else {
            return Shown::Several;
        };
        keys.push(Zeroizing::new(value.trim().to_owned()));
    }
    let Some(one) = keys.pop() else {
        return Shown::None;
    };
    if keys.iter().all(|key| *key == one) {
        Shown::One(one)
    } else {
        Shown::Several
    }
}
