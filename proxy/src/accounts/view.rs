//! From what is kept, and from what Mono says, to what pages see.

use mono_connect_shared::Timestamp;
use mono_connect_shared::account::{Account, Budget, ConsentGiven, Institution};
use mono_connect_shared::history::{History, Month};
use mono_connect_shared::id::{AccountId, InstitutionId, JobId};
use mono_connect_shared::identity::Identity;
use mono_connect_shared::income::{Income, IncomeRecord, IncomeStatus};
use mono_connect_shared::institution::{Institutions, LinkableInstitution};
use mono_connect_shared::lifecycle::{REALTIME_INTERVAL, Running, SYNC_INTERVAL};
use mono_connect_shared::link::AuthMethod;
use mono_connect_shared::statement::{PdfStatus, Period, Statement, StatementPdf};
use mono_connect_shared::transaction::{Freshness, Job, Transaction, TransactionKind};
use mono_connect_shared::wealth::{Asset, Assets, Earning, EarningAsset, Earnings};
use mono_connect_store::{AccountRecord, JobRecord, Profile};

use super::Error;

/// The account as its user sees it at `now`. None once it is unlinked.
pub(super) fn account(record: AccountRecord, now: Timestamp) -> Option<Account> {
    let linked = record.state.as_linked()?.clone();
    let required = linked.authorisation.required();
    Some(Account {
        id: record.id,
        name: record.profile.name,
        institution: record.profile.institution,
        account_number_last4: record.profile.account_number_last4,
        account_type: record.profile.account_type,
        currency: record.profile.currency,
        balance: record.profile.balance,
        data_available: linked.data.status.is_available(),
        data_status: linked.data.status,
        retrieved_data: linked.data.retrieved,
        requires_reauth: required.is_some(),
        requires_reauth_since: required.map(|ask| ask.at),
        last_sync: linked.last_sync,
        sync: budget(linked.sync.as_ref(), SYNC_INTERVAL, now),
        realtime: budget(linked.realtime.as_ref(), REALTIME_INTERVAL, now),
        linked_at: record.linked_at,
        updated_at: record.updated_at,
        consent: record.consent.map(|given| ConsentGiven {
            version: given.consent.version,
            given_at: given.given_at,
        }),
        duplicate_of: record.duplicate_of,
    })
}

/// Takes out of an account whose link has ended at `at` what is personal.
pub(super) fn strip(account: &mut Account, at: Timestamp) {
    account.name = None;
    account.institution = Institution::default();
    account.account_number_last4 = None;
    account.account_type = None;
    account.currency = None;
    account.balance = None;
    account.data_available = false;
    account.retrieved_data = Vec::new();
    account.requires_reauth = false;
    account.requires_reauth_since = None;
    account.last_sync = None;
    account.sync = Budget::default();
    account.realtime = Budget::default();
    account.consent = None;
    account.duplicate_of = None;
    account.updated_at = at;
}

fn budget(running: Option<&Running>, interval: jiff::SignedDuration, now: Timestamp) -> Budget {
    let Some(running) = running else {
        return Budget::default();
    };
    Budget {
        in_progress: running.is_in_progress(interval, now),
        job_id: running.job.clone(),
        next_allowed_at: running.next_allowed_at(interval).filter(|next| *next > now),
    }
}

/// What Mono's account details say about the account itself.
pub(super) fn profile(details: &mono_client::AccountDetails) -> Profile {
    Profile {
        name: details.name.clone(),
        institution: Institution {
            name: details.institution.name.clone(),
            bank_code: details.institution.bank_code.clone(),
            kind: details.institution.kind.clone(),
        },
        account_number_last4: details
            .account_number
            .as_ref()
            .map(|n| n.last4().to_owned()),
        account_type: details.account_type.clone(),
        currency: details.currency.clone(),
        balance: details.balance,
        // Told by an event only.
        income: None,
    }
}

/// Takes over what an event says about the account itself, and leaves what it does not say.
pub(super) fn merge_profile(profile: &mut Profile, told: &mono_client::webhook::Profile) {
    fn take<T: Clone>(known: &mut Option<T>, told: Option<&T>) {
        if told.is_some() {
            *known = told.cloned();
        }
    }
    let last4 = told
        .account_number
        .as_ref()
        .map(|number| number.last4().to_owned());
    take(&mut profile.name, told.name.as_ref());
    take(&mut profile.account_number_last4, last4.as_ref());
    take(&mut profile.account_type, told.account_type.as_ref());
    take(&mut profile.currency, told.currency.as_ref());
    take(&mut profile.balance, told.balance.as_ref());
    take(
        &mut profile.institution.name,
        told.institution.name.as_ref(),
    );
    take(
        &mut profile.institution.bank_code,
        told.institution.bank_code.as_ref(),
    );
    take(
        &mut profile.institution.kind,
        told.institution.kind.as_ref(),
    );
}

/// One row of Mono's, in the account's currency where the row names none.
pub(super) fn transaction(row: mono_client::Transaction, currency: Option<&str>) -> Transaction {
    Transaction {
        id: row.id,
        kind: TransactionKind::from(row.kind.as_str()),
        amount: row.amount,
        narration: row.narration,
        date: row.date,
        balance: row.balance,
        currency: row.currency.or_else(|| currency.map(str::to_owned)),
        category: row.category,
    }
}

/// A statement as pages see it, in the account's currency where a row names none.
pub(super) fn statement(
    statement: mono_client::Statement,
    currency: Option<&str>,
    freshness: Freshness,
) -> Statement {
    let came = statement.rows.len() + statement.skipped;
    let rows = statement.rows.into_iter();
    Statement {
        count: statement
            .count
            .unwrap_or_else(|| u64::try_from(came).unwrap_or(u64::MAX)),
        transactions: rows.map(|row| transaction(row, currency)).collect(),
        requested_days: statement.requested_days,
        available_days: statement.available_days,
        skipped: count(statement.skipped),
        freshness,
    }
}

