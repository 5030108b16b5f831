//! Who asks.

use core::net::IpAddr;
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
        let mut app = App::new(vault, Arc::new(SystemWorld), Config::default());
        app.quotas = Quotas::one_refusal_an_hour();
        let unknown = "a".repeat(40);
        let asks_the_store = || (0..200).any(|_| at_once(&app, &unknown).is_none());
        assert!(asks_the_store());
        for _ in 0..2 {
            at_once(&app, "no key");
        }
        assert!(!asks_the_store());
        assert!(matches!(at_once(&app, &unknown), Some(Presented::TooMany)));
    }
}
