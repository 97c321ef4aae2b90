// The page of the simulated widget: shows one step after another and tells the page around it what happened.
"use strict";

const query = new URLSearchParams(location.search);
const hosted = /^\/link\/([A-Za-z0-9]+)$/.exec(location.pathname)?.[1];
const framed = window.parent !== window;
const reference = query.get("reference");

const card = document.getElementById("widget");
const title = document.getElementById("title");
const lead = document.getElementById("lead");
const problem = document.getElementById("problem");
const badge = document.getElementById("badge");
const body = document.getElementById("body");
const back = document.getElementById("back");
const close = document.getElementById("close");

let visit;
let institution;
let ended = false;

if (framed) document.body.classList.add("framed");

function tell(type, details = {}) {
  const data = { timestamp: Date.now(), ...details };
  if (reference !== null) data.reference = reference;
  const message = { type, data };
  if (framed) window.parent.postMessage(message, "*");
  // Native apps put a bridge of this name into their web view.
  window.MonoClientInterface?.postMessage?.(JSON.stringify(message));
}

/** Makes an element: attributes, then children; text goes in as text. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

const initials = (name) => name.split(/\s+/).slice(0, 2).map((part) => part[0]).join("").toUpperCase();

async function ask(path, content) {
  const answer = await fetch(`/_widget/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(content),
    keepalive: true,
  });
  const step = await answer.json();
  if (!step.error) return step;
  const error = new Error(step.error);
  error.type = step.type;
  throw error;
}

function report(error, pageName) {
  const type = error.type ?? "NETWORK";
  problem.textContent = error.type ? error.message : "The bank could not be reached. Please try again.";
  problem.hidden = false;
  tell("mono.connect.error_occured", { errorType: type, errorMessage: problem.textContent, pageName });
}

/** Runs one step of the visit with the button disabled meanwhile. */
async function proceed(button, path, content) {
  problem.hidden = true;
  button.disabled = true;
  try {
    show(await ask(`visits/${visit}/${path}`, content));
  } catch (error) {
    button.disabled = false;
    report(error, path);
    body.querySelector("input")?.focus();
  }
}

function begin(step, heading, words) {
  card.dataset.step = step;
  title.textContent = heading;
  lead.textContent = words;
  problem.hidden = true;
  body.replaceChildren();
  back.hidden = true;
  badge.hidden = !institution;
  if (institution) {
    badge.textContent = initials(institution.name);
    badge.style.background = institution.color;
  }
}

