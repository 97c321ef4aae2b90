//! `GET /api/accounts/{id}/jobs/{job_id}`.

use mono_connect_tests::TestApp;

#[tokio::test]
async fn a_job_belongs_to_its_account_and_user() {
    let app = TestApp::start().await;
    let mut ada = app.visitor().await;
    let first = ada.links_and_waits().await;
    let second = ada.links_and_waits().await;
    let path = format!("/api/accounts/{first}/balance?realtime=true");
    let balance = ada.get(&path).send().await.assert_status(200);
    let job = balance["freshness"]["job"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let at = |account: &str| format!("/api/accounts/{account}/jobs/{job}");
    ada.get(&at(&first)).send().await.assert_status(200);
    ada.get(&at(&second))
        .send()
        .await
        .assert_problem(404, "job_not_found");
    // As Mono's events write it.
    let prefixed = format!("/api/accounts/{first}/jobs/jobs.accounts_{job}");
    let read = ada.get(&prefixed).send().await.assert_status(200);
    assert_eq!(read["id"], job);
    let unknown = format!("/api/accounts/{first}/jobs/66f3d4b3305261f275");
    ada.get(&unknown)
        .send()
        .await
        .assert_problem(404, "job_not_found");
    let odd = format!("/api/accounts/{first}/jobs/a%2fb");
    let odd = ada.get(&odd).send().await;
    odd.assert_problem(400, "invalid_request");
    assert_eq!(odd.wrong_fields(), ["job_id"]);
    let mut bob = app.visitor().await;
    bob.get(&at(&first))
        .send()
        .await
        .assert_problem(404, "account_not_found");
}

#[tokio::test]
async fn the_first_generation_has_none() {
    let app = TestApp::builder().generation("v1").start().await;
    let mut ada = app.visitor().await;
    let id = ada.links_and_waits().await;
    let path = format!("/api/accounts/{id}/jobs/66f3d4b3305261f275");
    let calls = app.all_calls();
    let answer = ada.get(&path).send().await;
    answer.assert_problem(501, "not_supported");
    assert_eq!(app.all_calls(), calls);
    // Whose account it is comes first.
    let mut bob = app.visitor().await;
    let answer = bob.get(&path).send().await;
    answer.assert_problem(404, "account_not_found");
}
