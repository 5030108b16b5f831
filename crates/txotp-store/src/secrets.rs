//! The secrets of a store: its key service, and the keys that come from its root.

use std::sync::Arc;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use txotp_core::{Algorithm, PinHash, Seed};
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::Damage;
use crate::limits::MAX_BODY_LEN;
use crate::seal::{Cipher, KeyService, OVERHEAD, Sealed};
use crate::{DeviceId, StoreError};

/// What a store can do that nobody can who only holds its rows.
///
/// From a root of 32 random bytes, which is sealed beside the rows, come six keys: each is
/// HMAC-SHA-256(root, label).
pub(crate) struct Secrets {
    service: Arc<dyn KeyService>,
    /// The name of the store.
    store: String,
    rows: Hmac<Sha256>,
    lines: Hmac<Sha256>,
    digests: Hmac<Sha256>,
    checkpoints: Hmac<Sha256>,
    lent: Hmac<Sha256>,
    records: Cipher,
}

/// The root of a store's own keys.
pub(crate) type Root = Zeroizing<[u8; 32]>;

/// What proves that a row or a checkpoint was written by this store.
pub(crate) type Mark = [u8; 32];

impl Secrets {
    pub(crate) fn new(service: Arc<dyn KeyService>, store: String, root: &Root) -> Self {
        let derive = |label: &[u8]| {
            let mut key = keyed(root.as_ref());
            key.update(label);
            let mut bytes = key.finalize().into_bytes();
            let derived = Root::new(bytes.into());
            bytes.zeroize();
            derived
        };
        let keyed = |label: &[u8]| keyed(derive(label).as_ref());
        Self {
            service,
            store,
            rows: keyed(b"txotp-1:rows"),
            lines: keyed(b"txotp-1:lines"),
            digests: keyed(b"txotp-1:digests"),
            checkpoints: keyed(b"txotp-1:checkpoints"),
            lent: keyed(b"txotp-1:lent"),
            records: Cipher::new(&derive(b"txotp-1:records")),
        }
    }

    pub(crate) fn service(&self) -> &dyn KeyService {
        &*self.service
    }

    /// Seals a seed, and the PIN's hash where there is one, for a device.
    pub(crate) fn seal_seed(
        &self,
        device: &DeviceId,
        seed: &Seed,
        pin: Option<&PinHash>,
    ) -> Result<Sealed, StoreError> {
        let packed = pack(seed, pin);
        Ok(self.service.seal(&self.seed_context(device), &packed)?)
    }

    pub(crate) fn open_seed(
        &self,
        device: &DeviceId,
        sealed: &Sealed,
    ) -> Result<(Seed, Option<PinHash>), StoreError> {
        let packed = self.service.open(&self.seed_context(device), sealed)?;
        unpack(&packed).ok_or(StoreError::Damaged(Damage::Content))
    }

    /// Seals a seed anew under the current key, without a look at it.
    pub(crate) fn reseal_seed(
        &self,
        device: &DeviceId,
        sealed: &Sealed,
    ) -> Result<Sealed, StoreError> {
        reseal(&*self.service, &self.seed_context(device), sealed)
    }

    /// The mark of a row.
    pub(crate) fn row_mark(&self, fields: &[&[u8]]) -> Mark {
        mark(&self.rows, fields)
    }

    /// What the evidence says of a digest: who holds only the log cannot try guesses on it.
    pub(crate) fn digest_mark(&self, digest: &[u8]) -> Mark {
        mark(&self.digests, &[digest])
    }

    /// The mark of a line of evidence.
    pub(crate) fn line_mark(&self, body: &[u8]) -> Mark {
        mark(&self.lines, &[body])
    }

    /// The digest of what a caller does not keep itself.
    pub(crate) fn lent_mark(&self, label: &str, data: &[u8]) -> Mark {
        mark(&self.lent, &[label.as_bytes(), data])
    }

    /// Seals a record's body, bound to this store and to the fields that stand beside it.
    pub(crate) fn seal_record(&self, fields: &[&[u8]], body: &[u8]) -> Result<Vec<u8>, StoreError> {
        Ok(self.records.seal(&self.record_context(fields), body)?)
    }

    pub(crate) fn open_record(
        &self,
        fields: &[&[u8]],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let damaged = StoreError::Damaged(Damage::Record);
        if sealed.len() > MAX_BODY_LEN + OVERHEAD {
            return Err(damaged);
        }
        let opened = self.records.open(&self.record_context(fields), sealed);
        opened.ok_or(damaged)
    }

