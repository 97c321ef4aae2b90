//! Which messages may reach the widget's code, and what may stand in the widget's address.
//!
//! Decides on plain values; who sent a message, and what the address is, is found out elsewhere.

use mono_connect_shared::config::ReauthoriseMethod;

/// What is known about a message that arrived at the page.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// The `type` of its data, where that is an object with such a text.
    pub kind: Option<&'a str>,
    /// The sender's origin; empty for an event that a script made.
    pub origin: &'a str,
    /// Whether the widget's own frame sent it.
    pub from_frame: bool,
    /// Whether the widget's own code dispatched it, right now, in this page.
    pub from_code: bool,
}

/// Whether a message may be handed to the widget's code.
pub fn admits(message: Message<'_>, origins: &[String]) -> bool {
    let Some(kind) = message.kind else {
        return false;
    };
    if message.from_code {
        return matches!(
            kind,
            "mono.connect.widget_opened" | "mono.connect.widget_loaded"
        );
    }
    message.from_frame && origins.iter().any(|origin| origin == message.origin)
}

/// Takes the page's query string and fragment out of a value that holds the page's address.
///
/// `page` is the page's address without both.
pub fn without_query(value: &str, page: &str) -> Option<String> {
    let rest = value.strip_prefix(page)?;
    rest.starts_with(['?', '#']).then(|| page.to_owned())
}

/// As what one parameter of the widget's address hands over `secret`, if it does.
pub fn handed_over_as(name: &str, value: &str, secret: &str) -> Option<ReauthoriseMethod> {
    match name {
        "reauth_token" if value == secret => Some(ReauthoriseMethod::Token),
        "data" if contains(value, &["\"account\":\"", secret, "\""].concat()) => {
            Some(ReauthoriseMethod::AccountId)
        }
        _ => None,
    }
}

/// What a `reauthorise` takes, by its source text; `None` when the text does not tell.
pub fn takes_by_source(source: &str) -> Option<ReauthoriseMethod> {
    let source = source.to_ascii_lowercase();
    match (contains(&source, "token"), contains(&source, "account")) {
        (true, false) => Some(ReauthoriseMethod::Token),
        (false, true) => Some(ReauthoriseMethod::AccountId),
        _ => None,
    }
}

/// Like `str::contains`, without its kilobytes of search tables.
fn contains(text: &str, part: &str) -> bool {
    text.as_bytes()
        .windows(part.len())
        .any(|window| window == part.as_bytes())
}
