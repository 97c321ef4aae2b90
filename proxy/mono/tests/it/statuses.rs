//! Every status, with every body that is known to come with it.

use std::time::Duration;

use mono_client::{AccountId, Error, Generation, TransactionsQuery};

use crate::upstream::{Reply, Upstream, answer, json};

fn id() -> AccountId {
    "5fbcde8f8699984153e65537".parse().unwrap()
}

/// The bodies of refusals that are documented or were observed.
const REFUSALS: [&str; 9] = [
    r#"{"status":"failed","message":"M","timestamp":"2025-06-30T00:00:00.000Z","data":null}"#,
    r#"{"status":"failed","message":"M","data":[{"field":"f","message":"fm"}]}"#,
    r#"{"message":"M","errors":[{"field":"f","message":"fm"}]}"#,
    r#"{"status":"failed","message":"M","responseCode":400,"data":null}"#,
    r#"{"status":"failed","response_code":"400","message":"M","timestamps":"x","documentation":"y","data":null}"#,
    r#"{"error":"invalid_request","error_description":"M"}"#,
    r#"{"error":"M"}"#,
    "{}",
    "<html><body>Bad gateway</body></html>",
];

fn meaning(error: &Error) -> String {
    match error {
        Error::Refused { status, .. } => format!("refused {status}"),
        Error::Failed { status } => format!("failed {status}"),
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn each_status_has_its_meaning_whatever_the_body() {
    let table = [
        (301, "Redirected"),
        (302, "Redirected"),
        (304, "Redirected"),
        (307, "Redirected"),
        (308, "Redirected"),
        (400, "refused 400"),
        (401, "Unauthorised"),
        (402, "refused 402"),
        (403, "Unauthorised"),
        (404, "NotFound"),
        (409, "refused 409"),
        (422, "refused 422"),
        (429, "RateLimited { retry_after: None }"),
        (500, "failed 500"),
        (501, "failed 501"),
        (502, "failed 502"),
        (503, "failed 503"),
        (504, "failed 504"),
    ];
    for (status, expected) in table {
        for body in REFUSALS {
            let body = if status == 304 { "" } else { body };
            let reply = Reply::BytesThenClose(json(status, body));
            let passing = matches!(status, 502..=504);

            let upstream = Upstream::start(vec![reply.clone(); 3]).await;
            let error = upstream
                .client(Generation::V2)
                .account(&id())
                .await
                .unwrap_err();
            assert_eq!(meaning(&error), expected, "read, {status} {body}");
            assert_eq!(
                upstream.seen().len(),
                if passing { 3 } else { 1 },
                "read, {status} {body}"
            );

            let upstream = Upstream::start(vec![reply; 3]).await;
            let error = upstream
                .client(Generation::V2)
                .exchange("code_x")
                .await
                .unwrap_err();
            assert_eq!(meaning(&error), expected, "exchange, {status} {body}");
            assert_eq!(upstream.seen().len(), 1, "exchange, {status} {body}");
            assert_eq!(error.may_have_been_carried_out(), status >= 500, "{status}");
        }
    }
}

#[tokio::test]
async fn each_call_tells_a_refusal_from_an_answer() {
    let reply = Reply::Bytes(json(400, REFUSALS[0]));
    let upstream = Upstream::start(vec![reply; 6]).await;
    let client = upstream.client(Generation::V2);
    let query = TransactionsQuery::default();
    let back = "https://site.example/";
    let errors = [
        client.exchange("code_x").await.unwrap_err(),
        client.account(&id()).await.unwrap_err(),
        client.balance(&id()).await.unwrap_err(),
        client.transactions(&id(), &query).await.unwrap_err(),
        client.reauthorise_token(&id()).await.unwrap_err(),
        client
            .initiate_reauthorisation(&id(), "reference-1", back)
            .await
            .unwrap_err(),
    ];
    for error in errors {
        assert_eq!(meaning(&error), "refused 400");
        assert_eq!(error.detail().unwrap().message(), Some("M"));
    }
}

#[tokio::test]
async fn what_mono_says_is_kept_for_those_who_ask() {
    let expected = [
        Some("M"),
        Some("M"),
        Some("M"),
        Some("M"),
        Some("M"),
        Some("M"),
        Some("M"),
    ];
    let expected = expected.into_iter().chain([None, None]);
    for (index, (body, message)) in REFUSALS.into_iter().zip(expected).enumerate() {
        let upstream = Upstream::answering(422, body).await;
        let error = upstream
            .client(Generation::V2)
            .account(&id())
            .await
            .unwrap_err();
        let detail = error.detail().unwrap();
        assert_eq!(detail.message(), message, "{body}");
        let fields: Vec<_> = detail
            .fields()
            .iter()
            .map(|field| (field.field(), field.message()))
            .collect();
        let expected: &[_] = if index == 1 || index == 2 {
            &[("f", "fm")]
        } else {
            &[]
        };
        assert_eq!(fields, expected, "{body}");
    }
}

#[tokio::test]
async fn an_unknown_account_is_unknown_with_400_too() {
    let unknown = [
        r#"{"status":"resource_not_found","message":"This account does not exist.","data":null}"#,
        r#"{"status":"failed","message":"This account does not exist.","data":null}"#,
        r#"{"status":"failed","message":"Account not found","data":null}"#,
        r#"{"status":"failed","message":"Invalid account id","data":null}"#,
    ];
    for body in unknown {
        for status in [400, 404] {
            let upstream = Upstream::answering(status, body).await;
            let error = upstream
                .client(Generation::V2)
                .account(&id())
                .await
                .unwrap_err();
            assert!(matches!(error, Error::NotFound), "{status} {body}");
        }
        // Where the request names no account, it cannot be the account that is unknown.
        let upstream = Upstream::answering(400, body).await;
        let error = upstream
            .client(Generation::V2)
            .exchange("code_x")
            .await
            .unwrap_err();
        assert_eq!(meaning(&error), "refused 400", "{body}");
    }
    for other in [
        "Invalid start date",
        "Transactions not found",
        "Validation error",
    ] {
        let body = format!(r#"{{"status":"failed","message":"{other}","data":null}}"#);
        let upstream = Upstream::answering(400, &body).await;
        let error = upstream
            .client(Generation::V2)
            .account(&id())
            .await
            .unwrap_err();
        assert_eq!(meaning(&error), "refused 400", "{other}");
    }
}

#[tokio::test]
async fn a_429_is_passed_on_with_its_pause_and_repeated_only_if_that_is_over() {
    let pause = |seconds| Some(Duration::from_secs(seconds));
    let date = "date: Sun, 06 Nov 1994 08:49:37 GMT";
    let table: [(&[&str], Option<Duration>); 14] = [
        (&[], None),
        (&["retry-after: 7"], pause(7)),
        (&["retry-after: 0"], pause(0)),
        (&["retry-after: 1000000000"], pause(3600)),
        (&["retry-after: 99999999999999999999999999"], pause(3600)),
        (&["retry-after: -1"], None),
        (&["retry-after: 1.5"], None),
        (&["retry-after: soon"], None),
        (
            &[date, "retry-after: Sun, 06 Nov 1994 08:50:37 GMT"],
            pause(60),
        ),
        (
            &[date, "retry-after: Sun, 06 Nov 1994 08:48:37 GMT"],
            pause(0),
        ),
        (
            &[date, "retry-after: Mon, 07 Nov 1994 08:48:37 GMT"],
            pause(3600),
        ),
        (&["retry-after: Sun, 06 Nov 1994 08:49:37 GMT"], pause(0)),
        // Without a date of the server's own, ours has to do.
        (&["retry-after: Thu, 31 Dec 2099 23:59:59 GMT"], pause(3600)),
        (&["retry-after: Fri, 31 Dec 2099 23:59:59 GMT"], None),
    ];
    for (headers, expected) in table {
        let limited = Reply::Bytes(answer(429, headers, "{}"));
        let upstream = Upstream::start(vec![limited; 3]).await;
        let error = upstream
            .client(Generation::V2)
            .account(&id())
            .await
            .unwrap_err();
        let Error::RateLimited { retry_after } = error else {
            panic!("{error:?}")
        };
        assert_eq!(retry_after, expected, "{headers:?}");
        let attempts = if expected == pause(0) { 3 } else { 1 };
        assert_eq!(upstream.seen().len(), attempts, "{headers:?}");
    }
}

#[tokio::test]
async fn a_write_that_is_limited_is_not_repeated() {
    let limited = Reply::Bytes(answer(429, &["retry-after: 0"], "{}"));
    let upstream = Upstream::start(vec![limited; 3]).await;
    let client = upstream.client(Generation::V2);
    let error = client.exchange("code_x").await.unwrap_err();
    assert!(matches!(error, Error::RateLimited { .. }), "{error:?}");
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test]
async fn a_read_is_repeated_until_it_is_answered() {
    let good = json(200, r#"{"data":{"balance":1,"currency":"NGN"}}"#);
    for bad in [502, 503, 504] {
        let bad = Reply::Bytes(json(bad, "<html>"));
        let upstream = Upstream::start([bad.clone(), bad, Reply::Bytes(good.clone())]).await;
        let balance = upstream
            .client(Generation::V2)
            .balance(&id())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(balance.balance, Some(1));
        assert_eq!(upstream.seen().len(), 3);
    }
}

#[tokio::test]
async fn a_503_that_names_a_pause_is_not_repeated_before_it() {
    let upstream = Upstream::start([Reply::Bytes(answer(503, &["retry-after: 5"], "{}"))]).await;
    let error = upstream
        .client(Generation::V2)
        .account(&id())
        .await
        .unwrap_err();
    assert_eq!(meaning(&error), "failed 503");
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Upstream::start([]).await;
    let location = format!("location: http://127.0.0.1:{}/steal", elsewhere.port);
    for status in [301, 302, 303, 307, 308] {
        let reply = Reply::Bytes(answer(status, &[&location], ""));
        let upstream = Upstream::start([reply]).await;
        let error = upstream
            .client(Generation::V2)
            .exchange("code_x")
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Redirected));
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn a_page_of_another_address_is_never_asked_for() {
    let elsewhere = Upstream::start([]).await;
    let body = format!(
        r#"{{"data":[],"meta":{{"next":"http://127.0.0.1:{0}/x","previous":"http://127.0.0.1:{0}/y"}}}}"#,
        elsewhere.port
    );
    let upstream = Upstream::answering(200, &body).await;
    let client = upstream.client(Generation::V2);
    let page = client
        .transactions(&id(), &TransactionsQuery::default())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(page.has_next, Some(true));
    assert_eq!((upstream.seen().len(), elsewhere.connections()), (1, 0));
}
