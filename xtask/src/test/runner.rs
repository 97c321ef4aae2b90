//! Runs a test runner, passes on what it prints, and reads the counts from its own closing lines.
//!
//! The counts are never computed from anything but those lines; a runner that fails without them
//! is a problem of its own.

use std::process::Command;

use anyhow::Result;

use super::outcome::Outcome;
use crate::process::{describe, stream};

/// Cargo's own runner, and wasm-bindgen's, which closes the same way.
pub(crate) fn libtest(command: &mut Command) -> Result<Outcome> {
    run(command, read_libtest)
}

/// Node's runner with its `spec` reporter.
pub(crate) fn node_test(command: &mut Command) -> Result<Outcome> {
    run(command, read_node_test)
}

fn run(command: &mut Command, read: fn(&str, &mut Outcome)) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let status = stream(command, |line| read(&plain(line), &mut outcome))?;
    if !status.success() && outcome.failed == 0 {
        let problem = format!("`{}` failed ({status}) outside a test", describe(command));
        outcome.problems.push(problem);
    }
    Ok(outcome)
}

/// `test result: ok. 12 passed; 0 failed; 1 ignored; …`, once per test binary.
fn read_libtest(line: &str, outcome: &mut Outcome) {
    let Some((_verdict, counts)) = line
        .strip_prefix("test result: ")
        .and_then(|rest| rest.split_once(". "))
    else {
        return;
    };
    for count in counts.split("; ") {
        match number_and_word(count) {
            Some((number, "passed")) => outcome.passed += number,
            Some((number, "failed")) => outcome.failed += number,
            Some((number, "ignored")) => outcome.skipped += number,
            _ => {}
        }
    }
}

fn number_and_word(count: &str) -> Option<(u64, &str)> {
    let (number, word) = count.trim().split_once(' ')?;
    Some((number.parse().ok()?, word))
}

/// `ℹ pass 12` and its like, once at the end of the run.
fn read_node_test(line: &str, outcome: &mut Outcome) {
    let Some((word, number)) = line
        .strip_prefix("ℹ ")
        .and_then(|rest| rest.split_once(' '))
    else {
        return;
    };
    let Ok(number) = number.trim().parse::<u64>() else {
        return;
    };
    match word {
        "pass" => outcome.passed += number,
        // A test that was cancelled has not passed.
        "fail" | "cancelled" => outcome.failed += number,
        "skipped" | "todo" => outcome.skipped += number,
        _ => {}
    }
}

/// The line without the escape sequences that colour it.
fn plain(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|letter: char| letter.is_ascii_alphabetic());
        text.push_str(end.and_then(|end| part.get(end + 1..)).unwrap_or_default());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(output: &str, read: fn(&str, &mut Outcome)) -> Outcome {
        let mut outcome = Outcome::default();
        for line in output.lines() {
            read(&plain(line), &mut outcome);
        }
        outcome
    }

    #[test]
    fn libtest_closes_once_per_binary_and_all_are_added() {
        let output = "running 3 tests\n\
            test a ... ok\n\
            test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 1 filtered out; finished in 0.00s\n\
            test result: FAILED. 1 passed; 2 failed; 4 ignored; 0 measured; 0 filtered out; finished in 1.20s\n";
        let outcome = read_all(output, read_libtest);
        assert_eq!(
            outcome,
            Outcome {
                passed: 4,
                failed: 2,
                skipped: 4,
                problems: vec![]
            }
        );
    }

    #[test]
    fn the_wasm_runner_closes_without_the_word_measured() {
        let output =
            "test result: ok. 2 passed; 0 failed; 0 ignored; 0 filtered out; finished in 0.01s";
        assert_eq!(read_all(output, read_libtest).passed, 2);
    }

    #[test]
    fn node_closes_once_also_in_colour() {
        let output = "✔ links an account (812.1ms)\n\
            \u{1b}[34mℹ tests 9\u{1b}[39m\n\
            \u{1b}[34mℹ suites 1\u{1b}[39m\n\
            \u{1b}[34mℹ pass 5\u{1b}[39m\n\
            \u{1b}[34mℹ fail 1\u{1b}[39m\n\
            ℹ cancelled 1\n\
            ℹ skipped 1\n\
            ℹ todo 1\n\
            ℹ duration_ms 100.5\n";
        let outcome = read_all(output, read_node_test);
        assert_eq!(
            outcome,
            Outcome {
                passed: 5,
                failed: 2,
                skipped: 2,
                problems: vec![]
            }
        );
    }

    #[test]
    fn lines_of_the_tests_themselves_are_not_counted() {
        assert_eq!(
            read_all("  test result: ok. 3 passed", read_libtest),
            Outcome::default()
        );
        assert_eq!(
            read_all("pass 3\nℹ passing 3\nℹ pass many", read_node_test),
            Outcome::default()
        );
    }

    #[test]
    fn a_runner_that_fails_without_a_failed_test_is_a_problem() {
        let mut command = crate::process::cargo(std::path::Path::new("."));
        command
            .arg("no-such-command")
            .stderr(std::process::Stdio::null());
        let outcome = libtest(&mut command).unwrap();
        assert_eq!(outcome.failed, 0);
        assert!(
            outcome.problems[0].contains("outside a test"),
            "{:?}",
            outcome.problems
        );
    }
}
