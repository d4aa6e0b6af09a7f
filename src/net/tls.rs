//! TLS: what we accept, and exactly why we refuse.
//!
//! Nothing unverified is ever read. A certificate that fails is a finding about the site, so the reason is kept as a
//! type: rustls says "unknown issuer" for three different faults, and this verifier looks at the chain once more to
//! tell a self-signed certificate from a private authority and from a server that forgot its intermediate.

use std::{fmt, sync::Arc, time::Duration};

use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error, InvalidMessage, OtherError,
    RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName, UnixTime},
    time_provider::TimeProvider,
};
use x509_parser::{extensions::ParsedExtension, prelude::*};

use super::NetError;
use crate::{clock::Clock, model::FetchOutcome};

/// What rustls calls an unknown issuer, looked at closely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum ChainFault {
    /// The server's certificate names itself as its issuer.
    #[error("the certificate is self-signed")]
    SelfSigned,
    /// The chain that was sent ends at an authority that is not publicly trusted.
    #[error("the certificate comes from a private authority")]
    PrivateAuthority,
    /// The chain that was sent stops short of an authority.
    #[error("the server does not send the intermediate certificate")]
    MissingIntermediate,
}

/// The machine's clock in the form that rustls asks for it.
struct ClockTime(Arc<dyn Clock>);

impl fmt::Debug for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClockTime")
    }
}

impl TimeProvider for ClockTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().as_second()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

/// The usual verification, with [`ChainFault`] in the place of "unknown issuer".
#[derive(Debug)]
struct Verifier {
    inner: Arc<WebPkiServerVerifier>,
    roots: Arc<RootCertStore>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now).map_err(|error| {
            let fault = match error {
                Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
                    inspect(end_entity, intermediates, &self.roots)
                }
                // webpki's own errors, among them "an authority's certificate used as a server's", which is what the
                // certificates made by `openssl req -x509` are.
                Error::InvalidCertificate(CertificateError::Other(_)) => {
                    inspect(end_entity, &[], &self.roots).filter(|fault| *fault == ChainFault::SelfSigned)
                }
                _ => None,
            };
            match fault {
                Some(fault) => Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(fault)))),
                None => error,
            }
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// Walks the chain as it was sent, from the server's certificate upwards by name, and says where it ends. `None` when
/// it cannot be parsed or ends at an authority that is trusted (then the fault is another one).
///
/// A chain that ends at a certificate which is its own issuer comes from a private authority. One that just stops may be
/// either; it counts as incomplete when the last certificate says where its issuer can be fetched (as public
/// authorities' do), or shares its issuer's organisation with a trusted root, or is all that was sent.
fn inspect(
    end_entity: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    roots: &RootCertStore,
) -> Option<ChainFault> {
    let (_, leaf) = X509Certificate::from_der(end_entity).ok()?;
    if leaf.issuer().as_raw() == leaf.subject().as_raw() {
        return Some(ChainFault::SelfSigned);
    }
    // A chain longer than this is not one: the bound keeps hostile chains from costing quadratic time.
    let sent: Vec<X509Certificate<'_>> =
        intermediates.iter().take(16).filter_map(|der| X509Certificate::from_der(der).ok()).map(|(_, c)| c).collect();
    let mut last = &leaf;
    let mut alone = true;
    for _ in 0..=sent.len() {
        if last.issuer().as_raw() == last.subject().as_raw() {
            return Some(ChainFault::PrivateAuthority);
        }
        match sent.iter().find(|candidate| candidate.subject().as_raw() == last.issuer().as_raw()) {
            Some(next) => (last, alone) = (next, false),
            None => break,
        }
    }
    if roots.roots.iter().any(|root| same_name(&root.subject, last.issuer())) {
        return None;
    }
    let incomplete = alone || names_its_issuer(last) || shares_organisation(last, roots);
    Some(if incomplete { ChainFault::MissingIntermediate } else { ChainFault::PrivateAuthority })
}

/// rustls keeps a root's subject without the outer DER sequence header.
fn same_name(root_subject: &[u8], name: &X509Name<'_>) -> bool {
    name.as_raw().ends_with(root_subject) && name.as_raw().len() - root_subject.len() <= 6
}

