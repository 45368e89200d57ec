import { timestampMs } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Satoshigle } from "../../src/client/index.js";
import { roomy, uniqueInterest } from "../support/pair.js";
import { refusalOf } from "../support/refusal.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { startServer, type TestServer } from "../support/server.js";

let withTips: TestServer;
let withoutTips: TestServer;
beforeAll(async () => {
  withTips = await startServer({ ...roomy, LIGHTNING_NETWORK: "regtest" });
  withoutTips = await startServer({ ...roomy, LIGHTNING_NETWORK: "off" });
});
afterAll(() => Promise.all([withTips.close(), withoutTips.close()]));

const open = (server: TestServer) => TestClient.open(transportTo(server.url));

describe("the price of a minute", () => {
  it("is told to both sides of a match, with the server's time and when the match began", async () => {
    const [payee, payer] = [await open(withTips), await open(withTips)];
    const interests = [uniqueInterest()];
    await payee.match({ preferences: { interests, priceMsatPerMinute: 21_000n } });
    await payer.match({ preferences: { interests } });
    const [asking, asked] = await Promise.all([payee.until("matched"), payer.until("matched")]);
    expect(asking.minutePrices).toMatchObject({ ownMsat: 21_000n, partnerMsat: 0n });
    expect(asked.minutePrices).toMatchObject({ ownMsat: 0n, partnerMsat: 21_000n });
    const { startTime, serverTime } = asked.minutePrices ?? {};
    if (!startTime || !serverTime) throw new Error("the times are missing");
    expect(timestampMs(startTime)).toBe(
      Number(asking.minutePrices?.startTime && timestampMs(asking.minutePrices.startTime)),
    );
    expect(timestampMs(serverTime)).toBeGreaterThanOrEqual(timestampMs(startTime));
  });

  it("is left out of a match in which neither side asks for anything", async () => {
    const [one, other] = [await open(withTips), await open(withTips)];
    const preferences = { interests: [uniqueInterest()] };
    await one.match({ preferences });
    await other.match({ preferences });
    expect((await one.until("matched")).minutePrices).toBeUndefined();
  });

  it.each([-1n, 1n, 999n, 21_500n, 1_000_000_001n, 1n << 62n])("cannot be %d msat", async (priceMsatPerMinute) => {
    const refusal = await refusalOf((await open(withTips)).match({ preferences: { priceMsatPerMinute } }));
    expect(refusal).toMatchObject({ field: "preferences.price_msat_per_minute" });
  });

  it("can be asked only where tips are on", async () => {
    const person = await open(withoutTips);
    const refusal = await refusalOf(person.match({ preferences: { priceMsatPerMinute: 21_000n } }));
    expect(refusal).toMatchObject({ reason: "TIPS_OFF" });
    await person.match({ preferences: { priceMsatPerMinute: 0n } });
  });
});

describe("a price that is no amount", () => {
  it.each([0.5, 999, 21_500, -21_000, 2e9, 1e300, Number.NaN, Infinity])(
    "of %d is refused by its field",
    async (price) => {
      vi.stubGlobal("RTCPeerConnection", () => undefined); // to have one is enough
      const client = new Satoshigle(withTips.url, { storage: null });
      await expect(client.start({ priceMsatPerMinute: price })).rejects.toMatchObject({
        ...{ name: "SatoshigleError", code: "invalid", field: "preferences.price_msat_per_minute" },
      });
      expect(client.state.activity.phase).toBe("idle");
      await client.close();
      vi.unstubAllGlobals();
    },
  );
});
