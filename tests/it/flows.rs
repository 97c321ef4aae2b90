//! The flows that Mono's documents tell, from beginning to end (seeds 000, 002, 003; the order of
//! events is Mono's).

use std::collections::BTreeSet;
use std::time::Duration;

use mono_connect_tests::{Page, TestApp, Visitor};
use mono_simulator::{AccountChange, Generation, NewTransaction};
use serde_json::{Value, json};

/// Each flow that a document tells, and the test that goes through it. First the sequences of events
/// in which all documents agree; their tests assert the order.
const FLOWS: [(&str, fn()); 19] = [
    (
        "all: account_connected, account_updated",
        an_account_is_linked_and_its_data_comes,
    ),
    (
        "all: headers, jobs.update, account_updated, a plain read",
        a_real_time_job_brings_new_data,
    ),
    (
        "all: failed job, account_updated, login, account_reauthorized, account_updated",
        a_real_time_job_leads_through_a_login,
    ),
    (
        "all: a flag is kept, and the token is asked for when the user is there",
        by_night_it_is_remembered_and_by_day_the_user_logs_in,
    ),
    (
        "003: connected, exchanged, fetched, readable",
        an_account_is_linked_and_its_data_comes,
    ),
    (
        "003: a code is good for ten minutes",
        a_code_that_comes_after_ten_minutes_links_nothing,
    ),
    (
        "003: a sync that was called sends account_updated",
        a_manual_sync_brings_new_data,
    ),
    (
        "003: a sync that wants a login, then account_reauthorized",
        a_manual_sync_leads_through_a_login_by_token,
    ),
    (
        "000: automatic refresh without MFA",
        a_daily_refresh_brings_new_data,
    ),
    (
        "000: automatic refresh with MFA",
        a_daily_refresh_may_want_a_login,
    ),
    (
        "000: manual trigger without MFA",
        a_manual_sync_brings_new_data,
    ),
    (
        "000: manual trigger with MFA, login by token",
        a_manual_sync_leads_through_a_login_by_token,
    ),
    (
        "000: a login that account_updated alone tells",
        a_login_is_told_by_new_data_alone,
    ),
    (
        "000: automatic refresh every 6, 12 or 24 hours",
        an_automatic_refresh_comes_as_often_as_agreed,
    ),
    (
        "000: a nightly run remembers, the user logs in by day",
        by_night_it_is_remembered_and_by_day_the_user_logs_in,
    ),
    (
        "002: job finished, account updated, read plainly",
        a_real_time_job_brings_new_data,
    ),
    (
        "002: job failed, login, account updated",
        a_real_time_job_leads_through_a_login,
    ),
    (
        "002: job failed without a login wanted",
        a_real_time_job_that_fails_leaves_what_was_there,
    ),
    (
        "002: within five minutes the last job is told",
        within_five_minutes_the_same_job_is_told,
    ),
];

/// That a flow's test exists is the compiler's to check; that no document was left out is this one's.
#[test]
fn every_document_with_flows_has_its_tests() {
    let told: BTreeSet<_> = FLOWS.iter().map(|(flow, _)| *flow).collect();
    assert_eq!(told.len(), FLOWS.len(), "each flow once");
    let documents: BTreeSet<_> = told.iter().map(|flow| &flow[..3]).collect();
    assert_eq!(
        documents.into_iter().collect::<Vec<_>>(),
        ["000", "002", "003", "all"]
    );
}

async fn account(visitor: &mut Visitor<'_>) -> Value {
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    list["accounts"][0].clone()
}

async fn watching(visitor: &Visitor<'_>) -> Page {
    let mut page = visitor.watches(None).await;
    page.next().await.named("snapshot");
    page
}

/// What the events were, in order.
fn told(app: &TestApp) -> Vec<String> {
    app.simulator
        .deliveries()
        .into_iter()
        .map(|delivery| delivery.event)
        .collect()
}

