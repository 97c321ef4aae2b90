//! What every store must do. Each case gets a fresh store.

use jiff::{SignedDuration, Timestamp};
use mono_connect_shared::account::Institution;
use mono_connect_shared::id::{AccountId, Reference, UserId};
use mono_connect_shared::lifecycle::{Fact, Observation, State, observe};
use mono_connect_shared::link::Consent;
use mono_connect_store::{
    AccountRecord, CodeHash, ConsentRecord, Exchange, ExchangeStart, LinkOutcome,
    LinkSessionRecord, NewLink, Profile, Store, Written,
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

pub(crate) async fn link(store: &dyn Store, account: &AccountRecord) -> LinkOutcome {
    let link = NewLink {
        account: account.clone(),
        reference: account.reference.clone(),
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
        LinkOutcome::AlreadyLinked
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
    assert!(!store.remove_account(&user("bob"), &ada.id).await.unwrap());
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
        store.update_account(&next).await.unwrap(),
        Written::Version(2)
    );
    assert_eq!(
        store.update_account(&next).await.unwrap(),
        Written::Conflict
    );
    let found = store.find_account(&first.user, &first.id).await.unwrap();
    assert_eq!(found, Some(AccountRecord { version: 2, ..next }));

    let missing = account("ada", "missing");
    assert_eq!(store.update_account(&missing).await.unwrap(), Written::Gone);
}

pub(crate) async fn one_of_many_writers_of_a_version_wins(store: &dyn Store) {
    let account = account("ada", "a1");
    link(store, &account).await;
    let write = || store.update_account(&account);
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
            .remove_account(&account.user, &account.id)
            .await
            .unwrap()
    );
    assert!(
        !store
            .remove_account(&account.user, &account.id)
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
            .claim_status_check(&account.id, at(9), SECONDS_5)
            .await
            .unwrap()
    );
}

const SECONDS_5: SignedDuration = SignedDuration::from_secs(5);

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
            .claim_status_check(&account.id, at(second), SECONDS_5)
            .await
            .unwrap();
        assert_eq!(claimed, expected, "at {second} s");
    }
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
    let claim = || store.claim_status_check(&account.id, at(10), SECONDS_5);
    let (a, b, c, d) = tokio::join!(claim(), claim(), claim(), claim());
    let claimed = [a, b, c, d]
        .map(Result::unwrap)
        .into_iter()
        .filter(|claimed| *claimed)
        .count();
    assert_eq!(claimed, 1);
}
