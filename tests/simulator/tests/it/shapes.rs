//! The shapes of answers and webhooks against what Mono's documents print: names of members, and their types.

use std::time::Duration;

use mono_simulator::{Generation, LinkAs, Options, Settings};
use serde_json::{Value, json};

use crate::harness::{Mono, Receiver};

/// The same members of the same types, at every depth; of arrays only the first element counts.
fn assert_same_shape(ours: &Value, printed: &Value, place: &str) {
    match (ours, printed) {
        (Value::Object(ours), Value::Object(printed)) => {
            let names = |object: &serde_json::Map<String, Value>| {
                let mut names: Vec<String> = object.keys().cloned().collect();
                names.sort();
                names
            };
            assert_eq!(names(ours), names(printed), "members of {place}");
            for (name, value) in ours {
                assert_same_shape(value, &printed[name], &format!("{place}.{name}"));
            }
        }
        (Value::Array(ours), Value::Array(printed)) => {
            assert!(!ours.is_empty(), "{place} is empty");
            assert_same_shape(&ours[0], &printed[0], &format!("{place}[0]"));
        }
        _ => {
            let kind = |value: &Value| match value {
                Value::Null => "null",
                Value::Bool(_) => "bool",
                Value::Number(number) if number.is_i64() => "integer",
                Value::Number(_) => "number",
                Value::String(_) => "string",
                Value::Array(_) => "array",
                Value::Object(_) => "object",
            };
            assert_eq!(kind(ours), kind(printed), "type of {place}: {ours}");
        }
    }
}

#[tokio::test]
async fn v1_exchange() {
    let mono = Mono::start().await;
    let code = mono.sim.link(LinkAs::default()).await.unwrap().code;
    let ours = mono
        .post("/account/auth", json!({ "code": code }))
        .await
        .body;
    assert_same_shape(
        &ours,
        &json!({ "id": "5f171a530295e231abca1153" }),
        "v1 exchange",
    );
}

#[tokio::test]
async fn v1_transactions() {
    let mono = Mono::start().await;
    let id = mono.linked().await;
    let ours = mono
        .get(&format!("/accounts/{id}/transactions?page=2&narration=POS"))
        .await
        .body;
    let printed = json!({
        "paging": {
            "total": 190,
            "page": 2,
            "previous": "https://api.withmono.com/accounts/:id/transactions?page=2",
            "next": "https://api.withmono.com/accounts/:id/transactions?page=3",
        },
        "data": [{
            "_id": "62a05bc04112ea670bd09812",
            "type": "debit",
            "amount": 147_085,
            "narration": "VC POS Loc-215016609012--BOLA NURAT YUSUFF OY NG",
            "date": "2022-05-30T16:03:00.000Z",
            "balance": 1_021_841,
            "currency": "NGN",
            "category": "online_transactions",
        }],
    });
    assert_same_shape(&ours, &printed, "v1 transactions");
}

#[tokio::test]
async fn v1_details() {
    let mono = Mono::start().await;
    let id = mono.linked().await;
    let printed = json!({
        "meta": { "data_status": "AVAILABLE" },
        "account": {
            "_id": "5fbcde8f8699984153e65537",
            "institution": { "name": "GTBank", "bankCode": "058", "type": "PERSONAL_BANKING" },
            "name": "OGUNGBEFUN OLADUNNI KHADIJAH",
            "currency": "NGN",
            "type": "SAVINGS_ACCOUNT",
            "accountNumber": "0018709596",
            "balance": 3_033_984,
            "bvn": "9422",
        },
    });
    assert_same_shape(
        &mono.get(&format!("/accounts/{id}")).await.body,
        &printed,
        "v1 details",
    );
}

#[tokio::test]
async fn v1_sync() {
    let mono = Mono::start().await;
    let id = mono.linked().await;
    let ours = mono
        .post(&format!("/accounts/{id}/sync"), json!({}))
        .await
        .body;
    let printed =
        json!({ "status": "successful", "hasNewData": false, "code": "SYNCED_SUCCESSFUL" });
    assert_eq!(ours, printed);
}

#[tokio::test]
async fn v2_balance() {
    let mono = Mono::start().await;
    let id = mono.linked().await;
    let printed = json!({
        "status": "successful",
        "message": "Request was succesfully completed",
        "timestamp": "2024-07-05T12:20:59.336Z",
        "data": {
            "id": "666b166ce06be73",
            "name": "Samuel Olamide",
            "account_number": "0200000043",
            "balance": 53_769,
            "currency": "NGN",
        },
    });
    assert_same_shape(
        &mono.get(&format!("/v2/accounts/{id}/balance")).await.body,
        &printed,
        "balance",
    );
}

