//! Visits of the widget: which bank, which user, which account.
//! State only; the steps of a visit are the `widget`'s.

use std::collections::BTreeMap;

use super::customer::CustomerRef;
use super::hosted::Scope;
use super::institution::Institution;

/// The bank users who have the widget open.
pub(crate) type Visits = BTreeMap<String, Visit>;

/// One of them.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) scope: Scope,
    pub(crate) customer: Option<CustomerRef>,
    pub(crate) reference: Option<String>,
    pub(crate) match_number: Option<String>,
    /// The account to re-authorise.
    pub(crate) account: Option<String>,
    pub(crate) reauth_token: Option<String>,
    /// The hosted link that was followed, and where its redirect goes.
    pub(crate) hosted: bool,
    pub(crate) redirect_url: Option<String>,
    pub(crate) institution: Option<&'static Institution>,
    pub(crate) auth_method: Option<String>,
    pub(crate) user: Option<usize>,
    pub(crate) otp_passed: bool,
}
