// The bank user in front of the simulator's widget. The window around it belongs to whichever Connect class is used.

import assert from "node:assert/strict";
import { eventually } from "./harness.mjs";

const FRAME = "#mono-connect--frame-id";
const TRACES = "#mono-connect--widget-div, #mono-connect--frame-id, #mono-connect-app-loader, head style";
const USER = "samuel.olamide";
const PASSWORD = "123456";

export class WidgetWindow {
  constructor(page) {
    this.page = page;
  }

  get #inside() {
    return this.page.frameLocator(FRAME);
  }

  #get(testId) {
    return this.#inside.getByTestId(testId);
  }

  /** Waits until the widget is in front of its user, at its first step. */
  async opened() {
    await this.page.locator(FRAME).waitFor({ state: "visible" });
    await this.#inside.locator('[data-testid="widget"]:not([data-step="loading"])').waitFor();
  }

  /** The address that the frame was given. */
  address() {
    return this.page.locator(FRAME).getAttribute("src");
  }

  /** Walks from the list of banks to the end. */
  async linkAccount({ bank = "GTBank", user = USER } = {}) {
    await this.opened();
    await this.#inside.getByRole("button", { name: bank, exact: true }).click();
    await this.logInAndChoose({ user });
  }

  /** Walks from the login of a chosen bank to the end. */
  async logInAndChoose({ user = USER } = {}) {
    await this.opened();
    await this.#step("login");
    await this.#logIn(user);
    await this.#step("accounts");
    await this.#get("account-submit").click();
    await this.#step("done");
    await this.#get("widget-done").click();
  }

  /** Walks through a re-authorisation. */
  async logInAgain({ user = USER } = {}) {
    await this.opened();
    await this.#step("login");
    await this.#logIn(user);
    await this.#step("done");
    await this.#get("widget-done").click();
  }

  async close() {
    await this.opened();
    await this.#get("widget-close").click();
  }

  /** Elements of the widget's that are in the page. */
  remains() {
    return this.page.locator(TRACES).count();
  }

  async linkAccountByKeyboard() {
    const { keyboard } = this.page;
    await this.opened();
    await this.#tabTo("institution-search");
    await keyboard.type("GTBank");
    await keyboard.press("Tab");
    assert.equal(await this.#focused(), "institution-gtbank");
    await keyboard.press("Enter");
    await this.#step("login");
    await this.#focusIs("username");
    await keyboard.type(USER);
    await this.#tabTo("password");
    await keyboard.type(PASSWORD);
    await keyboard.press("Enter");
    await this.#step("accounts");
    await keyboard.press("Enter");
    await this.#step("done");
    await this.#focusIs("widget-done");
    await keyboard.press("Enter");
  }

  async #logIn(user) {
    await eventually("the login is filled in", async () => {
      await this.#get(`demo-${user}`).click();
      return (await this.#get("password").inputValue()) === PASSWORD;
    });
    await this.#get("login-submit").click();
    const next = this.#inside.locator('[data-testid="widget"]:not([data-step="login"])');
    await next.waitFor();
    if ((await next.getAttribute("data-step")) !== "otp") return;
    await this.#get("otp").fill(await this.#get("otp-hint").innerText());
    await this.#get("otp-submit").click();
  }

  async #step(name) {
    await this.#inside.locator(`[data-testid="widget"][data-step="${name}"]`).waitFor();
  }

  async #tabTo(testId) {
    for (let step = 0; step < 20; step += 1) {
      if ((await this.#focused()) === testId) return;
      await this.page.keyboard.press("Tab");
    }
    assert.fail(`${testId} cannot be reached with Tab`);
  }

  async #focusIs(testId) {
    await eventually(`the focus is on ${testId}`, async () => (await this.#focused()) === testId);
  }

  #focused() {
    return this.#inside.locator("body").evaluate((body) => body.ownerDocument.activeElement?.dataset.testid ?? null);
  }
}
