//! `POST /api/accounts`: from a code to an account.

use std::time::Duration;

use futures_util::future::join_all;
use mono_connect_tests::{Database, TestApp};
use mono_simulator::{Fault, FaultKind, LinkAs};
use serde_json::{Value, json};

const EXCHANGE: &str = "/v2/accounts/auth";

async fn only_account(visitor: &mut mono_connect_tests::Visitor<'_>) -> Value {
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    let accounts = list["accounts"].as_array().unwrap().clone();
    assert_eq!(accounts.len(), 1, "{list}");
    accounts[0].clone()
}

#[tokio::test]
async fn a_code_becomes_an_account() {
    for (generation, database) in [
        ("v2", Database::Sqlite),
        ("v1", Database::Sqlite),
        ("v2", Database::Memory),
    ] {
        let app = TestApp::builder()
            .generation(generation)
            .database(database)
            .start()
            .await;
        let mut visitor = app.visitor().await;
        let request = json!({"consent": {"version": "2026-01"}});
        let session = visitor
            .post("/api/link-sessions")
            .json(&request)
            .await
            .assert_status(201);
        let reference = session["reference"].as_str().unwrap();
        let linked = app.bank_user_links(reference).await;

        let account = visitor
            .exchanges(&linked.code, reference)
            .await
            .assert_status(201);
        assert_eq!(account["id"], linked.account_id);
        assert_eq!(account["name"], "SAMUEL OLAMIDE");
        assert_eq!(account["institution"]["name"], "GTBank");
        assert_eq!(account["institution"]["bank_code"], "058");
        assert_eq!(account["account_number_last4"].as_str().unwrap().len(), 4);
        assert_eq!(account["data_status"], "PROCESSING");
        assert_eq!(account["data_available"], false);
        assert_eq!(account["requires_reauth"], false);
        assert_eq!(account["requires_reauth_since"], Value::Null);
        assert_eq!(account["linked_at"], "2026-01-27T10:00:00Z");
        assert_eq!(
            account["consent"],
            json!({"version": "2026-01", "given_at": "2026-01-27T10:00:00Z"})
        );
        assert_eq!(account["duplicate_of"], Value::Null);
        let budget = json!({"in_progress": false, "job_id": null, "next_allowed_at": null});
        assert_eq!((&account["sync"], &account["realtime"]), (&budget, &budget));
        assert_eq!(only_account(&mut visitor).await, account);
    }
}

#[tokio::test]
async fn the_same_code_again_is_the_same_account() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let reference = visitor.starts_link().await;
    let code = app.bank_user_links(&reference).await.code;
    let first = visitor
        .exchanges(&code, &reference)
        .await
        .assert_status(201);
    let again = visitor
        .exchanges(&code, &reference)
        .await
        .assert_status(200);
    assert_eq!(first, again);
    // Days later, and with another attempt of the same user.
    app.advance(Duration::from_hours(48)).await;
    let other = visitor.starts_link().await;
    visitor.exchanges(&code, &other).await.assert_status(200);
    assert_eq!(app.calls("POST", EXCHANGE), 1);
}

#[tokio::test]
async fn ten_at_once_ask_mono_once() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let reference = visitor.starts_link().await;
    let code = app.bank_user_links(&reference).await.code;
    let answers = join_all((0..10).map(|_| {
        let mut window = visitor.same();
        let (code, reference) = (code.clone(), reference.clone());
        async move { window.exchanges(&code, &reference).await }
    }))
    .await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200; 9], vec![201]].concat());
    assert!(
        answers
            .iter()
            .all(|answer| answer.json()["id"] == answers[0].json()["id"])
    );
    assert_eq!(app.calls("POST", EXCHANGE), 1);
    only_account(&mut visitor).await;
}

#[tokio::test]
async fn a_caller_who_goes_away_loses_nothing() {
    let app = TestApp::builder().one_proxy().start().await;
    let mut visitor = app.visitor().await;
    let reference = visitor.starts_link().await;
    let code = app.bank_user_links(&reference).await.code;
    {
        // The browser hangs up as soon as the proxy has begun.
        let mut window = visitor.same();
        let exchange = window.exchanges(&code, &reference);
        tokio::pin!(exchange);
        assert!(futures_util::poll!(exchange.as_mut()).is_pending());
    }
    visitor
        .exchanges(&code, &reference)
        .await
        .assert_status(200);
    assert_eq!(app.calls("POST", EXCHANGE), 1);
}

