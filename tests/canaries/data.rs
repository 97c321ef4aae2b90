//! Every answer of Mono's about an account, each with marks in it, good, refused and unreadable.

use std::time::Duration;

use axum::http::Method;
use mono_connect_tests::{Answer, TestApp, Visitor};
use mono_simulator::{Fault, FaultKind, HandmadeWebhook};
use serde_json::{Value, json};

use crate::LOG;

const BVN: &str = "22299988877";
const NUMBER: &str = "0199988866";

/// What names a person, or what they do.
const CANARIES: [&str; 12] = [
    BVN,
    NUMBER,
    "CANARYNAME",
    "canary.holder@",
    "08099988855",
    "CANARYSTREET",
    "CANARYNARRATION",
    "CANARYEMPLOYER",
    "CANARYFUND",
    "CANARYFILE",
    "99887766554",
    "1971-03-04",
];

/// What is asked for, the end of Mono's path for it, and Mono's answer.
fn answers(generation: &str) -> Vec<(Method, &'static str, &'static str, Value)> {
    let row = json!({
        "_id": "row1", "id": "row1", "type": "credit", "amount": 99_887_766_554_i64,
        "narration": "CANARYNARRATION from CANARYNAME", "date": "2026-01-20T10:00:00Z",
        "balance": 99_887_766_554_i64,
    });
    let statement = if generation == "v1" {
        json!({"meta": {"count": 1}, "data": [row]})
    } else {
        json!({"data": {"count": 1, "statement": [row]}})
    };
    let pdf = json!({
        "id": "pdf1", "status": "BUILT", "path": "https://files.example/CANARYFILE.pdf",
    });
    let holder = json!({
        "full_name": "CANARYNAME Obi", "email": "canary.holder@example.com", "bvn": BVN,
        "phone": "08099988855", "dob": "1971-03-04", "address_line1": "1 CANARYSTREET",
    });
    let history =
        json!({"total": 1, "history": [{"amount": 99_887_766_554_i64, "period": "01-26"}]});
    let income = json!({"data": [{"income_type": "SALARY", "employer": "CANARYEMPLOYER",
        "average_income_amount": 99_887_766_554_i64}]});
    let asset = json!({"name": "CANARYFUND", "cost": 99_887_766_554_i64});
    let earning = json!({"id": "e1", "narration": "CANARYNARRATION",
        "amount": 99_887_766_554_i64, "asset": {"name": "CANARYFUND"}});
    let mut all = vec![
        (
            Method::GET,
            "transactions",
            "transactions",
            json!({"data": [row]}),
        ),
        (Method::GET, "statement", "statement", statement),
        (
            Method::POST,
            "statement-pdfs",
            "statement",
            if generation == "v1" {
                pdf.clone()
            } else {
                json!({"data": pdf})
            },
        ),
        (Method::GET, "identity", "identity", json!({"data": holder})),
        (Method::GET, "credits", "credits", history.clone()),
        (Method::GET, "debits", "debits", history),
        (
            Method::GET,
            "assets",
            "assets",
            json!({"data": {"assets": [asset]}}),
        ),
        (
            Method::GET,
            "earnings",
            "earnings",
            json!({"data": [earning]}),
        ),
    ];
    all.push(if generation == "v1" {
        (Method::GET, "income", "income", income)
    } else {
        (Method::GET, "income", "income-records", income)
    });
    if generation == "v2" {
        let balance = json!({"data": {"balance": 99_887_766_554_i64, "name": "CANARYNAME",
            "account_number": NUMBER, "bvn": BVN}});
        all.push((Method::GET, "balance", "balance", balance));
    }
    all
}

fn says(code: u16, body: String) -> FaultKind {
    FaultKind::Status {
        code,
        body: Some(body),
        content_type: None,
        retry_after: None,
    }
}

/// The same answer, spoilt: refused in Mono's words, cut short, and of other types.
fn spoilt(answer: &Value) -> Vec<FaultKind> {
    let text = answer.to_string();
    let everything = CANARIES.join(" ");
    let mut half = text[..text.len() - 2].to_owned();
    half.push_str(&everything);
    let refused = json!({"status": "failed", "message": everything,
        "data": [{"field": everything, "message": everything}]});
    vec![
        says(400, refused.to_string()),
        says(500, refused.to_string()),
        says(200, half),
        says(200, json!({"data": everything}).to_string()),
        says(
            200,
            json!({"data": {"balance": everything, "statement": everything,
            "history": everything, "assets": everything, "id": {"CANARYNAME": BVN}}})
            .to_string(),
        ),
        says(
            200,
            json!({"data": [[everything]], "CANARYNAME": BVN}).to_string(),
        ),
    ]
}

