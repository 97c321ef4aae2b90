//! `DELETE /api/accounts/{id}`.

use std::time::Duration;

use axum::http::Method;
use mono_connect_tests::{Answer, TestApp, Visitor};
use mono_simulator::{Fault, FaultKind};
use serde_json::json;

async fn unlink(visitor: &mut Visitor<'_>, id: &str) -> Answer {
    let path = format!("/api/accounts/{id}");
    visitor.call(Method::DELETE, &path).send().await
}

async fn ids(visitor: &mut Visitor<'_>) -> Vec<String> {
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    let accounts = list["accounts"].as_array().unwrap();
    accounts
        .iter()
        .map(|account| account["id"].as_str().unwrap().to_owned())
        .collect()
}

fn is_linked_at_mono(app: &TestApp, id: &str) -> bool {
    app.simulator.account(id).unwrap()["unlinked_at"].is_null()
}

#[tokio::test]
async fn ends_the_link_at_mono_and_here() {
    for (generation, upstream) in [
        ("v2", "/v2/accounts/*/unlink"),
        ("v1", "/accounts/*/unlink"),
    ] {
        let app = TestApp::builder().generation(generation).start().await;
        let mut visitor = app.visitor().await;
        let stays = visitor.links_and_waits().await;
        let id = visitor.links_and_waits().await;
        let answer = unlink(&mut visitor, &id).await;
        assert_eq!((answer.status, answer.body.as_str()), (204, ""));
        assert!(!is_linked_at_mono(&app, &id));
        assert_eq!(ids(&mut visitor).await, [stays]);
        for path in ["", "/balance", "/transactions"] {
            let path = format!("/api/accounts/{id}{path}");
            let answer = visitor.get(&path).send().await;
            answer.assert_problem(404, "account_not_found");
        }
        let again = unlink(&mut visitor, &id).await;
        again.assert_problem(404, "account_not_found");
        assert_eq!(app.calls("POST", upstream), 1);
    }
}

#[tokio::test]
async fn every_page_is_told() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let earlier = visitor.links_and_waits().await;
    let later = visitor.links_and_waits().await;
    let mut pages = [visitor.watches(None).await, visitor.watches(None).await];
    for page in &mut pages {
        page.next_of("snapshot").await;
    }
    unlink(&mut visitor, &earlier).await.assert_status(204);
    for page in &mut pages {
        // The later one looked like the same bank account linked again; now it is the only one.
        let account = page.next_of("account").await;
        assert_eq!(
            (&account["id"], &account["duplicate_of"]),
            (&json!(later), &json!(null))
        );
        let removed = page.next_of("removed").await;
        assert_eq!(removed, json!({"account_id": earlier}));
        assert!(page.is_quiet().await);
    }
}

