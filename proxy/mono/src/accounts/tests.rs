use proptest::prelude::*;
use serde_json::{Value, json};

use super::{AccountDetails, transactions};
use super::{AccountNumber, TransactionKind, TransactionPage, balance, details};
use crate::error::Error;
use crate::id::AccountId;

fn id() -> AccountId {
    "5fbcde8f8699984153e65537".parse().unwrap()
}

fn read_details(body: &Value) -> Result<AccountDetails, Error> {
    details::read(body.to_string().as_bytes(), &id())
}

fn read_page(body: &Value) -> Result<Option<TransactionPage>, Error> {
    transactions::read(body.to_string().as_bytes())
}

fn row() -> Value {
    json!({"type": "debit", "amount": 1, "date": "2024-01-01T00:00:00Z"})
}

fn row_with(field: &str, value: Value) -> Value {
    let mut row = row();
    row[field] = value;
    row
}

#[test]
fn details_are_found_on_every_level() {
    let account = json!({"_id": "a", "name": "N", "accountNumber": "0018709596"});
    let meta = json!({"data_status": "AVAILABLE"});
    let mut bare = account.clone();
    bare["meta"] = meta.clone();
    for body in [
        json!({"status": "successful", "data": {"account": account, "meta": meta}}),
        json!({"data": {"account": account}, "meta": meta}),
        json!({"account": account, "meta": meta}),
        json!({"data": bare}),
        bare.clone(),
    ] {
        let details = read_details(&body).unwrap();
        assert_eq!(details.id.as_str(), "a", "{body}");
        assert_eq!(details.name.as_deref(), Some("N"), "{body}");
        assert_eq!(
            details.account_number.unwrap().expose(),
            "0018709596",
            "{body}"
        );
        assert_eq!(details.data_status.as_deref(), Some("AVAILABLE"), "{body}");
    }
}

#[test]
fn either_spelling_will_do_and_both_at_once_are_no_error() {
    let snake = json!({
        "id": "a", "account_number": "1", "auth_method": "m", "institution": {"bank_code": "058"},
    });
    let camel = json!({
        "_id": "a", "accountNumber": "1", "authMethod": "m", "institution": {"bankCode": "058"},
    });
    let mut both = snake.clone();
    for (key, value) in camel.as_object().unwrap() {
        both[key] = value.clone();
    }
    both["institution"] = json!({"bank_code": "058", "bankCode": "058"});
    let of = |account: &Value| read_details(&json!({"data": {"account": account}})).unwrap();
    assert_eq!(of(&snake), of(&camel));
    assert_eq!(of(&snake), of(&both));
    assert_eq!(of(&snake).institution.bank_code.as_deref(), Some("058"));
    assert_eq!(of(&snake).auth_method.as_deref(), Some("m"));

    let rows = [row_with("id", json!("x")), row_with("_id", json!("x")), {
        let mut row = row_with("id", json!("x"));
        row["_id"] = json!("y");
        row
    }];
    let page = read_page(&json!({"data": rows})).unwrap().unwrap();
    assert_eq!(page.skipped, 0);
    assert!(page.rows.iter().all(|row| row.id.as_deref() == Some("x")));
}

#[test]
fn words_that_are_new_are_kept() {
    let body = json!({"data": {
        "account": {"id": "a", "type": "Tier 3 Savings Account", "currency": "XAF",
            "institution": {"type": "PAYMENT_GATEWAY"}, "new": {"deep": [1]}},
        "meta": {"data_status": "Half_Done", "retrieved_data": ["balance", "dreams"]},
        "customer": "c",
    }});
    let details = read_details(&body).unwrap();
    assert_eq!(
        details.account_type.as_deref(),
        Some("Tier 3 Savings Account")
    );
    assert_eq!(details.institution.kind.as_deref(), Some("PAYMENT_GATEWAY"));
    assert_eq!(details.data_status.as_deref(), Some("Half_Done"));
    assert_eq!(details.retrieved_data, ["balance", "dreams"]);
    assert_eq!(details.customer_id.as_deref(), Some("c"));

    let page = read_page(&json!({"data": [row_with("type", json!("reversal"))]}))
        .unwrap()
        .unwrap();
    assert_eq!(
        page.rows[0].kind,
        TransactionKind::Other("reversal".to_owned())
    );
    for (word, kind) in [
        ("DEBIT", TransactionKind::Debit),
        ("Credit", TransactionKind::Credit),
    ] {
        let page = read_page(&json!({"data": [row_with("type", json!(word))]}))
            .unwrap()
            .unwrap();
        assert_eq!(page.rows[0].kind, kind);
    }
}

