//! The institutions of the simulated world. Ids and codes are those of Mono's documents where they are known.

use serde::Serialize;

/// A bank or wallet that a bank user can link.
#[derive(Debug, Clone, Serialize)]
pub struct Institution {
    /// Mono's id of it.
    pub id: &'static str,
    /// What the bank user reads.
    pub name: &'static str,
    /// `PERSONAL_BANKING` or `BUSINESS_BANKING`.
    pub kind: &'static str,
    /// Central Bank code.
    pub bank_code: &'static str,
    /// NIBSS code.
    pub nip_code: &'static str,
    /// Short name used in addresses and tests.
    pub identifier: &'static str,
    /// CSS colour of its badge.
    pub primary_color: &'static str,
    /// `internet_banking`, `mobile_banking`, or both; the first is the default.
    pub auth_methods: &'static [&'static str],
    /// Asks for an OTP at every login, so data cannot be refreshed without its user.
    pub mfa: bool,
}

const BOTH: &[&str] = &["internet_banking", "mobile_banking"];
const INTERNET: &[&str] = &["internet_banking"];
const MOBILE: &[&str] = &["mobile_banking"];
const PERSONAL: &str = "PERSONAL_BANKING";

#[expect(clippy::too_many_arguments, reason = "one row of the table below")]
const fn row(
    id: &'static str,
    name: &'static str,
    kind: &'static str,
    bank_code: &'static str,
    nip_code: &'static str,
    identifier: &'static str,
    primary_color: &'static str,
    auth_methods: &'static [&'static str],
    mfa: bool,
) -> Institution {
    Institution {
        id,
        name,
        kind,
        bank_code,
        nip_code,
        identifier,
        primary_color,
        auth_methods,
        mfa,
    }
}

/// All of them, the default first.
#[rustfmt::skip]
pub(crate) const INSTITUTIONS: &[Institution] = &[
    row("5f2d08be60b92e2888287702", "GTBank", PERSONAL, "058", "000013", "gtbank", "#c24400", BOTH, false),
    row("5f2d08bf60b92e2888287703", "Access Bank", PERSONAL, "044", "000014", "access", "#b05800", BOTH, true),
    row("5f2d08c060b92e2888287707", "First Bank", PERSONAL, "011", "000016", "firstbank", "#003b65", INTERNET, false),
    row("5f2d08bf60b92e2888287704", "Zenith Bank", PERSONAL, "057", "000015", "zenith", "#c8040f", BOTH, true),
    row("5f2d08c060b92e2888287706", "United Bank for Africa", PERSONAL, "033", "000004", "uba", "#c02a10", MOBILE, false),
    row("5f2d08c060b92e2888287708", "Union Bank of Nigeria", PERSONAL, "032", "000018", "unionbank", "#00709e", MOBILE, false),
    row("60cb1a0ad2a6c42ea0fa5b11", "Kuda", PERSONAL, "50211", "090267", "kuda", "#40196d", MOBILE, false),
    row("60cb1a0ad2a6c42ea0fa5b12", "Opay", PERSONAL, "999992", "100004", "opay", "#0b7a5c", MOBILE, true),
    row("5f2d08c060b92e2888287711", "GTBank Business", "BUSINESS_BANKING", "058", "000013", "gtbank-business", "#8a3203", INTERNET, false),
];

/// Finds by id, identifier or name (case-insensitive).
pub(crate) fn find(which: &str) -> Option<&'static Institution> {
    INSTITUTIONS.iter().find(|i| {
        i.id == which
            || i.identifier.eq_ignore_ascii_case(which)
            || i.name.eq_ignore_ascii_case(which)
    })
}
