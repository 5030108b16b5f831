//! Who asks.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::{Peer, Problem};
use crate::keys::{self, Caller, Role};
use crate::{App, Fault};

/// The caller, whose key was sent as `Authorization: Bearer …`.
#[derive(Debug)]
pub(crate) struct Authenticated(pub(crate) Caller);

impl FromRequestParts<Arc<App>> for Authenticated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let peer = parts.extensions.get::<Peer>().copied();
        match presented(app, bearer(&parts.headers), peer).await? {
            Presented::Good(caller) => Ok(Self(caller)),
            Presented::Bad => Err(Problem::unauthenticated()),
            Presented::TooMany => Err(Problem::too_many_requests()),
        }
    }
}

/// What a presented key is worth.
#[derive(Debug)]
pub(crate) enum Presented {
    /// It is good, and within its quota.
    Good(Caller),
    /// There is none, or it is none of ours.
    Bad,
    /// The key, or the address of one that has none, asked too often.
    TooMany,
}

/// Judges a key, and counts against its quota, or against that of the address.
pub(crate) async fn presented(
    app: &App,
    key: Option<&str>,
    peer: Option<Peer>,
) -> Result<Presented, Fault> {
    let caller = match key {
        Some(key) => keys::authenticate(&app.vault, key).await?,
        None => None,
    };
    Ok(match caller {
        Some(caller) if app.quotas.allows_key(&caller.key) => Presented::Good(caller),
        Some(_) => Presented::TooMany,
        None if peer.is_none_or(|peer| app.quotas.allows_address(peer.0)) => Presented::Bad,
        None => Presented::TooMany,
    })
}

/// The key of `Authorization: Bearer …` (RFC 6750 section 2.1).
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

impl Caller {
    /// Refuses a caller whose key does not allow this.
    pub(crate) fn must(&self, role: Role) -> Result<(), Problem> {
        self.may(role).then_some(()).ok_or_else(Problem::forbidden)
    }
}