#[tokio::test]
async fn v2_details() {
    let mono = Mono::start().await;
    let who = LinkAs {
        reference: Some("99008877TEST".to_owned()),
        ..LinkAs::default()
    };
    let id = mono.sim.link(who).await.unwrap().account_id;
    mono.sim.advance(Duration::from_secs(3)).await;
    let printed = json!({
        "status": "successful",
        "message": "Request was successfully completed",
        "timestamp": "2026-01-27T12:20:59.336Z",
        "data": {
            "account": {
                "id": "666b166ce06be73", "name": "Samuel Olamide", "account_number": "0131883461",
                "currency": "NGN", "balance": 22_644, "type": "SAVINGS", "bvn": "9422",
                "institution": { "name": "GTBank", "bank_code": "058", "type": "PERSONAL_BANKING" },
            },
            "customer": { "id": "666b166ce06be73" },
            "meta": {
                "data_status": "AVAILABLE", "auth_method": "internet_banking",
                "retrieved_data": ["identity"], "ref": "99008877TEST", "data_request_id": "ALP2JGV0I4KH",
            },
        },
    });
    assert_same_shape(
        &mono.get(&format!("/v2/accounts/{id}")).await.body,
        &printed,
        "details",
    );
}

async fn webhooks(generation: Generation, dialect: impl FnOnce(&mut Settings)) -> Vec<Value> {
    let receiver = Receiver::start().await;
    let mut options = Options::manual().webhooks_to(&receiver.url, "whs");
    dialect(&mut options.settings);
    let mono = Mono::start_with(options).await;
    let who = LinkAs {
        institution: Some("access".to_owned()),
        reference: Some("99008877TEST".to_owned()),
        generation: Some(generation),
        ..LinkAs::default()
    };
    let id = mono.sim.link(who).await.unwrap().account_id;
    mono.sim.advance(Duration::from_secs(3)).await;
    mono.sim.refresh(&id).await.unwrap();
    mono.sim.reauthorise(&id).await.unwrap();
    mono.sim.unlink(&id).await.unwrap();
    receiver.received().into_iter().map(|r| r.body).collect()
}

#[tokio::test]
async fn v1_webhooks() {
    let ours = webhooks(Generation::V1, |_| {}).await;
    let updated = json!({
        "event": "mono.events.account_updated",
        "data": {
            "meta": { "data_status": "AVAILABLE" },
            "account": {
                "_id": "5fbcde8f8699984153e65537",
                "institution": { "name": "GTBank" },
                "accountNumber": "0018709596",
                "name": "OGUNGBEFUN OLADUNNI KHADIJAH",
                "type": "SAVINGS_ACCOUNT",
                "currency": "Naira",
                "bvn": "9422",
                "balance": 3_033_984,
                "created_at": "2020-11-24T10:21:03.936Z",
                "updated_at": "2020-11-24T10:21:13.050Z",
                "__v": 0,
            },
        },
    });
    assert_same_shape(&ours[1], &updated, "v1 account_updated");
    let required = json!({
        "event": "mono.events.reauthorisation_required",
        "data": { "account": { "_id": "5fbcde8f8699984153e65537" } },
    });
    assert_eq!(ours[2]["event"], required["event"]);
    assert_same_shape(&ours[2], &required, "v1 reauthorisation_required");
}

