//! Identity, income, assets, earnings and the end of a link.

use mono_client::{AccountId, Error, Generation};

use crate::upstream::{Reply, Upstream, json};

fn id() -> AccountId {
    "5fbcde8f8699984153e65537".parse().unwrap()
}

fn lines(upstream: &Upstream) -> Vec<String> {
    let seen = upstream.seen();
    seen.iter().map(|seen| seen.line().to_owned()).collect()
}

/// Asks everything, whatever is made of the answers.
async fn ask_everything(generation: Generation) -> Vec<String> {
    let upstream = Upstream::start(vec![Reply::Bytes(json(200, "{}")); 7]).await;
    let client = upstream.client(generation);
    let _ = client.identity(&id()).await;
    let _ = client.income(&id()).await;
    let _ = client.start_income_analysis(&id()).await;
    let _ = client.income_records(&id()).await;
    let _ = client.assets(&id()).await;
    let _ = client.earnings(&id()).await;
    let _ = client.unlink(&id()).await;
    lines(&upstream)
}

#[tokio::test]
async fn each_generation_is_asked_in_its_own_way() {
    assert_eq!(
        ask_everything(Generation::V2).await,
        [
            "GET /v2/accounts/5fbcde8f8699984153e65537/identity HTTP/1.1",
            "GET /v2/accounts/5fbcde8f8699984153e65537/income?period=12 HTTP/1.1",
            "GET /v2/accounts/5fbcde8f8699984153e65537/income-records HTTP/1.1",
            "GET /v2/accounts/5fbcde8f8699984153e65537/assets HTTP/1.1",
            "GET /v2/accounts/5fbcde8f8699984153e65537/earnings HTTP/1.1",
            "POST /v2/accounts/5fbcde8f8699984153e65537/unlink HTTP/1.1",
        ]
    );
    assert_eq!(
        ask_everything(Generation::V1).await,
        [
            "GET /accounts/5fbcde8f8699984153e65537/identity HTTP/1.1",
            "GET /accounts/5fbcde8f8699984153e65537/income HTTP/1.1",
            "GET /accounts/5fbcde8f8699984153e65537/assets HTTP/1.1",
            "GET /accounts/5fbcde8f8699984153e65537/earnings HTTP/1.1",
            "POST /accounts/5fbcde8f8699984153e65537/unlink HTTP/1.1",
        ]
    );
}

#[tokio::test]
async fn what_is_paid_for_is_sent_once() {
    for status in [500, 502, 503, 504] {
        let upstream = Upstream::start(vec![Reply::Bytes(json(status, "{}")); 3]).await;
        let client = upstream.client(Generation::V2);
        let error = client.start_income_analysis(&id()).await.unwrap_err();
        assert!(error.may_have_been_carried_out(), "{status}: {error:?}");
        assert_eq!(lines(&upstream).len(), 1, "{status}");
    }
}

#[tokio::test]
async fn an_account_that_is_gone_is_told_in_many_ways() {
    for (status, body) in [
        (
            404,
            r#"{"status":"resource_not_found","message":"This account does not exist.","data":null}"#,
        ),
        (404, "<html></html>"),
        (410, ""),
        (
            400,
            r#"{"status":"failed","message":"This account does not exist.","data":null}"#,
        ),
        (400, r#"{"message":"Account already unlinked"}"#),
        (409, r#"{"message":"This account has been unlinked"}"#),
        (422, r#"{"message":"Invalid account id"}"#),
    ] {
        let upstream = Upstream::answering(status, body).await;
        let error = upstream
            .client(Generation::V2)
            .unlink(&id())
            .await
            .unwrap_err();
        assert!(
            matches!(error, Error::NotFound),
            "{status} {body}: {error:?}"
        );
    }
    for (status, body) in [
        (400, r#"{"message":"Account could not be unlinked"}"#),
        (400, r#"{"message":"The account has not been unlinked"}"#),
        (
            402,
            r#"{"message":"This account does not exist in your plan"}"#,
        ),
        (500, r#"{"message":"Account already unlinked"}"#),
    ] {
        let upstream = Upstream::answering(status, body).await;
        let error = upstream
            .client(Generation::V2)
            .unlink(&id())
            .await
            .unwrap_err();
        assert!(
            !matches!(error, Error::NotFound),
            "{status} {body}: {error:?}"
        );
    }
}

#[tokio::test]
async fn an_end_is_an_end_whatever_stands_in_the_answer() {
    for body in [
        "",
        "{}",
        "<html></html>",
        r#"{"status":"successful","message":"x"}"#,
    ] {
        let upstream = Upstream::answering(200, body).await;
        upstream.client(Generation::V2).unlink(&id()).await.unwrap();
    }
}
