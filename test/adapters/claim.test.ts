import { mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { claim, type Release } from "../../src/adapters/lmdb/claim.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "satoshigle-claim-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** A socket that nobody listens on any more, as a process leaves it that is killed. */
async function leaveSocket(): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(join(folder, "left"), resolve));
  await rename(join(folder, "left"), join(folder, "records.lmdb-owner"));
  await new Promise((resolve) => server.close(resolve));
}

/** @param turns of the event loop that it comes later */
async function claimAfter(turns: number): Promise<Release | undefined> {
  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
  return await claim(folder);
}

it("gives a folder to one of two who come at almost the same moment after a process that was killed", async () => {
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

it("does not touch the socket of a process that answers", async () => {
  const release = await claim(folder);
  const changed = async () => (await stat(join(folder, "records.lmdb-owner"), { bigint: true })).ctimeNs;
  const before = await changed();
  expect(await claim(folder)).toBeUndefined();
  expect(await changed()).toBe(before);
  await release?.();
});
