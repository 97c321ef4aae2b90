use super::*;

fn parse(text: &str) -> Code {
    Code::parse(text).unwrap()
}

fn paths(text: &str) -> Vec<String> {
    parse(text)
        .paths
        .iter()
        .map(|path| path.segments.join("::"))
        .collect()
}

#[test]
fn use_groups_are_spelled_out() {
    assert_eq!(paths("use axum;"), ["axum"]);
    assert_eq!(paths("pub(crate) use crate::a::B as C;"), ["crate::a::B"]);
    assert_eq!(
        paths("use crate::{a::{self, B}, c::*, d};"),
        ["crate::a", "crate::a::B", "crate::c::*", "crate::d"]
    );
    assert_eq!(paths("use ::axum::{Json};"), ["axum::Json"]);
    assert_eq!(
        paths("use {axum::Json, sqlx::Row};"),
        ["axum::Json", "sqlx::Row"]
    );
    assert_eq!(paths("use self::inner::Part;"), ["self::inner::Part"]);
}

#[test]
fn paths_are_found_in_types_expressions_attributes_and_macros() {
    assert_eq!(
        paths("fn f(a: axum::Json<sqlx::Row>) {}"),
        ["axum::Json", "sqlx::Row"]
    );
    assert_eq!(
        paths("fn f() { crate::store::open(1) }"),
        ["crate::store::open"]
    );
    assert_eq!(
        paths("#[axum::debug_handler] fn f() {}"),
        ["axum::debug_handler"]
    );
    assert_eq!(
        paths("fn f() { vec![js_sys::Date::now()] }"),
        ["js_sys::Date::now"]
    );
    assert_eq!(paths("fn f() { ::sqlx::query() }"), ["sqlx::query"]);
    assert_eq!(paths("fn f() -> impl Sized + use<'_> { a::b() }"), ["a::b"]);
}

#[test]
fn comments_strings_and_single_names_are_no_paths() {
    assert_eq!(
        paths("// axum::Json\n/* sqlx::Row */\n/// web_sys::Window\nfn f() {}"),
        [""; 0]
    );
    assert_eq!(paths("fn f() { g(\"axum::Json\") }"), [""; 0]);
    assert_eq!(paths("fn axum() { <T as Trait>::axum() }"), [""; 0]);
}

#[test]
fn an_associated_name_is_no_root() {
    assert_eq!(paths("fn f() { <T as x::Trait>::http::g() }"), ["x::Trait"]);
}

#[test]
fn lines_are_counted_from_one() {
    let code = parse("//! Docs.\n\nuse a::{\n    b,\n    c,\n};\n");
    let lines: Vec<usize> = code.paths.iter().map(|path| path.line).collect();
    assert_eq!(lines, [4, 5]);
}

#[test]
fn items_for_tests_are_marked_and_what_follows_is_not() {
    let code = parse(
        "use a::A;\n#[cfg(test)]\nuse b::B;\nuse c::C;\n\
         #[cfg(test)]\nmod tests { use d::D; }\nfn f() { e::e() }\n\
         #[cfg(all(test, unix))]\nfn g() { h::h() }\n\
         #[cfg(any(test, unix))]\nfn i() { j::j() }\n#[cfg(not(test))]\nuse k::K;\n",
    );
    let tests: Vec<&str> = code
        .paths
        .iter()
        .filter(|path| path.in_test)
        .map(NamedPath::root)
        .collect();
    assert_eq!(tests, ["b", "d", "h"]);
    assert_eq!(code.paths.len(), 8);
}

#[test]
fn an_inner_attribute_marks_the_rest_of_the_file() {
    let code = parse("#![cfg(test)]\nuse a::A;\nfn f() { b::b() }\nuse c::C;");
    assert!(code.paths.iter().all(|path| path.in_test));
    assert_eq!(code.paths.len(), 3);
}

#[test]
fn inline_modules_are_remembered() {
    let code = parse("mod outer { mod inner { use super::x; } use super::y; } use z::z;");
    let inside: Vec<String> = code
        .paths
        .iter()
        .map(|path| path.inside.join("::"))
        .collect();
    assert_eq!(inside, ["outer::inner", "outer", ""]);
}

#[test]
fn macros_are_named_and_comparisons_are_not() {
    let code = parse("fn f() { if a != b { panic!(\"no\") } std::todo!(); x!{} }");
    let names: Vec<&str> = code.macros.iter().map(|word| word.text.as_str()).collect();
    assert_eq!(names, ["panic", "x"]);
}

#[test]
fn allow_is_found_wherever_it_hides() {
    let code = parse(
        "#![allow(dead_code)]\n#[expect(unused, reason = \"allow(this)\")]\nfn f() {}\n\
         #[cfg_attr(test, allow(unused))]\nfn allow(x: u8) {}\n",
    );
    assert_eq!(code.allows, [1, 4]);
}

#[test]
fn strings_of_code_are_kept_and_documentation_is_not() {
    let code = parse(
        "/// \"doc\"\n#[serde(rename = \"a\")]\nconst A: &str = r#\"b\"#; const C: char = 'c';",
    );
    let texts: Vec<&str> = code.strings.iter().map(|word| word.text.as_str()).collect();
    assert_eq!(texts, ["\"a\"", "r#\"b\"#"]);
}

#[test]
fn what_is_no_rust_names_its_line() {
    Code::parse("fn f() {}\n\"never closed").unwrap_err();
}
