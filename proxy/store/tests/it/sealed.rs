//! What lies in the database when there are keys, and what becomes of it when they change.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use mono_connect_shared::id::AccountId;
use mono_connect_shared::income::IncomeRecord;
use mono_connect_shared::link::Consent;
use mono_connect_shared::outbound::OutboundType;
use mono_connect_store::{
    AccountRecord, ConsentRecord, Error, EventKey, Keyring, LinkSessionRecord, NewEvent,
    NewMessage, PostgresStore, Profile, Sealing, SqliteLocation, SqliteStore, Store, ToldIncome,
    Written, WrongKeys,
};
use mono_test_postgres::FreshDatabase;
use sqlx::{AssertSqlSafe, Executor as _, SqlitePool};

use crate::{outbox, suite};

/// Keys of these ids, a letter and a digit each.
pub(crate) fn keyring(ids: &[&str]) -> Keyring {
    let bytes: Vec<[u8; 32]> = ids.iter().map(|id| [id.as_bytes()[1]; 32]).collect();
    Keyring::new(ids.iter().copied().zip(bytes.iter().map(|key| &key[..]))).unwrap()
}

/// A database that is opened again and again, and looked at from below.
enum Place {
    File(tempfile::TempDir),
    Server(FreshDatabase),
}

impl Place {
    fn file() -> std::future::Ready<Self> {
        std::future::ready(Self::File(tempfile::tempdir().unwrap()))
    }

    async fn server() -> Self {
        Self::Server(FreshDatabase::create().await)
    }

    fn path(&self) -> Option<PathBuf> {
        match self {
            Self::File(folder) => Some(folder.path().join("test.db")),
            Self::Server(_) => None,
        }
    }

    async fn try_open(&self, keyring: Keyring) -> Result<Arc<dyn Store>, Error> {
        Ok(match self {
            Self::File(_) => {
                let location = SqliteLocation::File(self.path().unwrap());
                Arc::new(SqliteStore::open_with_keys(&location, keyring).await?)
            }
            Self::Server(database) => {
                Arc::new(PostgresStore::open_with_keys(database.url(), keyring).await?)
            }
        })
    }

    async fn open(&self, ids: &[&str]) -> Arc<dyn Store> {
        self.try_open(keyring(ids)).await.unwrap()
    }

    async fn refuses(&self, ids: &[&str]) -> WrongKeys {
        let refusal = match self.try_open(keyring(ids)).await {
            Err(Error::Keys(wrong)) => Some(wrong),
            Err(_) | Ok(_) => None,
        };
        refusal.unwrap()
    }

    async fn execute(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::File(_) => {
                let url = format!("sqlite://{}", self.path().unwrap().display());
                let pool = SqlitePool::connect(&url).await.unwrap();
                pool.execute(sql).await.unwrap();
                pool.close().await;
            }
            Self::Server(database) => {
                database.connect().await.execute(sql).await.unwrap();
            }
        }
    }

    /// Everything that lies there: the files' bytes, or all rows of all tables.
    async fn dump(&self) -> Vec<u8> {
        match self {
            Self::File(folder) => {
                let mut bytes = Vec::new();
                for file in std::fs::read_dir(folder.path()).unwrap() {
                    bytes.extend(std::fs::read(file.unwrap().path()).unwrap());
                }
                bytes
            }
            Self::Server(database) => {
                let pool = database.connect().await;
                let mut connection = pool.acquire().await.unwrap();
                let tables: Vec<String> = sqlx::query_scalar(
                    "select tablename::text from pg_tables where schemaname = current_schema()",
                )
                .fetch_all(&mut *connection)
                .await
                .unwrap();
                // Bytes as readable as they are.
                let escape = "set bytea_output = 'escape'";
                connection.execute(escape).await.unwrap();
                let mut text = String::new();
                for table in tables {
                    let rows =
                        format!("select coalesce(string_agg(t::text, ''), '') from {table} t");
                    let rows: String = sqlx::query_scalar(AssertSqlSafe(rows))
                        .fetch_one(&mut *connection)
                        .await
                        .unwrap();
                    text.push_str(&rows);
                }
                text.into_bytes()
            }
        }
    }

    async fn holds(&self, text: &str) -> bool {
        let dump = self.dump().await;
        dump.windows(text.len())
            .any(|window| window == text.as_bytes())
    }
}

/// Runs every case on a SQLite file and on PostgreSQL.
macro_rules! on_both {
    ($($case:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test] async fn $case() { super::$case(super::Place::file().await).await; })+
        }
        mod postgres {
            $(#[tokio::test] async fn $case() { super::$case(super::Place::server().await).await; })+
        }
    };
}

