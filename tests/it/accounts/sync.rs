//! `POST /api/accounts/{id}/sync`.

use std::time::Duration;

use futures_util::future::join_all;
use mono_connect_tests::TestApp;
use mono_simulator::{AccountChange, Fault, FaultKind};
use serde_json::{Value, json};

fn sync_error(code: &str) -> FaultKind {
    FaultKind::Status {
        code: 200,
        body: Some(json!({"status": "failed", "hasNewData": false, "code": code}).to_string()),
        content_type: None,
        retry_after: None,
    }
}

#[tokio::test]
async fn v1_syncs_and_says_when_again() {
    for short in [true, false] {
        let app = TestApp::builder().generation("v1").start().await;
        app.simulator
            .change_settings(|settings| settings.dialect.short_sync_code = short);
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        app.advance(Duration::from_mins(5)).await;
        let path = format!("/api/accounts/{id}/sync");
        let outcome = visitor.post(&path).send().await.assert_status(200);
        assert_eq!(outcome["status"], "synced");
        assert!(outcome["has_new_data"].is_boolean());
        assert_eq!(outcome["job_id"], Value::Null);
        assert_eq!(outcome["next_allowed_at"], "2026-01-27T10:07:10Z");
        let list = visitor.get("/api/accounts").send().await.assert_status(200);
        let account = &list["accounts"][0];
        assert_eq!(
            account["last_sync"],
            json!({"outcome": "synced", "at": "2026-01-27T10:05:10Z"})
        );
        assert_eq!(
            account["sync"],
            json!({"in_progress": false, "job_id": null, "next_allowed_at": "2026-01-27T10:07:10Z"})
        );
    }
}

#[tokio::test]
async fn one_in_two_minutes_whoever_asks() {
    let app = TestApp::builder().generation("v1").start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.advance(Duration::from_mins(5)).await;
    let path = format!("/api/accounts/{id}/sync");
    let answers = join_all((0..5).map(|_| {
        let mut window = visitor.same();
        let path = path.clone();
        async move { window.post(&path).send().await }
    }))
    .await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 429, 429, 429, 429]);
    assert_eq!(app.calls("POST", "/accounts/*/sync"), 1);

    app.advance(Duration::from_secs(119)).await;
    let early = visitor.post(&path).send().await;
    let problem = early.assert_problem(429, "rate_limited");
    assert_eq!(problem["next_allowed_at"], "2026-01-27T10:07:10Z");
    assert_eq!(
        (&problem["retry_after"], early.header("retry-after")),
        (&json!(1), Some("1"))
    );
    assert_eq!(app.calls("POST", "/accounts/*/sync"), 1);
    app.advance(Duration::from_secs(1)).await;
    visitor.post(&path).send().await.assert_status(200);
}

#[tokio::test]
async fn each_outcome_of_v1() {
    let app = TestApp::builder().generation("v1").start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let path = format!("/api/accounts/{id}/sync");
    for (code, status) in [
        ("SYNC_ERROR", "failed"),
        ("INCOMPLETE_STATEMENT_ERROR", "failed"),
        ("SOMETHING_LATER", "failed"),
        ("SYNCED_SUCCESSFUL", "synced"),
        ("REAUTHORISATION_REQUIRED", "reauthorisation_required"),
    ] {
        app.advance(Duration::from_mins(3)).await;
        app.simulator
            .fault(Fault::next(sync_error(code)).on("/accounts/*/sync"));
        let outcome = visitor.post(&path).send().await.assert_status(200);
        assert_eq!(outcome["status"], status, "{code}");
    }
    // Now the bank waits for its user: asking would be no use.
    app.advance(Duration::from_mins(3)).await;
    app.simulator.clear_requests();
    let refused = visitor.post(&path).send().await;
    refused.assert_problem(409, "reauthorisation_required");
    assert_eq!(app.all_calls(), 0);
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    assert_eq!(list["accounts"][0]["requires_reauth"], true);

    // Once the user was let in, a sync may tell that it helped.
    visitor
        .post(&format!("/api/accounts/{id}/reauthorise"))
        .send()
        .await
        .assert_status(201);
    let outcome = visitor.post(&path).send().await.assert_status(200);
    assert_eq!(outcome["status"], "synced");
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    assert_eq!(list["accounts"][0]["requires_reauth"], false);
}

