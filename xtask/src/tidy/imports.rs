//! Who may know what: arrows between modules, and the few crates that belong to one place.
//!
//! Tests are free: a test may well speak HTTP to what it tests.

use super::Violation;
use super::code::{Code, NamedPath};
use super::tree::SourceFile;

/// Crates that only some places know.
struct Owned {
    crates: &'static [&'static str],
    /// A file or the folder of the same name, or a folder when it ends in a slash.
    homes: &'static [&'static str],
    sentence: &'static str,
}

const OWNED: &[Owned] = &[
    Owned {
        crates: &["axum", "axum_extra", "utoipa_axum"],
        homes: &["proxy/src/http", "tests/"],
        sentence: "Only `http` in the proxy knows axum.",
    },
    Owned {
        crates: &["sqlx"],
        homes: &["proxy/store/", "tests/"],
        sentence: "Only the store knows SQL.",
    },
    Owned {
        crates: &[
            "gloo",
            "gloo_events",
            "gloo_net",
            "gloo_timers",
            "js_sys",
            "serde_wasm_bindgen",
            "wasm_bindgen_futures",
            "web_sys",
        ],
        homes: &["web/src/js"],
        sentence: "Only `web/src/js` knows JavaScript.",
    },
    Owned {
        // The shared types bring their TypeScript declarations along.
        crates: &["wasm_bindgen"],
        homes: &["web/src/js", "shared/"],
        sentence: "Only `web/src/js` knows JavaScript.",
    },
];

const CONFIG: &str = "proxy/src/config";
const HTTP: &str = "proxy/src/http";
const ACCOUNTS: &str = "proxy/src/accounts";
/// Where the modules are put together; they may name everything of ours.
const WIRING: &[&str] = &["proxy/src/lib.rs", "proxy/src/main.rs", "proxy/src/run.rs"];

/// What Mono calls its things. Its addresses in `config` are defaults that a user can change.
const MONO_SPELLINGS: &[&str] = &[
    "/v1/",
    "/v2/",
    "/v3/",
    "/account/auth",
    "/accounts/auth",
    "withmono.com",
    "mono-sec-key",
];
const MONO_FREE: &[&str] = &["proxy/src/", "proxy/store/src/", "shared/src/", "web/src/"];

/// Checks one file.
pub(crate) fn check(file: &SourceFile, code: &Code) -> Vec<Violation> {
    let mut found = Vec::new();
    for line in &code.allows {
        let sentence = "Use `#[expect(.., reason = \"..\")]` instead of `allow`.";
        found.push(Violation::new(&file.path, *line, sentence));
    }
    for call in &code.macros {
        if ["dbg", "todo", "unimplemented"].contains(&call.text.as_str()) {
            let sentence = format!("`{}!` is a leftover.", call.text);
            found.push(Violation::new(&file.path, call.line, sentence));
        }
    }
    if file.is_test() {
        return found;
    }
    for path in code.paths.iter().filter(|path| !path.in_test) {
        let sentence = owned(&file.path, path).or_else(|| arrow(&file.path, path));
        found.extend(sentence.map(|text| Violation::new(&file.path, path.line, text)));
    }
    found.extend(spellings(file, code));
    found
}

fn owned(file: &str, path: &NamedPath) -> Option<&'static str> {
    let rule = OWNED
        .iter()
        .find(|rule| rule.crates.contains(&path.root()))?;
    let at_home = rule.homes.iter().any(|home| under(file, home));
    (!at_home).then_some(rule.sentence)
}

/// The arrows inside the proxy.
fn arrow(file: &str, path: &NamedPath) -> Option<&'static str> {
    if !file.starts_with("proxy/src/") {
        return None;
    }
    let ours = path.root() == "crate";
    let module = path.segments.get(1).map_or("", String::as_str);
    if under(file, CONFIG) {
        let foreign = ["mono_client", "mono_connect_store"].contains(&path.root());
        return (foreign || ours && module != "config")
            .then_some("`config` is plain data: of ours it knows only the shared types.");
    }
    if ours && module == "http" && !under(file, HTTP) && !WIRING.contains(&file) {
        return Some("Nothing imports `http`.");
    }
    let lifecycle = path.root() == "mono_connect_shared" && module == "lifecycle";
    let decides = path
        .segments
        .iter()
        .any(|name| ["command", "observe"].contains(&name.as_str()));
    (lifecycle && decides && !under(file, ACCOUNTS))
        .then_some("Only `accounts` calls the lifecycle.")
}

fn spellings(file: &SourceFile, code: &Code) -> Vec<Violation> {
    let bound = MONO_FREE.iter().any(|folder| file.path.starts_with(folder));
    if !bound || under(&file.path, CONFIG) {
        return Vec::new();
    }
    let strings = code.strings.iter().filter(|string| !string.in_test);
    strings
        .filter_map(|string| {
            let spelling = MONO_SPELLINGS
                .iter()
                .find(|word| string.text.contains(**word))?;
            let sentence = format!("Only mono-client knows how Mono spells things (`{spelling}`).");
            Some(Violation::new(&file.path, string.line, sentence))
        })
        .collect()
}

