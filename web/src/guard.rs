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
    /// Who sent it.
    pub sender: Sender,
}

/// Who sent a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// The widget's own frame.
    Frame,
    /// The widget's own code dispatched it, right now, in this page.
    Code,
    /// Anybody else.
    Other,
}

/// Whether a message may be handed to the widget's code.
pub fn admits(message: Message<'_>, origins: &[String]) -> bool {
    let Some(kind) = message.kind else {
        return false;
    };
    match message.sender {
        Sender::Frame => origins.iter().any(|origin| origin == message.origin),
        Sender::Code => matches!(
            kind,
            "mono.connect.widget_opened" | "mono.connect.widget_loaded"
        ),
        Sender::Other => false,
    }
}

/// Takes the page's query string and fragment out of a value wherever it holds the page's address;
/// nothing where there is nothing to take out.
///
/// `page` is the page's address without both.
pub fn without_query(value: &str, page: &str) -> Option<String> {
    let bytes = value.as_bytes();
    let mut kept = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let is_page = !page.is_empty()
            && rest.starts_with(page.as_bytes())
            && matches!(rest.get(page.len()), Some(b'?' | b'#'));
        let length = if is_page { page.len() } else { 1 };
        kept.extend(rest.iter().take(length));
        at += length;
        if is_page {
            let begins_with_page = at == length;
            let rest = rest.get(length..).unwrap_or_default();
            at += if begins_with_page {
                rest.len()
            } else {
                length_in_text(rest)
            };
        }
    }
    if kept.len() == bytes.len() {
        return None;
    }
    String::from_utf8(kept).ok()
}

/// How much at the start of a text still belongs to an address that began before it.
fn length_in_text(text: &[u8]) -> usize {
    // What cannot stand in an address, because a browser encodes it there. Any other character can.
    let is_end = |byte: &u8| matches!(byte, b'\0'..=b' ' | b'"' | b'<' | b'>');
    let length = text.iter().take_while(|byte| !is_end(byte)).count();
    if text.get(length) != Some(&b'"') {
        return length;
    }
    // In JSON inside JSON the quotation mark has backslashes of its own: one, three, seven, …
    // Those of the address are before them, doubled as often.
    let before = text.iter().take(length).rev();
    let backslashes = before.take_while(|byte| **byte == b'\\').count();
    length - (backslashes & !(backslashes + 1))
}

/// As what one parameter of the widget's address hands over `secret`, if it does.
pub fn handed_over_as(name: &str, value: &str, secret: &str) -> Option<ReauthoriseMethod> {
    match name {
        "reauth_token" if value == secret => Some(ReauthoriseMethod::Token),
        "account" if value == secret => Some(ReauthoriseMethod::AccountId),
        "data" if contains(value, &["\"account\":\"", secret, "\""].concat()) => {
            Some(ReauthoriseMethod::AccountId)
        }
        _ => None,
    }
}

/// What a `reauthorise` evidently takes, by its source text; `None` when the text does not tell.
///
/// Evident is what connect.js itself says, in the frame's address and in its complaints, and a
/// parameter that is called an account: no token may be handed to that. One that is called a token may
/// be handed an id; that a text merely mentions an account tells nothing.
pub fn takes_by_source(source: &str) -> Option<ReauthoriseMethod> {
    let source = source.to_ascii_lowercase();
    let says = |words| contains(&source, words);
    let parameters = parameters(&source);
    let takes_account = contains(parameters, "account") && !contains(parameters, "token");
    match (
        says("reauth_token:") || says("re-auth token is required"),
        takes_account || says("account id is required"),
    ) {
        (true, false) => Some(ReauthoriseMethod::Token),
        (false, true) => Some(ReauthoriseMethod::AccountId),
        _ => None,
    }
}

