//! Marks are planted wherever something must not get out, and looked for wherever it could.

use std::error::Error as _;
use std::fmt::Debug;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use mono_client::webhook::{Kind, WebhookEvent};
use mono_client::{
    AccountId, BuildError, Client, Config, Error, Generation, LinkCustomer, TransactionsQuery,
};
use tracing_subscriber::filter::LevelFilter;

use crate::upstream::{KEY, Reply, Upstream, answer, json};

const CODE: &str = "code_canary_of_the_code";
const MARKS: [&str; 7] = [
    KEY,
    CODE,
    "TOKENCANARY",
    "BODYCANARY",
    "9988776655",
    "NAMECANARY",
    "22000000003",
];

fn id() -> AccountId {
    "5fbcde8f8699984153e65537".parse().unwrap()
}

#[track_caller]
fn assert_clean(text: &str) {
    for mark in MARKS {
        assert!(!text.contains(mark), "{mark} in {text}");
    }
}

#[track_caller]
fn assert_prints_clean(value: &impl Debug) {
    assert_clean(&format!("{value:?}"));
    assert_clean(&format!("{value:#?}"));
}

#[track_caller]
fn assert_error_clean(error: &Error) {
    assert_prints_clean(error);
    assert_clean(&error.to_string());
    let mut cause = error.source();
    while let Some(error) = cause {
        assert_prints_clean(&error);
        assert_clean(&error.to_string());
        cause = error.source();
    }
    if let Some(detail) = error.detail() {
        assert_prints_clean(detail);
    }
}

/// Everything that is logged while it lives.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn start() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_writer(move || writer.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Answers that make each kind of error, all full of marks.
fn answers() -> Vec<Reply> {
    let body = concat!(
        r#"{"status":"failed","message":"BODYCANARY 9988776655","#,
        r#""errors":[{"field":"BODYCANARY","message":"TOKENCANARY"}],"#,
        r#""data":[{"field":"NAMECANARY","message":"22000000003"}],"token":["TOKENCANARY"]}"#
    );
    let bad_row = concat!(
        r#"{"id":["TOKENCANARY"],"account":{"id":"TOKENCANARY/9988776655","balance":"BODYCANARY"},"#,
        r#""token":{"BODYCANARY":"TOKENCANARY"},"data":"NAMECANARY"}"#
    );
    let mut replies: Vec<_> = [400, 401, 402, 403, 404, 409, 422, 429, 500, 502, 503]
        .into_iter()
        .map(|status| Reply::Bytes(json(status, body)))
        .collect();
    replies.push(Reply::Bytes(answer(
        302,
        &["location: http://BODYCANARY.example/"],
        body,
    )));
    replies.push(Reply::Bytes(json(200, body)));
    replies.push(Reply::Bytes(json(200, bad_row)));
    replies.push(Reply::Bytes(json(200, "BODYCANARY")));
    replies.push(Reply::BytesThenClose(
        json(200, "\"BODYCANARY\"")[..70].to_vec(),
    ));
    replies.push(Reply::BytesThenClose(
        b"BODYCANARY TOKENCANARY\r\n\r\n".to_vec(),
    ));
    replies.push(Reply::Bytes(answer(
        200,
        &["content-encoding: gzip"],
        "BODYCANARY",
    )));
    replies.push(Reply::Bytes(
        b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\nBODYCANARY".to_vec(),
    ));
    replies.push(Reply::Reset);
    replies
}

