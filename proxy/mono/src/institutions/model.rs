//! What Mono says about a bank.

use url::Url;

/// The banks whose accounts can be linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Institutions {
    /// Those that could be read, in Mono's order.
    pub institutions: Vec<LinkableInstitution>,
    /// How many could not be read and are left out.
    pub skipped: usize,
}

/// A bank whose accounts can be linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkableInstitution {
    /// What a link names it by.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `PERSONAL_BANKING`, `BUSINESS_BANKING` or as it came.
    pub kind: Option<String>,
    /// Where its picture is, over https.
    pub icon: Option<Url>,
    /// The country's code, `ng` or as it came.
    pub country: Option<String>,
    /// How its users log in: `internet_banking`, `mobile_banking` or as it came.
    pub auth_methods: Vec<String>,
}
