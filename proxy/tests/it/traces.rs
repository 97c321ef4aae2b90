//! What the process exports to a collector of traces, and what it does when there is none to be had.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use mono_simulator::{AccountChange, Fault, FaultKind, LinkAs, Simulator};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use serde_json::{Value, json};

use crate::collector::{Collector, Manner, said};
use crate::process::{Browser, Proxy, command, simulator, variables};

const TRACES: &str = "/v1/traces";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
/// Without the lines of requests, which nobody reads where there are many.
const LOG: (&str, &str) = ("LOG", "warn,mono_connect_proxy::run=info");
const BALANCE: &str = "/api/accounts/{id}/balance";

/// More requests than one batch holds, so that one goes out at once.
const MORE_THAN_A_BATCH: usize = 600;

fn hex(id: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for byte in id {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

fn with(variables: &mut BTreeMap<String, String>, changes: &[(&str, &str)]) {
    let changes = changes.iter();
    variables.extend(changes.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
}

/// What a user does who links an account, and what must not be told of it.
struct Linking {
    id: String,
    secrets: Vec<String>,
}

async fn link(simulator: &Simulator, browser: &Browser) -> Linking {
    let customer = json!({"customer": {"name": "Canary Ada", "email": "ada@canary.example"}});
    let request = browser.post("/api/link-sessions", &customer);
    let session: Value = request.send().await.unwrap().json().await.unwrap();
    let reference = session["reference"].as_str().unwrap().to_owned();
    let who = LinkAs {
        reference: Some(reference.clone()),
        ..LinkAs::default()
    };
    let linked = simulator.link(who).await.unwrap();
    let ready = AccountChange {
        data_status: Some("AVAILABLE".to_owned()),
        ..AccountChange::default()
    };
    simulator.change_account(&linked.account_id, ready).unwrap();
    let exchange = json!({"code": linked.code, "reference": reference});
    let request = browser.post("/api/accounts", &exchange);
    assert_eq!(request.send().await.unwrap().status(), 201);
    Linking {
        id: linked.account_id.clone(),
        secrets: vec![linked.account_id, linked.code, reference],
    }
}

/// The one span with this name.
fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let mut found = spans.iter().filter(|span| span.name == name);
    let (Some(span), None) = (found.next(), found.next()) else {
        let names: Vec<_> = spans.iter().map(|span| &span.name).collect();
        unreachable!("one {name} in {names:?}");
    };
    span
}

fn children<'a>(spans: &'a [Span], parent: &Span) -> Vec<&'a Span> {
    let children = spans.iter();
    let children = children.filter(|span| span.parent_span_id == parent.span_id);
    children
        .inspect(|span| assert_eq!(span.trace_id, parent.trace_id))
        .collect()
}

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "one story, looked at from every side"
)]
async fn a_request_is_a_trace_with_its_calls_to_mono() {
    let simulator = simulator().await;
    let collector = Collector::start(Manner::Takes).await;
    let folder = tempfile::tempdir().unwrap();
    let mut variables = variables(&simulator, folder.path());
    with(
        &mut variables,
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=CANARYKEY%20=1"),
            ("OTEL_SERVICE_NAME", "bank"),
            // Not in the table of settings, so of no effect.
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
            ("OTEL_TRACES_SAMPLER", "always_off"),
            ("OTEL_RESOURCE_ATTRIBUTES", "user=CANARYENV"),
        ],
    );
    let proxy = Proxy::start(&variables).await;
    let browser = Browser::open(&proxy.url).await;
    let linking = link(&simulator, &browser).await;
    let id = &linking.id;
    let busy = FaultKind::Status {
        code: 503,
        body: Some("CANARYBODY".to_owned()),
        content_type: None,
        retry_after: None,
    };
    simulator.fault(Fault::next(busy).on(&format!("/v2/accounts/{id}/balance")));
    let request = browser.get(&format!("/api/accounts/{id}/balance"));
    let request = request.header("traceparent", format!("00-{TRACE}-{PARENT}-01"));
    let request = request.header("tracestate", "CANARYSTATE=1");
    let request = request.header("baggage", "user=CANARYBAGGAGE");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let request_id = answer.headers()["x-request-id"].to_str().unwrap();
    let request_id = request_id.to_owned();
    browser
        .get("/CANARYPATH?CANARYQUERY=1")
        .send()
        .await
        .unwrap();
    drop(browser);
    proxy.signal("-TERM").await;
    let (status, log) = proxy.ends().await;
    assert_eq!(status, Some(0), "{log}");

    let spans = collector.spans();
    let version = env!("CARGO_PKG_VERSION");
    let mut resource = collector.resource();
    resource.sort();
    let expected = [("service.name", "bank"), ("service.version", version)];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(resource, expected);
    assert_eq!(collector.header("x-key"), "CANARYKEY =1");

    let server = named(&spans, &format!("GET {BALANCE}"));
    assert_eq!(server.kind(), SpanKind::Server);
    assert_eq!(hex(&server.trace_id), TRACE);
    assert_eq!(hex(&server.parent_span_id), PARENT);
    let expected = [
        "http.request.method=GET".to_owned(),
        "http.response.status_code=200".to_owned(),
        format!("http.route={BALANCE}"),
        format!("request_id={request_id}"),
        format!("url.path={BALANCE}"),
    ];
    assert_eq!(said(server), expected);

    let port = simulator.base_url().rsplit(':').next().unwrap();
    let client = |others: &[&str]| {
        let mut said: Vec<_> = others.iter().map(ToString::to_string).collect();
        said.push("http.request.method=GET".to_owned());
        said.push("server.address=127.0.0.1".to_owned());
        said.push(format!("server.port={}", port.trim_end_matches('/')));
        said.sort();
        said
    };
    let calls = children(&spans, server);
    let told: Vec<_> = calls.iter().map(|call| (&*call.name, said(call))).collect();
    let failed = ["http.response.status_code=503", "error.type=failed"];
    let repeated = [
        "http.response.status_code=200",
        "http.request.resend_count=1",
    ];
    let expected = [("balance", client(&failed)), ("balance", client(&repeated))];
    assert_eq!(told, expected);
    for call in calls {
        assert_eq!(call.kind(), SpanKind::Client);
        assert!(server.start_time_unix_nano <= call.start_time_unix_nano);
        assert!(call.end_time_unix_nano <= server.end_time_unix_nano);
    }

    // What goes on although its caller may go away is part of the request all the same.
    let linked = named(&spans, "POST /api/accounts");
    let calls = children(&spans, linked);
    assert!(
        calls.iter().any(|call| call.name == "exchange"),
        "{calls:?}"
    );
    assert_eq!(linked.parent_span_id, [0_u8; 0]);
    // A path without a route tells nothing.
    named(&spans, "GET");

    let answered = log.lines().filter(|line| line.contains("answered"));
    for line in answered {
        let line: Value = serde_json::from_str(line).unwrap();
        let trace = line["trace_id"].as_str().unwrap();
        let known = |span: &Span| hex(&span.trace_id) == trace;
        assert!(spans.iter().any(known), "{line}");
    }
    let told = personal(&simulator.account(id).unwrap());
    assert!(!told.is_empty());
    let mut secrets = linking.secrets;
    secrets.extend(["CANARY", "Canary", "canary", "test_sk_"].map(str::to_owned));
    secrets.extend(told);
    for secret in &secrets {
        collector.assert_without(secret);
    }
    assert!(!log.contains("CANARY"), "{log}");
    let asked = serde_json::to_string(&simulator.requests()).unwrap();
    assert!(asked.contains("user-agent"), "{asked}");
    for header in ["traceparent", "tracestate", "baggage", TRACE] {
        assert!(!asked.contains(header), "{header} went to Mono");
    }
}

