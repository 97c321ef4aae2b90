//! Events to the site's own back end.

use std::time::Duration;

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::tz::TimeZone;
use mono_connect_proxy::clock::Clock as _;
use mono_connect_tests::{BackEnd, Delivery, TestApp, TestAppBuilder};
use serde_json::{Value, json};

const DAY: Duration = Duration::from_hours(24);

fn builder(back_end: &BackEnd) -> TestAppBuilder {
    TestApp::builder()
        .webhooks()
        .set("NOTIFY_URL", &back_end.url)
        .set("NOTIFY_SECRET", BackEnd::SECRET)
}

/// What Standard Webhooks say that the signature is.
fn signature(secret: &str, delivery: &Delivery) -> String {
    use aws_lc_rs::hmac;
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap());
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key.unwrap());
    let (id, time) = (
        delivery.header("webhook-id"),
        delivery.header("webhook-timestamp"),
    );
    let signed = format!("{id}.{time}.{}", delivery.body);
    let tag = hmac::sign(&key, signed.as_bytes());
    format!("v1,{}", STANDARD.encode(tag.as_ref()))
}

async fn asks_again(app: &TestApp, id: &str) {
    webhook(app, "mono.events.reauthorisation_required", id).await;
}

async fn webhook(app: &TestApp, event: &str, id: &str) {
    let payload = json!({
        "event": event,
        "event_id": format!("{event}-{}", app.clock.now()),
        "timestamp": app.clock_text(),
        "data": {"account": {"_id": id}},
    });
    let webhook = mono_simulator::HandmadeWebhook {
        payload,
        secret: None,
        retry: false,
    };
    app.simulator.send_webhook(webhook).await;
    app.work().await;
}

#[tokio::test]
async fn the_life_of_an_account_is_told_in_order() {
    let back_end = BackEnd::start().await;
    let app = builder(&back_end).start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links().await["id"].as_str().unwrap().to_owned();
    app.work().await;
    let news = back_end.news();
    let first = news[0].event();
    assert_eq!(first["type"], "account.linked");
    assert_eq!(first["data"]["account"]["id"], id.as_str());
    assert!(first["data"]["user_id"].is_string());
    assert_eq!(first["timestamp"], app.clock_text());
    assert_eq!(news[0].header("content-type"), "application/json");
    let sent_at: i64 = news[0].header("webhook-timestamp").parse().unwrap();
    assert_eq!(sent_at, app.clock.now().as_second());
    for delivery in &news {
        let expected = signature(BackEnd::SECRET, delivery);
        assert_eq!(delivery.header("webhook-signature"), expected);
    }
    // The details came right after the link.
    assert_eq!(news.len(), 2);
    assert_eq!(news[1].kind(), "account.updated");
    assert_ne!(news[0].header("webhook-id"), news[1].header("webhook-id"));

    app.advance_and_work(Duration::from_secs(10)).await;
    let ready = back_end.news();
    let ready = ready.last().unwrap().event();
    assert_eq!(ready["type"], "account.updated");
    let of_page = visitor.get(&format!("/api/accounts/{id}")).send().await;
    assert_eq!(ready["data"]["account"], of_page.assert_status(200));
    assert_eq!(ready["data"]["account"]["data_status"], "AVAILABLE");

    app.advance(Duration::from_secs(1)).await;
    asks_again(&app, &id).await;
    asks_again(&app, &id).await;
    let news = back_end.news();
    let reminder = news.iter().position(|one| one.kind().ends_with("reminder"));
    let told: Vec<_> = news
        .iter()
        .enumerate()
        .filter(|(place, _)| Some(*place) != reminder)
        .map(|(_, one)| one.kind())
        .collect();
    assert_eq!(told, ["account.reauthorisation_required"], "once");
    assert_eq!(news[0].event()["data"]["account"]["requires_reauth"], true);
    app.advance(Duration::from_secs(1)).await;
    webhook(&app, "mono.events.account_reauthorized", &id).await;
    // Mono was asked first, and told how the account is now.
    let news = back_end.news();
    let kinds: Vec<_> = news.iter().map(Delivery::kind).collect();
    assert_eq!(kinds, ["account.updated", "account.reauthorised"]);
    assert_eq!(news[1].event()["data"]["account"]["requires_reauth"], false);

    let path = format!("/api/accounts/{id}");
    let gone = visitor.call(Method::DELETE, &path).send().await;
    gone.assert_status(204);
    app.work().await;
    assert_eq!(back_end.kinds(), ["account.unlinked"]);
    app.advance_and_work(DAY).await;
    assert_eq!(back_end.kinds(), [""; 0]);
}

