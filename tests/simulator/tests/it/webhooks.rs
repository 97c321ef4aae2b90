//! Webhooks: what is told, how often, and what the knobs spoil.

use std::time::Duration;

use mono_simulator::{
    AccountChange, DeliveryState, Generation, HandmadeWebhook, LinkAs, Options, Settings,
};
use serde_json::json;

use crate::harness::{Mono, Receiver, keys};

async fn told() -> (Mono, Receiver) {
    told_with(|_| {}).await
}

async fn told_with(change: impl FnOnce(&mut Settings)) -> (Mono, Receiver) {
    let receiver = Receiver::start().await;
    let mut options = Options::manual().webhooks_to(&receiver.url, "whs");
    change(&mut options.settings);
    (Mono::start_with(options).await, receiver)
}

fn minutes(count: u64) -> Duration {
    Duration::from_mins(count)
}

#[tokio::test]
async fn a_link_is_told_at_once_and_its_data_when_it_is_there() {
    let (mono, receiver) = told().await;
    let linked = mono.sim.link(LinkAs::default()).await.unwrap();
    assert_eq!(receiver.names(), ["account_connected"]);
    mono.sim.advance(Duration::from_secs(3)).await;
    assert_eq!(receiver.names(), ["account_connected", "account_updated"]);
    let arrived = receiver.received();
    assert_eq!(arrived[0].secret, "whs");
    assert_eq!(arrived[0].body["data"]["id"], linked.account_id);
    assert_eq!(arrived[1].body["data"]["account"]["_id"], linked.account_id);
    assert_eq!(arrived[1].body["data"]["meta"]["data_status"], "AVAILABLE");
}

#[tokio::test]
async fn anything_but_200_is_repeated_with_the_same_id_until_200() {
    let (mono, receiver) = told().await;
    receiver.answer(&[500, 204, 302]);
    mono.sim.link(LinkAs::default()).await.unwrap();
    assert_eq!(receiver.received().len(), 1);
    mono.sim.advance(Duration::from_secs(29)).await;
    assert_eq!(receiver.names(), ["account_connected", "account_updated"]);
    mono.sim.advance(minutes(10)).await;
    let arrived = receiver.received();
    let connected: Vec<_> = arrived
        .iter()
        .filter(|r| r.body["event"] == "mono.events.account_connected")
        .collect();
    let ids: Vec<_> = connected
        .iter()
        .map(|r| r.body["event_id"].as_str().unwrap())
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let delivery = &mono.sim.deliveries()[0];
    assert_eq!(delivery.state, DeliveryState::Delivered);
    let statuses: Vec<_> = delivery
        .attempts
        .iter()
        .map(|a| a.status.unwrap())
        .collect();
    assert_eq!(statuses, [500, 302, 200], "the 204 went to account_updated");
    let other: Vec<_> = mono.sim.deliveries()[1]
        .attempts
        .iter()
        .map(|a| a.status.unwrap())
        .collect();
    assert_eq!(other, [204, 200], "another 2xx is not enough");
    assert_eq!(delivery.attempts[0].at, "2026-01-27T10:00:00.000Z");
    assert_eq!(delivery.attempts[1].at, "2026-01-27T10:00:30.000Z");
    assert_eq!(delivery.attempts[2].at, "2026-01-27T10:01:30.000Z");
}

#[tokio::test]
async fn repeating_ends_after_two_days() {
    let (mono, receiver) = told_with(|settings| settings.refresh_interval = Duration::ZERO).await;
    receiver.answer(&[500; 60]);
    mono.sim.link(LinkAs::default()).await.unwrap();
    mono.sim.advance(Duration::from_hours(72)).await;
    let delivery = &mono.sim.deliveries()[0];
    assert_eq!(delivery.state, DeliveryState::GaveUp);
    assert!((20..=25).contains(&delivery.attempts.len()));
    let last = &delivery.attempts.last().unwrap().at;
    assert!(last.as_str() <= "2026-01-29T10:00:00.000Z", "{last}");
}

