//! Schemas of the shapes that are texts with a meaning, for the document of the HTTP API.
//!
//! The other shapes derive theirs.

#[cfg(feature = "openapi")]
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

/// A text that matches the pattern.
#[cfg(feature = "openapi")]
pub(crate) fn text(description: &str, pattern: &str, longest: usize) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description.trim()))
        .pattern(Some(pattern))
        .min_length(Some(1))
        .max_length(Some(longest))
        .into()
}

/// One of these words. A derived schema does not see the words that a macro passes on to serde.
#[cfg(feature = "openapi")]
pub(crate) fn words(description: &str, known: &[&str]) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description.trim()))
        .enum_values(Some(known.iter().copied()))
        .into()
}

/// A word of an open set: these are known, and later ones are no error.
#[cfg(feature = "openapi")]
pub(crate) fn open_words(description: &str, known: &[&str]) -> RefOr<Schema> {
    let quoted: Vec<_> = known.iter().map(|word| format!("`{word}`")).collect();
    let description = format!(
        "{} Known words: {}. A later word of Mono's is passed on as it is: treat it as unknown, not \
         as an error.",
        description.trim(),
        quoted.join(", "),
    );
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
        .examples(known.iter().copied())
        .into()
}

/// Gives a type its schema by hand, under its own name.
macro_rules! schema {
    ($name:ident, $schema:expr) => {
        #[cfg(feature = "openapi")]
        const _: () = {
            impl utoipa::PartialSchema for $name {
                fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                    $schema
                }
            }

            impl utoipa::ToSchema for $name {
                fn name() -> std::borrow::Cow<'static, str> {
                    std::borrow::Cow::Borrowed(stringify!($name))
                }
            }
        };
    };
}

pub(crate) use schema;