#[tokio::test]
async fn no_error_prints_what_was_sent_or_what_came_back() {
    let (log, guard) = Log::start();
    let mut kinds = std::collections::BTreeSet::new();
    for reply in answers() {
        let upstream = Upstream::start(vec![reply; 32]).await;
        let client = upstream.client(Generation::V2);
        let query = TransactionsQuery {
            narration: Some("NAMECANARY".to_owned()),
            ..TransactionsQuery::default()
        };
        let back = "https://site.example/?BODYCANARY";
        let job = "66f3d4b335261f275".parse().unwrap();
        let errors = [
            client.exchange(CODE).await.map(drop),
            client.account(&id()).await.map(drop),
            client.transactions(&id(), &query).await.map(drop),
            client.reauthorise_token(&id()).await.map(drop),
            client.realtime_balance(&id()).await.map(drop),
            client.realtime_transactions(&id(), &query).await.map(drop),
            client.job(&id(), &job).await.map(drop),
            client.identity(&id()).await.map(drop),
            client.income_records(&id()).await.map(drop),
            client.assets(&id()).await.map(drop),
            client.earnings(&id()).await.map(drop),
            client.unlink(&id()).await.map(drop),
            upstream.client(Generation::V1).sync(&id()).await.map(drop),
            client
                .initiate_reauthorisation(&id(), "BODYCANARY-ref", back)
                .await
                .map(drop),
        ];
        for error in errors.into_iter().filter_map(Result::err) {
            assert_error_clean(&error);
            kinds.insert(
                format!("{error:?}")
                    .split([' ', '{'])
                    .next()
                    .unwrap()
                    .to_owned(),
            );
        }
    }
    drop(guard);
    for kind in [
        "Refused",
        "Malformed",
        "Interrupted",
        "TooLarge",
        "Redirected",
        "RateLimited",
    ] {
        assert!(kinds.contains(kind), "{kind} was not among {kinds:?}");
    }
    let ours: String = log
        .text()
        .lines()
        .filter(|line| line.contains("mono_client"))
        .collect();
    assert!(ours.contains("cannot read Mono's answer"), "{ours}");
    assert_clean(&ours);
    for mark in [KEY, CODE, "TOKENCANARY", "9988776655", "22000000003"] {
        assert!(
            !log.text().contains(mark),
            "{mark} is in the log of a library"
        );
    }
}

#[tokio::test]
async fn rows_left_out_are_logged_by_their_place_only() {
    let (log, guard) = Log::start();
    let body = r#"{"data":[
        {"type":"debit","amount":1,"date":"2024-01-01T00:00:00Z"},
        {"type":"debit","amount":"BODYCANARY","date":"2024-01-01T00:00:00Z"},
        {"type":"debit","amount":1,"date":"NAMECANARY"}]}"#;
    let upstream = Upstream::answering(200, body).await;
    let client = upstream.client(Generation::V2);
    let page = client
        .transactions(&id(), &TransactionsQuery::default())
        .await
        .unwrap()
        .unwrap();
    drop(guard);
    assert_eq!((page.rows.len(), page.skipped), (1, 2));
    let log = log.text();
    assert!(log.contains("[1].amount, [2].date"), "{log}");
    assert_clean(&log);
}

#[tokio::test]
async fn nobody_is_named_where_his_income_or_identity_is_read() {
    let (log, guard) = Log::start();
    let records = r#"{"data":[{"employer":"NAMECANARY","monthly_average":9988776655},
        {"employer":"NAMECANARY","amount":"BODYCANARY"},
        {"stability":["TOKENCANARY"],"NAMECANARY":"9988776655"}]}"#;
    let identity =
        r#"{"data":{"full_name":"NAMECANARY","bvn":"22000000003","phone":"9988776655"}}"#;
    let replies = [records, identity].map(|body| Reply::Bytes(json(200, body)));
    let upstream = Upstream::start(replies).await;
    let client = upstream.client(Generation::V2);
    let records = client.income_records(&id()).await.unwrap().unwrap();
    let identity = client.identity(&id()).await.unwrap().unwrap();
    drop(guard);
    assert_eq!((records.records.len(), records.skipped), (1, 2));
    assert_prints_clean(&records);
    assert_prints_clean(&identity);
    let log = log.text();
    assert!(log.contains("[1].amount, [2].stability"), "{log}");
    assert_clean(&log);
}

