//! What is kept for a time only.

use std::time::Duration;

use mono_connect_tests::{Database, TestApp};
use serde_json::json;

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn an_attempt_is_forgotten_after_a_week_and_its_account_is_not() {
    for database in [Database::Sqlite, Database::Memory] {
        let app = TestApp::builder().database(database).start().await;
        let mut visitor = app.visitor().await;
        let reference = visitor.starts_link().await;
        let code = app.bank_user_links(&reference).await.code;
        visitor
            .exchanges(&code, &reference)
            .await
            .assert_status(201);
        let known = reference.parse().unwrap();

        app.advance_and_work(DAY * 6).await;
        let session = app.store.find_link_session(&known).await.unwrap();
        assert!(session.is_some());
        visitor
            .exchanges(&code, &reference)
            .await
            .assert_status(200);
        app.advance_and_work(DAY * 2).await;
        let session = app.store.find_link_session(&known).await.unwrap();
        assert_eq!(session, None);
        // The old code brings nothing any more, and takes nothing away.
        visitor
            .exchanges(&code, &reference)
            .await
            .assert_problem(409, "link_session_invalid");
        let list = visitor.get("/api/accounts").send().await.assert_status(200);
        assert_eq!(list["accounts"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_page_that_was_away_for_longer_than_changes_are_kept_gets_everything() {
    let app = TestApp::builder().webhooks().start().await;
    app.simulator
        .change_settings(|settings| settings.refresh_interval = Duration::ZERO);
    let mut visitor = app.visitor().await;
    let mut page = visitor.watches(None).await;
    let before = page.next().await.id;
    let id = visitor.links_and_waits().await;
    app.work().await;
    drop(page);

    // Within a day what was missed is told.
    let mut page = visitor.watches(Some(&before)).await;
    page.next().await.named("account");
    drop(page);
    app.advance_and_work(DAY * 2).await;
    let mut page = visitor.watches(Some(&before)).await;
    let snapshot = page.next().await.named("snapshot");
    assert_eq!(snapshot["accounts"][0]["id"], json!(id));
}
