//! What a page must know before it can link an account.

use serde::{Deserialize, Serialize};

use crate::openapi::schema;

/// Answer of `GET /api/config`. Public: nothing in it is a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct PublicConfig {
    /// Mono's public key, for the widget.
    pub public_key: String,
    /// Which of Mono's environments the keys belong to.
    pub environment: Environment,
    /// Which generation of Mono's API the proxy speaks.
    pub api_generation: ApiGeneration,
    /// What the widget is given to re-authorise an account.
    pub reauthorise: ReauthoriseMethod,
    /// Where the widget comes from.
    pub widget: WidgetSource,
}

/// Where the widget's script and messages come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct WidgetSource {
    /// The script to load when the page brings no `Connect` of its own.
    pub script_url: String,
    /// The only origins that the widget's messages may come from.
    pub origins: Vec<String>,
}

macro_rules! words {
    ($(#[doc = $doc:literal])* $name:ident { $( $(#[$variant_doc:meta])* $variant:ident = $word:literal, )+ }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "ts", derive(tsify::Tsify))]
        pub enum $name {
            $( $(#[$variant_doc])* #[serde(rename = $word)] $variant, )+
        }

        impl $name {
            /// Every word, in the order of the documentation.
            pub const ALL: &[Self] = &[$( Self::$variant, )+];

            /// The word on the wire and in the configuration.
            pub fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $word, )+
                }
            }
        }

        schema!(
            $name,
            crate::openapi::words(concat!($($doc),*), &[$( $word, )+])
        );
    };
}

words! {
    /// Which of Mono's environments a key belongs to.
    Environment {
        /// Sandbox: `test_…` keys.
        Test = "test",
        /// Real banks: `live_…` keys.
        Live = "live",
    }
}

words! {
    /// The two generations of Mono's API.
    ApiGeneration {
        /// Under `/v2/`, since 2024.
        V2 = "v2",
        /// The unversioned paths of 2020.
        V1 = "v1",
    }
}

words! {
    /// What the widget is given to re-authorise an account.
    ReauthoriseMethod {
        /// A token of ten minutes, for connect.js up to 2.0.2.
        Token = "token",
        /// The account's id, for connect.js since 2.1.0.
        AccountId = "account_id",
        /// A page of Mono's that the user is sent to.
        HostedLink = "hosted_link",
    }
}
