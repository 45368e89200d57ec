import { expect, it, onTestFinished } from "vitest";
import { type Moderator, UNNAMED } from "../../src/core/case.js";
import { openDatabase } from "../../src/adapters/lmdb/database.js";
import { LmdbRecords } from "../../src/adapters/lmdb/moderation-store.js";
import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import { MemoryMeter } from "../../src/adapters/metrics/meter.js";
import { systemProcessStats } from "../../src/adapters/node/process-stats.js";
import { Bans } from "../../src/app/bans.js";
import { Moderation } from "../../src/app/moderation.js";
import { addressKeys } from "../../src/core/address-key.js";
import type { Ban } from "../../src/core/ban.js";
import type { AddressKey } from "../../src/core/ids.js";
import { anyCrowd, nothingEnforced } from "../support/no-actions.js";
import { lmdbFixture } from "../support/store-fixture.js";
import { keyOf, peopleIn } from "../support/people.js";
import { SlowClock } from "../support/slow-clock.js";

/** A moderation store with a lower limit of bans. */
class SmallRecords extends LmdbRecords {
  override putBan(ban: Ban, by: Moderator): Promise<boolean> {
    return super.putBan(ban, by, 2);
  }

  override liftBan(addressKey: AddressKey, nowMs: number, by: Moderator): Promise<boolean | "full"> {
    return super.liftBan(addressKey, nowMs, by, 2);
  }
}

it("refuses an operator's ban beyond the limit of networks, and to store that one was lifted", async () => {
  const fixture = await lmdbFixture();
  onTestFinished(() => fixture.remove());
  const root = openDatabase(fixture.folder);
  onTestFinished(() => root.close());
  const [records, lobby, clock] = [new SmallRecords(root), new MemoryLobby(new LobbyState(20_000)), new SlowClock()];
  const onError = (error: unknown) => expect.unreachable(String(error));
  const bans = await Bans.start({ lobby, records, clock, keys: addressKeys("secret"), onError });
  onTestFinished(() => bans.stop());
  const rules = { afterReports: 0, durationMs: 60_000 };
  const processStats = systemProcessStats();
  onTestFinished(() => {
    processStats.close();
  });
  const meter = new MemoryMeter(processStats);
  const afterReport = () => Promise.resolve();
  const moderation = new Moderation({
    ...{ lobby, records, bans, clock, meter, rules, afterReport, keyOf },
    ...{ enforcement: nothingEnforced, crowds: anyCrowd },
    people: peopleIn({ root, lobby, bans, clock, onError }),
  });
  const ban = (name: string) =>
    moderation.ban({
      target: { addressKey: name as AddressKey },
      reason: "because",
      durationMs: undefined,
      force: false,
      by: UNNAMED,
    });

  await ban("ann");
  await ban("bob");
  const refused = { reason: "limit_reached", context: { retryAfterMs: expect.any(Number) as number } };
  await expect(ban("cyd")).rejects.toMatchObject(refused);
  await expect(moderation.unban({ addressKey: "cyd" as AddressKey }, UNNAMED)).rejects.toMatchObject(refused);
  expect(bans.count).toBe(2);
  await ban("bob"); // replaces the one before
  expect(await moderation.unban({ addressKey: "ann" as AddressKey }, UNNAMED)).toBe(true);
  expect(bans.count).toBe(1);
});
