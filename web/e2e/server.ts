import { execFile, spawn, type ChildProcess } from "node:child_process";
import { statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

// The program refuses variables of its prefix that it does not know, and this one is ours.
const { ANONCHAT_BIN, ...ENVIRONMENT } = process.env;
const BINARY = ANONCHAT_BIN ?? newestBuild();
const PATIENCE_MS = 20_000;

/** The real program on a free port of loopback with a data directory of its own. */
export class Server {
  readonly origin: string;
  readonly #process: ChildProcess;
  readonly #dataDir: string;
  readonly #environment: Record<string, string>;

  private constructor(origin: string, process: ChildProcess, dataDir: string, environment: Record<string, string>) {
    this.origin = origin;
    this.#process = process;
    this.#dataDir = dataDir;
    this.#environment = environment;
  }

  /** With more variables in its environment. */
  static async start(environment: Record<string, string> = {}): Promise<Server> {
    const addr = `127.0.0.1:${await freePort()}`;
    const dataDir = await mkdtemp(join(tmpdir(), "anonchat-e2e-"));
    const child = spawn(BINARY, ["--addr", addr, "--data-dir", dataDir], {
      // Many people share one address here, which is what the limits are there to notice.
      env: { ...ENVIRONMENT, ANONCHAT_SERVER__RATE_LIMITS__MODE: "off", ANONCHAT_SERVER__LOGGER__LEVEL: "warn", ...environment },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const server = new Server(`http://${addr}`, child, dataDir, environment);
    await server.#untilReady();
    return server;
  }

  /** A fresh link with which somebody becomes an operator; its path, with the token behind the #. */
  async setupPath(): Promise<string> {
    const options = { env: { ...ENVIRONMENT, ...this.#environment } };
    const { stdout } = await promisify(execFile)(BINARY, ["--data-dir", this.#dataDir, "admin", "setup-link"], options);
    const link = /\S+\/setup#\S+/.exec(stdout)?.[0];
    if (link === undefined) throw new Error(`no setup link in ${stdout}`);
    const { pathname, hash } = new URL(link);
    return pathname + hash;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    if (this.#process.exitCode === null) {
      this.#process.kill("SIGTERM");
      await ended;
    }
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  async #untilReady(): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      if (this.#process.exitCode !== null) throw new Error(`${BINARY} ended before it was ready`);
      const answer = await fetch(`${this.origin}/api/v1/status`).catch(() => null);
      if (answer?.ok) return;
      if (Date.now() > deadline) throw new Error(`${BINARY} was not ready in time`);
      await new Promise((next) => setTimeout(next, 50));
    }
  }
}

/** What was built last, for release or not. */
function newestBuild(): string {
  const builds = ["debug", "release"].map((profile) => resolve(import.meta.dirname, `../../target/${profile}/anonchat`));
  const builtAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return builds.reduce((one, other) => (builtAt(other) > builtAt(one) ? other : one));
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((ready) => probe.listen(0, "127.0.0.1", ready));
  const address = probe.address();
  await new Promise((closed) => probe.close(closed));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
