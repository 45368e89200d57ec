import { afterAll, beforeAll, expect, it } from "vitest";
import { ScriptRunner } from "../../../src/adapters/redis/script-runner.js";
import { RedisServer } from "../../support/redis.js";

let redis: RedisServer;
let store: ScriptRunner;

beforeAll(async () => {
  redis = await RedisServer.start();
  const settings = { urls: [redis.url], realm: "late", handshakeMs: 20_000 };
  store = await ScriptRunner.open(settings, (trouble) => process.stderr.write(`${trouble?.text ?? "well"}\n`));
});
afterAll(async () => {
  store.close();
  await redis.close();
});

/** Blocks the process for longer than Redis may take to answer. */
function standStill(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
}

it.each([0, 1, 2, 3])(
  "does not blame Redis for its own delay, %i event loop iterations after a call",
  async (turns) => {
    const answers = Promise.all(Array.from({ length: 200 }, () => store.run("count")));
    answers.catch(() => undefined); // checked below
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
    standStill();
    expect((await answers).length).toBe(200);
  },
);
