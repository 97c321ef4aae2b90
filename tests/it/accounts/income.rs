//! `GET /api/accounts/{id}/income`.

use std::time::Duration;

use futures_util::future::join_all;
use futures_util::poll;
use mono_connect_tests::{Answer, Database, TestApp, Visitor};
use mono_simulator::{Fault, FaultKind, HandmadeWebhook};
use serde_json::{Value, json};

use super::{monos, says};

/// Starts an analysis.
const START: &str = "/v2/accounts/*/income";
/// What it found.
const RECORDS: &str = "/v2/accounts/*/income-records";

async fn ask(visitor: &mut Visitor<'_>, id: &str) -> Answer {
    let path = format!("/api/accounts/{id}/income");
    visitor.get(&path).send().await
}

async fn income(visitor: &mut Visitor<'_>, id: &str) -> Value {
    ask(visitor, id).await.assert_status(200)
}

fn processing() -> Value {
    json!({"status": "processing", "records": [], "skipped": 0})
}

fn refusal(code: u16) -> FaultKind {
    FaultKind::Status {
        code,
        body: Some("{}".to_owned()),
        content_type: None,
        retry_after: None,
    }
}

#[tokio::test]
async fn is_ready_at_once_in_the_first_generation() {
    let app = TestApp::builder().generation("v1").start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    for _ in 0..2 {
        let mut answer = income(&mut visitor, &id).await;
        assert!(answer["records"][0]["amount"].take().as_i64().unwrap() > 0);
        assert_eq!(
            answer,
            json!({"status": "ready", "skipped": 0, "records": [{
                "type": "INCOME", "employer": "LAGOON TECHNOLOGIES LTD", "amount": null,
                "monthly_average": null, "frequency": null, "currency": "NGN",
                "first_date": null, "last_date": null, "stability": null,
            }]})
        );
    }
    assert_eq!(app.calls("GET", "/accounts/*/income"), 1);
}

#[tokio::test]
async fn is_analysed_once_and_ready_when_mono_says_so() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let mut page = visitor.watches(None).await;
    page.next_of("snapshot").await;
    for _ in 0..3 {
        assert_eq!(income(&mut visitor, &id).await, processing());
    }
    assert_eq!(page.next_of("account").await["id"], json!(id));
    assert!(page.is_quiet().await);
    app.advance_and_work(Duration::from_secs(2)).await;
    assert_eq!(income(&mut visitor, &id).await, processing());
    assert_eq!(app.calls("GET", RECORDS), 0);
    app.advance_and_work(Duration::from_secs(6)).await;
    // The page need not ask until then.
    assert_eq!(page.next_of("account").await["id"], json!(id));
    let ready = income(&mut visitor, &id).await;
    assert_eq!(
        (&ready["status"], &ready["skipped"]),
        (&json!("ready"), &json!(0))
    );
    let [record] = ready["records"].as_array().unwrap().as_slice() else {
        panic!("one salary: {ready}")
    };
    for (field, told) in [
        ("type", json!("SALARY")),
        ("frequency", json!("MONTHLY")),
        ("currency", json!("NGN")),
        ("stability", json!(0.9)),
        ("employer", json!("LAGOON TECHNOLOGIES LTD")),
    ] {
        assert_eq!(record[field], told, "{field}");
    }
    assert!(record["amount"].as_i64().unwrap() > 0);
    assert_eq!(record["amount"], record["monthly_average"]);
    for day in ["first_date", "last_date"] {
        assert_eq!(record[day].as_str().unwrap().len(), 10, "{record}");
    }
    assert_eq!(income(&mut visitor, &id).await, ready);
    assert_eq!((app.calls("GET", START), app.calls("GET", RECORDS)), (1, 1));
    // Nor is it analysed again later.
    app.advance_and_work(Duration::from_hours(48)).await;
    assert_eq!(income(&mut visitor, &id).await, ready);
    assert_eq!((app.calls("GET", START), app.calls("GET", RECORDS)), (1, 2));
}

#[tokio::test]
async fn nobody_who_pays_is_no_income() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    income(&mut visitor, &id).await;
    app.advance_and_work(Duration::from_secs(10)).await;
    let none = json!({"status": "successful", "data": []});
    app.simulator.fault(says(&none).on(RECORDS));
    assert_eq!(
        income(&mut visitor, &id).await,
        json!({"status": "ready", "records": [], "skipped": 0})
    );
}

#[tokio::test]
async fn many_at_once_have_it_analysed_once() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let calls = (0..10).map(|_| {
        let mut visitor = visitor.same();
        let id = id.clone();
        async move { income(&mut visitor, &id).await }
    });
    for answer in join_all(calls).await {
        assert_eq!(answer, processing());
    }
    assert_eq!(income(&mut visitor, &id).await, processing());
    assert_eq!(app.calls("GET", START), 1);
}

