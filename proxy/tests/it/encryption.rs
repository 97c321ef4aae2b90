//! What lies in the database of a real process, with keys and without.

use std::collections::BTreeMap;
use std::path::Path;

use mono_simulator::{LinkAs, Simulator};
use serde_json::{Value, json};

use crate::process::{Browser, Proxy, command, simulator, variables};

const K1: &str = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const K2: &str = "k2:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
const ANOTHER_K1: &str = "k1:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";

const EVENT: &str = r#"{"event":"mono.events.not_known_yet","data":{
    "customer":"canary-event@example.com","phone":"08033CANARY"}}"#;

async fn json_of(request: reqwest::RequestBuilder, status: u16) -> Value {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status().as_u16(), status);
    answer.json().await.unwrap()
}

async fn begin(browser: &Browser) -> String {
    let request = json!({
        "customer": {"name": "Canary Customer", "email": "canary-customer@example.com"},
        "consent": {"version": "1", "purpose": "canary purpose"},
    });
    let session = json_of(browser.post("/api/link-sessions", &request), 201).await;
    session["reference"].as_str().unwrap().to_owned()
}

/// One session that is open, one account, one event. What of it is personal and is kept.
async fn use_it(simulator: &Simulator, proxy: &Proxy) -> Vec<String> {
    let browser = Browser::open(&proxy.url).await;
    begin(&browser).await;
    let reference = begin(&browser).await;
    let who = LinkAs {
        reference: Some(reference.clone()),
        ..LinkAs::default()
    };
    let code = simulator.link(who).await.unwrap().code;
    let exchange = json!({"code": code, "reference": reference});
    let account = json_of(browser.post("/api/accounts", &exchange), 201).await;
    let sent = browser
        .post("/webhooks/mono", &serde_json::from_str(EVENT).unwrap())
        .header("mono-webhook-secret", "webhook_secret_simulator")
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status(), 200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    vec![
        text(&account["name"]),
        text(&account["institution"]["name"]),
        format!(
            r#""account_number_last4":{}"#,
            account["account_number_last4"]
        ),
        "canary purpose".to_owned(),
        "canary-event@example.com".to_owned(),
        "08033CANARY".to_owned(),
    ]
}

/// Which of these lie in the folder: the database and its log.
fn found<'t>(texts: &'t [String], folder: &Path) -> Vec<&'t str> {
    let mut bytes = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        bytes.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    let lies_there = |text: &&str| {
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    texts
        .iter()
        .map(String::as_str)
        .filter(lies_there)
        .collect()
}

async fn run(variables: &BTreeMap<String, String>, argument: &str) -> (Option<i32>, String) {
    let output = command(variables).arg(argument).output().await.unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), log)
}

fn with_keys(variables: &BTreeMap<String, String>, keys: &str) -> BTreeMap<String, String> {
    let mut variables = variables.clone();
    variables.insert("ENCRYPTION_KEYS".to_owned(), keys.to_owned());
    variables
}

#[tokio::test]
async fn nothing_personal_lies_in_the_file() {
    let simulator = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let variables = with_keys(&variables(&simulator, folder.path()), K1);
    let proxy = Proxy::start(&variables).await;
    let mut personal = use_it(&simulator, &proxy).await;
    // What is never kept.
    personal.extend(["Canary Customer", "canary-customer"].map(str::to_owned));
    assert_eq!(
        found(&personal, folder.path()),
        Vec::<&str>::new(),
        "while it runs"
    );
    proxy.signal("-KILL").await;
    proxy.ends().await;
    assert_eq!(
        found(&personal, folder.path()),
        Vec::<&str>::new(),
        "when it was killed"
    );
}

#[tokio::test]
async fn keys_come_and_go_without_a_loss() {
    let simulator = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let variables = variables(&simulator, folder.path());
    let proxy = Proxy::start(&variables).await;
    let personal = use_it(&simulator, &proxy).await;
    assert_eq!(found(&personal, folder.path()), personal, "without keys");
    proxy.signal("-TERM").await;
    assert_eq!(proxy.ends().await.0, Some(0));

    // What was plain is encrypted while the process serves.
    let both = with_keys(&variables, &format!("{K1},{K2}"));
    let mut proxy = Proxy::start(&both).await;
    proxy
        .logs("everything is encrypted with the first key")
        .await;
    assert_eq!(found(&personal, folder.path()), Vec::<&str>::new());
    proxy.signal("-TERM").await;
    assert_eq!(proxy.ends().await.0, Some(0));

    let marks = ["sealed:k1:".to_owned()];
    let turned = with_keys(&variables, &format!("{K2},{K1}"));
    let (status, log) = run(&turned, "migrate").await;
    assert_eq!(status, Some(0), "{log}");
    assert!(
        log.contains("everything is encrypted with the first key"),
        "{log}"
    );
    let (status, log) = run(&with_keys(&variables, K2), "migrate").await;
    assert_eq!(status, Some(0), "{log}");
    assert_eq!(found(&marks, folder.path()), Vec::<&str>::new());
}

#[tokio::test]
async fn a_key_that_is_missing_or_another_is_named_at_start() {
    let simulator = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let variables = variables(&simulator, folder.path());
    let proxy = Proxy::start(&with_keys(&variables, K1)).await;
    use_it(&simulator, &proxy).await;
    proxy.signal("-TERM").await;
    proxy.ends().await;

    for keys in ["", K2, ANOTHER_K1] {
        for argument in ["serve", "migrate"] {
            let (status, log) = run(&with_keys(&variables, keys), argument).await;
            assert_eq!(status, Some(2), "{log}");
            let told = log.contains("ENCRYPTION_KEYS: the key k1 is ");
            assert!(told && !log.contains("ZmVk"), "{log}");
        }
    }
    Proxy::start(&with_keys(&variables, K1)).await;
}

#[tokio::test]
async fn live_data_without_keys_is_warned_of() {
    let simulator = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let mut variables = variables(&simulator, folder.path());
    let live = ["MONO_SECRET_KEY", "MONO_PUBLIC_KEY"]
        .into_iter()
        .zip(["live_sk_a", "live_pk_a"]);
    variables.extend(live.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let warning = "ENCRYPTION_KEYS is not set";
    let proxy = Proxy::start(&variables).await;
    assert!(
        proxy.log_of_start.contains(warning),
        "{}",
        proxy.log_of_start
    );
    drop(proxy);
    let proxy = Proxy::start(&with_keys(&variables, K1)).await;
    assert!(
        !proxy.log_of_start.contains(warning),
        "{}",
        proxy.log_of_start
    );
}
