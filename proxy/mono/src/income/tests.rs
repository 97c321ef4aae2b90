use serde_json::{Value, json};

use super::api::read;
use super::{IncomeRecord, IncomeRecords};
use crate::error::Error;

fn records(body: &Value) -> IncomeRecords {
    read(body.to_string().as_bytes()).unwrap().unwrap()
}

fn stream() -> Value {
    json!({
        "income_type": "SALARY", "frequency": "MONTHLY", "monthly_average": 45_000_000,
        "average_income_amount": 44_999_999.5, "currency": "NGN", "stability": 0.9,
        "first_income_date": "2023-01-25T00:00:00.000Z", "last_income_date": "2023-12-27",
        "last_income_amount": 47_000_000, "last_income_description": "SALARY DEC",
        "periods_with_income": 12, "number_of_incomes": 12, "number_of_months": 12,
    })
}

fn salary() -> IncomeRecord {
    IncomeRecord {
        kind: Some("SALARY".to_owned()),
        employer: None,
        amount: Some(45_000_000),
        monthly_average: Some(45_000_000),
        frequency: Some("MONTHLY".to_owned()),
        currency: Some("NGN".to_owned()),
        first_date: Some("2023-01-25".to_owned()),
        last_date: Some("2023-12-27".to_owned()),
        stability: Some(0.9),
    }
}

#[test]
fn streams_are_read_wherever_they_stand() {
    for body in [
        json!({"status": "successful", "data": [stream()]}),
        json!({"data": {"income_streams": [stream()]}}),
        json!({"data": {"income_records": [stream()]}}),
        json!({"data": {"records": [stream()], "later": {"word": 1}}}),
    ] {
        assert_eq!(records(&body).records, [salary()], "{body}");
    }
}

#[test]
fn who_pays_may_stand_in_the_summary() {
    let body = json!({"data": {
        "income_summary": {"employer": "Lagoon", "total_income": 1},
        "income_streams": [stream(), {"income_type": "WAGES", "employer": "Harbour"}],
    }});
    let employers: Vec<_> = records(&body)
        .records
        .into_iter()
        .map(|record| record.employer.unwrap())
        .collect();
    assert_eq!(employers, ["Lagoon", "Harbour"]);
}

#[test]
fn the_first_generation_has_one_record_or_none() {
    let body =
        json!({"type": "INCOME", "amount": 120_000, "employer": "Lagoon", "confidence": 0.95});
    let expected = IncomeRecord {
        kind: Some("INCOME".to_owned()),
        employer: Some("Lagoon".to_owned()),
        amount: Some(120_000),
        ..IncomeRecord::default()
    };
    assert_eq!(records(&body).records, [expected]);
    assert_eq!(records(&json!({})).records, []);
    assert_eq!(records(&json!({"type": null, "amount": null})).records, []);
}

#[test]
fn a_bad_row_does_not_cost_the_others() {
    let bad = json!({"income_type": "SALARY", "monthly_average": {"kobo": 1}});
    let read = records(&json!({"data": [bad, stream(), "SALARY", null, [1]]}));
    assert_eq!(read.records, [salary()]);
    assert_eq!(read.skipped, 4);
}

#[test]
fn nothing_is_no_list() {
    for body in [
        json!({"status": "successful", "data": null}),
        json!({"data": {"income_streams": null}}),
    ] {
        assert_eq!(read(body.to_string().as_bytes()).unwrap(), None, "{body}");
    }
    assert_eq!(records(&json!({"data": []})).records, []);
    let alone = records(&json!({"data": ["SALARY"]}));
    assert_eq!((alone.records.len(), alone.skipped), (0, 1));
    for body in [
        "[]",
        "null",
        "<html>",
        "",
        r#"{"data":["SALARY",7]}"#,
        r#"{"data":7}"#,
    ] {
        let error = read(body.as_bytes()).unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{body}");
    }
}

#[test]
fn neither_amounts_nor_employers_are_printed() {
    let body = json!({"data": {"income_summary": {"employer": "Lagoon"}, "records": [stream()]}});
    let printed = format!("{:?}", records(&body));
    assert!(
        !printed.contains("Lagoon") && !printed.contains("45000000"),
        "{printed}"
    );
}
