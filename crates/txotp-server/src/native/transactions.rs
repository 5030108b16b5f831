//! Transactions: created for a payer, shown, and accepted once by a code.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use txotp_core::Purpose;
use txotp_store::{Change, DeviceId, Kind, Status, UserId};
use txotp_uri::{Limit, OwnedTransaction, to_string};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::picture::Picture;
use super::subject::{GivenTransaction, Subject, TransactionSchema, device_id, user_id};
use super::verdict::Verdict;
use crate::config::SecretText;
use crate::http::{Body, Json, Path, Problem, Shared, Verifier, kinds};
use crate::idempotency::{Deed, IdempotencyHeader, IdempotencyKey};
use crate::tables::{self, Document, Stored};
use crate::world::random_text;
use crate::{App, Fault};

/// Seconds that a transaction lasts where nothing is said, and at most.
const LIFETIME: u64 = 300;
const MAX_LIFETIME: u64 = 86_400;
/// Seconds that it can be looked at after its end: a week.
const RETENTION: u64 = 7 * 86_400;

/// Its routes.
pub(super) fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(create_transaction))
        .routes(routes!(show_transaction))
        .routes(routes!(verify_transaction))
}

/// A transaction as it is remembered.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Transaction {
    /// Whose it is: no other application sees it or has codes judged for it.
    application: String,
    subject: Subject,
    string: String,
    created_at: u64,
    pub(super) expires_at: u64,
    /// The devices whose codes can be for it, and how many entries the evidence had of each when it was created.
    pub(super) devices: Vec<(String, u64)>,
    accepted: Option<Accepted>,
}

/// By what it was accepted.
#[derive(Clone, Serialize, Deserialize)]
struct Accepted {
    device: String,
    at: u64,
}

impl Document for Transaction {
    const KIND: Kind = Kind::new("transaction");

    fn due(&self) -> Option<u64> {
        Some(self.expires_at.saturating_add(RETENTION))
    }
}

impl Transaction {
    /// The transaction itself.
    pub(super) fn read(&self) -> Result<OwnedTransaction, Fault> {
        OwnedTransaction::read(self.string.as_bytes(), Limit::DEFAULT).map_err(|_| Fault::Record)
    }

    fn status(&self, now: u64) -> TransactionStatus {
        if self.accepted.is_some() {
            TransactionStatus::Accepted
        } else if now < self.expires_at {
            TransactionStatus::Pending
        } else {
            TransactionStatus::Expired
        }
    }
}

/// The transaction of an id, of the application that asks.
async fn find_of(app: &App, caller: &Verifier, id: &str) -> Result<Stored<Transaction>, Problem> {
    let found = find(app, id).await?;
    if found.document.application == caller.application().name {
        Ok(found)
    } else {
        Err(Problem::of(&kinds::UNKNOWN_TRANSACTION))
    }
}

/// The transaction of an id, whosever it is.
pub(super) async fn find(app: &App, id: &str) -> Result<Stored<Transaction>, Problem> {
    let unknown = || Problem::of(&kinds::UNKNOWN_TRANSACTION);
    if !is_id(id) {
        return Err(unknown());
    }
    let found = tables::find::<Transaction>(&app.vault, id).await?;
    found.ok_or_else(unknown)
}

/// The characters of an id: 130 bits.
const ID_LEN: usize = 26;

