//! `POST /api/link-sessions`: begins to link an account.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use mono_connect_shared::link::{Customer, LinkSession, LinkSessionRequest};
use mono_connect_shared::problem::FieldError;

use super::body::Json;
use super::caller::{CallerOrNobody, NewSession};
use super::error::ApiError;
use super::state::AppState;

/// Begins to link an account.
///
/// The answer holds what the widget is opened with. Its reference is good for one exchange, for half an
/// hour. Where visitors are anonymous and there is no session yet, one begins.
#[utoipa::path(
    post,
    path = "/link-sessions",
    operation_id = "start_link",
    tag = "Linking",
    request_body(content = LinkSessionRequest),
    responses(
        (status = 201, description = "The attempt to link an account; a new session comes with `set-cookie`.", body = LinkSession),
    ),
    security((), ("session" = []), ("login" = [])),
)]
pub(super) async fn create(
    State(state): State<AppState>,
    CallerOrNobody(user): CallerOrNobody,
    Json(request): Json<LinkSessionRequest>,
) -> Result<Response, ApiError> {
    check(&request)?;
    let Some(user) = user else {
        let NewSession { user, set_cookie } = state
            .callers
            .welcome(state.random.as_ref(), state.clock.now())?;
        let session = state.accounts.start_link(&user, request).await?;
        let headers = [(header::SET_COOKIE, set_cookie)];
        return Ok((StatusCode::CREATED, headers, axum::Json(session)).into_response());
    };
    let session = state.accounts.start_link(&user, request).await?;
    Ok((StatusCode::CREATED, axum::Json(session)).into_response())
}

/// What the types cannot say. The widget would fail on it later, in words that nobody understands.
fn check(request: &LinkSessionRequest) -> Result<(), ApiError> {
    let mut errors = Errors::default();
    if let Some(customer) = &request.customer {
        check_customer(customer, &mut errors);
    }
    if let Some(institution) = &request.institution
        && let Some(number) = &institution.account_number
    {
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        errors.unless(
            digits && (1..=34).contains(&number.len()),
            "institution.account_number",
            "must be 1 to 34 digits",
        );
    }
    if let Some(consent) = &request.consent {
        errors.text("consent.version", &consent.version, 64);
        if let Some(purpose) = &consent.purpose {
            errors.text("consent.purpose", purpose, 500);
        }
        if let Some(digest) = &consent.text_sha256 {
            let is_digest =
                digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
            errors.unless(is_digest, "consent.text_sha256", "must be 64 hex digits");
        }
    }
    errors.finish()
}

fn check_customer(customer: &Customer, errors: &mut Errors) {
    match (&customer.id, &customer.name, &customer.email) {
        (Some(_), None, None) => {}
        (None, Some(name), Some(email)) => {
            errors.text("customer.name", name, 200);
            let is_email = email.len() <= 254
                && !email.chars().any(|c| c.is_whitespace() || c.is_control())
                && email.split_once('@').is_some_and(|(local, domain)| {
                    !local.is_empty() && !domain.is_empty() && !domain.contains('@')
                });
            errors.unless(is_email, "customer.email", "must be an e-mail address");
        }
        (None, None, _) => errors.unless(false, "customer.name", "is missing"),
        (None, Some(_), None) => errors.unless(false, "customer.email", "is missing"),
        (Some(_), ..) => errors.unless(
            false,
            "customer",
            "must hold either `id`, or `name` and `email`",
        ),
    }
}

#[derive(Default)]
struct Errors(Vec<FieldError>);

impl Errors {
    fn unless(&mut self, good: bool, field: &str, message: &str) {
        if !good {
            self.0.push(FieldError {
                field: field.to_owned(),
                message: message.to_owned(),
            });
        }
    }

    fn text(&mut self, field: &str, value: &str, maximum: usize) {
        let good = !value.trim().is_empty()
            && value.chars().count() <= maximum
            && !value.chars().any(char::is_control);
        self.unless(good, field, &format!("must be 1 to {maximum} characters"));
    }

    fn finish(self) -> Result<(), ApiError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(ApiError::invalid_fields(self.0))
        }
    }
}
