//! What only a database of several processes can get wrong.

use std::time::Duration;

use mono_connect_shared::id::UserId;
use mono_connect_store::{
    AccountRecord, AccountStore as _, AuditStore as _, ChangeStore as _, Error, Notice, Notices,
    PostgresStore, Store as _, Written,
};
use mono_test_postgres::FreshDatabase;
use sqlx::{AssertSqlSafe, Executor as _};

use crate::suite;

async fn processes(database: &FreshDatabase, count: usize) -> Vec<PostgresStore> {
    let mut starting = tokio::task::JoinSet::new();
    for _ in 0..count {
        let url = database.url().to_owned();
        starting.spawn(async move { PostgresStore::open(&url).await.unwrap() });
    }
    starting.join_all().await
}

#[tokio::test]
async fn three_that_start_at_once_all_come_up() {
    let database = FreshDatabase::create().await;
    for store in processes(&database, 3).await {
        store.ping().await.unwrap();
    }
    // And once more, on tables that are there.
    processes(&database, 1).await[0].ping().await.unwrap();
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing_behind() {
    let database = FreshDatabase::create().await;
    let pool = database.connect().await;
    pool.execute("create table jobs (taken integer)")
        .await
        .unwrap();
    assert!(PostgresStore::open(database.url()).await.is_err());
    let tables: Vec<String> = sqlx::query_scalar(
        "select tablename::text from pg_tables where schemaname = current_schema()",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(tables, ["jobs"]);
}

#[tokio::test]
async fn what_one_writes_the_other_reads() {
    let database = FreshDatabase::create().await;
    let stores = processes(&database, 2).await;
    let account = suite::account("ada", "a1");
    suite::link(&stores[0], &account).await;
    let found = stores[1].find_account(&account.user, &account.id).await;
    assert_eq!(found.unwrap(), Some(account.clone()));
    let (a, b) = tokio::join!(
        stores[0].update_account(&account, &[]),
        stores[1].update_account(&account, &[])
    );
    let outcomes = [a.unwrap(), b.unwrap()];
    assert!(outcomes.contains(&Written::Version(2)), "{outcomes:?}");
    assert!(outcomes.contains(&Written::Conflict), "{outcomes:?}");
}

/// Holds up the commit of every change of this account.
async fn slow_commits(database: &FreshDatabase, account: &str) {
    let pool = database.connect().await;
    let trigger = format!(
        "create function wait() returns trigger language plpgsql
           as $$ begin perform pg_sleep(0.3); return null; end $$;
         create constraint trigger slow after insert on changes
           deferrable initially deferred for each row
           when (new.account_id = '{account}') execute function wait()"
    );
    pool.execute(AssertSqlSafe(trigger)).await.unwrap();
}

async fn is_being_committed(database: &FreshDatabase) {
    let pool = database.connect().await;
    loop {
        let commits: i64 = sqlx::query_scalar(
            "select count(*) from pg_stat_activity where query = 'COMMIT' and state = 'active'
             and wait_event = 'PgSleep'",
        )
        .fetch_one(&pool)
        .await
        .unwrap();
        if commits > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn by_its_own_attempt(id: &str) -> AccountRecord {
    AccountRecord {
        reference: format!("ref-{id}").parse().unwrap(),
        ..suite::account("ada", id)
    }
}

#[tokio::test]
async fn whoever_has_seen_a_change_has_seen_the_earlier_ones() {
    let database = FreshDatabase::create().await;
    let stores = processes(&database, 2).await;
    slow_commits(&database, "slow").await;
    let ada: UserId = "ada".parse().unwrap();

    let slow = stores[0].clone();
    let first = tokio::spawn(async move { suite::link(&slow, &by_its_own_attempt("slow")).await });
    is_being_committed(&database).await;
    // Another user's goes ahead, with a larger number, and does not show ada's page past her own.
    suite::link(&stores[1], &suite::account("bob", "b1")).await;
    let range = stores[1].change_range(&ada).await.unwrap();
    let newest = range.map_or(0, |(_, newest)| newest);
    assert_eq!(newest, 0);

    // One more of hers is not seen before the first.
    suite::link(&stores[1], &by_its_own_attempt("fast")).await;
    let seen = stores[1].changes_after(&ada, newest, 9).await.unwrap();
    let seen: Vec<_> = seen.iter().map(|change| change.account.as_str()).collect();
    assert_eq!(seen, ["slow", "fast"]);
    first.await.unwrap();
}

#[tokio::test]
async fn a_commit_is_on_the_disk_even_where_the_role_says_otherwise() {
    let database = FreshDatabase::create().await;
    let hasty = format!("{}&options[synchronous_commit]=off", database.url());
    let store = PostgresStore::open(&hasty).await.unwrap();
    // What every connection is told is told to this one too.
    store.ping().await.unwrap();
    let pool = database.connect().await;
    pool.execute(
        "create function check_commit() returns trigger language plpgsql as $$ begin
           if current_setting('synchronous_commit') = 'off' then raise 'hasty'; end if;
           return new;
         end $$;
         create trigger check_commit before insert on changes
           for each row execute function check_commit()",
    )
    .await
    .unwrap();
    suite::link(&store, &suite::account("ada", "a1")).await;
}

#[tokio::test]
async fn a_wait_for_a_lock_ends() {
    let database = FreshDatabase::create().await;
    let store = PostgresStore::open(database.url()).await.unwrap();
    let account = suite::account("ada", "a1");
    suite::link(&store, &account).await;
    let pool = database.connect().await;
    let mut holder = pool.begin().await.unwrap();
    holder
        .execute("select 1 from accounts for update")
        .await
        .unwrap();
    let refused = store.update_account(&account, &[]).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))));
    holder.rollback().await.unwrap();
    let written = store.update_account(&account, &[]).await.unwrap();
    assert_eq!(written, Written::Version(2));
}

