import { beforeEach, expect, it, vi } from "vitest";
import { MatchEnded_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
import type { SatsStream } from "../../src/client/index.js";
import { invoiceOf } from "../support/invoice.js";
import { pass, ScriptedServer, settle } from "./scripted-server.js";
import { TestWallet, Tipper } from "./tipper.js";
import { useFakeClock } from "./visitor.js";

useFakeClock();

let server: ScriptedServer;
let tipper: Tipper;
beforeEach(async () => {
  server = new ScriptedServer();
  tipper = await Tipper.arrive(server);
  tipper.client.setWallet(new TestWallet());
});

/** The other side and the wallets do their part. */
async function settleTip(): Promise<void> {
  const due = invoiceOf({ amountMsat: tipper.tip.amountMsat });
  await tipper.hear(Tip_State.INVOICED, due);
  await tipper.hear(Tip_State.SETTLED, due);
}

/** How a stream ended, or that it goes on. */
async function endOf(stream: SatsStream): Promise<string> {
  await settle();
  return Promise.race([stream.ended, Promise.resolve("goes on")]);
}

it("tips at its rate, in whole satoshis", async () => {
  const stream = tipper.client.streamSats({ msatPerMinute: 21_000, budgetMsat: 1_000_000 });
  for (let times = 0; times < 60; times++) {
    await pass(10_000);
    await settleTip();
  }
  expect(tipper.client.tipTotals().givenMsat).toBe(210_000);
  expect(stream.spentMsat).toBe(210_000);
  expect(server.offers.every((offer) => offer.amountMsat % 1_000n === 0n)).toBe(true);
  expect(await endOf(stream)).toBe("goes on");
});

it("never has more than one tip under way", async () => {
  tipper.client.streamSats({ msatPerMinute: 60_000, budgetMsat: 1_000_000 });
  for (let times = 0; times < 10; times++) {
    await pass(10_000);
    await server.stream.tell({ case: "heartbeat", value: {} });
  }
  expect(server.offers).toHaveLength(1);
  await settleTip();
  await pass(10_000);
  // What a minute was worth, not all that has passed.
  expect(server.offers.map((offer) => offer.amountMsat)).toEqual([10_000n, 60_000n]);
});

it("ends with its budget, and never goes beyond", async () => {
  const stream = tipper.client.streamSats({ msatPerMinute: 60_000, budgetMsat: 25_000 });
  for (let times = 0; times < 3; times++) {
    await pass(10_000);
    await settleTip();
  }
  expect(await endOf(stream)).toBe("budget");
  await pass(60_000);
  expect(tipper.client.tipTotals().givenMsat).toBe(25_000);
});

it("ends with the call", async () => {
  const stream = tipper.client.streamSats({ msatPerMinute: 60_000, budgetMsat: 1_000_000 });
  await server.stream.event({ case: "matchEnded", value: { matchId: "m1", reason: MatchEnded_Reason.PARTNER_LOST } });
  expect(await endOf(stream)).toBe("call_over");
  await pass(60_000);
  expect(server.offers).toEqual([]);
});

it("ends when it is stopped, and still counts the tip under way", async () => {
  const stream = tipper.client.streamSats({ msatPerMinute: 60_000, budgetMsat: 1_000_000 });
  await pass(10_000);
  stream.stop();
  expect(await endOf(stream)).toBe("stopped");
  await settleTip();
  await pass(60_000);
  expect(server.offers).toHaveLength(1);
  expect(stream.spentMsat).toBe(10_000);
});

it("ends when the partner does not want it, and spent nothing", async () => {
  const stream = tipper.client.streamSats({ msatPerMinute: 60_000, budgetMsat: 1_000_000 });
  await pass(10_000);
  await tipper.hear(Tip_State.DECLINED);
  expect(await endOf(stream)).toBe("failed");
  expect(stream.spentMsat).toBe(0);
});

it.each([{ msatPerMinute: 0 }, { msatPerMinute: 1.5 }, { budgetMsat: -1 }, { budgetMsat: Number.NaN }])(
  "refuses %o",
  (wrong) => {
    expect(() => tipper.client.streamSats({ msatPerMinute: 1_000, budgetMsat: 1_000, ...wrong })).toThrow(
      expect.objectContaining({ code: "invalid", field: Object.keys(wrong)[0] }),
    );
  },
);

it("needs a wallet that pays by itself", () => {
  tipper.client.setWallet(null);
  expect(() => tipper.client.streamSats({ msatPerMinute: 1_000, budgetMsat: 1_000 })).toThrow(
    expect.objectContaining({ code: "no_wallet" }),
  );
});

it("tips no more at a time than the server takes", async () => {
  tipper.client.streamSats({ msatPerMinute: 60_000_000_000, budgetMsat: 1_000_000_000_000 });
  await pass(10_000);
  expect(server.offers.map(({ amountMsat }) => amountMsat)).toEqual([1_000_000_000n]);
});

it("goes on when the clock is set back", async () => {
  tipper.client.streamSats({ msatPerMinute: 60_000, budgetMsat: 1_000_000 });
  vi.setSystemTime(Date.now() - 3_600_000);
  await pass(20_000);
  expect(server.offers.map(({ amountMsat }) => amountMsat)).toEqual([10_000n]);
});
