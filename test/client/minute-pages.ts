import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { MatchedSchema as ServerMatchedSchema } from "../../gen/satoshigle/v1/event_pb.js";
import { MatchedSchema } from "../../src/client/gen/satoshigle/v1/event_pb.js";
import type { Minutes, MinutesView } from "../../src/client/index.js";
import { StateStore } from "../../src/client/state-store.js";
import { openMinutes } from "../../src/client/tips/minutes.js";
import type { Tip } from "../../src/client/types.js";
import { settle } from "./scripted-server.js";

export const PRICE = 21_000;
export const MINUTE_MS = 60_000;

/** What becomes of the tip for a minute. */
type Outcome = "settled" | "received" | "cancelled" | "declined" | "open" | "throws";

/** One of two pages in a call, whose messages reach the other one. */
export class Page {
  readonly store = new StateStore();
  readonly tips: Tip[] = [];
  readonly minutes: Minutes;
  /** What becomes of the tips of this side; the default is that each is paid. */
  outcome: (number: number) => Outcome = () => "settled";
  /** Whether money of a tip that failed may have left. */
  doubtful = false;
  arrives = { video: true, audio: true };
  partner: Page | undefined;
  readonly #session = { clockOffsetMs: 0 };
  #counts = { video: 0, audio: 0 };

  constructor() {
    this.store.setTips({ network: "regtest", minMsat: 1_000, maxMsat: 1_000_000_000, maxCommentCharacters: 140 });
    const source = { tip: (amountMsat: number) => this.#tip(amountMsat), mayBePaid: () => this.doubtful };
    const tips = { source: () => source, acceptTip: () => Promise.resolve() };
    const send = (topic: string, bytes: Uint8Array) => {
      this.partner?.store.events.emit(`message:${topic}`, bytes);
      return Promise.resolve();
    };
    const call = { peer: { getStats: () => this.#stats() }, inCall: { load: () => Promise.resolve({ send }) } };
    this.minutes = openMinutes(this.store, { load: () => Promise.resolve(tips) }, this.#session, () => call as never);
  }

  get view(): MinutesView | null {
    return this.minutes.view;
  }

  /** The sum of what was paid for certain. */
  get paidMsat(): number {
    return this.tips.filter(({ state }) => state === "settled").length * PRICE;
  }

  enter(matchId: string, prices: { partnerMsat: number; ownMsat: number }, startedMsAgo = 0, clockAheadMs = 0): void {
    const serverMs = Date.now() - clockAheadMs;
    this.#session.clockOffsetMs = -clockAheadMs;
    const times = { startTime: timestampFromMs(serverMs - startedMsAgo), serverTime: timestampFromMs(serverMs) };
    const matched = onPageWithout({
      matchId,
      minutePrices: { partnerMsat: BigInt(prices.partnerMsat), ownMsat: BigInt(prices.ownMsat), ...times },
    });
    this.store.matchFields = matched.$unknown ?? [];
    const about = { sharedInterests: [], sharedAttributes: {}, mode: "video", partnerMode: "video", profile: null };
    const flags = { relayOnly: false, direct: "nobody", signaled: true, chatReady: true } as const;
    const partner = { status: "present" } as const;
    this.store.setActivity({ phase: "matched", matchId, call: "connected", partner, ...about, ...flags });
  }

  /** Leaves the call for the start of the page. */
  leave(): void {
    this.store.setActivity({ phase: "idle" });
  }

  change(index: number, state: Tip["state"]): void {
    const tip = this.tips.at(index);
    if (!tip) throw new Error("there is no such tip");
    this.tips[index] = { ...tip, state };
    this.store.events.emit("tip", { ...tip, state });
    this.partner?.store.events.emit("tip", { ...tip, state, role: "payee" });
  }

  #tip(amountMsat: number): Promise<Tip> {
    const outcome = this.outcome(this.tips.length + 1);
    if (outcome === "throws") return Promise.reject(new Error("refused"));
    const times = { createdAtMs: Date.now(), expiresAtMs: undefined, invoiceExpiresAtMs: undefined };
    const words = { comment: "", invoice: undefined, problem: undefined };
    const matchId = this.store.match?.matchId ?? "";
    const id = `t${String(this.tips.length + 1)}`;
    const tip: Tip = { id, matchId, role: "payer", amountMsat, state: "offered", ...times, ...words };
    const index = this.tips.push(tip) - 1;
    if (outcome !== "open") setTimeout(() => this.change(index, outcome), 2_000);
    return Promise.resolve(tip);
  }

  #stats(): Promise<RTCStatsReport> {
    if (this.arrives.video) this.#counts.video += 100;
    if (this.arrives.audio) this.#counts.audio += 10_000;
    const video = { type: "inbound-rtp", kind: "video", framesDecoded: this.#counts.video };
    const audio = { type: "inbound-rtp", kind: "audio", bytesReceived: this.#counts.audio };
    return Promise.resolve(new Map(Object.entries({ video, audio })) as unknown as RTCStatsReport);
  }
}

/** A message as the code at the start of a page reads it, which does not know the prices. */
function onPageWithout(init: MessageInitShape<typeof ServerMatchedSchema>) {
  return fromBinary(MatchedSchema, toBinary(ServerMatchedSchema, create(ServerMatchedSchema, init)));
}

/** A payer and a payee who asks for a price, in a match that began a while ago. */
export function inCall({ startedMsAgo = 0, clockAheadMs = 0 } = {}): [payer: Page, payee: Page] {
  const [payer, payee] = [new Page(), new Page()];
  payer.partner = payee;
  payee.partner = payer;
  payer.enter("m1", { partnerMsat: PRICE, ownMsat: 0 }, startedMsAgo, clockAheadMs);
  payee.enter("m1", { partnerMsat: 0, ownMsat: PRICE }, startedMsAgo);
  return [payer, payee];
}

export async function agree(payer: Page, budgetMsat = 1_000_000): Promise<void> {
  await Promise.all([payer.minutes.accept({ budgetMsat }), settle()]);
}
