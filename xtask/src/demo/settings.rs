//! How the simulator and the proxy are told about each other.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::ports::free;
use crate::environment::{random_secret, variable};
use crate::programs::Programs;

/// The database file in the demo's folder.
pub(crate) const DATABASE: &str = "mono-connect.db";

const SECRET_KEY: &str = "test_sk_simulator";
const PUBLIC_KEY: &str = "test_pk_simulator";

/// What both servers must agree on.
pub(crate) struct Settings {
    pub(crate) admin: SocketAddr,
    listen: SocketAddr,
    simulator: SocketAddr,
    webhook_secret: String,
    session_key: String,
    folder: PathBuf,
}

impl Settings {
    /// Picks ports and secrets.
    pub(crate) fn choose(folder: &Path) -> Result<Self> {
        let simulator = free(4010, &[])?;
        let listen = free(8080, &[simulator])?;
        let admin = free(9090, &[simulator, listen])?;
        Ok(Self {
            admin,
            listen,
            simulator,
            webhook_secret: random_secret()?,
            session_key: session_key(folder)?,
            folder: folder.to_owned(),
        })
    }

    /// What the browser opens.
    pub(crate) fn public_url(&self) -> String {
        format!("http://{}", self.listen)
    }

    /// The simulator's command.
    pub(crate) fn simulator(&self, programs: &Programs) -> Command {
        let mut command = self.command(&programs.simulator);
        command.arg("--listen").arg(self.simulator.to_string());
        command.args(["--secret-key", SECRET_KEY, "--public-key", PUBLIC_KEY]);
        command
            .arg("--webhook-url")
            .arg(format!("{}/webhooks/mono", self.public_url()));
        command.arg("--webhook-secret").arg(&self.webhook_secret);
        command
    }

    /// The proxy's command, for a simulator at this URL.
    pub(crate) fn proxy(&self, programs: &Programs, simulator_url: &str) -> Command {
        let mut command = self.command(&programs.proxy);
        command.envs([
            ("MONO_SECRET_KEY", SECRET_KEY),
            ("MONO_PUBLIC_KEY", PUBLIC_KEY),
            ("MONO_WEBHOOK_SECRET", &self.webhook_secret),
            ("MONO_API_URL", simulator_url),
            (
                "MONO_WIDGET_SCRIPT_URL",
                &format!("{simulator_url}/connect.js"),
            ),
            ("MONO_WIDGET_ORIGINS", simulator_url),
            ("DATABASE_URL", &format!("sqlite://{DATABASE}")),
            ("SESSION_KEY", &self.session_key),
            ("LISTEN_ADDR", &self.listen.to_string()),
            ("ADMIN_ADDR", &self.admin.to_string()),
            ("PUBLIC_URL", &self.public_url()),
        ]);
        command.env("STATIC_DIR", self.folder.join("www"));
        command
    }

    /// Without the caller's variables: a `DATABASE_URL` or `AUTH_MODE` that somebody has set for
    /// something else must not reach the demo. The database is named relative to the folder, so
    /// that a checkout in a path with spaces works too.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(&self.folder);
        for name in ["PATH", "RUST_BACKTRACE", "SystemRoot"] {
            if let Some(value) = variable(name) {
                command.env(name, value);
            }
        }
        command
    }
}

/// The key that signs session cookies. It stays the same from run to run, because the proxy
/// answers 401 to a browser that comes back with a cookie it cannot verify.
fn session_key(folder: &Path) -> Result<String> {
    let file = folder.join("session-key");
    if let Ok(key) = fs::read_to_string(&file) {
        return Ok(key);
    }
    let key = random_secret()?;
    fs::write(&file, &key).with_context(|| format!("writing {}", file.display()))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::ffi::OsStr;

    use super::*;

    fn settings(folder: &Path) -> Settings {
        Settings {
            admin: "127.0.0.1:9091".parse().unwrap(),
            listen: "127.0.0.1:8081".parse().unwrap(),
            simulator: "127.0.0.1:4011".parse().unwrap(),
            webhook_secret: "shared".to_owned(),
            session_key: "key".to_owned(),
            folder: folder.to_owned(),
        }
    }

    fn programs() -> Programs {
        Programs {
            proxy: "proxy".into(),
            simulator: "simulator".into(),
        }
    }

    #[test]
    fn the_proxy_is_pointed_at_the_simulator_and_at_nothing_else() {
        let command = settings(Path::new("demo")).proxy(&programs(), "http://127.0.0.1:4011");
        let variables: BTreeMap<&OsStr, &OsStr> = command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        let value = |name: &str| variables[OsStr::new(name)].to_str().unwrap();
        assert_eq!(value("MONO_API_URL"), "http://127.0.0.1:4011");
        assert_eq!(
            value("MONO_WIDGET_SCRIPT_URL"),
            "http://127.0.0.1:4011/connect.js"
        );
        assert_eq!(value("MONO_WIDGET_ORIGINS"), "http://127.0.0.1:4011");
        assert_eq!(value("PUBLIC_URL"), "http://127.0.0.1:8081");
        assert_eq!(value("LISTEN_ADDR"), "127.0.0.1:8081");
        assert_eq!(value("ADMIN_ADDR"), "127.0.0.1:9091");
        assert_eq!(value("DATABASE_URL"), "sqlite://mono-connect.db");
        assert_eq!(command.get_current_dir(), Some(Path::new("demo")));
    }

    #[test]
    fn both_know_the_same_keys_and_webhook_secret() {
        let settings = settings(Path::new("demo"));
        let simulator = settings.simulator(&programs());
        let arguments: Vec<_> = simulator
            .get_args()
            .map(|word| word.to_str().unwrap())
            .collect();
        let proxy = settings.proxy(&programs(), "http://127.0.0.1:4011");
        let variable = |name: &str| {
            let (_, value) = proxy.get_envs().find(|(key, _)| *key == name).unwrap();
            value.unwrap().to_str().unwrap()
        };
        let argument = |name: &str| {
            let at = arguments.iter().position(|word| *word == name).unwrap();
            arguments[at + 1]
        };
        assert_eq!(argument("--secret-key"), variable("MONO_SECRET_KEY"));
        assert_eq!(argument("--public-key"), variable("MONO_PUBLIC_KEY"));
        assert_eq!(
            argument("--webhook-secret"),
            variable("MONO_WEBHOOK_SECRET")
        );
        assert_eq!(
            argument("--webhook-url"),
            "http://127.0.0.1:8081/webhooks/mono"
        );
    }

    #[test]
    fn the_session_key_survives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let first = session_key(folder.path()).unwrap();
        assert_eq!(first.len(), 64);
        assert_eq!(session_key(folder.path()).unwrap(), first);
    }
}
