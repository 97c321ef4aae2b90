use std::time::Duration;

use super::breaker::{FIRST_PAUSE, LONGEST_PAUSE, MEMORY};
use super::*;
use crate::observer::Nobody;

const FAILED: Error = Error::Failed { status: 503 };

fn ids(count: usize) -> Vec<AccountId> {
    (0..count)
        .map(|n| format!("a{n}").parse().unwrap())
        .collect()
}

fn of(account: &AccountId) -> Subject<'_> {
    Subject {
        name: "balance",
        account: Some(account),
        limited_per_account: false,
        in_background: false,
    }
}

fn end(
    circuits: &Circuits,
    subject: Subject<'_>,
    error: Option<&Error>,
    now: Instant,
) -> Result<(), Error> {
    circuits.admit(subject, &Nobody, now)?.ends(error, now);
    Ok(())
}

fn limited(seconds: u64) -> Error {
    Error::RateLimited {
        retry_after: Some(Duration::from_secs(seconds)),
    }
}

fn paused_for(circuits: &Circuits, subject: Subject<'_>, now: Instant) -> Option<Duration> {
    match circuits.refusal(subject, now) {
        Ok(()) => None,
        Err(Error::Paused { retry_after }) => Some(retry_after),
        Err(error) => panic!("{error:?}"),
    }
}

/// Circuits of which the first account's is open.
fn opened(accounts: &[AccountId], now: Instant) -> Circuits {
    let circuits = Circuits::default();
    for _ in 0..OF_ACCOUNT.failures {
        end(&circuits, of(&accounts[0]), Some(&FAILED), now).unwrap();
    }
    circuits
}

#[test]
fn five_failures_in_a_row_open_it_for_their_account_and_call_only() {
    let (now, accounts) = (Instant::now(), ids(2));
    let circuits = opened(&accounts, now);
    assert_eq!(
        paused_for(&circuits, of(&accounts[0]), now),
        Some(FIRST_PAUSE)
    );
    assert_eq!(paused_for(&circuits, of(&accounts[1]), now), None);
    let other_call = Subject {
        name: "transactions",
        ..of(&accounts[0])
    };
    assert_eq!(paused_for(&circuits, other_call, now), None);
}

#[test]
fn one_account_never_closes_the_way_to_the_others() {
    let (mut now, accounts) = (Instant::now(), ids(3));
    let circuits = Circuits::default();
    for _ in 0..50 {
        for account in &accounts[..2] {
            drop(end(&circuits, of(account), Some(&FAILED), now));
        }
        now += LONGEST_PAUSE;
    }
    assert_eq!(paused_for(&circuits, of(&accounts[2]), now), None);
}

#[test]
fn failures_of_several_accounts_open_it_for_all() {
    let (now, accounts) = (Instant::now(), ids(11));
    let circuits = Circuits::default();
    for account in &accounts[..10] {
        assert_eq!(paused_for(&circuits, of(&accounts[10]), now), None);
        end(&circuits, of(account), Some(&FAILED), now).unwrap();
    }
    assert_eq!(
        paused_for(&circuits, of(&accounts[10]), now),
        Some(FIRST_PAUSE)
    );
    let later = now + FIRST_PAUSE;
    end(&circuits, of(&accounts[10]), None, later).unwrap();
    assert_eq!(paused_for(&circuits, of(&accounts[0]), later), None);
}

#[test]
fn calls_that_name_no_account_share_a_circuit() {
    let now = Instant::now();
    let circuits = Circuits::default();
    let exchange = Subject {
        name: "exchange",
        account: None,
        limited_per_account: false,
        in_background: false,
    };
    for _ in 0..OF_KIND.failures {
        end(&circuits, exchange, Some(&FAILED), now).unwrap();
    }
    assert_eq!(paused_for(&circuits, exchange, now), Some(FIRST_PAUSE));
}

