//! The list of settings: one table for the command line, the help text and the reader.

use clap::{Arg, Command};

/// One environment variable, and the command-line option of the same name if it is no secret.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The variable.
    pub name: &'static str,
    /// What it is when nothing is given; none where it is required or off.
    pub default: Option<&'static str>,
    /// Never an option, never printed; `NAME_FILE` may hold a path instead.
    pub secret: bool,
    /// A sentence or two.
    pub help: &'static str,
}

const fn plain(name: &'static str, default: Option<&'static str>, help: &'static str) -> Setting {
    Setting {
        name,
        default,
        secret: false,
        help,
    }
}

const fn secret(name: &'static str, help: &'static str) -> Setting {
    Setting {
        name,
        default: None,
        secret: true,
        help,
    }
}

/// Every setting, in the order of the documentation.
pub const SETTINGS: &[Setting] = &[
    secret(
        "MONO_SECRET_KEY",
        "Required. test_sk_… or live_sk_…, sent to Mono as mono-sec-key.",
    ),
    plain(
        "MONO_PUBLIC_KEY",
        None,
        "Required. test_pk_… or live_pk_…, of the same environment as the secret key; given to \
         pages.",
    ),
    secret(
        "MONO_WEBHOOK_SECRET",
        "Required. One or two values, comma-separated: both are accepted, so that it can be \
         rotated.",
    ),
    plain(
        "WEBHOOK_CONFIRM",
        Some("true"),
        "Whether Mono is asked before good news of an event is believed: events are not signed.",
    ),
    plain(
        "MONO_API_URL",
        Some("https://api.withmono.com"),
        "Every call to Mono goes to this origin and to no other.",
    ),
    plain(
        "MONO_API_GENERATION",
        Some("v2"),
        "v2, or v1 for Mono's unversioned paths.",
    ),
    plain(
        "MONO_REAUTH",
        None,
        "token, account_id or hosted_link: what the widget is given to re-authorise. Default: \
         account_id for v2, token for v1.",
    ),
    plain(
        "MONO_WIDGET_SCRIPT_URL",
        Some("https://connect.withmono.com/connect.js"),
        "The script that the page loads when it brings no Connect of its own.",
    ),
    plain(
        "MONO_WIDGET_ORIGINS",
        Some("https://connect.mono.co,https://connect.withmono.com"),
        "Comma-separated origins that the widget's messages may come from.",
    ),
    Setting {
        // May hold a password and is never printed, yet is an option too: a path is the common case.
        name: "DATABASE_URL",
        default: Some("sqlite://mono-connect.db"),
        secret: false,
        help: "sqlite://PATH, sqlite::memory: or postgres://USER:PASSWORD@HOST:PORT/DATABASE, which \
               several proxies may share. Not an option where it holds a password: other users of \
               the machine see options; DATABASE_URL_FILE may name a file that holds it.",
    },
    secret(
        "ENCRYPTION_KEYS",
        "Comma-separated id:base64 of 32 random bytes. The first encrypts personal data in the \
         database, all decrypt. Without any it lies there as it is.",
    ),
    plain(
        "LISTEN_ADDR",
        Some("127.0.0.1:8080"),
        "Address and port of the browser API, webhooks and static files.",
    ),
    plain(
        "ADMIN_ADDR",
        Some("127.0.0.1:9090"),
        "Address and port of /healthz, /readyz and /metrics; never the public one.",
    ),
    plain(
        "PUBLIC_URL",
        Some("http://127.0.0.1:8080"),
        "The origin that browsers see. https makes cookies Secure, with the __Host-Http- prefix.",
    ),
    plain(
        "ALLOWED_ORIGINS",
        None,
        "Comma-separated further page origins that may call (CORS). * is refused.",
    ),
    plain(
        "AUTH_MODE",
        Some("session"),
        "Who the caller is: session (anonymous visitors, by a signed cookie), jwt (tokens of the \
         site's own login) or forwarded (a proxy in front names the user).",
    ),
    secret(
        "SESSION_KEY",
        "Required in session mode. At least 32 random bytes, base64 or hex; or two keys, \
         comma-separated: the first signs, both verify, so that it can be rotated.",
    ),
    secret(
        "JWT_SECRET",
        "For jwt, unless there is a public key: the secret of HS256, at least 32 bytes.",
    ),
    plain(
        "JWT_PUBLIC_KEY",
        None,
        "For jwt: the public key in PEM, RSA (RS256), EC P-256 (ES256) or Ed25519 (EdDSA).",
    ),
    plain(
        "JWT_JWKS_URL",
        None,
        "For jwt: where the public keys are (a JWK set); https, or http on loopback.",
    ),
    plain("JWT_ISSUER", None, "For jwt: what `iss` must be."),
    plain(
        "JWT_AUDIENCE",
        None,
        "For jwt: what `aud` must hold. Without it, a token that names an audience is refused.",
    ),
    plain(
        "JWT_USER_CLAIM",
        Some("sub"),
        "For jwt: the claim that names the user.",
    ),
    plain(
        "JWT_COOKIE",
        None,
        "For jwt: a cookie that may hold the token, besides Authorization: Bearer.",
    ),
    plain(
        "FORWARDED_USER_HEADER",
        Some("x-forwarded-user"),
        "For forwarded: the header in which the proxy names the user.",
    ),
    plain(
        "FORWARDED_TRUSTED_PROXIES",
        None,
        "Comma-separated networks of proxies in front. Required in forwarded mode: the user's \
         header is believed from them only. In every mode, X-Forwarded-For is believed from them \
         only, and tells addresses apart for RATE_LIMIT.",
    ),
    plain(
        "SERVICE_KEYS",
        None,
        "Comma-separated name:sha256-hex: keys of the site's own back end, for /service.",
    ),
    plain("STATIC_DIR", None, "Serves this folder at /."),
    plain(
        "CACHE_TTL",
        Some("15m"),
        "How long an answer of Mono's may be given again, for instance 30s or 15m; 0: never.",
    ),
    plain(
        "UPSTREAM_TIMEOUT",
        Some("30s"),
        "How long one attempt at Mono may take, for instance 500ms, 30s or 1m.",
    ),
    plain(
        "UPSTREAM_CONCURRENCY",
        Some("256"),
        "Calls to Mono at once.",
    ),
    plain(
        "RATE_LIMIT",
        Some("600"),
        "Calls a minute per caller; a tenth of it per address without one.",
    ),
    plain(
        "SYNC_SCHEDULE",
        None,
        "Cron expression of five fields, in TIMEZONE: when accounts with consent are synced.",
    ),
    plain(
        "TIMEZONE",
        Some("Africa/Lagos"),
        "IANA name of the site's time zone.",
    ),
    plain(
        "NOTIFY_URL",
        None,
        "Where events for the site's own back end are posted (Standard Webhooks): https, or http on \
         loopback and with test keys.",
    ),
    secret(
        "NOTIFY_SECRET",
        "Required with NOTIFY_URL. whsec_ and base64 of 24 to 64 random bytes: signs the events; or \
         two, comma-separated: each signs, so that it can be rotated.",
    ),
    plain(
        "REMINDER_WINDOW",
        Some("09:00-18:00"),
        "When reminders to log in again may go out, in TIMEZONE; at most one a day per account.",
    ),
    plain(
        "LOG",
        Some("info"),
        "Filter: error, warn, info, debug, trace, or per module.",
    ),
    plain("LOG_FORMAT", Some("text"), "text or json."),
    plain(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        None,
        "Where traces go: the http or https URL of an OpenTelemetry collector; /v1/traces is added \
         (OTLP over HTTP, protobuf). Without it there are none.",
    ),
    secret(
        "OTEL_EXPORTER_OTLP_HEADERS",
        "Comma-separated name=value: headers that the collector wants.",
    ),
    plain(
        "OTEL_SERVICE_NAME",
        Some("mono-connect-proxy"),
        "What the proxy is called in traces.",
    ),
    plain(
        "OTEL_TRACES_SAMPLER_ARG",
        Some("1"),
        "The share of requests that are traced, from 0 to 1.",
    ),
];