#[tokio::test]
async fn what_mono_does_not_do_is_not_done_here() {
    let app = TestApp::builder()
        .set("UPSTREAM_TIMEOUT", "1s")
        .start()
        .await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let refusal = |code: u16, body: &str| FaultKind::Status {
        code,
        body: Some(body.to_owned()),
        content_type: None,
        retry_after: None,
    };
    for (kind, status, code) in [
        (refusal(500, "{}"), 502, "upstream_error"),
        (
            refusal(400, r#"{"message":"Account could not be unlinked"}"#),
            502,
            "upstream_error",
        ),
        (refusal(401, "{}"), 502, "upstream_error"),
        (refusal(429, "{}"), 503, "upstream_unavailable"),
        (FaultKind::Hang, 504, "upstream_timeout"),
    ] {
        app.simulator
            .fault(Fault::next(kind.clone()).on("/v2/accounts/*/unlink"));
        let answer = unlink(&mut visitor, &id).await;
        answer.assert_problem(status, code);
        assert_eq!(ids(&mut visitor).await, [id.as_str()], "{kind:?}");
        assert!(is_linked_at_mono(&app, &id));
    }
    let path = format!("/api/accounts/{id}/balance");
    visitor.get(&path).send().await.assert_status(200);
    unlink(&mut visitor, &id).await.assert_status(204);
    assert_eq!(ids(&mut visitor).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_answer_that_got_lost_is_made_up_for_by_the_next_try() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let lost = Fault {
        after: true,
        ..Fault::next(FaultKind::Reset).on("/v2/accounts/*/unlink")
    };
    app.simulator.fault(lost);
    let answer = unlink(&mut visitor, &id).await;
    assert!(matches!(answer.status, 502 | 503), "{}", answer.body);
    assert!(!is_linked_at_mono(&app, &id));
    assert_eq!(ids(&mut visitor).await, [id.as_str()]);
    unlink(&mut visitor, &id).await.assert_status(204);
    unlink(&mut visitor, &id)
        .await
        .assert_problem(404, "account_not_found");
}

#[tokio::test]
async fn that_mono_knows_no_such_account_is_as_good() {
    for unknown_is_400 in [false, true] {
        let app = TestApp::start().await;
        app.simulator
            .change_settings(|settings| settings.dialect.unknown_account_is_400 = unknown_is_400);
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        app.simulator.unlink(&id).await.unwrap();
        unlink(&mut visitor, &id).await.assert_status(204);
        assert_eq!(ids(&mut visitor).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn of_many_at_once_one_does_it() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let calls = (0..10).map(|_| {
        let mut visitor = visitor.same();
        let id = id.clone();
        async move { unlink(&mut visitor, &id).await.status }
    });
    let mut statuses = futures_util::future::join_all(calls).await;
    statuses.sort_unstable();
    let mut expected = vec![404; 10];
    expected[0] = 204;
    assert_eq!(statuses, expected);
    assert_eq!(app.calls("POST", "/v2/accounts/*/unlink"), 1);
}

#[tokio::test]
async fn goes_on_when_the_caller_has_gone() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let mut page = visitor.watches(None).await;
    page.next_of("snapshot").await;
    {
        let mut impatient = visitor.same();
        let call = unlink(&mut impatient, &id);
        tokio::pin!(call);
        assert!(futures_util::poll!(call.as_mut()).is_pending());
        // Let the call come as far as its task.
        for _ in 0..3 {
            tokio::task::yield_now().await;
            if futures_util::poll!(call.as_mut()).is_ready() {
                // On a slow machine everything else is fast.
                break;
            }
        }
    }
    let removed = page.next_of("removed").await;
    assert_eq!(removed, json!({"account_id": id}));
    assert!(!is_linked_at_mono(&app, &id));
}

#[tokio::test]
async fn what_was_under_way_does_not_bring_it_back() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let path = format!("/api/accounts/{id}/sync");
    let sync = visitor.post(&path).send().await.assert_status(200);
    assert_eq!(sync["status"], "processing");
    assert_eq!(app.store.count_running_jobs().await.unwrap(), 1);
    unlink(&mut visitor, &id).await.assert_status(204);
    // Mono's word of the end, of the job, and whatever else is due.
    app.advance_and_work(Duration::from_mins(2)).await;
    app.advance_and_work(Duration::from_hours(1)).await;
    assert_eq!(ids(&mut visitor).await, Vec::<String>::new());
    assert_eq!(app.store.count_running_jobs().await.unwrap(), 0);
    assert_eq!(app.store.inbox_backlog().await.unwrap().events, 0);
}

#[tokio::test]
async fn the_same_bank_account_may_be_linked_again() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let first = visitor.links_and_waits().await;
    unlink(&mut visitor, &first).await.assert_status(204);
    app.work().await;
    let second = visitor.links_and_waits().await;
    app.work().await;
    assert_ne!(first, second);
    assert_eq!(ids(&mut visitor).await, [second]);
}

#[tokio::test]
async fn the_browsers_late_code_does_not_bring_it_back() {
    // Linked by Mono's event; the browser has not brought the code when its user thinks better of it.
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let reference = visitor.starts_link().await;
    let linked = app.bank_user_links(&reference).await;
    app.work().await;
    assert_eq!(ids(&mut visitor).await, [linked.account_id.as_str()]);
    unlink(&mut visitor, &linked.account_id)
        .await
        .assert_status(204);
    let late = visitor.exchanges(&linked.code, &reference).await;
    late.assert_problem(409, "link_session_invalid");
    app.work().await;
    assert_eq!(ids(&mut visitor).await, Vec::<String>::new());
}
