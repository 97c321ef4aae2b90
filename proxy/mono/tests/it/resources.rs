//! Every published answer, and both spellings of everything that has two.

use jiff::civil::date;
use mono_client::{
    AccountId, Direction, Error, Generation, LinkCustomer, LinkInstitution, LinkRequest,
    TransactionKind, TransactionsQuery,
};

use crate::upstream::Upstream;

macro_rules! fixture {
    ($path:literal) => {
        include_str!(concat!("../fixtures/", $path))
    };
}

fn id() -> AccountId {
    "5fbcde8f8699984153e65537".parse().unwrap()
}

#[tokio::test]
async fn the_exchange_reads_the_id_at_the_top_and_inside_data() {
    let bare = Upstream::answering(200, fixture!("004_cc8b9fe6d6a4e3d3/exchange.json")).await;
    let account = bare
        .client(Generation::V1)
        .exchange("code_hgvh46dejqtjvkjk")
        .await
        .unwrap();
    assert_eq!(account.as_str(), "5f171a530295e231abca1153");

    let wrapped = Upstream::answering(200, fixture!("reference/exchange_v2.json")).await;
    let account = wrapped
        .client(Generation::V2)
        .exchange("code_hgvh46dejqtjvkjk")
        .await
        .unwrap();
    assert_eq!(account.as_str(), "661d759280dbf646242634cc");
}

#[tokio::test]
async fn an_exchange_without_a_usable_id_is_no_success() {
    for body in [
        "{}",
        "null",
        "[]",
        r#"["a"]"#,
        r#"{"data":["a"]}"#,
        r#"{"data":null}"#,
        r#"{"id":""}"#,
        r#"{"id":"../../x"}"#,
        r#"{"id":"a","data":{"id":"b"}}"#,
        r#"{"id":{"a":1}}"#,
        "<html>ok</html>",
        "",
    ] {
        let upstream = Upstream::answering(200, body).await;
        let error = upstream
            .client(Generation::V2)
            .exchange("code_x")
            .await
            .unwrap_err();
        assert!(
            matches!(error, Error::Malformed { .. }),
            "{body}: {error:?}"
        );
        assert!(error.may_have_been_carried_out());
        assert_eq!(
            upstream.seen().len(),
            1,
            "an exchange is never repeated: {body}"
        );
    }
}

#[tokio::test]
async fn what_is_no_code_is_not_sent() {
    let upstream = Upstream::start([]).await;
    let client = upstream.client(Generation::V2);
    for code in ["", "a\nb", &"c".repeat(513)] {
        assert!(matches!(
            client.exchange(code).await,
            Err(Error::Invalid { .. })
        ));
    }
    assert_eq!(upstream.connections(), 0);
}

#[tokio::test]
async fn details_of_the_second_generation() {
    let upstream = Upstream::answering(200, fixture!("reference/details_v2.json")).await;
    let details = upstream
        .client(Generation::V2)
        .account(&id())
        .await
        .unwrap();
    assert_eq!(details.id, id());
    assert_eq!(details.name.as_deref(), Some("Samuel Olamide"));
    let number = details.account_number.unwrap();
    assert_eq!((number.expose(), number.last4()), ("0131883461", "3461"));
    assert_eq!(details.currency.as_deref(), Some("NGN"));
    assert_eq!(details.balance, Some(22_644));
    assert_eq!(details.account_type.as_deref(), Some("SAVINGS_ACCOUNT"));
    assert_eq!(details.institution.name.as_deref(), Some("GTBank"));
    assert_eq!(details.institution.bank_code.as_deref(), Some("058"));
    assert_eq!(
        details.institution.kind.as_deref(),
        Some("PERSONAL_BANKING")
    );
    assert_eq!(details.data_status.as_deref(), Some("PARTIAL"));
    assert_eq!(details.retrieved_data, ["identity", "balance"]);
    assert_eq!(details.auth_method.as_deref(), Some("mobile_banking"));
    assert_eq!(details.reference.as_deref(), Some("99008877TEST"));
    assert_eq!(
        details.customer_id.as_deref(),
        Some("65c4f7a1b2d3e4f5a6b7c8d9")
    );
    assert_eq!(details.data_request_id.as_deref(), Some("ALP2JGV0I4KH"));
}

#[tokio::test]
async fn details_of_the_first_generation() {
    let upstream = Upstream::answering(200, fixture!("reference/details_v1.json")).await;
    let details = upstream
        .client(Generation::V1)
        .account(&id())
        .await
        .unwrap();
    assert_eq!(details.id, id());
    assert_eq!(
        details.name.as_deref(),
        Some("OGUNGBEFUN OLADUNNI KHADIJAH")
    );
    assert_eq!(details.account_number.unwrap().expose(), "0018709596");
    assert_eq!(details.institution.bank_code.as_deref(), Some("058"));
    assert_eq!(details.balance, Some(3_033_984));
    assert_eq!(details.data_status.as_deref(), Some("AVAILABLE"));
    assert_eq!(details.customer_id, None);
    assert!(details.retrieved_data.is_empty());
}

