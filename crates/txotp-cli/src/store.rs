//! The arguments that say which store, under which keys, and who acts.

use std::str::FromStr;
use std::sync::Arc;

use clap::Args;
use txotp_store::{Act, Actor, Keyring, Location, Options, StoreError, Vault};

use crate::device::{self, TimeArgs};
use crate::error::Error;
use crate::output::Output;

mod advice;
pub(crate) mod keys;
pub(crate) mod policy;
pub(crate) mod report;
pub(crate) mod show;

use keys::KeyArgs;

#[derive(Args, Clone)]
pub(crate) struct PlaceArgs {
    /// Store: the path of an SQLite file, or postgres://… [else: the variable TXOTP_STORE]
    ///
    /// Arguments can be seen by other users of this machine: give a URL with a password in TXOTP_STORE.
    #[arg(long, value_name = "PATH_OR_URL")]
    store: Option<Place>,
}

/// A place as it is given as an argument.
#[derive(Clone)]
struct Place {
    location: Location,
    /// Whether a URL holds one, as `user:password@` or as a parameter.
    has_password: bool,
}

#[derive(Args, Clone)]
pub(crate) struct StoreArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,

    #[command(flatten)]
    pub(crate) keys: KeyArgs,
}

#[derive(Args, Clone)]
pub(crate) struct ActorArgs {
    /// Who acts, for the evidence [default: cli: and the name of the system's user]
    #[arg(long, value_name = "NAME")]
    actor: Option<Actor>,
}

impl PlaceArgs {
    /// Where the store is.
    pub(crate) fn get(&self, output: Output) -> Result<Location, Error> {
        self.if_named(output)?.ok_or_else(|| {
            Error::new(
                "no store is named",
                "name it with --store PATH_OR_URL, or set TXOTP_STORE; `txotp store init` makes one",
            )
        })
    }

    /// Where the store is, if that is said.
    pub(crate) fn if_named(&self, output: Output) -> Result<Option<Location>, Error> {
        let Some(place) = &self.store else {
            return in_environment();
        };
        if place.has_password {
            output.warn(
                "other users of this machine can read that password: give the URL in TXOTP_STORE",
            );
        }
        Ok(Some(place.location.clone()))
    }
}

fn in_environment() -> Result<Option<Location>, Error> {
    let Some(value) = std::env::var_os("TXOTP_STORE") else {
        return Ok(None);
    };
    let text = value.into_string().map_err(|_| {
        Error::new(
            "TXOTP_STORE is not UTF-8",
            "set it to a path or a URL in UTF-8, or name the store with --store",
        )
    })?;
    Ok(Some(text.parse::<Location>()?))
}

impl FromStr for Place {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let location = text.parse()?;
        let (_, url) = text.split_once("://").unwrap_or_default();
        let authority = url.split(['/', '?']).next().unwrap_or_default();
        let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
        Ok(Self {
            location,
            has_password: user.contains(':') || url.contains("password="),
        })
    }
}

impl StoreArgs {
    /// Opens the store.
    pub(crate) fn open(&self, output: Output) -> Result<Vault, Error> {
        let (location, keys) = self.read(output)?;
        open(&location, keys)
    }

    /// Where the store is, and its keys.
    pub(crate) fn read(&self, output: Output) -> Result<(Location, Keyring), Error> {
        let location = self.place.get(output)?;
        match &location {
            // Told before its key file, which is not there either.
            Location::Sqlite(path) if !path.exists() => Err(StoreError::NotAStore.into()),
            _ => {
                let keys = self.keys.source(Some(&location))?.read()?;
                Ok((location, keys))
            }
        }
    }
}

/// Opens a store under keys.
pub(crate) fn open(location: &Location, keys: Keyring) -> Result<Vault, Error> {
    Ok(Vault::open(location, Arc::new(keys), options())?)
}

/// One command does one thing at a time.
pub(crate) fn options() -> Options {
    Options {
        connections: 1,
        ..Options::default()
    }
}

impl ActorArgs {
    /// Who acts, now: evidence is dated by this machine's clock.
    pub(crate) fn now(&self) -> Result<Act, Error> {
        let now = device::now()?;
        let actor = self.actor();
        Ok(Act { actor, now })
    }

    /// Who has a code judged, and for which time. Where that is not now, the evidence says so beside the actor.
    pub(crate) fn at(&self, time: TimeArgs) -> Result<Act, Error> {
        let actor = self.actor();
        let actor = if time.is_given() {
            Actor::new(format!("{actor} (--at)"))?
        } else {
            actor
        };
        let now = time.get()?;
        Ok(Act { actor, now })
    }

    fn actor(&self) -> Actor {
        self.actor.clone().unwrap_or_else(|| {
            let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
            let named = user.ok().filter(|user| !user.is_empty());
            named
                .and_then(|user| Actor::new(format!("cli:{user}")).ok())
                .unwrap_or_else(|| Actor::new("cli").expect("three letters are a name"))
        })
    }
}
