//! One cookie among all that a browser sends.

use axum::http::{HeaderMap, header};

/// What a request holds of something that it should hold once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Found<'h> {
    /// Nothing.
    None,
    /// This value.
    One(&'h str),
    /// Two of them, one of which was planted and we cannot know which; or no text.
    Unusable,
}

/// Looks for the cookie of this name. By bytes: another cookie of the site's may hold anything, and
/// must not hide ours.
pub(super) fn find<'h>(headers: &'h HeaderMap, name: &str) -> Found<'h> {
    let mut values = headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|header| header.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| pair.trim_ascii().strip_prefix(name.as_bytes()))
        .filter_map(|rest| rest.strip_prefix(b"="));
    match (values.next(), values.next()) {
        (None, _) => Found::None,
        (Some(value), None) => std::str::from_utf8(value).map_or(Found::Unusable, Found::One),
        (Some(_), Some(_)) => Found::Unusable,
    }
}
