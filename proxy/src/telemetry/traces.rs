//! Traces, exported over OTLP where a collector is configured.
//!
//! Spans are made with `tracing` as anything else is, and only those that are marked for it become
//! spans of OpenTelemetry: the requests' own, and those with the target [`SPANS`] here or in the
//! client of Mono's API, which no log shows. What is exported of them is a short list of attributes.

mod attributes;
mod exporter;
mod losses;
mod queue;
mod sampler;

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::trace::{
    SpanBuilder, SpanContext, SpanId, SpanKind, TraceContextExt as _, TraceFlags, TraceId,
    TraceState, Tracer, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, SpanLimits};
use tracing::field::Empty;
use tracing::level_filters::LevelFilter;
use tracing::{Metadata, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, filter};

use super::metrics::{Metrics, known_method};
use crate::config;
use attributes as name;
use exporter::Exporter;
use losses::Losses;
use queue::Queue;

/// The target of spans that are exported and that no log shows.
pub const SPANS: &str = "mono_connect_proxy::spans";

/// The span that each request has for the log, too.
pub(crate) const REQUEST: &str = "request";

/// How long a process that ends waits for the collector.
const LAST_EXPORT: Duration = Duration::from_secs(2);

/// The way of spans to the collector. Clones share it.
#[derive(Debug, Clone)]
pub struct Traces {
    provider: SdkTracerProvider,
    losses: Arc<Losses>,
}

/// What whoever called says about the trace that a request belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller<'a> {
    /// 32 hexadecimal digits.
    pub(crate) trace_id: &'a str,
    /// 16 hexadecimal digits.
    pub(crate) span_id: &'a str,
    /// Whether the caller says that its own part is recorded.
    pub(crate) is_sampled: bool,
}

impl Traces {
    /// Starts exporting, on the runtime that it is called in.
    pub fn new(config: &config::Traces) -> Result<Self, reqwest::Error> {
        let losses = Arc::new(Losses::default());
        let resource = Resource::builder_empty()
            .with_service_name(config.service_name.clone())
            .with_attribute(KeyValue::new(name::VERSION, env!("CARGO_PKG_VERSION")))
            .build();
        let exporter = Exporter::new(config, &resource, Arc::clone(&losses))?;
        // Everything is said here, because the crate would ask the environment about the rest.
        let provider = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_sampler(sampler::with_ratio(config.ratio))
            .with_span_limits(SpanLimits::default())
            .with_span_processor(Queue::new(exporter, Arc::clone(&losses)))
            .build();
        Ok(Self { provider, losses })
    }

    /// Counts in these metrics what becomes of spans.
    pub fn count_in(&self, metrics: &Metrics) {
        self.losses.count_in(metrics);
    }

    /// What makes spans of OpenTelemetry out of those of `tracing`.
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: tracing::Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        let tracer = Named(self.provider.tracer("mono-connect-proxy"));
        tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_context_activation(false)
            .with_location(false)
            .with_target(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(filter::filter_fn(is_exported).with_max_level_hint(LevelFilter::INFO))
    }

    /// Sends what waits, and says whether it was taken. Blocks.
    pub fn flush(&self) -> bool {
        self.provider.force_flush().is_ok()
    }

    /// Sends what has not been sent, as far as that is possible within two seconds.
    pub async fn end(&self) {
        self.losses.end();
        let provider = self.provider.clone();
        // It blocks.
        let ended = tokio::task::spawn_blocking(move || {
            provider.shutdown_with_timeout(LAST_EXPORT).is_ok()
        });
        if !ended.await.unwrap_or(false) {
            tracing::warn!("the last traces were not exported in time");
        }
    }
}

/// Whether a span leaves at all. Events never do: what is logged may name an error of any crate.
fn is_exported(metadata: &Metadata<'_>) -> bool {
    let is_request =
        || metadata.name() == REQUEST && metadata.target().starts_with("mono_connect_proxy::http");
    metadata.is_span() && ([SPANS, mono_client::SPANS].contains(&metadata.target()) || is_request())
}

/// Makes the requests' spans, which the log has its own fields in, those of a server.
#[derive(Debug)]
struct Named(SdkTracer);

impl Tracer for Named {
    type Span = opentelemetry_sdk::trace::Span;

    fn build_with_context(&self, mut builder: SpanBuilder, parent: &Context) -> Self::Span {
        if builder.name == REQUEST {
            builder.span_kind = Some(SpanKind::Server);
        }
        self.0.build_with_context(builder, parent)
    }
}

/// Begins the trace of a request in this span, or goes on with the caller's. Gives the trace's id if
/// this part of it is exported.
pub(crate) fn request_begins(
    span: &Span,
    caller: Option<Caller<'_>>,
    method: &str,
    route: Option<&str>,
) -> Option<String> {
    if let Some(caller) = caller.and_then(Caller::context) {
        // Nothing was begun in it before, and without a layer there is nothing to begin.
        drop(span.set_parent(Context::new().with_remote_span_context(caller)));
    }
    let context = span.context();
    let request = context.span();
    if !request.is_recording() {
        return None;
    }
    let method = known_method(method);
    request.set_attribute(KeyValue::new(name::METHOD, method));
    if let Some(route) = route {
        request.update_name(format!("{method} {route}"));
        request.set_attribute(KeyValue::new(name::ROUTE, route.to_owned()));
        // Never the path itself: it holds ids.
        request.set_attribute(KeyValue::new(name::PATH, route.to_owned()));
    } else {
        request.update_name(method);
    }
    Some(request.span_context().trace_id().to_string())
}

/// Notes how a request was answered.
pub(crate) fn request_answered(span: &Span, status: u16, problem: Option<&'static str>) {
    let context = span.context();
    let request = context.span();
    request.set_attribute(KeyValue::new(name::STATUS, i64::from(status)));
    if let Some(problem) = problem {
        request.set_attribute(KeyValue::new(name::ERROR, problem));
    }
    if status >= 500 {
        request.set_status(opentelemetry::trace::Status::error(""));
    }
}

/// A trace of its own for a piece of work in the background.
pub(crate) fn work(name: &'static str, kind: Work) -> Span {
    let kind = match kind {
        Work::Event => "consumer",
        Work::Delivery => "producer",
        Work::Due => "internal",
    };
    tracing::info_span!(
        target: SPANS,
        parent: None,
        "work",
        otel.name = name,
        otel.kind = kind,
        otel.status_code = Empty,
        http.response.status_code = Empty,
        mono_connect.event = Empty,
        mono_connect.attempt = Empty,
        "error.type" = Empty,
    )
}

/// Notes that a piece of work failed, in a word of ours.
pub(crate) fn work_failed(span: &Span, error: &'static str) {
    span.record("otel.status_code", "ERROR");
    span.record("error.type", error);
}

/// What work in the background comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Work {
    /// Mono has told of something.
    Event,
    /// The site's back end is to be told.
    Delivery,
    /// Its time has come.
    Due,
}

impl Caller<'_> {
    fn context(self) -> Option<SpanContext> {
        let context = SpanContext::new(
            TraceId::from_hex(self.trace_id).ok()?,
            SpanId::from_hex(self.span_id).ok()?,
            TraceFlags::default().with_sampled(self.is_sampled),
            true,
            TraceState::NONE,
        );
        context.is_valid().then_some(context)
    }
}
