//! What the process writes, a line of JSON at a time.

use std::collections::BTreeMap;

use mono_simulator::{Fault, FaultKind, LinkAs};
use serde_json::{Value, json};

use crate::process::{Browser, Proxy, simulator, variables};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn names(line: &Value) -> Vec<&str> {
    let fields = line.as_object().unwrap();
    fields.keys().map(String::as_str).collect()
}

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "one run of the process, and all that it wrote"
)]
async fn each_request_has_one_line_and_what_happens_meanwhile_names_it() {
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
    let answer = browser
        .post("/api/accounts", &exchange)
        .header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"))
        .send()
        .await
        .unwrap();
    let linking = answer.headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    for path in ["/api/accounts/secretid/balance", "/secretpath?secret=1"] {
        browser.get(path).send().await.unwrap();
    }
    // The peers are gone: nothing is left to wait for.
    drop(browser);
    proxy.signal("-TERM").await;
    let (status, log) = proxy.ends().await;
    assert_eq!(status, Some(0));

    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let answered: Vec<&Value> = lines
        .iter()
        .filter(|line| line["message"] == "answered")
        .collect();
    let told: Vec<_> = answered
        .iter()
        .map(|line| {
            let word = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            (
                word("method"),
                word("route"),
                line["status"].clone(),
                word("code"),
            )
        })
        .collect();
    let expected = [
        ("POST", "/api/session", 204, ""),
        ("POST", "/api/link-sessions", 201, ""),
        ("POST", "/api/accounts", 201, ""),
        (
            "GET",
            "/api/accounts/{id}/balance",
            404,
            "account_not_found",
        ),
        ("GET", "none", 404, "not_found"),
    ]
    .map(|(method, route, status, code)| {
        (
            method.to_owned(),
            route.to_owned(),
            json!(status),
            code.to_owned(),
        )
    });
    assert_eq!(told, expected);
    let ids: BTreeMap<&str, &str> = answered
        .iter()
        .map(|line| {
            (
                line["request_id"].as_str().unwrap(),
                line["route"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(ids.len(), answered.len(), "each has an id of its own");
    for line in &answered {
        assert!(line["elapsed_ms"].is_u64(), "{line}");
        assert_eq!(line.get("span"), None, "{line}");
    }
    let first = [
        "elapsed_ms",
        "level",
        "message",
        "method",
        "request_id",
        "route",
        "status",
    ];
    let mut expected = first.to_vec();
    expected.extend(["target", "timestamp"]);
    assert_eq!(names(answered[0]), expected);
    assert!(!log.contains("secret"), "{log}");

    let link = answered[2];
    assert_eq!(link["request_id"], linking);
    assert_eq!(link["trace_id"], TRACE);
    let meanwhile: Vec<&Value> = lines
        .iter()
        .filter(|line| line["message"] == "no details after linking")
        .collect();
    assert_eq!(meanwhile.len(), 1, "one line about the details: {log}");
    let meanwhile = meanwhile[0];
    assert_eq!(meanwhile["span"]["request_id"], linking);
    assert_eq!(meanwhile["span"]["trace_id"], TRACE);
    assert_eq!(meanwhile.get("spans"), None);
}
