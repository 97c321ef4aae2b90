//! Calls that are made from the document of the API, good and bad: whatever comes back is what the
//! document tells of. Seeded, so that every run makes the same calls.

mod document;
mod values;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::http::Method;
use mono_connect_tests::{Answer, TestApp, TestAppBuilder};
use mono_simulator::{Fault, FaultKind};
use serde_json::{Value, json};

use self::document::{Document, Operation};
use self::values::Values;
use self::world::{Made, World};
use crate::mutate::Mutations;

/// For each operation and generation.
const CALLS: usize = 12;
const CALLS_UNDER_FAULTS: usize = 5;

/// What there is to expect of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// It is not the caller who is wrong.
    Taken,
    /// It is refused, and Mono is not asked.
    Refused,
    /// Nobody knows.
    Either,
}

fn builder(generation: &str) -> TestAppBuilder {
    TestApp::builder()
        .one_proxy()
        .generation(generation)
        .set("SERVICE_KEYS", &crate::callers::service::keys())
}

fn document() -> Document {
    Document::new(mono_connect_proxy::openapi_document().clone())
}

/// As it may stand in a path or a query.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

/// Which part of a call is spoilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spoilt {
    Nothing,
    Path,
    Query,
    UnknownQuery,
    Header,
    Origin,
    Caller,
    Body,
    BodyBytes,
    BodyType,
    BodySize,
}

/// A part that this operation has, so that it can be spoilt.
fn spoilable(operation: &Operation) -> Vec<Spoilt> {
    let has = |place: &str| operation.parameters().any(|one| one["in"] == *place);
    let mut parts = vec![Spoilt::Nothing; 4];
    if has("path") {
        parts.push(Spoilt::Path);
    }
    if has("query") {
        parts.extend([Spoilt::Query, Spoilt::Query, Spoilt::UnknownQuery]);
    }
    if operation
        .parameters()
        .any(|one| one["in"] == "header" && one["required"] == true)
    {
        parts.push(Spoilt::Header);
    }
    if operation.path.starts_with("/api") {
        parts.push(Spoilt::Origin);
    }
    if !operation.schemes().is_empty() {
        parts.push(Spoilt::Caller);
    }
    if operation.body().is_some() {
        parts.extend([
            Spoilt::Body,
            Spoilt::Body,
            Spoilt::BodyBytes,
            Spoilt::BodyType,
            Spoilt::BodySize,
        ]);
    }
    parts
}

