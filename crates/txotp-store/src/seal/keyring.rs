//! Keys in a file, or in a variable of the environment.

use core::fmt;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::cipher::{Cipher, OVERHEAD};
use super::{KeyError, KeyId, KeyService, Sealed};
use crate::limits::{MAX_KEYRING_LEN, MAX_KEYS};

const MAX_SECRET_LEN: usize = 256;

/// Keys of 32 bytes for AES-256-GCM-SIV (RFC 8452). The last one seals; all of them open.
///
/// As text it has one key on each line, an id, a blank and 64 hexadecimal digits; empty lines and those
/// that begin with `#` say nothing. What is sealed is a random nonce of 12 bytes, the ciphertext and the
/// tag of 16 bytes.
///
/// ```
/// use txotp_store::{KeyService, Keyring};
///
/// let mut keys = Keyring::parse(&format!("2026-a {}\n", "11".repeat(32)))?;
/// let sealed = keys.seal(b"context", b"secret")?;
/// keys.generate("2027-a".parse()?)?;
/// assert_eq!(keys.current().as_str(), "2027-a");
/// assert_eq!(keys.open(b"context", &sealed)?.as_slice(), b"secret");
/// assert!(keys.open(b"another context", &sealed).is_err());
/// # Ok::<(), txotp_store::KeyError>(())
/// ```
pub struct Keyring {
    keys: Vec<Key>,
    current: KeyId,
}

struct Key {
    id: KeyId,
    /// In a place of its own, so that no copy of it is left behind where the key was moved from.
    bytes: Box<Zeroizing<[u8; 32]>>,
}

impl Keyring {
    /// Makes a keyring with one new key, from the operating system's entropy.
    ///
    /// # Errors
    /// [`KeyError::Entropy`].
    pub fn new(id: KeyId) -> Result<Self, KeyError> {
        let mut ring = Self {
            keys: Vec::with_capacity(MAX_KEYS),
            current: id,
        };
        ring.generate(id)?;
        Ok(ring)
    }

    /// Adds a new key, which seals from now on.
    ///
    /// # Errors
    /// [`KeyError::Taken`], [`KeyError::TooLong`] with 64 keys, [`KeyError::Entropy`].
    pub fn generate(&mut self, id: KeyId) -> Result<(), KeyError> {
        if self.find(id).is_some() {
            return Err(KeyError::Taken(id));
        }
        if self.keys.len() >= MAX_KEYS {
            return Err(KeyError::TooLong);
        }
        let mut bytes = Box::new(Zeroizing::new([0; 32]));
        getrandom::fill(bytes.as_mut_slice()).map_err(|_| KeyError::Entropy)?;
        self.keys.push(Key { id, bytes });
        self.current = id;
        Ok(())
    }

    /// Reads keys from text.
    ///
    /// # Errors
    /// [`KeyError`], with the line where there is one.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut keys: Vec<Key> = Vec::with_capacity(MAX_KEYS);
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if keys.len() >= MAX_KEYS {
                return Err(KeyError::TooLong);
            }
            let key = Key::parse(line).ok_or(KeyError::Line(number))?;
            let same = |other: &Key| {
                other.id == key.id || bool::from(other.bytes.as_slice().ct_eq(key.bytes.as_slice()))
            };
            if keys.iter().any(same) {
                return Err(KeyError::Repeated(number));
            }
            keys.push(key);
        }
        let current = keys.last().ok_or(KeyError::Empty)?.id;
        Ok(Self { keys, current })
    }

    /// Reads keys from a file that only its owner can read.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let mut file = File::open(path).map_err(|_| KeyError::Unreadable)?;
        check_permissions(&file)?;
        let limit = MAX_KEYRING_LEN.saturating_add(1);
        // Never grown, so that no copy of a key is left behind.
        let room = usize::try_from(limit).unwrap_or_default();
        let mut text = Zeroizing::new(String::with_capacity(room));
        let length = (&mut file)
            .take(limit)
            .read_to_string(&mut text)
            .map_err(|_| KeyError::Unreadable)?;
        if u64::try_from(length).map_or(true, |length| length > MAX_KEYRING_LEN) {
            return Err(KeyError::TooLong);
        }
        Self::parse(&text)
    }

    /// Writes the keys to a new file of mode 0600, all or nothing.
    ///
    /// # Errors
    /// [`KeyError::Held`]; [`KeyError::Unwritable`], of kind [`AlreadyExists`](std::io::ErrorKind::AlreadyExists)
    /// where there is a file, which is left as it is.
    pub fn create(&self, path: &Path) -> Result<(), KeyError> {
        let beside = Beside::new(path)?;
        // A link, unlike a rename, replaces nothing.
        let linked = beside
            .write(self)
            .and_then(|()| std::fs::hard_link(&beside.path, path));
        drop(beside);
        linked.and_then(|()| sync_folder(path)).map_err(unwritable)
    }

    /// Changes the keys of a file, one caller at a time, all or nothing: `FILE.new` is made beside it, which is
    /// the lock; then the file is read, changed, written there, and replaced when that is on the disk.
    ///
    /// A symbolic link stays: what is replaced is the file that it leads to.
    ///
    /// # Errors
    /// What `change` gives; [`KeyError::Held`] while another changes it; those of [`Keyring::read`];
    /// [`KeyError::Unwritable`]. The file is as it was; but where only its folder could not be made durable, it
    /// has the new keys.
    pub fn update<T, E: From<KeyError>>(
        path: &Path,
        change: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let path = path.canonicalize().map_err(|_| KeyError::Unreadable)?;
        let beside = Beside::new(&path)?;
        let mut ring = Self::read(&path)?;
        let changed = change(&mut ring)?;
        beside
            .write(&ring)
            .and_then(|()| beside.replace(&path))
            .and_then(|()| sync_folder(&path))
            .map_err(unwritable)?;
        Ok(changed)
    }

    /// The text that [`Keyring::parse`] reads.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        // A line has at most 98 bytes: never grown either.
        let room = self.keys.len().saturating_add(1).saturating_mul(100);
        let mut text = Zeroizing::new(String::with_capacity(room));
        text.push_str("# Keys of a txotp store. The last one seals, all of them open.\n");
        for key in &self.keys {
            let mut hex = Zeroizing::new([0; 64]);
            let digits = base16ct::lower::encode_str(key.bytes.as_slice(), hex.as_mut());
            for part in [key.id.as_str(), " ", digits.unwrap_or_default(), "\n"] {
                text.push_str(part);
            }
        }
        text
    }

    /// The ids, in the order of the file.
    pub fn ids(&self) -> impl Iterator<Item = KeyId> + '_ {
        self.keys.iter().map(|key| key.id)
    }

    fn find(&self, id: KeyId) -> Option<&Key> {
        self.keys.iter().find(|key| key.id == id)
    }
}

