import { UNNAMED } from "../../src/core/case.js";
import { execFileSync } from "node:child_process";
import {
  chmod,
  chown,
  copyFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openStores } from "../support/store-fixture.js";
import { newFolder, removeFolder, Running } from "./support/process.js";
import { SmallDisk } from "./support/small-disk.js";

const NOBODY = 65_534;
const production = { NODE_ENV: "production", CLIENT_URL: "https://chat.example.com", SESSION_SECRET: "s".repeat(32) };

/** A valid records file with some pages. */
let sound: string;
beforeAll(async () => {
  sound = await newFolder();
  const lasting = openStores(sound);
  const ban = { reason: "x".repeat(500), automatic: false, createdMs: Date.now(), expiresMs: Date.now() + 1e9 };
  for (let index = 0; index < 100; index++)
    await lasting.records.putBan({ addressKey: `key ${String(index)}` as never, ...ban }, UNNAMED);
  await lasting.close();
  return () => removeFolder(sound);
});

let parent: string;
let folder: string;
let file: string;
beforeEach(async () => {
  parent = await newFolder();
  folder = join(parent, "data");
  file = join(folder, "records.lmdb");
});
afterEach(() => removeFolder(parent));

/** The output of a server that does not start. */
async function refusal(start: Partial<Parameters<typeof Running.start>[0]> = {}): Promise<string> {
  const running = await Running.start({ folder, ...start });
  expect(await running.ended).toBe(1);
  return running.output;
}

async function withSoundFile(): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  await copyFile(join(sound, "records.lmdb"), file);
  await chmod(file, 0o600);
}

const modeOf = async (path: string) => ((await stat(path)).mode & 0o7777).toString(8);

describe("a file of records", () => {
  it.each<[what: string, problem: string, harm: () => Promise<void>]>([
    ["that is empty", "it is empty", () => truncate(file, 0)],
    ["that is truncated", "SIGBUS", async () => truncate(file, Math.floor((await stat(file)).size / 2))],
    ["that is a text", "damaged", () => writeFile(file, "this is not a records file\n".repeat(1_000))],
    ["whose pages are overwritten", "MDB_CORRUPTED", async () => writeFile(file, zeroed(await readFile(file)))],
  ])("%s is refused, with what to do", async (_, problem, harm) => {
    await withSoundFile();
    await harm();
    const output = await refusal();
    expect(output).toContain("Satoshigle cannot start:\nDATA_DIR: ");
    expect(output).toContain(problem);
    expect(output).toContain("npm run restore -- --replace <file>");
    const advice = /mv (\S+) (\S+)\n/.exec(output);
    await rename(advice?.[1] ?? "", advice?.[2] ?? "");
    const server = await Running.start({ folder });
    expect(await server.stop()).toBe(0);
  });

  it("that is valid is opened and not changed", async () => {
    await withSoundFile();
    const server = await Running.start({ folder });
    expect((await server.readiness()).troubles).toEqual([]);
    expect(await server.stop()).toBe(0);
    const lasting = openStores(folder);
    expect(await lasting.records.bansAfter(0, 1_000)).toHaveLength(100);
    await lasting.close();
  });

  it("that is a folder is refused", async () => {
    await mkdir(file, { recursive: true });
    await chmod(folder, 0o700);
    expect(await refusal()).toContain(`DATA_DIR: ${file} is not a file: move it aside`);
  });

  it("that belongs to another user is refused", async () => {
    await withSoundFile();
    await chmod(parent, 0o755);
    await chown(folder, NOBODY, NOBODY);
    expect(await refusal({ uid: NOBODY })).toMatch(
      /DATA_DIR: \S+ cannot be opened for writing \(EACCES\): make the user/,
    );
  });
});

