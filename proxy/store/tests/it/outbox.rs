//! What every store must do with messages for the site's back end.

use jiff::{SignedDuration, Timestamp};
use mono_connect_shared::account::{Account, Budget, DataStatus, Institution};
use mono_connect_shared::lifecycle::{Cause, Fact, Observation, State, observe};
use mono_connect_shared::outbound::OutboundType;
use mono_connect_store::{
    AccountRecord, NewLink, NewMessage, Nudge, OutboxBacklog, OutboxMessage, Prunable, Store,
    UserErasure, Written,
};

use crate::suite;

const LEASE: SignedDuration = SignedDuration::from_secs(30);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

/// The account as the site's back end sees it.
pub(crate) fn shown(name: Option<&str>, id: &str) -> Account {
    Account {
        id: id.parse().unwrap(),
        name: name.map(str::to_owned),
        institution: Institution::default(),
        account_number_last4: None,
        account_type: None,
        currency: None,
        balance: None,
        data_status: DataStatus::Processing,
        data_available: false,
        retrieved_data: Vec::new(),
        requires_reauth: false,
        requires_reauth_since: None,
        last_sync: None,
        sync: Budget::default(),
        realtime: Budget::default(),
        linked_at: at(2),
        updated_at: at(3),
        consent: None,
        duplicate_of: None,
    }
}

pub(crate) fn message(id: &str, kind: OutboundType, account: &AccountRecord) -> NewMessage {
    NewMessage {
        id: id.to_owned(),
        kind,
        at: at(5),
        user: account.user.clone(),
        account: shown(Some("Samuel Olamide"), account.id.as_str()),
    }
}

/// Writes a version of the account with these messages.
pub(crate) async fn write(
    store: &dyn Store,
    account: &AccountRecord,
    ids: &[&str],
) -> AccountRecord {
    let message = |id: &&str| message(id, OutboundType::Updated, account);
    let messages: Vec<_> = ids.iter().map(message).collect();
    let written = store.update_account(account, &messages).await.unwrap();
    let Written::Version(version) = written else {
        unreachable!("nobody else writes");
    };
    AccountRecord {
        version,
        ..account.clone()
    }
}

async fn claim(store: &dyn Store, second: i64) -> Vec<OutboxMessage> {
    store.claim_messages(at(second), LEASE, 9).await.unwrap()
}

fn ids(messages: &[OutboxMessage]) -> Vec<&str> {
    messages.iter().map(|one| &*one.message.id).collect()
}

async fn linked(store: &dyn Store, id: &str) -> AccountRecord {
    let account = AccountRecord {
        reference: format!("ref-{id}").parse().unwrap(),
        ..suite::account("ada", id)
    };
    suite::link(store, &account).await;
    account
}

pub(crate) async fn messages_come_in_order_one_at_a_time_of_each_account(store: &dyn Store) {
    let (a, b) = (linked(store, "a1").await, linked(store, "b1").await);
    let a = write(store, &a, &["a-1", "a-2"]).await;
    write(store, &b, &["b-1"]).await;
    write(store, &a, &["a-3"]).await;

    let first = claim(store, 5).await;
    assert_eq!(ids(&first), ["a-1", "b-1"]);
    assert_eq!(first[0].attempts, 1);
    let expected = message("a-1", OutboundType::Updated, &a);
    assert_eq!(first[0].message, expected, "it comes back as it was");
    assert_eq!(ids(&claim(store, 6).await), [""; 0], "they are claimed");

    store.finish_message(&first[0], at(6)).await.unwrap();
    let second = claim(store, 6).await;
    assert_eq!(ids(&second), ["a-2"]);
    // Whoever claimed the others has died.
    let again = claim(store, 40).await;
    assert_eq!(ids(&again), ["a-2", "b-1"]);
    assert_eq!(again[0].attempts, 2);
    for message in again {
        store.finish_message(&message, at(41)).await.unwrap();
    }
    assert_eq!(ids(&claim(store, 41).await), ["a-3"]);
}

pub(crate) async fn what_waits_behind_a_failure_waits_for_it(store: &dyn Store) {
    let account = linked(store, "a1").await;
    let account = write(store, &account, &["1", "2"]).await;
    let first = claim(store, 5).await;
    let number = first[0].number;
    store
        .retry_message(number, at(300), "timeout")
        .await
        .unwrap();
    assert_eq!(ids(&claim(store, 100).await), [""; 0]);
    // What comes later waits as well.
    write(store, &account, &["3"]).await;
    assert_eq!(ids(&claim(store, 299).await), [""; 0]);

    let again = claim(store, 300).await;
    assert_eq!(ids(&again), ["1"]);
    assert_eq!(again[0].failure.as_deref(), Some("timeout"));
    store.finish_message(&again[0], at(301)).await.unwrap();
    let second = claim(store, 301).await;
    assert_eq!(ids(&second), ["2"], "at once");
    store.finish_message(&second[0], at(302)).await.unwrap();
    assert_eq!(ids(&claim(store, 302).await), ["3"]);
}