#[test]
fn before_anything_is_fetched_the_status_is_enough() {
    for data in [
        json!({"account": null, "meta": {"data_status": "PROCESSING"}}),
        json!({"meta": {"data_status": "PROCESSING"}}),
        json!({"account": {}, "meta": {"data_status": "PROCESSING"}}),
    ] {
        let details = read_details(&json!({"data": data})).unwrap();
        assert_eq!((details.id, details.balance), (id(), None));
        assert_eq!(details.data_status.as_deref(), Some("PROCESSING"));
    }
}

#[test]
fn details_that_are_none_are_no_success() {
    for body in [
        json!({}),
        json!([]),
        json!(["a"]),
        json!({"status": "failed", "message": "no"}),
        json!({"data": []}),
        json!({"data": ["a"]}),
        json!({"data": "a"}),
        json!({"data": {"account": "a"}}),
        json!({"data": {"account": {"name": "N"}}}),
        json!({"data": {"account": {"id": "a/b"}}}),
        json!({"data": {"account": {"id": true}}}),
        json!({"data": {"account": {"id": 0.5}}}),
        json!({"data": {"account": {"id": "a", "balance": 1.5}}}),
        json!({"data": {"account": {"id": "a", "balance": "lots"}}}),
    ] {
        let error = read_details(&body).unwrap_err();
        assert!(
            matches!(error, Error::Malformed { .. }),
            "{body}: {error:?}"
        );
    }
    assert!(matches!(
        read_details(&json!({"data": null})),
        Err(Error::NoData)
    ));
}

#[test]
fn a_balance_may_be_null() {
    let read = |body: Value| balance::read(body.to_string().as_bytes());
    let given = read(json!({"data": {"balance": "53769", "currency": "NGN"}}))
        .unwrap()
        .unwrap();
    assert_eq!(
        (given.balance, given.currency.as_deref()),
        (Some(53_769), Some("NGN"))
    );
    let given = read(json!({"balance": 53769.0, "currency": "NGN"}))
        .unwrap()
        .unwrap();
    assert_eq!(given.balance, Some(53_769));
    let given = read(json!({"data": {"balance": null, "currency": "NGN"}}))
        .unwrap()
        .unwrap();
    assert_eq!(given.balance, None);
    for none in [json!({"data": null}), json!({"data": {}})] {
        assert_eq!(read(none).unwrap(), None);
    }
    for bad in [
        json!({}),
        json!([]),
        json!({"data": []}),
        json!({"data": [1]}),
        json!({"data": 5}),
        json!({"data": {"balance": 1.5}}),
        json!({"data": {"balance": {}}}),
    ] {
        assert!(
            matches!(read(bad.clone()), Err(Error::Malformed { .. })),
            "{bad}"
        );
    }
}

#[test]
fn rows_and_paging_are_found_wherever_they_stand() {
    let rows = json!([row()]);
    let paging = json!({"total": 9, "page": 3, "next": null});
    for body in [
        json!({"data": rows, "meta": paging}),
        json!({"data": rows, "paging": paging}),
        json!({"data": rows, "meta": {"paging": paging}}),
        json!({"data": {"transactions": rows, "paging": paging}}),
        json!({"data": {"transactions": rows, "meta": paging}}),
        json!({"data": {"transactions": rows}, "meta": paging}),
        json!({"data": rows, "paging": paging, "meta": {"total": 9}}),
        json!({"data": rows, "paging": paging, "meta": "odd"}),
    ] {
        let page = read_page(&body).unwrap().unwrap();
        assert_eq!((page.rows.len(), page.skipped), (1, 0), "{body}");
        let read = (page.total, page.page, page.has_next);
        assert_eq!(read, (Some(9), Some(3), Some(false)), "{body}");
    }
    let page = read_page(&json!({"data": rows})).unwrap().unwrap();
    assert_eq!((page.total, page.page, page.has_next), (None, None, None));
}

