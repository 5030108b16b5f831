//! What every request works with.

use core::fmt;
use std::sync::Arc;

use tokio::sync::{Notify, watch};
use txotp_core::UnixTime;
use txotp_store::{Act, Vault};

use crate::approvals::Streams;
use crate::config::Config;
use crate::http::Quotas;
use crate::keys::Caller;
use crate::metrics::Metrics;
use crate::outbound::Outbound;
use crate::sms::Gateway;
use crate::{Fault, World};

/// The service, without its connections: store, clock, entropy and settings.
pub struct App {
    pub(crate) vault: Vault,
    pub(crate) world: Arc<dyn World>,
    pub(crate) config: Config,
    pub(crate) metrics: Metrics,
    pub(crate) quotas: Quotas,
    pub(crate) outbound: Outbound,
    /// Says that there is something new in the outbox. It is looked into without that too.
    pub(crate) outbox: Notify,
    /// Room for streams of events.
    pub(crate) streams: Arc<Streams>,
    /// Tells streams of events that the service ends.
    pub(crate) ending: watch::Sender<bool>,
    pub(crate) gateway: Gateway,
    pub(crate) wants_new_key: bool,
}

impl App {
    /// The service on a store.
    #[must_use]
    pub fn new(vault: Vault, world: Arc<dyn World>, config: Config) -> Self {
        Self {
            vault,
            world,
            metrics: Metrics::default(),
            quotas: Quotas::new(&config.limits),
            outbound: Outbound::new(),
            outbox: Notify::new(),
            streams: Arc::new(Streams::new(config.approvals.event_streams)),
            ending: watch::Sender::new(false),
            gateway: Gateway::new(&config.sms),
            config,
            wants_new_key: false,
        }
    }

    /// The same, which makes one more API key when it starts, though there are others: for who has lost them.
    #[must_use]
    pub fn with_new_key(self) -> Self {
        Self {
            wants_new_key: true,
            ..self
        }
    }

    pub(crate) fn now(&self) -> Result<UnixTime, Fault> {
        self.world.now()
    }

    /// What an entry of evidence begins with: who acts, and when.
    pub(crate) fn act(&self, caller: &Caller) -> Result<Act, Fault> {
        Ok(Act {
            actor: caller.actor(),
            now: self.now()?,
        })
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("vault", &self.vault)
            .finish_non_exhaustive()
    }
}