#[tokio::test]
async fn an_unreachable_receiver_gets_it_later() {
    let (mono, receiver) = told().await;
    let url = receiver.url.clone();
    mono.sim
        .change_settings(|s| s.webhook.url = Some("http://127.0.0.1:9/hook".to_owned()));
    mono.sim.link(LinkAs::default()).await.unwrap();
    assert!(mono.sim.deliveries()[0].attempts[0].error.is_some());
    mono.sim.change_settings(|s| s.webhook.url = Some(url));
    mono.sim.advance(minutes(1)).await;
    assert_eq!(receiver.names(), ["account_updated", "account_connected"]);
}

#[tokio::test]
async fn reauthorising_and_unlinking_are_told() {
    let (mono, receiver) = told().await;
    let id = mono.linked().await;
    mono.sim.reauthorise(&id).await.unwrap();
    mono.sim.advance(Duration::from_secs(3)).await;
    mono.post(&format!("/v2/accounts/{id}/unlink"), json!({}))
        .await;
    mono.sim.settle().await;
    let names = receiver.names();
    assert_eq!(
        names[2..],
        [
            "account_reauthorized",
            "account_updated",
            "account_unlinked"
        ]
    );
    let arrived = receiver.received();
    assert_eq!(arrived[2].body["data"]["account"], json!({ "_id": id }));
    assert_eq!(arrived[3].body["data"]["meta"]["sync_status"], "SUCCESSFUL");
    assert_eq!(arrived[4].body["data"]["account"], json!({ "id": id }));
    mono.sim.advance(Duration::from_hours(48)).await;
    assert_eq!(
        receiver.received().len(),
        5,
        "an unlinked account is not refreshed"
    );
}

#[tokio::test]
async fn accounts_are_refreshed_every_day_and_mfa_banks_want_their_user() {
    let (mono, receiver) = told().await;
    mono.linked().await;
    let who = LinkAs {
        institution: Some("zenith".to_owned()),
        ..LinkAs::default()
    };
    let mfa = mono.sim.link(who).await.unwrap().account_id;
    mono.sim.advance(minutes(60 * 23)).await;
    let before = receiver.received().len();
    mono.sim.advance(minutes(61)).await;
    let names = receiver.names();
    assert_eq!(
        names[before..],
        ["account_updated", "reauthorisation_required"]
    );
    let last = receiver.received().pop().unwrap();
    assert_eq!(last.body["data"]["account"], json!({ "_id": mfa }));
}

#[tokio::test]
async fn a_forced_reauth_is_found_by_the_refresh_and_cleared_by_the_user() {
    let (mono, receiver) = told().await;
    let id = mono.linked().await;
    let change = AccountChange {
        reauth_required: Some(true),
        ..AccountChange::default()
    };
    mono.sim.change_account(&id, change).unwrap();
    mono.sim.refresh(&id).await.unwrap();
    assert_eq!(receiver.names().last().unwrap(), "reauthorisation_required");
    mono.sim.reauthorise(&id).await.unwrap();
    mono.sim.refresh(&id).await.unwrap();
    assert_eq!(receiver.names().last().unwrap(), "account_updated");
}

#[tokio::test]
async fn the_old_generation_has_bare_payloads() {
    let (mono, receiver) = told().await;
    let who = LinkAs {
        generation: Some(Generation::V1),
        ..LinkAs::default()
    };
    let id = mono.sim.link(who).await.unwrap().account_id;
    mono.sim.advance(Duration::from_secs(3)).await;
    let arrived = receiver.received();
    let expected = json!({ "event": "mono.events.account_connected", "data": { "id": id } });
    assert_eq!(arrived[0].body, expected);
    assert_eq!(keys(&arrived[1].body), ["data", "event"]);
    assert_eq!(arrived[1].body["data"]["account"]["currency"], "Naira");
}

