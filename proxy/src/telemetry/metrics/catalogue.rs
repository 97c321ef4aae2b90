//! The metrics that there are, by name: a registry shows those only that have counted something.

use std::fmt;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Metric, Registry};

/// A metric, and what Prometheus keeps of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// What documents call it.
    pub name: String,
    /// What can be asked for. Of a histogram, three.
    pub series: Vec<String>,
}

/// A registry that knows what was registered.
pub(super) struct Catalogue {
    registry: Registry,
    described: Vec<Described>,
}

const PREFIX: &str = "mono_connect";

impl Catalogue {
    pub(super) fn new() -> Self {
        Self {
            registry: Registry::with_prefix(PREFIX),
            described: Vec::new(),
        }
    }

    pub(super) fn register(&mut self, name: &str, help: &str, metric: impl Metric) {
        let full = format!("{PREFIX}_{name}");
        let named = |suffix: &str| format!("{full}{suffix}");
        self.described.push(match metric.metric_type() {
            MetricType::Counter => Described {
                name: named("_total"),
                series: vec![named("_total")],
            },
            MetricType::Histogram => Described {
                series: ["_bucket", "_count", "_sum"].map(named).into(),
                name: full,
            },
            _ => Described {
                series: vec![full.clone()],
                name: full,
            },
        });
        self.registry.register(name, help, metric);
    }

    pub(super) fn described(&self) -> &[Described] {
        &self.described
    }

    pub(super) fn render(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
