//! A disk that is full, as the process meets it: its files may not grow any more.
//!
//! By a limit of the process's own, which anybody may set, so that it runs everywhere.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use mono_connect_store::{Accepted, EventKey, InboxStore as _, NewEvent};
use mono_connect_store::{SqliteLocation, SqliteStore, Store as _};
use mono_simulator::LinkAs;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::process::Command;

use crate::process::{Browser, Proxy, simulator, variables};

/// Nothing here takes as long.
const PATIENCE: Duration = Duration::from_secs(30);

/// So much is left, in bytes.
const LEFT: u64 = 64 * 1024;

/// More events than fit into what is left.
const MANY: u32 = 500;

/// From now on no file of the process's grows beyond this; none: as large as it likes.
async fn limits(proxy: &Proxy, bytes: Option<u64>) {
    let bytes = bytes.map_or_else(|| "unlimited".to_owned(), |bytes| bytes.to_string());
    let done = Command::new("prlimit")
        .args(["--pid", &proxy.id(), &format!("--fsize={bytes}:")])
        .status();
    assert!(done.await.expect("prlimit is there").success());
}

fn id_of(number: u32) -> String {
    format!("evt_{number}")
}

async fn webhook(browser: &Browser, number: u32) -> reqwest::Response {
    let event = json!({
        "event": "mono.events.account_updated",
        "event_id": id_of(number),
        "data": {"account": {"_id": format!("unknown{number}")}},
    });
    let call = browser.post("/webhooks/mono", &event);
    let call = call.header("mono-webhook-secret", "webhook_secret_simulator");
    call.send().await.unwrap()
}

async fn begins(browser: &Browser) -> reqwest::Response {
    let begun = browser.post("/api/link-sessions", &json!({})).send();
    begun.await.unwrap()
}

fn is_to_come_again(answer: &reqwest::Response) {
    assert_eq!(answer.status(), 503);
    let wait = answer.headers()["retry-after"].to_str().unwrap();
    assert!((1..=60).contains(&wait.parse::<u32>().unwrap()), "{wait}");
}

async fn reads(browser: &Browser, id: &str) {
    let list = browser.get("/api/accounts").send().await.unwrap();
    assert_eq!(list.status(), 200);
    let list: Value = list.json().await.unwrap();
    assert_eq!(list["accounts"][0]["id"], id);
}

/// The database as the process left it: whole, and with every event in it that was acknowledged.
async fn is_whole(path: &Path, kept: &[u32]) {
    let options = SqliteConnectOptions::new().filename(path);
    let mut connection = options.connect().await.unwrap();
    let check: String = sqlx::query_scalar("pragma integrity_check")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(check, "ok");
    connection.close().await.unwrap();
    let location = SqliteLocation::File(path.to_owned());
    let store = SqliteStore::open(&location).await.unwrap();
    for number in kept {
        let again = NewEvent {
            key: EventKey::Id(id_of(*number)),
            name: String::new(),
            body: Vec::new(),
            account: None,
            reference: None,
            received_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        };
        let there = store.accept_event(again).await.unwrap();
        assert_eq!(
            there,
            Accepted::Duplicate,
            "{} was answered",
            id_of(*number)
        );
    }
    store.close().await;
}

#[tokio::test]
async fn a_full_disk_is_a_503_and_nothing_that_was_answered_is_lost() {
    let simulator = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let mut variables: BTreeMap<String, String> = variables(&simulator, folder.path());
    // Each refusal is logged, and nobody reads that here.
    let log = "off,mono_connect_proxy::run=info".to_owned();
    variables.insert("LOG".to_owned(), log);
    let proxy = Proxy::start(&variables).await;
    let browser = Browser::open(&proxy.url).await;
    let session: Value = begins(&browser).await.json().await.unwrap();
    let reference = session["reference"].as_str().unwrap();
    let who = LinkAs {
        reference: Some(reference.to_owned()),
        ..LinkAs::default()
    };
    let code = simulator.link(who).await.unwrap().code;
    let exchange = json!({"code": code, "reference": reference});
    let linked = browser
        .post("/api/accounts", &exchange)
        .send()
        .await
        .unwrap();
    assert_eq!(linked.status(), 201);
    let linked: Value = linked.json().await.unwrap();
    let id = linked["id"].as_str().unwrap();

    let database = folder.path().join("test.db");
    let log = folder.path().join("test.db-wal");
    let size = std::fs::metadata(&log).unwrap().len();
    limits(&proxy, Some(size + LEFT)).await;
    let mut kept = Vec::new();
    let mut refused = None;
    for number in 0..MANY {
        let answer = webhook(&browser, number).await;
        if answer.status() == 200 {
            kept.push(number);
        } else {
            is_to_come_again(&answer);
            refused = Some(number);
            break;
        }
    }
    let refused = refused.expect("the disk is full");
    assert!(!kept.is_empty(), "some found room");
    for _ in 0..5 {
        is_to_come_again(&webhook(&browser, refused).await);
        is_to_come_again(&begins(&browser).await);
        reads(&browser, id).await;
    }

    limits(&proxy, None).await;
    let heals = async {
        while webhook(&browser, refused).await.status() != 200 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, heals)
        .await
        .expect("there is room again");
    kept.push(refused);
    assert_eq!(begins(&browser).await.status(), 201);
    reads(&browser, id).await;
    proxy.signal("-TERM").await;
    assert_eq!(proxy.ends().await.0, Some(0));
    is_whole(&database, &kept).await;
}
