import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import { commit, FILE, openDatabase, queueOf } from "../../src/adapters/lmdb/database.js";
import { lmdbPlace } from "../support/place.js";
import { soon } from "../support/soon.js";

/** Begins a transaction on the file of its argument, and ends it when it is told something: nobody else can write until then. */
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

it("gives up a commit that does not end in ten seconds, with what waits behind it, and goes on when it is told to", async () => {
  const place = await lmdbPlace();
  onTestFinished(() => place.remove());
  const onFault = vi.fn();
  const root = openDatabase(place.folder, { onFault, onStored: () => undefined });
  onTestFinished(() => root.close());
  const queue = queueOf(root);
  const database = root.openDB<string, string>({ name: "some" });
  const child = await holdLock(join(place.folder, FILE));

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
  await expect(change("fourth"), "nobody told it to go on").rejects.toMatchObject({ code: "ETIMEDOUT" });
  queue.resume();
  await change("fifth");
  expect([database.get("third"), database.get("fourth"), database.get("fifth")]).toEqual([
    undefined,
    undefined,
    "fifth",
  ]);
});
