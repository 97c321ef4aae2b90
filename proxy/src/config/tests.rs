use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::PermissionsExt as _;

use mono_connect_shared::config::{ApiGeneration, Environment, ReauthoriseMethod};
use secrecy::ExposeSecret as _;

use super::*;

const SECRET: &str = "test_sk_0123456789";

fn good() -> BTreeMap<&'static str, &'static str> {
    BTreeMap::from([
        ("MONO_SECRET_KEY", SECRET),
        ("MONO_PUBLIC_KEY", "test_pk_0123456789"),
        ("MONO_WEBHOOK_SECRET", "webhook-secret"),
        (
            "SESSION_KEY",
            "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        ),
    ])
}

fn read(variables: &BTreeMap<&'static str, &'static str>) -> Result<Config, Problems> {
    let environment = |name: &str| variables.get(name).map(|value| OsString::from(*value));
    Config::read(Source::new(BTreeMap::new(), &environment))
}

fn with(changes: &[(&'static str, &'static str)]) -> Result<Config, Problems> {
    let mut variables = good();
    variables.extend(changes.iter().copied());
    read(&variables)
}

/// The variables that are complained about.
fn wrong(changes: &[(&'static str, &'static str)]) -> Vec<String> {
    match with(changes) {
        Ok(_) => Vec::new(),
        Err(problems) => problems
            .iter()
            .map(|problem| problem.variable.clone())
            .collect(),
    }
}

#[test]
fn defaults() {
    let config = read(&good()).unwrap();
    assert_eq!(config.keys.environment, Environment::Test);
    assert_eq!(
        config.upstream.api_url.as_str(),
        "https://api.withmono.com/"
    );
    assert_eq!(config.upstream.generation, ApiGeneration::V2);
    assert_eq!(config.upstream.reauthorise, ReauthoriseMethod::AccountId);
    assert_eq!(config.upstream.timeout.as_secs(), 30);
    assert_eq!(config.upstream.concurrency, 256);
    assert_eq!(
        config.widget.script_url.as_str(),
        "https://connect.withmono.com/connect.js"
    );
    assert_eq!(
        config.widget.origins,
        ["https://connect.mono.co", "https://connect.withmono.com"]
    );
    let is_default = |path: &std::path::Path| path == "mono-connect.db";
    assert!(matches!(&config.storage, Storage::SqliteFile(path) if is_default(path)));
    assert_eq!(config.listen.public.to_string(), "127.0.0.1:8080");
    assert_eq!(config.listen.admin.to_string(), "127.0.0.1:9090");
    assert_eq!(config.listen.public_origin, "http://127.0.0.1:8080");
    assert!(!config.listen.secure);
    assert!(config.listen.allowed_origins.is_empty());
    assert_eq!(config.listen.static_dir, None);
    assert_eq!(config.limits.calls_per_minute.get(), 600);
    assert_eq!(config.limits.cache_ttl.as_secs(), 15 * 60);
    assert!(config.keys.confirm_webhooks);
    assert!(matches!(config.access.login, Login::Session(_)));
    assert!(config.access.service_keys.is_empty());
    assert!(config.encryption_keys.is_empty());
    assert!(config.schedule.is_none());
    assert!(config.traces.is_none());
    assert_eq!(
        (config.logging.filter.as_str(), config.logging.format),
        ("info", LogFormat::Text)
    );
}

/// What the documentation promises where nothing is given, for settings that show only in use.
#[test]
fn defaults_of_the_table() {
    for (name, default) in [
        ("AUTH_MODE", "session"),
        ("JWT_USER_CLAIM", "sub"),
        ("FORWARDED_USER_HEADER", "x-forwarded-user"),
        ("TIMEZONE", "Africa/Lagos"),
        ("WEBHOOK_CONFIRM", "true"),
        ("OTEL_SERVICE_NAME", "mono-connect-proxy"),
        ("OTEL_TRACES_SAMPLER_ARG", "1"),
    ] {
        let setting = SETTINGS.iter().find(|setting| setting.name == name);
        assert_eq!(setting.unwrap().default, Some(default), "{name}");
    }
    for name in [
        "ALLOWED_ORIGINS",
        "ENCRYPTION_KEYS",
        "FORWARDED_TRUSTED_PROXIES",
        "JWT_AUDIENCE",
        "JWT_COOKIE",
        "JWT_ISSUER",
        "MONO_SECRET_KEY",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_HEADERS",
        "SERVICE_KEYS",
        "SESSION_KEY",
        "STATIC_DIR",
        "SYNC_SCHEDULE",
    ] {
        let setting = SETTINGS.iter().find(|setting| setting.name == name);
        assert_eq!(setting.unwrap().default, None, "{name}");
    }
}

#[test]
fn what_cannot_be_read_is_not_missing() {
    for variable in [
        "ENCRYPTION_KEYS",
        "MONO_SECRET_KEY",
        "LOG",
        "JWT_SECRET_FILE",
    ] {
        let environment = |name: &str| match name {
            name if name == variable => Some(OsString::from_vec(vec![b'a', 0xff])),
            name => good().get(name).map(OsString::from),
        };
        let read = Config::read(Source::new(
            BTreeMap::from([("AUTH_MODE", "jwt".to_owned())]),
            &environment,
        ));
        let problems = read.unwrap_err();
        let told = problems
            .iter()
            .any(|problem| problem.variable == variable && problem.message == "is not UTF-8");
        assert!(told, "{problems}");
    }
}

#[test]
fn what_is_unwise_is_told_and_works() {
    let warned = |changes: &[(&'static str, &'static str)]| {
        let warnings = with(changes).unwrap().warnings.into_iter();
        warnings.map(|warning| warning.variable).collect::<Vec<_>>()
    };
    let good_secret = ("MONO_WEBHOOK_SECRET", "0123456789abcdef");
    assert_eq!(warned(&[good_secret]), Vec::<String>::new());
    let one_is_short = ("MONO_WEBHOOK_SECRET", "0123456789abcdef,0123456789abcde");
    assert_eq!(warned(&[one_is_short]), ["MONO_WEBHOOK_SECRET"]);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, SECRET).unwrap();
    for (mode, expected) in [(0o600, 0), (0o440, 0), (0o444, 1), (0o644, 1)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let environment = |name: &str| match name {
            "MONO_SECRET_KEY" => None,
            "MONO_SECRET_KEY_FILE" => Some(path.clone().into_os_string()),
            "MONO_WEBHOOK_SECRET" => Some("0123456789abcdef".into()),
            name => good().get(name).map(OsString::from),
        };
        let config = Config::read(Source::new(BTreeMap::new(), &environment)).unwrap();
        let named = config.warnings.iter().map(|warning| &warning.variable);
        let named: Vec<_> = named.collect();
        assert_eq!(named, vec!["MONO_SECRET_KEY_FILE"; expected], "{mode:o}");
    }
}