fn is_id(text: &str) -> bool {
    text.len() == ID_LEN && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A transaction to create, for a user or a device.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTransaction {
    /// Whose code accepts it: that of any active device of this user.
    #[schema(min_length = 1, max_length = 128)]
    user: Option<String>,
    /// Whose code accepts it: that of this device.
    #[schema(min_length = 1, max_length = 128)]
    device: Option<String>,
    #[schema(value_type = TransactionSchema)]
    transaction: GivenTransaction,
    /// Seconds until it is over; 300 where nothing is said.
    #[schema(minimum = 1, maximum = 86400)]
    lifetime: Option<u64>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum TransactionStatus {
    Pending,
    Accepted,
    Expired,
}

/// A transaction, and what came of it.
#[derive(Serialize, ToSchema)]
#[schema(as = TransactionState)]
pub(super) struct TransactionView {
    /// Its id, which nobody can guess.
    id: String,
    #[schema(inline)]
    status: TransactionStatus,
    /// The user whose devices can accept it.
    user: Option<String>,
    /// The one device that can accept it.
    device: Option<String>,
    /// What a device reads: `txotp://…`.
    string: String,
    /// SHA-256 of its canonical form, in hexadecimal.
    digest: String,
    /// In Unix seconds.
    created_at: u64,
    /// In Unix seconds: from then on nothing is accepted for it.
    expires_at: u64,
    /// In Unix seconds.
    accepted_at: Option<u64>,
    /// The device by whose code it was accepted.
    accepted_by: Option<String>,
}

/// A new transaction, and what the device is to scan.
#[derive(Serialize, ToSchema)]
pub(super) struct TransactionCreated {
    transaction: TransactionView,
    /// Its string.
    qr: Picture,
}

impl TransactionView {
    fn of(id: &str, transaction: &Transaction, now: u64) -> Result<Self, Fault> {
        let digest = transaction.read()?.as_transaction().digest();
        let accepted = transaction.accepted.as_ref();
        Ok(Self {
            id: id.to_owned(),
            status: transaction.status(now),
            user: transaction.subject.user().map(str::to_owned),
            device: transaction.subject.device().map(str::to_owned),
            string: transaction.string.clone(),
            digest: base16ct::lower::encode_string(digest.as_bytes()),
            created_at: transaction.created_at,
            expires_at: transaction.expires_at,
            accepted_at: accepted.map(|accepted| accepted.at),
            accepted_by: accepted.map(|accepted| accepted.device.clone()),
        })
    }
}

/// Creates a transaction, and gives what the device is to scan.
///
/// The order of details is that in which they are displayed; the code does not depend on it.
#[utoipa::path(
    post, path = "/v1/transactions", tag = "transactions",
    params(IdempotencyHeader),
    request_body = NewTransaction,
    responses(
        (status = 201, body = TransactionCreated, description = "The transaction"),
        (status = 404, body = Problem, description = "unknown-user, unknown-device"),
        (status = 422, body = Problem, description = "bad-name, bad-transaction"),
    ),
)]
pub(super) async fn create_transaction(
    State(app): Shared,
    caller: Verifier,
    idempotency: IdempotencyKey,
    Body { value: wish, text }: Body<NewTransaction>,
) -> Result<Response, Problem> {
    let create = async || {
        let transaction = wish.prepare(&app, &caller).await?;
        let id = random_text::<ID_LEN>(&*app.world)?.to_string();
        let change = tables::insert(&*id, &transaction)?;
        Ok((Deed::Records(vec![change]), id))
    };
    let request = [b"transaction".as_slice(), &text];
    let created = idempotency.once(&app, &caller, &request, create).await?;
    let id = created.answer();
    let transaction = find_of(&app, &caller, id).await?.document;
    let body = TransactionCreated {
        qr: Picture::draw(&transaction.string)?,
        transaction: TransactionView::of(id, &transaction, app.now()?.seconds())?,
    };
    Ok(created.respond(&format!("/v1/transactions/{id}"), &body))
}

impl NewTransaction {
    async fn prepare(&self, app: &App, caller: &Verifier) -> Result<Transaction, Problem> {
        let subject = Subject::of(self.user.clone(), self.device.clone())?;
        let lifetime = match self.lifetime.unwrap_or(LIFETIME) {
            lifetime @ 1..=MAX_LIFETIME => lifetime,
            _ => return Err(Problem::of(&kinds::INVALID).detail("lifetime is 1 to 86400 seconds")),
        };
        let transaction = self.transaction.read()?;
        let string = to_string(&transaction.as_transaction(), Limit::DEFAULT).map_err(|_| {
            Problem::of(&kinds::BAD_TRANSACTION).detail("its string is longer than 600 bytes")
        })?;
        let devices = match &subject {
            Subject::User(user) => of_user(app, user_id(user)?).await?,
            Subject::Device(device) => of_device(app, device_id(device)?).await?,
        };
        let created_at = app.now()?.seconds();
        Ok(Transaction {
            application: caller.application().name.clone(),
            subject,
            string,
            created_at,
            expires_at: created_at.saturating_add(lifetime),
            devices,
            accepted: None,
        })
    }
}

