//! API keys of applications.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use txotp_core::TextProfile;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page;
use super::secret::HandedOut;
use crate::App;
use crate::http::{Administrator, Body, Path, Problem, Query, Shared, kinds};
use crate::idempotency::{Deed, IdempotencyHeader, IdempotencyKey};
use crate::keys::{self, APPLICATIONS, ApiKey, Holder, MAX_APPLICATION_NAME, Revoked, Role};
use crate::tables::Stored;

/// The longest URL of callbacks, in bytes.
const MAX_URL: usize = 2048;

/// Its routes.
pub(super) fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(create_key, list_keys))
        .routes(routes!(revoke_key))
}

/// A key to make, for one of the bank's applications.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewKey {
    /// The application's name, for people and for the evidence: 1 to 64 bytes.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// What it may do.
    #[schema(min_items = 1, max_items = 3)]
    roles: Vec<Role>,
    /// Where its callbacks go: `https://…`. They are signed with the key, as Authy's clients check it; so the key itself is
    /// then kept, sealed.
    #[schema(max_length = 2048)]
    callback_url: Option<String>,
}

/// A key, without the key itself.
#[derive(Serialize, Deserialize, ToSchema)]
pub(super) struct Key {
    /// The part that names it: no secret.
    id: String,
    name: String,
    roles: Vec<Role>,
    callback_url: Option<String>,
    /// When it was made, in Unix seconds.
    created_at: u64,
    /// When it was revoked, in Unix seconds.
    revoked_at: Option<u64>,
}

/// A new key.
#[derive(Serialize, Deserialize, ToSchema)]
pub(super) struct KeyCreated {
    /// The key itself, for `Authorization: Bearer …`: shown this once.
    #[schema(value_type = String)]
    key: HandedOut,
    about: Key,
}

/// Makes a key. It is shown once; the store has a hash of it.
#[utoipa::path(
    post, path = "/v1/keys", tag = "keys",
    params(IdempotencyHeader),
    request_body = NewKey,
    responses(
        (status = 201, body = KeyCreated, description = "The key"),
        (status = 422, body = Problem, description = "bad-name"),
    ),
)]
pub(super) async fn create_key(
    State(app): Shared,
    caller: Administrator,
    idempotency: IdempotencyKey,
    Body { value: wish, text }: Body<NewKey>,
) -> Result<Response, Problem> {
    let create = async || {
        let holder = wish.holder(app.config.callbacks.allow_private)?;
        let signs = wish.callback_url.is_some();
        let (text, change) = keys::prepare(&app.vault, &*app.world, holder, signs)?;
        let about = Key {
            id: text.id().to_owned(),
            name: wish.name.clone(),
            roles: wish.roles.clone(),
            callback_url: wish.callback_url.clone(),
            created_at: app.now()?.seconds(),
            revoked_at: None,
        };
        let key = text.reveal().to_owned().into();
        Ok((Deed::Records(vec![change]), KeyCreated { key, about }))
    };
    let request = [b"key".as_slice(), &text];
    let created = idempotency.once(&app, &caller, &request, create).await?;
    let answer = created.answer();
    let id = &*answer.about.id;
    tracing::info!(actor = caller.actor().as_str(), key = id, "a key was made");
    Ok(created.respond(&format!("/v1/keys/{id}"), answer))
}

impl NewKey {
    fn holder(&self, allow_plain: bool) -> Result<Holder, Problem> {
        let invalid = |why| Problem::of(&kinds::INVALID).detail(why);
        let is_name = (1..=MAX_APPLICATION_NAME).contains(&self.name.len())
            && TextProfile::Standard.first_forbidden(&self.name).is_none();
        if !is_name {
            return Err(Problem::of(&kinds::BAD_NAME));
        }
        let times = |role| self.roles.iter().filter(|own| **own == role).count();
        if self.roles.is_empty() || Role::ALL.into_iter().any(|role| times(role) > 1) {
            return Err(invalid("roles names one at least, and each once"));
        }
        let mut url = self.callback_url.iter();
        if !url.all(|url| is_callback_url(url, allow_plain)) {
            return Err(invalid(
                "callback_url is https://, names a host and no user, and has at most 2048 bytes",
            ));
        }
        Ok(Holder::Application {
            name: self.name.clone(),
            roles: self.roles.clone(),
            callback_url: self.callback_url.clone(),
        })
    }
}