#[test]
fn v1_reauthorises_by_token_unless_told_otherwise() {
    let config = with(&[("MONO_API_GENERATION", "v1")]).unwrap();
    assert_eq!(config.upstream.reauthorise, ReauthoriseMethod::Token);
    let config = with(&[("MONO_API_GENERATION", "v1"), ("MONO_REAUTH", "account_id")]).unwrap();
    assert_eq!(config.upstream.reauthorise, ReauthoriseMethod::AccountId);
}

#[test]
fn everything_missing_is_told_at_once() {
    let problems = read(&BTreeMap::new()).unwrap_err();
    let named: Vec<_> = problems
        .iter()
        .map(|problem| problem.variable.as_str())
        .collect();
    assert_eq!(
        named,
        [
            "MONO_SECRET_KEY",
            "MONO_PUBLIC_KEY",
            "MONO_WEBHOOK_SECRET",
            "SESSION_KEY"
        ]
    );
    let text = problems.to_string();
    assert!(
        text.starts_with("4 problems with the configuration:"),
        "{text}"
    );
    assert!(text.contains("MONO_SECRET_KEY: is required"), "{text}");
}

const WRONG: &[(&str, &str)] = &[
    ("MONO_SECRET_KEY", "sk_123"),
    ("MONO_SECRET_KEY", "test_sk_"),
    ("MONO_SECRET_KEY", "test_sk_a b"),
    ("MONO_SECRET_KEY", "test_pk_0123456789"),
    ("MONO_PUBLIC_KEY", "test_sk_0123456789"),
    ("MONO_PUBLIC_KEY", "live_sk_0123456789"),
    ("MONO_PUBLIC_KEY", "live_pk_0123456789"),
    ("MONO_PUBLIC_KEY", "pk"),
    ("MONO_WEBHOOK_SECRET", ","),
    ("MONO_WEBHOOK_SECRET", "a,b,c"),
    ("WEBHOOK_CONFIRM", "maybe"),
    ("MONO_API_URL", "api.withmono.com"),
    ("MONO_API_URL", "ftp://api.withmono.com"),
    ("MONO_API_URL", "https://api.withmono.com/v2"),
    ("MONO_API_URL", "https://user:pass@api.withmono.com"),
    ("MONO_API_URL", "https://api.withmono.com/?x=1"),
    ("MONO_API_GENERATION", "v3"),
    ("MONO_REAUTH", "magic"),
    ("MONO_WIDGET_SCRIPT_URL", "connect.js"),
    (
        "MONO_WIDGET_SCRIPT_URL",
        "http://connect.withmono.com/connect.js",
    ),
    ("MONO_WIDGET_ORIGINS", "*"),
    ("MONO_WIDGET_ORIGINS", "https://*.mono.co"),
    ("MONO_WIDGET_ORIGINS", ","),
    ("DATABASE_URL", "mysql://x"),
    ("DATABASE_URL", "sqlite://"),
    ("DATABASE_URL", "postgres://"),
    ("DATABASE_URL", "postgres://user:pass@host:x/db"),
    (
        "DATABASE_URL",
        "postgres://user:pass@host/db?sslmode=verify",
    ),
    (
        "DATABASE_URL",
        "postgres://user:pass@host/db?ssl_mode=verify-full",
    ),
    ("LISTEN_ADDR", "8080"),
    ("ADMIN_ADDR", "nonsense"),
    ("ADMIN_ADDR", "127.0.0.1:8080"),
    ("PUBLIC_URL", "bank.example"),
    ("PUBLIC_URL", "https://bank.example/app"),
    ("ALLOWED_ORIGINS", "*"),
    ("ALLOWED_ORIGINS", "https://a.example,*"),
    ("ALLOWED_ORIGINS", "a.example"),
    ("AUTH_MODE", "none"),
    ("SESSION_KEY", "short"),
    ("SESSION_KEY", "5e5e"),
    ("SESSION_KEY", THREE_KEYS),
    (
        "SESSION_KEY",
        "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!",
    ),
    ("STATIC_DIR", "/no/such/folder"),
    ("UPSTREAM_TIMEOUT", "soon"),
    ("UPSTREAM_TIMEOUT", "0"),
    ("UPSTREAM_TIMEOUT", "30"),
    ("UPSTREAM_TIMEOUT", "99999999999999999999h"),
    ("UPSTREAM_CONCURRENCY", "0"),
    ("UPSTREAM_CONCURRENCY", "-1"),
    ("RATE_LIMIT", "0"),
    ("LOG", "a=b=c"),
    ("LOG_FORMAT", "xml"),
    ("ENCRYPTION_KEYS", ","),
    ("ENCRYPTION_KEYS", "k1:AAAA"),
    ("ENCRYPTION_KEYS", "k1"),
    (
        "ENCRYPTION_KEYS",
        "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    ),
    (
        "ENCRYPTION_KEYS",
        ":MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    ),
    (
        "ENCRYPTION_KEYS",
        "k 1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    ),
    (
        "ENCRYPTION_KEYS",
        "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZW!",
    ),
    (
        "ENCRYPTION_KEYS",
        "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY5",
    ),
    ("REMINDER_WINDOW", "all day"),
    ("SYNC_SCHEDULE", "nightly"),
    ("TIMEZONE", "Lagos"),
    ("SERVICE_KEYS", " , "),
    ("SERVICE_KEYS", "a:b"),
    ("SERVICE_KEYS", "CANARY"),
    ("SERVICE_KEYS", TWO_OF_ONE_NAME),
    ("SERVICE_KEYS", ONE_KEY_TWICE),
    ("FORWARDED_TRUSTED_PROXIES", "10.0.0.0/33"),
    ("FORWARDED_TRUSTED_PROXIES", "proxy.example"),
    ("FORWARDED_TRUSTED_PROXIES", "0.0.0.0/0"),
    ("FORWARDED_TRUSTED_PROXIES", "10.0.0.1,::/0"),
    ("FORWARDED_TRUSTED_PROXIES", ","),
];

#[test]
fn each_wrong_value_names_its_variable() {
    for change in WRONG {
        assert_eq!(wrong(&[*change]), [change.0], "{change:?}");
    }
}

const THREE_KEYS: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=,\
                          MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=,\
                          MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const TWO_OF_ONE_NAME: &str = "a:0000000000000000000000000000000000000000000000000000000000000000,\
                               a:1111111111111111111111111111111111111111111111111111111111111111";
const ONE_KEY_TWICE: &str = "a:abababababababababababababababababababababababababababababababab,\
                             b:ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB";

const RSA_1024: &str = "-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQD2Il/xsBg3KsbdM09QWchr9OEN
I2/FbLeachhcBWYwrJMXHrCqA7ScDEOuUHDmgjPlLbClG37fDjdpIGwnhWIzxUS+
cIN6Rf0Gg/zu828Yud6z6tFUEJtypF3mJV8lY4s4wZk4RVOUNq9YnrN7FsMX+QCK
2KeYWGTgfgsnfCjR5QIDAQAB
-----END PUBLIC KEY-----";

#[test]
fn the_login_is_told_by_one_mode() {
    let jwt = |changes: &[(&'static str, &'static str)]| {
        let mut all = vec![("AUTH_MODE", "jwt"), ("SESSION_KEY", "")];
        all.extend(changes);
        wrong(&all)
    };
    let secret = ("JWT_SECRET", "a secret of thirty-two bytes or more");
    let jwks = ("JWT_JWKS_URL", "https://login.example/keys");
    assert_eq!(
        jwt(&[secret]),
        Vec::<String>::new(),
        "no session key is needed"
    );
    assert_eq!(jwt(&[jwks]), Vec::<String>::new());
    assert_eq!(jwt(&[]), ["JWT_SECRET"]);
    assert_eq!(jwt(&[secret, jwks]), ["JWT_JWKS_URL"]);
    assert_eq!(
        jwt(&[secret, jwks, ("JWT_PUBLIC_KEY", "x"), ("JWT_COOKIE", "a b")]),
        [
            "JWT_PUBLIC_KEY",
            "JWT_PUBLIC_KEY",
            "JWT_JWKS_URL",
            "JWT_COOKIE"
        ],
        "what it is and that it is one too many"
    );
    for (variable, value) in [
        ("JWT_SECRET", "too short"),
        ("JWT_PUBLIC_KEY", "none"),
        ("JWT_PUBLIC_KEY", RSA_1024),
        (
            "JWT_PUBLIC_KEY",
            "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----",
        ),
        ("JWT_JWKS_URL", "http://login.example/keys"),
        ("JWT_JWKS_URL", "https://user:pass@login.example/keys"),
        ("JWT_JWKS_URL", "keys"),
    ] {
        assert_eq!(jwt(&[(variable, value)]), [variable], "{value}");
    }
    assert_eq!(
        jwt(&[("JWT_JWKS_URL", "http://127.0.0.1:1/keys")]),
        Vec::<String>::new()
    );

    let forwarded = |changes: &[(&'static str, &'static str)]| {
        let mut all = vec![("AUTH_MODE", "forwarded"), ("SESSION_KEY", "")];
        all.extend(changes);
        wrong(&all)
    };
    let proxies = ("FORWARDED_TRUSTED_PROXIES", "10.0.0.0/8, ::1, 192.168.1.1");
    assert_eq!(forwarded(&[proxies]), Vec::<String>::new());
    assert_eq!(forwarded(&[]), ["FORWARDED_TRUSTED_PROXIES"]);
    for header in ["a b", "cookie", "X-Forwarded-For", "x:y"] {
        let wrong = forwarded(&[proxies, ("FORWARDED_USER_HEADER", header)]);
        assert_eq!(wrong, ["FORWARDED_USER_HEADER"], "{header}");
    }
}

#[test]
fn keys_of_the_back_end_are_known_by_their_digest() {
    let config = with(&[(
        "SERVICE_KEYS",
        "crm:0000000000000000000000000000000000000000000000000000000000000000, \
         b.2:ABCDEFabcdef0000000000000000000000000000000000000000000000000000",
    )])
    .unwrap();
    let names: Vec<_> = config
        .access
        .service_keys
        .iter()
        .map(|key| key.name.as_str())
        .collect();
    assert_eq!(names, ["crm", "b.2"]);
    assert_eq!(
        config.access.service_keys[1].digest[..3],
        [0xab, 0xcd, 0xef]
    );
}

#[test]
fn the_first_encryption_key_encrypts() {
    let keys = with(&[(
        "ENCRYPTION_KEYS",
        "2026-11:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=, \
         k_1:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=",
    )]);
    let keys = keys.unwrap().encryption_keys;
    let known: Vec<_> = keys.iter().map(|key| (&*key.id, key.expose())).collect();
    assert_eq!(
        known,
        [
            ("2026-11", b"0123456789abcdef0123456789abcdef".as_slice()),
            ("k_1", b"fedcba9876543210fedcba9876543210")
        ]
    );
    assert!(with(&[]).unwrap().encryption_keys.is_empty());
}

#[test]
fn every_wrong_encryption_key_is_told_by_its_place() {
    let problems = with(&[(
        "ENCRYPTION_KEYS",
        "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=, k2:short, \
         k1:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=, \
         k3:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=, CANARY, k5:QUFBQQ==",
    )]);
    let problems = problems.unwrap_err().to_string();
    for place in ["key 2 ", "key 3 ", "key 4 ", "key 5 ", "key 6 "] {
        assert!(problems.contains(place), "{place}: {problems}");
    }
    assert!(!problems.contains("key 1 "), "{problems}");
    for part in ["CANARY", "MDEy", "ZmVk", "short", "QUFB"] {
        assert!(!problems.contains(part), "{part}: {problems}");
    }
}

#[test]
fn many_wrong_values_are_told_at_once() {
    let changes = [
        ("LISTEN_ADDR", "x"),
        ("RATE_LIMIT", "x"),
        ("MONO_API_URL", "x"),
        ("LOG", "a=b=c"),
    ];
    let mut named = wrong(&changes);
    named.sort();
    assert_eq!(named, ["LISTEN_ADDR", "LOG", "MONO_API_URL", "RATE_LIMIT"]);
}

#[test]
fn live_keys_want_https_outside_this_machine() {
    let live = [
        ("MONO_SECRET_KEY", "live_sk_0123456789"),
        ("MONO_PUBLIC_KEY", "live_pk_0123456789"),
    ];
    assert_eq!(wrong(&live), Vec::<String>::new());
    for (variable, url, refused) in [
        ("PUBLIC_URL", "http://bank.example", true),
        ("PUBLIC_URL", "https://bank.example", false),
        ("PUBLIC_URL", "http://localhost:8080", false),
        ("MONO_API_URL", "http://mono.example", true),
        ("MONO_API_URL", "http://[::1]:4010", false),
    ] {
        let mut changes = live.to_vec();
        changes.push((variable, url));
        assert_eq!(!wrong(&changes).is_empty(), refused, "{url}");
        // A test key may go anywhere.
        assert_eq!(wrong(&[(variable, url)]), Vec::<String>::new());
    }
}

#[test]
fn no_value_is_ever_printed() {
    let cases = [
        ("MONO_SECRET_KEY", "CANARY"),
        ("MONO_PUBLIC_KEY", "live_sk_CANARY"),
        ("MONO_WEBHOOK_SECRET", "CANARY,CANARY,CANARY"),
        ("SESSION_KEY", "CANARY"),
        ("SERVICE_KEYS", "CANARY"),
        ("ENCRYPTION_KEYS", "CANARY"),
        ("ENCRYPTION_KEYS", "k1:CANARY"),
        (
            "DATABASE_URL",
            "postgres://CANARY:CANARY@host:CANARY/CANARY",
        ),
        (
            "DATABASE_URL",
            "postgres://CANARY:CANARY@host/CANARY?CANARY=CANARY",
        ),
        ("DATABASE_URL", "postgres://host/CANARY?sslmode=CANARY"),
        ("MONO_API_URL", "https://user:CANARY@host"),
    ];
    for change in cases {
        let problems = with(&[change]).unwrap_err();
        assert!(
            !format!("{problems} {problems:?}").contains("CANARY"),
            "{problems}"
        );
    }
    let config = with(&[("MONO_WEBHOOK_SECRET", "CANARYHOOK")]).unwrap();
    let printed = format!("{config:?}");
    for secret in [SECRET, "CANARYHOOK", "MDEyMzQ1", "0123456789abcdef"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

#[test]
fn a_postgres_is_named_by_a_url_that_nobody_prints() {
    for (url, protected) in [
        ("postgres://CANARY:CANARY@db.example/CANARY", false),
        ("postgresql://CANARY:CANARY@db.example:5433/CANARY", false),
        ("postgres://CANARY@db.example?sslmode=require", false),
        (
            "postgres://CANARY@db.example/CANARY?sslmode=verify-full",
            true,
        ),
        ("postgres://CANARY:CANARY@127.0.0.1/CANARY", true),
        ("postgres://CANARY@localhost:5433/CANARY", true),
        ("postgres://CANARY@[::1]/CANARY", true),
        ("postgres:///CANARY?host=/run/postgresql", true),
        ("postgres:///CANARY?host=db.example", false),
        ("postgres://localhost/CANARY?hostaddr=192.0.2.1", false),
        (
            "postgres://CANARY@db.example/?options[search_path]=CANARY",
            false,
        ),
    ] {
        let config = with(&[("DATABASE_URL", url)]).unwrap();
        let Storage::Postgres(postgres) = &config.storage else {
            unreachable!("{url}")
        };
        assert_eq!(
            (postgres.expose(), postgres.is_protected()),
            (url, protected)
        );
        assert!(!format!("{config:?}").contains("CANARY"));
    }
}

#[test]
fn the_webhook_secret_can_be_rotated() {
    let config = with(&[("MONO_WEBHOOK_SECRET", "new, old")]).unwrap();
    let secrets: Vec<_> = config
        .keys
        .webhook_secrets
        .iter()
        .map(secrecy::ExposeSecret::expose_secret)
        .collect();
    assert_eq!(secrets, ["new", "old"]);
}

#[test]
fn a_secret_may_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, format!("{SECRET}\n")).unwrap();
    let path = path.to_str().unwrap().to_owned();
    let read_with = |file: String, value: Option<&'static str>| {
        let environment = move |name: &str| match name {
            "MONO_SECRET_KEY" => value.map(str::to_owned),
            "MONO_SECRET_KEY_FILE" => Some(file.clone()),
            name => good().get(name).map(|value| (*value).to_owned()),
        };
        let environment = move |name: &str| environment(name).map(OsString::from);
        Config::read(Source::new(BTreeMap::new(), &environment))
    };
    let config = read_with(path.clone(), None).unwrap();
    assert_eq!(config.keys.secret_key.expose_secret(), SECRET);
    let both = read_with(path, Some(SECRET)).unwrap_err();
    assert_eq!(both.iter().next().unwrap().variable, "MONO_SECRET_KEY");
    let missing = read_with("/no/such/file".to_owned(), None).unwrap_err();
    assert_eq!(
        missing.iter().next().unwrap().variable,
        "MONO_SECRET_KEY_FILE"
    );
}

#[test]
fn an_option_outweighs_the_environment() {
    let environment = |name: &str| match name {
        "LISTEN_ADDR" => Some(OsString::from("127.0.0.1:1")),
        name => good().get(name).map(OsString::from),
    };
    let options = BTreeMap::from([("LISTEN_ADDR", "127.0.0.1:2".to_owned())]);
    let config = Config::read(Source::new(options, &environment)).unwrap();
    assert_eq!(config.listen.public.port(), 2);
}

#[test]
fn secrets_are_no_options_and_everything_is_explained() {
    command_line().debug_assert();
    let help = command_line().render_long_help().to_string();
    for setting in SETTINGS {
        assert!(
            help.contains(setting.name),
            "{} is not explained",
            setting.name
        );
        let option = format!("--{}", setting.name.to_ascii_lowercase().replace('_', "-"));
        assert_eq!(help.contains(&option), !setting.secret, "{option}");
    }
}

/// Secrets as the configuration reads them, for tests of what signs with them.
pub(crate) fn notify_secrets(text: &str) -> Vec<NotifySecret> {
    let environment = |name: &str| match name {
        "NOTIFY_URL" => Some("https://app.example/hooks".into()),
        "NOTIFY_SECRET" => Some(text.into()),
        name => good().get(name).map(OsString::from),
    };
    let config = Config::read(Source::new(BTreeMap::new(), &environment)).unwrap();
    config.notify.unwrap().secrets
}

#[test]
fn keys_that_exclude_each_other_are_each_looked_at() {
    let wrong = wrong(&[
        ("AUTH_MODE", "jwt"),
        ("JWT_SECRET", "short"),
        ("JWT_JWKS_URL", "http://keys.example/"),
    ]);
    assert_eq!(wrong, ["JWT_SECRET", "JWT_JWKS_URL", "JWT_JWKS_URL"]);
}

#[test]
fn a_session_key_is_looked_at_although_the_mode_is_unknown() {
    let wrong = wrong(&[("AUTH_MODE", "bogus"), ("SESSION_KEY", "short")]);
    assert_eq!(wrong, ["AUTH_MODE", "SESSION_KEY"]);
}
