//! Marks that may leave the proxy in one place only: never in a log, at any level, nor in a trace.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod data;
mod everywhere;
mod traces;

use std::io;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use mono_connect_tests::TestApp;
use mono_simulator::{Fault, FaultKind};
use traces::EXPORTED;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{Layer as _, fmt, registry};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Log {
    /// Fails if this was logged or exported.
    fn assert_without(&self, canary: &str) {
        EXPORTED.assert_without(canary);
        let lines = self.lines();
        let place = lines.iter().find(|line| line.contains(canary));
        assert_eq!(place, None, "{canary} was logged");
    }

    fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    fn contains(&self, text: &str) -> bool {
        String::from_utf8(self.0.lock().unwrap().clone())
            .unwrap()
            .contains(text)
    }
}

/// Everything that this process logs, at the most talkative.
static LOG: LazyLock<Log> = LazyLock::new(|| {
    let log = Log::default();
    let lines = fmt::layer().with_writer(log.clone()).with_ansi(false);
    let subscriber = registry()
        .with(EXPORTED.layer())
        .with(lines.with_filter(LevelFilter::TRACE));
    tracing::subscriber::set_global_default(subscriber).unwrap();
    // A test that fails shall say why, too.
    let tests = std::panic::take_hook();
    mono_connect_proxy::telemetry::log_panics();
    let proxys = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tests(panic);
        proxys(panic);
    }));
    log
});

const SERVICE_KEY: &str = "CANARYSERVICE";
/// Its SHA-256.
const SERVICE_DIGEST: &str = "12dbd04989f6d459cdfe4de9aecbe97a16a96678bcdd34dc81000a5d37208edf";

const JWT_SECRET: &str = "CANARYJWT, thirty-two bytes or more";

/// A key that is right, and one that is not.
async fn with_service_keys(app: &TestApp, account: &str) {
    for (key, status) in [(SERVICE_KEY, 200), ("CANARYSERVICEwrong", 401)] {
        let mut back_end = app.newcomer();
        let call = back_end.get(&format!("/service/accounts/{account}"));
        let call = call.header("authorization", &format!("Bearer {key}"));
        assert_eq!(call.send().await.status, status);
    }
}

/// A token for `ada`, good and bad; gives the good one.
async fn with_tokens() -> String {
    let app = TestApp::builder()
        .set("AUTH_MODE", "jwt")
        .set("JWT_SECRET", JWT_SECRET)
        .set(traces::SETTING, &EXPORTED.url)
        .start()
        .await;
    let claims = serde_json::json!({"sub": "ada", "exp": 9_999_999_999_u64});
    let key = jsonwebtoken::EncodingKey::from_secret(JWT_SECRET.as_bytes());
    let token = jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap();
    for (token, status) in [(token.clone(), 200), (format!("{token}x"), 401)] {
        let mut page = app.newcomer();
        let call = page.get("/api/accounts");
        let call = call.header("authorization", &format!("Bearer {token}"));
        assert_eq!(call.send().await.status, status);
    }
    token
}

#[tokio::test]
async fn no_secret_and_no_personal_data_is_logged() {
    let log = &*LOG;
    let app = TestApp::builder()
        .set("MONO_SECRET_KEY", "test_sk_simulator")
        .set("MONO_WEBHOOK_SECRET", "CANARYWEBHOOK")
        .set("UPSTREAM_TIMEOUT", "300ms")
        .set("SERVICE_KEYS", &format!("crm:{SERVICE_DIGEST}"))
        .set(traces::SETTING, &EXPORTED.url)
        .generation("v1")
        .start()
        .await;
    let mut visitor = app.visitor().await;
    let request = serde_json::json!({
        "customer": {"name": "Canary Olamide", "email": "canary@example.com"},
    });
    let session = visitor
        .post("/api/link-sessions")
        .json(&request)
        .await
        .assert_status(201);
    let reference = session["reference"].as_str().unwrap().to_owned();
    let linked = app.bank_user_links(&reference).await;
    for kind in [
        FaultKind::Html { code: 500 },
        FaultKind::Hang,
        FaultKind::Reset,
        FaultKind::Status {
            code: 400,
            body: Some(format!(
                r#"{{"message":"bad code {} of test_sk_simulator, BVN 22212345678"}}"#,
                linked.code
            )),
            content_type: None,
            retry_after: None,
        },
    ] {
        app.simulator.fault(Fault::next(kind).on("/account/auth"));
        let _ = visitor.exchanges(&linked.code, &reference).await;
    }
    let account = visitor
        .exchanges(&linked.code, &reference)
        .await
        .assert_status(201);
    let id = account["id"].as_str().unwrap().to_owned();
    app.advance(Duration::from_secs(10)).await;
    let transactions = visitor
        .get(&format!("/api/accounts/{id}/transactions"))
        .send()
        .await
        .assert_status(200);
    let narration = transactions["transactions"][0]["narration"]
        .as_str()
        .unwrap()
        .to_owned();
    let token = visitor
        .post(&format!("/api/accounts/{id}/reauthorise"))
        .send()
        .await;
    let token = token.assert_status(201)["token"]
        .as_str()
        .unwrap()
        .to_owned();
    with_service_keys(&app, &id).await;
    let jwt = with_tokens().await;
    let number = app.simulator.account(&id).unwrap();
    let cookie = visitor.cookie.clone().unwrap();

    assert!(
        log.contains("code_expired") && log.contains("upstream_timeout"),
        "the log was seen"
    );
    let number = account_number(&number);
    // An account's id is logged by nobody's name, and is in no trace at all.
    EXPORTED.assert_without(&id);
    assert!(EXPORTED.contains("/api/accounts/{id}/transactions"));
    assert!(EXPORTED.contains("exchange"), "calls to Mono were seen");
    for canary in [
        "test_sk_simulator",
        "CANARYWEBHOOK",
        &"5e".repeat(32),
        SERVICE_KEY,
        SERVICE_DIGEST,
        "CANARYJWT",
        &jwt,
        &linked.code,
        &token,
        &number,
        "SAMUEL OLAMIDE",
        "Canary Olamide",
        "canary@example.com",
        "22212345678",
        &narration,
        cookie.split_once('=').unwrap().1,
    ] {
        log.assert_without(canary);
    }
}

/// Wherever the simulator's own inspection puts it.
fn account_number(account: &serde_json::Value) -> String {
    fn find(value: &serde_json::Value) -> Option<String> {
        match value {
            serde_json::Value::Object(fields) => fields.iter().find_map(|(name, value)| {
                let named = matches!(name.as_str(), "account_number" | "number");
                value
                    .as_str()
                    .filter(|_| named)
                    .map(str::to_owned)
                    .or_else(|| find(value))
            }),
            serde_json::Value::Array(items) => items.iter().find_map(find),
            _ => None,
        }
    }
    let number = find(account).unwrap_or_else(|| panic!("no account number in {account}"));
    assert!(number.len() >= 10, "the whole number: {number}");
    number
}
