//! AES-256-GCM-SIV (RFC 8452): a random nonce of 12 bytes, the ciphertext, and the tag of 16 bytes.

use aes_gcm_siv::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use zeroize::Zeroizing;

use super::KeyError;

const NONCE_LEN: usize = 12;
const TAG_LEN: usize = 16;

/// How many bytes longer a secret is when it is sealed.
pub(crate) const OVERHEAD: usize = NONCE_LEN + TAG_LEN;

/// A key that seals and opens.
pub(crate) struct Cipher(Aes256GcmSiv);

impl Cipher {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(Aes256GcmSiv::new(key.into()))
    }

    pub(crate) fn seal(&self, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|_| KeyError::Entropy)?;
        let payload = Payload {
            msg: secret,
            aad: context,
        };
        let sealed = self.0.encrypt(&Nonce::from(nonce), payload);
        let mut bytes = nonce.to_vec();
        bytes.extend(sealed.map_err(|_| KeyError::SecretTooLong)?);
        Ok(bytes)
    }

    /// What was sealed in this context under this key; nothing where it was not.
    pub(crate) fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let payload = Payload {
            msg: rest,
            aad: context,
        };
        let opened = self.0.decrypt(&Nonce::from(*nonce), payload);
        opened.ok().map(Zeroizing::new)
    }
}
