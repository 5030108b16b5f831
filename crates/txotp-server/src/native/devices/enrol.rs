//! Enrolling a device.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use txotp_core::{Counter, Seed, TransactionSuite};
use txotp_store::{DeviceId, Enrolment, StoreError};
use txotp_uri::Limit;
use txotp_uri::key_uri::{Factor, KeyUri};
use txotp_verifier::Settings;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::super::picture::Picture;
use super::super::secret::HandedOut;
use super::super::subject::user_id;
use super::policy::PolicyChange;
use super::view::DeviceView;
use crate::config::SecretText;
use crate::http::{Administrator, Body, Object, Problem, Shared, kinds};
use crate::idempotency::{Deed, IdempotencyHeader, IdempotencyKey};
use crate::world::random_text;
use crate::{App, Fault};

/// A device to enrol: with a new seed, or with the one of a Key URI that it has already.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDevice {
    /// Whose it is.
    #[schema(min_length = 1, max_length = 128)]
    user: String,
    /// Its name, which no device of the store ever had; a random one where there is none.
    #[schema(min_length = 1, max_length = 128)]
    device: Option<String>,
    /// What its codes are computed by (RFC 6287); `OCRA-1:HOTP-SHA256-8:QH64-T30S` where nothing is said. Not with `key_uri`.
    #[schema(max_length = 46)]
    suite: Option<String>,
    /// The counter that it begins at, for a suite that has one; 0 where nothing is said. Not with `key_uri`.
    counter: Option<u64>,
    /// Seed, suite and counter that it has already, as `otpauth://…`.
    #[schema(value_type = Option<String>, max_length = 2953)]
    key_uri: Option<SecretText>,
    /// The issuer that the device shows of a new seed; the setting `issuer` where nothing is said.
    #[schema(min_length = 1, max_length = 128)]
    issuer: Option<String>,
    /// The account that the device shows of a new seed; the user where nothing is said.
    #[schema(min_length = 1, max_length = 128)]
    account: Option<String>,
    /// What is tolerated of it, where that is not the default.
    #[schema(value_type = Option<PolicyChange>)]
    policy: Option<Object<PolicyChange>>,
}

/// What is remembered of an enrolment, to be answered again.
#[derive(Serialize, Deserialize)]
struct Enrolled {
    device: String,
    key_uri: Option<HandedOut>,
}

/// An enrolled device, and what the device is to scan.
#[derive(Serialize, ToSchema)]
pub(super) struct DeviceEnrolled {
    device: DeviceView,
    /// The new seed, for the device alone: show it once, over a confidential channel, and keep no copy. Null where the device
    /// had its seed already.
    enrolment: Option<Handover>,
}

/// A new seed, on its way to the device.
#[derive(Serialize, ToSchema)]
pub(super) struct Handover {
    /// The Key URI `otpauth://…`.
    #[schema(value_type = String)]
    key_uri: HandedOut,
    qr: Picture,
}

/// Enrols a device: with a new seed, which is handed out in this answer and never again; or with the seed that it has.
#[utoipa::path(
    post, path = "/v1/devices", tag = "devices",
    params(IdempotencyHeader),
    request_body = NewDevice,
    responses(
        (status = 201, body = DeviceEnrolled, description = "The device, and its seed where that is new"),
        (status = 409, body = Problem, description = "already-enrolled, too-many-devices"),
        (status = 422, body = Problem, description = "bad-name, bad-suite, bad-key-uri, bad-policy"),
    ),
)]
pub(super) async fn enrol_device(
    State(app): Shared,
    caller: Administrator,
    idempotency: IdempotencyKey,
    Body { value: wish, text }: Body<NewDevice>,
) -> Result<Response, Problem> {
    let create = async || {
        let (enrolment, enrolled) = wish.prepare(&app)?;
        Ok((Deed::Device(Box::new(enrolment)), enrolled))
    };
    let request = [b"device".as_slice(), &text];
    let created = idempotency.once(&app, &caller, &request, create).await?;
    let answer = created.answer();
    let id = DeviceId::new(&*answer.device).map_err(|_| Fault::Record)?;
    let device = app.vault.device(id).await?;
    let handover = |uri: &HandedOut| {
        Ok::<_, Problem>(Handover {
            qr: Picture::draw(uri.reveal())?,
            key_uri: uri.clone(),
        })
    };
    let body = DeviceEnrolled {
        device: DeviceView::of(&device, app.now()?)?,
        enrolment: answer.key_uri.as_ref().map(handover).transpose()?,
    };
    Ok(created.respond(&super::super::device_path(&answer.device), &body))
}

