//! Where Mono's documents contradict each other: a test for each contradiction, with both spellings.
//!
//! The number is that of the list that the project keeps of them. What the proxy decides and not
//! the client (9, 10, 11, 20, 21, 22, 27) is in the checklist of the proxy's integration tests.

use mono_client::webhook::{Kind, SyncStatus, WebhookEvent};
use mono_client::{
    AccountId, Client, Error, Generation, JobStatus, LinkCustomer, LinkRequest, PdfStatus,
    SyncOutcome, TransactionsQuery,
};
use serde_json::{Value, json};

use crate::golden;
use crate::upstream::{Reply, Upstream, answer, json as json_answer};

fn id() -> AccountId {
    "5fbcde8f8699984153e65537".parse().unwrap()
}

/// A server that answers everything with this, and a client of it.
async fn answering(generation: Generation, body: &Value) -> (Upstream, Client) {
    let reply = Reply::Bytes(json_answer(200, &body.to_string()));
    let upstream = Upstream::start(vec![reply; 4]).await;
    let client = upstream.client(generation);
    (upstream, client)
}

async fn v2(body: Value) -> Client {
    answering(Generation::V2, &body).await.1
}

fn told(event: &str, data: &Value) -> Kind {
    let body = json!({"event": event, "data": data}).to_string();
    WebhookEvent::parse(body.as_bytes()).unwrap().kind
}

async fn page(body: Value) -> mono_client::TransactionPage {
    let client = v2(body).await;
    let page = client
        .transactions(&id(), &TransactionsQuery::default())
        .await;
    page.unwrap().unwrap()
}

#[tokio::test]
async fn row_01_exchange_answer_bare_and_inside_data() {
    for body in [
        json!({"id": "a"}),
        json!({"status": "successful", "data": {"id": "a"}}),
    ] {
        let exchanged = v2(body).await.exchange("code_x").await.unwrap();
        assert_eq!(exchanged.as_str(), "a");
    }
}

#[tokio::test]
async fn row_02_the_header_is_called_as_in_the_guides() {
    let (upstream, client) = answering(Generation::V2, &json!({"data": {"balance": 1}})).await;
    client.realtime_balance(&id()).await.unwrap();
    let request = upstream.seen().remove(0);
    assert_eq!(request.header("x-realtime"), Some("true"));
    assert_eq!(request.header("x-real-time"), None);
}

