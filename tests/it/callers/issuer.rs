//! A site's login: keys, and tokens that they sign.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
    RsaPublicKeyComponents,
};
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use mono_connect_tests::TestApp;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

pub(crate) const SECRET: &str = "a secret of thirty-two bytes or more";

/// A key pair, or the shared secret.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) algorithm: Algorithm,
    signing: EncodingKey,
    /// The public key in PEM; empty of the secret.
    pub(crate) pem: String,
    /// The public key as one of a published set; null of the secret.
    pub(crate) jwk: Value,
}

impl Key {
    pub(crate) fn secret(secret: &str) -> Self {
        Self {
            algorithm: Algorithm::HS256,
            signing: EncodingKey::from_secret(secret.as_bytes()),
            pem: String::new(),
            jwk: Value::Null,
        }
    }

    pub(crate) fn rsa(id: &str) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let private: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let components = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
        Self {
            algorithm: Algorithm::RS256,
            signing: EncodingKey::from_rsa_pem(pem("PRIVATE KEY", private.as_ref()).as_bytes())
                .unwrap(),
            pem: public_pem(pair.public_key()),
            jwk: json!({
                "kty": "RSA", "kid": id, "use": "sig", "alg": "RS256",
                "n": base64url(&components.n), "e": base64url(&components.e),
            }),
        }
    }

    pub(crate) fn ec(id: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let private = pair.to_pkcs8v1().unwrap();
        // 4, x, y.
        let point = pair.public_key().as_ref();
        Self {
            algorithm: Algorithm::ES256,
            signing: EncodingKey::from_ec_der(private.as_ref()),
            pem: public_pem(pair.public_key()),
            jwk: json!({
                "kty": "EC", "kid": id, "crv": "P-256",
                "x": base64url(&point[1..33]), "y": base64url(&point[33..]),
            }),
        }
    }

    pub(crate) fn ed(id: &str) -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let private = pair.to_pkcs8v1().unwrap();
        Self {
            algorithm: Algorithm::EdDSA,
            signing: EncodingKey::from_ed_der(private.as_ref()),
            pem: public_pem(pair.public_key()),
            jwk: json!({
                "kty": "OKP", "kid": id, "crv": "Ed25519",
                "x": base64url(pair.public_key().as_ref()),
            }),
        }
    }

    /// A token with these claims.
    pub(crate) fn token(&self, claims: &Value) -> String {
        self.token_with(&Header::new(self.algorithm), claims)
    }

    /// A token that names its key.
    pub(crate) fn token_naming(&self, id: &str, claims: &Value) -> String {
        let header = Header {
            kid: Some(id.to_owned()),
            ..Header::new(self.algorithm)
        };
        self.token_with(&header, claims)
    }

    pub(crate) fn token_with(&self, header: &Header, claims: &Value) -> String {
        encode(header, claims, &self.signing).unwrap()
    }

    /// A token with a header that no library writes.
    pub(crate) fn token_with_raw_header(&self, header: &Value, claims: &Value) -> String {
        let signed = format!(
            "{}.{}",
            base64url(header.to_string().as_bytes()),
            base64url(claims.to_string().as_bytes())
        );
        let signature =
            jsonwebtoken::crypto::sign(signed.as_bytes(), &self.signing, self.algorithm).unwrap();
        format!("{signed}.{signature}")
    }
}

/// What a token says of a user for the next hour.
pub(crate) fn claims(app: &TestApp, user: &str) -> Value {
    json!({"sub": user, "exp": seconds(app) + 3600})
}

/// The proxy's time, as tokens write it.
pub(crate) fn seconds(app: &TestApp) -> i64 {
    use mono_connect_proxy::clock::Clock as _;
    app.clock.now().as_second()
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// Publishes keys, and counts who asks.
pub(crate) struct Publisher {
    pub(crate) url: String,
    shared: Arc<Shared>,
    _stop: DropGuard,
}

struct Shared {
    asked: AtomicUsize,
    answer: std::sync::Mutex<Answer>,
}

#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) body: String,
}

impl Publisher {
    pub(crate) async fn of(keys: &[&Key]) -> Self {
        let shared = Arc::new(Shared {
            asked: AtomicUsize::new(0),
            answer: std::sync::Mutex::new(set(keys)),
        });
        let router = axum::Router::new()
            .route("/keys", get(answer))
            .with_state(Arc::clone(&shared));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        tokio::spawn(mono_connect_proxy::server::serve(
            listener,
            router,
            stop.clone(),
        ));
        Self {
            url,
            shared,
            _stop: stop.drop_guard(),
        }
    }

    pub(crate) fn publishes(&self, keys: &[&Key]) {
        self.answers(set(keys));
    }

    pub(crate) fn answers(&self, answer: Answer) {
        *self.shared.answer.lock().unwrap() = answer;
    }

    pub(crate) fn fails(&self) {
        self.answers(Answer {
            status: 500,
            location: None,
            body: "{\"keys\": []}".to_owned(),
        });
    }

    pub(crate) fn was_asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }
}

fn set(keys: &[&Key]) -> Answer {
    let keys: Vec<_> = keys.iter().map(|key| &key.jwk).collect();
    Answer {
        status: 200,
        location: None,
        body: json!({"keys": keys}).to_string(),
    }
}

async fn answer(State(shared): State<Arc<Shared>>) -> Response<String> {
    shared.asked.fetch_add(1, Ordering::SeqCst);
    let answer = shared.answer.lock().unwrap().clone();
    let mut response = Response::builder().status(answer.status);
    if let Some(location) = answer.location {
        response = response.header("location", location);
    }
    response.body(answer.body).unwrap()
}

fn public_pem(key: &impl AsDer<PublicKeyX509Der<'static>>) -> String {
    pem("PUBLIC KEY", key.as_der().unwrap().as_ref())
}

pub(crate) fn base64url(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}
