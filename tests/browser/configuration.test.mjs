// A proxy that is set up wrongly says so at once, names every variable, and tells no secret.

import assert from "node:assert/strict";
import { test } from "node:test";
import { freePort, proxyBinary, proxyEnvironment, run } from "./harness.mjs";

async function startWith(env) {
  const [port, adminPort] = [await freePort(), await freePort()];
  return run(proxyBinary(), [], { DATABASE_URL: "sqlite::memory:", LISTEN_ADDR: `127.0.0.1:${port}`, ADMIN_ADDR: `127.0.0.1:${adminPort}`, ...env });
}

test("without variables it names each that is missing", { timeout: 30_000 }, async () => {
  const { code, output } = await startWith({});
  assert.equal(code, 2, output);
  for (const variable of ["MONO_SECRET_KEY", "MONO_PUBLIC_KEY", "MONO_WEBHOOK_SECRET", "SESSION_KEY"]) {
    assert.match(output, new RegExp(`\\b${variable}\\b`));
  }
});

test("wrong values are all named at once, and no secret is printed", { timeout: 30_000 }, async () => {
  const { code, output } = await startWith({
    MONO_SECRET_KEY: "not-a-key-but-secret-1",
    MONO_PUBLIC_KEY: "live_sk_looks_like_a_secret_2",
    MONO_WEBHOOK_SECRET: "webhook-secret-3",
    SESSION_KEY: "too-short-4",
    MONO_API_URL: "not a url",
    MONO_API_GENERATION: "v9",
    ALLOWED_ORIGINS: "*",
    UPSTREAM_TIMEOUT: "soon",
  });
  assert.equal(code, 2, output);
  for (const variable of ["MONO_SECRET_KEY", "MONO_PUBLIC_KEY", "SESSION_KEY", "MONO_API_URL", "MONO_API_GENERATION", "ALLOWED_ORIGINS", "UPSTREAM_TIMEOUT"]) {
    assert.match(output, new RegExp(`\\b${variable}\\b`), output);
  }
  for (const secret of ["not-a-key-but-secret-1", "live_sk_looks_like_a_secret_2", "webhook-secret-3", "too-short-4"]) {
    assert.ok(!output.includes(secret), `the output tells ${secret}`);
  }
});

test("keys of different environments are refused", { timeout: 30_000 }, async () => {
  const { code, output } = await startWith({ ...proxyEnvironment(), MONO_PUBLIC_KEY: "live_pk_something" });
  assert.equal(code, 2, output);
  assert.match(output, /MONO_PUBLIC_KEY/);
});
