//! Whether a token is right: a user's login code, a code by SMS, or a code for a transaction.

use serde_json::{Value, json};
use txotp_core::{Digest, Purpose, Section, Transaction, TransactionError, TransactionErrorKind};
use txotp_store::{Answer, Judgement, StoreError};
use txotp_verifier::{Reason, Refusal as Refused, Undecided};

use super::answer::{Outcome, Refusal};
use super::call::Call;
use super::params::Params;
use super::texts;
use super::users::{self, AuthyId};
use crate::Fault;
use crate::approvals::is_reserved;
use crate::judge::Judged;
use crate::sms::codes::{self, Checked, Recipient};

/// What a token is to be for. A token for one of these is none for another.
enum Asked<'a> {
    /// Logging in: a device's login code, or the newest code by SMS or call, if it was asked for without an action.
    Login,
    /// An action: the newest code by SMS or call, if it was asked for with the same.
    Action(&'a str),
    /// A transaction: a device's code that is bound to it.
    Transaction(Digest),
}

/// `GET /protected/{format}/verify/{token}/{authy_id}`.
pub(super) async fn verify(call: Call) -> Outcome {
    let asked = Asked::of(&call.params)?;
    let is_forced = call.params.flag("force")?.unwrap_or(false);
    let (stored, contact) = users::live(&call).await?;
    let user = &stored.document;
    let token = call.path("token");
    if !is_token(token) {
        return Err(Refusal::INVALID_TOKEN);
    }
    let is_suspended = users::is_suspended(&users::devices(&call.app, user.id).await?);
    let of = Recipient {
        subject: &user.id.subject(),
        user: Some(&user.id.user()),
        number: &contact.phone,
    };
    let verdict = match asked {
        // The devices' evidence says that somebody tried.
        Asked::Login if is_suspended => by_device(&call, user.id, Purpose::Login, token).await,
        Asked::Action(_) if is_suspended => Err(Refusal::INVALID_TOKEN),
        Asked::Login => by_any(&call, user.id, of, token).await,
        Asked::Action(action) => by_sms(&call, of, action, token).await,
        Asked::Transaction(digest) => {
            by_device(&call, user.id, Purpose::Transaction(digest), token).await
        }
    };
    match verdict {
        Ok(device) => {
            if !user.is_confirmed {
                users::amend(&call.app, user.id, |user| user.is_confirmed = true).await?;
            }
            Ok(valid(device.as_deref()))
        }
        // What Authy does, where the operator wants it: nobody is locked out before the first right token.
        Err(refusal)
            if call.app.config.authy.accept_before_first_success
                && matches!(asked, Asked::Login)
                && refusal.is_of_client()
                && !(is_forced || user.is_confirmed || is_suspended) =>
        {
            Ok(valid(None))
        }
        Err(refusal) => Err(refusal),
    }
}

/// The name of the device whose code it is, if it is a device's.
type Verdict = Result<Option<String>, Refusal>;

