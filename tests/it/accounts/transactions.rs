//! `GET /api/accounts/{id}/transactions`.

use mono_connect_tests::TestApp;
use serde_json::{Value, json};

use super::{monos, says};

#[tokio::test]
async fn come_page_by_page_and_none_is_lost() {
    for generation in ["v2", "v1"] {
        let app = TestApp::builder().generation(generation).start().await;
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        let mut seen = std::collections::BTreeSet::new();
        let mut page = Some(1);
        let mut total = Value::Null;
        while let Some(number) = page {
            let path = format!("/api/accounts/{id}/transactions?page={number}&limit=100");
            let answer = visitor.get(&path).send().await.assert_status(200);
            assert_eq!(answer["page"], number);
            assert_eq!(answer["skipped"], 0);
            total = answer["total"].clone();
            for row in answer["transactions"].as_array().unwrap() {
                assert!(
                    seen.insert(row["id"].as_str().unwrap().to_owned()),
                    "twice: {row}"
                );
                assert!(
                    matches!(row["type"].as_str(), Some("debit" | "credit")),
                    "{row}"
                );
                assert!(row["amount"].as_i64().unwrap() > 0, "{row}");
                assert_eq!(
                    row["currency"], "NGN",
                    "the account's where Mono's row has none"
                );
                assert!(row["date"].as_str().unwrap().ends_with('Z'), "{row}");
            }
            page = answer["next_page"].as_u64();
        }
        assert_eq!(seen.len() as u64, total.as_u64().unwrap(), "{generation}");
        assert!(seen.len() > 200, "a year of them: {}", seen.len());
    }
}

#[tokio::test]
async fn filters_reach_mono_in_its_own_spelling() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.simulator.clear_requests();
    let path = format!(
        "/api/accounts/{id}/transactions?start=2025-11-01&end=2025-12-31&type=debit&narration=POS%20Loc&page=1&limit=20"
    );
    let answer = visitor.get(&path).send().await.assert_status(200);
    let rows = answer["transactions"].as_array().unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        assert_eq!(row["type"], "debit");
        let date = row["date"].as_str().unwrap();
        assert!(("2025-11-01".."2026-01-01").contains(&date), "{date}");
        assert!(row["narration"].as_str().unwrap().contains("POS Loc"));
    }
    let request = serde_json::to_value(&app.simulator.requests()[0])
        .unwrap()
        .to_string();
    for part in ["01-11-2025", "31-12-2025", "debit", "limit", "POS"] {
        assert!(request.contains(part), "{request}");
    }
}

#[tokio::test]
async fn paging_is_read_wherever_mono_puts_it() {
    for in_data in [true, false] {
        let app = TestApp::start().await;
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        app.simulator
            .change_settings(|settings| settings.dialect.paging_in_data = in_data);
        let path = format!("/api/accounts/{id}/transactions?limit=10");
        let answer = visitor.get(&path).send().await.assert_status(200);
        assert_eq!(answer["transactions"].as_array().unwrap().len(), 10);
        assert_eq!(answer["next_page"], 2);
        assert!(answer["total"].as_u64().unwrap() > 10);
    }
}

#[tokio::test]
async fn parameters_are_checked() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.simulator.clear_requests();
    for (query, field) in [
        ("start=01-02-2025", "start"),
        ("end=2025-02-30", "end"),
        ("end=2025-02-01T00:00:00", "end"),
        ("start=2025-02-02&end=2025-02-01", "end"),
        ("type=both", "type"),
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=1.5", "page"),
        ("page=1&page=2", "page"),
        ("limit=1001", "limit"),
        ("narration=", "narration"),
        ("narration=%00", "narration"),
        ("from=2025-01-01", "from"),
        ("realtime=1", "realtime"),
    ] {
        let answer = visitor
            .get(&format!("/api/accounts/{id}/transactions?{query}"))
            .send()
            .await;
        assert!(
            matches!(answer.status, 400 | 422),
            "{query}: {}",
            answer.status
        );
        assert_eq!(answer.json()["code"], "invalid_request");
        assert_eq!(answer.wrong_fields(), [field], "{query}");
    }
    assert_eq!(app.all_calls(), 0);
}

#[tokio::test]
async fn a_narration_is_counted_in_characters() {
    for generation in ["v1", "v2"] {
        let app = TestApp::builder().generation(generation).start().await;
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        for (character, times, status) in [
            ("%F0%9F%98%80", 200, 200),
            ("%E2%82%A6", 200, 200),
            ("a", 200, 200),
            ("%E2%82%A6", 201, 400),
            ("a", 201, 400),
        ] {
            let text = character.repeat(times);
            let path = format!("/api/accounts/{id}/transactions?narration={text}");
            visitor.get(&path).send().await.assert_status(status);
        }
    }
}

#[tokio::test]
async fn the_next_page_is_what_mono_says_else_what_the_numbers_say() {
    let row = json!({"id": "r", "type": "debit", "amount": 1, "date": "2025-12-01T00:00:00Z"});
    let rows = |count: usize| vec![row.clone(); count];
    let next = "https://evil.example/v2/66141b98aaa34e17e8cfdb76/transactions?page=7";
    for (query, body, next_page) in [
        // Said by Mono, wherever; its address is not followed, and its number is not taken over.
        (
            "page=2",
            json!({"data": rows(2), "meta": {"next": next}}),
            Some(3),
        ),
        (
            "page=2",
            json!({"data": rows(2), "meta": {"page": 9, "next": next}}),
            Some(3),
        ),
        (
            "page=2",
            json!({"data": {"transactions": rows(2), "paging": {"next": next}}}),
            Some(3),
        ),
        (
            "page=2",
            json!({"data": rows(2), "paging": {"next": null, "total": 99}}),
            None,
        ),
        // Nobody turns pages for ever.
        (
            "page=2",
            json!({"data": [], "meta": {"total": 99, "next": next}}),
            None,
        ),
        // Not said: counted.
        (
            "page=2&limit=2",
            json!({"data": rows(2), "meta": {"total": 5}}),
            Some(3),
        ),
        (
            "page=3&limit=2",
            json!({"data": rows(1), "meta": {"total": 5}}),
            None,
        ),
        (
            "limit=2",
            json!({"data": rows(2), "meta": {"total": "2"}}),
            None,
        ),
        ("limit=2", json!({"data": rows(2)}), Some(2)),
        ("limit=2", json!({"data": rows(1)}), None),
        ("", json!({"data": rows(2)}), None),
    ] {
        let app = TestApp::start().await;
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        app.simulator
            .fault(says(&body).on(&monos("v2", "transactions")));
        let path = format!("/api/accounts/{id}/transactions?{query}");
        let answer = visitor.get(&path).send().await.assert_status(200);
        assert_eq!(answer["next_page"], json!(next_page), "{query} {body}");
    }
}
