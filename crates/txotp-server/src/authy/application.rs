//! The application that calls, and what the service does not have for it.

use axum::http::StatusCode;
use serde_json::json;

use super::answer::{Outcome, Refusal};
use super::call::Call;
use crate::App;
use crate::keys::{Caller, Holder};
use crate::sms::Channel;

/// `GET /protected/{format}/app/details`.
pub(super) async fn details(call: Call) -> Outcome {
    Ok(json!({
        "app": {
            "app_id": id(&call.app, &call.caller),
            "name": name(&call.caller),
            "plan": "self-hosted",
            "sms_enabled": call.app.gateway.has(Channel::Sms),
            "phone_calls_enabled": call.app.gateway.has(Channel::Call),
            "onetouch_enabled": true,
        },
        "message": "Application information.",
        "success": true,
    }))
}

/// A number for an application, as Authy's clients want one: 31 bits of a digest of its key's id.
pub(crate) fn id(app: &App, caller: &Caller) -> u32 {
    let digest = app.vault.keyed_digest("authy-app", caller.key.as_bytes());
    let [a, b, c, d, ..] = *digest.as_bytes();
    u32::from_be_bytes([a & 0x7f, b, c, d])
}

/// The application's name.
pub(crate) fn name(caller: &Caller) -> &str {
    match &caller.holder {
        Holder::Application { name, .. } => name,
        Holder::Device { device, .. } => device,
    }
}

/// `POST /protected/{format}/users/{authy_id}/register_activity`: noted in the log by its kind.
pub(super) async fn register_activity(call: Call) -> Outcome {
    let kinds = ["password_reset", "banned", "unbanned", "cookie_login"];
    let named = call.params.text("type").unwrap_or_default();
    let Some(activity) = kinds.into_iter().find(|kind| *kind == named) else {
        return Err(Refusal::parameter(
            "type is password_reset, banned, unbanned or cookie_login",
        ));
    };
    super::users::live(&call).await?;
    tracing::info!(activity, "an application registers an activity");
    Ok(json!({ "message": "Activity was created.", "success": true }))
}

/// `GET /protected/{format}/users/{authy_id}/secret/export`: the store has no way to give a seed out.
pub(super) async fn no_export(_: Call) -> Outcome {
    Err(Refusal::new(
        StatusCode::FORBIDDEN,
        "60154",
        "Migration tools disabled: the service gives no secret out",
    ))
}

/// `POST /protected/{format}/email/{authy_id}`.
pub(super) async fn no_email(_: Call) -> Outcome {
    Err(Refusal::unsupported(
        "Email is not available: ask for an SMS",
    ))
}

/// `POST /protected/{format}/users/{authy_id}/update`.
pub(super) async fn no_update(_: Call) -> Outcome {
    Err(Refusal::unsupported(
        "A user is not updated: delete it, and create it with the new phone number",
    ))
}

/// `GET /protected/{format}/phones/info`.
pub(super) async fn no_phone_info(_: Call) -> Outcome {
    Err(Refusal::unsupported(
        "Phone information is not available: the service asks no carrier",
    ))
}

/// `GET /protected/{format}/phones/verification/status`.
pub(super) async fn no_verification_status(_: Call) -> Outcome {
    Err(Refusal::unsupported(
        "The status of a verification is not available: check the code",
    ))
}

/// `GET /protected/{format}/app/stats`.
pub(super) async fn no_stats(_: Call) -> Outcome {
    Err(Refusal::unsupported(
        "Statistics are not available here: read the metrics of the service",
    ))
}

/// `GET /protected/{format}/registrations/status`.
pub(super) async fn no_registrations(_: Call) -> Outcome {
    Err(Refusal::unsupported(
        "Registrations are not available: ask for the status of a user",
    ))
}
