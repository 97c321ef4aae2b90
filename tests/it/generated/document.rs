//! What the document says: its operations, and whether a value or an answer is one that it tells of.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use axum::http::Method;
use jsonschema::Validator;
use mono_connect_tests::Answer;
use serde_json::{Value, json};

/// The document, with what was made of its schemas.
pub(super) struct Document {
    root: Value,
    validators: RefCell<HashMap<String, Rc<Validator>>>,
}

/// One of its operations.
pub(super) struct Operation {
    pub(super) name: String,
    pub(super) method: Method,
    pub(super) path: String,
    value: Value,
}

impl Document {
    pub(super) fn new(root: Value) -> Self {
        Self {
            root,
            validators: RefCell::default(),
        }
    }

    pub(super) fn operations(&self) -> Vec<Operation> {
        let paths = self.root["paths"].as_object().unwrap();
        let all = paths.iter().flat_map(|(path, item)| {
            let operations = item.as_object().unwrap().iter();
            operations.map(|(method, value)| Operation {
                name: value["operationId"].as_str().unwrap().to_owned(),
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                value: value.clone(),
            })
        });
        all.collect()
    }

    /// What a reference names, else the same.
    pub(super) fn resolve<'a>(&'a self, part: &'a Value) -> &'a Value {
        let mut part = part;
        while let Some(reference) = part["$ref"].as_str() {
            part = self
                .root
                .pointer(reference.strip_prefix('#').unwrap())
                .unwrap();
        }
        part
    }

    pub(super) fn is_valid(&self, schema: &Value, value: &Value) -> bool {
        self.validator(schema).is_valid(value)
    }

    fn validator(&self, schema: &Value) -> Rc<Validator> {
        let name = schema.to_string();
        if let Some(known) = self.validators.borrow().get(&name) {
            return Rc::clone(known);
        }
        let whole = json!({"allOf": [schema], "components": self.root["components"]});
        let made = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .build(&whole)
            .unwrap();
        let made = Rc::new(made);
        let mut validators = self.validators.borrow_mut();
        validators.insert(name, Rc::clone(&made));
        made
    }

    /// Holds an answer against what the operation says of it: status, headers, type and body.
    pub(super) fn hold(&self, operation: &Operation, answer: &Answer) -> Result<(), String> {
        let told = &operation.value["responses"][answer.status.to_string()];
        if told.is_null() {
            return Err("the document does not tell of this status".to_owned());
        }
        let told = self.resolve(told);
        for (name, header) in told["headers"].as_object().into_iter().flatten() {
            self.hold_header(name, self.resolve(header), answer)?;
        }
        let Some(contents) = told["content"].as_object() else {
            return if answer.body.is_empty() {
                Ok(())
            } else {
                Err("the document tells of no body".to_owned())
            };
        };
        let kind = answer.header("content-type").unwrap_or_default();
        let content = contents
            .get(kind)
            .ok_or_else(|| format!("the document does not tell of {kind:?}"))?;
        if kind.ends_with("json") {
            let body: Value =
                serde_json::from_str(&answer.body).map_err(|error| error.to_string())?;
            self.hold_value(&content["schema"], &body)?;
        }
        Ok(())
    }

    /// Holds a stream's event against what the operation says of it.
    pub(super) fn hold_event(&self, operation: &Operation, name: &str, data: &Value) {
        let content = &operation.value["responses"]["200"]["content"]["text/event-stream"];
        let schema = &content["x-events"][name];
        assert!(schema.is_object(), "the document does not tell of {name}");
        self.hold_value(schema, data).unwrap();
    }

    /// Holds a value against a schema, and wants no field that the schema does not name.
    pub(super) fn hold_value(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let wrong: Vec<_> = self
            .validator(schema)
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        if !wrong.is_empty() {
            return Err(wrong.join("; "));
        }
        self.only_told(&[schema], value, "")
    }

    fn hold_header(&self, name: &str, told: &Value, answer: &Answer) -> Result<(), String> {
        match answer.header(name) {
            None if told["required"] == true => Err(format!("the header {name} is missing")),
            None => Ok(()),
            Some(text) if self.is_valid(&told["schema"], &typed(&told["schema"], text)) => Ok(()),
            Some(text) => Err(format!("the header {name} is {text:?}")),
        }
    }

    /// A field that no schema names is one that the document does not tell of.
    fn only_told(&self, schemas: &[&Value], value: &Value, at: &str) -> Result<(), String> {
        let parts = self.parts(schemas);
        match value {
            Value::Array(items) => {
                let of_items: Vec<_> = parts.iter().map(|part| &part["items"]).collect();
                items
                    .iter()
                    .try_for_each(|item| self.only_told(&of_items, item, at))
            }
            Value::Object(fields) if parts.iter().any(|part| part["properties"].is_object()) => {
                fields.iter().try_for_each(|(name, field)| {
                    let at = format!("{at}/{name}");
                    let of_field: Vec<_> = parts
                        .iter()
                        .map(|part| &part["properties"][name])
                        .filter(|schema| !schema.is_null())
                        .collect();
                    if of_field.is_empty() {
                        return Err(format!("the document does not tell of {at}"));
                    }
                    self.only_told(&of_field, field, &at)
                })
            }
            _ => Ok(()),
        }
    }

    /// These schemas and all that they are made of.
    fn parts<'a>(&'a self, schemas: &[&'a Value]) -> Vec<&'a Value> {
        let mut parts: Vec<&Value> = schemas.iter().map(|schema| self.resolve(schema)).collect();
        let mut next = 0;
        while let Some(part) = parts.get(next).copied() {
            for key in ["allOf", "oneOf", "anyOf"] {
                let more = part[key].as_array().into_iter().flatten();
                parts.extend(more.map(|more| self.resolve(more)));
            }
            next += 1;
        }
        parts
    }
}

impl Operation {
    pub(super) fn parameters(&self) -> impl Iterator<Item = &Value> {
        self.value["parameters"].as_array().into_iter().flatten()
    }

    /// The schema of its body, if it takes one.
    pub(super) fn body(&self) -> Option<&Value> {
        let body = &self.value["requestBody"];
        body.is_object()
            .then(|| &body["content"]["application/json"]["schema"])
    }

    pub(super) fn needs_body(&self) -> bool {
        self.value["requestBody"]["required"] == true
    }

    /// Who may call: the names of the schemes. Empty where everybody may.
    pub(super) fn schemes(&self) -> BTreeSet<&str> {
        let any = self.value["security"].as_array().into_iter().flatten();
        let mut schemes = BTreeSet::new();
        for one in any.filter_map(Value::as_object) {
            if one.is_empty() {
                return BTreeSet::new();
            }
            schemes.extend(one.keys().map(String::as_str));
        }
        schemes
    }
}

/// The value that a text stands for where a schema expects another thing than a text.
pub(super) fn typed(schema: &Value, text: &str) -> Value {
    let is = |kind: &str| {
        let kinds = &schema["type"];
        *kinds == *kind
            || kinds
                .as_array()
                .is_some_and(|kinds| kinds.contains(&json!(kind)))
    };
    let plain = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-')
    };
    match text {
        "true" | "false" if is("boolean") => json!(text == "true"),
        _ if is("integer") && plain(text) => text
            .parse::<i128>()
            .ok()
            .and_then(|number| i64::try_from(number).ok())
            .map_or_else(|| json!(text), |number| json!(number)),
        _ => json!(text),
    }
}