#[tokio::test]
async fn anothers_code_is_refused() {
    let app = TestApp::start().await;
    let mut ada = app.visitor().await;
    let reference = ada.starts_link().await;
    let code = app.bank_user_links(&reference).await.code;
    ada.exchanges(&code, &reference).await.assert_status(201);

    let mut bob = app.visitor().await;
    let own_reference = bob.starts_link().await;
    let stolen = bob.exchanges(&code, &own_reference).await;
    stolen.assert_problem(409, "code_already_used");
    let both_stolen = bob.exchanges(&code, &reference).await;
    both_stolen.assert_problem(409, "link_session_invalid");
    assert_eq!(app.calls("POST", EXCHANGE), 1);
    let list = bob.get("/api/accounts").send().await.assert_status(200);
    assert_eq!(list["accounts"], json!([]));
    only_account(&mut ada).await;
}

#[tokio::test]
async fn the_reference_must_be_the_callers_open_and_unused() {
    let app = TestApp::start().await;
    let mut ada = app.visitor().await;
    let mut bob = app.visitor().await;
    let of_bob = bob.starts_link().await;
    let code = app.bank_user_links(&of_bob).await.code;
    let before = app.all_calls();

    ada.exchanges(&code, &of_bob)
        .await
        .assert_problem(409, "link_session_invalid");
    ada.exchanges(&code, "mcl_unknown")
        .await
        .assert_problem(409, "link_session_invalid");
    let expiring = ada.starts_link().await;
    app.advance(Duration::from_mins(30)).await;
    ada.exchanges(&code, &expiring)
        .await
        .assert_problem(409, "link_session_invalid");
    assert_eq!(app.all_calls(), before, "Mono is not asked for nothing");

    // Used: a second code does not ride on it.
    let used = ada.starts_link().await;
    let first = app.bank_user_links(&used).await.code;
    ada.exchanges(&first, &used).await.assert_status(201);
    let second = app.bank_user_links(&used).await.code;
    ada.exchanges(&second, &used)
        .await
        .assert_problem(409, "link_session_invalid");
}

#[tokio::test]
async fn a_code_of_another_attempt_is_refused() {
    // Also when Mono's event is faster, and Eve has her account already.
    for event_is_faster in [false, true] {
        let app = TestApp::builder().webhooks().start().await;
        let mut ada = app.visitor().await;
        let mut eve = app.visitor().await;
        let of_eve = eve.starts_link().await;
        let of_ada = ada.starts_link().await;
        // Eve logs in to her own bank and gets Ada's page to bring the code.
        let linked = app.bank_user_links(&of_eve).await;
        if event_is_faster {
            app.advance_and_work(Duration::from_secs(4)).await;
            assert_eq!(only_account(&mut eve).await["id"], linked.account_id);
        }
        ada.exchanges(&linked.code, &of_ada)
            .await
            .assert_problem(409, "reference_mismatch");
        let list = ada.get("/api/accounts").send().await.assert_status(200);
        assert_eq!(list["accounts"], json!([]));
    }
}

#[tokio::test]
async fn details_of_another_account_are_no_details_and_link_all_the_same() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let reference = visitor.starts_link().await;
    let linked = app.bank_user_links(&reference).await;
    let body = json!({"status": "successful", "data": {
        "account": {"id": "5f171a530295e231abca1153", "name": "Somebody Else", "balance": 1},
        "meta": {"data_status": "AVAILABLE"},
    }});
    let details = FaultKind::Status {
        code: 200,
        body: Some(body.to_string()),
        content_type: Some("application/json".to_owned()),
        retry_after: None,
    };
    let path = format!("/v2/accounts/{}", linked.account_id);
    app.simulator.fault(Fault::next(details).on(&path).times(0));
    let account = visitor.exchanges(&linked.code, &reference).await;
    let account = account.assert_status(201);
    assert_eq!(account["name"], Value::Null);
    app.advance(Duration::from_secs(10)).await;
    let own = format!("/api/accounts/{}", linked.account_id);
    let shown = visitor.get(&own).send().await.assert_status(200);
    assert_eq!(
        (&shown["name"], &shown["data_status"]),
        (&Value::Null, &json!("PROCESSING"))
    );
}

#[tokio::test]
async fn only_what_is_refused_about_the_code_is_told_of_the_code() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let reference = visitor.starts_link().await;
    let linked = app.bank_user_links(&reference).await;
    for (refused, status, code) in [
        (400, 422, "code_expired"),
        (404, 422, "code_expired"),
        (410, 422, "code_expired"),
        (422, 422, "code_expired"),
        // An empty wallet, and a call that Mono does not take.
        (402, 502, "upstream_error"),
        (415, 502, "upstream_error"),
    ] {
        let refusal = FaultKind::Status {
            code: refused,
            body: Some(json!({"status": "failed", "message": "No", "data": null}).to_string()),
            content_type: None,
            retry_after: None,
        };
        app.simulator.fault(Fault::next(refusal).on(EXCHANGE));
        let answer = visitor.exchanges(&linked.code, &reference).await;
        answer.assert_problem(status, code);
    }
    let account = visitor.exchanges(&linked.code, &reference).await;
    assert_eq!(account.assert_status(201)["id"], linked.account_id);
}