pub(crate) async fn a_dead_letter_stands_in_nobodys_way_and_may_be_revived(store: &dyn Store) {
    let account = linked(store, "a1").await;
    write(store, &account, &["1", "2"]).await;
    let first = claim(store, 5).await;
    store
        .give_up_message(&first[0], at(6), "refused")
        .await
        .unwrap();
    assert_eq!(ids(&claim(store, 6).await), ["2"]);

    let dead = store.dead_letters_after(0, 9).await.unwrap();
    assert_eq!(ids(&dead), ["1"]);
    assert_eq!(dead[0].failure.as_deref(), Some("refused"));
    assert_eq!(
        store.dead_letters_after(dead[0].number, 9).await.unwrap(),
        []
    );
    let backlog = store.outbox_backlog().await.unwrap();
    let expected = OutboxBacklog {
        messages: 1,
        oldest: Some(at(5)),
        dead_letters: 1,
    };
    assert_eq!(backlog, expected);

    assert!(!store.revive_message("2", at(7)).await.unwrap(), "not dead");
    for unknown in ["none", "a\0b"] {
        assert!(!store.revive_message(unknown, at(7)).await.unwrap());
    }
    assert!(store.revive_message("1", at(7)).await.unwrap());
    let revived = claim(store, 7).await;
    assert_eq!((ids(&revived), revived[0].attempts), (vec!["1"], 1));
    assert_eq!(store.dead_letters_after(0, 9).await.unwrap(), []);
}

pub(crate) async fn a_message_is_written_with_its_change_or_not_at_all(store: &dyn Store) {
    let account = AccountRecord {
        reference: "ref-new".parse().unwrap(),
        ..suite::account("ada", "a1")
    };
    let session = mono_connect_store::LinkSessionRecord {
        reference: account.reference.clone(),
        user: account.user.clone(),
        created_at: at(0),
        expires_at: at(1800),
        consent: None,
        account: None,
        exchanged: false,
    };
    store.add_link_session(&session).await.unwrap();
    let link = NewLink {
        message: Some(message("linked", OutboundType::Linked, &account)),
        reference: account.reference.clone(),
        account: account.clone(),
        exchanged: false,
    };
    store.finish_link(&link).await.unwrap();
    // It is linked already, and that was told.
    let again = NewLink {
        exchanged: true,
        message: Some(message("again", OutboundType::Linked, &account)),
        ..link
    };
    store.finish_link(&again).await.unwrap();

    let late = AccountRecord {
        version: 7,
        ..account.clone()
    };
    let told = [message("lost", OutboundType::Updated, &late)];
    let written = store.update_account(&late, &told).await.unwrap();
    assert_eq!(written, Written::Conflict);
    let claimed = claim(store, 5).await;
    assert_eq!(ids(&claimed), ["linked"]);
    store.finish_message(&claimed[0], at(6)).await.unwrap();
    assert_eq!(claim(store, 99).await, []);
}

pub(crate) async fn nothing_personal_is_told_after_the_end(store: &dyn Store) {
    let account = linked(store, "a1").await;
    let other = linked(store, "b1").await;
    write(store, &account, &["1", "2"]).await;
    write(store, &other, &["other"]).await;
    let last = NewMessage {
        account: shown(None, "a1"),
        ..message("end", OutboundType::Unlinked, &account)
    };
    let erased = store
        .erase_account(&account.user, &account.id, at(9), Some(&last))
        .await;
    assert!(erased.unwrap());
    let mut told = Vec::new();
    for second in 9..14 {
        for message in claim(store, second).await {
            store.finish_message(&message, at(second)).await.unwrap();
            if message.message.account.id == account.id {
                assert_eq!(message.message.account, shown(None, "a1"));
                told.push((message.message.id, message.message.kind));
            }
        }
    }
    let kinds = [
        OutboundType::Updated,
        OutboundType::Updated,
        OutboundType::Unlinked,
    ];
    let expected = ["1", "2", "end"].map(str::to_owned).into_iter().zip(kinds);
    assert_eq!(told, expected.collect::<Vec<_>>());

    // Where nobody is told any more, nothing is left.
    write(
        store,
        &AccountRecord {
            version: 2,
            ..other.clone()
        },
        &["gone"],
    )
    .await;
    let removed = store
        .remove_account(&other.user, &other.id, at(9), None)
        .await;
    assert!(removed.unwrap());
    assert_eq!(
        store.outbox_backlog().await.unwrap(),
        OutboxBacklog::default()
    );
    let missing = store
        .erase_account(&other.user, &other.id, at(9), Some(&last))
        .await;
    assert!(!missing.unwrap());
    assert_eq!(claim(store, 99).await, [], "what was not there has no end");
}

fn asked(account: &AccountRecord, second: i64) -> AccountRecord {
    let fact = Fact::ReauthorisationRequired(Cause::Event);
    let Observation::Advanced(state) = observe(&account.state, &fact, at(second)) else {
        unreachable!("a new fact advances");
    };
    AccountRecord {
        state,
        ..account.clone()
    }
}

