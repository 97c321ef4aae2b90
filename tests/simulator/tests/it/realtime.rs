//! Real-time jobs: started by a header, once in five minutes, told by webhooks.

use std::time::Duration;

use mono_simulator::{AccountChange, Generation, LinkAs, NewTransaction, Options};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Mono, Receiver, keys};

async fn stage(who: LinkAs) -> (Mono, Receiver, String) {
    let receiver = Receiver::start().await;
    let mono = Mono::start_with(Options::manual().webhooks_to(&receiver.url, "whs")).await;
    let id = mono.sim.link(who).await.unwrap().account_id;
    mono.sim.advance(Duration::from_secs(3)).await;
    (mono, receiver, id)
}

fn spend(amount: i64) -> AccountChange {
    let transaction = NewTransaction {
        amount,
        credit: false,
        narration: "suya".to_owned(),
    };
    AccountChange {
        transaction: Some(transaction),
        ..AccountChange::default()
    }
}

async fn headers(mono: &Mono, path: &str, name: &str, value: &str) -> [Option<String>; 3] {
    let response = mono
        .request(Method::GET, path)
        .header(name, value)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    ["x-job-id", "x-job-status", "x-has-new-data"].map(|name| {
        response
            .headers()
            .get(name)
            .map(|v| v.to_str().unwrap().to_owned())
    })
}