#[test]
fn what_is_answered_in_between_and_what_is_long_ago_does_not_count() {
    let (mut now, accounts) = (Instant::now(), ids(1));
    let circuits = Circuits::default();
    let account = of(&accounts[0]);
    for good in [None, Some(&Error::NotFound), Some(&Error::NoData)] {
        for _ in 0..20 {
            for _ in 1..OF_ACCOUNT.failures {
                end(&circuits, account, Some(&FAILED), now).unwrap();
            }
            end(&circuits, account, good, now).unwrap();
        }
    }
    for _ in 0..20 {
        end(&circuits, account, Some(&FAILED), now).unwrap();
        now += MEMORY;
    }
    let knows_nothing = circuits.by_name()["balance"].of_account.len() <= 1;
    assert!(knows_nothing);
    end(&circuits, account, None, now).unwrap();
    assert!(circuits.by_name()["balance"].of_account.is_empty());
}

#[test]
fn one_probe_decides() {
    let (now, accounts) = (Instant::now(), ids(1));
    let circuits = opened(&accounts, now);
    let account = of(&accounts[0]);
    let later = now + FIRST_PAUSE;
    let first = circuits.admit(account, &Nobody, later).unwrap();
    assert!(!first.may_repeat(later), "two failed probes are too many");
    assert!(circuits.admit(account, &Nobody, later).is_err());
    // One whose caller has gone gives its place to another.
    drop(first);
    let second = circuits.admit(account, &Nobody, later).unwrap();
    second.ends(Some(&FAILED), later);
    assert_eq!(paused_for(&circuits, account, later), Some(FIRST_PAUSE * 2));
    let well = later + FIRST_PAUSE * 2;
    end(&circuits, account, None, well).unwrap();
    for _ in 1..OF_ACCOUNT.failures {
        end(&circuits, account, Some(&FAILED), well).unwrap();
    }
    assert_eq!(paused_for(&circuits, account, well), None, "closed anew");
}

#[test]
fn a_probe_that_takes_too_long_is_not_waited_for() {
    let (now, accounts) = (Instant::now(), ids(1));
    let circuits = opened(&accounts, now);
    let account = of(&accounts[0]);
    let first = now + FIRST_PAUSE;
    let hangs = circuits.admit(account, &Nobody, first).unwrap();
    let second = first + LONGEST_PAUSE;
    end(&circuits, account, None, second).unwrap();
    assert_eq!(paused_for(&circuits, account, second), None);
    // What comes after the decision changes nothing.
    hangs.ends(Some(&FAILED), second);
    for _ in 1..OF_ACCOUNT.failures {
        end(&circuits, account, Some(&FAILED), second).unwrap();
    }
    assert_eq!(paused_for(&circuits, account, second), None);
}

#[test]
fn a_probe_of_an_earlier_time_decides_nothing() {
    let (now, accounts) = (Instant::now(), ids(1));
    let circuits = opened(&accounts, now);
    let account = of(&accounts[0]);
    let first = now + FIRST_PAUSE;
    let late = circuits.admit(account, &Nobody, first).unwrap();
    let second = first + LONGEST_PAUSE;
    end(&circuits, account, Some(&FAILED), second).unwrap();
    let third = second + FIRST_PAUSE * 2;
    let probe = circuits.admit(account, &Nobody, third).unwrap();
    late.ends(None, third);
    assert!(
        circuits.admit(account, &Nobody, third).is_err(),
        "still open"
    );
    probe.ends(None, third);
    assert_eq!(paused_for(&circuits, account, third), None);
}

#[test]
fn the_background_opens_nothing_and_probes_nothing() {
    let (now, accounts) = (Instant::now(), ids(1));
    let circuits = Circuits::default();
    let page = of(&accounts[0]);
    let background = Subject {
        in_background: true,
        ..page
    };
    let unreachable = Error::Timeout { sent: false };
    for error in [&FAILED, &unreachable] {
        for _ in 0..100 {
            end(&circuits, background, Some(error), now).unwrap();
        }
    }
    assert_eq!(paused_for(&circuits, page, now), None);

    let circuits = opened(&accounts, now);
    let later = now + FIRST_PAUSE;
    assert!(circuits.refusal(background, later).is_err());
    assert_eq!(paused_for(&circuits, page, later), None);
    // Nobody came to find out: it is forgotten, so that the background is not kept out for ever.
    let forgotten = now + FIRST_PAUSE + MEMORY;
    end(&circuits, background, Some(&FAILED), forgotten).unwrap();
    assert_eq!(paused_for(&circuits, background, forgotten), None);
}

