import { readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openDatabase } from "../../src/adapters/lmdb/database.js";
import { FORMAT, FORMAT_DATABASE } from "../../src/adapters/lmdb/format.js";
import type { Pair } from "../support/pair.js";
import { openStores } from "../support/store-fixture.js";
import { crowded, pairs, report } from "./support/crowd.js";
import { newFolder, removeFolder, Running } from "./support/process.js";
import { SmallDisk } from "./support/small-disk.js";

let parent: string;
let folder: string;
let file: string;
beforeEach(async () => {
  parent = await newFolder();
  folder = join(parent, "data");
  file = join(parent, "backup");
});
afterEach(() => removeFolder(parent));

const of = (data: string) => ({ folder: data, umask: "0000" });

/** Runs a command to its end. */
async function run(data: string, ...args: string[]): Promise<{ code: number | string; output: string }> {
  const running = await Running.start(of(data), ...args);
  return { code: await running.ended, output: running.output };
}

async function matchesIn(data: string): Promise<string[]> {
  const lasting = openStores(data);
  const reports = await lasting.records.reportsAfter(0, 10_000);
  await lasting.close();
  return reports.map(({ matchId }) => matchId);
}

async function serverWith(count: number): Promise<{ server: Running; crowd: Pair[] }> {
  const server = await Running.start({ folder, variables: crowded });
  const crowd = await pairs(server.url, count);
  await Promise.all(crowd.map(report));
  return { server, crowd };
}

it("backup copies the records of a running server, and restore writes them to another folder", async () => {
  const { server, crowd } = await serverWith(20);
  const more = await pairs(server.url, 20);
  const reporting = Promise.all(more.map(report));
  expect(await run(folder, "backup", file)).toMatchObject({
    code: 0,
    output: expect.stringContaining("entries, verified") as unknown,
  });
  await reporting;
  expect((await server.readiness()).troubles).toEqual([]);
  expect(await server.stop()).toBe(0);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await readdir(parent)).sort()).toEqual(["backup", "data"]);

  const other = join(parent, "other");
  expect(await run(other, "restore", file)).toMatchObject({ code: 0 });
  expect((await stat(other)).mode & 0o777).toBe(0o700);
  expect((await stat(join(other, "records.lmdb"))).mode & 0o777).toBe(0o600);
  const found = await matchesIn(other);
  expect(found).toEqual(expect.arrayContaining(crowd.map(({ matchId }) => matchId)));
  expect(found).toEqual((await matchesIn(folder)).slice(0, found.length)); // a consistent state
});

it("restore requires that no server runs, and replaces files only with --replace", async () => {
  const { server } = await serverWith(3);
  expect((await run(folder, "backup", file)).code).toBe(0);
  const [later] = await pairs(server.url, 1);
  if (later === undefined) throw new Error("a client is missing");
  await report(later);
  const busy = await run(folder, "restore", "--replace", file);
  expect(busy).toMatchObject({ code: 1, output: expect.stringContaining("is in use by a running server") as unknown });
  expect(await server.stop()).toBe(0);

  const unasked = await run(folder, "restore", file);
  expect(unasked).toMatchObject({ code: 1, output: expect.stringContaining("add --replace") as unknown });
  expect(await matchesIn(folder)).toHaveLength(4);
  const asked = await run(folder, "restore", "--replace", file);
  expect(asked.code).toBe(0);
  expect(await matchesIn(folder)).toHaveLength(3);
  const former = /the previous records are in (\S+)/.exec(asked.output)?.[1] ?? "";
  expect((await stat(former)).mode & 0o777).toBe(0o600);
  const again = await Running.start({ folder });
  expect(await again.stop()).toBe(0);
});

/** Marks the records as those of a newer version, as its upgrade does. */
async function upgrade(data: string): Promise<void> {
  const root = openDatabase(data);
  root.openDB<number, string>({ name: FORMAT_DATABASE }).putSync("version", FORMAT + 1);
  await root.close();
}

it("records of a newer version are refused, and a backup from before the upgrade rolls it back", async () => {
  const { server, crowd } = await serverWith(3);
  expect((await run(folder, "backup", file)).code).toBe(0);
  expect(await server.stop()).toBe(0);
  await upgrade(folder);
  const refused = await run(folder);
  expect(refused.code).toBe(1);
  expect(refused.output).toContain("it was written by another version of the server (format 2; this version reads");
  expect(refused.output).toContain("restore a backup that was made with this one");

  const newer = join(parent, "newer");
  expect((await run(folder, "backup", newer)).output).toContain("it was written by another version");
  expect((await run(folder, "restore", "--replace", file)).code).toBe(0);
  const again = await Running.start({ folder });
  expect(await again.stop()).toBe(0);
  expect((await matchesIn(folder)).sort()).toEqual(crowd.map(({ matchId }) => matchId).sort());
});

it("backup keeps an existing file unless --replace is given", async () => {
  const { server } = await serverWith(1);
  expect(await server.stop()).toBe(0);
  await writeFile(file, "precious");
  expect(await run(folder, "backup", file)).toMatchObject({
    code: 1,
    output: expect.stringContaining("exists") as unknown,
  });
  expect(await readFile(file, "utf8")).toBe("precious");
  expect((await run(folder, "backup", "--replace", file)).code).toBe(0);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

it("damaged files are neither restored nor backed up", async () => {
  const { server } = await serverWith(20);
  expect(await server.stop()).toBe(0);
  expect((await run(folder, "backup", file)).code).toBe(0);
  await truncate(file, 20_000);
  const restored = await run(folder, "restore", "--replace", file);
  expect(restored).toMatchObject({ code: 1, output: expect.stringContaining("is damaged") as unknown });
  expect(await matchesIn(folder)).toHaveLength(20);
  await truncate(join(folder, "records.lmdb"), 20_000);
  const copied = await run(folder, "backup", "--replace", file);
  expect(copied).toMatchObject({ code: 1, output: expect.stringContaining("is damaged") as unknown });
});

it("a backup to a full disk leaves no file", async () => {
  const { server } = await serverWith(20);
  const disk = await SmallDisk.mount("size=64k");
  const running = await Running.start({ ...of(folder), disk }, "backup", join(disk.path, "backup"));
  expect(await running.ended).toBe(1);
  expect(running.output).toMatch(/The backup failed: .*No space left/);
  expect(await readdir(disk.seen("."))).toEqual([]);
  await disk.remove();
  expect(await server.stop()).toBe(0);
});

it("wrong arguments print the usage", async () => {
  expect(await run(folder, "nonsense")).toMatchObject({
    code: 2,
    output: expect.stringContaining("Usage:") as unknown,
  });
  expect((await run(folder, "backup")).code).toBe(2);
  expect((await run(folder, "backup", "one", "two")).code).toBe(2);
  expect((await run(folder, "backup", "--force", "one")).code).toBe(2);
  expect((await run(folder, "backup", file)).output).toContain(`there are no records in DATA_DIR=${folder}`);
});
