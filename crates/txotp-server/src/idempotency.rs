//! Idempotency keys: a creation that is asked for again takes place once, and is answered as it was.
//!
//! What a creation writes and what it answers is written together, all or nothing. So there is no moment at which one is there
//! without the other, whatever process ends when: of requests with one key at once, one creates, and all get its answer.
//!
//! An answer may hold a secret, such as a new seed. It is sealed at rest as the seed itself is, lasts a day, and is given to
//! the API key alone that asked first, and only for the same request to the byte, which is known by a keyed digest.

use core::fmt;
use core::future::Future;

use axum::extract::FromRequestParts;
use axum::http::header::{HeaderName, HeaderValue, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use txotp_store::{Change, Enrolment, Kind, Written};
use zeroize::{Zeroize as _, Zeroizing};

use crate::http::{Problem, kinds};
use crate::keys::Caller;
use crate::tables::{self, Document, Stored};
use crate::{App, Fault};

/// How long an answer is kept, in seconds.
const LASTS: u64 = 86_400;
/// The longest key.
const MAX_LEN: usize = 128;
const HEADER: &str = "idempotency-key";
/// Says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The key of a request, if it has one.
#[derive(Debug)]
pub(crate) struct IdempotencyKey(Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut given = parts.headers.get_all(HEADER).iter();
        let Some(value) = given.next() else {
            return Ok(Self(None));
        };
        let is_visible = |text: &&str| {
            (1..=MAX_LEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let text = value.to_str().ok().filter(is_visible);
        match (text, given.next()) {
            (Some(text), None) => Ok(Self(Some(text.to_owned()))),
            _ => Err(Problem::of(&kinds::BAD_HEADER)),
        }
    }
}

/// The header, as the document describes it.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes what `IdempotencyKey` reads")]
pub(crate) struct IdempotencyHeader {
    /// Names this creation: asked for again with the same key, it takes place once, and is answered as it was.
    #[param(
        rename = "Idempotency-Key",
        required = false,
        nullable = false,
        min_length = 1,
        max_length = 128,
        pattern = "^[!-~]+$"
    )]
    idempotency_key: Option<String>,
}

/// What a creation writes.
pub(crate) enum Deed {
    /// Records of the service.
    Records(Vec<Change>),
    /// A device.
    Device(Box<Enrolment>),
}

/// What was created.
#[derive(Debug)]
pub(crate) struct Created<A> {
    answer: A,
    is_again: bool,
}

impl IdempotencyKey {
    /// Creates what was asked for, or gives the answer of the first time. `request` is all that tells requests apart, beginning
    /// with the name of the route. `create` is asked anew where others came between.
    ///
    /// # Errors
    /// A [`Problem`]: that of `create`, or that the key stood for another request. Nothing was created.
    pub(crate) async fn once<A, F>(
        self,
        app: &App,
        caller: &Caller,
        request: &[&[u8]],
        create: impl Fn() -> F,
    ) -> Result<Created<A>, Problem>
    where
        A: Serialize + DeserializeOwned,
        F: Future<Output = Result<(Deed, A), Problem>> + Send,
    {
        let slot = self.0.map(|key| Slot::new(app, caller, &key, request));
        for _ in 0..tables::TRIES {
            let mut over = None;
            if let Some(slot) = &slot {
                match slot.look(app).await? {
                    Looked::Answer(answer) => return Created::again(&answer),
                    Looked::Free(found) => over = found,
                }
            }
            let (deed, answer) = create().await?;
            let mut changes = Vec::new();
            if let Some(slot) = &slot {
                changes.push(slot.take(app, &answer, over.as_ref())?);
            }
            if perform(app, caller, deed, changes).await? {
                return Ok(Created {
                    answer,
                    is_again: false,
                });
            }
            // Another was first: with this key, or with what is created.
        }
        Err(Fault::Contended.into())
    }
}