/// Whether a file is the module `home` or inside of it.
fn under(file: &str, home: &str) -> bool {
    match file.strip_prefix(home) {
        Some(rest) => home.ends_with('/') || rest == ".rs" || rest.starts_with('/'),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(path: &str, text: &str) -> Vec<String> {
        let file = SourceFile {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let code = Code::parse(text).unwrap();
        check(&file, &code)
            .into_iter()
            .map(|violation| violation.sentence)
            .collect()
    }

    fn is_clean(path: &str, text: &str) {
        assert_eq!(complaints(path, text), [""; 0], "{path}: {text}");
    }

    fn is_refused(path: &str, text: &str, word: &str) {
        let found = complaints(path, text);
        assert!(
            found.len() == 1 && found[0].contains(word),
            "{path}: {text}: {found:?}"
        );
    }

    #[test]
    fn axum_stays_in_http() {
        is_clean("proxy/src/http.rs", "use axum::Json;");
        is_clean("proxy/src/http/accounts.rs", "use axum::Json;");
        is_clean("tests/simulator/src/main.rs", "use axum::Json;");
        is_clean("proxy/src/accounts/tests.rs", "use axum::Json;");
        is_clean(
            "proxy/src/accounts.rs",
            "#[cfg(test)] mod tests { use axum::Json; }",
        );
        is_refused("proxy/src/accounts.rs", "use axum::Json;", "axum");
        is_refused("proxy/src/httpish.rs", "fn f(a: axum::Json) {}", "axum");
    }

    #[test]
    fn sql_stays_in_the_store() {
        is_clean("proxy/store/src/sqlite.rs", "use sqlx::Row;");
        is_refused("proxy/src/jobs.rs", "use sqlx::Row;", "SQL");
    }

    #[test]
    fn javascript_stays_in_js() {
        is_clean("web/src/js/fetch.rs", "use web_sys::Window;");
        is_clean("web/src/js.rs", "use gloo_net::http::Request;");
        is_clean("web/tests/glue.rs", "use wasm_bindgen::prelude::*;");
        is_refused(
            "web/src/backend.rs",
            "use wasm_bindgen::JsValue;",
            "JavaScript",
        );
        is_refused(
            "shared/src/time.rs",
            "fn f() { js_sys::Date::now() }",
            "JavaScript",
        );
    }

    #[test]
    fn config_is_plain_data() {
        is_clean(
            "proxy/src/config/auth.rs",
            "use crate::config::Url; use mono_connect_shared::X;",
        );
        is_refused(
            "proxy/src/config/auth.rs",
            "use crate::accounts::Link;",
            "plain data",
        );
        is_refused(
            "proxy/src/config.rs",
            "use mono_client::Client;",
            "plain data",
        );
        is_refused(
            "proxy/src/config.rs",
            "use mono_connect_store::Store;",
            "plain data",
        );
    }

    #[test]
    fn nothing_imports_http() {
        is_clean("proxy/src/lib.rs", "use crate::http::router;");
        is_clean(
            "proxy/src/http/accounts.rs",
            "use crate::http::error::Problem;",
        );
        is_clean("proxy/src/jobs.rs", "use http::StatusCode;");
        is_refused(
            "proxy/src/jobs.rs",
            "use crate::{http::error::Problem};",
            "Nothing imports",
        );
    }

    #[test]
    fn only_accounts_calls_the_lifecycle() {
        let call = "use mono_connect_shared::lifecycle::{observe, Fact};";
        is_clean("proxy/src/accounts/observe.rs", call);
        is_clean(
            "proxy/src/inbox.rs",
            "use mono_connect_shared::lifecycle::Fact;",
        );
        is_refused("proxy/src/inbox.rs", call, "lifecycle");
    }

    #[test]
    fn the_spellings_of_mono_stay_in_its_client() {
        let text = "const PATH: &str = \"/v2/accounts\";";
        is_clean("proxy/mono/src/accounts.rs", text);
        is_clean("tests/simulator/src/api.rs", text);
        is_clean(
            "proxy/src/config/mono.rs",
            "const URL: &str = \"https://api.withmono.com\";",
        );
        is_clean(
            "proxy/src/accounts.rs",
            "/// See \"/v2/accounts\".\nfn f() {}",
        );
        is_refused("proxy/src/accounts.rs", text, "/v2/");
        is_refused(
            "web/src/widget.rs",
            "const A: &str = \"connect.withmono.com\";",
            "withmono",
        );
    }

    #[test]
    fn leftovers_and_allows_are_refused_in_tests_too() {
        is_clean(
            "tests/it/a.rs",
            "#[expect(unused, reason = \"..\")] fn f() { assert!(true) }",
        );
        is_refused("tests/it/a.rs", "#[allow(unused)] fn f() {}", "expect");
        is_refused("tests/it/a.rs", "fn f() { todo!() }", "leftover");
        is_refused("shared/src/a.rs", "fn f() { dbg!(1) }", "leftover");
    }
}