fn bank_wants_its_user(app: &TestApp, id: &str, wants: bool) {
    let change = AccountChange {
        reauth_required: Some(wants),
        ..AccountChange::default()
    };
    app.simulator.change_account(id, change).unwrap();
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

/// Seed 003: connected, exchanged, fetched, updated; and only then is there anything to read.
#[tokio::test]
async fn an_account_is_linked_and_its_data_comes() {
    for generation in ["v1", "v2"] {
        let app = TestApp::builder()
            .webhooks()
            .generation(generation)
            .start()
            .await;
        if generation == "v1" {
            app.simulator
                .change_settings(|settings| settings.webhook.generation = Generation::V1);
        }
        let mut visitor = app.visitor().await;
        let mut page = watching(&visitor).await;
        let id = visitor.links().await["id"].as_str().unwrap().to_owned();
        app.work().await;
        assert_eq!(page.next_of("account").await["data_status"], "PROCESSING");
        let path = format!("/api/accounts/{id}/transactions");
        visitor
            .get(&path)
            .send()
            .await
            .assert_problem(409, "data_not_ready");

        app.advance_and_work(Duration::from_secs(3)).await;
        page.next_where("account", |account| account["data_available"] == true)
            .await;
        let rows = visitor.get(&path).send().await.assert_status(200);
        assert!(!rows["transactions"].as_array().unwrap().is_empty());
        assert_eq!(
            told(&app),
            [
                "mono.events.account_connected",
                "mono.events.account_updated"
            ]
        );
    }
}

/// Seed 000: once a day Mono fetches what is new, and says so.
#[tokio::test]
async fn a_daily_refresh_brings_new_data() {
    let app = TestApp::builder().webhooks().generation("v1").start().await;
    app.simulator
        .change_settings(|settings| settings.webhook.generation = Generation::V1);
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let before = account(&mut visitor).await["balance"].as_i64().unwrap();
    let mut page = watching(&visitor).await;
    user_spends(&app, &id, 250_000);
    app.advance_and_work(Duration::from_hours(25)).await;
    let after = page
        .next_where("account", |account| account["balance"] != before)
        .await;
    assert_ne!(after["balance"], before);
    assert_eq!(after["data_status"], "AVAILABLE");
}

/// Seed 000: a manual sync; the bank wants its user; a token just in time; the login; new data.
#[tokio::test]
async fn a_manual_sync_leads_through_a_login_by_token() {
    let app = TestApp::builder().webhooks().generation("v1").start().await;
    app.simulator
        .change_settings(|settings| settings.webhook.generation = Generation::V1);
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.advance_and_work(Duration::from_mins(3)).await;
    let mut page = watching(&visitor).await;

    bank_wants_its_user(&app, &id, true);
    let sync = format!("/api/accounts/{id}/sync");
    let outcome = visitor.post(&sync).send().await.assert_status(200);
    assert_eq!(outcome["status"], "reauthorisation_required");
    page.next_where("account", |account| account["requires_reauth"] == true)
        .await;
    app.simulator.settle().await;
    app.work().await;

    let path = format!("/api/accounts/{id}/reauthorise");
    let answer = visitor.post(&path).send().await.assert_status(201);
    assert_eq!(answer["method"], "token");
    app.simulator.reauthorise(&id).await.unwrap();
    app.advance_and_work(Duration::from_secs(10)).await;
    page.next_where("account", |account| account["requires_reauth"] == false)
        .await;

    // Now the sync succeeds.
    app.advance_and_work(Duration::from_mins(3)).await;
    let outcome = visitor.post(&sync).send().await.assert_status(200);
    assert_eq!(outcome["status"], "synced");
    let events = told(&app);
    for event in [
        "reauthorisation_required",
        "account_reauthorized",
        "account_updated",
    ] {
        assert!(
            events.iter().any(|told| told.ends_with(event)),
            "{event}: {events:?}"
        );
    }
}

/// Seed 002: a real-time read starts a job; the job ends; the account is updated; a plain read
/// brings the new data.
#[tokio::test]
async fn a_real_time_job_brings_new_data() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let mut page = watching(&visitor).await;
    let plain = format!("/api/accounts/{id}/balance");
    let before = visitor.get(&plain).send().await.assert_status(200);
    user_spends(&app, &id, 100_000);

    let realtime = format!("/api/accounts/{id}/balance?realtime=true");
    let asked = visitor.get(&realtime).send().await.assert_status(200);
    let job = asked["freshness"]["job"]["id"].clone();
    assert_eq!(page.next_of("job").await["job"]["id"], job);
    app.advance_and_work(Duration::from_secs(5)).await;
    page.next_where("job", |told| told["job"]["status"] == "finished")
        .await;
    let after = visitor.get(&plain).send().await.assert_status(200);
    assert_eq!(
        after["balance"].as_i64().unwrap(),
        before["balance"].as_i64().unwrap() - 100_000
    );
    assert_eq!(
        account(&mut visitor).await["last_sync"]["outcome"],
        "synced"
    );
    assert_eq!(
        told(&app),
        [
            "mono.events.account_connected",
            "mono.events.account_updated",
            "mono.accounts.jobs.update",
            "mono.accounts.jobs.update",
            "mono.events.account_updated",
        ]
    );
    // The plain read started nothing.
    assert_eq!(realtime_calls(&app), 1);
}

