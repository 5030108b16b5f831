//! API keys: who may ask for what.
//!
//! A key is `id ‖ secret`, 8 and 32 characters. The store has a keyed hash of it, and never the key itself, but of a key that
//! signs callbacks: a signature is an HMAC under the key, because Authy's clients check it so.

use core::fmt;

use serde::{Deserialize, Serialize};
use txotp_core::UnixTime;
use txotp_store::{Actor, Change, KeyedDigest, Kind, Vault};
use zeroize::{Zeroize as _, Zeroizing};

use crate::tables::{self, Document, Pages, Stored};
use crate::world::random_text;
use crate::{App, Fault, World};

const ID_LEN: usize = 8;
const SECRET_LEN: usize = 32;

/// The owner of the keys of all applications.
pub(crate) const APPLICATIONS: &str = "applications";

/// The owner of a device's keys.
pub(crate) fn owner_of_device(device: &str) -> String {
    format!("device {device}")
}

/// What a key allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// To enrol and administer users, devices and keys.
    Administer,
    /// To create transactions, approval requests and challenges, and to have codes judged.
    Verify,
    /// To read the evidence.
    Audit,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 3] = [Self::Administer, Self::Verify, Self::Audit];
}

/// Whom a key is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holder {
    /// One of the bank's applications, with what it may do.
    Application {
        /// Its name, for people and for the evidence.
        name: String,
        /// What it may do.
        roles: Vec<Role>,
        /// Where its callbacks go.
        callback_url: Option<String>,
    },
    /// A device, which may see and answer its own approval requests.
    Device {
        /// Its name in the store.
        device: String,
        /// Whose device it is.
        user: String,
    },
}

/// A key as it is stored.
#[derive(Clone, Serialize, Deserialize)]
pub struct ApiKey {
    /// Whom it is for.
    pub holder: Holder,
    /// When it was made, in Unix seconds.
    pub created_at: u64,
    /// When it was revoked.
    pub revoked_at: Option<u64>,
    hash: [u8; 32],
    /// The key itself, of those that sign callbacks.
    signs_with: Option<String>,
    /// Whether it signed until it was revoked.
    #[serde(default)]
    has_signed: bool,
}

impl Drop for ApiKey {
    fn drop(&mut self) {
        self.signs_with.zeroize();
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey")
            .field("holder", &self.holder)
            .field("created_at", &self.created_at)
            .field("revoked_at", &self.revoked_at)
            .finish_non_exhaustive()
    }
}

impl Document for ApiKey {
    const KIND: Kind = Kind::new("api-key");

    fn owner(&self) -> Option<String> {
        Some(match &self.holder {
            Holder::Application { .. } => APPLICATIONS.to_owned(),
            Holder::Device { device, .. } => owner_of_device(device),
        })
    }
}

/// A key as its holder has it: shown once.
#[derive(Clone)]
pub struct KeyText(Zeroizing<String>);

impl KeyText {
    /// The text.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The part that names it: no secret.
    #[must_use]
    #[expect(
        clippy::missing_panics_doc,
        reason = "every way to make a key gives it its length"
    )]
    pub fn id(&self) -> &str {
        self.0
            .get(..ID_LEN)
            .expect("a key is longer than its id, and ASCII")
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyText(…)")
    }
}

/// Who asks, as its key proves.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The key's id.
    pub(crate) key: String,
    pub(crate) holder: Holder,
}

impl Caller {
    /// Whether an application's key allows this.
    pub(crate) fn may(&self, role: Role) -> bool {
        matches!(&self.holder, Holder::Application { roles, .. } if roles.contains(&role))
    }

    /// Who acts, for the evidence.
    pub(crate) fn actor(&self) -> Actor {
        let name = match &self.holder {
            Holder::Application { name, .. } => format!("app:{name}/{}", self.key),
            Holder::Device { .. } => format!("device-key:{}", self.key),
        };
        Actor::new(name).expect("a holder's name is checked where the key is made, and leaves room")
    }
}

/// The longest name of an application, in bytes: with the key's id it is an actor's name.
pub(crate) const MAX_APPLICATION_NAME: usize = 64;