#[tokio::test]
async fn what_was_not_taken_is_sent_again_as_it_was() {
    let back_end = BackEnd::start().await;
    let app = builder(&back_end).start().await;
    let mut visitor = app.visitor().await;
    back_end.refuses_next(&[500, 302]);
    visitor.links().await;
    app.work().await;
    assert_eq!(back_end.deliveries().len(), 1, "the next one waits for it");
    app.advance_and_work(Duration::from_secs(5)).await;
    assert_eq!(back_end.deliveries().len(), 2, "within the first minute");
    app.advance_and_work(Duration::from_secs(20)).await;
    assert_eq!(back_end.deliveries().len(), 2, "longer after every try");
    app.advance_and_work(Duration::from_secs(10)).await;

    let came = back_end.news();
    let first = came[0].clone();
    for again in &came[..3] {
        assert_eq!(again.body, first.body);
        assert_eq!(again.header("webhook-id"), first.header("webhook-id"));
        let expected = signature(BackEnd::SECRET, again);
        assert_eq!(again.header("webhook-signature"), expected);
    }
    let times = came[..3].iter().map(|one| one.header("webhook-timestamp"));
    let times: std::collections::BTreeSet<_> = times.collect();
    assert_eq!(times.len(), 3, "each try has its own time");
    assert!(came[3..].iter().all(|one| one.kind() == "account.updated"));
    let ids: Vec<_> = came[2..]
        .iter()
        .map(|one| one.header("webhook-id"))
        .collect();
    let once: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(once.len(), ids.len(), "what was taken does not come again");
}

#[tokio::test]
async fn a_back_end_that_wants_time_gets_it() {
    let back_end = BackEnd::start().await;
    let app = builder(&back_end).start().await;
    back_end.refuses_next(&[503]);
    app.visitor().await.links().await;
    app.work().await;
    // `Retry-After` is told by the harness with every 503.
    app.advance_and_work(Duration::from_mins(1)).await;
    assert_eq!(back_end.deliveries().len(), 1);
    app.advance_and_work(Duration::from_secs(61)).await;
    assert!(back_end.deliveries().len() > 1);
}

#[tokio::test]
async fn what_nobody_takes_for_days_is_a_dead_letter_that_can_be_sent_again() {
    let back_end = BackEnd::start().await;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"key");
    let hex: Vec<_> = digest.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    let app = builder(&back_end)
        .set("SERVICE_KEYS", &format!("crm:{}", hex.concat()))
        .start()
        .await;
    back_end.refuses(Some(500));
    let id = app.visitor().await.links().await["id"].clone();
    for _ in 0..12 {
        app.advance_and_work(Duration::from_hours(10)).await;
    }
    let letters = async || {
        let mut caller = app.newcomer();
        let call = caller.get("/service/dead-letters?limit=1");
        let answer = call.header("authorization", "Bearer key").send().await;
        answer.assert_status(200)
    };
    let page = letters().await;
    let dead = &page["dead_letters"][0];
    assert_eq!(dead["type"], "account.linked");
    assert_eq!(dead["account_id"], id);
    assert_eq!(dead["failure"], "failed");
    assert_eq!(dead["attempts"], 12);

    back_end.refuses(None);
    back_end.news();
    let resend = async |id: &str| {
        let mut caller = app.newcomer();
        let path = format!("/service/dead-letters/{id}/resend");
        let call = caller.post(&path).header("authorization", "Bearer key");
        call.send().await
    };
    let event = dead["id"].as_str().unwrap();
    resend(event).await.assert_status(204);
    resend(event).await.assert_problem(404, "not_found");
    resend("nonsense").await.assert_problem(404, "not_found");
    app.work().await;
    let came = back_end.news();
    let again = came.iter().find(|one| one.header("webhook-id") == event);
    assert_eq!(again.unwrap().kind(), "account.linked");
    let left = letters().await;
    let left = left["dead_letters"].as_array().unwrap();
    assert!(left.iter().all(|letter| letter["id"] != event), "{left:?}");
}

