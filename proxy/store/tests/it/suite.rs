//! What every store must do. Each case gets a fresh store.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use mono_connect_shared::account::{DataStatus, Institution};
use mono_connect_shared::id::{AccountId, JobId, Reference, UserId};
use mono_connect_shared::income::IncomeRecord;
use mono_connect_shared::lifecycle::{Fact, Observation, State, observe};
use mono_connect_shared::link::Consent;
use mono_connect_shared::transaction::JobStatus;
use mono_connect_store::{
    Accepted, AccountRecord, Body, Changed, Check, CodeHash, ConsentRecord, EventKey, Exchange,
    ExchangeStart, InboxEvent, JobRecord, LinkOutcome, LinkSessionRecord, NewAuditEntry, NewEvent,
    NewLink, Profile, Prunable, Store, ToldIncome, UserErasure, UserRecords, WaitsFor, Written,
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn user(name: &str) -> UserId {
    name.parse().unwrap()
}

fn account_id(id: &str) -> AccountId {
    id.parse().unwrap()
}

fn reference(user: &str) -> Reference {
    format!("ref-{user}").parse().unwrap()
}

fn session(name: &str) -> LinkSessionRecord {
    LinkSessionRecord {
        reference: reference(name),
        user: user(name),
        created_at: at(0),
        expires_at: at(1800),
        consent: Some(Consent {
            version: "1".to_owned(),
            text_sha256: None,
            purpose: Some("budgeting".to_owned()),
        }),
        account: None,
        exchanged: false,
    }
}

fn exchange(name: &str, code: u8) -> Exchange {
    Exchange {
        code: CodeHash([code; 32]),
        user: user(name),
        reference: reference(name),
        started_at: at(1),
        account: None,
    }
}

pub(crate) fn account(name: &str, id: &str) -> AccountRecord {
    AccountRecord {
        id: account_id(id),
        user: user(name),
        version: 1,
        profile: Profile {
            name: Some("Samuel Olamide".to_owned()),
            institution: Institution {
                name: Some("GTBank".to_owned()),
                bank_code: Some("058".to_owned()),
                kind: None,
            },
            account_number_last4: Some("0043".to_owned()),
            account_type: None,
            currency: Some("NGN".to_owned()),
            balance: Some(-53_769),
            income: Some(ToldIncome {
                at: at(0),
                records: vec![IncomeRecord {
                    employer: Some("Lagoon".to_owned()),
                    stability: Some(0.9),
                    ..IncomeRecord::default()
                }],
            }),
        },
        state: State::linked(),
        reference: reference(name),
        consent: Some(ConsentRecord {
            consent: session(name).consent.unwrap(),
            given_at: at(0),
        }),
        duplicate_of: Some(account_id("earlier")),
        linked_at: at(2),
        updated_at: at(3),
    }
}

/// Links by the account's own session, if it was begun; else by one that is begun for it.
pub(crate) async fn link(store: &dyn Store, account: &AccountRecord) -> LinkOutcome {
    let mut reference = account.reference.clone();
    if store.find_link_session(&reference).await.unwrap().is_none() {
        reference = format!("{}-{}", reference.as_str(), account.id.as_str())
            .parse()
            .unwrap();
        let session = LinkSessionRecord {
            reference: reference.clone(),
            ..session(account.user.as_str())
        };
        store.add_link_session(&session).await.unwrap();
    }
    let link = NewLink {
        account: account.clone(),
        reference,
        exchanged: true,
        message: None,
    };
    store.finish_link(&link).await.unwrap()
}

pub(crate) async fn answers_a_ping(store: &dyn Store) {
    store.ping().await.unwrap();
}

pub(crate) async fn a_link_session_comes_back_as_it_was(store: &dyn Store) {
    let session = session("ada");
    store.add_link_session(&session).await.unwrap();
    let found = store.find_link_session(&session.reference).await.unwrap();
    assert_eq!(found, Some(session));
    assert_eq!(
        store.find_link_session(&reference("bob")).await.unwrap(),
        None
    );
}

pub(crate) async fn open_link_sessions_are_counted(store: &dyn Store) {
    let another = |reference: &str, name: &str| LinkSessionRecord {
        reference: reference.parse().unwrap(),
        ..session(name)
    };
    for (reference, name) in [("ref-1", "ada"), ("ref-2", "ada"), ("ref-3", "bob")] {
        store
            .add_link_session(&another(reference, name))
            .await
            .unwrap();
    }
    store.add_link_session(&session("ada")).await.unwrap();
    let ada = user("ada");
    let open = async |second| {
        let open = store.count_open_link_sessions(&ada, at(second));
        open.await.unwrap()
    };
    assert_eq!(open(0).await, 3);
    link(store, &account("ada", "a1")).await;
    assert_eq!(open(1799).await, 2, "one is used");
    assert_eq!(open(1800).await, 0, "the others are over");
}

pub(crate) async fn a_code_belongs_to_who_brought_it_first(store: &dyn Store) {
    assert_eq!(store.find_exchange(&CodeHash([1; 32])).await.unwrap(), None);
    let ada = exchange("ada", 1);
    assert_eq!(
        store.start_exchange(&ada).await.unwrap(),
        ExchangeStart::Started
    );
    let bob = exchange("bob", 1);
    assert_eq!(
        store.start_exchange(&bob).await.unwrap(),
        ExchangeStart::Taken
    );
    assert_eq!(store.find_exchange(&ada.code).await.unwrap(), Some(ada));
    let other_code = exchange("bob", 2);
    assert_eq!(
        store.start_exchange(&other_code).await.unwrap(),
        ExchangeStart::Started
    );
}

pub(crate) async fn a_code_may_be_tried_again_until_an_account_came_of_it(store: &dyn Store) {
    let first = exchange("ada", 1);
    let again = Exchange {
        started_at: at(5),
        ..first.clone()
    };
    assert_eq!(
        store.start_exchange(&first).await.unwrap(),
        ExchangeStart::Started
    );
    assert_eq!(
        store.start_exchange(&again).await.unwrap(),
        ExchangeStart::Started
    );
    let known = store.find_exchange(&first.code).await.unwrap().unwrap();
    assert_eq!(known.started_at, at(5));

    store
        .record_exchange(&first.code, &account_id("a1"))
        .await
        .unwrap();
    assert_eq!(
        store.start_exchange(&first).await.unwrap(),
        ExchangeStart::Exchanged(account_id("a1"))
    );
    assert_eq!(
        store.start_exchange(&exchange("bob", 1)).await.unwrap(),
        ExchangeStart::Taken
    );
}

pub(crate) async fn a_refused_code_is_forgotten(store: &dyn Store) {
    let ada = exchange("ada", 1);
    store.start_exchange(&ada).await.unwrap();
    store.forget_exchange(&ada.code).await.unwrap();
    assert_eq!(store.find_exchange(&ada.code).await.unwrap(), None);
    assert_eq!(
        store.start_exchange(&exchange("bob", 1)).await.unwrap(),
        ExchangeStart::Started
    );
}

pub(crate) async fn linking_adds_the_account_and_uses_up_the_session(store: &dyn Store) {
    store.add_link_session(&session("ada")).await.unwrap();
    let account = account("ada", "a1");
    assert_eq!(link(store, &account).await, LinkOutcome::Linked);
    assert_eq!(
        store
            .find_account(&account.user, &account.id)
            .await
            .unwrap(),
        Some(account.clone())
    );
    let session = store
        .find_link_session(&account.reference)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(session.account, Some(account.id));
}

pub(crate) async fn linking_twice_overwrites_nothing(store: &dyn Store) {
    let first = account("ada", "a1");
    link(store, &first).await;
    let again = AccountRecord {
        linked_at: at(99),
        profile: Profile::default(),
        ..first.clone()
    };
    // By another attempt: the first is used up.
    let again = AccountRecord {
        reference: "ref-again".parse().unwrap(),
        ..again
    };
    assert_eq!(link(store, &again).await, LinkOutcome::AlreadyLinked);
    assert_eq!(
        store.find_account(&first.user, &first.id).await.unwrap(),
        Some(first)
    );
}

pub(crate) async fn anothers_account_cannot_be_taken(store: &dyn Store) {
    let ada = account("ada", "a1");
    link(store, &ada).await;
    store.add_link_session(&session("bob")).await.unwrap();
    assert_eq!(link(store, &account("bob", "a1")).await, LinkOutcome::Taken);
    assert_eq!(
        store.find_account(&user("bob"), &ada.id).await.unwrap(),
        None
    );
    // Nothing of the attempt remains.
    let session = store
        .find_link_session(&reference("bob"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(session.account, None);
}

pub(crate) async fn a_used_session_takes_no_second_account(store: &dyn Store) {
    store.add_link_session(&session("ada")).await.unwrap();
    link(store, &account("ada", "a1")).await;
    assert_eq!(
        link(store, &account("ada", "a2")).await,
        LinkOutcome::SessionUsed
    );
    assert_eq!(
        store
            .find_account(&user("ada"), &account_id("a2"))
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        link(store, &account("ada", "a1")).await,
        LinkOutcome::SessionUsed
    );
}

pub(crate) async fn accounts_are_seen_by_their_user_only(store: &dyn Store) {
    let ada = account("ada", "a1");
    link(store, &ada).await;
    assert_eq!(
        store.find_account(&user("bob"), &ada.id).await.unwrap(),
        None
    );
    assert_eq!(store.list_accounts(&user("bob")).await.unwrap(), Vec::new());
    assert!(
        !store
            .remove_account(&user("bob"), &ada.id, at(9), None)
            .await
            .unwrap()
    );
    assert_eq!(store.list_accounts(&user("ada")).await.unwrap(), vec![ada]);
}

pub(crate) async fn accounts_come_in_the_order_of_linking(store: &dyn Store) {
    for (id, second) in [("c", 1), ("a", 3), ("b", 2), ("aa", 3)] {
        let account = AccountRecord {
            linked_at: at(second),
            ..account("ada", id)
        };
        // Each by an attempt of its own.
        let reference = format!("ref-{id}").parse().unwrap();
        link(
            store,
            &AccountRecord {
                reference,
                ..account
            },
        )
        .await;
    }
    let listed = store.list_accounts(&user("ada")).await.unwrap();
    let ids: Vec<_> = listed.iter().map(|account| account.id.as_str()).collect();
    assert_eq!(ids, ["c", "b", "a", "aa"]);
}

pub(crate) async fn a_write_that_lost_the_race_is_told(store: &dyn Store) {
    let first = account("ada", "a1");
    link(store, &first).await;
    let Observation::Advanced(state) = observe(&first.state, &Fact::Reauthorised, at(9)) else {
        unreachable!("a new fact advances");
    };
    let next = AccountRecord {
        state,
        updated_at: at(9),
        ..first.clone()
    };
    assert_eq!(
        store.update_account(&next, &[]).await.unwrap(),
        Written::Version(2)
    );
    assert_eq!(
        store.update_account(&next, &[]).await.unwrap(),
        Written::Conflict
    );
    let found = store.find_account(&first.user, &first.id).await.unwrap();
    assert_eq!(found, Some(AccountRecord { version: 2, ..next }));

    let missing = account("ada", "missing");
    assert_eq!(
        store.update_account(&missing, &[]).await.unwrap(),
        Written::Gone
    );
}

pub(crate) async fn one_of_many_writers_of_a_version_wins(store: &dyn Store) {
    let account = account("ada", "a1");
    link(store, &account).await;
    let write = || store.update_account(&account, &[]);
    let (a, b, c, d) = tokio::join!(write(), write(), write(), write());
    let outcomes = [a, b, c, d].map(Result::unwrap);
    let won = outcomes
        .iter()
        .filter(|outcome| **outcome == Written::Version(2))
        .count();
    let lost = outcomes
        .iter()
        .filter(|outcome| **outcome == Written::Conflict)
        .count();
    assert_eq!((won, lost), (1, 3));
}

pub(crate) async fn a_removed_account_is_gone(store: &dyn Store) {
    let account = account("ada", "a1");
    link(store, &account).await;
    assert!(
        store
            .remove_account(&account.user, &account.id, at(9), None)
            .await
            .unwrap()
    );
    assert!(
        !store
            .remove_account(&account.user, &account.id, at(9), None)
            .await
            .unwrap()
    );
    assert_eq!(
        store
            .find_account(&account.user, &account.id)
            .await
            .unwrap(),
        None
    );
    assert!(
        !store
            .claim_check(&account.id, Check::Status, at(9), SECONDS_5)
            .await
            .unwrap()
    );
}

const SECONDS_5: SignedDuration = SignedDuration::from_secs(5);

pub(crate) async fn nothing_names_an_erased_account_any_more(store: &dyn Store) {
    let (gone, stays) = (account("ada", "a1"), account("bob", "b1"));
    let codes = [(&gone, 1), (&stays, 2)];
    for (account, code) in codes {
        let name = account.user.as_str();
        store.add_link_session(&session(name)).await.unwrap();
        let exchange = exchange(name, code);
        store.start_exchange(&exchange).await.unwrap();
        store
            .record_exchange(&exchange.code, &account.id)
            .await
            .unwrap();
        link(store, account).await;
    }
    // Of another attempt whose outcome is not known, and that is nobody's business here.
    let open = Exchange {
        reference: "ref-other".parse().unwrap(),
        ..exchange("ada", 3)
    };
    store.start_exchange(&open).await.unwrap();
    for (account, job_id) in [(&gone, "j1"), (&stays, "j2")] {
        let job = JobRecord {
            account: account.id.clone(),
            user: account.user.clone(),
            ..job(job_id, JobStatus::Processing, 1)
        };
        assert!(store.record_job(&job).await.unwrap());
        let pdf: JobId = "p1".parse().unwrap();
        store
            .keep_statement_pdf(&account.id, &pdf, at(1))
            .await
            .unwrap();
        for (number, second) in [(1, 1), (2, 2)] {
            let event = NewEvent {
                account: Some(account.id.clone()),
                ..with_id(&format!("{job_id}-{number}"), second)
            };
            store.accept_event(event).await.unwrap();
        }
    }
    // One event of each is done and kept, one is due.
    for event in store.claim_events(at(1), LEASE, 9).await.unwrap() {
        store
            .finish_event(event.id, at(3), Body::Kept)
            .await
            .unwrap();
    }

    assert!(
        store
            .erase_account(&gone.user, &gone.id, at(9), None)
            .await
            .unwrap()
    );
    assert!(
        !store
            .erase_account(&gone.user, &gone.id, at(9), None)
            .await
            .unwrap()
    );
    assert_eq!(store.find_any_account(&gone.id).await.unwrap(), None);
    assert!(store.find_any_account(&stays.id).await.unwrap().is_some());
    for (account, code, is_there) in [(&gone, 1, false), (&stays, 2, true)] {
        let name = account.user.as_str();
        let found = store.find_link_session(&reference(name)).await.unwrap();
        assert_eq!(found.is_some(), is_there, "session of {name}");
        let found = store.find_exchange(&CodeHash([code; 32])).await.unwrap();
        assert_eq!(found.is_some(), is_there, "exchange of {name}");
    }
    assert_eq!(store.find_exchange(&open.code).await.unwrap(), Some(open));
    assert_eq!(store.find_job(&"j1".parse().unwrap()).await.unwrap(), None);
    assert!(
        store
            .find_job(&"j2".parse().unwrap())
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(claimed(store, 9_999).await, ["j2-2"]);
    // It is the same event, whatever became of its account.
    let again = store.accept_event(with_id("j1-2", 10)).await.unwrap();
    assert_eq!(again, Accepted::Duplicate);
    // The attempt by which it came is over.
    assert_eq!(
        store.find_link_session(&gone.reference).await.unwrap(),
        None
    );
    let late = NewLink {
        reference: gone.reference.clone(),
        account: gone,
        exchanged: true,
        message: None,
    };
    assert_eq!(
        store.finish_link(&late).await.unwrap(),
        LinkOutcome::SessionUsed
    );
}

pub(crate) async fn an_erased_account_is_told_and_remembered(store: &dyn Store) {
    let ada = account("ada", "a1");
    link(store, &ada).await;
    assert!(
        !store
            .erase_account(&user("bob"), &ada.id, at(9), None)
            .await
            .unwrap()
    );
    assert!(!store.is_erased(&ada.id).await.unwrap());
    assert!(
        store
            .erase_account(&ada.user, &ada.id, at(9), None)
            .await
            .unwrap()
    );
    let changes = store.changes_after(&ada.user, 0, 9).await.unwrap();
    let told: Vec<_> = changes
        .iter()
        .map(|change| (&change.account, &change.what))
        .collect();
    assert_eq!(told, [(&ada.id, &Changed::Removed)]);
    assert!(store.is_erased(&ada.id).await.unwrap());
    assert!(!store.is_erased(&account_id("a2")).await.unwrap());
    // What comes late does not wait for it.
    store.accept_event(with_id("late", 10)).await.unwrap();
    let late = claim_one(store, 10).await;
    let waits_for = WaitsFor::Account(ada.id.clone());
    assert!(!store.park_event(late.id, &waits_for).await.unwrap());

    assert_eq!(
        store
            .prune(Prunable::ErasedAccounts, at(9), 9)
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        link(
            store,
            &AccountRecord {
                reference: "ref-again".parse().unwrap(),
                ..ada.clone()
            }
        )
        .await,
        LinkOutcome::Linked
    );
    assert!(!store.is_erased(&ada.id).await.unwrap());
    assert!(
        store
            .erase_account(&ada.user, &ada.id, at(20), None)
            .await
            .unwrap()
    );
    assert_eq!(
        store
            .prune(Prunable::ErasedAccounts, at(21), 9)
            .await
            .unwrap(),
        1
    );
    assert!(!store.is_erased(&ada.id).await.unwrap());
}

pub(crate) async fn an_earlier_account_that_is_erased_is_no_earlier_account(store: &dyn Store) {
    let earlier = account("ada", "earlier");
    let later = account("ada", "later");
    assert_eq!(later.duplicate_of.as_ref(), Some(&earlier.id));
    link(store, &earlier).await;
    link(store, &later).await;
    store
        .erase_account(&earlier.user, &earlier.id, at(9), None)
        .await
        .unwrap();
    let found = store.find_any_account(&later.id).await.unwrap().unwrap();
    assert_eq!((found.duplicate_of.as_ref(), found.version), (None, 2));
    assert_eq!(found.updated_at, at(9));
    // Whoever had read it before writes from a fresh read.
    let written = store.update_account(&later, &[]).await.unwrap();
    assert_eq!(written, Written::Conflict);
    let changes = store.changes_after(&later.user, 0, 9).await.unwrap();
    assert!(changes.iter().any(|change| change.account == later.id
        && change.what == Changed::Account
        && change.number > 2));
}

pub(crate) async fn a_job_of_no_account_is_not_kept(store: &dyn Store) {
    let late = job("j1", JobStatus::Processing, 1);
    assert!(!store.record_job(&late).await.unwrap());
    link(store, &account("ada", "a1")).await;
    let of_another = JobRecord {
        user: user("bob"),
        ..late.clone()
    };
    assert!(!store.record_job(&of_another).await.unwrap());
    assert_eq!(store.find_job(&late.id).await.unwrap(), None);
    assert_eq!(store.count_running_jobs().await.unwrap(), 0);
    assert!(store.record_job(&late).await.unwrap());
}

pub(crate) async fn one_status_check_in_an_interval(store: &dyn Store) {
    let account = account("ada", "a1");
    link(store, &account).await;
    for (second, expected) in [
        (10, true),
        (10, false),
        (14, false),
        (15, true),
        (19, false),
    ] {
        let claimed = store
            .claim_check(&account.id, Check::Status, at(second), SECONDS_5)
            .await
            .unwrap();
        assert_eq!(claimed, expected, "at {second} s");
    }
    // Another kind of check has its own interval.
    assert!(
        store
            .claim_check(&account.id, Check::Confirmation, at(19), SECONDS_5)
            .await
            .unwrap()
    );
    // It is no change of the account.
    let found = store
        .find_account(&account.user, &account.id)
        .await
        .unwrap();
    assert_eq!(found, Some(account));
}

pub(crate) async fn one_of_many_status_checks_wins(store: &dyn Store) {
    let account = account("ada", "a1");
    link(store, &account).await;
    let claim = || store.claim_check(&account.id, Check::Status, at(10), SECONDS_5);
    let (a, b, c, d) = tokio::join!(claim(), claim(), claim(), claim());
    let claimed = [a, b, c, d]
        .map(Result::unwrap)
        .into_iter()
        .filter(|claimed| *claimed)
        .count();
    assert_eq!(claimed, 1);
}

fn event(name: &str, key: EventKey, second: i64) -> NewEvent {
    NewEvent {
        key,
        name: name.to_owned(),
        body: name.as_bytes().to_vec(),
        account: None,
        reference: None,
        received_at: at(second),
    }
}

fn with_id(id: &str, second: i64) -> NewEvent {
    event(id, EventKey::Id(id.to_owned()), second)
}

const HOURS_48: SignedDuration = SignedDuration::from_hours(48);
const LEASE: SignedDuration = SignedDuration::from_secs(30);

async fn claimed(store: &dyn Store, second: i64) -> Vec<String> {
    let events = store.claim_events(at(second), LEASE, 100).await.unwrap();
    events
        .iter()
        .map(|event| String::from_utf8(event.body.clone()).unwrap())
        .collect()
}

async fn claim_one(store: &dyn Store, second: i64) -> InboxEvent {
    let events = store.claim_events(at(second), LEASE, 100).await.unwrap();
    let [event] = events.as_slice() else {
        unreachable!("one event is due: {events:?}")
    };
    event.clone()
}

pub(crate) async fn the_same_event_is_known_again(store: &dyn Store) {
    assert_eq!(
        store.accept_event(with_id("e1", 0)).await.unwrap(),
        Accepted::New
    );
    assert_eq!(
        store.accept_event(with_id("e1", 9)).await.unwrap(),
        Accepted::Duplicate
    );
    assert_eq!(
        store.accept_event(with_id("e2", 9)).await.unwrap(),
        Accepted::New
    );
    // Without an id, for a time.
    let content = |second| {
        let key = EventKey::Content {
            digest: [7; 32],
            within: HOURS_48,
        };
        event("c", key, second)
    };
    assert_eq!(store.accept_event(content(0)).await.unwrap(), Accepted::New);
    let last = HOURS_48.as_secs() - 1;
    assert_eq!(
        store.accept_event(content(last)).await.unwrap(),
        Accepted::Duplicate
    );
    assert_eq!(
        store.accept_event(content(last + 1)).await.unwrap(),
        Accepted::New
    );
}

pub(crate) async fn many_events_at_once_are_each_accepted_once(store: &dyn Store) {
    let accept = |id: &str| store.accept_event(with_id(id, 0));
    let (a, b, c, d) = tokio::join!(accept("e1"), accept("e1"), accept("e2"), accept("e2"));
    let outcomes = [a, b, c, d].map(Result::unwrap);
    let new = outcomes
        .iter()
        .filter(|outcome| **outcome == Accepted::New)
        .count();
    assert_eq!(new, 2);
    assert_eq!(claimed(store, 0).await.len(), 2);
}

pub(crate) async fn events_are_claimed_in_order_until_done(store: &dyn Store) {
    for id in ["e1", "e2", "e3"] {
        store.accept_event(with_id(id, 0)).await.unwrap();
    }
    let events = store.claim_events(at(0), LEASE, 2).await.unwrap();
    assert_eq!(
        events
            .iter()
            .map(|event| event.attempts)
            .collect::<Vec<_>>(),
        [1, 1]
    );
    assert_eq!(claimed(store, 0).await, ["e3"]);
    store
        .finish_event(events[0].id, at(1), Body::Erased)
        .await
        .unwrap();
    store.retry_event(events[1].id, at(10)).await.unwrap();
    assert_eq!(claimed(store, 9).await, Vec::<String>::new());
    assert_eq!(claimed(store, 10).await, ["e2"]);
    // Whoever claimed e3 died.
    assert_eq!(claimed(store, 29).await, Vec::<String>::new());
    let again = claim_one(store, 30).await;
    assert_eq!(
        (again.body.as_slice(), again.attempts),
        (b"e3".as_slice(), 2)
    );
    // A retry of what is done changes nothing.
    store
        .finish_event(again.id, at(31), Body::Kept)
        .await
        .unwrap();
    store.retry_event(again.id, at(31)).await.unwrap();
    assert_eq!(claimed(store, 39).await, Vec::<String>::new());
}

pub(crate) async fn the_backlog_is_what_is_still_to_be_done(store: &dyn Store) {
    let backlog = async || {
        let backlog = store.inbox_backlog().await.unwrap();
        (backlog.events, backlog.oldest)
    };
    assert_eq!(backlog().await, (0, None));
    for (id, second) in [("e1", 3), ("e2", 2), ("e3", 4)] {
        store.accept_event(with_id(id, second)).await.unwrap();
    }
    assert_eq!(backlog().await, (3, Some(at(2))));
    let events = store.claim_events(at(4), LEASE, 9).await.unwrap();
    // Being worked on is not done yet.
    assert_eq!(backlog().await, (3, Some(at(2))));
    let id = |body: &str| {
        let event = events.iter().find(|event| event.body == body.as_bytes());
        event.unwrap().id
    };
    store
        .finish_event(id("e2"), at(5), Body::Erased)
        .await
        .unwrap();
    let unknown = WaitsFor::Account(account_id("unknown"));
    assert!(store.park_event(id("e1"), &unknown).await.unwrap());
    assert_eq!(backlog().await, (1, Some(at(4))));
}

pub(crate) async fn an_event_waits_for_its_account(store: &dyn Store) {
    store.accept_event(with_id("e1", 0)).await.unwrap();
    let parked = claim_one(store, 0).await;
    let waits_for = WaitsFor::Account(account_id("a1"));
    assert!(store.park_event(parked.id, &waits_for).await.unwrap());
    assert_eq!(claimed(store, 9_999_999).await, Vec::<String>::new());
    link(store, &account("ada", "a1")).await;
    assert_eq!(claim_one(store, 2).await.id, parked.id);
    // By now the account is there: nothing to wait for.
    assert!(!store.park_event(parked.id, &waits_for).await.unwrap());
}

pub(crate) async fn an_event_waits_for_its_job(store: &dyn Store) {
    link(store, &account("ada", "a1")).await;
    store.accept_event(with_id("e1", 0)).await.unwrap();
    let parked = claim_one(store, 0).await;
    let waits_for = WaitsFor::Job("j1".parse().unwrap());
    assert!(store.park_event(parked.id, &waits_for).await.unwrap());
    assert_eq!(claimed(store, 9_999_999).await, Vec::<String>::new());
    store
        .record_job(&job("j1", JobStatus::Processing, 5))
        .await
        .unwrap();
    assert_eq!(claim_one(store, 5).await.id, parked.id);
    assert!(!store.park_event(parked.id, &waits_for).await.unwrap());
}

fn job(id: &str, status: JobStatus, second: i64) -> JobRecord {
    JobRecord {
        id: id.parse().unwrap(),
        account: account_id("a1"),
        user: user("ada"),
        name: None,
        status,
        reauth_required: None,
        assumed: false,
        started_at: at(second),
        updated_at: at(second),
    }
}

pub(crate) async fn a_job_that_has_ended_stays_ended(store: &dyn Store) {
    link(store, &account("ada", "a1")).await;
    let processing = job("j1", JobStatus::Processing, 1);
    assert!(store.record_job(&processing).await.unwrap());
    assert!(
        !store
            .record_job(&JobRecord {
                updated_at: at(2),
                ..processing.clone()
            })
            .await
            .unwrap()
    );
    assert_eq!(
        store.find_job(&processing.id).await.unwrap(),
        Some(processing.clone())
    );

    let finished = JobRecord {
        name: Some("jobs.accounts.sync_balance".to_owned()),
        ..job("j1", JobStatus::Finished, 3)
    };
    assert!(store.record_job(&finished).await.unwrap());
    let kept = store.find_job(&processing.id).await.unwrap().unwrap();
    assert_eq!(
        (&kept.status, kept.started_at),
        (&JobStatus::Finished, at(1))
    );
    assert_eq!(kept.name, finished.name);
    for late in [JobStatus::Processing, JobStatus::Failed] {
        assert!(!store.record_job(&job("j1", late, 4)).await.unwrap());
    }
    assert_eq!(store.find_job(&processing.id).await.unwrap(), Some(kept));
    assert_eq!(store.find_job(&"j2".parse().unwrap()).await.unwrap(), None);
}

pub(crate) async fn an_end_that_was_assumed_gives_way_to_one_that_is_told(store: &dyn Store) {
    link(store, &account("ada", "a1")).await;
    let assumed = JobRecord {
        assumed: true,
        ..job("j1", JobStatus::Failed, 2)
    };
    let record = async |job: &JobRecord| store.record_job(job).await.unwrap();
    assert!(record(&job("j1", JobStatus::Processing, 1)).await);
    assert!(record(&assumed).await);
    assert!(!record(&assumed).await);
    // What was said before it comes late.
    assert!(!record(&job("j1", JobStatus::Processing, 3)).await);
    assert!(record(&job("j1", JobStatus::Finished, 4)).await);
    let kept = store.find_job(&assumed.id).await.unwrap().unwrap();
    assert_eq!((&kept.status, kept.assumed), (&JobStatus::Finished, false));
    assert!(!record(&assumed).await);
    let due = store.claim_due_jobs(at(4), at(64), 9).await.unwrap();
    assert_eq!(due.len(), 1, "its account is still to be asked for");
}

pub(crate) async fn that_a_login_is_wanted_may_be_told_after_a_job_failed(store: &dyn Store) {
    link(store, &account("ada", "a1")).await;
    let record = async |job: &JobRecord| store.record_job(job).await.unwrap();
    for (id, status) in [("j1", JobStatus::Failed), ("j2", JobStatus::Finished)] {
        assert!(record(&job(id, status, 1)).await);
    }
    let wanted = |id, status, wanted| JobRecord {
        reauth_required: Some(wanted),
        ..job(id, status, 2)
    };
    assert!(!record(&wanted("j1", JobStatus::Failed, false)).await);
    assert!(record(&wanted("j1", JobStatus::Processing, true)).await);
    assert!(!record(&wanted("j1", JobStatus::Failed, true)).await);
    assert!(!record(&wanted("j2", JobStatus::Failed, true)).await);
    let kept = async |id: &str| store.find_job(&id.parse().unwrap()).await.unwrap().unwrap();
    let failed = kept("j1").await;
    assert_eq!(
        (&failed.status, failed.reauth_required),
        (&JobStatus::Failed, Some(true))
    );
    assert_eq!(kept("j2").await.reauth_required, None);
    assert!(
        store.claim_due_jobs(at(9), at(64), 9).await.unwrap().len() == 1,
        "only the one that finished"
    );
}

pub(crate) async fn jobs_are_due_until_they_failed_or_are_settled(store: &dyn Store) {
    link(store, &account("ada", "a1")).await;
    for id in ["j1", "j3"] {
        store
            .record_job(&job(id, JobStatus::Processing, 1))
            .await
            .unwrap();
    }
    store
        .record_job(&job("j2", JobStatus::Failed, 1))
        .await
        .unwrap();
    let claim = async |second: i64| {
        let jobs = store
            .claim_due_jobs(at(second), at(second + 60), 9)
            .await
            .unwrap();
        let ids = jobs.iter().map(|job| job.id.to_string());
        ids.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    };
    let put_off = async |id: &str, second| {
        let id = id.parse().unwrap();
        store.put_off_job(&id, at(second)).await.unwrap();
    };
    let settle = async |id: &str| store.settle_job(&id.parse().unwrap()).await.unwrap();
    assert_eq!(store.count_running_jobs().await.unwrap(), 2);
    assert_eq!(claim(1).await, ["j1", "j3"]);
    assert_eq!(claim(2).await, Vec::<String>::new());
    put_off("j1", 10).await;
    // What runs is not settled.
    settle("j1").await;
    assert_eq!(claim(9).await, Vec::<String>::new());
    assert_eq!(claim(10).await, ["j1"]);
    for (id, status) in [("j1", JobStatus::Failed), ("j3", JobStatus::Finished)] {
        store.record_job(&job(id, status, 11)).await.unwrap();
    }
    assert_eq!(store.count_running_jobs().await.unwrap(), 0);
    // At once, and again until its account was asked for.
    assert_eq!(claim(11).await, ["j3"]);
    put_off("j3", 20).await;
    assert_eq!(claim(20).await, ["j3"]);
    settle("j3").await;
    put_off("j3", 30).await;
    assert_eq!(claim(9_999).await, Vec::<String>::new());
}

pub(crate) async fn a_statement_pdf_belongs_to_its_account_and_goes_with_it(store: &dyn Store) {
    let (ada, bob) = (account("ada", "a1"), account("bob", "b1"));
    link(store, &ada).await;
    link(store, &bob).await;
    let job: JobId = "p1".parse().unwrap();
    let is_of = async |account: &AccountId| store.is_statement_pdf_of(account, &job).await.unwrap();
    assert!(!is_of(&ada.id).await);
    for second in [1, 2] {
        let kept = store.keep_statement_pdf(&ada.id, &job, at(second)).await;
        kept.unwrap();
    }
    assert!(is_of(&ada.id).await);
    assert!(!is_of(&bob.id).await);

    let removed = store.remove_account(&ada.user, &ada.id, at(3), None).await;
    assert!(removed.unwrap());
    assert!(!is_of(&ada.id).await);
    let late = store.keep_statement_pdf(&ada.id, &job, at(3)).await;
    late.unwrap();
    assert!(!is_of(&ada.id).await);
}

pub(crate) async fn changes_are_numbered_per_user(store: &dyn Store) {
    let ada = account("ada", "a1");
    assert_eq!(store.change_range(&ada.user).await.unwrap(), None);
    link(store, &ada).await;
    link(store, &account("bob", "b1")).await;
    store.update_account(&ada, &[]).await.unwrap();
    store
        .record_job(&job("j1", JobStatus::Processing, 1))
        .await
        .unwrap();
    store
        .remove_account(&ada.user, &ada.id, at(9), None)
        .await
        .unwrap();

    let changes = store.changes_after(&ada.user, 0, 100).await.unwrap();
    let what: Vec<_> = changes.iter().map(|change| change.what.clone()).collect();
    let job = Changed::Job("j1".parse().unwrap());
    assert_eq!(
        what,
        [Changed::Account, Changed::Account, job, Changed::Removed]
    );
    assert!(changes.iter().all(|change| change.account == ada.id));
    assert!(changes.is_sorted_by_key(|change| change.number));
    let (first, last) = (changes[0].number, changes[3].number);
    let range = store.change_range(&ada.user).await.unwrap();
    assert_eq!(range, Some((first, last)));
    let range = store.change_range(&user("nobody")).await.unwrap();
    assert_eq!(range, Some((first, 0)));

    let some = store
        .changes_after(&ada.user, changes[1].number, 1)
        .await
        .unwrap();
    assert_eq!(some, [changes[2].clone()]);
    assert_eq!(
        store
            .changes_after(&user("bob"), 0, 100)
            .await
            .unwrap()
            .len(),
        1
    );
    // The job went with its account.
    assert_eq!(store.find_job(&"j1".parse().unwrap()).await.unwrap(), None);
}

pub(crate) async fn processing_accounts_are_due_until_their_data_is_there(store: &dyn Store) {
    let account = account("ada", "a1");
    link(store, &account).await;
    let claim = async |second: i64| {
        let until = at(second + 60);
        store
            .claim_processing_accounts(at(second), until, 9)
            .await
            .unwrap()
            .len()
    };
    // Linked at 2.
    assert_eq!(claim(11).await, 0);
    assert_eq!(claim(12).await, 1);
    assert_eq!(claim(13).await, 0);
    store.put_off_check(&account.id, at(20)).await.unwrap();
    assert_eq!(claim(19).await, 0);
    assert_eq!(claim(20).await, 1);

    let fact = Fact::Data {
        status: DataStatus::Available,
        retrieved: Vec::new(),
    };
    let Observation::Advanced(state) = observe(&account.state, &fact, at(30)) else {
        unreachable!("a new fact advances");
    };
    let told = AccountRecord { state, ..account };
    store.update_account(&told, &[]).await.unwrap();
    // That the data is there may be an event's word; which attempt it came of is Mono's own to say.
    assert_eq!(claim(9_999).await, 1);
    let Observation::Advanced(state) = observe(&told.state, &Fact::AttemptConfirmed, at(31)) else {
        unreachable!("a new fact advances");
    };
    let confirmed = AccountRecord {
        state,
        version: told.version + 1,
        ..told
    };
    store.update_account(&confirmed, &[]).await.unwrap();
    assert_eq!(claim(99_999).await, 0);
}

pub(crate) async fn an_event_may_link_before_the_browser(store: &dyn Store) {
    store.add_link_session(&session("ada")).await.unwrap();
    let account = account("ada", "a1");
    let by_event = NewLink {
        account: account.clone(),
        reference: account.reference.clone(),
        exchanged: false,
        message: None,
    };
    assert_eq!(
        store.finish_link(&by_event).await.unwrap(),
        LinkOutcome::Linked
    );
    let session = store
        .find_link_session(&account.reference)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (session.account, session.exchanged),
        (Some(account.id.clone()), false)
    );

    // Good for one exchange of that account, and of no other.
    let mut other = by_event.clone();
    other.account.id = account_id("a2");
    other.exchanged = true;
    assert_eq!(
        store.finish_link(&other).await.unwrap(),
        LinkOutcome::SessionUsed
    );
    let by_code = NewLink {
        exchanged: true,
        message: None,
        ..by_event
    };
    assert_eq!(
        store.finish_link(&by_code).await.unwrap(),
        LinkOutcome::AlreadyLinked
    );
    assert_eq!(
        store.finish_link(&by_code).await.unwrap(),
        LinkOutcome::SessionUsed
    );
}

pub(crate) async fn an_account_is_part_of_a_scheduled_run_once(store: &dyn Store) {
    for id in ["a1", "a2", "a3"] {
        let reference = format!("ref-{id}").parse().unwrap();
        link(
            store,
            &AccountRecord {
                reference,
                ..account("ada", id)
            },
        )
        .await;
    }
    let without = AccountRecord {
        consent: None,
        reference: "ref-without".parse().unwrap(),
        ..account("bob", "without")
    };
    link(store, &without).await;
    let claim = async |run: i64, second: i64, limit: u32| {
        let accounts = store
            .claim_scheduled_accounts(at(run), at(second), at(second + 60), limit)
            .await
            .unwrap();
        let mut ids: Vec<_> = accounts
            .iter()
            .map(|account| account.id.to_string())
            .collect();
        ids.sort();
        ids
    };
    // All were linked at 2.
    assert_eq!(claim(2, 3, 9).await, Vec::<String>::new());
    assert_eq!(claim(100, 101, 2).await, ["a1", "a2"]);
    assert_eq!(claim(100, 102, 9).await, ["a3"]);
    assert_eq!(claim(100, 103, 9).await, Vec::<String>::new());
    for id in ["a1", "a3"] {
        store
            .finish_scheduled_account(&account_id(id), at(100))
            .await
            .unwrap();
    }
    // Whoever claimed the second one is gone.
    assert_eq!(claim(100, 160, 9).await, Vec::<String>::new());
    assert_eq!(claim(100, 161, 9).await, ["a2"]);
    store
        .finish_scheduled_account(&account_id("a2"), at(100))
        .await
        .unwrap();
    assert_eq!(claim(100, 9_999, 9).await, Vec::<String>::new());
    assert_eq!(claim(200, 201, 9).await, ["a1", "a2", "a3"]);
    for id in ["a1", "a2", "a3"] {
        store
            .finish_scheduled_account(&account_id(id), at(200))
            .await
            .unwrap();
    }
    // A run that is over does not come back.
    assert_eq!(claim(100, 9_999, 9).await, Vec::<String>::new());
}

/// Removes all that is old, two at a time, and says how many each time removed.
async fn prune_all(store: &dyn Store, what: Prunable, second: i64) -> Vec<u64> {
    let mut removed = Vec::new();
    loop {
        removed.push(store.prune(what, at(second), 2).await.unwrap());
        if removed.last() < Some(&2) {
            return removed;
        }
    }
}

pub(crate) async fn old_link_sessions_and_exchanges_are_removed(store: &dyn Store) {
    for name in ["ada", "bob", "cleo"] {
        store.add_link_session(&session(name)).await.unwrap();
    }
    let later = LinkSessionRecord {
        expires_at: at(9_000),
        ..session("dora")
    };
    store.add_link_session(&later).await.unwrap();
    assert_eq!(prune_all(store, Prunable::LinkSessions, 1_800).await, [0]);
    assert_eq!(
        prune_all(store, Prunable::LinkSessions, 1_801).await,
        [2, 1]
    );
    let find = async |name: &str| store.find_link_session(&reference(name)).await.unwrap();
    assert_eq!(find("ada").await, None);
    assert_eq!(find("dora").await, Some(later));

    let old = exchange("ada", 1);
    let new = Exchange {
        started_at: at(500),
        ..exchange("ada", 2)
    };
    for exchange in [&old, &new] {
        store.start_exchange(exchange).await.unwrap();
        store
            .record_exchange(&exchange.code, &account_id("a1"))
            .await
            .unwrap();
    }
    assert_eq!(prune_all(store, Prunable::Exchanges, 500).await, [1]);
    assert_eq!(store.find_exchange(&old.code).await.unwrap(), None);
    assert!(store.find_exchange(&new.code).await.unwrap().is_some());
}

pub(crate) async fn only_events_that_are_over_are_removed(store: &dyn Store) {
    for id in ["done", "waits", "due"] {
        accept(store, id, 1).await;
    }
    let lease = SignedDuration::from_secs(1);
    let claimed = store.claim_events(at(1), lease, 9).await.unwrap();
    let [done, waits, due] = [0, 1, 2].map(|index| claimed[index].id);
    store
        .finish_event(done, at(50), Body::Erased)
        .await
        .unwrap();
    let awaited = WaitsFor::Account(account_id("a1"));
    assert!(store.park_event(waits, &awaited).await.unwrap());

    assert_eq!(prune_all(store, Prunable::DoneEvents, 50).await, [0]);
    assert_eq!(accept(store, "done", 51).await, Accepted::Duplicate);
    assert_eq!(prune_all(store, Prunable::DoneEvents, 51).await, [1]);
    assert_eq!(accept(store, "waits", 51).await, Accepted::Duplicate);
    assert_eq!(prune_all(store, Prunable::WaitingEvents, 1).await, [0]);
    assert_eq!(prune_all(store, Prunable::WaitingEvents, 2).await, [1]);
    // What was removed is new again, and takes nobody's number.
    assert_eq!(accept(store, "done", 52).await, Accepted::New);
    assert_eq!(accept(store, "waits", 52).await, Accepted::New);
    let claimed = store.claim_events(at(99), lease, 9).await.unwrap();
    assert_eq!(claimed.len(), 3);
    assert_eq!(claimed[0].id, due);
    assert!(claimed[1..].iter().all(|event| event.id > due));
}

async fn accept(store: &dyn Store, id: &str, second: i64) -> Accepted {
    store.accept_event(with_id(id, second)).await.unwrap()
}

pub(crate) async fn only_jobs_that_have_ended_are_removed(store: &dyn Store) {
    link(store, &account("ada", "a1")).await;
    for (id, status) in [
        ("j1", JobStatus::Finished),
        ("j2", JobStatus::Processing),
        ("j3", JobStatus::Failed),
        ("j5", JobStatus::Finished),
    ] {
        store.record_job(&job(id, status, 1)).await.unwrap();
    }
    // What j5 brought is still to be asked for.
    store.settle_job(&"j1".parse().unwrap()).await.unwrap();
    store
        .record_job(&job("j4", JobStatus::Finished, 100))
        .await
        .unwrap();
    assert_eq!(prune_all(store, Prunable::EndedJobs, 100).await, [2, 0]);
    for (id, is_there) in [
        ("j1", false),
        ("j2", true),
        ("j3", false),
        ("j4", true),
        ("j5", true),
    ] {
        let found = store.find_job(&id.parse().unwrap()).await.unwrap();
        assert_eq!(found.is_some(), is_there, "{id}");
    }
}

pub(crate) async fn old_statement_pdfs_are_removed(store: &dyn Store) {
    let ada = account("ada", "a1");
    link(store, &ada).await;
    let jobs = ["p1", "p2", "p3", "p4"].map(|id| id.parse::<JobId>().unwrap());
    for (job, second) in jobs.iter().zip([1, 2, 3, 100]) {
        let kept = store.keep_statement_pdf(&ada.id, job, at(second)).await;
        kept.unwrap();
    }
    let old = prune_all(store, Prunable::StatementPdfs, 100).await;
    assert_eq!(old, [2, 1]);
    for (job, is_there) in jobs.iter().zip([false, false, false, true]) {
        let known = store.is_statement_pdf_of(&ada.id, job).await.unwrap();
        assert_eq!(known, is_there, "{job}");
    }
}

pub(crate) async fn the_oldest_changes_are_removed(store: &dyn Store) {
    let ada = account("ada", "a1");
    link(store, &ada).await;
    for second in [10, 20, 15, 30] {
        let job_id = format!("j{second}");
        store
            .record_job(&job(&job_id, JobStatus::Processing, second))
            .await
            .unwrap();
    }
    let range = async || store.change_range(&ada.user).await.unwrap();
    let (first, last) = range().await.unwrap();
    assert_eq!(last - first, 4);
    // The change of 15 came after that of 20, so it stays as long: nobody may miss it.
    assert_eq!(prune_all(store, Prunable::Changes, 20).await, [2, 0]);
    assert_eq!(range().await, Some((first + 2, last)));
    assert_eq!(prune_all(store, Prunable::Changes, 31).await, [2, 0]);
    // Of the newest only the number is left.
    assert_eq!(range().await, Some((last, 0)));
    let changes = store.changes_after(&ada.user, 0, 9).await.unwrap();
    assert_eq!(changes, []);
    store
        .remove_account(&ada.user, &ada.id, at(40), None)
        .await
        .unwrap();
    assert_eq!(range().await, Some((last, last + 1)));
    assert_eq!(prune_all(store, Prunable::Changes, 99).await, [1]);
    assert_eq!(range().await, Some((last + 1, 0)));
}

pub(crate) async fn words_come_back_as_they_were(store: &dyn Store) {
    link(store, &account("ada", "a1")).await;
    for (id, word) in [("j1", "a\0b"), ("j2", "\u{1b}0"), ("j3", "é\0\u{1b}😀")] {
        let odd = JobRecord {
            name: Some(word.to_owned()),
            ..job(id, JobStatus::from(word), 1)
        };
        assert!(store.record_job(&odd).await.unwrap());
        assert!(!store.record_job(&odd).await.unwrap(), "{word:?} is known");
        assert_eq!(store.find_job(&odd.id).await.unwrap(), Some(odd));
    }
    let profile = Profile {
        name: Some("Ada\0 \u{1b}Lovelace".to_owned()),
        ..Profile::default()
    };
    let odd = AccountRecord {
        profile,
        ..account("ada", "a2")
    };
    link(store, &odd).await;
    let found = store.find_account(&odd.user, &odd.id).await.unwrap();
    assert_eq!(found, Some(odd));
}

pub(crate) async fn an_event_is_known_again_whatever_its_id(store: &dyn Store) {
    let long = "e".repeat(500_000);
    let longer = "e".repeat(500_001);
    for id in ["", "\0", "a\0b", "\u{1b}0", &long, &longer] {
        let event = |second| NewEvent {
            body: vec![0, 255],
            ..with_id(id, second)
        };
        let length = id.len();
        let accepted = store.accept_event(event(0)).await.unwrap();
        assert_eq!(accepted, Accepted::New, "an id of {length} bytes");
        let accepted = store.accept_event(event(1)).await.unwrap();
        assert_eq!(accepted, Accepted::Duplicate, "an id of {length} bytes");
    }
    let events = store.claim_events(at(0), LEASE, 100).await.unwrap();
    assert_eq!(events.len(), 6);
    assert!(events.iter().all(|event| event.body == [0, 255]));
}

pub(crate) async fn claims_at_the_same_time_share_nothing(store: &dyn Store) {
    for number in 0..40 {
        let id = format!("e{number}");
        store.accept_event(with_id(&id, 0)).await.unwrap();
    }
    let claim = || store.claim_events(at(0), LEASE, 10);
    let (a, b, c, d) = tokio::join!(claim(), claim(), claim(), claim());
    let mut ids: Vec<_> = [a, b, c, d]
        .into_iter()
        .flat_map(Result::unwrap)
        .map(|event| event.id)
        .collect();
    // What is claimed at this moment is left out rather than waited for.
    while let [first, ..] = store
        .claim_events(at(0), LEASE, 1)
        .await
        .unwrap()
        .as_slice()
    {
        ids.push(first.id);
    }
    let claimed = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((claimed, ids.len()), (40, 40));
}

pub(crate) async fn an_event_never_misses_what_it_waits_for(store: &dyn Store) {
    for number in 0..20 {
        let id = format!("a{number}");
        store.accept_event(with_id(&id, 0)).await.unwrap();
        let event = claim_one(store, 0).await;
        let reference = format!("ref-{id}").parse().unwrap();
        let account = AccountRecord {
            reference,
            ..account("ada", &id)
        };
        let waits_for = WaitsFor::Account(account.id.clone());
        let (parked, _) = tokio::join!(
            store.park_event(event.id, &waits_for),
            link(store, &account)
        );
        if parked.unwrap() {
            assert_eq!(claim_one(store, 2).await.id, event.id, "it was woken");
        }
        store
            .finish_event(event.id, at(2), Body::Erased)
            .await
            .unwrap();
    }
}

fn audit_entry(action: &str, of: Option<&str>) -> NewAuditEntry {
    NewAuditEntry {
        at: at(7),
        key: "crm".to_owned(),
        action: action.to_owned(),
        account: of.map(|name| account_id(&format!("{name}1"))),
        user: of.map(user),
        status: Some(200),
        request_id: "req".to_owned(),
    }
}

pub(crate) async fn the_audit_log_comes_back_in_order(store: &dyn Store) {
    let entries = [
        NewAuditEntry {
            status: None,
            ..audit_entry("DELETE /service/users/{user_id}", Some("ada"))
        },
        audit_entry("GET /service/accounts", None),
        audit_entry("GET /service/audit", None),
    ];
    assert_eq!(store.audit_entries_after(0, 9).await.unwrap(), []);
    for entry in &entries {
        store.add_audit_entry(entry).await.unwrap();
    }
    let all = store.audit_entries_after(0, 9).await.unwrap();
    let noted: Vec<_> = all.iter().map(|entry| entry.entry.clone()).collect();
    assert_eq!(noted, entries);
    let first = store.audit_entries_after(0, 1).await.unwrap();
    assert_eq!(first, all[..1]);
    let rest = store.audit_entries_after(first[0].number, 9).await.unwrap();
    assert_eq!(rest, all[1..]);
}

pub(crate) async fn all_accounts_are_paged_by_their_ids(store: &dyn Store) {
    for (name, id) in [("ada", "b"), ("bob", "a"), ("ada", "c")] {
        let account = AccountRecord {
            reference: format!("ref-{id}").parse().unwrap(),
            ..account(name, id)
        };
        store
            .add_link_session(&LinkSessionRecord {
                reference: account.reference.clone(),
                ..session(name)
            })
            .await
            .unwrap();
        assert_eq!(link(store, &account).await, LinkOutcome::Linked);
    }
    let ids = async |user: Option<&str>, after: Option<&str>, limit| {
        let user = user.map(|name| name.parse::<UserId>().unwrap());
        let after = after.map(account_id);
        let found = store
            .accounts_after(user.as_ref(), after.as_ref(), limit)
            .await
            .unwrap();
        let ids: Vec<_> = found
            .into_iter()
            .map(|found| found.id.to_string())
            .collect();
        ids.join(" ")
    };
    assert_eq!(ids(None, None, 9).await, "a b c");
    assert_eq!(ids(None, None, 2).await, "a b");
    assert_eq!(ids(None, Some("b"), 9).await, "c");
    assert_eq!(ids(Some("ada"), None, 9).await, "b c");
    assert_eq!(ids(Some("ada"), Some("b"), 9).await, "c");
    assert_eq!(ids(Some("eve"), None, 9).await, "");
}

/// Links an account for this user, with everything that comes with one.
async fn leave_traces(store: &dyn Store, name: &str, code: u8) -> AccountRecord {
    let account = account(name, &format!("{name}1"));
    store.add_link_session(&session(name)).await.unwrap();
    store.start_exchange(&exchange(name, code)).await.unwrap();
    link(store, &account).await;
    let job = JobRecord {
        id: format!("job-{name}").parse().unwrap(),
        account: account.id.clone(),
        user: account.user.clone(),
        name: None,
        status: JobStatus::Processing,
        reauth_required: None,
        assumed: false,
        started_at: at(4),
        updated_at: at(4),
    };
    store.record_job(&job).await.unwrap();
    let noted = audit_entry("GET /service/accounts/{id}", Some(name));
    store.add_audit_entry(&noted).await.unwrap();
    account
}

pub(crate) async fn everything_of_a_user_is_found(store: &dyn Store) {
    let account = leave_traces(store, "ada", 1).await;
    leave_traces(store, "bob", 2).await;
    let records = store.records_of_user(&user("ada")).await.unwrap();
    assert_eq!(records.accounts, [account]);
    assert_eq!(records.link_sessions.len(), 1);
    assert_eq!(records.link_sessions[0].account, Some(account_id("ada1")));
    assert_eq!(records.exchanges.len(), 1);
    assert_eq!(records.exchanges[0].code, CodeHash([1; 32]));
    assert_eq!(records.jobs.len(), 1);
    assert!(!records.changes.is_empty());
    assert!(
        records
            .changes
            .iter()
            .all(|(_, id)| *id == account_id("ada1"))
    );
    let noted: Vec<_> = records.audit.into_iter().map(|entry| entry.entry).collect();
    assert_eq!(
        noted,
        [audit_entry("GET /service/accounts/{id}", Some("ada"))]
    );
    assert_eq!(
        store.records_of_user(&user("eve")).await.unwrap(),
        UserRecords::default()
    );
}

pub(crate) async fn a_user_is_erased_once_nothing_is_linked(store: &dyn Store) {
    let account = leave_traces(store, "ada", 1).await;
    leave_traces(store, "bob", 2).await;
    let before = store.records_of_user(&user("ada")).await.unwrap();
    let erased = store.erase_user(&user("ada"), at(12)).await.unwrap();
    assert_eq!(erased, UserErasure::StillLinked);
    assert_eq!(store.records_of_user(&user("ada")).await.unwrap(), before);

    store
        .erase_account(&account.user, &account.id, at(9), None)
        .await
        .unwrap();
    // An attempt that nothing came of.
    let open = LinkSessionRecord {
        reference: "ref-open".parse().unwrap(),
        ..session("ada")
    };
    store.add_link_session(&open).await.unwrap();
    let erased = store.erase_user(&user("ada"), at(12)).await.unwrap();
    assert_eq!(erased, UserErasure::Erased);
    let left = store.records_of_user(&user("ada")).await.unwrap();
    assert_eq!(left.audit, before.audit, "the audit log forgets nothing");
    assert_eq!(left.changes, [(at(9), account.id)], "open pages are told");
    let nothing = UserRecords {
        changes: left.changes.clone(),
        audit: left.audit.clone(),
        ..UserRecords::default()
    };
    assert_eq!(left, nothing);
    let of_bob = store.records_of_user(&user("bob")).await.unwrap();
    assert_eq!((of_bob.accounts.len(), of_bob.link_sessions.len()), (1, 1));
    // Nobody is there any more; once more does no harm.
    let again = store.erase_user(&user("ada"), at(12)).await.unwrap();
    assert_eq!(again, UserErasure::Erased);
    assert_eq!(prune_all(store, Prunable::ErasedUsers, 9).await, [0]);
    assert_eq!(prune_all(store, Prunable::ErasedUsers, 10).await, [1]);
    let left = store.records_of_user(&user("ada")).await.unwrap();
    assert_eq!(left.changes, []);
    // Whoever knew a number of theirs is told all there is: nothing.
    let range = store.change_range(&user("ada")).await.unwrap();
    assert_eq!(range.map(|(_, last)| last), Some(0));
    let of_bob = store.changes_after(&user("bob"), 0, 9).await.unwrap();
    assert!(!of_bob.is_empty());
}

pub(crate) async fn events_of_an_erased_users_attempts_are_erased(store: &dyn Store) {
    let of_bob = LinkSessionRecord {
        reference: "ref-bob".parse().unwrap(),
        ..session("bob")
    };
    store.add_link_session(&session("ada")).await.unwrap();
    store.add_link_session(&of_bob).await.unwrap();
    let names = |id: &str, reference: Option<&Reference>, account: Option<&str>| NewEvent {
        reference: reference.cloned(),
        account: account.map(account_id),
        ..with_id(id, 1)
    };
    let of_ada = reference("ada");
    for event in [
        names("both", Some(&of_ada), Some("lost")),
        names("reference", Some(&of_ada), None),
        // Of the same account, as the first one says.
        names("account", None, Some("lost")),
        names("other", Some(&of_bob.reference), Some("found")),
        names("nobody's", None, Some("elsewhere")),
    ] {
        store.accept_event(event).await.unwrap();
    }
    for event in store.claim_events(at(1), LEASE, 2).await.unwrap() {
        let waits_for = WaitsFor::Account(account_id("lost"));
        store.park_event(event.id, &waits_for).await.unwrap();
    }
    let erased = store.erase_user(&user("ada"), at(9)).await.unwrap();
    assert_eq!(erased, UserErasure::Erased);
    assert_eq!(claimed(store, 9_999).await, ["other", "nobody's"]);
    assert!(store.is_erased(&account_id("lost")).await.unwrap());
    assert!(!store.is_erased(&account_id("found")).await.unwrap());
    // Each is the same event, whatever became of its user.
    for id in ["both", "reference", "account"] {
        let again = store.accept_event(with_id(id, 10)).await.unwrap();
        assert_eq!(again, Accepted::Duplicate, "{id}");
    }
}
