//! A new version is rolled out: three proxies are replaced one after the other while visitors link,
//! read and unlink, and watch. Nobody has to try anything twice.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mono_simulator::{DeliveryState, LinkAs, Simulator};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{Kept, Ledger, PROXIES, VISITORS, World, again};
use crate::process::Browser;

/// How often each proxy is replaced.
const TIMES: usize = 2;

impl World {
    /// Takes a proxy out of the balancer, lets it end, and puts a new one in its place.
    async fn replace(&mut self, index: usize) {
        self.listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner)[index] = None;
        let proxy = self.members[index].proxy.take().unwrap();
        proxy.signal("-TERM").await;
        let (status, log) = proxy.ends().await;
        assert_eq!(status, Some(0), "{log}");
        self.start(index).await;
    }
}

/// The JSON of an answer that has this status the first time.
async fn at_once(request: reqwest::RequestBuilder, status: u16) -> Value {
    let answer = request.send().await.unwrap();
    let (path, got) = (answer.url().path().to_owned(), answer.status());
    let body = answer.text().await.unwrap();
    assert_eq!(got, status, "{path}: {body}");
    serde_json::from_str(&body).unwrap_or_default()
}

/// Links, reads and unlinks until it is enough.
async fn visit(
    browser: Arc<Browser>,
    simulator: Arc<Simulator>,
    ledger: Arc<Mutex<Ledger>>,
    enough: Arc<AtomicBool>,
) -> BTreeSet<String> {
    let mut linked = BTreeSet::new();
    while !enough.load(Ordering::Relaxed) {
        let started = at_once(browser.post("/api/link-sessions", &json!({})), 201).await;
        let reference = started["reference"].as_str().unwrap();
        let who = LinkAs {
            reference: Some(reference.to_owned()),
            ..LinkAs::default()
        };
        let code = simulator.link(who).await.unwrap().code;
        let exchange = json!({"code": code, "reference": reference});
        let account = at_once(browser.post("/api/accounts", &exchange), 201).await;
        let id = account["id"].as_str().unwrap().to_owned();
        let path = format!("/api/accounts/{id}");
        while at_once(browser.get(&path), 200).await["data_available"] != true {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        for data in [
            "balance",
            "transactions",
            "identity",
            "balance?realtime=true",
        ] {
            at_once(browser.get(&format!("{path}/{data}")), 200).await;
        }
        let unlinked = linked.len() % 2 == 1;
        if unlinked {
            at_once(browser.delete(&path), 204).await;
        }
        let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.linked.insert(id.clone(), Kept { unlinked });
        linked.insert(id);
    }
    linked
}

/// A page that is open all the time: whenever its stream ends it comes back when it was told to.
async fn watch(browser: Arc<Browser>, seen: Arc<Mutex<String>>) {
    let mut last_id: Option<String> = None;
    loop {
        let mut request = browser.get("/api/events");
        if let Some(last_id) = &last_id {
            request = request.header("last-event-id", last_id);
        }
        let mut stream = request.send().await.unwrap();
        assert_eq!(stream.status(), 200);
        let mut text = String::new();
        while let Some(piece) = stream.chunk().await.unwrap() {
            let piece = std::str::from_utf8(&piece).unwrap();
            text.push_str(piece);
            seen.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push_str(piece);
        }
        let last = |field: &str| {
            let mut lines = text.lines().rev();
            lines.find_map(|line| Some(line.strip_prefix(field)?.trim().to_owned()))
        };
        last_id = last("id:").or(last_id);
        let pause: u64 = last("retry:").expect("it says goodbye").parse().unwrap();
        assert!((250..1_500).contains(&pause), "{pause}");
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_proxies_on_postgres_are_replaced_and_nobody_notices() {
    let mut world = World::begin(1).await;
    for member in &mut world.members {
        // Nothing is broken here, and a slow machine is no reason to give up.
        let timeout = ("UPSTREAM_TIMEOUT".to_owned(), "30s".to_owned());
        member.variables.extend([timeout]);
    }
    world.heal().await;
    let enough = Arc::new(AtomicBool::new(false));
    let front = format!("http://{}", world.front.address);
    let (mut visitors, mut pages) = (JoinSet::new(), JoinSet::new());
    for _ in 0..VISITORS {
        let browser = Arc::new(Browser::open(&front).await.without_keep_alive());
        let seen = Arc::new(Mutex::new(String::new()));
        pages.spawn(watch(Arc::clone(&browser), Arc::clone(&seen)));
        let visit = visit(
            browser,
            Arc::clone(&world.simulator),
            Arc::clone(&world.ledger),
            Arc::clone(&enough),
        );
        visitors.spawn(async move { (visit.await, seen) });
    }
    for _ in 0..TIMES {
        for index in 0..PROXIES {
            world.replace(index).await;
        }
    }
    enough.store(true, Ordering::Relaxed);
    while let Some(visited) = visitors.join_next().await {
        let (linked, seen) = visited.unwrap();
        assert!(!linked.is_empty());
        again("what was linked", || async {
            let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            let unseen = linked.iter().find(|id| !seen.contains(*id));
            unseen.map_or(Ok(()), |id| Err(format!("{id} was not seen")))
        })
        .await;
    }
    world.settles().await;
    for delivery in world.simulator.deliveries() {
        assert_eq!(delivery.state, DeliveryState::Delivered);
        // Mono's sender keeps connections alive, and may find one closed.
        let refused = |status: u16| status != 200;
        let mut statuses = delivery.attempts.iter().filter_map(|one| one.status);
        assert!(!statuses.any(refused), "{:?}", delivery.attempts);
    }
    world.check().await;
    // A page that met with something else than it may has panicked.
    pages.abort_all();
    while let Some(page) = pages.join_next().await {
        assert!(page.unwrap_err().is_cancelled());
    }
}
