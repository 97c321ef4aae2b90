//! An example for every request and every answer.

use serde_json::{Value, json};

use super::schema;

/// Puts the examples where the schemas are named.
pub(super) fn give(operation: &mut Value) {
    if let Some(content) = operation.pointer_mut("/requestBody/content/application~1json") {
        give_to(content);
    }
    let responses = operation["responses"].as_object_mut();
    for response in responses
        .into_iter()
        .flat_map(|responses| responses.values_mut())
    {
        for content in response
            .get_mut("content")
            .and_then(Value::as_object_mut)
            .into_iter()
            .flat_map(|content| content.values_mut())
        {
            give_to(content);
        }
    }
}

fn give_to(content: &mut Value) {
    if content["x-events"].is_object() {
        content["example"] = events().into();
        return;
    }
    if let Value::Object(content) = content {
        content.remove("x-events");
    }
    let name = content["schema"]["$ref"].as_str().and_then(schema::name);
    if let Some(example) = name.and_then(example) {
        content["example"] = example;
    }
}

/// What a value of this schema could be.
fn example(schema: &str) -> Option<Value> {
    linking(schema)
        .or_else(|| data(schema))
        .or_else(|| back_end(schema))
}

/// What a page links an account with.
fn linking(schema: &str) -> Option<Value> {
    Some(match schema {
        "Account" => account(),
        "Accounts" => json!({"accounts": [account()]}),
        "ExchangeRequest" => json!({"code": "code_k2uxp4vrnvuxn1ag3yrp", "reference": REFERENCE}),
        "Institutions" => json!({
            "institutions": [{
                "id": "5f2d08c060b92e2888287706", "name": "GTBank", "type": "PERSONAL_BANKING",
                "icon": "https://mono.example/gtbank.png", "country": "ng",
                "auth_methods": ["internet_banking", "mobile_banking"],
            }],
            "skipped": 0,
        }),
        "LinkSession" => json!({
            "reference": REFERENCE, "expires_at": "2026-01-31T10:30:00Z",
            "widget": {
                "key": "test_pk_k2uxp4vrnvuxn1ag3yrp", "scope": "auth", "reference": REFERENCE,
                "data": {"customer": {"name": "Ada Obi", "email": "ada@example.com"}},
            },
        }),
        "LinkSessionRequest" => json!({
            "customer": {"name": "Ada Obi", "email": "ada@example.com"},
            "consent": {"version": "2026-01", "purpose": "To show your spending."},
        }),
        "Nothing" => json!({}),
        "PublicConfig" => json!({
            "public_key": "test_pk_k2uxp4vrnvuxn1ag3yrp", "environment": "test",
            "api_generation": "v2", "reauthorise": "account_id",
            "widget": {
                "script_url": "https://widget.example/connect.js",
                "origins": ["https://widget.example"],
            },
        }),
        "Reauthorisation" => json!({
            "method": "account_id", "account_id": ACCOUNT, "reference": "mcr_4tYbq0Zk3vWq8sT2mXr5",
        }),
        _ => return None,
    })
}

/// What is read of an account.
fn data(schema: &str) -> Option<Value> {
    Some(match schema {
        "Assets" => json!({
            "assets": [{
                "name": "Naira Fund", "type": "FUND", "cost": 1_000_000, "return": 52_000,
                "quantity": 104.5, "currency": "NGN", "symbol": "NF", "current_balance": 1_052_000,
            }],
            "skipped": 0,
        }),
        "Balance" => json!({"balance": 312_500, "currency": "NGN", "freshness": freshness()}),
        "Earnings" => json!({
            "earnings": [{
                "id": "66c5b5e2f1a3d4c0b8e7a977", "amount": 52_000, "narration": "DIVIDEND",
                "date": NOW, "asset": {"name": "Naira Fund", "symbol": "NF"},
            }],
            "skipped": 0,
        }),
        "History" => json!({
            "total": 4_500_000,
            "history": [{"period": "01-26", "amount": 4_500_000, "transaction_count": 3}],
            "skipped": 0,
        }),
        "Identity" => json!({
            "full_name": "ADA OBI", "email": "ada@example.com", "phone": "08012345678",
            "gender": "Female", "date_of_birth": "1990-04-01", "bvn_last4": "1234",
            "address": "1 Marina, Lagos", "marital_status": null,
        }),
        "Income" => json!({
            "status": "ready",
            "records": [{
                "type": "SALARY", "employer": "Example Ltd", "amount": 45_000_000,
                "monthly_average": 45_000_000, "frequency": "MONTHLY", "currency": "NGN",
                "first_date": "2025-02-25", "last_date": "2026-01-25", "stability": 0.97,
            }],
            "skipped": 0,
        }),
        "Job" => json!({
            "id": JOB, "name": "jobs.accounts.sync_balance", "status": "finished",
            "reauth_required": false, "updated_at": NOW,
        }),
        "Statement" => json!({
            "count": 1, "transactions": [transaction()], "requested_days": 180,
            "available_days": 180, "skipped": 0, "freshness": freshness(),
        }),
        "StatementPdf" => json!({"job_id": JOB, "status": "building"}),
        "StatementPdfRequest" => json!({"period": "last6months"}),
        "SyncOutcome" => json!({
            "status": "processing", "has_new_data": null, "job_id": JOB,
            "next_allowed_at": "2026-01-31T10:05:00Z",
        }),
        "Transactions" => json!({
            "transactions": [transaction()], "page": 1, "total": 120, "next_page": 2, "skipped": 0,
            "freshness": freshness(),
        }),
        _ => return None,
    })
}

