//! `/service`: the site's own back end.

use std::time::Duration;

use axum::http::Method;
use mono_connect_tests::{Answer, TestApp, TestAppBuilder};
use mono_simulator::{AccountChange, Fault, FaultKind};
use serde_json::{Value, json};

pub(crate) const KEY: &str = "a-key-that-nobody-guesses";

/// The key's name and its digest, and those of another one.
pub(crate) fn keys() -> String {
    let digest = |key: &str| {
        use aws_lc_rs::digest::{SHA256, digest};
        let digest = digest(&SHA256, key.as_bytes());
        let hex: Vec<_> = digest.as_ref().iter().map(|b| format!("{b:02x}")).collect();
        hex.concat()
    };
    format!("crm:{},batch:{}", digest(KEY), digest("another-key"))
}

fn builder() -> TestAppBuilder {
    TestApp::builder().set("SERVICE_KEYS", &keys())
}

/// Calls as a back end does: with the key, without anything of a browser's.
async fn call(app: &TestApp, method: Method, path: &str) -> Answer {
    call_with(app, method, path, &format!("Bearer {KEY}")).await
}

async fn call_with(app: &TestApp, method: Method, path: &str, authorization: &str) -> Answer {
    app.newcomer()
        .call(method, path)
        .without("x-mono-connect")
        .header("authorization", authorization)
        .send()
        .await
}

async fn get(app: &TestApp, path: &str) -> Answer {
    call(app, Method::GET, path).await
}

async fn delete(app: &TestApp, path: &str) -> Answer {
    call(app, Method::DELETE, path).await
}

/// Ids of the accounts in a list.
fn ids(list: &Value) -> Vec<&str> {
    let accounts = list["accounts"].as_array().unwrap();
    accounts
        .iter()
        .map(|account| account["id"].as_str().unwrap())
        .collect()
}

async fn user_of(app: &TestApp, account: &str) -> String {
    let account = get(app, &format!("/service/accounts/{account}")).await;
    let user = &account.assert_status(200)["user_id"];
    user.as_str().unwrap().to_owned()
}

async fn audit(app: &TestApp) -> Vec<Value> {
    let log = get(app, "/service/audit?limit=1000").await;
    let log = log.assert_status(200);
    assert_eq!(log["next_cursor"], Value::Null);
    log["entries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn nobody_gets_in_without_a_key() {
    let app = builder().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let cookie = visitor.cookie.clone().unwrap();
    let calls = app.all_calls();
    let mut bodies = Vec::new();
    for path in [
        "/service/accounts".to_owned(),
        format!("/service/accounts/{id}"),
        format!("/service/accounts/{id}/balance"),
        "/service/audit".to_owned(),
        "/service/users/ada/export".to_owned(),
        "/service/nothing".to_owned(),
    ] {
        for authorization in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer wrong",
            "Basic YTpi",
            KEY,
            &format!("Basic {KEY}"),
            // The digest is no key.
            &format!("Bearer {}", &keys()[4..68]),
        ] {
            // A session's cookie and the page's header are worth nothing here.
            let answer = app
                .newcomer()
                .get(&path)
                .header("authorization", authorization)
                .header("cookie", &cookie)
                .send()
                .await;
            let mut problem = answer.assert_problem(401, "unauthenticated");
            problem["request_id"] = Value::Null;
            bodies.push(problem.to_string());
        }
        let two = app
            .newcomer()
            .get(&path)
            .header("authorization", &format!("Bearer {KEY}"))
            .header("authorization", &format!("Bearer {KEY}"))
            .send()
            .await;
        two.assert_problem(401, "unauthenticated");
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "one answer for all: {bodies:?}");
    assert_eq!(app.all_calls(), calls, "Mono is not asked");
    assert_eq!(audit(&app).await, Vec::<Value>::new(), "nothing was used");

    // A key is no user.
    let answer = app
        .newcomer()
        .get("/api/accounts")
        .header("authorization", &format!("Bearer {KEY}"))
        .send()
        .await;
    answer.assert_problem(401, "unauthenticated");

    let closed = TestApp::start().await;
    let answer = get(&closed, "/service/accounts").await;
    answer.assert_problem(401, "unauthenticated");
}

