//! What Mono tells of jobs, and what it leaves out.

use std::time::Duration;

use mono_connect_tests::{TestApp, Visitor};
use mono_simulator::{AccountChange, Fault, FaultKind, HandmadeWebhook, NewTransaction};
use serde_json::{Value, json};

async fn account(visitor: &mut Visitor<'_>) -> Value {
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    list["accounts"][0].clone()
}

async fn tell(app: &TestApp, payload: Value) {
    let webhook = HandmadeWebhook {
        payload,
        secret: None,
        retry: false,
    };
    app.simulator.send_webhook(webhook).await;
    app.work().await;
}

fn told(account: &str, job: &str, status: &str) -> Value {
    json!({
        "event": "mono.accounts.jobs.update",
        "data": {"id": job, "account": account, "status": status},
    })
}

fn drop_events(app: &TestApp, names: &[&str]) {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    app.simulator
        .change_settings(|settings| settings.webhook.drop = names);
}

fn user_spends(app: &TestApp, id: &str, amount: i64) {
    let transaction = NewTransaction {
        amount,
        credit: false,
        narration: "VC POS Loc-SHOPRITE".to_owned(),
    };
    let change = AccountChange {
        transaction: Some(transaction),
        ..AccountChange::default()
    };
    app.simulator.change_account(id, change).unwrap();
}

/// Starts a real-time session; gives its job.
async fn starts(visitor: &mut Visitor<'_>, id: &str) -> String {
    let path = format!("/api/accounts/{id}/balance?realtime=true");
    let answer = visitor.get(&path).send().await.assert_status(200);
    answer["freshness"]["job"]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn job(visitor: &mut Visitor<'_>, id: &str, job: &str) -> Value {
    let path = format!("/api/accounts/{id}/jobs/{job}");
    visitor.get(&path).send().await.assert_status(200)
}

#[tokio::test]
async fn what_a_job_brought_is_shown_although_the_event_about_it_is_lost() {
    // Told of the end by an event, or by whoever asks.
    for lost in [["account_updated"], ["*"]] {
        let app = TestApp::builder().webhooks().start().await;
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        app.work().await;
        let before = account(&mut visitor).await["balance"].as_i64().unwrap();
        drop_events(&app, &lost);
        user_spends(&app, &id, 100_000);
        let started = starts(&mut visitor, &id).await;
        app.advance(Duration::from_secs(4)).await;
        if lost == ["*"] {
            assert_eq!(job(&mut visitor, &id, &started).await["status"], "finished");
        }
        app.work().await;
        let shown = account(&mut visitor).await;
        assert_eq!(shown["balance"], before - 100_000, "{lost:?}");
        // Once is enough.
        app.simulator.clear_requests();
        app.advance_and_work(Duration::from_hours(2)).await;
        assert_eq!(app.calls("GET", "/v2/accounts/*"), 0);
    }
}

#[tokio::test]
async fn what_a_job_brought_is_asked_for_until_mono_answers() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let change = |word: &str| AccountChange {
        data_status: Some(word.to_owned()),
        ..AccountChange::default()
    };
    app.simulator.change_account(&id, change("FAILED")).unwrap();
    let event = json!({
        "event": "mono.events.account_updated",
        "timestamp": app.clock_text(),
        "data": {"account": {"_id": id}, "meta": {"data_status": "FAILED"}},
    });
    app.advance(Duration::from_secs(5)).await;
    tell(&app, event).await;
    let failed = account(&mut visitor).await;
    // Read in real time it starts a job all the same.
    let path = format!("/api/accounts/{id}/sync");
    drop_events(&app, &["account_updated"]);
    visitor.post(&path).send().await.assert_status(200);
    let down = FaultKind::Html { code: 500 };
    app.simulator
        .fault(Fault::next(down).on("/v2/accounts/*").times(0));
    app.advance_and_work(Duration::from_secs(5)).await;
    assert_eq!(
        account(&mut visitor).await["data_status"],
        failed["data_status"]
    );
    app.simulator.clear_faults();
    app.advance_and_work(Duration::from_mins(2)).await;
    assert_eq!(account(&mut visitor).await["data_status"], "PARTIAL");
}

#[tokio::test]
async fn that_a_job_has_failed_counts_whatever_mono_answers() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let started = starts(&mut visitor, &id).await;
    assert_eq!(
        job(&mut visitor, &id, &started).await["status"],
        "processing"
    );
    tell(&app, told(&id, &started, "failed")).await;
    assert_eq!(job(&mut visitor, &id, &started).await["status"], "failed");
    assert_eq!(
        account(&mut visitor).await["realtime"]["in_progress"],
        false
    );
}