#[tokio::test]
async fn row_03_a_missing_has_new_data_says_nothing() {
    for (header, expected) in [
        (Some("x-has-new-data: true"), Some(true)),
        (Some("x-has-new-data: false"), Some(false)),
        (None, None),
    ] {
        let headers: Vec<_> = header.into_iter().collect();
        let reply = answer(200, &headers, r#"{"data":{"balance":1}}"#);
        let upstream = Upstream::start([Reply::Bytes(reply)]).await;
        let client = upstream.client(Generation::V2);
        let read = client.realtime_balance(&id()).await.unwrap();
        assert_eq!(read.has_new_data, expected);
    }
}

#[tokio::test]
async fn row_04_job_status_and_status() {
    for field in ["status", "job_status"] {
        let mut job = json!({"id": "j"});
        job[field] = json!("finished");
        let client = v2(json!({"data": job})).await;
        let job = client.job(&id(), &"j".parse().unwrap()).await.unwrap();
        assert_eq!(job.status, JobStatus::Finished, "{field}");
    }
}

#[tokio::test]
async fn row_05_synced_and_sync_successful() {
    for code in ["SYNCED_SUCCESSFUL", "SYNC_SUCCESSFUL"] {
        let body = json!({"status": "successful", "hasNewData": true, "code": code});
        let (_upstream, client) = answering(Generation::V1, &body).await;
        let answer = client.sync(&id()).await.unwrap();
        assert_eq!(
            (answer.outcome, answer.has_new_data),
            (SyncOutcome::Synced, Some(true))
        );
    }
}

#[tokio::test]
async fn row_06_every_data_status_is_kept() {
    for word in [
        "AVAILABLE",
        "PARTIAL",
        "UNAVAILABLE",
        "FAILED",
        "PROCESSING",
        "available",
        "LATER",
    ] {
        let body = json!({"data": {"account": {"id": "a"}, "meta": {"data_status": word}}});
        let details = v2(body).await.account(&id()).await.unwrap();
        assert_eq!(details.data_status.as_deref(), Some(word));
    }
}

#[test]
fn row_07_account_updated_under_events_and_under_accounts() {
    let data = json!({"account": {"_id": "a"}, "meta": {"data_status": "AVAILABLE"}});
    let sample = told("mono.events.account_updated", &data);
    assert!(matches!(sample, Kind::AccountUpdated { .. }));
    assert_eq!(sample, told("mono.accounts.account_updated", &data));
}

#[test]
fn row_08_reauthorised_with_either_letter() {
    let data = json!({"account": {"_id": "a"}});
    for (z, s) in [
        ("account_reauthorized", "account_reauthorised"),
        ("reauthorization_required", "reauthorisation_required"),
    ] {
        let z = told(&format!("mono.events.{z}"), &data);
        assert!(!matches!(z, Kind::Other));
        assert_eq!(z, told(&format!("mono.events.{s}"), &data));
    }
}

#[tokio::test]
async fn row_12_bank_code_in_snake_and_camel_case() {
    for field in ["bank_code", "bankCode"] {
        let mut bank = json!({"name": "GTBank"});
        bank[field] = json!("058");
        let account = json!({"id": "a", "_id": "a", "institution": bank});
        let body = json!({"data": {"account": account}});
        let details = v2(body).await.account(&id()).await.unwrap();
        assert_eq!(details.institution.bank_code.as_deref(), Some("058"));
        let Kind::AccountUpdated { details, .. } =
            told("mono.events.account_updated", &json!({"account": account}))
        else {
            panic!("{account}")
        };
        assert_eq!(details.institution.bank_code.as_deref(), Some("058"));
    }
}

#[tokio::test]
async fn row_13_a_bvn_of_four_or_eleven_digits_is_never_more_than_four() {
    for bvn in ["0003", "22000000003"] {
        let body = json!({"data": {"full_name": "N", "bvn": bvn}});
        let identity = v2(body).await.identity(&id()).await.unwrap().unwrap();
        assert_eq!(identity.bvn_last4.as_deref(), Some("0003"));
        let account = json!({"id": "a", "_id": "a", "bvn": bvn});
        let body = json!({"data": {"account": account}});
        let details = v2(body).await.account(&id()).await.unwrap();
        let updated = told("mono.events.account_updated", &json!({"account": account}));
        assert!(!format!("{details:?} {updated:?}").contains("0003"));
    }
}

#[tokio::test]
async fn row_14_a_pdf_is_built_or_complete() {
    for word in ["BUILT", "COMPLETE"] {
        let wire = json!({"id": "p", "status": word, "path": "https://api.withmono.com/p.pdf"});
        for body in [wire.clone(), json!({"data": wire})] {
            let client = v2(body).await;
            let pdf = client.statement_pdf(&id(), &"p".parse().unwrap()).await;
            assert_eq!(pdf.unwrap().status, PdfStatus::Ready, "{word}");
        }
    }
}

#[tokio::test]
async fn row_15_paging_stands_in_four_places() {
    let paging = json!({"total": 9, "page": 2, "previous": null, "next": "https://evil.example/"});
    for body in [
        json!({"data": [], "meta": paging}),
        json!({"data": [], "paging": paging}),
        json!({"data": [], "meta": {"paging": paging}}),
        json!({"data": {"transactions": [], "paging": paging}}),
    ] {
        let page = page(body).await;
        assert_eq!(
            (page.total, page.page, page.has_next),
            (Some(9), Some(2), Some(true))
        );
    }
}

#[tokio::test]
async fn row_16_the_number_of_pages_is_not_the_number_of_the_page() {
    let numbered = page(json!({"data": [], "meta": {"total": 9, "page": 2}})).await;
    assert_eq!(numbered.page, Some(2));
    let counted = page(json!({"data": [], "meta": {"total": 9, "pages": 4}})).await;
    assert_eq!((counted.page, counted.total), (None, Some(9)));
}

/// The line of the request for these transactions.
async fn asked(query: TransactionsQuery) -> String {
    let (upstream, client) = answering(Generation::V2, &json!({"data": []})).await;
    client.transactions(&id(), &query).await.unwrap();
    upstream.seen()[0].line().to_owned()
}

#[tokio::test]
async fn row_17_days_are_start_and_end_day_first() {
    let line = asked(TransactionsQuery {
        start: Some(jiff::civil::date(2024, 3, 1)),
        end: Some(jiff::civil::date(2024, 3, 31)),
        ..TransactionsQuery::default()
    })
    .await;
    assert!(line.contains("start=01-03-2024&end=31-03-2024"), "{line}");
    assert!(!line.contains("from=") && !line.contains("to="), "{line}");
}

#[tokio::test]
async fn row_18_the_size_of_a_page_is_limit() {
    let line = asked(TransactionsQuery {
        limit: Some(10),
        ..TransactionsQuery::default()
    })
    .await;
    assert!(line.contains("?limit=10 "), "{line}");
}

/// The body that starts linking an account.
async fn link_body(customer: LinkCustomer) -> Value {
    let link = json!({"data": {"mono_url": "https://link.mono.co/x"}});
    let (upstream, client) = answering(Generation::V2, &link).await;
    let request = LinkRequest {
        customer,
        institution: None,
        reference: "reference-1".to_owned(),
        redirect_url: "https://site.example/".to_owned(),
    };
    client.initiate_link(&request).await.unwrap();
    serde_json::from_str(&upstream.seen()[0].body).unwrap()
}

fn somebody() -> LinkCustomer {
    LinkCustomer::New {
        name: "Samuel Olamide".to_owned(),
        email: "samuel@site.example".to_owned(),
    }
}

#[tokio::test]
async fn row_19_the_address_to_come_back_to_is_always_sent() {
    let body = link_body(somebody()).await;
    assert_eq!(body["redirect_url"], "https://site.example/");
}

#[tokio::test]
async fn row_23_only_balance_and_transactions_are_asked_for_in_real_time() {
    let upstream = golden::every_call(Generation::V2).await;
    let realtime: Vec<_> = upstream
        .seen()
        .iter()
        .filter(|request| request.header("x-realtime").is_some())
        .map(|request| request.line().to_owned())
        .collect();
    assert_eq!(realtime.len(), 2);
    assert!(realtime[0].contains("/balance ") && realtime[1].contains("/transactions?"));
}

#[test]
fn row_24_an_unlinked_account_is_named_id_or_underscore_id() {
    let expected = Kind::AccountUnlinked {
        account: "a".parse().unwrap(),
    };
    for field in ["id", "_id"] {
        let mut account = json!({});
        account[field] = json!("a");
        let kind = told("mono.events.account_unlinked", &json!({"account": account}));
        assert_eq!(kind, expected);
    }
}

#[tokio::test]
async fn row_25_a_job_is_the_same_with_and_without_its_prefix() {
    let data = |id: &str| json!({"id": id, "status": "finished"});
    let bare = told("mono.accounts.jobs.update", &data("66f3"));
    assert!(matches!(bare, Kind::JobUpdate { .. }));
    let prefixed = told("mono.accounts.jobs.update", &data("jobs.accounts_66f3"));
    assert_eq!(bare, prefixed);
}

#[test]
fn row_26_words_of_the_samples_and_of_the_changelog() {
    let status = |word: &str| {
        let data = json!({"id": "j", "status": word});
        match told("mono.accounts.jobs.update", &data) {
            Kind::JobUpdate {
                status,
                reauth_required,
                ..
            } => (status, reauth_required),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(status("finished"), (JobStatus::Finished, None));
    assert_eq!(status("SUCCESSFUL"), (JobStatus::Finished, Some(false)));
    assert_eq!(status("processing"), (JobStatus::Processing, None));
    assert_eq!(status("failed"), status("FAILED"));
    let must_log_in = (JobStatus::Failed, Some(true));
    assert_eq!(status("REAUTHORISATION_REQUIRED"), must_log_in);
    assert_eq!(
        status("later"),
        (JobStatus::Other("later".to_owned()), None)
    );
    let data =
        json!({"account": {"_id": "a"}, "meta": {"sync_status": "REAUTHORISATION_REQUIRED"}});
    let Kind::AccountUpdated { sync_status, .. } = told("mono.events.account_updated", &data)
    else {
        panic!("{data}")
    };
    assert_eq!(sync_status, Some(SyncStatus::ReauthorisationRequired));
}

#[tokio::test]
async fn row_28_complaints_about_fields_stand_in_data_or_in_errors() {
    for place in ["data", "errors"] {
        let mut body = json!({"status": "failed", "message": "Validation error"});
        body[place] = json!([{"field": "period", "message": "is wrong"}]);
        let upstream = Upstream::answering(400, &body.to_string()).await;
        let client = upstream.client(Generation::V2);
        let error = client.credits(&id()).await.unwrap_err();
        let fields = error.detail().unwrap().fields();
        assert_eq!(fields.len(), 1, "{place}");
        assert_eq!(
            (fields[0].field(), fields[0].message()),
            ("period", "is wrong")
        );
    }
}

#[tokio::test]
async fn row_29_an_unknown_account_is_404_or_400() {
    for (status, body) in [
        (
            404,
            json!({"status": "resource_not_found", "message": "This account does not exist."}),
        ),
        (
            400,
            json!({"status": "failed", "message": "This account does not exist.", "data": null}),
        ),
    ] {
        let upstream = Upstream::answering(status, &body.to_string()).await;
        let client = upstream.client(Generation::V2);
        let error = client.debits(&id()).await.unwrap_err();
        assert!(matches!(error, Error::NotFound), "{status}: {error:?}");
    }
}

#[tokio::test]
async fn row_30_success_is_what_http_says() {
    for word in ["successful", "success", "failed", "later"] {
        let body = json!({"status": word, "data": {"total": 0, "history": []}});
        let read = v2(body).await.credits(&id()).await.unwrap();
        assert_eq!(read.unwrap().total, Some(0), "{word}");
    }
    let body = json!({"status": "successful", "data": {"total": 0, "history": []}});
    let upstream = Upstream::answering(400, &body.to_string()).await;
    let client = upstream.client(Generation::V2);
    assert!(client.credits(&id()).await.is_err());
}

/// Whose account is whose is kept here and never asked of Mono, whose list may be anybody's.
#[tokio::test]
async fn row_31_the_list_of_all_accounts_is_never_asked_for() {
    for generation in [Generation::V1, Generation::V2] {
        let upstream = golden::every_call(generation).await;
        for request in upstream.seen() {
            let path = request.line().split(' ').nth(1).unwrap().to_owned();
            let path = path.split('?').next().unwrap();
            assert!(!path.trim_end_matches('/').ends_with("/accounts"), "{path}");
        }
    }
}

/// Customers are made by linking, and are people.
#[tokio::test]
async fn row_32_no_type_of_customer_is_sent() {
    let known = LinkCustomer::Existing { id: "c".to_owned() };
    for customer in [somebody(), known] {
        let body = link_body(customer).await;
        assert!(body["customer"].is_object(), "{body}");
        assert!(!body.to_string().contains("type"), "{body}");
    }
}

/// In neither spelling is there a first name or a last one.
#[tokio::test]
async fn row_33_a_customer_is_named_by_one_name() {
    let body = link_body(somebody()).await;
    assert_eq!(
        body["customer"],
        json!({"name": "Samuel Olamide", "email": "samuel@site.example"})
    );
    let known = LinkCustomer::Existing { id: "c".to_owned() };
    assert_eq!(link_body(known).await["customer"], json!({"id": "c"}));
}

#[tokio::test]
async fn row_34_an_address_with_and_without_its_underscore() {
    for field in ["address_line1", "address_line_1", "addressLine1"] {
        let mut data = json!({"full_name": "N"});
        data[field] = json!("1 Marina");
        let identity = v2(json!({"data": data})).await.identity(&id()).await;
        let address = identity.unwrap().unwrap().address;
        assert_eq!(address.as_deref(), Some("1 Marina"), "{field}");
    }
}

/// Nothing here moves money: no payment is started, and so none is verified.
#[tokio::test]
async fn row_35_payments_are_none_of_ours() {
    for generation in [Generation::V1, Generation::V2] {
        for request in golden::every_call(generation).await.seen() {
            assert!(!request.line().contains("/payments"), "{}", request.line());
        }
    }
}
