//! The schemas, completed with what serde does and the derived ones do not say.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// In an answer a field that may be null is always there. In a request it may be left out.
pub(super) fn complete(schemas: &mut Map<String, Value>, paths: &Map<String, Value>) {
    let mut asked = BTreeSet::new();
    for operation in paths
        .values()
        .filter_map(Value::as_object)
        .flat_map(Map::values)
    {
        collect(&operation["requestBody"], schemas, &mut asked);
    }
    for (name, schema) in schemas.iter_mut() {
        if !asked.contains(name) {
            require_nullable(schema);
        }
    }
    open_parts(schemas);
}

/// An empty body is an empty object: where every field may be left out, the body may be, too.
pub(super) fn may_leave_out(operation: &mut Value, schemas: &Map<String, Value>) {
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    let schema = body["$ref"].as_str().and_then(name);
    let Some(schema) = schema.and_then(|name| schemas.get(name)) else {
        return;
    };
    if schema["required"].is_null() && schema["type"] == "object" {
        operation["requestBody"]["required"] = false.into();
    }
}

/// A shape that is part of another does not say that nothing else may be there.
fn open_parts(schemas: &mut Map<String, Value>) {
    let mut closed = Map::new();
    for (name, schema) in schemas.iter() {
        if let Value::Object(schema) = schema
            && schema.contains_key("additionalProperties")
        {
            let mut open = schema.clone();
            open.remove("additionalProperties");
            closed.insert(name.clone(), open.into());
        }
    }
    for schema in schemas.values_mut() {
        let parts = schema.get_mut("allOf").and_then(Value::as_array_mut);
        for part in parts.into_iter().flatten() {
            let open = part["$ref"]
                .as_str()
                .and_then(name)
                .and_then(|name| closed.get(name));
            if let Some(open) = open {
                *part = open.clone();
            }
        }
    }
}

/// The names of the schemas that this part of the document leads to.
fn collect(part: &Value, schemas: &Map<String, Value>, found: &mut BTreeSet<String>) {
    match part {
        Value::Object(map) => {
            if let Some(name) = map.get("$ref").and_then(Value::as_str).and_then(name)
                && found.insert(name.to_owned())
            {
                collect(&schemas[name], schemas, found);
            }
            map.values().for_each(|part| collect(part, schemas, found));
        }
        Value::Array(list) => list.iter().for_each(|part| collect(part, schemas, found)),
        _ => {}
    }
}

/// What a reference names.
pub(super) fn name(reference: &str) -> Option<&str> {
    reference.strip_prefix("#/components/schemas/")
}

fn require_nullable(schema: &mut Value) {
    for key in ["allOf", "oneOf"] {
        let parts = schema.get_mut(key).and_then(Value::as_array_mut);
        parts.into_iter().flatten().for_each(require_nullable);
    }
    let Some(properties) = schema["properties"].as_object() else {
        return;
    };
    let nullable = properties
        .iter()
        .filter(|(_, property)| may_be_null(property));
    let nullable = nullable.map(|(name, _)| name.clone());
    let already = schema["required"].as_array().into_iter().flatten();
    let already = already.filter_map(Value::as_str).map(str::to_owned);
    let required: BTreeSet<String> = nullable.chain(already).collect();
    if !required.is_empty() {
        schema["required"] = required.into_iter().collect();
    }
}

fn may_be_null(property: &Value) -> bool {
    let types = property["type"].as_array().into_iter().flatten();
    let choices = property["oneOf"].as_array().into_iter().flatten();
    types
        .chain(choices.map(|choice| &choice["type"]))
        .any(|kind| kind == "null")
}
