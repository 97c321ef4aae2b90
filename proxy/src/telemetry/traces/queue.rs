//! Spans that wait for the exporter: so many and no more, and nobody waits for them.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Span, SpanData, SpanProcessor,
};

use super::exporter::Exporter;
use super::losses::Losses;

/// Spans at most, about two megabytes.
const ROOM: usize = 2_048;

/// Spans in one call to the collector at most.
const BATCH: usize = 512;

/// How long a span waits at most for others to go with.
const DELAY: Duration = Duration::from_secs(5);

/// A batch processor that counts what it has no room for.
#[derive(Debug)]
pub(super) struct Queue {
    batches: BatchSpanProcessor,
    losses: Arc<Losses>,
}

impl Queue {
    pub(super) fn new(exporter: Exporter, losses: Arc<Losses>) -> Self {
        let config = BatchConfigBuilder::default()
            .with_max_queue_size(ROOM)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(DELAY)
            .build();
        Self {
            batches: BatchSpanProcessor::new(exporter, config),
            losses,
        }
    }
}

impl SpanProcessor for Queue {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.batches.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if self.losses.enters(ROOM) {
            self.batches.on_end(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.batches.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.batches.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.batches.set_resource(resource);
    }
}
