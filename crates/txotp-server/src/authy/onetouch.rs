//! Approval requests, as Authy's clients ask for them.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use serde_json::json;
use txotp_core::UnixTime;

use super::answer::{Outcome, Refusal};
use super::application;
use super::call::{Call, get, post};
use super::params::Params;
use super::users::{self, AuthyId, User};
use crate::approvals::{self, Approval, Ask, AskError, DEFAULT_SECONDS, Logo, Resolution, Status};
use crate::keys::Role::Verify;
use crate::{App, calendar, tables};

/// The most logos that are read: one for each size.
const MAX_LOGOS: usize = 4;

const NOT_FOUND: Refusal =
    Refusal::new(StatusCode::NOT_FOUND, "60049", "Approval request not found");
const NO_DEVICE: Refusal = Refusal::new(
    StatusCode::BAD_REQUEST,
    "60050",
    "The user has no active device that could answer",
);

/// Its routes.
pub(super) fn router() -> Router<Arc<App>> {
    Router::new()
        .route(
            "/onetouch/{format}/users/{authy_id}/approval_requests",
            post(Verify, ask),
        )
        .route(
            "/onetouch/{format}/approval_requests/{uuid}",
            get(Verify, status),
        )
}

/// `POST /onetouch/{format}/users/{authy_id}/approval_requests`.
async fn ask(call: Call) -> Outcome {
    let (user, _) = users::live(&call).await?;
    let params = &call.params;
    let ask = Ask {
        user: user.document.id.user(),
        message: params
            .text("message")
            .ok_or_else(|| Refusal::parameter("message is required"))?
            .to_owned(),
        details: pairs(params, "details")?,
        hidden_details: pairs(params, "hidden_details")?,
        logos: logos(params)?,
        seconds_to_expire: seconds(params)?,
    };
    let application = call.caller.application().ok_or(Refusal::FORBIDDEN)?;
    let uuid = ask.ask(&call.app, application).await?;
    Ok(json!({
        "approval_request": { "uuid": uuid },
        "message": "Approval request was created.",
        "success": true,
    }))
}

/// `GET /onetouch/{format}/approval_requests/{uuid}`.
async fn status(call: Call) -> Outcome {
    let application = call.caller.application().ok_or(Refusal::FORBIDDEN)?;
    let uuid = call.path("uuid");
    let found = approvals::find_of(&call.app, &application, uuid).await?;
    let approval = found.ok_or(NOT_FOUND)?.document;
    // Requests for other users are not of this interface.
    let id = AuthyId::of_user(&approval.user).ok_or(NOT_FOUND)?;
    let user = tables::find::<User>(&call.app.vault, &id.get().to_string()).await?;
    let user = user.ok_or(NOT_FOUND)?.document;
    let email = user.contact.map(|contact| contact.email);
    let processed = approval.device.as_ref().and(approval.ended_at).map(date);
    let number = user.id.get();
    Ok(json!({
        "approval_request": {
            "_app_name": approval.application.name,
            "_app_serial_id": application::id(&call.app, &call.caller),
            "_authy_id": number,
            "_id": uuid,
            "_user_email": email.unwrap_or_default(),
            "app_id": approval.application.name,
            "created_at": date(approval.created_at),
            "notified": false,
            "processed_at": processed,
            "seconds_to_expire": approval.seconds_to_expire,
            "status": status_name(&approval),
            "updated_at": date(approval.ended_at.unwrap_or(approval.created_at)),
            "user_id": number.to_string(),
            "uuid": uuid,
        },
        "message": "Approval request status.",
        "success": true,
    }))
}

/// Authy's clients know of no request that was taken back: for them it is over without an answer.
fn status_name(approval: &Approval) -> &'static str {
    match approval.status {
        Status::Cancelled => Status::Expired.name(),
        status => status.name(),
    }
}

impl From<AskError> for Refusal {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Transaction(place, kind) => Self::parameter(format!("{place}: {kind}")),
            AskError::Reserved => Self::parameter("keys that begin with txotp- are reserved"),
            AskError::TooLong => Self::parameter("the request is too long"),
            AskError::Logo => Self::parameter(
                "a logo is an https URL of at most 500 bytes, and one of them is the default",
            ),
            AskError::NoDevice => NO_DEVICE,
            AskError::TooManyOfApplication | AskError::TooMany => Self::TOO_MANY,
            AskError::Fault(fault) => fault.into(),
        }
    }
}

/// The pairs below a name. A client that has none may send it empty.
fn pairs(params: &Params, name: &str) -> Result<Vec<(String, String)>, Refusal> {
    let all = params.below(name).filter_map(|(rest, value)| match rest {
        [] if value.is_empty() => None,
        [key] => Some(Ok((key.clone(), value.to_owned()))),
        _ => Some(Err(Refusal::parameter(format!(
            "{name} is pairs of a key and a value"
        )))),
    });
    all.collect()
}

fn seconds(params: &Params) -> Result<u32, Refusal> {
    match params.text("seconds_to_expire") {
        None if params.has("seconds_to_expire") => Err(()),
        None | Some("") => Ok(DEFAULT_SECONDS),
        Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().map_err(|_| ())
        }
        Some(_) => Err(()),
    }
    .map_err(|()| Refusal::parameter("seconds_to_expire is a number of seconds, 0 for never"))
}

/// A logo as far as it has been read.
#[derive(Default)]
struct Part {
    place: String,
    res: Option<String>,
    url: Option<String>,
}

