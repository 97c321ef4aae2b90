//! Every store passes one suite.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod outbox;
mod sealed;
mod shared_postgres;
mod suite;

use mono_connect_store::{
    AccountStore as _, Body, EventKey, InboxStore as _, MemoryStore, NewEvent, PostgresStore,
    SqliteLocation, SqliteStore, Store as _,
};
use mono_test_postgres::FreshDatabase;

/// Runs every case of the suite on a fresh store each.
macro_rules! conformance {
    ($suite:ident, $module:ident, $open:expr, [$($case:ident),+ $(,)?]) => {
        mod $module {
            use super::super::*;
            $(
                #[tokio::test]
                async fn $case() {
                    let (store, _keep) = $open.await;
                    $suite::$case(&store).await;
                }
            )+
        }
    };
}

macro_rules! conformance_of_all_stores {
    ($suite:ident in $folder:ident: $($case:ident),+ $(,)?) => {
        mod $folder {
            conformance!($suite, memory, open_memory(), [$($case),+]);
            conformance!($suite, sqlite_file, open_sqlite_file(), [$($case),+]);
            conformance!($suite, sqlite_memory, open_sqlite_memory(), [$($case),+]);
            conformance!($suite, sqlite_sealed, open_sqlite_sealed(), [$($case),+]);
            conformance!($suite, postgres, open_postgres(), [$($case),+]);
            conformance!($suite, postgres_sealed, open_postgres_sealed(), [$($case),+]);
        }
    };
}

conformance_of_all_stores![suite in all:
    answers_a_ping,
    a_link_session_comes_back_as_it_was,
    open_link_sessions_are_counted,
    a_code_belongs_to_who_brought_it_first,
    a_code_may_be_tried_again_until_an_account_came_of_it,
    a_refused_code_is_forgotten,
    linking_adds_the_account_and_uses_up_the_session,
    linking_twice_overwrites_nothing,
    anothers_account_cannot_be_taken,
    a_used_session_takes_no_second_account,
    accounts_are_seen_by_their_user_only,
    accounts_come_in_the_order_of_linking,
    a_write_that_lost_the_race_is_told,
    one_of_many_writers_of_a_version_wins,
    a_removed_account_is_gone,
    nothing_names_an_erased_account_any_more,
    an_erased_account_is_told_and_remembered,
    an_earlier_account_that_is_erased_is_no_earlier_account,
    a_job_of_no_account_is_not_kept,
    one_status_check_in_an_interval,
    one_of_many_status_checks_wins,
    the_same_event_is_known_again,
    many_events_at_once_are_each_accepted_once,
    events_are_claimed_in_order_until_done,
    the_backlog_is_what_is_still_to_be_done,
    an_event_waits_for_its_account,
    an_event_waits_for_its_job,
    a_job_that_has_ended_stays_ended,
    jobs_are_due_until_they_failed_or_are_settled,
    an_end_that_was_assumed_gives_way_to_one_that_is_told,
    that_a_login_is_wanted_may_be_told_after_a_job_failed,
    a_statement_pdf_belongs_to_its_account_and_goes_with_it,
    changes_are_numbered_per_user,
    processing_accounts_are_due_until_their_data_is_there,
    an_event_may_link_before_the_browser,
    an_account_is_part_of_a_scheduled_run_once,
    old_link_sessions_and_exchanges_are_removed,
    old_statement_pdfs_are_removed,
    only_events_that_are_over_are_removed,
    only_jobs_that_have_ended_are_removed,
    the_oldest_changes_are_removed,
    words_come_back_as_they_were,
    an_event_is_known_again_whatever_its_id,
    claims_at_the_same_time_share_nothing,
    an_event_never_misses_what_it_waits_for,
    the_audit_log_comes_back_in_order,
    all_accounts_are_paged_by_their_ids,
    everything_of_a_user_is_found,
    a_user_is_erased_once_nothing_is_linked,
    events_of_an_erased_users_attempts_are_erased,
];

conformance_of_all_stores![outbox in messages:
    messages_come_in_order_one_at_a_time_of_each_account,
    what_waits_behind_a_failure_waits_for_it,
    a_dead_letter_stands_in_nobodys_way_and_may_be_revived,
    a_message_is_written_with_its_change_or_not_at_all,
    nothing_personal_is_told_after_the_end,
    a_reminder_is_written_once_in_its_time,
    that_nothing_comes_is_told_once,
    a_user_takes_their_messages_along,
    old_messages_are_removed,
    who_claims_messages_at_once_shares_none,
];

