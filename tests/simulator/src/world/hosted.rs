//! Hosted links: what `POST /v2/accounts/initiate` hands out as `mono_url`.

use jiff::Timestamp;

use super::{Refusal, World};
use crate::random::{UPPER, word};

/// What a hosted link, or a visit of the widget, is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Link an account.
    Auth,
    /// Re-authorise one.
    Reauth,
}

/// One hosted link.
#[derive(Debug, Clone)]
pub(crate) struct HostedLink {
    pub(crate) scope: Scope,
    pub(crate) customer: String,
    /// The account to re-authorise.
    pub(crate) account: Option<String>,
    pub(crate) reference: Option<String>,
    pub(crate) redirect_url: Option<String>,
    /// `institution` of the request, as it came.
    pub(crate) selected_institution: Option<serde_json::Value>,
    pub(crate) check_account_match: bool,
    pub(crate) created_at: Timestamp,
}

impl World {
    /// Keeps the link under a fresh id and returns its address.
    pub(crate) fn host(&mut self, link: HostedLink) -> String {
        let id = format!("AL{}", word(&mut self.ids, UPPER, 12));
        let url = format!("{}/link/{id}", self.identity.public_url);
        self.hosted_links.insert(id, link);
        url
    }

    pub(crate) fn hosted_link(&self, id: &str) -> Result<&HostedLink, Refusal> {
        self.hosted_links.get(id).ok_or(Refusal::UnknownLink)
    }
}