#[tokio::test]
async fn an_event_does_not_stand_for_monos_word_about_the_attempt() {
    // The same whether events are confirmed or believed: this one is no good news.
    for (confirm, status) in [
        ("true", "FAILED"),
        ("false", "FAILED"),
        ("false", "AVAILABLE"),
    ] {
        let app = TestApp::builder()
            .set("WEBHOOK_CONFIRM", confirm)
            .start()
            .await;
        let (mut ada, mut eve) = (app.visitor().await, app.visitor().await);
        let of_eve = eve.starts_link().await;
        let of_ada = ada.starts_link().await;
        let linked = app.bank_user_links(&of_eve).await;
        let failure = FaultKind::Status {
            code: 500,
            body: None,
            content_type: None,
            retry_after: None,
        };
        let details = format!("/v2/accounts/{}", linked.account_id);
        app.simulator
            .fault(Fault::next(failure).on(&details).times(0));
        ada.exchanges(&linked.code, &of_ada)
            .await
            .assert_status(201);
        let event = json!({
            "event": "mono.events.account_updated",
            "timestamp": app.clock_text(),
            "data": {
                "account": {"_id": linked.account_id, "name": "Ada"},
                "meta": {"data_status": status},
            },
        });
        let told = ada
            .post("/webhooks/mono")
            .header("mono-webhook-secret", "webhook_secret_simulator")
            .json(&event);
        assert_eq!(told.await.status, 200);
        app.work().await;
        let own = format!("/api/accounts/{}", linked.account_id);
        let shown = ada.get(&own).send().await.assert_status(200);
        assert_eq!(shown["data_status"], status, "the event was believed");

        app.simulator.clear_faults();
        app.advance_and_work(Duration::from_mins(2)).await;
        let list = ada.get("/api/accounts").send().await.assert_status(200);
        assert_eq!(list["accounts"], json!([]), "{confirm} {status}");
    }
}

#[tokio::test]
async fn a_reference_that_is_none_of_ours_is_no_mismatch() {
    let app = TestApp::start().await;
    for reference in [None, Some("99008877TEST".to_owned())] {
        let mut visitor = app.visitor().await;
        let session = visitor.starts_link().await;
        let who = LinkAs {
            reference,
            ..LinkAs::default()
        };
        let code = app.simulator.link(who).await.unwrap().code;
        visitor.exchanges(&code, &session).await.assert_status(201);
    }
}

#[tokio::test]
async fn an_expired_code_is_told_and_the_attempt_stays_open() {
    for generation in ["v2", "v1"] {
        let app = TestApp::builder().generation(generation).start().await;
        let mut visitor = app.visitor().await;
        let reference = visitor.starts_link().await;
        let late = app.bank_user_links(&reference).await.code;
        app.advance(Duration::from_mins(11)).await;
        visitor
            .exchanges(&late, &reference)
            .await
            .assert_problem(422, "code_expired");
        visitor
            .exchanges("code_nonsense", &reference)
            .await
            .assert_problem(422, "code_expired");
        // Nothing is lost: the user logs in again within the same attempt.
        let code = app.bank_user_links(&reference).await.code;
        visitor
            .exchanges(&code, &reference)
            .await
            .assert_status(201);
    }
}

#[tokio::test]
async fn an_exchange_that_failed_before_mono_can_be_asked_again() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let faults = [
        (
            FaultKind::Status {
                code: 500,
                body: None,
                content_type: None,
                retry_after: None,
            },
            502,
        ),
        (FaultKind::Html { code: 503 }, 502),
        (FaultKind::MalformedJson, 502),
        (FaultKind::Reset, 502),
        (FaultKind::Huge { bytes: 16 << 20 }, 502),
        (
            FaultKind::Redirect {
                to: "https://evil.example/".to_owned(),
            },
            502,
        ),
        (
            FaultKind::Status {
                code: 429,
                body: None,
                content_type: None,
                retry_after: Some("7".to_owned()),
            },
            503,
        ),
    ];
    for (kind, status) in faults {
        let reference = visitor.starts_link().await;
        let code = app.bank_user_links(&reference).await.code;
        app.simulator.clear_requests();
        app.simulator.fault(Fault::next(kind.clone()).on(EXCHANGE));
        let failed = visitor.exchanges(&code, &reference).await;
        failed.assert_status(status);
        assert_eq!(app.calls("POST", EXCHANGE), 1, "never repeated: {kind:?}");
        if status == 503 {
            assert_eq!(failed.header("retry-after"), Some("7"));
            // Until then Mono is left alone.
            tokio::time::pause();
            tokio::time::advance(Duration::from_secs(7)).await;
            tokio::time::resume();
        }
        visitor
            .exchanges(&code, &reference)
            .await
            .assert_status(201);
    }
}

