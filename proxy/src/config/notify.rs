//! Where events for the site's own back end go, and when its users may be reminded.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret as _, SecretSlice};
use url::{Host, Url};

use super::source::Source;
use super::value::{http_url, is_loopback, list};

/// With this a secret of Standard Webhooks begins.
const MARK: &str = "whsec_";

/// A shorter secret could be guessed.
const SHORTEST_SECRET: usize = 16;

/// A day has so many minutes.
const DAY: i16 = 24 * 60;

/// Where events go.
#[derive(Debug, Clone)]
pub struct Notify {
    /// The site's back end.
    pub url: Url,
    /// What signs events: one, or two while it is rotated.
    pub secrets: Vec<NotifySecret>,
    /// When reminders may go out.
    pub reminders: ReminderWindow,
}

/// A key that signs events.
#[derive(Debug, Clone)]
pub struct NotifySecret(SecretSlice<u8>);

impl NotifySecret {
    /// The key itself, for the one place that signs.
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

impl Notify {
    /// None when nobody is to be told. What is wrong is noted in the source.
    pub(super) fn read(
        source: &mut Source<'_>,
        live: bool,
        timezone: Option<&TimeZone>,
    ) -> Option<Self> {
        let window = source.parsed("REMINDER_WINDOW", window);
        let Some(url) = source.value("NOTIFY_URL") else {
            // A secret without a target is of no use, and of no harm; a wrong one may be meant for one.
            if let Some(text) = source.value("NOTIFY_SECRET") {
                let _: Option<Vec<NotifySecret>> = source.check("NOTIFY_SECRET", secrets(&text));
            }
            return None;
        };
        let url = source.check("NOTIFY_URL", target(&url, live));
        let secrets = source
            .required("NOTIFY_SECRET")
            .and_then(|text| source.check("NOTIFY_SECRET", secrets(&text)));
        let (opens, closes) = window?;
        Some(Self {
            url: url?,
            secrets: secrets?,
            reminders: ReminderWindow {
                opens,
                closes,
                timezone: timezone?.clone(),
            },
        })
    }
}

/// Where events may go: bodies hold personal data, and whoever sets the address may have been
/// told it by somebody else.
fn target(text: &str, live: bool) -> Result<Url, String> {
    let url = http_url(text)?;
    if url.fragment().is_some() {
        return Err("must not have a fragment".to_owned());
    }
    if live && url.scheme() == "http" && !is_loopback(&url) {
        return Err("must be https with a live key".to_owned());
    }
    let address = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        _ => None,
    };
    if address.is_some_and(|address| !address.is_loopback() && is_forbidden(address)) {
        return Err("must not be an address of this network's own services".to_owned());
    }
    Ok(url)
}

/// Addresses at which no back end is, but what a machine or its cloud keeps for itself.
pub fn is_forbidden(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_loopback()
                || address.is_link_local()
                || address.is_unspecified()
                || address.is_multicast()
                || address.is_broadcast()
        }
        IpAddr::V6(address) => {
            // Where one cloud keeps its machines' own credentials.
            let metadata = [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254];
            address.is_loopback()
                || address.is_unicast_link_local()
                || address.is_unspecified()
                || address.is_multicast()
                || address.segments() == metadata
        }
    }
}

fn secrets(text: &str) -> Result<Vec<NotifySecret>, String> {
    let secrets: Vec<_> = list(text).map(secret).collect::<Result<_, _>>()?;
    match secrets.len() {
        1 | 2 => Ok(secrets),
        _ => Err("must be one value, or two while it is rotated".to_owned()),
    }
}

fn secret(text: &str) -> Result<NotifySecret, String> {
    let key = text
        .strip_prefix(MARK)
        .and_then(|key| STANDARD.decode(key).ok())
        .ok_or_else(|| format!("must be {MARK} and base64"))?;
    if key.len() < SHORTEST_SECRET {
        return Err(format!("must hold {SHORTEST_SECRET} random bytes or more"));
    }
    Ok(NotifySecret(key.into()))
}

/// When reminders may go out, every day.
#[derive(Debug, Clone)]
pub struct ReminderWindow {
    /// In minutes after midnight.
    opens: i16,
    /// In minutes after midnight; before it opens where it goes on after midnight.
    closes: i16,
    timezone: TimeZone,
}

impl ReminderWindow {
    /// Since when it is open now. None when it is closed.
    pub fn open_since(&self, now: Timestamp) -> Option<Timestamp> {
        let now = now.to_zoned(self.timezone.clone());
        let minute = i16::from(now.hour()) * 60 + i16::from(now.minute());
        let over_midnight = self.closes <= self.opens;
        let day = match (minute >= self.opens, minute < self.closes) {
            (true, true) => now.date(),
            (true, false) if over_midnight => now.date(),
            (false, true) if over_midnight => now.date().yesterday().ok()?,
            _ => return None,
        };
        let (hour, minute) = (self.opens / 60, self.opens % 60);
        let opens = Time::new(hour.try_into().ok()?, minute.try_into().ok()?, 0, 0).ok()?;
        let opened = day.to_datetime(opens).to_zoned(self.timezone.clone());
        opened.ok().map(|opened| opened.timestamp())
    }
}

/// `09:00-18:00`, in minutes after midnight.
fn window(text: &str) -> Result<(i16, i16), String> {
    let wrong = || "must be two different times of day, for instance 09:00-18:00".to_owned();
    let (opens, closes) = text.split_once('-').ok_or_else(wrong)?;
    let opens = minutes(opens).filter(|opens| *opens < DAY);
    let closes = minutes(closes);
    match (opens, closes) {
        (Some(opens), Some(closes)) if opens != closes => Ok((opens, closes)),
        _ => Err(wrong()),
    }
}