/// Names and numbers that the simulator knows of a person.
fn personal(account: &Value) -> Vec<String> {
    match account {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| match value.as_str() {
                Some(text)
                    if ["account_number", "number", "bvn", "full_name", "email"]
                        .contains(&name.as_str()) =>
                {
                    vec![text.to_owned()]
                }
                _ => personal(value),
            })
            .filter(|text| !text.is_empty())
            .collect(),
        Value::Array(items) => items.iter().flat_map(personal).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "Mono is outside")]
async fn work_in_the_background_is_traced() {
    let simulator = simulator().await;
    let collector = Collector::start(Manner::Takes).await;
    let folder = tempfile::tempdir().unwrap();
    let mut variables = variables(&simulator, folder.path());
    let hooks = format!("{}/hooks", collector.url);
    with(
        &mut variables,
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url),
            ("NOTIFY_URL", &hooks),
            ("NOTIFY_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ],
    );
    let proxy = Proxy::start(&variables).await;
    let browser = Browser::open(&proxy.url).await;
    let linking = link(&simulator, &browser).await;
    collector.has_taken("/hooks", 1).await;
    let unlinked = json!({
        "event": "mono.events.account_unlinked",
        "data": {"account": {"_id": linking.id}},
    });
    let webhook = reqwest::Client::new()
        .post(format!("{}/webhooks/mono", proxy.url))
        .header("mono-webhook-secret", "webhook_secret_simulator")
        .json(&unlinked);
    assert!(webhook.send().await.unwrap().status().is_success());
    collector.has_span("inbox_event").await;
    drop(browser);
    proxy.signal("-TERM").await;
    let (status, log) = proxy.ends().await;
    assert_eq!(status, Some(0), "{log}");

    let spans = collector.spans();
    let delivered = spans.iter().filter(|span| span.name == "delivery");
    let delivered: Vec<_> = delivered.map(|span| (span.kind(), said(span))).collect();
    let expected = [
        "mono_connect.attempt=1",
        "mono_connect.event=account.linked",
    ];
    let expected = expected.map(str::to_owned).to_vec();
    assert_eq!(delivered[0], (SpanKind::Producer, expected));
    let event = spans.iter().find(|span| span.name == "inbox_event");
    let event = event.unwrap();
    assert_eq!(event.kind(), SpanKind::Consumer);
    let event_said = said(event);
    let expected = "mono_connect.event=account_unlinked".to_owned();
    assert!(event_said.contains(&expected), "{event_said:?}");
    assert_eq!(event.parent_span_id, [0_u8; 0]);
    for secret in &linking.secrets {
        collector.assert_without(secret);
    }
}

