//! Every dependency is written down once, in the root manifest: members only say `workspace = true`.

use super::Violation;
use super::tree::SourceFile;

const TABLES: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

/// Where in a manifest a line is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    /// One dependency per line.
    Table,
    /// `[dependencies.name]`: the table is the dependency. The line of its head is kept.
    Single {
        head: usize,
        inherited: bool,
    },
    Other,
}

/// Checks one member's manifest; other files have nothing to say.
pub(crate) fn check(file: &SourceFile) -> Vec<Violation> {
    if !file.path.ends_with("/Cargo.toml") {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut section = Section::Other;
    let mut open = 0;
    for (number, line) in (1..).zip(file.text.lines()).chain([(0, "[end]")]) {
        let line = line.trim();
        // A list of features over several lines belongs to the line that it started on.
        let continues = open > 0;
        open += balance(line);
        if continues || line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with('[') {
            open = 0;
            if let Section::Single {
                head,
                inherited: false,
            } = section
            {
                found.push(violation(file, head));
            }
            section = section_of(line, number);
            continue;
        }
        let inherited = line.replace(' ', "").contains("workspace=true");
        match &mut section {
            Section::Table if !inherited => found.push(violation(file, number)),
            Section::Single {
                inherited: seen, ..
            } => *seen |= inherited,
            Section::Table | Section::Other => {}
        }
    }
    found
}

fn violation(file: &SourceFile, line: usize) -> Violation {
    let sentence = "A dependency comes from the root manifest: `workspace = true`.";
    Violation::new(&file.path, line, sentence)
}

fn balance(line: &str) -> i32 {
    line.chars().fold(0, |open, letter| match letter {
        '[' | '{' => open + 1,
        ']' | '}' => open - 1,
        _ => open,
    })
}

fn section_of(head: &str, line: usize) -> Section {
    let name = head
        .trim_start_matches('[')
        .split(']')
        .next()
        .unwrap_or_default();
    // A `cfg` between `target.` and the table may hold dots; the table is what comes last.
    let is_table = |name: &str| {
        TABLES
            .iter()
            .any(|table| name == *table || name.ends_with(&format!(".{table}")))
    };
    match name.rsplit_once('.') {
        _ if is_table(name) => Section::Table,
        Some((table, _)) if is_table(table) => Section::Single {
            head: line,
            inherited: false,
        },
        _ => Section::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        let file = SourceFile {
            path: "a/Cargo.toml".to_owned(),
            text: text.to_owned(),
        };
        check(&file)
            .into_iter()
            .map(|violation| violation.line)
            .collect()
    }

    #[test]
    fn inherited_dependencies_are_fine() {
        let text = "[package]\nname = \"a\"\n\n[features]\ntls = [\"dep:tls\"]\n\n[dependencies]\n\
            # A comment.\na = { workspace = true }\nb.workspace = true\n\
            c = { workspace = true, features = [\n  \"one\",\n  \"two\",\n] }\n\n\
            [target.'cfg(all(unix, not(target_os = \"x.y\")))'.dependencies]\nd.workspace = true\n\n\
            [dev-dependencies.e]\nfeatures = [\"x\"]\nworkspace = true\n\n[lints]\nworkspace = true\n";
        assert_eq!(lines(text), [0; 0]);
    }

    #[test]
    fn versions_and_paths_in_a_member_are_not() {
        assert_eq!(lines("[dependencies]\na = \"1\"\n"), [2]);
        assert_eq!(lines("[dev-dependencies]\na = { path = \"../a\" }\n"), [2]);
        assert_eq!(
            lines("[build-dependencies]\na = { version = \"1\" }\n"),
            [2]
        );
        assert_eq!(lines("[target.'cfg(unix)'.dependencies]\na = \"1\"\n"), [2]);
        assert_eq!(
            lines("[dependencies.a]\nversion = \"1\"\n\n[lints]\nworkspace = true\n"),
            [1]
        );
    }

    #[test]
    fn the_root_manifest_is_where_they_belong() {
        let text = "[workspace.dependencies]\na = \"1\"\n".to_owned();
        assert_eq!(
            check(&SourceFile {
                path: "Cargo.toml".to_owned(),
                text
            }),
            []
        );
    }
}
