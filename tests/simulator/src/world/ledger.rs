//! A bank account's book: a year of plausible Nigerian transactions, growing with time.
//! Each day is drawn from the seed, the account number and the date alone; every balance follows from the one before.

use std::time::Duration;

use fastrand::Rng;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::TimeZone};

use super::habits;
use crate::random::dice;

/// One line of the book. Amounts are in kobo and positive.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) at: Timestamp,
    pub(crate) credit: bool,
    pub(crate) amount: i64,
    pub(crate) narration: String,
    pub(crate) category: Option<&'static str>,
    /// Balance after it.
    pub(crate) balance: i64,
}

/// What a day brings before it is booked.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) second_of_day: u32,
    pub(crate) credit: bool,
    pub(crate) amount: i64,
    pub(crate) narration: String,
    pub(crate) category: Option<&'static str>,
}

/// The book of one account.
#[derive(Debug)]
pub(crate) struct Ledger {
    seed: u64,
    number: String,
    salary: bool,
    business: bool,
    opening: i64,
    entries: Vec<Entry>,
    /// Everything up to this time is booked.
    booked: Option<Timestamp>,
}

const HISTORY: Duration = Duration::from_hours(365 * 24);

impl Ledger {
    pub(crate) fn new(seed: u64, number: &str, salary: bool, business: bool) -> Self {
        let opening = dice(seed, &["opening", number]).i64(2_000_000..40_000_000);
        let number = number.to_owned();
        Self {
            seed,
            number,
            salary,
            business,
            opening,
            entries: Vec::new(),
            booked: None,
        }
    }

    /// Books every day up to `now`, or lets the time pass without a line where `habits` are off.
    /// The first call books the year before it, whatever the habits are now.
    pub(crate) fn book_until(&mut self, now: Timestamp, habits: bool) {
        let from = match self.booked {
            Some(booked) if booked >= now => return,
            Some(_) if !habits => {
                self.booked = Some(now);
                return;
            }
            Some(booked) => booked,
            None => now.checked_sub(HISTORY).unwrap_or(Timestamp::MIN),
        };
        let mut day = date_of(from);
        let last = date_of(now);
        while day <= last {
            self.book_day(day, from, now);
            match day.checked_add(1.day()) {
                Ok(next) => day = next,
                Err(_) => break,
            }
        }
        self.booked = Some(now);
    }

    fn book_day(&mut self, day: Date, after: Timestamp, until: Timestamp) {
        let mut rng = dice(self.seed, &["day", &self.number, &day.to_string()]);
        let mut planned = habits::of_day(&mut rng, day, self.salary, self.business);
        planned.sort_by_key(|p| p.second_of_day);
        let Ok(midnight) = day.to_zoned(TimeZone::UTC) else {
            return;
        };
        for plan in planned {
            let offset = Duration::from_secs(u64::from(plan.second_of_day));
            let at = crate::clock::later(midnight.timestamp(), offset);
            if at > after && at <= until {
                self.append(at, plan);
            }
        }
    }

    /// Books one line that the bank user made, at `at`, up to which the book must be kept.
    pub(crate) fn add(&mut self, at: Timestamp, credit: bool, amount: i64, narration: String) {
        let plan = Planned {
            second_of_day: 0,
            credit,
            amount,
            narration,
            category: Some("transfer"),
        };
        self.append(at, plan);
    }

    fn append(&mut self, at: Timestamp, plan: Planned) {
        let before = self.balance();
        let change = if plan.credit {
            plan.amount
        } else {
            -plan.amount
        };
        // No overdraft: the bank declines what the balance does not cover.
        let Some(balance) = before.checked_add(change).filter(|b| *b >= 0) else {
            return;
        };
        let Planned {
            credit,
            amount,
            narration,
            category,
            ..
        } = plan;
        self.entries.push(Entry {
            at,
            credit,
            amount,
            narration,
            category,
            balance,
        });
    }

    /// How many lines there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The first `count` lines, oldest first.
    pub(crate) fn first(&self, count: usize) -> &[Entry] {
        &self.entries[..count.min(self.entries.len())]
    }

    /// The balance after that many lines.
    pub(crate) fn balance_after(&self, count: usize) -> i64 {
        self.first(count)
            .last()
            .map_or(self.opening, |entry| entry.balance)
    }

    pub(crate) fn balance(&self) -> i64 {
        self.balance_after(self.entries.len())
    }
}

pub(crate) fn date_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// True with a chance of `percent` in a hundred.
pub(crate) fn chance(rng: &mut Rng, percent: u8) -> bool {
    rng.u8(..100) < percent
}
