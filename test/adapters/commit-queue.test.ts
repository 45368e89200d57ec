import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import { commit, openDatabase, queueOf } from "../../src/adapters/lmdb/database.js";
import { FILE } from "../../src/adapters/lmdb/private-files.js";
import { lmdbFixture } from "../support/store-fixture.js";
import { soon } from "../support/soon.js";

/** Holds a write transaction on the given file until it receives input. */
const holder = `
  const [{ open }, fs] = [require("lmdb"), require("node:fs")];
  open({ path: process.argv[1], maxDbs: 32 }).transactionSync(() => {
    fs.writeSync(1, "held");
    fs.readSync(0, Buffer.alloc(1));
  });
  process.exit();
`;

async function holdLock(path: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["-e", holder, path], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child;
}

afterEach(() => void vi.useRealTimers());

it("abandons a commit after ten seconds, with those queued behind it, and continues on request", async () => {
  const fixture = await lmdbFixture();
  onTestFinished(() => fixture.remove());
  const onFault = vi.fn();
  const root = openDatabase(fixture.folder, { onFault, onStored: () => undefined });
  onTestFinished(() => root.close());
  const queue = queueOf(root);
  const database = root.openDB<string, string>({ name: "some" });
  const child = await holdLock(join(fixture.folder, FILE));

  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const change = (name: string) => commit(root, () => void database.put(name, name));
  const [first, second] = [change("first"), change("second")].map((one) =>
    one.catch((error: unknown) => (error as { code: string }).code),
  );
  vi.advanceTimersByTime(9_999);
  expect(onFault).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(await Promise.all([first, second])).toEqual(["ETIMEDOUT", "ETIMEDOUT"]);
  await expect(change("third")).rejects.toMatchObject({ code: "ETIMEDOUT" });
  expect(onFault).toHaveBeenCalledOnce();
  expect(queue.isBusy).toBe(true);
  vi.useRealTimers();

  child.stdin?.write("x");
  await soon(() => expect(queue.isBusy).toBe(false));
  await expect(change("fourth"), "it has not been resumed").rejects.toMatchObject({ code: "ETIMEDOUT" });
  queue.resume();
  await change("fifth");
  expect([database.get("third"), database.get("fourth"), database.get("fifth")]).toEqual([
    undefined,
    undefined,
    "fifth",
  ]);
});
