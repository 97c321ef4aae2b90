//! The JSON of each webhook, as Mono's pages print it: of 2026 (`v2`) and of the unversioned API (`v1`).

use serde_json::{Map, Value, json};

use super::Event;
use crate::clock::iso;
use crate::random::object_id;
use crate::world::{Dialect, Generation, LinkedAccount, World};

/// The name of an event as the dialect spells it.
pub(super) fn event_name(event: &Event, dialect: &Dialect) -> &'static str {
    match event {
        Event::Connected => "mono.events.account_connected",
        Event::Updated(_) if dialect.updated_under_accounts => "mono.accounts.account_updated",
        Event::Updated(_) => "mono.events.account_updated",
        Event::Reauthorised if dialect.reauthorised_with_s => "mono.events.account_reauthorised",
        Event::Reauthorised => "mono.events.account_reauthorized",
        Event::ReauthorisationRequired if dialect.reauthorisation_with_z => {
            "mono.events.reauthorization_required"
        }
        Event::ReauthorisationRequired => "mono.events.reauthorisation_required",
        Event::SyncFailed => "mono.events.sync_failed",
        Event::Unlinked => "mono.events.account_unlinked",
        Event::IncomeReady => "mono.events.account_income",
        Event::JobChanged { .. } => "mono.accounts.jobs.update",
    }
}

impl World {
    /// The whole body of a webhook about this account.
    pub(super) fn payload(&mut self, account: &LinkedAccount, event: &Event) -> Value {
        let name = event_name(event, &self.settings.dialect);
        match account.generation {
            Generation::V1 => json!({ "event": name, "data": self.data_v1(account, event) }),
            // The one new event whose sample has neither id nor time.
            Generation::V2 if matches!(event, Event::JobChanged { .. }) => {
                json!({ "event": name, "data": self.data_v2(account, event) })
            }
            Generation::V2 => {
                let event_id = object_id(&mut self.ids);
                let mut data = self.data_v2(account, event);
                data["app"] = json!(self.identity.app);
                data["business"] = json!(self.identity.business);
                json!({
                    "event": name,
                    "event_id": event_id,
                    "timestamp": iso(self.now()),
                    "data": data,
                })
            }
        }
    }

    fn data_v1(&self, account: &LinkedAccount, event: &Event) -> Value {
        match event {
            Event::Connected => json!({ "id": account.id }),
            Event::Updated(_) => self.updated_v1(account),
            Event::Reauthorised | Event::ReauthorisationRequired | Event::SyncFailed => {
                json!({ "account": { "_id": account.id } })
            }
            Event::Unlinked => self.unlinked(account),
            Event::IncomeReady => self.income_data(account),
            Event::JobChanged { job } => self.job_v1(job),
        }
    }

    fn updated_v1(&self, account: &LinkedAccount) -> Value {
        let bank = self.bank_account(account);
        json!({
            "meta": { "data_status": self.status_word(account) },
            "account": {
                "_id": account.id,
                "institution": { "name": bank.institution.name },
                "accountNumber": bank.number,
                "name": bank.name,
                "type": bank.kind,
                "currency": "Naira",
                "bvn": self.webhook_bvn(account),
                "balance": self.balance(account),
                "created_at": iso(account.linked_at),
                "updated_at": iso(account.updated_at),
                "__v": 0,
            },
        })
    }

    fn data_v2(&self, account: &LinkedAccount, event: &Event) -> Value {
        match event {
            Event::Connected => json!({
                "id": account.id,
                "customer": account.customer,
                "meta": self.meta_v2(account),
            }),
            Event::Updated(update) => {
                let mut meta = self.meta_v2(account);
                meta.insert("retrieved_data".to_owned(), json!(account.retrieved));
                meta.insert("data_request_id".to_owned(), json!(account.data_request_id));
                if let Some(status) = update.sync_status {
                    meta.insert("sync_status".to_owned(), json!(status));
                }
                if let Some(job) = &update.job {
                    meta.insert("job_id".to_owned(), json!(job));
                }
                if update.new_data {
                    meta.insert("has_new_data".to_owned(), json!(true));
                }
                json!({ "account": self.updated_account_v2(account), "meta": meta })
            }
            Event::Reauthorised | Event::ReauthorisationRequired | Event::SyncFailed => {
                json!({ "account": { "_id": account.id } })
            }
            Event::Unlinked => self.unlinked(account),
            Event::IncomeReady => self.income_data(account),
            Event::JobChanged { job } => self.job_v2(job),
        }
    }

    fn updated_account_v2(&self, account: &LinkedAccount) -> Value {
        let bank = self.bank_account(account);
        let mut shown = json!({
            "_id": account.id,
            "name": bank.name,
            "accountNumber": bank.number,
            "currency": bank.currency,
            "balance": self.balance(account),
            "type": bank.kind,
            "bvn": self.webhook_bvn(account),
            "authMethod": account.auth_method,
            "institution": {
                "name": bank.institution.name,
                "bankCode": bank.institution.bank_code,
                "type": bank.institution.kind,
            },
            "created_at": iso(account.linked_at),
            "updated_at": iso(account.updated_at),
        });
        if let Some(matches) = account.account_match {
            shown["account_match"] = json!(matches);
        }
        shown
    }

    fn meta_v2(&self, account: &LinkedAccount) -> Map<String, Value> {
        let mut meta = Map::new();
        meta.insert("data_status".to_owned(), json!(self.status_word(account)));
        meta.insert("auth_method".to_owned(), json!(account.auth_method));
        if let Some(reference) = self.shown_reference(account) {
            meta.insert("ref".to_owned(), json!(reference));
        }
        meta
    }

    fn unlinked(&self, account: &LinkedAccount) -> Value {
        let key = if self.settings.dialect.unlinked_underscore_id {
            "_id"
        } else {
            "id"
        };
        json!({ "account": { key: account.id } })
    }

    fn webhook_bvn(&self, account: &LinkedAccount) -> Option<&str> {
        if self.settings.dialect.full_bvn_in_webhooks {
            (!account.is_processing()).then(|| self.banks.bvn_of(account.bank_account))
        } else {
            self.bvn_last4(account)
        }
    }

    /// As of 2024: a prefixed id and no account.
    fn job_v1(&self, id: &str) -> Value {
        let job = self.jobs.get(id);
        json!({
            "id": format!("jobs.accounts_{id}"),
            "name": job.map(|job| job.kind.name()),
            "status": job.map(|job| job.status.word()),
        })
    }

    /// As of 2026.
    fn job_v2(&self, id: &str) -> Value {
        let job = self.jobs.get(id);
        let prefix = if self.settings.dialect.prefixed_job_ids {
            "jobs.accounts_"
        } else {
            ""
        };
        json!({
            "account": job.map(|job| job.account.as_str()),
            "business": self.identity.business,
            "app": self.identity.app,
            "id": format!("{prefix}{id}"),
            "name": job.map(|job| job.kind.name()),
            "status": job.map(|job| job.status.word()),
        })
    }
}
