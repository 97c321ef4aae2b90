use proptest::prelude::*;
use serde_json::{Value, json};
use url::Url;

use super::{PdfStatus, Period, Statement, StatementPdf, pdf, rows};
use crate::error::Error;

fn read(body: &Value) -> Result<Option<Statement>, Error> {
    rows::read(body.to_string().as_bytes())
}

fn read_pdf(body: &Value) -> Result<StatementPdf, Error> {
    let origin = Url::parse("https://api.withmono.com").unwrap();
    pdf::read(body.to_string().as_bytes(), None, &origin)
}

fn row() -> Value {
    json!({"_id": "r", "type": "debit", "amount": 1, "date": "2024-01-01T00:00:00Z"})
}

#[test]
fn a_period_is_written_as_mono_reads_it() {
    let words: Vec<_> = (0..=13)
        .filter_map(|months| Period::try_from(months).ok())
        .map(|period| period.to_string())
        .collect();
    assert_eq!(words.len(), 12);
    assert_eq!(
        (words[0].as_str(), words[1].as_str(), words[11].as_str()),
        ("last1month", "last2months", "last12months")
    );
}

#[test]
fn rows_and_lengths_are_found_wherever_they_stand() {
    let lengths = json!({"count": 1, "requested_length": 365, "available_length": 90});
    let mut inside = lengths.clone();
    inside["statement"] = json!([row()]);
    for body in [
        json!({"data": [row()], "meta": lengths}),
        json!({"data": inside}),
        json!({"data": {"statement": [row()], "meta": lengths}}),
        json!({"data": {"statement": [row()]}, "meta": lengths}),
    ] {
        let statement = read(&body).unwrap().unwrap();
        assert_eq!((statement.rows.len(), statement.skipped), (1, 0), "{body}");
        assert_eq!(statement.rows[0].id.as_deref(), Some("r"));
        let read = (
            statement.count,
            statement.requested_days,
            statement.available_days,
        );
        assert_eq!(read, (Some(1), Some(365), Some(90)), "{body}");
    }
    let unsaid =
        json!({"data": {"count": null, "requested_length": null, "statement": [row(), 7]}});
    let statement = read(&unsaid).unwrap().unwrap();
    assert_eq!((statement.rows.len(), statement.skipped), (1, 1));
    assert_eq!(
        (
            statement.count,
            statement.requested_days,
            statement.available_days
        ),
        (None, None, None)
    );
}

#[test]
fn no_statement_is_told_from_an_empty_one_and_from_nonsense() {
    for none in [
        json!({"data": null}),
        json!({"data": {"statement": null}}),
        json!({"data": {}}),
        json!({"data": {"id": "a", "status": "BUILDING"}}),
    ] {
        assert_eq!(read(&none).unwrap(), None, "{none}");
    }
    for empty in [json!({"data": []}), json!({"data": {"statement": []}})] {
        assert_eq!(read(&empty).unwrap().unwrap().rows, [], "{empty}");
    }
    for nonsense in [
        json!({}),
        json!([row()]),
        json!({"data": "x"}),
        json!({"data": [{}, {}]}),
        json!({"data": {"statement": "x"}}),
    ] {
        let error = read(&nonsense).unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{nonsense}");
    }
}

#[test]
fn a_pdf_is_read_inside_data_and_bare_and_built_is_complete() {
    for (word, status) in [
        ("BUILDING", PdfStatus::Building),
        ("building", PdfStatus::Building),
        ("BUILT", PdfStatus::Ready),
        ("COMPLETE", PdfStatus::Ready),
        ("Complete", PdfStatus::Ready),
        ("Failed", PdfStatus::Other("Failed".to_owned())),
    ] {
        let wire = json!({"id": "a", "status": word, "path": "https://api.withmono.com/s.pdf"});
        let mut with_status = json!({"status": "successful"});
        with_status["data"] = wire.clone();
        for body in [wire, with_status] {
            let pdf = read_pdf(&body).unwrap();
            assert_eq!((pdf.id.as_str(), &pdf.status), ("a", &status), "{body}");
            assert_eq!(pdf.url.unwrap().as_str(), "https://api.withmono.com/s.pdf");
        }
    }
    assert!(matches!(
        read_pdf(&json!({"status": "successful", "data": null})),
        Err(Error::NoData)
    ));
    for nonsense in [
        json!({}),
        json!({"data": {}}),
        json!({"data": {"id": "a"}}),
        json!({"data": {"status": "BUILT"}}),
        json!({"id": "../x", "status": "BUILT"}),
        json!({"data": []}),
    ] {
        let error = read_pdf(&nonsense).unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{nonsense}");
    }
}

#[test]
fn only_an_address_that_is_safe_to_open_is_kept() {
    let local = Url::parse("http://127.0.0.1:4010").unwrap();
    let mono = Url::parse("https://api.withmono.com").unwrap();
    for (path, origin, kept) in [
        ("https://api.withmono.com/s.pdf", &mono, true),
        ("https://files.example/s.pdf?signature=x", &mono, true),
        ("http://127.0.0.1:4010/s.pdf", &local, true),
        ("http://127.0.0.1:4010/s.pdf", &mono, false),
        ("http://127.0.0.1:4011/s.pdf", &local, false),
        ("http://localhost:4010/s.pdf", &local, false),
        ("http://files.example/s.pdf", &local, false),
        ("https://name:word@files.example/s.pdf", &mono, false),
        ("javascript:alert(1)", &mono, false),
        ("data:application/pdf;base64,eA==", &mono, false),
        ("file:///etc/passwd", &mono, false),
        ("//files.example/s.pdf", &mono, false),
        ("/statements/s.pdf", &mono, false),
        ("", &mono, false),
    ] {
        let body = json!({"id": "a", "status": "BUILT", "path": path}).to_string();
        let pdf = pdf::read(body.as_bytes(), None, origin).unwrap();
        assert_eq!(pdf.url.is_some(), kept, "{path} of {origin}");
        assert!(!format!("{pdf:?}").contains("pdf\""), "{pdf:?}");
    }
}

#[test]
fn whatever_an_answer_says_the_job_stays_the_one_asked_for() {
    let origin = Url::parse("https://api.withmono.com").unwrap();
    let asked = "asked".parse().unwrap();
    for body in [
        r#"{"id":"other","status":"BUILT"}"#,
        r#"{"status":"BUILT"}"#,
        r#"{"data":{"id":7,"status":"BUILT"}}"#,
    ] {
        let pdf = pdf::read(body.as_bytes(), Some(&asked), &origin).unwrap();
        assert_eq!(pdf.id, asked, "{body}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let origin = Url::parse("https://api.withmono.com").unwrap();
        prop_assert!(rows::read(&body).is_err());
        prop_assert!(pdf::read(&body, None, &origin).is_err());
    }
}
