use std::cell::Cell;
use std::collections::HashSet;
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::repeat::{Failure, with_repeats};
use super::route::Route;
use super::{Call, Transport, refusal};
use crate::config::{Config, Generation, Repeats};
use crate::error::Error;
use crate::id::{AccountId, JobId};

const BUDGET: Duration = Duration::from_secs(30);
const REPEATS: Repeats = Repeats {
    times: 2,
    pause: Duration::from_millis(100),
};

/// What an attempt does: takes this long, then fails, repeatably or not.
struct Attempt {
    takes: Duration,
    may_repeat: bool,
}

/// How many attempts there were, how long all took, and the time each was allowed.
async fn run(repeats: Repeats, budget: Duration, attempt: Attempt) -> (usize, Duration, Vec<u64>) {
    let started = Instant::now();
    let mut allowed = Vec::new();
    let result: Result<(), Error> = with_repeats(repeats, budget, "test", |time| {
        allowed.push(u64::try_from(time.as_millis()).unwrap());
        let Attempt { takes, may_repeat } = attempt;
        async move {
            tokio::time::sleep(takes).await;
            Err(Failure {
                error: Error::Failed { status: 503 },
                may_repeat,
            })
        }
    })
    .await;
    assert!(matches!(result, Err(Error::Failed { status: 503 })));
    (allowed.len(), started.elapsed(), allowed)
}

#[tokio::test(start_paused = true)]
async fn the_pauses_grow_and_each_has_a_random_part() {
    let mut lengths = HashSet::new();
    for _ in 0..50 {
        let attempt = Attempt {
            takes: Duration::ZERO,
            may_repeat: true,
        };
        let (attempts, took, _) = run(REPEATS, BUDGET, attempt).await;
        assert_eq!(attempts, 3);
        // 100 ms and 300 ms, each with up to its own length on top.
        assert!(took >= Duration::from_millis(400), "{took:?}");
        assert!(took <= Duration::from_millis(810), "{took:?}");
        lengths.insert(took);
    }
    assert!(lengths.len() > 10, "{lengths:?}");
}

#[tokio::test(start_paused = true)]
async fn what_must_not_be_repeated_is_not() {
    let attempt = Attempt {
        takes: Duration::ZERO,
        may_repeat: false,
    };
    let (attempts, took, _) = run(REPEATS, BUDGET, attempt).await;
    assert_eq!((attempts, took), (1, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_repeated_once_half_of_the_time_is_gone() {
    let attempt = Attempt {
        takes: Duration::from_secs(16),
        may_repeat: true,
    };
    let (attempts, took, _) = run(REPEATS, BUDGET, attempt).await;
    assert_eq!((attempts, took), (1, Duration::from_secs(16)));
}

#[tokio::test(start_paused = true)]
async fn all_attempts_share_the_time_of_one_call() {
    let attempt = Attempt {
        takes: Duration::from_secs(10),
        may_repeat: true,
    };
    let (attempts, took, allowed) = run(REPEATS, BUDGET, attempt).await;
    assert_eq!(attempts, 2);
    assert!(took < BUDGET);
    assert_eq!(allowed[0], 30_000);
    assert!((19_000..20_000).contains(&allowed[1]), "{allowed:?}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_ends_the_repeats() {
    let attempts = Cell::new(0);
    let answer = with_repeats(REPEATS, BUDGET, "test", |_| {
        attempts.set(attempts.get() + 1);
        let fails = attempts.get() == 1;
        async move {
            let error = Error::Failed { status: 503 };
            if fails {
                Err(Failure {
                    error,
                    may_repeat: true,
                })
            } else {
                Ok(7)
            }
        }
    })
    .await;
    assert_eq!((answer.unwrap(), attempts.get()), (7, 2));
}

fn transport(concurrency: usize) -> Transport {
    let config = Config {
        api_url: "http://127.0.0.1:9".parse().unwrap(),
        secret_key: "test_sk_x".into(),
        generation: Generation::V2,
        timeout: BUDGET,
        concurrency,
    };
    Transport::new(config, REPEATS).unwrap()
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_place_ends_too_and_has_sent_nothing() {
    let transport = transport(1);
    let taken = transport.places.take("exchange", false, BUDGET);
    let _taken = taken.await.unwrap();
    let started = Instant::now();
    let error = transport
        .send(Call::new(Route::Exchange))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Timeout { sent: false }), "{error:?}");
    assert_eq!(started.elapsed(), BUDGET);
}

#[tokio::test]
async fn a_call_that_failed_gives_its_place_back() {
    let transport = transport(1);
    assert!(transport.send(Call::new(Route::Initiate)).await.is_err());
    assert_eq!(transport.places.free(), 1);
}

fn routes<'a>(id: &'a AccountId, job: &'a JobId) -> [Route<'a>; 10] {
    [
        Route::Exchange,
        Route::Account(id),
        Route::Balance(id),
        Route::Transactions(id),
        Route::RealtimeBalance(id),
        Route::RealtimeTransactions(id),
        Route::Sync(id),
        Route::Job(id, job),
        Route::ReauthoriseToken(id),
        Route::Initiate,
    ]
}

#[test]
fn only_reads_are_ever_repeated_after_they_were_sent() {
    let id: AccountId = "a".parse().unwrap();
    let job: JobId = "j".parse().unwrap();
    let names = |keep: fn(&Route<'_>) -> bool| -> Vec<_> {
        let routes = routes(&id, &job).into_iter();
        routes.filter(keep).map(Route::name).collect()
    };
    assert_eq!(
        names(|route| route.only_reads()),
        ["account", "balance", "transactions", "job"]
    );
    assert_eq!(
        names(|route| route.is_realtime()),
        ["realtime_balance", "realtime_transactions"]
    );
}

proptest! {
    #[test]
    fn every_path_is_a_template_with_an_id_in_it(id in "\\PC{0,70}|[\\w.-]{1,64}") {
        let Ok(job) = id.parse::<JobId>() else { return Ok(()) };
        let Ok(id) = id.parse::<AccountId>() else { return Ok(()) };
        for generation in [Generation::V1, Generation::V2] {
            for path in routes(&id, &job).into_iter().filter_map(|route| route.path(generation)) {
                let mut url = url::Url::parse("https://api.withmono.com").unwrap();
                url.set_path(&path);
                // Nothing in it was changed, resolved or escaped on the way.
                prop_assert_eq!(url.as_str(), format!("https://api.withmono.com{path}"));
            }
        }
    }

    #[test]
    fn ids_of_the_allowed_letters_are_ids(id in "[A-Za-z0-9_-]{1,64}") {
        let read: AccountId = id.parse().unwrap();
        prop_assert_eq!(read.as_str(), id);
    }

    #[test]
    fn no_refusal_is_too_odd_to_be_read(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let refusal = refusal::parse(&body);
        prop_assert!(refusal.detail.message().is_none_or(|message| message.len() <= 1024));
    }

    #[test]
    fn long_complaints_are_cut_between_letters(message in "[a-zß€😀]{0,900}") {
        let body = serde_json::json!({"message": message}).to_string();
        let refusal = refusal::parse(body.as_bytes());
        let kept = refusal.detail.message().unwrap();
        prop_assert!(message.starts_with(kept));
        prop_assert!(kept.len() <= 1024 && kept.len() >= message.len().min(1021));
    }
}
