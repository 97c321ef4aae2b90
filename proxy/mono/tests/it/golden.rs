//! Mono sees exactly the requests that are listed here, and nothing besides.

use mono_client::{AccountId, BuildError, Client, Config, Generation, TransactionsQuery};

use crate::upstream::Reply;
use crate::upstream::{KEY, Upstream, json};

const READ: [&str; 5] = [
    "accept",
    "accept-encoding",
    "host",
    "mono-sec-key",
    "user-agent",
];
const REALTIME: [&str; 6] = [
    "accept",
    "accept-encoding",
    "host",
    "mono-sec-key",
    "user-agent",
    "x-realtime",
];
const WRITE: [&str; 7] = [
    "accept",
    "accept-encoding",
    "content-length",
    "content-type",
    "host",
    "mono-sec-key",
    "user-agent",
];
const EMPTY_WRITE: [&str; 6] = [
    "accept",
    "accept-encoding",
    "content-length",
    "host",
    "mono-sec-key",
    "user-agent",
];

pub(crate) async fn every_call(generation: Generation) -> Upstream {
    let upstream = Upstream::start(vec![Reply::Bytes(json(200, "{}")); 16]).await;
    let client = upstream.client(generation);
    let id: AccountId = "5fbcde8f8699984153e65537".parse().unwrap();
    // What they make of `{}` is not the matter here.
    let _ = client.exchange("code_x").await;
    let _ = client.account(&id).await;
    let _ = client.balance(&id).await;
    let _ = client
        .transactions(&id, &TransactionsQuery::default())
        .await;
    let _ = client.reauthorise_token(&id).await;
    let _ = client
        .initiate_reauthorisation(&id, "reference-1", "https://site.example/")
        .await;
    let _ = client.sync(&id).await;
    let _ = client.realtime_balance(&id).await;
    let query = TransactionsQuery {
        page: Some(2),
        ..TransactionsQuery::default()
    };
    let _ = client.realtime_transactions(&id, &query).await;
    // The prefix that a job's id comes with is no part of its address.
    let job = "jobs.accounts_66f3d4b335261f275".parse().unwrap();
    let _ = client.job(&id, &job).await;
    let period = 1.try_into().unwrap();
    let _ = client.statement(&id, period).await;
    let _ = client.start_statement_pdf(&id, period).await;
    let _ = client.statement_pdf(&id, &job).await;
    let _ = client.credits(&id).await;
    let _ = client.debits(&id).await;
    let _ = client.institutions().await;
    upstream
}

#[tokio::test]
async fn the_requests_of_the_second_generation() {
    let upstream = every_call(Generation::V2).await;
    let seen = upstream.seen();
    let expected: [(&str, &[&str], &str); 15] = [
        (
            "POST /v2/accounts/auth HTTP/1.1",
            &WRITE,
            r#"{"code":"code_x"}"#,
        ),
        (
            "GET /v2/accounts/5fbcde8f8699984153e65537 HTTP/1.1",
            &READ,
            "",
        ),
        (
            "GET /v2/accounts/5fbcde8f8699984153e65537/balance HTTP/1.1",
            &READ,
            "",
        ),
        (
            "GET /v2/accounts/5fbcde8f8699984153e65537/transactions HTTP/1.1",
            &READ,
            "",
        ),
        (
            "POST /accounts/5fbcde8f8699984153e65537/reauthorise HTTP/1.1",
            &EMPTY_WRITE,
            "",
        ),
        (
            "POST /v2/accounts/initiate HTTP/1.1",
            &WRITE,
            concat!(
                r#"{"account":"5fbcde8f8699984153e65537","meta":{"ref":"reference-1"},"#,
                r#""scope":"reauth","redirect_url":"https://site.example/"}"#
            ),
        ),
        (
            "GET /v2/accounts/5fbcde8f8699984153e65537/balance HTTP/1.1",
            &REALTIME,
            "",
        ),
        (
            "GET /v2/accounts/5fbcde8f8699984153e65537/transactions?page=2 HTTP/1.1",
            &REALTIME,
            "",
        ),
        (
            "GET /v2/accounts/5fbcde8f8699984153e65537/jobs/66f3d4b335261f275 HTTP/1.1",
            &READ,
            "",
        ),
        (
            "GET /v2/accounts/5fbcde8f8699984153e65537/statement?period=last1month&output=json HTTP/1.1",
            &READ,
            "",
        ),
        (
            "GET /v2/accounts/5fbcde8f8699984153e65537/statement?period=last1month&output=pdf HTTP/1.1",
            &READ,
            "",
        ),
        (
            "GET /v2/accounts/5fbcde8f8699984153e65537/statement/jobs/66f3d4b335261f275 HTTP/1.1",
            &READ,
            "",
        ),
        (
            "GET /v2/accounts/5fbcde8f8699984153e65537/credits HTTP/1.1",
            &READ,
            "",
        ),
        (
            "GET /v2/accounts/5fbcde8f8699984153e65537/debits HTTP/1.1",
            &READ,
            "",
        ),
        (
            "GET /v3/institutions?scope=financial_data HTTP/1.1",
            &READ,
            "",
        ),
    ];
    assert_eq!(seen.len(), expected.len());
    for (request, (line, headers, body)) in seen.iter().zip(expected) {
        assert_eq!((request.line(), request.body.as_str()), (line, body));
        assert_eq!(request.header_names(), headers, "{line}");
    }
}

