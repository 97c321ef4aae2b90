//! `/_sim` over HTTP.

use mono_simulator::Options;
use serde_json::{Value, json};

use crate::harness::{Mono, Receiver};

#[tokio::test]
async fn a_whole_day_by_control_calls() {
    let receiver = Receiver::start().await;
    let mono = Mono::start_with(Options::manual().webhooks_to(&receiver.url, "whs")).await;
    let who = json!({
        "institution": "Kuda", "reference": "ref-0001", "generation": "v1",
        "customer": { "name": "Ada", "email": "ada@example.com" },
    });
    let linked = mono.post("/_sim/codes", who).await.body;
    let id = linked["account_id"].as_str().unwrap();
    let clock = mono
        .post("/_sim/clock", json!({ "advance": "3s" }))
        .await
        .body;
    assert_eq!(clock["now"], "2026-01-27T10:00:03.000Z");
    mono.post("/_sim/clock", json!({ "advance_ms": 1500 }))
        .await;

    let state = mono.get("/_sim/state").await.body;
    assert_eq!(state["now"], "2026-01-27T10:00:04.500Z");
    assert_eq!(state["accounts"][0]["id"], id);
    assert_eq!(state["accounts"][0]["data_status"], "AVAILABLE");
    assert_eq!(state["accounts"][0]["ref"], "ref-0001");
    assert_eq!(state["codes"][0]["code"], linked["code"]);
    assert_eq!(state["customers"][0]["email"], "ada@example.com");

    let change = json!({ "data_status": "PARTIAL", "balance": 7, "reauth_required": true });
    let changed = mono
        .post(&format!("/_sim/accounts/{id}"), change)
        .await
        .body;
    assert_eq!(changed["balance"], 7);
    mono.post(&format!("/_sim/accounts/{id}/refresh"), json!({}))
        .await;
    mono.post(&format!("/_sim/accounts/{id}/reauthorise"), json!({}))
        .await;
    mono.post(&format!("/_sim/accounts/{id}/unlink"), json!({}))
        .await;
    mono.sim.settle().await;
    let names = receiver.names();
    assert_eq!(
        names[2..],
        [
            "reauthorisation_required",
            "account_reauthorized",
            "account_unlinked"
        ]
    );
    let deliveries = mono.get("/_sim/deliveries").await.body;
    assert_eq!(deliveries["deliveries"][0]["attempts"][0]["status"], 200);

    mono.post("/_sim/reset", json!({})).await;
    assert_eq!(mono.get("/_sim/state").await.body["accounts"], json!([]));
}

#[tokio::test]
async fn settings_change_in_part_and_wrong_ones_are_refused() {
    let mono = Mono::start().await;
    let patch = json!({
        "processing_time": "1m",
        "dialect": { "bare_exchange": true },
        "webhook": { "delays": { "account_updated": "5s" } },
    });
    let settings = mono.post("/_sim/settings", patch).await.body;
    assert_eq!(settings["processing_time"], "1m");
    assert_eq!(settings["dialect"]["bare_exchange"], true);
    assert_eq!(settings["dialect"]["meta_ref"], true, "the rest stays");
    for wrong in [
        json!({ "dialect": { "klingon": true } }),
        json!({ "processing_time": "soon" }),
    ] {
        assert_eq!(mono.post("/_sim/settings", wrong).await.status, 400);
    }
    assert_eq!(mono.get("/_sim/settings").await.body, settings);
}

#[tokio::test]
async fn wrong_control_calls_say_what_is_wrong() {
    let mono = Mono::start().await;
    for (path, body, status) in [
        ("/_sim/codes", json!({ "institution": "Monzo" }), 404),
        ("/_sim/codes", json!({ "account": "123" }), 400),
        ("/_sim/accounts/abc", json!({}), 404),
        ("/_sim/accounts/abc", json!({ "blance": 1 }), 400),
        ("/_sim/clock", json!({}), 400),
        ("/_sim/clock", json!({ "advance": "later" }), 400),
    ] {
        let answer = mono.post(path, body.clone()).await;
        assert_eq!(answer.status, status, "{path} {body}");
        assert!(answer.body["error"].is_string());
    }
}

#[tokio::test]
async fn banks_and_their_users_are_listed() {
    let mono = Mono::start().await;
    let banks = mono.get("/_sim/institutions").await.body["institutions"].clone();
    let banks = banks.as_array().unwrap();
    assert_eq!(banks[0]["users"][0]["accounts"][0]["number"], "0131883461");
    assert!(banks.iter().any(|b| b["mfa"] == true) && banks.iter().any(|b| b["mfa"] == false));
    assert!(banks.iter().any(|b| b["type"] == "BUSINESS_BANKING"));
    let bvns: Vec<&Value> = banks.iter().map(|b| &b["users"][0]["bvn"]).collect();
    assert!(
        bvns.iter().all(|bvn| *bvn == bvns[0]),
        "one person, one BVN"
    );
}