on_both![
    nothing_personal_lies_in_the_database,
    a_value_that_was_moved_does_not_open,
    keys_are_rotated,
    what_was_plain_is_sealed,
    a_key_that_opens_something_cannot_be_missing,
    an_id_always_means_the_same_key,
    sealing_takes_nothing_from_who_writes_meanwhile,
];

const CANARIES: [&str; 7] = [
    "Canary Employer",
    "Canary Adaeze",
    "7391",
    "Canary Bank",
    "canary purpose",
    "canary@example.com",
    "22298765432",
];

fn now() -> Timestamp {
    Timestamp::from_second(1_700_000_000).unwrap()
}

fn consent() -> Consent {
    Consent {
        version: "1".to_owned(),
        text_sha256: None,
        purpose: Some("canary purpose".to_owned()),
    }
}

fn account(user: &str, id: &str) -> AccountRecord {
    let account = suite::account(user, id);
    let mut institution = account.profile.institution.clone();
    institution.name = Some("Canary Bank".to_owned());
    AccountRecord {
        profile: Profile {
            name: Some("Canary Adaeze".to_owned()),
            account_number_last4: Some("7391".to_owned()),
            institution,
            income: Some(ToldIncome {
                at: now(),
                records: vec![IncomeRecord {
                    employer: Some("Canary Employer".to_owned()),
                    ..IncomeRecord::default()
                }],
            }),
            ..account.profile
        },
        consent: Some(ConsentRecord {
            consent: consent(),
            given_at: now(),
        }),
        ..account
    }
}

fn event(id: &str) -> NewEvent {
    NewEvent {
        key: EventKey::Id(id.to_owned()),
        name: "mono.events.account_updated".to_owned(),
        body: br#"{"email":"canary@example.com","bvn":"22298765432"}"#.to_vec(),
        account: None,
        reference: None,
        received_at: now(),
    }
}

/// One of everything that is personal.
async fn fill(store: &dyn Store) {
    let session = LinkSessionRecord {
        reference: "ref-open".parse().unwrap(),
        user: "ada".parse().unwrap(),
        created_at: now(),
        expires_at: now(),
        consent: Some(consent()),
        account: None,
        exchanged: false,
    };
    store.add_link_session(&session).await.unwrap();
    suite::link(store, &account("ada", "a1")).await;
    suite::link(store, &account("bob", "b1")).await;
    let mut written = account("ada", "a1");
    written.updated_at = now();
    let message = NewMessage {
        account: outbox::shown(Some("Canary Adaeze"), "a1"),
        ..outbox::message("evt_1", OutboundType::Updated, &written)
    };
    store.update_account(&written, &[message]).await.unwrap();
    store.accept_event(event("first")).await.unwrap();
    store.accept_event(event("second")).await.unwrap();
}

async fn opens_everything(store: &dyn Store) {
    for (user, id) in [("ada", "a1"), ("bob", "b1")] {
        let found = find(store, user, id).await.unwrap();
        assert_eq!(found.profile, account(user, id).profile);
        assert_eq!(found.consent, account(user, id).consent);
    }
    let session = store.find_link_session(&"ref-open".parse().unwrap()).await;
    assert_eq!(session.unwrap().unwrap().consent, Some(consent()));
    let message = store.claim_messages(Timestamp::MAX, SignedDuration::ZERO, 9);
    let message = message.await.unwrap().remove(0).message;
    assert_eq!(message.account.name.as_deref(), Some("Canary Adaeze"));
    let claimed = store.claim_events(now(), SignedDuration::ZERO, 9).await;
    for event in claimed.unwrap() {
        assert_eq!(event.body, self::event("").body);
    }
}

async fn find(store: &dyn Store, user: &str, id: &str) -> Result<AccountRecord, Error> {
    let id: AccountId = id.parse().unwrap();
    let found = store.find_account(&user.parse().unwrap(), &id).await?;
    Ok(found.unwrap())
}

/// In steps of a few rows.
async fn seal(store: &dyn Store) -> Sealing {
    let mut sealing = Sealing::default();
    while !sealing.is_done() {
        sealing = store.seal_some(sealing, 3).await.unwrap();
    }
    sealing
}

/// Profiles and consents of two accounts, consents of the open session and of the two accounts',
/// two events.
const VALUES: u64 = 2 + 2 + 3 + 2 + 1;

async fn nothing_personal_lies_in_the_database(place: Place) {
    for (keys, is_plain) in [(&[][..], true), (&["k1"][..], false)] {
        let place = match &place {
            Place::File(_) => Place::file().await,
            Place::Server(_) => Place::server().await,
        };
        let store = place.open(keys).await;
        fill(&*store).await;
        for canary in CANARIES {
            assert_eq!(place.holds(canary).await, is_plain, "{canary}");
        }
        opens_everything(&*store).await;
    }
}

