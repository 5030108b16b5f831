//! Users: a number each, by which Authy's clients know a customer. The devices of user 1635 are those of the store's user
//! `authy-1635`.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use txotp_core::TextProfile;
use txotp_store::{Device, DeviceId, Kind, Status, StoreError, UserId};

use super::answer::{Outcome, Refusal};
use super::call::Call;
use crate::sms::Phone;
use crate::tables::{self, Document, Next, Stored, insert};
use crate::{App, Fault, World, approvals, keys};

/// How often a new id is drawn, where others are taken or another came between.
const TRIES: usize = 64;
const MAX_EMAIL: usize = 254;

/// A user's number: 1 to 2³¹ − 1, because some clients keep it in 31 bits. It is never given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AuthyId(u32);

impl AuthyId {
    /// The number that a path names.
    fn parse(text: &str) -> Option<Self> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        let number: i32 = text.parse().ok().filter(|_| is_plain)?;
        u32::try_from(number).ok().map(Self)
    }

    /// The number of a user of the store, where it is one of this interface's.
    pub(crate) fn of_user(user: &str) -> Option<Self> {
        Self::parse(user.strip_prefix("authy-")?)
    }

    fn draw(world: &dyn World) -> Result<Self, Fault> {
        let mut bytes = [0; 4];
        world.fill(&mut bytes)?;
        let [first, rest @ ..] = bytes;
        let [b, c, d] = rest;
        Ok(Self(u32::from_be_bytes([first & 0x7f, b, c, d]).max(1)))
    }

    pub(crate) fn get(self) -> u32 {
        self.0
    }

    /// Whose its devices are in the store.
    pub(crate) fn user(self) -> UserId {
        UserId::new(self.subject()).expect("a word and ten digits are a name")
    }

    /// Whose its codes by SMS are.
    pub(crate) fn subject(self) -> String {
        format!("authy-{}", self.0)
    }

    fn key(self) -> String {
        self.0.to_string()
    }
}

/// A user, as it is stored. The phone's number and the address are personal: there is no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) id: AuthyId,
    pub(crate) country_code: String,
    /// Nothing once the user is removed.
    pub(crate) contact: Option<Contact>,
    /// Whether a code of the user's was right once.
    pub(crate) is_confirmed: bool,
    /// The device that the newest secret was made for.
    pub(crate) secret: Option<String>,
    created_at: u64,
    removed_at: Option<u64>,
}

/// How a user is reached.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Contact {
    pub(crate) phone: Phone,
    pub(crate) email: String,
}

impl Document for User {
    const KIND: Kind = Kind::new("authy-user");
}

/// Whose a phone is: its key is the digest of the number.
#[derive(Serialize, Deserialize)]
struct Owner {
    id: AuthyId,
}

impl Document for Owner {
    const KIND: Kind = Kind::new("authy-phone");
}

/// The user that a call's path names, and how it is reached.
pub(crate) async fn live(call: &Call) -> Result<(Stored<User>, Contact), Refusal> {
    let stored = any(call).await?;
    let contact = stored.document.contact.clone().ok_or(Refusal::NO_USER)?;
    Ok((stored, contact))
}

/// The user that a call's path names, also one that was removed.
async fn any(call: &Call) -> Result<Stored<User>, Refusal> {
    let id = AuthyId::parse(call.path("authy_id")).ok_or(Refusal::NO_USER)?;
    let stored = tables::find::<User>(&call.app.vault, &id.key()).await?;
    stored.ok_or(Refusal::NO_USER)
}

/// Changes a user, unless it was removed. Gives what `change` gives.
pub(crate) async fn amend<T>(
    app: &App,
    id: AuthyId,
    mut change: impl FnMut(&mut User) -> T,
) -> Result<Option<T>, Fault> {
    let key = id.key();
    let amended = tables::update(&app.vault, &key, |user: &User| {
        if user.removed_at.is_some() {
            return Next::Keep(None);
        }
        let mut user = user.clone();
        let given = change(&mut user);
        Next::Replace(user, Some(given))
    });
    Ok(amended.await?.flatten())
}

/// The devices of a user that are not revoked.
pub(crate) async fn devices(app: &App, id: AuthyId) -> Result<Vec<Device>, Refusal> {
    let listed = app.vault.devices_of(id.user()).await?;
    let mut devices = listed.devices;
    devices.retain(|device| device.status != Status::Revoked);
    Ok(devices)
}

/// Whether somebody has suspended all devices of a user: then a text opens no other way.
pub(super) fn is_suspended(devices: &[Device]) -> bool {
    let is_active = |device: &Device| device.status == Status::Active;
    !devices.is_empty() && !devices.iter().any(is_active)
}

/// `POST /protected/{format}/users/new`.
pub(super) async fn new(call: Call) -> Outcome {
    let field = |name| call.params.find(&["user", name]);
    let (Some(email), Some(number)) = (field("email"), field("cellphone")) else {
        return Err(not_valid("user[email] and user[cellphone] are required"));
    };
    let country_code = field("country_code").unwrap_or("1");
    if !is_email(email) {
        return Err(not_valid("User was not valid: the email is invalid"));
    }
    let phone = Phone::parse(country_code, number)
        .map_err(|_| not_valid("User was not valid: the phone number is invalid"))?;
    let contact = Contact {
        phone,
        email: email.to_owned(),
    };
    let id = find_or_create(&call.app, contact).await?;
    Ok(json!({
        "message": "User created successfully.",
        "user": { "id": id.get() },
        "success": true,
    }))
}

fn not_valid(message: &'static str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "60027", message)
}

