//! Values made from a schema: such as it allows, and such as it does not.

use serde_json::{Map, Value, json};

use super::document::{Document, typed};
use crate::mutate::Mutations;

/// So often is a value proposed before there is taken to be none.
const PROPOSALS: usize = 300;

/// Texts that some pattern or format may want.
const WORDS: [&str; 14] = [
    "a",
    "5f171a530295e231abca1153",
    "24h",
    "7",
    "12345678901",
    "ada@example.com",
    "Ada Obi",
    "2026-01-31",
    "2025-12-01",
    "1999-02-28",
    "debit",
    "credit",
    "mono.events.account_updated",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
];

/// Texts that most schemas refuse somewhere.
const ODD: [&str; 20] = [
    "",
    " ",
    "a b",
    "../x",
    "%2e%2e",
    "a/b",
    "-1",
    "+1",
    "0",
    "1.5",
    "1e3",
    "1001",
    "4294967296",
    "TRUE",
    "2026-13-01",
    "31-01-2026",
    "2026-01-01T00:00:00Z",
    "\u{0}",
    "é",
    "\u{202e}😀",
];

/// What texts are made of.
const LETTERS: [&str; 8] = ["a", "Z", "0", "_", " ", "é", "₦", "😀"];

/// Makes values. The same seed makes the same ones.
pub(super) struct Values<'a> {
    pub(super) document: &'a Document,
    pub(super) dice: Mutations,
}

impl Values<'_> {
    pub(super) fn one_in(&mut self, times: usize) -> bool {
        self.dice.below(times) == 0
    }

    pub(super) fn pick<'v, T>(&mut self, values: &'v [T]) -> &'v T {
        &values[self.dice.below(values.len())]
    }

    /// A value that the schema allows.
    pub(super) fn good(&mut self, schema: &Value) -> Value {
        let document = self.document;
        let mut proposals = (0..PROPOSALS).map(|_| self.propose(schema));
        let good = proposals.find(|value| document.is_valid(schema, value));
        good.unwrap()
    }

    /// A value that the schema does not allow.
    pub(super) fn bad(&mut self, schema: &Value) -> Value {
        let document = self.document;
        let mut proposals = (0..PROPOSALS).map(|_| self.propose_odd(schema));
        let bad = proposals.find(|value| !document.is_valid(schema, value));
        bad.unwrap()
    }

    /// A text for a path, a query or a header that the schema allows.
    pub(super) fn good_text(&mut self, schema: &Value) -> String {
        match self.good(schema) {
            Value::String(text) => text,
            // Left out is another matter than said to be nothing.
            Value::Null => self.good_text(schema),
            other => other.to_string(),
        }
    }

    /// A text for a path, a query or a header that the schema does not allow.
    pub(super) fn bad_text(&mut self, schema: &Value, may_be_empty: bool) -> Option<String> {
        let resolved = self.document.resolve(schema);
        for _ in 0..PROPOSALS {
            let text = if self.one_in(4) {
                self.text(resolved, 1)
            } else {
                (*self.pick(&ODD)).to_owned()
            };
            let value = typed(resolved, &text);
            if (may_be_empty || !text.is_empty()) && !self.document.is_valid(schema, &value) {
                return Some(text);
            }
        }
        None
    }

    fn propose(&mut self, schema: &Value) -> Value {
        let schema = self.document.resolve(schema);
        if let Some(only) = schema.get("const") {
            return only.clone();
        }
        for key in ["enum", "oneOf", "anyOf"] {
            if let Some(choices) = schema[key].as_array() {
                let choice = self.pick(choices);
                return if key == "enum" {
                    choice.clone()
                } else {
                    self.propose(choice)
                };
            }
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => self.pick(kinds).as_str().unwrap(),
            kind => kind.as_str().unwrap_or("object"),
        };
        match kind {
            "null" => Value::Null,
            "boolean" => json!(self.one_in(2)),
            "integer" | "number" => {
                let least = schema["minimum"].as_i64().unwrap_or(0);
                let most = schema["maximum"].as_i64().unwrap_or(4_294_967_295);
                json!(*self.pick(&[least, least + 1, 50, most - 1, most]))
            }
            "array" => {
                let length = self.dice.below(3);
                (0..length)
                    .map(|_| self.propose(&schema["items"]))
                    .collect()
            }
            "object" => self.object(schema).into(),
            _ if self.one_in(2) => json!(*self.pick(&WORDS)),
            _ => json!(self.text(schema, 0)),
        }
    }

    fn object(&mut self, schema: &Value) -> Map<String, Value> {
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let mut object = Map::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            if required.contains(&json!(name)) || self.one_in(2) {
                object.insert(name.clone(), self.good(property));
            }
        }
        object
    }

    /// A text of a length that is just right, or longer by so much.
    fn text(&mut self, schema: &Value, longer: usize) -> String {
        let bound = |name: &str| schema[name].as_u64().and_then(|n| usize::try_from(n).ok());
        let most = bound("maxLength").unwrap_or(80) + longer;
        let least = bound("minLength").unwrap_or(0);
        let length = *self.pick(&[least, usize::midpoint(least, most), most]);
        if self.one_in(2) {
            return self.pick(&LETTERS).repeat(length);
        }
        (0..length).map(|_| *self.pick(&LETTERS)).collect()
    }

    fn propose_odd(&mut self, schema: &Value) -> Value {
        let resolved = self.document.resolve(schema);
        let properties = resolved["properties"].as_object();
        if let Some(properties) = properties
            && !self.one_in(4)
        {
            let mut object = self.object(resolved);
            let names: Vec<_> = properties.keys().collect();
            match self.dice.below(3) {
                0 if !names.is_empty() => drop(object.remove(*self.pick(&names))),
                1 if !names.is_empty() => {
                    let name = *self.pick(&names);
                    object.insert(name.clone(), self.propose_odd(&properties[name]));
                }
                _ => drop(object.insert("unheard_of".to_owned(), json!(1))),
            }
            return object.into();
        }
        if let Some(choices) = resolved["oneOf"].as_array()
            && !self.one_in(4)
        {
            let choice = self.pick(choices);
            return self.propose_odd(choice);
        }
        match self.dice.below(8) {
            0 => Value::Null,
            1 => json!([]),
            2 => json!({"unheard_of": 1}),
            3 => json!(self.pick(&[-1_i64, 0, 7, i64::MAX])),
            4 => json!(1.5),
            5 => json!(true),
            6 => json!(self.text(resolved, 1)),
            _ => json!(*self.pick(&ODD)),
        }
    }
}