/// An account whose bank wants its user, hours before reminders may go out: they may for three hours
/// from that hour on, `ahead` hours from this one. Gives the hour and the account as well.
async fn wants_its_user(back_end: &BackEnd, ahead: i8) -> (TestApp, i8, String) {
    let probe = TestApp::start().await;
    let opens = (hour(&probe) + ahead) % 24;
    let window = format!("{opens:02}:00-{:02}:00", (opens + 3) % 24);
    let app = builder(back_end)
        .set("TIMEZONE", "UTC")
        .set("REMINDER_WINDOW", &window)
        .start()
        .await;
    // A refresh that succeeds would end it.
    app.simulator
        .change_settings(|settings| settings.refresh_interval = Duration::ZERO);
    let id = app.visitor().await.links_and_waits().await;
    app.advance(Duration::from_secs(1)).await;
    asks_again(&app, &id).await;
    assert_eq!(reminders(&back_end.kinds()), 0, "it is too early");
    (app, opens, id)
}

fn hour(app: &TestApp) -> i8 {
    app.clock.now().to_zoned(TimeZone::UTC).hour()
}

fn reminders(told: &[String]) -> usize {
    let reminders = told.iter().filter(|kind| kind.ends_with("reminder"));
    reminders.count()
}

#[tokio::test]
async fn reminders_come_once_a_day_in_their_hours_until_the_login() {
    let back_end = BackEnd::start().await;
    let (app, opens, id) = wants_its_user(&back_end, 3).await;
    let mut reminded = Vec::new();
    for _ in 0..48 {
        app.advance_and_work(Duration::from_hours(1)).await;
        let times = reminders(&back_end.kinds());
        reminded.extend(std::iter::repeat_n(hour(&app), times));
    }
    assert_eq!(reminded, [opens, opens], "one a day");

    webhook(&app, "mono.events.account_reauthorized", &id).await;
    app.advance_and_work(DAY).await;
    app.advance_and_work(Duration::from_hours(1)).await;
    assert_eq!(reminders(&back_end.kinds()), 0);
}

#[tokio::test]
async fn a_reminder_that_could_not_be_delivered_is_not_delivered_too_late() {
    // The target is well again when the hours are over, or when the user has logged in.
    for logs_in in [false, true] {
        let back_end = BackEnd::start().await;
        let (app, _, id) = wants_its_user(&back_end, 1).await;
        back_end.refuses(Some(500));
        for _ in 0..3 {
            app.advance_and_work(Duration::from_mins(30)).await;
        }
        assert!(reminders(&back_end.kinds()) > 0, "it is tried");
        if logs_in {
            webhook(&app, "mono.events.account_reauthorized", &id).await;
        } else {
            app.advance_and_work(Duration::from_hours(4)).await;
        }
        back_end.refuses(None);
        back_end.kinds();
        for _ in 0..12 {
            app.advance_and_work(Duration::from_mins(30)).await;
        }
        let told = back_end.kinds();
        assert_eq!(reminders(&told), 0, "{told:?}");
        let end = told.iter().any(|kind| kind == "account.reauthorised");
        assert_eq!(end, logs_in, "what comes after it is told: {told:?}");
    }
}

#[tokio::test]
async fn an_account_that_brings_nothing_for_days_is_told_once() {
    let back_end = BackEnd::start().await;
    let app = builder(&back_end).start().await;
    app.simulator
        .change_settings(|settings| settings.refresh_interval = Duration::ZERO);
    let mut visitor = app.visitor().await;
    visitor.links_and_waits().await;
    app.advance_and_work(3 * DAY).await;
    let stale = |kinds: Vec<String>| kinds.iter().filter(|kind| *kind == "account.stale").count();
    assert_eq!(stale(back_end.kinds()), 0);
    app.advance_and_work(Duration::from_mins(1)).await;
    app.advance_and_work(2 * DAY).await;
    assert_eq!(stale(back_end.kinds()), 1);
}

