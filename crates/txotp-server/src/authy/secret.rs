//! A user's secret: a new device, as a QR symbol that an authenticator scans.

use serde_json::json;
use txotp_core::{Seed, TransactionSuite};
use txotp_qr::{Level, QUIET_ZONE, Scale, Symbol};
use txotp_store::{DeviceId, Enrolment, StoreError};
use txotp_uri::key_uri::{Factor, KeyUri};
use txotp_verifier::Settings;
use zeroize::Zeroizing;

use super::answer::{Outcome, Refusal};
use super::call::Call;
use super::params::Params;
use super::users::{self, AuthyId};
use crate::Fault;
use crate::world::random_text;

/// The width of the picture in pixels, unless another is asked for.
const QR_SIZE: usize = 300;
const MAX_QR_SIZE: usize = 2000;

/// `POST /protected/{format}/users/{authy_id}/secret`. A new secret takes the place of the one before.
pub(super) async fn create(call: Call) -> Outcome {
    let size = qr_size(&call.params)?;
    let (stored, _) = users::live(&call).await?;
    let id = stored.document.id;
    let (suite, factor) = default_suite();
    let seed = Seed::generate(suite.algorithm(), |bytes| call.app.world.fill(bytes))?;
    let picture = picture(&call, id, &seed, &suite, factor, size)?;

    let device = name(&call, id)?;
    let enrolment = Enrolment {
        device: device.clone(),
        user: id.user(),
        suite,
        settings: Settings::default(),
        seed,
        pin: None,
        counter: None,
    };
    let act = call.app.act(&call.caller)?;
    call.app
        .vault
        .enrol(enrolment, act)
        .await
        .map_err(|error| match error {
            StoreError::TooManyDevices => {
                Refusal::parameter("the user has 16 devices already: revoke one")
            }
            error => error.into(),
        })?;
    let replaced = users::amend(&call.app, id, |user| {
        user.secret.replace(device.as_str().to_owned())
    });
    match replaced.await? {
        Some(Some(old)) => {
            let old = DeviceId::new(old).map_err(|_| Fault::Record)?;
            users::revoke(&call, old).await?;
        }
        Some(None) => {}
        // Removed meanwhile.
        None => {
            users::revoke(&call, device).await?;
            return Err(Refusal::NO_USER);
        }
    }
    Ok(json!({
        "message": "Secret created.",
        "qr_code": picture.as_str(),
        "success": true,
    }))
}

fn default_suite() -> (TransactionSuite, Factor) {
    let suite = TransactionSuite::default();
    let period = suite.period().expect("the default suite has a time step");
    (suite, Factor::Time(period))
}

fn qr_size(params: &Params) -> Result<usize, Refusal> {
    let wrong = || Refusal::parameter("qr_size is 1 to 2000 pixels");
    match params.text("qr_size") {
        None => Ok(QR_SIZE),
        Some(text) => {
            let size = text.parse().ok();
            size.filter(|size| (1..=MAX_QR_SIZE).contains(size))
                .ok_or_else(wrong)
        }
    }
}

/// The symbol of the seed, as wide as is asked for, or less: its modules have whole pixels, at least one.
fn picture(
    call: &Call,
    id: AuthyId,
    seed: &Seed,
    suite: &TransactionSuite,
    factor: Factor,
    size: usize,
) -> Result<Zeroizing<String>, Refusal> {
    let own = id.subject();
    let account = call.params.text("label").unwrap_or(&own);
    let issuer = Some(call.app.config.issuer.as_str()).filter(|issuer| !issuer.is_empty());
    let (algorithm, digits) = (suite.algorithm(), suite.digits());
    let uri = KeyUri::new(issuer, account, seed.clone(), algorithm, digits, factor);
    let wrong = "label has at least one character, no colon, none that cannot be seen, and is short enough for a QR symbol";
    let uri = uri.map_err(|_| Refusal::parameter(wrong))?;
    let symbol = Symbol::encode(&uri.reveal(), Level::M).map_err(|_| Refusal::parameter(wrong))?;
    let modules = symbol.width().saturating_add(QUIET_ZONE.saturating_mul(2));
    let scale = size.checked_div(modules).unwrap_or_default().clamp(1, 32);
    let scale = u8::try_from(scale).ok().and_then(Scale::new);
    Ok(Zeroizing::new(
        symbol.to_png_data_uri(scale.unwrap_or_default()),
    ))
}

fn name(call: &Call, id: AuthyId) -> Result<DeviceId, Fault> {
    let random = random_text::<8>(&*call.app.world)?;
    let name = format!("{}-{}", id.subject(), random.as_str());
    Ok(DeviceId::new(name).expect("letters, digits and dashes are a name"))
}
