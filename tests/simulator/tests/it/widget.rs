//! The widget's back end, step by step, and what it leaves behind.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Answer, Mono, client};

async fn step(mono: &Mono, path: &str, body: Value) -> Value {
    let url = format!("{}/_widget/{path}", mono.sim.base_url());
    Answer::of(client().post(url).json(&body)).await.body
}

async fn open(mono: &Mono, body: Value) -> Value {
    let mut opening = json!({ "key": mono.sim.public_key(), "scope": "auth" });
    opening
        .as_object_mut()
        .unwrap()
        .extend(body.as_object().unwrap().clone());
    step(mono, "visits", opening).await
}

async fn log_in(mono: &Mono, visit: &str, username: &str) -> Value {
    let credentials = json!({ "username": username, "password": "123456" });
    step(mono, &format!("visits/{visit}/login"), credentials).await
}

#[tokio::test]
async fn a_bank_user_links_an_account_at_a_bank_with_mfa() {
    let mono = Mono::start().await;
    let data = json!({ "customer": { "name": "Ada", "email": "ada@example.com" } }).to_string();
    let first = open(&mono, json!({ "reference": "ref-0001", "data": data })).await;
    assert_eq!(
        (&first["step"], &first["mode"]),
        (&json!("institutions"), &json!("link"))
    );
    let visit = first["visit"].as_str().unwrap();
    let place = |what: &str| format!("visits/{visit}/{what}");

    let choice = json!({ "institution": "5f2d08bf60b92e2888287703" });
    assert_eq!(
        step(&mono, &place("institution"), choice).await["step"],
        "login"
    );
    let wrong = json!({ "username": "samuel.olamide", "password": "654321" });
    assert_eq!(
        step(&mono, &place("login"), wrong).await["type"],
        "INVALID_CREDENTIALS"
    );
    assert_eq!(log_in(&mono, visit, "samuel.olamide").await["step"], "otp");
    let hurried = json!({ "account": "0131883461" });
    assert_eq!(
        step(&mono, &place("account"), hurried).await["type"],
        "OUT_OF_ORDER"
    );
    assert_eq!(
        step(&mono, &place("otp"), json!({ "otp": "000000" })).await["type"],
        "INVALID_OTP"
    );
    let accounts = step(&mono, &place("otp"), json!({ "otp": "123456" })).await;
    let number = accounts["accounts"][0]["number"].clone();
    let done = step(&mono, &place("account"), json!({ "account": number })).await;
    assert_eq!(done["step"], "done");

    let exchanged = mono
        .post("/v2/accounts/auth", json!({ "code": done["code"] }))
        .await
        .body;
    let id = exchanged["data"]["id"].as_str().unwrap();
    let account = mono.sim.account(id).unwrap();
    assert_eq!(
        (&account["ref"], &account["account_number"]),
        (&json!("ref-0001"), &number)
    );
    let again = step(&mono, &place("account"), json!({ "account": number })).await;
    assert_eq!(again["type"], "OUT_OF_ORDER", "a visit ends once");
}

#[tokio::test]
async fn a_wrong_public_key_is_refused() {
    let mono = Mono::start().await;
    let refused = open(&mono, json!({ "key": "test_pk_other" })).await;
    assert_eq!(refused["type"], "INVALID_PUBLIC_KEY");
}

#[tokio::test]
async fn a_selected_institution_starts_at_its_login() {
    let mono = Mono::start().await;
    let selected = json!({ "id": "5f2d08be60b92e2888287702", "auth_method": "mobile_banking" });
    let first = open(
        &mono,
        json!({ "selectedInstitution": selected.to_string() }),
    )
    .await;
    assert_eq!(first["step"], "login");
    assert_eq!(first["auth_method"], "mobile_banking");
}

#[tokio::test]
async fn re_authorising_by_account_id_needs_the_same_user() {
    let mono = Mono::start().await;
    let id = mono.linked().await;
    let data = json!({ "account": id }).to_string();
    let first = open(&mono, json!({ "data": data })).await;
    assert_eq!(
        (&first["step"], &first["mode"]),
        (&json!("login"), &json!("reauth"))
    );
    let visit = first["visit"].as_str().unwrap();
    let other = first["demo"]["users"][1]["username"].as_str().unwrap();
    assert_eq!(
        log_in(&mono, visit, other).await["type"],
        "ACCOUNT_MISMATCH"
    );
    mono.sim.advance(Duration::from_mins(1)).await;
    assert_eq!(log_in(&mono, visit, "samuel.olamide").await["step"], "done");
    assert_eq!(
        mono.sim.account(&id).unwrap()["logged_in_at"],
        "2026-01-27T10:01:03.000Z"
    );
}

