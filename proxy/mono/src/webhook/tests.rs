use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Kind, WebhookError, WebhookEvent};

const KNOWN: [&str; 8] = [
    "mono.events.account_connected",
    "mono.events.account_updated",
    "mono.events.account_reauthorized",
    "mono.events.reauthorisation_required",
    "mono.events.sync_failed",
    "mono.events.account_unlinked",
    "mono.accounts.jobs.update",
    "mono.events.account_income",
];

fn parse(body: &Value) -> WebhookEvent {
    WebhookEvent::parse(body.to_string().as_bytes()).unwrap()
}

/// Any JSON value, a few levels deep, with keys and words of Mono's among others.
fn value() -> impl Strategy<Value = Value> {
    let words = [
        "",
        "a",
        "66f3",
        "../x",
        "AVAILABLE",
        "finished",
        "FAILED",
        "true",
        "2024-01-01T00:00:00Z",
        "jobs.accounts_a",
        "jobs.accounts_",
        "mono.events.account_updated",
        "\0",
        "ä",
    ];
    let keys = [
        "account",
        "id",
        "_id",
        "meta",
        "status",
        "job_status",
        "name",
        "balance",
        "customer",
        "data_status",
        "retrieved_data",
        "sync_status",
        "has_new_data",
        "job_id",
        "ref",
        "bvn",
        "institution",
        "updated_at",
        "accountNumber",
        "else",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(words.to_vec()).prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        let key = prop::sample::select(keys.to_vec()).prop_map(ToOwned::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..8)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_survived(body in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(WebhookEvent::parse(&body).is_err());
    }

    #[test]
    fn any_text_is_survived(body in "\\PC{0,200}|[{}\\[\\]\",:a-e0-9.\\\\u-]{0,200}") {
        let _ = WebhookEvent::parse(body.as_bytes());
    }

    #[test]
    fn whatever_a_known_event_says_is_read_or_called_unreadable(
        event in prop::sample::select(KNOWN.to_vec()),
        data in value(),
        event_id in value(),
        timestamp in value(),
    ) {
        let read = parse(&json!({
            "event": event, "data": data, "event_id": event_id, "timestamp": timestamp,
        }));
        prop_assert_ne!(&read.kind, &Kind::Other);
        prop_assert_eq!(read.event, event);
    }

    #[test]
    fn any_other_event_is_other(event in "\\PC{1,60}", data in value()) {
        prop_assume!(!event.to_lowercase().contains("mono."));
        let read = parse(&json!({"event": event, "data": data}));
        prop_assert_eq!(read.kind, Kind::Other);
        prop_assert_eq!(read.event, event);
    }

    #[test]
    fn a_body_cut_anywhere_is_no_webhook(cut in 0_usize..1000, event in 0_usize..8) {
        let body = json!({
            "event": KNOWN[event], "data": {"account": {"_id": "a", "name": "ÄÖ"}},
        }).to_string();
        let cut = cut % body.len();
        prop_assert_eq!(
            WebhookEvent::parse(&body.as_bytes()[..cut]).unwrap_err(),
            WebhookError::NotJson
        );
    }

    #[test]
    fn a_changed_byte_is_survived(at in 0_usize..1000, byte in any::<u8>(), event in 0_usize..8) {
        let mut body = json!({
            "event": KNOWN[event], "event_id": "e", "timestamp": "2024-01-01T00:00:00Z",
            "data": {
                "id": "jobs.accounts_a", "status": "finished", "customer": {"id": "c"},
                "account": {"_id": "a", "balance": 1, "updated_at": "2024-01-01T00:00:00Z"},
                "meta": {"retrieved_data": ["balance"], "has_new_data": true},
            },
        }).to_string().into_bytes();
        let at = at % body.len();
        body[at] = byte;
        let _ = WebhookEvent::parse(&body);
    }

    #[test]
    fn an_account_is_what_was_sent_or_the_data_is_unreadable(id in "\\PC{0,70}|[\\w-]{1,64}") {
        let is_id = (1..=64).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        for account in [json!(id), json!({"id": id}), json!({"_id": id})] {
            let read = parse(&json!({"event": KNOWN[5], "data": {"account": account}}));
            match read.kind {
                Kind::AccountUnlinked { account } => prop_assert_eq!(account.as_str(), id.as_str()),
                Kind::Unreadable { .. } => prop_assert!(!is_id),
                other => prop_assert!(false, "{other:?}"),
            }
        }
    }
}