/// Whether callbacks can go there. Which addresses they may reach is checked when they are sent.
fn is_callback_url(url: &str, allow_plain: bool) -> bool {
    let Ok(uri) = url.parse::<Uri>() else {
        return false;
    };
    let is_secure = url.starts_with("https://") || (allow_plain && url.starts_with("http://"));
    let authority = uri.authority();
    let names_host =
        authority.is_some_and(|it| !it.host().is_empty() && !it.as_str().contains('@'));
    is_secure && names_host && !url.contains('#') && url.len() <= MAX_URL
}

/// Which keys.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct KeysQuery {
    /// Only those after this id: `next` of the page before.
    #[param(pattern = "^[a-z2-7]{8}$")]
    after: Option<String>,
    /// At most so many; 100.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// Keys, in the order of their ids.
#[derive(Serialize, ToSchema)]
pub(super) struct Keys {
    keys: Vec<Key>,
    /// What to give as `after` for the next page; null where there is none.
    next: Option<String>,
}

/// Lists the keys of applications, revoked ones too.
#[utoipa::path(
    get, path = "/v1/keys", tag = "keys",
    params(KeysQuery),
    responses((status = 200, body = Keys, description = "A page")),
)]
pub(super) async fn list_keys(
    State(app): Shared,
    _: Administrator,
    Query(query): Query<KeysQuery>,
) -> Result<axum::Json<Keys>, Problem> {
    let (found, next) = query.read(&app, APPLICATIONS).await?;
    Ok(axum::Json(Keys {
        keys: found.iter().filter_map(shown).collect(),
        next,
    }))
}

impl KeysQuery {
    /// The page of an owner's keys that is asked for, and where the next begins.
    pub(super) async fn read(
        &self,
        app: &App,
        owner: &str,
    ) -> Result<(Vec<Stored<ApiKey>>, Option<String>), Problem> {
        let after = self.after.as_deref();
        if after.is_some_and(|after| !keys::is_id(after)) {
            return Err(Problem::of(&kinds::BAD_QUERY).detail("after is the id of a key"));
        }
        page::of(app, owner, after, self.limit).await
    }
}

fn shown(stored: &Stored<ApiKey>) -> Option<Key> {
    let key = &stored.document;
    match &key.holder {
        Holder::Application {
            name,
            roles,
            callback_url,
        } => Some(Key {
            id: stored.key.clone(),
            name: name.clone(),
            roles: roles.clone(),
            callback_url: callback_url.clone(),
            created_at: key.created_at,
            revoked_at: key.revoked_at,
        }),
        Holder::Device { .. } => None,
    }
}

/// Revokes a key, of an application or of a device, for ever. What is revoked already stays so.
#[utoipa::path(
    delete, path = "/v1/keys/{id}", tag = "keys",
    params(("id" = String, Path, description = "The key's id")),
    responses(
        (status = 204, description = "It is revoked"),
        (status = 404, body = Problem, description = "unknown-key"),
        (status = 409, body = Problem, description = "last-administrator"),
    ),
)]
pub(super) async fn revoke_key(
    State(app): Shared,
    caller: Administrator,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    if !keys::is_id(&id) {
        return Err(Problem::of(&kinds::UNKNOWN_KEY));
    }
    match keys::revoke(&app, &id, app.now()?).await? {
        Revoked::Done => {
            tracing::info!(
                actor = caller.actor().as_str(),
                key = id,
                "a key was revoked"
            );
            Ok(StatusCode::NO_CONTENT)
        }
        Revoked::Unknown => Err(Problem::of(&kinds::UNKNOWN_KEY)),
        Revoked::Last => Err(Problem::of(&kinds::LAST_ADMINISTRATOR)),
    }
}
