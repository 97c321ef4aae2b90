//! An identical read is answered from memory, until a fact says that the data changed.

use std::time::Duration;

use futures_util::future::join_all;
use futures_util::poll;
use mono_connect_tests::{TestApp, Visitor};
use mono_simulator::{AccountChange, Fault, FaultKind, HandmadeWebhook};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const BALANCE: &str = "/v2/accounts/*/balance";

/// The account now has this balance at Mono, and nobody is told.
fn set_balance(app: &TestApp, id: &str, balance: i64) {
    let change = AccountChange {
        balance: Some(balance),
        ..AccountChange::default()
    };
    app.simulator.change_account(id, change).unwrap();
}

async fn read(visitor: &mut Visitor<'_>, id: &str, what: &str) -> Value {
    let path = format!("/api/accounts/{id}/{what}");
    visitor.get(&path).send().await.assert_status(200)
}

/// The balance, and who answered.
async fn balance(visitor: &mut Visitor<'_>, id: &str) -> (i64, String) {
    let balance = read(visitor, id, "balance").await;
    let source = balance["freshness"]["source"].as_str().unwrap();
    (balance["balance"].as_i64().unwrap(), source.to_owned())
}

fn from_mono(balance: i64) -> (i64, String) {
    (balance, "mono".to_owned())
}

fn from_cache(balance: i64) -> (i64, String) {
    (balance, "cache".to_owned())
}

#[tokio::test]
async fn an_identical_read_costs_no_call_and_says_how_old_it_is() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let queries = [
        "balance",
        "transactions",
        "transactions?page=2&limit=10",
        "transactions?limit=10",
        "transactions?type=debit",
        "transactions?start=2026-01-01&end=2026-01-20",
        "transactions?narration=pos",
    ];
    app.simulator.clear_requests();
    let mut first = Vec::new();
    for query in queries {
        first.push(read(&mut visitor, &id, query).await);
    }
    // Every one of them is another read.
    assert_eq!(app.all_calls(), queries.len());
    let asked_at = app.clock_text();
    app.advance(Duration::from_mins(14)).await;
    for (query, first) in queries.iter().zip(&first) {
        let again = read(&mut visitor, &id, query).await;
        assert_eq!(first["freshness"]["source"], "mono", "{query}");
        assert_eq!(
            again["freshness"],
            json!({"source": "cache", "as_of": asked_at, "has_new_data": null, "job": null}),
            "{query}"
        );
        let without_freshness = |mut answer: Value| {
            answer.as_object_mut().unwrap().remove("freshness").unwrap();
            answer
        };
        assert_eq!(without_freshness(again), without_freshness(first.clone()));
    }
    assert_eq!(app.all_calls(), queries.len());
    let metrics = visitor.get("/metrics").send_to_admin().await.body;
    for line in [
        r#"mono_connect_upstream_calls_saved_total{resource="balance"} 1"#,
        r#"mono_connect_upstream_calls_saved_total{resource="transactions"} 6"#,
    ] {
        assert!(metrics.lines().any(|l| l == line), "{line} in {metrics}");
    }
}

#[tokio::test]
async fn an_answer_is_given_again_no_longer_than_cache_ttl() {
    for (ttl, lives) in [("15m", 900), ("2s", 2)] {
        let app = TestApp::builder().set("CACHE_TTL", ttl).start().await;
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        set_balance(&app, &id, 1);
        assert_eq!(balance(&mut visitor, &id).await, from_mono(1));
        set_balance(&app, &id, 2);
        app.advance(Duration::from_millis(lives * 1000 - 1)).await;
        assert_eq!(balance(&mut visitor, &id).await, from_cache(1));
        app.advance(Duration::from_millis(1)).await;
        assert_eq!(balance(&mut visitor, &id).await, from_mono(2));
    }
}

#[tokio::test]
async fn without_a_cache_every_read_asks() {
    let app = TestApp::builder().set("CACHE_TTL", "0").start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    for now in [1, 2, 3] {
        set_balance(&app, &id, now);
        assert_eq!(balance(&mut visitor, &id).await, from_mono(now));
    }
    app.simulator
        .fault(Fault::next(FaultKind::NullData).on(BALANCE));
    let path = format!("/api/accounts/{id}/balance");
    let answer = visitor.get(&path).send().await;
    answer.assert_problem(409, "data_not_ready");
}

