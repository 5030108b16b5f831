//! Asking: what cannot be shown, bound and answered is refused before anybody sees it.

use core::fmt;

use serde::{Deserialize, Serialize};
use txotp_core::limits::MAX_PAIRS;
use txotp_core::{Section, Transaction, TransactionErrorKind};
use txotp_store::{Change, Kind, UserId};
use txotp_uri::{Limit, OwnedTransaction};

use super::decision::{Decision, PAIRS, is_reserved};
use super::{
    Application, Approval, MAX_OF_APPLICATION, MAX_PENDING, REVIEW, Status, has_device, pending,
};
use crate::tables::{self, Document, Stored};
use crate::{App, Fault};

/// The longest URL of a logo, in bytes.
pub(crate) const MAX_LOGO_URL: usize = 500;
/// How long a request waits where nothing is said: a day, in seconds.
pub(crate) const DEFAULT_SECONDS: u32 = 86_400;

/// For what size a logo is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Resolution {
    /// For all that have none of their own.
    Default,
    Low,
    Med,
    High,
}

impl Resolution {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Low => "low",
            Self::Med => "med",
            Self::High => "high",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Default, Self::Low, Self::Med, Self::High]
            .into_iter()
            .find(|resolution| resolution.name() == name)
    }
}

/// A picture that stands beside the message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Logo {
    /// For what size it is.
    pub(crate) res: Resolution,
    /// Where it is: `https`, at most 500 bytes.
    #[schema(max_length = 500, pattern = "^https://")]
    pub(crate) url: String,
}

/// How often a user was asked: each request counts it on, so that of two at once one sees the other, and no more wait than may.
///
/// One stays for each user who was ever asked. Were it swept, who read version 1 before could not tell it from the version 1
/// that somebody inserts after, and would miss what that one did: a request, or the end of all of them.
#[derive(Serialize, Deserialize)]
struct Turn(u64);

impl Document for Turn {
    const KIND: Kind = Kind::new("approval-turn");
}

impl Turn {
    /// The change that takes place only where nobody else asks the user until then.
    async fn next(app: &App, user: &UserId) -> Result<Change, Fault> {
        match tables::find::<Self>(&app.vault, user.as_str()).await? {
            None => tables::insert(user.as_str(), &Self(1)),
            Some(last) => last.replace(&Self(last.document.0.saturating_add(1))),
        }
    }
}

/// Has whoever is about to ask a user look again whether it may.
pub(super) async fn pass_turn(app: &App, user: &UserId) -> Result<(), Fault> {
    tables::put::<Turn>(&app.vault, user.as_str(), |last| {
        Turn(last.map_or(1, |last| last.0.saturating_add(1)))
    })
    .await
}

/// What an application asks for.
pub(crate) struct Ask {
    pub(crate) user: UserId,
    pub(crate) message: String,
    pub(crate) details: Vec<(String, String)>,
    pub(crate) hidden_details: Vec<(String, String)>,
    pub(crate) logos: Vec<Logo>,
    /// 0 for never.
    pub(crate) seconds_to_expire: u32,
}

/// Why a request is not asked. All but the last is the application's to correct; nothing was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AskError {
    /// It is no transaction: where, and why.
    Transaction(Place, TransactionErrorKind),
    /// A key begins with `txotp-`.
    Reserved,
    /// As a string it is longer than a symbol holds.
    TooLong,
    /// A logo is not `https`, too long, there twice, or there is none for `default`.
    Logo,
    /// The user has no active device that could answer.
    NoDevice,
    /// Too many requests of the application wait for the user already.
    TooManyOfApplication,
    /// Too many requests wait for the user already.
    TooMany,
    /// Nothing was decided.
    Fault(Fault),
}

/// A part of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Message,
    Pair(Section, usize),
    Whole,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message => f.write_str("message"),
            Self::Pair(Section::Details, place) => write!(f, "details, pair {place}"),
            Self::Pair(Section::HiddenDetails, place) => write!(f, "hidden_details, pair {place}"),
            Self::Whole => f.write_str("the request"),
        }
    }
}

impl From<Fault> for AskError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Ask {
    /// Asks, and gives the id.
    pub(crate) async fn ask(self, app: &App, application: Application) -> Result<String, AskError> {
        for _ in 0..tables::TRIES {
            let (id, changes) = self.prepare(app, application.clone()).await?;
            if tables::write(&app.vault, changes).await? {
                return Ok(id);
            }
        }
        Err(Fault::Contended.into())
    }