#[tokio::test]
async fn a_sync_that_never_reached_mono_costs_nothing() {
    let app = TestApp::builder().generation("v1").start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.advance(Duration::from_mins(5)).await;
    let path = format!("/api/accounts/{id}/sync");
    let refused = FaultKind::Status {
        code: 429,
        body: None,
        content_type: None,
        retry_after: None,
    };
    app.simulator
        .fault(Fault::next(refused).on("/accounts/*/sync"));
    visitor
        .post(&path)
        .send()
        .await
        .assert_problem(503, "upstream_unavailable");
    visitor.post(&path).send().await.assert_status(200);

    // One that may have been carried out uses up the budget.
    app.advance(Duration::from_mins(3)).await;
    app.simulator
        .fault(Fault::next(FaultKind::Reset).on("/accounts/*/sync").after());
    visitor
        .post(&path)
        .send()
        .await
        .assert_problem(502, "upstream_error");
    visitor
        .post(&path)
        .send()
        .await
        .assert_problem(429, "rate_limited");
    assert_eq!(app.calls("POST", "/accounts/*/sync"), 3);
}

#[tokio::test]
async fn v2_starts_a_job_and_tells_its_end() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.advance_and_work(Duration::from_mins(6)).await;
    app.simulator.clear_requests();
    let path = format!("/api/accounts/{id}/sync");
    let outcome = visitor.post(&path).send().await.assert_status(200);
    assert_eq!(outcome["status"], "processing");
    let job = outcome["job_id"].as_str().unwrap().to_owned();
    assert_eq!(outcome["next_allowed_at"], "2026-01-27T10:11:10Z");
    let again = visitor.post(&path).send().await.assert_status(200);
    assert_eq!(
        (&again["job_id"], &again["status"]),
        (&outcome["job_id"], &outcome["status"])
    );
    assert_eq!(
        app.calls("GET", "/v2/accounts/*/transactions"),
        1,
        "nothing more is started"
    );

    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    let realtime = &list["accounts"][0]["realtime"];
    assert_eq!(
        (&realtime["in_progress"], &realtime["job_id"]),
        (&json!(true), &json!(job))
    );

    app.advance_and_work(Duration::from_secs(10)).await;
    let over = visitor.post(&path).send().await.assert_status(200);
    assert_eq!(
        (&over["status"], &over["job_id"]),
        (&json!("synced"), &json!(job))
    );
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    assert_eq!(list["accounts"][0]["realtime"]["in_progress"], false);
    assert_eq!(list["accounts"][0]["last_sync"]["outcome"], "synced");
}

#[tokio::test]
async fn v2_tells_that_the_bank_wants_its_user() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.advance_and_work(Duration::from_mins(6)).await;
    let change = AccountChange {
        reauth_required: Some(true),
        ..AccountChange::default()
    };
    app.simulator.change_account(&id, change).unwrap();
    let path = format!("/api/accounts/{id}/sync");
    let outcome = visitor.post(&path).send().await.assert_status(200);
    assert_eq!(outcome["status"], "processing");
    app.advance_and_work(Duration::from_secs(10)).await;
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    assert_eq!(list["accounts"][0]["requires_reauth"], true, "{list}");
    app.advance_and_work(Duration::from_mins(6)).await;
    visitor
        .post(&path)
        .send()
        .await
        .assert_problem(409, "reauthorisation_required");
}

#[tokio::test]
async fn v2_tells_that_a_session_failed_before_it_had_a_job() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let path = format!("/api/accounts/{id}/sync");
    let broken = FaultKind::Status {
        code: 500,
        body: None,
        content_type: None,
        retry_after: None,
    };
    app.simulator.fault(Fault::next(broken));
    let answer = visitor.post(&path).send().await;
    answer.assert_problem(502, "upstream_error");
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    let account = &list["accounts"][0];
    assert_eq!(account["realtime"]["in_progress"], false);
    assert_eq!(account["last_sync"]["outcome"], "failed");
    let next_allowed_at = account["realtime"]["next_allowed_at"].clone();
    assert!(next_allowed_at.is_string(), "Mono may have begun");

    // Mono is not asked, and nothing is said to be under way.
    let calls = app.all_calls();
    let again = visitor.post(&path).send().await.assert_status(200);
    assert_eq!(
        (&again["status"], &again["next_allowed_at"]),
        (&json!("failed"), &next_allowed_at)
    );
    assert_eq!(app.all_calls(), calls);
    app.advance(Duration::from_mins(5)).await;
    let later = visitor.post(&path).send().await.assert_status(200);
    assert_eq!(later["status"], "processing");
}