fn realtime_calls(app: &TestApp) -> usize {
    let requests = app.simulator.requests();
    let in_real_time = requests
        .iter()
        .filter(|request| request.headers.get("x-realtime").map(String::as_str) == Some("true"));
    in_real_time.count()
}

/// Seed 002: a real-time job fails because the bank wants its user; the user logs
/// in again; all is well.
#[tokio::test]
async fn a_real_time_job_leads_through_a_login() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let mut page = watching(&visitor).await;
    bank_wants_its_user(&app, &id, true);
    let realtime = format!("/api/accounts/{id}/transactions?realtime=true");
    visitor.get(&realtime).send().await.assert_status(200);
    app.advance_and_work(Duration::from_secs(5)).await;
    page.next_where("job", |told| told["job"]["status"] == "failed")
        .await;
    page.next_where("account", |account| account["requires_reauth"] == true)
        .await;

    let path = format!("/api/accounts/{id}/reauthorise");
    let answer = visitor.post(&path).send().await.assert_status(201);
    assert_eq!(
        (&answer["method"], &answer["account_id"]),
        (&json!("account_id"), &json!(id))
    );
    app.simulator.reauthorise(&id).await.unwrap();
    app.advance_and_work(Duration::from_secs(10)).await;
    let well = page
        .next_where("account", |account| account["requires_reauth"] == false)
        .await;
    assert_eq!(well["data_status"], "AVAILABLE");
    assert_eq!(
        told(&app)[2..],
        [
            "mono.accounts.jobs.update",
            "mono.accounts.jobs.update",
            "mono.events.account_updated",
            "mono.events.account_reauthorized",
            "mono.events.account_updated",
        ]
    );
}

/// Seed 003: the code lasts only for ten minutes.
#[tokio::test]
async fn a_code_that_comes_after_ten_minutes_links_nothing() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let reference = visitor.starts_link().await;
    let code = app.bank_user_links(&reference).await.code;
    app.advance(Duration::from_mins(11)).await;
    let late = visitor.exchanges(&code, &reference).await;
    late.assert_problem(422, "code_expired");
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    assert_eq!(list, json!({"accounts": []}));

    // The same attempt, once more and in time.
    let code = app.bank_user_links(&reference).await.code;
    visitor
        .exchanges(&code, &reference)
        .await
        .assert_status(201);
}

/// Seeds 000 and 003: a manual sync; Mono says `account_updated`; what is read is new.
#[tokio::test]
async fn a_manual_sync_brings_new_data() {
    let app = TestApp::builder().webhooks().generation("v1").start().await;
    app.simulator
        .change_settings(|settings| settings.webhook.generation = Generation::V1);
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.advance_and_work(Duration::from_mins(3)).await;
    let balance = format!("/api/accounts/{id}/balance");
    let before = visitor.get(&balance).send().await.assert_status(200);
    let mut page = watching(&visitor).await;
    user_spends(&app, &id, 75_000);

    let sync = format!("/api/accounts/{id}/sync");
    let outcome = visitor.post(&sync).send().await.assert_status(200);
    assert_eq!(
        (&outcome["status"], &outcome["has_new_data"]),
        (&json!("synced"), &json!(true))
    );
    app.advance_and_work(Duration::from_secs(5)).await;
    let expected = before["balance"].as_i64().unwrap() - 75_000;
    page.next_where("account", |account| account["balance"] == expected)
        .await;
    let after = visitor.get(&balance).send().await.assert_status(200);
    assert_eq!(after["balance"], expected);
    assert!(
        told(&app)
            .iter()
            .any(|event| event.ends_with("account_updated"))
    );
    // One call in two minutes.
    let again = visitor.post(&sync).send().await;
    again.assert_problem(429, "rate_limited");
}

