//! Every published webhook, and all spellings of everything that has several.

use mono_client::webhook::{Kind, SyncStatus, WebhookError, WebhookEvent};
use mono_client::{AccountId, JobId, JobStatus};

macro_rules! fixture {
    ($path:literal) => {
        include_bytes!(concat!("../fixtures/", $path))
    };
}

#[track_caller]
fn parse(body: &[u8]) -> WebhookEvent {
    WebhookEvent::parse(body).unwrap()
}

/// An event with this data.
#[track_caller]
fn kind(event: &str, data: &str) -> Kind {
    parse(format!(r#"{{"event":"{event}","data":{data}}}"#).as_bytes()).kind
}

fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

fn job(id: &str) -> JobId {
    id.parse().unwrap()
}

fn time(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

#[test]
fn an_account_that_was_linked_of_each_year() {
    let id = "661d759280dbf646242634cc";
    let event = parse(fixture!("reference/webhook_account_connected_2026.json"));
    assert_eq!(event.event, "mono.events.account_connected");
    assert_eq!(event.event_id.as_deref(), Some("65d4f7a1b2d3e4f5a6b7c8da"));
    let at = Some(time("2026-01-27T10:21:03.936Z"));
    assert_eq!((event.timestamp, event.told_at()), (at, at));
    let expected = Kind::AccountConnected {
        account: account(id),
        data_status: Some("PROCESSING".to_owned()),
        reference: Some("4055877-T".to_owned()),
        customer: Some("65c4f7a1b2d3e4f5a6b7c8d9".to_owned()),
    };
    assert_eq!(event.kind, expected);

    let event = parse(fixture!("reference/webhook_account_connected_2025.json"));
    let expected = Kind::AccountConnected {
        account: account(id),
        data_status: None,
        reference: None,
        customer: Some("65c4f7a1b2d3e4f5a6b7c8d9".to_owned()),
    };
    assert_eq!(event.kind, expected);

    let event = parse(fixture!("reference/webhook_account_connected_v1.json"));
    let expected = Kind::AccountConnected {
        account: account("5f171a530295e231abca1153"),
        data_status: None,
        reference: None,
        customer: None,
    };
    assert_eq!(event.kind, expected);
    assert_eq!((event.event_id.as_deref(), event.told_at()), (None, None));
}

#[test]
fn an_account_that_was_updated_in_2020() {
    let event = parse(fixture!(
        "000_e4ed976f3bf77af5/webhook_account_updated.json"
    ));
    assert_eq!(event.timestamp, None);
    assert_eq!(event.told_at(), Some(time("2020-11-24T10:21:13.050Z")));
    let Kind::AccountUpdated {
        account: id,
        details,
        data_status,
        retrieved_data,
        sync_status,
        has_new_data,
        job,
        reference,
        updated_at,
    } = event.kind
    else {
        panic!("{:?}", event.kind)
    };
    assert_eq!(id, account("5fbcde8f8699984153e65537"));
    assert_eq!(
        details.name.as_deref(),
        Some("OGUNGBEFUN OLADUNNI KHADIJAH")
    );
    assert_eq!(details.account_number.unwrap().expose(), "0018709596");
    assert_eq!(details.balance, Some(3_033_984));
    assert_eq!(details.currency.as_deref(), Some("Naira"));
    assert_eq!(details.account_type.as_deref(), Some("SAVINGS_ACCOUNT"));
    assert_eq!(details.institution.name.as_deref(), Some("GTBank"));
    assert_eq!(details.institution.bank_code, None);
    assert_eq!(data_status.as_deref(), Some("AVAILABLE"));
    assert_eq!((retrieved_data, sync_status), (None, None));
    assert_eq!((has_new_data, job, reference), (None, None, None));
    assert_eq!(updated_at, Some(time("2020-11-24T10:21:13.050Z")));
}

#[test]
fn an_account_that_was_updated_in_2024() {
    let event = parse(fixture!(
        "002_4ce5a3e718925228/webhook_account_updated.json"
    ));
    let Kind::AccountUpdated {
        account: id,
        details,
        data_status,
        sync_status,
        ..
    } = event.kind
    else {
        panic!("{:?}", event.kind)
    };
    assert_eq!(id, account("66e2d530c293212b39d34aa8"));
    assert_eq!(details.account_number.unwrap().last4(), "0062");
    let bank = details.institution;
    assert_eq!(bank.name.as_deref(), Some("Union Bank of Nigeria"));
    assert_eq!(bank.bank_code.as_deref(), Some("000018"));
    assert_eq!(bank.kind.as_deref(), Some("PERSONAL_BANKING"));
    assert_eq!(
        data_status.as_deref(),
        Some("AVAILABLE | FAILED| PROCESSING")
    );
    let printed = "SUCCESSFUL | FAILED | REAUTHORISATION_REQUIRED".to_owned();
    assert_eq!(sync_status, Some(SyncStatus::Other(printed)));
}

#[test]
fn an_account_that_was_updated_in_2026() {
    let event = parse(fixture!("reference/webhook_account_updated_2026.json"));
    assert_eq!(event.told_at(), Some(time("2026-01-27T10:21:20Z")));
    let Kind::AccountUpdated {
        details,
        data_status,
        retrieved_data,
        sync_status,
        has_new_data,
        job: synced_by,
        reference,
        updated_at,
        ..
    } = event.kind
    else {
        panic!("{:?}", event.kind)
    };
    assert_eq!(details.balance, Some(22_644));
    assert_eq!(data_status.as_deref(), Some("PARTIAL"));
    assert_eq!(
        retrieved_data.unwrap(),
        ["identity".to_owned(), "balance".to_owned()]
    );
    assert_eq!(sync_status, Some(SyncStatus::Successful));
    assert_eq!(has_new_data, Some(true));
    assert_eq!(synced_by, Some(job("66f3d4b3305261f275")));
    assert_eq!(reference.as_deref(), Some("4055877-T"));
    assert_eq!(updated_at, Some(time("2026-01-27T10:21:13.050Z")));
}

#[test]
fn events_that_only_name_an_account() {
    let id = account("661d759280dbf646242634cc");
    let event = parse(fixture!("reference/webhook_account_reauthorized.json"));
    assert_eq!(
        event.kind,
        Kind::AccountReauthorised {
            account: id.clone()
        }
    );
    assert_eq!(event.told_at(), Some(time("2026-01-28T08:00:00Z")));
    let event = parse(fixture!("reference/webhook_account_unlinked.json"));
    assert_eq!(
        event.kind,
        Kind::AccountUnlinked {
            account: id.clone()
        }
    );
    let event = parse(fixture!("reference/webhook_account_income.json"));
    let Kind::AccountIncome { account: of, found } = event.kind else {
        panic!("{event:?}")
    };
    assert_eq!(of, id);
    let [found] = &found.unwrap().records[..] else {
        panic!("one source")
    };
    assert_eq!(
        (found.kind.as_deref(), found.frequency.as_deref()),
        (Some("SALARY"), Some("MONTHLY"))
    );
    assert!(found.employer.is_some(), "the summary tells who pays");
    let event = parse(fixture!(
        "000_e4ed976f3bf77af5/webhook_reauthorisation_required.json"
    ));
    let id = account("5fbcde8f8699984153e65537");
    assert_eq!(event.kind, Kind::ReauthorisationRequired { account: id });
}

#[test]
fn a_job_of_each_year() {
    for (body, id, status) in [
        (
            &fixture!("002_4ce5a3e718925228/webhook_job_finished.json")[..],
            "66f3d4ed05261f275",
            JobStatus::Finished,
        ),
        (
            fixture!("002_4ce5a3e718925228/webhook_job_processing.json"),
            "66f3d4b335261f275",
            JobStatus::Processing,
        ),
        (
            fixture!("002_4ce5a3e718925228/webhook_job_failed.json"),
            "66f3de36d05261f392",
            JobStatus::Failed,
        ),
    ] {
        let expected = Kind::JobUpdate {
            job: job(id),
            account: None,
            name: Some("jobs.accounts.sync_statement".to_owned()),
            status,
            reauth_required: None,
        };
        assert_eq!(parse(body).kind, expected);
    }
    let expected = Kind::JobUpdate {
        job: job("66f3d4b3305261f275"),
        account: Some(account("66f3caafc2d35bca")),
        name: Some("jobs.accounts.sync_balance".to_owned()),
        status: JobStatus::Finished,
        reauth_required: None,
    };
    let event = parse(fixture!("reference/webhook_job_2026.json"));
    assert_eq!(event.kind, expected);
}

#[test]
fn either_prefix_and_either_letter_will_do() {
    let data = r#"{"account":{"_id":"a"},"id":"j","status":"finished"}"#;
    let id = || account("a");
    let updated = kind("mono.events.account_updated", data);
    assert!(matches!(updated, Kind::AccountUpdated { .. }));
    let job_update = kind("mono.accounts.jobs.update", data);
    assert!(matches!(job_update, Kind::JobUpdate { .. }));
    let connected = Kind::AccountConnected {
        account: id(),
        data_status: None,
        reference: None,
        customer: None,
    };
    let table = [
        ("account_connected", connected),
        ("account_updated", updated),
        (
            "account_reauthorized",
            Kind::AccountReauthorised { account: id() },
        ),
        (
            "account_reauthorised",
            Kind::AccountReauthorised { account: id() },
        ),
        (
            "reauthorisation_required",
            Kind::ReauthorisationRequired { account: id() },
        ),
        (
            "reauthorization_required",
            Kind::ReauthorisationRequired { account: id() },
        ),
        ("sync_failed", Kind::SyncFailed { account: id() }),
        ("account_unlinked", Kind::AccountUnlinked { account: id() }),
        ("jobs.update", job_update),
        (
            "account_income",
            Kind::AccountIncome {
                account: id(),
                found: None,
            },
        ),
    ];
    for (name, expected) in table {
        for event in [
            format!("mono.events.{name}"),
            format!("mono.accounts.{name}"),
            format!("sandbox_mono.events.{name}"),
            format!("mono.events.sandbox_{name}"),
            format!("Mono.Events.{}", name.to_uppercase()),
        ] {
            assert_eq!(kind(&event, data), expected, "{event}");
            let body = format!(r#"{{"event":"{event}","data":{data}}}"#);
            assert_eq!(parse(body.as_bytes()).event, event);
        }
    }
}

#[test]
fn other_events_are_other() {
    let long = format!("mono.events.{}", "account_updated".repeat(10_000));
    for event in [
        "mono.events.webhook_test",
        "mono.events.account_credit_worthiness",
        "mono.events.transaction_categorisation",
        "mono.events.account_connected.failed",
        "mono.events.",
        "mono.events.mono.events.account_updated",
        "account_updated",
        "events.mandates.created",
        "direct_debit.payment_successful",
        " ",
        "ä",
        &long,
    ] {
        assert_eq!(kind(event, r#"{"account":"a"}"#), Kind::Other, "{event}");
    }
    for body in [
        &br#"{"event":"mono.events.webhook_test"}"#[..],
        br#"{"event":"mono.events.webhook_test","data":null}"#,
        br#"{"event":"mono.events.webhook_test","data":"hello"}"#,
    ] {
        assert_eq!(parse(body).kind, Kind::Other);
    }
}

#[test]
fn the_account_is_found_wherever_it_is_named() {
    let expected = Kind::AccountUnlinked {
        account: account("a"),
    };
    for data in [
        r#"{"account":"a"}"#,
        r#"{"account":{"id":"a"}}"#,
        r#"{"account":{"_id":"a"}}"#,
        r#"{"account":{"id":"a","_id":"a"}}"#,
        r#"{"id":"a"}"#,
        r#"{"_id":"a"}"#,
        r#"{"account":null,"id":"a"}"#,
        r#"{"account":{"name":"N"},"_id":"a"}"#,
        r#"{"account":{"_id":"a"},"id":"something else"}"#,
    ] {
        let kind = kind("mono.events.account_unlinked", data);
        assert_eq!(kind, expected, "{data}");
    }
}

#[test]
fn either_spelling_of_a_field_will_do() {
    let snake = r#"{"account":{"id":"a","account_number":"1","updated_at":"2024-01-01T00:00:00Z",
        "institution":{"bank_code":"058"}},"meta":{"data_status":"PARTIAL","sync_status":"FAILED",
        "retrieved_data":["balance"],"has_new_data":true,"job_id":"jobs.accounts_j"}}"#;
    let camel = r#"{"account":{"_id":"a","accountNumber":"1","updatedAt":"2024-01-01T00:00:00Z",
        "institution":{"bankCode":"058"}},"meta":{"dataStatus":"PARTIAL","syncStatus":"FAILED",
        "retrievedData":["balance"],"hasNewData":true,"jobId":"j"}}"#;
    let name = "mono.events.account_updated";
    assert_eq!(kind(name, snake), kind(name, camel));
    let Kind::AccountUpdated {
        details,
        data_status,
        retrieved_data,
        sync_status,
        has_new_data,
        job: synced_by,
        updated_at,
        ..
    } = kind(name, camel)
    else {
        panic!()
    };
    assert_eq!(details.account_number.unwrap().expose(), "1");
    assert_eq!(details.institution.bank_code.as_deref(), Some("058"));
    assert_eq!(data_status.as_deref(), Some("PARTIAL"));
    assert_eq!(retrieved_data.unwrap(), ["balance".to_owned()]);
    assert_eq!(sync_status, Some(SyncStatus::Failed));
    assert_eq!(has_new_data, Some(true));
    assert_eq!(synced_by, Some(job("j")));
    assert!(updated_at.is_some());

    let customers = [r#""c""#, r#"{"id":"c"}"#, r#"{"_id":"c"}"#];
    for customer in customers {
        let data = format!(r#"{{"id":"a","customer":{customer}}}"#);
        let Kind::AccountConnected { customer, .. } = kind("mono.events.account_connected", &data)
        else {
            panic!("{data}")
        };
        assert_eq!(customer.as_deref(), Some("c"));
    }
    for key in ["event_id", "eventId"] {
        let body = format!(r#"{{"event":"x","{key}":"e"}}"#);
        assert_eq!(parse(body.as_bytes()).event_id.as_deref(), Some("e"));
    }
}

#[test]
fn words_are_understood_in_any_case_and_later_ones_kept() {
    for (word, expected) in [
        ("successful", SyncStatus::Successful),
        ("FAILED", SyncStatus::Failed),
        (
            "reauthorisation_required",
            SyncStatus::ReauthorisationRequired,
        ),
        (
            "REAUTHORIZATION_REQUIRED",
            SyncStatus::ReauthorisationRequired,
        ),
        ("Half_Done", SyncStatus::Other("Half_Done".to_owned())),
    ] {
        let data = format!(r#"{{"account":"a","meta":{{"sync_status":"{word}"}}}}"#);
        let Kind::AccountUpdated { sync_status, .. } = kind("mono.events.account_updated", &data)
        else {
            panic!("{data}")
        };
        assert_eq!(sync_status, Some(expected));
    }
    for (word, expected, reauth) in [
        ("SUCCESSFUL", JobStatus::Finished, Some(false)),
        ("FINISHED", JobStatus::Finished, None),
        ("Processing", JobStatus::Processing, None),
        ("failed", JobStatus::Failed, None),
        ("REAUTHORISATION_REQUIRED", JobStatus::Failed, Some(true)),
        ("reauthorization_required", JobStatus::Failed, Some(true)),
        ("Asleep", JobStatus::Other("Asleep".to_owned()), None),
    ] {
        for field in ["status", "job_status", "jobStatus"] {
            let data = format!(r#"{{"id":"j","{field}":"{word}"}}"#);
            let expected = Kind::JobUpdate {
                job: job("j"),
                account: None,
                name: None,
                status: expected.clone(),
                reauth_required: reauth,
            };
            assert_eq!(kind("mono.accounts.jobs.update", &data), expected);
        }
    }
}

#[test]
fn an_empty_list_is_not_the_same_as_none() {
    let of = |meta: &str| {
        let data = format!(r#"{{"account":"a","meta":{meta}}}"#);
        match kind("mono.events.account_updated", &data) {
            Kind::AccountUpdated { retrieved_data, .. } => retrieved_data,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(of(r#"{"retrieved_data":[]}"#), Some(Vec::new()));
    assert_eq!(
        of(r#"{"retrieved_data":["balance",null,"dreams"]}"#),
        Some(vec!["balance".to_owned(), "dreams".to_owned()])
    );
    for meta in [r"{}", "null", "[]", r#"{"retrieved_data":"balance"}"#] {
        assert_eq!(of(meta), None, "{meta}");
    }
}

#[test]
fn a_part_that_makes_no_sense_does_not_spoil_the_rest() {
    let data = r#"{"account":{"_id":"a","name":{"x":1},"balance":17.5,"currency":1e999,
        "accountNumber":["1"],"institution":"GTBank","updated_at":"yesterday"},
        "customer":[1],"meta":{"data_status":"AVAILABLE","sync_status":7e999,"has_new_data":"so so",
        "job_id":"../x","ref":{}}}"#;
    let Kind::AccountUpdated {
        account: id,
        details,
        data_status,
        sync_status,
        has_new_data,
        job,
        reference,
        updated_at,
        ..
    } = kind("mono.events.account_updated", data)
    else {
        panic!()
    };
    assert_eq!(id, account("a"));
    assert_eq!(*details, mono_client::webhook::Profile::default());
    assert_eq!(data_status.as_deref(), Some("AVAILABLE"));
    assert_eq!((sync_status, has_new_data, job), (None, None, None));
    assert_eq!((reference, updated_at), (None, None));
}

#[test]
fn a_known_event_whose_data_makes_no_sense_is_unreadable() {
    let table = [
        ("mono.events.account_updated", "null"),
        ("mono.events.account_updated", "[]"),
        ("mono.events.account_updated", r#"["a"]"#),
        ("mono.events.account_updated", r#""a""#),
        ("mono.events.account_updated", "{}"),
        ("mono.events.account_updated", r#"{"account":{}}"#),
        ("mono.events.account_updated", r#"{"account":["a"]}"#),
        ("mono.events.account_updated", r#"{"account":""}"#),
        ("mono.events.account_updated", r#"{"account":"../a"}"#),
        (
            "mono.events.account_updated",
            r#"{"account":{"_id":"a/b"}}"#,
        ),
        // Which of the two is meant?
        (
            "mono.events.account_updated",
            r#"{"account":{"_id":"a","id":"b"}}"#,
        ),
        (
            "mono.events.account_updated",
            r#"{"account":{"_id":"a","_id":"b"}}"#,
        ),
        (
            "mono.events.account_updated",
            r#"{"account":"a","account":"b"}"#,
        ),
        ("mono.events.account_connected", r#"{"id":1e999}"#),
        (
            "mono.events.account_connected",
            r#"{"id":{"a":1},"_id":true}"#,
        ),
        ("mono.accounts.jobs.update", r#"{"status":"finished"}"#),
        ("mono.accounts.jobs.update", r#"{"id":"j"}"#),
        (
            "mono.accounts.jobs.update",
            r#"{"id":"jobs.accounts_","status":"finished"}"#,
        ),
        (
            "mono.accounts.jobs.update",
            r#"{"account":"a","status":"finished"}"#,
        ),
    ];
    for (event, data) in table {
        let expected = Kind::Unreadable {
            event: event.to_owned(),
        };
        assert_eq!(kind(event, data), expected, "{data}");
    }
    let event = parse(br#"{"event":"mono.events.sync_failed","event_id":"e"}"#);
    assert!(matches!(event.kind, Kind::Unreadable { .. }));
    assert_eq!(event.event_id.as_deref(), Some("e"));
}

#[test]
fn what_is_no_json_is_told_from_what_names_no_event() {
    for body in [
        &b""[..],
        b" ",
        b"<html>",
        b"event=mono.events.account_updated",
        br#"{"event":"x""#,
        br#"{"event":"x"}}"#,
        br#"{"event":"x",}"#,
        br"{'event':'x'}",
        b"{\"event\":\"x\xff\"}",
        b"{\"event\":\"x\",\"else\":\"\xff\"}",
        b"\xef\xbb\xbf{\"event\":\"x\"}",
        b"{\"event\":\"x\"}\0",
        b"{\"event\":\"x\n\"}",
    ] {
        let error = WebhookEvent::parse(body).unwrap_err();
        assert_eq!(error, WebhookError::NotJson, "{body:?}");
    }
    for body in [
        "null",
        "1",
        "\"mono.events.account_updated\"",
        "[]",
        r#"[{"event":"x"}]"#,
        r#"["x","e",null,{}]"#,
        "{}",
        r#"{"data":{}}"#,
        r#"{"Event":"x"}"#,
        r#"{"event":null}"#,
        r#"{"event":1}"#,
        r#"{"event":{"name":"x"}}"#,
        r#"{"event":""}"#,
        r#"{"event":"a\u0000b"}"#,
        r#"{"event":"\ud800"}"#,
        r#"{"event":"x","event":"x"}"#,
        r#"{"event":"x","ev\u0065nt":"y"}"#,
    ] {
        let error = WebhookEvent::parse(body.as_bytes()).unwrap_err();
        assert_eq!(error, WebhookError::NoEvent, "{body}");
    }
}

#[test]
fn what_stands_around_an_event_does_not_spoil_it() {
    for (part, id) in [
        (r#""event_id":"e""#, Some("e")),
        (r#""event_id":7"#, Some("7")),
        (r#""event_id":"""#, None),
        (r#""event_id":null,"eventId":"e""#, Some("e")),
        (r#""event_id":"a\u0000""#, None),
        (r#""event_id":{"a":1}"#, None),
        (r#""event_id":"a","event_id":"b""#, None),
        (r#""event_id":1e999"#, None),
        (r#""timestamp":"yesterday""#, None),
        (r#""timestamp":1e999"#, None),
        (r#""timestamp":[[[]]]"#, None),
        (r#""else":1e999,"and":"\ud800""#, None),
    ] {
        let body = format!(r#"{{"event":"x",{part}}}"#);
        let event = parse(body.as_bytes());
        assert_eq!(event.event_id.as_deref(), id, "{part}");
        assert_eq!(event.timestamp, None);
    }
    let long = format!(r#"{{"event":"x","event_id":"{}"}}"#, "e".repeat(257));
    assert_eq!(parse(long.as_bytes()).event_id, None);
}

#[test]
fn a_time_of_its_own_counts_for_more_than_that_of_the_account() {
    let body = |timestamp: &str| {
        format!(
            r#"{{"event":"mono.events.account_updated"{timestamp},
            "data":{{"account":{{"_id":"a","updated_at":"2024-01-01T00:00:00Z"}}}}}}"#
        )
    };
    let told = |timestamp: &str| parse(body(timestamp).as_bytes()).told_at();
    let own = r#","timestamp":"2025-01-01T01:00:00+01:00""#;
    assert_eq!(told(own), Some(time("2025-01-01T00:00:00Z")));
    assert_eq!(told(""), Some(time("2024-01-01T00:00:00Z")));
    let odd = r#","timestamp":"lately""#;
    assert_eq!(told(odd), Some(time("2024-01-01T00:00:00Z")));
}

#[test]
fn a_large_body_is_read_like_any_other() {
    const MIB: usize = 1024 * 1024;
    let deep = format!("{}{}", "[".repeat(MIB / 2), "]".repeat(MIB / 2));
    let objects = format!("{}1{}", r#"{"a":"#.repeat(MIB / 6), "}".repeat(MIB / 6));
    let number = "9".repeat(MIB);
    let text = format!("\"{}\"", "a".repeat(MIB));
    let keys = format!("{{{}\"z\":1}}", r#""k":1,"#.repeat(MIB / 6));
    for huge in [&deep, &objects, &number, &text, &keys] {
        assert!(huge.len() >= MIB / 2);
        // Where nobody looks, it does not matter.
        let body = format!(
            r#"{{"else":{huge},"event":"mono.events.account_unlinked","data":{{"id":"a","new":{huge}}}}}"#
        );
        let expected = Kind::AccountUnlinked {
            account: account("a"),
        };
        assert_eq!(parse(body.as_bytes()).kind, expected);
        // Where somebody does, it is no id.
        for data in [
            huge.clone(),
            format!(r#"{{"account":{huge}}}"#),
            format!(r#"{{"account":{{"_id":{huge}}}}}"#),
        ] {
            let body = format!(r#"{{"event":"mono.events.account_unlinked","data":{data}}}"#);
            let kind = parse(body.as_bytes()).kind;
            assert!(matches!(kind, Kind::Unreadable { .. }));
        }
        let meta = format!(r#"{{"account":"a","meta":{huge},"customer":{huge},"name":{huge}}}"#);
        let updated = kind("mono.events.account_updated", &meta);
        assert!(matches!(updated, Kind::AccountUpdated { .. }));
        assert_eq!(
            WebhookEvent::parse(huge.as_bytes()).unwrap_err(),
            WebhookError::NoEvent
        );
    }
    let open = "[".repeat(MIB);
    for body in [open.clone(), r#"{"event":"#.repeat(MIB / 9)] {
        let error = WebhookEvent::parse(body.as_bytes()).unwrap_err();
        assert_eq!(error, WebhookError::NotJson);
    }
    let name = "x".repeat(MIB);
    let event = parse(format!(r#"{{"event":"{name}"}}"#).as_bytes());
    assert_eq!((event.kind, event.event.len()), (Kind::Other, MIB));
}