async fn make(
    operation: &Operation,
    spoilt: Spoilt,
    world: &mut World<'_>,
    values: &mut Values<'_>,
) -> (Made, Expected) {
    let mut made = Made::default();
    let mut expected = match spoilt {
        Spoilt::Nothing => Expected::Taken,
        Spoilt::BodyBytes => Expected::Either,
        _ => Expected::Refused,
    };
    made.target = operation.path.clone();
    let mut query = Vec::new();
    let in_query: Vec<_> = operation
        .parameters()
        .filter(|one| one["in"] == "query")
        .collect();
    let wrong = if spoilt == Spoilt::Query {
        Some(*values.pick(&in_query))
    } else {
        None
    };
    for parameter in operation.parameters() {
        let name = parameter["name"].as_str().unwrap();
        let schema = &parameter["schema"];
        match parameter["in"].as_str().unwrap() {
            "path" => {
                let bad = (spoilt == Spoilt::Path).then(|| values.bad_text(schema, false));
                let text = match bad {
                    Some(bad) => bad.unwrap(),
                    None => world.named(name, schema, values),
                };
                let place = format!("{{{name}}}");
                made.target = made.target.replace(&place, &encoded(&text));
            }
            "query" if wrong.is_some_and(|wrong| wrong["name"] == name) => {
                match values.bad_text(schema, true) {
                    Some(text) => query.push((name, text)),
                    // It takes any text.
                    None => expected = Expected::Taken,
                }
            }
            "query" if parameter["required"] == true || values.one_in(3) => {
                query.push((name, values.good_text(schema)));
            }
            "header" if parameter["required"] == true => {
                let text = if spoilt != Spoilt::Header {
                    Some(values.good_text(schema))
                } else if values.one_in(2) {
                    Some("yes".to_owned())
                } else {
                    None
                };
                assert_eq!(name, "x-mono-connect", "no other header is required");
                made.headers
                    .extend(text.map(|text| ("x-mono-connect", text)));
            }
            _ => {}
        }
    }
    // Days that are good by themselves are not when they stand the wrong way round.
    if query.iter().any(|(name, _)| *name == "start")
        && query.iter().any(|(name, _)| *name == "end")
    {
        query.retain(|(name, _)| *name != "end" || wrong.is_some());
    }
    if spoilt == Spoilt::UnknownQuery {
        query.push(("unheard_of", "1".to_owned()));
    }
    let query: Vec<_> = query
        .iter()
        .map(|(name, text)| format!("{name}={}", encoded(text)))
        .collect();
    if !query.is_empty() {
        made.target = format!("{}?{}", made.target, query.join("&"));
    }
    if spoilt == Spoilt::Origin {
        let headers = [
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
        ];
        let (name, value) = *values.pick(&headers);
        made.headers.push((name, value.to_owned()));
    }
    let left_out = spoilt == Spoilt::Nothing && !operation.needs_body() && values.one_in(3);
    if let Some(schema) = operation.body()
        && !left_out
    {
        let body = world.body(operation, schema, values).await;
        made.body = Some(written(operation, schema, &body, spoilt, values));
        // An event is read whatever its type is said to be.
        if spoilt == Spoilt::BodyType && operation.path == "/webhooks/mono" {
            expected = Expected::Taken;
        }
    }
    (made, expected)
}

/// The body with its type.
fn written(
    operation: &Operation,
    schema: &Value,
    body: &Value,
    spoilt: Spoilt,
    values: &mut Values<'_>,
) -> (&'static str, Vec<u8>) {
    const JSON: &str = "application/json";
    let bytes = body.to_string().into_bytes();
    match spoilt {
        Spoilt::Body => (JSON, values.bad(schema).to_string().into_bytes()),
        Spoilt::BodyBytes => (JSON, values.dice.spoil(&bytes)),
        Spoilt::BodyType => ("text/plain", bytes),
        Spoilt::BodySize => {
            let is_event = operation.path == "/webhooks/mono";
            let most = if is_event { 1024 } else { 64 };
            (JSON, [" ".repeat(most * 1024).as_bytes(), &bytes].concat())
        }
        _ => (JSON, bytes),
    }
}

/// What is wrong with an answer.
fn complaint(
    document: &Document,
    operation: &Operation,
    expected: Expected,
    answer: &Answer,
) -> Option<String> {
    if let Err(complaint) = document.hold(operation, answer) {
        return Some(complaint);
    }
    let is_invalid = answer.status == 400
        || answer.status == 413
        || (answer.status == 422 && answer.json()["code"] == "invalid_request");
    match expected {
        Expected::Taken if is_invalid => Some("by the document the call is good".to_owned()),
        Expected::Refused if !(400..500).contains(&answer.status) => {
            Some("by the document the call is bad".to_owned())
        }
        _ => None,
    }
}

