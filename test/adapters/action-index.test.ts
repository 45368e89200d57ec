import { describe, expect, it, onTestFinished } from "vitest";
import { LmdbActions } from "../../src/adapters/lmdb/action-store.js";
import { openDatabase } from "../../src/adapters/lmdb/database.js";
import { EventShelf } from "../../src/adapters/lmdb/event-shelf.js";
import { RedisActions } from "../../src/adapters/redis/action-store.js";
import { ScriptRunner } from "../../src/adapters/redis/script-runner.js";
import { ACTION_KEPT_MS, type Action } from "../../src/core/action.js";
import { UNNAMED } from "../../src/core/case.js";
import type { ActionId, AddressKey } from "../../src/core/ids.js";
import type { ActionStore } from "../../src/ports/action-store.js";
import { RedisServer } from "../support/redis.js";
import { lmdbFixture } from "../support/store-fixture.js";

const START_MS = 1_800_000_000_000;
const LAST = Number.MAX_SAFE_INTEGER;
const ann = "~ann" as AddressKey;

const action = (name: string, addressKey = ann): Action => ({
  ...{ id: name as ActionId, kind: "text_only", addressKey, reason: "", statement: "", by: UNNAMED },
  ...{ createdMs: START_MS, expiresMs: START_MS + 60_000 },
});

async function fill(actions: ActionStore): Promise<void> {
  for (const name of ["a1", "a2"]) await actions.put(action(name));
  await actions.put(action("b", "^bob" as AddressKey));
}

async function about(actions: ActionStore): Promise<ActionId[]> {
  return (await actions.before(LAST, 10, ann)).map(({ id }) => id);
}

const allDue = { nowMs: START_MS + 60_000 + ACTION_KEPT_MS, limit: 10 };

describe("the index of actions in LMDB", () => {
  it("is completed in a file of an older version, and empty once the actions are dropped", async () => {
    const fixture = await lmdbFixture();
    const root = openDatabase(fixture.folder);
    onTestFinished(async () => {
      await root.close();
      await fixture.remove();
    });
    const older = new LmdbActions(root, new EventShelf(root));
    await fill(older);
    const index = root.openDB<true, [AddressKey, number]>({ name: "actions-about" });
    await index.clearAsync();
    await index.put([ann, 1], true); // an older version drops actions without their places in the index
    const actions = new LmdbActions(root, new EventShelf(root));
    expect(await about(actions)).toEqual(["a2", "a1"]);
    expect([...index.getKeys()]).toHaveLength(3);
    await actions.prune(allDue);
    expect([...index.getKeys()]).toEqual([]);
  });
});

describe("the index of actions in Redis", () => {
  it("is completed in a realm of an older version, and leaves no key once the actions are dropped", async () => {
    const redis = await RedisServer.start();
    const store = await ScriptRunner.open({ urls: [redis.url], realm: "r", handshakeMs: 20_000 }, () => undefined);
    onTestFinished(async () => {
      store.close();
      await redis.close();
    });
    const actions = new RedisActions(store);
    await fill(actions);
    const keys = async () => (await store.client.keys(`${store.key}:actions*`)).sort();
    await store.client.del(`${store.key}:actions:about:~ann`, `${store.key}:actions:about:^bob`);
    await store.client.zadd(`${store.key}:actions:about:~ann`, 1, "dropped by an older version");
    expect(await about(actions)).toEqual(["a2", "a1"]);
    expect(await keys()).toContain(`${store.key}:actions:about:^bob`);
    await actions.prune(allDue);
    expect(await keys()).toEqual([]);
  });
});
