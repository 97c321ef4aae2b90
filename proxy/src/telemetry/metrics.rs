//! What the process counts and measures, for whoever runs it.
//!
//! Labels are routes, names and words of ours, few in number: never an id, a name, an address or
//! anything else that a caller or Mono wrote. To add a metric: a field, a line where it is
//! registered, and a method that says when it happens.

mod catalogue;
mod labels;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use mono_client::{Circuit, EndedCall, Observer};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;

use catalogue::Catalogue;
use labels::{
    BudgetLabels, CallLabels, DeliveryLabels, RequestLabels, ResourceLabels, RouteLabels,
    SpanLabels, WebhookLabels,
};

pub use catalogue::Described;
pub(super) use labels::method as known_method;
pub use labels::{Budget, DeliveryOutcome, SpanOutcome, WebhookOutcome};

/// In seconds: from an answer out of memory to an upstream call that is given up.
const DURATIONS: [f64; 12] = [
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0,
];

type Durations<L> = Family<L, Histogram, fn() -> Histogram>;

/// All counters and measures of one process. Clones share them.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Catalogue>,
    requests: Family<RequestLabels, Counter>,
    request_durations: Durations<RouteLabels>,
    budgets_refused: Family<BudgetLabels, Counter>,
    webhooks: Family<WebhookLabels, Counter>,
    event_streams: Gauge,
    upstream_calls: Family<CallLabels, Counter>,
    upstream_durations: Durations<ResourceLabels>,
    upstream_retries: Family<ResourceLabels, Counter>,
    upstream_calls_saved: Family<ResourceLabels, Counter>,
    upstream_circuits: Family<ResourceLabels, Gauge>,
    inbox_events: Gauge,
    inbox_given_up: Counter,
    inbox_oldest: Gauge<f64, AtomicU64>,
    jobs_running: Gauge,
    outbox_deliveries: Family<DeliveryLabels, Counter>,
    outbox_events: Gauge,
    outbox_oldest: Gauge<f64, AtomicU64>,
    outbox_dead_letters: Gauge,
    store_up: Gauge,
    trace_spans: Family<SpanLabels, Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut catalogue = Catalogue::new();
        let registry = &mut catalogue;
        let metrics = Self {
            requests: counted(registry, "requests", "Answers, by route and status"),
            request_durations: timed(
                registry,
                "request_duration_seconds",
                "Time until an answer began",
            ),
            budgets_refused: counted(
                registry,
                "budgets_refused",
                "Calls refused because they came too early or too often",
            ),
            webhooks: counted(registry, "webhooks", "Events that Mono sent, by outcome"),
            event_streams: gauge(registry, "event_streams", "Streams of live events open now"),
            upstream_calls: counted(
                registry,
                "upstream_calls",
                "Calls to Mono, repeats not counted, by outcome",
            ),
            upstream_durations: timed(
                registry,
                "upstream_call_duration_seconds",
                "Time of a call to Mono, waiting and repeats included",
            ),
            upstream_retries: counted(registry, "upstream_retries", "Calls to Mono repeated"),
            upstream_calls_saved: counted(
                registry,
                "upstream_calls_saved",
                "Reads answered from memory, or by a call that was under way already",
            ),
            upstream_circuits: {
                let family = Family::<ResourceLabels, Gauge>::default();
                let help = "Whether calls to Mono are sent: 0 yes, 1 a probe, 2 no";
                registry.register("upstream_circuit_state", help, family.clone());
                family
            },
            inbox_events: gauge(
                registry,
                "inbox_events",
                "Events of Mono's that are kept and not yet applied",
            ),
            inbox_given_up: {
                let counter = Counter::default();
                let help = "Events of Mono's that could not be applied for two days";
                registry.register("inbox_given_up", help, counter.clone());
                counter
            },
            inbox_oldest: gauge(
                registry,
                "inbox_oldest_seconds",
                "Age of the oldest event that is not yet applied",
            ),
            jobs_running: gauge(registry, "jobs_running", "Jobs of Mono's that run"),
            outbox_deliveries: counted(
                registry,
                "outbox_deliveries",
                "Tries to tell the site's back end, by outcome",
            ),
            outbox_events: gauge(
                registry,
                "outbox_events",
                "Events that the site's back end has not taken yet",
            ),
            outbox_oldest: gauge(
                registry,
                "outbox_oldest_seconds",
                "Age of the oldest event that the site's back end has not taken yet",
            ),
            outbox_dead_letters: gauge(
                registry,
                "outbox_dead_letters",
                "Events that are not tried any more",
            ),
            store_up: gauge(
                registry,
                "store_up",
                "Whether the database answered, 1 or 0",
            ),
            trace_spans: counted(registry, "trace_spans", "Spans of traces, by outcome"),
            registry: Arc::new(catalogue),
        };
        metrics.begin_at_zero();
        metrics
    }
}

/// What stands in the store, waiting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Waiting {
    /// Events that are kept and not yet applied.
    pub events: u64,
    /// How long the oldest of them has waited; zero where there is none.
    pub oldest: Duration,
    /// Jobs of Mono's that run.
    pub jobs: u64,
    /// Events that the site's back end has not taken yet.
    pub messages: u64,
    /// How long the oldest of them has waited; zero where there is none.
    pub oldest_message: Duration,
    /// Events that are not tried any more.
    pub dead_letters: u64,
}

