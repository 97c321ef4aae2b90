// The types: strict consumers compile, the implementation is what they say, and nothing is `any`.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { before, test } from "node:test";
import { Consumer } from "./consumer.mjs";
import { tables } from "./readme.mjs";

let consumer;
before(async () => {
  consumer = await Consumer.install("types");
});

for (const compiler of ["typescript", "typescript-5"]) {
  test(`${compiler} accepts a strict page that uses everything`, async () => {
    await consumer.run(`${compiler}/bin/tsc`, "-p", "tsconfig.json");
  });

  test(`${compiler} finds the hand-written JavaScript to be what its types say`, async () => {
    await consumer.run(`${compiler}/bin/tsc`, "-p", "tsconfig.implementation.json");
  });
}

test("the hooks have their types with React 18's as well", async () => {
  await consumer.run("typescript/bin/tsc", "-p", "tsconfig.react-18.json");
});

test("a mistake is found, so that the tests above mean something", async () => {
  await consumer.write({
    "mistake/page.ts": `import { MonoConnect } from "mono-connect";\nexport const wrong: number = MonoConnect.create();\n`,
    "mistake/tsconfig.json": JSON.stringify({ extends: "../tsconfig.json", include: ["."] }),
  });
  const { code, output } = await consumer.attempt("typescript/bin/tsc", "-p", "mistake/tsconfig.json");
  assert.notEqual(code, 0);
  assert.match(output, /TS2322/);
});

test("no declaration says any", async () => {
  const declarations = await declarationFiles();
  assert.ok(declarations.length >= 4, declarations.join());
  for (const file of declarations) {
    const code = (await readFile(file, "utf8")).replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gs, "");
    assert.doesNotMatch(code, /\bany\b/, file);
  }
});

test("the strict page calls every method", async () => {
  const page = await readFile(consumer.at("src/methods.ts"), "utf8");
  const called = new Set(Array.from(page.matchAll(/\bmono\.(\w+)\(/g), ([, name]) => name));
  assert.deepEqual([...called].toSorted(), (await methodsOf()).toSorted());
});

test("the README's tables name every method and every code", async () => {
  const methods = await methodsOf();
  const types = await generatedTypes();
  const [, documented] = tables("Methods");
  const named = documented.flatMap((cell) => Array.from(cell.matchAll(/(\w+)\(/g), ([, name]) => name));
  assert.deepEqual(named.toSorted(), methods.toSorted());

  const codes = /type ErrorCode = (.*?);/.exec(types)[1] + /type MonoConnectErrorCode = (.*?);/.exec(types)[1];
  const [told] = tables("Errors");
  assert.deepEqual(told.map((cell) => cell.replaceAll("`", "")).toSorted(), Array.from(codes.matchAll(/"(\w+)"/g), ([, code]) => code).toSorted());
});

function generatedTypes() {
  return readFile(consumer.at("node_modules/mono-connect/dist/mono_connect.d.ts"), "utf8");
}

async function methodsOf() {
  const body = /export class MonoConnect \{(.*?)\n\}/s.exec(await generatedTypes())[1];
  return Array.from(body.matchAll(/^ {4}(?!private|static)(\w+)\(/gm), ([, name]) => name);
}

async function declarationFiles() {
  const root = consumer.at("node_modules/mono-connect");
  const files = await readdir(root, { recursive: true });
  return files.filter((file) => file.endsWith(".d.ts")).map((file) => path.join(root, file));
}