#[test]
fn a_bad_row_costs_itself_and_is_counted() {
    let bad = [
        json!(null),
        json!(7),
        json!("row"),
        json!([]),
        json!(["x", "y", "debit", 1, "n", "2024-01-01T00:00:00Z"]),
        json!({}),
        row_with("amount", json!(1.5)),
        row_with("amount", json!(null)),
        row_with("amount", json!("1.0")),
        row_with("balance", json!(0.5)),
        row_with("date", json!("30-05-2022")),
        row_with("date", json!(null)),
        row_with("type", json!("")),
        row_with("type", json!(null)),
    ];
    for bad in &bad {
        let page = read_page(&json!({"data": [row(), bad, row()], "meta": {"total": 3}}));
        let page = page.unwrap().unwrap();
        assert_eq!(
            (page.rows.len(), page.skipped, page.total),
            (2, 1, Some(3)),
            "{bad}"
        );
        let alone = read_page(&json!({"data": [bad]})).unwrap().unwrap();
        assert_eq!((alone.rows.len(), alone.skipped), (0, 1), "{bad}");
    }
    let all = read_page(&json!({"data": {"transactions": bad}})).unwrap_err();
    assert!(matches!(all, Error::Malformed { .. }));
}

#[test]
fn a_row_needs_little() {
    let full = json!({
        "id": 12, "type": "credit", "amount": "500", "date": "2024-01-01T00:00:00",
        "narration": null, "balance": null, "currency": null, "category": {"new": "shape"},
        "later": [[[]]],
    });
    let page = read_page(&json!({"data": [row(), full]})).unwrap().unwrap();
    assert_eq!(page.skipped, 0);
    let [least, full] = page.rows.as_slice() else {
        panic!("{page:?}")
    };
    assert_eq!((least.id.as_deref(), least.narration.as_str()), (None, ""));
    assert_eq!(
        (least.balance, &least.currency, &least.category),
        (None, &None, &None)
    );
    assert_eq!(
        (full.id.as_deref(), full.amount, &full.category),
        (Some("12"), 500, &None)
    );
}

#[test]
fn pages_that_are_none_are_no_success() {
    for body in [
        json!({}),
        json!([]),
        json!([row()]),
        json!({"data": "none"}),
        json!({"data": 0}),
        json!({"data": {"transactions": {}}}),
        json!({"transactions": []}),
        json!({"status": "failed", "message": "no"}),
    ] {
        let error = read_page(&body).unwrap_err();
        assert!(
            matches!(error, Error::Malformed { .. }),
            "{body}: {error:?}"
        );
    }
    for none in [
        json!({"data": null}),
        json!({"data": {"transactions": null}}),
        json!({"data": {}}),
        json!({"data": {"rows": []}}),
    ] {
        assert_eq!(read_page(&none).unwrap(), None, "{none}");
    }
    for body in [
        &b"{\"data\":[\"\xff\"]}"[..],
        b"{\"data\":[NaN]}",
        b"{\"data\":[",
        b"",
        b"<html>",
    ] {
        assert!(matches!(
            transactions::read(body),
            Err(Error::Malformed { .. })
        ));
    }
}

#[test]
fn the_last_four_are_never_all() {
    for (number, last4) in [
        ("0131883461", "3461"),
        ("12345", "2345"),
        ("1234", ""),
        ("12", ""),
        ("", ""),
        ("äöüßé", "öüßé"),
    ] {
        assert_eq!(AccountNumber::new(number).last4(), last4, "{number}");
    }
}

