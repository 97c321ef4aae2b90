//! Transactions: pages, filters, and a book that adds up.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::Mono;

async fn rows(mono: &Mono, id: &str, query: &str) -> (Vec<Value>, Value) {
    let body = mono
        .get(&format!("/v2/accounts/{id}/transactions?{query}"))
        .await
        .body;
    (
        body["data"].as_array().unwrap().clone(),
        body["meta"].clone(),
    )
}

#[tokio::test]
async fn every_balance_follows_from_the_one_before() {
    let mono = Mono::start().await;
    let id = mono.linked().await;
    let (rows, meta) = rows(&mono, &id, "paginate=false").await;
    assert_eq!(meta["total"], rows.len());
    for pair in rows.windows(2) {
        let (newer, older) = (&pair[0], &pair[1]);
        assert!(
            newer["date"].as_str() >= older["date"].as_str(),
            "newest first"
        );
        let amount = newer["amount"].as_i64().unwrap();
        assert!(amount > 0);
        let change = if newer["type"] == "credit" {
            amount
        } else {
            -amount
        };
        assert_eq!(
            newer["balance"].as_i64().unwrap(),
            older["balance"].as_i64().unwrap() + change
        );
    }
    let salaries = rows.iter().filter(|r| r["category"] == "salary").count();
    assert_eq!(salaries, 12);
}

#[tokio::test]
async fn pages_together_are_everything_once() {
    let mono = Mono::start().await;
    let id = mono.linked().await;
    let (all, _) = rows(&mono, &id, "paginate=false").await;
    let mut collected = Vec::new();
    let mut page = 1;
    loop {
        let (some, meta) = rows(&mono, &id, &format!("limit=100&page={page}")).await;
        assert_eq!(meta["page"], page);
        assert_eq!(meta["total"], all.len());
        collected.extend(some);
        if meta["next"].is_null() {
            break;
        }
        // As Mono prints it: without `/accounts/` and without the filters.
        page += 1;
        assert_eq!(
            meta["next"],
            format!("https://api.withmono.com/v2/{id}/transactions?page={page}")
        );
    }
    assert_eq!(collected, all);
    let (beyond, meta) = rows(&mono, &id, "page=9999").await;
    assert!(beyond.is_empty());
    assert_eq!(meta["next"], Value::Null);
}

#[tokio::test]
async fn filters_narrow() {
    let mono = Mono::start().await;
    let id = mono.linked().await;
    let (all, _) = rows(&mono, &id, "paginate=false").await;
    let expected: Vec<Value> = all
        .into_iter()
        .filter(|r| r["type"] == "debit")
        .filter(|r| {
            r["narration"]
                .as_str()
                .unwrap()
                .to_lowercase()
                .contains("airtime")
        })
        .filter(|r| ("2025-11-03".."2026-01-16").contains(&&r["date"].as_str().unwrap()[..10]))
        .collect();
    assert!(!expected.is_empty());
    let query = "start=03-11-2025&end=15-01-2026&type=debit&narration=airtime&paginate=false";
    let (found, _) = rows(&mono, &id, query).await;
    assert_eq!(found, expected);
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let mono = Mono::start().await;
    let id = mono.linked().await;
    let query = "start=2025-11-03&type=both&page=0";
    let answer = mono
        .get(&format!("/v2/accounts/{id}/transactions?{query}"))
        .await;
    assert_eq!(answer.status, 400);
    let fields: Vec<&str> = answer.body["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["start", "type", "page"]);
}

#[tokio::test]
async fn rows_keep_their_ids_and_new_ones_come_only_with_a_sync() {
    let mono = Mono::start().await;
    let id = mono.linked().await;
    let (before, _) = rows(&mono, &id, "paginate=false").await;
    mono.sim
        .change_settings(|s| s.refresh_interval = Duration::ZERO);
    mono.sim.advance(Duration::from_hours(7 * 24)).await;
    assert_eq!(rows(&mono, &id, "paginate=false").await.0, before);
    let synced = mono
        .post(&format!("/accounts/{id}/sync"), json!({}))
        .await
        .body;
    assert_eq!(synced["hasNewData"], true);
    let (after, _) = rows(&mono, &id, "paginate=false").await;
    assert!(after.len() > before.len());
    assert_eq!(after[after.len() - before.len()..], before);
}

#[tokio::test]
async fn without_habits_nothing_new_comes_but_what_is_ordered() {
    let mono = Mono::start().await;
    mono.sim.change_settings(|s| s.habits = false);
    let id = mono.linked().await;
    let (before, _) = rows(&mono, &id, "paginate=false").await;
    assert!(!before.is_empty(), "the year before is there");
    mono.sim.advance(Duration::from_hours(7 * 24)).await;
    assert_eq!(rows(&mono, &id, "paginate=false").await.0, before);

    let ordered =
        json!({ "transaction": { "amount": 5_000, "credit": true, "narration": "Ordered" } });
    mono.post(&format!("/_sim/accounts/{id}"), ordered).await;
    mono.sim.change_settings(|s| s.habits = true);
    mono.post(&format!("/accounts/{id}/sync"), json!({})).await;
    let (after, _) = rows(&mono, &id, "paginate=false").await;
    assert_eq!(after[0]["narration"], "Ordered");
    assert_eq!(after[1..], before, "the week without habits stays empty");
}
