//! What whoever runs the proxy is told, against what the program is: metrics, alarms, settings.

use std::collections::BTreeSet;
use std::path::Path;

use mono_connect_proxy::config::SETTINGS;
use mono_connect_proxy::telemetry::Metrics;

const HANDBOOK: &str = "docs/OPERATIONS.md";
const ALERTS: &str = "docs/deploy/prometheus-alerts.yml";
const DASHBOARD: &str = "docs/deploy/grafana-dashboard.json";

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    std::fs::read_to_string(root.join(path)).unwrap()
}

/// Words of these characters that begin so.
fn words<'a>(text: &'a str, start: &str, inside: impl Fn(char) -> bool) -> BTreeSet<&'a str> {
    text.split(|character| !inside(character))
        .filter(|word| word.starts_with(start) && *word != start)
        .collect()
}

fn metrics_in(text: &str) -> BTreeSet<&str> {
    words(text, "mono_connect_", |character| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_'
    })
}

#[test]
fn the_handbook_names_every_metric_and_no_other() {
    let metrics = Metrics::default();
    let names: BTreeSet<&str> = metrics.described().iter().map(|m| &*m.name).collect();
    assert!(names.len() > 10, "{names:?}");
    let handbook = read(HANDBOOK);
    let rows = handbook.lines().filter_map(|line| {
        let row = line.strip_prefix("| `mono_connect_")?;
        row.split(['`', '{']).next()
    });
    let rows: Vec<String> = rows.map(|row| format!("mono_connect_{row}")).collect();
    let documented: BTreeSet<&str> = rows.iter().map(String::as_str).collect();
    assert_eq!(documented, names, "rows of the table in {HANDBOOK}");
    assert_eq!(rows.len(), names.len(), "each has one row");
}

#[test]
fn what_alarms_and_dashboard_ask_for_is_there() {
    let metrics = Metrics::default();
    let series: BTreeSet<&str> = metrics
        .described()
        .iter()
        .flat_map(|metric| metric.series.iter().map(String::as_str))
        .collect();
    for path in [ALERTS, DASHBOARD] {
        let text = read(path);
        let asked = metrics_in(&text);
        assert!(asked.len() > 5, "{path}: {asked:?}");
        let unknown: Vec<_> = asked.difference(&series).collect();
        assert!(unknown.is_empty(), "{path} asks for {unknown:?}");
    }
    let dashboard = read(DASHBOARD);
    let shown = metrics_in(&dashboard);
    let missing: Vec<_> = metrics
        .described()
        .iter()
        .filter(|metric| !metric.series.iter().any(|name| shown.contains(&**name)))
        .collect();
    assert!(
        missing.is_empty(),
        "the dashboard does not show {missing:?}"
    );
    serde_json::from_str::<serde_json::Value>(&dashboard).unwrap();
}

#[test]
fn every_alarm_has_its_page_in_the_handbook() {
    let alerts = read(ALERTS);
    let handbook = read(HANDBOOK);
    let named = |text: &str, before: &str| -> Vec<String> {
        text.lines()
            .filter_map(|line| line.trim().strip_prefix(before))
            .map(str::to_owned)
            .collect()
    };
    let alarms = named(&alerts, "- alert: ");
    assert!(alarms.len() > 5, "{alarms:?}");
    let chapters: Vec<String> = named(&handbook, "### ")
        .into_iter()
        .filter(|title| title.starts_with("MonoConnect"))
        .collect();
    assert_eq!(chapters, alarms, "in the same order");
    let links: Vec<String> = named(&alerts, "runbook: ")
        .iter()
        .map(|link| link.rsplit('#').next().unwrap().to_owned())
        .collect();
    let anchors: Vec<String> = alarms.iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(links, anchors);
}

#[test]
fn deployments_set_what_there_is_to_set() {
    // Of the containers and of systemd, not ours.
    const OTHERS: [&str; 4] = [
        "POSTGRES_USER",
        "POSTGRES_DB",
        "POSTGRES_PASSWORD",
        "PGDATA",
    ];
    let may_be_set = |name: &str| {
        let setting = name.strip_suffix("_FILE").unwrap_or(name);
        OTHERS.contains(&setting)
            || SETTINGS.iter().any(|known| {
                known.name == setting
                    && (name == setting || known.secret || name == "DATABASE_URL_FILE")
            })
    };
    for (path, least) in [
        ("docs/deploy/Dockerfile", 3),
        ("docs/deploy/compose.yaml", 6),
        ("docs/deploy/mono-connect-proxy.service", 6),
    ] {
        let text = read(path);
        let set: BTreeSet<&str> = text.lines().filter_map(variable).collect();
        assert!(set.len() >= least, "{path}: {set:?}");
        for name in set {
            assert!(may_be_set(name), "{path} sets {name}");
        }
    }
}

/// The variable that a line sets: `NAME=value` of a unit or an image, `NAME: value` of a compose
/// file.
fn variable(line: &str) -> Option<&str> {
    let line = line.trim();
    let line = line.strip_prefix("Environment=").unwrap_or(line);
    let line = line.strip_prefix("ENV ").unwrap_or(line);
    let (name, _) = line.split_once(['=', ':'])?;
    let is_name = !name.is_empty()
        && name.contains('_')
        && name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    is_name.then_some(name)
}
