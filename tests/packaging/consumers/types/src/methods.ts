// Every method, with the types that a page sees.

import init, {
  MonoConnect,
  type Account,
  type Accounts,
  type Assets,
  type Balance,
  type CreateOptions,
  type Customer,
  type Earnings,
  type History,
  type Identity,
  type Income,
  type InitSource,
  type Institutions,
  type Job,
  type LinkOptions,
  type Statement,
  type Subscription,
  type SyncOutcome,
  type Transaction,
  type TransactionQuery,
  type Transactions,
  type UserExport,
  type WatchEvent,
  type WidgetEventData,
  type WidgetEventName,
} from "mono-connect";

/** As somebody may have declared Mono's class. */
class Connect {
  constructor(private readonly config: { key: string; onSuccess: (data: { code: string }) => void }) {}
  setup(config?: object): void {
    void [config, this.config];
  }
  open(): void {}
  close(): void {}
  reauthorise(accountId: string): void {
    void accountId;
  }
}

const options: CreateOptions = {
  proxyUrl: "/",
  connect: Connect,
  nonce: "r4nd0m",
  token: async () => "jwt",
  onEvent: (name: WidgetEventName, data: WidgetEventData) => void [name, data.reference],
  redirect: (url: string) => void url,
  timeoutMs: 10_000,
};

const sources: readonly InitSource[] = [
  "/mono_connect_bg.wasm",
  new URL("https://example.com/mono_connect_bg.wasm"),
  new Response(),
  new Uint8Array(),
  new ArrayBuffer(0),
  fetch("/mono_connect_bg.wasm"),
];

const customers: readonly Customer[] = [{ id: "c1" }, { name: "Ada Obi", email: "ada@example.com" }];

const wanted: LinkOptions = {
  customer: { name: "Ada Obi", email: "ada@example.com" },
  institution: { id: "i1", auth_method: "internet_banking", account_number: "0123456789" },
  consent: { version: "1", text_sha256: "00", purpose: "lending" },
  signal: new AbortController().signal,
};

/** A page hands on what it was given, whether it is there or not. */
export async function handsOn(
  mono: MonoConnect,
  { proxyUrl, token, onEvent, timeoutMs }: CreateOptions,
  { customer, institution, consent, signal }: LinkOptions,
): Promise<Account> {
  await MonoConnect.create({ proxyUrl, token, onEvent, timeoutMs });
  await mono.accounts({ signal, timeoutMs });
  return mono.link({ customer, institution, consent, signal });
}

/** The first lines of the documentation. */
export async function sample(jwt: string): Promise<MonoConnect> {
  return MonoConnect.create({
    proxyUrl: "/",
    connect: window.Connect,
    token: async () => jwt,
    onEvent: (name, data) => void [name, data],
  });
}

export async function everything(): Promise<void> {
  await init();
  for (const source of sources) await init(source);
  await MonoConnect.create();
  using mono: MonoConnect = await MonoConnect.create(options);
  await mono.setup(wanted);
  for (const customer of customers) await mono.setup({ customer });
  const linked: Account = await mono.link(wanted);
  const again: Account = await mono.reauthorise(linked.id, { signal: new AbortController().signal });
  mono.close();

  const all: Accounts = await mono.accounts({ timeoutMs: 1_000 });
  const first: Account | undefined = all.accounts[0];
  const one: Account = await mono.account(again.id);
  const balance: Balance = await mono.balance(one.id, { realtime: true });
  const amount: number | null = balance.balance;
  const query: TransactionQuery = { start: "2026-01-01", end: "2026-02-01", type: "debit", narration: "rent", page: 1, limit: 50, realtime: false };
  const page: Transactions = await mono.transactions(one.id, query);
  const row: Transaction | undefined = page.transactions[0];
  for await (const found of mono.allTransactions(one.id, { start: "2026-01-01" })) {
    const same: Transaction = found;
    void same;
  }
  const statement: Statement = await mono.statement(one.id, { period: "last3months" });
  const { url } = await mono.statementPdf(one.id, { period: "last12months", timeoutMs: 60_000 });
  const file: string = url;
  const identity: Identity = await mono.identity(one.id);
  const income: Income = await mono.income(one.id);
  const histories: readonly History[] = [await mono.credits(one.id), await mono.debits(one.id)];
  const assets: Assets = await mono.assets(one.id);
  const earnings: Earnings = await mono.earnings(one.id);
  const institutions: Institutions = await mono.institutions();
  void [statement.count, file, identity.full_name, income.status, histories, assets.assets, earnings.earnings, institutions.institutions];
  const outcome: SyncOutcome = await mono.sync(one.id);
  if (outcome.job_id !== null) {
    const job: Job = await mono.job(one.id, outcome.job_id);
    void job.status;
  }
  const ready = await mono.waitUntilReady(one.id, { timeoutMs: 60_000 });
  const available: true = ready.data_available;
  const subscription: Subscription = mono.watch(heard, { signal: new AbortController().signal, onError: (error) => void error.code });
  const method: "token" | "account_id" | "hosted_link" = mono.reauthoriseMethod;
  void method;
  subscription.close();
  await mono.unlink(one.id);
  const kept: UserExport = await mono.exportData({ timeoutMs: 1_000 });
  const agreed: string | undefined = kept.consents[0]?.version;
  void agreed;
  await mono.eraseData();
  mono.free();
  void [first, amount, row?.narration, available];
}

function heard(event: WatchEvent): string {
  switch (event.type) {
    case "snapshot":
      return event.accounts.map((account) => account.data_status).join();
    case "account":
      return event.account.id;
    case "job":
      return `${event.accountId} ${event.job.status}`;
    case "removed":
      return event.accountId;
    default: {
      const nothing: never = event;
      return nothing;
    }
  }
}

export async function mistakes(mono: MonoConnect): Promise<void> {
  // @ts-expect-error instances are made by create()
  new MonoConnect();
  // @ts-expect-error a customer is an id, or a name and an email
  await mono.link({ customer: { name: "Ada Obi" } });
  // @ts-expect-error an option that nobody knows
  await MonoConnect.create({ proxyURL: "/" });
  // @ts-expect-error no class of widgets
  await MonoConnect.create({ connect: class {} });
  // @ts-expect-error no class at all
  await MonoConnect.create({ connect: () => {} });
  // @ts-expect-error accounts are named by a text
  await mono.balance(1);
  // @ts-expect-error a statement needs its period
  await mono.statement("id");
}
