//! The part `image`: the container image of `docs/deploy/Dockerfile`, built with a program that is
//! linked here, and run.
//!
//! The Dockerfile's first stage compiles inside an image of a registry. Here a folder takes its place,
//! with the same files in it, so that no registry is needed; the last stage is the Dockerfile's own.
//! What it makes is run without a container, in nothing but its own files and as its own user.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

use super::outcome::Outcome;
use super::{Part, Session};
use crate::process::{capture, cargo, find_program, run as run_to_the_end};
use crate::terminal::note;
use crate::toolchain::ensure_target;
use crate::workspace::Workspace;

pub(crate) const PART: Part = Part { name: "image", run };

/// The program's place in the image.
const PROGRAM: &str = "usr/local/bin/mono-connect-proxy";

/// What else the image needs: the certificate authorities that are trusted, and the time zones.
const AUTHORITIES: &str = "etc/ssl/certs/ca-certificates.crt";
const TIME_ZONES: &str = "usr/share/zoneinfo";

const TAG: &str = "mono-connect-proxy-under-test";

/// Nobody may be root in there.
const USER: &str = "65532:65532";

/// Who takes longer to answer has hung.
const PATIENCE: Duration = Duration::from_secs(10);

/// What buildah tells of an image, as far as it matters.
#[derive(Debug, Deserialize)]
struct Image {
    #[serde(rename = "OCIv1")]
    oci: Oci,
}

#[derive(Debug, Deserialize)]
struct Oci {
    config: Config,
}

/// How the image is run.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    user: String,
    entrypoint: Vec<String>,
    cmd: Vec<String>,
    env: Vec<String>,
}

fn run(session: &Session<'_>) -> Result<Outcome> {
    ensure!(cfg!(target_os = "linux"), "an image is built on Linux");
    let folder = session.workspace.target("image");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("emptying {}", folder.display()))?;
    }
    stage(session, &folder.join("build/image"))?;
    let buildah = Buildah {
        program: session.debian.program("buildah", "buildah")?,
        folder: folder.clone(),
    };
    let config = buildah.build(session.workspace)?;
    ensure!(
        config.user == USER,
        "the image runs as `{}`, not as {USER}",
        config.user
    );
    let container = buildah.capture(&["from", "--pull-never", TAG])?;
    let root = buildah.capture(&["mount", container.trim()])?;
    serve(Path::new(root.trim()), &config)?;
    buildah.capture(&["rm", container.trim()])?;
    fs::remove_dir_all(&folder).with_context(|| format!("emptying {}", folder.display()))?;
    Ok(Outcome {
        passed: 1,
        ..Outcome::default()
    })
}

/// Puts into this folder what the Dockerfile's first stage has in `/image`.
fn stage(session: &Session<'_>, folder: &Path) -> Result<()> {
    let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    ensure_target(session.workspace, &target)?;
    let compiler = session.debian.program("musl-gcc", "musl-tools")?;
    note("linking the proxy statically");
    run_to_the_end(
        cargo(session.workspace.root())
            .args(["build", "--locked", "--package", "mono-connect-proxy"])
            .args(["--bin", "mono-connect-proxy", "--target", &target])
            .env(format!("CC_{}", target.replace('-', "_")), compiler),
    )?;
    let program = session.workspace.target(&target);
    let program = program.join("debug/mono-connect-proxy");
    for (from, to) in [
        (program.as_path(), PROGRAM),
        (&Path::new("/").join(AUTHORITIES), AUTHORITIES),
    ] {
        let to = folder.join(to);
        let parent = to.parent().context("a file lies in a folder")?;
        fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
        fs::copy(from, &to).with_context(|| format!("copying {}", from.display()))?;
    }
    let zones = folder.join(TIME_ZONES);
    fs::create_dir_all(&zones).with_context(|| format!("making {}", zones.display()))?;
    let copied = Path::new("/").join(TIME_ZONES).join(".");
    run_to_the_end(
        Command::new("cp")
            .arg("--recursive")
            .args([&copied, &zones]),
    )?;
    // As in the image of the registry: whoever runs it may read it.
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(folder.join(PROGRAM), mode).context("letting everybody run the program")
}