async fn ask(visitor: &mut Visitor<'_>, method: Method, id: &str, what: &str) -> Answer {
    let path = format!("/api/accounts/{id}/{what}");
    let call = visitor.call(method.clone(), &path);
    if method == Method::POST {
        return call.json(&json!({"period": "last1month"})).await;
    }
    call.send().await
}

async fn tell(app: &TestApp, payload: Value) {
    let webhook = HandmadeWebhook {
        payload,
        secret: None,
        retry: false,
    };
    app.simulator.send_webhook(webhook).await;
    app.work().await;
}

/// Events, of which some make no sense.
async fn with_events(app: &TestApp, id: &str) {
    let person = json!({"_id": id, "name": "CANARYNAME", "account_number": NUMBER, "bvn": BVN,
        "accountNumber": NUMBER, "balance": 99_887_766_554_i64});
    for (event, data) in [
        (
            "account_updated",
            json!({"account": person, "meta": {"data_status": "FAILED"}}),
        ),
        (
            "account_updated",
            json!({"account": person, "meta": {"data_status": "AVAILABLE"}}),
        ),
        (
            "account_updated",
            json!({"account": {"_id": [BVN], "name": "CANARYNAME"}}),
        ),
        (
            "account_income",
            json!({"account": id, "account_name": "CANARYNAME",
            "account_number": NUMBER, "income_summary": {"employer": "CANARYEMPLOYER"}}),
        ),
        ("account_income", json!({"account": ["CANARYNAME", NUMBER]})),
        ("CANARYEMPLOYER", json!({"account": person})),
    ] {
        tell(
            app,
            json!({"event": format!("mono.events.{event}"), "data": data}),
        )
        .await;
        app.advance_and_work(Duration::from_secs(2)).await;
    }
}

#[tokio::test]
async fn nothing_of_what_mono_says_of_a_person_is_logged_or_told_by_an_error() {
    for generation in ["v2", "v1"] {
        let app = TestApp::builder()
            .webhooks()
            .generation(generation)
            .set("CACHE_TTL", "0")
            .set(crate::traces::SETTING, &crate::EXPORTED.url)
            .start()
            .await;
        LOG.assert_without("CANARYNAME");
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        app.work().await;
        ask(&mut visitor, Method::GET, &id, "income")
            .await
            .assert_status(200);
        app.advance_and_work(Duration::from_secs(10)).await;
        let prefix = if generation == "v1" { "" } else { "/v2" };
        for (method, what, upstream, answer) in answers(generation) {
            let path = format!("{prefix}/accounts/*/{upstream}");
            for kind in spoilt(&answer) {
                app.simulator
                    .fault(Fault::next(kind.clone()).times(0).on(&path));
                let told = ask(&mut visitor, method.clone(), &id, what).await;
                app.simulator.clear_faults();
                for canary in CANARIES {
                    let body = &told.body;
                    assert!(
                        !body.contains(canary),
                        "{generation} {what} {kind:?}: {body}"
                    );
                }
            }
            app.simulator
                .fault(Fault::next(says(200, answer.to_string())).on(&path));
            let told = ask(&mut visitor, method, &id, what).await;
            assert!(matches!(told.status, 200 | 202), "{what}: {}", told.body);
            let marked = CANARIES.iter().any(|canary| told.body.contains(canary));
            assert!(marked, "{generation} {what}: {}", told.body);
            assert!(!told.body.contains(BVN) && !told.body.contains(NUMBER));
        }
        with_events(&app, &id).await;
        let path = format!("{prefix}/accounts/*/unlink");
        let refused = json!({"message": CANARIES.join(" ")}).to_string();
        app.simulator
            .fault(Fault::next(says(400, refused)).on(&path));
        let account = format!("/api/accounts/{id}");
        for status in [502, 204] {
            let told = visitor.call(Method::DELETE, &account).send().await;
            assert_eq!(told.status, status, "{}", told.body);
            assert!(!told.body.contains("CANARY"), "{}", told.body);
        }
        let metrics = visitor.get("/metrics").send_to_admin().await.body;
        for canary in CANARIES {
            assert!(!metrics.contains(canary), "{canary} in {metrics}");
            LOG.assert_without(canary);
        }
    }
    assert!(LOG.contains("upstream_error"), "the log was seen");
}