/// Of one process.
const MOST_CONNECTIONS: u32 = 16;

#[tokio::test]
async fn a_connection_that_the_server_ended_is_replaced() {
    let database = FreshDatabase::create().await;
    let store = PostgresStore::open(database.url()).await.unwrap();
    store.ping().await.unwrap();
    database.cut_connections().await;
    // Each connection that opening took may disappoint one call, and no more.
    for _ in 0..MOST_CONNECTIONS {
        if store.ping().await.is_ok() {
            return;
        }
    }
    panic!("the connections were not replaced");
}

#[tokio::test]
async fn a_refused_login_names_nobody() {
    let database = FreshDatabase::create().await;
    let (server, _) = database.url().split_once('?').unwrap();
    let nowhere = format!("{server}_CANARY");
    let error = PostgresStore::open(&nowhere).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "there is no such database");
}

const SOON: Duration = Duration::from_secs(5);

async fn next(notices: &mut Notices) -> Notice {
    let next = tokio::time::timeout(SOON, notices.next());
    next.await.unwrap()
}

fn changed(id: &str) -> Notice {
    let account = suite::account("ada", id);
    Notice::Changed {
        user: account.user,
        account: account.id,
        removed: false,
    }
}

#[tokio::test]
async fn what_others_change_is_noticed_once() {
    let database = FreshDatabase::create().await;
    let stores = processes(&database, 2).await;
    suite::link(&stores[1], &by_its_own_attempt("before")).await;
    let mut notices = stores[0].notices().await;
    suite::link(&stores[0], &by_its_own_attempt("own")).await;
    suite::link(&stores[1], &by_its_own_attempt("a1")).await;
    assert_eq!(next(&mut notices).await, changed("a1"));
    let gone = by_its_own_attempt("a1");
    let at = jiff::Timestamp::UNIX_EPOCH;
    stores[1]
        .remove_account(&gone.user, &gone.id, at, None)
        .await
        .unwrap();
    let removed = Notice::Changed {
        user: gone.user,
        account: gone.id,
        removed: true,
    };
    assert_eq!(next(&mut notices).await, removed);
    // Found by looking only, which finds the first one, too.
    unannounced(&database, "a2").await;
    assert_eq!(next(&mut notices).await, changed("a2"));
}

async fn unannounced(database: &FreshDatabase, id: &str) {
    let insert = "insert into changes (process, user_id, account_id, what, made_at)
                  values (0, 'ada', $1, 'account', 0)";
    let pool = database.connect().await;
    sqlx::query(insert).bind(id).execute(&pool).await.unwrap();
}

#[tokio::test]
async fn what_is_not_announced_is_noticed_all_the_same() {
    let database = FreshDatabase::create().await;
    let stores = processes(&database, 1).await;
    let mut notices = stores[0].notices().await;
    unannounced(&database, "a1").await;
    assert_eq!(next(&mut notices).await, changed("a1"));
}

#[tokio::test]
async fn what_was_changed_while_nobody_heard_is_noticed_later() {
    let database = FreshDatabase::create().await;
    let stores = processes(&database, 2).await;
    let mut notices = stores[0].notices().await;
    for id in ["a1", "a2"] {
        database.cut_connections().await;
        // Every connection that was cut may disappoint one call.
        while stores[1].ping().await.is_err() {}
        suite::link(&stores[1], &by_its_own_attempt(id)).await;
        assert_eq!(next(&mut notices).await, changed(id));
    }
}

#[tokio::test]
async fn whoever_missed_too_much_is_told_so() {
    let database = FreshDatabase::create().await;
    let stores = processes(&database, 1).await;
    let mut notices = stores[0].notices().await;
    let pool = database.connect().await;
    pool.execute(
        "insert into changes (process, user_id, account_id, what, made_at)
         select 0, 'ada', 'a1', 'account', 0 from generate_series(1, 1500)",
    )
    .await
    .unwrap();
    assert_eq!(next(&mut notices).await, Notice::Missed);
}

#[tokio::test]
async fn a_name_is_held_by_one_process_until_it_lets_go_or_dies() {
    let database = FreshDatabase::create().await;
    let mut stores = processes(&database, 2).await;
    let (two, one) = (stores.pop().unwrap(), stores.pop().unwrap());
    let held = one.hold("a", SOON).await.unwrap();
    assert!(two.hold("a", Duration::ZERO).await.unwrap().is_none());
    assert!(two.hold("b", Duration::ZERO).await.unwrap().is_some());
    drop(held);
    let held = two.hold("a", SOON).await.unwrap();
    assert!(held.is_some());
    assert!(one.hold("a", Duration::ZERO).await.unwrap().is_none());

    // Its connections end with a process.
    database.cut_connections().await;
    assert!(one.hold("a", SOON).await.unwrap().is_some());
}

#[tokio::test]
async fn the_audit_log_is_never_changed() {
    let database = FreshDatabase::create().await;
    let store = &processes(&database, 1).await[0];
    suite::the_audit_log_comes_back_in_order(store).await;
    let pool = database.connect().await;
    for statement in [
        "update audit set key_name = 'other'",
        "delete from audit",
        "truncate audit",
    ] {
        let refused = pool.execute(statement).await;
        assert!(
            refused.unwrap_err().to_string().contains("append-only"),
            "{statement}"
        );
    }
    assert_eq!(store.audit_entries_after(0, 9).await.unwrap().len(), 3);
}
