import { expect, it, onTestFinished } from "vitest";
import { UNNAMED } from "../../src/core/case.js";
import type { AddressKey } from "../../src/core/ids.js";
import { COUNTED_MS } from "../../src/core/report.js";
import { lmdbFixture } from "../support/store-fixture.js";

it("scans all bans in steps, none of which reads more than its limit", async () => {
  const fixture = await lmdbFixture();
  onTestFinished(() => fixture.remove());
  const stores = await fixture.open();
  onTestFinished(() => stores.close());
  const { records } = stores;
  const nowMs = 1_800_000_000_000;
  const put = (name: string, expiresMs: number) =>
    records.putBan(
      { addressKey: name as AddressKey, reason: "", automatic: false, createdMs: nowMs, expiresMs },
      UNNAMED,
    );
  for (let count = 0; count < 25; count++) await put(`lasting ${String(count)}`, nowMs + 1_000);
  await put("short", nowMs + 1);

  const prune = () => records.prune({ reportsBeforeMs: 0, nowMs: nowMs + 1 + COUNTED_MS, limit: 10 });
  const left = async () => (await records.bansAfter(0, 100)).length;
  expect([await prune(), await left()]).toEqual([true, 26]);
  expect([await prune(), await left()]).toEqual([true, 26]);
  expect([await prune(), await left()]).toEqual([false, 25]);
  expect(await prune(), "from the start again").toBe(true);
});
