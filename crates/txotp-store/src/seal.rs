//! Seeds at rest: sealed under keys that are kept elsewhere.

use core::fmt;
use core::str::FromStr;

use zeroize::Zeroizing;

use crate::limits::MAX_KEY_ID_LEN;

mod cipher;
mod keyring;

pub(crate) use cipher::{Cipher, OVERHEAD};
pub use keyring::Keyring;

/// Keeps keys, and seals and opens with them. [`Keyring`] keeps them in a file; a key management service
/// or a PKCS#11 token can stand here as well.
///
/// What is sealed must be encrypted and authenticated, and opens only in the context that it was sealed
/// in: a seed's context names its device, so sealed seeds cannot be exchanged between rows.
pub trait KeyService: Send + Sync + fmt::Debug {
    /// The id of the key that new secrets are sealed under.
    fn current(&self) -> KeyId;

    /// Seals a secret of at most 256 bytes under the current key. No two calls give the same bytes.
    ///
    /// # Errors
    /// [`KeyError`]: nothing was sealed.
    fn seal(&self, context: &[u8], secret: &[u8]) -> Result<Sealed, KeyError>;

    /// Opens what was sealed, under whichever key it was.
    ///
    /// # Errors
    /// [`KeyError::Missing`] and [`KeyError::Wrong`] tell a key that is not there from one that is not
    /// the right one.
    fn open(&self, context: &[u8], sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, KeyError>;
}

/// A sealed secret, and the key that opens it.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The key.
    pub key: KeyId,
    /// What the key service made of the secret.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// Names a key: 1 to 32 of `A-Z a-z 0-9 . _ -`. It stands in rows, errors and evidence, and is no
/// secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId {
    bytes: [u8; MAX_KEY_ID_LEN],
    len: u8,
}

impl KeyId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        core::str::from_utf8(bytes).unwrap_or_default()
    }
}

impl FromStr for KeyId {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
        if text.is_empty() || !text.as_bytes().iter().all(allowed) {
            return Err(KeyError::BadId);
        }
        let mut bytes = [0; MAX_KEY_ID_LEN];
        let room = bytes.get_mut(..text.len()).ok_or(KeyError::BadId)?;
        room.copy_from_slice(text.as_bytes());
        let len = u8::try_from(text.len()).map_err(|_| KeyError::BadId)?;
        Ok(Self { bytes, len })
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// What is wrong with a key. The operator's to mend, in every case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// The key file cannot be read.
    Unreadable,
    /// The key file can be read or written by others than its owner: `chmod 600`.
    Permissions,
    /// The key file cannot be written.
    Unwritable(std::io::ErrorKind),
    /// Another program is changing the key file: retry. Where none is, one was interrupted: look at `FILE.new`
    /// beside it, and remove that.
    Held,
    /// The key file is longer than 16 KiB, or has more than 64 keys.
    TooLong,
    /// A line is not an id, a blank, and 64 hexadecimal digits. The first line is 1.
    Line(u32),
    /// Two keys have one id, or two ids have one key. The line of the second.
    Repeated(u32),
    /// There is no key.
    Empty,
    /// An id is not 1 to 32 of `A-Z a-z 0-9 . _ -`.
    BadId,
    /// There is a key of this id already.
    Taken(KeyId),
    /// What is stored was sealed under this key, and it is not there.
    Missing(KeyId),
    /// The key of this id is not the one that it was sealed under; or what is sealed was changed.
    Wrong(KeyId),
    /// The secret is longer than a key service seals.
    SecretTooLong,
    /// The operating system gave no entropy.
    Entropy,
    /// The key service did not answer. Whether it will later, only it knows.
    Unavailable,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => f.write_str("the key file cannot be read"),
            Self::Permissions => {
                f.write_str("the key file can be read or written by others than its owner")
            }
            Self::Unwritable(kind) => write!(f, "the key file cannot be written: {kind}"),
            Self::Held => f.write_str("the key file is being changed: FILE.new is there beside it"),
            Self::TooLong => f.write_str("the key file is too long"),
            Self::Line(line) => write!(f, "line {line} of the keys is not an id and 64 hex digits"),
            Self::Repeated(line) => write!(f, "line {line} of the keys repeats an id or a key"),
            Self::Empty => f.write_str("there is no key"),
            Self::BadId => f.write_str("a key's id is not 1 to 32 of A-Z a-z 0-9 . _ -"),
            Self::Taken(id) => write!(f, "there is a key {id} already"),
            Self::Missing(id) => write!(f, "the key {id} is missing"),
            Self::Wrong(id) => write!(f, "the key {id} does not open what was sealed under it"),
            Self::SecretTooLong => f.write_str("the secret is longer than can be sealed"),
            Self::Entropy => f.write_str("the operating system gave no entropy"),
            Self::Unavailable => f.write_str("the key service does not answer"),
        }
    }
}

impl core::error::Error for KeyError {}
