import { MonoConnectError } from "./error.js";

/** More pages than any account has: whoever answers with more will never end. */
const MOST_PAGES = 10_000;

/** The rows of all pages, one by one. Asks for a page only when a row of it is wanted. */
export async function* rows(mono, id, wanted) {
  const { realtime, ...query } = wanted ?? {};
  let known = new Set();
  for (let asked = 0; asked < MOST_PAGES; asked += 1) {
    const answer = await mono.transactions(id, asked === 0 ? { ...query, realtime } : query);
    const ids = new Set();
    for (const row of answer.transactions) {
      const { signal } = query;
      if (signal?.aborted) {
        throw new MonoConnectError("aborted", "The page aborted the call.", { cause: signal.reason });
      }
      if (row.id !== null) ids.add(row.id);
      if (!known.has(row.id)) yield row;
    }
    if (answer.next_page === null) return;
    if (!(answer.next_page > answer.page)) break;
    known = ids;
    query.page = answer.next_page;
  }
  throw new MonoConnectError("network", "The pages never end: is proxyUrl the proxy's address?");
}
