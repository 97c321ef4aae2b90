//! Decision records are numbered without gaps: `docs/adr/0001-….md` and on.

use super::Violation;
use super::tree::Tree;

const FOLDER: &str = "docs/adr/";

/// Checks the names of the records.
pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let names = tree
        .files()
        .iter()
        .filter_map(|file| file.path.strip_prefix(FOLDER));
    let mut expected = 1;
    let mut found = Vec::new();
    for name in names.filter(|name| *name != "README.md") {
        let path = format!("{FOLDER}{name}");
        match number(name) {
            Some(number) if number == expected => expected += 1,
            Some(number) => {
                let sentence = format!("The next decision record is {expected:04}.");
                found.push(Violation::new(&path, 1, sentence));
                expected = number + 1;
            }
            None => {
                found.push(Violation::new(
                    &path,
                    1,
                    "A decision record is named `NNNN-title.md`.",
                ));
            }
        }
    }
    found
}

fn number(name: &str) -> Option<u32> {
    let (number, title) = name.strip_suffix(".md")?.split_once('-')?;
    let well_formed = number.len() == 4 && !title.is_empty();
    number.parse().ok().filter(|_| well_formed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(names: &[&str]) -> Vec<String> {
        let paths: Vec<String> = names.iter().map(|name| format!("{FOLDER}{name}")).collect();
        let files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "")).collect();
        check(&Tree::of(&files))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn counting_up_is_fine() {
        assert_eq!(
            complaints(&["0001-one.md", "0002-two-more.md", "README.md"]),
            [""; 0]
        );
    }

    #[test]
    fn a_gap_or_a_number_given_twice_is_shown_once() {
        assert_eq!(
            complaints(&["0001-one.md", "0003-three.md", "0004-four.md"]),
            ["docs/adr/0003-three.md:1: The next decision record is 0002."]
        );
        assert_eq!(
            complaints(&["0001-one.md", "0001-other.md", "0002-two.md"]).len(),
            1
        );
    }

    #[test]
    fn other_names_are_shown() {
        assert_eq!(complaints(&["1-one.md"]).len(), 1);
        assert_eq!(complaints(&["notes.md"]).len(), 1);
    }
}
