//! Statement, identity, income, flows, assets, the list of accounts, customers.

use std::time::Duration;

use mono_simulator::{LinkAs, Options};
use serde_json::{Value, json};

use crate::harness::{Mono, Receiver, keys};

#[tokio::test]
async fn a_statement_counts_its_days_and_rows() {
    let mono = Mono::start().await;
    let id = mono.linked().await;
    let body = mono
        .get(&format!(
            "/v2/accounts/{id}/statement?period=last2months&output=json"
        ))
        .await
        .body;
    let data = &body["data"];
    assert_eq!(
        keys(data),
        ["available_length", "count", "requested_length", "statement"]
    );
    assert_eq!(
        (&data["requested_length"], &data["available_length"]),
        (&json!(61), &json!(365))
    );
    let rows = data["statement"].as_array().unwrap();
    assert_eq!(data["count"], rows.len());
    assert!(
        rows.iter()
            .all(|row| row["date"].as_str().unwrap() >= "2025-11-27")
    );
    assert_eq!(
        keys(&rows[0]),
        [
            "amount",
            "balance",
            "currency",
            "date",
            "id",
            "narration",
            "type"
        ]
    );

    let old = mono
        .get(&format!("/accounts/{id}/statement?period=last2months"))
        .await
        .body;
    assert_eq!(old["meta"]["count"], rows.len());
    assert_eq!(
        keys(&old["data"][0]),
        ["_id", "amount", "balance", "date", "narration", "type"]
    );
    assert_eq!(old["data"][0]["_id"], rows[0]["id"]);
    let wrong = mono
        .get(&format!("/v2/accounts/{id}/statement?period=last13months"))
        .await;
    assert_eq!(
        (wrong.status.as_u16(), &wrong.body["data"][0]["field"]),
        (400, &json!("period"))
    );
}

