//! What stands around the data of every webhook.
//!
//! A key that is there twice counts as if it were not there: which of the two is meant is nobody's
//! to guess.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::WebhookError;
use crate::wire::{Moment, Text};

const LONGEST_ID: usize = 256;

/// A webhook before its data is looked at.
pub(super) struct Envelope<'a> {
    pub(super) event: String,
    pub(super) event_id: Option<String>,
    pub(super) timestamp: Option<Timestamp>,
    pub(super) data: Option<&'a RawValue>,
}

pub(super) fn read(body: &[u8]) -> Result<Envelope<'_>, WebhookError> {
    let text = std::str::from_utf8(body).map_err(|_| WebhookError::NotJson)?;
    let Ok(parts) = serde_json::from_str::<Parts<'_>>(text) else {
        return Err(match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => WebhookError::NoEvent,
            Err(_) => WebhookError::NotJson,
        });
    };
    let event = parts
        .event
        .read::<String>()
        .filter(|event| is_plain(event))
        .ok_or(WebhookError::NoEvent)?;
    let event_id = [parts.event_id, parts.camel_event_id]
        .into_iter()
        .find_map(|id| id.read::<Text>()?.into_option())
        .filter(|id| id.len() <= LONGEST_ID && is_plain(id));
    let timestamp = parts.timestamp.read().map(|Moment(moment)| moment);
    Ok(Envelope {
        event,
        event_id,
        timestamp,
        data: parts.data.value(),
    })
}

/// An id or a name that can be kept anywhere.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(char::is_control)
}

#[derive(Default)]
struct Parts<'a> {
    event: Part<'a>,
    event_id: Part<'a>,
    camel_event_id: Part<'a>,
    timestamp: Part<'a>,
    data: Part<'a>,
}

#[derive(Clone, Copy, Default)]
enum Part<'a> {
    #[default]
    Absent,
    Once(&'a RawValue),
    Twice,
}

impl<'a> Part<'a> {
    fn add(&mut self, value: &'a RawValue) {
        *self = match self {
            Self::Absent => Self::Once(value),
            Self::Once(_) | Self::Twice => Self::Twice,
        };
    }

    fn value(self) -> Option<&'a RawValue> {
        match self {
            Self::Once(value) => Some(value),
            Self::Absent | Self::Twice => None,
        }
    }

    fn read<T: DeserializeOwned>(self) -> Option<T> {
        serde_json::from_str(self.value()?.get()).ok()
    }
}

#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Parts<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PartsVisitor)
    }
}

struct PartsVisitor;

impl<'de> Visitor<'de> for PartsVisitor {
    type Value = Parts<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a webhook")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Parts<'de>, A::Error> {
        let mut parts = Parts::default();
        while let Some(Key(key)) = entries.next_key()? {
            let part = match key.as_ref() {
                "event" => &mut parts.event,
                "event_id" => &mut parts.event_id,
                "eventId" => &mut parts.camel_event_id,
                "timestamp" => &mut parts.timestamp,
                "data" => &mut parts.data,
                _ => {
                    entries.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            part.add(entries.next_value()?);
        }
        Ok(parts)
    }
}
