import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { variables } from "../../src/config.js";
import { freePort } from "../support/ports.js";
import { expectTimeToDrain } from "./support/drain.js";
import { ending, readText, run } from "./support/files.js";

const UNIT = "deploy/systemd/satoshigle.service";
const SECONDS = 1_000;

/** All values of a setting, in order. */
function valuesOf(setting: string): string[] {
  const lines = readText(UNIT).split("\n");
  return lines.filter((line) => line.startsWith(`${setting}=`)).map((line) => line.slice(setting.length + 1));
}

const environment = new Map(valuesOf("Environment").map((one) => one.split("=") as [string, string]));

/** The system calls of a set, including those of nested sets. */
async function systemCallsIn(set: string): Promise<string[]> {
  const { stdout } = await run("systemd-analyze", ["syscall-filter", set]);
  const members = stdout.split("\n").map((line) => line.trim());
  const named = members.slice(1).filter((line) => line !== "" && !line.startsWith("#"));
  const nested = named.map((name) => (name.startsWith("@") ? systemCallsIn(name) : Promise.resolve([name])));
  return (await Promise.all(nested)).flat();
}

it("is a unit that systemd accepts", async () => {
  expect(await ending("systemd-analyze", ["verify", UNIT])).toEqual({ code: 0, output: "" });
});

it("is hardened, with an exposure of at most 1.5 of 10 by systemd's rating", async () => {
  const { code, output } = await ending("systemd-analyze", ["security", "--offline=true", "--threshold=15", UNIT]);
  expect(code, output).toBe(0);
});

it("sets only variables of the server, and leaves it time to drain", () => {
  for (const name of environment.keys()) expect(Object.keys(variables)).toContain(name);
  expectTimeToDrain(Number(valuesOf("TimeoutStopSec")[0]) * SECONDS, environment.get("DRAIN_TIMEOUT_MS"));
});

it("allows every system call and address family that the server uses", async () => {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-strace-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const port = String(await freePort());
  const trace = join(folder, "trace");
  // V8 requests memory protection keys, which the unit refuses, and works without them.
  const strace = ["-f", "-qq", "-o", trace, "-e", "inject=pkey_alloc:error=EPERM"];
  const child = spawn("strace", [...strace, process.execPath, "--enable-source-maps", "dist/server/main.js"], {
    env: { PATH: process.env.PATH, PORT: port, INTERNAL_PORT: "0", DATA_DIR: join(folder, "data"), LOG_LEVEL: "warn" },
    detached: true,
  });
  const exit = once(child, "exit");
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null) process.kill(-(child.pid ?? 0), signal);
    await exit;
  };
  onTestFinished(() => end("SIGKILL"));
  const isReady = async () => expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
  await vi.waitFor(isReady, { timeout: 200_000, interval: 100 }); // strace makes the start slow on a busy machine
  await end("SIGTERM");
  const traced = await readFile(trace, "utf8");
  const used = new Set([...traced.matchAll(/^\d+ +(\w+)\(/gm)].map(([, name]) => name));
  expect(used.size).toBeGreaterThan(30);
  const [allowed, refused] = valuesOf("SystemCallFilter");
  const calls = new Set(await systemCallsIn(allowed ?? ""));
  for (const name of await systemCallsIn(refused?.replace("~", "") ?? "")) calls.delete(name);
  expect([...used].filter((name) => !calls.has(name ?? "") && name !== "pkey_alloc")).toEqual([]);
  const families = new Set([...traced.matchAll(/ socket\((AF_\w+)/g)].map(([, name]) => name));
  const [allowedFamilies = ""] = valuesOf("RestrictAddressFamilies");
  expect(allowedFamilies.split(" ")).toEqual(expect.arrayContaining([...families]));
});