#[tokio::test]
async fn no_answer_prints_whom_it_is_about() {
    let details =
        r#"{"data":{"account":{"id":"a","name":"NAMECANARY","account_number":"9988776655",
        "bvn":"22000000003","balance":998_877}}}"#
            .replace('_', "")
            .replace("accountnumber", "account_number");
    let row = r#"{"data":[{"type":"debit","amount":1,"date":"2024-01-01T00:00:00Z","narration":"NAMECANARY"}]}"#;
    let link = r#"{"data":{"mono_url":"https://link.mono.co/TOKENCANARY"}}"#;
    let replies = [&details, row, r#"{"token":"TOKENCANARY"}"#, link];
    let replies = replies.map(|body| Reply::Bytes(json(200, body)));
    let upstream = Upstream::start(replies).await;
    let client = upstream.client(Generation::V2);
    let details = client.account(&id()).await.unwrap();
    assert_eq!(
        details.account_number.as_ref().unwrap().expose(),
        "9988776655"
    );
    assert_prints_clean(&details);
    assert_clean(&details.account_number.as_ref().unwrap().to_string());
    assert_prints_clean(
        &client
            .transactions(&id(), &TransactionsQuery::default())
            .await
            .unwrap(),
    );
    assert_prints_clean(&client.reauthorise_token(&id()).await.unwrap());
    let back = "https://site.example/";
    let link = client
        .initiate_reauthorisation(&id(), "reference-1", back)
        .await
        .unwrap();
    assert_eq!(link.url.as_str(), "https://link.mono.co/TOKENCANARY");
    assert_prints_clean(&link);
    assert_prints_clean(&LinkCustomer::New {
        name: "NAMECANARY".to_owned(),
        email: "BODYCANARY@site.example".to_owned(),
    });
}

#[tokio::test]
async fn no_fresh_answer_prints_whom_it_is_about() {
    let balance = r#"{"data":{"id":"a","name":"NAMECANARY","account_number":"9988776655","balance":22000000003}}"#;
    let row = r#"{"data":[{"type":"debit","amount":22000000003,"date":"2024-01-01T00:00:00Z","narration":"NAMECANARY"}]}"#;
    let job =
        r#"{"data":{"id":"a","status":"finished","account":"9988776655","token":"TOKENCANARY"}}"#;
    let sync =
        r#"{"code":"SYNC_ERROR","message":"NAMECANARY 9988776655","data":{"bvn":"22000000003"}}"#;
    let replies = [balance, row, job, sync].map(|body| Reply::Bytes(json(200, body)));
    let upstream = Upstream::start(replies).await;
    let client = upstream.client(Generation::V2);
    let balance = client.realtime_balance(&id()).await.unwrap();
    assert_eq!(balance.data.as_ref().unwrap().balance, Some(22_000_000_003));
    assert_prints_clean(&balance);
    let query = TransactionsQuery::default();
    let page = client.realtime_transactions(&id(), &query).await.unwrap();
    assert_eq!(page.data.as_ref().unwrap().rows[0].narration, "NAMECANARY");
    assert_prints_clean(&page);
    assert_prints_clean(&client.job(&id(), &"a".parse().unwrap()).await.unwrap());
    assert_prints_clean(&upstream.client(Generation::V1).sync(&id()).await.unwrap());
}

/// The data of webhooks, full of marks.
const TOLD: &str = r#"{"id":"a","status":"finished","bvn":"22000000003","token":"TOKENCANARY",
    "account":{"_id":"a","name":"NAMECANARY","accountNumber":"9988776655","balance":22000000003,
        "bvn":"22000000003","identity":{"NAMECANARY":"BODYCANARY"},"account_name":"NAMECANARY"},
    "account_name":"NAMECANARY","account_number":"9988776655","email":"BODYCANARY",
    "customer":{"id":"c","name":"NAMECANARY","email":"BODYCANARY"},
    "meta":{"data_status":"AVAILABLE","token":"TOKENCANARY"},"income_summary":{"employer":"NAMECANARY"}}"#;

const EVENTS: [&str; 9] = [
    "mono.events.account_connected",
    "mono.events.account_updated",
    "mono.events.account_reauthorized",
    "mono.events.reauthorisation_required",
    "mono.events.sync_failed",
    "mono.events.account_unlinked",
    "mono.accounts.jobs.update",
    "mono.events.account_income",
    "mono.events.webhook_test",
];