/// What makes the codes of a device.
struct Origin {
    suite: TransactionSuite,
    counter: Option<Counter>,
    seed: Seed,
}

impl NewDevice {
    fn prepare(&self, app: &App) -> Result<(Enrolment, Enrolled), Problem> {
        let user = user_id(&self.user)?;
        let device = match &self.device {
            Some(name) => DeviceId::new(name.as_str()),
            None => DeviceId::new(random_text::<16>(&*app.world)?.as_str()),
        };
        let device = device.map_err(|_| Problem::of(&kinds::BAD_NAME))?;
        let settings = match &self.policy {
            Some(Object(policy)) => policy.over(Settings::default()).map_err(StoreError::from)?,
            None => Settings::default(),
        };
        let (origin, key_uri) = match &self.key_uri {
            Some(uri) => (self.imported(uri)?, None),
            None => {
                let origin = self.generated(app)?;
                let uri = self.write_uri(app, &origin)?;
                (origin, Some(uri.into()))
            }
        };
        let enrolled = Enrolled {
            device: device.to_string(),
            key_uri,
        };
        let enrolment = Enrolment {
            device,
            user,
            suite: origin.suite,
            settings,
            seed: origin.seed,
            pin: None,
            counter: origin.counter,
        };
        Ok((enrolment, enrolled))
    }

    fn imported(&self, uri: &SecretText) -> Result<Origin, Problem> {
        let others = [&self.suite, &self.issuer, &self.account];
        if self.counter.is_some() || others.into_iter().any(Option::is_some) {
            return Err(Problem::of(&kinds::INVALID)
                .detail("suite, counter, issuer and account do not go with key_uri"));
        }
        let refuse = |why: String| Problem::of(&kinds::BAD_KEY_URI).detail(why);
        let text = uri.reveal().as_bytes();
        let mut buffer = Zeroizing::new(vec![0; text.len().min(Limit::MAX.get())]);
        let uri = KeyUri::read(text, Limit::MAX, &mut buffer)
            .map_err(|error| refuse(error.to_string()))?;
        let suite = uri.transaction_suite().ok_or_else(|| {
            refuse("OCRA has no spelling of its period: 1 to 60 or 120 seconds".to_owned())
        })?;
        Ok(Origin {
            suite,
            counter: match uri.factor() {
                Factor::Time(_) => None,
                Factor::Counter(counter) => Some(counter),
            },
            seed: uri.seed().clone(),
        })
    }

    fn generated(&self, app: &App) -> Result<Origin, Problem> {
        let suite = match &self.suite {
            Some(text) => TransactionSuite::parse(text)
                .map_err(|error| Problem::of(&kinds::BAD_SUITE).detail(error.to_string()))?,
            None => TransactionSuite::default(),
        };
        if self.counter.is_some() && !suite.has_counter() {
            return Err(Problem::of(&kinds::INVALID).detail("the suite has no counter"));
        }
        let seed = Seed::generate(suite.algorithm(), |bytes| app.world.fill(bytes))?;
        let counter = suite
            .has_counter()
            .then(|| Counter::new(self.counter.unwrap_or(0)));
        Ok(Origin {
            suite,
            counter,
            seed,
        })
    }

    /// The Key URI of a new seed.
    fn write_uri(&self, app: &App, origin: &Origin) -> Result<Zeroizing<String>, Problem> {
        let refuse = |kind, why: String| Problem::of(kind).detail(why);
        let suite = &origin.suite;
        let factor = match (suite.ocra().pin(), origin.counter, suite.period()) {
            (None, None, Some(period)) => Factor::Time(period),
            (None, Some(counter), None) => Factor::Counter(counter),
            _ => {
                let why = "a Key URI cannot express a PIN, nor counter and time together";
                return Err(refuse(&kinds::BAD_SUITE, why.to_owned()));
            }
        };
        let issuer = self.issuer.as_deref().unwrap_or(&app.config.issuer);
        let issuer = Some(issuer).filter(|issuer| !issuer.is_empty());
        let account = self.account.as_deref().unwrap_or(&self.user);
        let (seed, algorithm, digits) = (origin.seed.clone(), suite.algorithm(), suite.digits());
        let uri = KeyUri::new(issuer, account, seed, algorithm, digits, factor)
            .map_err(|kind| refuse(&kinds::BAD_KEY_URI, format!("issuer or account: {kind}")))?;
        if uri.written_len() > Limit::DEFAULT.get() {
            let why = "with issuer and account the Key URI is longer than 600 bytes";
            return Err(refuse(&kinds::BAD_KEY_URI, why.to_owned()));
        }
        Ok(uri.reveal())
    }
}