#[tokio::test]
async fn copies_share_the_event_id() {
    let (mono, receiver) = told_with(|s| s.webhook.duplicate = 2).await;
    mono.sim.link(LinkAs::default()).await.unwrap();
    let arrived = receiver.received();
    assert_eq!(arrived.len(), 3);
    assert!(arrived.iter().all(|r| r.body == arrived[0].body));
}

#[tokio::test]
async fn a_delay_holds_one_kind_back() {
    let (mono, receiver) = told().await;
    mono.sim.change_settings(|s| {
        s.webhook
            .delays
            .insert("account_connected".to_owned(), "1m".to_owned());
    });
    mono.linked().await;
    assert_eq!(receiver.names(), ["account_updated"]);
    mono.sim.advance(minutes(1)).await;
    assert_eq!(receiver.names(), ["account_updated", "account_connected"]);
}

#[tokio::test]
async fn reordering_swaps_each_two_and_lets_a_single_one_go() {
    let (mono, receiver) = told_with(|s| s.webhook.reorder = true).await;
    let id = mono.linked().await;
    assert_eq!(receiver.names(), ["account_updated", "account_connected"]);
    mono.sim.refresh(&id).await.unwrap();
    assert_eq!(receiver.names().len(), 2);
    mono.sim.advance(minutes(1)).await;
    assert_eq!(receiver.names().len(), 3);
}

#[tokio::test]
async fn dropped_events_never_arrive() {
    let (mono, receiver) =
        told_with(|s| s.webhook.drop = vec!["account_connected".to_owned()]).await;
    mono.linked().await;
    assert_eq!(receiver.names(), ["account_updated"]);
    assert_eq!(mono.sim.deliveries()[0].state, DeliveryState::Dropped);
}

#[tokio::test]
async fn forged_copies_have_another_secret_and_are_not_repeated() {
    let (mono, receiver) = told_with(|s| s.webhook.forged = true).await;
    receiver.answer(&[401]);
    mono.sim.link(LinkAs::default()).await.unwrap();
    let arrived = receiver.received();
    assert_ne!(arrived[0].secret, "whs");
    assert_eq!(arrived[1].secret, "whs");
    assert_eq!(arrived[0].body, arrived[1].body);
    assert_eq!(mono.sim.deliveries()[0].state, DeliveryState::GaveUp);
}

#[tokio::test]
async fn a_test_can_send_its_own_and_replay_old_ones() {
    let (mono, receiver) = told().await;
    mono.sim.link(LinkAs::default()).await.unwrap();
    let payload = json!({ "event": "mono.events.something_new", "data": 1 });
    let webhook = HandmadeWebhook {
        payload: payload.clone(),
        secret: Some("x".to_owned()),
        retry: false,
    };
    mono.sim.send_webhook(webhook).await;
    mono.sim.replay(1).await.unwrap();
    let arrived = receiver.received();
    assert_eq!(
        (arrived[1].body.clone(), arrived[1].secret.as_str()),
        (payload, "x")
    );
    assert_eq!(arrived[2].body, arrived[0].body);
}

#[tokio::test]
async fn without_a_url_nothing_is_sent() {
    let mono = Mono::start().await;
    mono.linked().await;
    assert!(
        mono.sim
            .deliveries()
            .iter()
            .all(|d| d.state == DeliveryState::NoUrl)
    );
    assert_eq!(mono.sim.deliveries().len(), 2);
}

#[tokio::test]
async fn with_a_running_clock_everything_happens_by_itself() {
    let receiver = Receiver::start().await;
    let mut options = Options::default().webhooks_to(&receiver.url, "whs");
    options.settings.processing_time = Duration::from_hours(1);
    let mono = Mono::start_with(options).await;
    let id = mono.sim.link(LinkAs::default()).await.unwrap().account_id;
    receiver.until(1).await;
    mono.sim.advance(Duration::from_hours(1)).await;
    receiver.until(2).await;
    assert_eq!(receiver.names(), ["account_connected", "account_updated"]);
    assert_eq!(mono.sim.account(&id).unwrap()["data_status"], "AVAILABLE");
}
