//! The labels that metrics carry: words of ours, each from a short list.

use std::fmt;
use std::hash::Hash;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};

/// What a set of labels must be.
pub(super) trait Labels:
    EncodeLabelSet + Clone + Eq + Hash + Send + Sync + fmt::Debug + 'static
{
}

impl<T> Labels for T where T: EncodeLabelSet + Clone + Eq + Hash + Send + Sync + fmt::Debug + 'static
{}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct RequestLabels {
    pub(super) method: &'static str,
    pub(super) route: String,
    pub(super) status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct RouteLabels {
    pub(super) method: &'static str,
    pub(super) route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct BudgetLabels {
    pub(super) budget: Budget,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct WebhookLabels {
    pub(super) outcome: WebhookOutcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct DeliveryLabels {
    pub(super) outcome: DeliveryOutcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct SpanLabels {
    pub(super) outcome: SpanOutcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct CallLabels {
    pub(super) resource: &'static str,
    pub(super) outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ResourceLabels {
    pub(super) resource: &'static str,
}

/// Whose budget refused a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Budget {
    /// The account's: it was synced too recently.
    Account,
    /// The caller's: too many calls.
    Caller,
    /// The proxy's: more to do than it can.
    Proxy,
}

impl Budget {
    pub(super) const ALL: [Self; 3] = [Self::Account, Self::Caller, Self::Proxy];
}

impl EncodeLabelValue for Budget {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        let word = match self {
            Self::Account => "account",
            Self::Caller => "caller",
            Self::Proxy => "proxy",
        };
        EncodeLabelValue::encode(&word, encoder)
    }
}

/// What became of an event that Mono sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WebhookOutcome {
    /// It is kept, now or before.
    Accepted,
    /// It came without the right secret.
    Unauthenticated,
    /// It was too large, took too long or was no event.
    Invalid,
    /// It could not be kept.
    NotKept,
}

impl WebhookOutcome {
    pub(super) const ALL: [Self; 4] = [
        Self::Accepted,
        Self::Unauthenticated,
        Self::Invalid,
        Self::NotKept,
    ];
}

impl EncodeLabelValue for WebhookOutcome {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        let word = match self {
            Self::Accepted => "accepted",
            Self::Unauthenticated => "unauthenticated",
            Self::Invalid => "invalid",
            Self::NotKept => "not_kept",
        };
        EncodeLabelValue::encode(&word, encoder)
    }
}

/// What became of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SpanOutcome {
    /// The collector took it.
    Exported,
    /// The collector did not take it.
    Failed,
    /// Too many waited.
    Dropped,
}

impl SpanOutcome {
    pub(super) const ALL: [Self; 3] = [Self::Exported, Self::Failed, Self::Dropped];
}

impl EncodeLabelValue for SpanOutcome {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        let word = match self {
            Self::Exported => "exported",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
        };
        EncodeLabelValue::encode(&word, encoder)
    }
}

/// What became of one try to tell the site's back end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryOutcome {
    /// It took the event.
    Delivered,
    /// It did not; the event is tried again.
    Failed,
    /// It did not for days; the event is not tried again.
    GivenUp,
}

impl DeliveryOutcome {
    pub(super) const ALL: [Self; 3] = [Self::Delivered, Self::Failed, Self::GivenUp];
}

impl EncodeLabelValue for DeliveryOutcome {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        let word = match self {
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::GivenUp => "given_up",
        };
        EncodeLabelValue::encode(&word, encoder)
    }
}

/// A caller may send any word for a method; only those of HTTP are told apart.
pub(in crate::telemetry) fn method(word: &str) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN
        .into_iter()
        .find(|known| *known == word)
        .unwrap_or("other")
}
