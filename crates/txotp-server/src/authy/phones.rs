//! Whether somebody has a phone: a code is sent to a number, and asked for.

use axum::http::StatusCode;
use serde_json::json;

use super::answer::{Outcome, Refusal};
use super::call::Call;
use super::params::Params;
use super::texts::Text;
use crate::sms::codes::{self, Checked, Digits, Recipient, Terms};
use crate::sms::{Channel, Phone};

const SECONDS: u64 = 600;

/// `POST /protected/{format}/phones/verification/start`.
pub(super) async fn start(call: Call) -> Outcome {
    let phone = phone(&call.params)?;
    let channel = match call.params.text("via") {
        None | Some("sms") => Channel::Sms,
        Some("call") => Channel::Call,
        Some(_) => return Err(Refusal::parameter("via is sms or call")),
    };
    if call.params.has("custom_code") {
        return Err(Refusal::parameter(
            "custom_code is not taken: the service makes every code",
        ));
    }
    let text = Text {
        to: Recipient {
            subject: &subject(&call, &phone),
            user: None,
            number: &phone,
        },
        channel,
        action: None,
        note: None,
        terms: &terms(&call.params)?,
    };
    text.send(&call.app).await?;
    Ok(json!({
        "carrier": "unknown",
        "is_cellphone": true,
        "message": match channel {
            Channel::Sms => format!("Text message sent to {}.", phone.masked()),
            Channel::Call => format!("Call to {} initiated.", phone.masked()),
        },
        "seconds_to_expire": SECONDS,
        "success": true,
    }))
}

/// `GET /protected/{format}/phones/verification/check`.
pub(super) async fn check(call: Call) -> Outcome {
    let phone = phone(&call.params)?;
    let code = call.params.text("verification_code").unwrap_or_default();
    let is_code = (4..=10).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
    if !is_code {
        return Err(wrong_code());
    }
    let of = Recipient {
        subject: &subject(&call, &phone),
        user: None,
        number: &phone,
    };
    let act = call.app.act(&call.caller)?;
    match codes::check(&call.app, of, None, code, &act).await? {
        Checked::Right => {
            Ok(json!({ "message": "Verification code is correct.", "success": true }))
        }
        Checked::Wrong { .. } | Checked::NotACode => Err(wrong_code()),
        Checked::Exhausted => Err(Refusal::TOO_MANY),
        Checked::Nothing => Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "60023",
            "No pending verifications for this phone number found.",
        )),
    }
}

fn wrong_code() -> Refusal {
    Refusal::new(
        StatusCode::UNAUTHORIZED,
        "60022",
        "Verification code is incorrect",
    )
}

fn phone(params: &Params) -> Result<Phone, Refusal> {
    let field = |name| params.text(name).unwrap_or_default();
    Phone::parse(field("country_code"), field("phone_number"))
        .map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "60033", "Phone number is invalid"))
}

/// Whose the code is: the phone's, for one application. What one has sent, another does not check.
fn subject(call: &Call, phone: &Phone) -> String {
    format!(
        "phone {} {}",
        call.caller.key,
        phone.digest(&call.app.vault)
    )
}

/// As many digits as are asked for, else six. A short code has fewer attempts.
fn terms(params: &Params) -> Result<Terms, Refusal> {
    let wrong = || Refusal::parameter("code_length is 4 to 10");
    let digits = match params.text("code_length") {
        None => Digits::SIX,
        Some(text) => text.parse().ok().and_then(Digits::new).ok_or_else(wrong)?,
    };
    Ok(Terms {
        digits,
        seconds: SECONDS,
        attempts: if u8::from(digits) < 6 { 3 } else { 5 },
    })
}
