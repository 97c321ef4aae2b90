//! Posts spans to the collector, in protobuf.
//!
//! The conversion is that of `opentelemetry-proto`. The exporter that goes with it would read
//! addresses, headers and compression from the environment, past the settings.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use prost::Message as _;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Response, StatusCode};
use tokio::runtime::Handle;
use url::Url;

use super::attributes::keep_exported;
use super::losses::Losses;
use crate::config::Traces;
use crate::telemetry::metrics::SpanOutcome;

/// One call to the collector.
const TIMEOUT: Duration = Duration::from_secs(10);

const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// How long to wait before each further try.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

/// What is read of an answer.
const ANSWER_LIMIT: usize = 16 * 1024;

const PROTOBUF: HeaderValue = HeaderValue::from_static("application/x-protobuf");

/// Says who sends.
const USER_AGENT: &str = concat!("mono-connect-proxy/", env!("CARGO_PKG_VERSION"));

/// The way to the collector.
#[derive(Debug)]
pub(super) struct Exporter {
    http: reqwest::Client,
    url: Url,
    resource: ResourceAttributesWithSchema,
    losses: Arc<Losses>,
    /// Batches are made by a thread of their own, which knows nothing of the runtime.
    runtime: Handle,
}

/// Why a batch was not taken. In words of ours: whatever the collector answered stays there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Failure {
    /// It cannot take any now.
    #[error("the collector is busy")]
    Busy,
    /// It was answered otherwise than with 2xx.
    #[error("the collector refused them")]
    Refused,
    /// There was no answer in time.
    #[error("the collector did not answer in time")]
    Timeout,
    /// There was no connection.
    #[error("the collector cannot be reached")]
    Unreachable,
}

impl Failure {
    /// Whether the next moment may be better.
    const fn may_pass(self) -> bool {
        matches!(self, Self::Busy | Self::Unreachable)
    }
}

impl Exporter {
    /// On the runtime that it is called in.
    pub(super) fn new(
        config: &Traces,
        resource: &Resource,
        losses: Arc<Losses>,
    ) -> Result<Self, reqwest::Error> {
        let mut headers: HeaderMap = config.headers.iter().cloned().collect();
        headers.insert(CONTENT_TYPE, PROTOBUF);
        #[expect(
            clippy::disallowed_methods,
            reason = "this client posts to one address and knows nothing of Mono"
        )]
        let mut builder = reqwest::Client::builder()
            .default_headers(headers)
            .user_agent(USER_AGENT)
            // The headers are secret, and a redirect to another host would take them along.
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_LIMIT)
            .timeout(TIMEOUT);
        if config.url.scheme() == "http" {
            // No TLS will be spoken, so a machine without certificates must not matter.
            builder = builder.tls_certs_only([]);
        }
        Ok(Self {
            http: builder.build()?,
            url: config.url.clone(),
            resource: resource.into(),
            losses,
            runtime: Handle::current(),
        })
    }
}

impl SpanExporter for Exporter {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        self.losses.leave(spans);
        batch.iter_mut().for_each(keep_exported);
        let request = ExportTraceServiceRequest {
            resource_spans: group_spans_by_resource_and_scope(batch, &self.resource),
        };
        let sending = send(
            self.http.clone(),
            self.url.clone(),
            request.encode_to_vec(),
            Arc::clone(&self.losses),
        );
        let spans = u64::try_from(spans).unwrap_or(u64::MAX);
        // It is cut off only when the runtime ends.
        let sent = self.runtime.spawn(sending).await;
        let sent = sent.unwrap_or(Err(Failure::Timeout));
        let rejected = sent.map_or(spans, |rejected| rejected.min(spans));
        self.losses.count(SpanOutcome::Exported, spans - rejected);
        self.losses.count(SpanOutcome::Failed, rejected);
        match sent {
            Ok(0) => self
                .losses
                .tell("more spans than the collector takes in time"),
            Ok(_) => self.losses.tell("the collector rejected some"),
            Err(failure) => self.losses.tell(&failure.to_string()),
        }
        sent.map(drop)
            .map_err(|failure| OTelSdkError::InternalFailure(failure.to_string()))
    }
}

/// Sends a batch, and again where that may help. Gives the number of spans that were rejected.
async fn send(
    http: reqwest::Client,
    url: Url,
    body: Vec<u8>,
    losses: Arc<Losses>,
) -> Result<u64, Failure> {
    let mut pauses = PAUSES.iter();
    loop {
        let failure = match post(&http, url.clone(), body.clone()).await {
            Ok(rejected) => return Ok(rejected),
            Err(failure) => failure,
        };
        let pause = pauses.next().filter(|_| failure.may_pass());
        match pause {
            Some(pause) if losses.pauses(*pause).await => {}
            _ => return Err(failure),
        }
    }
}

async fn post(http: &reqwest::Client, url: Url, body: Vec<u8>) -> Result<u64, Failure> {
    let answer = http.post(url).body(body).send().await.map_err(|error| {
        if error.is_timeout() {
            Failure::Timeout
        } else {
            Failure::Unreachable
        }
    })?;
    let status = answer.status();
    if status.is_success() {
        return Ok(rejected(&read(answer).await));
    }
    Err(match status {
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Failure::Busy,
        _ => Failure::Refused,
    })
}

/// Reads an answer as far as it is of interest. The spans were taken, whatever comes of it.
async fn read(mut answer: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        if body.len() + chunk.len() > ANSWER_LIMIT {
            return Vec::new();
        }
        body.extend_from_slice(&chunk);
    }
    body
}

/// How many spans were not taken after all.
fn rejected(answer: &[u8]) -> u64 {
    let answer = ExportTraceServiceResponse::decode(answer).unwrap_or_default();
    let rejected = answer.partial_success.map_or(0, |part| part.rejected_spans);
    u64::try_from(rejected).unwrap_or(0)
}
