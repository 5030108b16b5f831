//! Callbacks: an approval's end, told to the application from a durable outbox.
//!
//! A callback is written with the end that it tells of, both or neither, so that none is lost and none is false. It is
//! delivered at least once: who delivers it takes it for a while by a compare-and-set, and where that process dies,
//! another takes it after. What it says never changes, and its `uuid` tells an application what it has heard already.

use core::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use txotp_store::Kind;
use zeroize::Zeroizing;

use crate::approvals::{Application, Approval, Status};
use crate::keys::{self, ApiKey};
use crate::outbound::Rules;
use crate::tables::{self, Document, Next};
use crate::world::{World, random_text};
use crate::{App, Fault};

mod body;
mod outbox;
pub(crate) mod signature;

pub(crate) use outbox::run;

/// The wait after the first failure, and the longest, in seconds; each is twice the one before.
const FIRST_WAIT: u64 = 10;
const LONGEST_WAIT: u64 = 3600;
const DAY: u64 = 86_400;

/// What is to become of a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = CallbackState)]
pub(crate) enum State {
    /// It is to be delivered.
    Waiting,
    /// It was tried often enough, and waits for somebody to look at it.
    Dead,
}

impl State {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Dead => "dead",
        }
    }
}

/// A callback; its key is the id of the request that it tells of.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Callback {
    pub(crate) application: Application,
    /// What is posted, byte for byte.
    pub(crate) body: String,
    pub(crate) state: State,
    /// How often its delivery began.
    pub(crate) attempts: u32,
    /// When it is tried next; of a dead one, when it is removed.
    pub(crate) due: u64,
    pub(crate) created_at: u64,
    /// The stable name of what went wrong in the last attempt; nothing while one is under way.
    pub(crate) failure: Option<String>,
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback")
            .field("state", &self.state)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

impl Document for Callback {
    const KIND: Kind = Kind::new("callback");

    fn owner(&self) -> Option<String> {
        Some(self.state.name().to_owned())
    }

    fn due(&self) -> Option<u64> {
        Some(self.due)
    }
}

/// Where the callbacks of an application go, and what they are signed with.
struct Route {
    url: String,
    key: Zeroizing<String>,
}

impl Route {
    fn of(key: &ApiKey) -> Option<Self> {
        match &key.holder {
            keys::Holder::Application { callback_url, .. } => Some(Self {
                url: callback_url.clone()?,
                key: key.signs_with()?,
            }),
            keys::Holder::Device { .. } => None,
        }
    }

    /// The route of the key that asked, or where that is revoked, of the newest of the same application.
    async fn find(app: &App, application: &Application) -> Result<Option<Self>, Fault> {
        let own = tables::find::<ApiKey>(&app.vault, &application.key).await?;
        if let Some(route) = own.and_then(|stored| Self::of(&stored.document)) {
            return Ok(Some(route));
        }
        let all = keys::of_application(app, &application.name).await?;
        Ok(all
            .iter()
            .filter_map(|key| Some((key.created_at, Self::of(key)?)))
            .max_by_key(|(created_at, _)| *created_at)
            .map(|(_, route)| route))
    }
}

/// Whether an application wants callbacks: one of its keys has an URL, and was made to sign. A revoked one counts, so that
/// nothing is lost between a key and the next: until there is one that signs, a callback waits.
async fn is_wanted(app: &App, application: &Application) -> Result<bool, Fault> {
    let wants = |key: &ApiKey| {
        let has_url = matches!(
            &key.holder,
            keys::Holder::Application {
                callback_url: Some(_),
                ..
            }
        );
        has_url && key.was_made_to_sign()
    };
    let own = tables::find::<ApiKey>(&app.vault, &application.key).await?;
    if own.is_some_and(|stored| wants(&stored.document)) {
        return Ok(true);
    }
    let all = keys::of_application(app, &application.name).await?;
    Ok(all.iter().any(wants))
}

/// The callback that tells of a request's end, where the application wants one.
pub(crate) async fn about(
    app: &App,
    id: &str,
    ended: &Approval,
) -> Result<Option<Callback>, Fault> {
    let is_told = match ended.status {
        Status::Approved | Status::Denied => true,
        Status::Expired => app.config.callbacks.on_expiry,
        Status::Pending | Status::Cancelled => false,
    };
    if !is_told || !is_wanted(app, &ended.application).await? {
        return Ok(None);
    }
    let now = app.now()?.seconds();
    Ok(Some(Callback {
        application: ended.application.clone(),
        body: body::of(id, ended).to_string(),
        state: State::Waiting,
        attempts: 0,
        due: now,
        created_at: now,
        failure: None,
    }))
}

/// Has a dead callback tried anew, as often as a new one. Says whether there is one of this id, dead or waiting.
pub(crate) async fn retry(app: &App, id: &str) -> Result<bool, Fault> {
    let now = app.now()?.seconds();
    let done = tables::update::<Callback, ()>(&app.vault, id, |callback| match callback.state {
        State::Waiting => Next::Keep(()),
        State::Dead => {
            let mut anew = callback.clone();
            anew.state = State::Waiting;
            anew.attempts = 0;
            anew.due = now;
            Next::Replace(anew, ())
        }
    });
    let is_there = done.await?.is_some();
    app.outbox.notify_one();
    Ok(is_there)
}