#[tokio::test]
async fn what_one_user_has_read_is_not_there_for_another() {
    let app = TestApp::start().await;
    let mut owner = app.visitor().await;
    let id = owner.links_and_waits().await;
    balance(&mut owner, &id).await;
    let mut stranger = app.visitor().await;
    let path = format!("/api/accounts/{id}/balance");
    let answer = stranger.get(&path).send().await;
    answer.assert_problem(404, "account_not_found");
    // And another account of the same user has its own answers.
    let other = owner.links_and_waits().await;
    set_balance(&app, &other, 77);
    assert_eq!(balance(&mut owner, &other).await, from_mono(77));
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

#[tokio::test]
async fn an_event_about_the_account_ends_what_was_known_of_it() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let other = visitor.links_and_waits().await;
    app.work().await;
    for known in [&id, &other] {
        set_balance(&app, known, 1);
        assert_eq!(balance(&mut visitor, known).await, from_mono(1));
    }
    let updated = json!({
        "event": "mono.events.account_updated",
        "data": {"account": {"_id": id}, "meta": {"data_status": "AVAILABLE"}},
    });
    let reauthorised = json!({
        "event": "mono.events.account_reauthorized",
        "data": {"account": {"_id": id}},
    });
    for (number, payload) in (2..).zip([updated, reauthorised]) {
        set_balance(&app, &id, number);
        assert_eq!(balance(&mut visitor, &id).await, from_cache(number - 1));
        app.advance(Duration::from_secs(1)).await;
        tell(&app, payload).await;
        assert_eq!(balance(&mut visitor, &id).await, from_mono(number));
    }
    // That the bank wants its user changes nothing of what was read.
    let asks = json!({
        "event": "mono.events.reauthorisation_required",
        "data": {"account": {"_id": id}},
    });
    tell(&app, asks).await;
    assert_eq!(balance(&mut visitor, &id).await, from_cache(3));
    // Nothing was said of the other one.
    assert_eq!(balance(&mut visitor, &other).await, from_cache(1));
}

#[tokio::test]
async fn monos_own_refresh_ends_what_was_known() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    assert_eq!(balance(&mut visitor, &id).await.1, "mono");
    assert_eq!(balance(&mut visitor, &id).await.1, "cache");
    app.simulator.refresh(&id).await.unwrap();
    app.advance_and_work(Duration::from_secs(10)).await;
    assert_eq!(balance(&mut visitor, &id).await.1, "mono");
}

/// The next manual sync succeeds and says this of new data.
fn next_sync_says(app: &TestApp, has_new_data: &str) {
    let body = format!(
        r#"{{"status":"successful","hasNewData":{has_new_data},"code":"SYNC_SUCCESSFUL"}}"#
    );
    let answer = FaultKind::Status {
        code: 200,
        body: Some(body),
        content_type: None,
        retry_after: None,
    };
    app.simulator
        .fault(Fault::next(answer).on("/accounts/*/sync"));
}

#[tokio::test]
async fn a_sync_ends_what_was_known_unless_it_brought_nothing_new() {
    let app = TestApp::builder().generation("v1").start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let sync = format!("/api/accounts/{id}/sync");
    for (has_new_data, source) in [("true", "mono"), ("null", "mono"), ("false", "cache")] {
        app.advance(Duration::from_mins(3)).await;
        next_sync_says(&app, has_new_data);
        balance(&mut visitor, &id).await;
        assert_eq!(balance(&mut visitor, &id).await.1, "cache");
        let outcome = visitor.post(&sync).send().await.assert_status(200);
        assert_eq!(outcome["status"], "synced");
        assert_eq!(
            balance(&mut visitor, &id).await.1,
            source,
            "has_new_data: {has_new_data}"
        );
    }
}