async fn of_user(app: &App, user: UserId) -> Result<Vec<(String, u64)>, Problem> {
    let listed = app.vault.devices_of(user).await?;
    if listed.devices.is_empty() {
        return Err(Problem::of(&kinds::UNKNOWN_USER));
    }
    let standing = listed
        .devices
        .iter()
        .filter(|device| device.status != Status::Revoked);
    Ok(standing
        .map(|device| (device.id.to_string(), device.entries))
        .collect())
}

async fn of_device(app: &App, device: DeviceId) -> Result<Vec<(String, u64)>, Problem> {
    let device = app.vault.device(device).await?;
    Ok(vec![(device.id.to_string(), device.entries)])
}

/// Shows a transaction: whether it was accepted, by which device, and when.
#[utoipa::path(
    get, path = "/v1/transactions/{id}", tag = "transactions",
    params(("id" = String, Path, description = "The transaction")),
    responses(
        (status = 200, body = TransactionView, description = "The transaction"),
        (status = 404, body = Problem, description = "unknown-transaction"),
    ),
)]
pub(super) async fn show_transaction(
    State(app): Shared,
    caller: Verifier,
    Path(id): Path<String>,
) -> Result<axum::Json<TransactionView>, Problem> {
    let transaction = find_of(&app, &caller, &id).await?.document;
    Ok(axum::Json(TransactionView::of(
        &id,
        &transaction,
        app.now()?.seconds(),
    )?))
}

/// A code that was typed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TypedCode {
    /// As it was typed: what is no code is refused like a wrong one, and does not count.
    #[schema(value_type = String)]
    code: SecretText,
}

/// Has a code judged for a transaction.
///
/// A refusal is an answer with status 200 and `accepted` false. A transaction is accepted once: after that every code is answered
/// by 409, and none is used. Of two right codes at once one is accepted; the other is answered by 409.
#[utoipa::path(
    post, path = "/v1/transactions/{id}/verify", tag = "transactions",
    params(("id" = String, Path, description = "The transaction")),
    request_body = TypedCode,
    responses(
        (status = 200, body = Verdict, description = "What came of the code"),
        (status = 404, body = Problem, description = "unknown-transaction"),
        (status = 409, body = Problem, description = "already-accepted"),
        (status = 410, body = Problem, description = "expired"),
    ),
)]
pub(super) async fn verify_transaction(
    State(app): Shared,
    caller: Verifier,
    Path(id): Path<String>,
    Json(typed): Json<TypedCode>,
) -> Result<axum::Json<Verdict>, Problem> {
    for _ in 0..tables::TRIES {
        let stored = find_of(&app, &caller, &id).await?;
        let transaction = &stored.document;
        let now = app.now()?.seconds();
        match transaction.status(now) {
            TransactionStatus::Accepted => return Err(Problem::of(&kinds::ALREADY_ACCEPTED)),
            TransactionStatus::Expired => return Err(Problem::of(&kinds::EXPIRED)),
            TransactionStatus::Pending => {}
        }
        let who = transaction.subject.who()?;
        let purpose = Purpose::Transaction(transaction.read()?.as_transaction().digest());
        let pending = stored.clone();
        let accepted = move |device: &DeviceId| Ok(vec![pending.accepted(device, now)?]);
        let code = typed.code.reveal();
        let judged = app.judge_and_write(&caller, who, purpose, code, accepted);
        if let Some(judged) = judged.await? {
            // The same request twice at once: what the first has done is told, and not that its code is used.
            if judged.is_replay() {
                let now_is = find_of(&app, &caller, &id).await?.document.status(now);
                if matches!(now_is, TransactionStatus::Accepted) {
                    return Err(Problem::of(&kinds::ALREADY_ACCEPTED));
                }
            }
            return Ok(axum::Json(Verdict::of(&judged, &transaction.subject)?));
        }
        // Another code was accepted for it meanwhile.
    }
    Err(Fault::Contended.into())
}

impl Stored<Transaction> {
    /// The change by which it is accepted, if it still is as it was read.
    fn accepted(&self, device: &DeviceId, at: u64) -> Result<Change, Fault> {
        let accepted = Some(Accepted {
            device: device.to_string(),
            at,
        });
        self.replace(&Transaction {
            accepted,
            ..self.document.clone()
        })
    }
}
