//! Tokens of the site's own login.

use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents, VerificationAlgorithm,
};
use jsonwebtoken::{Algorithm, DecodingKey};
use secrecy::SecretString;
use url::Url;

use crate::config::source::Source;
use crate::config::value::{http_url, is_loopback};

/// What a token must be to name a caller.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// By which its signature is verified.
    pub keys: TokenKeys,
    /// What `iss` must be, if anything is expected.
    pub issuer: Option<String>,
    /// What `aud` must hold. Without it a token that names an audience is meant for somebody else.
    pub audience: Option<String>,
    /// The claim that names the user.
    pub user_claim: String,
    /// A cookie that may hold the token.
    pub cookie: Option<String>,
}

/// By which a token's signature is verified. Each names its algorithm: the token has no say in it.
#[derive(Debug, Clone)]
pub enum TokenKeys {
    /// A secret that the site shares with us: HS256.
    Secret(SecretString),
    /// The site's public key.
    PublicKey(PublicKey),
    /// Where the site's public keys are.
    Jwks(Url),
}

/// A public key, good for one algorithm.
#[derive(Debug, Clone)]
pub struct PublicKey {
    /// Which.
    pub algorithm: Algorithm,
    /// The key.
    pub key: DecodingKey,
}

/// HS256 wants a key of at least the hash's size (RFC 7518, 3.2): whoever sees one token may guess.
const SECRET_MINIMUM: usize = 32;

/// RS256 wants a modulus of 2048 bits or more (RFC 7518, 3.3).
const RSA_MINIMUM: usize = 2048 / 8;

const KEY_VARIABLES: [&str; 3] = ["JWT_SECRET", "JWT_PUBLIC_KEY", "JWT_JWKS_URL"];

impl Tokens {
    pub(super) fn read(source: &mut Source<'_>) -> Option<Self> {
        let keys = TokenKeys::read(source);
        let user_claim = source.value("JWT_USER_CLAIM");
        let cookie = match source.value("JWT_COOKIE") {
            None => Some(None),
            Some(name) => source.check("JWT_COOKIE", cookie_name(name).map(Some)),
        };
        Some(Self {
            keys: keys?,
            issuer: source.value("JWT_ISSUER"),
            audience: source.value("JWT_AUDIENCE"),
            user_claim: user_claim?,
            cookie: cookie?,
        })
    }
}

impl TokenKeys {
    fn read(source: &mut Source<'_>) -> Option<Self> {
        let problems = source.problem_count();
        let given = KEY_VARIABLES.map(|variable| (variable, source.given(variable)));
        let set: Vec<_> = given
            .iter()
            .filter_map(|(variable, value)| value.as_deref().map(|value| (*variable, value)))
            .collect();
        match set.as_slice() {
            // A file that cannot be read was already told.
            [] if source.problem_count() > problems => None,
            [] => {
                source.problem(
                    "JWT_SECRET",
                    "is required for AUTH_MODE=jwt, or else JWT_PUBLIC_KEY or JWT_JWKS_URL",
                );
                None
            }
            [(variable, value)] => source.check(variable, Self::parse(variable, value)),
            [first, others @ ..] => {
                for (variable, value) in &set {
                    // Whichever is kept must be right.
                    let _: Option<Self> = source.check(variable, Self::parse(variable, value));
                }
                for (variable, _) in others {
                    let message = format!("must not be set together with {}", first.0);
                    source.problem(variable, message);
                }
                None
            }
        }
    }

    fn parse(variable: &str, value: &str) -> Result<Self, String> {
        match variable {
            "JWT_SECRET" if value.len() < SECRET_MINIMUM => Err(format!(
                "must be at least {SECRET_MINIMUM} bytes long, as HS256 asks for"
            )),
            "JWT_SECRET" => Ok(Self::Secret(value.into())),
            "JWT_PUBLIC_KEY" => PublicKey::from_pem(value).map(Self::PublicKey),
            _ => {
                let url = http_url(value)?;
                if url.scheme() == "http" && !is_loopback(&url) {
                    return Err("must be https, except on loopback".to_owned());
                }
                Ok(Self::Jwks(url))
            }
        }
    }
}

impl PublicKey {
    /// From PEM. Line breaks may be written as `\n`, as they often are in the environment.
    fn from_pem(text: &str) -> Result<Self, String> {
        let pem = text.replace("\\n", "\n");
        if pem.contains("PRIVATE KEY") {
            return Err("holds a private key: give the public one".to_owned());
        }
        if !pem.contains("PUBLIC KEY") {
            return Err("must be a public key in PEM".to_owned());
        }
        let pem = pem.as_bytes();
        // Of each kind of key there is one algorithm that we take.
        let kinds: [(Algorithm, _, &'static dyn VerificationAlgorithm); 3] = [
            (
                Algorithm::RS256,
                DecodingKey::from_rsa_pem(pem),
                &RSA_PKCS1_2048_8192_SHA256,
            ),
            (
                Algorithm::ES256,
                DecodingKey::from_ec_pem(pem),
                &ECDSA_P256_SHA256_FIXED,
            ),
            (Algorithm::EdDSA, DecodingKey::from_ed_pem(pem), &ED25519),
        ];
        let found = kinds
            .into_iter()
            .find_map(|(algorithm, key, verification)| Some((algorithm, key.ok()?, verification)));
        let (algorithm, key, verification) = found.ok_or(
            "must be a public key in PEM: RSA (for RS256), EC P-256 (ES256) or Ed25519 (EdDSA)",
        )?;
        let bytes = key.try_get_as_bytes().unwrap_or_default();
        let fits = ParsedPublicKey::new(verification, bytes).is_ok();
        if !fits || (algorithm == Algorithm::RS256 && rsa_size(bytes) < RSA_MINIMUM) {
            return Err(format!("is no key that {algorithm:?} can use"));
        }
        Ok(Self { algorithm, key })
    }
}

/// The size of the modulus in bytes; zero of what is no key.
fn rsa_size(der: &[u8]) -> usize {
    rsa::PublicKey::from_der(der).map_or(0, |key| {
        RsaPublicKeyComponents::<Vec<u8>>::from(&key).n.len()
    })
}

/// A token in the sense of RFC 9110, as a cookie's name must be.
fn cookie_name(name: String) -> Result<String, String> {
    let good = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
    if good {
        Ok(name)
    } else {
        Err("must be the name of a cookie".to_owned())
    }
}
