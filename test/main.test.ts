import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, rm, watch, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SessionClosed_Reason } from "../gen/satoshigle/v1/event_pb.js";
import { freePort } from "./support/ports.js";
import { refusePrivate } from "./support/private.js";
import { TestClient, transportTo } from "./support/test-client.js";

/** More connections than the 511 that Node.js lets wait by default. */
const CROWD = 2_000;

interface Run {
  child: ChildProcess;
  /** Its output so far. */
  output: () => string;
  /** Its exit code; null if a signal ended it. */
  exit: Promise<number | null>;
}

let folder: string;
const running = new Set<ChildProcess>();
let printed = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "satoshigle-main-"));
});
afterEach(async () => {
  for (const child of running) child.kill("SIGKILL");
  await rm(folder, { recursive: true });
  refusePrivate(printed);
});

/** The built server in a separate process, in an empty folder. */
function run(variables: Record<string, string>, log?: number): Run {
  const main = fileURLToPath(new URL("../dist/server/main.js", import.meta.url));
  const defaults = {
    PATH: process.env.PATH,
    HOST: "127.0.0.1",
    PORT: "0",
    INTERNAL_PORT: "0",
    DATA_DIR: folder,
    DRAIN_TIMEOUT_MS: "1000",
    MAX_LOOP_DELAY_MS: "10000", // the load of other tests must not cause refusals
  };
  const child = spawn(process.execPath, [main], {
    cwd: folder,
    env: { ...defaults, ...variables },
    stdio: ["ignore", log ?? "pipe", "pipe"],
  });
  running.add(child);
  let output = "";
  child.stdout?.on("data", (chunk) => (output += String(chunk)));
  child.stderr?.on("data", (chunk) => (output += String(chunk)));
  const exit = once(child, "close").then(([code]) => {
    printed += output;
    running.delete(child);
    return code as number | null;
  });
  return { child, output: () => output, exit };
}

/** Waits for the server's start line. */
async function urlOf({ child, output, exit }: Run): Promise<string> {
  const gone = exit.then(() => {
    throw new Error(`the server ended: ${output()}`);
  });
  for (;;) {
    const url = /http:\/\/localhost:\d+/.exec(output())?.[0];
    if (url !== undefined) return url.replace("localhost", "127.0.0.1");
    if (child.stdout) await Promise.race([once(child.stdout, "data"), gone]);
  }
}