/// What stands in the first parentheses.
fn parameters(source: &str) -> &str {
    let place = |wanted| source.bytes().position(|byte| byte == wanted);
    let (start, end) = (place(b'('), place(b')'));
    let inside = start
        .zip(end)
        .and_then(|(start, end)| source.get(start + 1..end));
    inside.unwrap_or_default()
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
            sender: Sender::Frame,
        }
    }

    #[test]
    fn only_the_frame_and_an_allowed_origin_together_are_admitted() {
        assert!(admits(from_widget(), &origins()));
        assert!(!admits(
            Message {
                sender: Sender::Other,
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
            sender: Sender::Code,
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
        assert_eq!(
            short(r#"{"from":"https://shop.example/pay?token=1#x","naïve":"ü"}"#).as_deref(),
            Some(r#"{"from":"https://shop.example/pay","naïve":"ü"}"#),
            "inside another text"
        );
        assert_eq!(short("").as_deref(), None);
        assert_eq!(without_query("a?b", ""), None);
    }

    #[test]
    fn no_character_that_an_address_can_hold_ends_what_is_taken_out() {
        let page = "http://shop.example/";
        for rest in [
            r"?next=\hunter1&t=1#name=O'Brien&token=hunter2",
            "#access_token=a'b&x=hunter",
            "#a`b(c)[d]{e}|f^g\\",
            "?decoded=a b\"c<d>hunter",
        ] {
            let address = [page, rest].concat();
            let short = without_query(&address, page);
            assert_eq!(short.as_deref(), Some(page), "{rest}");
        }
        for rest in [r"?next=\hunter&t=1#O'Brien", r"#ends=\", r"#ends=\\", "?x"] {
            let json = |text: &str| serde_json::json!({ "from": text, "to": "x" }).to_string();
            let mut texts = ([page, rest].concat(), page.to_owned());
            for depth in 1..4 {
                texts = (json(&texts.0), json(&texts.1));
                let short = without_query(&texts.0, page);
                assert_eq!(short, Some(texts.1.clone()), "{rest} {depth} times");
            }
        }
        assert_eq!(
            without_query("<a href=\"http://shop.example/?x=O'B\">it</a>", page).as_deref(),
            Some("<a href=\"http://shop.example/\">it</a>")
        );
    }

    #[test]
    fn a_handover_is_known_by_where_it_stands() {
        let token = Some(ReauthoriseMethod::Token);
        let account = Some(ReauthoriseMethod::AccountId);
        assert_eq!(handed_over_as("reauth_token", "x1", "x1"), token);
        assert_eq!(handed_over_as("data", r#"{"account":"x1"}"#, "x1"), account);
        assert_eq!(handed_over_as("data", r#"{"account":"x12"}"#, "x1"), None);
        assert_eq!(handed_over_as("data", r#"{"reference":"x1"}"#, "x1"), None);
        assert_eq!(handed_over_as("account", "x1", "x1"), account);
        assert_eq!(handed_over_as("reference", "x1", "x1"), None);
        assert_eq!(handed_over_as("data", "", "x1"), None);
    }

    #[test]
    fn what_a_method_takes_is_evident_by_what_connect_js_says() {
        for source in [
            "function(e){if(!e)throw new Error(\"Re-auth token is required for reauthorisation\");\
             s.prototype.utils.init({qs:{...this.config,reauth_token:e}})}",
            "reauthorise(value) { this.open({ reauth_token: value }); }",
        ] {
            let taken = takes_by_source(source);
            assert_eq!(taken, Some(ReauthoriseMethod::Token), "{source}");
        }
        for source in [
            "function(e){if(!e)throw new Error(\"Account ID is required for re-authorisation\")}",
            "reauthorise(accountId) { this.login(accountId) }",
        ] {
            let taken = takes_by_source(source);
            assert_eq!(taken, Some(ReauthoriseMethod::AccountId), "{source}");
        }
    }

    #[test]
    fn a_source_text_that_says_both_or_only_names_things_tells_nothing() {
        for source in [
            "function(e){'Account ID is required';return{reauth_token:e}}",
            "function(token, account) {}",
            "function() { [native code] }",
            "reauthorise(id) { calls.push(id); this.say('account_linked'); }",
            "reauthorise(value) { this.token = null; }",
            "reauthorise(tokenOrId) { return super.reauthorise(tokenOrId) }",
            "reauthorise(token) { this.login(token) }",
            "reauthorise(reauth_token) { this.login(reauth_token) }",
            "reauthorise(tokenOrAccount) { this.login(tokenOrAccount) }",
            "tokenOrAccount => tokenOrAccount",
            "",
        ] {
            assert_eq!(takes_by_source(source), None, "{source}");
        }
    }
}
