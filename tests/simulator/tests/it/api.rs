//! The API in both generations: keys, codes, and data that becomes available with time.

use std::time::Duration;

use mono_simulator::{AccountChange, InstitutionChange, LinkAs, Options};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, Mono, keys};

#[tokio::test]
async fn a_missing_or_wrong_key_is_refused() {
    let mono = Mono::start().await;
    let url = format!("{}/v2/accounts/abc", mono.sim.base_url());
    let http = crate::harness::client();
    for request in [
        http.get(&url),
        http.get(&url).header("mono-sec-key", "test_sk_other"),
    ] {
        let answer = Answer::of(request).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(
            keys(&answer.body),
            ["data", "message", "status", "timestamp"]
        );
        assert_eq!(answer.body["status"], "failed");
    }
    let seen: Vec<Value> = mono.sim.requests().iter().map(|r| json!(r.key)).collect();
    assert_eq!(seen, [json!("missing"), json!("wrong")]);
}

#[tokio::test]
async fn a_code_works_once() {
    let mono = Mono::start().await;
    let linked = mono.sim.link(LinkAs::default()).await.unwrap();
    let body = json!({ "code": linked.code });

    let first = mono.post("/v2/accounts/auth", body.clone()).await;
    assert_eq!(first.status, StatusCode::OK);
    assert_eq!(first.body["status"], "successful");
    assert_eq!(first.body["data"], json!({ "id": linked.account_id }));

    let second = mono.post("/v2/accounts/auth", body).await;
    assert_eq!(second.status, StatusCode::BAD_REQUEST);
    assert_eq!(second.body["status"], "failed");
    assert_eq!(second.body["data"], Value::Null);
}