/** Whether it answers, as it does until it stops. */
async function answers(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${String(port)}/readyz`).catch(() => undefined);
  return answer?.ok ?? false;
}

describe("the process", () => {
  it("exits with 1 for an invalid value, and prints the variable and what is allowed", async () => {
    const { exit, output } = run({ PORT: "abc" });
    expect(await exit).toBe(1);
    expect(output()).toBe(
      "Satoshigle cannot start:\nPORT=abc is not allowed: it must be a port, 0 to 65535; 0 picks a free one\n",
    );
  });

  it("reads .env, which the environment overrides", async () => {
    await writeFile(join(folder, ".env"), "LOG_LEVEL=loud\nPORT=abc\n");
    const { exit, output } = run({ PORT: "0" });
    expect(await exit).toBe(1);
    expect(output()).toContain(".env line 1: LOG_LEVEL=loud");
    expect(output()).not.toContain("PORT");
  });

  it("exits with 1 if its port is in use, and names the variable", async () => {
    const first = run({});
    const { port } = new URL(await urlOf(first));
    const second = run({ PORT: port, DATA_DIR: join(folder, "other") });
    expect(await second.exit).toBe(1);
    expect(second.output()).toContain(`cannot listen on 127.0.0.1:${port} (HOST, PORT): another process uses the port`);
  });

  it("describes itself in its start line, and survives SIGHUP", async () => {
    const server = run({ REDIS_ENABLE: "true" });
    await urlOf(server);
    expect(server.output()).toMatch(
      new RegExp(
        "Satoshigle is up: open http://localhost:\\d+ in two tabs; version \\d+\\.\\d+\\.\\d+, development; " +
          "for pages of http://localhost:5173; internal services on http://localhost:\\d+; " +
          `sessions in memory, records in ${folder}`,
      ),
    );
    expect(server.output()).toContain("REDIS_ENABLE is not a variable of this server; did you mean REDIS_ENABLED?");
    server.child.kill("SIGHUP");
    while (!server.output().includes("no certificates were reloaded: no listener uses TLS")) {
      if (server.child.stdout) await once(server.child.stdout, "data");
    }
    server.child.kill("SIGTERM");
    expect(await server.exit).toBe(0);
  });

  it.each(["SIGTERM", "SIGINT"] as const)("drains its streams on %s, then exits with 0", async (signal) => {
    const server = run({});
    const person = await TestClient.open(transportTo(await urlOf(server)));
    const startMs = performance.now();
    server.child.kill(signal);
    const closed = { reason: SessionClosed_Reason.SHUTTING_DOWN, shouldReconnect: true };
    expect(await person.rest()).toMatchObject([{ case: "draining" }, { case: "sessionClosed", value: closed }]);
    expect(await server.exit).toBe(0);
    const tookMs = performance.now() - startMs;
    expect(tookMs).toBeGreaterThan(900);
    expect(tookMs).toBeLessThan(6_000);
    expect(server.output()).not.toContain(person.welcome.token);
    expect(server.output()).not.toContain('"level":50');
  });

  it.each([
    ["", true],
    ["a secret of at least thirty-two characters", false],
  ])("warns that bans do not outlast it, with SESSION_SECRET=%j: %s", async (SESSION_SECRET, warns) => {
    const server = run({ SESSION_SECRET });
    await urlOf(server);
    expect(server.output().includes("no stored ban will hold")).toBe(warns);
    server.child.kill("SIGTERM");
    expect(await server.exit).toBe(0);
  });

  it("lets a crowd wait whose connections come while it is busy", async () => {
    const server = run({ MAX_CONNECTIONS_PER_IP: "10000" });
    const { port } = new URL(await urlOf(server));
    server.child.kill("SIGSTOP");
    const sockets = Array.from({ length: CROWD }, () => connect(Number(port), "127.0.0.1"));
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    server.child.kill("SIGCONT");
    expect(await answers(Number(port))).toBe(true);
    for (const socket of sockets) socket.destroy();
  });

  it("exits at once on SIGTERM if there are no streams", async () => {
    const server = run({ DRAIN_TIMEOUT_MS: "600000" });
    await urlOf(server);
    server.child.kill("SIGTERM");
    expect(await server.exit).toBe(0);
  });

  it.each(["SIGTERM", "SIGINT"] as const)(
    "exits with 0 on %s while it waits for Redis at its start",
    async (signal) => {
      const silent = createServer().listen(0, "127.0.0.1");
      await once(silent, "listening");
      const { port } = silent.address() as AddressInfo;
      const REDIS_URL = `redis://127.0.0.1:${String(port)}`;
      const server = run({ REDIS_ENABLED: "true", REDIS_URL, SESSION_SECRET: "s".repeat(32) });
      const [socket] = (await once(silent, "connection")) as [Socket];
      server.child.kill(signal);
      expect(await server.exit).toBe(0);
      expect(server.output()).toContain("stopped during the start");
      socket.destroy();
      silent.close();
    },
  );

  it.each(["SIGTERM", "SIGINT"] as const)("exits with 0 on %s while it checks its records", async (signal) => {
    const former = run({});
    await urlOf(former);
    former.child.kill("SIGTERM");
    expect(await former.exit).toBe(0);
    const claims = watch(folder);
    const server = run({});
    for await (const { filename } of claims) if (filename === "records.lmdb-owner") break;
    server.child.kill(signal);
    expect(await server.exit).toBe(0);
    expect(server.output()).toContain("stopped during the start");
    const next = run({});
    await urlOf(next);
    next.child.kill("SIGTERM");
    expect(await next.exit).toBe(0);
  });

  it("exits with 0 and logs no error on SIGTERM between the start of its two listeners", async () => {
    for (let round = 0; round < 3; round++) {
      const server = run({});
      while (!server.output().includes("listening on")) await once(server.child.stdout ?? server.child, "data");
      server.child.kill("SIGTERM");
      expect(await server.exit).toBe(0);
      expect(server.output()).not.toMatch(/"level":[56]0/);
    }
  });

  it("exits at once on a second SIGTERM, even with open streams", async () => {
    const server = run({ DRAIN_TIMEOUT_MS: "600000" });
    const person = await TestClient.open(transportTo(await urlOf(server)));
    server.child.kill("SIGTERM");
    while (!server.output().includes("draining")) await once(server.child.stdout ?? server.child, "data");
    server.child.kill("SIGTERM");
    expect(await server.exit).toBe(1);
    expect(server.output()).toContain("second SIGTERM, exiting");
    await person.rest().catch(() => undefined);
  });

  it.each([
    ["is on a full disk", "/dev/full"],
    ["goes to a closed pipe", undefined],
  ])("serves and stops although its log %s", async (_, path) => {
    const [port, internalPort] = [await freePort(), await freePort()];
    const variables = { PORT: String(port), INTERNAL_PORT: String(internalPort) };
    const log = path === undefined ? undefined : await open(path, "w");
    const { child, exit } = run(variables, log?.fd);
    child.stdout?.destroy();
    while (!(await answers(port))) expect(child.exitCode).toBe(null);
    const person = await TestClient.open(transportTo(`http://127.0.0.1:${String(port)}`));
    child.kill("SIGTERM");
    await person.rest();
    expect(await exit).toBe(0);
    await log?.close();
  });
});
