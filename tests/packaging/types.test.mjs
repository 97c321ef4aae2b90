// The types: strict consumers compile, the implementation is what they say, and nothing is `any`.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { before, test } from "node:test";
import { pathToFileURL } from "node:url";
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

test("everything exported has a comment", async () => {
  const ts = await typescript();
  const bare = [];
  for (const file of await declarationFiles()) {
    const source = ts.createSourceFile(file, await readFile(file, "utf8"), ts.ScriptTarget.Latest, true);
    const hasComment = (node) => ts.getJSDocCommentsAndTags(node).some(({ comment }) => comment?.length > 0);
    const name = (node) => node.name?.getText(source) ?? node.kind;
    const look = (node, path) => {
      const isPrivate = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);
      if (isPrivate || ts.isExportDeclaration(node) || ts.isExportAssignment(node) || ts.isImportDeclaration(node)) return;
      if (ts.isModuleDeclaration(node)) return node.body.statements.forEach((it) => look(it, path));
      if (ts.isVariableStatement(node)) return;
      const isOurs = !ts.isInterfaceDeclaration(node) || node.modifiers;
      if (isOurs && !hasComment(node)) bare.push([...path, name(node)].join("."));
      const members = node.members ?? [];
      // Of several signatures of one method, the first says what all do.
      const first = (member) => members.find((it) => name(it) === name(member)) === member;
      for (const member of members) if (!ts.isMethodDeclaration(member) || first(member)) look(member, [...path, name(node)]);
    };
    for (const statement of source.statements) look(statement, [path.basename(file)]);
  }
  assert.deepEqual(bare, []);
});

test("what is written twice is the same: queries and events are those of the API's document", async () => {
  const api = JSON.parse(await readFile(new URL("../../docs/openapi.json", import.meta.url), "utf8"));
  const types = await generatedTypes();
  const membersOf = (name) => {
    const [, body] = new RegExp(`interface ${name} [^{]*\\{(.*?)\\n\\}`, "s").exec(types);
    return Array.from(body.matchAll(/^ {4}(\w+)\??:/gm), ([, member]) => member).toSorted();
  };
  const queryOf = (path) => (api.paths[path].get.parameters ?? []).filter((it) => it.in === "query").map((it) => it.name).toSorted();
  assert.deepEqual(membersOf("TransactionQuery"), queryOf("/api/accounts/{id}/transactions"));
  assert.deepEqual(membersOf("BalanceOptions"), queryOf("/api/accounts/{id}/balance"));
  assert.deepEqual(membersOf("StatementOptions"), queryOf("/api/accounts/{id}/statement"));

  const inPagesWords = (name) => (name === "account_id" ? "accountId" : name);
  const [, union] = /type WatchEvent =(.*?);\n\n/s.exec(types);
  const events = Object.fromEntries(Array.from(union.matchAll(/\{ type: '(\w+)';(.*?)\}/g), ([, type, rest]) => [type, Array.from(rest.matchAll(/(\w+):/g), ([, field]) => field).toSorted()]));
  const fields = (schema) => Object.keys(api.components.schemas[schema].properties).map(inPagesWords).toSorted();
  assert.deepEqual(events, { snapshot: fields("Accounts"), account: ["account"], job: fields("JobEvent"), removed: fields("RemovedEvent") });
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

/** The compiler as a library, which the newest version is not. */
async function typescript() {
  const { default: ts } = await import(pathToFileURL(consumer.at("node_modules/typescript-5/lib/typescript.js")));
  return ts;
}

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
