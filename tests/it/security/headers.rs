//! What every answer tells the browser not to do with it.

use axum::http::Method;
use mono_connect_tests::{Answer, TestApp, TestAppBuilder};

const FRAMES: &str = "https://frames.example";

fn builder(folder: Option<&std::path::Path>) -> TestAppBuilder {
    let builder = TestApp::builder()
        .set("MONO_WIDGET_ORIGINS", FRAMES)
        .set("ALLOWED_ORIGINS", "https://shop.example");
    match folder {
        Some(folder) => {
            std::fs::write(folder.join("index.html"), "<h1>hello</h1>").unwrap();
            builder.set("STATIC_DIR", folder.to_str().unwrap())
        }
        None => builder,
    }
}

/// Every path of the public listener, with one account's id in it. The document is made from the
/// routes, so that none is forgotten.
fn paths(id: &str) -> Vec<String> {
    let document = mono_connect_proxy::openapi_document();
    let routes = document["paths"].as_object().unwrap().keys();
    let others = [
        "/",
        "/nothing",
        "/api",
        "/api/nothing",
        "/service",
        "/%ff",
        "/../x",
    ];
    routes
        .map(String::as_str)
        .chain(others)
        .map(|path| {
            let path = path.replace("{id}", id).replace("{job_id}", "none");
            path.replace("{user_id}", "ada")
        })
        .collect()
}

#[track_caller]
fn assert_guarded(answer: &Answer, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin-allow-popups"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{what}: {name}");
    }
    let permissions = answer.header("permissions-policy").unwrap();
    for part in ["camera=(self \"https://frames.example\")", "microphone=()"] {
        assert!(permissions.contains(part), "{what}: {permissions}");
    }
    let content = answer.header("content-security-policy").unwrap();
    assert!(content.starts_with("default-src 'none';"), "{what}");
    assert!(content.contains("frame-ancestors 'none'"), "{what}");
    let is_page = answer.header("content-type") == Some("text/html");
    let cache = answer.header("cache-control").unwrap();
    if is_page {
        assert_eq!(cache, "no-cache", "{what}");
    } else {
        assert!(cache.starts_with("no-store"), "{what}: {cache}");
        assert!(!content.contains("script-src"), "{what}: {content}");
    }
}

#[tokio::test]
async fn every_answer_of_every_route_is_guarded() {
    let folder = tempfile::tempdir().unwrap();
    for app in [
        builder(None).start().await,
        builder(Some(folder.path())).start().await,
    ] {
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        let paths = paths(&id);
        assert!(paths.len() > 20, "the routes were read: {paths:?}");
        let mut statuses = std::collections::BTreeSet::new();
        for path in &paths {
            // Without a caller; and as a page of somebody else's, which is refused earlier.
            for origin in [
                None,
                Some("https://evil.example"),
                Some("https://shop.example"),
            ] {
                for method in [Method::GET, Method::POST, Method::PUT, Method::OPTIONS] {
                    let mut newcomer = app.newcomer();
                    let mut call = newcomer.call(method.clone(), path);
                    if let Some(origin) = origin {
                        call = call
                            .header("origin", origin)
                            .header("access-control-request-method", "POST");
                    }
                    let answer = call.send().await;
                    assert_guarded(&answer, &format!("{method} {path} from {origin:?}"));
                    statuses.insert(answer.status);
                }
            }
            if path != "/api/events" {
                let answer = visitor.get(path).send().await;
                assert_guarded(&answer, path);
                statuses.insert(answer.status);
            }
        }
        for status in [200, 401, 403, 404, 405] {
            assert!(
                statuses.contains(&status),
                "{status} was seen: {statuses:?}"
            );
        }
    }
}

#[tokio::test]
async fn failures_are_guarded_too() {
    let app = builder(None)
        .one_proxy()
        .set("RATE_LIMIT", "100")
        .start()
        .await;
    let mut visitor = app.visitor().await;
    let large = " ".repeat(65 * 1024);
    let call = visitor
        .post("/api/accounts")
        .body("application/json", large);
    let answer = call.send().await;
    answer.assert_problem(413, "payload_too_large");
    assert_guarded(&answer, "413");

    app.clock.breaks_once();
    let answer = visitor.get("/api/accounts").send().await;
    answer.assert_problem(500, "internal");
    assert!(!answer.body.contains(mono_connect_tests::PANIC_CANARY));
    assert_guarded(&answer, "a panic");
    visitor.get("/api/accounts").send().await.assert_status(200);

    for _ in 0..10 {
        let _ = app.newcomer().get("/api/accounts").send().await;
    }
    let answer = app.newcomer().get("/api/accounts").send().await;
    answer.assert_problem(429, "rate_limited");
    assert_guarded(&answer, "429");
}

#[tokio::test]
async fn a_stream_is_guarded() {
    let app = builder(None).start().await;
    let mut visitor = app.visitor().await;
    let head = visitor.call(Method::HEAD, "/api/events").send().await;
    assert_eq!(head.header("content-type"), Some("text/event-stream"));
    assert_eq!(head.header("cache-control"), Some("no-store, no-transform"));
    assert_guarded(&head, "a stream");
}

#[tokio::test]
async fn browsers_are_told_to_stay_with_https_where_it_is_used() {
    let app = builder(None).start().await;
    let plain = app.newcomer().get("/api/config").send().await;
    assert_eq!(plain.header("strict-transport-security"), None);

    let app = builder(None)
        .set("PUBLIC_URL", "https://accounts.example")
        .start()
        .await;
    for path in ["/api/config", "/api/accounts", "/nothing", "/webhooks/mono"] {
        let answer = app.newcomer().get(path).send().await;
        assert_eq!(
            answer.header("strict-transport-security"),
            Some("max-age=31536000"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_admin_listener_is_guarded() {
    let app = builder(None).start().await;
    for path in ["/healthz", "/readyz", "/metrics", "/nothing"] {
        let answer = app.newcomer().get(path).send_to_admin().await;
        assert_guarded(&answer, path);
    }
}