/// Whether a text can be a key's id.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == ID_LEN && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Makes a key, and gives what is shown once.
///
/// # Errors
/// [`Fault`]; there is no new key then, or nobody knows it.
pub(crate) async fn create(
    vault: &Vault,
    world: &dyn World,
    holder: Holder,
    signs_callbacks: bool,
) -> Result<KeyText, Fault> {
    let (text, change) = prepare(vault, world, holder, signs_callbacks)?;
    if tables::write(vault, vec![change]).await? {
        Ok(text)
    } else {
        // 40 random bits were those of another key: the next will not be.
        Err(Fault::Contended)
    }
}

/// A key, and the change that makes it one.
pub(crate) fn prepare(
    vault: &Vault,
    world: &dyn World,
    holder: Holder,
    signs_callbacks: bool,
) -> Result<(KeyText, Change), Fault> {
    let text = KeyText(random_text::<{ ID_LEN + SECRET_LEN }>(world)?);
    let key = ApiKey {
        holder,
        created_at: world.now()?.seconds(),
        revoked_at: None,
        hash: *hash(vault, text.reveal()).as_bytes(),
        signs_with: signs_callbacks.then(|| text.reveal().to_owned()),
        has_signed: false,
    };
    let change = tables::insert(text.id(), &key)?;
    Ok((text, change))
}

/// Who has this key: nobody, where it is not one of ours, or revoked.
pub(crate) async fn authenticate(vault: &Vault, text: &str) -> Result<Option<Caller>, Fault> {
    let is_key = text.len() == ID_LEN + SECRET_LEN;
    let Some(id) = text.get(..ID_LEN).filter(|id| is_key && is_id(id)) else {
        return Ok(None);
    };
    let Some(stored) = tables::find::<ApiKey>(vault, id).await? else {
        return Ok(None);
    };
    let key = stored.document;
    let matches = hash(vault, text).matches(&key.hash);
    Ok((matches && key.revoked_at.is_none()).then(|| Caller {
        key: id.to_owned(),
        holder: key.holder.clone(),
    }))
}

/// What came of revoking a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Revoked {
    /// It is revoked, or was before.
    Done,
    /// There is none of this id.
    Unknown,
    /// Without it nobody could administer.
    Last,
}

/// Revokes a key, for ever, unless it is the last that administers. With one that does, another that does is held as it is: of two
/// that leave each other, one finds that the other has changed, and looks again.
pub(crate) async fn revoke(app: &App, id: &str, now: UnixTime) -> Result<Revoked, Fault> {
    for _ in 0..tables::TRIES {
        let Some(found) = tables::find::<ApiKey>(&app.vault, id).await? else {
            return Ok(Revoked::Unknown);
        };
        if found.document.revoked_at.is_some() {
            return Ok(Revoked::Done);
        }
        let mut changes = vec![found.replace(&found.document.revoked(now))?];
        if found.document.administers() {
            let Some(other) = another_that_administers(app, id).await? else {
                return Ok(Revoked::Last);
            };
            let Some(held) = other.hold(&app.vault).await? else {
                continue;
            };
            changes.push(held);
        }
        if tables::write(&app.vault, changes).await? {
            return Ok(Revoked::Done);
        }
    }
    Err(Fault::Contended)
}

/// Revokes all keys of a device.
pub(crate) async fn revoke_of_device(app: &App, device: &str, now: UnixTime) -> Result<(), Fault> {
    let mut pages = Pages::<ApiKey>::of(&owner_of_device(device), None);
    while let Some(keys) = pages.next(app).await? {
        for key in &keys {
            revoke(app, &key.key, now).await?;
        }
    }
    Ok(())
}

/// The keys that an application has and had.
pub(crate) async fn of_application(app: &App, name: &str) -> Result<Vec<ApiKey>, Fault> {
    let is_its = |key: &ApiKey| match &key.holder {
        Holder::Application { name: its, .. } => its == name,
        Holder::Device { .. } => false,
    };
    let mut found = Vec::new();
    let mut pages = Pages::<ApiKey>::of(APPLICATIONS, None);
    while let Some(keys) = pages.next(app).await? {
        let documents = keys.into_iter().map(|stored| stored.document);
        found.extend(documents.filter(is_its));
    }
    Ok(found)
}

/// The next that administers, in the order of ids, and after the last the first: those who revoke many keys at once share few.
async fn another_that_administers(app: &App, id: &str) -> Result<Option<Stored<ApiKey>>, Fault> {
    let is_other = |key: &Stored<ApiKey>| key.key != id && key.document.administers();
    for after in [Some(id), None] {
        let mut pages = Pages::<ApiKey>::of(APPLICATIONS, after);
        while let Some(keys) = pages.next(app).await? {
            if let Some(other) = keys.into_iter().find(is_other) {
                return Ok(Some(other));
            }
        }
    }
    Ok(None)
}