/// A PDF as pages see it: where it is only once it is there.
pub(super) fn statement_pdf(pdf: mono_client::StatementPdf) -> Result<StatementPdf, Error> {
    let status = match pdf.status {
        mono_client::PdfStatus::Building => PdfStatus::Building,
        mono_client::PdfStatus::Ready => PdfStatus::Ready,
        mono_client::PdfStatus::Other(word) => PdfStatus::from(word.as_str()),
    };
    Ok(StatementPdf {
        job_id: job_id(&pdf.id)?,
        url: pdf
            .url
            .filter(|_| status == PdfStatus::Ready)
            .map(String::from),
        status,
    })
}

/// Our period as Mono's.
pub(super) fn period(period: Period) -> Result<mono_client::Period, Error> {
    mono_client::Period::try_from(period.as_months())
        .map_err(|_| Error::Broken("a period of ours is none of Mono's"))
}

/// A history as pages see it.
pub(super) fn history(history: mono_client::History) -> History {
    let months = history.months.into_iter().map(|month| Month {
        period: month.period,
        amount: month.amount,
        transaction_count: month.transaction_count,
    });
    History {
        total: history.total,
        history: months.collect(),
        skipped: count(history.skipped),
    }
}

/// A holder as pages see them.
pub(super) fn identity(holder: mono_client::Identity) -> Identity {
    Identity {
        full_name: holder.full_name,
        email: holder.email,
        phone: holder.phone,
        gender: holder.gender,
        date_of_birth: holder.date_of_birth,
        bvn_last4: holder.bvn_last4,
        address: holder.address,
        marital_status: holder.marital_status,
    }
}

/// An income as pages see it, in the account's currency where a record names none.
pub(super) fn income(found: mono_client::IncomeRecords, account: &AccountRecord) -> Income {
    let records = found.records.into_iter().map(|record| IncomeRecord {
        currency: record
            .currency
            .clone()
            .or_else(|| account.profile.currency.clone()),
        ..income_record(record)
    });
    Income {
        status: IncomeStatus::Ready,
        records: records.collect(),
        skipped: count(found.skipped),
    }
}

/// A source of income as it was told.
pub(super) fn income_record(record: mono_client::IncomeRecord) -> IncomeRecord {
    IncomeRecord {
        kind: record.kind,
        employer: record.employer,
        amount: record.amount,
        monthly_average: record.monthly_average,
        frequency: record.frequency,
        currency: record.currency,
        first_date: record.first_date,
        last_date: record.last_date,
        stability: record.stability,
    }
}

/// Assets as pages see them, in the account's currency where a row names none.
pub(super) fn assets(told: mono_client::Assets, currency: Option<&str>) -> Assets {
    let rows = told.rows.into_iter().map(|row| Asset {
        name: row.name,
        kind: row.kind,
        cost: row.cost,
        gain: row.gain,
        quantity: row.quantity,
        currency: row.currency.or_else(|| currency.map(str::to_owned)),
        symbol: row.symbol,
        current_balance: row.current_balance,
    });
    Assets {
        assets: rows.collect(),
        skipped: count(told.skipped),
    }
}

/// Earnings as pages see them.
pub(super) fn earnings(told: mono_client::Earnings) -> Earnings {
    let rows = told.rows.into_iter().map(|row| Earning {
        id: row.id,
        amount: row.amount,
        narration: row.narration,
        date: row.date,
        asset: EarningAsset {
            name: row.asset_name,
            symbol: row.asset_symbol,
        },
    });
    Earnings {
        earnings: rows.collect(),
        skipped: count(told.skipped),
    }
}

/// The banks that a link can name.
pub(super) fn institutions(told: mono_client::Institutions) -> Institutions {
    let all = told.institutions.len() + told.skipped;
    let institutions: Vec<_> = told
        .institutions
        .into_iter()
        .filter_map(|bank| {
            Some(LinkableInstitution {
                id: InstitutionId::try_from(bank.id).ok()?,
                name: bank.name,
                kind: bank.kind,
                icon: bank.icon.map(String::from),
                country: bank.country,
                auth_methods: bank
                    .auth_methods
                    .iter()
                    .map(|word| AuthMethod::from(word.as_str()))
                    .collect(),
            })
        })
        .collect();
    Institutions {
        skipped: count(all - institutions.len()),
        institutions,
    }
}

/// How many rows were left out, as pages see it.
pub(super) fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

/// A job as pages see it.
pub(super) fn job(record: JobRecord) -> Job {
    Job {
        id: record.id,
        name: record.name,
        status: record.status,
        reauth_required: record.reauth_required,
        updated_at: record.updated_at,
    }
}

/// Mono's id as ours. Both allow the same characters.
pub(super) fn account_id(id: &mono_client::AccountId) -> Result<AccountId, Error> {
    id.as_str()
        .parse()
        .map_err(|_| Error::Broken("an account id of Mono's is none of ours"))
}

/// Our id as Mono's.
pub(super) fn mono_id(id: &AccountId) -> Result<mono_client::AccountId, Error> {
    id.as_str()
        .parse()
        .map_err(|_| Error::Broken("an account id of ours is none of Mono's"))
}

/// Mono's job id as ours. Both allow the same characters.
pub(super) fn job_id(id: &mono_client::JobId) -> Result<JobId, Error> {
    id.as_str()
        .parse()
        .map_err(|_| Error::Broken("a job id of Mono's is none of ours"))
}