#[tokio::test]
async fn an_account_whose_syncs_all_fail_brings_nothing_either() {
    let back_end = BackEnd::start().await;
    let app = builder(&back_end).start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let change = mono_simulator::AccountChange {
        outcome: Some("FAILED".to_owned()),
        ..Default::default()
    };
    app.simulator.change_account(&id, change).unwrap();
    for _ in 0..3 {
        app.advance_and_work(DAY).await;
    }
    app.advance_and_work(Duration::from_mins(1)).await;
    let after = visitor.get(&format!("/api/accounts/{id}")).send().await;
    let after = after.assert_status(200);
    assert_eq!(after["last_sync"]["outcome"], "failed");
    let told = back_end.kinds();
    let stale = told.iter().filter(|kind| *kind == "account.stale");
    assert_eq!(stale.count(), 1, "{told:?}");
}

#[tokio::test]
async fn while_the_secret_is_rotated_either_verifies() {
    let back_end = BackEnd::start().await;
    let new = "whsec_bmV3IHNlY3JldCwgdmVyeSByYW5kb20h";
    let both = format!("{new},{}", BackEnd::SECRET);
    let app = builder(&back_end).set("NOTIFY_SECRET", &both).start().await;
    app.visitor().await.links().await;
    app.work().await;
    let delivery = &back_end.news()[0];
    let signatures: Vec<_> = delivery.header("webhook-signature").split(' ').collect();
    let expected = [new, BackEnd::SECRET].map(|secret| signature(secret, delivery));
    assert_eq!(signatures, expected);
}

#[tokio::test]
async fn after_the_end_nothing_personal_is_told() {
    let back_end = BackEnd::start().await;
    let app = builder(&back_end).start().await;
    back_end.refuses(Some(500));
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let before = back_end.news();
    let name = before[0].event()["data"]["account"]["name"].clone();
    assert_eq!(
        name,
        Value::Null,
        "what is linked is told before its details are known"
    );

    let path = format!("/api/accounts/{id}");
    let gone = visitor.call(Method::DELETE, &path).send().await;
    gone.assert_status(204);
    back_end.refuses(None);
    app.advance_and_work(Duration::from_secs(5)).await;
    let came = back_end.news();
    let kinds: Vec<_> = came.iter().map(Delivery::kind).collect();
    assert_eq!(kinds.first().map(String::as_str), Some("account.linked"));
    assert_eq!(kinds.last().map(String::as_str), Some("account.unlinked"));
    for delivery in came {
        let account = &delivery.event()["data"]["account"];
        assert_eq!(account["id"], id.as_str());
        for personal in ["name", "account_number_last4", "balance", "consent"] {
            assert_eq!(account[personal], Value::Null, "{personal}");
        }
    }
}

#[tokio::test]
async fn an_end_is_told_once_although_event_and_code_both_come_to_it() {
    let back_end = BackEnd::start().await;
    let app = builder(&back_end).start().await;
    let mut visitor = app.visitor().await;
    let reference = visitor.starts_link().await;
    let linked = app.bank_user_links(&reference).await;
    // Only the news of the link is there, and it is over already.
    app.simulator
        .change_settings(|settings| settings.webhook.drop = vec!["*".to_owned()]);
    app.simulator.unlink(&linked.account_id).await.unwrap();
    app.work().await;
    let told = ["account.linked", "account.unlinked"];
    assert_eq!(back_end.kinds(), told);
    let late = visitor.exchanges(&linked.code, &reference).await;
    late.assert_problem(409, "link_session_invalid");
    app.work().await;
    assert_eq!(back_end.kinds(), [""; 0]);
}

#[tokio::test]
async fn nothing_is_written_where_nobody_is_told() {
    let app = TestApp::builder().webhooks().start().await;
    app.visitor().await.links_and_waits().await;
    app.work().await;
    let backlog = app.store.outbox_backlog().await.unwrap();
    assert_eq!(backlog.messages, 0);
}
