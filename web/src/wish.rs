//! What a page can wish for when it links: the fields that the proxy knows.
//!
//! The shapes are those of the shared package. Their names stand here once more because the module
//! hands the page's objects through and decodes none, which would make it larger by a third.

/// Fields of `customer`.
pub const CUSTOMER: &[&str] = &["id", "name", "email"];
/// Fields of `institution`.
pub const INSTITUTION: &[&str] = &["id", "auth_method", "account_number"];
/// Fields of `consent`.
pub const CONSENT: &[&str] = &["version", "text_sha256", "purpose"];

#[cfg(test)]
mod tests {
    use mono_connect_shared::id::{CustomerId, InstitutionId};
    use mono_connect_shared::link::{
        AuthMethod, Consent, Customer, LinkSessionRequest, SelectedInstitution,
    };
    use serde_json::{Value, to_value};

    use super::*;

    fn names(value: &Value) -> Vec<&str> {
        let fields = value.as_object().unwrap();
        let mut names: Vec<_> = fields.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    fn sorted<'a>(names: &[&'a str]) -> Vec<&'a str> {
        let mut names = names.to_vec();
        names.sort_unstable();
        names
    }

    #[test]
    fn the_fields_are_those_that_the_proxy_takes() {
        let text = || Some(String::from("x"));
        // Every field by name: one that is new does not compile until it is added here.
        let all = LinkSessionRequest {
            customer: Some(Customer {
                id: CustomerId::try_from(String::from("x")).ok(),
                name: text(),
                email: text(),
            }),
            institution: Some(SelectedInstitution {
                id: InstitutionId::try_from(String::from("x")).unwrap(),
                auth_method: Some(AuthMethod::MobileBanking),
                account_number: text(),
            }),
            consent: Some(Consent {
                version: String::from("x"),
                text_sha256: text(),
                purpose: text(),
            }),
        };
        let body = to_value(all).unwrap();
        assert_eq!(names(&body), ["consent", "customer", "institution"]);
        assert_eq!(names(&body["customer"]), sorted(CUSTOMER));
        assert_eq!(names(&body["institution"]), sorted(INSTITUTION));
        assert_eq!(names(&body["consent"]), sorted(CONSENT));
    }
}