fn open_memory() -> std::future::Ready<(MemoryStore, ())> {
    std::future::ready((MemoryStore::default(), ()))
}

async fn open_sqlite_memory() -> (SqliteStore, ()) {
    (
        SqliteStore::open(&SqliteLocation::Memory).await.unwrap(),
        (),
    )
}

async fn open_sqlite_file() -> (SqliteStore, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let location = SqliteLocation::File(folder.path().join("test.db"));
    (SqliteStore::open(&location).await.unwrap(), folder)
}

async fn open_sqlite_sealed() -> (SqliteStore, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let location = SqliteLocation::File(folder.path().join("test.db"));
    let keyring = sealed::keyring(&["k2", "k1"]);
    let store = SqliteStore::open_with_keys(&location, keyring).await;
    (store.unwrap(), folder)
}

async fn open_postgres_sealed() -> (PostgresStore, FreshDatabase) {
    let database = FreshDatabase::create().await;
    let keyring = sealed::keyring(&["k2", "k1"]);
    let store = PostgresStore::open_with_keys(database.url(), keyring).await;
    (store.unwrap(), database)
}

async fn open_postgres() -> (PostgresStore, FreshDatabase) {
    let database = FreshDatabase::create().await;
    (PostgresStore::open(database.url()).await.unwrap(), database)
}

#[tokio::test]
async fn what_was_answered_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let location = SqliteLocation::File(folder.path().join("test.db"));
    let store = SqliteStore::open(&location).await.unwrap();
    let account = suite::account("ada", "a1");
    suite::link(&store, &account).await;
    store.close().await;

    let store = SqliteStore::open(&location).await.unwrap();
    let found = store
        .find_account(&account.user, &account.id)
        .await
        .unwrap();
    assert_eq!(found, Some(account));
}

#[tokio::test]
async fn nobody_else_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let location = SqliteLocation::File(path.clone());
    let store = SqliteStore::open(&location).await.unwrap();
    suite::link(&store, &suite::account("ada", "a1")).await;
    let modes = || {
        let files = std::fs::read_dir(folder.path()).unwrap();
        let modes = files.map(|file| file.unwrap().metadata().unwrap().permissions().mode());
        modes.map(|mode| mode & 0o777).collect::<Vec<_>>()
    };
    assert_eq!(
        modes(),
        [0o600; 3],
        "the database, its log, and the log's index"
    );
    store.close().await;

    // What somebody has set stays.
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let _store = SqliteStore::open(&location).await.unwrap();
    assert!(modes().iter().all(|mode| *mode == 0o640), "{:?}", modes());
}

#[tokio::test]
async fn a_file_that_is_no_database_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    std::fs::write(
        &path,
        "this is no database, and long enough to be told from one ".repeat(99),
    )
    .unwrap();
    let opened = SqliteStore::open(&SqliteLocation::File(path)).await;
    assert!(matches!(
        opened,
        Err(mono_connect_store::Error::Unavailable(_))
    ));
}

#[tokio::test]
async fn the_body_of_an_event_that_is_done_leaves_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let store = SqliteStore::open(&SqliteLocation::File(path.clone()))
        .await
        .unwrap();
    for (name, body) in [("erased", Body::Erased), ("kept", Body::Kept)] {
        let received_at = jiff::Timestamp::UNIX_EPOCH;
        let key = EventKey::Id(name.to_owned());
        let text = format!("CANARY-{name}").into_bytes();
        let event = NewEvent {
            key,
            name: name.to_owned(),
            body: text,
            account: None,
            reference: None,
            received_at,
        };
        store.accept_event(event).await.unwrap();
        let lease = jiff::SignedDuration::from_secs(1);
        let claimed = store.claim_events(received_at, lease, 9).await.unwrap();
        store
            .finish_event(claimed[0].id, received_at, body)
            .await
            .unwrap();
    }
    store.close().await;
    let mut bytes = std::fs::read(&path).unwrap();
    let log = path.with_extension("db-wal");
    bytes.extend(std::fs::read(log).unwrap_or_default());
    let holds = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    assert!(holds(b"CANARY-kept"));
    assert!(!holds(b"CANARY-erased"), "erased means overwritten");
}