#[tokio::test]
async fn real_time_passes_by_is_kept_and_its_job_ends_what_was_known() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    set_balance(&app, &id, 1);
    assert_eq!(balance(&mut visitor, &id).await, from_mono(1));
    let old = read(&mut visitor, &id, "transactions?limit=3").await;
    assert_eq!(old["freshness"]["source"], "mono");
    set_balance(&app, &id, 2);
    let fresh = read(&mut visitor, &id, "balance?realtime=true").await;
    assert_eq!(
        (&fresh["balance"], &fresh["freshness"]["source"]),
        (&json!(2), &json!("mono"))
    );
    // Nobody is shown the past after he has seen the present, and nobody pays for it twice.
    app.simulator.clear_requests();
    set_balance(&app, &id, 3);
    assert_eq!(balance(&mut visitor, &id).await, from_cache(2));
    // A second one in the five minutes starts nothing and is answered from what is there.
    let again = read(&mut visitor, &id, "balance?realtime=true").await;
    assert_eq!(
        again["freshness"]["job"]["id"],
        fresh["freshness"]["job"]["id"]
    );
    assert_eq!(
        (&again["balance"], &again["freshness"]["source"]),
        (&json!(2), &json!("cache"))
    );
    assert_eq!(app.all_calls(), 0);
    let other = read(&mut visitor, &id, "transactions?limit=3").await;
    assert_eq!(other["freshness"]["source"], "mono", "it may be newer now");
    app.advance_and_work(Duration::from_secs(10)).await;
    assert_eq!(balance(&mut visitor, &id).await, from_mono(3));
}

/// Starts a real-time job at Mono without the proxy.
async fn somebody_else_asks(app: &TestApp, id: &str) {
    let address = app.simulator.base_url().strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "GET /v2/accounts/{id}/transactions HTTP/1.1\r\nhost: {address}\r\nx-realtime: true\r\n\
         mono-sec-key: {}\r\nconnection: close\r\n\r\n",
        app.simulator.secret_key()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn what_came_in_real_time_is_kept_however_its_job_stands() {
    for job in ["processing", "finished", "none"] {
        let app = TestApp::start().await;
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        if job == "finished" {
            somebody_else_asks(&app, &id).await;
            app.advance(Duration::from_mins(1)).await;
        }
        if job == "none" {
            let row =
                json!({"id": "r", "type": "debit", "amount": 1, "date": "2025-12-01T00:00:00Z"});
            let answer = FaultKind::Status {
                code: 200,
                body: Some(json!({"data": [row]}).to_string()),
                content_type: None,
                retry_after: None,
            };
            app.simulator.fault(Fault::next(answer));
        }
        let first = read(&mut visitor, &id, "transactions?limit=3&realtime=true").await;
        let told = first["freshness"]["job"]["status"].as_str();
        assert_eq!(told.unwrap_or("none"), job);
        app.simulator.clear_requests();
        for path in ["transactions?limit=3", "transactions?limit=3&realtime=true"] {
            let again = read(&mut visitor, &id, path).await;
            assert_eq!(again["freshness"]["source"], "cache", "{job}");
            assert_eq!(again["transactions"], first["transactions"]);
        }
        assert_eq!(app.all_calls(), 0, "{job}");
    }
}

#[tokio::test]
async fn what_was_asked_in_real_time_before_a_fact_is_not_kept_after_it() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    set_balance(&app, &id, 1);
    app.simulator
        .fault(Fault::next(FaultKind::Delay { ms: 300 }).on(BALANCE));
    app.simulator.clear_requests();
    let mut window = visitor.same();
    let realtime = read(&mut window, &id, "balance?realtime=true");
    let mut realtime = Box::pin(realtime);
    while app.calls("GET", BALANCE) == 0 {
        assert!(futures_util::poll!(realtime.as_mut()).is_pending());
        tokio::task::yield_now().await;
    }
    // What Mono confirms is newer then, which is how other proxies hear of it.
    app.advance(Duration::from_secs(1)).await;
    tell(
        &app,
        json!({
            "event": "mono.events.account_updated",
            "data": {"account": {"_id": id}, "meta": {"data_status": "AVAILABLE"}},
        }),
    )
    .await;
    assert_eq!(realtime.await["balance"], 1);
    set_balance(&app, &id, 2);
    assert_eq!(balance(&mut visitor, &id).await, from_mono(2));
}

