// A project that installs the packed tarball, as a user's would. It lives outside the checkout's own folders, so that
// nothing of the checkout is found by accident, and stays there: the next run installs only what has changed.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, Program } from "../browser/harness.mjs";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const SCRATCH = process.env.MONO_CONNECT_SCRATCH ?? path.resolve(HERE, "../../target/test/packaging");
/** What keeps npm and the bundlers quiet and at home. */
const QUIET = { NEXT_TELEMETRY_DISABLED: "1", NO_COLOR: "1", npm_config_audit: "false", npm_config_fund: "false", npm_config_update_notifier: "false" };

export const PACKAGE = "mono-connect";

export class Consumer {
  #servers = [];

  /**
   * Installs a project's dependencies by its lock file, and the tarball beside them.
   *
   * @param {string} project a folder in `consumers/`
   * @param {string} [name] that of the copy, where several tests use one project
   */
  static async install(project, name = project) {
    const consumer = new Consumer();
    consumer.folder = path.join(SCRATCH, name);
    await mkdir(consumer.folder, { recursive: true });
    await consumer.#forgetEarlierRuns();
    await cp(path.join(HERE, "consumers", project), consumer.folder, { recursive: true });
    await consumer.#installLocked();
    await consumer.#installTarball();
    return consumer;
  }

  /** @param {string} relative */
  at(relative) {
    return path.join(this.folder, relative);
  }

  /** @param {Record<string, string>} files */
  async write(files) {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(this.at(name)), { recursive: true });
      await writeFile(this.at(name), text);
    }
  }

  /** Runs a script of a dependency with node, to its end; complains when it fails. */
  async run(script, ...args) {
    const { code, output } = await this.attempt(script, ...args);
    if (code !== 0) throw new Error(`${script} ${args.join(" ")} ended with ${code}\n${output}`);
    return output;
  }

  /** The same, whatever comes of it. */
  async attempt(script, ...args) {
    const program = this.#node(script, args);
    const { code } = await program.ended;
    return { code, output: program.log };
  }

  /**
   * Starts a development server of a dependency's, and waits until it answers.
   *
   * @param {string} script
   * @param {(port: number) => string[]} args
   * @param {number} [port]
   */
  async serve(script, args, port) {
    port ??= await freePort();
    const server = this.#node(script, args(port));
    this.#servers.push(server);
    const url = `http://localhost:${port}/`;
    await server.until(`${url} answers`, async () => (await fetch(url).catch(() => null))?.ok);
    return url;
  }

  async stop() {
    for (const server of this.#servers) await server.stop();
  }

  #node(script, args) {
    return new Program(script, process.execPath, [this.at(`node_modules/${script}`), ...args], { ...QUIET, HOME: process.env.HOME }, this.folder);
  }

  /** Only what was installed is of use to the next run. */
  async #forgetEarlierRuns() {
    const found = await readdir(this.folder);
    await Promise.all(found.filter((name) => name !== "node_modules").map((name) => rm(this.at(name), { recursive: true, force: true })));
  }

  async #installLocked() {
    const stamp = this.at("node_modules/.locked");
    const wanted = digest(await readFile(this.at("package.json")), await readFile(this.at("package-lock.json")));
    if (existsSync(stamp) && (await readFile(stamp, "utf8")) === wanted) return;
    await this.#npm("ci", "--prefer-offline");
    await mkdir(this.at("node_modules"), { recursive: true });
    await writeFile(stamp, wanted);
  }

  async #installTarball() {
    // Under a name of its own, or npm takes an earlier build for this one.
    const bytes = await readFile(tarball());
    const named = path.join(SCRATCH, "tarballs", `${digest(bytes).slice(0, 16)}.tgz`);
    await mkdir(path.dirname(named), { recursive: true });
    await writeFile(named, bytes);
    await rm(this.at(`node_modules/${PACKAGE}`), { recursive: true, force: true });
    await this.#npm("install", "--no-save", "--prefer-offline", named);
  }

  async #npm(...args) {
    const npm = new Program("npm", "npm", args, { ...QUIET, HOME: process.env.HOME }, this.folder);
    const { code } = await npm.ended;
    if (code !== 0) throw new Error(npm.lastWords());
  }
}

/** What `npm pack` made. */
export function tarball() {
  const place = process.env.MONO_CONNECT_TARBALL;
  if (!place || !existsSync(place)) throw new Error("MONO_CONNECT_TARBALL must name what `npm pack` made of web/npm");
  return place;
}

function digest(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
