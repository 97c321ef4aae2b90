//! What the widget's page asks: JSON in, the next step out.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::steps::Mistake;
use crate::engine::App;
use crate::world::{CustomerRef, Refusal, Scope, Visit, World, find_institution};

/// The query of the widget's address as it came, plus the id of a hosted link.
#[derive(Debug, Deserialize)]
pub(super) struct Opening {
    key: Option<String>,
    scope: Option<String>,
    reference: Option<String>,
    data: Option<String>,
    #[serde(rename = "selectedInstitution")]
    selected_institution: Option<String>,
    account_number: Option<String>,
    check_account_match: Option<String>,
    reauth_token: Option<String>,
    link: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct InstitutionChoice {
    institution: String,
    auth_method: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Credentials {
    username: String,
    password: String,
    auth_method: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct OneTimePassword {
    otp: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct AccountChoice {
    account: String,
}

pub(super) async fn open(State(app): State<App>, Json(opening): Json<Opening>) -> Response {
    answer(app.change(|world| {
        let visit = match &opening.link {
            Some(link) => hosted_visit(world, link)?,
            None => opening.visit(world)?,
        };
        world.open_visit(visit)
    }))
}

pub(super) async fn choose_institution(
    State(app): State<App>,
    Path(visit): Path<String>,
    Json(choice): Json<InstitutionChoice>,
) -> Response {
    answer(
        app.change(|world| {
            world.choose_institution(&visit, &choice.institution, choice.auth_method)
        }),
    )
}

pub(super) async fn log_in(
    State(app): State<App>,
    Path(visit): Path<String>,
    Json(credentials): Json<Credentials>,
) -> Response {
    let Credentials {
        username,
        password,
        auth_method,
    } = credentials;
    answer(app.change(|world| world.log_in(&visit, &username, &password, auth_method)))
}

pub(super) async fn confirm_otp(
    State(app): State<App>,
    Path(visit): Path<String>,
    Json(given): Json<OneTimePassword>,
) -> Response {
    answer(app.change(|world| world.confirm_otp(&visit, &given.otp)))
}

pub(super) async fn choose_account(
    State(app): State<App>,
    Path(visit): Path<String>,
    Json(choice): Json<AccountChoice>,
) -> Response {
    answer(app.change(|world| world.choose_account(&visit, &choice.account)))
}

pub(super) async fn cancel(State(app): State<App>, Path(visit): Path<String>) -> Response {
    Json(app.change(|world| world.cancel_visit(&visit))).into_response()
}

fn answer(step: Result<Value, Mistake>) -> Response {
    match step {
        Ok(step) => Json(step).into_response(),
        // 200 as well: a browser would write anything else into the page's console.
        Err(mistake) => {
            let body = json!({ "error": mistake.to_string(), "type": mistake.kind() });
            Json(body).into_response()
        }
    }
}

impl Opening {
    fn visit(&self, world: &mut World) -> Result<Visit, Mistake> {
        if self.key.as_deref() != Some(world.identity.public_key.as_str()) {
            return Err(Mistake::InvalidKey);
        }
        if self.scope.as_deref() == Some("payments") {
            return Err(Mistake::Unsupported);
        }
        let data = json_in(self.data.as_deref());
        let account = match (&self.reauth_token, data["account"].as_str()) {
            (Some(token), _) => Some(world.account_of_token(token)?),
            (None, Some(account)) => Some(world.account(account)?.id.clone()),
            (None, None) => None,
        };
        let customer: Option<CustomerRef> = serde_json::from_value(data["customer"].clone())
            .ok()
            .flatten();
        if let Some(id) = customer.as_ref().and_then(|customer| customer.id.as_ref()) {
            world.customers.get(id).ok_or(Refusal::UnknownCustomer)?;
        }
        let in_data = data["meta"]["ref"].as_str().or(data["ref"].as_str());
        let reference = self
            .reference
            .as_deref()
            .filter(|r| *r != "undefined")
            .or(in_data);
        let selected = json_in(self.selected_institution.as_deref());
        let mut visit = visit(world, account, &selected)?;
        visit.customer = customer;
        visit.reference = reference.map(str::to_owned);
        visit.reauth_token.clone_from(&self.reauth_token);
        if self.check_account_match.as_deref() == Some("true") {
            let beside = self.account_number.as_deref();
            let wanted = selected["account_number"].as_str().or(beside);
            visit.match_number = wanted.map(str::to_owned);
        }
        Ok(visit)
    }
}

fn hosted_visit(world: &mut World, link: &str) -> Result<Visit, Mistake> {
    let link = world.hosted_link(link)?.clone();
    let selected = link.selected_institution.unwrap_or_default();
    let mut visit = visit(world, link.account, &selected)?;
    visit.scope = link.scope;
    visit.customer = Some(CustomerRef {
        id: Some(link.customer),
        ..CustomerRef::default()
    });
    visit.reference = link.reference;
    visit.hosted = true;
    visit.redirect_url = link.redirect_url;
    if link.check_account_match {
        visit.match_number = selected["account_number"].as_str().map(str::to_owned);
    }
    Ok(visit)
}

/// A visit to re-authorise `account`, or to link one, perhaps at a given institution.
fn visit(world: &World, account: Option<String>, selected: &Value) -> Result<Visit, Mistake> {
    let (institution, method) = if let Some(id) = &account {
        let linked = world.account(id)?;
        (
            Some(world.bank_account(linked).institution),
            Some(linked.auth_method.clone()),
        )
    } else {
        let institution = selected["id"].as_str().and_then(find_institution);
        (
            institution,
            selected["auth_method"].as_str().map(str::to_owned),
        )
    };
    Ok(Visit {
        scope: if account.is_some() {
            Scope::Reauth
        } else {
            Scope::Auth
        },
        customer: None,
        reference: None,
        match_number: None,
        account,
        reauth_token: None,
        hosted: false,
        redirect_url: None,
        institution,
        auth_method: method,
        user: None,
        otp_passed: false,
    })
}

/// The JSON in a query parameter; `null` when there is none or it is no JSON.
fn json_in(text: Option<&str>) -> Value {
    text.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}
