// The package's README as its user reads it: the samples that tests run, so that they cannot go stale.

import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const README = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../web/npm/README.md");
const text = readFileSync(README, "utf8");

/** The text under a heading, up to the next one of the same or a higher level. */
export function section(heading) {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, "") === heading);
  if (start < 0) throw new Error(`the README has no section "${heading}"`);
  const level = /^#+/.exec(lines[start])[0].length;
  const rest = lines.slice(start + 1);
  let fenced = false;
  const end = rest.findIndex((line) => {
    if (line.startsWith("```")) fenced = !fenced;
    return !fenced && /^#+ /.test(line) && /^#+/.exec(line)[0].length <= level;
  });
  return rest.slice(0, end < 0 ? undefined : end).join("\n");
}

/**
 * The files that a section tells its reader to write, by path: a line that ends in "`path`:" and the code below it.
 * Addresses of a proxy on its default port become `proxy`.
 *
 * @param {string} heading
 * @param {{proxy?: string}} [addresses]
 */
export function samples(heading, { proxy } = {}) {
  const found = {};
  for (const [, name, code] of section(heading).matchAll(/`([^`\n]+)`:\n\n```\w+\n(.*?)\n```/gs)) {
    found[name] = `${proxy ? code.replaceAll("http://127.0.0.1:8080", proxy) : code}\n`;
  }
  if (Object.keys(found).length === 0) throw new Error(`"${heading}" in the README shows no file`);
  return found;
}

/** The shell commands of a section, one text per block, without those of the sections below it. */
export function commands(heading) {
  const [own] = section(heading).split(/^#+ /m);
  return Array.from(own.matchAll(/```sh\n(.*?)\n```/gs), ([, text]) => text);
}

/** The words in the first column of the tables of a section, one list per table. */
export function tables(heading) {
  const rows = section(heading).split(/\n\n+/).filter((block) => block.startsWith("|"));
  return rows.map((block) => block.trim().split("\n").slice(2).map((row) => row.split(" | ")[0].replace(/^\| /, "")));
}
