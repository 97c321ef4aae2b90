//! Everything that Mono is known to say, spoilt: it is read or refused, and nothing falls over.

use std::path::{Path, PathBuf};

use mono_client::webhook::WebhookEvent;
use mono_client::{AccountId, Generation, JobId, Period, TransactionsQuery};

use crate::mutate::Mutations;
use crate::upstream::{Reply, Upstream, answer};

/// The committed samples.
fn corpus() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let entries = |folder: PathBuf| {
        let mut paths: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        paths.sort();
        paths
    };
    let folders = entries(folder).into_iter().filter(|path| path.is_dir());
    let files: Vec<_> = folders.flat_map(entries).collect();
    assert!(files.len() > 25, "{files:?}");
    files
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

#[test]
fn a_spoilt_webhook_is_read_or_refused() {
    let (mut read, mut refused) = (0, 0);
    for (seed, sample) in (1..).zip(corpus()) {
        let mut mutations = Mutations::seeded(seed);
        for _ in 0..2_000 {
            match WebhookEvent::parse(&mutations.spoil(&sample)) {
                Ok(event) => {
                    read += 1;
                    assert!(!event.event.is_empty());
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert!(read > 1_000 && refused > 1_000, "{read} and {refused}");
}

#[tokio::test]
async fn a_spoilt_answer_is_read_or_refused() {
    const CALLS: usize = 12;
    let id: AccountId = "5fbcde8f8699984153e65537".parse().unwrap();
    let job: JobId = "63e5ab4a64c7b7a2a9b3a1d2".parse().unwrap();
    let period = Period::try_from(6).unwrap();
    let query = TransactionsQuery::default();
    let (mut read, mut refused) = (0, 0);
    for (seed, sample) in (1..).zip(corpus()) {
        let mut mutations = Mutations::seeded(seed);
        let generation = [Generation::V1, Generation::V2][usize::from(seed % 2 == 0)];
        for _ in 0..8 {
            let body = String::from_utf8_lossy(&mutations.spoil(&sample)).into_owned();
            let reply = answer(200, &["content-type: application/json"], &body);
            let upstream = Upstream::start(vec![Reply::Bytes(reply); 3 * CALLS]).await;
            let client = upstream.client(generation);
            let ends = [
                client.exchange("code_x").await.is_ok(),
                client.account(&id).await.is_ok(),
                client.balance(&id).await.is_ok(),
                client.transactions(&id, &query).await.is_ok(),
                client.statement(&id, period).await.is_ok(),
                client.credits(&id).await.is_ok(),
                client.identity(&id).await.is_ok(),
                client.assets(&id).await.is_ok(),
                client.earnings(&id).await.is_ok(),
                client.job(&id, &job).await.is_ok(),
                client.sync(&id).await.is_ok(),
                client.institutions().await.is_ok(),
            ];
            assert_eq!(ends.len(), CALLS);
            let good = ends.into_iter().filter(|end| *end).count();
            read += good;
            refused += CALLS - good;
        }
    }
    assert!(read > 30 && refused > 1_000, "{read} and {refused}");
}
