import { afterEach, beforeEach, expect, it } from "vitest";
import { UNNAMED } from "../../src/core/case.js";
import type { Progress, WebhookStore } from "../../src/ports/webhook-store.js";
import type { OpenStores, StoreFixture } from "../support/store-fixture.js";

const ban = { addressKey: "net" as never, reason: "", automatic: false, createdMs: 1_800_000_000_000, expiresMs: 2e12 };
const at = (number: number, more: Partial<Progress> = {}): Progress => ({
  ...{ number, failures: 0, failingSinceMs: 0, nextAttemptMs: 0, problem: "" },
  ...more,
});

/** The contract of every store of the progress of webhooks. `isShared`: several holders compete for it. */
export function webhooksContract(create: () => Promise<StoreFixture>, isShared: boolean): void {
  let fixture: StoreFixture;
  let stores: OpenStores;
  let webhooks: WebhookStore;
  beforeEach(async () => {
    fixture = await create();
    stores = await fixture.open();
    ({ webhooks } = stores);
  });
  afterEach(async () => {
    await stores.close();
    await fixture.remove();
  });

  const claim = (holder: string, leaseMs = 60_000, receiver = "one") => ({ receiver, holder, leaseMs });

  it("starts a new receiver after the last event, and each once", async () => {
    expect(await webhooks.hold(claim("a"))).toEqual(at(0));
    await stores.records.putBan(ban, UNNAMED);
    const last = await stores.events.last();
    expect(await webhooks.hold(claim("a"))).toEqual(at(0));
    expect(await webhooks.hold(claim("a", 60_000, "two"))).toEqual(at(last));
    expect(await webhooks.read(["one", "two", "three"])).toEqual([at(0), at(last), undefined]);
    expect(await webhooks.read([])).toEqual([]);
  });

  it("stores progress, which survives the process", async () => {
    await webhooks.hold(claim("a"));
    const failing = { failures: 2, failingSinceMs: 5, nextAttemptMs: 9, problem: "status 500" };
    const progress = at(7, { ...failing, acceptedMs: 4 });
    expect(await webhooks.save({ ...claim("a"), progress })).toBe(true);
    await webhooks.release(claim("a"));
    await stores.close();
    stores = await fixture.open();
    ({ webhooks } = stores);
    expect(await webhooks.hold(claim("b"))).toEqual(progress);
  });

  if (!isShared) return; // one process has one sender
  it("grants a receiver to one holder, until it is released or its lease ends", async () => {
    await webhooks.hold(claim("a"));
    expect(await webhooks.hold(claim("b"))).toBeUndefined();
    expect(await webhooks.save({ ...claim("b"), progress: at(3) })).toBe(false);
    expect(await webhooks.hold(claim("b", 60_000, "two"))).toBeDefined();
    await webhooks.release(claim("b"));
    expect(await webhooks.hold(claim("b"))).toBeUndefined();
    await webhooks.release(claim("a"));
    expect(await webhooks.hold(claim("b", 30))).toEqual(at(0));
    await expect.poll(() => webhooks.hold(claim("a"))).toEqual(at(0));
    expect(await webhooks.save({ ...claim("b"), progress: at(9) })).toBe(false);
    expect(await webhooks.save({ ...claim("a"), progress: at(1) })).toBe(true);
    expect(await webhooks.hold(claim("b"))).toBeUndefined();
  });
}