#[tokio::test]
async fn v2_webhooks() {
    let ours = webhooks(Generation::V2, |_| {}).await;
    let envelope = |event: &str, data: Value| {
        let mut data = data;
        data["app"] = json!("app");
        data["business"] = json!("business");
        json!({ "event": event, "event_id": "id", "timestamp": "2026-01-27T12:20:59.336Z", "data": data })
    };
    let connected = json!({
        "id": "a", "customer": "c",
        "meta": { "data_status": "PROCESSING", "auth_method": "internet_banking", "ref": "99008877TEST" },
    });
    let updated = json!({
        "account": {
            "_id": "66e2d530c293212b39d34aa8", "name": "SAMUEL OLAMIDE NOMO", "accountNumber": "0100000062",
            "currency": "NGN", "balance": 17_542, "type": "SAVINGS ACCOUNT - INDIVIDUAL", "bvn": "22000000003",
            "authMethod": "mobile_banking",
            "institution": { "name": "Union Bank of Nigeria", "bankCode": "000018", "type": "PERSONAL_BANKING" },
            "created_at": "2024-09-12T11:49:04.416Z", "updated_at": "2024-09-13T09:58:00.950Z",
        },
        "meta": {
            "data_status": "AVAILABLE", "auth_method": "mobile_banking", "ref": "99008877TEST",
            "retrieved_data": ["identity"], "data_request_id": "ALP2JGV0I4KH",
        },
    });
    let printed = [
        envelope("mono.events.account_connected", connected),
        envelope("mono.events.account_updated", updated),
        envelope(
            "mono.events.reauthorisation_required",
            json!({ "account": { "_id": "a" } }),
        ),
        envelope(
            "mono.events.account_reauthorized",
            json!({ "account": { "_id": "a" } }),
        ),
        envelope(
            "mono.events.account_unlinked",
            json!({ "account": { "id": "a" } }),
        ),
    ];
    assert_eq!(ours.len(), printed.len());
    for (ours, printed) in ours.iter().zip(&printed) {
        assert_eq!(ours["event"], printed["event"]);
        assert_same_shape(ours, printed, printed["event"].as_str().unwrap());
    }
}

#[tokio::test]
async fn the_other_spellings_of_webhooks() {
    let ours = webhooks(Generation::V2, |settings| {
        let dialect = &mut settings.dialect;
        dialect.updated_under_accounts = true;
        dialect.reauthorisation_with_z = true;
        dialect.reauthorised_with_s = true;
        dialect.unlinked_underscore_id = true;
        dialect.meta_ref = false;
        dialect.full_bvn_in_webhooks = true;
        dialect.lower_case_status = true;
    })
    .await;
    assert!(ours[0]["data"]["meta"].get("ref").is_none());
    assert_eq!(ours[0]["data"]["meta"]["data_status"], "processing");
    assert_eq!(ours[1]["event"], "mono.accounts.account_updated");
    assert_eq!(
        ours[1]["data"]["account"]["bvn"].as_str().unwrap().len(),
        11
    );
    assert_eq!(ours[2]["event"], "mono.events.reauthorization_required");
    assert_eq!(ours[3]["event"], "mono.events.account_reauthorised");
    assert!(ours[4]["data"]["account"]["_id"].is_string());
}

#[tokio::test]
async fn the_other_spellings_of_answers() {
    let mono = Mono::start().await;
    mono.sim.change_settings(|settings| {
        let dialect = &mut settings.dialect;
        dialect.bare_exchange = true;
        dialect.camel_bank_code = true;
        dialect.paging_in_data = true;
        dialect.unknown_account_is_400 = true;
        dialect.field_errors_in_errors = true;
        dialect.null_while_processing = true;
        dialect.short_sync_code = true;
    });
    let linked = mono.sim.link(LinkAs::default()).await.unwrap();
    let id = linked.account_id;
    let bare = mono
        .post("/v2/accounts/auth", json!({ "code": linked.code }))
        .await
        .body;
    assert_eq!(bare, json!({ "id": id }));
    for part in ["balance", "transactions"] {
        let early = mono.get(&format!("/v2/accounts/{id}/{part}")).await;
        assert_eq!(
            (early.status.as_u16(), &early.body["data"]),
            (200, &Value::Null)
        );
    }
    mono.sim.advance(Duration::from_secs(3)).await;
    let details = mono.get(&format!("/v2/accounts/{id}")).await.body;
    assert_eq!(details["data"]["account"]["institution"]["bankCode"], "058");
    let rows = mono
        .get(&format!("/v2/accounts/{id}/transactions"))
        .await
        .body;
    assert_eq!(rows["data"]["paging"]["page"], 1);
    assert_eq!(rows["data"]["transactions"].as_array().unwrap().len(), 50);
    assert!(rows.get("meta").is_none());
    let synced = mono
        .post(&format!("/accounts/{id}/sync"), json!({}))
        .await
        .body;
    assert_eq!(synced["code"], "SYNC_SUCCESSFUL");
    assert_eq!(mono.get("/v2/accounts/abc").await.status, 400);
    let wrong = mono.post("/v2/accounts/auth", json!({})).await.body;
    assert_eq!(wrong["errors"][0]["field"], "code");
}
