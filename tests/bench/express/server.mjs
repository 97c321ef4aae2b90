// The proxy's work as an Express server does it: session, ownership, Mono, reshaped JSON; exchanges and
// webhooks durable before they are answered; events to open pages.
//
// It is a peer of the benchmarks and nothing else. It leaves out what only costs time (checks of origins,
// limits, logs, metrics), so that it is rather too fast than too slow.

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { Agent } from "node:http";

import axios from "axios";
import Database from "better-sqlite3";
import express from "express";
import session from "express-session";

const { PORT, MONO_API_URL, MONO_SECRET_KEY, MONO_WEBHOOK_SECRET, DATABASE, CACHE } = process.env;

const db = new Database(DATABASE);
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.exec(`
  create table if not exists accounts (id text primary key, user text not null, details text not null);
  create table if not exists link_sessions (reference text primary key, user text not null, used integer not null);
  create table if not exists inbox (id integer primary key, key text not null unique, body text not null);
`);
const findAccount = db.prepare("select details from accounts where id = ? and user = ?");
const addAccount = db.prepare("insert into accounts (id, user, details) values (?, ?, ?)");
const accountsOf = db.prepare("select id, details from accounts where user = ?");
const ownerOf = db.prepare("select user from accounts where id = ?");
const addLinkSession = db.prepare("insert into link_sessions (reference, user, used) values (?, ?, 0)");
const findLinkSession = db.prepare("select user from link_sessions where reference = ? and used = 0");
const useLinkSession = db.prepare("update link_sessions set used = 1 where reference = ? and used = 0");
const keepEvent = db.prepare("insert or ignore into inbox (key, body) values (?, ?)");

const mono = axios.create({
  baseURL: MONO_API_URL,
  headers: { "mono-sec-key": MONO_SECRET_KEY },
  httpAgent: new Agent({ keepAlive: true, maxSockets: 256 }),
  timeout: 120_000,
});

const cache = CACHE ? new Map() : undefined;
const pages = new Map();

const sha256 = (value) => createHash("sha256").update(value).digest();

function signedIn(request, response, next) {
  if (!request.session.user) {
    return response.status(401).json({ code: "unauthenticated" });
  }
  next();
}

function ownAccount(request, response, next) {
  const account = findAccount.get(request.params.id, request.session.user);
  if (!account) {
    return response.status(404).json({ code: "account_not_found" });
  }
  request.account = JSON.parse(account.details);
  next();
}

async function read(path, params, source = "mono") {
  const key = `${path}?${new URLSearchParams(params)}`;
  const known = cache?.get(key);
  if (known) {
    return { ...known, source: "cache" };
  }
  const { data } = await mono.get(path, { params });
  const answer = { data, at: new Date().toISOString(), source };
  cache?.set(key, answer);
  return answer;
}

const freshness = ({ source, at }) => ({ source, as_of: at, has_new_data: null, job: null });

function transaction(row, account) {
  return {
    id: row.id ?? row._id ?? null,
    type: row.type,
    amount: row.amount,
    narration: row.narration,
    date: row.date,
    balance: row.balance ?? null,
    currency: row.currency ?? account.currency,
    category: row.category ?? null,
  };
}

const app = express();
app.disable("x-powered-by");

app.post("/webhooks/mono", express.raw({ type: () => true, limit: "1mb" }), (request, response) => {
  const given = sha256(request.get("mono-webhook-secret") ?? "");
  if (!timingSafeEqual(given, sha256(MONO_WEBHOOK_SECRET))) {
    return response.status(401).end();
  }
  const event = JSON.parse(request.body.toString());
  if (typeof event.event !== "string") {
    return response.status(400).end();
  }
  keepEvent.run(event.event_id ?? sha256(request.body).toString("hex"), request.body.toString());
  response.status(200).end();
  tell(event.data?.account?._id ?? event.data?.account);
});

app.use(
  session({
    secret: "bench",
    name: "session",
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: "strict" },
  }),
);
app.use(express.json({ limit: "64kb" }));

app.get("/api/config", (request, response) => response.json({ environment: "test" }));

app.post("/api/session", (request, response) => {
  request.session.user ??= randomBytes(16).toString("hex");
  response.status(204).end();
});

app.post("/api/link-sessions", signedIn, (request, response) => {
  const reference = `mcl_${randomBytes(16).toString("hex")}`;
  addLinkSession.run(reference, request.session.user);
  response.status(201).json({ reference });
});

app.post("/api/accounts", signedIn, async (request, response) => {
  const { code, reference } = request.body;
  if (findLinkSession.get(reference)?.user !== request.session.user) {
    return response.status(409).json({ code: "link_session_invalid" });
  }
  const { data } = await mono.post("/v2/accounts/auth", { code });
  const { data: details } = await mono.get(`/v2/accounts/${data.data.id}`);
  const account = {
    id: data.data.id,
    name: details.data.account.name,
    institution: details.data.account.institution,
    currency: details.data.account.currency,
    balance: details.data.account.balance,
    data_status: details.data.meta.data_status,
    requires_reauth: false,
    linked_at: new Date().toISOString(),
  };
  db.transaction(() => {
    useLinkSession.run(reference);
    addAccount.run(account.id, request.session.user, JSON.stringify(account));
  })();
  response.status(201).json(account);
});

app.get("/api/accounts/:id/balance", signedIn, ownAccount, async (request, response) => {
  const answer = await read(`/v2/accounts/${request.params.id}/balance`, {});
  const { balance, currency } = answer.data.data;
  response.json({ balance, currency, freshness: freshness(answer) });
});

app.get("/api/accounts/:id/transactions", signedIn, ownAccount, async (request, response) => {
  const { limit } = request.query;
  const answer = await read(`/v2/accounts/${request.params.id}/transactions`, { limit });
  const { data, meta } = answer.data;
  response.json({
    transactions: data.map((row) => transaction(row, request.account)),
    page: meta.page,
    total: meta.total,
    next_page: meta.next ? meta.page + 1 : null,
    freshness: freshness(answer),
  });
});

app.get("/api/events", signedIn, (request, response) => {
  const { user } = request.session;
  response.set({ "content-type": "text/event-stream", "cache-control": "no-store" });
  const accounts = accountsOf.all(user).map(({ details }) => JSON.parse(details));
  response.write(`event: snapshot\ndata: ${JSON.stringify({ accounts })}\n\n`);
  const open = pages.get(user) ?? new Set();
  pages.set(user, open.add(response));
  const alive = setInterval(() => response.write(":\n\n"), 15_000);
  response.on("close", () => {
    clearInterval(alive);
    open.delete(response);
  });
});

function tell(id) {
  const user = id && ownerOf.get(id)?.user;
  if (!user) {
    return;
  }
  const account = { ...JSON.parse(findAccount.get(id, user).details), requires_reauth: true };
  const frame = `event: account\ndata: ${JSON.stringify(account)}\n\n`;
  for (const page of pages.get(user) ?? []) {
    page.write(frame);
  }
}

app.use((error, request, response, next) => {
  console.error(error.message);
  response.status(502).json({ code: "upstream_error" });
});

const server = app.listen(Number(PORT), "127.0.0.1", 1024);
// Node closes after five seconds what the load still holds open.
server.keepAliveTimeout = 600_000;
