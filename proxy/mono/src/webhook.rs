//! Reads the webhooks that Mono sends, in every spelling that is known.
//!
//! Who sent one is not found out here: compare the header `mono-webhook-secret` first. Mono does
//! not sign what it sends, so that an event is a claim until it is asked.

mod data;
mod envelope;
mod model;
mod name;

#[cfg(test)]
mod tests;

pub use self::model::{Kind, Profile, SyncStatus, WebhookError, WebhookEvent};

use self::name::Name;

impl WebhookEvent {
    /// Reads the body of a webhook.
    ///
    /// It fails only where there is no event in it. An event that is known and whose data makes no
    /// sense is [`Kind::Unreadable`], one that is not known is [`Kind::Other`].
    ///
    /// ```
    /// use mono_client::webhook::{Kind, WebhookEvent};
    ///
    /// let body = br#"{"event":"mono.events.account_unlinked","data":{"account":{"id":"5fbcde8f"}}}"#;
    /// let event = WebhookEvent::parse(body)?;
    /// assert!(matches!(event.kind, Kind::AccountUnlinked { account } if account.as_str() == "5fbcde8f"));
    /// # Ok::<(), mono_client::webhook::WebhookError>(())
    /// ```
    pub fn parse(body: &[u8]) -> Result<Self, WebhookError> {
        let envelope = envelope::read(body)?;
        let kind = match Name::of(&envelope.event) {
            None => Kind::Other,
            Some(name) => data::read(name, envelope.data).unwrap_or_else(|place| {
                tracing::warn!(event = ?name, place, "cannot read the data of a webhook");
                Kind::Unreadable {
                    event: envelope.event.clone(),
                }
            }),
        };
        let account = match kind.account() {
            Some(account) => Some(account.clone()),
            None => data::account(envelope.data),
        };
        let reference = match kind.reference() {
            Some(reference) => Some(reference.to_owned()),
            None => data::reference(envelope.data),
        };
        Ok(Self {
            account,
            reference,
            event: envelope.event,
            event_id: envelope.event_id,
            timestamp: envelope.timestamp,
            kind,
        })
    }
}
