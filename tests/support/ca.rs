//! The tests' own certificate authority: one certificate for each name, made when first asked for, with faults on demand.

use std::{
    collections::HashMap,
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::{
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use super::site::TlsFault;

/// A root, an intermediate, and the certificates they have issued. Nothing outside these tests trusts it.
pub struct Authority {
    root: CertifiedIssuer<'static, KeyPair>,
    intermediate: CertifiedIssuer<'static, KeyPair>,
    /// One key for all leaves: making keys is what costs.
    leaf_key: KeyPair,
    issued: Mutex<HashMap<(String, u8), Arc<CertifiedKey>>>,
    faults: HashMap<String, TlsFault>,
    file: tempfile::NamedTempFile,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("file", &self.path()).finish_non_exhaustive()
    }
}

impl Authority {
    /// A new authority, its root written as PEM to a temporary file; `faults` by host name.
    pub fn new(faults: HashMap<String, TlsFault>) -> Self {
        let root = CertifiedIssuer::self_signed(issuer("Autorita di prova"), KeyPair::generate().unwrap()).unwrap();
        let intermediate =
            CertifiedIssuer::signed_by(issuer("Autorita intermedia di prova"), KeyPair::generate().unwrap(), &root)
                .unwrap();
        let file = tempfile::Builder::new().prefix("riscontro-ca-").suffix(".pem").tempfile().unwrap();
        std::fs::write(file.path(), root.pem()).unwrap();
        Self { root, intermediate, leaf_key: KeyPair::generate().unwrap(), issued: Mutex::default(), faults, file }
    }

    /// The root as a PEM file, for `--ca-certificate`. Removed with the authority.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// The same as an owned path.
    pub fn path_buf(&self) -> PathBuf {
        self.path().to_path_buf()
    }

    /// The root, for a client of the test's own.
    pub fn root(&self) -> CertificateDer<'static> {
        self.root.der().clone()
    }

    /// The fault of a host, also under its bare name.
    pub fn fault(&self, host: &str) -> TlsFault {
        self.faults.get(host).or_else(|| self.faults.get(&format!("www.{host}"))).copied().unwrap_or_default()
    }

    /// The certificate and key of a host; the same for as long as the authority lives.
    pub fn certificate(&self, host: &str) -> Arc<CertifiedKey> {
        let fault = self.fault(host);
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(issued.entry((host.to_owned(), fault as u8)).or_insert_with(|| Arc::new(self.issue(host, fault))))
    }

    /// The certificate of a host with what leads to the root, and its key, as PEM: for servers that are not ours.
    pub fn pem(&self, host: &str) -> (String, String) {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let one = |der: &CertificateDer<'_>| {
            let text = STANDARD.encode(der);
            let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..(at + 64).min(text.len())]).collect();
            format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
        };
        (self.certificate(host).cert.iter().map(one).collect(), self.leaf_key.serialize_pem())
    }

    fn issue(&self, host: &str, fault: TlsFault) -> CertifiedKey {
        let named = if fault == TlsFault::WrongName { "altro.hosting.invalid" } else { host };
        let mut leaf = CertificateParams::new(vec![named.to_owned()]).unwrap();
        leaf.distinguished_name.push(DnType::CommonName, named);
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        match fault {
            TlsFault::Expired => {
                leaf.not_before = date_time_ymd(2023, 1, 1);
                leaf.not_after = date_time_ymd(2024, 1, 1);
            }
            TlsFault::NotYetValid => leaf.not_before = date_time_ymd(3000, 1, 1),
            _ => {}
        }
        let key = &self.leaf_key;
        let chain = match fault {
            TlsFault::SelfSigned => vec![leaf.self_signed(key).unwrap().into()],
            TlsFault::MissingIntermediate => {
                leaf.custom_extensions = vec![issuer_address("http://ca.prova.invalid/intermedia.cer")];
                vec![leaf.signed_by(key, &self.intermediate).unwrap().into()]
            }
            _ => vec![leaf.signed_by(key, &self.intermediate).unwrap().into(), self.intermediate.der().clone()],
        };
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let signer = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
        CertifiedKey::new(chain, signer)
    }
}

impl ResolvesServerCert for Authority {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.certificate(hello.server_name().unwrap_or("senza-nome.invalid")))
    }
}

fn issuer(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// The extension by which real certificates name where their issuer's certificate is found (RFC 5280, 4.2.2.1): it is
/// what tells a forgotten intermediate from a private authority.
fn issuer_address(url: &str) -> CustomExtension {
    const CA_ISSUERS: [u8; 10] = [0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02];
    let short = |length: usize| u8::try_from(length).ok().filter(|&length| length < 0x80).unwrap();
    let mut description = CA_ISSUERS.to_vec();
    description.extend([0x86, short(url.len())]);
    description.extend(url.as_bytes());
    let mut content = vec![0x30, short(description.len() + 2), 0x30, short(description.len())];
    content.extend(description);
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], content)
}
