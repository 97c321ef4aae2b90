//! What Mono says: events and answers.

use std::sync::LazyLock;

use futures_util::FutureExt as _;
use mono_client::webhook::WebhookEvent;
use mono_client::{AccountId, Client, Config, Generation, JobId, Period, TransactionsQuery};

pub(crate) fn webhook(data: &[u8]) {
    if let Ok(event) = WebhookEvent::parse(data) {
        assert!(!event.event.is_empty());
        assert!(!event.event.chars().any(char::is_control));
        // What is logged of it must be writable, too.
        drop(format!("{event:?} {:?}", event.told_at()));
    }
}

fn client(generation: Generation) -> Client {
    let config = Config {
        api_url: "http://127.0.0.1:9".parse().unwrap(),
        secret_key: "test_sk_fuzz".into(),
        generation,
        timeout: std::time::Duration::from_secs(1),
        concurrency: 1,
    };
    Client::new(config).unwrap()
}

static CLIENTS: LazyLock<[Client; 2]> =
    LazyLock::new(|| [Generation::V1, Generation::V2].map(client));

pub(crate) fn answer(data: &[u8]) {
    let id: AccountId = "5fbcde8f8699984153e65537".parse().unwrap();
    let job: JobId = "63e5ab4a64c7b7a2a9b3a1d2".parse().unwrap();
    let period = Period::try_from(6).unwrap();
    let query = TransactionsQuery::default();
    for client in &*CLIENTS {
        let mono = client.answering(data);
        // Nothing is waited for, because the answer is there.
        let all = async {
            drop(format!("{:?}", mono.exchange("code_x").await));
            drop(format!("{:?}", mono.account(&id).await));
            drop(format!("{:?}", mono.balance(&id).await));
            drop(format!("{:?}", mono.transactions(&id, &query).await));
            drop(format!("{:?}", mono.statement(&id, period).await));
            drop(format!("{:?}", mono.start_statement_pdf(&id, period).await));
            drop(format!("{:?}", mono.statement_pdf(&id, &job).await));
            drop(format!("{:?}", mono.credits(&id).await));
            drop(format!("{:?}", mono.debits(&id).await));
            drop(format!("{:?}", mono.identity(&id).await));
            drop(format!("{:?}", mono.income(&id).await));
            drop(format!("{:?}", mono.income_records(&id).await));
            drop(format!("{:?}", mono.assets(&id).await));
            drop(format!("{:?}", mono.earnings(&id).await));
            drop(format!("{:?}", mono.institutions().await));
            drop(format!("{:?}", mono.job(&id, &job).await));
            drop(format!("{:?}", mono.sync(&id).await));
            drop(format!("{:?}", mono.realtime_balance(&id).await));
            drop(format!(
                "{:?}",
                mono.realtime_transactions(&id, &query).await
            ));
            drop(format!("{:?}", mono.reauthorise_token(&id).await));
            drop(format!("{:?}", mono.unlink(&id).await));
        };
        assert!(all.now_or_never().is_some(), "an answer was waited for");
    }
}