#[tokio::test]
async fn without_a_cache_equal_reads_at_the_same_time_are_one_call_too() {
    let app = TestApp::builder().set("CACHE_TTL", "0").start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.simulator.clear_requests();
    app.simulator
        .fault(Fault::next(FaultKind::Delay { ms: 300 }).on(BALANCE));
    let early = begins_to_read(&app, visitor.same(), &id, 1).await;
    let mut window = visitor.same();
    let late = balance(&mut window, &id);
    let (early, late) = tokio::join!(early, late);
    assert_eq!(early["balance"], late.0);
    assert_eq!(app.calls("GET", BALANCE), 1);
    balance(&mut visitor, &id).await;
    assert_eq!(app.calls("GET", BALANCE), 2);
}

#[tokio::test]
async fn an_account_that_was_unlinked_is_gone_with_its_answers() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    balance(&mut visitor, &id).await;
    app.simulator.unlink(&id).await.unwrap();
    app.work().await;
    let path = format!("/api/accounts/{id}/balance");
    let answer = visitor.get(&path).send().await;
    answer.assert_problem(404, "account_not_found");
}

/// Begins to read the balance: Mono has answered, and the answer is still on its way.
async fn begins_to_read<'a>(
    app: &TestApp,
    mut window: Visitor<'a>,
    id: &str,
    wanted: usize,
) -> impl Future<Output = Value> + use<'a> {
    let path = format!("/api/accounts/{id}/balance");
    let mut reading = Box::pin(async move { window.get(&path).send().await.assert_status(200) });
    while app.calls("GET", BALANCE) < wanted {
        assert!(poll!(reading.as_mut()).is_pending());
        tokio::task::yield_now().await;
    }
    reading
}

#[tokio::test]
async fn what_was_asked_before_a_fact_is_not_kept_after_it() {
    let app = TestApp::builder().one_proxy().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    set_balance(&app, &id, 1);
    app.simulator.clear_requests();
    app.simulator
        .fault(Fault::next(FaultKind::Delay { ms: 300 }).on(BALANCE));
    let early = begins_to_read(&app, visitor.same(), &id, 1).await;
    set_balance(&app, &id, 2);
    tell(
        &app,
        json!({
            "event": "mono.events.account_updated",
            "data": {"account": {"_id": id}, "meta": {"data_status": "AVAILABLE"}},
        }),
    )
    .await;
    // Who asks after the fact does not wait for the old answer either.
    assert_eq!(balance(&mut visitor, &id).await, from_mono(2));
    assert_eq!(early.await["balance"], 1);
    assert_eq!(balance(&mut visitor, &id).await, from_cache(2));
    assert_eq!(app.calls("GET", BALANCE), 2);
}

#[tokio::test]
async fn equal_reads_at_the_same_time_are_one_call() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.simulator.clear_requests();
    app.simulator
        .fault(Fault::next(FaultKind::Delay { ms: 100 }).on(BALANCE));
    let answers = join_all((0..20).map(|_| {
        let mut window = visitor.same();
        let id = id.clone();
        async move { balance(&mut window, &id).await }
    }))
    .await;
    assert_eq!(app.calls("GET", BALANCE), 1);
    // Who comes after the call has ended is told the same, from memory.
    assert!(answers.iter().all(|answer| answer.0 == answers[0].0));
    assert!(answers.iter().any(|answer| answer.1 == "mono"));
    assert_eq!(balance(&mut visitor, &id).await.1, "cache");
}

#[tokio::test]
async fn a_caller_who_goes_away_leaves_nobody_hanging() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.simulator.clear_requests();
    app.simulator
        .fault(Fault::next(FaultKind::Delay { ms: 200 }).on(BALANCE));
    let first = begins_to_read(&app, visitor.same(), &id, 1).await;
    let second = begins_to_read(&app, visitor.same(), &id, 1).await;
    drop(first);
    assert!(second.await["balance"].is_i64());
    assert_eq!(app.calls("GET", BALANCE), 1);
}

