//! Sends the calls: one connection pool, one limit of calls at once, bounded time and size.
//!
//! It knows which calls exist (`route`) and when one may be repeated (`repeat`), and nothing of
//! what their answers mean beyond the HTTP status.

mod circuit;
mod http;
mod origin;
mod places;
mod refusal;
mod repeat;
mod retry_after;
mod route;
mod span;
mod watched;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response, StatusCode};
use secrecy::ExposeSecret;
use serde::Serialize;
use tokio::time::Instant;
use tracing::{Instrument as _, Span};
use url::Url;

use crate::config::{BuildError, Config, Dice, Generation, Repeats};
use crate::error::{Cause, Error};
use crate::observer::{Nobody, Observer};

use self::circuit::{Circuits, Subject};
use self::places::Places;
use self::repeat::{Failure, Repeat, Rhythm};
pub(crate) use self::route::Route;
pub use self::span::SPANS;
use self::watched::Watched;

const REALTIME_HEADER: HeaderName = HeaderName::from_static("x-realtime");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The largest answer that is read, after decompression.
const ANSWER_LIMIT: usize = 4 * 1024 * 1024;
/// The largest refusal that is read for what it says.
const REFUSAL_LIMIT: usize = 64 * 1024;
/// What an announced length may reserve before any of it has come.
const FIRST_BUFFER: usize = 64 * 1024;
const MAX_CONCURRENCY: usize = 65_536;

/// One call, ready to be sent any number of times.
pub(crate) struct Call<'a> {
    pub(crate) route: Route<'a>,
    pub(crate) query: Vec<(&'static str, Cow<'a, str>)>,
    /// JSON, for the calls that have a body.
    pub(crate) body: Option<Vec<u8>>,
    /// Tells the body of a 4xx that is the answer, and no refusal, by what it says.
    pub(crate) refused_answer: Option<fn(&[u8]) -> bool>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl<'a> Call<'a> {
    pub(crate) const fn new(route: Route<'a>) -> Self {
        Self {
            route,
            query: Vec::new(),
            body: None,
            refused_answer: None,
        }
    }
}

/// The JSON body of a call.
pub(crate) fn body(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(|_| Error::Invalid {
        what: "it cannot be written as JSON",
    })
}

/// What every call goes through.
#[derive(Clone)]
pub(crate) struct Transport {
    http: reqwest::Client,
    origin: Url,
    generation: Generation,
    timeout: Duration,
    repeats: Repeats,
    pub(crate) dice: Arc<Dice>,
    places: Arc<Places>,
    circuits: Arc<Circuits>,
    pub(crate) in_background: bool,
    pub(crate) observer: Arc<dyn Observer>,
    /// What every call is answered with, where nobody is to be asked.
    #[cfg(feature = "fuzzing")]
    pub(crate) known_answer: Option<Arc<[u8]>>,
}

impl Transport {
    pub(crate) fn new(config: Config, repeats: Repeats) -> Result<Self, BuildError> {
        let key = config.secret_key.expose_secret();
        origin::check(&config.api_url, key)?;
        if config.timeout.is_zero() {
            return Err(BuildError::Timeout);
        }
        if config.concurrency == 0 || config.concurrency > MAX_CONCURRENCY {
            return Err(BuildError::Concurrency);
        }
        Ok(Self {
            http: http::client(&config.api_url, key, config.timeout)?,
            origin: config.api_url,
            generation: config.generation,
            timeout: config.timeout,
            repeats,
            dice: Arc::new(|| fastrand::u32(..)),
            places: Arc::new(Places::new(config.concurrency)),
            circuits: Arc::default(),
            in_background: false,
            observer: Arc::new(Nobody),
            #[cfg(feature = "fuzzing")]
            known_answer: None,
        })
    }

    /// Whether the addresses we call are in the clear, as they are with a server on this machine.
    pub(crate) fn is_plain_http(&self) -> bool {
        self.origin.scheme() == "http"
    }

    /// Where every call goes.
    pub(crate) const fn origin(&self) -> &Url {
        &self.origin
    }

    /// Sends a call and returns the body of its answer.
    pub(crate) async fn send(&self, call: Call<'_>) -> Result<Vec<u8>, Error> {
        Ok(self.answer(call).await?.body)
    }

    /// Sends a call and returns its answer: a 2xx, or a 4xx that the call takes for one.
    pub(crate) async fn answer(&self, call: Call<'_>) -> Result<Answer, Error> {
        let path = call
            .route
            .path(self.generation)
            .ok_or(Error::NotSupported)?;
        let mut url = self.origin.clone();
        url.set_path(&path);
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        #[cfg(feature = "fuzzing")]
        if let Some(body) = &self.known_answer {
            return Ok(Answer {
                headers: HeaderMap::new(),
                body: body.to_vec(),
            });
        }
        let watched = Watched::new(self.observer.as_ref(), call.route.name());
        let result = self.send_watched(&call, &url, &watched).await;
        watched.ends(&result);
        result
    }