impl KeyService for Keyring {
    fn current(&self) -> KeyId {
        self.current
    }

    fn seal(&self, context: &[u8], secret: &[u8]) -> Result<Sealed, KeyError> {
        if secret.len() > MAX_SECRET_LEN {
            return Err(KeyError::SecretTooLong);
        }
        let key = self.find(self.current).ok_or(KeyError::Empty)?;
        let bytes = key.cipher().seal(context, secret)?;
        Ok(Sealed { key: key.id, bytes })
    }

    fn open(&self, context: &[u8], sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let key = self.find(sealed.key).ok_or(KeyError::Missing(sealed.key))?;
        let wrong = KeyError::Wrong(sealed.key);
        if sealed.bytes.len() > MAX_SECRET_LEN + OVERHEAD {
            return Err(wrong);
        }
        key.cipher().open(context, &sealed.bytes).ok_or(wrong)
    }
}

impl Key {
    fn parse(line: &str) -> Option<Self> {
        let (id, digits) = line.split_once([' ', '\t'])?;
        let mut bytes = Box::new(Zeroizing::new([0; 32]));
        let read = base16ct::mixed::decode(digits.trim_start(), bytes.as_mut_slice()).ok()?;
        (read.len() == 32).then_some(())?;
        Some(Self {
            id: id.parse().ok()?,
            bytes,
        })
    }

    fn cipher(&self) -> Cipher {
        Cipher::new(&self.bytes)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

/// `FILE.new`, which is there once: who makes it may change the key file until it is dropped.
struct Beside {
    path: PathBuf,
    file: File,
    is_gone: bool,
}

impl Beside {
    fn new(path: &Path) -> Result<Self, KeyError> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".new");
        let path = PathBuf::from(beside);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Ok(file) => Ok(Self {
                path,
                file,
                is_gone: false,
            }),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(KeyError::Held),
            Err(error) => Err(unwritable(error)),
        }
    }

    fn write(&self, keys: &Keyring) -> std::io::Result<()> {
        (&self.file).write_all(keys.to_text().as_bytes())?;
        self.file.sync_all()
    }

    fn replace(mut self, path: &Path) -> std::io::Result<()> {
        std::fs::rename(&self.path, path)?;
        // One that is there from now on is another caller's.
        self.is_gone = true;
        Ok(())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.is_gone {
            // An error that is told came before.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent();
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn unwritable(error: std::io::Error) -> KeyError {
    KeyError::Unwritable(error.kind())
}

#[cfg(unix)]
fn check_permissions(file: &File) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt as _;

    let metadata = file.metadata().map_err(|_| KeyError::Unreadable)?;
    if metadata.permissions().mode() & 0o077 == 0 {
        Ok(())
    } else {
        Err(KeyError::Permissions)
    }
}

/// Elsewhere who may read a file is not a matter of its mode.
#[cfg(not(unix))]
fn check_permissions(_: &File) -> Result<(), KeyError> {
    Ok(())
}
