//! Every payload that the five documents print is read through the client's own parsers.

use std::collections::BTreeSet;
use std::path::Path;

use mono_client::webhook::{Kind, WebhookEvent};
use mono_client::{AccountId, Generation, JobId, SyncOutcome, TransactionsQuery};

use crate::upstream::Upstream;

fn id() -> AccountId {
    "5fbcde8f8699984153e65537".parse().unwrap()
}

fn job() -> JobId {
    "66f3d4b3305261f275".parse().unwrap()
}

/// The event that a webhook is, as its file is named.
fn is_told(name: &str, body: &str) -> bool {
    let event = WebhookEvent::parse(body.as_bytes()).unwrap();
    match name {
        "webhook_account_updated" => matches!(event.kind, Kind::AccountUpdated { .. }),
        "webhook_reauthorisation_required" => {
            matches!(event.kind, Kind::ReauthorisationRequired { .. })
        }
        _ => name.starts_with("webhook_job_") && matches!(event.kind, Kind::JobUpdate { .. }),
    }
}

/// Reads an answer by the call that it answers.
async fn is_read(name: &str, body: &str) -> bool {
    let upstream = Upstream::answering(200, body).await;
    let v1 = upstream.client(Generation::V1);
    let v2 = upstream.client(Generation::V2);
    match name {
        "balance" => v2.balance(&id()).await.unwrap().is_some(),
        // What the widget gives the page is what is sent on.
        "widget_success" => {
            let given: serde_json::Value = serde_json::from_str(body).unwrap();
            let upstream = Upstream::answering(200, r#"{"id":"a"}"#).await;
            let client = upstream.client(Generation::V1);
            let exchanged = client.exchange(given["code"].as_str().unwrap()).await;
            let sent: serde_json::Value = serde_json::from_str(&upstream.seen()[0].body).unwrap();
            exchanged.is_ok() && sent == given
        }
        "exchange" => v1.exchange("code_x").await.is_ok(),
        "job" => v2.job(&id(), &job()).await.is_ok(),
        "reauthorise" => v1.reauthorise_token(&id()).await.is_ok(),
        "sync_successful" => v1.sync(&id()).await.unwrap().outcome == SyncOutcome::Synced,
        "sync_reauthorisation_required" => {
            v1.sync(&id()).await.unwrap().outcome == SyncOutcome::ReauthorisationRequired
        }
        "transactions" => {
            let page = v1.transactions(&id(), &TransactionsQuery::default()).await;
            let page = page.unwrap().unwrap();
            (page.rows.len(), page.skipped) == (2, 0)
        }
        _ => false,
    }
}

#[tokio::test]
async fn every_payload_that_is_printed_is_read() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut read = BTreeSet::new();
    for folder in [
        "000_e4ed976f3bf77af5",
        "002_4ce5a3e718925228",
        "004_cc8b9fe6d6a4e3d3",
    ] {
        for file in std::fs::read_dir(fixtures.join(folder)).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let body = std::fs::read_to_string(&path).unwrap();
            let good = if name.starts_with("webhook_") {
                is_told(&name, &body)
            } else {
                is_read(&name, &body).await
            };
            assert!(good, "{}", path.display());
            read.insert(name);
        }
    }
    assert_eq!(read.len(), 13, "two documents print one event: {read:?}");
}