    async fn send_watched(
        &self,
        call: &Call<'_>,
        url: &Url,
        watched: &Watched<'_>,
    ) -> Result<Answer, Error> {
        let name = call.route.name();
        let subject = Subject {
            name,
            account: call.route.account(),
            limited_per_account: call.route.is_limited_per_account(),
            in_background: self.in_background,
        };
        let last_start = Instant::now() + self.timeout;
        // Who would be refused does not wait for that.
        self.circuits.refusal(subject, Instant::now())?;
        // Held until the body is read, so that slow answers cannot pile up.
        let place = self.places.take(name, self.in_background);
        let _place = tokio::time::timeout_at(last_start, place)
            .await
            .unwrap_or(Err(Error::Timeout { sent: false }))?;
        let observer = self.observer.as_ref();
        let admitted = self.circuits.admit(subject, observer, Instant::now())?;
        let rhythm = Rhythm {
            repeats: self.repeats,
            last_start,
            dice: self.dice.as_ref(),
        };
        let result = repeat::with_repeats(&rhythm, name, || async {
            let span = span::begins(call.route, &self.origin, watched.attempt_begins());
            let attempt = self.attempt(call, url.clone(), &span);
            let result = attempt.instrument(span.clone()).await;
            result.map_err(|failure| {
                span::failed(&span, &failure.error);
                if admitted.may_repeat(Instant::now()) {
                    failure
                } else {
                    Failure::is_final(failure.error)
                }
            })
        })
        .await;
        admitted.ends(result.as_ref().err(), Instant::now());
        result
    }

    async fn attempt(&self, call: &Call<'_>, url: Url, span: &Span) -> Result<Answer, Failure> {
        let only_reads = call.route.only_reads();
        let method = call.route.method();
        let is_get = method == Method::GET;
        let mut request = self.http.request(method, url).timeout(self.timeout);
        if call.route.is_realtime() {
            request = request.header(REALTIME_HEADER, HeaderValue::from_static("true"));
        }
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, JSON).body(body.clone());
        } else if !is_get {
            // Some servers answer 411 to a POST that does not say how long it is.
            request = request.header(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let mut response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Err(no_answer(error, only_reads)),
        };
        let status = response.status();
        span::answered(span, status);
        if status.is_success() {
            let headers = std::mem::take(response.headers_mut());
            let body = read(response, ANSWER_LIMIT)
                .await
                .map_err(Failure::is_final)?;
            return Ok(Answer { headers, body });
        }
        let repeat = if only_reads {
            after_status(status, retry_after::parse(response.headers()))
        } else {
            Repeat::Never
        };
        refused(response, call)
            .await
            .map_err(|error| Failure { error, repeat })
    }
}

/// What to make of an attempt that brought no answer head.
fn no_answer(error: reqwest::Error, only_reads: bool) -> Failure {
    let unsent = error.is_connect();
    if error.is_timeout() {
        // Connecting may have used up a good part of the time; a second attempt rarely helps.
        return Failure::is_final(Error::Timeout { sent: !unsent });
    }
    let source = Cause::new(error);
    if unsent {
        return Failure {
            error: Error::Unreachable { source },
            repeat: Repeat::Soon,
        };
    }
    Failure {
        error: Error::Interrupted { source },
        repeat: if only_reads {
            Repeat::Soon
        } else {
            Repeat::Never
        },
    }
}

/// When a read that got this status may be sent again.
const fn after_status(status: StatusCode, wait: Option<Duration>) -> Repeat {
    match (status, wait) {
        (
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT,
            Some(wait),
        ) => Repeat::After(wait),
        // The next moment may be better.
        (
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT,
            None,
        ) => Repeat::Soon,
        _ => Repeat::Never,
    }
}

/// Takes an answer that is no success for what it means.
async fn refused(mut response: Response, call: &Call<'_>) -> Result<Answer, Error> {
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    let body = if says_more(status, call) {
        // Without a readable body the status still says enough.
        read(response, REFUSAL_LIMIT).await.unwrap_or_default()
    } else {
        Vec::new()
    };
    if call
        .refused_answer
        .is_some_and(|is_answer| is_answer(&body))
    {
        return Ok(Answer { headers, body });
    }
    Err(match status {
        _ if status.is_redirection() => Error::Redirected,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Error::Unauthorised,
        StatusCode::NOT_FOUND | StatusCode::GONE => Error::NotFound,
        StatusCode::TOO_MANY_REQUESTS => Error::RateLimited {
            retry_after: retry_after::parse(&headers),
        },
        _ if status.is_client_error() => refusal(status, &body, call.route),
        _ if status.is_server_error() => Error::Failed {
            status: status.as_u16(),
        },
        _ => Error::Malformed {
            what: "the status is none that HTTP defines",
        },
    })
}

/// Whether the body of an answer with this status is looked at.
fn says_more(status: StatusCode, call: &Call<'_>) -> bool {
    match status {
        StatusCode::TOO_MANY_REQUESTS => false,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
            call.refused_answer.is_some()
        }
        _ => status.is_client_error(),
    }
}

fn refusal(status: StatusCode, body: &[u8], route: Route<'_>) -> Error {
    let refusal = refusal::parse(body);
    let is_unknown = (route.account().is_some() && refusal.account_is_unknown)
        || (route.names_job() && refusal.job_is_unknown);
    let may_mean_unknown = matches!(
        status,
        StatusCode::BAD_REQUEST | StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY
    );
    if may_mean_unknown && is_unknown {
        return Error::NotFound;
    }
    Error::Refused {
        status: status.as_u16(),
        detail: refusal.detail,
    }
}

/// Reads a body as far as the limit. The answer has begun, and may have been charged, so that a
/// failure in here is never a reason to repeat.
async fn read(mut response: Response, limit: usize) -> Result<Vec<u8>, Error> {
    let expected = response.content_length().unwrap_or(0);
    if expected > limit as u64 {
        return Err(Error::TooLarge);
    }
    let mut body = Vec::with_capacity(usize::try_from(expected).unwrap_or(0).min(FIRST_BUFFER));
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(body),
            Ok(Some(chunk)) if body.len() + chunk.len() > limit => return Err(Error::TooLarge),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(error) if error.is_timeout() => return Err(Error::Timeout { sent: true }),
            Err(error) => {
                return Err(Error::Interrupted {
                    source: Cause::new(error),
                });
            }
        }
    }
}
