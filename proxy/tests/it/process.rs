//! One running `mono-connect-proxy`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use mono_simulator::{Options, Simulator};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStderr, Command};

/// Nothing here takes as long; a test that waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process with its environment cleared and this one put in its place.
pub(crate) fn command(variables: &BTreeMap<String, String>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mono-connect-proxy"));
    command
        .env_clear()
        .envs(variables)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// A configuration that works, for this simulator and this folder.
pub(crate) fn variables(simulator: &Simulator, folder: &Path) -> BTreeMap<String, String> {
    let database = folder.join("test.db");
    [
        ("MONO_SECRET_KEY", simulator.secret_key()),
        ("MONO_PUBLIC_KEY", simulator.public_key()),
        ("MONO_WEBHOOK_SECRET", "webhook_secret_simulator".to_owned()),
        ("MONO_API_URL", simulator.base_url().to_owned()),
        ("SESSION_KEY", "5e".repeat(32)),
        ("DATABASE_URL", format!("sqlite://{}", database.display())),
        ("LISTEN_ADDR", "127.0.0.1:0".to_owned()),
        ("ADMIN_ADDR", "127.0.0.1:0".to_owned()),
        ("LOG_FORMAT", "json".to_owned()),
        ("RATE_LIMIT", "1000000".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

pub(crate) async fn simulator() -> Simulator {
    Simulator::start(Options::default()).await.unwrap()
}

/// A process that serves.
pub(crate) struct Proxy {
    pub(crate) url: String,
    pub(crate) admin_url: String,
    /// What it logged before it served.
    pub(crate) log_of_start: String,
    child: Child,
    log: BufReader<ChildStderr>,
}

impl Proxy {
    /// Starts it and waits until it serves.
    pub(crate) async fn start(variables: &BTreeMap<String, String>) -> Self {
        let mut child = command(variables).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let (log_of_start, line) = line_with(&mut log, "\"serving\"").await;
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        Self {
            url: format!("http://{}", line["listen"].as_str().unwrap()),
            admin_url: format!("http://{}", line["admin"].as_str().unwrap()),
            log_of_start,
            child,
            log,
        }
    }

    /// Waits for a log line.
    pub(crate) async fn logs(&mut self, part: &str) -> String {
        line_with(&mut self.log, part).await.1
    }

    /// By which the machine knows it.
    pub(crate) fn id(&self) -> String {
        self.child.id().expect("it runs").to_string()
    }

    pub(crate) async fn signal(&self, signal: &str) {
        let id = self.id();
        let sent = Command::new("kill")
            .args([signal, &id])
            .status()
            .await
            .unwrap();
        assert!(sent.success());
    }

    /// Waits for its end; gives the exit status and the rest of the log.
    pub(crate) async fn ends(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        let ended = async {
            self.log.read_to_string(&mut rest).await.unwrap();
            self.child.wait().await.unwrap()
        };
        let status = tokio::time::timeout(PATIENCE, ended)
            .await
            .expect("it ends");
        (status.code(), rest)
    }
}

/// Lines until the one with this part, and that one.
async fn line_with(log: &mut BufReader<ChildStderr>, part: &str) -> (String, String) {
    let found = async {
        let mut seen = String::new();
        loop {
            let mut line = String::new();
            let read = log.read_line(&mut line).await.unwrap();
            assert!(read > 0, "the log ended without {part}: {seen}");
            if line.contains(part) {
                return (seen, line);
            }
            seen.push_str(&line);
        }
    };
    tokio::time::timeout(PATIENCE, found)
        .await
        .expect("the line comes")
}

/// A visitor of a running process.
pub(crate) struct Browser {
    client: reqwest::Client,
    url: String,
    cookie: String,
}

impl Browser {
    pub(crate) async fn open(url: &str) -> Self {
        Self::try_open(url).await.expect("it gets a session")
    }

    /// The same, where the process may not answer.
    #[expect(clippy::disallowed_methods, reason = "a browser is outside")]
    pub(crate) async fn try_open(url: &str) -> Option<Self> {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client
            .post(format!("{url}/api/session"))
            .header("x-mono-connect", "1")
            .send()
            .await
            .ok()?;
        let cookie = answer.headers().get("set-cookie")?.to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Some(Self {
            client,
            url: url.to_owned(),
            cookie,
        })
    }

    /// The same visitor, with a connection for each call: no other one is lost with it.
    #[expect(clippy::disallowed_methods, reason = "a browser is outside")]
    pub(crate) fn without_keep_alive(self) -> Self {
        let client = reqwest::Client::builder().no_proxy();
        let client = client.pool_max_idle_per_host(0).build().unwrap();
        Self { client, ..self }
    }

    pub(crate) fn at(&mut self, url: &str) {
        url.clone_into(&mut self.url);
    }

    pub(crate) fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.with_headers(self.client.get(format!("{}{path}", self.url)))
    }

    pub(crate) fn post(&self, path: &str, body: &serde_json::Value) -> reqwest::RequestBuilder {
        self.with_headers(self.client.post(format!("{}{path}", self.url)).json(body))
    }

    pub(crate) fn delete(&self, path: &str) -> reqwest::RequestBuilder {
        self.with_headers(self.client.delete(format!("{}{path}", self.url)))
    }

    fn with_headers(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        request
            .header("x-mono-connect", "1")
            .header("cookie", &self.cookie)
    }
}
