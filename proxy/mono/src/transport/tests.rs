use std::cell::Cell;
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::repeat::{Failure, LONGEST_WAIT, Repeat, Rhythm, with_repeats};
use super::route::Route;
use super::{Call, Transport, refusal};
use crate::config::{Config, Generation, Repeats};
use crate::error::Error;
use crate::id::{AccountId, JobId};

const TIMEOUT: Duration = Duration::from_secs(30);
const REPEATS: Repeats = Repeats {
    times: 2,
    pause: Duration::from_millis(100),
};

/// Attempts that each take so long and then fail, repeatably or not: how many there were, and how
/// long all of it took.
async fn run(dice: u32, takes: Duration, repeat: Repeat) -> (u32, Duration) {
    let started = Instant::now();
    let attempts = Cell::new(0);
    let rhythm = Rhythm {
        repeats: REPEATS,
        last_start: started + TIMEOUT,
        dice: &move || dice,
    };
    let result: Result<(), Error> = with_repeats(&rhythm, "test", || async {
        attempts.set(attempts.get() + 1);
        tokio::time::sleep(takes).await;
        let error = Error::Failed { status: 503 };
        Err(Failure { error, repeat })
    })
    .await;
    assert!(matches!(result, Err(Error::Failed { status: 503 })));
    (attempts.get(), started.elapsed())
}

#[tokio::test(start_paused = true)]
async fn any_part_of_a_growing_pause_is_waited() {
    let (none, half, most) = (0, u32::MAX / 2, u32::MAX);
    // 100 ms and 300 ms.
    for (dice, pauses) in [(none, 0), (half, 199), (most, 400)] {
        let (attempts, took) = run(dice, Duration::ZERO, Repeat::Soon).await;
        assert_eq!(attempts, 3);
        // The clock of timers counts in milliseconds, and rounds up.
        let pauses = Duration::from_millis(pauses);
        assert!(
            took >= pauses && took <= pauses + Duration::from_millis(3),
            "{took:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_must_not_be_repeated_is_not() {
    assert_eq!(
        run(0, Duration::ZERO, Repeat::Never).await,
        (1, Duration::ZERO)
    );
}

#[tokio::test(start_paused = true)]
async fn a_short_wish_to_wait_is_granted_and_a_long_one_is_told() {
    let short = Duration::from_secs(1);
    assert_eq!(
        run(0, Duration::ZERO, Repeat::After(short)).await,
        (3, short * 2)
    );
    let long = Repeat::After(LONGEST_WAIT + Duration::from_millis(1));
    assert_eq!(run(0, Duration::ZERO, long).await, (1, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn no_attempt_begins_when_the_time_of_one_is_over() {
    for (takes, attempts) in [(10, 3), (15, 3), (16, 2), (30, 2), (31, 1)] {
        let takes = Duration::from_secs(takes);
        let (made, took) = run(0, takes, Repeat::Soon).await;
        assert_eq!((made, took), (attempts, takes * attempts));
    }
    // The pause counts too.
    let takes = TIMEOUT.saturating_sub(Duration::from_millis(50));
    assert_eq!(run(u32::MAX, takes, Repeat::Soon).await, (1, takes));
}

#[tokio::test(start_paused = true)]
async fn an_answer_ends_the_repeats() {
    let attempts = Cell::new(0);
    let rhythm = Rhythm {
        repeats: REPEATS,
        last_start: Instant::now() + TIMEOUT,
        dice: &|| 0,
    };
    let answer = with_repeats(&rhythm, "test", || async {
        attempts.set(attempts.get() + 1);
        if attempts.get() == 2 {
            return Ok(7);
        }
        Err(Failure {
            error: Error::Failed { status: 503 },
            repeat: Repeat::Soon,
        })
    })
    .await;
    assert_eq!((answer.unwrap(), attempts.get()), (7, 2));
}

fn transport(concurrency: usize) -> Transport {
    let config = Config {
        api_url: "http://127.0.0.1:9".parse().unwrap(),
        secret_key: "test_sk_x".into(),
        generation: Generation::V2,
        timeout: TIMEOUT,
        concurrency,
    };
    Transport::new(config, REPEATS).unwrap()
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_place_ends_too_and_has_sent_nothing() {
    let transport = transport(1);
    let taken = transport.places.take("exchange", false);
    let _taken = taken.await.unwrap();
    let started = Instant::now();
    let error = transport
        .send(Call::new(Route::Exchange))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Timeout { sent: false }), "{error:?}");
    assert_eq!(started.elapsed(), TIMEOUT);
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
