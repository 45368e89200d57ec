import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rename, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { Operator } from "../rpc/support/operator.js";
import { installPackages } from "../support/packages.js";
import { transportTo } from "../support/test-client.js";
import { refusalOf } from "../support/refusal.js";
import { meetAndLeave } from "../support/scenario.js";
import { soon } from "../support/soon.js";
import { crowded, pairs, report } from "./support/crowd.js";
import { newFolder, removeFolder, Running } from "./support/process.js";

const away = { code: "Unavailable", reason: "STORE_AWAY", retryMs: 5_000 };
/** Size of LMDB's write of its meta page, which every commit needs. */
const META = /pwrite64\(\d+, .*, 128, \d+\) += -1 EIO .*INJECTED/;

let parent: string;
let folder: string;
let server: Running;
beforeAll(() => {
  installPackages("strace");
});
beforeEach(async () => {
  parent = await newFolder();
  folder = join(parent, "data");
  server = await Running.start({ folder, variables: crowded });
});
afterEach(async () => {
  await server.stop("SIGKILL");
  await removeFolder(parent);
});

/** Makes system calls on the records file fail. Resolves to a function that ends this and returns the failed calls. */
async function failing(calls: string, when = "1+"): Promise<() => Promise<string>> {
  const inject = [`trace=${calls}`, `inject=${calls}:error=EIO:when=${when}`].flatMap((option) => ["-e", option]);
  const file = join(folder, "records.lmdb");
  const pids = [server.child.pid, await server.storePid()].map(String); // the first can start further ones
  const tracer = spawn("strace", ["-f", ...pids.flatMap((pid) => ["-p", pid]), "-P", file, ...inject]);
  let output = "";
  tracer.stderr.on("data", (chunk) => (output += String(chunk)));
  await soon(() => {
    for (const pid of pids) expect(output).toContain(`Process ${pid} attached`);
  });
  return async () => {
    tracer.kill("SIGINT");
    await once(tracer, "close");
    return output;
  };
}

async function keptReports(): Promise<string[]> {
  const operator = new Operator(server.internalPort);
  const { reports } = await operator.call("listReports", { pageSize: 500 });
  operator.close();
  return reports.map(({ matchId }) => matchId);
}

it("refuses writes that the disk refuses, and accepts them when it recovers", async () => {
  const [first, second] = await pairs(server.url, 2);
  if (first === undefined || second === undefined) throw new Error("a client is missing");
  await report(first);
  const mend = await failing("fdatasync");
  expect(await refusalOf(report(second))).toMatchObject(away);
  expect((await server.readiness()).troubles).toEqual([expect.stringContaining("(EIO)")]);
  expect(await keptReports()).toEqual([first.matchId]); // unflushed data is not visible either
  await meetAndLeave(transportTo(server.url), transportTo(server.url));
  expect(await mend()).toContain("INJECTED");
  await soon(async () => expect((await server.readiness()).troubles).toEqual([]));
  await report(second);
  expect(await keptReports()).toEqual([second.matchId, first.matchId]);
  expect(server.errors).toHaveLength(1);
});

it("opens the databases again after a failed write of their meta page", async () => {
  const stored: string[] = [];
  for (let round = 1, isHit = false; !isHit; round++) {
    expect(round, "no write of the meta page failed").toBeLessThan(40);
    const restore = await failing("pwrite64", `${String(round)}+`);
    for (const one of await pairs(server.url, 8)) {
      await report(one).then(
        () => stored.push(one.matchId),
        () => undefined,
      );
    }
    isHit = META.test(await restore());
    await soon(async () => expect((await server.readiness()).troubles).toEqual([]));
  }
  const [one] = await pairs(server.url, 1);
  if (one === undefined) throw new Error("a client is missing");
  await report(one);
  const kept = await keptReports();
  expect([...stored, one.matchId].filter((matchId) => !kept.includes(matchId))).toEqual([]);
});

it("continues calls and restarts the database process when it is killed", async () => {
  const [first, second, third] = await pairs(server.url, 3);
  if (first === undefined || second === undefined || third === undefined) throw new Error("a client is missing");
  await report(first);
  const former = await server.storePid();
  process.kill(former, "SIGSTOP"); // it never answers what is asked now
  const asked = refusalOf(report(second));
  await meetAndLeave(transportTo(server.url), transportTo(server.url));
  process.kill(former, "SIGKILL");
  expect(await asked).toMatchObject(away);
  expect(await server.metric("store_write_failures_total")).toBeGreaterThan(0);
  expect(server.errors).toEqual([expect.stringContaining('"code":"SIGKILL"')]);
  await soon(async () => expect((await server.readiness()).troubles).toEqual([]));
  expect(await server.storePid()).not.toBe(former);
  await report(third);
  expect(await keptReports()).toEqual([third.matchId, first.matchId]);
});

it("continues calls when its file is truncated, and stores again when it is restored", async () => {
  for (const one of await pairs(server.url, 20)) await report(one);
  const file = join(folder, "records.lmdb");
  const whole = await readFile(file);
  await truncate(file, 4_096);
  await keptReports().catch(() => undefined); // crashes the database process
  await soon(async () => {
    expect((await server.readiness()).troubles).toEqual([expect.stringContaining("damaged; restore a backup")]);
  });
  const [one] = await pairs(server.url, 1);
  if (one === undefined) throw new Error("a client is missing");
  expect(await refusalOf(report(one))).toMatchObject(away);
  await meetAndLeave(transportTo(server.url), transportTo(server.url));
  await writeFile(file, whole);
  await soon(async () => expect((await server.readiness()).troubles).toEqual([]));
  await report(one);
  expect(await keptReports()).toHaveLength(21);
});

it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "its database process ignores %s and ends with the server",
  async (signal) => {
    const [one] = await pairs(server.url, 1);
    if (one === undefined) throw new Error("a client is missing");
    const pid = await server.storePid();
    process.kill(pid, signal);
    await report(one);
    expect(await server.storePid()).toBe(pid);
    await server.stop("SIGKILL");
    await soon(async () => expect(await readFile(`/proc/${String(pid)}/cmdline`, "utf8").catch(() => "")).toBe(""));
  },
);

it("acknowledges no writes while the folder is missing", async () => {
  const [first, second] = await pairs(server.url, 2);
  if (first === undefined || second === undefined) throw new Error("a client is missing");
  await rename(folder, `${folder}-elsewhere`);
  expect(await refusalOf(report(first))).toMatchObject(away);
  await mkdir(folder);
  expect(await refusalOf(report(second))).toMatchObject(away);
  expect((await server.readiness()).troubles).toEqual([expect.stringContaining("(ENOENT)")]);
  await rename(folder, `${folder}-empty`);
  await rename(`${folder}-elsewhere`, folder);
  await soon(async () => expect((await server.readiness()).troubles).toEqual([]));
  await report(second);
  expect(await keptReports()).toContain(second.matchId);
});
