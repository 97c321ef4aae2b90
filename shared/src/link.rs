//! Linking an account: what a page asks for and what the widget is opened with.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::{CustomerId, InstitutionId, Reference};
use crate::open_enum::open_enum;
use crate::openapi::schema;

open_enum! {
    /// How a user logs in at a bank.
    pub enum AuthMethod (to_ascii_lowercase) {
        /// The bank's website.
        InternetBanking = "internet_banking",
        /// The bank's app or USSD.
        MobileBanking = "mobile_banking",
    }
}

/// Body of `POST /api/link-sessions`. Everything is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct LinkSessionRequest {
    /// Whose account it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Customer>,
    /// Open this bank's login page right away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub institution: Option<SelectedInstitution>,
    /// What the user agreed to; stored with time and user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
}

/// The person whose account is linked: known to Mono by `id`, or told by `name` and `email`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    feature = "ts",
    derive(tsify::Tsify),
    tsify(type = "{ id: string } | { name: string; email: string }")
)]
pub struct Customer {
    /// Mono's customer id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<CustomerId>,
    /// Full name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// Either of two shapes, which one structure cannot say.
#[cfg(feature = "openapi")]
mod customer_schema {
    use std::borrow::Cow;

    use utoipa::openapi::schema::AdditionalProperties;
    use utoipa::openapi::{ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, Type};
    use utoipa::{PartialSchema, ToSchema};

    use super::{Customer, CustomerId, PLAIN_TEXT};

    fn shape() -> ObjectBuilder {
        let closed = AdditionalProperties::FreeForm(false);
        ObjectBuilder::new().additional_properties(Some(closed))
    }

    fn nothing() -> ObjectBuilder {
        ObjectBuilder::new().schema_type(Type::Null)
    }

    fn text() -> ObjectBuilder {
        ObjectBuilder::new().schema_type(Type::String)
    }

    impl PartialSchema for Customer {
        fn schema() -> RefOr<Schema> {
            let known = shape()
                .description(Some("Known to Mono by `id`."))
                .property("id", Ref::from_schema_name(CustomerId::name()))
                .required("id")
                .property("name", nothing())
                .property("email", nothing());
            let name = text().max_length(Some(200)).pattern(Some(PLAIN_TEXT));
            let email = text().max_length(Some(254)).pattern(Some(
                r"^[^\s@\u0000-\u001F\u007F-\u009F]+@[^\s@\u0000-\u001F\u007F-\u009F]+$",
            ));
            let told = shape()
                .description(Some("Told by `name` and `email`."))
                .property("name", name.description(Some("Full name.")))
                .required("name")
                .property("email", email.description(Some("E-mail address.")))
                .required("email")
                .property("id", nothing());
            OneOfBuilder::new()
                .description(Some("The person whose account is linked."))
                .item(known)
                .item(told)
                .into()
        }
    }

    impl ToSchema for Customer {
        fn name() -> Cow<'static, str> {
            Cow::Borrowed("Customer")
        }

        fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
            schemas.push((CustomerId::name().into_owned(), CustomerId::schema()));
        }
    }
}

/// Something to read, without control characters.
#[cfg(feature = "openapi")]
const PLAIN_TEXT: &str = r"^(?=.*\S)[^\u0000-\u001F\u007F-\u009F]+$";

// A name and an e-mail address do not belong into a log.
impl core::fmt::Debug for Customer {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("Customer")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The bank to open the widget at.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct SelectedInstitution {
    /// Mono's id of the bank.
    pub id: InstitutionId,
    /// How the user logs in there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_method: Option<AuthMethod>,
    /// The account number to match.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9]{1,34}$"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_number: Option<String>,
}

// The account number does not belong into a log.
impl core::fmt::Debug for SelectedInstitution {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("SelectedInstitution")
            .field("id", &self.id)
            .field("auth_method", &self.auth_method)
            .finish_non_exhaustive()
    }
}

/// What the user agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct Consent {
    /// The site's own name of the text, for instance `2026-01`.
    #[cfg_attr(
        feature = "openapi",
        schema(
            max_length = 64,
            pattern = "^(?=.*\\S)[^\\u0000-\\u001F\\u007F-\\u009F]+$"
        )
    )]
    pub version: String,
    /// SHA-256 of the text that was shown, in hex.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9A-Fa-f]{64}$"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_sha256: Option<String>,
    /// What the data is used for.
    #[cfg_attr(
        feature = "openapi",
        schema(
            max_length = 500,
            pattern = "^(?=.*\\S)[^\\u0000-\\u001F\\u007F-\\u009F]+$"
        )
    )]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
}

/// One attempt to link an account, good for one exchange within its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct LinkSession {
    /// Names the attempt; sent back with the code.
    pub reference: Reference,
    /// After this the reference is refused.
    #[cfg_attr(feature = "ts", tsify(type = "string"))]
    pub expires_at: Timestamp,
    /// What to open the widget with.
    pub widget: WidgetOptions,
}

/// The widget's configuration, in the spelling of `@mono.co/connect.js`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct WidgetOptions {
    /// Mono's public key.
    pub key: String,
    /// Always `auth`: link an account.
    pub scope: WidgetScope,
    /// Echoed in every event of the widget.
    pub reference: Reference,
    /// Whose account it is.
    pub data: WidgetData,
    /// The bank to open at.
    #[serde(
        rename = "selectedInstitution",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub selected_institution: Option<SelectedInstitution>,
}

/// What the widget is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub enum WidgetScope {
    /// To link an account.
    Auth,
}

/// The `data` of the widget's configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct WidgetData {
    /// Whose account it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub customer: Option<Customer>,
}

/// The widget's temporary code: works once, within ten minutes (seeds 003, 004).
///
/// Whoever has it can attach the account, so it never prints itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(type = "string"))]
pub struct ExchangeCode(String);

/// Why a text is not a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 256 visible ASCII characters")]
pub struct InvalidCode;

impl ExchangeCode {
    /// The code itself, to be sent to Mono and nowhere else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ExchangeCode {
    type Error = InvalidCode;

    fn try_from(text: String) -> Result<Self, InvalidCode> {
        if text.is_empty() || text.len() > 256 || !text.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(InvalidCode);
        }
        Ok(Self(text))
    }
}

impl From<ExchangeCode> for String {
    fn from(code: ExchangeCode) -> Self {
        code.0
    }
}

schema!(
    ExchangeCode,
    crate::openapi::text(
        "The widget's temporary code: works once, within ten minutes.",
        "^[!-~]+$",
        256
    )
);

impl core::fmt::Debug for ExchangeCode {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("[redacted]")
    }
}

/// Body of `POST /api/accounts`: what the widget gave, and for which link session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct ExchangeRequest {
    /// The widget's code.
    pub code: ExchangeCode,
    /// The link session's reference.
    pub reference: Reference,
}
