import { beforeEach, expect, it, vi } from "vitest";
import { MatchEnded_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
import type { SatsStream } from "../../src/client/index.js";
import { invoiceOf } from "../support/invoice.js";
import { pass, ScriptedServer, settle } from "./scripted-server.js";
import { TestWallet, TipClient } from "./tip-client.js";
import { useFakeClock } from "./client-harness.js";

useFakeClock();

let server: ScriptedServer;
let tipClient: TipClient;
beforeEach(async () => {
  server = new ScriptedServer();
  tipClient = await TipClient.arrive(server);
  tipClient.client.setWallet(new TestWallet());
});

/** Answers and pays every tip. */
async function settleTip(): Promise<void> {
  const due = invoiceOf({ amountMsat: tipClient.tip.amountMsat });
  await tipClient.hear(Tip_State.INVOICED, due);
  await tipClient.hear(Tip_State.SETTLED, due);
}

/** Returns how a stream ended, or that it continues. */
async function endOf(stream: SatsStream): Promise<string> {
  await settle();
  return Promise.race([stream.ended, Promise.resolve("running")]);
}

it("tips at the given rate, in whole satoshis", async () => {
  const stream = tipClient.client.streamSats({ msatPerMinute: 21_000, budgetMsat: 1_000_000 });
  for (let times = 0; times < 60; times++) {
    await pass(10_000);
    await settleTip();
  }
  expect(tipClient.client.tipTotals().givenMsat).toBe(210_000);
  expect(stream.spentMsat).toBe(210_000);
  expect(server.offers.every((offer) => offer.amountMsat % 1_000n === 0n)).toBe(true);
  expect(await endOf(stream)).toBe("running");
});

it("has at most one tip under way", async () => {
  tipClient.client.streamSats({ msatPerMinute: 60_000, budgetMsat: 1_000_000 });
  for (let times = 0; times < 10; times++) {
    await pass(10_000);
    await server.stream.control({ case: "heartbeat", value: {} });
  }
  expect(server.offers).toHaveLength(1);
  await settleTip();
  await pass(10_000);
  // One minute's worth, not that of the whole time.
  expect(server.offers.map((offer) => offer.amountMsat)).toEqual([10_000n, 60_000n]);
});

it("ends at its budget and never exceeds it", async () => {
  const stream = tipClient.client.streamSats({ msatPerMinute: 60_000, budgetMsat: 25_000 });
  for (let times = 0; times < 3; times++) {
    await pass(10_000);
    await settleTip();
  }
  expect(await endOf(stream)).toBe("budget");
  await pass(60_000);
  expect(tipClient.client.tipTotals().givenMsat).toBe(25_000);
});

it("ends with the call", async () => {
  const stream = tipClient.client.streamSats({ msatPerMinute: 60_000, budgetMsat: 1_000_000 });
  await server.stream.event({ case: "matchEnded", value: { matchId: "m1", reason: MatchEnded_Reason.PARTNER_LOST } });
  expect(await endOf(stream)).toBe("call_over");
  await pass(60_000);
  expect(server.offers).toEqual([]);
});

it("ends on stop, and still counts the tip under way", async () => {
  const stream = tipClient.client.streamSats({ msatPerMinute: 60_000, budgetMsat: 1_000_000 });
  await pass(10_000);
  stream.stop();
  expect(await endOf(stream)).toBe("stopped");
  await settleTip();
  await pass(60_000);
  expect(server.offers).toHaveLength(1);
  expect(stream.spentMsat).toBe(10_000);
});

it("ends when the partner declines, without spending anything", async () => {
  const stream = tipClient.client.streamSats({ msatPerMinute: 60_000, budgetMsat: 1_000_000 });
  await pass(10_000);
  await tipClient.hear(Tip_State.DECLINED);
  expect(await endOf(stream)).toBe("failed");
  expect(stream.spentMsat).toBe(0);
});

it.each([{ msatPerMinute: 0 }, { msatPerMinute: 1.5 }, { budgetMsat: -1 }, { budgetMsat: Number.NaN }])(
  "refuses %o",
  (wrong) => {
    expect(() => tipClient.client.streamSats({ msatPerMinute: 1_000, budgetMsat: 1_000, ...wrong })).toThrow(
      expect.objectContaining({ code: "invalid", field: Object.keys(wrong)[0] }),
    );
  },
);

it("requires a wallet that can pay", () => {
  tipClient.client.setWallet(null);
  expect(() => tipClient.client.streamSats({ msatPerMinute: 1_000, budgetMsat: 1_000 })).toThrow(
    expect.objectContaining({ code: "no_wallet" }),
  );
});

it("tips at most the server's maximum at once", async () => {
  tipClient.client.streamSats({ msatPerMinute: 60_000_000_000, budgetMsat: 1_000_000_000_000 });
  await pass(10_000);
  expect(server.offers.map(({ amountMsat }) => amountMsat)).toEqual([1_000_000_000n]);
});

it("continues when the clock is set back", async () => {
  tipClient.client.streamSats({ msatPerMinute: 60_000, budgetMsat: 1_000_000 });
  vi.setSystemTime(Date.now() - 3_600_000);
  await pass(20_000);
  expect(server.offers.map(({ amountMsat }) => amountMsat)).toEqual([10_000n]);
});
