//! `mono-connect-proxy`: reads the configuration, then serves, migrates or only checks it. Prints the
//! document of its HTTP API without one.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use mono_connect_proxy::config::{Config, Problem, SETTINGS, Source, command_line};
use mono_connect_proxy::telemetry::{self, Traces};
use mono_connect_proxy::{StartError, migrate, openapi_document, serve};

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// For wrong configuration and wrong arguments, as is usual.
const USAGE: u8 = 2;

#[expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "this is the program's own output"
)]
fn main() -> ExitCode {
    let matches = command_line().get_matches();
    if matches.subcommand_name() == Some("openapi") {
        // Whoever reads may stop early.
        let _ = writeln!(std::io::stdout(), "{:#}", openapi_document());
        return ExitCode::SUCCESS;
    }
    let options: BTreeMap<&'static str, String> = SETTINGS
        .iter()
        .filter(|setting| !setting.secret)
        .filter_map(|setting| {
            matches
                .get_one::<String>(setting.name)
                .map(|value| (setting.name, value.clone()))
        })
        .collect();
    let config = match Config::read(Source::new(options, &environment)) {
        Ok(config) => config,
        Err(problems) => {
            eprintln!("mono-connect-proxy: {problems}");
            return ExitCode::from(USAGE);
        }
    };
    if matches.subcommand_name() == Some("check-config") {
        for Problem { variable, message } in &config.warnings {
            eprintln!("mono-connect-proxy: {variable} {message}");
        }
        println!("The configuration is right.");
        return ExitCode::SUCCESS;
    }
    // Two providers in one process would panic at first use; name ours.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    match run(&config, matches.subcommand_name()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mono-connect-proxy: {}", chain(error.as_ref()));
            match error.downcast_ref::<StartError>() {
                Some(error) if error.is_wrong_configuration() => ExitCode::from(USAGE),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

fn run(config: &Config, command: Option<&str>) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        if command == Some("migrate") {
            telemetry::start(&config.logging, None);
            return migrate(config).await;
        }
        let traces = config.traces.as_ref().map(Traces::new).transpose();
        let traces = traces.map_err(StartError::Traces)?;
        telemetry::start(&config.logging, traces.as_ref());
        serve(config, traces.as_ref()).await
    })?;
    Ok::<(), StartError>(()).map_err(Into::into)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the configuration is read here, once"
)]
fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
