use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Institutions, read};
use crate::error::Error;

fn read(body: &Value) -> Result<Institutions, Error> {
    read::read(body.to_string().as_bytes())
}

#[test]
fn either_spelling_and_either_place_will_do() {
    let published = json!({
        "_id": "5f2d08be60b92e2888287702", "name": "GTBank", "type": "PERSONAL_BANKING",
        "icon": "https://banks.example/gtbank.png", "identifier": "gtbank", "country": "ng",
        "auth_methods": [{"type": "internet_banking", "ui": {"title": "x", "form": []}},
                         {"type": "ussd_later"}],
    });
    let other = json!({
        "id": "5f2d08be60b92e2888287702", "institution": "GTBank", "type": "PERSONAL_BANKING",
        "icon": "https://banks.example/gtbank.png", "country": "ng", "bank_code": "058",
        "auth_methods": ["internet_banking", {"_id": "m", "identifier": "ussd_later"}],
    });
    for body in [
        json!({"status": "successful", "data": [published]}),
        json!({"data": [other]}),
        json!([other]),
    ] {
        let read = read(&body).unwrap();
        assert_eq!((read.institutions.len(), read.skipped), (1, 0), "{body}");
        let bank = &read.institutions[0];
        assert_eq!(
            (bank.id.as_str(), bank.name.as_str()),
            ("5f2d08be60b92e2888287702", "GTBank")
        );
        assert_eq!(bank.kind.as_deref(), Some("PERSONAL_BANKING"));
        assert_eq!(bank.country.as_deref(), Some("ng"));
        assert_eq!(bank.auth_methods, ["internet_banking", "ussd_later"]);
        let icon = bank.icon.as_ref().unwrap().as_str();
        assert_eq!(icon, "https://banks.example/gtbank.png");
    }
}

#[test]
fn a_bank_that_cannot_be_named_costs_itself() {
    let good = json!({"id": "a", "name": "A"});
    for bad in [
        json!(null),
        json!({}),
        json!({"id": "a"}),
        json!({"name": "A"}),
        json!({"id": "", "name": "A"}),
        json!({"id": "a", "name": " "}),
        json!({"id": {}, "name": "A"}),
    ] {
        let read = read(&json!({"data": [good, bad]})).unwrap();
        assert_eq!((read.institutions.len(), read.skipped), (1, 1), "{bad}");
    }
    let odd = json!({"id": "a", "name": "A", "icon": "javascript:alert(1)", "auth_methods": [7, {}, "x"]});
    let read = read(&json!({"data": [odd]})).unwrap();
    assert_eq!(read.institutions[0].icon, None);
    assert_eq!(read.institutions[0].auth_methods, ["x"]);
}

#[test]
fn no_banks_are_no_success() {
    for body in [json!({"data": []}), json!([]), json!({"data": [7]})] {
        assert!(matches!(read(&body), Err(Error::NoData)), "{body}");
    }
    for body in [
        json!({}),
        json!({"data": null}),
        json!({"data": {}}),
        json!({"data": [7, 7]}),
        json!(7),
    ] {
        assert!(
            matches!(read(&body), Err(Error::Malformed { .. })),
            "{body}"
        );
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(read::read(&body).is_err());
    }
}
