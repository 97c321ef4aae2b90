// Mono allows the next one after five minutes at most. More than that is a clock that goes wrong.
const LONGEST_WAIT_MS = 5 * 60_000;

/**
 * What is known of fetching fresh data from the banks: what runs, how the last one ended, and from when
 * on the next one is allowed. Knows nothing of the page.
 */
export class Fetches {
  /** Accounts for which this page itself waits for an answer. */
  #asked = new Set();
  /** Account to the job that is awaited; null while the job has no name yet, or never gets one. */
  #awaited = new Map();
  #jobs = new Map();
  #results = new Map();
  #waits = new Map();
  /** Account to its state whose budgets are taken into account. */
  #seen = new Map();

  isRunning(id) {
    return this.#asked.has(id) || this.#awaited.has(id);
  }

  /** This page asks for fresh data. */
  ask(id) {
    this.#asked.add(id);
    this.#results.delete(id);
  }

  /** The answer. Without one, asking went wrong, and that is told elsewhere. */
  answered(id, outcome = null) {
    this.#asked.delete(id);
    this.#awaited.delete(id);
    if (!outcome) return;
    this.waitUntil(id, outcome.next_allowed_at);
    if (outcome.status === "processing") this.#awaited.set(id, outcome.job_id ?? null);
    else this.#results.set(id, { status: outcome.status, hasNews: outcome.has_new_data === true });
  }

  /** It was asked too early. */
  refused(id, retryAfterMs) {
    this.#asked.delete(id);
    this.#results.set(id, { status: "too_early", hasNews: false });
    if (retryAfterMs > 0) this.waitUntil(id, new Date(Date.now() + retryAfterMs).toISOString());
  }

  /** Something was told about a job. */
  heardOfJob(id, job) {
    this.#jobs.set(id, job);
  }

  /**
   * Something was told about an account.
   *
   * @returns {boolean} whether what was awaited is over
   */
  heardOf(account) {
    const { id } = account;
    const running = [account.realtime, account.sync].find(isRunning);
    this.#takeBudgets(account);
    if (running && !this.#hasEnded(running.job_id, id)) {
      this.#awaited.set(id, running.job_id ?? null);
      return false;
    }
    return this.#settle(account, running);
  }

  #settle(account, running) {
    const { id } = account;
    if (this.#asked.has(id) || !this.#awaited.has(id)) return false;
    const job = this.#awaited.get(id);
    const named = job === null || [account.realtime, account.sync].some((budget) => budget?.job_id === job);
    if (!this.#hasEnded(job, id) && (running || !named)) return false;
    this.#awaited.delete(id);
    const told = this.#jobs.get(id);
    this.#results.set(id, { status: told && (job === null || told.id === job) ? jobStatus(told) : null, hasNews: false });
    return true;
  }

  #hasEnded(job, id) {
    const told = this.#jobs.get(id);
    return job !== null && told?.id === job && told.status !== "processing";
  }

  /** How the last one ended does not matter any more. */
  forgetResult(id) {
    this.#results.delete(id);
  }

  /** What came was not there before. */
  foundNews(id) {
    this.#results.set(id, { ...(this.#results.get(id) ?? { status: "synced" }), hasNews: true });
  }

  /**
   * How the last one ended, as far as this page saw it.
   *
   * @returns {{status: string, hasNews: boolean} | null}
   */
  result(account) {
    const result = this.#results.get(account.id);
    if (!result) return null;
    const status = result.status ?? account.last_sync?.outcome ?? "synced";
    // A job that failed does not always say itself that the bank wants its user.
    return { ...result, status: status === "failed" && account.requires_reauth ? "reauthorisation_required" : status };
  }

  /** By this page's clock, in milliseconds; 0 when it is allowed now. */
  allowedAt(id) {
    return this.#waits.get(id)?.at ?? 0;
  }

  /** What an account says anew replaces what was known: a fetch that never started uses nothing up. */
  #takeBudgets({ id, updated_at: updatedAt, realtime, sync }) {
    if (this.#seen.get(id) === updatedAt) return;
    this.#seen.set(id, updatedAt);
    if (!realtime?.next_allowed_at && !sync?.next_allowed_at) this.#waits.delete(id);
    for (const budget of [realtime, sync]) this.waitUntil(id, budget?.next_allowed_at);
  }

  waitUntil(id, moment) {
    const told = Date.parse(moment ?? "");
    const known = this.#waits.get(id);
    if (Number.isNaN(told) || (known && known.told >= told)) return;
    this.#waits.set(id, { told, at: Math.min(told, Date.now() + LONGEST_WAIT_MS) });
  }

  forget(id) {
    for (const known of [this.#asked, this.#awaited, this.#jobs, this.#results, this.#waits, this.#seen]) known.delete(id);
  }
}

/** What has no job's name and is older than its own interval has been lost. */
function isRunning(budget) {
  return Boolean(budget?.in_progress && (budget.job_id || Date.parse(budget.next_allowed_at ?? "") > Date.now()));
}

function jobStatus(job) {
  if (job.reauth_required) return "reauthorisation_required";
  return job.status === "finished" ? "synced" : "failed";
}