    fn record_context(&self, fields: &[&[u8]]) -> Vec<u8> {
        let mut context = b"txotp-1:record\0".to_vec();
        context.extend(self.store.as_bytes());
        framed(fields, |bytes| context.extend(bytes));
        context
    }

    /// What a seed is bound to: the store, whose name has one length, and the device.
    fn seed_context(&self, device: &DeviceId) -> Vec<u8> {
        let (store, device) = (self.store.as_bytes(), device.as_str().as_bytes());
        [b"txotp-1:seed\0", store, device].concat()
    }

    /// The mark of a checkpoint.
    pub(crate) fn checkpoint_mark(&self, body: &[u8]) -> Mark {
        mark(&self.checkpoints, &[body])
    }
}

/// Compares marks in a time that does not depend on them.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

/// Makes a root, and seals it for a store.
pub(crate) fn new_root(
    service: &dyn KeyService,
    store: &str,
) -> Result<(Root, Sealed), StoreError> {
    let mut root = Root::default();
    getrandom::fill(root.as_mut())?;
    let sealed = service.seal(&root_context(store), root.as_ref())?;
    Ok((root, sealed))
}

pub(crate) fn open_root(
    service: &dyn KeyService,
    store: &str,
    sealed: &Sealed,
) -> Result<Root, StoreError> {
    let opened = service.open(&root_context(store), sealed)?;
    let bytes: &[u8; 32] = opened
        .as_slice()
        .try_into()
        .map_err(|_| StoreError::Damaged(Damage::Content))?;
    Ok(Zeroizing::new(*bytes))
}

pub(crate) fn reseal_root(
    service: &dyn KeyService,
    store: &str,
    sealed: &Sealed,
) -> Result<Sealed, StoreError> {
    reseal(service, &root_context(store), sealed)
}

fn reseal(service: &dyn KeyService, context: &[u8], sealed: &Sealed) -> Result<Sealed, StoreError> {
    Ok(service.seal(context, &service.open(context, sealed)?)?)
}

fn root_context(store: &str) -> Vec<u8> {
    [b"txotp-1:root\0", store.as_bytes()].concat()
}

/// A format byte, 1; the seed's length and the seed; the length of the name of the PIN's algorithm (0 for
/// none), the name and the PIN's hash.
fn pack(seed: &Seed, pin: Option<&PinHash>) -> Zeroizing<Vec<u8>> {
    // Room for all, so that growing leaves no copy behind.
    let mut packed = Zeroizing::new(Vec::with_capacity(160));
    let [length, ..] = seed.reveal().len().to_le_bytes();
    packed.extend([1, length]);
    packed.extend(seed.reveal());
    let name = pin.map_or("", |pin| pin.algorithm().name());
    let [length, ..] = name.len().to_le_bytes();
    packed.push(length);
    packed.extend(name.as_bytes());
    packed.extend(pin.map_or::<&[u8], _>(&[], PinHash::reveal));
    packed
}

fn unpack(packed: &[u8]) -> Option<(Seed, Option<PinHash>)> {
    let ([1, length], rest) = packed.split_first_chunk()? else {
        return None;
    };
    let (seed, rest) = rest.split_at_checked(usize::from(*length))?;
    let ([length], rest) = rest.split_first_chunk()?;
    let (name, hash) = rest.split_at_checked(usize::from(*length))?;
    let pin = if name.is_empty() && hash.is_empty() {
        None
    } else {
        let algorithm = Algorithm::from_name(core::str::from_utf8(name).ok()?).ok()?;
        Some(PinHash::from_bytes(algorithm, hash).ok()?)
    };
    Some((Seed::from_bytes(seed).ok()?, pin))
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("an HMAC takes a key of any length (RFC 2104 section 2)")
}

fn mark(key: &Hmac<Sha256>, fields: &[&[u8]]) -> Mark {
    let mut mac = key.clone();
    framed(fields, |bytes| mac.update(bytes));
    mac.finalize().into_bytes().into()
}

/// Each field is preceded by its length, so no two lists of fields have the same bytes.
fn framed(fields: &[&[u8]], mut take: impl FnMut(&[u8])) {
    for field in fields {
        let length = u64::try_from(field.len()).unwrap_or(u64::MAX);
        take(&length.to_be_bytes());
        take(field);
    }
}
