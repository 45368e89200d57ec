import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { MatchEnded_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { Operator } from "../rpc/support/operator.js";
import { transportTo } from "../support/test-client.js";
import { openStores } from "../support/store-fixture.js";
import { readRefusal, type Refusal, refusalOf } from "../support/refusal.js";
import { meetAndLeave } from "../support/scenario.js";
import { soon } from "../support/soon.js";
import { crowded, offerTips, pairs, report } from "./support/crowd.js";
import { newFolder, removeFolder, Running } from "./support/process.js";
import { SmallDisk } from "./support/small-disk.js";

const full = { code: "ResourceExhausted", reason: "STORE_FULL", retryMs: 5_000 };
const trouble = "reports, bans and tips cannot be stored: the disk is full (ENOSPC)";

/** A server on a disk of 256 KiB. */
async function onSmallDisk(): Promise<{ disk: SmallDisk; folder: string; server: Running }> {
  const disk = await SmallDisk.mount("size=256k");
  const folder = join(disk.path, "data");
  return { disk, folder, server: await Running.start({ folder, disk, variables: crowded }) };
}

/** The tips and reports in a folder that no server uses. */
async function storedIn(disk: SmallDisk): Promise<{ tips: Set<string>; matches: string[] }> {
  const folder = await newFolder();
  await copyFile(disk.seen("data/records.lmdb"), join(folder, "records.lmdb"));
  const stored = openStores(folder);
  const { records, tips } = stored;
  const found = (await tips.after(0, 10_000)).map(({ id }): string => id);
  const matches = (await records.reportsAfter(0, 10_000)).map(({ matchId }): string => matchId);
  await stored.close();
  await removeFolder(folder);
  return { tips: new Set(found), matches };
}

it("refuses writes, continues calls, and loses no acknowledged data", async () => {
  const { disk, folder, server } = await onSmallDisk();
  const crowd = await pairs(server.url, 30);
  expect(await server.readiness()).toEqual({ status: 200, ready: true, troubles: [] });

  const kept: string[] = [];
  for (const one of crowd) kept.push(...(await offerTips([one], 2)).kept);
  expect(kept.length).toBeGreaterThan(10);
  const burst = await offerTips(crowd, 10);
  expect(burst.refused.length).toBeGreaterThan(10);
  expect(burst.refused.filter(({ code }) => code !== "ResourceExhausted")).toEqual([]);
  expect(burst.refused.at(-1)).toMatchObject(full);
  kept.push(...burst.kept);
  await disk.fill();
  expect(await server.readiness()).toEqual({ status: 200, ready: true, troubles: [trouble] });
  expect(await server.metric("store_write_failures_total")).toBeGreaterThan(10);
  expect(await server.metric("troubles")).toBe(1);

  const [reporting] = crowd.slice(-1);
  if (reporting === undefined) throw new Error("a client is missing");
  expect(await refusalOf(report(reporting))).toMatchObject(full);
  const ended = await reporting.answerer.until("matchEnded");
  expect(ended).toMatchObject({ matchId: reporting.matchId, reason: MatchEnded_Reason.PARTNER_LEFT });
  await meetAndLeave(transportTo(server.url), transportTo(server.url));
  const operator = new Operator(server.internalPort);
  expect((await operator.call("listReports", { pageSize: 10 })).reports).toEqual([]);
  operator.close();
  expect(server.errors).toHaveLength(1);
  expect(server.errors[0]).toContain('"code":"ENOSPC"');

  expect(server.isUp).toBe(true);
  expect(await server.stop("SIGKILL")).toBe("SIGKILL");
  const { tips } = await storedIn(disk);
  expect(kept.filter((id) => !tips.has(id))).toEqual([]);

  // Restarted without room, it reports that. Reports are accepted while the file has free pages, and then refused.
  const again = await Running.start({ folder, disk, variables: crowded });
  expect(again.errors).toEqual([expect.stringContaining('"code":"ENOSPC"')]);
  let failed: Refusal[] = [];
  for (let round = 0; failed.length === 0; round++) {
    expect(round, "a full disk took all reports").toBeLessThan(40);
    const reports = await Promise.allSettled((await pairs(again.url, 20)).map(report));
    failed = reports.flatMap((one) => (one.status === "rejected" ? [readRefusal(one.reason)] : []));
  }
  expect(failed.at(-1)).toMatchObject(full);
  expect(await again.readiness()).toEqual({ status: 200, ready: true, troubles: [trouble] });
  await meetAndLeave(transportTo(again.url), transportTo(again.url));
  expect(await again.stop()).toBe(0);
  await disk.remove();
});

it("stores again as soon as there is room, without a restart", async () => {
  const { disk, server } = await onSmallDisk();
  const [first, second] = await pairs(server.url, 2);
  if (first === undefined || second === undefined) throw new Error("a client is missing");
  await disk.fill();
  const waiting = await offerTips(await pairs(server.url, 10), 10);
  expect(waiting.refused.at(-1)).toMatchObject(full);
  expect(await refusalOf(report(first))).toMatchObject(full);
  await disk.empty();
  await soon(async () => expect((await server.readiness()).troubles).toEqual([]));
  await report(first); // repeated after the retry delay
  await report(second);
  expect(await server.metric("troubles")).toBe(0);
  expect(await server.stop("SIGKILL")).toBe("SIGKILL");
  expect((await storedIn(disk)).matches).toEqual([first.matchId, second.matchId]);
  await disk.remove();
});