/// The logos, however they are counted: `logos[0][res]`, or `logos[][res]` and `logos[][url]` in turn.
fn logos(params: &Params) -> Result<Vec<Logo>, Refusal> {
    let wrong = || Refusal::parameter("logos is a list of res and url");
    let mut parts: Vec<Part> = Vec::new();
    for (rest, value) in params.below("logos") {
        let (place, name) = match rest {
            [] if value.is_empty() => continue,
            [place, name] => (place, name.as_str()),
            _ => return Err(wrong()),
        };
        let known = parts.iter_mut().rfind(|part| part.place == *place);
        let is_new = |part: &Part| match name {
            "res" => part.res.is_some(),
            _ => part.url.is_some(),
        };
        let part = match known {
            Some(part) if !is_new(part) => part,
            // Of an element that has a number there is one.
            Some(_) if !place.is_empty() => return Err(wrong()),
            Some(_) | None => {
                if parts.len() >= MAX_LOGOS {
                    return Err(wrong());
                }
                parts.push(Part {
                    place: place.clone(),
                    ..Part::default()
                });
                parts.last_mut().ok_or_else(wrong)?
            }
        };
        match name {
            "res" => part.res = Some(value.to_owned()),
            "url" => part.url = Some(value.to_owned()),
            _ => return Err(wrong()),
        }
    }
    let logo = |part: Part| {
        let res = Resolution::from_name(part.res.as_deref()?)?;
        Some(Logo {
            res,
            url: part.url?,
        })
    };
    let logos: Option<Vec<_>> = parts.into_iter().map(logo).collect();
    logos.ok_or_else(wrong)
}

/// A moment as RFC 3339 has it, in UTC; the last that it has for all after.
fn date(seconds: u64) -> String {
    let time = calendar::time(UnixTime::from_seconds(seconds));
    time.unwrap_or_else(|| "9999-12-31T23:59:59Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::params::Media;
    use super::*;

    fn read(form: &str) -> Params {
        Params::read("", Media::Form, form.as_bytes()).unwrap()
    }

    fn logos_of(params: &Params) -> Option<Vec<(String, String)>> {
        let text = |logo: Logo| (logo.res.name().to_owned(), logo.url);
        Some(logos(params).ok()?.into_iter().map(text).collect())
    }

    #[test]
    fn logos_in_every_form_that_clients_send() {
        let expected = vec![
            ("default".to_owned(), "https://a/b".to_owned()),
            ("low".to_owned(), "https://c/d".to_owned()),
        ];
        for form in [
            "logos[0][res]=default&logos[0][url]=https://a/b&logos[1][res]=low&logos[1][url]=https://c/d",
            "logos[0][res]=default&logos[1][res]=low&logos[0][url]=https://a/b&logos[1][url]=https://c/d",
            "logos[][res]=default&logos[][url]=https://a/b&logos[][res]=low&logos[][url]=https://c/d",
            "logos%5B%5D%5Burl%5D=https%3A%2F%2Fa%2Fb&logos[][res]=default&logos[][url]=https://c/d&logos[][res]=low",
        ] {
            assert_eq!(logos_of(&read(form)).as_ref(), Some(&expected), "{form}");
        }
        let json = br#"{"logos":[{"res":"default","url":"https://a/b"},{"url":"https://c/d","res":"low"}]}"#;
        let json = Params::read("", Media::Json, json).unwrap();
        assert_eq!(logos_of(&json), Some(expected));
        for none in ["", "logos=", "message=x"] {
            assert_eq!(logos_of(&read(none)), Some(Vec::new()), "{none}");
        }
        let json = Params::read("", Media::Json, br#"{"logos":[]}"#).unwrap();
        assert_eq!(logos_of(&json), Some(Vec::new()));
    }

    #[test]
    fn what_is_no_list_of_logos_is_refused() {
        for form in [
            "logos=https://a/b",
            "logos[]=https://a/b",
            "logos[0]=https://a/b",
            "logos[][res]=default",
            "logos[][url]=https://a/b",
            "logos[][res]=huge&logos[][url]=https://a/b",
            "logos[][res]=default&logos[][url]=https://a/b&logos[][more]=x",
            // What the crate `authy` sends: both under one name.
            "logos[][res]=default&logos[][res]=https://a/b",
        ] {
            assert_eq!(logos_of(&read(form)), None, "{form}");
        }
    }

    #[test]
    fn details_are_pairs_of_one_level() {
        let of = |form: &str| pairs(&read(form), "details").ok();
        assert_eq!(of("message=x"), Some(Vec::new()));
        assert_eq!(of("details="), Some(Vec::new()));
        let two = of("details[To]=a&details%5BFrom%5D=b+c");
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(two, Some(vec![pair("To", "a"), pair("From", "b c")]));
        for form in ["details=x", "details[a][b]=c"] {
            assert_eq!(of(form), None, "{form}");
        }
    }

    #[test]
    fn seconds_are_digits() {
        let of = |value: &str| seconds(&read(&format!("seconds_to_expire={value}"))).ok();
        assert_eq!(seconds(&Params::default()), Ok(86_400));
        assert_eq!(
            (of(""), of("0"), of("120")),
            (Some(86_400), Some(0), Some(120))
        );
        for value in ["-1", "%2B1", "1.5", "x", "4294967296"] {
            assert_eq!(of(value), None, "{value}");
        }
    }

    #[test]
    fn dates_end_with_the_year_9999() {
        for (seconds, text) in [
            (1_700_000_000, "2023-11-14T22:13:20Z"),
            (253_402_300_800, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(date(seconds), text);
        }
    }
}
