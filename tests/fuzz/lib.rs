//! What is read from outside, spoilt: one target for each kind of input.
//!
//! A target takes any bytes, and panics when something is not as it must be: a parser that panics, an
//! answer of 500, somebody let in. libFuzzer drives them for as long as it is let (`cargo xtask fuzz`);
//! the tests here drive the same ones through the committed corpus, spoilt in the same ways every time.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a target tells what is wrong by panicking"
)]

mod http;
mod mono;
#[cfg(test)]
mod mutate;

/// A kind of input.
type Target = fn(&[u8]);

/// All of them, by the names of their corpora and programs.
const TARGETS: [(&str, Target); 7] = [
    ("webhook", mono::webhook),
    ("answer", mono::answer),
    ("login", http::login),
    ("query", http::query),
    ("body", http::body),
    ("last_event_id", http::last_event_id),
    ("ids", http::ids),
];

/// Gives the bytes to the target of this name.
///
/// # Panics
/// When something is not as it must be, or there is no such target.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    let (_, target) = target.unwrap_or_else(|| panic!("there is no target {name}"));
    target(data);
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::mutate::Mutations;
    use super::{TARGETS, run};

    /// Inputs made of each corpus. The targets that go through the whole proxy are slower.
    const MUTATIONS: usize = 3_000;

    /// Every file below, in an order of its own.
    fn files(folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(files(&path));
            } else {
                found.push(path);
            }
        }
        found.sort();
        found
    }

    /// What is spoilt for a target. What Mono says is committed already, for the client's tests.
    fn corpus(name: &str) -> Vec<Vec<u8>> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut paths = files(&here.join("corpus").join(name));
        if matches!(name, "webhook" | "answer") {
            paths.extend(files(&here.join("../../proxy/mono/tests/fixtures")));
        }
        paths
            .iter()
            .map(|path| std::fs::read(path).unwrap())
            .collect()
    }

    fn holds_out(name: &str) {
        let corpus = corpus(name);
        assert!(corpus.len() > 2, "{name} has a corpus");
        for data in &corpus {
            run(name, data);
        }
        let each = MUTATIONS / corpus.len();
        for (seed, data) in (1..).zip(&corpus) {
            let mut mutations = Mutations::seeded(seed);
            for _ in 0..each {
                run(name, &mutations.spoil(data));
            }
        }
    }

    #[test]
    fn webhooks() {
        holds_out("webhook");
    }

    #[test]
    fn answers_of_mono() {
        holds_out("answer");
    }

    #[test]
    fn cookies_and_tokens() {
        holds_out("login");
    }

    #[test]
    fn queries() {
        holds_out("query");
    }

    #[test]
    fn bodies() {
        holds_out("body");
    }

    #[test]
    fn last_event_ids() {
        holds_out("last_event_id");
    }

    #[test]
    fn ids() {
        holds_out("ids");
    }

    #[test]
    fn the_corpus_stays_small() {
        let all = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"));
        assert!(all.len() < 300, "{} files", all.len());
        for path in &all {
            let folder = path.parent().unwrap().file_name().unwrap();
            let known = TARGETS.iter().any(|(name, _)| folder == *name);
            assert!(known, "{} belongs to no target", path.display());
            assert!(
                path.metadata().unwrap().len() <= 4_096,
                "{}",
                path.display()
            );
        }
    }
}