/// What can be an address of RFC 5321: something on both sides of one `@`, and nothing that cannot be seen.
fn is_email(text: &str) -> bool {
    let is_written = text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@')
    });
    let is_visible = TextProfile::Standard.first_forbidden(text).is_none();
    is_written && is_visible && !text.contains(char::is_whitespace) && text.len() <= MAX_EMAIL
}

/// The user of a phone: of many who ask at once, all are given the same.
async fn find_or_create(app: &App, contact: Contact) -> Result<AuthyId, Fault> {
    let owner_key = contact.phone.digest(&app.vault);
    let created_at = app.now()?.seconds();
    for _ in 0..TRIES {
        if let Some(owner) = tables::find::<Owner>(&app.vault, &owner_key).await? {
            return Ok(owner.document.id);
        }
        let id = AuthyId::draw(&*app.world)?;
        let user = User {
            id,
            country_code: contact.phone.country_code().to_owned(),
            contact: Some(contact.clone()),
            is_confirmed: false,
            secret: None,
            created_at,
            removed_at: None,
        };
        let changes = vec![
            insert(owner_key.as_str(), &Owner { id })?,
            insert(id.key(), &user)?,
        ];
        if tables::write(&app.vault, changes).await? {
            return Ok(id);
        }
    }
    Err(Fault::Contended)
}

/// `GET /protected/{format}/users/{authy_id}/status`.
pub(super) async fn status(call: Call) -> Outcome {
    let user = any(&call).await?.document;
    let devices = match user.contact {
        Some(_) => devices(&call.app, user.id).await?,
        None => Vec::new(),
    };
    let active = devices
        .iter()
        .filter(|device| device.status == Status::Active);
    let names: Vec<&str> = active.map(|device| device.id.as_str()).collect();
    Ok(json!({
        "status": {
            "authy_id": user.id.get(),
            "confirmed": user.is_confirmed,
            "registered": !names.is_empty(),
            "country_code": number(&user.country_code),
            "phone_number": user.contact.as_ref().map_or_else(String::new, local_mask),
            "devices": names,
            "has_hard_token": false,
            "account_disabled": user.contact.is_none() || is_suspended(&devices),
            "detailed_devices": devices.iter().map(detail).collect::<Vec<_>>(),
        },
        "message": "User status.",
        "success": true,
    }))
}

/// A country code, as the clients want it: a number.
fn number(digits: &str) -> Value {
    digits.parse::<u16>().map_or(Value::Null, Value::from)
}

/// A masked number without its country code: `XXX-XXX-XX85`.
fn local_mask(contact: &Contact) -> String {
    let masked = contact.phone.masked();
    let local = masked.split_once('-').map(|(_, local)| local.to_owned());
    local.unwrap_or(masked)
}

fn detail(device: &Device) -> Value {
    json!({
        "id": device.id.as_str(),
        "os_type": "unknown",
        "status": device.status.name(),
        "creation_date": device.enrolled_at.seconds(),
    })
}

/// `POST /protected/{format}/users/{authy_id}/delete`, `…/users/delete/{authy_id}` and `…/users/{authy_id}/remove`.
pub(super) async fn delete(call: Call) -> Outcome {
    let found = any(&call).await?.document;
    let removed = match found.contact {
        Some(_) => remove(&call.app, found.id).await?,
        None => false,
    };
    // Also of one that was removed before, and of devices that were revoked: perhaps that was interrupted here.
    let user = found.id.user();
    for device in call.app.vault.devices_of(user.clone()).await?.devices {
        revoke(&call, device.id).await?;
    }
    approvals::end_all_of(&call.app, &user).await?;
    if !removed {
        return Err(Refusal::NO_USER);
    }
    Ok(json!({ "message": "User removed from application", "success": true }))
}

/// Forgets who a user is, so that no call but `status` finds it; its number stays taken. Says whether this did it.
async fn remove(app: &App, id: AuthyId) -> Result<bool, Fault> {
    let removed_at = app.now()?.seconds();
    for _ in 0..TRIES {
        let Some(stored) = tables::find::<User>(&app.vault, &id.key()).await? else {
            return Ok(false);
        };
        let Some(contact) = &stored.document.contact else {
            return Ok(false);
        };
        let forgotten = User {
            contact: None,
            secret: None,
            removed_at: Some(removed_at),
            ..stored.document.clone()
        };
        let mut changes = vec![stored.replace(&forgotten)?];
        let owner = tables::find::<Owner>(&app.vault, &contact.phone.digest(&app.vault)).await?;
        if let Some(owner) = owner.filter(|owner| owner.document.id == id) {
            changes.push(owner.remove());
        }
        if tables::write(&app.vault, changes).await? {
            return Ok(true);
        }
    }
    Err(Fault::Contended)
}

/// Revokes a device and its keys; what is revoked already stays so.
pub(super) async fn revoke(call: &Call, device: DeviceId) -> Result<(), Refusal> {
    let act = call.app.act(&call.caller)?;
    let now = act.now;
    match call.app.vault.revoke(device.clone(), act).await {
        Ok(()) | Err(StoreError::NotPossible(_)) => {}
        Err(error) => return Err(error.into()),
    }
    keys::revoke_of_device(&call.app, device.as_str(), now).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_in_one_way() {
        let read = |user| AuthyId::of_user(user).map(AuthyId::get);
        assert_eq!(read("authy-1635"), Some(1635));
        assert_eq!(read("authy-2147483647"), Some(2_147_483_647));
        for other in [
            "authy-",
            "authy-+1635",
            "authy-01635",
            "authy-2147483648",
            "authy-1635 ",
            "1635",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
