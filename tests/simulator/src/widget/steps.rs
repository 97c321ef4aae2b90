//! The steps of a visit: the bank, the login, the account, the end.
//! Each returns what the page shows next; what is known of a visit is kept in `world`.

use serde_json::{Value, json};
use thiserror::Error;

use crate::random::{MIXED, word};
use crate::world::{
    BankAccount, INSTITUTIONS, Institution, LinkRequest, OTP, PASSWORD, Refusal, Scope, Visit,
    World, find_institution,
};

/// What the page tells the bank user; the word goes into the error event.
#[derive(Debug, Error)]
pub(super) enum Mistake {
    #[error("Your username or password is not correct.")]
    InvalidCredentials,
    #[error("The one-time password is not correct.")]
    InvalidOtp,
    #[error("These details do not belong to the account that is being re-authorised.")]
    OtherUser,
    #[error("This step is not possible now. Please start again.")]
    OutOfOrder,
    #[error("This application could not be verified: the public key is not known.")]
    InvalidKey,
    #[error("The simulator does not do payments.")]
    Unsupported,
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Mistake {
    /// `errorType` of the event.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::InvalidCredentials => "INVALID_CREDENTIALS",
            Self::InvalidOtp => "INVALID_OTP",
            Self::OtherUser => "ACCOUNT_MISMATCH",
            Self::OutOfOrder => "OUT_OF_ORDER",
            Self::InvalidKey => "INVALID_PUBLIC_KEY",
            Self::Unsupported => "UNSUPPORTED_SCOPE",
            Self::Refused(_) => "REFUSED",
        }
    }
}

type Step = Result<Value, Mistake>;

impl World {
    /// Opens a visit; with a known bank it starts at the login.
    pub(super) fn open_visit(&mut self, visit: Visit) -> Step {
        let id = format!("visit_{}", word(&mut self.ids, MIXED, 24));
        let known = visit.institution.is_some();
        self.visits.insert(id.clone(), visit);
        if known {
            self.show_login(&id)
        } else {
            self.show_institutions(&id)
        }
    }

    pub(super) fn choose_institution(
        &mut self,
        id: &str,
        institution: &str,
        auth_method: Option<String>,
    ) -> Step {
        let found = find_institution(institution)
            .ok_or_else(|| Refusal::UnknownInstitution(institution.to_owned()))?;
        let visit = self.visit_mut(id)?;
        if visit.scope == Scope::Reauth {
            return Err(Mistake::OutOfOrder);
        }
        visit.institution = Some(found);
        visit.auth_method = auth_method.filter(|m| found.auth_methods.contains(&m.as_str()));
        (visit.user, visit.otp_passed) = (None, false);
        self.show_login(id)
    }

    pub(super) fn log_in(
        &mut self,
        id: &str,
        username: &str,
        password: &str,
        auth_method: Option<String>,
    ) -> Step {
        let visit = self.visit(id)?;
        let institution = visit.institution.ok_or(Mistake::OutOfOrder)?;
        let user = self
            .banks
            .log_in(institution.id, username, password)
            .ok_or(Mistake::InvalidCredentials)?;
        if let Some(account) = &visit.account {
            let linked = self.account(account)?;
            if self.bank_account(linked).user != user {
                return Err(Mistake::OtherUser);
            }
        }
        let asks = self.asks_for_otp(institution);
        let visit = self.visit_mut(id)?;
        visit.user = Some(user);
        visit.otp_passed = !asks;
        visit.auth_method = auth_method
            .filter(|m| institution.auth_methods.contains(&m.as_str()))
            .or(visit.auth_method.take());
        if asks {
            self.show_otp(id)
        } else {
            self.after_login(id)
        }
    }

    pub(super) fn confirm_otp(&mut self, id: &str, otp: &str) -> Step {
        let visit = self.visit_mut(id)?;
        if visit.user.is_none() {
            return Err(Mistake::OutOfOrder);
        }
        if otp.trim() != OTP {
            return Err(Mistake::InvalidOtp);
        }
        visit.otp_passed = true;
        self.after_login(id)
    }

    /// Links the chosen account and ends the visit.
    pub(super) fn choose_account(&mut self, id: &str, number: &str) -> Step {
        let visit = self.visit(id)?.clone();
        let user = visit
            .user
            .filter(|_| visit.otp_passed)
            .ok_or(Mistake::OutOfOrder)?;
        if visit.scope == Scope::Reauth {
            return Err(Mistake::OutOfOrder);
        }
        let own = self.banks.accounts_of(user);
        let bank_account = own
            .into_iter()
            .find(|&a| self.banks.accounts[a].number == number)
            .ok_or_else(|| Refusal::UnknownBankAccount(number.to_owned()))?;
        let account = self.link(LinkRequest {
            bank_account,
            customer: visit.customer.clone(),
            reference: visit.reference.clone(),
            auth_method: visit.auth_method.clone(),
            generation: None,
            match_number: visit.match_number.clone(),
        })?;
        Ok(self.end_visit(id, &visit, &account))
    }

