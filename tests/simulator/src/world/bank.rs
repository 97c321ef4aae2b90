//! The banks behind Mono: their users, the accounts they hold and the logins that open them.
//! Knows nothing about links, codes or Mono's copies.

use fastrand::Rng;
use serde::Serialize;

use super::institution::{INSTITUTIONS, Institution};
use super::ledger::Ledger;
use crate::random::{DIGITS, dice, word};

/// The password of every bank user; the widget page shows it.
pub(crate) const PASSWORD: &str = "123456";
/// The one-time password of every bank that asks for one; the widget page shows it.
pub(crate) const OTP: &str = "123456";

/// A customer of one bank.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct BankUser {
    /// What they type to log in.
    pub(crate) username: String,
    /// As the bank knows them.
    pub(crate) full_name: String,
    /// Eleven digits; the same person has the same number at every bank.
    pub(crate) bvn: String,
    /// Which bank.
    pub(crate) institution: &'static str,
}

/// An account at a bank, as the bank has it.
#[derive(Debug)]
pub(crate) struct BankAccount {
    pub(crate) institution: &'static Institution,
    /// Index into [`Banks::users`].
    pub(crate) user: usize,
    pub(crate) name: String,
    pub(crate) number: String,
    pub(crate) kind: &'static str,
    pub(crate) currency: &'static str,
    pub(crate) ledger: Ledger,
}

/// Every user and account of every bank.
#[derive(Debug)]
pub(crate) struct Banks {
    pub(crate) users: Vec<BankUser>,
    pub(crate) accounts: Vec<BankAccount>,
}

/// First name, last name; the first is a customer of every bank.
const PEOPLE: &[(&str, &str)] = &[
    ("Samuel", "Olamide"),
    ("Amina", "Bello"),
    ("Chidi", "Okafor"),
    ("Folake", "Adeyemi"),
    ("Ngozi", "Eze"),
];
const ACCOUNT_KINDS: &[&str] = &[
    "SAVINGS ACCOUNT - INDIVIDUAL",
    "CURRENT ACCOUNT",
    "Tier 3 Savings Account",
];
/// The account that Mono's own samples show.
const SAMPLE_ACCOUNT_NUMBER: &str = "0131883461";

impl Banks {
    /// The banks of this seed.
    pub(crate) fn generate(seed: u64) -> Self {
        let mut banks = Self {
            users: Vec::new(),
            accounts: Vec::new(),
        };
        for (index, institution) in INSTITUTIONS.iter().enumerate() {
            if institution.kind == "BUSINESS_BANKING" {
                banks.add_business(seed, institution);
            } else {
                let other = 1 + (index % (PEOPLE.len() - 1));
                banks.add_person(seed, institution, 0);
                banks.add_person(seed, institution, other);
            }
        }
        banks
    }

    fn add_person(&mut self, seed: u64, institution: &'static Institution, person: usize) {
        let (first, last) = PEOPLE[person];
        let full_name = format!("{first} {last}");
        let mut rng = dice(seed, &["person", institution.id, &full_name]);
        let user = self.users.len();
        self.users.push(BankUser {
            username: format!("{}.{}", first.to_lowercase(), last.to_lowercase()),
            bvn: bvn(seed, &full_name),
            institution: institution.id,
            full_name: full_name.clone(),
        });
        let sample = person == 0 && institution.id == INSTITUTIONS[0].id;
        let count = if sample { 2 } else { rng.usize(1..=3) };
        for nth in 0..count {
            let number = if sample && nth == 0 {
                SAMPLE_ACCOUNT_NUMBER.to_owned()
            } else {
                account_number(&mut rng)
            };
            let salary = nth == 0;
            let kind = ACCOUNT_KINDS[nth % ACCOUNT_KINDS.len()];
            self.add_account(seed, institution, user, &full_name, number, kind, salary);
        }
    }

    fn add_business(&mut self, seed: u64, institution: &'static Institution) {
        let full_name = "Olamide Foods Limited".to_owned();
        let mut rng = dice(seed, &["business", institution.id]);
        let user = self.users.len();
        self.users.push(BankUser {
            username: "olamide.foods".to_owned(),
            bvn: bvn(seed, "Samuel Olamide"),
            institution: institution.id,
            full_name: full_name.clone(),
        });
        let number = account_number(&mut rng);
        self.add_account(
            seed,
            institution,
            user,
            &full_name,
            number,
            "CORPORATE CURRENT ACCOUNT",
            false,
        );
    }

    #[expect(clippy::too_many_arguments, reason = "the columns of an account")]
    fn add_account(
        &mut self,
        seed: u64,
        institution: &'static Institution,
        user: usize,
        name: &str,
        number: String,
        kind: &'static str,
        salary: bool,
    ) {
        let ledger = Ledger::new(
            seed,
            &number,
            salary,
            institution.kind == "BUSINESS_BANKING",
        );
        self.accounts.push(BankAccount {
            institution,
            user,
            name: name.to_uppercase(),
            number,
            kind,
            currency: "NGN",
            ledger,
        });
    }

    /// The user with this login, when the password is right.
    pub(crate) fn log_in(
        &self,
        institution: &str,
        username: &str,
        password: &str,
    ) -> Option<usize> {
        let user = self.user(institution, username)?;
        (password == PASSWORD).then_some(user)
    }

    pub(crate) fn user(&self, institution: &str, username: &str) -> Option<usize> {
        let username = username.trim();
        self.users
            .iter()
            .position(|u| u.institution == institution && u.username.eq_ignore_ascii_case(username))
    }

    /// Indices of the accounts of a user, in a fixed order.
    pub(crate) fn accounts_of(&self, user: usize) -> Vec<usize> {
        (0..self.accounts.len())
            .filter(|&a| self.accounts[a].user == user)
            .collect()
    }

    pub(crate) fn bvn_of(&self, account: usize) -> &str {
        &self.users[self.accounts[account].user].bvn
    }
}

fn bvn(seed: u64, full_name: &str) -> String {
    format!(
        "22{}",
        word(&mut dice(seed, &["bvn", full_name]), DIGITS, 9)
    )
}

fn account_number(rng: &mut Rng) -> String {
    format!("0{}", word(rng, DIGITS, 9))
}
