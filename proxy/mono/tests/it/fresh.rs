//! Fresh data: the manual sync of the first generation, the real-time reads and jobs of the second.

use std::time::Duration;

use mono_client::{
    AccountId, Error, Generation, JobId, JobRef, JobStatus, SyncFailure, SyncOutcome,
    TransactionsQuery,
};

use crate::upstream::{Reply, Upstream, answer, json};

macro_rules! fixture {
    ($path:literal) => {
        include_str!(concat!("../fixtures/", $path))
    };
}

const ENQUEUED: &str = fixture!("reference/enqueued.json");
const BALANCE: &str = fixture!("002_4ce5a3e718925228/balance.json");

fn id() -> AccountId {
    "5fbcde8f8699984153e65537".parse().unwrap()
}

fn job_id() -> JobId {
    "66f3d4b3305261f275".parse().unwrap()
}

#[tokio::test]
async fn a_sync_ends_as_published() {
    for (body, outcome) in [
        (
            fixture!("000_e4ed976f3bf77af5/sync_successful.json"),
            SyncOutcome::Synced,
        ),
        (
            fixture!("000_e4ed976f3bf77af5/sync_reauthorisation_required.json"),
            SyncOutcome::ReauthorisationRequired,
        ),
    ] {
        let upstream = Upstream::answering(200, body).await;
        let answer = upstream.client(Generation::V1).sync(&id()).await.unwrap();
        assert_eq!(
            (answer.outcome, answer.has_new_data),
            (outcome, Some(false))
        );
        assert_eq!(
            upstream.seen()[0].line(),
            format!("POST /accounts/{}/sync HTTP/1.1", id())
        );
    }
}

