//! Where values come from, and what is wrong with them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::setting::SETTINGS;

/// Command line, environment and secret files, in this order of precedence.
pub struct Source<'a> {
    options: BTreeMap<&'static str, String>,
    environment: &'a dyn Fn(&str) -> Option<OsString>,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

/// What is wrong with one variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which.
    pub variable: String,
    /// What is wrong, without the value.
    pub message: String,
}

/// Everything that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// One by one, in the order of the documentation.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.0.len() == 1 {
            "problem"
        } else {
            "problems"
        };
        write!(formatter, "{} {noun} with the configuration:", self.0.len())?;
        for problem in &self.0 {
            write!(formatter, "\n  {}: {}", problem.variable, problem.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

impl<'a> Source<'a> {
    /// Options of the command line and a way to read the environment.
    pub fn new(
        options: BTreeMap<&'static str, String>,
        environment: &'a dyn Fn(&str) -> Option<OsString>,
    ) -> Self {
        Self {
            options,
            environment,
            problems: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Notes what works and is unwise.
    pub(super) fn warning(&mut self, variable: &str, message: impl Into<String>) {
        self.warnings.push(Problem {
            variable: variable.to_owned(),
            message: message.into(),
        });
    }

    pub(super) fn take_warnings(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.warnings)
    }

    /// Notes a problem.
    pub(super) fn problem(&mut self, variable: &str, message: impl Into<String>) {
        self.problems.push(Problem {
            variable: variable.to_owned(),
            message: message.into(),
        });
    }

    /// How many there are by now.
    pub(super) fn problem_count(&self) -> usize {
        self.problems.len()
    }

    pub(super) fn take_problems(&mut self) -> Problems {
        Problems(std::mem::take(&mut self.problems))
    }

    /// The value as given, if any. An empty one is none.
    pub(super) fn given(&mut self, variable: &'static str) -> Option<String> {
        if let Some(value) = self.options.get(variable) {
            return Some(value.trim().to_owned()).filter(|value| !value.is_empty());
        }
        let value = self.environment_value(variable);
        let file = self.environment_value(&format!("{variable}_FILE"));
        match (value, file) {
            (Some(_), Some(_)) => {
                self.problem(
                    variable,
                    format!("is given both as {variable} and as {variable}_FILE"),
                );
                None
            }
            (Some(value), None) => Some(value),
            (None, Some(path)) => self.read_file(variable, Path::new(&path)),
            (None, None) => None,
        }
    }

    /// What is there and cannot be read must not count as missing: a setting would be off.
    fn environment_value(&mut self, name: &str) -> Option<String> {
        let Ok(value) = (self.environment)(name)?.into_string() else {
            self.problem(name, "is not UTF-8");
            return None;
        };
        Some(value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    fn read_file(&mut self, variable: &str, path: &Path) -> Option<String> {
        let mode = std::fs::metadata(path).map(|file| file.permissions().mode());
        if mode.is_ok_and(|mode| mode & 0o004 != 0) {
            self.warning(
                &format!("{variable}_FILE"),
                "names a file that every user of this machine may read",
            );
        }
        match std::fs::read_to_string(path) {
            Ok(text) if text.trim().is_empty() => {
                self.problem(&format!("{variable}_FILE"), "names an empty file");
                None
            }
            Ok(text) => Some(text.trim().to_owned()),
            Err(error) => {
                let message = format!("cannot be read: {}", error.kind());
                self.problem(&format!("{variable}_FILE"), message);
                None
            }
        }
    }

    /// The value as given, else the default of the table.
    pub(super) fn value(&mut self, variable: &'static str) -> Option<String> {
        let default = || {
            let setting = SETTINGS.iter().find(|setting| setting.name == variable)?;
            setting.default.map(str::to_owned)
        };
        self.given(variable).or_else(default)
    }

    /// The value as given; missing is a problem.
    pub(super) fn required(&mut self, variable: &'static str) -> Option<String> {
        let problems = self.problems.len();
        let value = self.given(variable);
        // A file that cannot be read was already told.
        if value.is_none() && self.problems.len() == problems {
            self.problem(variable, "is required");
        }
        value
    }

    /// Parses the value or its default; what the parser says is a problem.
    pub(super) fn parsed<T>(
        &mut self,
        variable: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.value(variable)?;
        self.check(variable, parse(&value))
    }

    /// Notes an error as a problem.
    pub(super) fn check<T>(&mut self, variable: &str, result: Result<T, String>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(message) => {
                self.problem(variable, message);
                None
            }
        }
    }
}
