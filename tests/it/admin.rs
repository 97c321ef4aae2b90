//! The listener that is not for the public.

use mono_connect_tests::TestApp;

#[tokio::test]
async fn health_and_readiness_are_on_the_admin_listener_only() {
    let app = TestApp::start().await;
    let mut visitor = app.newcomer();
    visitor
        .get("/healthz")
        .send_to_admin()
        .await
        .assert_ok("ok");
    visitor
        .get("/readyz")
        .send_to_admin()
        .await
        .assert_ok("ready");
    for path in ["/healthz", "/readyz", "/metrics"] {
        visitor
            .get(path)
            .send()
            .await
            .assert_problem(404, "not_found");
    }
    let admin = visitor.get("/api/config").send_to_admin().await;
    assert_eq!(admin.status, 404);
}
