//! Wrong configuration is told at once; right configuration is told, too.

use std::collections::BTreeMap;

use crate::process::{Proxy, command, simulator, variables};

async fn run(
    variables: &BTreeMap<String, String>,
    arguments: &[&str],
) -> (Option<i32>, String, String) {
    let output = command(variables).args(arguments).output().await.unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[tokio::test]
async fn without_configuration_every_missing_variable_is_named() {
    for arguments in [&[][..], &["serve"], &["check-config"], &["migrate"]] {
        let (status, out, err) = run(&BTreeMap::new(), arguments).await;
        assert_eq!((status, out.as_str()), (Some(2), ""));
        for variable in [
            "MONO_SECRET_KEY",
            "MONO_PUBLIC_KEY",
            "MONO_WEBHOOK_SECRET",
            "SESSION_KEY",
        ] {
            assert!(err.contains(variable), "{err}");
        }
    }
}

#[tokio::test]
async fn the_document_is_printed_as_it_is_kept_without_any_configuration() {
    let (status, out, err) = run(&BTreeMap::new(), &["openapi"]).await;
    assert_eq!((status, err.as_str()), (Some(0), ""));
    let kept = include_str!("../../../docs/openapi.json");
    assert!(out == kept, "docs/openapi.json is another one");
}

#[tokio::test]
async fn wrong_values_are_named_and_not_printed() {
    let variables: BTreeMap<String, String> = [
        ("MONO_SECRET_KEY", "CANARY1"),
        ("MONO_PUBLIC_KEY", "live_sk_CANARY2"),
        ("MONO_WEBHOOK_SECRET", "CANARY3,CANARY4,CANARY5"),
        ("SESSION_KEY", "CANARY6"),
        ("ALLOWED_ORIGINS", "*"),
        ("LISTEN_ADDR", "nonsense"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let (status, _, err) = run(&variables, &["--rate-limit", "none"]).await;
    assert_eq!(status, Some(2));
    for variable in variables.keys().map(String::as_str).chain(["RATE_LIMIT"]) {
        assert!(err.contains(variable), "{variable}: {err}");
    }
    assert!(!err.contains("CANARY"), "{err}");
}

#[tokio::test]
async fn each_way_to_know_callers_names_what_it_needs() {
    let simulator = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let mut fine = variables(&simulator, folder.path());
    fine.remove("SESSION_KEY");
    let check = async |changes: &[(&str, &str)]| {
        let mut variables = fine.clone();
        variables.extend(
            changes
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let (status, _, err) = run(&variables, &["check-config"]).await;
        assert!(!err.contains("CANARY"), "{err}");
        let named: Vec<_> = err
            .lines()
            .skip(1)
            .filter_map(|line| line.trim().split(':').next().map(str::to_owned))
            .collect();
        (status, named)
    };
    let (jwt, forwarded) = (("AUTH_MODE", "jwt"), ("AUTH_MODE", "forwarded"));
    let secret = ("JWT_SECRET", "CANARY of thirty-two bytes or more");
    let jwks = ("JWT_JWKS_URL", "https://login.example/CANARY");
    let proxies = ("FORWARDED_TRUSTED_PROXIES", "10.0.0.0/8");
    for (changes, named) in [
        (&[][..], &["SESSION_KEY"][..]),
        (&[jwt], &["JWT_SECRET"]),
        (&[jwt, ("JWT_SECRET", "CANARY")], &["JWT_SECRET"]),
        (&[jwt, ("JWT_PUBLIC_KEY", "CANARY")], &["JWT_PUBLIC_KEY"]),
        (&[jwt, secret, jwks], &["JWT_JWKS_URL"]),
        (
            &[jwt, ("JWT_JWKS_URL", "http://CANARY"), ("JWT_COOKIE", ";")],
            &["JWT_JWKS_URL", "JWT_COOKIE"],
        ),
        (&[forwarded], &["FORWARDED_TRUSTED_PROXIES"]),
        (
            &[
                forwarded,
                ("FORWARDED_TRUSTED_PROXIES", "CANARY"),
                ("FORWARDED_USER_HEADER", "cookie"),
                ("SERVICE_KEYS", "crm:CANARY"),
            ],
            &[
                "FORWARDED_TRUSTED_PROXIES",
                "FORWARDED_USER_HEADER",
                "SERVICE_KEYS",
            ],
        ),
    ] {
        let expected = named.iter().map(ToString::to_string).collect();
        assert_eq!(check(changes).await, (Some(2), expected), "{changes:?}");
    }
    for changes in [&[jwt, secret][..], &[jwt, jwks], &[forwarded, proxies]] {
        assert_eq!(check(changes).await, (Some(0), Vec::new()), "{changes:?}");
    }
}

#[tokio::test]
async fn a_right_configuration_is_told() {
    let simulator = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let variables = variables(&simulator, folder.path());
    let (status, out, err) = run(&variables, &["check-config"]).await;
    assert_eq!((status, err.as_str()), (Some(0), ""));
    assert!(out.contains("right"), "{out}");
    assert!(
        !folder.path().join("test.db").exists(),
        "nothing is touched"
    );

    let (status, ..) = run(&variables, &["migrate"]).await;
    assert_eq!(status, Some(0));
    assert!(folder.path().join("test.db").exists());
}

#[tokio::test]
async fn help_explains_every_option_and_secret() {
    let (status, out, _) = run(&BTreeMap::new(), &["--help"]).await;
    assert_eq!(status, Some(0));
    for word in [
        "MONO_SECRET_KEY",
        "--listen-addr",
        "LISTEN_ADDR",
        "check-config",
        "migrate",
    ] {
        assert!(out.contains(word), "{out}");
    }
    assert!(
        !out.contains("--mono-secret-key"),
        "a secret is no option: {out}"
    );
    let (status, ..) = run(&BTreeMap::new(), &["--no-such-option"]).await;
    assert_eq!(status, Some(2));
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let simulator = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for variable in ["LISTEN_ADDR", "ADMIN_ADDR"] {
        let mut variables = variables(&simulator, folder.path());
        variables.insert(variable.to_owned(), address.clone());
        let (status, _, err) = run(&variables, &[]).await;
        assert_eq!(status, Some(1));
        assert!(err.contains(variable), "{err}");
    }
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_named() {
    let simulator = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let mut variables = variables(&simulator, folder.path());
    variables.insert(
        "DATABASE_URL".to_owned(),
        "sqlite:///no/such/folder/x.db".to_owned(),
    );
    let (status, _, err) = run(&variables, &[]).await;
    assert_eq!(status, Some(2));
    assert!(err.contains("DATABASE_URL"), "{err}");
}

#[tokio::test]
async fn what_is_unwise_is_told_at_start() {
    let simulator = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let mut variables = variables(&simulator, folder.path());
    variables.insert("MONO_WEBHOOK_SECRET".to_owned(), "CANARY".to_owned());
    let (status, _, err) = run(&variables, &["check-config"]).await;
    assert_eq!(status, Some(0));
    assert!(err.contains("MONO_WEBHOOK_SECRET is shorter"), "{err}");
    let proxy = Proxy::start(&variables).await;
    let log = &proxy.log_of_start;
    assert!(log.contains("MONO_WEBHOOK_SECRET is shorter"), "{log}");
    assert!(!format!("{err}{log}").contains("CANARY"), "{log}");
}

#[tokio::test]
async fn help_prints_nothing_of_the_environment() {
    let simulator = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let mut variables = variables(&simulator, folder.path());
    for variable in [
        "MONO_SECRET_KEY",
        "MONO_PUBLIC_KEY",
        "MONO_WEBHOOK_SECRET",
        "SESSION_KEY",
        "JWT_SECRET",
        "SERVICE_KEYS",
        "ENCRYPTION_KEYS",
        "NOTIFY_SECRET",
        "DATABASE_URL",
        "LOG",
    ] {
        variables.insert(variable.to_owned(), format!("CANARY of {variable}"));
    }
    for arguments in [
        &["--help"][..],
        &["help"],
        &["serve", "--help"],
        &["--version"],
        &["--no-such-option"],
        &["check-config"],
        &["serve"],
    ] {
        let (_, out, err) = run(&variables, arguments).await;
        assert!(!format!("{out}{err}").is_empty(), "{arguments:?}");
        assert!(!out.contains("CANARY"), "{arguments:?}: {out}");
        assert!(!err.contains("CANARY"), "{arguments:?}: {err}");
    }
}

#[tokio::test]
async fn a_database_server_that_refuses_is_told_without_its_password() {
    let simulator = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    // It takes connections, and talks nonsense to everybody.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let nonsense = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"NONSENSE").await;
        }
    });
    for parameters in ["", "?sslmode=disable"] {
        let mut variables = variables(&simulator, folder.path());
        let url = format!("postgres://CANARYUSER:CANARYPASSWORD@{address}/CANARYDB{parameters}");
        variables.insert("DATABASE_URL".to_owned(), url);
        variables.insert("LOG".to_owned(), "trace".to_owned());
        let (status, out, err) = run(&variables, &["migrate"]).await;
        assert_eq!(status, Some(1));
        assert!(err.contains("DATABASE_URL"), "{err}");
        assert!(!format!("{out}{err}").contains("CANARYPASSWORD"), "{err}");
    }
    nonsense.abort();
}
