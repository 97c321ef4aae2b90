//! Kinds of values: origins, durations, numbers, lists.

use std::net::IpAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use url::{Host, Origin, Url};

/// An http or https URL with nothing but scheme, host and port.
pub(super) fn origin(text: &str) -> Result<Url, String> {
    let url = http_url(text)?;
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err("must be an origin: scheme, host and port, without a path".to_owned());
    }
    Ok(url)
}

/// An http or https URL without a login.
pub(super) fn http_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("is no URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("must start with http:// or https://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or a password".to_owned());
    }
    Ok(url)
}

/// Whether the URL's host is this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(domain)) => domain == "localhost" || domain.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

/// The origin as browsers write it in the `Origin` header.
pub(super) fn serialised_origin(url: &Url) -> String {
    match url.origin() {
        origin @ Origin::Tuple(..) => origin.ascii_serialization(),
        Origin::Opaque(_) => String::new(),
    }
}

/// Comma-separated origins. `*` is none.
pub(super) fn origins(text: &str) -> Result<Vec<String>, String> {
    list(text)
        .map(|item| {
            if item.contains('*') {
                return Err("must name every origin: * is refused".to_owned());
            }
            let url = origin(item).map_err(|message| format!("every origin {message}"))?;
            Ok(serialised_origin(&url))
        })
        .collect()
}

/// Comma-separated items, trimmed, empty ones left out.
pub(super) fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
}

/// A number with a unit: `500ms`, `30s`, `15m`, `1h`; or `0`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "must be a number with ms, s, m or h, for instance 30s".to_owned();
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let digits = text
        .find(|character: char| !character.is_ascii_digit())
        .ok_or_else(wrong)?;
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let milliseconds = match unit {
        "ms" => Some(number),
        "s" => number.checked_mul(1_000),
        "m" => number.checked_mul(60_000),
        "h" => number.checked_mul(3_600_000),
        _ => None,
    };
    milliseconds.map(Duration::from_millis).ok_or_else(wrong)
}

/// A whole number of at least one.
pub(super) fn positive(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("must be a whole number, 1 or more".to_owned()),
    }
}

/// Bytes in hex or any common base64.
pub(super) fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let is_hex = text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex {
        return (0..text.len())
            .step_by(2)
            .map(|start| u8::from_str_radix(&text[start..start + 2], 16))
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string());
    }
    [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD]
        .iter()
        .find_map(|engine| engine.decode(text).ok())
        .ok_or_else(|| "must be base64 or hex".to_owned())
}
