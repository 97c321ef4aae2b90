use proptest::prelude::*;
use serde_json::{Value, json};

use super::api::read;
use super::{Job, JobStatus};
use crate::error::Error;
use crate::id::JobId;

fn id() -> JobId {
    "66f3d4b3305261f275".parse().unwrap()
}

fn job(data: &Value) -> Result<Job, Error> {
    read(json!({ "data": data }).to_string().as_bytes(), &id())
}

#[test]
fn each_word_has_its_meaning_in_any_case() {
    for (word, status, reauth_required) in [
        ("processing", JobStatus::Processing, None),
        ("finished", JobStatus::Finished, None),
        ("failed", JobStatus::Failed, None),
        ("successful", JobStatus::Finished, Some(false)),
        ("reauthorisation_required", JobStatus::Failed, Some(true)),
        ("reauthorization_required", JobStatus::Failed, Some(true)),
        ("Asleep", JobStatus::Other("Asleep".to_owned()), None),
    ] {
        for field in ["status", "job_status", "jobStatus"] {
            let mut words = vec![word.to_owned()];
            if !matches!(status, JobStatus::Other(_)) {
                words.push(word.to_uppercase());
            }
            for word in words {
                let job = job(&json!({ field: word })).unwrap();
                assert_eq!(job.status, status, "{field} {word}");
                assert_eq!(job.reauth_required, reauth_required, "{field} {word}");
            }
        }
    }
    // What a field of its own says counts for more than a word.
    let said = job(&json!({"status": "successful", "reauth_required": true})).unwrap();
    assert_eq!(said.reauth_required, Some(true));
    let both = job(&json!({"status": "finished", "job_status": "processing"})).unwrap();
    assert_eq!(both.status, JobStatus::Finished);
}

#[test]
fn a_word_is_the_one_that_mono_uses() {
    for status in [
        JobStatus::Processing,
        JobStatus::Finished,
        JobStatus::Failed,
        JobStatus::Other("Asleep".to_owned()),
    ] {
        let read = job(&json!({"status": status.as_str()})).unwrap();
        assert_eq!(read.status, status);
    }
}

#[test]
fn the_id_is_the_one_answered_or_else_the_one_asked_for() {
    for (data, expected) in [
        (json!({"id": "jobs.accounts_a"}), "a"),
        (json!({"_id": "a"}), "a"),
        (json!({}), "66f3d4b3305261f275"),
        (json!({"id": "../a"}), "66f3d4b3305261f275"),
        (json!({"id": ["a"]}), "66f3d4b3305261f275"),
    ] {
        let mut data = data;
        data["status"] = json!("finished");
        assert_eq!(job(&data).unwrap().id.as_str(), expected);
    }
}

#[test]
fn a_job_without_a_status_is_none() {
    for body in [
        json!({}),
        json!([]),
        json!({"data": []}),
        json!({"data": {}}),
        json!({"data": ["a", "finished"]}),
        json!({"data": {"status": ""}}),
        json!({"data": {"status": null}}),
        json!({"data": {"status": {"a": 1}}}),
        // This is the envelope's status, not the job's.
        json!({"status": "finished"}),
    ] {
        let error = read(body.to_string().as_bytes(), &id()).unwrap_err();
        assert!(
            matches!(error, Error::Malformed { .. }),
            "{body}: {error:?}"
        );
    }
    let error = read(br#"{"status":"successful","data":null}"#, &id()).unwrap_err();
    assert!(matches!(error, Error::NoData));
}

proptest! {
    #[test]
    fn any_bytes_are_survived(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(read(&body, &id()).is_err());
    }
}