/// True when the certificate says where its issuer's can be fetched (AIA `caIssuers`, RFC 5280, 4.2.2.1).
fn names_its_issuer(certificate: &X509Certificate<'_>) -> bool {
    certificate.extensions().iter().any(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityInfoAccess(access) => access
            .iter()
            .any(|description| description.access_method == oid_registry::OID_PKIX_ACCESS_DESCRIPTOR_CA_ISSUERS),
        _ => false,
    })
}

fn shares_organisation(certificate: &X509Certificate<'_>, roots: &RootCertStore) -> bool {
    let Some(organisation) = certificate.issuer().iter_organization().next() else {
        return false;
    };
    // Compared as the bytes of the value: an organisation is at most 64 characters, roots are some 150.
    let value = organisation.as_slice();
    value.len() > 3 && roots.roots.iter().any(|root| root.subject.windows(value.len()).any(|part| part == value))
}

/// The TLS configurations of the clients: Mozilla's roots as compiled in, plus the operator's.
pub(super) struct Tls {
    config: ClientConfig,
}

impl Tls {
    /// `extra` are PEM texts, each with the name that an error message gives it.
    pub(super) fn new(extra: &[(String, Vec<u8>)], clock: Arc<dyn Clock>) -> Result<Self, NetError> {
        let roots = Arc::new(roots(extra)?);
        let provider: Arc<CryptoProvider> = Arc::new(rustls::crypto::ring::default_provider());
        let inner = WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider))
            .build()
            .map_err(|source| NetError::Roots { reason: source.to_string() })?;
        let config = ClientConfig::builder_with_details(provider, Arc::new(ClockTime(clock)))
            .with_safe_default_protocol_versions()
            .map_err(|source| NetError::Roots { reason: source.to_string() })?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Verifier { inner, roots }))
            .with_no_client_auth();
        Ok(Self { config })
    }

    /// A configuration that offers these protocols. It has to say them itself: a ready configuration is used as it is.
    pub(super) fn offering(&self, protocols: &[&[u8]]) -> ClientConfig {
        let mut config = self.config.clone();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        config
    }
}

/// Mozilla's roots, and `extra` ones: PEM texts, each with the name that an error message gives it.
pub(crate) fn roots(extra: &[(String, Vec<u8>)]) -> Result<RootCertStore, NetError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for (name, pem) in extra {
        add_roots(&mut roots, name, pem)?;
    }
    Ok(roots)
}

fn add_roots(roots: &mut RootCertStore, name: &str, pem: &[u8]) -> Result<(), NetError> {
    use rustls::pki_types::pem::PemObject as _;

    let fault = |reason: String| NetError::CaCertificate { name: name.to_owned(), reason };
    let mut count = 0;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|source| fault(source.to_string()))?;
        roots.add(certificate).map_err(|source| fault(source.to_string()))?;
        count += 1;
    }
    if count == 0 { Err(fault("no certificate in PEM form".to_owned())) } else { Ok(()) }
}

/// What a TLS error says about the server.
pub(super) fn classify(error: &Error) -> (FetchOutcome, String) {
    let outcome = match error {
        Error::InvalidCertificate(fault) => certificate_outcome(fault),
        Error::AlertReceived(
            AlertDescription::ProtocolVersion
            | AlertDescription::HandshakeFailure
            | AlertDescription::InsufficientSecurity,
        )
        | Error::PeerIncompatible(_) => FetchOutcome::TlsLegacy,
        _ => FetchOutcome::TlsFailed,
    };
    let detail = match error {
        Error::InvalidCertificate(CertificateError::Other(OtherError(inner))) => inner.to_string(),
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => "the server does not speak TLS here".to_owned(),
        other => other.to_string(),
    };
    (outcome, detail)
}

fn certificate_outcome(fault: &CertificateError) -> FetchOutcome {
    match fault {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => FetchOutcome::TlsExpired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => FetchOutcome::TlsNotYetValid,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            FetchOutcome::TlsWrongName
        }
        CertificateError::Other(OtherError(inner)) => match inner.downcast_ref::<ChainFault>() {
            Some(ChainFault::SelfSigned | ChainFault::PrivateAuthority) => FetchOutcome::TlsSelfSigned,
            Some(ChainFault::MissingIntermediate) => FetchOutcome::TlsMissingIntermediate,
            None => FetchOutcome::TlsUntrusted,
        },
        _ => FetchOutcome::TlsUntrusted,
    }
}