describe("DATA_DIR", () => {
  it("is refused if it cannot be created", async () => {
    await writeFile(folder, "a file");
    expect(await refusal()).toMatch(/DATA_DIR=\S+ cannot be used \(EEXIST\): it must be a folder/);
    await chmod(parent, 0o755);
    const inside = join(parent, "made");
    expect(await refusal({ folder: inside, uid: NOBODY })).toMatch(/DATA_DIR=\S+ cannot be used \(EACCES\)/);
  });

  it("is refused on a disk that is read-only or has no room for a new file", async () => {
    const disk = await SmallDisk.mount("size=512k");
    await disk.fill();
    const full = await refusal({ folder: disk.path, disk });
    expect(full).toMatch(/DATA_DIR: \S+ cannot be opened for writing \(ENOSPC\): the disk is full/);
    expect(await readdir(disk.seen("."))).toEqual(["filler"]); // no incomplete file remains
    await disk.empty();
    const first = await Running.start({ folder: disk.path, disk });
    expect(await first.stop("SIGKILL")).toBe("SIGKILL");
    await disk.run("mount", "-o", "remount,ro", disk.path);
    expect(await refusal({ folder: disk.path, disk })).toMatch(/DATA_DIR: \S+ cannot be opened for writing \(EROFS\)/);
    await disk.remove();
  });

  it("is refused in words on a full disk if its lock file has holes, as after a copy", async () => {
    const disk = await SmallDisk.mount("size=768k");
    const first = await Running.start({ folder: disk.path, disk });
    expect(await first.stop()).toBe(0);
    const lock = disk.seen("records.lmdb-lock");
    const { size } = await stat(lock);
    await truncate(lock, 0);
    await truncate(lock, size);
    await disk.fill();
    expect(await refusal({ folder: disk.path, disk })).toMatch(
      /DATA_DIR: \S+records\.lmdb-lock cannot be opened for writing \(ENOSPC\): the disk is full/,
    );
    await disk.empty();
    const server = await Running.start({ folder: disk.path, disk });
    expect((await server.readiness()).troubles).toEqual([]);
    expect(await server.stop()).toBe(0);
    await disk.remove();
  });

  it("is used by one process at a time, and by the next as soon as that one ends in any way", async () => {
    const first = await Running.start({ folder });
    expect(await refusal()).toContain(`DATA_DIR=${folder} is in use by another process: stop that process`);
    await first.stop("SIGKILL");
    const second = await Running.start({ folder });
    expect(await second.stop()).toBe(0);
  });
});

describe("stored files", () => {
  it.each(["0000", "0022", "0077"])("belong to the owner only, with umask %s", async (umask) => {
    const server = await Running.start({ folder, umask, variables: production });
    expect(server.isUp, server.output).toBe(true);
    expect(await modeOf(folder)).toBe("700");
    for (const name of ["records.lmdb", "records.lmdb-lock"]) expect(await modeOf(join(folder, name))).toBe("600");
    expect(await server.stop()).toBe(0);
  });

  it.each([
    ["folder", 0o750, 0o600],
    ["folder", 0o701, 0o600],
    ["file", 0o700, 0o644],
    ["file", 0o2770, 0o664],
  ])(
    "are refused in production if others can access the %s (%i, %i), with a warning in development",
    async (what, ...modes) => {
      await withSoundFile();
      await chmod(folder, modes[0]);
      await chmod(file, modes[1]);
      const output = await refusal({ variables: production });
      expect(output).toContain(`DATA_DIR=${folder} is accessible to other users`);
      const command =
        output
          .split("\n")
          .find((line) => line.includes(" has mode "))
          ?.replace(/.*: run /, "") ?? "";
      expect(command).toContain(what === "file" ? "records.lmdb" : folder);
      const warned = await Running.start({ folder });
      expect(warned.output).toMatch(/"level":40.*is accessible to other users/);
      expect(await warned.stop()).toBe(0);
      execFileSync("sh", ["-c", command]);
      await rm(`${file}-lock`, { force: true });
      const server = await Running.start({ folder, variables: production });
      expect(server.isUp, server.output).toBe(true);
      expect(await server.stop()).toBe(0);
    },
  );

  it("may be shared with a group if the folder has the setgid bit", async () => {
    await withSoundFile();
    await chmod(folder, 0o2770);
    await chmod(file, 0o660);
    const server = await Running.start({ folder, variables: production });
    expect(server.isUp, server.output).toBe(true);
    expect(await server.stop()).toBe(0);
  });
});

/** Zeros the pages after LMDB's two meta pages, up to the middle. */
function zeroed(bytes: Buffer): Buffer {
  return bytes.fill(0, 8_192, bytes.length / 2);
}
