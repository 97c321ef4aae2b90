//! Rules about lines: length of a file, white space, leftovers, paths of somebody's machine.

use super::Violation;
use super::tree::SourceFile;

/// The most lines that a reader can keep in mind.
const LONGEST: usize = 400;
/// Written in lower case, so that this list is not found by its own rule.
const LEFTOVERS: &[&str] = &["fixme", "todo", "xxx"];
/// Top-level folders of a machine that documentation has no business with.
const MACHINE: &[&str] = &["home", "root", "tmp", "Users", "work"];
/// Kinds of files that are code, and are kept short.
const CODE: &[&str] = &["css", "html", "js", "jsx", "mjs", "rs", "sh", "ts", "tsx"];

/// Checks one file.
pub(crate) fn check(file: &SourceFile) -> Vec<Violation> {
    let mut found = Vec::new();
    found.extend(long(file));
    found.extend(undocumented(file));
    for (number, line) in (1..).zip(file.text.lines()) {
        let sentences = [
            trailing_space(line),
            (file.is("rs") && line.contains('\t')).then(|| "Indent with spaces.".to_owned()),
            leftover(line),
            file.is("md").then(|| machine_path(line)).flatten(),
        ];
        let sentences = sentences.into_iter().flatten();
        found.extend(sentences.map(|sentence| Violation::new(&file.path, number, sentence)));
    }
    found
}

fn long(file: &SourceFile) -> Option<Violation> {
    let lines = file.text.lines().count();
    let is_code = CODE.iter().any(|extension| file.is(extension));
    (is_code && !file.is_test() && lines > LONGEST).then(|| {
        let sentence = format!("{lines} lines are too many for one file; {LONGEST} are the most.");
        Violation::new(&file.path, LONGEST + 1, sentence)
    })
}

/// Every module says first what it is for.
fn undocumented(file: &SourceFile) -> Option<Violation> {
    let documented = file.text.starts_with("//!");
    (file.is("rs") && !file.is_test() && !documented)
        .then(|| Violation::new(&file.path, 1, "A module starts with `//!` and its purpose."))
}

fn trailing_space(line: &str) -> Option<String> {
    (line.trim_end().len() < line.len()).then(|| "The line ends in white space.".to_owned())
}

fn leftover(line: &str) -> Option<String> {
    let words = line.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    let mut capitals = words.filter(|word| !word.is_empty() && *word == word.to_uppercase());
    let word = capitals.find(|word| LEFTOVERS.contains(&word.to_lowercase().as_str()))?;
    Some(format!("{word} is a leftover."))
}

fn machine_path(line: &str) -> Option<String> {
    let folder = MACHINE.iter().find(|folder| {
        let path = format!("/{folder}/");
        let mut places = line.match_indices(&path).map(|(at, _)| &line[..at]);
        // In a URL or a longer path it is not the top of a machine.
        places.any(|before| {
            !before.ends_with(|letter: char| letter.is_alphanumeric() || letter == '.')
        })
    })?;
    Some(format!("`/{folder}/` is a path of somebody's machine."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(path: &str, text: &str) -> Vec<String> {
        let file = SourceFile {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        check(&file).iter().map(ToString::to_string).collect()
    }

    fn refused_line(path: &str, line: &str) -> bool {
        !complaints(path, &format!("//! Docs.\n{line}\n")).is_empty()
    }

    #[test]
    fn a_short_documented_file_is_fine() {
        assert_eq!(
            complaints("a/src/lib.rs", "//! Purpose.\n\nfn f() {}\n"),
            [""; 0]
        );
        assert_eq!(complaints("a/src/tests.rs", "use super::*;\n"), [""; 0]);
    }

    #[test]
    fn four_hundred_lines_are_the_most() {
        let text = |lines: usize| format!("//! Docs.\n{}", "\n".repeat(lines - 1));
        assert_eq!(complaints("a/src/b.rs", &text(400)), [""; 0]);
        assert_eq!(
            complaints("a/src/b.rs", &text(401)),
            ["a/src/b.rs:401: 401 lines are too many for one file; 400 are the most."]
        );
        assert_eq!(complaints("a/src/b/tests.rs", &text(401)), [""; 0]);
        assert_eq!(complaints("README.md", &text(401)), [""; 0]);
    }

    #[test]
    fn a_module_without_a_purpose_is_shown() {
        let found = complaints("a/src/b.rs", "use x::Y;\n");
        assert_eq!(
            found,
            ["a/src/b.rs:1: A module starts with `//!` and its purpose."]
        );
    }

    #[test]
    fn white_space_has_its_place() {
        assert!(refused_line("a/src/b.rs", "fn f() {} "));
        assert!(refused_line("README.md", "two spaces  "));
        assert!(refused_line("a/src/b.rs", "\tfn f() {}"));
        assert!(!refused_line("www/main.css", "\tcolor: red;"));
    }

    #[test]
    fn leftovers_are_words_in_capitals() {
        for word in LEFTOVERS {
            assert!(refused_line(
                "www/main.js",
                &format!("// {}: later", word.to_uppercase())
            ));
            assert!(!refused_line("www/main.js", &format!("// a {word} list")));
        }
        assert!(!refused_line("a/src/b.rs", "const MY_TODOS: u8 = 1;"));
    }

    #[test]
    fn documentation_names_no_machine() {
        for folder in MACHINE {
            assert!(refused_line(
                "docs/a.md",
                &format!("see `/{folder}/me/main`")
            ));
            assert!(!refused_line(
                "docs/a.md",
                &format!("see https://example.com/{folder}/me")
            ));
        }
        assert!(!refused_line("docs/a.md", "the folder `work/` here"));
    }
}
