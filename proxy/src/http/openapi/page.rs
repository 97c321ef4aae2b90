//! The document as a page for people: one file, without scripts, loads nothing.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::schema;

pub(super) const STYLE: &str = include_str!("page.css");

/// The whole page.
pub(super) fn render(document: &Value) -> String {
    let mut page = Page::default();
    page.raw("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n");
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    page.text(&document["info"]["title"]);
    page.raw("</title>\n<style>");
    page.raw(STYLE);
    page.raw("</style>\n<body>\n<header><h1>");
    page.text(&document["info"]["title"]);
    page.raw(" <small>");
    page.text(&document["info"]["version"]);
    page.raw("</small></h1>");
    page.prose(&document["info"]["description"]);
    page.raw(
        "<p>The same for machines: <a href=\"/openapi.json\">/openapi.json</a></p></header>\n",
    );
    contents(&mut page, document);
    page.raw("<main>\n");
    for tag in list(&document["tags"]) {
        page.raw("<h2>");
        page.text(&tag["name"]);
        page.raw("</h2>");
        page.prose(&tag["description"]);
        for (path, method, operation) in operations(document, tag) {
            render_operation(&mut page, document, path, method, operation);
        }
    }
    security(&mut page, document);
    page.raw("<h2>Shapes</h2>\n");
    for (name, schema) in entries(&document["components"]["schemas"]) {
        render_schema(&mut page, name, schema);
    }
    page.raw("</main>\n</body>\n</html>\n");
    page.0
}

fn contents(page: &mut Page, document: &Value) {
    page.raw("<nav><h2>Calls</h2><ul>\n");
    for tag in list(&document["tags"]) {
        for (path, method, operation) in operations(document, tag) {
            page.raw("<li><a href=\"#");
            page.text(&operation["operationId"]);
            page.raw("\"><code>");
            page.escaped(&format!("{} {path}", method.to_uppercase()));
            page.raw("</code></a> ");
            page.text(&operation["summary"]);
            page.raw("</li>\n");
        }
    }
    page.raw("</ul></nav>\n");
}

/// The operations with this tag, in the order of their paths.
fn operations<'d>(
    document: &'d Value,
    tag: &'d Value,
) -> impl Iterator<Item = (&'d str, &'d str, &'d Value)> {
    entries(&document["paths"])
        .flat_map(|(path, item)| entries(item).map(move |(method, it)| (path, method, it)))
        .filter(|(_, _, operation)| operation["tags"][0] == tag["name"])
}

fn render_operation(
    page: &mut Page,
    document: &Value,
    path: &str,
    method: &str,
    operation: &Value,
) {
    page.raw("<section id=\"");
    page.text(&operation["operationId"]);
    page.raw("\"><h3><code>");
    page.escaped(&format!("{} {path}", method.to_uppercase()));
    page.raw("</code></h3><p><strong>");
    page.text(&operation["summary"]);
    page.raw("</strong></p>");
    page.prose(&operation["description"]);
    let schemes: Vec<_> = list(&operation["security"])
        .map(|any| entries(any).next().map_or("nobody", |(name, _)| name))
        .collect();
    page.raw("<p>Who may call: ");
    page.escaped(&if schemes.is_empty() {
        "anybody".to_owned()
    } else {
        schemes.join(", ")
    });
    page.raw("</p>");
    if list(&operation["parameters"]).next().is_some() {
        page.raw("<table><tr><th>Parameter<th>Where<th>What</tr>");
        for parameter in list(&operation["parameters"]) {
            page.row(
                &[&parameter["name"], &parameter["in"]],
                &parameter["schema"],
                parameter,
            );
        }
        page.raw("</table>");
    }
    for content in entries(&operation["requestBody"]["content"]).map(|(_, content)| content) {
        page.raw("<h4>Body</h4>");
        page.content(content);
    }
    for (status, response) in entries(&operation["responses"]) {
        let response = shared(document, response).unwrap_or(response);
        page.raw("<details><summary><b>");
        page.escaped(status);
        page.raw("</b> ");
        page.text(&response["description"]);
        page.raw("</summary>");
        for (kind, content) in entries(&response["content"]) {
            page.raw("<p><code>");
            page.escaped(kind);
            page.raw("</code></p>");
            page.content(content);
        }
        page.raw("</details>");
    }
    page.raw("</section>\n");
}

/// The answer that many operations share, if this is only its name.
fn shared<'d>(document: &'d Value, response: &Value) -> Option<&'d Value> {
    document.pointer(response["$ref"].as_str()?.strip_prefix('#')?)
}

fn security(page: &mut Page, document: &Value) {
    page.raw("<h2>Who calls</h2>\n<table><tr><th>Name<th>What</tr>");
    for (name, scheme) in entries(&document["components"]["securitySchemes"]) {
        page.row(&[&name.into()], &Value::Null, scheme);
    }
    page.raw("</table>\n");
}