#[tokio::test]
async fn strangers_do_not_decide_what_is_exported() {
    let simulator = simulator().await;
    let collector = Collector::start(Manner::Takes).await;
    let folder = tempfile::tempdir().unwrap();
    let mut variables = variables(&simulator, folder.path());
    with(
        &mut variables,
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url),
            ("OTEL_TRACES_SAMPLER_ARG", "0"),
        ],
    );
    let proxy = Proxy::start(&variables).await;
    let browser = Browser::open(&proxy.url).await;
    for flags in ["00", "01"] {
        let request = browser.get("/api/accounts");
        let request = request.header("traceparent", format!("00-{TRACE}-{PARENT}-{flags}"));
        assert_eq!(request.send().await.unwrap().status(), 200);
    }
    drop(browser);
    proxy.signal("-TERM").await;
    let (status, log) = proxy.ends().await;
    assert_eq!(status, Some(0), "{log}");
    assert_eq!(collector.calls(TRACES), 0);
    // The log has the caller's id as ever.
    assert!(log.contains(TRACE), "{log}");
}

async fn many(browser: &Browser, requests: usize) {
    for _ in 0..requests {
        let answer = browser.get("/api/accounts").send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }
}

/// Asks until there is no room for more spans. How many requests that takes hangs on the machine:
/// whenever the collector's time is up, a batch makes room.
async fn overfill(browser: &Browser, proxy: &Proxy) {
    let mut dropped = 0;
    let mut rounds = 0..100;
    while dropped == 0 && rounds.next().is_some() {
        tokio::join!(
            many(browser, 100),
            many(browser, 100),
            many(browser, 100),
            many(browser, 100)
        );
        dropped = spans_that_were("dropped", proxy).await;
    }
    assert!(dropped > 0);
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever asks for metrics is outside"
)]
async fn spans_that_were(outcome: &str, proxy: &Proxy) -> u64 {
    let metrics = reqwest::get(format!("{}/metrics", proxy.admin_url)).await;
    let metrics = metrics.unwrap().text().await.unwrap();
    let name = format!("mono_connect_trace_spans_total{{outcome=\"{outcome}\"}} ");
    let number = metrics.lines().find_map(|line| line.strip_prefix(&name));
    number.unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_collector_that_hangs_slows_neither_answers_nor_the_stop() {
    let simulator = simulator().await;
    let collector = Collector::start(Manner::Hangs).await;
    let folder = tempfile::tempdir().unwrap();
    let mut variables = variables(&simulator, folder.path());
    with(
        &mut variables,
        &[("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url), LOG],
    );
    let mut proxy = Proxy::start(&variables).await;
    let browser = Browser::open(&proxy.url).await;
    overfill(&browser, &proxy).await;
    collector.has_taken(TRACES, 1).await;
    // While it hangs.
    let asked = Instant::now();
    many(&browser, 1).await;
    assert!(asked.elapsed() < Duration::from_secs(1));
    drop(browser);
    proxy.signal("-TERM").await;
    proxy.logs("\"draining\"").await;
    let stopped = Instant::now();
    let (status, log) = proxy.ends().await;
    let took = stopped.elapsed();
    assert_eq!(status, Some(0), "{log}");
    assert!(log.contains("not exported in time"), "{log}");
    // Two seconds for the collector, the rest for a machine with other things to do.
    assert!(took < Duration::from_secs(8), "{took:?}");
}

#[tokio::test]
async fn a_collector_that_is_away_is_told_of_once() {
    let simulator = simulator().await;
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let folder = tempfile::tempdir().unwrap();
    let mut variables = variables(&simulator, folder.path());
    with(
        &mut variables,
        &[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint), LOG],
    );
    let mut proxy = Proxy::start(&variables).await;
    let browser = Browser::open(&proxy.url).await;
    many(&browser, MORE_THAN_A_BATCH).await;
    let line = proxy.logs("traces were not exported").await;
    assert!(line.contains("cannot be reached"), "{line}");
    assert!(spans_that_were("failed", &proxy).await > 0);
    many(&browser, MORE_THAN_A_BATCH).await;
    drop(browser);
    proxy.signal("-TERM").await;
    let (status, log) = proxy.ends().await;
    assert_eq!(status, Some(0), "{log}");
    assert!(!log.contains("were not exported"), "{log}");
}

#[tokio::test]
async fn a_collector_that_points_elsewhere_is_not_followed() {
    let simulator = simulator().await;
    let elsewhere = Collector::start(Manner::Takes).await;
    let collector = Collector::start(Manner::Redirects(elsewhere.url.clone())).await;
    let folder = tempfile::tempdir().unwrap();
    let mut variables = variables(&simulator, folder.path());
    with(
        &mut variables,
        &[("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url)],
    );
    let proxy = Proxy::start(&variables).await;
    let browser = Browser::open(&proxy.url).await;
    drop(browser);
    proxy.signal("-TERM").await;
    let (status, log) = proxy.ends().await;
    assert_eq!(status, Some(0), "{log}");
    assert!(log.contains("the collector refused them"), "{log}");
    assert_eq!((collector.calls(TRACES), elsewhere.calls(TRACES)), (1, 0));
}

#[tokio::test]
async fn what_fails_is_marked() {
    let simulator = simulator().await;
    let collector = Collector::start(Manner::Takes).await;
    let folder = tempfile::tempdir().unwrap();
    let mut variables = variables(&simulator, folder.path());
    with(
        &mut variables,
        &[("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url)],
    );
    let proxy = Proxy::start(&variables).await;
    let browser = Browser::open(&proxy.url).await;
    let linking = link(&simulator, &browser).await;
    simulator.fault(Fault::next(FaultKind::Html { code: 500 }).on("/v2/accounts/*/identity"));
    let request = browser.get(&format!("/api/accounts/{}/identity", linking.id));
    assert_eq!(request.send().await.unwrap().status(), 502);
    drop(browser);
    proxy.signal("-TERM").await;
    let (status, log) = proxy.ends().await;
    assert_eq!(status, Some(0), "{log}");

    let spans = collector.spans();
    let server = named(&spans, "GET /api/accounts/{id}/identity");
    let mut failed = children(&spans, server);
    failed.push(server);
    assert_eq!(failed.len(), 2);
    for span in failed {
        let status = span.status.as_ref().unwrap();
        assert_eq!(status.code(), StatusCode::Error, "{span:?}");
        assert_eq!(status.message, "");
    }
    assert!(said(server).contains(&"error.type=upstream_error".to_owned()));
}

#[tokio::test]
async fn wrong_settings_are_named_and_not_printed() {
    let simulator = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let mut variables = variables(&simulator, folder.path());
    with(
        &mut variables,
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "CANARY:4317"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "CANARY"),
            ("OTEL_TRACES_SAMPLER_ARG", "CANARY"),
        ],
    );
    let output = command(&variables).output().await.unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(err.contains("3 problems"), "{err}");
    for variable in [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_HEADERS",
        "OTEL_TRACES_SAMPLER_ARG",
    ] {
        assert!(err.contains(variable), "{err}");
    }
    assert!(!err.contains("CANARY"), "{err}");
}
