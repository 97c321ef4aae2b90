//! Static files.

use mono_connect_tests::TestApp;

async fn serving(folder: &std::path::Path) -> TestApp {
    std::fs::write(folder.join("index.html"), "<h1>hello</h1>").unwrap();
    std::fs::write(folder.join("app.js"), "export {};").unwrap();
    std::fs::write(folder.join("module.wasm"), "\0asm").unwrap();
    TestApp::builder()
        .set("STATIC_DIR", folder.to_str().unwrap())
        .set(
            "MONO_WIDGET_SCRIPT_URL",
            "https://widget.example/connect.js",
        )
        .set("MONO_WIDGET_ORIGINS", "https://frames.example")
        .start()
        .await
}

#[tokio::test]
async fn a_folder_is_served_with_a_strict_policy() {
    let folder = tempfile::tempdir().unwrap();
    let app = serving(folder.path()).await;
    let mut visitor = app.newcomer();
    let page = visitor.get("/").without("x-mono-connect").send().await;
    assert_eq!((page.status, page.body.as_str()), (200, "<h1>hello</h1>"));
    let policy = page.header("content-security-policy").unwrap();
    for part in [
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval' https://widget.example;",
        "frame-src https://frames.example;",
        "connect-src 'self';",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("'unsafe-eval'"), "{policy}");

    for (path, content_type) in [
        ("/app.js", "text/javascript"),
        ("/module.wasm", "application/wasm"),
    ] {
        let file = visitor.get(path).send().await;
        assert_eq!(file.status, 200);
        assert_eq!(file.header("content-type"), Some(content_type));
        assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
    }
}

#[tokio::test]
async fn nothing_outside_the_folder_is_served() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("www");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(outer.path().join("secret.txt"), "CANARY").unwrap();
    let app = serving(&folder).await;
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "//secret.txt",
        "/nope",
    ] {
        let answer = app.newcomer().get(path).send().await;
        answer.assert_problem(404, "not_found");
        assert!(!answer.body.contains("CANARY"));
    }
}

#[tokio::test]
async fn what_begins_with_a_dot_is_not_for_visitors() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join(".git");
    std::fs::create_dir(&inner).unwrap();
    std::fs::write(inner.join("config"), "CANARY").unwrap();
    std::fs::write(folder.path().join(".env"), "CANARY").unwrap();
    let well_known = folder.path().join(".well-known");
    std::fs::create_dir(&well_known).unwrap();
    std::fs::write(well_known.join("security.txt"), "Contact: us").unwrap();
    let app = serving(folder.path()).await;
    for path in ["/.env", "/%2Eenv", "/.git/config", "/x/..%2f.git%2Fconfig"] {
        let answer = app.newcomer().get(path).send().await;
        answer.assert_problem(404, "not_found");
        assert!(!answer.body.contains("CANARY"));
    }
    let answer = app.newcomer().get("/.well-known/security.txt").send().await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "Contact: us"));
}

#[tokio::test]
async fn a_file_is_read_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let app = serving(folder.path()).await;
    let answer = app.newcomer().post("/index.html").send().await;
    answer.assert_problem(405, "invalid_request");
    assert_eq!(answer.header("allow"), Some("GET,HEAD"));
}

#[tokio::test]
async fn without_a_folder_there_is_no_page() {
    let app = TestApp::start().await;
    app.newcomer()
        .get("/")
        .send()
        .await
        .assert_problem(404, "not_found");
}