const steps = {
  institutions({ institutions }) {
    institution = undefined;
    begin("institutions", "Choose your bank", "Your account will be linked after you log in.");
    const list = element("ul", { class: "list", "data-testid": "institutions" });
    const none = element("p", { class: "empty", hidden: true }, "No bank has this name.");
    const search = element("input", {
      type: "search", id: "institution-search", "data-testid": "institution-search", placeholder: "Search banks",
      "aria-label": "Search banks", autocomplete: "off",
      oninput: () => {
        const wanted = search.value.trim().toLowerCase();
        for (const item of list.children) item.hidden = !item.dataset.name.includes(wanted);
        none.hidden = [...list.children].some((item) => !item.hidden);
        list.hidden = !none.hidden;
      },
    });
    for (const bank of institutions) {
      const dot = element("span", { class: "dot", "aria-hidden": "true" }, initials(bank.name));
      dot.style.background = bank.color;
      const choose = (event) => {
        institution = bank;
        tell("mono.connect.institution_selected", {
          institution: { id: bank.id, name: bank.name }, authMethod: bank.auth_methods[0],
        });
        proceed(event.currentTarget, "institution", { institution: bank.id });
      };
      const button = element("button", {
        type: "button", class: "bank", "data-testid": `institution-${bank.identifier}`, "data-institution": bank.id,
        onclick: choose,
      }, dot, bank.name, element("span", { class: "arrow", "aria-hidden": "true" }, "›"));
      list.append(element("li", { "data-name": bank.name.toLowerCase() }, button));
    }
    body.append(search, list, none);
    search.focus();
  },

  login({ mode, auth_method: chosen, demo }) {
    const reauth = mode === "reauth";
    begin("login", reauth ? "Log in again" : `Log in to ${institution.name}`,
      reauth ? `${institution.name} wants to know that it is still you.` : "Use the details of your bank.");
    const username = element("input", {
      type: "text", id: "username", name: "username", "data-testid": "username", autocomplete: "off",
      autocapitalize: "none", spellcheck: "false", required: true,
    });
    const password = element("input", {
      type: "password", id: "password", name: "password", "data-testid": "password", autocomplete: "off", required: true,
    });
    const button = element("button", { type: "submit", class: "primary", "data-testid": "login-submit" }, "Log in");
    let method = chosen;
    const form = element("form", {
      "data-testid": "login-form", novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        tell("mono.connect.login_attempt", {});
        proceed(button, "login", { username: username.value, password: password.value, auth_method: method });
      },
    });
    if (institution.auth_methods.length > 1 && !reauth) {
      form.append(methods(institution.auth_methods, chosen, (next) => {
        tell("mono.connect.auth_method_switched", { prevAuthMethod: method, authMethod: next });
        method = next;
      }));
    }
    form.append(
      element("label", { for: "username" }, "Username", username),
      element("label", { for: "password" }, "Password", password),
      customers(demo, username, password),
      button,
    );
    body.append(form);
    back.hidden = reauth || Boolean(query.get("selectedInstitution"));
    username.focus();
  },

  otp({ demo }) {
    begin("otp", "Enter your one-time password", `${institution.name} has sent it to your phone.`);
    const otp = element("input", {
      type: "text", id: "otp", name: "otp", class: "otp", "data-testid": "otp", inputmode: "numeric", maxlength: "6",
      autocomplete: "one-time-code", required: true,
    });
    const button = element("button", { type: "submit", class: "primary", "data-testid": "otp-submit" }, "Confirm");
    const form = element("form", {
      "data-testid": "otp-form", novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        tell("mono.connect.mfa_submitted", { mfaType: "OTP" });
        proceed(button, "otp", { otp: otp.value });
      },
    }, element("label", { for: "otp" }, "One-time password", otp));
    const code = element("strong", { "data-testid": "otp-hint" }, demo.otp);
    form.append(element("div", { class: "hint" }, element("p", {}, "Simulated message: your one-time password is ", code, ".")), button);
    body.append(form);
    otp.focus();
  },

  accounts({ accounts }) {
    begin("accounts", "Choose an account", `These are your accounts at ${institution.name}.`);
    const group = element("fieldset", { class: "accounts" }, element("legend", { class: "visually-hidden" }, "Account"));
    accounts.forEach((account, index) => {
      const radio = element("input", {
        type: "radio", name: "account", value: account.number, "data-testid": `account-${account.number}`, checked: index === 0,
      });
      const words = element("span", {}, element("strong", {}, account.number), element("small", {}, `${account.name} · ${account.type}`));
      group.append(element("label", { class: "account" }, radio, words));
    });
    const button = element("button", { type: "submit", class: "primary", "data-testid": "account-submit" }, "Link account");
    const form = element("form", {
      "data-testid": "account-form",
      onsubmit: (event) => {
        event.preventDefault();
        tell("mono.connect.account_selected", { selectedAccountsCount: 1 });
        proceed(button, "account", { account: new FormData(form).get("account") });
      },
    }, group, button);
    body.append(form);
    group.querySelector("input").focus();
  },

  done({ mode, code, redirect }) {
    const bank = institution;
    begin("done", mode === "reauth" ? "You are logged in again" : "Account linked",
      mode === "reauth" ? "Fresh data is on its way." : `Your ${bank.name} account is linked.`);
    badge.hidden = true;
    tell("mono.connect.account_linked", { institution: { id: bank.id, name: bank.name } });
    const finish = () => {
      if (ended) return;
      ended = true;
      tell("mono.connect.widget.account_linked", { code });
      if (redirect) location.assign(redirect);
    };
    const tick = element("div", { class: "tick", "aria-hidden": "true" });
    tick.innerHTML = '<svg viewBox="0 0 24 24"><path d="M5 13l5 5 9-11"/></svg>';
    const button = element("button", { type: "button", class: "primary", "data-testid": "widget-done", onclick: finish }, "Continue");
    body.append(tick, button);
    // Closing after success is still success.
    close.onclick = finish;
    button.focus();
  },

  failed({ message }) {
    begin("error", "This did not work", "");
    problem.textContent = message;
    problem.hidden = false;
    const button = element("button", { type: "button", class: "primary", "data-testid": "widget-leave", onclick: leave }, "Close");
    body.append(button);
    button.focus();
  },
};

function methods(offered, chosen, change) {
  const names = { internet_banking: "Internet banking", mobile_banking: "Mobile banking" };
  const group = element("fieldset", { class: "methods" }, element("legend", { class: "visually-hidden" }, "Way to log in"));
  for (const method of offered) {
    const radio = element("input", {
      type: "radio", name: "method", value: method, "data-testid": `method-${method}`, checked: method === chosen,
      onchange: () => change(method),
    });
    group.append(element("label", {}, radio, element("span", {}, names[method])));
  }
  return group;
}

function customers(demo, username, password) {
  const row = element("div", { class: "row" });
  for (const user of demo.users) {
    row.append(element("button", {
      type: "button", "data-testid": `demo-${user.username}`,
      onclick: () => {
        username.value = user.username;
        password.value = demo.password;
      },
    }, user.name));
  }
  return element("div", { class: "hint", "data-testid": "demo-users" },
    element("p", {}, "Simulated customers, password ", element("strong", {}, demo.password), ":"), row);
}

function show(step) {
  visit = step.visit ?? visit;
  institution = step.institution ?? institution;
  steps[step.step](step);
}

/** The user gives up. */
async function leave() {
  if (ended) return;
  ended = true;
  tell("mono.connect.on_exit", { pageName: card.dataset.step.toUpperCase() });
  tell("mono.connect.widget.closed");
  if (!visit) return;
  const answer = await ask(`visits/${visit}/cancel`, {}).catch(() => ({}));
  if (answer.redirect) location.assign(answer.redirect);
}

async function start() {
  const opening = { link: hosted };
  for (const name of ["key", "scope", "reference", "data", "selectedInstitution", "account_number", "check_account_match", "reauth_token"]) {
    if (query.has(name)) opening[name] = query.get(name);
  }
  // A second start in the same window is a new visit.
  visit = undefined;
  try {
    show(await ask("visits", opening));
  } catch (error) {
    steps.failed({ message: error.message });
    tell("mono.connect.error_occured", { errorType: error.type ?? "NETWORK", errorMessage: error.message });
  }
}

close.onclick = leave;
back.onclick = () => {
  institution = undefined;
  start();
};
// What was built while the page around was still hiding the frame could not take the focus then.
window.addEventListener("focus", () => {
  if (document.activeElement === document.body) body.querySelector("input, button")?.focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close.click();
});
start();
