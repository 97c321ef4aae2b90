//! A scheduled run whose process is killed in the middle.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use mono_connect_proxy::clock::{Clock as _, SystemClock};
use mono_connect_shared::account::DataStatus;
use mono_connect_shared::lifecycle::{Fact, Observation, State, observe};
use mono_connect_shared::link::Consent;
use mono_connect_store::{
    AccountRecord, AccountStore as _, ConsentRecord, LinkOutcome, LinkSessionRecord,
    LinkStore as _, NewLink, Profile, SqliteLocation, SqliteStore, Store as _,
};
use mono_simulator::{AccountChange, Fault, FaultKind, LinkAs, Simulator};

use crate::process::{Proxy, simulator, variables};

const WITH_CONSENT: usize = 20;
/// Accounts that the proxy syncs at once.
const STEP: usize = 8;
const USER: &str = "ada";

async fn store(folder: &Path) -> SqliteStore {
    let location = SqliteLocation::File(folder.join("test.db"));
    SqliteStore::open(&location).await.unwrap()
}

/// An account that was linked days ago, at Mono and in the database; gives its id.
async fn linked_long_ago(
    simulator: &Simulator,
    store: &SqliteStore,
    number: usize,
    consents: bool,
) -> String {
    let linked = simulator.link(LinkAs::default()).await.unwrap();
    let days_ago = SystemClock.now() - SignedDuration::from_hours(72);
    let at = days_ago + SignedDuration::from_mins(i64::try_from(number).unwrap());
    let ready = Fact::Data {
        status: DataStatus::Available,
        retrieved: Vec::new(),
    };
    let Observation::Advanced(state) = observe(&State::linked(), &ready, at) else {
        unreachable!("a first fact advances");
    };
    let consent = Consent {
        version: "1".to_owned(),
        text_sha256: None,
        purpose: None,
    };
    let consent = ConsentRecord {
        consent,
        given_at: at,
    };
    let account = AccountRecord {
        id: linked.account_id.parse().unwrap(),
        user: USER.parse().unwrap(),
        version: 1,
        profile: Profile::default(),
        state,
        reference: format!("mcl_{number}").parse().unwrap(),
        consent: consents.then_some(consent),
        duplicate_of: None,
        linked_at: at,
        updated_at: at,
    };
    let session = LinkSessionRecord {
        reference: account.reference.clone(),
        user: account.user.clone(),
        created_at: at,
        expires_at: at + SignedDuration::from_mins(30),
        consent: None,
        account: None,
        exchanged: false,
    };
    store.add_link_session(&session).await.unwrap();
    let link = NewLink {
        account,
        reference: session.reference,
        exchanged: true,
        message: None,
    };
    let outcome = store.finish_link(&link).await.unwrap();
    assert_eq!(outcome, LinkOutcome::Linked);
    linked.account_id
}

/// Leaves the database as a process does that is killed between claiming accounts and asking Mono.
async fn claimed_by_one_who_died(store: &SqliteStore) {
    let now = SystemClock.now();
    let run = Timestamp::from_second(now.as_second() / 3600 * 3600).unwrap();
    let until = now + SignedDuration::from_mins(5);
    let claimed = store
        .claim_scheduled_accounts(run, now, until, 3)
        .await
        .unwrap();
    assert_eq!(claimed.len(), 3);
}

/// How a generation of Mono's API is asked to sync.
#[derive(Debug, Clone, Copy)]
struct Generation {
    name: &'static str,
    method: &'static str,
    path: &'static str,
}

const V1: Generation = Generation {
    name: "v1",
    method: "POST",
    path: "/accounts/*/sync",
};

const V2: Generation = Generation {
    name: "v2",
    method: "GET",
    path: "/v2/accounts/*/transactions",
};

/// How often each account was synced at Mono.
fn syncs(simulator: &Simulator, generation: Generation) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    let place = generation.path.split('/').position(|part| part == "*");
    for request in simulator.requests_to(generation.method, generation.path) {
        let id = request.path.split('/').nth(place.unwrap()).unwrap();
        *count.entry(id.to_owned()).or_default() += 1;
    }
    count
}

async fn mono_has_seen(simulator: &Simulator, generation: Generation, count: usize) {
    let Generation { method, path, .. } = generation;
    let seen = async {
        while simulator.requests_to(method, path).len() < count {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), seen)
        .await
        .expect("so many syncs come");
}

#[tokio::test]
async fn killed_in_the_middle_of_a_run_it_syncs_nobody_twice_and_forgets_nobody() {
    for (generation, signal) in [(V1, "-KILL"), (V1, "-TERM"), (V2, "-KILL")] {
        let simulator = simulator().await;
        let folder = tempfile::tempdir().unwrap();
        let database = store(folder.path()).await;
        let mut consented = Vec::new();
        for number in 0..WITH_CONSENT {
            consented.push(linked_long_ago(&simulator, &database, number, true).await);
        }
        for number in WITH_CONSENT..WITH_CONSENT + 3 {
            linked_long_ago(&simulator, &database, number, false).await;
        }
        claimed_by_one_who_died(&database).await;
        database.close().await;
        let wanted = consented[WITH_CONSENT - 1].clone();
        let change = AccountChange {
            reauth_required: Some(true),
            ..AccountChange::default()
        };
        simulator.change_account(&wanted, change).unwrap();
        let mut variables = variables(&simulator, folder.path());
        for (name, value) in [
            ("MONO_API_GENERATION", generation.name),
            ("SYNC_SCHEDULE", "0 * * * *"),
        ] {
            variables.insert(name.to_owned(), value.to_owned());
        }

        // Twice it is cut off while Mono works on a whole step.
        for round in 1..=2 {
            let slow = Fault::next(FaultKind::Delay { ms: 1_500 });
            simulator.fault(slow.on(generation.path).times(0));
            runs_until(&simulator, &variables, generation, round * STEP, signal).await;
            simulator.clear_faults();
        }
        runs_until(&simulator, &variables, generation, WITH_CONSENT, "-TERM").await;
        // Whoever is linked last comes last: then the others have had their turn once more.
        let database = store(folder.path()).await;
        consented.push(linked_long_ago(&simulator, &database, 99, true).await);
        database.close().await;
        runs_until(
            &simulator,
            &variables,
            generation,
            WITH_CONSENT + 1,
            "-TERM",
        )
        .await;

        let once: BTreeMap<_, _> = consented.into_iter().map(|id| (id, 1)).collect();
        assert_eq!(
            syncs(&simulator, generation),
            once,
            "{generation:?} {signal}: who consented, once each"
        );
        if generation.name == "v2" {
            // There the end of a job tells it, which may come after the process has ended.
            continue;
        }
        let database = store(folder.path()).await;
        let accounts = database
            .list_accounts(&USER.parse().unwrap())
            .await
            .unwrap();
        database.close().await;
        let flagged: Vec<_> = accounts
            .iter()
            .filter(|account| {
                let linked = account.state.as_linked().unwrap();
                linked.authorisation.required().is_some()
            })
            .map(|account| account.id.as_str())
            .collect();
        assert_eq!(flagged, [wanted.as_str()], "{signal}: remembered");
    }
}

/// Lets the proxy run until Mono has seen so many syncs, then sends it a signal and sees it end.
async fn runs_until(
    simulator: &Simulator,
    variables: &BTreeMap<String, String>,
    generation: Generation,
    syncs: usize,
    signal: &str,
) {
    let proxy = Proxy::start(variables).await;
    mono_has_seen(simulator, generation, syncs).await;
    proxy.signal(signal).await;
    proxy.ends().await;
}