impl Metrics {
    /// A call to the public listener was answered. `route` is the template, never the path.
    pub fn request_answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let method = labels::method(method);
        let route = RouteLabels {
            method,
            route: route.to_owned(),
        };
        self.requests
            .get_or_create(&RequestLabels {
                method,
                route: route.route.clone(),
                status,
            })
            .inc();
        self.request_durations
            .get_or_create(&route)
            .observe(took.as_secs_f64());
    }

    /// A call was refused because of a budget (429).
    pub fn budget_refused(&self, budget: Budget) {
        self.budgets_refused
            .get_or_create(&BudgetLabels { budget })
            .inc();
    }

    /// An event of Mono's was answered.
    pub fn webhook_answered(&self, outcome: WebhookOutcome) {
        self.webhooks
            .get_or_create(&WebhookLabels { outcome })
            .inc();
    }

    /// An event of Mono's will not be tried again.
    pub fn event_given_up(&self) {
        self.inbox_given_up.inc();
    }

    /// The site's back end was told something, or not.
    pub fn delivered(&self, outcome: DeliveryOutcome) {
        self.outbox_deliveries
            .get_or_create(&DeliveryLabels { outcome })
            .inc();
    }

    /// These spans were exported, or not.
    pub fn spans_ended(&self, outcome: SpanOutcome, spans: u64) {
        self.trace_spans
            .get_or_create(&SpanLabels { outcome })
            .inc_by(spans);
    }

    /// A stream of live events is open until this is dropped.
    pub fn event_stream_opened(&self) -> OpenStream {
        self.event_streams.inc();
        OpenStream(self.event_streams.clone())
    }

    /// A read cost no call to Mono.
    pub fn upstream_call_saved(&self, resource: &'static str) {
        self.upstream_calls_saved
            .get_or_create(&ResourceLabels { resource })
            .inc();
    }

    /// What waits in the store now. None when the store does not answer.
    pub fn waiting(&self, waiting: Option<Waiting>) {
        self.store_up.set(i64::from(waiting.is_some()));
        if let Some(waiting) = waiting {
            let count = |number| i64::try_from(number).unwrap_or(i64::MAX);
            self.inbox_events.set(count(waiting.events));
            self.inbox_oldest.set(waiting.oldest.as_secs_f64());
            self.jobs_running.set(count(waiting.jobs));
            self.outbox_events.set(count(waiting.messages));
            self.outbox_oldest.set(waiting.oldest_message.as_secs_f64());
            self.outbox_dead_letters.set(count(waiting.dead_letters));
        }
    }

    /// Everything, in the text format of `OpenMetrics`.
    pub fn render(&self) -> Result<String, fmt::Error> {
        self.registry.render()
    }

    /// Every metric that there is, whether it has counted something or not.
    pub fn described(&self) -> &[Described] {
        self.registry.described()
    }

    /// The first refusal must be seen as one more than none.
    fn begin_at_zero(&self) {
        for budget in Budget::ALL {
            drop(self.budgets_refused.get_or_create(&BudgetLabels { budget }));
        }
        for outcome in WebhookOutcome::ALL {
            drop(self.webhooks.get_or_create(&WebhookLabels { outcome }));
        }
        for outcome in SpanOutcome::ALL {
            drop(self.trace_spans.get_or_create(&SpanLabels { outcome }));
        }
        for outcome in DeliveryOutcome::ALL {
            drop(
                self.outbox_deliveries
                    .get_or_create(&DeliveryLabels { outcome }),
            );
        }
    }
}

impl Observer for Metrics {
    fn call_ended(&self, call: &EndedCall) {
        let resource = ResourceLabels {
            resource: call.resource,
        };
        self.upstream_calls
            .get_or_create(&CallLabels {
                resource: call.resource,
                outcome: call.outcome,
            })
            .inc();
        self.upstream_durations
            .get_or_create(&resource)
            .observe(call.took.as_secs_f64());
        if call.repeats > 0 {
            self.upstream_retries
                .get_or_create(&resource)
                .inc_by(u64::from(call.repeats));
        }
    }

    fn circuit_changed(&self, name: &'static str, circuit: Circuit) {
        let state = match circuit {
            Circuit::Closed => 0,
            Circuit::Probing => 1,
            Circuit::Open => 2,
        };
        self.upstream_circuits
            .get_or_create(&ResourceLabels { resource: name })
            .set(state);
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// A stream of live events that is open.
#[derive(Debug)]
pub struct OpenStream(Gauge);

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn counted<L: labels::Labels>(
    registry: &mut Catalogue,
    name: &str,
    help: &str,
) -> Family<L, Counter> {
    let family = Family::default();
    registry.register(name, help, Family::clone(&family));
    family
}

fn timed<L: labels::Labels>(registry: &mut Catalogue, name: &str, help: &str) -> Durations<L> {
    let constructor: fn() -> Histogram = || Histogram::new(DURATIONS);
    let family = Family::new_with_constructor(constructor);
    registry.register(name, help, Family::clone(&family));
    family
}

fn gauge<N, A>(registry: &mut Catalogue, name: &str, help: &str) -> Gauge<N, A>
where
    Gauge<N, A>: Default + Clone + prometheus_client::registry::Metric,
{
    let gauge = Gauge::<N, A>::default();
    registry.register(name, help, Gauge::clone(&gauge));
    gauge
}
