//! `?realtime=true`: one session per account in five minutes, shared by all who ask.

use std::time::Duration;

use futures_util::future::join_all;
use mono_connect_tests::TestApp;
use mono_simulator::{Fault, FaultKind};
use serde_json::{Value, json};

fn realtime_calls(app: &TestApp) -> usize {
    let asks = |request: &&mono_simulator::LoggedRequest| {
        request
            .headers
            .get("x-realtime")
            .is_some_and(|value| value == "true")
    };
    app.simulator.requests().iter().filter(asks).count()
}

#[tokio::test]
async fn starts_a_session_and_names_its_job() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let path = format!("/api/accounts/{id}/balance?realtime=true");
    let balance = visitor.get(&path).send().await.assert_status(200);
    assert!(balance["balance"].is_i64());
    assert_eq!(balance["freshness"]["source"], "mono");
    let job = &balance["freshness"]["job"];
    assert_eq!(job["status"], "processing");
    assert_eq!(realtime_calls(&app), 1);

    // The job can be asked for, and ends.
    let job_path = format!("/api/accounts/{id}/jobs/{}", job["id"].as_str().unwrap());
    let running = visitor.get(&job_path).send().await.assert_status(200);
    assert_eq!(
        (&running["id"], &running["status"]),
        (&job["id"], &json!("processing"))
    );
    app.advance_and_work(Duration::from_secs(10)).await;
    let ended = visitor.get(&job_path).send().await.assert_status(200);
    assert_eq!(ended["status"], "finished");

    // Plain reads bring what it fetched, and start nothing.
    let plain = format!("/api/accounts/{id}/balance");
    let balance = visitor.get(&plain).send().await.assert_status(200);
    assert_eq!(balance["freshness"]["job"], Value::Null);
    assert_eq!(realtime_calls(&app), 1);
}

#[tokio::test]
async fn within_five_minutes_the_last_job_is_told() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let balance = format!("/api/accounts/{id}/balance?realtime=true");
    let transactions = format!("/api/accounts/{id}/transactions?realtime=true&limit=3");
    let first = visitor.get(&balance).send().await.assert_status(200);
    for (seconds, path) in [(0, &transactions), (200, &balance), (99, &transactions)] {
        app.advance_and_work(Duration::from_secs(seconds)).await;
        let again = visitor.get(path).send().await.assert_status(200);
        assert_eq!(
            again["freshness"]["job"]["id"],
            first["freshness"]["job"]["id"]
        );
    }
    assert_eq!(realtime_calls(&app), 1);
    app.advance_and_work(Duration::from_secs(1)).await;
    let next = visitor.get(&transactions).send().await.assert_status(200);
    assert_ne!(
        next["freshness"]["job"]["id"],
        first["freshness"]["job"]["id"]
    );
    assert_eq!(next["transactions"].as_array().unwrap().len(), 3);
    assert_eq!(realtime_calls(&app), 2);
}

#[tokio::test]
async fn callers_share_one_job() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let path = format!("/api/accounts/{id}/balance?realtime=true");
    let answers = join_all((0..8).map(|_| {
        let mut window = visitor.same();
        let path = path.clone();
        async move { window.get(&path).send().await.assert_status(200) }
    }))
    .await;
    assert_eq!(realtime_calls(&app), 1);
    let jobs: Vec<_> = answers
        .iter()
        .map(|answer| &answer["freshness"]["job"]["id"])
        .collect();
    assert!(
        jobs.iter().all(|job| job.is_string() && *job == jobs[0]),
        "{jobs:?}"
    );
}

#[tokio::test]
async fn nothing_yet_is_answered_from_what_is_there() {
    let app = TestApp::builder().set("CACHE_TTL", "0").start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.simulator
        .fault(Fault::next(FaultKind::NullData).on("/v2/accounts/*/balance"));
    let path = format!("/api/accounts/{id}/balance?realtime=true");
    let balance = visitor.get(&path).send().await.assert_status(200);
    assert!(balance["balance"].is_i64());
    app.simulator.fault(
        Fault::next(FaultKind::NullData)
            .on("/v2/accounts/*/balance")
            .times(2),
    );
    app.advance(Duration::from_mins(6)).await;
    visitor
        .get(&path)
        .send()
        .await
        .assert_problem(409, "data_not_ready");
}

#[tokio::test]
async fn a_lost_event_does_not_keep_a_job_running() {
    // No webhooks at all.
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let path = format!("/api/accounts/{id}/balance?realtime=true");
    visitor.get(&path).send().await.assert_status(200);
    for _ in 0..4 {
        app.advance_and_work(Duration::from_secs(10)).await;
    }
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    assert_eq!(list["accounts"][0]["realtime"]["in_progress"], false);
    assert_eq!(list["accounts"][0]["last_sync"]["outcome"], "synced");
}

/// Seed 002: the job's event names no account, and its id carries a prefix.
#[tokio::test]
async fn an_event_finds_its_account_by_the_job() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    app.simulator
        .change_settings(|settings| settings.webhook.drop = vec!["*".to_owned()]);
    let path = format!("/api/accounts/{id}/balance?realtime=true");
    let balance = visitor.get(&path).send().await.assert_status(200);
    let job = balance["freshness"]["job"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    app.advance(Duration::from_secs(10)).await;
    app.simulator
        .change_settings(|settings| settings.webhook.drop.clear());
    let mut page = visitor.watches(None).await;
    page.next().await.named("snapshot");
    let payload = json!({
        "event": "mono.accounts.jobs.update",
        "data": {
            "id": format!("jobs.accounts_{job}"),
            "name": "jobs.accounts.sync_balance",
            "status": "finished",
        },
    });
    let webhook = mono_simulator::HandmadeWebhook {
        payload,
        secret: None,
        retry: false,
    };
    app.simulator.send_webhook(webhook).await;
    app.work().await;
    let told = page.next_of("job").await;
    assert_eq!(
        (&told["account_id"], &told["job"]["id"]),
        (&json!(id), &json!(job))
    );
    page.next_where("account", |account| {
        account["realtime"]["in_progress"] == false
    })
    .await;
}
