//! Enums whose words are Mono's: known ones are variants, later ones are kept as they came.

/// Declares an open enum: `Other` holds a word that this version does not know.
///
/// Words are compared without regard to case, because Mono changed theirs over the years, and are
/// always written in the declared spelling. An unknown word is written as it came, in upper or
/// lower case as the known ones are.
macro_rules! open_enum {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident ($case:ident) {
            $( $(#[$variant_doc:meta])* $variant:ident = $word:literal, )+
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$variant_doc])* $variant, )+
            /// A word of Mono's that this version does not know.
            Other(String),
        }

        impl $name {
            /// The word on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $word, )+
                    Self::Other(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                let word = word.trim();
                $( if word.eq_ignore_ascii_case($word) { return Self::$variant; } )+
                Self::Other(word.$case())
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Ok(Self::from(word.as_ref()))
            }
        }

        crate::openapi::schema!(
            $name,
            crate::openapi::open_words(concat!($($doc),*), &[$($word),+])
        );

        #[cfg(feature = "ts")]
        const _: () = {
            use wasm_bindgen::prelude::wasm_bindgen;
            // `string & {}` keeps the known words in an editor's completion list.
            #[wasm_bindgen(typescript_custom_section)]
            const TYPESCRIPT: &str = concat!(
                "/**\n", $( " *", $doc, "\n", )* " */\n",
                "export type ", stringify!($name), " = ",
                $( "\"", $word, "\" | ", )+
                "(string & {});"
            );
        };
    };
}

pub(crate) use open_enum;