#[tokio::test]
async fn no_page_may_read_it() {
    let app = builder()
        .set("ALLOWED_ORIGINS", "https://app.bank.example")
        .start()
        .await;
    let preflight = app
        .newcomer()
        .call(Method::OPTIONS, "/service/accounts")
        .header("origin", "https://app.bank.example")
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "authorization")
        .send()
        .await;
    assert_eq!(preflight.status, 401);
    let answer = app
        .newcomer()
        .get("/service/accounts")
        .header("origin", "https://app.bank.example")
        .header("authorization", &format!("Bearer {KEY}"))
        .send()
        .await;
    for answer in [preflight, answer] {
        assert_eq!(answer.header("access-control-allow-origin"), None);
        assert_eq!(answer.header("set-cookie"), None);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn accounts_of_all_users_are_listed_with_whose_they_are() {
    let app = builder().start().await;
    let (mut ada, mut bob) = (app.visitor().await, app.visitor().await);
    let a1 = ada.links_and_waits().await;
    let a2 = ada.links_and_waits().await;
    let b1 = bob.links_and_waits().await;
    let mut all = [a1.as_str(), &a2, &b1];
    all.sort_unstable();

    let list = get(&app, "/service/accounts").await.assert_status(200);
    assert_eq!(ids(&list), all);
    assert_eq!(list["next_cursor"], Value::Null);
    let ada_id = user_of(&app, &a1).await;
    assert_ne!(ada_id, user_of(&app, &b1).await);
    let own = ada.get(&format!("/api/accounts/{a1}")).send().await;
    let mut shown = get(&app, &format!("/service/accounts/{a1}"))
        .await
        .assert_status(200);
    let owner = shown.as_object_mut().unwrap().remove("user_id");
    assert_eq!(owner, Some(json!(ada_id)));
    assert_eq!(shown, own.json(), "the same account that its page sees");

    let of_ada = get(&app, &format!("/service/accounts?user_id={ada_id}"))
        .await
        .assert_status(200);
    let mut own = [a1.as_str(), &a2];
    own.sort_unstable();
    assert_eq!(ids(&of_ada), own);

    // Page by page, and nothing twice.
    let mut seen = Vec::new();
    let mut path = "/service/accounts?limit=1".to_owned();
    loop {
        let page = get(&app, &path).await.assert_status(200);
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/service/accounts?limit=1&cursor={cursor}");
    }
    assert_eq!(seen, all);

    let nobody = get(&app, "/service/accounts?user_id=nobody").await;
    assert_eq!(
        nobody.assert_status(200),
        json!({"accounts": [], "next_cursor": null})
    );
    for (query, field) in [
        ("user_id=a%2Fb", "user_id"),
        ("requires_reauth=maybe", "requires_reauth"),
        ("stale_for=long", "stale_for"),
        ("stale_for=-1h", "stale_for"),
        ("stale_for=4294967295d", "stale_for"),
        ("cursor=%20", "cursor"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("page=2", "page"),
    ] {
        let answer = get(&app, &format!("/service/accounts?{query}")).await;
        answer.assert_problem(400, "invalid_request");
        assert_eq!(answer.wrong_fields(), [field], "{query}");
    }
}

#[tokio::test]
async fn accounts_are_found_by_what_they_need() {
    let app = builder().webhooks().start().await;
    let mut ada = app.visitor().await;
    let fine = ada.links_and_waits().await;
    app.advance(Duration::from_hours(1)).await;
    let asked = ada.links_and_waits().await;
    let change = AccountChange {
        reauth_required: Some(true),
        ..AccountChange::default()
    };
    app.simulator.change_account(&asked, change).unwrap();
    app.simulator.refresh(&asked).await.unwrap();
    app.advance_and_work(Duration::from_secs(10)).await;
    let found = async |query: &str| {
        let list = get(&app, &format!("/service/accounts?{query}")).await;
        let list = list.assert_status(200);
        ids(&list)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(found("requires_reauth=true").await, [asked.as_str()]);
    assert_eq!(found("requires_reauth=false").await, [fine.as_str()]);
    assert_eq!(found("stale_for=30m").await, [fine.as_str()]);
    assert_eq!(found("stale_for=1800").await, [fine.as_str()]);
    assert_eq!(found("stale_for=2h").await, Vec::<String>::new());
    assert_eq!(found("stale_for=0").await.len(), 2);
    assert_eq!(
        found("stale_for=30m&requires_reauth=true").await,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn data_is_read_and_synced_for_any_user() {
    let app = builder().start().await;
    let mut ada = app.visitor().await;
    let id = ada.links_and_waits().await;
    for path in ["balance", "transactions?limit=2"] {
        let own = ada.get(&format!("/api/accounts/{id}/{path}")).send().await;
        let read = get(&app, &format!("/service/accounts/{id}/{path}")).await;
        let without_time = |answer: &Answer| {
            let mut body = answer.assert_status(200);
            body["freshness"] = Value::Null;
            body
        };
        assert_eq!(without_time(&read), without_time(&own), "{path}");
    }
    let sync = format!("/service/accounts/{id}/sync");
    let synced = call(&app, Method::POST, &sync).await.assert_status(200);
    let job = synced["job_id"].as_str().unwrap();
    let job = get(&app, &format!("/service/accounts/{id}/jobs/{job}")).await;
    job.assert_status(200);
    // The account's budget is one, whoever asks.
    let own = ada.post(&format!("/api/accounts/{id}/sync")).send().await;
    assert_eq!(own.assert_status(200)["job_id"], synced["job_id"]);

    for path in ["", "/balance", "/transactions"] {
        let path = format!("/service/accounts/5f171a530295e231abca1153{path}");
        let answer = get(&app, &path).await;
        answer.assert_problem(404, "account_not_found");
    }
    let odd = get(&app, "/service/accounts/a%2fb/balance").await;
    odd.assert_problem(400, "invalid_request");
    let nothing = get(&app, "/service/nothing").await;
    nothing.assert_problem(404, "not_found");
    let method = call(&app, Method::PUT, "/service/accounts").await;
    method.assert_problem(405, "invalid_request");
}

#[tokio::test]
async fn every_call_of_the_document_is_there_for_a_key_only() {
    let app = builder().start().await;
    let id = app.visitor().await.links_and_waits().await;
    let pdfs = format!("/service/accounts/{id}/statement-pdfs");
    let pdf = app
        .newcomer()
        .post(&pdfs)
        .without("x-mono-connect")
        .header("authorization", &format!("Bearer {KEY}"))
        .json(&json!({"period": "last6months"}))
        .await
        .assert_status(202);
    let job = call(&app, Method::POST, &format!("/service/accounts/{id}/sync")).await;
    let job = job.assert_status(200)["job_id"].clone();
    let document = mono_connect_proxy::openapi_document();
    let paths = document["paths"].as_object().unwrap();
    let mut asked = 0;
    for (path, item) in paths
        .iter()
        .filter(|(path, _)| path.starts_with("/service/"))
    {
        let job = if path.contains("/statement-pdfs/") {
            &pdf["job_id"]
        } else {
            &job
        };
        for method in item.as_object().unwrap().keys() {
            let path = path
                .replace("{id}", &id)
                .replace("{job_id}", job.as_str().unwrap())
                .replace("{user_id}", "somebody")
                .replace("{event_id}", "none");
            let method: Method = method.to_ascii_uppercase().parse().unwrap();
            let without = call_with(&app, method.clone(), &path, "Bearer wrong").await;
            without.assert_problem(401, "unauthenticated");
            if path != pdfs {
                let answer = call(&app, method, &path).await;
                if path.contains("/none/") {
                    answer.assert_problem(404, "not_found");
                    continue;
                }
                assert!(
                    (200..300).contains(&answer.status),
                    "{path}: {}",
                    answer.body
                );
            }
            asked += 1;
        }
    }
    assert!(asked >= 18, "{asked}");
}

#[tokio::test]
async fn a_user_gets_everything_that_is_kept() {
    let app = builder().start().await;
    let mut ada = app.visitor().await;
    let consent = json!({
        "version": "2026-01", "purpose": "budgeting", "text_sha256": "ab".repeat(32),
    });
    let started = ada
        .post("/api/link-sessions")
        .json(&json!({"consent": consent}))
        .await
        .assert_status(201);
    let reference = started["reference"].as_str().unwrap();
    let given_at = app.clock_text();
    let linked = app.bank_user_links(reference).await;
    let account = ada.exchanges(&linked.code, reference).await;
    let id = account.assert_status(201)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        account.json()["consent"],
        json!({"version": "2026-01", "given_at": given_at})
    );
    app.advance(Duration::from_secs(10)).await;
    let unused = ada.starts_link().await;
    app.visitor().await.links().await;

    let user = user_of(&app, &id).await;
    let export = get(&app, &format!("/service/users/{user}/export")).await;
    let export = export.assert_status(200);
    assert_eq!(export["user_id"], user);
    let own = ada.get("/api/accounts").send().await;
    assert_eq!(export["accounts"], own.json()["accounts"]);
    let mut on_record = consent;
    on_record["reference"] = json!(reference);
    on_record["account_id"] = json!(id);
    on_record["given_at"] = json!(given_at);
    assert_eq!(export["consents"], json!([on_record]));
    let attempts = export["link_attempts"].as_array().unwrap();
    let attempts: Vec<_> = attempts
        .iter()
        .map(|attempt| (&attempt["reference"], &attempt["account_id"]))
        .collect();
    assert_eq!(
        attempts,
        [
            (&json!(reference), &json!(id)),
            (&json!(unused), &Value::Null)
        ]
    );
    assert_eq!(export["code_exchanges"][0]["account_id"], id);
    assert_eq!(export["audit"][0]["action"], "GET /service/accounts/{id}");
    assert!(!export.to_string().contains(&linked.code), "never the code");

    let nobody = get(&app, "/service/users/nobody/export").await;
    assert_eq!(nobody.assert_status(200)["accounts"], json!([]));
    for user in ["a%2Fb", "%20", "a%00"] {
        let odd = get(&app, &format!("/service/users/{user}/export")).await;
        odd.assert_problem(400, "invalid_request");
        assert_eq!(odd.wrong_fields(), ["user_id"]);
    }
}

#[tokio::test]
async fn a_user_is_unlinked_and_erased() {
    let app = builder().start().await;
    let (mut ada, mut bob) = (app.visitor().await, app.visitor().await);
    let gone = [ada.links_and_waits().await, ada.links_and_waits().await];
    let stays = bob.links_and_waits().await;
    let open = ada.starts_link().await;
    let user = user_of(&app, &gone[0]).await;
    let mut page = ada.watches(None).await;
    page.next_of("snapshot").await;

    let path = format!("/service/users/{user}");
    let answer = delete(&app, &path).await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    for id in &gone {
        let at_mono = app.simulator.account(id).unwrap();
        assert!(!at_mono["unlinked_at"].is_null(), "{at_mono}");
        let balance = format!("/api/accounts/{id}/balance");
        let balance = ada.get(&balance).send().await;
        balance.assert_problem(404, "account_not_found");
    }
    let mut told = vec![
        page.next_of("removed").await["account_id"].clone(),
        page.next_of("removed").await["account_id"].clone(),
    ];
    told.sort_by_key(Value::to_string);
    let mut expected: Vec<_> = gone.iter().map(|id| json!(id)).collect();
    expected.sort_by_key(Value::to_string);
    assert_eq!(told, expected, "an open page is told");

    let export = get(&app, &format!("/service/users/{user}/export")).await;
    let export = export.assert_status(200);
    for part in [
        "accounts",
        "consents",
        "link_attempts",
        "code_exchanges",
        "jobs",
    ] {
        assert_eq!(export[part], json!([]), "{part}");
    }
    // What was begun before cannot bring anything back.
    let linked = app.bank_user_links(&open).await;
    let late = ada.exchanges(&linked.code, &open).await;
    late.assert_problem(409, "link_session_invalid");

    assert_eq!(user_of(&app, &stays).await.len(), user.len());
    bob.get(&format!("/api/accounts/{stays}/balance"))
        .send()
        .await
        .assert_status(200);
    delete(&app, &path).await.assert_status(204);
}

#[tokio::test]
async fn what_mono_does_not_unlink_is_told_and_may_be_tried_again() {
    let app = builder().start().await;
    let mut ada = app.visitor().await;
    let (first, second) = (ada.links_and_waits().await, ada.links_and_waits().await);
    let user = user_of(&app, &first).await;
    let fault = FaultKind::Status {
        code: 500,
        body: Some("{}".to_owned()),
        content_type: None,
        retry_after: None,
    };
    let path = format!("/v2/accounts/{second}/unlink");
    app.simulator.fault(Fault::next(fault).on(&path).times(0));
    let erase = format!("/service/users/{user}");
    for _ in 0..2 {
        let answer = delete(&app, &erase).await;
        answer.assert_problem(502, "upstream_error");
        assert_eq!(answer.wrong_fields(), [second.as_str()]);
        let left = ada.get("/api/accounts").send().await.json();
        assert_eq!(ids(&left), [second.as_str()]);
    }
    app.simulator.clear_faults();
    delete(&app, &erase).await.assert_status(204);
    let left = ada.get("/api/accounts").send().await.json();
    assert_eq!(ids(&left), Vec::<&str>::new());

    let log = audit(&app).await;
    let erasures: Vec<_> = log
        .iter()
        .filter(|entry| entry["action"] == "DELETE /service/users/{user_id}")
        .map(|entry| entry["status"].clone())
        .collect();
    assert_eq!(
        erasures,
        [
            json!(null),
            json!(502),
            json!(null),
            json!(502),
            json!(null),
            json!(204)
        ],
        "each was noted before it began and when it was done"
    );
}

#[tokio::test]
async fn every_use_is_in_the_audit_log() {
    let app = builder().start().await;
    let mut ada = app.visitor().await;
    let id = ada.links_and_waits().await;
    let user = user_of(&app, &id).await;
    let balance = get(&app, &format!("/service/accounts/{id}/balance")).await;
    let request_id = balance.header("x-request-id").unwrap().to_owned();
    get(&app, &format!("/service/accounts?user_id={user}"))
        .await
        .assert_status(200);
    call(&app, Method::POST, &format!("/service/accounts/{id}/sync"))
        .await
        .assert_status(200);
    get(&app, "/service/accounts/missing")
        .await
        .assert_status(404);
    get(&app, "/service/nothing").await.assert_status(404);
    call_with(&app, Method::GET, "/service/audit", "Bearer another-key")
        .await
        .assert_status(200);

    let log = audit(&app).await;
    let entries: Vec<_> = log
        .iter()
        .map(|entry| {
            let text = |name: &str| entry[name].as_str().unwrap_or("-").to_owned();
            let status = entry["status"].to_string();
            let (account, of) = (text("account_id"), text("user_id"));
            let account = account.replace(&id, "ID");
            let of = of.replace(&user, "USER");
            format!("{} {} {account} {of} {status}", text("key"), text("action"))
        })
        .collect();
    assert_eq!(
        entries,
        [
            "crm GET /service/accounts/{id} ID USER 200",
            "crm GET /service/accounts/{id}/balance ID USER 200",
            "crm GET /service/accounts - USER 200",
            "crm POST /service/accounts/{id}/sync ID - null",
            "crm POST /service/accounts/{id}/sync ID USER 200",
            "crm GET /service/accounts/{id} missing - 404",
            "crm GET none - - 404",
            "batch GET /service/audit - - 200",
        ]
    );
    assert_eq!(log[1]["request_id"], request_id);
    assert_eq!(log[1]["at"], app.clock_text());
    assert!(!json!(log).to_string().contains(KEY));

    let page = get(&app, "/service/audit?limit=3").await.assert_status(200);
    assert_eq!(page["entries"].as_array().unwrap(), &log[..3]);
    let cursor = page["next_cursor"].as_str().unwrap();
    let next = get(&app, &format!("/service/audit?limit=3&cursor={cursor}")).await;
    assert_eq!(next.json()["entries"].as_array().unwrap(), &log[3..6]);
    for query in ["cursor=x", "cursor=-1", "limit=0", "from=1"] {
        let answer = get(&app, &format!("/service/audit?{query}")).await;
        answer.assert_problem(400, "invalid_request");
    }
}

#[tokio::test]
async fn a_key_is_limited_and_so_is_guessing_one() {
    let app = builder().one_proxy().set("RATE_LIMIT", "20").start().await;
    for _ in 0..20 {
        get(&app, "/service/accounts").await.assert_status(200);
    }
    get(&app, "/service/accounts")
        .await
        .assert_problem(429, "rate_limited");
    let other = call_with(&app, Method::GET, "/service/accounts", "Bearer another-key");
    other.await.assert_status(200);
    for status in [401, 401, 429] {
        let guess = call_with(&app, Method::GET, "/service/accounts", "Bearer guess").await;
        assert_eq!(guess.status, status);
    }
}