/// Writes it all or nothing. Says whether each record was as it had been read.
async fn perform(
    app: &App,
    caller: &Caller,
    deed: Deed,
    mut changes: Vec<Change>,
) -> Result<bool, Problem> {
    match deed {
        Deed::Records(own) => {
            changes.extend(own);
            Ok(tables::write(&app.vault, changes).await?)
        }
        Deed::Device(enrolment) => {
            let act = app.act(caller)?;
            Ok(app.vault.enrol_with(*enrolment, changes, act).await? == Written::Done)
        }
    }
}

/// The place of a caller's key.
struct Slot {
    record: String,
    request: [u8; 32],
}

enum Looked {
    Answer(Box<Answered>),
    /// There is none, or one that is over.
    Free(Option<Stored<Answered>>),
}

impl Slot {
    fn new(app: &App, caller: &Caller, key: &str, request: &[&[u8]]) -> Self {
        let mut text = Zeroizing::new(Vec::new());
        for part in request {
            // With its length, so that no two lists of parts are one text.
            text.extend_from_slice(&part.len().to_be_bytes());
            text.extend_from_slice(part);
        }
        let name = format!("{} {key}", caller.key);
        let record = app.vault.keyed_digest("idempotency-key", name.as_bytes());
        let request = app.vault.keyed_digest("idempotent-request", &text);
        Self {
            record: base16ct::lower::encode_string(record.as_bytes()),
            request: *request.as_bytes(),
        }
    }

    async fn look(&self, app: &App) -> Result<Looked, Problem> {
        let Some(found) = tables::find::<Answered>(&app.vault, &self.record).await? else {
            return Ok(Looked::Free(None));
        };
        if found.document.until <= app.now()?.seconds() {
            return Ok(Looked::Free(Some(found)));
        }
        if found.document.request != self.request {
            return Err(Problem::of(&kinds::IDEMPOTENCY_MISMATCH));
        }
        Ok(Looked::Answer(Box::new(found.document)))
    }

    /// The change that keeps an answer.
    fn take(
        &self,
        app: &App,
        answer: &impl Serialize,
        over: Option<&Stored<Answered>>,
    ) -> Result<Change, Fault> {
        let answered = Answered {
            request: self.request,
            until: app.now()?.seconds().saturating_add(LASTS),
            answer: serde_json::value::to_raw_value(answer).map_err(|_| Fault::Record)?,
        };
        match over {
            Some(over) => over.replace(&answered),
            None => tables::insert(&*self.record, &answered),
        }
    }
}

/// The answer of a creation.
#[derive(Serialize, Deserialize)]
pub(crate) struct Answered {
    request: [u8; 32],
    until: u64,
    answer: Box<RawValue>,
}

impl Document for Answered {
    const KIND: Kind = Kind::new("idempotency");

    fn due(&self) -> Option<u64> {
        Some(self.until)
    }
}

impl Drop for Answered {
    fn drop(&mut self) {
        let none = serde_json::value::to_raw_value(&()).expect("null is JSON");
        let answer: Box<str> = core::mem::replace(&mut self.answer, none).into();
        String::from(answer).zeroize();
    }
}

impl fmt::Debug for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answered").finish_non_exhaustive()
    }
}

impl<A: DeserializeOwned> Created<A> {
    fn again(answered: &Answered) -> Result<Self, Problem> {
        let answer = serde_json::from_str(answered.answer.get()).map_err(|_| Fault::Record)?;
        Ok(Self {
            answer,
            is_again: true,
        })
    }
}

impl<A> Created<A> {
    pub(crate) fn answer(&self) -> &A {
        &self.answer
    }

    /// The response 201: where it is now, and what there is to say of it.
    pub(crate) fn respond(&self, location: &str, body: &impl Serialize) -> Response {
        let mut headers = HeaderMap::new();
        if let Ok(location) = HeaderValue::try_from(location) {
            headers.insert(LOCATION, location);
        }
        if self.is_again {
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
        }
        (StatusCode::CREATED, headers, axum::Json(body)).into_response()
    }
}
