// What goes wrong is said in words, nothing is lost, and afterwards it works.

import assert from "node:assert/strict";
import { onStage } from "./scenario.mjs";

const scenario = onStage();

scenario("a code that comes too late is told, and linking once more works", async (demo, { simulator }) => {
  await withoutMonosWord(simulator);
  await demo.openReady();
  const earlier = await demo.link({ bank: "GTBank" });
  await demo.page.route("**/api/accounts", async (route) => {
    if (route.request().method() === "POST") await simulator.advance("11m");
    await route.continue();
  });
  await demo.clickLink();
  await demo.widget.linkAccount({ bank: "First Bank" });
  const { code, words } = await demo.notice("link-notice");
  assert.equal(code, "code_expired");
  assert.match(words, /ten minutes/);
  assert.match(words, /Request number/);
  assert.deepEqual(await demo.accountIds(), [earlier]);

  await demo.page.unroute("**/api/accounts");
  await demo.tryAgain("link-notice");
  await demo.widget.linkAccount({ bank: "First Bank" });
  await demo.get("account-card").nth(1).waitFor();
  assert.equal(await demo.get("notice-error").count(), 0);
});

scenario("a widget script that does not load can be tried again", async (demo, { simulator }) => {
  await demo.openReady();
  await demo.page.route(`${simulator.url}/connect.js`, (route) => route.abort());
  await demo.clickLink();
  const { code, words } = await demo.notice("link-notice");
  assert.equal(code, "widget_load_failed");
  assert.match(words, /could not be loaded/);

  await demo.page.unroute(`${simulator.url}/connect.js`);
  await demo.tryAgain("link-notice");
  await demo.widget.linkAccount({ bank: "GTBank" });
  await demo.get("account-card").waitFor();
  assert.equal(await demo.get("notice-error").count(), 0);
});

scenario("a proxy that is down is told, and works again when it is back", async (demo, { proxy }) => {
  await demo.openReady();
  const id = await demo.link({ bank: "GTBank" });
  await demo.card(id).becomes("AVAILABLE");
  await demo.transactions();

  await proxy.kill();
  await demo.clickLink();
  const { code, words } = await demo.notice("link-notice");
  assert.equal(code, "network");
  assert.match(words, /cannot reach the server/i);
  assert.deepEqual(await demo.accountIds(), [id]);
  await demo.get("transactions-next").click();
  assert.equal((await demo.notice("detail-notice")).code, "network");
  assert.ok((await demo.transactions()).length > 0, "rows that were shown stay");

  await proxy.up();
  await demo.tryAgain("detail-notice");
  await demo.get("transactions-count").filter({ hasText: "Page 2" }).waitFor();
  await demo.tryAgain("link-notice");
  await demo.widget.linkAccount({ bank: "First Bank" });
  await demo.get("account-card").nth(1).waitFor();
  assert.equal(await demo.get("notice-error").count(), 0);
});

scenario("a page that opens while the proxy does not answer offers to try again", async (demo, { proxy }) => {
  await demo.page.route(`${proxy.url}/api/**`, (route) => route.abort("connectionrefused"));
  await demo.open();
  const { code } = await demo.notice("page-notice");
  assert.equal(code, "network");
  assert.equal(await demo.get("link-button").isDisabled(), true);

  await demo.page.unroute(`${proxy.url}/api/**`);
  await demo.tryAgain("page-notice");
  await demo.page.locator('[data-testid="dashboard"][data-phase="ready"]').waitFor();
  assert.equal(await demo.get("link-button").isEnabled(), true);
  assert.equal(await demo.get("notice-error").count(), 0);
});

scenario("a package that cannot be loaded is told", async (demo) => {
  await demo.page.route("**/*.wasm", (route) => route.abort());
  await demo.open();
  const { words } = await demo.notice("page-notice");
  assert.match(words, /try again/i);
  await demo.page.unroute("**/*.wasm");
  await demo.tryAgain("page-notice");
  await demo.page.locator('[data-testid="dashboard"][data-phase="ready"]').waitFor();
});

scenario("Mono being down is told, earlier accounts stay, and afterwards linking works", async (demo, { simulator }) => {
  await withoutMonosWord(simulator);
  await demo.openReady();
  const earlier = await demo.link({ bank: "GTBank" });
  await demo.card(earlier).becomes("AVAILABLE");
  await demo.transactions();

  await demo.clickLink();
  await demo.widget.opened();
  await simulator.fault({ kind: "reset", times: 0 });
  await demo.widget.linkAccount({ bank: "First Bank" });
  const { code, words } = await demo.notice("link-notice");
  assert.match(code, /^upstream_/);
  assert.match(words, /Mono/);
  assert.match(words, /accounts are safe/);
  await demo.openReady();
  assert.ok((await demo.accountIds()).includes(earlier));

  await simulator.clearFaults();
  await demo.link({ bank: "Kuda" });
  assert.ok((await demo.accountIds()).includes(earlier));
});

scenario("nothing that goes wrong shows a bare code or the inside of a server", async (demo, { simulator }) => {
  await withoutMonosWord(simulator);
  await demo.openReady();
  await demo.clickLink();
  await demo.widget.opened();
  await simulator.fault({ kind: "html", times: 0 });
  await demo.widget.linkAccount({ bank: "GTBank" });
  const { words } = await demo.notice("link-notice");
  assert.doesNotMatch(words, /upstream_|<html|test_sk|127\.0\.0\.1|\b50\d\b/);
});

scenario("a proxy that goes away while data is awaited is told, and the page recovers by itself", async (demo, { proxy, simulator }) => {
  await simulator.settings({ processing_time: "1h" });
  await demo.openReady();
  const id = await demo.link({ bank: "GTBank" });
  await demo.card(id).becomes("PROCESSING");

  await proxy.kill();
  assert.equal((await demo.notice("page-notice")).code, "network");
  assert.equal(await demo.card(id).status(), "PROCESSING");

  await proxy.up();
  await demo.get("page-notice").getByTestId("notice-error").waitFor({ state: "detached" });
  await simulator.settings({ processing_time: "3s" });
  await simulator.advance("1h");
  await demo.card(id).becomes("AVAILABLE");
  await demo.transactions();
});

scenario("a session that was tampered with is told, and not silently replaced", async (demo, { proxy }) => {
  await demo.openReady();
  const id = await demo.link({ bank: "GTBank" });
  const [cookie] = await demo.context.cookies();
  assert.equal(cookie.name, "mono_connect_session");
  assert.equal(cookie.httpOnly, true);
  assert.equal(cookie.sameSite, "Strict");

  await demo.context.addCookies([{ ...cookie, value: `${cookie.value.slice(0, -4)}AAAA` }]);
  await demo.open();
  assert.equal((await demo.notice("page-notice")).code, "unauthenticated");
  assert.deepEqual(await demo.accountIds(), []);

  await demo.context.addCookies([cookie]);
  await demo.page.goto(`${proxy.url}/`);
  await demo.card(id).place.waitFor();
});

/** Else Mono's own word links the account although the exchange fails. */
function withoutMonosWord(simulator) {
  return simulator.settings({ webhook: { drop: ["account_connected"] } });
}
