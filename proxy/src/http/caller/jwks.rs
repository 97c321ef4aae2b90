//! Public keys that the site's login publishes (RFC 7517), fetched and kept.
//!
//! Asked for when they are old, and when a token names a key that is not among them, at most once a
//! minute. Whoever needs them at the same time waits for the same answer, and an answer that cannot
//! be used changes nothing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey};
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::config::PublicKey;

/// From this age on the keys are asked for again, while they go on being used.
const STALE: SignedDuration = SignedDuration::from_mins(5);

/// From this age on they are used only when there is no answer.
const OLD: SignedDuration = SignedDuration::from_mins(15);

/// From this age on they are not used at all: whoever withdraws a key must not have to fear it for
/// ever because the address does not answer.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// Between two questions.
const INTERVAL: SignedDuration = SignedDuration::from_mins(1);

/// Between two questions as long as there was no answer at all.
const FIRST_INTERVAL: SignedDuration = SignedDuration::from_secs(5);

/// For one question, from the connection to the last byte.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A larger answer is none.
const LARGEST: usize = 256 * 1024;

/// More keys than this nobody has; each of them may have to be looked at.
const MOST_KEYS: usize = 64;

/// There are no keys, and they cannot be had now.
#[derive(Debug)]
pub(super) struct Unavailable;

/// The published keys. Cheap to clone.
#[derive(Clone)]
pub(super) struct Jwks {
    inner: Arc<Inner>,
}

struct Inner {
    http: reqwest::Client,
    url: Url,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    keys: Arc<[Published]>,
    /// When the keys were asked for that are known; none before there are any.
    since: Option<Timestamp>,
    asked_at: Option<Timestamp>,
    asking: Option<Shared<BoxFuture<'static, ()>>>,
}

struct Published {
    id: Option<String>,
    key: PublicKey,
}

/// What there is at one moment.
struct Look {
    key: Option<PublicKey>,
    age: Option<SignedDuration>,
}

/// Why an answer could not be used. What it says is for the log, and holds nothing of the answer.
#[derive(Debug, thiserror::Error)]
enum NoAnswer {
    #[error("the keys cannot be fetched")]
    Http(#[source] reqwest::Error),
    #[error("the answer has status {0}")]
    Status(u16),
    #[error("the answer is too large")]
    TooLarge,
    #[error("the answer is no set of keys")]
    NoSet,
    #[error("the answer holds no key that can be used")]
    NoKey,
}

impl Jwks {
    pub(super) fn new(url: Url) -> Result<Self, reqwest::Error> {
        #[expect(
            clippy::disallowed_methods,
            reason = "this client asks one address for public keys and knows no secret"
        )]
        let mut builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(TIMEOUT);
        if url.scheme() == "http" {
            // No TLS will be spoken, so a machine without certificates must not matter.
            builder = builder.tls_certs_only([]);
        }
        Ok(Self {
            inner: Arc::new(Inner {
                http: builder.build()?,
                url,
                known: Mutex::default(),
            }),
        })
    }

    /// The one key of this id for this algorithm. A token that names no key is for the only one.
    pub(super) async fn find(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
        now: Timestamp,
    ) -> Result<Option<PublicKey>, Unavailable> {
        let mut look = self.look(id, algorithm, now);
        let fresh = look.age.is_some_and(|age| age < STALE);
        if look.key.is_none() || !fresh {
            let asking = self.ask(now);
            let good_enough = look.key.is_some() && look.age.is_some_and(|age| age < OLD);
            if let Some(asking) = asking
                && !good_enough
            {
                asking.await;
                look = self.look(id, algorithm, now);
            }
        }
        match look.age {
            Some(age) if age < LONGEST => Ok(look.key),
            _ => Err(Unavailable),
        }
    }

    fn look(&self, id: Option<&str>, algorithm: Algorithm, now: Timestamp) -> Look {
        let known = self.known();
        let mut keys = known.keys.iter().filter(|published| {
            published.key.algorithm == algorithm && (id.is_none() || published.id.as_deref() == id)
        });
        let key = match (keys.next(), keys.next()) {
            (Some(published), None) => Some(published.key.clone()),
            _ => None,
        };
        let age = known.since.map(|since| now.duration_since(since));
        Look { key, age }
    }

    /// Asks, or joins whoever asks already. None when it is too early.
    fn ask(&self, now: Timestamp) -> Option<Shared<BoxFuture<'static, ()>>> {
        let mut known = self.known();
        if let Some(asking) = &known.asking {
            return Some(asking.clone());
        }
        let interval = if known.since.is_some() {
            INTERVAL
        } else {
            FIRST_INTERVAL
        };
        let since_last = known.asked_at.map(|last| now.duration_since(last));
        if since_last.is_some_and(|since| (SignedDuration::ZERO..interval).contains(&since)) {
            return None;
        }
        known.asked_at = Some(now);
        let jwks = self.clone();
        // Of its own, so that it ends although whoever asked first goes away.
        let asking = tokio::spawn(async move { jwks.refresh(now).await });
        let asking = asking.map(drop).boxed().shared();
        known.asking = Some(asking.clone());
        Some(asking)
    }

    async fn refresh(&self, now: Timestamp) {
        let answer = self.fetch().await;
        let mut known = self.known();
        known.asking = None;
        match answer {
            Ok(keys) => {
                if known.since.is_none() {
                    // The first answer is no repetition: a key may be new right after it.
                    known.asked_at = None;
                }
                known.keys = keys;
                known.since = Some(now);
            }
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "no new keys of the site's login"
            ),
        }
    }

    async fn fetch(&self) -> Result<Arc<[Published]>, NoAnswer> {
        let http = |error: reqwest::Error| NoAnswer::Http(error.without_url());
        let request = self.inner.http.get(self.inner.url.clone());
        let mut answer = request.send().await.map_err(http)?;
        let status = answer.status();
        if !status.is_success() {
            return Err(NoAnswer::Status(status.as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(http)? {
            if body.len() + chunk.len() > LARGEST {
                return Err(NoAnswer::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        parse(&body)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.inner
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keys of kinds that we do not take, and what is no key at all, are passed over.
fn parse(body: &[u8]) -> Result<Arc<[Published]>, NoAnswer> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Value>,
    }
    let set: Set = serde_json::from_slice(body).map_err(|_| NoAnswer::NoSet)?;
    if set.keys.len() > MOST_KEYS {
        return Err(NoAnswer::TooLarge);
    }
    let keys: Vec<_> = set.keys.into_iter().filter_map(published).collect();
    if keys.is_empty() {
        return Err(NoAnswer::NoKey);
    }
    Ok(keys.into())
}

fn published(key: Value) -> Option<Published> {
    let key: Jwk = serde_json::from_value(key).ok()?;
    let verifies = match (&key.common.public_key_use, &key.common.key_operations) {
        (Some(usage), _) => *usage == PublicKeyUse::Signature,
        (None, Some(operations)) => operations.contains(&KeyOperations::Verify),
        (None, None) => true,
    };
    // A secret is none once it is published, so a symmetric key is never taken from here.
    let algorithm = match &key.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => {
            Algorithm::ES256
        }
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            Algorithm::EdDSA
        }
        _ => return None,
    };
    let meant_for = key.common.key_algorithm;
    let is_ours = meant_for.is_none_or(|named| named == KeyAlgorithm::from(algorithm));
    if !verifies || !is_ours {
        return None;
    }
    let decoding = DecodingKey::from_jwk(&key).ok()?;
    Some(Published {
        id: key.common.key_id,
        key: PublicKey {
            algorithm,
            key: decoding,
        },
    })
}