    /// A new request's id, and the changes that ask it. Where others ask the same user at the same time, one takes place.
    pub(crate) async fn prepare(
        &self,
        app: &App,
        application: Application,
    ) -> Result<(String, Vec<Change>), AskError> {
        let mut bytes = [0; 16];
        app.world.fill(&mut bytes)?;
        let id = uuid::Builder::from_random_bytes(bytes)
            .into_uuid()
            .to_string();
        self.check(&id)?;
        if !has_device(app, &self.user).await? {
            return Err(AskError::NoDevice);
        }
        // Read before the others are counted: who asks in between changes it.
        let turn = Turn::next(app, &self.user).await?;
        let waiting = pending(app, self.user.as_str()).await?;
        let is_own =
            |stored: &&Stored<Approval>| stored.document.application.name == application.name;
        if waiting.iter().filter(is_own).count() >= MAX_OF_APPLICATION {
            return Err(AskError::TooManyOfApplication);
        }
        if waiting.len() >= MAX_PENDING {
            return Err(AskError::TooMany);
        }
        let now = app.now()?.seconds();
        let approval = Approval {
            application,
            user: self.user.to_string(),
            message: self.message.clone(),
            details: self.details.clone(),
            hidden_details: self.hidden_details.clone(),
            logos: self.logos.clone(),
            created_at: now,
            seconds_to_expire: self.seconds_to_expire,
            status: Status::Pending,
            ended_at: None,
            device: None,
            kept_until: None,
            review_at: (self.seconds_to_expire == 0).then(|| now.saturating_add(REVIEW)),
        };
        let changes = vec![tables::insert(&id, &approval)?, turn];
        Ok((id, changes))
    }

    /// Whether both decisions on it can be bound, and shown as a string.
    fn check(&self, id: &str) -> Result<(), AskError> {
        check_transaction(&self.message, &self.details, &self.hidden_details)?;
        let keys = self.details.iter().chain(&self.hidden_details);
        if keys.into_iter().any(|(key, _)| is_reserved(key)) {
            return Err(AskError::Reserved);
        }
        let whole = |kind| AskError::Transaction(Place::Whole, kind);
        let shown = OwnedTransaction::from_parts(
            &self.message,
            self.details.iter().cloned(),
            self.hidden_details.iter().cloned(),
        )
        .map_err(|error| whole(error.kind()))?;
        for decision in [Decision::Approve, Decision::Deny] {
            let bound = decision
                .bind(&shown, id)
                .map_err(|error| whole(error.kind()))?;
            if txotp_uri::written_len(&bound.as_transaction()) > Limit::MAX.get() {
                return Err(AskError::TooLong);
            }
        }
        if are_logos(&self.logos) {
            Ok(())
        } else {
            Err(AskError::Logo)
        }
    }
}

const _: () = assert!(PAIRS < MAX_PAIRS);

/// Checks part by part, so that a refusal says which.
fn check_transaction(
    message: &str,
    details: &[(String, String)],
    hidden_details: &[(String, String)],
) -> Result<(), AskError> {
    let mut builder = Transaction::builder();
    builder
        .message(message)
        .map_err(|error| AskError::Transaction(Place::Message, error.kind()))?;
    for (section, pairs) in [
        (Section::Details, details),
        (Section::HiddenDetails, hidden_details),
    ] {
        for (place, (key, value)) in (1..).zip(pairs) {
            builder.pair(section, key, value).map_err(|error| {
                AskError::Transaction(Place::Pair(section, place), error.kind())
            })?;
        }
    }
    Ok(())
}

fn are_logos(logos: &[Logo]) -> bool {
    let is_good = |logo: &Logo| {
        let is_plain = logo.url.bytes().all(|byte| byte.is_ascii_graphic());
        logo.url.len() <= MAX_LOGO_URL && is_plain && is_https(&logo.url)
    };
    let times = |resolution| logos.iter().filter(|logo| logo.res == resolution).count();
    logos
        .iter()
        .all(|logo| is_good(logo) && times(logo.res) == 1)
        && (logos.is_empty() || times(Resolution::Default) == 1)
}

