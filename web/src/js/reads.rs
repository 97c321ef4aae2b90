//! The exported class's plain calls: each is one call of the proxy, whose answer is handed through.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::call::promise;
use super::class::MonoConnect;
use super::options::{account_id, job_id, period, query};
use super::proxy::Call;
use crate::error::Error;

/// How long `statementPdf` waits unless the page says otherwise, in milliseconds.
const PDF_WITHIN: u32 = 300_000;

#[wasm_bindgen(module = "/src/js/rows.js")]
extern "C" {
    fn rows(instance: &JsValue, id: &JsValue, query: &JsValue) -> JsValue;
}

#[wasm_bindgen]
impl MonoConnect {
    /// The caller's accounts, in the order in which they were linked.
    #[wasm_bindgen(unchecked_return_type = "Promise<Accounts>")]
    pub fn accounts(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: &JsValue,
    ) -> Promise {
        self.call(Call::Get, Ok("/api/accounts".to_owned()), options)
    }

    /// One account. `account_not_found` where the caller has none of this id.
    #[wasm_bindgen(unchecked_return_type = "Promise<Account>")]
    pub fn account(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: &JsValue,
    ) -> Promise {
        self.of_account(Call::Get, id, "", options)
    }

    /// An account's balance, in the currency's minor unit. `data_not_ready` until Mono has it, as
    /// with everything that is read of an account.
    #[wasm_bindgen(unchecked_return_type = "Promise<Balance>")]
    pub fn balance(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "BalanceOptions")] options: &JsValue,
    ) -> Promise {
        self.of_account(Call::Get, id, "/balance", options)
    }

    /// One page of an account's transactions, newest first.
    #[wasm_bindgen(unchecked_return_type = "Promise<Transactions>")]
    pub fn transactions(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "TransactionQuery")] query: &JsValue,
    ) -> Promise {
        self.of_account(Call::Get, id, "/transactions", query)
    }

    /// All of an account's transactions, newest first, over all pages from `query.page` on. A page
    /// is asked for when its first row is; leaving the loop ends it.
    ///
    /// With `realtime`, the bank is asked once, with the first page. A row that moves to the next
    /// page while pages are read is not told twice, if it has an id.
    #[wasm_bindgen(
        js_name = allTransactions,
        unchecked_return_type = "AsyncGenerator<Transaction, void, undefined>"
    )]
    pub fn all_transactions(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "TransactionQuery")] query: &JsValue,
    ) -> JsValue {
        rows(&self.instance(), id, query)
    }

    /// An account's rows for the last months.
    #[wasm_bindgen(unchecked_return_type = "Promise<Statement>")]
    pub fn statement(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "StatementOptions")] options: &JsValue,
    ) -> Promise {
        let path = period(options).and_then(|_| account_path(id, "/statement", options));
        self.call(Call::Get, path, options)
    }

    /// Has Mono build an account's statement as a PDF, and resolves once it can be fetched at `url`.
    /// Asks until then, at growing intervals; ends with `timeout` after `timeoutMs`, five minutes
    /// if left out.
    #[wasm_bindgen(
        js_name = statementPdf,
        unchecked_return_type = "Promise<StatementPdf & { url: string }>"
    )]
    pub fn statement_pdf(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "StatementPdfOptions")] options: &JsValue,
    ) -> Promise {
        let linking = self.linking.clone();
        let started = period(options).and_then(|period| {
            let path = account_path(id, "/statement-pdfs", &JsValue::UNDEFINED)?;
            Ok((path, period, self.start_wait(options)?))
        });
        promise(async move {
            let (path, period, (timeout, stopping)) = started?;
            let timeout = timeout.unwrap_or(PDF_WITHIN);
            let built = linking.backend.statement_pdf(&path, &period, timeout);
            stopping.stop.or(built).await
        })
    }

    /// Who holds an account, as the bank knows them.
    #[wasm_bindgen(unchecked_return_type = "Promise<Identity>")]
    pub fn identity(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: &JsValue,
    ) -> Promise {
        self.of_account(Call::Get, id, "/identity", options)
    }

    /// What an account's holder earns. While `status` is `processing`, Mono is working it out.
    #[wasm_bindgen(unchecked_return_type = "Promise<Income>")]
    pub fn income(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: &JsValue,
    ) -> Promise {
        self.of_account(Call::Get, id, "/income", options)
    }

    /// What came into an account, month by month.
    #[wasm_bindgen(unchecked_return_type = "Promise<History>")]
    pub fn credits(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: &JsValue,
    ) -> Promise {
        self.of_account(Call::Get, id, "/credits", options)
    }

    /// What went out of an account, month by month.
    #[wasm_bindgen(unchecked_return_type = "Promise<History>")]
    pub fn debits(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: &JsValue,
    ) -> Promise {
        self.of_account(Call::Get, id, "/debits", options)
    }

    /// What is held in an investment account.
    #[wasm_bindgen(unchecked_return_type = "Promise<Assets>")]
    pub fn assets(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: &JsValue,
    ) -> Promise {
        self.of_account(Call::Get, id, "/assets", options)
    }

    /// What the assets of an investment account have brought.
    #[wasm_bindgen(unchecked_return_type = "Promise<Earnings>")]
    pub fn earnings(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: &JsValue,
    ) -> Promise {
        self.of_account(Call::Get, id, "/earnings", options)
    }

    /// The banks whose accounts can be linked.
    #[wasm_bindgen(unchecked_return_type = "Promise<Institutions>")]
    pub fn institutions(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: &JsValue,
    ) -> Promise {
        self.call(Call::Get, Ok("/api/institutions".to_owned()), options)
    }

    /// Everything that is kept of the caller, to take away.
    #[wasm_bindgen(js_name = exportData, unchecked_return_type = "Promise<UserExport>")]
    pub fn export_data(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: &JsValue,
    ) -> Promise {
        self.call(Call::Get, Ok("/api/me/export".to_owned()), options)
    }

    /// Unlinks all of the caller's accounts at Mono and erases everything that is kept of the
    /// caller. Not to be taken back. Where it fails, some of it may have been erased: call it again
    /// for the rest.
    #[wasm_bindgen(js_name = eraseData, unchecked_return_type = "Promise<void>")]
    pub fn erase_data(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: &JsValue,
    ) -> Promise {
        self.call(Call::Delete, Ok("/api/me".to_owned()), options)
    }

    /// Asks the bank for new data; at most once in two minutes per account, else `rate_limited`.
    #[wasm_bindgen(unchecked_return_type = "Promise<SyncOutcome>")]
    pub fn sync(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: &JsValue,
    ) -> Promise {
        self.of_account(Call::Post(None), id, "/sync", options)
    }

    /// How far a background job has come, for instance that of a sync or of a real-time read.
    #[wasm_bindgen(unchecked_return_type = "Promise<Job>")]
    pub fn job(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(js_name = jobId, unchecked_param_type = "string")] job: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: &JsValue,
    ) -> Promise {
        let path = job_id(job).and_then(|job| {
            let rest = ["/jobs/", job.as_str()].concat();
            account_path(id, &rest, options)
        });
        self.call(Call::Get, path, options)
    }

    /// Ends the link at Mono and erases the account. Not to be taken back: the bank account can
    /// only be linked anew.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn unlink(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: &JsValue,
    ) -> Promise {
        self.of_account(Call::Delete, id, "", options)
    }
}

impl MonoConnect {
    /// A plain call of something of one account's.
    #[inline(never)]
    fn of_account(
        &self,
        call: Call<'static>,
        id: &JsValue,
        rest: &str,
        options: &JsValue,
    ) -> Promise {
        self.call(call, account_path(id, rest, options), options)
    }

    /// A plain call: its answer goes to the page as it came.
    #[inline(never)]
    fn call(&self, call: Call<'static>, path: Result<String, Error>, options: &JsValue) -> Promise {
        let started = path.and_then(|path| Ok((path, self.start_call(options)?)));
        let mut proxy = self.linking.backend.clone();
        promise(async move {
            let (path, (timeout, stopping)) = started?;
            proxy.timeout = timeout.unwrap_or(proxy.timeout);
            stopping.stop.or(proxy.send(&path, call)).await
        })
    }
}

/// The path of something of one account's; `options` become the query string.
#[inline(never)]
fn account_path(id: &JsValue, rest: &str, options: &JsValue) -> Result<String, Error> {
    Ok([
        "/api/accounts/",
        account_id(id)?.as_str(),
        rest,
        &query(options)?,
    ]
    .concat())
}
