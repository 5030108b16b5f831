//! Whose code it is said to be, and for what.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use txotp_core::Purpose;
use txotp_store::{DeviceId, UserId, Who};
use txotp_uri::{Limit, OwnedTransaction};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::approvals::is_reserved;
use crate::http::{Path, Problem, kinds};

/// A device, or any active device of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Subject {
    User(String),
    Device(String),
}

impl Subject {
    /// The one of both that is given.
    pub(super) fn of(user: Option<String>, device: Option<String>) -> Result<Self, Problem> {
        match (user, device) {
            (Some(user), None) => {
                user_id(&user)?;
                Ok(Self::User(user))
            }
            (None, Some(device)) => {
                DeviceId::new(&*device).map_err(|_| Problem::of(&kinds::BAD_NAME))?;
                Ok(Self::Device(device))
            }
            _ => Err(Problem::of(&kinds::INVALID).detail("either user or device is given")),
        }
    }

    pub(super) fn user(&self) -> Option<&str> {
        match self {
            Self::User(user) => Some(user),
            Self::Device(_) => None,
        }
    }

    pub(super) fn device(&self) -> Option<&str> {
        match self {
            Self::User(_) => None,
            Self::Device(device) => Some(device),
        }
    }

    pub(super) fn who(&self) -> Result<Who, Problem> {
        Ok(match self {
            Self::User(user) => user_id(user)?.into(),
            Self::Device(device) => device_id(device)?.into(),
        })
    }

    /// That there is none.
    pub(super) fn unknown(&self) -> Problem {
        Problem::of(match self {
            Self::User(_) => &kinds::UNKNOWN_USER,
            Self::Device(_) => &kinds::UNKNOWN_DEVICE,
        })
    }
}

/// The user of a name.
pub(super) fn user_id(name: &str) -> Result<UserId, Problem> {
    UserId::new(name).map_err(|_| Problem::of(&kinds::BAD_NAME))
}

/// The device of a name: what is no name is none of a device.
pub(super) fn device_id(name: &str) -> Result<DeviceId, Problem> {
    DeviceId::new(name).map_err(|_| Problem::of(&kinds::UNKNOWN_DEVICE))
}

/// The device that a path names.
#[derive(utoipa::IntoParams)]
#[into_params(names("device"), parameter_in = Path)]
pub(super) struct DevicePath(
    /// The device
    #[param(value_type = String)]
    pub(super) DeviceId,
);

impl<S: Send + Sync> FromRequestParts<S> for DevicePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(name) = Path::<String>::from_request_parts(parts, state).await?;
        device_id(&name).map(Self)
    }
}

/// A transaction as it was given: its parts, or its string.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct GivenTransaction(Box<RawValue>);

impl GivenTransaction {
    /// The transaction.
    pub(super) fn read(&self) -> Result<OwnedTransaction, Problem> {
        let transaction = self.parse()?;
        let mut keys = transaction.details().chain(transaction.hidden_details());
        if keys.any(|(key, _)| is_reserved(key)) {
            let why = "details that begin with txotp- are kept for approval requests";
            return Err(Problem::of(&kinds::BAD_TRANSACTION).detail(why));
        }
        drop(keys);
        Ok(transaction)
    }

    /// The same, with whatever details.
    pub(super) fn parse(&self) -> Result<OwnedTransaction, Problem> {
        let refuse = |why: String| Problem::of(&kinds::BAD_TRANSACTION).detail(why);
        let text = self.0.get();
        if !text.starts_with('"') {
            return OwnedTransaction::from_json(text.as_bytes())
                .map_err(|error| refuse(error.to_string()));
        }
        let string = serde_json::from_str::<String>(text)
            .map_err(|_| refuse("the string is no text".to_owned()))?;
        let string = Zeroizing::new(string);
        OwnedTransaction::read(string.as_bytes(), Limit::DEFAULT)
            .map_err(|error| refuse(format!("the string is refused: {error}")))
    }
}

/// What a code is for, as it was given.
pub(super) fn purpose(
    transaction: Option<&GivenTransaction>,
    login: bool,
) -> Result<Purpose, Problem> {
    match (transaction, login) {
        (Some(transaction), false) => {
            let transaction = transaction.read()?;
            Ok(Purpose::Transaction(transaction.as_transaction().digest()))
        }
        (None, true) => Ok(Purpose::Login),
        _ => Err(Problem::of(&kinds::INVALID).detail("either transaction or login is given")),
    }
}

/// A transaction: its parts, or its string `txotp://…`.
#[derive(ToSchema)]
#[schema(as = Transaction)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what `GivenTransaction` reads")]
pub(super) enum TransactionSchema {
    Parts(TransactionParts),
    String(TransactionString),
}

/// What a device reads, at most 600 bytes.
#[derive(ToSchema)]
#[schema(
    max_length = 600,
    pattern = "^[Tt][Xx][Oo][Tt][Pp]://[Tt][Oo][Tt][Pp][?]"
)]
#[expect(dead_code, reason = "it describes what `GivenTransaction` reads")]
pub(super) struct TransactionString(String);

/// The parts of a transaction. Together they have at most 32 pairs; a key is not empty and holds no brackets, a value is not
/// empty, and no text holds characters that cannot be seen.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `GivenTransaction` reads")]
pub(super) struct TransactionParts {
    /// What is asked, shown first.
    message: TextOrInteger,
    /// What is shown, in this order.
    #[serde(default)]
    details: std::collections::BTreeMap<String, TextOrInteger>,
    /// What is bound to the code, and not shown.
    #[serde(default)]
    hidden_details: std::collections::BTreeMap<String, TextOrInteger>,
}

/// A text, or an integer, which stands for its decimal digits.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what `GivenTransaction` reads")]
pub(super) enum TextOrInteger {
    Text(String),
    Integer(i64),
}
