//! The same marks in answers, in what Mono sees, in metrics, and in the log of a panic.

use axum::http::Method;
use mono_connect_tests::{Answer, PANIC_CANARY, TestApp, Visitor};
use mono_simulator::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::LOG;

const WEBHOOK_SECRET: &str = "CANARYHOOK";
const SERVICE_KEY: &str = "CANARYEVERYWHERE";
/// Its SHA-256.
const SERVICE_DIGEST: &str = "5be366eae7fa0152ed5ac100697b0e588661bf06420c049adec695505fa70523";
/// Eleven digits that Mono tells of everybody here.
const BVN: &str = "22212345678";

/// Every call about one account.
fn routes(id: &str) -> Vec<(Method, String)> {
    let mut routes = vec![(Method::GET, format!("/api/accounts/{id}"))];
    for read in [
        "balance",
        "balance?realtime=true",
        "transactions",
        "transactions?narration=CANARYFILTER",
        "transactions?start=nonsense",
        "statement",
        "identity",
        "income",
        "credits",
        "debits",
        "assets",
        "earnings",
        "jobs/none",
    ] {
        routes.push((Method::GET, format!("/api/accounts/{id}/{read}")));
    }
    for start in ["sync", "reauthorise", "statement-pdfs"] {
        routes.push((Method::POST, format!("/api/accounts/{id}/{start}")));
    }
    routes
}

/// Calls all of them; gives the answers, heads included.
async fn walk(visitor: &mut Visitor<'_>, id: &str) -> Vec<String> {
    let mut seen = Vec::new();
    for (method, path) in routes(id) {
        let body = if path.ends_with("statement-pdfs") {
            json!({"period": "last1month"})
        } else {
            json!({})
        };
        let answer = match method {
            Method::POST => visitor.call(method, &path).json(&body).await,
            _ => visitor.call(method, &path).send().await,
        };
        seen.push(text(&path, &answer));
    }
    seen
}

fn text(path: &str, answer: &Answer) -> String {
    format!(
        "{path}: {} {:?} {}",
        answer.status, answer.headers, answer.body
    )
}