#[tokio::test]
async fn every_answer_is_one_that_the_document_tells_of() {
    let document = document();
    let mut complaints = BTreeSet::new();
    let mut seen: BTreeMap<String, BTreeSet<u16>> = BTreeMap::new();
    for (seed, generation) in [(1, "v1"), (2, "v2")] {
        let app = builder(generation).webhooks().start().await;
        let mut world = World::new(&app).await;
        let dice = Mutations::seeded(seed);
        let mut values = Values {
            document: &document,
            dice,
        };
        for operation in document.operations() {
            let parts = spoilable(&operation);
            for _ in 0..CALLS {
                world.is_whole().await;
                let spoilt = *values.pick(&parts);
                if operation.name == "watch" && spoilt == Spoilt::Nothing {
                    let (name, data) = world.watches().await;
                    document.hold_event(&operation, &name, &data);
                    seen.entry(operation.name.clone()).or_default().insert(200);
                    continue;
                }
                let (made, expected) = make(&operation, spoilt, &mut world, &mut values).await;
                let before = app.all_calls();
                let stranger = spoilt == Spoilt::Caller;
                let answer = world.calls(&operation, &made, stranger).await;
                let mut complaint = complaint(&document, &operation, expected, &answer);
                if expected == Expected::Refused && app.all_calls() > before {
                    complaint = Some("Mono was asked all the same".to_owned());
                }
                if answer.status >= 500 && answer.status != 501 {
                    complaint = Some("nothing has failed".to_owned());
                }
                if let Some(complaint) = complaint {
                    complaints.insert(told(
                        generation, &operation, spoilt, &made, &answer, &complaint,
                    ));
                }
                let statuses = seen.entry(operation.name.clone()).or_default();
                statuses.insert(answer.status);
                if values.one_in(8) {
                    world.waits(90).await;
                }
            }
        }
    }
    assert_none(&complaints);
    let mut never = Vec::new();
    for operation in document.operations() {
        let statuses = &seen[&operation.name];
        // It takes days until an event is given up.
        if operation.name == "service_resend_dead_letter" {
            continue;
        }
        if !statuses.iter().any(|status| (200..300).contains(status)) {
            never.push(format!("{}: {statuses:?}", operation.name));
        }
    }
    assert!(never.is_empty(), "never answered well: {never:?}");
}

