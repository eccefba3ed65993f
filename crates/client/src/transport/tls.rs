//! Secure connections: rustls with the cryptography that this build has, and the roots that the system trusts.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};

use crate::error::ClientError;

/// Trusts what the system trusts, and the certificates in `pem` beside.
///
/// # Errors
/// [`ClientError::Configuration`] for a certificate that cannot be used, or a system without a trust store.
pub(super) fn trusting(pem: &[Vec<u8>]) -> Result<ClientConfig, ClientError> {
    let mut extra = Vec::new();
    for pem in pem {
        let before = extra.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            extra.push(certificate.map_err(|_| NOT_PEM)?);
        }
        if extra.len() == before {
            return Err(NOT_PEM);
        }
    }
    system_roots(builder()?, extra).map(with_protocols)
}

/// For connections that are never secure: no trust store is read.
///
/// # Errors
/// None in practice.
pub(super) fn trusting_nobody() -> Result<ClientConfig, ClientError> {
    let config = builder()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Ok(with_protocols(config))
}

const NOT_PEM: ClientError = ClientError::Configuration {
    what: "a root certificate is not in PEM form",
};
const UNUSABLE: ClientError = ClientError::Configuration {
    what: "secure connections cannot be set up on this system",
};

#[cfg(feature = "tls-aws-lc")]
fn provider() -> CryptoProvider {
    rustls::crypto::aws_lc_rs::default_provider()
}

#[cfg(all(feature = "tls-ring", not(feature = "tls-aws-lc")))]
fn provider() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}

#[cfg(not(any(feature = "tls-ring", feature = "tls-aws-lc")))]
compile_error!("secure connections need the feature `tls-aws-lc` or `tls-ring`");

fn builder() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, ClientError> {
    ClientConfig::builder_with_provider(Arc::new(provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| UNUSABLE)
}

#[cfg(not(target_os = "android"))]
fn system_roots(
    builder: ConfigBuilder<ClientConfig, WantsVerifier>,
    extra: Vec<CertificateDer<'static>>,
) -> Result<ClientConfig, ClientError> {
    let provider = Arc::clone(builder.crypto_provider());
    let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(extra, provider)
        .map_err(|_| UNUSABLE)?;
    Ok(builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}

#[cfg(target_os = "android")]
fn system_roots(
    builder: ConfigBuilder<ClientConfig, WantsVerifier>,
    extra: Vec<CertificateDer<'static>>,
) -> Result<ClientConfig, ClientError> {
    bundled_roots(builder, extra)
}

/// The roots that Mozilla trusts, compiled in. Android's own are reached through Java alone, which an app would have to
/// set up before every other call.
#[cfg(any(target_os = "android", test))]
fn bundled_roots(
    builder: ConfigBuilder<ClientConfig, WantsVerifier>,
    extra: Vec<CertificateDer<'static>>,
) -> Result<ClientConfig, ClientError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
    for certificate in extra {
        roots.add(certificate).map_err(|_| UNUSABLE)?;
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn with_protocols(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_holds_no_certificate_is_refused_and_not_ignored() {
        for pem in [
            b"".as_slice(),
            b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
        ] {
            let refused = trusting(&[pem.to_vec()]).map(|_| ());
            assert!(
                matches!(refused, Err(ClientError::Configuration { what }) if what.contains("PEM"))
            );
        }
    }

    #[test]
    fn the_roots_for_android_are_usable() -> Result<(), ClientError> {
        bundled_roots(builder()?, Vec::new()).map(|_| ())
    }

    #[test]
    fn a_root_that_is_no_certificate_cannot_be_added_to_those_for_android()
    -> Result<(), ClientError> {
        let broken = CertificateDer::from(b"no certificate".to_vec());
        assert!(bundled_roots(builder()?, vec![broken]).is_err());
        Ok(())
    }
}