fn render_schema(page: &mut Page, name: &str, schema: &Value) {
    page.raw("<section id=\"shape-");
    page.escaped(name);
    page.raw("\"><h3>");
    page.escaped(name);
    page.raw("</h3>");
    page.prose(&schema["description"]);
    let parts = ["oneOf", "allOf"].map(|key| list(&schema[key]));
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    for part in &parts {
        page.raw("<p>");
        page.kind(part);
        page.raw("</p>");
        fields(page, part);
    }
    if parts.is_empty() {
        page.raw("<p>");
        page.kind(schema);
        page.raw("</p>");
        fields(page, schema);
    }
    page.raw("</section>\n");
}

fn fields(page: &mut Page, schema: &Value) {
    if entries(&schema["properties"]).next().is_none() {
        return;
    }
    page.raw("<table><tr><th>Field<th>Kind<th>What</tr>");
    for (name, property) in entries(&schema["properties"]) {
        let always = list(&schema["required"]).any(|required| required == name);
        let name = if always {
            name.to_owned()
        } else {
            format!("{name}?")
        };
        page.row(&[&name.into()], property, property);
    }
    page.raw("</table>");
}

/// Text that grows. Whatever is not ours to write goes through [`Page::escaped`].
#[derive(Default)]
struct Page(String);

impl Page {
    fn raw(&mut self, html: &str) {
        self.0.push_str(html);
    }

    fn escaped(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.raw("&amp;"),
                '<' => self.raw("&lt;"),
                '>' => self.raw("&gt;"),
                '"' => self.raw("&quot;"),
                other => self.0.push(other),
            }
        }
    }

    fn text(&mut self, value: &Value) {
        self.escaped(value.as_str().unwrap_or_default());
    }

    /// Paragraphs, with what stands between back-ticks as code.
    fn prose(&mut self, value: &Value) {
        for paragraph in value
            .as_str()
            .unwrap_or_default()
            .split("\n\n")
            .filter(|it| !it.is_empty())
        {
            self.raw("<p>");
            self.inline(paragraph);
            self.raw("</p>");
        }
    }

    fn inline(&mut self, text: &str) {
        for (index, part) in text.split('`').enumerate() {
            let code = index % 2 == 1;
            self.raw(if code { "<code>" } else { "" });
            self.escaped(part);
            self.raw(if code { "</code>" } else { "" });
        }
    }

    fn row(&mut self, names: &[&Value], kind: &Value, described: &Value) {
        self.raw("<tr>");
        for name in names {
            self.raw("<td><code>");
            self.text(name);
            self.raw("</code>");
        }
        self.raw("<td>");
        if !kind.is_null() {
            self.kind(kind);
            self.raw(if names.len() > 1 { ". " } else { "<td>" });
        }
        self.inline(described["description"].as_str().unwrap_or_default());
        self.raw("</tr>\n");
    }

    /// What kind of value a schema describes, in a few words.
    fn kind(&mut self, schema: &Value) {
        if let Some(name) = schema["$ref"].as_str().and_then(schema::name) {
            self.raw("<a href=\"#shape-");
            self.escaped(name);
            self.raw("\">");
            self.escaped(name);
            self.raw("</a>");
            return;
        }
        let choices: Vec<_> = list(&schema["oneOf"]).collect();
        for (index, choice) in choices.iter().enumerate() {
            self.raw(if index > 0 { " or " } else { "" });
            self.kind(choice);
        }
        let kinds: Vec<_> = match &schema["type"] {
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            kind => kind.as_str().into_iter().collect(),
        };
        self.escaped(&kinds.join(" or "));
        if !schema["items"].is_null() {
            self.raw(" of ");
            self.kind(&schema["items"]);
        }
        for key in ["enum", "const", "format", "pattern"] {
            if !schema[key].is_null() {
                self.raw(" <code>");
                self.escaped(schema[key].as_str().unwrap_or(&schema[key].to_string()));
                self.raw("</code>");
            }
        }
    }

    fn content(&mut self, content: &Value) {
        let schema = &content["schema"];
        self.raw("<p>");
        let schemas = if schema["allOf"].is_array() {
            &schema["allOf"][0]
        } else {
            schema
        };
        self.kind(schemas);
        self.raw("</p>");
        let several = entries(&content["examples"]).map(|(_, example)| &example["value"]);
        let one = Some(&content["example"]).filter(|example| !example.is_null());
        for example in one.into_iter().chain(several) {
            self.raw("<pre>");
            match example {
                Value::String(text) => self.escaped(text),
                value => self.escaped(&format!("{value:#}")),
            }
            self.raw("</pre>");
        }
        for (name, data) in entries(&content["x-events"]) {
            let _ = write!(self.0, "<p>Event <code>{name}</code>: ");
            self.kind(data);
            self.raw("</p>");
        }
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let map: Option<&Map<String, Value>> = value.as_object();
    map.into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
}