async fn to_tell(store: &dyn Store, about: Nudge) -> Vec<String> {
    let accounts = store.accounts_to_tell(about, 9).await.unwrap();
    let ids = accounts.into_iter().map(|account| account.id.into());
    ids.collect()
}

pub(crate) async fn a_reminder_is_written_once_in_its_time(store: &dyn Store) {
    let account = linked(store, "a1").await;
    linked(store, "b1").await;
    let about = |second| Nudge::Reminder { since: at(second) };
    assert_eq!(to_tell(store, about(4)).await, [""; 0]);
    let account = write(store, &asked(&account, 3), &[]).await;
    assert_eq!(to_tell(store, about(4)).await, ["a1"]);

    let kind = OutboundType::ReauthorisationReminder;
    let remind = |id, account: &AccountRecord| message(id, kind, account);
    let first = remind("1", &account);
    let (one, two) = tokio::join!(store.nudge(about(4), &first), async {
        store.nudge(about(4), &remind("2", &account)).await
    },);
    assert!(one.unwrap() ^ two.unwrap(), "of two callers one does it");
    assert_eq!(to_tell(store, about(4)).await, [""; 0]);
    assert_eq!(claim(store, 5).await.len(), 1);

    // The next day, from the fifth second on.
    assert_eq!(to_tell(store, about(6)).await, ["a1"]);
    let state = State::linked();
    write(
        store,
        &AccountRecord {
            state,
            ..account.clone()
        },
        &[],
    )
    .await;
    assert_eq!(to_tell(store, about(6)).await, [""; 0], "it is done");
    assert!(!store.nudge(about(6), &remind("3", &account)).await.unwrap());
}

pub(crate) async fn that_nothing_comes_is_told_once(store: &dyn Store) {
    let account = linked(store, "a1").await;
    let about = |second| Nudge::Stale { since: at(second) };
    // It was linked in the second second.
    assert_eq!(to_tell(store, about(2)).await, [""; 0]);
    assert_eq!(to_tell(store, about(3)).await, ["a1"]);
    let told = message("1", OutboundType::Stale, &account);
    assert!(store.nudge(about(3), &told).await.unwrap());
    assert!(!store.nudge(about(99), &told).await.unwrap());
    assert_eq!(to_tell(store, about(99)).await, [""; 0]);

    let data = Fact::Data {
        status: DataStatus::Available,
        retrieved: Vec::new(),
    };
    let Observation::Advanced(state) = observe(&account.state, &data, at(50)) else {
        unreachable!("a new fact advances");
    };
    write(store, &AccountRecord { state, ..account }, &[]).await;
    assert_eq!(to_tell(store, about(50)).await, [""; 0]);
    assert_eq!(to_tell(store, about(51)).await, ["a1"]);
}

pub(crate) async fn a_user_takes_their_messages_along(store: &dyn Store) {
    let account = linked(store, "a1").await;
    write(store, &account, &["1"]).await;
    let records = store.records_of_user(&account.user).await.unwrap();
    assert_eq!(ids(&records.messages), ["1"]);
    let last = NewMessage {
        account: shown(None, "a1"),
        ..message("end", OutboundType::Unlinked, &account)
    };
    store
        .erase_account(&account.user, &account.id, at(9), Some(&last))
        .await
        .unwrap();
    let erased = store.erase_user(&account.user, at(9)).await.unwrap();
    assert_eq!(erased, UserErasure::Erased);
    let records = store.records_of_user(&account.user).await.unwrap();
    assert_eq!(
        ids(&records.messages),
        ["end"],
        "the end is still to be told"
    );
}

pub(crate) async fn old_messages_are_removed(store: &dyn Store) {
    let account = linked(store, "a1").await;
    write(store, &account, &["1", "2"]).await;
    let prune = |second| store.prune(Prunable::OutboxMessages, at(second), 1);
    assert_eq!(prune(5).await.unwrap(), 0);
    assert_eq!(prune(6).await.unwrap(), 1);
    assert_eq!(prune(6).await.unwrap(), 1);
    assert_eq!(
        store.outbox_backlog().await.unwrap(),
        OutboxBacklog::default()
    );
}

pub(crate) async fn who_claims_messages_at_once_shares_none(store: &dyn Store) {
    for number in 0..20 {
        let account = linked(store, &format!("a{number}")).await;
        write(store, &account, &[&format!("m{number}")]).await;
    }
    let claim = || async { store.claim_messages(at(9), LEASE, 7).await.unwrap() };
    let (a, b, c, d) = tokio::join!(claim(), claim(), claim(), claim());
    let mut all: Vec<_> = [a, b, c, d].into_iter().flatten().collect();
    all.extend(claim().await);
    let mut ids: Vec<_> = all.into_iter().map(|one| one.message.id).collect();
    ids.sort();
    let count = ids.len();
    ids.dedup();
    assert_eq!((ids.len(), count), (20, 20));
}
