//! What a callback says, in the shape of Authy's.

use serde_json::{Map, Value, json};

use crate::approvals::Approval;
use crate::authy::AuthyId;

/// The body that tells of a request's end.
///
/// Fields that Authy fills from a phone are there and empty. `signature` is empty as well: at Authy it is the phone's RSA
/// signature, which no client library checks; here the device's proof is its code, which was judged and is used up.
pub(super) fn of(id: &str, ended: &Approval) -> Value {
    let status = ended.status.name();
    let device = ended.device.as_deref();
    json!({
        "authy_id": authy_id(&ended.user),
        "device_uuid": device,
        "callback_action": "approval_request_status",
        "uuid": id,
        "status": status,
        "approval_request": {
            "transaction": {
                "details": pairs(&ended.details),
                "device_details": {},
                "device_geolocation": "",
                "device_signing_time": device.and(ended.ended_at).unwrap_or_default(),
                "encrypted": false,
                "flagged": false,
                "hidden_details": pairs(&ended.hidden_details),
                "message": ended.message,
                "reason": "",
                "requester_details": null,
                "status": status,
                "uuid": id,
                "created_at_time": ended.created_at,
                "customer_uuid": null,
            },
            "expiration_timestamp": ended.expires_at().unwrap_or_default(),
            "logos": logos(ended),
            "app_id": ended.application.name,
        },
        "signature": "",
        "device": device.map(|device| json!({
            "city": null,
            "country": null,
            "ip": null,
            "region": null,
            "registration_city": null,
            "registration_country": null,
            "registration_ip": null,
            "registration_method": null,
            "registration_region": null,
            "os_type": null,
            "last_account_recovery_at": null,
            "id": device,
            "registration_date": null,
            "last_sync_date": null,
        })),
    })
}

/// The number that Authy's clients know a user by; of another user, the name.
fn authy_id(user: &str) -> Value {
    let id = AuthyId::of_user(user);
    id.map_or_else(|| Value::from(user), |id| Value::from(id.get()))
}

fn pairs(pairs: &[(String, String)]) -> Value {
    if pairs.is_empty() {
        return Value::Null;
    }
    let pairs = pairs.iter().cloned();
    Value::Object(
        pairs
            .map(|(key, value)| (key, value.into()))
            .collect::<Map<_, _>>(),
    )
}

fn logos(ended: &Approval) -> Value {
    if ended.logos.is_empty() {
        return Value::Null;
    }
    let logo = |logo: &crate::approvals::Logo| json!({"res": logo.res.name(), "url": logo.url});
    ended.logos.iter().map(logo).collect()
}