#[tokio::test]
async fn a_code_expires_after_ten_minutes() {
    let mono = Mono::start().await;
    let early = mono.sim.link(LinkAs::default()).await.unwrap();
    let late = mono.sim.link(LinkAs::default()).await.unwrap();
    mono.sim.advance(Duration::from_secs(599)).await;
    let answer = mono
        .post("/account/auth", json!({ "code": early.code }))
        .await;
    assert_eq!(answer.body, json!({ "id": early.account_id }));
    mono.sim.advance(Duration::from_secs(1)).await;
    let answer = mono
        .post("/account/auth", json!({ "code": late.code }))
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn every_link_makes_a_new_account_of_24_hex_digits() {
    let mono = Mono::start().await;
    let one = mono.sim.link(LinkAs::default()).await.unwrap().account_id;
    let two = mono.sim.link(LinkAs::default()).await.unwrap().account_id;
    assert_ne!(one, two);
    for id in [one, two] {
        assert_eq!(id.len(), 24);
        assert!(id.bytes().all(|b| b.is_ascii_hexdigit()));
    }
}

#[tokio::test]
async fn data_is_empty_until_it_is_available() {
    let mono = Mono::start().await;
    let id = mono.sim.link(LinkAs::default()).await.unwrap().account_id;
    let details = mono.get(&format!("/v2/accounts/{id}")).await.body;
    assert_eq!(details["data"]["meta"]["data_status"], "PROCESSING");
    assert_eq!(details["data"]["account"]["balance"], Value::Null);
    let rows = mono.get(&format!("/v2/accounts/{id}/transactions")).await;
    assert_eq!(rows.status, StatusCode::OK);
    assert_eq!(rows.body["data"], json!([]));
    assert_eq!(rows.body["meta"]["total"], 0);
    assert_eq!(
        mono.get(&format!("/v2/accounts/{id}/balance")).await.body["data"]["balance"],
        Value::Null
    );
    assert_eq!(
        mono.get(&format!("/accounts/{id}/transactions")).await.body["data"],
        json!([])
    );

    mono.sim.advance(Duration::from_secs(3)).await;
    let details = mono.get(&format!("/v2/accounts/{id}")).await.body;
    assert_eq!(details["data"]["meta"]["data_status"], "AVAILABLE");
    assert_eq!(
        details["data"]["meta"]["retrieved_data"],
        json!(["balance", "identity", "transactions"])
    );
    let balance = details["data"]["account"]["balance"].as_i64().unwrap();
    let read = mono.get(&format!("/v2/accounts/{id}/balance")).await.body;
    assert_eq!(
        keys(&read["data"]),
        ["account_number", "balance", "currency", "id", "name"]
    );
    assert_eq!(read["data"]["balance"], balance);
    let rows = mono
        .get(&format!("/v2/accounts/{id}/transactions"))
        .await
        .body;
    assert_eq!(
        rows["data"][0]["balance"], balance,
        "the newest row carries the balance"
    );
    assert!(rows["meta"]["total"].as_i64().unwrap() > 200);
}

#[tokio::test]
async fn what_a_bank_gives_can_be_forced() {
    let mono = Mono::start().await;
    for (outcome, retrieved, rows) in [
        ("PARTIAL", json!(["balance"]), false),
        ("UNAVAILABLE", json!([]), false),
        ("FAILED", json!([]), false),
    ] {
        let change = InstitutionChange {
            outcome: Some(outcome.to_owned()),
            mfa: None,
        };
        mono.sim.change_institution("GTBank", change).unwrap();
        let id = mono.linked().await;
        let details = mono.get(&format!("/v2/accounts/{id}")).await.body;
        assert_eq!(details["data"]["meta"]["data_status"], outcome);
        assert_eq!(details["data"]["meta"]["retrieved_data"], retrieved);
        let total = mono
            .get(&format!("/v2/accounts/{id}/transactions"))
            .await
            .body["meta"]["total"]
            .clone();
        assert_eq!(total != json!(0), rows);
    }
}

#[tokio::test]
async fn an_account_can_be_changed_from_outside() {
    let mono = Mono::start().await;
    let id = mono.linked().await;
    let change = AccountChange {
        data_status: Some("HIBERNATING".to_owned()),
        balance: Some(12_345),
        ..AccountChange::default()
    };
    mono.sim.change_account(&id, change).unwrap();
    let details = mono.get(&format!("/v2/accounts/{id}")).await.body;
    assert_eq!(details["data"]["meta"]["data_status"], "HIBERNATING");
    assert_eq!(details["data"]["account"]["balance"], 12_345);
}

#[tokio::test]
async fn an_unlinked_or_unknown_account_does_not_exist() {
    let mono = Mono::start().await;
    let id = mono.linked().await;
    let done = mono
        .post(&format!("/v2/accounts/{id}/unlink"), json!({}))
        .await;
    assert_eq!(done.status, StatusCode::OK);
    assert_eq!(keys(&done.body), ["message", "status", "timestamp"]);
    for path in [
        format!("/v2/accounts/{id}"),
        format!("/accounts/{id}"),
        "/v2/accounts/abc".to_owned(),
    ] {
        let answer = mono.get(&path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.body["message"], "This account does not exist.");
    }
}

#[tokio::test]
async fn a_reauth_token_is_for_an_existing_account() {
    let mono = Mono::start().await;
    let id = mono.linked().await;
    let answer = mono
        .post(&format!("/accounts/{id}/reauthorise"), json!({}))
        .await;
    assert_eq!(keys(&answer.body), ["token"]);
    assert_eq!(answer.body["token"].as_str().unwrap().len(), 20);
    let answer = mono.post("/accounts/abc/reauthorise", json!({})).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn sync_is_allowed_once_in_two_minutes() {
    let mono = Mono::start().await;
    let id = mono.linked().await;
    let sync = format!("/accounts/{id}/sync");
    let answer = mono.post(&sync, json!({})).await;
    let expected =
        json!({ "status": "successful", "hasNewData": false, "code": "SYNCED_SUCCESSFUL" });
    assert_eq!(answer.body, expected);
    mono.sim.advance(Duration::from_secs(119)).await;
    assert_eq!(
        mono.post(&sync, json!({})).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    let change = serde_json::from_value(json!({
        "transaction": { "amount": 500, "credit": true, "narration": "refund" }
    }));
    mono.sim.change_account(&id, change.unwrap()).unwrap();
    mono.sim.advance(Duration::from_secs(1)).await;
    assert_eq!(mono.post(&sync, json!({})).await.body["hasNewData"], true);
    let rows = mono.get(&format!("/accounts/{id}/transactions")).await.body;
    assert_eq!(rows["data"][0]["narration"], "refund");
}

#[tokio::test]
async fn a_bank_with_mfa_wants_its_user_before_it_syncs() {
    let mono = Mono::start().await;
    let who = LinkAs {
        institution: Some("access".to_owned()),
        ..LinkAs::default()
    };
    let id = mono.sim.link(who).await.unwrap().account_id;
    mono.sim.advance(Duration::from_secs(3)).await;
    let answer = mono.post(&format!("/accounts/{id}/sync"), json!({})).await;
    let expected =
        json!({ "status": "failed", "hasNewData": false, "code": "REAUTHORISATION_REQUIRED" });
    assert_eq!(answer.body, expected);
}

#[tokio::test]
async fn initiate_checks_its_fields_and_hands_out_a_link() {
    let mono = Mono::start().await;
    let wrong = mono
        .post(
            "/v2/accounts/initiate",
            json!({ "scope": "auth", "redirect_url": "nowhere" }),
        )
        .await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(wrong.body["data"][2]["field"], "redirect_url");

    let body = json!({
        "scope": "auth",
        "customer": { "name": "Samuel Olamide", "email": "samuel@example.com" },
        "meta": { "ref": "99008877TEST" },
        "redirect_url": "https://shop.example/done",
    });
    let data = mono.post("/v2/accounts/initiate", body).await.body["data"].clone();
    assert_eq!(
        keys(&data),
        [
            "created_at",
            "customer",
            "meta",
            "mono_url",
            "redirect_url",
            "scope"
        ]
    );
    assert!(
        data["mono_url"]
            .as_str()
            .unwrap()
            .starts_with(mono.sim.base_url())
    );

    let id = mono.linked().await;
    let body = json!({ "scope": "reauth", "account": id, "meta": { "ref": "099777" } });
    let data = mono.post("/v2/accounts/initiate", body).await.body["data"].clone();
    assert_eq!(data["account"], id);
    assert_eq!(data["institution"], "5f2d08be60b92e2888287702");
    assert_eq!(data["scope"], "reauth");
}

#[tokio::test]
async fn institutions_are_listed_and_filtered() {
    let mono = Mono::start().await;
    let all = mono.get("/v3/institutions?scope=financial_data").await.body;
    let first = &all["data"][0];
    assert_eq!(first["_id"], "5f2d08be60b92e2888287702");
    assert_eq!(
        keys(first),
        [
            "_id",
            "auth_methods",
            "country",
            "icon",
            "identifier",
            "name",
            "nip_code",
            "primary_color",
            "scope",
            "type"
        ]
    );
    let some = mono.get("/v3/institutions?bank_code=044").await.body;
    assert_eq!(some["data"].as_array().unwrap().len(), 1);
    // The widget library asks without a key.
    let url = format!("{}/coverage", mono.sim.base_url());
    let answer = Answer::of(crate::harness::client().get(url)).await;
    assert_eq!(answer.body["data"][0]["institution"], "GTBank");
}

#[tokio::test]
async fn requests_are_logged_without_the_key() {
    let mono = Mono::start().await;
    mono.request(Method::GET, "/v2/accounts/abc?x=1")
        .header("x-realtime", "true")
        .send()
        .await
        .unwrap();
    let requests = mono.sim.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(
        (requests[0].path.as_str(), requests[0].query.as_str()),
        ("/v2/accounts/abc", "x=1")
    );
    assert_eq!(requests[0].headers["mono-sec-key"], "[redacted]");
    assert_eq!(requests[0].headers["x-realtime"], "true");
    assert_eq!(requests[0].status, Some(404));
    assert_eq!(mono.sim.requests_to("GET", "/v2/accounts/*").len(), 1);
    mono.delete("/_sim/requests").await;
    assert!(mono.sim.requests().is_empty());
}

#[tokio::test]
async fn the_same_seed_gives_the_same_world() {
    let mut worlds = Vec::new();
    for seed in [7, 7, 8] {
        let mono = Mono::start_with(Options {
            seed,
            ..Options::manual()
        })
        .await;
        let id = mono.linked().await;
        worlds.push((
            id.clone(),
            mono.get(&format!("/v2/accounts/{id}/transactions?paginate=false"))
                .await
                .body,
        ));
    }
    assert_eq!(worlds[0], worlds[1]);
    assert_ne!(worlds[0].1["data"], worlds[2].1["data"]);
}