async fn a_value_that_was_moved_does_not_open(place: Place) {
    let store = place.open(&["k1"]).await;
    fill(&*store).await;
    place
        .execute(
            "update accounts set profile_json = (select profile_json from accounts where id = 'b1')
             where id = 'a1'",
        )
        .await;
    place
        .execute("update inbox set body = (select body from inbox order by id desc limit 1)")
        .await;
    let moved = find(&*store, "ada", "a1").await.unwrap_err();
    assert_eq!(
        moved.to_string(),
        "accounts a1: profile_json opens with none of the keys"
    );
    assert_eq!(
        find(&*store, "bob", "b1").await.unwrap().profile,
        account("bob", "b1").profile
    );
    // Nobody else's event waits for the one that does not open.
    let claimed = store.claim_events(now(), SignedDuration::ZERO, 9).await;
    assert_eq!(claimed.unwrap().len(), 1);
    assert_eq!(seal(&*store).await.unreadable, 0, "sealed with this key");
}

async fn keys_are_rotated(place: Place) {
    let store = place.open(&["k1"]).await;
    fill(&*store).await;
    store.close().await;
    assert!(place.holds("sealed:k1:").await);

    let store = place.open(&["k2", "k1"]).await;
    opens_everything(&*store).await;
    suite::link(&*store, &account("eve", "e1")).await;
    assert!(place.holds("sealed:k2:").await);
    let sealing = seal(&*store).await;
    assert_eq!((sealing.sealed, sealing.unreadable), (VALUES, 0));
    assert_eq!(seal(&*store).await.sealed, 0, "nothing is left to do");
    store.close().await;

    let store = place.open(&["k2"]).await;
    opens_everything(&*store).await;
    store.close().await;
    assert!(!place.holds("sealed:k1:").await);
    place.open(&["k3", "k2"]).await;
}

async fn what_was_plain_is_sealed(place: Place) {
    let store = place.open(&[]).await;
    fill(&*store).await;
    assert_eq!(seal(&*store).await.sealed, 0, "there is no key");
    store.close().await;

    let store = place.open(&["k1"]).await;
    opens_everything(&*store).await;
    assert_eq!(seal(&*store).await.sealed, VALUES);
    for canary in CANARIES {
        assert!(!place.holds(canary).await, "{canary}, the log included");
    }
    opens_everything(&*store).await;
}

async fn a_key_that_opens_something_cannot_be_missing(place: Place) {
    let store = place.open(&["k1"]).await;
    store.accept_event(event("first")).await.unwrap();
    store.close().await;
    for ids in [&["k2"][..], &[]] {
        let refusal = place.refuses(ids).await;
        assert!(matches!(&refusal, WrongKeys::Missing { id } if id == "k1"));
        assert!(refusal.to_string().contains("k1"), "{refusal}");
    }
    // A key that was refused is not remembered, and one under which nothing lies may go.
    place.open(&["k1", "k3"]).await.close().await;
    place.open(&["k1"]).await.close().await;
}

async fn an_id_always_means_the_same_key(place: Place) {
    place.open(&["k1"]).await.close().await;
    let other = Keyring::new([("k1", &[9; 32][..])]).unwrap();
    let refusal = place.try_open(other).await.err().unwrap();
    assert!(matches!(refusal, Error::Keys(WrongKeys::Other { id }) if id == "k1"));
}

async fn sealing_takes_nothing_from_who_writes_meanwhile(place: Place) {
    let store = place.open(&[]).await;
    for number in 0..20 {
        suite::link(&*store, &account("ada", &format!("a{number}"))).await;
        let event = event(&format!("e{number}"));
        store.accept_event(event).await.unwrap();
    }
    store.close().await;
    let store = place.open(&["k1"]).await;
    let sealers = [Arc::clone(&store), Arc::clone(&store)]
        .map(|store| tokio::spawn(async move { seal(&*store).await.sealed }));
    for number in 0..20 {
        let mut account = find(&*store, "ada", &format!("a{number}")).await.unwrap();
        account.profile.name = Some(format!("Written {number}"));
        let written = store.update_account(&account, &[]).await.unwrap();
        assert_eq!(written, Written::Version(2));
    }
    for sealer in sealers {
        sealer.await.unwrap();
    }
    for number in 0..20 {
        let account = find(&*store, "ada", &format!("a{number}")).await.unwrap();
        assert_eq!(account.profile.name, Some(format!("Written {number}")));
    }
    assert_eq!(seal(&*store).await.sealed, 0);
    for canary in CANARIES {
        assert!(!place.holds(canary).await, "{canary}");
    }
}
