//! Running other programs: to the end, for their output, or line by line.

use std::io::{BufRead as _, BufReader, stderr};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::environment::variable;
use crate::terminal::say;

/// The cargo that runs us, so that a nested call uses the same toolchain.
pub(crate) fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(variable("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder);
    command
}

/// Node's package manager.
pub(crate) fn npm(folder: &Path) -> Result<Command> {
    node_program("npm", folder)
}

/// Node itself.
pub(crate) fn node(folder: &Path) -> Result<Command> {
    node_program("node", folder)
}

fn node_program(name: &str, folder: &Path) -> Result<Command> {
    let Some(program) = find_program(name) else {
        bail!("`{name}` is not on PATH: install Node.js 20 or newer (https://nodejs.org)");
    };
    let mut command = Command::new(program);
    command.current_dir(folder);
    Ok(command)
}

/// Where a program of this name is on PATH.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let paths = variable("PATH")?;
    // npm is a batch file on Windows, and only there does the ending matter.
    let endings: &[&str] = if cfg!(windows) {
        &[".exe", ".cmd", ".bat"]
    } else {
        &[""]
    };
    std::env::split_paths(&paths)
        .flat_map(|folder| {
            endings
                .iter()
                .map(move |ending| folder.join(format!("{name}{ending}")))
        })
        .find(|candidate| candidate.is_file())
}

/// Runs to the end. What the program writes goes to standard error: it is progress.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::from(stderr()))
        .status()
        .with_context(|| format!("`{}` did not start", describe(command)))?;
    succeeded(command, status)
}

/// Runs to the end and returns what it wrote to standard output.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("`{}` did not start", describe(command)))?;
    succeeded(command, output.status)?;
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{}` wrote something that is not text", describe(command)))
}

/// Runs to the end, passing standard output on and showing each line to `reader` as it comes.
pub(crate) fn stream(command: &mut Command, mut reader: impl FnMut(&str)) -> Result<ExitStatus> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{}` did not start", describe(command)))?;
    let output = child.stdout.take().context("the output was piped")?;
    for line in BufReader::new(output).split(b'\n') {
        let line = line.with_context(|| format!("reading from `{}`", describe(command)))?;
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end_matches('\r');
        say(line);
        reader(line);
    }
    child
        .wait()
        .with_context(|| format!("waiting for `{}`", describe(command)))
}

/// The command as somebody would type it.
pub(crate) fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_stem().unwrap_or(command.get_program());
    let mut text = program.to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

fn succeeded(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    bail!("`{}` failed ({status})", describe(command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_program_is_named_with_its_arguments() {
        let mut command = cargo(Path::new("."));
        let error = run(command.arg("no-such-command").stderr(Stdio::null())).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("`cargo no-such-command` failed"),
            "{error}"
        );
    }

    #[test]
    fn stream_shows_every_line_and_the_status() {
        let mut lines = Vec::new();
        let status = stream(cargo(Path::new(".")).arg("--version"), |line| {
            lines.push(line.to_owned());
        })
        .unwrap();
        assert!(status.success());
        assert_eq!(lines.len(), 1);
        assert!(lines[0].starts_with("cargo "), "{lines:?}");
    }

    #[test]
    fn a_program_that_is_not_there_is_not_found() {
        assert_eq!(find_program("no-such-program-anywhere"), None);
        assert!(find_program("cargo").is_some());
    }
}
