import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { claim, type Release } from "../../src/adapters/lmdb/claim.js";
import { programNamed } from "../support/build.js";
import type { Order } from "./support/claimer.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "satoshigle-claim-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** A socket without a listener, as left by a killed process. */
async function leaveSocket(name = "records.lmdb-owner"): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(join(folder, "left"), resolve));
  await rename(join(folder, "left"), join(folder, name));
  await new Promise((resolve) => server.close(resolve));
}

/** @param turns delay in event loop iterations */
async function claimAfter(turns: number): Promise<Release | undefined> {
  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
  return await claim(folder);
}

it("gives the folder of a killed process to one of two almost simultaneous claims", async () => {
  for (let round = 0; round < 200; round++) {
    await leaveSocket();
    const claims = await Promise.all([0, 1].map((index) => claimAfter(index * (round % 20))));
    const releases = claims.filter((release): release is Release => release !== undefined);
    expect(releases, `round ${String(round)}`).toHaveLength(1);
    expect(await claim(folder)).toBeUndefined();
    await releases[0]?.();
    expect(await readdir(folder)).toEqual([]);
  }
});

/** A process that claims the folder. */
class Claimer {
  readonly #child = fork(programNamed("claimer"), { execArgv: [] });

  /** Whether it now holds the folder. */
  async ask(order: Order): Promise<boolean> {
    const answer = once(this.#child, "message");
    this.#child.send(order);
    return ((await answer) as [boolean])[0];
  }

  /** Stops the process. */
  stop(): void {
    this.#child.kill("SIGSTOP");
  }

  /** Kills it, like a crash. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }
}

it("gives the folder of a killed process to one of three almost simultaneous processes", async () => {
  const claimers = [new Claimer(), new Claimer(), new Claimer()];
  for (let round = 0; round < 400; round++) {
    await leaveSocket();
    const turns = [0, round % 7, round % 11];
    const order = (index: number): Order => ({ claim: folder, afterTurns: turns[index] ?? 0 });
    const holds = await Promise.all(claimers.map((claimer, index) => claimer.ask(order(index))));
    expect(holds.filter(Boolean), `round ${String(round)}`).toHaveLength(1);
    expect(await claim(folder)).toBeUndefined();
    for (const claimer of claimers) await claimer.ask("release");
    expect(await readdir(folder)).toEqual([]);
  }
  await Promise.all(claimers.map((claimer) => claimer.kill()));
});

it("gives a folder to one of many, in any order of arrival", async () => {
  for (let round = 0; round < 100; round++) {
    await leaveSocket();
    const claims = await Promise.all(Array.from({ length: 8 }, (_, index) => claimAfter((index * round) % 23)));
    const releases = claims.filter((release): release is Release => release !== undefined);
    expect(releases, `round ${String(round)}`).toHaveLength(1);
    await releases[0]?.();
    expect(await readdir(folder)).toEqual([]);
  }
});

it("gives the folder of a killed holder to the next process", async () => {
  const claimer = new Claimer();
  expect(await claimer.ask({ claim: folder, afterTurns: 0 })).toBe(true);
  expect(await claim(folder)).toBeUndefined();
  await claimer.kill();
  const release = await claim(folder);
  expect(release).toBeDefined();
  await release?.();
});

it("gives a folder to the next if a process was killed while it removed a stale socket", async () => {
  await leaveSocket();
  const { ino, mtimeMs } = await stat(join(folder, "records.lmdb-owner"));
  await leaveSocket(`records.lmdb-owner-${ino.toString(36)}${Math.floor(mtimeMs).toString(36)}`);
  const release = await claim(folder);
  expect(release).toBeDefined();
  await release?.();
  expect(await readdir(folder)).toEqual([]);
});

it("does not take a folder from a stopped holder that accepts no connections", async () => {
  const claimer = new Claimer();
  expect(await claimer.ask({ claim: folder, afterTurns: 0 })).toBe(true);
  claimer.stop();
  const sockets: Socket[] = [];
  const reach = async () => {
    const socket = connect(join(folder, "records.lmdb-owner"));
    sockets.push(socket);
    await once(socket, "connect");
    return await reach();
  };
  await expect(reach()).rejects.toMatchObject({ code: "EAGAIN" });
  expect(await claim(folder)).toBeUndefined();
  for (const socket of sockets) socket.destroy();
  await claimer.kill();
});

it("does not remove the socket of a process that answers", async () => {
  const release = await claim(folder);
  const changed = async () => (await stat(join(folder, "records.lmdb-owner"), { bigint: true })).ctimeNs;
  const before = await changed();
  expect(await claim(folder)).toBeUndefined();
  expect(await changed()).toBe(before);
  await release?.();
});