/// Builds images without a daemon; everything that it keeps lies in one folder.
struct Buildah {
    program: PathBuf,
    folder: PathBuf,
}

impl Buildah {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(["--storage-driver", "vfs", "--root"])
            .arg(self.folder.join("store"))
            .arg("--runroot")
            .arg(self.folder.join("run"));
        command
    }

    fn capture(&self, arguments: &[&str]) -> Result<String> {
        capture(self.command().args(arguments))
    }

    /// Builds the image and reads what it says of itself.
    fn build(&self, workspace: &Workspace) -> Result<Config> {
        note("building the image");
        let stage = self.folder.join("build");
        run_to_the_end(
            self.command()
                .args(["build", "--isolation", "chroot", "--tag", TAG, "--file"])
                .arg(workspace.path("docs/deploy/Dockerfile"))
                .arg("--build-context")
                .arg(format!("build={}", stage.display()))
                .arg(&stage),
        )?;
        let said = self.capture(&["inspect", "--type", "image", TAG])?;
        let image: Image =
            serde_json::from_str(&said).with_context(|| format!("reading {said}"))?;
        Ok(image.oci.config)
    }
}

/// Starts what the image starts, in the image's files alone, until it is ready; then ends it.
fn serve(root: &Path, config: &Config) -> Result<()> {
    note("running the image");
    let chroot = find_program("chroot").context("`chroot` is not on PATH")?;
    let mut command = Command::new(chroot);
    command
        .arg(format!("--userspec={USER}"))
        .arg(root)
        .args(&config.entrypoint)
        .args(&config.cmd)
        .env_clear()
        .envs(config.env.iter().filter_map(|one| one.split_once('=')))
        .envs([
            ("MONO_SECRET_KEY", "test_sk_image"),
            ("MONO_PUBLIC_KEY", "test_pk_image"),
            ("MONO_WEBHOOK_SECRET", "webhook-secret-of-the-image"),
            ("SESSION_KEY", &"5e".repeat(32)),
            ("DATABASE_URL", "sqlite::memory:"),
            ("LISTEN_ADDR", "127.0.0.1:0"),
            ("ADMIN_ADDR", "127.0.0.1:0"),
            // Needs the time zones.
            ("SYNC_SCHEDULE", "0 2 * * *"),
        ])
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn().context("`chroot` did not start")?;
    let looked_at = look_at(&mut child);
    // It may have ended by itself.
    drop(child.kill());
    looked_at
}

fn look_at(child: &mut Child) -> Result<()> {
    let log = child.stderr.take().context("the log was piped")?;
    let mut log = BufReader::new(log);
    let mut seen = String::new();
    let admin = loop {
        let mut line = String::new();
        if log.read_line(&mut line).context("reading the log")? == 0 {
            bail!("it ended before it served:\n{seen}");
        }
        let said: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        if let Some(admin) = said.get("admin").and_then(|admin| admin.as_str()) {
            break admin.to_owned();
        }
        seen.push_str(&line);
    };
    let ready = ask(&admin, "/readyz").context("asking whether it is ready")?;
    ensure!(ready.starts_with("HTTP/1.1 200"), "not ready: {ready}");
    let id = child.id().to_string();
    let status = fs::read_to_string(format!("/proc/{id}/status")).context("looking at it")?;
    let user = status.lines().find(|line| line.starts_with("Uid:"));
    ensure!(
        user.is_some_and(|user| user.split_whitespace().skip(1).all(|id| id == "65532")),
        "it runs as {user:?}"
    );
    run_to_the_end(Command::new("kill").args(["-TERM", &id]))?;
    let mut rest = String::new();
    log.read_to_string(&mut rest).context("reading the log")?;
    let status = child.wait().context("waiting for its end")?;
    ensure!(status.success(), "it ended with {status}:\n{rest}");
    Ok(())
}

fn ask(address: &str, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(
        format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes(),
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
