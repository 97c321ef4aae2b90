use proptest::prelude::*;
use serde_json::{Value, json};

use super::{History, read};
use crate::error::Error;

fn read(body: &Value) -> Result<Option<History>, Error> {
    read::read(body.to_string().as_bytes())
}

#[test]
fn months_are_found_bare_and_inside_data() {
    let months = json!([{"amount": 500, "period": "01-20", "transaction_count": 3}, {"amount": "7", "period": "12-19"}]);
    let bare = json!({"total": 507, "history": months});
    for body in [bare.clone(), json!({"status": "successful", "data": bare})] {
        let history = read(&body).unwrap().unwrap();
        assert_eq!((history.total, history.skipped), (Some(507), 0), "{body}");
        let months: Vec<_> = history
            .months
            .iter()
            .map(|month| (month.period.as_str(), month.amount, month.transaction_count))
            .collect();
        assert_eq!(months, [("01-20", 500, Some(3)), ("12-19", 7, None)]);
        assert!(!format!("{history:?}").contains("50"), "{history:?}");
    }
    let history = read(&json!({"data": months})).unwrap().unwrap();
    assert_eq!((history.total, history.months.len()), (None, 2));
}

#[test]
fn a_bad_month_costs_itself_and_is_counted() {
    let good = json!({"amount": 1, "period": "01-20"});
    for bad in [
        json!(null),
        json!({}),
        json!({"amount": 1}),
        json!({"amount": 1, "period": " "}),
        json!({"amount": 1, "period": null}),
        json!({"amount": 0.5, "period": "01-20"}),
        json!({"period": "01-20"}),
    ] {
        let body = json!({"total": "x", "history": [bad, good]});
        let history = read(&body).unwrap().unwrap();
        assert_eq!(
            (history.months.len(), history.skipped, history.total),
            (1, 1, None),
            "{bad}"
        );
        let alone = read(&json!({"history": [bad]})).unwrap().unwrap();
        assert_eq!((alone.months.len(), alone.skipped), (0, 1), "{bad}");
        let several = read(&json!({"history": [bad, bad]})).unwrap_err();
        assert!(matches!(several, Error::Malformed { .. }), "{bad}");
    }
}

#[test]
fn no_history_is_told_from_an_empty_one_and_from_nonsense() {
    for none in [
        json!({"data": null}),
        json!({"history": null}),
        json!({"data": {"history": null}}),
        json!({"data": {}}),
        json!({"data": {"total": 5}}),
    ] {
        assert_eq!(read(&none).unwrap(), None, "{none}");
    }
    let empty = read(&json!({"total": 0, "history": []})).unwrap().unwrap();
    assert_eq!((empty.total, empty.months.len()), (Some(0), 0));
    for nonsense in [
        json!({}),
        json!([]),
        json!({"data": 1}),
        json!({"total": 5}),
    ] {
        let error = read(&nonsense).unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{nonsense}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(read::read(&body).is_err());
    }
}
