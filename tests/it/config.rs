//! `GET /api/config`.

use mono_connect_tests::TestApp;
use serde_json::json;

#[tokio::test]
async fn tells_pages_what_they_must_know() {
    let app = TestApp::builder()
        .set(
            "MONO_WIDGET_SCRIPT_URL",
            "https://widget.example/connect.js",
        )
        .set(
            "MONO_WIDGET_ORIGINS",
            "https://widget.example, https://other.example:8443",
        )
        .start()
        .await;
    let answer = app
        .newcomer()
        .get("/api/config")
        .without("x-mono-connect")
        .send()
        .await;
    assert_eq!(
        answer.assert_status(200),
        json!({
            "public_key": "test_pk_simulator",
            "environment": "test",
            "api_generation": "v2",
            "reauthorise": "account_id",
            "widget": {
                "script_url": "https://widget.example/connect.js",
                "origins": ["https://widget.example", "https://other.example:8443"],
            },
        })
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.header("set-cookie").is_none());
}

#[tokio::test]
async fn v1_reauthorises_by_token_unless_told_otherwise() {
    for (reauth, expected) in [(None, "token"), (Some("account_id"), "account_id")] {
        let mut builder = TestApp::builder().generation("v1");
        if let Some(reauth) = reauth {
            builder = builder.set("MONO_REAUTH", reauth);
        }
        let app = builder.start().await;
        let config = app
            .newcomer()
            .get("/api/config")
            .send()
            .await
            .assert_status(200);
        assert_eq!(config["api_generation"], "v1");
        assert_eq!(config["reauthorise"], expected);
    }
}
