use proptest::prelude::*;
use serde_json::{Value, json};

use super::api::read;
use super::{SyncAnswer, SyncFailure, SyncOutcome};
use crate::error::Error;

fn answer(body: &Value) -> Result<SyncAnswer, Error> {
    read(body.to_string().as_bytes())
}

fn outcome(body: &Value) -> SyncOutcome {
    answer(body).unwrap().outcome
}

fn other(word: &str) -> SyncOutcome {
    SyncOutcome::Failed(SyncFailure::Other(word.to_owned()))
}

#[test]
fn each_code_has_its_meaning_in_any_case() {
    for (code, expected) in [
        ("SYNCED_SUCCESSFUL", SyncOutcome::Synced),
        ("SYNC_SUCCESSFUL", SyncOutcome::Synced),
        (
            "REAUTHORISATION_REQUIRED",
            SyncOutcome::ReauthorisationRequired,
        ),
        (
            "REAUTHORIZATION_REQUIRED",
            SyncOutcome::ReauthorisationRequired,
        ),
        ("SYNC_ERROR", SyncOutcome::Failed(SyncFailure::Error)),
        (
            "INCOMPLETE_STATEMENT_ERROR",
            SyncOutcome::Failed(SyncFailure::IncompleteStatement),
        ),
    ] {
        for code in [code.to_owned(), code.to_lowercase(), format!(" {code} ")] {
            // The code is the more exact of the two.
            for status in ["successful", "failed"] {
                let bare = json!({"status": status, "hasNewData": true, "code": code});
                let wrapped =
                    json!({"status": status, "data": {"code": code, "has_new_data": true}});
                for body in [bare, wrapped] {
                    let answer = answer(&body).unwrap();
                    assert_eq!(answer.outcome, expected, "{body}");
                    assert_eq!(answer.has_new_data, Some(true), "{body}");
                }
            }
        }
    }
}

#[test]
fn a_later_code_is_kept_or_told_by_the_status() {
    let body = json!({"status": "failed", "code": "Bank_Asleep"});
    assert_eq!(outcome(&body), other("Bank_Asleep"));
    assert_eq!(
        outcome(&json!({"code": "Bank_Asleep"})),
        other("Bank_Asleep")
    );
    let body = json!({"status": "Successful", "code": "SYNCED_TWICE"});
    assert_eq!(outcome(&body), SyncOutcome::Synced);
    assert_eq!(outcome(&json!({"status": "failed"})), other("failed"));
    assert_eq!(
        outcome(&json!({"status": "successful"})),
        SyncOutcome::Synced
    );
}

#[test]
fn new_data_is_said_or_not_said() {
    for (field, expected) in [
        (json!({"hasNewData": true}), Some(true)),
        (json!({"hasNewData": false}), Some(false)),
        (json!({"has_new_data": "TRUE"}), Some(true)),
        (json!({"has_new_data": null}), None),
        (json!({"has_new_data": 1}), None),
        (json!({"has_new_data": {"a": [true]}}), None),
        (json!({}), None),
    ] {
        let mut body = field.clone();
        body["code"] = json!("SYNC_SUCCESSFUL");
        assert_eq!(answer(&body).unwrap().has_new_data, expected, "{field}");
    }
}

#[test]
fn what_says_nothing_is_no_outcome() {
    for body in [
        json!({}),
        json!([]),
        json!("SYNCED_SUCCESSFUL"),
        json!({"code": null}),
        json!({"code": " "}),
        json!({"code": ["SYNCED_SUCCESSFUL"]}),
        json!({"data": ["SYNCED_SUCCESSFUL"]}),
        json!({"message": "done"}),
    ] {
        let error = answer(&body).unwrap_err();
        assert!(
            matches!(error, Error::Malformed { .. }),
            "{body}: {error:?}"
        );
    }
    let queued = json!({"status": "successful", "message": "enqueued", "data": null});
    assert!(matches!(answer(&queued), Err(Error::NoData)));
}

#[test]
fn a_word_is_the_one_that_mono_uses() {
    for failure in [
        SyncFailure::Error,
        SyncFailure::IncompleteStatement,
        SyncFailure::Other("NEW".to_owned()),
    ] {
        let body = json!({"code": failure.as_str()});
        assert_eq!(outcome(&body), SyncOutcome::Failed(failure));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(read(&body).is_err());
    }

    #[test]
    fn a_later_code_is_kept_as_it_came(code in "\\PC{0,20}[a-z]\\PC{0,20}") {
        let read = outcome(&json!({"status": "failed", "code": code}));
        prop_assert_eq!(read, other(&code));
    }
}
