//! kill -9 between an event's 200 and its effect, where it hurts: while Mono is being asked.

use std::collections::BTreeMap;
use std::time::Duration;

use mono_simulator::{AccountChange, Fault, FaultKind, LinkAs, NewTransaction, Simulator};
use mono_test_postgres::FreshDatabase;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::{Browser, Proxy, simulator, variables};

/// Nothing here takes as long. On PostgreSQL, what a dead process had claimed is due after 15 seconds.
const PATIENCE: Duration = Duration::from_secs(40);

const DETAILS: &str = "/v2/accounts/*";
const JOBS: &str = "/v2/accounts/*/jobs/*";

/// A proxy that can be killed and started again, a Mono, and a browser.
struct Stage {
    simulator: Simulator,
    variables: BTreeMap<String, String>,
    proxy: Option<Proxy>,
    browser: Browser,
    _folder: TempDir,
}

impl Stage {
    async fn new() -> Self {
        Self::with(None).await
    }

    async fn with(database: Option<&FreshDatabase>) -> Self {
        let simulator = simulator().await;
        let folder = tempfile::tempdir().unwrap();
        let mut variables = variables(&simulator, folder.path());
        // Nobody reads its log while it is asked again and again.
        let log = "error,mono_connect_proxy::run=info".to_owned();
        variables.insert("LOG".to_owned(), log);
        if let Some(database) = database {
            variables.insert("DATABASE_URL".to_owned(), database.url().to_owned());
        }
        let proxy = Proxy::start(&variables).await;
        let browser = Browser::open(&proxy.url).await;
        Self {
            simulator,
            variables,
            proxy: Some(proxy),
            browser,
            _folder: folder,
        }
    }

    /// From now on Mono takes calls of this kind and does not answer.
    fn mono_hangs_at(&self, path: &str) {
        self.simulator.clear_requests();
        let hang = Fault::next(FaultKind::Hang).on(path);
        self.simulator.fault(hang.times(0));
    }

    async fn mono_is_asked(&self, path: &str) {
        let is_asked = async || !self.simulator.requests_to("GET", path).is_empty();
        until("Mono is asked", is_asked).await;
    }

    /// Kills the process where it is, and starts another while Mono answers again.
    async fn is_killed(&mut self) {
        let proxy = self.proxy.take().unwrap();
        proxy.signal("-KILL").await;
        proxy.ends().await;
        self.simulator.clear_faults();
        let proxy = Proxy::start(&self.variables).await;
        self.browser.at(&proxy.url);
        self.proxy = Some(proxy);
    }

    async fn open_link(&self) -> String {
        let session = self.browser.post("/api/link-sessions", &json!({}));
        let session: Value = session.send().await.unwrap().json().await.unwrap();
        session["reference"].as_str().unwrap().to_owned()
    }

    /// The bank user logs in; gives code and account.
    async fn logs_in(&self, reference: &str) -> mono_simulator::Linked {
        let who = LinkAs {
            reference: Some(reference.to_owned()),
            ..LinkAs::default()
        };
        self.simulator.link(who).await.unwrap()
    }

    async fn exchanges(&self, code: &str, reference: &str) {
        let exchange = json!({"code": code, "reference": reference});
        let answer = self.browser.post("/api/accounts", &exchange).send().await;
        assert_eq!(answer.unwrap().status().as_u16(), 201);
    }

    /// An account whose data is there.
    async fn linked(&self) -> String {
        let reference = self.open_link().await;
        let linked = self.logs_in(&reference).await;
        self.exchanges(&linked.code, &reference).await;
        self.shows("data_available", json!(true)).await;
        linked.account_id
    }

    /// The first account, as the page lists it: Mono is not asked for that.
    async fn account(&self) -> Value {
        let list = self.browser.get("/api/accounts").send().await.unwrap();
        let list: Value = list.json().await.unwrap();
        list["accounts"][0].clone()
    }

    async fn shows(&self, field: &str, value: Value) {
        let shown = async || self.account().await.pointer(&pointer(field)) == Some(&value);
        until(field, shown).await;
    }

    /// Tells the proxy an event, as Mono does, and is answered with 200.
    #[expect(clippy::disallowed_methods, reason = "Mono is outside")]
    async fn tells(&self, event: Value) {
        let url = &self.proxy.as_ref().unwrap().url;
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client
            .post(format!("{url}/webhooks/mono"))
            .header("mono-webhook-secret", "webhook_secret_simulator")
            .json(&event)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), 200);
    }

    async fn asks_for_a_login(&self, id: &str) {
        let event = json!({
            "event": "mono.events.reauthorisation_required",
            "data": {"account": {"_id": id}},
        });
        self.tells(event).await;
        self.shows("requires_reauth", json!(true)).await;
    }
}

fn pointer(field: &str) -> String {
    format!("/{}", field.replace('.', "/"))
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let so = async {
        while !is_so().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, so).await.expect(what);
}

async fn an_update_in_the_middle_of_its_confirmation(mut stage: Stage) {
    let id = stage.linked().await;
    stage.asks_for_a_login(&id).await;
    stage.mono_hangs_at(DETAILS);
    let event = json!({
        "event": "mono.events.account_updated",
        "data": {
            "account": {"_id": id},
            "meta": {"data_status": "AVAILABLE", "sync_status": "SUCCESSFUL"},
        },
    });
    stage.tells(event).await;
    stage.mono_is_asked(DETAILS).await;
    let before = stage.account().await;
    assert_eq!(
        (&before["requires_reauth"], &before["last_sync"]),
        (&json!(true), &Value::Null),
        "not yet"
    );
    stage.is_killed().await;
    stage.shows("requires_reauth", json!(false)).await;
    stage.shows("last_sync.outcome", json!("synced")).await;
}

