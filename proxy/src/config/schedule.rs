//! When background syncs run.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::source::Source;

/// When background syncs run: a cron expression in a time zone.
#[derive(Debug, Clone)]
pub struct Schedule {
    cron: Cron,
    timezone: TimeZone,
}

/// The site's time zone.
pub(super) fn timezone(source: &mut Source<'_>) -> Option<TimeZone> {
    source.parsed("TIMEZONE", |text| {
        TimeZone::get(text)
            .map_err(|_| "must be an IANA name, for instance Africa/Lagos".to_owned())
    })
}

impl Schedule {
    /// None when there is no schedule: then nothing runs. What is wrong is noted in the source.
    pub(super) fn read(source: &mut Source<'_>, timezone: Option<&TimeZone>) -> Option<Self> {
        let expression = source.value("SYNC_SCHEDULE")?;
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        let cron = source.check(
            "SYNC_SCHEDULE",
            parser.parse(&expression).map_err(|_| {
                "must be a cron expression of five fields, for instance 0 2 * * *".to_owned()
            }),
        );
        Some(Self {
            cron: cron?,
            timezone: timezone?.clone(),
        })
    }

    /// The last time that a run was to begin, at `now` or before. None when there was none.
    pub fn last_before(&self, now: Timestamp) -> Option<Timestamp> {
        let now = now.to_zoned(self.timezone.clone());
        self.cron
            .find_previous_occurrence(&now, true)
            .ok()
            .map(|time| time.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn schedule(expression: &str, timezone: &str) -> Result<Schedule, Vec<String>> {
        let environment = |name: &str| match name {
            "SYNC_SCHEDULE" => Some(expression.into()),
            "TIMEZONE" => Some(timezone.into()),
            _ => None,
        };
        let mut source = Source::new(BTreeMap::new(), &environment);
        let timezone = super::timezone(&mut source);
        let schedule = Schedule::read(&mut source, timezone.as_ref());
        let problems = source.take_problems();
        let problems = problems
            .iter()
            .map(|problem| problem.variable.clone())
            .collect();
        schedule.ok_or(problems)
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn runs_in_the_sites_time_zone() {
        let nightly = schedule("30 2 * * *", "Africa/Lagos").unwrap();
        let last = |now| nightly.last_before(at(now)).unwrap();
        assert_eq!(last("2026-03-10T01:30:00Z"), at("2026-03-10T01:30:00Z"));
        assert_eq!(last("2026-03-10T01:29:59Z"), at("2026-03-09T01:30:00Z"));
        assert_eq!(last("2026-03-10T23:00:00Z"), at("2026-03-10T01:30:00Z"));
        let weekly = schedule("0 6 * * 1", "Africa/Nairobi").unwrap();
        // A Tuesday.
        assert_eq!(
            weekly.last_before(at("2026-03-10T12:00:00Z")),
            Some(at("2026-03-09T03:00:00Z"))
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for expression in [
            "nonsense",
            "0 2 * *",
            "0 0 2 * * *",
            "61 2 * * *",
            "* * * * 9",
        ] {
            assert_eq!(
                schedule(expression, "UTC").unwrap_err(),
                ["SYNC_SCHEDULE"],
                "{expression}"
            );
        }
        assert_eq!(
            schedule("0 2 * * *", "Mars/Base").unwrap_err(),
            ["TIMEZONE"]
        );
    }
}