fn minutes(text: &str) -> Option<i16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hour) || !digits(minute) {
        return None;
    }
    let (hour, minute): (i16, i16) = (hour.parse().ok()?, minute.parse().ok()?);
    let all = hour * 60 + minute;
    (minute < 60 && all <= DAY).then_some(all)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn read(variables: &[(&str, &str)], live: bool) -> Result<Notify, Vec<String>> {
        let environment = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).into())
        };
        let mut source = Source::new(BTreeMap::new(), &environment);
        let timezone = TimeZone::get("Africa/Lagos").unwrap();
        let notify = Notify::read(&mut source, live, Some(&timezone));
        let problems = source.take_problems();
        let problems = problems.iter().map(|problem| problem.variable.clone());
        let problems: Vec<_> = problems.collect();
        notify.filter(|_| problems.is_empty()).ok_or(problems)
    }

    #[test]
    fn a_target_is_https_or_near_and_none_of_the_networks_own() {
        let target = |url, live| read(&[("NOTIFY_URL", url), ("NOTIFY_SECRET", SECRET)], live);
        for url in [
            "https://app.example/hooks?from=proxy",
            "http://127.0.0.1:3000/",
            "http://localhost:3000/hooks",
            "https://10.0.0.7/hooks",
        ] {
            assert!(target(url, true).is_ok(), "{url}");
        }
        assert!(target("http://app:3000/hooks", false).is_ok(), "a test key");
        for url in [
            "app.example",
            "ftp://app.example/",
            "http://app.example/",
            "https://user:password@app.example/",
            "https://app.example/#fragment",
            "https://169.254.169.254/latest/meta-data",
            "https://[fe80::1]/",
            "https://[::ffff:169.254.169.254]/",
            "https://[fd00:ec2::254]/",
            "https://0.0.0.0/",
            "https://224.0.0.1/",
        ] {
            assert_eq!(target(url, true).unwrap_err(), ["NOTIFY_URL"], "{url}");
        }
    }

    #[test]
    fn a_secret_is_required_and_may_be_rotated() {
        let secret = |secret| {
            read(
                &[
                    ("NOTIFY_URL", "https://a.example"),
                    ("NOTIFY_SECRET", secret),
                ],
                true,
            )
        };
        let one = secret(SECRET).unwrap();
        assert_eq!(one.secrets[0].expose().len(), 24);
        assert!(!format!("{one:?}").contains("MfKQ"));
        let two = format!("{SECRET}, {SECRET}");
        assert_eq!(secret(&two).unwrap().secrets.len(), 2);
        let three = format!("{two},{SECRET}");
        for wrong in [
            "",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_!",
            "whsec_c2hvcnQ=",
            &three,
        ] {
            assert_eq!(secret(wrong).unwrap_err(), ["NOTIFY_SECRET"], "{wrong}");
        }
        for (alone, problems) in [(SECRET, &[][..]), ("nonsense", &["NOTIFY_SECRET"])] {
            let read = read(&[("NOTIFY_SECRET", alone)], true);
            assert_eq!(read.unwrap_err(), problems, "{alone}");
        }
    }

    #[test]
    fn reminders_have_their_hours_in_the_sites_time_zone() {
        let open = |window, now: &str| {
            let notify = read(
                &[
                    ("NOTIFY_URL", "https://a.example"),
                    ("NOTIFY_SECRET", SECRET),
                    ("REMINDER_WINDOW", window),
                ],
                true,
            );
            let since = notify.unwrap().reminders.open_since(now.parse().unwrap());
            since.map(|since| since.to_string())
        };
        let opened = |text: &str| Some(text.to_owned());
        // Lagos is an hour ahead.
        for (window, now, since) in [
            ("09:00-18:00", "2026-03-10T07:59:59Z", None),
            (
                "09:00-18:00",
                "2026-03-10T08:00:00Z",
                opened("2026-03-10T08:00:00Z"),
            ),
            (
                "09:00-18:00",
                "2026-03-10T16:59:59Z",
                opened("2026-03-10T08:00:00Z"),
            ),
            ("09:00-18:00", "2026-03-10T17:00:00Z", None),
            (
                "22:00-02:00",
                "2026-03-10T21:30:00Z",
                opened("2026-03-10T21:00:00Z"),
            ),
            (
                "22:00-02:00",
                "2026-03-11T00:30:00Z",
                opened("2026-03-10T21:00:00Z"),
            ),
            ("22:00-02:00", "2026-03-11T01:00:00Z", None),
            (
                "00:00-24:00",
                "2026-03-10T22:59:59Z",
                opened("2026-03-09T23:00:00Z"),
            ),
            (
                "00:00-24:00",
                "2026-03-10T23:00:00Z",
                opened("2026-03-10T23:00:00Z"),
            ),
        ] {
            assert_eq!(open(window, now), since, "{window} at {now}");
        }
        for wrong in [
            "09:00",
            "9-18",
            "09:00-09:00",
            "24:00-09:00",
            "09:60-18:00",
            "09:00-24:01",
        ] {
            let read = read(&[("REMINDER_WINDOW", wrong)], true);
            assert_eq!(read.unwrap_err(), ["REMINDER_WINDOW"], "{wrong}");
        }
    }
}
