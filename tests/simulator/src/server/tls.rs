//! A self-signed certificate for Mono's host names, for browsers that are told to resolve them to the simulator.

use std::io;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

const NAMES: &[&str] = &[
    "connect.mono.co",
    "connect.withmono.com",
    "link.mono.co",
    "api.withmono.com",
    "localhost",
    "127.0.0.1",
];

/// Accepts TLS with a certificate made now.
pub(crate) fn acceptor() -> io::Result<TlsAcceptor> {
    let names: Vec<String> = NAMES.iter().map(|name| (*name).to_owned()).collect();
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(names).map_err(io::Error::other)?;
    let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .map_err(io::Error::other)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