#[tokio::test]
async fn two_proxies_on_postgres_have_it_analysed_once() {
    let app = TestApp::builder().database(Database::Postgres);
    let app = app.start().await;
    let other = app.another().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let mut elsewhere = other.newcomer();
    elsewhere.cookie.clone_from(&visitor.cookie);
    let (one, two) = tokio::join!(income(&mut visitor, &id), income(&mut elsewhere, &id));
    assert_eq!((one, two), (processing(), processing()));
    assert_eq!(app.calls("GET", START), 1);
}

#[tokio::test]
async fn is_started_although_the_caller_has_gone() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let mut page = visitor.watches(None).await;
    page.next_of("snapshot").await;
    {
        let mut impatient = visitor.same();
        let call = ask(&mut impatient, &id);
        tokio::pin!(call);
        assert!(poll!(call.as_mut()).is_pending());
        for _ in 0..3 {
            tokio::task::yield_now().await;
            if poll!(call.as_mut()).is_ready() {
                // On a slow machine everything else is fast.
                break;
            }
        }
    }
    page.next_of("account").await;
    // Joins nothing, starts nothing.
    assert_eq!(income(&mut visitor, &id).await, processing());
    while app.calls("GET", START) == 0 {
        tokio::task::yield_now().await;
    }
    app.advance_and_work(Duration::from_secs(10)).await;
    assert_eq!(income(&mut visitor, &id).await["status"], "ready");
    assert_eq!(app.calls("GET", START), 1);
}

#[tokio::test]
async fn an_event_that_got_lost_is_made_up_for() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    assert_eq!(income(&mut visitor, &id).await, processing());
    app.advance(Duration::from_secs(299)).await;
    assert_eq!(income(&mut visitor, &id).await, processing());
    assert_eq!(app.calls("GET", RECORDS), 0);
    app.advance(Duration::from_secs(1)).await;
    let ready = income(&mut visitor, &id).await;
    assert_eq!(ready["status"], "ready");
    assert_eq!(ready["records"].as_array().unwrap().len(), 1);
    // It is known to be over now, also to the next who asks.
    assert_eq!(income(&mut visitor, &id).await, ready);
    assert_eq!((app.calls("GET", START), app.calls("GET", RECORDS)), (1, 2));
}

#[tokio::test]
async fn an_analysis_without_an_end_is_asked_after_once_a_minute_and_repeated_after_an_hour() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let nothing = Fault {
        times: 0,
        ..says(&json!({"status": "successful", "data": []})).on(RECORDS)
    };
    app.simulator.fault(nothing);
    income(&mut visitor, &id).await;
    app.advance(Duration::from_mins(5)).await;
    for minute in 1..=3 {
        for _ in 0..3 {
            assert_eq!(income(&mut visitor, &id).await, processing());
        }
        assert_eq!(app.calls("GET", RECORDS), minute);
        app.advance(Duration::from_mins(1)).await;
    }
    app.advance(Duration::from_secs(3119)).await;
    assert_eq!(income(&mut visitor, &id).await, processing());
    assert_eq!(app.calls("GET", START), 1);
    app.advance(Duration::from_mins(1)).await;
    for _ in 0..3 {
        assert_eq!(income(&mut visitor, &id).await, processing());
    }
    assert_eq!(app.calls("GET", START), 2);
    // The second one is waited for as long as the first one was.
    app.simulator.clear_faults();
    app.advance(Duration::from_secs(299)).await;
    assert_eq!(income(&mut visitor, &id).await, processing());
    app.advance(Duration::from_mins(1)).await;
    assert_eq!(income(&mut visitor, &id).await["status"], "ready");
    assert_eq!(app.calls("GET", START), 2);
}

#[tokio::test]
async fn what_was_found_is_asked_for_before_another_is_paid_for() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    income(&mut visitor, &id).await;
    app.advance(Duration::from_hours(3)).await;
    // As long as Mono does not say what there is, nothing is started.
    app.simulator.fault(Fault {
        times: 0,
        ..Fault::next(refusal(503)).on(RECORDS)
    });
    assert_eq!(income(&mut visitor, &id).await, processing());
    app.simulator.clear_faults();
    app.advance(Duration::from_mins(1)).await;
    assert_eq!(income(&mut visitor, &id).await["status"], "ready");
    assert_eq!(app.calls("GET", START), 1);
}

#[tokio::test]
async fn what_mono_refuses_to_start_may_be_asked_for_again() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    for (kind, status, code) in [
        (refusal(402), 502, "upstream_error"),
        (refusal(400), 502, "upstream_error"),
        (refusal(429), 503, "upstream_unavailable"),
        (refusal(404), 404, "account_not_found"),
    ] {
        app.simulator.fault(Fault::next(kind).on(START));
        ask(&mut visitor, &id).await.assert_problem(status, code);
    }
    assert_eq!(income(&mut visitor, &id).await, processing());
    assert_eq!(app.calls("GET", START), 5);
}