impl ApiKey {
    /// Whether it is not revoked, and may administer.
    fn administers(&self) -> bool {
        let may = matches!(&self.holder, Holder::Application { roles, .. } if roles.contains(&Role::Administer));
        may && self.revoked_at.is_none()
    }

    fn revoked(&self, now: UnixTime) -> Self {
        let mut key = self.clone();
        key.revoked_at = Some(now.seconds());
        key.has_signed = self.was_made_to_sign();
        key.signs_with.zeroize();
        key.signs_with = None;
        key
    }

    /// Whether it signs callbacks, or did so until it was revoked.
    pub(crate) fn was_made_to_sign(&self) -> bool {
        self.signs_with.is_some() || self.has_signed
    }

    /// The key that callbacks are signed with, unless it is revoked or signs none.
    pub(crate) fn signs_with(&self) -> Option<Zeroizing<String>> {
        let key = self.signs_with.clone().map(Zeroizing::new);
        key.filter(|_| self.revoked_at.is_none())
    }
}

fn hash(vault: &Vault, text: &str) -> KeyedDigest {
    vault.keyed_digest("api-key", text.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tempfile::TempDir;
    use tokio::task::JoinSet;
    use txotp_store::{Act, KeyService, Keyring, Location, Options};

    use super::*;
    use crate::SystemWorld;
    use crate::config::Config;

    fn app() -> (TempDir, Arc<App>) {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(folder.path().join("store.db"));
        let keys: Arc<dyn KeyService> = Arc::new(Keyring::new("test".parse().unwrap()).unwrap());
        let act = Act {
            actor: Actor::new("test").unwrap(),
            now: UnixTime::from_seconds(0),
        };
        Vault::create(&location, &keys, Options::default(), &act).unwrap();
        let vault = Vault::open(&location, keys, Options::default()).unwrap();
        let app = App::new(vault, Arc::new(SystemWorld), Config::default());
        (folder, Arc::new(app))
    }

    fn key(name: &str, roles: &[Role]) -> ApiKey {
        ApiKey {
            holder: Holder::Application {
                name: name.to_owned(),
                roles: roles.to_vec(),
                callback_url: None,
            },
            created_at: 0,
            revoked_at: None,
            hash: [0; 32],
            signs_with: None,
            has_signed: false,
        }
    }

    /// Puts so many keys into the store, in the order of their ids.
    async fn insert(app: &App, count: usize, key: &ApiKey) -> Vec<String> {
        let ids: Vec<_> = (0..count).map(|at| format!("{at:08}")).collect();
        for part in ids.chunks(tables::MAX_CHANGES) {
            let changes = part.iter().map(|id| tables::insert(id, key).unwrap());
            let changes = changes.collect();
            assert!(tables::write(&app.vault, changes).await.unwrap());
        }
        ids
    }

    #[tokio::test]
    async fn no_key_of_an_application_is_behind_those_of_others() {
        let (_folder, app) = app();
        insert(&app, 1024, &key("other", &[])).await;
        let last = tables::insert("zzzzzzzz", &key("bank", &[])).unwrap();
        assert!(tables::write(&app.vault, vec![last]).await.unwrap());
        let found = of_application(&app, "bank").await.unwrap();
        assert_eq!(found.len(), 1);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_all_keys_that_are_revoked_at_once_the_last_that_administers_stays() {
        for (roles, left) in [(&[Role::Administer][..], 1), (&[Role::Verify], 0)] {
            let (_folder, app) = app();
            let ids = insert(&app, 150, &key("bank", roles)).await;
            let mut tasks = JoinSet::new();
            for id in ids {
                let app = Arc::clone(&app);
                tasks.spawn(async move { revoke(&app, &id, UnixTime::from_seconds(1)).await });
            }
            let revoked: Vec<_> = tasks.join_all().await;
            let last = revoked.iter().filter(|one| **one == Ok(Revoked::Last));
            assert_eq!(last.count(), left);
            let done = revoked.iter().filter(|one| **one == Ok(Revoked::Done));
            assert_eq!(done.count(), 150 - left, "{revoked:?}");
            let all = of_application(&app, "bank").await.unwrap();
            let in_use = all.iter().filter(|key| key.revoked_at.is_none());
            assert_eq!(in_use.count(), left);
        }
    }
}