#[tokio::test]
async fn an_exchange_that_timed_out_can_be_asked_again() {
    let app = TestApp::builder()
        .set("UPSTREAM_TIMEOUT", "1s")
        .start()
        .await;
    let mut visitor = app.visitor().await;
    let reference = visitor.starts_link().await;
    let code = app.bank_user_links(&reference).await.code;
    app.simulator
        .fault(Fault::next(FaultKind::Hang).on(EXCHANGE));
    let late = visitor.exchanges(&code, &reference).await;
    late.assert_problem(504, "upstream_timeout");
    assert_eq!(app.calls("POST", EXCHANGE), 1);
    visitor
        .exchanges(&code, &reference)
        .await
        .assert_status(201);

    // Meanwhile it was nobody else's.
    let reference = visitor.starts_link().await;
    let code = app.bank_user_links(&reference).await.code;
    app.simulator
        .fault(Fault::next(FaultKind::Hang).on(EXCHANGE));
    visitor
        .exchanges(&code, &reference)
        .await
        .assert_problem(504, "upstream_timeout");
    let mut bob = app.visitor().await;
    let of_bob = bob.starts_link().await;
    bob.exchanges(&code, &of_bob)
        .await
        .assert_problem(409, "code_already_used");
    visitor
        .exchanges(&code, &reference)
        .await
        .assert_status(201);
}

#[tokio::test]
async fn an_account_without_details_is_linked_all_the_same() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let reference = visitor.starts_link().await;
    let linked = app.bank_user_links(&reference).await;
    let down = Fault::next(FaultKind::Html { code: 500 })
        .on("/v2/accounts/*")
        .times(0);
    app.simulator.fault(Fault {
        method: Some("GET".to_owned()),
        ..down
    });
    let account = visitor
        .exchanges(&linked.code, &reference)
        .await
        .assert_status(201);
    assert_eq!(account["id"], linked.account_id);
    assert_eq!(
        (&account["name"], &account["balance"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(account["data_status"], "PROCESSING");

    // The next look brings what was missing.
    app.simulator.clear_faults();
    app.advance(Duration::from_secs(10)).await;
    let path = format!("/api/accounts/{}", linked.account_id);
    let account = visitor.get(&path).send().await.assert_status(200);
    assert_eq!(account["name"], "SAMUEL OLAMIDE");
    assert_eq!(account["data_status"], "AVAILABLE");
}

#[tokio::test]
async fn the_same_bank_account_again_is_marked() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let first = visitor.links().await;
    app.advance(Duration::from_secs(1)).await;
    let second = visitor.links().await;
    assert_ne!(first["id"], second["id"], "Mono makes a new id");
    assert_eq!(second["duplicate_of"], first["id"]);
    // Another user's account is no duplicate.
    let other = app.visitor().await.links().await;
    assert_eq!(other["duplicate_of"], Value::Null);
}

#[tokio::test]
async fn both_spellings_of_the_answer_are_read() {
    for bare in [true, false] {
        let app = TestApp::start().await;
        app.simulator
            .change_settings(|settings| settings.dialect.bare_exchange = bare);
        app.visitor().await.links().await;
    }
}

#[tokio::test]
async fn those_who_wait_for_a_call_that_hangs_do_not_wait_for_each_other_in_turn() {
    let app = TestApp::builder()
        .set("UPSTREAM_TIMEOUT", "500ms")
        .start()
        .await;
    let mut visitor = app.visitor().await;
    let reference = visitor.starts_link().await;
    let code = app.bank_user_links(&reference).await.code;
    app.simulator
        .fault(Fault::next(FaultKind::Hang).on(EXCHANGE).times(0));
    let answers = join_all((0..12).map(|_| {
        let (mut window, code, reference) = (visitor.same(), code.clone(), reference.clone());
        async move { window.exchanges(&code, &reference).await }
    }));
    // One after the other, each as long as Mono may take, they would take six seconds.
    let answers = tokio::time::timeout(Duration::from_millis(2_500), answers)
        .await
        .expect("nobody waits much longer than two calls take");
    let count = |status: u16| {
        answers
            .iter()
            .filter(|answer| answer.status == status)
            .count()
    };
    assert!(count(504) >= 1, "who was in turn");
    assert_eq!(count(504) + count(503), 12);
    for busy in answers.iter().filter(|answer| answer.status == 503) {
        busy.assert_problem(503, "upstream_unavailable");
        assert!(busy.header("retry-after").is_some());
    }

    app.simulator.clear_faults();
    visitor
        .exchanges(&code, &reference)
        .await
        .assert_status(201);
}