#[tokio::test]
async fn within_the_budget_v1_is_too_early_and_after_it_a_login_is_wanted() {
    let app = TestApp::builder().generation("v1").start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let path = format!("/api/accounts/{id}/sync");
    app.simulator
        .fault(Fault::next(sync_error("REAUTHORISATION_REQUIRED")).on("/accounts/*/sync"));
    let outcome = visitor.post(&path).send().await.assert_status(200);
    assert_eq!(outcome["status"], "reauthorisation_required");
    app.advance(Duration::from_secs(119)).await;
    let calls = app.all_calls();
    let early = visitor.post(&path).send().await;
    early.assert_problem(429, "rate_limited");
    app.advance(Duration::from_secs(1)).await;
    let late = visitor.post(&path).send().await;
    late.assert_problem(409, "reauthorisation_required");
    assert_eq!(app.all_calls(), calls);
}

#[tokio::test]
async fn within_the_five_minutes_v2_tells_how_its_job_ended_and_after_them_a_login_is_wanted() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let change = AccountChange {
        reauth_required: Some(true),
        ..AccountChange::default()
    };
    app.simulator.change_account(&id, change).unwrap();
    let sync = format!("/api/accounts/{id}/sync");
    let started = visitor.post(&sync).send().await.assert_status(200);
    app.advance_and_work(Duration::from_secs(10)).await;
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    assert_eq!(list["accounts"][0]["requires_reauth"], true, "{list}");

    let realtime = |app: &TestApp| {
        let requests = app.simulator.requests();
        let asks = |request: &&mono_simulator::LoggedRequest| {
            request.headers.get("x-realtime").map(String::as_str) == Some("true")
        };
        requests.iter().filter(asks).count()
    };
    let again = visitor.post(&sync).send().await.assert_status(200);
    assert_eq!(
        (&again["status"], &again["job_id"]),
        (&json!("reauthorisation_required"), &started["job_id"])
    );
    let read = format!("/api/accounts/{id}/balance?realtime=true");
    let balance = visitor.get(&read).send().await.assert_status(200);
    assert_eq!(
        balance["freshness"]["job"],
        json!({"id": started["job_id"], "status": "failed"})
    );
    app.advance_and_work(Duration::from_mins(5)).await;
    let refused = visitor.post(&sync).send().await;
    refused.assert_problem(409, "reauthorisation_required");
    let refused = visitor.get(&read).send().await;
    refused.assert_problem(409, "reauthorisation_required");
    assert_eq!(realtime(&app), 1, "nothing more is started");
}

#[tokio::test]
async fn one_that_v1_only_queued_goes_on_and_counts() {
    let app = TestApp::builder().generation("v1").start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.advance(Duration::from_mins(5)).await;
    app.simulator
        .fault(Fault::next(FaultKind::NullData).on("/accounts/*/sync"));
    let path = format!("/api/accounts/{id}/sync");
    let outcome = visitor.post(&path).send().await.assert_status(200);
    assert_eq!(
        outcome,
        json!({
            "status": "processing", "has_new_data": null, "job_id": null,
            "next_allowed_at": "2026-01-27T10:07:10Z",
        })
    );
    let again = visitor.post(&path).send().await;
    again.assert_problem(429, "rate_limited");
    assert_eq!(app.calls("POST", "/accounts/*/sync"), 1);
}

#[tokio::test]
async fn an_account_that_is_unknown_at_mono_is_not_found() {
    for (generation, monos) in [
        ("v1", "/accounts/*/sync"),
        ("v2", "/v2/accounts/*/transactions"),
    ] {
        let app = TestApp::builder().generation(generation).start().await;
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        app.advance(Duration::from_mins(5)).await;
        for code in [404, 400] {
            let unknown = FaultKind::Status {
                code,
                body: Some(json!({"message": "This account does not exist."}).to_string()),
                content_type: None,
                retry_after: None,
            };
            app.simulator.fault(Fault::next(unknown).on(monos));
            let path = format!("/api/accounts/{id}/sync");
            let answer = visitor.post(&path).send().await;
            answer.assert_problem(404, "account_not_found");
        }
        // Nothing of the budget is used up.
        let path = format!("/api/accounts/{id}/sync");
        visitor.post(&path).send().await.assert_status(200);
    }
}