fn is_https(url: &str) -> bool {
    let uri = url.parse::<axum::http::Uri>();
    uri.is_ok_and(|uri| {
        uri.scheme_str() == Some("https") && uri.host().is_some_and(|host| !host.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "5f2c1d0e-3f1b-4a61-9d58-0a7c3c3e7a11";

    fn ask() -> Ask {
        Ask {
            user: UserId::new("alice").unwrap(),
            message: "Pay".to_owned(),
            details: Vec::new(),
            hidden_details: Vec::new(),
            logos: Vec::new(),
            seconds_to_expire: DEFAULT_SECONDS,
        }
    }

    fn pairs(count: usize) -> Vec<(String, String)> {
        let pair = |at| (format!("key {at}"), "value".to_owned());
        (0..count).map(pair).collect()
    }

    fn one(key: &str, value: &str) -> Vec<(String, String)> {
        vec![(key.to_owned(), value.to_owned())]
    }

    fn logos(all: &[(Resolution, &str)]) -> Vec<Logo> {
        let logo = |&(res, url): &(Resolution, &str)| Logo {
            res,
            url: url.to_owned(),
        };
        all.iter().map(logo).collect()
    }

    #[test]
    fn room_is_kept_for_the_decision() {
        let with = |count| Ask {
            details: pairs(count),
            ..ask()
        };
        assert_eq!(with(MAX_PAIRS - PAIRS).check(ID), Ok(()));
        let full = with(MAX_PAIRS - PAIRS + 1).check(ID);
        let too_many = TransactionErrorKind::TooManyPairs;
        assert_eq!(full, Err(AskError::Transaction(Place::Whole, too_many)));
        let place = Place::Pair(Section::Details, MAX_PAIRS + 1);
        let more = with(MAX_PAIRS + 1).check(ID);
        assert_eq!(more, Err(AskError::Transaction(place, too_many)));
    }

    #[test]
    fn the_string_has_a_limit_with_the_decision_in_it() {
        let of = |len| Ask {
            message: "x".repeat(len),
            ..ask()
        };
        let bound = |len| {
            let shown = OwnedTransaction::from_parts("x".repeat(len), [], []).unwrap();
            let bound = Decision::Approve.bind(&shown, ID).unwrap();
            txotp_uri::written_len(&bound.as_transaction())
        };
        let most = Limit::MAX.get() - (bound(1) - 1);
        assert_eq!(of(most).check(ID), Ok(()));
        assert_eq!(of(most + 1).check(ID), Err(AskError::TooLong));
    }

    #[test]
    fn the_names_of_a_decision_are_kept() {
        for key in ["txotp-decision", "TXOTP-Request", "txotp-"] {
            let shown = Ask {
                details: one(key, "approve"),
                ..ask()
            };
            assert_eq!(shown.check(ID), Err(AskError::Reserved), "{key}");
            let hidden = Ask {
                hidden_details: one(key, "approve"),
                ..ask()
            };
            assert_eq!(hidden.check(ID), Err(AskError::Reserved), "{key}");
        }
        for key in ["txotp", "txotp decision", "\u{3c4}xotp-"] {
            let other = Ask {
                details: one(key, "approve"),
                ..ask()
            };
            assert_eq!(other.check(ID), Ok(()), "{key}");
        }
    }

    #[test]
    fn a_refusal_says_where() {
        let hidden = Ask {
            hidden_details: [pairs(1), one("key", "a\u{202e}b")].concat(),
            ..ask()
        };
        let place = Place::Pair(Section::HiddenDetails, 2);
        let kind = TransactionErrorKind::ForbiddenText;
        assert_eq!(hidden.check(ID), Err(AskError::Transaction(place, kind)));
        assert_eq!(place.to_string(), "hidden_details, pair 2");
        let empty = Ask {
            message: String::new(),
            ..ask()
        };
        let kind = TransactionErrorKind::EmptyMessage;
        let refused = AskError::Transaction(Place::Message, kind);
        assert_eq!(empty.check(ID), Err(refused));
    }

    #[test]
    fn logos_are_https_and_one_is_the_default() {
        use Resolution::{Default, Low};
        let long = |len: usize| format!("https://bank.example/{}", "x".repeat(len - 21));
        for good in [
            &[][..],
            &[(Default, "https://bank.example/a.png")],
            &[
                (Low, "https://bank.example/a"),
                (Default, "https://bank.example/b"),
            ],
            &[(Default, &long(MAX_LOGO_URL))],
        ] {
            assert!(are_logos(&logos(good)), "{good:?}");
        }
        for bad in [
            &[(Low, "https://bank.example/a.png")][..],
            &[(Default, "http://bank.example/a.png")],
            &[(Default, "javascript:alert(1)")],
            &[(Default, "https://")],
            &[(Default, "https://bank.example/a b")],
            &[(Default, "")],
            &[(Default, &long(MAX_LOGO_URL + 1))],
            &[
                (Default, "https://bank.example/a"),
                (Default, "https://bank.example/b"),
            ],
        ] {
            assert!(!are_logos(&logos(bad)), "{bad:?}");
        }
    }
}