#[tokio::test]
async fn a_job_brings_new_data_and_is_told() {
    let (mono, receiver, id) = stage(LinkAs::default()).await;
    let path = format!("/v2/accounts/{id}/balance");
    let before = mono.get(&path).await.body["data"]["balance"]
        .as_i64()
        .unwrap();
    mono.sim.change_account(&id, spend(700)).unwrap();

    let [job, status, new_data] = headers(&mono, &path, "x-realtime", "true").await;
    let job = job.unwrap();
    assert_eq!(
        (status.as_deref(), new_data.as_deref()),
        (Some("processing"), Some("false"))
    );
    assert_eq!(mono.get(&path).await.body["data"]["balance"], before);
    mono.sim.advance(Duration::from_secs(3)).await;
    assert_eq!(mono.get(&path).await.body["data"]["balance"], before - 700);

    let names = receiver.names();
    assert_eq!(names[2..], ["update", "update", "account_updated"]);
    let arrived = receiver.received();
    assert_eq!(keys(&arrived[3].body), ["data", "event"]);
    let told = &arrived[3].body["data"];
    assert_eq!(
        keys(told),
        ["account", "app", "business", "id", "name", "status"]
    );
    assert_eq!(
        (&told["id"], &told["status"]),
        (&json!(job), &json!("finished"))
    );
    assert_eq!(told["name"], "jobs.accounts.sync_balance");
    let meta = &arrived[4].body["data"]["meta"];
    assert_eq!(
        (&meta["job_id"], &meta["sync_status"]),
        (&json!(job), &json!("SUCCESSFUL"))
    );
    assert_eq!(meta["has_new_data"], true);

    let shown = mono
        .get(&format!("/v2/accounts/{id}/jobs/{job}"))
        .await
        .body["data"]
        .clone();
    assert_eq!(
        keys(&shown),
        ["account", "app", "business", "id", "name", "status"]
    );
    assert_eq!(
        mono.get(&format!("/v2/accounts/{id}/jobs/abc"))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn within_five_minutes_the_last_job_is_named_and_none_started() {
    let (mono, _receiver, id) = stage(LinkAs::default()).await;
    let path = format!("/v2/accounts/{id}/transactions");
    let [first, ..] = headers(&mono, &path, "x-real-time", "true").await;
    mono.sim.advance(Duration::from_secs(299)).await;
    let balance = format!("/v2/accounts/{id}/balance");
    let [again, status, _] = headers(&mono, &balance, "x-realtime", "true").await;
    assert_eq!((&again, status.as_deref()), (&first, Some("finished")));
    mono.sim.advance(Duration::from_secs(1)).await;
    let [next, ..] = headers(&mono, &path, "x-realtime", "TRUE").await;
    assert_ne!(next, first);
    assert_eq!(
        headers(&mono, &path, "x-realtime", "false").await,
        [None, None, None]
    );
}

#[tokio::test]
async fn a_bank_with_mfa_fails_the_job_and_asks_for_reauthorisation() {
    let who = LinkAs {
        institution: Some("opay".to_owned()),
        ..LinkAs::default()
    };
    let (mono, receiver, id) = stage(who).await;
    let path = format!("/v2/accounts/{id}/balance");
    let [job, ..] = headers(&mono, &path, "x-realtime", "true").await;
    mono.sim.advance(Duration::from_secs(3)).await;
    let arrived = receiver.received();
    assert_eq!(arrived[3].body["data"]["status"], "failed");
    assert_eq!(
        arrived[4].body["data"]["meta"]["sync_status"],
        "REAUTHORISATION_REQUIRED"
    );
    assert_eq!(
        arrived[4].body["data"]["meta"]["data_status"], "AVAILABLE",
        "cached data stays"
    );

    mono.sim.change_settings(|settings| {
        settings.dialect.job_shape_of_2024 = true;
        settings.dialect.upper_case_job_status = true;
        settings.dialect.has_new_data_only_when_true = true;
    });
    let shown = mono
        .get(&format!("/v2/accounts/{id}/jobs/{}", job.unwrap()))
        .await
        .body["data"]
        .clone();
    let printed = [
        "account",
        "id",
        "job_status",
        "name",
        "reauth_required",
        "synced",
        "type",
    ];
    assert_eq!(keys(&shown), printed);
    assert_eq!(shown["reauth_required"], true);
    let [_, status, new_data] = headers(&mono, &path, "x-realtime", "true").await;
    assert_eq!((status.as_deref(), new_data), (Some("FAILED"), None));
}

#[tokio::test]
async fn the_status_moves_as_the_table_says() {
    let (mono, _receiver, id) = stage(LinkAs::default()).await;
    let status = |mono: &Mono| mono.sim.account(&id).unwrap()["data_status"].clone();
    let outcome = |word: &str| AccountChange {
        outcome: Some(word.to_owned()),
        ..AccountChange::default()
    };
    mono.sim.change_account(&id, outcome("FAILED")).unwrap();
    let path = format!("/v2/accounts/{id}/balance");
    headers(&mono, &path, "x-realtime", "true").await;
    mono.sim.advance(Duration::from_mins(5)).await;
    assert_eq!(
        status(&mono),
        "AVAILABLE",
        "a failed job takes nothing away"
    );

    let who = LinkAs {
        institution: Some("kuda".to_owned()),
        ..LinkAs::default()
    };
    let change = serde_json::from_value(json!({ "outcome": "UNAVAILABLE" })).unwrap();
    mono.sim.change_institution("kuda", change).unwrap();
    let id = mono.sim.link(who).await.unwrap().account_id;
    mono.sim.advance(Duration::from_secs(3)).await;
    let status = |mono: &Mono| mono.sim.account(&id).unwrap()["data_status"].clone();
    assert_eq!(status(&mono), "UNAVAILABLE");
    mono.sim.change_account(&id, outcome("AVAILABLE")).unwrap();
    for (part, after) in [("balance", "PARTIAL"), ("transactions", "AVAILABLE")] {
        headers(
            &mono,
            &format!("/v2/accounts/{id}/{part}"),
            "x-realtime",
            "true",
        )
        .await;
        mono.sim.advance(Duration::from_mins(5)).await;
        assert_eq!(status(&mono), after);
    }
}

#[tokio::test]
async fn the_webhook_of_2024_names_no_account() {
    let who = LinkAs {
        generation: Some(Generation::V1),
        ..LinkAs::default()
    };
    let (mono, receiver, id) = stage(who).await;
    let [job, ..] = headers(
        &mono,
        &format!("/v2/accounts/{id}/balance"),
        "x-realtime",
        "true",
    )
    .await;
    mono.sim.settle().await;
    let told: Value = receiver.received()[2].body["data"].clone();
    let expected = json!({
        "id": format!("jobs.accounts_{}", job.unwrap()),
        "name": "jobs.accounts.sync_balance",
        "status": "processing",
    });
    assert_eq!(told, expected);
}