/// Seed 000: the daily refresh meets a bank that wants its user.
#[tokio::test]
async fn a_daily_refresh_may_want_a_login() {
    let app = TestApp::builder().webhooks().generation("v1").start().await;
    app.simulator
        .change_settings(|settings| settings.webhook.generation = Generation::V1);
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let mut page = watching(&visitor).await;
    bank_wants_its_user(&app, &id, true);
    app.advance_and_work(Duration::from_hours(25)).await;
    let flagged = page
        .next_where("account", |account| account["requires_reauth"] == true)
        .await;
    assert!(flagged["requires_reauth_since"].is_string());
    // What was there before can still be read.
    assert_eq!(flagged["data_available"], true);
    let path = format!("/api/accounts/{id}/transactions");
    visitor.get(&path).send().await.assert_status(200);

    app.simulator.reauthorise(&id).await.unwrap();
    app.advance_and_work(Duration::from_secs(10)).await;
    page.next_where("account", |account| account["requires_reauth"] == false)
        .await;
}

/// Seed 000, best practice: who must log in again is remembered at night; the token is asked for
/// when the user is there.
#[tokio::test]
async fn by_night_it_is_remembered_and_by_day_the_user_logs_in() {
    let app = TestApp::builder()
        .generation("v1")
        .set("SYNC_SCHEDULE", "0 2 * * *")
        .start()
        .await;
    app.simulator
        .change_settings(|settings| settings.refresh_interval = Duration::ZERO);
    let mut visitor = app.visitor().await;
    let request = json!({"consent": {"version": "1"}});
    let session = visitor.post("/api/link-sessions").json(&request).await;
    let reference = session.assert_status(201)["reference"].clone();
    let reference = reference.as_str().unwrap();
    let linked = app.bank_user_links(reference).await;
    let id = linked.account_id;
    visitor
        .exchanges(&linked.code, reference)
        .await
        .assert_status(201);
    app.advance_and_work(Duration::from_mins(1)).await;
    bank_wants_its_user(&app, &id, true);

    // From eleven in the morning to two at night, then to nine.
    app.advance_and_work(Duration::from_hours(15)).await;
    app.advance_and_work(Duration::from_hours(7)).await;
    let morning = account(&mut visitor).await;
    assert_eq!(morning["requires_reauth"], true);
    assert_eq!(morning["last_sync"]["outcome"], "reauthorisation_required");
    let tokens = |app: &TestApp| app.calls("POST", "/accounts/*/reauthorise");
    assert_eq!(tokens(&app), 0, "a token lasts for ten minutes only");

    let path = format!("/api/accounts/{id}/reauthorise");
    let answer = visitor.post(&path).send().await.assert_status(201);
    assert_eq!((&answer["method"], tokens(&app)), (&json!("token"), 1));
    app.simulator.reauthorise(&id).await.unwrap();
    // No event tells it; the next night's sync does.
    app.advance_and_work(Duration::from_hours(17)).await;
    let well = account(&mut visitor).await;
    assert_eq!(well["requires_reauth"], false);
    assert_eq!(well["last_sync"]["outcome"], "synced");
    assert_eq!(app.calls("POST", &format!("/accounts/{id}/sync")), 2);
}

