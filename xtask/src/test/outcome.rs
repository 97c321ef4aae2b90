//! What came of a part, and the table at the end.

use std::fmt::Write as _;

/// Counts of one part, and why it failed where no single test says so.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    /// Tests that are there and were not run.
    pub(crate) skipped: u64,
    /// One sentence each.
    pub(crate) problems: Vec<String>,
}

impl Outcome {
    /// A part that could not run at all.
    pub(crate) fn broken(error: &anyhow::Error) -> Self {
        Self {
            problems: vec![format!("{error:#}")],
            ..Self::default()
        }
    }

    /// Takes in what another runner of the same part counted.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.problems.extend(other.problems);
    }

    /// The verdict: a part that ran nothing, or not everything, has a problem; and a part with a
    /// problem counts as at least one failure, so that the last line and the exit status agree.
    pub(crate) fn judged(mut self) -> Self {
        if self.skipped > 0 {
            self.problems
                .push(format!("{} tests are there but were skipped", self.skipped));
        }
        if self.passed + self.failed == 0 && self.problems.is_empty() {
            self.problems.push("no test ran".to_owned());
        }
        if self.failed == 0 && !self.problems.is_empty() {
            self.failed = 1;
        }
        self
    }
}

/// One line per part, the problems, and last the sum.
pub(crate) fn summary(outcomes: &[(&str, Outcome)]) -> String {
    let mut text = format!("\n{:<14}{:>8}{:>8}\n", "part", "passed", "failed");
    for (name, outcome) in outcomes {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<14}{:>8}{:>8}", outcome.passed, outcome.failed);
        for problem in &outcome.problems {
            let _ = writeln!(text, "  {name}: {problem}");
        }
    }
    let passed: u64 = outcomes.iter().map(|(_, outcome)| outcome.passed).sum();
    let failed: u64 = outcomes.iter().map(|(_, outcome)| outcome.failed).sum();
    let _ = write!(text, "\n{passed} passed, {failed} failed");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_part_stays_as_it_is() {
        let outcome = Outcome {
            passed: 3,
            ..Outcome::default()
        }
        .judged();
        assert_eq!(
            outcome,
            Outcome {
                passed: 3,
                ..Outcome::default()
            }
        );
    }

    #[test]
    fn a_part_that_ran_nothing_has_failed() {
        let outcome = Outcome::default().judged();
        assert_eq!(outcome.failed, 1);
        assert_eq!(outcome.problems, ["no test ran"]);
    }

    #[test]
    fn a_skipped_test_fails_its_part() {
        let outcome = Outcome {
            passed: 3,
            skipped: 2,
            ..Outcome::default()
        }
        .judged();
        assert_eq!(outcome.failed, 1);
        assert_eq!(outcome.problems, ["2 tests are there but were skipped"]);
    }

    #[test]
    fn a_problem_beside_failed_tests_does_not_count_twice() {
        let problems = vec!["the runner failed".to_owned()];
        let outcome = Outcome {
            failed: 2,
            problems,
            ..Outcome::default()
        }
        .judged();
        assert_eq!(outcome.failed, 2);
    }

    #[test]
    fn the_last_line_is_the_sum_alone() {
        let broken = Outcome::broken(&anyhow::anyhow!("Chromium is missing")).judged();
        let fine = Outcome {
            passed: 40,
            ..Outcome::default()
        };
        let text = summary(&[("rust", fine), ("wasm", broken)]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(*lines.last().unwrap(), "40 passed, 1 failed");
        assert!(lines.contains(&"  wasm: Chromium is missing"), "{text}");
        assert!(lines.contains(&"rust                40       0"), "{text}");
    }
}