/// What the site's back end and Mono see.
fn back_end(schema: &str) -> Option<Value> {
    Some(match schema {
        "AccountsPage" => json!({"accounts": [owned_account()], "next_cursor": null}),
        "AuditPage" => json!({"entries": [audit_entry()], "next_cursor": null}),
        "DeadLettersPage" => json!({
            "dead_letters": [{
                "id": EVENT, "type": "account.updated", "timestamp": NOW, "user_id": USER,
                "account_id": ACCOUNT, "attempts": 12, "failure": "unreachable",
            }],
            "next_cursor": null,
        }),
        "OutboundEvent" => json!({
            "type": "account.updated", "timestamp": NOW,
            "data": {"user_id": USER, "account": account()},
        }),
        "OwnedAccount" => owned_account(),
        "UserExport" => json!({
            "user_id": USER, "exported_at": NOW, "accounts": [account()], "consents": [],
            "link_attempts": [], "code_exchanges": [], "jobs": [], "incomes": [], "changes": [],
            "undelivered_events": [], "audit": [audit_entry()],
        }),
        "WebhookEvent" => json!({
            "event": "mono.events.account_reauthorized",
            "data": {"account": {"_id": ACCOUNT}},
        }),
        _ => return None,
    })
}

const ACCOUNT: &str = "5f171a530295e231abca1153";
const USER: &str = "anon_4tYbq0Zk3vWq8sT2";
const JOB: &str = "66c5b5e2f1a3d4c0b8e7a901";
const REFERENCE: &str = "mcl_Zk3vWq8sT2mXr5Yb0pLd";
const EVENT: &str = "evt_Zk3vWq8sT2mXr5Yb0pLdQA";
const NOW: &str = "2026-01-31T10:00:00Z";

fn account() -> Value {
    json!({
        "id": ACCOUNT, "name": "ADA OBI",
        "institution": {"name": "GTBank", "bank_code": "058", "type": "PERSONAL_BANKING"},
        "account_number_last4": "7890", "type": "SAVINGS_ACCOUNT", "currency": "NGN",
        "balance": 312_500, "data_status": "AVAILABLE", "data_available": true,
        "retrieved_data": ["balance", "transactions"],
        "requires_reauth": false, "requires_reauth_since": null,
        "last_sync": {"outcome": "synced", "at": NOW},
        "sync": {"in_progress": false, "job_id": null, "next_allowed_at": null},
        "realtime": {"in_progress": false, "job_id": JOB, "next_allowed_at": null},
        "linked_at": "2026-01-02T08:15:00Z", "updated_at": NOW,
        "consent": {"version": "2026-01", "given_at": "2026-01-02T08:14:30Z"},
        "duplicate_of": null,
    })
}

fn owned_account() -> Value {
    let mut account = account();
    account["user_id"] = USER.into();
    account
}

fn audit_entry() -> Value {
    json!({
        "id": "42", "at": NOW, "key": "billing", "action": "GET /service/accounts/{id}",
        "account_id": ACCOUNT, "user_id": USER, "status": 200, "request_id": "Zk3vWq8sT2mXr5Yb",
    })
}

fn transaction() -> Value {
    json!({
        "id": "66c5b5e2f1a3d4c0b8e7a955", "type": "debit", "amount": 15_000,
        "narration": "POS PURCHASE", "date": "2026-01-30T00:00:00Z", "balance": 312_500,
        "currency": "NGN", "category": null,
    })
}

fn freshness() -> Value {
    json!({"source": "mono", "as_of": NOW, "has_new_data": null, "job": null})
}

fn events() -> String {
    let accounts = json!({"accounts": [account()]});
    let removed = json!({"account_id": ACCOUNT});
    format!(
        "id: 7\nevent: snapshot\ndata: {accounts}\n\nid: 8\nevent: removed\ndata: {removed}\n\n"
    )
}
