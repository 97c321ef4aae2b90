use std::collections::BTreeSet;

use super::*;

#[test]
fn every_problem_that_a_handler_lists_is_one() {
    for area in area::all() {
        let mut part = value((area.routes)().into_openapi());
        let mut paths = take_object(&mut part["paths"]);
        for operation in operations(&mut paths) {
            let words = operation["x-problems"].as_array().into_iter().flatten();
            for word in words.filter_map(Value::as_str) {
                let known = word == "upstream" || operation::problem(word).is_some();
                assert!(known, "{} lists {word:?}", operation["operationId"]);
            }
        }
        for word in area.problems {
            assert!(operation::problem(word).is_some(), "{word:?}");
        }
    }
}

#[test]
fn what_an_operation_says_is_complete() {
    let mut paths = take_object(&mut document()["paths"].clone());
    let tags = document()["tags"].as_array().unwrap();
    let schemes = &document()["components"]["securitySchemes"];
    let mut names = BTreeSet::new();
    for (path, item) in &paths {
        for operation in item.as_object().unwrap().values() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name} names two operations");
            assert!(operation["summary"].is_string(), "{name} has no summary");
            let tag = &operation["tags"][0];
            assert!(
                tags.iter().any(|known| known["name"] == *tag),
                "{name}: {tag}"
            );
            for any in operation["security"].as_array().unwrap() {
                for scheme in any.as_object().unwrap().keys() {
                    assert!(schemes[scheme].is_object(), "{name}: {scheme}");
                }
            }
            let parameters = operation["parameters"].as_array();
            let in_path = parameters
                .into_iter()
                .flatten()
                .filter(|it| it["in"] == "path");
            assert_eq!(
                in_path.count(),
                path.matches('{').count(),
                "{name}: each placeholder of {path} needs a line in `operation::add_parameters`"
            );
        }
    }
    for operation in operations(&mut paths) {
        let name = operation["operationId"].clone();
        let body = &operation["requestBody"]["content"]["application/json"];
        assert!(
            body.is_null() || has_example(body),
            "{name} needs an example in `examples.rs`"
        );
        for response in operation["responses"].as_object().unwrap().values() {
            if response["$ref"].is_string() {
                continue;
            }
            for content in response["content"].as_object().into_iter().flatten() {
                let (kind, content) = content;
                let opaque = kind.starts_with("text/html") || name == "openapi_document";
                assert!(
                    opaque || has_example(content),
                    "{name} needs an example in `examples.rs`"
                );
            }
        }
    }
}

fn has_example(content: &Value) -> bool {
    let examples = content["examples"].as_object();
    !content["example"].is_null() || examples.is_some_and(|examples| !examples.is_empty())
}

#[test]
fn the_kept_document_is_this_one() {
    let kept: Value =
        serde_json::from_str(include_str!("../../../../docs/openapi.json")).unwrap_or_default();
    assert!(
        kept == *document(),
        "docs/openapi.json is not what the routes say. Look at the difference after\n    \
         cargo run -p mono-connect-proxy -- openapi > docs/openapi.json"
    );
}
