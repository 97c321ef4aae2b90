//! What a client is built from, and why it cannot be.
//!
//! Plain data: what of it makes sense is found out where it is used.

use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::error::Cause;

/// Which of Mono's APIs is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Generation {
    /// The unversioned paths of 2020: bare bodies, camel case, `_id`.
    V1,
    /// The `/v2` paths of 2024: an envelope around everything, snake case, `id`.
    V2,
}

/// What a [`Client`](crate::Client) needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// The origin that every call goes to: scheme, host and port, nothing else.
    pub api_url: Url,
    /// The secret key, sent as `mono-sec-key`.
    pub secret_key: SecretString,
    /// Which API is spoken.
    pub generation: Generation,
    /// How long one attempt may take, its whole answer included. No attempt begins later than this
    /// after the call, so that a call takes twice as long at most, waiting for its turn included.
    pub timeout: Duration,
    /// How many calls may be under way at once, over all clones of the client.
    pub concurrency: usize,
}

/// How often and how soon a call is repeated, where repeating it is safe.
///
/// Safe is a read whose answer had not begun, was 502, 503 or 504, or asked to wait for two seconds
/// at most; and any call that was never sent because no connection came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeats {
    /// Repeats after the first attempt.
    pub times: u32,
    /// The longest pause before the first repeat; it triples for each further one. A random part of
    /// it is waited.
    pub pause: Duration,
}

/// Gives random numbers, each as likely as any other. Predictable ones do no harm.
pub type Dice = dyn Fn() -> u32 + Send + Sync;

impl Default for Repeats {
    fn default() -> Self {
        Self {
            times: 2,
            pause: Duration::from_millis(100),
        }
    }
}

/// Why a [`Client`](crate::Client) cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The address is not a plain origin.
    #[error("the API address must be an http or https origin without path, query or user name")]
    ApiUrl,
    /// A live key would cross a network in the clear.
    #[error("a live key needs an https address")]
    PlainHttp,
    /// The key is empty or has characters that no header can carry.
    #[error("the secret key is empty or cannot be sent in a header")]
    SecretKey,
    /// The timeout is zero.
    #[error("the timeout must be longer than zero")]
    Timeout,
    /// The number of calls at once is zero or absurd.
    #[error("the number of calls at once must be between 1 and 65536")]
    Concurrency,
    /// The HTTP library could not be set up, for instance without any trusted certificate.
    #[error("the HTTP client cannot be set up")]
    Http(#[source] Cause),
}
