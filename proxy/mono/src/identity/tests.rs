use proptest::prelude::*;
use serde_json::{Value, json};

use super::Identity;
use super::api::read;
use crate::error::Error;

fn identity(body: &Value) -> Identity {
    read(body.to_string().as_bytes()).unwrap().unwrap()
}

#[test]
fn both_generations_say_the_same() {
    let v2 = json!({"status": "successful", "data": {
        "full_name": "SAMUEL OLAMIDE", "bvn": "22000000003", "email": "samuel@example.com",
        "phone": "08012345678", "gender": "male", "dob": "1990-12-30",
        "address_line1": "1 Allen Avenue", "address_line2": "Ikeja", "state_of_origin": "Oyo",
        "marital_status": "single", "created_at": "2024-04-08T00:00:00.000Z",
    }});
    let v1 = json!({
        "fullName": "SAMUEL OLAMIDE", "bvn": "22000000003", "email": "samuel@example.com",
        "phone": "08012345678", "gender": "male", "dob": "1990-12-30T00:00:00.000Z",
        "addressLine1": "1 Allen Avenue", "addressLine2": "Ikeja", "maritalStatus": "single",
    });
    let expected = Identity {
        full_name: Some("SAMUEL OLAMIDE".to_owned()),
        email: Some("samuel@example.com".to_owned()),
        phone: Some("08012345678".to_owned()),
        gender: Some("male".to_owned()),
        date_of_birth: Some("1990-12-30".to_owned()),
        bvn_last4: Some("0003".to_owned()),
        address: Some("1 Allen Avenue, Ikeja".to_owned()),
        marital_status: Some("single".to_owned()),
    };
    assert_eq!(identity(&v2), expected);
    assert_eq!(identity(&v1), expected);
}

#[test]
fn each_spelling_of_the_address_is_read() {
    for (key, other) in [
        ("address_line1", "address_line2"),
        ("address_line_1", "address_line_2"),
        ("addressLine1", "addressLine2"),
    ] {
        let read = identity(&json!({"data": {key: "1 Allen Avenue", other: null}}));
        assert_eq!(read.address.as_deref(), Some("1 Allen Avenue"), "{key}");
    }
}

#[test]
fn an_older_name_is_put_together() {
    let read = identity(&json!({"firstName": "Samuel", "middleName": "", "lastName": "Olamide"}));
    assert_eq!(read.full_name.as_deref(), Some("Samuel Olamide"));
}

#[test]
fn no_more_than_four_digits_of_a_bvn_are_kept() {
    for (bvn, expected) in [
        (json!("22000000003"), Some("0003")),
        (json!(22_000_000_003_u64), Some("0003")),
        (json!("9422"), Some("9422")),
        (json!(""), None),
        (json!(null), None),
        (json!({"number": "22000000003"}), None),
    ] {
        let read = identity(&json!({"data": {"bvn": bvn, "gender": "male"}}));
        assert_eq!(read.bvn_last4.as_deref(), expected, "{bvn}");
    }
}

#[test]
fn a_day_that_could_be_another_is_left_as_it_came() {
    for (dob, expected) in [
        ("1990-12-30", "1990-12-30"),
        ("1990-12-30T23:00:00.000Z", "1990-12-30"),
        ("30-12-1990", "30-12-1990"),
        ("1990-13-30", "1990-13-30"),
        ("30 December 1990", "30 December 1990"),
    ] {
        let read = identity(&json!({"dob": dob}));
        assert_eq!(read.date_of_birth.as_deref(), Some(expected));
    }
}

#[test]
fn an_answer_without_anything_in_it_is_no_identity() {
    for body in [
        json!({}),
        json!({"data": null}),
        json!({"data": {}}),
        json!({"status": "successful", "message": "enqueued", "data": null}),
        json!({"data": {"full_name": null, "bvn": null, "email": " "}}),
    ] {
        assert_eq!(read(body.to_string().as_bytes()).unwrap(), None, "{body}");
    }
    for body in ["[]", "null", "<html>", "", r#"{"data":["SAMUEL"]}"#] {
        let error = read(body.as_bytes()).unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{body}");
    }
}

proptest! {
    #[test]
    fn a_whole_number_never_gets_through(bvn in "[0-9]{5,20}") {
        let read = identity(&json!({"data": {"bvn": bvn}}));
        prop_assert_eq!(read.bvn_last4.unwrap().len(), 4);
    }
}