#[tokio::test]
async fn an_update_is_not_lost_in_the_middle_of_its_confirmation() {
    an_update_in_the_middle_of_its_confirmation(Stage::new().await).await;
}

#[tokio::test]
async fn nor_is_it_on_postgres_once_the_claim_of_the_dead_is_over() {
    let database = FreshDatabase::create().await;
    let stage = Stage::with(Some(&database)).await;
    an_update_in_the_middle_of_its_confirmation(stage).await;
}

#[tokio::test]
async fn a_login_is_not_lost_in_the_middle_of_its_confirmation() {
    let mut stage = Stage::new().await;
    let id = stage.linked().await;
    stage.asks_for_a_login(&id).await;
    stage.mono_hangs_at(DETAILS);
    let event = json!({
        "event": "mono.events.account_reauthorized",
        "data": {"account": {"_id": id}},
    });
    stage.tells(event).await;
    stage.mono_is_asked(DETAILS).await;
    assert_eq!(stage.account().await["requires_reauth"], true, "not yet");
    stage.is_killed().await;
    stage.shows("requires_reauth", json!(false)).await;
}

#[tokio::test]
async fn an_account_that_an_event_links_is_not_lost_while_mono_is_asked_what_it_is() {
    let mut stage = Stage::new().await;
    let reference = stage.open_link().await;
    let linked = stage.logs_in(&reference).await;
    stage.mono_hangs_at(DETAILS);
    let event = json!({
        "event": "mono.events.account_connected",
        "data": {"id": linked.account_id, "meta": {"ref": reference}},
    });
    stage.tells(event).await;
    stage.mono_is_asked(DETAILS).await;
    assert_eq!(stage.account().await["name"], Value::Null, "not yet");
    stage.is_killed().await;
    stage.shows("id", json!(linked.account_id)).await;
    stage.shows("data_available", json!(true)).await;
    assert!(stage.account().await["name"].is_string());
}

#[tokio::test]
async fn the_end_of_a_job_is_not_lost_while_mono_is_asked_about_it() {
    let mut stage = Stage::new().await;
    let id = stage.linked().await;
    let before = stage.account().await["balance"].as_i64().unwrap();
    let spent = AccountChange {
        transaction: Some(NewTransaction {
            amount: 100_000,
            credit: false,
            narration: "VC POS Loc-SHOPRITE".to_owned(),
        }),
        ..AccountChange::default()
    };
    stage.simulator.change_account(&id, spent).unwrap();
    stage.mono_hangs_at(JOBS);
    let path = format!("/api/accounts/{id}/balance?realtime=true");
    let answer: Value = stage
        .browser
        .get(&path)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let job = answer["freshness"]["job"]["id"].as_str().unwrap();
    let event = json!({
        "event": "mono.accounts.jobs.update",
        "data": {"id": format!("jobs.accounts_{job}"), "status": "finished"},
    });
    stage.tells(event).await;
    stage.mono_is_asked(JOBS).await;
    let shown = stage.account().await;
    assert_eq!(shown["realtime"]["in_progress"], true, "not yet");
    stage.is_killed().await;
    stage.shows("realtime.in_progress", json!(false)).await;
    stage.shows("balance", json!(before - 100_000)).await;
}

#[tokio::test]
async fn a_job_whose_start_was_not_written_down_ends_all_the_same() {
    let mut stage = Stage::new().await;
    let id = stage.linked().await;
    stage.simulator.clear_requests();
    let hang = Fault::next(FaultKind::Hang).on("/v2/accounts/*/balance");
    stage.simulator.fault(hang.after());
    let path = format!("/api/accounts/{id}/balance?realtime=true");
    let read = tokio::spawn(stage.browser.get(&path).send());
    stage.mono_is_asked("/v2/accounts/*/balance").await;
    stage.is_killed().await;
    assert!(read.await.unwrap().is_err(), "nobody was answered");
    let shown = stage.account().await;
    assert_eq!(
        (
            &shown["realtime"]["in_progress"],
            &shown["realtime"]["job_id"]
        ),
        (&json!(true), &Value::Null)
    );
    let at_mono = stage.simulator.state();
    let job = at_mono["jobs"][0]["id"].as_str().unwrap().to_owned();
    let event = json!({
        "event": "mono.accounts.jobs.update",
        "data": {"id": job, "account": id, "status": "finished"},
    });
    stage.tells(event).await;
    stage.shows("realtime.in_progress", json!(false)).await;
    stage.shows("realtime.job_id", json!(job)).await;
}

#[tokio::test]
async fn an_event_that_waits_for_its_account_is_not_lost() {
    let mut stage = Stage::new().await;
    let reference = stage.open_link().await;
    let linked = stage.logs_in(&reference).await;
    let event = json!({
        "event": "mono.events.reauthorisation_required",
        "data": {"account": {"_id": linked.account_id}},
    });
    stage.tells(event).await;
    stage.is_killed().await;
    assert_eq!(stage.account().await, Value::Null, "not yet");
    stage.mono_hangs_at("/v2/accounts/auth");
    let exchange = json!({"code": linked.code, "reference": reference});
    let request = stage.browser.post("/api/accounts", &exchange).send();
    let running = tokio::spawn(request);
    let is_asked = async || {
        let path = "/v2/accounts/auth";
        !stage.simulator.requests_to("POST", path).is_empty()
    };
    until("Mono is asked", is_asked).await;
    stage.is_killed().await;
    assert!(running.await.unwrap().is_err(), "nobody was answered");
    stage.exchanges(&linked.code, &reference).await;
    stage.shows("requires_reauth", json!(true)).await;
}
