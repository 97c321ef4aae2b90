import { BalanceHistory } from "./balance.js";
import { drawMonths, readMonths } from "./months.js";
import { Panel } from "./panel.js";
import { drawIdentity, drawIncome } from "./person.js";
import { StatementPanel } from "./statement.js";
import { drawWealth, readWealth } from "./wealth.js";

const byId = (id) => document.getElementById(id);
/** Mono's analysis of an income takes a while; nobody is told when it ends. */
const INCOME_AGAIN_MS = 5000;

/** What is behind each tab, apart from the transactions, by the tab's id. */
export function panels(mono) {
  return {
    balance: new BalanceHistory(byId("panel-balance"), mono),
    months: new Panel(byId("panel-months"), { read: ({ id }) => readMonths(mono(), id), draw: drawMonths }),
    person: new Several([
      new Panel(byId("identity"), { read: ({ id }) => mono().identity(id), draw: drawIdentity }),
      incomePanel(mono),
    ]),
    wealth: new Panel(byId("panel-wealth"), { read: ({ id }) => readWealth(mono(), id), draw: drawWealth }),
    statement: new StatementPanel(byId("panel-statement"), mono),
  };
}

function incomePanel(mono) {
  let timer = null;
  const panel = new Panel(byId("income"), {
    async read({ id }) {
      clearTimeout(timer);
      const income = await mono().income(id);
      if (income.status === "processing") timer = setTimeout(() => document.hidden || byId("panel-person").hidden ? panel.stale() : panel.load(), INCOME_AGAIN_MS);
      return income;
    },
    draw: drawIncome,
  });
  return panel;
}

/** Panels that stand under one tab, each for itself: one may fail while the other is there. */
class Several {
  #panels;

  constructor(panels) {
    this.#panels = panels;
  }

  open(account) {
    return Promise.all(this.#panels.map((panel) => panel.open(account)));
  }

  stale() {
    for (const panel of this.#panels) panel.stale();
  }
}