#[tokio::test]
async fn a_reauth_token_works_once_and_for_ten_minutes() {
    let mono = Mono::start().await;
    let id = mono.linked().await;
    let token = || async {
        mono.post(&format!("/accounts/{id}/reauthorise"), json!({}))
            .await
            .body["token"]
            .clone()
    };
    let good = token().await;
    let first = open(&mono, json!({ "reauth_token": good })).await;
    let visit = first["visit"].as_str().unwrap();
    assert_eq!(log_in(&mono, visit, "samuel.olamide").await["step"], "done");
    assert_eq!(
        open(&mono, json!({ "reauth_token": good })).await["type"],
        "REFUSED"
    );

    let late = token().await;
    let opened = open(&mono, json!({ "reauth_token": late })).await;
    mono.sim.advance(Duration::from_mins(10)).await;
    let visit = opened["visit"].as_str().unwrap();
    assert_eq!(
        log_in(&mono, visit, "samuel.olamide").await["type"],
        "REFUSED"
    );
    assert_eq!(
        open(&mono, json!({ "reauth_token": late })).await["type"],
        "REFUSED"
    );
}

#[tokio::test]
async fn a_hosted_link_ends_at_its_redirect() {
    let mono = Mono::start().await;
    let body = json!({
        "scope": "auth",
        "customer": { "name": "Ada", "email": "ada@example.com" },
        "meta": { "ref": "99008877TEST" },
        "redirect_url": "https://shop.example/done?a=1",
        "institution": { "id": "5f2d08be60b92e2888287702", "account_number": "0131883461" },
        "check_account_match": true,
    });
    let data = mono.post("/v2/accounts/initiate", body).await.body["data"].clone();
    let link = data["mono_url"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    let page = client()
        .get(data["mono_url"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert!(page.text().await.unwrap().contains("widget.js"));

    let first = step(&mono, "visits", json!({ "link": link })).await;
    assert_eq!(first["step"], "login");
    let visit = first["visit"].as_str().unwrap();
    log_in(&mono, visit, "samuel.olamide").await;
    let place = format!("visits/{visit}/account");
    let done = step(&mono, &place, json!({ "account": "0131883461" })).await;
    let redirect = done["redirect"].as_str().unwrap();
    assert!(
        redirect.starts_with("https://shop.example/done?a=1&status=linked&"),
        "{redirect}"
    );
    let state = mono.sim.state();
    assert_eq!(state["accounts"][0]["ref"], "99008877TEST");
    assert_eq!(state["accounts"][0]["customer"], data["customer"]);
    mono.sim.advance(Duration::from_secs(3)).await;
    let updated = &mono.sim.deliveries()[1].payload;
    assert_eq!(updated["data"]["account"]["account_match"], true);

    let second = step(&mono, "visits", json!({ "link": link })).await;
    let place = format!("visits/{}/cancel", second["visit"].as_str().unwrap());
    let left = step(&mono, &place, json!({})).await;
    let expected = "https://shop.example/done?a=1&status=cancelled&reason=widget_closed";
    assert_eq!(left["redirect"], expected);
}

#[tokio::test]
async fn the_script_and_the_pages_are_served() {
    let mono = Mono::start().await;
    for (path, needle) in [
        ("/connect.js", "window.Connect = Connect"),
        ("/?key=test_pk_simulator", "/_widget/widget.js"),
        ("/widget?key=test_pk_simulator", "/_widget/widget.js"),
        ("/_widget/widget.js", "mono.connect.widget.account_linked"),
        ("/_widget/widget.css", ".card"),
        ("/", "/_sim/state"),
    ] {
        let answer = client()
            .get(format!("{}{path}", mono.sim.base_url()))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert!(answer.text().await.unwrap().contains(needle), "{path}");
    }
}