#[test]
fn each_change_of_everybodys_circuit_is_told() {
    #[derive(Default)]
    struct Told(Mutex<Vec<(&'static str, Shown)>>);
    impl Observer for Told {
        fn call_ended(&self, _: &crate::observer::EndedCall) {}
        fn circuit_changed(&self, name: &'static str, circuit: Shown) {
            self.0.lock().unwrap().push((name, circuit));
        }
    }
    let told = Told::default();
    let (now, accounts) = (Instant::now(), ids(11));
    let circuits = Circuits::default();
    for account in &accounts[..10] {
        let call = circuits.admit(of(account), &told, now).unwrap();
        call.ends(Some(&FAILED), now);
    }
    let probe = circuits.admit(of(&accounts[10]), &told, now + FIRST_PAUSE);
    probe.unwrap().ends(None, now + FIRST_PAUSE);
    let states = [Shown::Open, Shown::Probing, Shown::Closed];
    assert_eq!(
        *told.0.lock().unwrap(),
        states.map(|state| ("balance", state))
    );
}

#[test]
fn the_pause_has_an_end() {
    let (mut now, accounts) = (Instant::now(), ids(1));
    let circuits = opened(&accounts, now);
    for _ in 0..10 {
        now += LONGEST_PAUSE;
        end(&circuits, of(&accounts[0]), Some(&FAILED), now).unwrap();
    }
    assert_eq!(
        paused_for(&circuits, of(&accounts[0]), now),
        Some(LONGEST_PAUSE)
    );
}

#[test]
fn without_a_connection_nothing_is_sent() {
    let (now, accounts) = (Instant::now(), ids(6));
    let circuits = Circuits::default();
    for account in &accounts[..5] {
        let unreachable = Error::Timeout { sent: false };
        end(&circuits, of(account), Some(&unreachable), now).unwrap();
    }
    let other = Subject {
        name: "identity",
        ..of(&accounts[5])
    };
    assert_eq!(paused_for(&circuits, other, now), Some(FIRST_PAUSE));
}

#[test]
fn mono_is_left_alone_about_an_account_as_long_as_it_asks() {
    let (now, accounts) = (Instant::now(), ids(2));
    let circuits = Circuits::default();
    end(&circuits, of(&accounts[0]), Some(&limited(7)), now).unwrap();
    let refusal = circuits.refusal(of(&accounts[0]), now + Duration::from_secs(2));
    assert!(
        matches!(refusal, Err(Error::RateLimited { retry_after: Some(left) })
            if left == Duration::from_secs(5)),
        "{refusal:?}"
    );
    assert!(circuits.refusal(of(&accounts[1]), now).is_ok());
    let other_call = Subject {
        name: "transactions",
        ..of(&accounts[0])
    };
    assert!(circuits.refusal(other_call, now).is_ok());
    let over = now + Duration::from_secs(7);
    assert!(circuits.refusal(of(&accounts[0]), over).is_ok());
}

#[test]
fn several_accounts_that_were_limited_are_a_limit_for_all() {
    let (now, accounts) = (Instant::now(), ids(4));
    for per_account in [false, true] {
        let circuits = Circuits::default();
        for account in &accounts[..3] {
            let subject = Subject {
                limited_per_account: per_account,
                ..of(account)
            };
            assert!(circuits.refusal(of(&accounts[3]), now).is_ok());
            end(&circuits, subject, Some(&limited(7)), now).unwrap();
        }
        let refused = circuits.refusal(of(&accounts[3]), now).is_err();
        assert_eq!(refused, !per_account);
    }
}

#[test]
fn accounts_in_trouble_are_not_remembered_without_end() {
    let (now, accounts) = (Instant::now(), ids(MOST_ACCOUNTS * 2));
    let circuits = Circuits::default();
    for account in &accounts {
        drop(end(&circuits, of(account), Some(&limited(7)), now));
    }
    assert!(circuits.by_name()["balance"].of_account.len() <= MOST_ACCOUNTS);
}
