use proptest::prelude::*;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::headers::{has_new_data, job};
use crate::jobs::JobStatus;

fn headers(pairs: &[(&'static str, &[u8])]) -> HeaderMap {
    let pair = |(name, value): &(&'static str, &[u8])| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_bytes(value).unwrap(),
        )
    };
    pairs.iter().map(pair).collect()
}

#[test]
fn new_data_is_said_or_not_said() {
    for (value, expected) in [
        (&b"true"[..], Some(true)),
        (b"TRUE", Some(true)),
        (b"false", Some(false)),
        (b"False", Some(false)),
        (b"\tfalse ", Some(false)),
        (b"", None),
        (b"1", None),
        (b"yes", None),
        (b"true,false", None),
        (b"\xff\xfe", None),
    ] {
        let headers = headers(&[("x-has-new-data", value)]);
        assert_eq!(has_new_data(&headers), expected, "{value:?}");
    }
    assert_eq!(has_new_data(&HeaderMap::new()), None);
}

#[test]
fn a_job_is_named_by_its_id() {
    let long = [b'a'; 65];
    for (id, expected) in [
        (&b"66f3d4b3305261f275"[..], Some("66f3d4b3305261f275")),
        (
            b"jobs.accounts_66f3d4b335261f275",
            Some("66f3d4b335261f275"),
        ),
        (b" 66f3 ", Some("66f3")),
        (b"", None),
        (b"a/b", None),
        (b"..", None),
        (b"\xffa", None),
        (&long, None),
    ] {
        let headers = headers(&[("x-job-id", id), ("x-job-status", b"finished")]);
        let job = job(&headers);
        assert_eq!(job.as_ref().map(|job| job.id.as_str()), expected, "{id:?}");
        assert!(job.is_none_or(|job| job.status == JobStatus::Finished));
    }
    assert_eq!(job(&headers(&[("x-job-status", b"finished")])), None);
}

#[test]
fn a_job_whose_status_is_not_said_has_not_ended() {
    let long = [b'a'; 65];
    for (status, expected) in [
        (&b"processing"[..], JobStatus::Processing),
        (b"PROCESSING", JobStatus::Processing),
        (b"FINISHED", JobStatus::Finished),
        (b"Failed", JobStatus::Failed),
        (b"REAUTHORISATION_REQUIRED", JobStatus::Failed),
        (b"asleep", JobStatus::Other("asleep".to_owned())),
        (b"", JobStatus::Processing),
        (b"\xff", JobStatus::Processing),
        (&long, JobStatus::Processing),
    ] {
        let headers = headers(&[("x-job-id", b"a"), ("x-job-status", status)]);
        assert_eq!(job(&headers).unwrap().status, expected, "{status:?}");
    }
    let headers = headers(&[("x-job-id", b"a")]);
    assert_eq!(job(&headers).unwrap().status, JobStatus::Processing);
}

proptest! {
    #[test]
    fn any_header_is_survived(
        new in proptest::collection::vec(any::<u8>(), 0..80),
        id in proptest::collection::vec(any::<u8>(), 0..80),
        status in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let mut headers = HeaderMap::new();
        for (name, value) in [("x-has-new-data", new), ("x-job-id", id), ("x-job-status", status)] {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                headers.insert(name, value);
            }
        }
        let _ = has_new_data(&headers);
        prop_assert!(job(&headers).is_none_or(|job| (1..=64).contains(&job.id.as_str().len())));
    }
}