#[test]
fn no_webhook_prints_whom_it_is_about() {
    let (log, guard) = Log::start();
    for name in EVENTS {
        let body = format!(r#"{{"event":"{name}","event_id":"e","data":{TOLD}}}"#);
        let event = WebhookEvent::parse(body.as_bytes()).unwrap();
        assert!(!matches!(event.kind, Kind::Unreadable { .. }), "{event:?}");
        if let Kind::AccountUpdated { details, .. } = &event.kind {
            assert_eq!(details.name.as_deref(), Some("NAMECANARY"));
            assert_eq!(details.balance, Some(22_000_000_003));
            assert_eq!(
                details.account_number.as_ref().unwrap().expose(),
                "9988776655"
            );
            assert_prints_clean(details);
        }
        assert_prints_clean(&event);
        assert!(format!("{event:?}").contains(name));
    }
    // The name of an unknown event is free text.
    for name in [
        "NAMECANARY 9988776655",
        &"BODYCANARY".repeat(7),
        "NAMECANARY\u{e4}",
    ] {
        let body = format!(r#"{{"event":"{name}","data":{TOLD}}}"#);
        let event = WebhookEvent::parse(body.as_bytes()).unwrap();
        assert_eq!((event.event.as_str(), &event.kind), (name, &Kind::Other));
        assert_prints_clean(&event);
    }
    drop(guard);
    assert_clean(&log.text());
}

#[test]
fn a_webhook_that_cannot_be_read_is_logged_by_its_place_only() {
    let (log, guard) = Log::start();
    let datas = [
        r#"{"account":{"_id":"9988776655/NAMECANARY"},"id":"TOKENCANARY/","name":"NAMECANARY"}"#,
        r#"{"account":{"_id":"a","id":"NAMECANARY","BODYCANARY":1},"id":"a","_id":"TOKENCANARY"}"#,
        r#"["NAMECANARY"]"#,
        r#""BODYCANARY""#,
        r#"{"account":["BODYCANARY"],"NAMECANARY":1}"#,
        r#"{"account":{"_id":1e999,"name":"NAMECANARY"}}"#,
    ];
    for name in EVENTS.into_iter().filter(|name| !name.ends_with("test")) {
        for data in datas {
            let body = format!(r#"{{"event":"{name}","event_id":"TOKEN","data":{data}}}"#);
            let event = WebhookEvent::parse(body.as_bytes()).unwrap();
            assert!(matches!(event.kind, Kind::Unreadable { .. }), "{data}");
            assert_prints_clean(&event);
        }
    }
    for body in [
        "BODYCANARY",
        r#"{"data":"NAMECANARY"}"#,
        r#"["TOKENCANARY"]"#,
    ] {
        let error = WebhookEvent::parse(body.as_bytes()).unwrap_err();
        assert_prints_clean(&error);
        assert_clean(&error.to_string());
    }
    drop(guard);
    let log = log.text();
    assert_clean(&log);
    for place in [
        "WARN",
        "AccountUpdated",
        "data.account.id",
        "data.account._id",
        "cannot read the data of a webhook",
    ] {
        assert!(log.contains(place), "{place} in {log}");
    }
}

#[test]
fn neither_client_nor_settings_print_the_key() {
    let config = |api_url: &str, key: &str| Config {
        api_url: api_url.parse().unwrap(),
        secret_key: key.into(),
        generation: Generation::V2,
        timeout: std::time::Duration::from_secs(1),
        concurrency: 1,
    };
    assert_prints_clean(&config("http://127.0.0.1:1", KEY));
    assert_prints_clean(&Client::new(config("http://127.0.0.1:1", KEY)).unwrap());
    let bad = format!("{KEY}\n");
    let error = Client::new(config("http://127.0.0.1:1", &bad)).unwrap_err();
    assert!(matches!(error, BuildError::SecretKey));
    assert_prints_clean(&error);
    let url = format!("http://127.0.0.1:1/{KEY}");
    assert_prints_clean(&Client::new(config(&url, KEY)).unwrap_err());
}