/// Seed 000: after the login `account_updated` comes, and nothing else.
#[tokio::test]
async fn a_login_is_told_by_new_data_alone() {
    let app = TestApp::builder().webhooks().generation("v1").start().await;
    app.simulator.change_settings(|settings| {
        settings.webhook.generation = Generation::V1;
        settings.dialect.silent_reauth_in_v1 = true;
    });
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.advance_and_work(Duration::from_mins(3)).await;
    bank_wants_its_user(&app, &id, true);
    let sync = format!("/api/accounts/{id}/sync");
    visitor.post(&sync).send().await.assert_status(200);
    app.advance_and_work(Duration::from_secs(1)).await;
    let mut page = watching(&visitor).await;
    assert_eq!(account(&mut visitor).await["requires_reauth"], true);

    let path = format!("/api/accounts/{id}/reauthorise");
    visitor.post(&path).send().await.assert_status(201);
    app.simulator.reauthorise(&id).await.unwrap();
    app.advance_and_work(Duration::from_secs(1)).await;
    assert_eq!(account(&mut visitor).await["requires_reauth"], true);
    app.advance_and_work(Duration::from_secs(5)).await;
    page.next_where("account", |account| account["requires_reauth"] == false)
        .await;
    assert_eq!(
        told(&app)[2..],
        [
            "mono.events.reauthorisation_required",
            "mono.events.account_updated"
        ]
    );
    // And the next sync is not held up.
    app.advance_and_work(Duration::from_mins(3)).await;
    let outcome = visitor.post(&sync).send().await.assert_status(200);
    assert_eq!(outcome["status"], "synced");
}

/// Seed 000, note 1.
#[tokio::test]
async fn an_automatic_refresh_comes_as_often_as_agreed() {
    for hours in [6, 12, 24] {
        let app = TestApp::builder().webhooks().generation("v1").start().await;
        app.simulator.change_settings(|settings| {
            settings.webhook.generation = Generation::V1;
            settings.refresh_interval = Duration::from_hours(hours);
        });
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        app.work().await;
        for _ in 0..2 {
            let before = account(&mut visitor).await["balance"].clone();
            user_spends(&app, &id, 250_000);
            app.advance_and_work(Duration::from_mins(hours * 60 - 5))
                .await;
            assert_eq!(account(&mut visitor).await["balance"], before, "{hours}");
            app.advance_and_work(Duration::from_mins(5)).await;
            assert_ne!(account(&mut visitor).await["balance"], before, "{hours}");
        }
    }
}

/// Seed 002: a job may fail for reasons of the bank's.
#[tokio::test]
async fn a_real_time_job_that_fails_leaves_what_was_there() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let mut page = watching(&visitor).await;
    let plain = format!("/api/accounts/{id}/balance");
    let before = visitor.get(&plain).send().await.assert_status(200);
    let change = AccountChange {
        outcome: Some("FAILED".to_owned()),
        ..AccountChange::default()
    };
    app.simulator.change_account(&id, change).unwrap();
    let realtime = format!("/api/accounts/{id}/balance?realtime=true");
    visitor.get(&realtime).send().await.assert_status(200);
    app.advance_and_work(Duration::from_secs(5)).await;
    let failed = page
        .next_where("job", |told| told["job"]["status"] == "failed")
        .await;
    assert_ne!(failed["job"]["reauth_required"], true);
    let after = visitor.get(&plain).send().await.assert_status(200);
    assert_eq!(after["balance"], before["balance"]);
    assert_eq!(account(&mut visitor).await["requires_reauth"], false);
}

/// Seed 002: a second session within five minutes is told of the first one's job.
#[tokio::test]
async fn within_five_minutes_the_same_job_is_told() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let realtime = format!("/api/accounts/{id}/balance?realtime=true");
    let mut job = async || {
        let answer = visitor.get(&realtime).send().await.assert_status(200);
        answer["freshness"]["job"].clone()
    };
    let first = job().await;
    assert_eq!(job().await, first);
    app.advance_and_work(Duration::from_mins(4)).await;
    let later = job().await;
    assert_eq!(
        (&later["id"], &later["status"]),
        (&first["id"], &json!("finished"))
    );
    app.advance_and_work(Duration::from_mins(1)).await;
    assert_ne!(job().await["id"], first["id"]);
}
