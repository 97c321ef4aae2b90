//! The banks whose accounts can be linked.

use serde::{Deserialize, Serialize};

use crate::id::InstitutionId;
use crate::link::AuthMethod;

/// Answer of `GET /api/institutions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct Institutions {
    /// In Mono's order.
    pub institutions: Vec<LinkableInstitution>,
    /// How many made no sense and were left out.
    pub skipped: u32,
}

/// A bank whose accounts can be linked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct LinkableInstitution {
    /// What a link names it by.
    pub id: InstitutionId,
    /// For instance `GTBank`.
    pub name: String,
    /// `PERSONAL_BANKING`, `BUSINESS_BANKING`, …
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Where its picture is; an https address.
    pub icon: Option<String>,
    /// For instance `ng`.
    pub country: Option<String>,
    /// How its users log in.
    pub auth_methods: Vec<AuthMethod>,
}
