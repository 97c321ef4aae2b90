//! `mono-simulator`: a Mono on loopback, for demos and for tests in other languages.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use mono_simulator::{Options, Simulator, StartError, parse_duration};
use tokio::signal::unix::{SignalKind, signal};

/// A simulated Mono: API, widget, webhooks and time. Control it under /_sim.
#[derive(Debug, Parser)]
#[command(name = "mono-simulator")]
struct Arguments {
    /// Address of the plain listener; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:4010")]
    listen: SocketAddr,
    /// Address of a second listener with a self-signed certificate.
    #[arg(long)]
    tls_listen: Option<SocketAddr>,
    /// Origin in links to the simulator [default: the plain listener's].
    #[arg(long)]
    public_url: Option<String>,
    /// Expected in the header mono-sec-key.
    #[arg(long, default_value = "test_sk_simulator")]
    secret_key: String,
    /// Expected as the widget's key.
    #[arg(long, default_value = "test_pk_simulator")]
    public_key: String,
    /// Where webhooks are sent; none when absent.
    #[arg(long)]
    webhook_url: Option<String>,
    /// Sent in the header mono-webhook-secret.
    #[arg(long, default_value = "webhook_secret_simulator")]
    webhook_secret: String,
    /// Everything generated follows from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// From linking until the data is there, for example 500ms, 3s or 2m.
    #[arg(long, default_value = "3s", value_parser = parse_duration)]
    processing_time: Duration,
}

impl Arguments {
    fn options(self) -> Options {
        let mut options = Options {
            listen: self.listen,
            tls_listen: self.tls_listen,
            public_url: self.public_url,
            secret_key: self.secret_key,
            public_key: self.public_key,
            seed: self.seed,
            ..Options::default()
        };
        options.settings.processing_time = self.processing_time;
        options.settings.webhook.url = self.webhook_url;
        options.settings.webhook.secret = self.webhook_secret;
        options
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse().options()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), StartError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let simulator = Simulator::start(options).await?;
    announce(&simulator);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

#[expect(
    clippy::print_stdout,
    reason = "the one line that says the simulator is ready"
)]
fn announce(simulator: &Simulator) {
    let tls = simulator
        .tls_url()
        .map(|url| format!(" tls {url}"))
        .unwrap_or_default();
    println!("mono-simulator listening on {}{tls}", simulator.base_url());
}

#[expect(
    clippy::print_stderr,
    reason = "the operator of the binary reads it there"
)]
fn complain(error: &StartError) {
    eprintln!("mono-simulator: {error}");
}