/// Six to eight ASCII digits, as every device and every text has them.
fn is_token(text: &str) -> bool {
    (6..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

async fn by_any(call: &Call, id: AuthyId, of: Recipient<'_>, token: &str) -> Verdict {
    // First what was sent: a right code by SMS must not count as a wrong one against the devices.
    let act = call.app.act(&call.caller)?;
    let sent = codes::check(&call.app, of, None, token, &act).await?;
    if sent == Checked::Right {
        return Ok(None);
    }
    match by_device(call, id, Purpose::Login, token).await {
        Err(refusal) if refusal == Refusal::INVALID_TOKEN && sent == Checked::Exhausted => {
            Err(Refusal::TOO_MANY)
        }
        verdict => verdict,
    }
}

async fn by_sms(call: &Call, of: Recipient<'_>, action: &str, token: &str) -> Verdict {
    let act = call.app.act(&call.caller)?;
    match codes::check(&call.app, of, Some(action), token, &act).await? {
        Checked::Right => Ok(None),
        Checked::Wrong { .. } | Checked::NotACode | Checked::Nothing => Err(Refusal::INVALID_TOKEN),
        Checked::Exhausted => Err(Refusal::TOO_MANY),
    }
}

async fn by_device(call: &Call, id: AuthyId, purpose: Purpose, token: &str) -> Verdict {
    let judged = call
        .app
        .judge(&call.caller, id.user(), purpose, token)
        .await;
    let answer = match judged {
        Ok(Judged::Answer(answer)) => answer,
        Ok(Judged::NotACode | Judged::Nobody) => return Err(Refusal::INVALID_TOKEN),
        // None of the user's devices has login codes.
        Err(Fault::Store(StoreError::Undecided(Undecided::NoLogin))) => {
            return Err(Refusal::INVALID_TOKEN);
        }
        Err(fault) => return Err(fault.into()),
    };
    let Answer { judgement, device } = answer;
    match judgement {
        Judgement::Accepted(_) => Ok(device.map(|device| device.as_str().to_owned())),
        Judgement::Refused(Refused { reason, .. }) => Err(match reason {
            Reason::Replay => Refusal::REUSED_TOKEN,
            Reason::Locked | Reason::MemoryFull => Refusal::TOO_MANY,
            _ => Refusal::INVALID_TOKEN,
        }),
        Judgement::Inactive(_) => Err(Refusal::INVALID_TOKEN),
    }
}

/// The answer to a right token: to the byte what each client takes for one.
fn valid(device: Option<&str>) -> Value {
    json!({
        "message": "Token is valid.",
        "token": "is valid",
        "success": "true",
        "device": device.map(|id| json!({
            "id": id,
            "os_type": "unknown",
            "registration_date": null,
            "registration_method": null,
            "registration_country": null,
            "registration_region": null,
            "registration_city": null,
            "country": null,
            "region": null,
            "city": null,
            "ip": null,
            "last_account_recovery_at": null,
            "last_sync_date": null,
        })),
    })
}

impl<'a> Asked<'a> {
    fn of(params: &'a Params) -> Result<Self, Refusal> {
        if params.paths().any(is_misspelt) {
            return Err(Refusal::parameter(
                "a parameter is spelt otherwise than message, details[…], hidden_details[…] and action",
            ));
        }
        match (texts::action(params)?, transaction(params)?) {
            (None, None) => Ok(Self::Login),
            (Some(action), None) => Ok(Self::Action(action)),
            (None, Some(digest)) => Ok(Self::Transaction(digest)),
            (Some(_), Some(_)) => Err(Refusal::parameter(
                "action and message do not go together: a code is bound to one of them",
            )),
        }
    }
}

/// Whether a parameter looks like one of what a code is for, and is none. Left aside, it would have a login code judged.
fn is_misspelt(path: &[String]) -> bool {
    let known = [MESSAGE, SECTIONS[0].0, SECTIONS[1].0, "action"];
    match path {
        [first, ..] if known.contains(&first.as_str()) => false,
        [first] => known.iter().any(|known| known.eq_ignore_ascii_case(first)),
        [first, ..] => first != "force",
        [] => false,
    }
}

const MESSAGE: &str = "message";
const SECTIONS: [(&str, Section); 2] = [
    ("details", Section::Details),
    ("hidden_details", Section::HiddenDetails),
];

/// The transaction of a request, if it has one. What is there and says nothing is refused, so that nobody who leaves a value
/// out has a login code judged instead.
fn transaction(params: &Params) -> Result<Option<Digest>, Refusal> {
    let mut names = [MESSAGE, SECTIONS[0].0, SECTIONS[1].0].into_iter();
    if !names
        .clone()
        .any(|name| params.has(name) || params.is_blank(name))
    {
        return Ok(None);
    }
    if names.any(|name| params.has_null(name)) {
        return Err(empty());
    }
    let mut builder = Transaction::builder();
    for (rest, value) in params.below(MESSAGE) {
        if !rest.is_empty() {
            return Err(Refusal::parameter("message is a text"));
        }
        builder.message(value).map_err(refusal)?;
    }
    for (name, section) in SECTIONS {
        for (rest, value) in params.below(name) {
            let [key] = rest else {
                return Err(Refusal::parameter(
                    "details and hidden_details are texts by their names: details[To]",
                ));
            };
            if is_reserved(key) {
                return Err(Refusal::parameter(
                    "details that begin with txotp- are kept for approval requests",
                ));
            }
            builder.pair(section, key, value).map_err(refusal)?;
        }
    }
    Ok(Some(builder.build().map_err(refusal)?.digest()))
}

fn empty() -> Refusal {
    Refusal::parameter("message, details and hidden_details can not have empty values")
}

fn refusal(error: TransactionError) -> Refusal {
    match error.kind() {
        TransactionErrorKind::EmptyMessage
        | TransactionErrorKind::EmptyKey
        | TransactionErrorKind::EmptyValue => empty(),
        kind => Refusal::parameter(kind.to_string()),
    }
}
