//! Which traces are exported.

use std::hash::{BuildHasher as _, RandomState};

use opentelemetry::trace::{Link, SpanKind, TraceId};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{ParentBasedSampler, Sampler, SamplingResult, ShouldSample};

/// Exports this share of what begins here, and of what strangers say is recorded at theirs. What they
/// say is not recorded is not exported here either; what belongs to a span of ours is as that is.
pub(super) fn with_ratio(ratio: f64) -> ParentBasedSampler {
    let sampler = Sampler::TraceIdRatioBased(ratio);
    ParentBasedSampler::new(sampler.clone()).with_remote_parent_sampled(OfStrangers {
        sampler,
        key: RandomState::new(),
    })
}

/// Decides by the trace's id, yet not so that whoever chooses the id chooses the decision.
#[derive(Debug, Clone)]
struct OfStrangers {
    sampler: Sampler,
    key: RandomState,
}

impl ShouldSample for OfStrangers {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let hidden = self.key.hash_one(trace_id.to_bytes());
        let hidden = TraceId::from(u128::from(hidden));
        self.sampler
            .should_sample(parent, hidden, name, kind, attributes, links)
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceState};
    use opentelemetry_sdk::trace::SamplingDecision;

    use super::*;

    const MANY: u128 = 4_000;

    /// How many of many traces are exported, whose ids are these.
    fn exported(ratio: f64, remote: bool, flags: TraceFlags, id: impl Fn(u128) -> u128) -> u32 {
        let sampler = with_ratio(ratio);
        let mut count = 0;
        for number in 1..=MANY {
            let trace = TraceId::from(id(number));
            let span = SpanId::from(7);
            let parent = SpanContext::new(trace, span, flags, remote, TraceState::NONE);
            let parent = Context::new().with_remote_span_context(parent);
            let result =
                sampler.should_sample(Some(&parent), trace, "", &SpanKind::Server, &[], &[]);
            count += u32::from(result.decision == SamplingDecision::RecordAndSample);
        }
        count
    }

    #[test]
    fn a_stranger_cannot_have_more_exported_than_the_share() {
        // These ids would all be within any share.
        let chosen = |number| number << 64;
        let count = exported(0.25, true, TraceFlags::SAMPLED, chosen);
        assert!((700..1_300).contains(&count), "{count}");
        assert_eq!(exported(0.0, true, TraceFlags::SAMPLED, chosen), 0);
        assert_eq!(exported(1.0, true, TraceFlags::SAMPLED, chosen), 4_000);
    }

    #[test]
    fn what_is_not_recorded_elsewhere_is_not_exported() {
        assert_eq!(exported(1.0, true, TraceFlags::default(), |id| id), 0);
    }

    #[test]
    fn a_part_is_as_the_whole_is() {
        assert_eq!(exported(0.0, false, TraceFlags::SAMPLED, |id| id), 4_000);
        assert_eq!(exported(1.0, false, TraceFlags::default(), |id| id), 0);
    }
}
