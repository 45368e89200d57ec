import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { systemRandom } from "../../src/adapters/node/random.js";
import type { DeviceKey } from "../../src/core/ids.js";
import { AVOID_MS, REPORTABLE_MS } from "../../src/core/limits.js";
import { MinglingCrowd } from "../support/mingling-crowd.js";

const HISTORY_BYTES = 8 * 1024;
/** Each meets all others once, which is more than a session may report. */
const PEOPLE = 128;
/** Crowds that are measured together, as the engine allocates for itself too. */
const CROWDS = 2;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

it.each([
  { known: "their network", pauseMs: AVOID_MS / PEOPLE, device: () => undefined },
  { known: "their browser", pauseMs: REPORTABLE_MS / PEOPLE, device: () => `^${systemRandom.id()}` as DeviceKey },
])("the histories of sessions known by $known take at most 8 KiB each", async ({ pauseMs, device }) => {
  await (await MinglingCrowd.gather(PEOPLE, device)).mingle(pauseMs); // the engine compiles
  const crowds: MinglingCrowd[] = [];
  while (crowds.length < CROWDS) crowds.push(await MinglingCrowd.gather(PEOPLE, device));
  const before = heldBytes();
  for (const crowd of crowds) await crowd.mingle(pauseMs);
  const perSession = (heldBytes() - before) / (crowds.length * PEOPLE);
  expect(perSession, "bytes").toBeLessThan(HISTORY_BYTES);
  expect(perSession, "bytes, as there are histories").toBeGreaterThan(HISTORY_BYTES / 4);
});

function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