/// The command line: a sub-command, and an option for every setting that is no secret.
pub fn command_line() -> Command {
    let mut command = Command::new("mono-connect-proxy")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Links users' bank accounts through Mono Connect and reads them for a website.")
        .subcommand(Command::new("serve").about("Migrates the database and serves (the default)"))
        .subcommand(Command::new("check-config").about("Says whether the configuration is right"))
        .subcommand(
            Command::new("openapi").about("Prints the document of the HTTP API (OpenAPI 3.1)"),
        )
        .subcommand(
            Command::new("migrate")
                .about("Migrates the database, encrypts what is not encrypted yet, and ends"),
        )
        .disable_help_subcommand(true)
        .after_help(secrets_help());
    for setting in SETTINGS.iter().filter(|setting| !setting.secret) {
        let default = setting.default.map(|value| format!(" [default: {value}]"));
        let help = format!(
            "{}{} [env: {}]",
            setting.help,
            default.unwrap_or_default(),
            setting.name
        );
        command = command.arg(
            Arg::new(setting.name)
                .long(option_name(setting.name))
                .value_name("VALUE")
                .global(true)
                .allow_hyphen_values(true)
                .help(help),
        );
    }
    command
}

fn option_name(variable: &str) -> String {
    variable.to_ascii_lowercase().replace('_', "-")
}

fn secrets_help() -> String {
    let mut text = String::from(
        "Secrets come from the environment only. Each may be given as NAME_FILE, the path of a \
         file that holds it:\n",
    );
    for setting in SETTINGS.iter().filter(|setting| setting.secret) {
        text.push_str("  ");
        text.push_str(setting.name);
        text.push_str("\n          ");
        text.push_str(setting.help);
        text.push('\n');
    }
    text
}