/// Any JSON, with the names that answers are made of among its keys.
fn any_json() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        Just("data"),
        Just("account"),
        Just("meta"),
        Just("paging"),
        Just("id"),
        Just("_id"),
        Just("transactions"),
        Just("balance"),
        Just("amount"),
        Just("type"),
        Just("date"),
        Just("next"),
        Just("total"),
        Just("institution"),
        Just("customer"),
        Just("token"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(json!("debit")),
        Just(json!("2024-01-01T00:00:00Z")),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((key.clone(), inner), 0..8).prop_map(|entries| {
                entries
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect()
            }),
        ]
    })
}

/// How many rows an answer holds, read the slow and obvious way.
fn rows_of(body: &Value) -> Option<&Vec<Value>> {
    let data = body.get("data")?;
    data.as_array()
        .or_else(|| data.get("transactions")?.as_array())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_survived(body in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = balance::read(&body);
        let _ = details::read(&body, &id());
        let _ = transactions::read(&body);
    }

    #[test]
    fn no_json_becomes_a_page_that_lies(body in any_json()) {
        match read_page(&body) {
            Ok(Some(page)) => {
                let rows = rows_of(&body).unwrap();
                prop_assert_eq!(page.rows.len() + page.skipped, rows.len());
                prop_assert!(!page.rows.is_empty() || rows.len() <= 1);
                let amounts: Vec<_> = rows.iter().filter_map(|row| row["amount"].as_i64()).collect();
                let floats = rows.iter().filter(|row| !row["amount"].is_i64()).count();
                prop_assert!(floats > 0 || page.rows.iter().all(|row| amounts.contains(&row.amount)));
            }
            Ok(None) => {
                let data = &body["data"];
                prop_assert!(data.is_null() || data["transactions"].is_null());
            }
            Err(error) => prop_assert!(matches!(error, Error::Malformed { .. }), "{:?}", error),
        }
    }

    #[test]
    fn no_json_becomes_details_that_lie(body in any_json()) {
        if let Ok(details) = read_details(&body) {
            let level = body.get("data").unwrap_or(&body);
            let account = level.get("account").unwrap_or(level);
            let named = [&account["id"], &account["_id"]];
            let is_named = named.iter().any(|id| match id {
                Value::String(id) => id == details.id.as_str(),
                Value::Number(id) => details.id.as_str().eq(&id.to_string()),
                _ => false,
            });
            prop_assert!(is_named || details.data_status.is_some(), "{body} {details:?}");
            if let Some(balance) = account["balance"].as_i64() {
                prop_assert_eq!(details.balance, Some(balance));
            }
        }
    }

    #[test]
    fn no_json_becomes_a_balance_that_lies(body in any_json()) {
        if let Ok(Some(read)) = balance::read(body.to_string().as_bytes()) {
            let sent = body.get("data").unwrap_or(&body).get("balance").unwrap();
            prop_assert_eq!(read.balance.is_none(), sent.is_null());
            prop_assert!(!sent.is_i64() || sent.as_i64() == read.balance);
        }
    }

    #[test]
    fn every_readable_row_comes_through(amounts in proptest::collection::vec(any::<i64>(), 0..40),
                                        bad in proptest::collection::vec(0_usize..40, 0..5)) {
        let mut rows: Vec<_> =
            amounts.iter().map(|amount| row_with("amount", json!(amount))).collect();
        let mut expected = amounts.clone();
        let mut bad: Vec<_> = bad.into_iter().filter(|index| *index <= rows.len()).collect();
        bad.sort_unstable();
        for index in bad.iter().rev() {
            rows.insert(*index, json!({"amount": "none"}));
        }
        let page = read_page(&json!({"data": rows}));
        if amounts.is_empty() && bad.len() > 1 {
            prop_assert!(page.is_err());
            return Ok(());
        }
        let page = page.unwrap().unwrap();
        prop_assert_eq!(page.skipped, bad.len());
        expected.truncate(page.rows.len());
        prop_assert_eq!(page.rows.iter().map(|row| row.amount).collect::<Vec<_>>(), expected);
        prop_assert_eq!(page.rows.len(), amounts.len());
    }
}
