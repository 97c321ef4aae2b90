//! Events about accounts that are not known yet.

use std::time::Duration;

use mono_connect_tests::TestApp;
use mono_simulator::{Fault, FaultKind, LinkAs};
use serde_json::json;

#[tokio::test]
async fn an_event_links_when_the_browser_died() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let request = json!({"consent": {"version": "7"}});
    let session = visitor
        .post("/api/link-sessions")
        .json(&request)
        .await
        .assert_status(201);
    let reference = session["reference"].as_str().unwrap();
    let linked = app.bank_user_links(reference).await;
    app.work().await;
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    assert_eq!(list["accounts"][0]["id"], linked.account_id);
    assert_eq!(list["accounts"][0]["consent"]["version"], "7");
    assert_eq!(app.calls("POST", "/v2/accounts/auth"), 0);

    // The browser comes back after all: good for one exchange of that account.
    let account = visitor
        .exchanges(&linked.code, reference)
        .await
        .assert_status(201);
    assert_eq!(account["id"], linked.account_id);
    let again = app.simulator.code_for(&linked.account_id).unwrap();
    let refused = visitor.exchanges(&again, reference).await;
    refused.assert_problem(409, "link_session_invalid");
}

#[tokio::test]
async fn a_session_linked_by_an_event_takes_no_other_account() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let reference = visitor.starts_link().await;
    app.bank_user_links(&reference).await;
    app.work().await;
    let other = app.simulator.link(LinkAs::default()).await.unwrap();
    let refused = visitor.exchanges(&other.code, &reference).await;
    refused.assert_problem(409, "link_session_invalid");
}

#[tokio::test]
async fn an_answer_that_was_lost_is_told_by_the_event() {
    let app = TestApp::builder()
        .webhooks()
        .set("UPSTREAM_TIMEOUT", "1s")
        .start()
        .await;
    let mut visitor = app.visitor().await;
    let reference = visitor.starts_link().await;
    // Mono uses up the code, and its answer never comes.
    app.simulator
        .change_settings(|settings| settings.webhook.delay = Duration::from_secs(5));
    let linked = app.bank_user_links(&reference).await;
    app.simulator
        .fault(Fault::next(FaultKind::Hang).on("/v2/accounts/auth").after());
    let lost = visitor.exchanges(&linked.code, &reference).await;
    lost.assert_problem(504, "upstream_timeout");
    app.advance_and_work(Duration::from_secs(6)).await;
    let account = visitor.exchanges(&linked.code, &reference).await;
    assert!(matches!(account.status, 200 | 201), "{}", account.body);
    assert_eq!(account.json()["id"], linked.account_id);
    // That answer gets lost, too.
    let again = visitor.exchanges(&linked.code, &reference).await;
    assert_eq!(again.assert_status(200)["id"], linked.account_id);
}

#[tokio::test]
async fn an_event_waits_for_its_account() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    // Mono does not tell which attempt it was.
    app.simulator
        .change_settings(|settings| settings.dialect.meta_ref = false);
    let reference = visitor.starts_link().await;
    let linked = app.bank_user_links(&reference).await;
    app.advance_and_work(Duration::from_secs(4)).await;
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    assert_eq!(list["accounts"], json!([]));
    assert_eq!(app.all_calls(), 0);

    visitor
        .exchanges(&linked.code, &reference)
        .await
        .assert_status(201);
    app.work().await;
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    assert_eq!(list["accounts"][0]["data_status"], "AVAILABLE");
}

#[tokio::test]
async fn an_event_of_an_expired_attempt_links_nobody() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let reference = visitor.starts_link().await;
    app.advance(Duration::from_mins(31)).await;
    app.bank_user_links(&reference).await;
    app.work().await;
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    assert_eq!(list["accounts"], json!([]));
}

#[tokio::test]
async fn what_was_removed_is_not_made_again_by_old_events() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    app.simulator.unlink(&id).await.unwrap();
    app.work().await;
    for delivery in app.simulator.deliveries() {
        // As if Mono had new ids for its old events.
        let mut payload = delivery.payload.clone();
        payload["event_id"] = json!(format!("again-{}", delivery.number));
        let webhook = mono_simulator::HandmadeWebhook {
            payload,
            secret: None,
            retry: false,
        };
        app.simulator.send_webhook(webhook).await;
        app.work().await;
    }
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    assert_eq!(list["accounts"], json!([]));
}

#[tokio::test]
async fn an_account_that_was_unlinked_before_it_was_exchanged_is_not_shown() {
    let app = TestApp::builder().webhooks().start().await;
    app.simulator
        .change_settings(|settings| settings.dialect.meta_ref = false);
    let mut visitor = app.visitor().await;
    let reference = visitor.starts_link().await;
    let linked = app.bank_user_links(&reference).await;
    app.simulator.unlink(&linked.account_id).await.unwrap();
    app.work().await;
    let answer = visitor.exchanges(&linked.code, &reference).await;
    assert!((400..500).contains(&answer.status), "{}", answer.body);
    app.work().await;
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    assert_eq!(list["accounts"], json!([]));
}

#[tokio::test]
async fn an_old_code_does_not_bring_back_what_was_unlinked() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let reference = visitor.starts_link().await;
    let linked = app.bank_user_links(&reference).await;
    visitor
        .exchanges(&linked.code, &reference)
        .await
        .assert_status(201);
    app.simulator.unlink(&linked.account_id).await.unwrap();
    app.work().await;
    let answer = visitor.exchanges(&linked.code, &reference).await;
    answer.assert_problem(409, "link_session_invalid");
    // Nothing is known of it any more, so that Mono is asked, who gives nothing for a used code.
    let reference = visitor.starts_link().await;
    let answer = visitor.exchanges(&linked.code, &reference).await;
    answer.assert_problem(422, "code_expired");
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    assert_eq!(list["accounts"], json!([]));
}
