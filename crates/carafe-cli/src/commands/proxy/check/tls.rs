//! TLS around a connection, with the system's certificates or with any.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore};
use rustls::{SignatureScheme, StreamOwned};

/// Something to write to and to read from.
pub(super) trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

/// Shakes hands with the server of this name.
///
/// # Errors
/// When the certificate is not good, or the server speaks no TLS.
pub(super) fn wrap(stream: TcpStream, name: &str, insecure: bool) -> io::Result<Box<dyn Stream>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    let config = match insecure {
        true => config
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
            .with_no_client_auth(),
        false => config.with_root_certificates(of_system()).with_no_client_auth(),
    };
    let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
    let mut connection = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    let mut stream = stream;
    connection.complete_io(&mut stream)?;
    Ok(Box::new(StreamOwned::new(connection, stream)))
}

/// The certificates that this system trusts.
fn of_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    // What cannot be read is as if it were not there: the handshake says what is missing.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// Why there was no secure connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// Whoever signed the certificate is nobody that this system trusts: often its own owner.
    Signer,
    /// The certificate is for other names.
    Name,
    /// The certificate is not valid any more, or not yet.
    Time,
    /// Something else is wrong with the certificate.
    Certificate,
    /// The other side does not speak TLS.
    NoTls,
    /// The error's own words say it.
    Other,
}

impl Why {
    pub(super) fn of(error: &io::Error) -> Why {
        use rustls::CertificateError as Bad;
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            Some(Error::InvalidCertificate(bad)) => match bad {
                Bad::UnknownIssuer => Why::Signer,
                // What rustls calls a certificate that signed itself as an authority does.
                Bad::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => {
                    Why::Signer
                }
                Bad::NotValidForName | Bad::NotValidForNameContext { .. } => Why::Name,
                Bad::Expired | Bad::ExpiredContext { .. } => Why::Time,
                Bad::NotValidYet | Bad::NotValidYetContext { .. } => Why::Time,
                _ => Why::Certificate,
            },
            Some(Error::InvalidMessage(_)) => Why::NoTls,
            _ => Why::Other,
        }
    }
}

/// Takes whatever certificate comes, as `--insecure` asks; the handshake's signatures are checked.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