#[tokio::test]
async fn a_pdf_is_building_and_then_built() {
    let mono = Mono::start().await;
    let id = mono.linked().await;
    let start = mono
        .get(&format!(
            "/v2/accounts/{id}/statement?period=last1month&output=pdf"
        ))
        .await
        .body;
    assert_eq!(keys(&start["data"]), ["id", "path", "status"]);
    assert_eq!(start["data"]["status"], "BUILDING");
    let job = start["data"]["id"].as_str().unwrap();
    mono.sim.advance(Duration::from_secs(2)).await;
    let poll = format!("/statement/jobs/{job}");
    assert_eq!(
        mono.get(&format!("/v2/accounts/{id}{poll}")).await.body["data"]["status"],
        "BUILT"
    );
    mono.sim
        .change_settings(|settings| settings.dialect.pdf_complete = true);
    assert_eq!(
        mono.get(&format!("/accounts/{id}{poll}")).await.body["status"],
        "COMPLETE"
    );
    let file = crate::harness::client()
        .get(start["data"]["path"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert!(file.text().await.unwrap().starts_with("%PDF"));
    assert_eq!(
        mono.get(&format!("/v2/accounts/{id}/statement/jobs/abc"))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn identity_carries_the_whole_bvn_once_it_is_there() {
    let mono = Mono::start().await;
    let id = mono.sim.link(LinkAs::default()).await.unwrap().account_id;
    let path = format!("/v2/accounts/{id}/identity");
    assert_eq!(mono.get(&path).await.body["data"], Value::Null);
    mono.sim.advance(Duration::from_secs(3)).await;
    let data = mono.get(&path).await.body["data"].clone();
    assert_eq!(
        keys(&data),
        [
            "address_line1",
            "bvn",
            "created_at",
            "dob",
            "email",
            "full_name",
            "gender",
            "lga_of_origin",
            "marital_status",
            "phone",
            "state_of_origin",
            "updated_at",
        ]
    );
    assert_eq!(data["bvn"].as_str().unwrap().len(), 11);
    let old = mono.get(&format!("/accounts/{id}/identity")).await.body;
    assert_eq!(
        (&old["fullName"], &old["bvn"]),
        (&data["full_name"], &data["bvn"])
    );
}

#[tokio::test]
async fn income_is_analysed_and_told() {
    let receiver = Receiver::start().await;
    let mono = Mono::start_with(Options::manual().webhooks_to(&receiver.url, "whs")).await;
    let id = mono.linked().await;
    let start = mono
        .get(&format!("/v2/accounts/{id}/income?period=12"))
        .await
        .body;
    assert_eq!(
        (&start["status"], &start["data"]),
        (&json!("processing"), &Value::Null)
    );
    let path = format!("/v2/accounts/{id}/income-records");
    assert_eq!(mono.get(&path).await.body["data"], json!([]));
    mono.sim.advance(Duration::from_secs(3)).await;
    let told = receiver.received().pop().unwrap().body;
    assert_eq!(told["event"], "mono.events.account_income");
    assert_eq!(told["data"]["account"], id);
    let records = mono.get(&path).await.body;
    assert_eq!(records["data"], told["data"]["income_streams"]);
    assert_eq!(records["data"][0]["number_of_incomes"], 12);
    let old = mono.get(&format!("/accounts/{id}/income")).await.body;
    assert_eq!(keys(&old), ["amount", "confidence", "employer", "type"]);
    assert_eq!(old["amount"], records["data"][0]["monthly_average"]);
}

#[tokio::test]
async fn credits_and_debits_add_up() {
    let mono = Mono::start().await;
    let id = mono.linked().await;
    let rows = mono
        .get(&format!("/v2/accounts/{id}/transactions?paginate=false"))
        .await
        .body;
    for (path, kind) in [("credits", "credit"), ("debits", "debit")] {
        let of_kind = rows["data"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["type"] == kind);
        let total: i64 = of_kind.map(|row| row["amount"].as_i64().unwrap()).sum();
        let old = mono.get(&format!("/accounts/{id}/{path}")).await.body;
        assert_eq!(old["total"], total);
        assert_eq!(old["history"][0]["period"], "01-26");
        let monthly = old["history"].as_array().unwrap().iter();
        assert_eq!(
            monthly
                .map(|month| month["amount"].as_i64().unwrap())
                .sum::<i64>(),
            total
        );
        assert_eq!(
            mono.get(&format!("/v2/accounts/{id}/{path}")).await.body["data"],
            old
        );
    }
}

#[tokio::test]
async fn assets_and_earnings_exist_where_there_is_a_fund() {
    let mono = Mono::start().await;
    for (bank, count) in [("kuda", 1), ("gtbank", 0)] {
        let who = LinkAs {
            institution: Some(bank.to_owned()),
            ..LinkAs::default()
        };
        let id = mono.sim.link(who).await.unwrap().account_id;
        mono.sim.advance(Duration::from_secs(3)).await;
        let assets =
            mono.get(&format!("/v2/accounts/{id}/assets")).await.body["data"]["assets"].clone();
        let earnings = mono.get(&format!("/v2/accounts/{id}/earnings")).await.body["data"].clone();
        assert_eq!(assets.as_array().unwrap().len(), count, "{bank}");
        assert_eq!(earnings.as_array().unwrap().len(), count, "{bank}");
    }
}

#[tokio::test]
async fn linked_accounts_are_listed_by_pages() {
    let mono = Mono::start().await;
    for _ in 0..11 {
        mono.sim.link(LinkAs::default()).await.unwrap();
    }
    let first = mono.get("/v2/accounts").await.body;
    assert_eq!(first["data"].as_array().unwrap().len(), 10);
    let next = "https://api.withmono.com/v2/accounts/?page=2";
    assert_eq!(
        first["meta"],
        json!({ "total": 11, "pages": 2, "previous": null, "next": next })
    );
    assert_eq!(
        first["data"][0]["institution"]["id"],
        "5f2d08be60b92e2888287702"
    );
    assert_eq!(
        mono.get("/v2/accounts?page=2").await.body["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn customers_are_made_found_changed_and_deleted() {
    let mono = Mono::start().await;
    let new = json!({
        "email": "ada@example.com", "first_name": "Ada", "last_name": "Obi", "address": "1 Ring Road",
        "phone": "08012345678", "identity": { "type": "bvn", "number": "22000000003" },
    });
    let wrong = mono
        .post("/v2/customers", json!({ "email": "x@example.com" }))
        .await;
    assert_eq!(
        (wrong.status.as_u16(), &wrong.body["data"][0]["field"]),
        (400, &json!("first_name"))
    );
    let made = mono.post("/v2/customers", new.clone()).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.body["data"]["bvn"], "22000000003");
    let again = mono.post("/v2/customers", new).await;
    assert_eq!(
        (again.status.as_u16(), &again.body["data"]),
        (400, &Value::Null)
    );

    let id = made.body["data"]["id"].as_str().unwrap();
    let path = format!("/v2/customers/{id}");
    let changing = mono
        .request(reqwest::Method::PATCH, &path)
        .json(&json!({ "phone": "0809" }));
    assert_eq!(changing.send().await.unwrap().status(), 200);
    assert_eq!(mono.get(&path).await.body["data"]["phone"], "0809");
    assert_eq!(
        mono.get("/v2/customers").await.body["data"][0]["name"],
        "Ada Obi"
    );
    let initiate = json!({ "scope": "auth", "customer": { "id": id }, "redirect_url": "https://shop.example/" });
    assert_eq!(
        mono.post("/v2/accounts/initiate", initiate).await.body["data"]["customer"],
        id
    );
    assert_eq!(mono.delete(&path).await.status, 200);
    assert_eq!(mono.get(&path).await.status, 400);
}