/// What Mono does wrong.
fn faults() -> Vec<FaultKind> {
    let answer = |code: u16, body: &str| FaultKind::Status {
        code,
        body: Some(body.to_owned()),
        content_type: None,
        retry_after: (code == 429).then(|| "3".to_owned()),
    };
    let mut faults = vec![
        FaultKind::Html { code: 502 },
        FaultKind::Html { code: 200 },
        FaultKind::MalformedJson,
        FaultKind::Truncate,
        FaultKind::Reset,
        FaultKind::NullData,
        FaultKind::Redirect {
            to: "http://127.0.0.1:1/".to_owned(),
        },
    ];
    for code in [400, 401, 402, 404, 409, 410, 422, 429, 500, 503] {
        faults.push(answer(code, r#"{"status":"failed","message":"No."}"#));
    }
    for body in [
        "null",
        "[]",
        "{}",
        "7",
        r#"{"data":{}}"#,
        r#"{"data":[]}"#,
        r#"{"data":[1]}"#,
        r#"{"data":"x"}"#,
        r#"{"status":"successful","data":{"id":"x","status":"new"}}"#,
    ] {
        faults.push(answer(200, body));
    }
    faults
}

#[tokio::test]
async fn whatever_mono_does_the_answer_is_one_that_the_document_tells_of() {
    let document = document();
    let mut complaints = BTreeSet::new();
    let mut statuses = BTreeSet::new();
    for (seed, generation) in [(3, "v1"), (4, "v2")] {
        let app = builder(generation)
            .set("CACHE_TTL", "0")
            .set("UPSTREAM_TIMEOUT", "500ms")
            .start()
            .await;
        let mut world = World::new(&app).await;
        let dice = Mutations::seeded(seed);
        let mut values = Values {
            document: &document,
            dice,
        };
        let faults = faults();
        for (number, operation) in document.operations().iter().enumerate() {
            if operation.name == "watch" {
                continue;
            }
            for call in 0..CALLS_UNDER_FAULTS {
                world.is_whole().await;
                world.waits(301).await;
                let made = make(operation, Spoilt::Nothing, &mut world, &mut values).await;
                let (made, expected) = made;
                // That one takes its time.
                let fault = if call == 0 && number % 6 == 0 {
                    FaultKind::Hang
                } else {
                    values.pick(&faults).clone()
                };
                app.simulator.fault(Fault::next(fault.clone()).times(0));
                let answer = world.calls(operation, &made, false).await;
                app.simulator.clear_faults();
                let mut complaint = complaint(&document, operation, expected, &answer);
                if answer.status == 500 {
                    complaint = Some("it is Mono that has failed".to_owned());
                }
                if let Some(complaint) = complaint {
                    let fault = format!("{complaint}, under {fault:?}");
                    complaints.insert(told(
                        generation,
                        operation,
                        Spoilt::Nothing,
                        &made,
                        &answer,
                        &fault,
                    ));
                }
                statuses.insert(answer.status);
                recovers().await;
            }
        }
    }
    assert_none(&complaints);
    for status in [200, 404, 409, 502, 503, 504] {
        assert!(statuses.contains(&status), "{status} in {statuses:?}");
    }
}

/// The time for which Mono is left alone after failures passes.
async fn recovers() {
    tokio::time::pause();
    tokio::time::advance(Duration::from_mins(2)).await;
    tokio::time::resume();
}

fn told(
    generation: &str,
    operation: &Operation,
    spoilt: Spoilt,
    made: &Made,
    answer: &Answer,
    complaint: &str,
) -> String {
    let body = made.body.as_ref().map(|(kind, body)| {
        let text: String = String::from_utf8_lossy(body)
            .trim()
            .chars()
            .take(300)
            .collect();
        format!("{kind} {text}")
    });
    let short: String = answer.body.chars().take(400).collect();
    format!(
        "{generation} {} {} {:?} {body:?}, spoilt {spoilt:?} -> {} {short}: {complaint}",
        operation.method, made.target, made.headers, answer.status
    )
}

fn assert_none(complaints: &BTreeSet<String>) {
    let few: Vec<_> = complaints.iter().take(40).map(String::as_str).collect();
    assert!(
        complaints.is_empty(),
        "{} answers are not as the document says:\n{}",
        complaints.len(),
        few.join("\n")
    );
}

#[tokio::test]
async fn what_the_document_says_of_all_paths_holds() {
    let app = builder("v2").start().await;
    let document = document();
    let problem = json!({"$ref": "#/components/schemas/Problem"});
    let mut visitor = app.visitor().await;
    let unknown = ["/nothing", "/api/nothing", "/api/accounts/a/b/c"];
    for path in unknown {
        let answer = visitor.get(path).send().await;
        document
            .hold_value(&problem, &answer.assert_problem(404, "not_found"))
            .unwrap();
    }
    let operations = document.operations();
    for operation in &operations {
        let path = operation.path.replace(['{', '}'], "");
        let known = |method: &Method| {
            let same = operations.iter().filter(|one| one.path == operation.path);
            same.map(|one| &one.method)
                .any(|one| one == method || (method == Method::HEAD && one == Method::GET))
        };
        for method in [Method::PUT, Method::PATCH, Method::POST, Method::DELETE] {
            if known(&method) {
                continue;
            }
            let mut call = visitor.call(method.clone(), &path);
            if path.starts_with("/service") {
                call = call.without("x-mono-connect").header(
                    "authorization",
                    &format!("Bearer {}", crate::callers::service::KEY),
                );
            }
            let answer = call.send().await;
            assert_eq!(answer.status, 405, "{method} {path}: {}", answer.body);
            let body = answer.assert_problem(405, "invalid_request");
            document.hold_value(&problem, &body).unwrap();
        }
    }
}

#[tokio::test]
async fn the_document_is_served_as_it_is_kept() {
    let app = builder("v2").start().await;
    let mut anybody = app.newcomer();
    let served = anybody
        .get("/openapi.json")
        .without("x-mono-connect")
        .send()
        .await;
    assert_eq!(served.header("content-type"), Some("application/json"));
    let kept: Value = serde_json::from_str(include_str!("../../docs/openapi.json")).unwrap();
    assert!(
        served.assert_status(200) == kept,
        "docs/openapi.json is another one"
    );

    let page = anybody.get("/docs").without("x-mono-connect").send().await;
    assert_eq!(page.status, 200);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(!page.body.contains("<script"));
    for operation in document().operations() {
        assert!(page.body.contains(&operation.path), "{}", operation.path);
    }
    for code in mono_connect_shared::problem::ErrorCode::ALL {
        assert!(page.body.contains(code.as_str()), "{}", code.as_str());
    }
}
