//! TLS from files (RFC 8446).

use core::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::Tls;

/// Why there is no TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsError {
    /// The certificate's file cannot be read, or is no PEM with a certificate.
    Certificate,
    /// The key's file cannot be read, or is no PEM with a private key.
    Key,
    /// The key is not that of the certificate, or neither can be used.
    Mismatch,
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate => "tls.certificate is no readable file with a certificate in PEM",
            Self::Key => "tls.key is no readable file with a private key in PEM",
            Self::Mismatch => "tls.key is not the key of tls.certificate",
        })
    }
}

impl core::error::Error for TlsError {}

/// Reads the certificate and the key, if there are any.
pub(crate) fn read(tls: &Tls) -> Result<Option<Arc<ServerConfig>>, TlsError> {
    if tls.certificate.is_empty() {
        return Ok(None);
    }
    let certificates = CertificateDer::pem_file_iter(Path::new(&tls.certificate))
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|_| TlsError::Certificate)?;
    if certificates.is_empty() {
        return Err(TlsError::Certificate);
    }
    let key = PrivateKeyDer::from_pem_file(Path::new(&tls.key)).map_err(|_| TlsError::Key)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| TlsError::Mismatch)?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(|_| TlsError::Mismatch)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some(Arc::new(config)))
}
