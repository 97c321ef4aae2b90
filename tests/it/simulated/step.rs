//! What may happen in a history, and how often.

use std::time::Duration;

use fastrand::Rng;

/// One thing that happens. Numbers name somebody or something by place in what there is by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Somebody comes who was never here.
    Arrives,
    /// A user links an account, from the widget to the exchange.
    Links(Linking),
    /// The browser dies between the widget and the exchange.
    Dies(Linking),
    /// A code that was left is brought after all.
    Brings(usize),
    /// A user, or another one, reads something of an account.
    Reads {
        account: usize,
        what: &'static str,
        by_stranger: bool,
    },
    /// A user asks for fresh data; twice at once, from two windows.
    Syncs { account: usize, twice: bool },
    /// A user is sent to the bank, and logs in or gives up.
    Reauthorises { account: usize, finishes: bool },
    /// A user unlinks an account.
    Unlinks(usize),
    /// A user has everything erased.
    Erases(usize),
    /// The bank lets Mono in no more until its user has logged in.
    BankAsks { account: usize, noticed: bool },
    /// What the bank gives from now on.
    BankGives {
        account: usize,
        outcome: &'static str,
    },
    /// Mono fetches by itself.
    MonoFetches(usize),
    /// The link is ended at Mono.
    MonoUnlinks(usize),
    /// What becomes of Mono's events from now on.
    Events(Events),
    /// Mono fails in this way from now on.
    MonoFails(Failing),
    /// Mono is well again.
    MonoRecovers,
    /// The site's back end refuses from now on.
    BackEndRefuses(u16),
    /// It takes everything again.
    BackEndTakes,
    /// Time passes, in parts, and after each the proxy does what is due.
    Passes { part: Duration, parts: u32 },
    /// Time passes while the proxy is down, or does nothing.
    PassesUnseen(Duration),
    /// The proxy dies and is started again.
    Restarts,
}

/// Who links what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Linking {
    pub(super) user: usize,
    pub(super) bank: &'static str,
    pub(super) consent: bool,
}

/// What becomes of Mono's events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Events {
    Arrive,
    Repeat(u32),
    Overtake,
    Wait(Duration),
    Vanish(&'static str),
    AreForgedToo,
}

/// In which way Mono fails, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failing {
    pub(super) how: How,
    pub(super) where_to: &'static str,
    /// So many calls; 0: until it recovers.
    pub(super) calls: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Status(u16),
    /// 429, with so many seconds to wait.
    SlowDown(u32),
    Html,
    Malformed,
    NoData,
    Cut,
    Slow,
    /// It was carried out, and the answer is lost.
    Lost,
}

const BANKS: [&str; 5] = ["gtbank", "kuda", "access", "uba", "zenith"];

const READS: [&str; 7] = [
    "",
    "/balance",
    "/balance?realtime=true",
    "/transactions",
    "/transactions?realtime=true&limit=5",
    "/identity",
    "/balance?realtime=true",
];

const OUTCOMES: [&str; 5] = ["AVAILABLE", "AVAILABLE", "PARTIAL", "UNAVAILABLE", "FAILED"];

const VANISHING: [&str; 5] = [
    "*",
    "account_updated",
    "account_connected",
    "account_reauthorized",
    "update",
];

/// Everywhere is named twice: it is what an outage looks like.
const PLACES: [&str; 9] = [
    "/**",
    "/**",
    "/account/auth",
    "/v2/accounts/auth",
    "/accounts/**",
    "/v2/accounts/*",
    "/accounts/*/sync",
    "/v2/accounts/*/unlink",
    "/v2/accounts/*/transactions",
];

const HOWS: [How; 12] = [
    How::Status(500),
    How::Status(400),
    How::Status(503),
    How::SlowDown(30),
    How::SlowDown(600),
    How::Html,
    How::Malformed,
    How::NoData,
    How::Cut,
    How::Slow,
    How::Lost,
    How::Lost,
];

/// So many steps, the same for the same dice.
pub(super) fn steps(dice: &mut Rng, count: usize) -> Vec<Step> {
    let mut steps = vec![Step::Arrives, Step::Links(linking(dice))];
    while steps.len() < count {
        let next = step(dice);
        steps.push(next);
    }
    steps
}

fn linking(dice: &mut Rng) -> Linking {
    Linking {
        user: dice.usize(..100),
        bank: pick(dice, &BANKS),
        consent: dice.bool(),
    }
}

fn step(dice: &mut Rng) -> Step {
    let account = dice.usize(..100);
    match dice.u32(..100) {
        0..2 => Step::Arrives,
        2..8 => Step::Links(linking(dice)),
        8..11 => Step::Dies(linking(dice)),
        11..14 => Step::Brings(account),
        14..28 => Step::Reads {
            account,
            what: pick(dice, &READS),
            by_stranger: dice.u8(..8) == 0,
        },
        28..36 => Step::Syncs {
            account,
            twice: dice.u8(..4) == 0,
        },
        36..42 => Step::Reauthorises {
            account,
            finishes: dice.u8(..3) > 0,
        },
        42..45 => Step::Unlinks(account),
        45 => Step::Erases(account),
        46..51 => Step::BankAsks {
            account,
            noticed: dice.bool(),
        },
        51..55 => Step::BankGives {
            account,
            outcome: pick(dice, &OUTCOMES),
        },
        55..58 => Step::MonoFetches(account),
        58 => Step::MonoUnlinks(account),
        59..66 => Step::Events(events(dice)),
        66..70 => Step::MonoFails(failing(dice)),
        70..75 => Step::MonoRecovers,
        75..77 => Step::BackEndRefuses(pick(dice, &[500, 503, 302, 404])),
        77..80 => Step::BackEndTakes,
        80..98 => passes(dice),
        98 => Step::PassesUnseen(Duration::from_mins(dice.u64(1..2_000))),
        _ => Step::Restarts,
    }
}

fn events(dice: &mut Rng) -> Events {
    match dice.u8(..8) {
        0 => Events::Repeat(dice.u32(1..3)),
        1 => Events::Overtake,
        2 => Events::Wait(Duration::from_secs(dice.u64(1..7_200))),
        3 => Events::Vanish(pick(dice, &VANISHING)),
        4 => Events::AreForgedToo,
        _ => Events::Arrive,
    }
}

fn failing(dice: &mut Rng) -> Failing {
    Failing {
        how: pick(dice, &HOWS),
        where_to: pick(dice, &PLACES),
        calls: dice.u32(..4),
    }
}

fn passes(dice: &mut Rng) -> Step {
    let (part, parts) = match dice.u8(..18) {
        0..8 => (Duration::from_millis(dice.u64(300..15_000)), 1),
        8..13 => (Duration::from_secs(dice.u64(15..400)), 1),
        13..16 => (Duration::from_mins(dice.u64(2..20)), dice.u32(2..6)),
        16 => (Duration::from_mins(dice.u64(30..60)), dice.u32(4..12)),
        _ => (Duration::from_mins(dice.u64(60..120)), dice.u32(12..30)),
    };
    Step::Passes { part, parts }
}

fn pick<T: Copy>(dice: &mut Rng, from: &[T]) -> T {
    from[dice.usize(..from.len())]
}
