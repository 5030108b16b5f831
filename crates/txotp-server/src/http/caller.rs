//! Who asks.

use core::marker::PhantomData;
use core::net::IpAddr;
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

/// Judges a key, and counts against its quota, or against that of the address. An address over its quota is refused before the
/// store is asked.
pub(crate) async fn presented(
    app: &App,
    key: Option<&str>,
    peer: Option<Peer>,
) -> Result<Presented, Fault> {
    let within = |quota: &dyn Fn(IpAddr) -> bool| peer.is_none_or(|Peer(address)| quota(address));
    if !within(&|address| app.quotas.allows_showing(key, address)) {
        return Ok(Presented::TooMany);
    }
    let caller = match key {
        Some(key) => keys::authenticate(&app.vault, key).await?,
        None => None,
    };
    Ok(match (caller, key) {
        (Some(caller), Some(key)) => {
            app.quotas.is_good(key);
            if app.quotas.allows_key(&caller.key) {
                Presented::Good(caller)
            } else {
                Presented::TooMany
            }
        }
        _ if within(&|address| app.quotas.allows_refusing(key, address)) => Presented::Bad,
        _ => Presented::TooMany,
    })
}

/// The key of `Authorization: Bearer …` (RFC 6750 section 2.1). Of two headers none is taken: who stands in front may have looked
/// at the other.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (Some(header), None) = (all.next(), all.next()) else {
        return None;
    };
    let (scheme, key) = header.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

#[cfg(test)]
mod tests {
    use core::pin::pin;
    use core::task::{Context, Poll, Waker};

    use txotp_store::{Act, Actor, KeyService, Keyring, Location, Options, Vault};

    use super::*;
    use crate::config::Config;
    use crate::http::Quotas;
    use crate::{SystemWorld, World as _};

    /// What comes of a key without waiting: nothing, where the store is asked, unless its thread is faster than this one.
    fn at_once(app: &App, key: &str) -> Option<Presented> {
        let peer = Peer(IpAddr::from([192, 0, 2, 1]));
        let mut asked = pin!(presented(app, Some(key), Some(peer)));
        match asked.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(presented) => Some(presented.unwrap()),
            Poll::Pending => None,
        }
    }

    #[tokio::test]
    async fn the_store_is_not_asked_for_an_address_over_its_quota() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(folder.path().join("store.db"));
        let keys: Arc<dyn KeyService> = Arc::new(Keyring::new("test".parse().unwrap()).unwrap());
        let act = Act {
            actor: Actor::new("test").unwrap(),
            now: SystemWorld.now().unwrap(),
        };
        Vault::create(&location, &keys, Options::default(), &act).unwrap();
        let vault = Vault::open(&location, keys, Options::default()).unwrap();
        let mut config = Config::default();
        config.limits.per_address = 0;
        let mut app = App::new(vault, Arc::new(SystemWorld), config);
        let unknown = "a".repeat(40);
        let asks_the_store = |app: &App| (0..200).any(|_| at_once(app, &unknown).is_none());
        assert!(asks_the_store(&app));
        app.quotas = Quotas::one_refusal_an_hour();
        for _ in 0..2 {
            at_once(&app, "no key");
        }
        assert!(!asks_the_store(&app));
        assert!(matches!(at_once(&app, &unknown), Some(Presented::TooMany)));
    }
}