/// Delivers a callback that was taken, and writes down what came of it.
async fn finish(app: &App, id: &str, taken: Callback) {
    let outcome = deliver(app, id, &taken).await;
    let written = match outcome {
        Ok(result) => settle(app, id, &taken, result).await,
        Err(fault) => Err(fault),
    };
    if let Err(fault) = written {
        // It is still taken, and is tried again after.
        tracing::warn!(
            callback = id,
            fault = fault.name(),
            "what became of a callback was not written"
        );
    }
}

/// Delivers a callback; of a failure, gives its stable name.
async fn deliver(app: &App, id: &str, taken: &Callback) -> Result<Result<(), String>, Fault> {
    let Some(route) = Route::find(app, &taken.application).await? else {
        return Ok(Err("no-key".to_owned()));
    };
    let nonce = nonce(app)?;
    let Some(parameters) = signature::Parameters::of(&taken.body) else {
        return Ok(Err(Fault::Record.name().to_owned()));
    };
    if taken.attempts == 1 && !parameters.are_agreed {
        tracing::warn!(
            callback = id,
            "Authy's clients disagree on the signature of what this callback holds: docs/approvals.md says which do not \
             accept it"
        );
    }
    let signature = signature::sign(&route.key, &nonce, "POST", &route.url, &parameters.text);
    let headers = [
        ("content-type", "application/json"),
        ("x-authy-signature", signature.as_str()),
        ("x-authy-signature-nonce", nonce.as_str()),
    ];
    let settings = &app.config.callbacks;
    let rules = Rules {
        allowed_hosts: &settings.allowed_hosts,
        allow_private: settings.allow_private,
        timeout: Duration::from_secs(settings.timeout_seconds),
    };
    let body = taken.body.clone().into_bytes();
    let sent = app.outbound.post(&route.url, &headers, body, &rules).await;
    Ok(match sent {
        Ok(reply) if (200..300).contains(&reply.status) => Ok(()),
        Ok(reply) => Err(format!("status-{}", reply.status)),
        Err(error) => Err(error.name().to_owned()),
    })
}

/// The time, by which an application can tell an old callback that somebody sends anew, and what nobody can guess.
fn nonce(app: &App) -> Result<String, Fault> {
    let random = random_text::<16>(&*app.world)?;
    Ok(format!("{}-{}", app.now()?.seconds(), random.as_str()))
}

/// Writes down what came of a delivery, unless another process has taken the callback since.
async fn settle(
    app: &App,
    id: &str,
    taken: &Callback,
    result: Result<(), String>,
) -> Result<(), Fault> {
    let Some(stored) = tables::find::<Callback>(&app.vault, id).await? else {
        return Ok(());
    };
    if stored.document.attempts != taken.attempts || stored.document.state != State::Waiting {
        return Ok(());
    }
    let Err(failure) = result else {
        app.metrics.called_back("delivered");
        tables::write(&app.vault, vec![stored.remove()]).await?;
        return Ok(());
    };
    let now = app.now()?.seconds();
    let mut next = taken.clone();
    let is_dead = taken.attempts >= app.config.callbacks.attempts;
    if is_dead {
        let keep = u64::from(app.config.approvals.keep_days).saturating_mul(DAY);
        next.state = State::Dead;
        next.due = now.saturating_add(keep);
        app.metrics.called_back("dead");
    } else {
        next.due = now.saturating_add(wait(&*app.world, taken.attempts)?);
        app.metrics.called_back("failed");
    }
    tracing::warn!(
        callback = id,
        failure,
        attempts = taken.attempts,
        is_dead,
        "a callback was not delivered"
    );
    next.failure = Some(failure);
    tables::write(&app.vault, vec![stored.replace(&next)?]).await?;
    Ok(())
}

/// How long to wait after so many attempts: twice as long each time, and some part of it by chance, so that those who
/// failed together do not come together again.
fn wait(world: &dyn World, attempts: u32) -> Result<u64, Fault> {
    let doubled = 1_u64
        .checked_shl(attempts.saturating_sub(1))
        .unwrap_or(u64::MAX);
    let most = FIRST_WAIT.saturating_mul(doubled).min(LONGEST_WAIT);
    let mut random = [0; 8];
    world.fill(&mut random)?;
    let half = most.div_euclid(2);
    let by_chance = u64::from_le_bytes(random)
        .checked_rem(half.saturating_add(1))
        .unwrap_or_default();
    Ok(most.saturating_sub(half).saturating_add(by_chance))
}

#[cfg(test)]
mod tests {
    use txotp_core::UnixTime;

    use super::*;

    /// Entropy that is all the same byte.
    struct Same(u8);

    impl World for Same {
        fn now(&self) -> Result<UnixTime, Fault> {
            Ok(UnixTime::from_seconds(0))
        }

        fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
            bytes.fill(self.0);
            Ok(())
        }
    }

    #[test]
    fn each_wait_is_twice_as_long_up_to_an_hour() {
        let shortest: Vec<_> = (1..=12).map(|at| wait(&Same(0), at).unwrap()).collect();
        let expected = [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800, 1800];
        assert_eq!(shortest, expected);
        for attempts in [1, 2, 9, 12, 63, 64, 65, u32::MAX] {
            let most = wait(&Same(0), attempts).unwrap() * 2;
            for byte in 0..=255 {
                let wait = wait(&Same(byte), attempts).unwrap();
                assert!((most / 2..=most).contains(&wait), "{attempts}: {wait}");
            }
        }
    }
}
