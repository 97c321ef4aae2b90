use serde_json::{Value, json};

use super::api::{read_assets, read_earnings};
use super::{Asset, Earning};
use crate::error::Error;

fn bytes(body: &Value) -> Vec<u8> {
    body.to_string().into_bytes()
}

fn fund() -> Value {
    json!({
        "name": "Naira Fund", "type": "FUND", "cost": 5_000_000, "return": -412.6,
        "quantity": 12.75, "currency": "NGN", "later": [],
        "details": {"symbol": "NGNF", "price": 102, "current_balance": "5412300"},
    })
}

fn expected_fund() -> Asset {
    Asset {
        name: Some("Naira Fund".to_owned()),
        kind: Some("FUND".to_owned()),
        cost: Some(5_000_000),
        gain: Some(-413),
        quantity: Some(12.75),
        currency: Some("NGN".to_owned()),
        symbol: Some("NGNF".to_owned()),
        current_balance: Some(5_412_300),
    }
}

fn interest() -> Value {
    json!({
        "id": "e1", "amount": 412_300, "narration": "Interest", "date": "2024-01-31T10:00:00.000Z",
        "asset": {"symbol": "NGNF", "name": "Naira Fund", "sale_price": 102, "quantity_sold": 0},
    })
}

fn expected_interest() -> Earning {
    Earning {
        id: Some("e1".to_owned()),
        amount: Some(412_300),
        narration: Some("Interest".to_owned()),
        date: Some("2024-01-31T10:00:00Z".parse().unwrap()),
        asset_name: Some("Naira Fund".to_owned()),
        asset_symbol: Some("NGNF".to_owned()),
    }
}

#[test]
fn assets_are_read_wherever_they_stand() {
    for body in [
        json!({"data": {"id": "a", "balances": {"_u_s_d": 1}, "assets": [fund()]}}),
        json!({"data": {"asset": [fund()]}}),
        json!({"data": [fund()]}),
        json!({"assets": [fund()]}),
        json!([fund()]),
    ] {
        let read = read_assets(&bytes(&body)).unwrap().unwrap();
        assert_eq!(read.rows, [expected_fund()], "{body}");
        assert_eq!(read.skipped, 0);
    }
}

#[test]
fn earnings_are_read_wherever_they_stand() {
    for body in [
        json!({"data": [interest()]}),
        json!({"data": {"earnings": [interest()]}}),
        json!([interest()]),
    ] {
        let read = read_earnings(&bytes(&body)).unwrap().unwrap();
        assert_eq!(read.rows, [expected_interest()], "{body}");
    }
    let legacy = json!([{"_id": "e1", "amount": null, "date": null, "asset": null}]);
    let read = read_earnings(&bytes(&legacy)).unwrap().unwrap();
    assert_eq!(read.rows[0].id.as_deref(), Some("e1"));
}

#[test]
fn a_bad_row_does_not_cost_the_others() {
    let body = json!({"data": {"assets": [{"cost": "much"}, fund(), null, {"quantity": []}]}});
    let read = read_assets(&bytes(&body)).unwrap().unwrap();
    assert_eq!((read.rows.len(), read.skipped), (1, 3));
    let body = json!({"data": [{"date": "yesterday"}, interest(), {"amount": true}]});
    let read = read_earnings(&bytes(&body)).unwrap().unwrap();
    assert_eq!((read.rows.len(), read.skipped), (1, 2));
}

#[test]
fn nothing_is_no_list() {
    for body in [
        json!({"data": null}),
        json!({"data": {"assets": null}}),
        json!({"data": {}}),
        json!({"data": {"later": 1}}),
    ] {
        assert_eq!(read_assets(&bytes(&body)).unwrap(), None, "{body}");
    }
    for body in [json!({"data": null}), json!({"data": {}})] {
        assert_eq!(read_earnings(&bytes(&body)).unwrap(), None, "{body}");
    }
    let bad = json!({"data": ["NGNF"]});
    let alone = read_assets(&bytes(&bad)).unwrap().unwrap();
    assert_eq!((alone.rows.len(), alone.skipped), (0, 1));
    let empty = read_assets(&bytes(&json!({"data": {"assets": []}}))).unwrap();
    assert!(empty.unwrap().rows.is_empty());
    for body in [json!({}), json!("assets"), json!({"data": ["NGNF", 7]})] {
        for error in [
            read_assets(&bytes(&body)).unwrap_err(),
            read_earnings(&bytes(&body)).unwrap_err(),
        ] {
            assert!(matches!(error, Error::Malformed { .. }), "{body}");
        }
    }
}

#[test]
fn no_amount_is_printed() {
    let body = json!({"data": [interest()]});
    let printed = format!("{:?}", read_earnings(&bytes(&body)).unwrap());
    assert!(!printed.contains("412300"), "{printed}");
    let body = json!({"data": [fund()]});
    let printed = format!("{:?}", read_assets(&bytes(&body)).unwrap());
    assert!(!printed.contains("5000000"), "{printed}");
}
