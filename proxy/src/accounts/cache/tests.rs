use mono_client::{Client, Config, Generation};
use mono_connect_shared::account::Institution;
use mono_connect_shared::config::{ApiGeneration, ReauthoriseMethod};
use mono_connect_shared::lifecycle::State;
use mono_connect_store::{MemoryStore, Profile};
use std::sync::Arc;

use super::super::{Parts, Settings};
use super::*;
use crate::clock::SystemClock;
use crate::random::SystemRandom;
use crate::telemetry::Metrics;

/// An answer of Mono's.
#[derive(Debug, Clone, PartialEq)]
struct Said(u32);

impl Datum for Said {
    fn weight(&self) -> usize {
        0
    }
}

/// Nobody is called by it.
fn accounts() -> Accounts {
    let mono = Client::new(Config {
        api_url: "http://127.0.0.1:9".parse().unwrap(),
        secret_key: "test_sk_x".into(),
        generation: Generation::V2,
        timeout: Duration::from_secs(1),
        concurrency: 1,
    });
    Accounts::new(Parts {
        store: Arc::new(MemoryStore::default()),
        mono: mono.unwrap(),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        metrics: Metrics::default(),
        settings: Settings {
            public_key: "test_pk_x".to_owned(),
            generation: ApiGeneration::V2,
            reauthorise: ReauthoriseMethod::AccountId,
            public_url: "http://127.0.0.1:8080".to_owned(),
            confirm_events: true,
            patience: Duration::from_secs(2),
            cache_ttl: Duration::from_hours(1),
            tells_back_end: false,
        },
    })
}

fn record(id: &str) -> AccountRecord {
    let now = Timestamp::UNIX_EPOCH;
    AccountRecord {
        id: id.parse().unwrap(),
        user: "somebody".parse().unwrap(),
        version: 1,
        profile: Profile {
            name: None,
            institution: Institution {
                name: None,
                bank_code: None,
                kind: None,
            },
            account_number_last4: None,
            account_type: None,
            currency: None,
            balance: None,
            income: None,
        },
        state: State::linked(),
        reference: "ref_x".parse().unwrap(),
        consent: None,
        duplicate_of: None,
        linked_at: now,
        updated_at: now,
    }
}

/// Reads it while Mono would say this; `None`: that it has no data.
async fn read(accounts: &Accounts, record: &AccountRecord, now: Option<u32>) -> Option<Said> {
    let load = async move { Ok(now.map(Said)) };
    match accounts.known(record, Read::Balance, load).await {
        Ok((said, _)) => Some(said),
        Err(Error::DataNotReady(_)) => None,
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn what_is_forgotten_is_asked_for_again_and_told_if_mono_has_nothing_else() {
    let (accounts, one, other) = (accounts(), record("one"), record("other"));
    for known in [&one, &other] {
        assert_eq!(read(&accounts, known, Some(1)).await, Some(Said(1)));
        assert_eq!(read(&accounts, known, Some(2)).await, Some(Said(1)));
    }
    accounts.forget_cached(&one.id);
    assert_eq!(read(&accounts, &one, None).await, Some(Said(1)));
    assert_eq!(read(&accounts, &one, Some(2)).await, Some(Said(2)));
    assert_eq!(read(&accounts, &other, Some(2)).await, Some(Said(1)));
}

#[tokio::test]
async fn what_comes_after_it_was_forgotten_is_not_kept() {
    let (accounts, one) = (accounts(), record("one"));
    let (answer, comes) = oneshot::channel();
    let load = async move { Ok(comes.await.ok().map(Said)) };
    let early = accounts.known(&one, Read::Balance, load);
    let mut early = Box::pin(early);
    assert!(futures_util::poll!(early.as_mut()).is_pending());
    accounts.forget_cached(&one.id);
    answer.send(1).unwrap();
    assert_eq!(early.await.unwrap().0, Said(1));
    assert_eq!(read(&accounts, &one, Some(2)).await, Some(Said(2)));
}

#[tokio::test]
async fn of_an_account_that_is_erased_nothing_is_told_any_more() {
    let (accounts, one, other) = (accounts(), record("one"), record("other"));
    for known in [&one, &other] {
        read(&accounts, known, Some(1)).await;
    }
    accounts.erase(&one).await.unwrap();
    assert_eq!(read(&accounts, &one, None).await, None);
    assert_eq!(read(&accounts, &other, None).await, Some(Said(1)));
}
