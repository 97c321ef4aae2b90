//! What a test may change while the simulator runs: spellings, speeds, and how webhooks misbehave.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::duration_text;

/// Which of Mono's two API ages an account's webhooks are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Generation {
    /// The unversioned API of 2020–2023.
    V1,
    /// The `/v2` API with the webhooks of January 2026.
    #[default]
    V2,
}

/// Where Mono's documents name two spellings of one thing, the one that is spoken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent contradiction in Mono's documents"
)]
pub struct Dialect {
    /// v2 exchange answers with a bare `{id}` instead of the envelope.
    pub bare_exchange: bool,
    /// v2 details write `institution.bankCode` instead of `bank_code`.
    pub camel_bank_code: bool,
    /// v2 transactions put `{paging, transactions}` into `data` instead of `meta` beside it.
    pub paging_in_data: bool,
    /// `meta.ref` appears in details and webhooks.
    pub meta_ref: bool,
    /// `data_status` in lower case, as `/v1` wrote it.
    pub lower_case_status: bool,
    /// Sync succeeds with `SYNC_SUCCESSFUL` instead of `SYNCED_SUCCESSFUL`.
    pub short_sync_code: bool,
    /// `account_unlinked` names the account `_id` instead of `id`.
    pub unlinked_underscore_id: bool,
    /// The updated event is called `mono.accounts.account_updated`.
    pub updated_under_accounts: bool,
    /// The reauthorised event in s-spelling, `account_reauthorised`.
    pub reauthorised_with_s: bool,
    /// A login in v1 is told by `account_updated` alone, as the page of 2020 says.
    pub silent_reauth_in_v1: bool,
    /// v1 tells of a sync that failed by `sync_failed` instead of `account_updated`.
    pub sync_failed_in_v1: bool,
    /// The reauth-required event in z-spelling, `reauthorization_required`.
    pub reauthorisation_with_z: bool,
    /// Webhooks carry all eleven digits of the BVN instead of the last four.
    pub full_bvn_in_webhooks: bool,
    /// Unknown accounts are answered 400 instead of 404.
    pub unknown_account_is_400: bool,
    /// Field errors stand in `errors` instead of `data`.
    pub field_errors_in_errors: bool,
    /// The job endpoint in its shape of 2024: `job_status`, `type`, `synced`, `reauth_required`.
    pub job_shape_of_2024: bool,
    /// Job ids in webhooks carry the prefix `jobs.accounts_`.
    pub prefixed_job_ids: bool,
    /// `x-job-status` in upper case.
    pub upper_case_job_status: bool,
    /// `x-has-new-data` is sent only when it is true.
    pub has_new_data_only_when_true: bool,
    /// Identity writes `address_line_1` instead of `address_line1`.
    pub address_line_1: bool,
    /// A finished statement PDF is `COMPLETE` instead of `BUILT`.
    pub pdf_complete: bool,
    /// While an account is processing, v2 data endpoints answer `data: null` instead of an empty payload.
    pub null_while_processing: bool,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            bare_exchange: false,
            camel_bank_code: false,
            paging_in_data: false,
            meta_ref: true,
            lower_case_status: false,
            short_sync_code: false,
            unlinked_underscore_id: false,
            updated_under_accounts: false,
            reauthorised_with_s: false,
            silent_reauth_in_v1: false,
            sync_failed_in_v1: true,
            reauthorisation_with_z: false,
            full_bvn_in_webhooks: false,
            unknown_account_is_400: false,
            field_errors_in_errors: false,
            job_shape_of_2024: false,
            prefixed_job_ids: false,
            upper_case_job_status: false,
            has_new_data_only_when_true: false,
            address_line_1: false,
            pdf_complete: false,
            null_while_processing: false,
        }
    }
}

/// Where webhooks go and what goes wrong with them on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSettings {
    /// Target; `null` sends nothing.
    pub url: Option<String>,
    /// Sent in `mono-webhook-secret`.
    pub secret: String,
    /// Age of the payloads of accounts that were linked without naming one.
    pub generation: Generation,
    /// Further copies of every event, with the same `event_id`.
    pub duplicate: u32,
    /// Every delivery starts this much later.
    #[serde(with = "duration_text")]
    pub delay: Duration,
    /// Per event name (with or without `mono.events.`), a further delay.
    pub delays: BTreeMap<String, String>,
    /// The first of each two events of an account is sent after the second.
    pub reorder: bool,
    /// Event names (with or without `mono.events.`, `*` for all) that are never sent.
    pub drop: Vec<String>,
    /// Before each event, sends a copy with a wrong secret.
    pub forged: bool,
    /// How long an answer may take, in real time.
    #[serde(with = "duration_text")]
    pub timeout: Duration,
}

/// Everything that can change at run time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Spellings.
    pub dialect: Dialect,
    /// From linking until the data is there.
    #[serde(with = "duration_text")]
    pub processing_time: Duration,
    /// How often Mono refreshes linked accounts by itself; `0s` turns it off.
    #[serde(with = "duration_text")]
    pub refresh_interval: Duration,
    /// How long after a login an MFA bank still answers without its user; `0s`: never.
    #[serde(with = "duration_text")]
    pub mfa_session: Duration,
    /// Bank users spend and earn as time passes; without, nothing comes to their year but what is ordered.
    pub habits: bool,
    /// Rows of a page of transactions when the caller names no `limit`.
    pub page_size: usize,
    /// Webhooks.
    pub webhook: WebhookSettings,
}

impl Settings {
    /// These settings with the fields of `patch` put over them, at every depth.
    ///
    /// # Errors
    /// A field that does not exist or has the wrong type.
    pub(crate) fn patched(&self, patch: Value) -> Result<Self, serde_json::Error> {
        let mut merged = serde_json::to_value(self)?;
        merge(&mut merged, patch);
        serde_json::from_value(merged)
    }
}

fn merge(into: &mut Value, patch: Value) {
    match (into, patch) {
        (Value::Object(into), Value::Object(patch)) => {
            for (key, value) in patch {
                // A map of delays is replaced, so that entries can be taken out again.
                if key != "delays" && into.contains_key(&key) {
                    merge(into.entry(key).or_insert(Value::Null), value);
                } else {
                    into.insert(key, value);
                }
            }
        }
        (into, patch) => *into = patch,
    }
}