#[tokio::test]
async fn a_refusal_that_says_how_the_sync_ended_is_an_answer() {
    for status in [400, 401, 402, 403, 404, 409, 422] {
        for (code, outcome) in [
            (
                "REAUTHORISATION_REQUIRED",
                SyncOutcome::ReauthorisationRequired,
            ),
            (
                "reauthorisation_required",
                SyncOutcome::ReauthorisationRequired,
            ),
            ("SYNC_ERROR", SyncOutcome::Failed(SyncFailure::Error)),
            (
                "INCOMPLETE_STATEMENT_ERROR",
                SyncOutcome::Failed(SyncFailure::IncompleteStatement),
            ),
        ] {
            let body = format!(r#"{{"status":"failed","hasNewData":true,"code":"{code}"}}"#);
            let upstream = Upstream::answering(status, &body).await;
            let answer = upstream.client(Generation::V1).sync(&id()).await.unwrap();
            assert_eq!(answer.outcome, outcome, "{status} {code}");
            assert_eq!(answer.has_new_data, Some(true));
        }
    }
}

#[tokio::test]
async fn any_other_refusal_of_a_sync_is_one() {
    let unknown = r#"{"status":"failed","code":"BANK_ASLEEP","message":"M"}"#;
    let gone = r#"{"status":"failed","message":"This account does not exist."}"#;
    let coded = r#"{"status":"failed","code":"REAUTHORISATION_REQUIRED"}"#;
    for (status, body, expected) in [
        (400, unknown, "Refused"),
        (400, "<html>", "Refused"),
        (402, "{}", "Refused"),
        (400, gone, "NotFound"),
        (404, "{}", "NotFound"),
        (404, unknown, "NotFound"),
        (401, "{}", "Unauthorised"),
        (403, unknown, "Unauthorised"),
        // Mono's budget is not how a sync ends, whatever else it says.
        (429, coded, "RateLimited"),
        (302, coded, "Redirected"),
        (500, coded, "Failed"),
        (503, coded, "Failed"),
    ] {
        let upstream = Upstream::start(vec![Reply::Bytes(json(status, body)); 3]).await;
        let error = upstream
            .client(Generation::V1)
            .sync(&id())
            .await
            .unwrap_err();
        let printed = format!("{error:?}");
        assert!(printed.starts_with(expected), "{status} {body}: {printed}");
        assert_eq!(upstream.seen().len(), 1, "{status} {body}");
    }
    let upstream = Upstream::answering(400, unknown).await;
    let error = upstream
        .client(Generation::V1)
        .sync(&id())
        .await
        .unwrap_err();
    assert_eq!(error.detail().unwrap().message(), Some("M"));
}

#[tokio::test]
async fn a_sync_too_soon_says_when_to_come_back() {
    let reply = Reply::Bytes(answer(429, &["retry-after: 90"], "{}"));
    let upstream = Upstream::start([reply]).await;
    let error = upstream
        .client(Generation::V1)
        .sync(&id())
        .await
        .unwrap_err();
    let Error::RateLimited { retry_after } = error else {
        panic!("{error:?}")
    };
    assert_eq!(retry_after, Some(Duration::from_secs(90)));
    assert_eq!(upstream.seen().len(), 1);
}

/// The ways in which an answer may be lost after the request arrived.
fn lost() -> Vec<Reply> {
    let cut = |bytes: &[u8]| Reply::BytesThenClose(bytes.to_vec());
    vec![
        Reply::Reset,
        cut(b""),
        cut(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"),
        Reply::Bytes(json(502, "{}")),
        Reply::Bytes(json(503, "{}")),
        Reply::Bytes(json(504, "{}")),
    ]
}

#[tokio::test]
async fn what_costs_money_is_never_asked_for_twice() {
    let good = Reply::Bytes(json(200, r#"{"code":"SYNC_SUCCESSFUL","data":null}"#));
    let query = TransactionsQuery::default();
    for lost in lost() {
        // On a new connection, and on one that was used before.
        for before in [0, 1] {
            let mut script = vec![good.clone(); before];
            script.extend([lost.clone(), good.clone(), good.clone()]);

            let upstream = Upstream::start(script.clone()).await;
            let client = upstream.client(Generation::V1);
            for _ in 0..before {
                client.sync(&id()).await.unwrap();
            }
            let error = client.sync(&id()).await.unwrap_err();
            assert!(error.may_have_been_carried_out(), "{error:?}");
            assert_eq!(upstream.seen().len(), before + 1, "sync");

            let upstream = Upstream::start(script.clone()).await;
            let client = upstream.client(Generation::V2);
            for _ in 0..before {
                client.realtime_balance(&id()).await.unwrap();
            }
            let error = client.realtime_balance(&id()).await.unwrap_err();
            assert!(error.may_have_been_carried_out(), "{error:?}");
            assert_eq!(upstream.seen().len(), before + 1, "balance");

            let upstream = Upstream::start(script).await;
            let client = upstream.client(Generation::V2);
            for _ in 0..before {
                client.realtime_transactions(&id(), &query).await.unwrap();
            }
            let error = client
                .realtime_transactions(&id(), &query)
                .await
                .unwrap_err();
            assert!(error.may_have_been_carried_out(), "{error:?}");
            assert_eq!(upstream.seen().len(), before + 1, "transactions");
        }
    }
}

#[tokio::test]
async fn what_was_never_sent_is_tried_again_although_it_costs_money() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    // A server that ends every TLS handshake has seen nothing of a request.
    tokio::spawn({
        let connections = std::sync::Arc::clone(&connections);
        async move {
            while listener.accept().await.is_ok() {
                connections.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            }
        }
    });
    let upstream = Upstream::start([]).await;
    let client = |generation| {
        upstream.client_with(generation, |mut config| {
            config.api_url = format!("https://127.0.0.1:{port}").parse().unwrap();
            config
        })
    };
    let errors = [
        client(Generation::V1).sync(&id()).await.unwrap_err(),
        client(Generation::V2)
            .realtime_balance(&id())
            .await
            .unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    }
    assert_eq!(connections.load(std::sync::atomic::Ordering::SeqCst), 6);
}

#[tokio::test]
async fn a_job_is_asked_for_again() {
    let good = Reply::Bytes(json(200, fixture!("reference/job_2026.json")));
    let bad = Reply::Bytes(json(503, "{}"));
    let upstream = Upstream::start([Reply::Reset, bad, good]).await;
    let job = upstream
        .client(Generation::V2)
        .job(&id(), &job_id())
        .await
        .unwrap();
    assert_eq!(job.status, JobStatus::Finished);
    assert_eq!(upstream.seen().len(), 3);
}

#[tokio::test]
async fn a_real_time_answer_says_how_fresh_it_is() {
    let headers = [
        "x-has-new-data: true",
        "x-job-id: jobs.accounts_66f3d4b335261f275",
        "x-job-status: processing",
    ];
    let shouted = [
        "X-HAS-NEW-DATA: TRUE",
        "X-JOB-ID: 66f3d4b335261f275",
        "X-JOB-STATUS: PROCESSING",
    ];
    for headers in [headers, shouted] {
        let upstream = Upstream::start([Reply::Bytes(answer(200, &headers, BALANCE))]).await;
        let answer = upstream
            .client(Generation::V2)
            .realtime_balance(&id())
            .await
            .unwrap();
        assert_eq!(answer.data.unwrap().balance, Some(53_769));
        assert_eq!(answer.has_new_data, Some(true));
        let job = JobRef {
            id: "66f3d4b335261f275".parse().unwrap(),
            status: JobStatus::Processing,
        };
        assert_eq!(answer.job, Some(job), "{headers:?}");
        assert_eq!(upstream.seen()[0].header("x-realtime"), Some("true"));
    }

    let page = fixture!("reference/transactions_v2.json");
    let reply = Reply::Bytes(answer(200, &["x-job-id: a", "x-job-status: FAILED"], page));
    let upstream = Upstream::start([reply]).await;
    let answer = upstream
        .client(Generation::V2)
        .realtime_transactions(&id(), &TransactionsQuery::default())
        .await
        .unwrap();
    assert!(!answer.data.unwrap().rows.is_empty());
    assert_eq!(answer.has_new_data, None);
    assert_eq!(answer.job.unwrap().status, JobStatus::Failed);
}

#[tokio::test]
async fn a_job_is_named_although_there_is_no_data_yet() {
    let headers = ["x-job-id: 66f3d4b3305261f275", "x-has-new-data: false"];
    let reply = Reply::Bytes(answer(200, &headers, ENQUEUED));
    let upstream = Upstream::start([reply.clone(), reply]).await;
    let client = upstream.client(Generation::V2);
    let query = TransactionsQuery::default();
    let balance = client.realtime_balance(&id()).await.unwrap();
    let page = client.realtime_transactions(&id(), &query).await.unwrap();
    assert_eq!((balance.data, page.data), (None, None));
    assert_eq!(balance.has_new_data, Some(false));
    assert_eq!(balance.job.unwrap().id, job_id());
    assert_eq!(page.job.unwrap().status, JobStatus::Processing);
}

#[tokio::test]
async fn headers_that_make_no_sense_do_not_spoil_the_answer() {
    let headers = [
        "x-has-new-data: perhaps",
        "x-job-id: ../../accounts",
        "x-job-status: \u{fffd}",
    ];
    let upstream = Upstream::start([Reply::Bytes(answer(200, &headers, BALANCE))]).await;
    let answer = upstream
        .client(Generation::V2)
        .realtime_balance(&id())
        .await
        .unwrap();
    assert_eq!((answer.has_new_data, answer.job), (None, None));
    assert_eq!(answer.data.unwrap().balance, Some(53_769));
}

#[tokio::test]
async fn a_plain_read_does_not_start_a_job() {
    let upstream = Upstream::answering(200, BALANCE).await;
    upstream
        .client(Generation::V2)
        .balance(&id())
        .await
        .unwrap();
    assert_eq!(upstream.seen()[0].header("x-realtime"), None);
}

#[tokio::test]
async fn a_job_of_each_year() {
    let upstream = Upstream::answering(200, fixture!("002_4ce5a3e718925228/job.json")).await;
    let client = upstream.client(Generation::V2);
    let job = client.job(&id(), &job_id()).await.unwrap();
    assert_eq!(job.id, job_id());
    assert_eq!(job.name.as_deref(), Some("jobs.accounts.sync_statement"));
    assert_eq!(job.status, JobStatus::Failed);
    assert_eq!((job.reauth_required, job.synced), (Some(true), Some(false)));
    assert_eq!(
        upstream.seen()[0].line(),
        format!("GET /v2/accounts/{}/jobs/{} HTTP/1.1", id(), job_id())
    );

    let upstream = Upstream::answering(200, fixture!("reference/job_2026.json")).await;
    let client = upstream.client(Generation::V2);
    let job = client.job(&id(), &job_id()).await.unwrap();
    assert_eq!(job.name.as_deref(), Some("jobs.accounts.sync_balance"));
    assert_eq!(job.status, JobStatus::Finished);
    assert_eq!((job.reauth_required, job.synced), (None, None));
}

#[tokio::test]
async fn an_unknown_job_is_unknown_with_400_too() {
    for (status, message, is_unknown) in [
        (404, "whatever", true),
        (400, "Job not found", true),
        (400, "This job does not exist.", true),
        (400, "Invalid job id", true),
        (400, "This account does not exist.", true),
        (400, "Validation error", false),
    ] {
        let body = format!(r#"{{"status":"failed","message":"{message}","data":null}}"#);
        let upstream = Upstream::answering(status, &body).await;
        let client = upstream.client(Generation::V2);
        let error = client.job(&id(), &job_id()).await.unwrap_err();
        assert_eq!(
            matches!(error, Error::NotFound),
            is_unknown,
            "{status} {message}: {error:?}"
        );
    }
    // A call that names no job cannot mean that one is unknown.
    let upstream = Upstream::answering(400, r#"{"message":"Job not found"}"#).await;
    let client = upstream.client(Generation::V2);
    let error = client.realtime_balance(&id()).await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
}

#[tokio::test]
async fn what_a_generation_does_not_have_is_not_sent() {
    let upstream = Upstream::start([]).await;
    let first = upstream.client(Generation::V1);
    let second = upstream.client(Generation::V2);
    let query = TransactionsQuery::default();
    let errors = [
        second.sync(&id()).await.map(drop),
        first.realtime_balance(&id()).await.map(drop),
        first.realtime_transactions(&id(), &query).await.map(drop),
        first.job(&id(), &job_id()).await.map(drop),
    ];
    for error in errors {
        assert!(matches!(error, Err(Error::NotSupported)), "{error:?}");
    }
    assert_eq!(upstream.connections(), 0);
}

#[tokio::test]
async fn an_endless_answer_to_a_sync_is_cut_at_the_limit() {
    for status in [200, 400] {
        let head = format!("HTTP/1.1 {status} X\r\n\r\n").into_bytes();
        let upstream = Upstream::start([Reply::Endless(head, vec![b' '; 65_536])]).await;
        let error = upstream
            .client(Generation::V1)
            .sync(&id())
            .await
            .unwrap_err();
        if status == 200 {
            assert!(matches!(error, Error::TooLarge), "{error:?}");
        } else {
            assert!(
                matches!(error, Error::Refused { status: 400, .. }),
                "{error:?}"
            );
        }
        upstream.ended(1).await;
    }
}