#[tokio::test]
async fn a_job_that_mono_does_not_know_has_not_failed_at_once() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    drop_events(&app, &["*"]);
    let started = starts(&mut visitor, &id).await;
    let unknown = FaultKind::Status {
        code: 404,
        body: None,
        content_type: None,
        retry_after: None,
    };
    let unknown = Fault::next(unknown).on("/v2/accounts/*/jobs/*").times(0);
    app.simulator.fault(unknown);
    for _ in 0..5 {
        app.advance_and_work(Duration::from_secs(20)).await;
        let seen = job(&mut visitor, &id, &started).await;
        assert_eq!(seen["status"], "processing");
    }
    app.advance_and_work(Duration::from_mins(3)).await;
    assert_eq!(job(&mut visitor, &id, &started).await["status"], "failed");
    assert_eq!(
        account(&mut visitor).await["realtime"]["in_progress"],
        false
    );

    // That was only assumed: what Mono says counts.
    app.simulator.clear_faults();
    app.simulator
        .change_settings(|settings| settings.webhook.drop.clear());
    tell(&app, told(&id, &started, "finished")).await;
    assert_eq!(job(&mut visitor, &id, &started).await["status"], "finished");
    assert_eq!(
        account(&mut visitor).await["last_sync"]["outcome"],
        "synced"
    );
}

/// The job's own event and answer of 2026 do not say it; `account_updated` names the job.
#[tokio::test]
async fn a_job_tells_that_a_login_is_wanted() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let change = AccountChange {
        reauth_required: Some(true),
        ..AccountChange::default()
    };
    app.simulator.change_account(&id, change).unwrap();
    let mut page = visitor.watches(None).await;
    page.next().await.named("snapshot");
    let started = starts(&mut visitor, &id).await;
    app.advance_and_work(Duration::from_secs(5)).await;
    app.advance_and_work(Duration::from_secs(1)).await;
    let seen = job(&mut visitor, &id, &started).await;
    assert_eq!(
        (&seen["status"], &seen["reauth_required"]),
        (&json!("failed"), &json!(true))
    );
    page.next_where("job", |told| told["job"]["reauth_required"] == true)
        .await;
}

#[tokio::test]
async fn an_account_that_was_updated_ends_the_job_that_it_names() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    drop_events(&app, &["jobs.update", "mono.accounts.jobs.update"]);
    starts(&mut visitor, &id).await;
    // Not looked at by the clock, which would end it too.
    app.advance(Duration::from_secs(4)).await;
    let mut page = visitor.watches(None).await;
    page.next().await.named("snapshot");
    app.work().await;
    page.next_where("job", |told| told["job"]["status"] == "finished")
        .await;
    assert_eq!(
        account(&mut visitor).await["realtime"]["in_progress"],
        false
    );
}

#[tokio::test]
async fn in_v1_nobody_can_claim_that_a_job_has_ended_well() {
    let app = TestApp::builder().webhooks().generation("v1").start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    tell(
        &app,
        told(&id, "66f3d4ed05261f275", "REAUTHORISATION_REQUIRED"),
    )
    .await;
    assert_eq!(account(&mut visitor).await["requires_reauth"], true);
    app.advance(Duration::from_secs(5)).await;
    tell(&app, told(&id, "66f3d4ed05261f275", "finished")).await;
    tell(&app, told(&id, "66f3d4ed05261f276", "finished")).await;
    let shown = account(&mut visitor).await;
    assert_eq!(
        (&shown["requires_reauth"], &shown["last_sync"]),
        (&json!(true), &Value::Null)
    );
}

#[tokio::test]
async fn claims_about_jobs_ask_mono_only_so_often() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    app.simulator.clear_requests();
    for number in 0..20 {
        tell(
            &app,
            told(&id, &format!("66f3d4ed05261f{number}"), "finished"),
        )
        .await;
    }
    assert_eq!(app.calls("GET", "/v2/accounts/*/jobs/*"), 1);
    // Mono does not know it, so nobody goes on asking.
    app.advance_and_work(Duration::from_mins(1)).await;
    app.simulator.clear_requests();
    app.advance_and_work(Duration::from_mins(1)).await;
    tell(&app, told(&id, "66f3d4ed05261f99", "processing")).await;
    app.advance_and_work(Duration::from_mins(1)).await;
    assert!(app.calls("GET", "/v2/accounts/*/jobs/*") <= 20);
    assert_eq!(app.store.count_running_jobs().await.unwrap(), 0);
}
