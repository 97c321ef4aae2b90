//! What the process writes, a line of JSON at a time.

use std::collections::BTreeSet;

use mono_simulator::{Fault, FaultKind, LinkAs};
use serde_json::{Value, json};

use crate::process::{Browser, Proxy, simulator, variables};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// What one process wrote, and the id of the request that linked an account.
struct Written {
    log: String,
    linking: String,
}

impl Written {
    /// The lines with this message.
    fn lines(&self, message: &str) -> Vec<Value> {
        let lines = self.log.lines();
        let lines = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["message"] == message).collect()
    }
}

/// Links an account of which Mono does not say what it is, and asks for what is not there.
async fn written() -> Written {
    let simulator = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::start(&variables(&simulator, folder.path())).await;
    let browser = Browser::open(&proxy.url).await;
    let request = browser.post("/api/link-sessions", &json!({}));
    let session: Value = request.send().await.unwrap().json().await.unwrap();
    let reference = session["reference"].as_str().unwrap();
    let who = LinkAs {
        reference: Some(reference.to_owned()),
        ..LinkAs::default()
    };
    let linked = simulator.link(who).await.unwrap();
    // The exchange succeeds, what follows does not.
    let details = format!("/v2/accounts/{}", linked.account_id);
    let fault = Fault::next(FaultKind::Html { code: 200 }).on(&details);
    simulator.fault(fault.times(0));
    let exchange = json!({"code": linked.code, "reference": reference});
    let request = browser.post("/api/accounts", &exchange);
    let request = request.header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"));
    let answer = request.send().await.unwrap();
    let linking = answer.headers()["x-request-id"].to_str().unwrap();
    let linking = linking.to_owned();
    for path in ["/api/accounts/secretid/balance", "/secretpath?secret=1"] {
        browser.get(path).send().await.unwrap();
    }
    // The peers are gone: nothing is left to wait for.
    drop(browser);
    proxy.signal("-TERM").await;
    let (status, log) = proxy.ends().await;
    assert_eq!(status, Some(0));
    Written { log, linking }
}

#[tokio::test]
async fn each_request_has_one_line_and_what_happens_meanwhile_names_it() {
    let written = written().await;
    let answered = written.lines("answered");
    let told: Vec<Value> = answered
        .iter()
        .map(|line| json!([line["method"], line["route"], line["status"], line["code"]]))
        .collect();
    let balance = "/api/accounts/{id}/balance";
    let expected = [
        json!(["POST", "/api/session", 204, null]),
        json!(["POST", "/api/link-sessions", 201, null]),
        json!(["POST", "/api/accounts", 201, null]),
        json!(["GET", balance, 404, "account_not_found"]),
        json!(["GET", "none", 404, "not_found"]),
    ];
    assert_eq!(told, expected);
    let ids: BTreeSet<&str> = answered
        .iter()
        .map(|line| line["request_id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), answered.len(), "each has an id of its own");
    for line in &answered {
        assert!(line["elapsed_ms"].is_u64(), "{line}");
        assert_eq!(line.get("span"), None, "{line}");
    }
    let names: Vec<&String> = answered[0].as_object().unwrap().keys().collect();
    let all = "elapsed_ms level message method request_id route status target timestamp";
    assert_eq!(names, all.split(' ').collect::<Vec<_>>());
    assert!(!written.log.contains("secret"), "{}", written.log);

    assert_eq!(answered[2]["request_id"], written.linking);
    assert_eq!(answered[2]["trace_id"], TRACE);
    let meanwhile = written.lines("no details after linking");
    assert_eq!(meanwhile.len(), 1, "about the details: {}", written.log);
    assert_eq!(meanwhile[0]["span"]["request_id"], written.linking);
    assert_eq!(meanwhile[0]["span"]["trace_id"], TRACE);
    assert_eq!(meanwhile[0].get("spans"), None);
}