#[tokio::test]
async fn what_mono_may_have_started_is_waited_for() {
    let timeout = "1s";
    for (fault, status, code) in [
        (Fault::next(FaultKind::Hang), 504, "upstream_timeout"),
        (Fault::next(refusal(500)), 502, "upstream_error"),
        (
            Fault {
                after: true,
                ..Fault::next(FaultKind::Reset)
            },
            502,
            "upstream_error",
        ),
    ] {
        let app = TestApp::builder().set("UPSTREAM_TIMEOUT", timeout);
        let app = app.start().await;
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        let was_done = fault.after;
        app.simulator.fault(fault.on(START));
        ask(&mut visitor, &id).await.assert_problem(status, code);
        assert_eq!(income(&mut visitor, &id).await, processing());
        assert_eq!(app.calls("GET", START), 1, "{code}");
        app.advance(Duration::from_mins(5)).await;
        let expected = if was_done { "ready" } else { "processing" };
        assert_eq!(income(&mut visitor, &id).await["status"], expected);
        assert_eq!(app.calls("GET", START), 1, "{code}");
    }
}

#[tokio::test]
async fn failures_of_reading_it_have_their_codes() {
    for generation in ["v2", "v1"] {
        let app = TestApp::builder()
            .webhooks()
            .generation(generation)
            .set("UPSTREAM_TIMEOUT", "1s")
            .start()
            .await;
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        let path = if generation == "v2" {
            app.simulator.change_settings(|settings| {
                settings.webhook.drop = vec!["account_income".to_owned()];
            });
            income(&mut visitor, &id).await;
            app.advance_and_work(Duration::from_secs(10)).await;
            // It says that it is over, and nothing more.
            let payload = json!({"event": "mono.events.account_income", "data": {"account": id}});
            let webhook = HandmadeWebhook {
                payload,
                secret: None,
                retry: false,
            };
            app.simulator.send_webhook(webhook).await;
            app.work().await;
            RECORDS
        } else {
            "/accounts/*/income"
        };
        for (kind, status, code) in [
            (FaultKind::Hang, 504, "upstream_timeout"),
            (FaultKind::Html { code: 200 }, 502, "upstream_error"),
            (FaultKind::MalformedJson, 502, "upstream_error"),
            (FaultKind::NullData, 409, "data_not_ready"),
            (refusal(429), 503, "upstream_unavailable"),
            (refusal(404), 404, "account_not_found"),
        ] {
            app.simulator.fault(Fault::next(kind).on(path).times(0));
            ask(&mut visitor, &id).await.assert_problem(status, code);
            app.simulator.clear_faults();
        }
        assert_eq!(income(&mut visitor, &id).await["status"], "ready");
        assert!(app.calls("GET", START) <= 1);
    }
}

#[tokio::test]
async fn records_that_make_no_sense_are_left_out_and_counted() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    income(&mut visitor, &id).await;
    app.advance_and_work(Duration::from_secs(10)).await;
    let body = json!({"data": [
        7,
        {"income_type": "WAGES", "average_income_amount": {}},
        {"income_type": "A_LATER_WORD", "frequency": "BIWEEKLY", "monthly_average": 150_000.4},
    ]});
    app.simulator.fault(says(&body).on(RECORDS));
    assert_eq!(
        income(&mut visitor, &id).await,
        json!({"status": "ready", "skipped": 2, "records": [{
            "type": "A_LATER_WORD", "employer": null, "amount": null, "monthly_average": 150_000,
            "frequency": "BIWEEKLY", "currency": "NGN", "first_date": null, "last_date": null,
            "stability": null,
        }]})
    );
}

#[tokio::test]
async fn nothing_is_analysed_before_there_are_transactions() {
    for generation in ["v2", "v1"] {
        let app = TestApp::builder().generation(generation).start().await;
        let mut visitor = app.visitor().await;
        let id = visitor.links().await["id"].as_str().unwrap().to_owned();
        let problem = ask(&mut visitor, &id).await;
        let problem = problem.assert_problem(409, "data_not_ready");
        assert_eq!(problem["data_status"], "PROCESSING");
        assert_eq!(app.calls("GET", &monos(generation, "income")), 0);
    }
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links().await["id"].as_str().unwrap().to_owned();
    let details = json!({"data": {
        "account": {"id": id, "name": "Samuel Olamide", "currency": "NGN", "balance": 1},
        "meta": {"data_status": "PARTIAL", "retrieved_data": ["identity", "balance"]},
    }});
    app.advance(Duration::from_secs(10)).await;
    app.simulator
        .fault(says(&details).on(&format!("/v2/accounts/{id}")));
    let problem = ask(&mut visitor, &id).await;
    let problem = problem.assert_problem(409, "data_not_ready");
    assert_eq!(problem["data_status"], "PARTIAL");
    assert_eq!(app.calls("GET", START), 0);
}
