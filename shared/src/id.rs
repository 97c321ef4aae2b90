//! Identifiers, each a type of its own that only holds what may stand in a path or a header.

use serde::{Deserialize, Serialize};

use crate::openapi::schema;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {max} characters of A-Z, a-z, 0-9 and {marks}")]
pub struct InvalidId {
    max: usize,
    marks: &'static str,
}

/// What an identifier may hold besides letters and digits.
const MARKS: &str = "_-";

/// What logins put into the names of their users besides: `ada@example.com`, `auth0|5f7c…`.
/// No `/` and no `%`: a path names users too.
const USER_MARKS: &str = "_-.@|:+=~";

fn check(text: &str, max: usize, marks: &'static str) -> Result<(), InvalidId> {
    // Bytes, because searching a text for a letter would make the browser module four kilobytes bigger.
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || marks.as_bytes().contains(&byte);
    // A dot alone means something else in a path, and so do two.
    let named = text.bytes().any(|byte| byte != b'.');
    if !named || text.len() > max || !text.bytes().all(allowed) {
        return Err(InvalidId { max, marks });
    }
    Ok(())
}

macro_rules! id {
    ($(#[doc = $doc:literal])* $name:ident, $max:literal, $marks:expr) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        #[cfg_attr(feature = "ts", derive(tsify::Tsify))]
        pub struct $name(String);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                check(&text, $max, $marks)?;
                Ok(Self(text))
            }
        }

        impl core::str::FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        schema!($name, {
            // A dot alone means something else in a path, and so do two.
            let dots = if $marks.contains('.') { "(?!\\.+$)" } else { "" };
            let pattern = format!("^{dots}[A-Za-z0-9{}]+$", $marks.replace('-', "\\-"));
            crate::openapi::text(concat!($($doc),*), &pattern, $max)
        });
    };
}

id! {
    /// Mono's id of a linked account. Permanent unless the account is unlinked; linking the same
    /// bank account again makes a new one.
    AccountId, 64, MARKS
}

id! {
    /// Ours: names one attempt to link or to re-authorise. Mono echoes it as `meta.ref`.
    Reference, 64, MARKS
}

id! {
    /// Who owns an account: an anonymous visitor's random id, or what the site's own login says.
    UserId, 128, USER_MARKS
}

id! {
    /// Mono's id of a background job, without the `jobs.accounts_` that older webhooks put before it.
    JobId, 64, MARKS
}

id! {
    /// Mono's id of a bank.
    InstitutionId, 64, MARKS
}

id! {
    /// Mono's id of a customer.
    CustomerId, 64, MARKS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_allow_list_passes() {
        for good in ["5f171a530295e231abca1153", "code_xyz", "a-b", "A"] {
            assert_eq!(good.parse::<AccountId>().unwrap().as_str(), good);
        }
        let long = "a".repeat(65);
        for bad in [
            "", "..", "a/b", "a%2fb", "a b", "a\n", "ä", "a?b", "a#b", "a;b", "\\", &long,
        ] {
            assert!(bad.parse::<AccountId>().is_err(), "{bad:?} must be refused");
            let json = serde_json::to_string(bad).unwrap();
            assert!(serde_json::from_str::<AccountId>(&json).is_err());
        }
    }
    #[test]
    fn a_user_may_have_the_name_that_the_login_gave() {
        for good in [
            "anon_x-Y",
            "ada@example.com",
            "auth0|5f7c8ec7",
            "oauth2:a+b=c~d",
            ".a",
        ] {
            assert_eq!(good.parse::<UserId>().unwrap().as_str(), good);
        }
        let long = "a".repeat(129);
        for bad in [
            "", ".", "..", "a/b", "a b", "a%2fb", "a\nb", "a,b", "ä", "a\0", &long,
        ] {
            assert!(bad.parse::<UserId>().is_err(), "{bad:?} must be refused");
        }
    }
}