#[tokio::test]
async fn what_failed_is_asked_again() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let path = format!("/api/accounts/{id}/balance");
    set_balance(&app, &id, 5);
    for (kind, status) in [
        (FaultKind::NullData, 409),
        (FaultKind::MalformedJson, 502),
        (FaultKind::Html { code: 500 }, 502),
    ] {
        app.simulator.fault(Fault::next(kind).on(BALANCE));
        assert_eq!(visitor.get(&path).send().await.status, status);
    }
    assert_eq!(balance(&mut visitor, &id).await, from_mono(5));
}

#[tokio::test]
async fn where_mono_has_nothing_to_say_the_last_true_answer_is_told() {
    let app = TestApp::builder().generation("v1").start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let truth = read(&mut visitor, &id, "transactions").await;
    let asked_at = app.clock_text();
    app.advance(Duration::from_mins(1)).await;
    let sync = format!("/api/accounts/{id}/sync");
    next_sync_says(&app, "true");
    visitor.post(&sync).send().await.assert_status(200);
    let nothing = Fault::next(FaultKind::NullData).on("/accounts/*/transactions");
    app.simulator.fault(nothing.times(0));
    app.simulator.clear_requests();
    let told = read(&mut visitor, &id, "transactions").await;
    assert_eq!(app.all_calls(), 1, "Mono was asked first");
    assert_eq!(told["transactions"], truth["transactions"]);
    assert_eq!(
        (&told["freshness"]["source"], &told["freshness"]["as_of"]),
        (&json!("cache"), &json!(asked_at))
    );
    // Of this one there is no true answer.
    for path in ["transactions?page=2", "transactions?type=debit"] {
        let path = format!("/api/accounts/{id}/{path}");
        let answer = visitor.get(&path).send().await;
        answer.assert_problem(409, "data_not_ready");
    }
    // And after its time it is not told any more.
    app.advance(Duration::from_mins(15)).await;
    let path = format!("/api/accounts/{id}/transactions");
    let answer = visitor.get(&path).send().await;
    answer.assert_problem(409, "data_not_ready");
}

/// Lets Mono's next answer at this path be this one.
fn says(app: &TestApp, path: &str, body: &Value) {
    let answer = FaultKind::Status {
        code: 200,
        body: Some(body.to_string()),
        content_type: None,
        retry_after: None,
    };
    app.simulator.fault(Fault::next(answer).on(path));
}

#[tokio::test]
async fn nothing_is_left_of_an_account_that_was_unlinked() {
    let app = TestApp::start().await;
    let mut owner = app.visitor().await;
    let id = owner.links_and_waits().await;
    set_balance(&app, &id, 1);
    assert_eq!(balance(&mut owner, &id).await, from_mono(1));
    assert_eq!(balance(&mut owner, &id).await, from_cache(1));
    // Mono says that it is done, and takes the account for as good as before.
    says(&app, "/v2/accounts/*/unlink", &json!({}));
    let path = format!("/api/accounts/{id}");
    let unlinked = owner.call(axum::http::Method::DELETE, &path).send().await;
    unlinked.assert_status(204);
    // The only way back to what was known under this id: somebody links it again.
    let mut other = app.visitor().await;
    let reference = other.starts_link().await;
    says(&app, "/v2/accounts/auth", &json!({"data": {"id": id}}));
    let details = json!({"data": {
        "account": {"id": id, "currency": "NGN"}, "meta": {"data_status": "AVAILABLE"},
    }});
    says(&app, &format!("/v2/accounts/{id}"), &details);
    let linked = other.exchanges("code_of_another", &reference).await;
    assert_eq!(linked.assert_status(201)["id"], json!(id));
    app.simulator
        .fault(Fault::next(FaultKind::NullData).on(BALANCE));
    let path = format!("/api/accounts/{id}/balance");
    let nothing = other.get(&path).send().await;
    nothing.assert_problem(409, "data_not_ready");
    assert_eq!(balance(&mut other, &id).await, from_mono(1));
}
