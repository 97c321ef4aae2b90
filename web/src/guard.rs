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

#[cfg(test)]
mod tests {
    use super::*;

    const LINKED: &str = "mono.connect.widget.account_linked";

    fn origins() -> Vec<String> {
        vec!["https://connect.mono.co".to_owned()]
    }

    fn from_widget() -> Message<'static> {
        Message {
            kind: Some(LINKED),
            origin: "https://connect.mono.co",
            from_frame: true,
            from_code: false,
        }
    }

    #[test]
    fn only_the_frame_and_an_allowed_origin_together_are_admitted() {
        assert!(admits(from_widget(), &origins()));
        assert!(!admits(
            Message {
                from_frame: false,
                ..from_widget()
            },
            &origins()
        ));
        for origin in [
            "",
            "null",
            "https://connect.mono.co.evil.example",
            "http://connect.mono.co",
        ] {
            assert!(
                !admits(
                    Message {
                        origin,
                        ..from_widget()
                    },
                    &origins()
                ),
                "{origin}"
            );
        }
        assert!(!admits(from_widget(), &[]));
        assert!(!admits(
            Message {
                kind: None,
                ..from_widget()
            },
            &origins()
        ));
    }

    #[test]
    fn the_widgets_own_code_may_only_say_that_it_loaded_and_opened() {
        let dispatched = |kind| Message {
            kind: Some(kind),
            origin: "",
            from_frame: false,
            from_code: true,
        };
        assert!(admits(dispatched("mono.connect.widget_opened"), &origins()));
        assert!(admits(dispatched("mono.connect.widget_loaded"), &origins()));
        assert!(!admits(dispatched(LINKED), &origins()));
        assert!(!admits(
            dispatched("mono.connect.widget.closed"),
            &origins()
        ));
    }

    #[test]
    fn the_pages_address_loses_its_query_and_fragment() {
        let page = "https://shop.example/pay";
        let short = |value| without_query(value, page);
        assert_eq!(
            short("https://shop.example/pay?token=1#x").as_deref(),
            Some(page)
        );
        assert_eq!(
            short("https://shop.example/pay#token").as_deref(),
            Some(page)
        );
        assert_eq!(
            short("https://shop.example/pay"),
            None,
            "nothing to take out"
        );
        assert_eq!(
            short("https://shop.example/payments?x"),
            None,
            "another page"
        );
        assert_eq!(short("test_pk_1"), None);
    }

    #[test]
    fn a_handover_is_known_by_where_it_stands() {
        let token = Some(ReauthoriseMethod::Token);
        let account = Some(ReauthoriseMethod::AccountId);
        assert_eq!(handed_over_as("reauth_token", "x1", "x1"), token);
        assert_eq!(handed_over_as("data", r#"{"account":"x1"}"#, "x1"), account);
        assert_eq!(handed_over_as("data", r#"{"account":"x12"}"#, "x1"), None);
        assert_eq!(handed_over_as("data", r#"{"reference":"x1"}"#, "x1"), None);
        assert_eq!(handed_over_as("reference", "x1", "x1"), None);
        assert_eq!(handed_over_as("data", "", "x1"), None);
    }

    #[test]
    fn a_source_text_that_names_both_or_none_tells_nothing() {
        let token = Some(ReauthoriseMethod::Token);
        assert_eq!(
            takes_by_source("function(e){throw Error('Re-auth token')}"),
            token
        );
        let account = Some(ReauthoriseMethod::AccountId);
        assert_eq!(takes_by_source("reauthorise(accountId) {}"), account);
        assert_eq!(takes_by_source("function(token, account) {}"), None);
        assert_eq!(takes_by_source("function() { [native code] }"), None);
    }
}
