//! What a person or a small business in Nigeria spends and earns on a day.
//! Draws from the given generator only; books nothing.

use fastrand::Rng;
use jiff::civil::Date;

use super::ledger::{Planned, chance};
use crate::random::{DIGITS, word};

const NAMES: &[&str] = &[
    "DANIEL AFOLABI",
    "FUNKE OJO",
    "BOLA NURAT YUSUFF",
    "IBRAHIM MUSA",
    "GRACE UDO",
    "TUNDE BAKARE",
    "HALIMA SANI",
    "EMEKA NWOSU",
    "JOY ADEBAYO",
    "YAKUBU DANLADI",
];
const BANKS: &[&str] = &[
    "FCMB", "GTB", "ZENITH", "UBA", "OPAY", "KUDA", "ACCESS", "WEMA",
];
const SHOPS: &[&str] = &[
    "SHOPRITE IKEJA LA NG",
    "EBEANO SUPERMARKET LEKKI NG",
    "TOTAL FILLING STATION OY NG",
    "MEDPLUS PHARMACY ABUJA NG",
    "CHICKEN REPUBLIC YABA LA NG",
    "JUSTRITE STORES OTA NG",
];
const TELCOS: &[&str] = &["MTN", "AIRTEL", "GLO", "9MOBILE"];
const REASONS: &[&str] = &[
    "food",
    "rent contribution",
    "school fees",
    "ajo",
    "transport",
    "for data",
    "thank you",
];

/// The transactions of one day.
pub(crate) fn of_day(rng: &mut Rng, day: Date, salary: bool, business: bool) -> Vec<Planned> {
    let mut planned = if business {
        trade(rng)
    } else {
        household(rng, day)
    };
    if salary && day.day() == 25 {
        let amount = rng.i64(280_000..620_000) * 100;
        let narration = format!(
            "SALARY {:02}/{} LAGOON TECHNOLOGIES LTD",
            day.month(),
            day.year()
        );
        let salary = plan(rng, true, amount, narration, Some("salary"));
        let duty = charge_after(&salary, 5_000, "STAMP DUTY CHARGE");
        planned.extend([salary, duty]);
    }
    if day.day() == 28 {
        let amount = rng.i64(20..160) * 400;
        planned.push(plan(
            rng,
            false,
            amount,
            "SMS ALERT CHARGES".to_owned(),
            Some("bank_charges"),
        ));
    }
    if day.day() == 1 {
        planned.push(plan(
            rng,
            false,
            5_375,
            "CARD MAINTENANCE FEE".to_owned(),
            Some("bank_charges"),
        ));
    }
    planned
}

fn household(rng: &mut Rng, day: Date) -> Vec<Planned> {
    let mut planned = Vec::new();
    if chance(rng, 55) {
        let narration = format!("VC POS Loc-{}--{}", word(rng, DIGITS, 12), pick(rng, SHOPS));
        let amount = rng.i64(1_500..45_000) * 100;
        planned.push(plan(
            rng,
            false,
            amount,
            narration,
            Some("online_transactions"),
        ));
    }
    if chance(rng, 35) {
        let to = pick(rng, NAMES);
        let narration = format!("NIP/{}/{to}/App {}", pick(rng, BANKS), pick(rng, REASONS));
        let amount = rng.i64(20..600) * 10_000;
        let transfer = plan(rng, false, amount, narration, Some("transfer"));
        let charge = charge_after(&transfer, 2_688, "NIP TRANSFER CHARGE AND VAT");
        planned.extend([transfer, charge]);
    }
    if chance(rng, 30) {
        let narration = format!(
            "NIP/{}/{}/{}",
            pick(rng, BANKS),
            pick(rng, NAMES),
            pick(rng, REASONS)
        );
        let amount = rng.i64(30..900) * 10_000;
        planned.push(plan(rng, true, amount, narration, Some("transfer")));
    }
    if chance(rng, 25) {
        let narration = format!(
            "AIRTIME PURCHASE {} 080{}",
            pick(rng, TELCOS),
            word(rng, DIGITS, 8)
        );
        let amount = rng.i64(1..20) * 10_000;
        planned.push(plan(
            rng,
            false,
            amount,
            narration,
            Some("phone_and_internet"),
        ));
    }
    if chance(rng, 8) {
        let narration = format!("IKEJA ELECTRIC PREPAID TOKEN {}", word(rng, DIGITS, 11));
        let amount = rng.i64(5..30) * 100_000;
        planned.push(plan(rng, false, amount, narration, Some("utilities")));
    }
    if chance(rng, 6) {
        let narration = format!("ATM WDL {} ALLEN AVENUE LA NG", word(rng, DIGITS, 6));
        let amount = rng.i64(1..8) * 500_000;
        planned.push(plan(rng, false, amount, narration, None));
    }
    if day.day() == 3 && day.month() % 3 == 0 {
        let narration = "TRF RENT Q/ALH SANI PROPERTIES".to_owned();
        planned.push(plan(rng, false, 22_500_000, narration, Some("unknown")));
    }
    planned
}

fn trade(rng: &mut Rng) -> Vec<Planned> {
    let mut planned = Vec::new();
    for _ in 0..rng.u8(1..5) {
        let narration = format!(
            "NIP/{}/{}/INV {}",
            pick(rng, BANKS),
            pick(rng, NAMES),
            word(rng, DIGITS, 5)
        );
        let amount = rng.i64(80..2_500) * 10_000;
        planned.push(plan(rng, true, amount, narration, Some("transfer")));
    }
    if chance(rng, 60) {
        let narration = format!("TRF SUPPLIER {} LAGOS MAINLAND MKT", word(rng, DIGITS, 4));
        let amount = rng.i64(500..6_000) * 10_000;
        planned.push(plan(rng, false, amount, narration, Some("transfer")));
    }
    if chance(rng, 10) {
        let amount = rng.i64(20..80) * 100_000;
        planned.push(plan(
            rng,
            false,
            amount,
            "DIESEL PURCHASE POS".to_owned(),
            Some("unknown"),
        ));
    }
    planned
}

fn plan(
    rng: &mut Rng,
    credit: bool,
    amount: i64,
    narration: String,
    category: Option<&'static str>,
) -> Planned {
    let second_of_day = rng.u32(6 * 3_600..22 * 3_600);
    Planned {
        second_of_day,
        credit,
        amount,
        narration,
        category,
    }
}

/// The bank's charge for a transaction, a second later.
fn charge_after(transaction: &Planned, amount: i64, narration: &str) -> Planned {
    Planned {
        second_of_day: transaction.second_of_day + 1,
        credit: false,
        amount,
        narration: narration.to_owned(),
        category: Some("bank_charges"),
    }
}

fn pick<'a>(rng: &mut Rng, from: &[&'a str]) -> &'a str {
    from[rng.usize(..from.len())]
}