#[tokio::test]
async fn the_balance_of_each_generation() {
    let second = Upstream::answering(200, fixture!("002_4ce5a3e718925228/balance.json")).await;
    let balance = second
        .client(Generation::V2)
        .balance(&id())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (balance.balance, balance.currency.as_deref()),
        (Some(53_769), Some("NGN"))
    );
    assert_eq!(
        second.seen()[0].line(),
        format!("GET /v2/accounts/{}/balance HTTP/1.1", id())
    );

    let first = Upstream::answering(200, fixture!("reference/details_v1.json")).await;
    let balance = first
        .client(Generation::V1)
        .balance(&id())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (balance.balance, balance.currency.as_deref()),
        (Some(3_033_984), Some("NGN"))
    );
    assert_eq!(
        first.seen()[0].line(),
        format!("GET /accounts/{} HTTP/1.1", id())
    );
}

#[tokio::test]
async fn no_data_is_told_apart_from_empty_data() {
    let enqueued = fixture!("reference/enqueued.json");
    let upstream = Upstream::answering(200, enqueued).await;
    assert_eq!(
        upstream
            .client(Generation::V2)
            .balance(&id())
            .await
            .unwrap(),
        None
    );

    let upstream = Upstream::answering(200, enqueued).await;
    assert_eq!(
        upstream
            .client(Generation::V1)
            .balance(&id())
            .await
            .unwrap(),
        None
    );

    let upstream = Upstream::answering(200, enqueued).await;
    let error = upstream
        .client(Generation::V2)
        .account(&id())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::NoData));

    for generation in [Generation::V1, Generation::V2] {
        let query = TransactionsQuery::default();
        let upstream = Upstream::answering(200, enqueued).await;
        assert_eq!(
            upstream
                .client(generation)
                .transactions(&id(), &query)
                .await
                .unwrap(),
            None
        );

        let upstream = Upstream::answering(200, r#"{"data":[]}"#).await;
        let page = upstream
            .client(generation)
            .transactions(&id(), &query)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((page.rows.len(), page.skipped), (0, 0));
    }
}

#[tokio::test]
async fn transactions_of_the_first_generation() {
    let upstream =
        Upstream::answering(200, fixture!("004_cc8b9fe6d6a4e3d3/transactions.json")).await;
    let client = upstream.client(Generation::V1);
    let page = client
        .transactions(&id(), &TransactionsQuery::default())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (page.total, page.page, page.has_next),
        (Some(190), Some(2), Some(true))
    );
    assert_eq!((page.rows.len(), page.skipped), (2, 0));
    let row = &page.rows[0];
    assert_eq!(row.id.as_deref(), Some("62a05bc04112ea670bd09812"));
    assert_eq!(row.kind, TransactionKind::Debit);
    assert_eq!((row.amount, row.balance), (147_085, Some(1_021_841)));
    assert_eq!(
        row.narration,
        "VC POS Loc-215016609012--BOLA NURAT YUSUFF OY NG"
    );
    assert_eq!(row.date.to_string(), "2022-05-30T16:03:00Z");
    assert_eq!(row.currency.as_deref(), Some("NGN"));
    assert_eq!(row.category.as_deref(), Some("online_transactions"));
    assert_eq!(page.rows[1].kind, TransactionKind::Credit);
    assert_eq!(page.rows[1].amount, 300_009);
}

#[tokio::test]
async fn transactions_of_the_second_generation() {
    let upstream = Upstream::answering(200, fixture!("reference/transactions_v2.json")).await;
    let client = upstream.client(Generation::V2);
    let page = client
        .transactions(&id(), &TransactionsQuery::default())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (page.total, page.page, page.has_next),
        (Some(307), Some(1), Some(true))
    );
    assert_eq!(page.rows[0].id.as_deref(), Some("66141bad1a7a5d8ea7a5e8c1"));
    assert_eq!(
        (page.rows[0].balance, page.rows[0].category.as_deref()),
        (None, None)
    );
    assert_eq!(
        (page.rows[1].id.as_deref(), page.rows[1].balance),
        (None, Some(17_642))
    );
    assert_eq!(page.rows[1].date.to_string(), "2024-04-07T22:59:59Z");
}

#[tokio::test]
async fn transactions_of_the_path_between_the_generations() {
    let upstream = Upstream::answering(200, fixture!("reference/transactions_path_v1.json")).await;
    let client = upstream.client(Generation::V1);
    let page = client
        .transactions(&id(), &TransactionsQuery::default())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (page.total, page.page, page.has_next),
        (Some(2), Some(1), Some(false))
    );
    assert_eq!(page.rows[0].amount, 147_085);
}