#[tokio::test]
async fn the_requests_of_the_first_generation() {
    let upstream = every_call(Generation::V1).await;
    let lines: Vec<_> = upstream
        .seen()
        .iter()
        .map(|seen| seen.line().to_owned())
        .collect();
    assert_eq!(
        lines,
        [
            "POST /account/auth HTTP/1.1",
            "GET /accounts/5fbcde8f8699984153e65537 HTTP/1.1",
            // The balance is part of the details.
            "GET /accounts/5fbcde8f8699984153e65537 HTTP/1.1",
            "GET /accounts/5fbcde8f8699984153e65537/transactions HTTP/1.1",
            "POST /accounts/5fbcde8f8699984153e65537/reauthorise HTTP/1.1",
            "POST /accounts/5fbcde8f8699984153e65537/sync HTTP/1.1",
            "GET /accounts/5fbcde8f8699984153e65537/statement?period=last1month&output=json HTTP/1.1",
            "GET /accounts/5fbcde8f8699984153e65537/statement?period=last1month&output=pdf HTTP/1.1",
            "GET /accounts/5fbcde8f8699984153e65537/statement/jobs/66f3d4b335261f275 HTTP/1.1",
            "GET /accounts/5fbcde8f8699984153e65537/credits HTTP/1.1",
            "GET /accounts/5fbcde8f8699984153e65537/debits HTTP/1.1",
            "GET /coverage HTTP/1.1",
        ]
    );
    let sync = upstream.seen().swap_remove(5);
    assert_eq!(sync.header_names(), EMPTY_WRITE);
    assert_eq!(
        (sync.header("content-length"), sync.body.as_str()),
        (Some("0"), "")
    );
}

#[tokio::test]
async fn fresh_data_is_asked_for_with_the_header_as_documented() {
    let upstream = every_call(Generation::V2).await;
    for request in upstream.seen() {
        let lines: Vec<_> = request
            .head
            .lines()
            .filter(|line| line.to_ascii_lowercase().contains("real"))
            .collect();
        let expected: &[&str] = if request.header_names() == REALTIME {
            &["x-realtime: true"]
        } else {
            &[]
        };
        assert_eq!(lines, expected, "{}", request.line());
    }
}

#[tokio::test]
async fn the_headers_say_who_calls_and_what_is_understood() {
    let upstream = every_call(Generation::V2).await;
    for request in upstream.seen() {
        assert_eq!(request.header("mono-sec-key"), Some(KEY));
        assert_eq!(request.header("accept"), Some("application/json"));
        assert_eq!(request.header("accept-encoding"), Some("gzip"));
        assert_eq!(
            request.header("host"),
            Some(format!("127.0.0.1:{}", upstream.port).as_str())
        );
        assert!(
            request
                .header("user-agent")
                .unwrap()
                .starts_with("mono-client/")
        );
    }
    assert_eq!(
        upstream.seen()[0].header("content-type"),
        Some("application/json")
    );
    assert_eq!(upstream.connections(), 1, "the connection is used again");
}

#[test]
fn ids_that_could_leave_their_place_in_a_path_are_none() {
    let long = "a".repeat(65);
    for id in [
        "", ".", "..", "../x", "a/b", "a%2fb", "a%2Fb", "a\\b", "a;b", "a?b", "a#b", "a@b", "a b",
        "a\0b", "a\r\nb", "ä", "%2e%2e", "a:b", &long,
    ] {
        assert!(id.parse::<AccountId>().is_err(), "{id:?}");
    }
    for id in ["a", "5fbcde8f8699984153e65537", "A_b-9", &"a".repeat(64)] {
        assert_eq!(id.parse::<AccountId>().unwrap().as_str(), id);
    }
}

fn build(api_url: &str, key: &str) -> Result<Client, BuildError> {
    Client::new(Config {
        api_url: api_url.parse().unwrap(),
        secret_key: key.into(),
        generation: Generation::V2,
        timeout: std::time::Duration::from_secs(1),
        concurrency: 1,
    })
}

#[test]
fn only_a_plain_origin_is_called() {
    for url in [
        "https://api.withmono.com/v2",
        "https://api.withmono.com/?a=b",
        "https://api.withmono.com/#a",
        "https://user@api.withmono.com",
        "https://:password@api.withmono.com",
        "ftp://api.withmono.com",
        "file:///etc/passwd",
        "data:text/plain,x",
    ] {
        assert!(matches!(build(url, KEY), Err(BuildError::ApiUrl)), "{url}");
    }
    assert!(build("https://api.withmono.com", KEY).is_ok());
    assert!(build("https://api.withmono.com:8443/", KEY).is_ok());
}

#[test]
fn a_live_key_does_not_cross_a_network_in_the_clear() {
    assert!(matches!(
        build("http://mono.example", "live_sk_x"),
        Err(BuildError::PlainHttp)
    ));
    assert!(build("http://mono.example", "test_sk_x").is_ok());
    for url in ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1"] {
        assert!(build(url, "live_sk_x").is_ok(), "{url}");
    }
}

#[test]
fn a_key_that_is_none_is_refused() {
    for key in ["", "a\nb", "a\0b"] {
        assert!(
            matches!(build("http://127.0.0.1:1", key), Err(BuildError::SecretKey)),
            "{key:?}"
        );
    }
}

#[test]
fn limits_of_zero_are_refused() {
    let config = |timeout, concurrency| Config {
        api_url: "http://127.0.0.1:1".parse().unwrap(),
        secret_key: KEY.into(),
        generation: Generation::V2,
        timeout: std::time::Duration::from_secs(timeout),
        concurrency,
    };
    assert!(matches!(
        Client::new(config(0, 1)),
        Err(BuildError::Timeout)
    ));
    assert!(matches!(
        Client::new(config(1, 0)),
        Err(BuildError::Concurrency)
    ));
    assert!(matches!(
        Client::new(config(1, usize::MAX)),
        Err(BuildError::Concurrency)
    ));
}