#[track_caller]
fn assert_absent(canaries: &[&str], places: &[String], what: &str) {
    for canary in canaries {
        assert!(!canary.is_empty());
        let place = places.iter().find(|place| place.contains(canary));
        assert_eq!(place, None, "{canary} is in {what}");
    }
}

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "one story, looked at from every side"
)]
async fn nothing_leaks_through_answers_urls_metrics_or_a_panic() {
    let log = &*LOG;
    let app = TestApp::builder()
        .set("MONO_WEBHOOK_SECRET", WEBHOOK_SECRET)
        .set("SERVICE_KEYS", &format!("crm:{SERVICE_DIGEST}"))
        .set("SESSION_KEY", &"7a".repeat(32))
        .set("UPSTREAM_TIMEOUT", "300ms")
        .set(crate::traces::SETTING, &crate::EXPORTED.url)
        .start()
        .await;
    let mut ada = app.visitor().await;
    let customer = json!({"customer": {"name": "Canary Ada", "email": "ada@canary.example"}});
    let session = ada.post("/api/link-sessions").json(&customer).await;
    let reference = session.assert_status(201)["reference"].clone();
    let reference = reference.as_str().unwrap().to_owned();
    let linked = app.bank_user_links(&reference).await;
    let account = ada.exchanges(&linked.code, &reference).await;
    let id = account.assert_status(201)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    app.advance(std::time::Duration::from_secs(10)).await;
    let number = crate::account_number(&app.simulator.account(&id).unwrap());

    let mut own = vec![text("link", &account)];
    own.extend(walk(&mut ada, &id).await);
    // Every way in which Mono fails, saying what nobody should hear.
    let gossip = format!(
        r#"{{"message":"{} of {number}, BVN {BVN}, key test_sk_simulator"}}"#,
        linked.code
    );
    for (code, body) in [
        (400, &gossip),
        (404, &gossip),
        (500, &gossip),
        (200, &gossip),
    ] {
        app.advance(std::time::Duration::from_mins(20)).await;
        for _ in 0..routes(&id).len() {
            app.simulator.fault(Fault::next(FaultKind::Status {
                code,
                body: Some(body.clone()),
                content_type: None,
                retry_after: None,
            }));
        }
        own.extend(walk(&mut ada, &id).await);
        app.simulator.clear_faults();
    }
    own.push(text(
        "code",
        &ada.exchanges(&linked.code, "mcl_CANARYREF").await,
    ));

    let mut eve = app.visitor().await;
    let mut others = walk(&mut eve, &id).await;
    others.push(text("list", &eve.get("/api/accounts").send().await));
    others.push(text("code", &eve.exchanges(&linked.code, &reference).await));
    for secret in [WEBHOOK_SECRET, "CANARYWRONG"] {
        let body = format!(r#"{{"event":"x{BVN}","data":{{"account":"{number}"}},"#);
        let mut mono = app.newcomer();
        let hook = mono
            .post("/webhooks/mono")
            .header("mono-webhook-secret", secret);
        others.push(text(
            "hook",
            &hook.body("application/json", body).send().await,
        ));
    }
    app.clock.breaks_once();
    let body = json!({"code": linked.code, "reference": reference});
    let panicked = ada.post("/api/accounts").json(&body).await;
    panicked.assert_problem(500, "internal");
    others.push(text("panic", &panicked));
    let metrics = app.newcomer().get("/metrics").send_to_admin().await.body;
    assert!(metrics.contains("mono_connect_requests_total"), "{metrics}");

    let session_key = "7a".repeat(32);
    let secrets = [
        "test_sk_simulator",
        WEBHOOK_SECRET,
        "CANARYWRONG",
        SERVICE_KEY,
        SERVICE_DIGEST,
        &session_key,
        PANIC_CANARY,
        &number,
        BVN,
    ];
    let cookie = ada.cookie.clone().unwrap();
    let cookie = cookie.split_once('=').unwrap().1.to_owned();
    let last4 = format!("\"{}\"", &number[number.len() - 4..]);
    let personal = [
        linked.code.as_str(),
        &cookie,
        &last4,
        "Canary Ada",
        "ada@canary.example",
        "SAMUEL OLAMIDE",
    ];
    assert_absent(&secrets, &own, "the user's own answers");
    assert_absent(&[&linked.code, &cookie], &own, "the user's own answers");
    assert_absent(&secrets, &others, "an answer to somebody else");
    assert_absent(&personal, &others, "an answer to somebody else");
    let metrics = [metrics];
    assert_absent(&secrets, &metrics, "the metrics");
    assert_absent(&personal, &metrics, "the metrics");
    assert_absent(&[&id, &reference], &metrics, "the metrics");

    let asked = app.simulator.requests();
    let urls: Vec<_> = asked
        .iter()
        .map(|request| format!("{}?{}", request.path, request.query))
        .collect();
    assert!(urls.len() > 20, "{urls:?}");
    assert_absent(&secrets, &urls, "an address at Mono");
    assert_absent(&personal, &urls, "an address at Mono");
    assert_absent(&[&reference], &urls, "an address at Mono");
    let heads: Vec<_> = asked
        .iter()
        .map(|request| serde_json::to_value(request).unwrap())
        .map(|request: Value| request["headers"].to_string())
        .collect();
    assert_absent(&secrets, &heads, "a head that Mono sees");
    assert_absent(&personal, &heads, "a head that Mono sees");

    let lines = log.lines();
    assert!(
        lines.iter().any(|line| line.contains("panicked")),
        "the panic was logged"
    );
    assert_absent(&secrets, &lines, "the log");
    assert_absent(&personal, &lines, "the log");
    assert_absent(&["CANARYFILTER", &reference], &lines, "the log");
    for canary in secrets.iter().chain(&personal).filter(|one| **one != last4) {
        crate::EXPORTED.assert_without(canary);
    }
    crate::EXPORTED.assert_without("CANARYFILTER");
    crate::EXPORTED.assert_without(&reference);
}