#[tokio::test]
async fn a_query_is_sent_in_monos_words() {
    let upstream = Upstream::answering(200, r#"{"data":[]}"#).await;
    let query = TransactionsQuery {
        start: Some(date(2024, 1, 2)),
        end: Some(date(2024, 12, 31)),
        kind: Some(Direction::Credit),
        narration: Some("a&b=c ü".to_owned()),
        page: Some(3),
        limit: Some(100),
    };
    upstream
        .client(Generation::V2)
        .transactions(&id(), &query)
        .await
        .unwrap();
    let expected = format!(
        "GET /v2/accounts/{}/transactions?start=02-01-2024&end=31-12-2024&type=credit\
         &narration=a%26b%3Dc+%C3%BC&page=3&limit=100 HTTP/1.1",
        id()
    );
    assert_eq!(upstream.seen()[0].line(), expected);
}

#[tokio::test]
async fn a_token_to_reauthorise_with() {
    let seed = fixture!("000_e4ed976f3bf77af5/reauthorise.json");
    for body in [
        seed,
        r#"{"status":"successful","data":{"token":"VwxcfeLRZvq1UlD5WiuN"}}"#,
    ] {
        for generation in [Generation::V1, Generation::V2] {
            let upstream = Upstream::answering(200, body).await;
            let token = upstream
                .client(generation)
                .reauthorise_token(&id())
                .await
                .unwrap();
            assert_eq!(token.expose(), "VwxcfeLRZvq1UlD5WiuN");
            let line = format!("POST /accounts/{}/reauthorise HTTP/1.1", id());
            assert_eq!(upstream.seen()[0].line(), line);
        }
    }
}

#[tokio::test]
async fn a_hosted_page_to_reauthorise_on() {
    let upstream = Upstream::answering(200, fixture!("reference/initiate_reauth.json")).await;
    let client = upstream.client(Generation::V2);
    let link = client
        .initiate_reauthorisation(&id(), "reference-1", "https://site.example/back")
        .await
        .unwrap();
    assert_eq!(link.url.as_str(), "https://link.mono.co/ALTAYGCOV");
    assert_eq!(link.reference.as_deref(), Some("099777"));
    assert_eq!(
        link.customer_id.as_deref(),
        Some("65c4f7a1b2d3e4f5a6b7c8d9")
    );
    let sent: serde_json::Value = serde_json::from_str(&upstream.seen()[0].body).unwrap();
    let expected = serde_json::json!({
        "account": id().as_str(), "scope": "reauth", "meta": {"ref": "reference-1"},
        "redirect_url": "https://site.example/back",
    });
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn a_hosted_page_to_link_on() {
    let upstream = Upstream::answering(200, fixture!("reference/initiate_auth.json")).await;
    let request = LinkRequest {
        customer: LinkCustomer::New {
            name: "Samuel Olamide".to_owned(),
            email: "samuel@site.example".to_owned(),
        },
        institution: Some(LinkInstitution {
            id: "5f2d08bf60b92e2888287704".to_owned(),
            auth_method: "internet_banking".to_owned(),
        }),
        reference: "99008877TEST".to_owned(),
        redirect_url: "https://site.example/back".to_owned(),
    };
    let link = upstream
        .client(Generation::V2)
        .initiate_link(&request)
        .await
        .unwrap();
    assert_eq!(link.url.as_str(), "https://link.mono.co/ALGSTO222222WE");
    let sent: serde_json::Value = serde_json::from_str(&upstream.seen()[0].body).unwrap();
    let expected = serde_json::json!({
        "customer": {"name": "Samuel Olamide", "email": "samuel@site.example"},
        "institution": {"id": "5f2d08bf60b92e2888287704", "auth_method": "internet_banking"},
        "scope": "auth", "meta": {"ref": "99008877TEST"},
        "redirect_url": "https://site.example/back",
    });
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn a_hosted_page_that_is_no_web_page_is_refused() {
    for url in [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://link.mono.co/x",
        "/x",
        "",
    ] {
        let body = serde_json::json!({"data": {"mono_url": url}}).to_string();
        let upstream = Upstream::answering(200, &body).await;
        let client = upstream.client(Generation::V2);
        let answer = client
            .initiate_reauthorisation(&id(), "reference-1", "https://a.example")
            .await;
        assert!(matches!(answer, Err(Error::Malformed { .. })), "{url}");
    }
}

#[tokio::test]
async fn what_the_first_generation_has_not_is_not_sent() {
    let upstream = Upstream::start([]).await;
    let client = upstream.client(Generation::V1);
    let link = client
        .initiate_reauthorisation(&id(), "reference-1", "https://a.example")
        .await;
    assert!(matches!(link, Err(Error::NotSupported)));
    assert_eq!(upstream.connections(), 0);
}

#[tokio::test]
async fn what_cannot_be_sent_is_not() {
    let upstream = Upstream::start([]).await;
    let client = upstream.client(Generation::V2);
    for (reference, back) in [
        ("", "https://a.example"),
        ("r", "javascript:x"),
        ("r", "/back"),
    ] {
        let link = client
            .initiate_reauthorisation(&id(), reference, back)
            .await;
        assert!(matches!(link, Err(Error::Invalid { .. })));
    }
    let query = TransactionsQuery {
        narration: Some("₦".repeat(257)),
        ..Default::default()
    };
    let page = client.transactions(&id(), &query).await;
    assert!(matches!(page, Err(Error::Invalid { .. })));
    assert_eq!(upstream.connections(), 0);
}