    /// The address to go back to when the user gives up; only hosted links have one.
    pub(super) fn cancel_visit(&mut self, id: &str) -> Value {
        let visit = self.visits.remove(id);
        let address = visit.and_then(|v| v.redirect_url);
        let redirect = address.map(|to| with_query(&to, &CANCELLED));
        json!({ "step": "closed", "redirect": redirect })
    }

    fn after_login(&mut self, id: &str) -> Step {
        let visit = self.visit(id)?.clone();
        let Some(account) = visit.account.clone() else {
            return self.show_accounts(id);
        };
        if let Some(token) = &visit.reauth_token {
            // It may have expired, or been used in another window, since the page was opened.
            self.account_of_token(token)?;
            self.use_token(token);
        }
        self.reauthorise(&account)?;
        Ok(self.end_visit(id, &visit, &account))
    }

    fn end_visit(&mut self, id: &str, visit: &Visit, account: &str) -> Value {
        let code = self.issue_code(account);
        self.visits.remove(id);
        let reauth = visit.scope == Scope::Reauth;
        let status = if reauth { "reauthorised" } else { "linked" };
        let mut query = vec![
            ("status", status),
            ("reason", "account_linked"),
            ("code", &code),
        ];
        if let Some(reference) = &visit.reference {
            query.push(("reference", reference));
        }
        let redirect = visit.redirect_url.as_ref().map(|to| with_query(to, &query));
        json!({
            "step": "done",
            "mode": mode(visit),
            "hosted": visit.hosted,
            "institution": visit.institution.map(badge),
            "code": code,
            "redirect": redirect,
        })
    }

    fn show_institutions(&self, id: &str) -> Step {
        let visit = self.visit(id)?;
        let all: Vec<Value> = INSTITUTIONS.iter().map(badge).collect();
        Ok(json!({ "visit": id, "step": "institutions", "mode": mode(visit), "institutions": all }))
    }

    fn show_login(&self, id: &str) -> Step {
        let visit = self.visit(id)?;
        let institution = visit.institution.ok_or(Mistake::OutOfOrder)?;
        let users = self
            .banks
            .users
            .iter()
            .filter(|u| u.institution == institution.id);
        let users: Vec<Value> = users
            .map(|user| json!({ "username": user.username, "name": user.full_name }))
            .collect();
        let method = visit
            .auth_method
            .as_deref()
            .unwrap_or(institution.auth_methods[0]);
        Ok(json!({
            "visit": id,
            "step": "login",
            "mode": mode(visit),
            "institution": badge(institution),
            "auth_method": method,
            "demo": { "users": users, "password": PASSWORD },
        }))
    }

    fn show_otp(&self, id: &str) -> Step {
        let visit = self.visit(id)?;
        Ok(json!({
            "visit": id,
            "step": "otp",
            "mode": mode(visit),
            "institution": visit.institution.map(badge),
            "demo": { "otp": OTP },
        }))
    }

    fn show_accounts(&self, id: &str) -> Step {
        let visit = self.visit(id)?;
        let user = visit.user.ok_or(Mistake::OutOfOrder)?;
        let accounts = self.banks.accounts_of(user).into_iter();
        let accounts: Vec<Value> = accounts.map(|a| choice(&self.banks.accounts[a])).collect();
        Ok(json!({
            "visit": id,
            "step": "accounts",
            "mode": mode(visit),
            "institution": visit.institution.map(badge),
            "accounts": accounts,
        }))
    }

    fn visit(&self, id: &str) -> Result<&Visit, Mistake> {
        self.visits.get(id).ok_or(Mistake::OutOfOrder)
    }

    fn visit_mut(&mut self, id: &str) -> Result<&mut Visit, Mistake> {
        self.visits.get_mut(id).ok_or(Mistake::OutOfOrder)
    }
}

const CANCELLED: [(&str, &str); 2] = [("status", "cancelled"), ("reason", "widget_closed")];

fn mode(visit: &Visit) -> &'static str {
    if visit.scope == Scope::Reauth {
        "reauth"
    } else {
        "link"
    }
}

fn badge(institution: &Institution) -> Value {
    json!({
        "id": institution.id,
        "name": institution.name,
        "identifier": institution.identifier,
        "color": institution.primary_color,
        "auth_methods": institution.auth_methods,
        "type": institution.kind,
    })
}

fn choice(account: &BankAccount) -> Value {
    json!({ "name": account.name, "number": account.number, "type": account.kind })
}

/// `address` with further query parameters; unchanged when it is none.
fn with_query(address: &str, query: &[(&str, &str)]) -> String {
    let Ok(mut url) = url::Url::parse(address) else {
        return address.to_owned();
    };
    url.query_pairs_mut().extend_pairs(query);
    url.into()
}
