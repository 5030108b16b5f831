//! Who asks.

use core::marker::PhantomData;
use core::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::{Peer, Problem};
use crate::approvals::Application;
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

/// An application whose key allows what a handler does: who may call it stands in its signature.
pub(crate) struct Allowed<R> {
    caller: Caller,
    application: Application,
    right: PhantomData<R>,
}

/// One that may enrol and administer users, devices and keys.
pub(crate) type Administrator = Allowed<Administer>;
/// One that may ask, and have codes judged.
pub(crate) type Verifier = Allowed<Verify>;
/// One that may read the evidence.
pub(crate) type Auditor = Allowed<Audit>;

/// What a key is to allow.
pub(crate) trait Right {
    const ROLE: Role;
}

pub(crate) enum Administer {}
pub(crate) enum Verify {}
pub(crate) enum Audit {}

impl Right for Administer {
    const ROLE: Role = Role::Administer;
}

impl Right for Verify {
    const ROLE: Role = Role::Verify;
}

impl Right for Audit {
    const ROLE: Role = Role::Audit;
}

impl<R> Allowed<R> {
    /// The application: a device's key has no roles.
    pub(crate) const fn application(&self) -> &Application {
        &self.application
    }
}

impl<R> Deref for Allowed<R> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl<R: Right> FromRequestParts<Arc<App>> for Allowed<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let Authenticated(caller) = Authenticated::from_request_parts(parts, app).await?;
        let application = caller.application().filter(|_| caller.may(R::ROLE));
        Ok(Self {
            application: application.ok_or_else(Problem::forbidden)?,
            caller,
            right: PhantomData,
        })
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
