//! `POST /v2/accounts/initiate`: a hosted page for linking or re-authorising.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::answer::{enveloped, refused};
use crate::clock::iso;
use crate::world::{CustomerRef, HostedLink, Refusal, Scope, World, find_institution};

#[derive(Debug, Deserialize)]
pub(super) struct Body {
    scope: Option<String>,
    customer: Option<CustomerRef>,
    account: Option<String>,
    meta: Option<Meta>,
    redirect_url: Option<String>,
    institution: Option<Value>,
    #[serde(default)]
    check_account_match: bool,
}

#[derive(Debug, Deserialize)]
struct Meta {
    #[serde(rename = "ref")]
    reference: Option<String>,
}

type Wrong = Vec<(&'static str, &'static str)>;

pub(super) async fn v2(
    State(app): State<App>,
    body: Result<Json<Body>, JsonRejection>,
) -> Response {
    let initiated = initiate(&app, body.ok());
    match initiated {
        Ok(body) => Json(body).into_response(),
        Err(refusal) => refused(&app, &refusal),
    }
}

fn initiate(app: &App, body: Option<Json<Body>>) -> Result<Value, Refusal> {
    let Some(Json(body)) = body else {
        return Err(Refusal::InvalidFields(vec![(
            "body",
            "must be a JSON object",
        )]));
    };
    let wrong = body.wrong_fields();
    if !wrong.is_empty() {
        return Err(Refusal::InvalidFields(wrong));
    }
    app.change(|world| match body.scope.as_deref() {
        Some("reauth") => reauth(world, &body),
        _ => auth(world, body),
    })
}

impl Body {
    fn wrong_fields(&self) -> Wrong {
        let mut wrong = Wrong::new();
        let customer = self.customer.as_ref();
        match self.scope.as_deref() {
            Some("auth") => {
                if customer.is_none_or(|c| c.id.is_none() && c.name.is_none()) {
                    wrong.push(("customer.name", "customer.name is required"));
                }
                if customer.is_none_or(|c| c.id.is_none() && c.email.is_none()) {
                    wrong.push(("customer.email", "customer.email is required"));
                }
                if self.redirect_url.is_none() {
                    wrong.push(("redirect_url", "redirect_url is required"));
                }
            }
            Some("reauth") if self.account.is_none() => {
                wrong.push(("account", "account is required"));
            }
            Some("reauth") => {}
            _ => wrong.push(("scope", "scope must be one of auth, reauth")),
        }
        if self
            .redirect_url
            .as_ref()
            .is_some_and(|text| url::Url::parse(text).is_err())
        {
            wrong.push(("redirect_url", "redirect_url must be a valid url"));
        }
        wrong
    }

    fn reference(&self) -> Option<String> {
        self.meta.as_ref().and_then(|meta| meta.reference.clone())
    }
}

fn auth(world: &mut World, body: Body) -> Result<Value, Refusal> {
    if let Some(id) = body.institution.as_ref().and_then(|i| i["id"].as_str()) {
        find_institution(id).ok_or_else(|| Refusal::UnknownInstitution(id.to_owned()))?;
    }
    let reference = body.reference();
    let customer = world.customer(&body.customer.unwrap_or_default())?;
    let now = world.now();
    let url = world.host(HostedLink {
        scope: Scope::Auth,
        customer: customer.clone(),
        account: None,
        reference: reference.clone(),
        redirect_url: body.redirect_url.clone(),
        selected_institution: body.institution,
        check_account_match: body.check_account_match,
        created_at: now,
    });
    let data = json!({
        "mono_url": url,
        "customer": customer,
        "meta": meta(reference),
        "scope": "auth",
        "redirect_url": body.redirect_url,
        "created_at": iso(now),
    });
    Ok(enveloped(now, "Request was successfully completed", data))
}

fn reauth(world: &mut World, body: &Body) -> Result<Value, Refusal> {
    let reference = body.reference();
    let account = world
        .account(body.account.as_deref().unwrap_or_default())?
        .clone();
    let institution = world.bank_account(&account).institution.id;
    let now = world.now();
    let url = world.host(HostedLink {
        scope: Scope::Reauth,
        customer: account.customer.clone(),
        account: Some(account.id.clone()),
        reference: reference.clone(),
        redirect_url: body.redirect_url.clone(),
        selected_institution: None,
        check_account_match: false,
        created_at: now,
    });
    let data = json!({
        "mono_url": url,
        "customer": account.customer,
        "account": account.id,
        "meta": meta(reference),
        "scope": "reauth",
        "institution": institution,
        "auth_method": account.auth_method,
        "redirect_url": body.redirect_url,
        "created_at": iso(now),
    });
    Ok(enveloped(now, "Request was successfully completed", data))
}

fn meta(reference: Option<String>) -> Value {
    reference.map_or_else(|| json!({}), |reference| json!({ "ref": reference }))
}
